"""Stage `head_segmenter`: where a drawn person's head is, hair and hats and all, and what stands before it.

The program exchanges heads in templates. Networks for photos take buns for background, and no network knows whose curls
are whose where people stand close. The renderer does: what it draws of every head, and whom it draws before it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional

from training import configuration, crowds, optimizers, runs
from training.networks.segmenter import HeadNetwork
from training.sheets import save_sheet

SIZE = 192
# The side of the square that is looked at, in parts of the larger of the distances between the eyes and from eyes to mouth;
# its middle is theirs.
SURROUNDINGS = 7.5
# How much larger, and how far aside in parts of its side, squares are than where landmarks say.
RESIZED, MOVED = 0.15, 0.03
# A head hidden to a larger part is nobody's that anybody would exchange.
LEAST_SEEN = 0.3
# So many heads are cut by an edge of the picture, which is then so far from the square's middle, in parts of its side.
CUT_SHARE, CUT_DISTANCES = 0.3, (0.17, 0.42)
HEAD, BEFORE, FACE = 1, 2, 3


@dataclass
class Head:
    """A square with one head in its middle."""

    image: np.ndarray  # uint8 [SIZE, SIZE, 3], red first
    shares: np.ndarray  # float [KINDS, SIZE, SIZE], how much of each pixel is what


class Heads:
    """The heads of folders that `training.render` wrote."""

    def __init__(self, folders: list[Path]):
        self.places = [place for folder in folders for file in sorted(folder.rglob("*.json")) for place in _places(file)]

    def __len__(self):
        return len(self.places)

    def head(self, index: int, random: np.random.Generator | None = None) -> Head:
        """One head; with a generator as another camera sees it, else where its landmarks say."""
        file, slot, people, landmarks = self.places[index]
        images = [cv2.imread(str(file.with_suffix(".png")))[..., ::-1], *_masks(file, slot, people)]
        middle, side = square_of(landmarks)
        if random:
            images, middle = _cut(images, middle, side, random)
            side *= np.exp(random.uniform(-RESIZED, RESIZED))
            middle = middle + random.uniform(-MOVED, MOVED, 2) * side
        image, *masks = (seen(x, middle, side) for x in images)
        head, before, face = np.stack(masks).astype(np.float32) / 255
        before = np.minimum(before, 1 - head)
        face = np.minimum(face, before)
        shares = np.stack([head, before - face, face])
        result = Head(image, np.concatenate([1 - shares.sum(0, keepdims=True), shares]))
        return _pictured(result, random) if random else result


def _places(file: Path):
    record = json.loads(file.read_text())
    many = np.array(record["landmarks"], np.float64).reshape(-1, 5, 2)
    slots = range(len(many)) if "skeletons" in record else [None]
    return [(file, slot, len(many), landmarks) for slot, landmarks in zip(slots, many)]


def _masks(file: Path, slot: int | None, people: int):
    """Of a head, of what is before it or another's head, and of others' faces; somebody alone has nobody beside them."""

    def mask(name):
        return cv2.imread(str(file.with_name(f"{file.stem}_{name}.png")), cv2.IMREAD_GRAYSCALE)

    if slot is None:
        head = mask("head")
        return head, np.zeros_like(head), np.zeros_like(head)
    heads, faces = ([mask(f"{part}{n}") for n in range(people) if n != slot] for part in ("head", "face"))
    return mask(f"head{slot}"), np.maximum.reduce([mask(f"before{slot}"), *heads]), np.maximum.reduce(faces)


def square_of(landmarks) -> tuple[np.ndarray, float]:
    """Middle and side of the square to look at."""
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    size = max(np.linalg.norm(landmarks[1] - landmarks[0]), np.linalg.norm(mouth - eyes))
    return (eyes + mouth) / 2, SURROUNDINGS * size


def seen(image: np.ndarray, middle, side: float) -> np.ndarray:
    """A square of a picture, black where this ends, as the program shows it to the network."""
    side = max(8, round(side))
    left, top = (round(float(x) - side / 2 + 0.5) for x in middle)
    missing = [max(0, n) for n in (-top, top + side - image.shape[0], -left, left + side - image.shape[1])]
    padded = cv2.copyMakeBorder(image, *missing, cv2.BORDER_CONSTANT)
    part = padded[top + missing[0] :, left + missing[2] :][:side, :side]
    return cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_AREA if side > SIZE else cv2.INTER_LINEAR)


def _cut(images: list[np.ndarray], middle, side: float, random) -> tuple[list[np.ndarray], np.ndarray]:
    """The same pictures, or with an edge through hair that was far from theirs; and where the middle then is."""
    if random.random() > CUT_SHARE:
        return images, middle
    edge = random.choice(["left", "top", "right"])
    distance = random.uniform(*CUT_DISTANCES) * side
    if edge == "right":
        return [image[:, : max(1, round(middle[0] + distance))] for image in images], middle
    first = max(0, round(middle[0 if edge == "left" else 1] - distance))
    if edge == "left":
        return [image[:, first:] for image in images], middle - np.array([first, 0])
    return [image[first:] for image in images], middle - np.array([0, first])


def _pictured(head: Head, random) -> Head:
    """As another camera, or a painter whose brush is coarser, has it."""
    image, shares = head.image, head.shares
    if random.random() < 0.5:
        image, shares = image[:, ::-1], shares[..., ::-1]
    if random.random() < 0.5:
        small = cv2.resize(image, None, fx=(scale := random.uniform(0.3, 0.9)), fy=scale, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    return Head(crowds.photographed(np.ascontiguousarray(image), random), np.ascontiguousarray(shares))


def tensors(heads: list[Head], device: str):
    images = torch.from_numpy(np.stack([head.image for head in heads])).permute(0, 3, 1, 2).float() / 127.5 - 1
    shares = torch.from_numpy(np.stack([head.shares for head in heads]))
    return images.to(device, memory_format=torch.channels_last), shares.to(device)


def error(logits, shares):
    """Cross-entropy; heads and what is before them count three times as much as the rest."""
    doubt = functional.cross_entropy(logits.float(), shares, reduction="none")
    return (doubt * (1 + 2 * shares[:, HEAD:].sum(1))).mean()


class Judge:
    """Unseen people's heads."""

    def __init__(self, folders: list[Path], count: int = 192):
        heads = Heads(folders)
        chosen = (heads.head(int(index)) for index in np.linspace(0, len(heads) - 1, min(count, len(heads))))
        self.heads = [head for head in chosen if head.shares[HEAD].max() > 0.9]

    @torch.no_grad()
    def answers(self, network, heads: list[Head], device: str):
        network.eval()
        parts = [tensors(heads[n : n + 16], device) for n in range(0, len(heads), 16)]
        found = torch.cat([network(images).float().softmax(1).cpu() for images, _ in parts])
        network.train()
        return found, torch.cat([shares.cpu() for _, shares in parts])

    def figures(self, network, device: str) -> dict:
        """Overlap (intersection over union) of heads, mean and that of the worst tenth; the share of what stands before them
        that is found, and of heads that is taken for it; the share of others' faces that is known as such."""
        found, true = self.answers(network, self.heads, device)
        said, truth = found[:, HEAD] > 0.5, true[:, HEAD] > 0.5
        overlaps = (said & truth).sum((1, 2)) / (said | truth).sum((1, 2)).clamp_min(1)
        before, is_before = (shares[:, BEFORE:].sum(1) > 0.5 for shares in (found, true))
        is_face = true[:, FACE] > 0.5
        return dict(
            overlap=overlaps.mean(), worst=overlaps.quantile(0.1),
            before=(before & is_before).sum() / is_before.sum().clamp_min(1), mistaken=(before & truth).sum() / truth.sum(),
            faces=((found[:, FACE] > 0.5) & is_face).sum() / is_face.sum().clamp_min(1),
        )  # fmt: skip

    def save_sheet(self, network, path: Path, device: str):
        """Heads cut out as the network says; below what it takes for others', and for others' faces."""
        chosen = self.heads[:: max(1, len(self.heads) // 16)][:16]
        found, _ = self.answers(network, chosen, device)
        images = tensors(chosen, "cpu")[0] / 2 + 0.5
        rows = [images * (0.15 + 0.85 * found[:, kind : kind + 1]) for kind in (HEAD, BEFORE, FACE)]
        save_sheet([part for row in zip(*(x.split(8) for x in rows)) for part in row], path)


def main():
    def add(parser):
        parser.add_argument("--report-every", type=int, default=400, help="steps between sheets and validation")

    arguments = runs.arguments(__doc__, batch=8, rate=2e-3, add=add)
    device = arguments.device
    network = HeadNetwork(**configuration.HEAD_SEGMENTER).to(device, memory_format=torch.channels_last)
    heads, judge = Heads([arguments.data]), Judge([arguments.validation])
    optimizer = optimizers.MuonAdamW(optimizers.parameter_groups(network, arguments.rate), weight_decay=0.01)
    run = runs.Run(arguments.runs / "head_segmenter", {"network": network}, optimizer, arguments, ema=0.995, warmup=50)
    random = np.random.default_rng(arguments.seed + run.step)

    def drawn() -> Head:
        while True:
            head = heads.head(int(random.integers(len(heads))), random)
            middle = head.shares[HEAD, SIZE // 3 : 2 * SIZE // 3, SIZE // 3 : 2 * SIZE // 3]
            if middle.mean() > LEAST_SEEN:
                return head

    def batch_error():
        images, shares = tensors([drawn() for _ in range(arguments.batch)], device)
        with runs.autocast(device):
            logits = network(images)
        return error(logits, shares)

    def report(mean_error: float):
        run.log(loss=mean_error, **judge.figures(network, device))
        judge.save_sheet(network, run.folder / "sheets" / f"{run.step:06d}.png", device)
        run.save_product(network.folded_state_dict())

    run.learn(batch_error, report, arguments.report_every)


if __name__ == "__main__":
    main()
