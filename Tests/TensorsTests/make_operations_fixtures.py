"""Makes Fixtures/operations.safetensors: inputs and outputs of single operations, computed by PyTorch.

    python3 make_operations_fixtures.py        (written with torch 2.15.0)

Images are stored channels-last, as the tests use them; weights are in PyTorch's order. Inputs are rounded to half
precision first, so that they can be stored as such; outputs are float32, and computed in float64 where PyTorch's own float32
rounding (1 + erf far below zero, long sums) would be the larger error.
"""

import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

generator = torch.Generator().manual_seed(1)
tensors = {}


def noise(*shape, scale=1.0):
    return (torch.randn(shape, generator=generator) * scale).half().float()


def put(name, half=(), **values):
    for key, value in values.items():
        tensors[f"{name}.{key}"] = value.half().contiguous() if key in half else value.float().contiguous()


def last(image):
    return image.permute(0, 2, 3, 1)


x = torch.cat([noise(256, scale=4), torch.tensor([-100, -12, -6, -1e-3, 0, 1e-3, 6, 12, 100])]).half().float()
gelu = F.gelu(x.double()).float()
put("activations", half=["x"], x=x, silu=F.silu(x), gelu=gelu, quickGELU=x * torch.sigmoid(1.702 * x), relu=F.relu(x),
    relu6=F.relu6(x), sigmoid=torch.sigmoid(x), tanh=torch.tanh(x))

x, slopes = noise(2, 5, 7, 13), noise(13)
put("prelu", half=["x", "slopes"], x=x, slopes=slopes, y=last(F.prelu(x.permute(0, 3, 1, 2), slopes)))

x = torch.cat([noise(3, 77, scale=3), noise(2, 77, scale=10000), noise(1, 77) + 30000])
put("softmax", half=["x"], x=x, y=F.softmax(x.half().float(), dim=-1))

x = noise(2, 9, 2 * 21, scale=2)
put("geglu", half=["x"], x=x, y=x[..., :21] * F.gelu(x[..., 21:].double()).float())

x, weight, bias = noise(3, 5, 37, scale=3) + 2, noise(37), noise(37)
x = x.half().float()
put("layerNorm", half=["x", "weight", "bias"], x=x, weight=weight, bias=bias, y=F.layer_norm(x, (37,), weight, bias, 1e-5))

# A mean far above the deviation, where a careless variance cancels.
x = (noise(2, 12, 11, 27, scale=0.5) + 20).half().float()
weight, bias = noise(12), noise(12)
y = F.group_norm(x.double(), 3, weight.double(), bias.double(), 1e-6).float()
put("groupNorm", half=["x", "weight", "bias"], x=last(x), weight=weight, bias=bias, y=last(y), silu=last(F.silu(y)))

x, mean, variance = noise(2, 10, 4, 5), noise(10), noise(10).abs() + 0.125
weight, bias = noise(10), noise(10)
variance = variance.half().float()
put("batchNorm", half=["x", "mean", "variance", "weight", "bias"], x=last(x), mean=mean, variance=variance, weight=weight,
    bias=bias, y=last(F.batch_norm(x, mean, variance, weight, bias, False, 0, 1e-5)))

# name: (height, width, inputs, outputs, kernel, stride, padding left right top bottom)
convolutions = {
    "stride2": (11, 8, 12, 20, 3, 2, (1, 1, 1, 1)),
    "asymmetric": (12, 10, 8, 9, 3, 2, (0, 1, 0, 1)),
    "patch": (21, 14, 3, 16, 7, 7, (0, 0, 0, 0)),
    "pointwise": (9, 7, 24, 10, 1, 1, (0, 0, 0, 0)),
    "shortcut": (9, 7, 16, 10, 1, 2, (0, 0, 0, 0)),
    "winograd": (34, 33, 32, 19, 3, 1, (1, 1, 1, 1)),
}
for name, (height, width, inputs, outputs, kernel, stride, padding) in convolutions.items():
    x, weight, bias = noise(1, inputs, height, width), noise(outputs, inputs, kernel, kernel), noise(outputs)
    y = F.conv2d(F.pad(x, padding).double(), weight.double(), bias.double(), stride).float()
    put(f"convolution.{name}", half=["x", "weight", "bias"], x=last(x), weight=weight, bias=bias, y=last(y))

for name, (queries, keys, channels, heads) in {
    "self": (100, 100, 40, 1),
    "text": (33, 77, 80, 2),
    "long": (20, 600, 16, 2),
    "wide": (9, 11, 264, 1),
}.items():
    q, k, v = noise(1, queries, channels, scale=2), noise(1, keys, channels), noise(1, keys, channels)
    split = lambda t: t.double().unflatten(-1, (heads, channels // heads)).transpose(1, 2)
    y = F.scaled_dot_product_attention(split(q), split(k), split(v)).transpose(1, 2).flatten(-2)
    put(f"attention.{name}", half=["query", "key", "value"], query=q, key=k, value=v, y=y)
q, k, v = noise(1, 77, 24, scale=2), noise(1, 77, 24), noise(1, 77, 24)
split = lambda t: t.double().unflatten(-1, (3, 8)).transpose(1, 2)
y = F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=True).transpose(1, 2).flatten(-2)
put("attention.causal", half=["query", "key", "value"], query=q, key=k, value=v, y=y)

x = noise(2, 3, 11, 8)
put("maxPool", half=["x"], x=last(x), up=last(F.max_pool2d(x, 3, 2, ceil_mode=True)), down=last(F.max_pool2d(x, 3, 2)),
    two=last(F.max_pool2d(x, 2, 2, ceil_mode=True)), sparse=last(F.max_pool2d(x, 1, 4, ceil_mode=True)))
put("upsample", half=["x"], x=last(x), y=last(F.interpolate(x, scale_factor=2.0, mode="nearest")))

path = pathlib.Path(__file__).parent / "Fixtures" / "operations.safetensors"
save_file(tensors, path, metadata={"made_by": "make_operations_fixtures.py", "torch": torch.__version__})
