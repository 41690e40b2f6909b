"""Makes Fixtures/image_operations.safetensors: the operations of small image networks, computed by PyTorch.

    python3 make_image_operations_fixtures.py        (written with torch 2.15.0)

Images are stored channels-last, as the tests use them. Inputs are rounded to half precision first, so that they can be
stored as such; sums are computed in float64.
"""

import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

generator = torch.Generator().manual_seed(2)
tensors = {}


def noise(*shape):
    return torch.randn(shape, generator=generator).half().float()


def put(name, half=(), **values):
    for key, value in values.items():
        tensors[f"{name}.{key}"] = value.half().contiguous() if key in half else value.float().contiguous()


def last(image):
    return image.permute(0, 2, 3, 1)


# name: (batch, height, width, channels, kernel height and width, stride, padding left right top bottom)
for name, (batch, height, width, channels, kernel, stride, padding) in {
    "same": (2, 9, 7, 20, (3, 3), 1, (1, 1, 1, 1)),
    "odd": (1, 10, 12, 36, (3, 3), 2, (0, 1, 0, 1)),
    "wide": (1, 8, 9, 5, (5, 4), 1, (1, 2, 2, 2)),
    "none": (1, 6, 6, 8, (2, 2), 2, (0, 0, 0, 0)),
}.items():
    x, weight, bias = noise(batch, channels, height, width), noise(channels, 1, *kernel), noise(channels)
    y = F.conv2d(F.pad(x, padding).double(), weight.double(), bias.double(), stride, groups=channels)
    put(f"depthwise.{name}", half=["x", "weight", "bias"], x=last(x), weight=weight[:, 0].permute(1, 2, 0), bias=bias,
        y=last(y))

for name, (size, stride, padding) in {
    "same": ((3, 3), 2, (0, 1, 1, 1)),
    "uneven": ((2, 4), 1, (1, 2, 0, 1)),
    "whole": ((11, 8), 1, (0, 0, 0, 0)),
}.items():
    x = noise(2, 5, 11, 8)
    greatest = F.max_pool2d(F.pad(x, padding, value=-torch.inf), size, stride)
    # The share of pixels inside the image turns the mean over the padded window into the mean over those.
    share = F.avg_pool2d(F.pad(torch.ones_like(x), padding).double(), size, stride)
    mean = F.avg_pool2d(F.pad(x, padding).double(), size, stride) / share
    put(f"pool.{name}", half=["x"], x=last(x), max=last(greatest), mean=last(mean))

x = noise(1, 3, 7, 5)
put("bilinear", half=["x"], x=last(x))
for name, (height, width) in {"up": (14, 10), "down": (3, 4), "mixed": (15, 2), "point": (1, 1)}.items():
    for alignment, corners in (("halfPixelCenters", False), ("corners", True)):
        y = F.interpolate(x.double(), (height, width), mode="bilinear", align_corners=corners)
        put(f"bilinear.{name}", **{alignment: last(y)})
    # PyTorch has no such alignment: row i is sampled at i * 7 / height.
    def mixed(image, axis, count):
        position = torch.arange(count, dtype=torch.double) * image.shape[axis] / count
        first = position.floor().long()
        second = (first + 1).clamp(max=image.shape[axis] - 1)
        shape = [1] * image.dim()
        shape[axis] = count
        share = (position - first).reshape(shape)
        return image.index_select(axis, first) * (1 - share) + image.index_select(axis, second) * share
    put(f"bilinear.{name}", firstPixel=last(mixed(mixed(x.double(), 2, height), 3, width)))

x = noise(2, 3, 4, 5)
put("padded", half=["x", "y"], x=x, y=F.pad(x, (0, 4, 2, 1, 0, 3, 1, 0)))

x = torch.cat([noise(200) * 4, torch.tensor([-100, -3, 0, 3, 100])]).half().float()
put("hardSwish", half=["x"], x=x, y=F.hardswish(x.double()))

path = pathlib.Path(__file__).parent / "Fixtures" / "image_operations.safetensors"
save_file(tensors, path, metadata={"made_by": "make_image_operations_fixtures.py", "torch": torch.__version__})
