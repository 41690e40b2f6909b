"""Stage `face_detector`: finds drawn faces with five landmarks, more exactly than networks for photos do.

The small RetinaFace (see `networks.retinaface`), taught as its authors taught it: anchors that overlap a face, the most
wrong of the others, and smooth errors of boxes and landmarks. It learns from crowds of rendered people.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training import crowds, runs
from training.crowds import Scene, Scenes
from training.networks import retinaface
from training.sheets import save_sheet

SIZE = 256
# Anchors that overlap a face by more are its; those that overlap a half-seen one by as much are nobody's.
OVERLAP, IGNORED_OVERLAP = 0.35, 0.2
NEGATIVES = 7  # for each anchor with a face
# A face's box in parts of the larger of its distances between the eyes and between eyes and mouth: from forehead to
# chin, as MTCNN has it.
WIDTH, ABOVE_EYES, HEIGHT = 2.0, 0.92, 2.4
NOSE, EYES = 0, (14, 15)


def boxes_of(landmarks: np.ndarray) -> np.ndarray:
    """Corners [K, 4] of the boxes of faces with landmarks [K, 5, 2]."""
    eyes, mouth = landmarks[:, :2].mean(1), landmarks[:, 3:].mean(1)
    between = np.linalg.norm(landmarks[:, 0] - landmarks[:, 1], axis=1)
    side = np.maximum(between, np.linalg.norm(eyes - mouth, axis=1))
    middle = (eyes[:, 0] + mouth[:, 0]) / 2
    top = np.minimum(eyes[:, 1], mouth[:, 1]) - ABOVE_EYES * side
    return np.stack([middle - WIDTH / 2 * side, top, middle + WIDTH / 2 * side, top + HEIGHT * side], axis=1)


def overlaps(anchors: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Common area by united area [K, N] of boxes [K, 4] and anchors [N, 4], all corners."""
    low = torch.maximum(boxes[:, None, :2], anchors[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], anchors[None, :, 2:])
    common = (high - low).clamp_min(0).prod(-1)
    area = [(x[:, 2:] - x[:, :2]).prod(-1) for x in (boxes, anchors)]
    return common / (area[0][:, None] + area[1][None] - common)


class Teacher:
    """What the anchors of a picture should answer."""

    def __init__(self, size: int):
        self.size = size
        self.anchors = retinaface.anchors(size, size).float() * size  # centre and size in pixels
        middle, side = self.anchors[:, :2], self.anchors[:, 2:]
        self.corners = torch.cat([middle - side / 2, middle + side / 2], dim=1)

    def answers(self, scene: Scene):
        """Kinds [N] (1 a face, 0 none, -1 either), shifts and sizes [N, 4], landmarks [N, 10]."""
        kinds = torch.zeros(len(self.anchors), dtype=torch.long)
        seen = scene.skeletons[:, NOSE, 2] > 0.5
        seen &= (scene.skeletons[:, EYES, 2] > 0.5).any(1)
        inside = ((scene.landmarks >= 0) & (scene.landmarks <= self.size - 1)).all(-1)
        boxes = torch.from_numpy(boxes_of(scene.landmarks)).float()
        far = ~inside.any(1)
        whole = torch.from_numpy(seen & inside.all(1))
        half = ~whole & torch.from_numpy(~far)
        if half.any():
            kinds[(overlaps(self.corners, boxes[half]) > IGNORED_OVERLAP).any(0)] = -1
        shifts, points = torch.zeros(len(kinds), 4), torch.zeros(len(kinds), 10)
        if whole.any():
            faces, landmarks = boxes[whole], torch.from_numpy(scene.landmarks[whole.numpy()]).float()
            shares = overlaps(self.corners, faces)
            share, face = shares.max(0)
            best = shares.argmax(1)
            share[best], face[best] = 1.0, torch.arange(len(faces))
            chosen = share > OVERLAP
            kinds[chosen] = 1
            anchors, face = self.anchors[chosen], face[chosen]
            middle, side = (faces[face, :2] + faces[face, 2:]) / 2, faces[face, 2:] - faces[face, :2]
            shift = (middle - anchors[:, :2]) / (retinaface.CENTRE_VARIANCE * anchors[:, 2:])
            growth = (side / anchors[:, 2:]).log() / retinaface.SIZE_VARIANCE
            shifts[chosen] = torch.cat([shift, growth], dim=1)
            offset = landmarks[face] - anchors[:, None, :2]
            points[chosen] = (offset / (retinaface.CENTRE_VARIANCE * anchors[:, None, 2:])).flatten(1)
        return kinds, shifts, points

    def landmarks(self, answer: torch.Tensor, anchor: torch.Tensor) -> torch.Tensor:
        """Landmarks [B, 5, 2] that anchors [B] tell of, from their answers [B, 10]."""
        middle, side = self.anchors[anchor, None, :2], self.anchors[anchor, None, 2:]
        return middle + retinaface.CENTRE_VARIANCE * answer.unflatten(1, (5, 2)) * side


def tensor_of(scenes: list[Scene]) -> torch.Tensor:
    pixels = torch.from_numpy(np.stack([scene.image[..., ::-1] for scene in scenes])).permute(0, 3, 1, 2).float()
    return pixels - torch.tensor(retinaface.MEANS)[:, None, None]


def error(answers, kinds, shifts, points):
    """Loss of a batch: whether there is a face, where it is, and where its landmarks are."""
    boxes, logits, landmarks = (answer.float() for answer in answers)
    faces = kinds == 1
    count = faces.sum().clamp_min(1)
    doubt = functional.cross_entropy(logits.flatten(0, 1), kinds.clamp_min(0).flatten(), reduction="none")
    doubt = doubt.view(kinds.shape)
    worst = doubt.detach().masked_fill(kinds != 0, -1.0).sort(dim=1, descending=True).indices.argsort(dim=1)
    hard = (worst < NEGATIVES * faces.sum(1, keepdim=True).clamp_min(1)) & (kinds == 0)
    where = functional.smooth_l1_loss(boxes[faces], shifts[faces], reduction="sum")
    points = functional.smooth_l1_loss(landmarks[faces], points[faces], reduction="sum")
    return (doubt[faces | hard].sum() + 2 * where + points) / count


class Judge:
    """Pictures of unseen people with one person each."""

    def __init__(self, folder: Path, teacher: Teacher, count: int = 192):
        self.scenes, self.teacher = Scenes(folder, []).spread(count, SIZE), teacher

    @torch.no_grad()
    def found(self, network, scenes: list[Scene], device: str):
        """Probability and landmarks of the surest face of each picture."""
        boxes, logits, points = (x.float().cpu() for x in network(tensor_of(scenes).to(device)))
        score, anchor = logits.softmax(-1)[..., 1].max(1)
        return score, self.teacher.landmarks(points[torch.arange(len(scenes)), anchor], anchor)

    def figures(self, network, device: str) -> dict:
        """Share of faces that the program would take, and the landmarks' error in parts of the eyes' distance."""
        network.eval()
        scores, errors = [], []
        for start in range(0, len(self.scenes), 32):
            part = self.scenes[start : start + 32]
            score, landmarks = self.found(network, part, device)
            truth = torch.from_numpy(np.concatenate([scene.landmarks for scene in part])).float()
            between = (truth[:, 0] - truth[:, 1]).norm(dim=1)
            errors.append((landmarks - truth).norm(dim=2).mean(1) / between)
            scores.append(score)
        network.train()
        errors = torch.cat(errors)
        return dict(sure=(torch.cat(scores) > 0.9).float().mean(), median=errors.median(), mean=errors.mean())

    def save_sheet(self, network, path: Path, device: str):
        """Pictures with the landmarks found."""
        network.eval()
        chosen = self.scenes[:: len(self.scenes) // 16][:16]
        _, landmarks = self.found(network, chosen, device)
        pictures = np.stack([scene.image for scene in chosen])
        for picture, points in zip(pictures, landmarks.round().int().clamp(2, SIZE - 3).tolist()):
            for x, y in points:
                picture[y - 2 : y + 3, x - 2 : x + 3] = (0, 255, 0)
        tensor = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
        save_sheet([tensor[:8], tensor[8:]], path)
        network.train()


def main():
    arguments = crowds.arguments(__doc__)
    teacher = Teacher(SIZE)
    judge = Judge(arguments.validation, teacher)
    network = retinaface.make_small()

    def loss(scenes: list[Scene], device: str):
        kinds, shifts, points = (torch.stack(x).to(device) for x in zip(*map(teacher.answers, scenes)))
        with runs.autocast(device):
            answers = network(tensor_of(scenes).to(device, memory_format=torch.channels_last))
        return error(answers, kinds, shifts, points)

    crowds.train("face_detector", network, network.state_dict, judge, loss, SIZE, arguments)


if __name__ == "__main__":
    main()
