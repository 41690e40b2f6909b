"""Makes Fixtures/mtcnn.safetensors: every stage of facenet-pytorch 2.6.0's MTCNN on a real photo.

Needs torch, safetensors, scikit-image (for NASA's public-domain portrait) and facenet-pytorch 2.6.0, which may be
installed with `pip install --no-deps facenet-pytorch==2.6.0` (its pinned torch version does not matter here).

    python3 Tests/NetworksTests/make_mtcnn_fixtures.py
"""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import skimage.data
import torch
from facenet_pytorch import MTCNN
from facenet_pytorch.models.utils.detect_face import imresample
from PIL import Image
from safetensors.torch import save_file

FIXTURES = Path(__file__).parent / "Fixtures"


def group_photo() -> np.ndarray:
    """Head and shoulders of the portrait twice, small and left, large and right: [160, 252, 3] uint8 RGB."""
    portrait = Image.fromarray(skimage.data.astronaut()).crop((60, 0, 348, 320))
    group = np.zeros((160, 252, 3), dtype=np.uint8)
    group[:120, :108] = portrait.resize((108, 120), Image.LANCZOS)
    group[:, 108:] = portrait.resize((144, 160), Image.LANCZOS)
    return group


def normalized(pixels: torch.Tensor) -> torch.Tensor:
    return (pixels - 127.5) * 0.0078125


def main() -> None:
    torch.set_grad_enabled(False)
    mtcnn = MTCNN(keep_all=True, select_largest=False)
    pixels = group_photo()
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()

    # Area resampling: down to a pyramid level, up from a small crop, and one axis each way.
    tensors = {
        "photo": torch.from_numpy(pixels),
        "resampled.down": imresample(image, (41, 63)),
        "resampled.up": imresample(image[:, :, 40:57, 30:49], (24, 24)),
        "resampled.mixed": imresample(image[:, :, 40:57, 30:90], (24, 24)),
    }

    offsets, probability = mtcnn.pnet(normalized(tensors["resampled.down"]))
    tensors |= {"pnet.offsets": offsets, "pnet.probability": probability[:, 1]}

    def crops(side: int) -> torch.Tensor:
        """A face, half a face and none, as [left, top, right, bottom]."""
        boxes = [(160, 25, 220, 90), (50, 30, 110, 90), (0, 60, 40, 100)]
        return normalized(torch.cat([imresample(image[:, :, t:b, l:r], (side, side)) for l, t, r, b in boxes]))

    tensors["rnet.input"] = crops(24)
    tensors["rnet.offsets"], probability = mtcnn.rnet(tensors["rnet.input"])
    tensors["rnet.probability"] = probability[:, 1]
    tensors["onet.input"] = crops(48)[:2]
    tensors["onet.offsets"], tensors["onet.landmarks"], probability = mtcnn.onet(tensors["onet.input"])
    tensors["onet.probability"] = probability[:, 1]

    boxes, scores, landmarks = mtcnn.detect(pixels, landmarks=True)
    assert len(boxes) == 2, f"expected two faces, found {len(boxes)}"
    for name, value in (("boxes", boxes), ("scores", scores), ("landmarks", landmarks)):
        tensors[f"faces.{name}"] = torch.from_numpy(np.asarray(value, dtype=np.float32))
        print(name, value.tolist())

    FIXTURES.mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in tensors.items()}, FIXTURES / "mtcnn.safetensors")


if __name__ == "__main__":
    main()
