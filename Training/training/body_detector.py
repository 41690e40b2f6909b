"""Stage `body_detector`: finds the 18 joints of drawn people, which networks for photos miss.

OpenPose's own network with narrow layers (see `networks.openpose`), taught as its authors taught it: hills around
joints, directions along limbs, the same errors after every stage. It learns from crowds of rendered people.
"""

from pathlib import Path

import cv2
import numpy as np
import torch

from training import configuration, crowds, runs
from training.crowds import Scene, Scenes
from training.networks.openpose import AFFINITY_COUNT, HEATMAP_COUNT, STRIDE, BodyNetwork
from training.sheets import save_sheet
from training.skeletons import drawn

# The program looks at pictures of this height, as controlnet_aux does (half of 368).
SIZE = 184
# Pixels: the hills' deviation is the published one, of pictures twice as large; limbs are a map's pixel wide.
JOINT_DEVIATION = 7.0
LIMB_WIDTH = 6.0
# Start, end and the first of two maps of every limb (arXiv 1611.08050; the COCO model).
LIMBS = ((1, 2, 12), (1, 5, 20), (2, 3, 14), (3, 4, 16), (5, 6, 22), (6, 7, 24), (1, 8, 0), (8, 9, 2), (9, 10, 4),
         (1, 11, 6), (11, 12, 8), (12, 13, 10), (1, 0, 28), (0, 14, 30), (14, 16, 34), (0, 15, 32), (15, 17, 36),
         (2, 16, 18), (5, 17, 26))  # fmt: skip


def centres(size: int) -> np.ndarray:
    """Places [size / 8, size / 8, 2] of the maps' pixels in the picture's."""
    axis = (np.arange(size // STRIDE, dtype=np.float32) + 0.5) * STRIDE - 0.5
    return np.stack(np.meshgrid(axis, axis, indexing="xy"), axis=-1)


def targets(skeletons: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Affinities [38, h, w] and heatmaps [19, h, w] that skeletons [K, 18, 3] should give."""
    places = centres(size)
    heatmaps = np.zeros((HEATMAP_COUNT, *places.shape[:2]), np.float32)
    affinities = np.zeros((AFFINITY_COUNT, *places.shape[:2]), np.float32)
    crossings = np.zeros((AFFINITY_COUNT, *places.shape[:2]), np.float32)
    for person in skeletons:
        seen = person[:, 2] > 0.5
        for joint in seen.nonzero()[0]:
            squares = ((places - person[joint, :2]) ** 2).sum(-1)
            np.maximum(heatmaps[joint], np.exp(-squares / (2 * JOINT_DEVIATION**2)), out=heatmaps[joint])
        for start, end, channel in LIMBS:
            if seen[start] and seen[end]:
                covered, direction = along(places, person[start, :2], person[end, :2])
                affinities[channel : channel + 2] += covered * direction[:, None, None]
                crossings[channel : channel + 2] += covered
    heatmaps[-1] = 1 - heatmaps[:-1].max(0)
    return affinities / crossings.clip(1), heatmaps


def along(places, start, end) -> tuple[np.ndarray, np.ndarray]:
    """Which places lie on a limb, and its direction."""
    length = np.linalg.norm(end - start)
    direction = (end - start) / max(length, 1e-3)
    offset = places - start
    forward = offset @ direction
    aside = np.abs(offset[..., 0] * direction[1] - offset[..., 1] * direction[0])
    # Short limbs still get the pixel that they lie in.
    reach = LIMB_WIDTH / 2
    return (forward >= -reach) & (forward <= length + reach) & (aside <= LIMB_WIDTH), direction


def tensor_of(image: np.ndarray) -> np.ndarray:
    """[3, H, W], blue first, in -0.5...0.5, as OpenPose has it."""
    return image[..., ::-1].transpose(2, 0, 1).astype(np.float32) / 256 - 0.5


def batch(scenes: list[Scene]):
    size = scenes[0].image.shape[0]
    affinities, heatmaps = zip(*(targets(scene.skeletons, size) for scene in scenes))
    images = np.stack([tensor_of(scene.image) for scene in scenes])
    return (torch.from_numpy(np.stack(part)) for part in (images, affinities, heatmaps))


def error(answers, affinities, heatmaps):
    """Squared errors of all stages; what is there counts four times as much as what is not."""
    total = 0.0
    for found in answers:
        for maps, truth in zip(found, (affinities, heatmaps)):
            total = total + ((maps.float() - truth).square() * (1 + 3 * truth.abs())).mean()
    return total / len(answers)


class Judge:
    """Pictures of unseen people with one person each, as the program shows them to the network."""

    def __init__(self, folder: Path, count: int = 192):
        self.scenes = Scenes(folder, []).spread(count, SIZE)

    @torch.no_grad()
    def figures(self, network: BodyNetwork, device: str) -> dict:
        """Error, and the share of joints whose highest place is closer than a tenth of the person's larger side."""
        network.eval()
        hits, joints, errors = 0, 0, []
        for start in range(0, len(self.scenes), 32):
            part = self.scenes[start : start + 32]
            images, affinities, heatmaps = (x.to(device) for x in batch(part))
            answers = network(images)
            errors.append(float(error(answers[-1:], affinities, heatmaps)))
            for scene, maps in zip(part, answers[-1][1].float().cpu().numpy()):
                skeleton = scene.skeletons[0]
                seen = skeleton[:, 2] > 0.5
                reach = 0.1 * np.ptp(skeleton[seen, :2], axis=0).max()
                found = np.stack([highest(m) for m in maps[:18]])
                near = np.linalg.norm(found - skeleton[:, :2], axis=1) <= reach
                hits, joints = hits + int((near & seen).sum()), joints + int(seen.sum())
        network.train()
        return dict(error=sum(errors) / len(errors), pck=hits / joints)

    @torch.no_grad()
    def save_sheet(self, network: BodyNetwork, path: Path, device: str):
        """Rows: pictures, true skeletons, skeletons of the highest places above 0.3."""
        network.eval()
        chosen = self.scenes[:: len(self.scenes) // 8][:8]
        maps = network(next(batch(chosen)).to(device))[-1][1].float().cpu().numpy()
        found = [[(*(highest(m) + 0.5) / SIZE, float(m.max() > 0.3)) for m in one[:18]] for one in maps]
        true = [[((x + 0.5) / SIZE, (y + 0.5) / SIZE, seen) for x, y, seen in s.skeletons[0]] for s in chosen]
        rows = [
            np.stack([cv2.resize(s.image, (256, 256)) for s in chosen]),
            *(np.stack([drawn(skeleton, 256) for skeleton in skeletons]) for skeletons in (true, found)),
        ]
        save_sheet([torch.from_numpy(row).permute(0, 3, 1, 2).float() / 255 for row in rows], path)
        network.train()


def highest(maps: np.ndarray) -> np.ndarray:
    """The place of the highest value between the pixels of one map, in the picture's pixels."""
    fine = cv2.resize(maps, None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_CUBIC)
    row, column = np.unravel_index(fine.argmax(), fine.shape)
    return np.array([column, row], np.float32)


def main():
    arguments = crowds.arguments(__doc__)
    network = BodyNetwork(**configuration.BODY_DETECTOR)

    def loss(scenes: list[Scene], device: str):
        images, affinities, heatmaps = (x.to(device) for x in batch(scenes))
        with runs.autocast(device):
            answers = network(images.to(memory_format=torch.channels_last))
        return error(answers, affinities, heatmaps)

    judge = Judge(arguments.validation)
    crowds.train("body_detector", network, network.folded_state_dict, judge, loss, SIZE, arguments)


if __name__ == "__main__":
    main()
