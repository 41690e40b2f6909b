"""OpenPose's body network (arXiv 1611.08050) with narrower layers, in the form of `body_pose_model.pth`.

Names and order of the layers are those of the published file, so one reader serves both. While it learns, every
rectified convolution is followed by a batch norm; `folded_state_dict` multiplies those into the convolutions.
"""

import torch
from torch import nn

AFFINITY_COUNT = 38  # x and y of a direction for each of 19 limbs
HEATMAP_COUNT = 19  # 18 joints, and one map for where there is none
STRIDE = 8


class Stack(nn.Module):
    """Convolutions by name, one after the other; the name "pool" halves the picture."""

    def __init__(self, layers):
        super().__init__()
        self.order = [name for name, *_ in layers]
        layers = [layer for layer in layers if layer[0] != "pool"]
        self.convolutions = nn.ModuleDict({
            name: nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2) for name, inputs, outputs, kernel, _ in layers
        })  # fmt: skip
        self.norms = nn.ModuleDict({
            name: nn.BatchNorm2d(outputs) for name, _, outputs, _, is_rectified in layers if is_rectified
        })  # fmt: skip

    def forward(self, x):
        for name in self.order:
            if name == "pool":
                x = nn.functional.max_pool2d(x, 2)
                continue
            x = self.convolutions[name](x)
            if name in self.norms:
                x = self.norms[name](x).relu()
        return x

    def folded(self):
        for name, convolution in self.convolutions.items():
            weight, bias = convolution.weight, convolution.bias
            if name in self.norms:
                norm = self.norms[name]
                gain = norm.weight / (norm.running_var + norm.eps).sqrt()
                weight, bias = weight * gain[:, None, None, None], (bias - norm.running_mean) * gain + norm.bias
            yield f"{name}.weight", weight
            yield f"{name}.bias", bias


class BodyNetwork(nn.Module):
    """Blue, green, red in -0.5...0.5 [B, 3, H, W] to (affinities, heatmaps) of every stage, an eighth as large."""

    def __init__(self, *, stem: tuple[int, ...], features: int, first: tuple[int, int], refinement: int, stages: int):
        super().__init__()
        self.features = Stack(_stem(stem, features))
        maps = AFFINITY_COUNT + HEATMAP_COUNT
        self.branches = nn.ModuleList()
        for stage in range(1, stages + 1):
            for branch, outputs in ((1, AFFINITY_COUNT), (2, HEATMAP_COUNT)):
                if stage == 1:
                    layers = _first_stage(f"CPM_L{branch}", features, *first, outputs)
                else:
                    layers = _refinement(f"stage{stage}_L{branch}", maps + features, refinement, outputs)
                self.branches.append(Stack(layers))

    def forward(self, x):
        features = x = self.features(x)
        answers = []
        for affinities, heatmaps in zip(self.branches[::2], self.branches[1::2]):
            answers.append((affinities(x), heatmaps(x)))
            x = torch.cat([*answers[-1], features], dim=1)
        return answers

    def folded_state_dict(self) -> dict[str, torch.Tensor]:
        return {key: value for stack in (self.features, *self.branches) for key, value in stack.folded()}


def _stem(widths, features):
    layers, inputs = [], 3
    for block, (width, count) in enumerate(zip(widths, (2, 2, 4, 2)), 1):
        if block > 1:
            layers.append(("pool",))
        for number in range(1, count + 1):
            layers.append((f"conv{block}_{number}", inputs, width, 3, True))
            inputs = width
    middle = (widths[-1] + features) // 2
    return layers + [("conv4_3_CPM", inputs, middle, 3, True), ("conv4_4_CPM", middle, features, 3, True)]


def _first_stage(suffix, inputs, width, wide, outputs):
    narrow = [(f"conv5_{number}_{suffix}", inputs if number == 1 else width, width, 3, True) for number in (1, 2, 3)]
    return narrow + [(f"conv5_4_{suffix}", width, wide, 1, True), (f"conv5_5_{suffix}", wide, outputs, 1, False)]


def _refinement(suffix, inputs, width, outputs):
    wide = [(f"Mconv{number}_{suffix}", inputs if number == 1 else width, width, 7, True) for number in range(1, 6)]
    return wide + [(f"Mconv6_{suffix}", width, width, 1, True), (f"Mconv7_{suffix}", width, outputs, 1, False)]
