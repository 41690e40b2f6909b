"""Makes Fixtures/skeletons.json and skeleton-NN.png: random people and OpenPose's drawing of them.

The drawing is that of controlnet_aux 0.0.10 (`pip install --no-deps controlnet_aux==0.0.10`, which needs einops,
matplotlib, scikit-image, scipy, torch and torchvision) with opencv-python-headless 4.10.0.84. Versions 4.10 to 4.12 draw
the same pixels; from 4.13 on thick lines, and so fingers, are drawn differently.

    python3 Tests/ImagingTests/make_skeleton_fixtures.py

Points are in pixels; null is a point that was not found.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

# The package's initializer imports every annotator and what each of them needs; only one is wanted here.
package = types.ModuleType("controlnet_aux")
package.__path__ = importlib.util.find_spec("controlnet_aux").submodule_search_locations
sys.modules["controlnet_aux"] = package
from controlnet_aux.open_pose import PoseResult, draw_poses
from controlnet_aux.open_pose.body import BodyResult, Keypoint

FIXTURES = Path(__file__).parent / "Fixtures"

# Of (width, height): usual ones, wide and tall ones, and some that a limb or even a joint overflows.
SIZES = [(96, 96), (128, 96), (90, 140), (101, 77), (64, 128), (200, 60), (60, 200), (144, 144), (33, 47), (120, 80)]
SIZES += [(1, 1), (2, 9), (17, 1), (5, 5), (8, 3), (96, 128), (80, 80), (111, 113), (160, 120), (72, 90)]


def person(random: np.random.Generator, width: int, height: int, spread: float, parts: str) -> dict:
    """A heap of points; `spread` 1 keeps them inside the picture, more lets them leave it on all sides."""
    size = np.array([width, height])

    def points(count: int, missing: float, scale: float, whole: bool) -> list:
        center = random.uniform(0.2, 0.8, 2) * size
        found = center + (random.uniform(-0.5, 0.5, (count, 2)) * scale * spread) * size
        # What the networks find are whole pixels.
        found = np.floor(found) if whole else found
        return [None if random.random() < missing else point.tolist() for point in found]

    return {
        "points": points(18, random.choice([0, 0.2]), 1, whole=random.random() < 0.5),
        "hands": [points(21, 0.1, 0.5, whole=True) for _ in range(2 if "h" in parts else 0)],
        "face": points(70, 0.1, 0.5, whole=True) if "f" in parts else [],
    }


def pose(person: dict, width: int, height: int) -> PoseResult:
    """As `detect_poses` hands them on: parts of the sides, bodies in double and the rest in single precision."""

    def body(point):
        return point and Keypoint(x=np.float64(point[0]) / float(width), y=np.float64(point[1]) / float(height))

    def part(points):
        if not points:
            return None
        pixels = np.array([point or [-1, -1] for point in points], np.float32)
        pixels[:, 0] /= float(width)
        pixels[:, 1] /= float(height)
        return [Keypoint(x=point[0], y=point[1]) for point in pixels]

    left, right = (person["hands"] + [None, None])[:2]
    return PoseResult(
        BodyResult([body(point) for point in person["points"]], 1.0, 18), part(left), part(right), part(person["face"])
    )


def main() -> None:
    assert cv2.__version__ == "4.10.0", cv2.__version__
    random = np.random.default_rng(20)
    cases = []
    for index, (width, height) in enumerate(SIZES):
        parts = ["", "h", "f", "hf"][index % 4]
        people = [person(random, width, height, [1, 1, 2.5][index % 3], parts) for _ in range(1 + index % 3)]
        drawing = draw_poses([pose(each, width, height) for each in people], height, width)
        if min(width, height) > 20:
            assert drawing.any(), index
        Image.fromarray(drawing).save(FIXTURES / f"skeleton-{index:02}.png", optimize=True)
        cases.append({"width": width, "height": height, "people": people})
    (FIXTURES / "skeletons.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
