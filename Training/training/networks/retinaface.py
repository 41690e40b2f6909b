"""RetinaFace (arXiv 1905.00641) under the keys of Pytorch_Retinaface, around any backbone of three levels."""

import torch
from torch import nn
from torch.nn import functional

MEANS = (104.0, 117.0, 123.0)  # of blue, green and red over ImageNet
CENTRE_VARIANCE, SIZE_VARIANCE = 0.1, 0.2


def normalized(inputs, outputs, kernel=3, stride=1, groups=1):
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


def activated(inputs, outputs, kernel, leak):
    return nn.Sequential(*normalized(inputs, outputs, kernel), nn.LeakyReLU(leak))


class QuarterMobileNet(nn.Module):
    """MobileNet (arXiv 1704.04861) with a quarter of the channels: what it gives at 1/8, 1/16 and 1/32 of the size."""

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


class Pyramid(nn.Module):
    """Carries what the coarse levels know to the finer ones (arXiv 1612.03144)."""

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
    """Windows of 3, 5 and 7 pixels around each position (arXiv 1708.03979)."""

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
    """One answer of `values` numbers for each anchor of a level."""

    def __init__(self, width, values):
        super().__init__()
        self.conv1x1 = nn.Conv2d(width, 2 * values, 1)
        self.values = values

    def forward(self, x):
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(len(x), -1, self.values)


class RetinaFace(nn.Module):
    """Pictures less `MEANS` [B, 3, H, W], blue first, to boxes [B, N, 4], logits of no face and face [B, N, 2] and
    landmarks [B, N, 10] of N anchors."""

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
        heads = self.BboxHead, self.ClassHead, self.LandmarkHead
        return tuple(torch.cat([head(feature) for head, feature in zip(each, features)], dim=1) for each in heads)


def make_small() -> RetinaFace:
    """The one with MobileNet behind it, of 0.4 million weights."""
    return RetinaFace(QuarterMobileNet(), [64, 128, 256], 64, 0.1)


def anchors(height: int, width: int) -> torch.Tensor:
    """Centres and sizes in parts of the sides, [n, 4]."""
    found = []
    for step, sides in ((8, (16, 32)), (16, (64, 128)), (32, (256, 512))):
        for row in range(-(-height // step)):
            for column in range(-(-width // step)):
                center = (column + 0.5) * step / width, (row + 0.5) * step / height
                found += [(*center, side / width, side / height) for side in sides]
    return torch.tensor(found)
