"""Makes Fixtures/retinaface*: both sizes of RetinaFace with generated weights, and the faces in made-up output.

The networks are those of Training, written from arXiv:1905.00641 and the published keys, around torchvision's ResNet-50;
written with torch 2.15.0 and torchvision 0.29.2.

    python3 Tests/NetworksTests/make_retinaface_fixtures.py

retinaface_{resnet50,mobilenet}.json list the weights. retinaface.safetensors holds a picture, the networks' answers to it,
and answers with the faces they describe.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from generated_weights import FIXTURES, generate, save_list

sys.path.insert(0, str(Path(__file__).parents[2] / "Training"))
from training.networks.retinaface import QuarterMobileNet, RetinaFace, anchors

torch.set_num_threads(1)
torch.set_grad_enabled(False)


class ResNetBody(nn.Module):
    def __init__(self):
        super().__init__()
        network = torchvision.models.resnet50(weights=None)
        for name, child in network.named_children():
            if name not in ("avgpool", "fc"):
                self.add_module(name, child)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        second = self.layer2(self.layer1(x))
        third = self.layer3(second)
        return second, third, self.layer4(third)


def make_networks(tensors) -> None:
    random = np.random.default_rng(6)
    # Sides at which each level is rounded up, so that the pyramid has to crop.
    picture = torch.from_numpy(random.integers(0, 256, (75, 107, 3)).astype(np.uint8))
    tensors["picture"] = picture
    image = picture.flip(2).permute(2, 0, 1)[None].float() - torch.tensor([104.0, 117, 123]).reshape(3, 1, 1)
    networks = {
        "resnet50": RetinaFace(ResNetBody(), [512, 1024, 2048], 256, 0),
        "mobilenet": RetinaFace(QuarterMobileNet(), [64, 128, 256], 64, 0.1),
    }
    for name, network in networks.items():
        # The picture comes in bytes: the first layer brings them down.
        first = {"body.conv1.weight", "body.stage1.0.0.weight"}
        weights, entries = generate(network.state_dict(), damped=first)
        network.load_state_dict(weights)
        save_list(entries, f"retinaface_{name}")
        boxes, logits, points = network.eval()(image)
        answers = boxes, logits.softmax(-1), points
        for part, answer in zip(("boxes", "probabilities", "landmarks"), answers):
            tensors[f"{name}.{part}"] = answer
            print(name, part, tuple(answer.shape), answer.std().item())


def make_faces(tensors) -> None:
    """Answers of which some are sure, at neighbouring anchors too, and what is left of them."""
    random = np.random.default_rng(7)
    height, width = 90, 130
    prior = anchors(height, width).numpy()
    count = len(prior)
    boxes, landmarks = random.normal(0, 0.5, (count, 4)), random.normal(0, 1, (count, 10))
    score = random.uniform(0, 0.88, count)
    sure = random.choice(count, 60, replace=False)
    score[sure] = random.uniform(0.905, 1, 60)
    boxes, landmarks, score = (array.astype(np.float32) for array in (boxes, landmarks, score))
    center = prior[:, :2] + 0.1 * boxes[:, :2] * prior[:, 2:]
    size = prior[:, 2:] * np.exp(0.2 * boxes[:, 2:])
    sides = np.array([width, height])
    corners = np.concatenate([(center - size / 2) * sides, (center + size / 2) * sides], axis=1)
    points = (prior[:, None, :2] + 0.1 * landmarks.reshape(-1, 5, 2) * prior[:, None, 2:]) * sides
    kept = []
    for index in sorted(sure, key=lambda each: -score[each]):
        box = corners[index]
        for other in (corners[each] for each in kept):
            overlap = np.prod(np.maximum(0, np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2]) + 1))
            union = np.prod(box[2:] - box[:2] + 1) + np.prod(other[2:] - other[:2] + 1) - overlap
            if overlap / union > 0.4:
                break
        else:
            kept.append(index)
    print(len(sure), "sure anchors,", len(kept), "faces")
    probabilities = np.stack([1 - score, score], axis=1)
    for name, array in (("boxes", boxes), ("probabilities", probabilities), ("landmarks", landmarks)):
        tensors[f"answers.{name}"] = torch.from_numpy(array)[None].float()
    tensors["faces.size"] = torch.tensor([height, width], dtype=torch.int32)
    for name, array in (("boxes", corners), ("scores", score), ("landmarks", points)):
        tensors[f"faces.{name}"] = torch.from_numpy(array[kept]).float()


if __name__ == "__main__":
    tensors: dict[str, torch.Tensor] = {}
    make_networks(tensors)
    make_faces(tensors)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, FIXTURES / "retinaface.safetensors")
