"""Pictures with any number of people in any size, cut and put together from rendered ones: what detectors learn from."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from training import dataset

# Left and right of a mirrored skeleton change places.
MIRRORED = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16)
# Rows and columns of windows; a picture of one window is the most frequent.
GRIDS = (1, 1, 1, 2, 2, 3)


@dataclass
class Scene:
    """A picture uint8 [H, W, 3], red first, and the skeletons of its people, [K, 18, 3], x and y in pixels."""

    image: np.ndarray
    skeletons: np.ndarray


class Scenes:
    """The pictures of shards (one person each) and of folders that `training.render` wrote (one or several)."""

    def __init__(self, shards: Path | None, folders: list[Path]):
        self.pictures = dataset.load(shards) if shards else None
        self.files = sorted(file for folder in folders for file in folder.rglob("*.json"))
        self.alone = len(self.pictures) if shards else 0

    def __len__(self):
        return self.alone + len(self.files)

    def __getitem__(self, row: int) -> Scene:
        if row < self.alone:
            skeleton = self.pictures.skeletons[row].float().numpy().copy()
            image = self.pictures.images[row].numpy()
            skeleton[:, :2] = skeleton[:, :2] * image.shape[1] - 0.5
            return Scene(image, skeleton[None])
        file = self.files[row - self.alone]
        record = json.loads(file.read_text())
        skeletons = record["skeletons"] if "skeletons" in record else [record["skeleton"]]
        image = cv2.imread(str(file.with_suffix(".png")))[..., ::-1]
        return Scene(image, np.array(skeletons, np.float32))

    def drawn(self, random: np.random.Generator) -> Scene:
        """One at random; every second one from the folders, if there are any."""
        if self.files and (not self.alone or random.random() < 0.5):
            return self[self.alone + random.integers(len(self.files))]
        return self[random.integers(self.alone)]


def crowd(scenes: Scenes, random: np.random.Generator, size: int) -> Scene:
    """A square picture made of one, four or nine windows into scenes, as taken by many cameras."""
    count = random.choice(GRIDS)
    edges = np.linspace(0, size, count + 1).round().astype(int)
    image, skeletons = np.zeros((size, size, 3), np.uint8), []
    for row in range(count):
        for column in range(count):
            (top, bottom), (left, right) = edges[row : row + 2], edges[column : column + 2]
            part = window(mirrored(scenes.drawn(random), random), random, bottom - top, right - left, count == 1)
            image[top:bottom, left:right] = part.image
            part.skeletons[..., :2] += (left, top)
            skeletons.append(part.skeletons)
    return Scene(photographed(image, random), np.concatenate(skeletons))


def mirrored(scene: Scene, random) -> Scene:
    if random.random() < 0.5:
        return Scene(scene.image, scene.skeletons.copy())
    skeletons = scene.skeletons[:, MIRRORED].copy()
    skeletons[..., 0] = scene.image.shape[1] - 1 - skeletons[..., 0]
    return Scene(scene.image[:, ::-1], skeletons)


def window(scene: Scene, random, height: int, width: int, may_shrink: bool) -> Scene:
    """A part of a scene at a random scale; where it is smaller than the window, its edge goes on."""
    zoom = np.exp(random.uniform(np.log(0.5 if may_shrink else 1.0), np.log(1.8)))
    scale = zoom * max(height / scene.image.shape[0], width / scene.image.shape[1])
    image = cv2.resize(scene.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    missing = max(0, height - image.shape[0]), max(0, width - image.shape[1])
    before = [int(random.integers(n + 1)) for n in missing]
    image = cv2.copyMakeBorder(
        image, before[0], missing[0] - before[0], before[1], missing[1] - before[1], cv2.BORDER_REPLICATE
    )
    top, left = (int(random.integers(n + 1)) for n in (image.shape[0] - height, image.shape[1] - width))
    skeletons = scene.skeletons
    skeletons[..., :2] = (skeletons[..., :2] + 0.5) * scale - 0.5 + (before[1] - left, before[0] - top)
    inside = ((skeletons[..., :2] >= 0) & (skeletons[..., :2] <= (width - 1, height - 1))).all(-1)
    skeletons[..., 2] *= inside
    return Scene(np.ascontiguousarray(image[top : top + height, left : left + width]), skeletons)


def photographed(image: np.ndarray, random) -> np.ndarray:
    """Other colours, softness, noise and compression."""
    pixels = image.astype(np.float32) / 255
    pixels = pixels ** np.exp(random.normal(0, 0.2)) * random.uniform(0.7, 1.2) + random.normal(0, 0.03)
    grey = pixels.mean(-1, keepdims=True)
    pixels = grey + (pixels - grey) * (0.0 if random.random() < 0.1 else random.uniform(0.6, 1.3))
    if random.random() < 0.2:
        pixels = cv2.GaussianBlur(pixels, None, random.uniform(0.3, 1.5))
    if random.random() < 0.3:
        pixels = pixels + random.normal(0, random.uniform(0.01, 0.05), pixels.shape)
    result = (pixels.clip(0, 1) * 255).astype(np.uint8)
    if random.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(30, 90))]
        result = cv2.imdecode(cv2.imencode(".jpg", result, quality)[1], cv2.IMREAD_COLOR)
    return result
