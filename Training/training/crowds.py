"""Pictures with any number of people in any size, cut and put together from rendered ones: what detectors learn from."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from training import dataset, optimizers, runs

# Left and right of a mirrored skeleton change places.
MIRRORED = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16)
MIRRORED_LANDMARKS = (1, 0, 2, 4, 3)
# Rows and columns of windows; a picture of one window is the most frequent.
GRIDS = (1, 1, 1, 2, 2, 3)


@dataclass
class Scene:
    """A picture with K people; places are x and y in pixels."""

    image: np.ndarray  # uint8 [H, W, 3], red first
    skeletons: np.ndarray  # [K, 18, 3], the last number: visible
    landmarks: np.ndarray  # [K, 5, 2]

    def moved(self, scale: float, offset) -> "Scene":
        """The same picture for people whose places became `scale` times larger, then went on by `offset`."""
        skeletons = self.skeletons.copy()
        skeletons[..., :2] = (skeletons[..., :2] + 0.5) * scale - 0.5 + offset
        return Scene(self.image, skeletons, (self.landmarks + 0.5) * scale - 0.5 + offset)


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
            return Scene(image, skeleton[None], self.pictures.landmarks[row][None].numpy())
        file = self.files[row - self.alone]
        record = json.loads(file.read_text())
        if "skeleton" in record:
            record |= dict(skeletons=[record["skeleton"]], landmarks=[record["landmarks"]])
        image = cv2.imread(str(file.with_suffix(".png")))[..., ::-1]
        return Scene(image, *(np.array(record[name], np.float32) for name in ("skeletons", "landmarks")))

    def drawn(self, random: np.random.Generator) -> Scene:
        """One at random; every second one from the folders, if there are any."""
        if self.files and (not self.alone or random.random() < 0.5):
            return self[self.alone + random.integers(len(self.files))]
        return self[random.integers(self.alone)]

    def spread(self, count: int, size: int) -> list[Scene]:
        """Some from the first to the last, as square pictures of a size."""
        chosen = []
        for row in np.linspace(0, len(self) - 1, count).astype(int):
            scene = self[row]
            scale = size / scene.image.shape[0]
            chosen.append(scene.moved(scale, 0))
            chosen[-1].image = resized(scene.image, scale)
        return chosen


def crowd(scenes: Scenes, random: np.random.Generator, size: int) -> Scene:
    """A square picture made of one, four or nine windows into scenes, as taken by many cameras."""
    count = random.choice(GRIDS)
    edges = np.linspace(0, size, count + 1).round().astype(int)
    image, parts = np.zeros((size, size, 3), np.uint8), []
    for row in range(count):
        for column in range(count):
            (top, bottom), (left, right) = edges[row : row + 2], edges[column : column + 2]
            part = window(mirrored(scenes.drawn(random), random), random, bottom - top, right - left, count == 1)
            image[top:bottom, left:right] = part.image
            parts.append(part.moved(1, (left, top)))
    people = (np.concatenate([getattr(part, name) for part in parts]) for name in ("skeletons", "landmarks"))
    return Scene(photographed(image, random), *people)


def mirrored(scene: Scene, random) -> Scene:
    if random.random() < 0.5:
        return scene
    skeletons, landmarks = scene.skeletons[:, MIRRORED], scene.landmarks[:, MIRRORED_LANDMARKS]
    for places in (skeletons, landmarks):  # copies, as they were picked by number
        places[..., 0] = scene.image.shape[1] - 1 - places[..., 0]
    return Scene(scene.image[:, ::-1], skeletons, landmarks)


def window(scene: Scene, random, height: int, width: int, may_shrink: bool) -> Scene:
    """A part of a scene at a random scale; where it is smaller than the window, its edge goes on."""
    zoom = np.exp(random.uniform(np.log(0.5 if may_shrink else 1.0), np.log(1.8)))
    scale = zoom * max(height / scene.image.shape[0], width / scene.image.shape[1])
    image = resized(scene.image, scale)
    missing = max(0, height - image.shape[0]), max(0, width - image.shape[1])
    before = [int(random.integers(n + 1)) for n in missing]
    image = cv2.copyMakeBorder(
        image, before[0], missing[0] - before[0], before[1], missing[1] - before[1], cv2.BORDER_REPLICATE
    )
    top, left = (int(random.integers(n + 1)) for n in (image.shape[0] - height, image.shape[1] - width))
    part = scene.moved(scale, (before[1] - left, before[0] - top))
    part.image = np.ascontiguousarray(image[top : top + height, left : left + width])
    part.skeletons[..., 2] *= ((part.skeletons[..., :2] >= 0) & (part.skeletons[..., :2] <= (width - 1, height - 1))).all(-1)
    return part


def resized(image: np.ndarray, scale: float) -> np.ndarray:
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


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


def arguments(description: str):
    """A detector's options, with the process prepared as they say."""

    def add(parser):
        parser.add_argument("--scenes", type=Path, nargs="*", default=[], help="folders of scenes from training.render")
        parser.add_argument("--report-every", type=int, default=400, help="steps between sheets and validation")

    return runs.arguments(description, batch=16, rate=2e-3, add=add)


def train(stage: str, network, product, judge, loss, size: int, arguments):
    """The training of detectors.

    `loss(scenes, device)` is the error for some crowds, `judge` has figures and sheets of the averaged network, whose
    file holds what `product()` says.
    """
    device = arguments.device
    network.to(device, memory_format=torch.channels_last)
    scenes = Scenes(arguments.data, arguments.scenes)
    optimizer = optimizers.MuonAdamW(optimizers.parameter_groups(network, arguments.rate), weight_decay=0.01)
    run = runs.Run(arguments.runs / stage, {"network": network}, optimizer, arguments, ema=0.995, warmup=50)
    random = np.random.default_rng(arguments.seed + run.step)

    def error():
        return loss([crowd(scenes, random, size) for _ in range(arguments.batch)], device)

    def report(mean_error: float):
        run.log(loss=mean_error, **judge.figures(network, device))
        judge.save_sheet(network, run.folder / "sheets" / f"{run.step:06d}.png", device)
        run.save_product(product())

    run.learn(error, report, arguments.report_every)
