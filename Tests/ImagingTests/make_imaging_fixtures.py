"""Makes the pictures and expected pixels of ImagingTests.

Needs Pillow, NumPy, SciPy and scikit-image. Expected pixels are raw bytes (.raw, channels interleaved) or
little-endian float32 (.f32), so that the tests compare our decoders with nothing but themselves.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage
from skimage.transform import SimilarityTransform

FIXTURES = Path(__file__).parent / "Fixtures"
WIDTH, HEIGHT = 13, 11


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_row(samples: np.ndarray, depth: int) -> bytes:
    if depth == 16:
        return samples.astype(">u2").tobytes()
    if depth == 8:
        return samples.astype(np.uint8).tobytes()
    bits = "".join(format(int(sample), f"0{depth}b") for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples: np.ndarray, color_type: int, depth: int, interlaced: bool, extra: bytes = b"") -> bytes:
    """samples: [height, width, channels]; written with filter 0, by the PNG specification and nothing else."""
    height, width, _ = samples.shape
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    raw = b""
    for x, y, step_x, step_y in passes:
        part = samples[y::step_y, x::step_x]
        if part.size:
            raw += b"".join(b"\0" + pack_row(row.reshape(-1), depth) for row in part)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def to_8bit(samples: np.ndarray, depth: int) -> np.ndarray:
    return np.floor(samples.astype(np.float64) * 255 / (2**depth - 1) + 0.5).astype(np.uint8)


def make_png_matrix(random: np.random.Generator) -> None:
    kinds = {0: ("gray", 1, [1, 2, 4, 8, 16]), 2: ("rgb", 3, [8, 16]), 3: ("palette", 1, [1, 2, 4, 8]),
             4: ("grayalpha", 2, [8, 16]), 6: ("rgba", 4, [8, 16])}
    for color_type, (name, channels, depths) in kinds.items():
        for depth in depths:
            for interlaced in (False, True):
                samples = random.integers(0, 2**depth, (HEIGHT, WIDTH, channels))
                extra = b""
                if color_type == 3:
                    palette = random.integers(0, 256, (2**depth, 3), dtype=np.uint8)
                    extra = chunk(b"PLTE", palette.tobytes())
                    pixels = palette[samples[:, :, 0]]
                else:
                    eight = to_8bit(samples, depth)
                    color = eight[:, :, :1].repeat(3, 2) if channels < 3 else eight[:, :, :3]
                    pixels = np.concatenate([color, eight[:, :, -1:]], 2) if channels in (2, 4) else color
                stem = f"{name}{depth}{'-interlaced' if interlaced else ''}"
                (FIXTURES / f"{stem}.png").write_bytes(png(samples, color_type, depth, interlaced, extra))
                (FIXTURES / f"{stem}.raw").write_bytes(pixels.astype(np.uint8).tobytes())
    # Transparency beside the pixels: a palette with opacities, and one colour declared transparent.
    samples = random.integers(0, 4, (HEIGHT, WIDTH, 1))
    palette = random.integers(0, 256, (4, 3), dtype=np.uint8)
    opacity = np.array([0, 90, 200, 255], np.uint8)
    extra = chunk(b"PLTE", palette.tobytes()) + chunk(b"tRNS", opacity[:3].tobytes())
    (FIXTURES / "palette2-transparent.png").write_bytes(png(samples, 3, 2, False, extra))
    pixels = np.concatenate([palette[samples[:, :, 0]], opacity[samples]], 2)
    (FIXTURES / "palette2-transparent.raw").write_bytes(pixels.astype(np.uint8).tobytes())
    samples = random.integers(0, 16, (HEIGHT, WIDTH, 1))
    (FIXTURES / "gray4-transparent.png").write_bytes(png(samples, 0, 4, False, chunk(b"tRNS", struct.pack(">H", 7))))
    gray = to_8bit(samples, 4).repeat(3, 2)
    pixels = np.concatenate([gray, np.where(samples == 7, 0, 255)], 2)
    (FIXTURES / "gray4-transparent.raw").write_bytes(pixels.astype(np.uint8).tobytes())


def make_png_texts() -> None:
    """Text chunks before and after the pixels, and an orientation in eXIf."""
    pixel = np.array([[[200, 100, 50]], [[1, 2, 3]]])
    latin = chunk(b"tEXt", b"parameters\0caf\xe9, Steps: 20")
    packed = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed " * 40))
    utf8 = chunk(b"iTXt", b"facechain\0\0\0\0\0" + '{"prompt":"肖像 🙂"}'.encode())
    utf8_packed = chunk(b"iTXt", b"prompt\0\1\0de\0Wort\0" + zlib.compress("größer ✓".encode()))
    exif = chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")
    file = png(pixel, 2, 8, False, latin + packed + utf8 + exif)
    (FIXTURES / "texts.png").write_bytes(file[:-12] + utf8_packed + file[-12:])
    bomb = b"Comment\0\0" + zlib.compress(b"a" * 50_000_000, 9)
    (FIXTURES / "text-bomb.png").write_bytes(png(pixel, 2, 8, False, chunk(b"zTXt", bomb)))
    huge = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16000, 16000, 8, 2, 0, 0, 0))
    (FIXTURES / "huge.png").write_bytes(huge + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))


def portrait(width: int, height: int) -> np.ndarray:
    """Smooth shading with edges and a little noise: what a photo asks of a resampler."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    red = 0.5 + 0.5 * np.sin(9 * x + 4 * y)
    green = ((x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.06) * 0.7 + 0.2 * y
    blue = (np.floor(x * 8) + np.floor(y * 8)) % 2
    noise = np.random.default_rng(7).normal(0, 0.03, (height, width, 3))
    return (np.clip(np.stack([red, green, blue], 2) + noise, 0, 1) * 255).round().astype(np.uint8)


def save_jpeg(image: Image.Image, stem: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    (FIXTURES / f"{stem}.jpg").write_bytes(stream.getvalue())
    decoded = ImageOps.exif_transpose(Image.open(io.BytesIO(stream.getvalue()))).convert("RGB")
    (FIXTURES / f"{stem}.raw").write_bytes(np.asarray(decoded).tobytes())
    return stream.getvalue()


def make_jpegs() -> None:
    image = Image.fromarray(portrait(37, 29))
    save_jpeg(image, "rgb-420", quality=85)
    save_jpeg(image, "rgb-444", quality=95, subsampling=0)
    save_jpeg(image, "progressive", quality=85, progressive=True)
    save_jpeg(image, "restart", quality=85, restart_marker_blocks=2)
    save_jpeg(image.convert("L"), "gray", quality=90)
    save_jpeg(image.convert("CMYK"), "cmyk", quality=95)
    small = Image.fromarray(portrait(24, 16))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save_jpeg(small, f"orientation{orientation}", quality=92, exif=exif)


def make_resizes() -> None:
    """One source, many targets; the names say filter and size."""
    source = Image.fromarray(portrait(60, 44))
    source.save(FIXTURES / "portrait.png")
    filters = {"area": Image.BOX, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos3": Image.LANCZOS}
    for name, value in filters.items():
        for width, height in [(23, 17), (60, 9), (7, 44), (75, 66), (1, 1)]:
            resized = source.resize((width, height), value)
            (FIXTURES / f"resize-{name}-{width}x{height}.raw").write_bytes(np.asarray(resized).tobytes())
    alpha = (np.mgrid[0:44, 0:60][1] * 255 // 59).astype(np.uint8)
    rgba = Image.fromarray(np.dstack([portrait(60, 44), alpha]))
    rgba.save(FIXTURES / "portrait-rgba.png")
    resized = rgba.resize((23, 17), Image.BICUBIC)
    (FIXTURES / "resize-rgba.raw").write_bytes(np.asarray(resized).tobytes())


TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def bilinear(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    padded = np.pad(image.astype(np.float64), ((1, 2), (1, 2), (0, 0)))
    height, width = image.shape[:2]
    inside = (x > -1) & (y > -1) & (x < width) & (y < height)
    left, top = np.floor(x), np.floor(y)
    fx, fy = (x - left)[..., None], (y - top)[..., None]
    column = np.clip(left.astype(int) + 1, 0, width + 1)
    row = np.clip(top.astype(int) + 1, 0, height + 1)
    upper = padded[row, column] * (1 - fx) + padded[row, column + 1] * fx
    lower = padded[row + 1, column] * (1 - fx) + padded[row + 1, column + 1] * fx
    return (upper * (1 - fy) + lower * fy) * inside[..., None]


def make_alignment() -> None:
    """A face turned by 20 degrees that leaves the picture on one side."""
    image = portrait(60, 44)
    landmarks = np.array([[14.0, 12.0], [33.5, 19.0], [20.0, 25.5], [9.5, 33.0], [26.0, 39.5]])
    transform = SimilarityTransform.from_estimate(landmarks, TEMPLATE)
    x, y = np.meshgrid(np.arange(112.0), np.arange(112.0))
    source = transform.inverse(np.stack([x.ravel(), y.ravel()], 1))
    face = bilinear(image, source[:, 0].reshape(112, 112), source[:, 1].reshape(112, 112))
    (FIXTURES / "aligned.f32").write_bytes(face.astype("<f4").tobytes())
    numbers = np.concatenate([landmarks.ravel(), transform.params[:2].ravel()])
    (FIXTURES / "alignment.f32").write_bytes(numbers.astype("<f4").tobytes())


def make_masks() -> None:
    mask = np.zeros((20, 27), np.float32)
    mask[3:12, 0:9] = 1
    mask[10:18, 15:25] = 0.6
    (FIXTURES / "mask.f32").write_bytes(mask.tobytes())
    blurred = ndimage.gaussian_filter(mask.astype(np.float64), 1.7, mode="nearest", truncate=4)
    (FIXTURES / "mask-blurred.f32").write_bytes(blurred.astype("<f4").tobytes())
    dilated = ndimage.grey_dilation(mask, size=(5, 5), mode="constant", cval=0)
    (FIXTURES / "mask-dilated.f32").write_bytes(dilated.astype("<f4").tobytes())
    eroded = ndimage.grey_erosion(mask, size=(5, 5), mode="constant", cval=9)
    (FIXTURES / "mask-eroded.f32").write_bytes(eroded.astype("<f4").tobytes())


if __name__ == "__main__":
    FIXTURES.mkdir(exist_ok=True)
    make_png_matrix(np.random.default_rng(1))
    make_png_texts()
    make_jpegs()
    make_resizes()
    make_alignment()
    make_masks()
