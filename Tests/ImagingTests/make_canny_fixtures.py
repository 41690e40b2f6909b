"""Makes Fixtures/canny.safetensors: pictures and their edges, found by OpenCV.

Needs NumPy, safetensors, scikit-image (for photos in the public domain or under CC0) and opencv-python-headless;
versions 4.10.0.84 and 5.0.0.93 find the same edges.

    python3 Tests/ImagingTests/make_canny_fixtures.py

`NN.size` is (width, height), `NN.picture` RGB [height, width, 3], `NN.grey` its luma and `NN.edges` 1 on edges, 0
elsewhere [height, width].
"""

from pathlib import Path

import cv2
import numpy as np
import skimage.data
from safetensors.numpy import save_file

FIXTURES = Path(__file__).parent / "Fixtures"


def pictures() -> list[np.ndarray]:
    random = np.random.default_rng(5)

    def shrunk(photo: np.ndarray, width: int, height: int) -> np.ndarray:
        return cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)

    # NASA's portrait (public domain); a cat, a cup, a rocket and a cameraman (all CC0).
    portrait, cat = skimage.data.astronaut(), skimage.data.chelsea()
    cup, rocket = skimage.data.coffee(), skimage.data.rocket()
    cameraman = np.dstack([skimage.data.camera()] * 3)
    photos = [shrunk(portrait, 112, 112), shrunk(cat, 113, 75), shrunk(cup, 90, 60), shrunk(rocket, 96, 64)]
    photos += [shrunk(cameraman, 101, 101), portrait[60:130, 190:270], cat[90:150, 150:240]]

    y, x = np.mgrid[0:40, 0:56].astype(np.float64)
    ramps = [x * 4.5, x * 3 + y * 3, 127 + 120 * np.sin(0.03 * (x - 20) ** 2 + 0.02 * y**2), 60 * (x // 9 + y // 7) % 250]
    ramps = [np.dstack([ramp, 0.7 * ramp, 255 - ramp]).clip(0, 255).astype(np.uint8) for ramp in ramps]
    noise = [random.integers(0, 256, (31, 45, 3), np.uint8), random.integers(70, 180, (40, 40, 3), np.uint8)]
    sizes = [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (2, 17), (5, 4)]
    tiny = [random.integers(0, 2, (height, width, 3), np.uint8) * 255 for height, width in sizes]
    return photos + ramps + noise + tiny


def main() -> None:
    tensors = {}
    for index, picture in enumerate(pictures()):
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        edges = cv2.Canny(grey, 100, 200) // 255
        tensors[f"{index:02}.picture"] = np.ascontiguousarray(picture)
        tensors |= {f"{index:02}.grey": grey, f"{index:02}.edges": edges}
        tensors[f"{index:02}.size"] = np.array(grey.shape[::-1], np.int32)
        print(index, picture.shape, edges.mean())
    save_file(tensors, FIXTURES / "canny.safetensors")


if __name__ == "__main__":
    main()
