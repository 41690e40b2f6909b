"""Makes the fixtures of the safetensors tests. Run with torch 2.15 and safetensors 0.8."""

import os

os.environ["OMP_NUM_THREADS"] = "1"
import pathlib

import torch
from safetensors.torch import save_file

folder = pathlib.Path(__file__).parent / "Fixtures"

# Every element type whose values have a 32-bit float, with the value that PyTorch gives it beside it.
torch.manual_seed(1)
floats = torch.cat([
    torch.randn(29),
    torch.tensor([0.0, -0.0, 1.0, -1.0, 65504.0, 6e-5, 5.96e-8, -3e-7, 1e-3, 2.0 ** -14, 2.0 ** -15]),
])
wholes = torch.tensor([0, 1, 2, 3, 17, 100, 127])
tensors = {}
for name, kind in [("F64", torch.float64), ("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16),
                   ("F8_E4M3", torch.float8_e4m3fn), ("F8_E5M2", torch.float8_e5m2)]:
    source = floats.clamp(-400, 400) if name.startswith("F8") else floats
    tensors[name] = source.to(kind)
for name, kind in [("I64", torch.int64), ("I32", torch.int32), ("I16", torch.int16), ("I8", torch.int8),
                   ("U8", torch.uint8), ("U16", torch.uint16), ("U32", torch.uint32), ("U64", torch.uint64),
                   ("BOOL", torch.bool)]:
    tensors[name] = wholes.to(kind)
for name, kind in [("I64", torch.int64), ("I32", torch.int32), ("I16", torch.int16), ("I8", torch.int8)]:
    tensors[name + ".negative"] = (-wholes).to(kind)
for name in list(tensors):
    tensors[name + ".expected"] = tensors[name].to(torch.float32).clone()
# All 65,536 halves, so that every special case is met.
tensors["every_half"] = torch.arange(0, 65536, dtype=torch.int32).to(torch.uint16).view(torch.float16)
tensors["every_half.expected"] = tensors["every_half"].to(torch.float32)
for name, kind in [("every_e4m3", torch.float8_e4m3fn), ("every_e5m2", torch.float8_e5m2)]:
    tensors[name] = torch.arange(0, 256, dtype=torch.int32).to(torch.uint8).view(kind)
    tensors[name + ".expected"] = tensors[name].to(torch.float32).clone()
tensors["scalar"] = torch.tensor(0.25)
tensors["empty"] = torch.zeros(3, 0, 2)
tensors["matrix"] = torch.arange(6, dtype=torch.float32).reshape(2, 3)
save_file(tensors, folder / "element_types.safetensors", metadata={"format": "pt", "quote": "a \"b\" \\ \u00e9 \U0001f600"})
