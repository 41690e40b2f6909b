"""Makes Fixtures/retinaface*: both sizes of RetinaFace with generated weights, and the faces in made-up output.

The networks are written here from arXiv:1905.00641 and the published keys, around torchvision's ResNet-50; written with
torch 2.15.0 and torchvision 0.29.2.

    python3 Tests/NetworksTests/make_retinaface_fixtures.py

retinaface_{resnet50,mobilenet}.json list the weights. retinaface.safetensors holds a picture, the networks' answers to it,
and answers with the faces they describe.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from generated_weights import FIXTURES, generate, save_list

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def normalized(inputs, outputs, kernel=3, stride=1, groups=1):
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


def activated(inputs, outputs, kernel, leak):
    return nn.Sequential(*normalized(inputs, outputs, kernel), nn.LeakyReLU(leak))


class QuarterMobileNet(nn.Module):
    def __init__(self):
        super().__init__()

        def separable(inputs, outputs, stride):
            depthwise = normalized(inputs, inputs, 3, stride, groups=inputs)
            pointwise = normalized(inputs, outputs, 1)
            return nn.Sequential(*depthwise, nn.LeakyReLU(0.1), *pointwise, nn.LeakyReLU(0.1))

        stem = nn.Sequential(*normalized(3, 8, 3, 2), nn.LeakyReLU(0.1))
        widths = [[(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]]
        widths += [[(64, 128, 2)] + [(128, 128, 1)] * 5, [(128, 256, 2), (256, 256, 1)]]
        stages = [[separable(*width) for width in stage] for stage in widths]
        self.stage1 = nn.Sequential(stem, *stages[0])
        self.stage2 = nn.Sequential(*stages[1])
        self.stage3 = nn.Sequential(*stages[2])

    def forward(self, x):
        first = self.stage1(x)
        second = self.stage2(first)
        return first, second, self.stage3(second)


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


class Pyramid(nn.Module):
    def __init__(self, inputs, width, leak):
        super().__init__()
        self.output1, self.output2, self.output3 = (activated(each, width, 1, leak) for each in inputs)
        self.merge1, self.merge2 = (activated(width, width, 3, leak) for _ in range(2))

    def forward(self, features):
        fine, middle, coarse = self.output1(features[0]), self.output2(features[1]), self.output3(features[2])
        middle = self.merge2(middle + functional.interpolate(coarse, size=middle.shape[2:], mode="nearest"))
        fine = self.merge1(fine + functional.interpolate(middle, size=fine.shape[2:], mode="nearest"))
        return fine, middle, coarse


class Context(nn.Module):
    def __init__(self, width, leak):
        super().__init__()
        self.conv3X3 = nn.Sequential(*normalized(width, width // 2))
        self.conv5X5_1 = activated(width, width // 4, 3, leak)
        self.conv5X5_2 = nn.Sequential(*normalized(width // 4, width // 4))
        self.conv7X7_2 = activated(width // 4, width // 4, 3, leak)
        self.conv7x7_3 = nn.Sequential(*normalized(width // 4, width // 4))

    def forward(self, x):
        shared = self.conv5X5_1(x)
        windows = [self.conv3X3(x), self.conv5X5_2(shared), self.conv7x7_3(self.conv7X7_2(shared))]
        return torch.cat(windows, dim=1).relu()


class Head(nn.Module):
    def __init__(self, width, values):
        super().__init__()
        self.conv1x1 = nn.Conv2d(width, 2 * values, 1)
        self.values = values

    def forward(self, x):
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(1, -1, self.values)


class RetinaFace(nn.Module):
    def __init__(self, body, inputs, width, leak):
        super().__init__()
        self.body = body
        self.fpn = Pyramid(inputs, width, leak)
        self.ssh1, self.ssh2, self.ssh3 = (Context(width, leak) for _ in range(3))
        self.ClassHead = nn.ModuleList(Head(width, 2) for _ in range(3))
        self.BboxHead = nn.ModuleList(Head(width, 4) for _ in range(3))
        self.LandmarkHead = nn.ModuleList(Head(width, 10) for _ in range(3))

    def forward(self, x):
        levels = self.fpn(self.body(x))
        features = [context(level) for context, level in zip((self.ssh1, self.ssh2, self.ssh3), levels)]
        join = lambda heads: torch.cat([head(feature) for head, feature in zip(heads, features)], dim=1)
        return join(self.BboxHead), join(self.ClassHead).softmax(-1), join(self.LandmarkHead)


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
        answers = network.eval()(image)
        for part, answer in zip(("boxes", "probabilities", "landmarks"), answers):
            tensors[f"{name}.{part}"] = answer
            print(name, part, tuple(answer.shape), answer.std().item())


def anchors(height: int, width: int) -> np.ndarray:
    """Centres and sizes in parts of the sides, [n, 4]."""
    found = []
    for step, sides in ((8, (16, 32)), (16, (64, 128)), (32, (256, 512))):
        for row in range(-(-height // step)):
            for column in range(-(-width // step)):
                center = (column + 0.5) * step / width, (row + 0.5) * step / height
                found += [(*center, side / width, side / height) for side in sides]
    return np.array(found)


def make_faces(tensors) -> None:
    """Answers of which some are sure, at neighbouring anchors too, and what is left of them."""
    random = np.random.default_rng(7)
    height, width = 90, 130
    prior = anchors(height, width)
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
