"""Makes the fixtures of the PyTorch file tests. Run with torch 2.15 and safetensors 0.8.

Each file is written by torch.save; what torch.load reads back from it is in the safetensors file of the same stem.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
import collections
import pathlib

import torch
from safetensors.torch import save_file

folder = pathlib.Path(__file__).parent / "Fixtures"
torch.manual_seed(2)


def save(stem, value, expected=None, **options):
    torch.save(value, folder / f"{stem}.pt", **options)
    save_file({name: tensor.detach().contiguous().float().clone() for name, tensor in (expected or value).items()},
              folder / f"{stem}.safetensors")


base = torch.randn(4, 3, 2, 2)
views = {
    "plain": torch.randn(2, 3),
    "transposed": torch.randn(3, 5).t(),
    "channels_last": base.contiguous(memory_format=torch.channels_last),
    "slice": torch.arange(20.0)[5:11],
    "every_second": torch.arange(20.0)[1::2],
    "column": torch.arange(12.0).reshape(3, 4)[:, 2],
    "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 4),
    "expanded_half": torch.tensor([[1.0], [2.0]]).half().expand(2, 4),
    "permuted_half": torch.randn(2, 3, 4).half().permute(2, 0, 1),
    "permuted_bytes": torch.arange(24, dtype=torch.uint8).reshape(2, 3, 4).permute(2, 0, 1),
    "permuted_doubles": torch.randn(2, 3, 4).double().permute(1, 2, 0),
    "scalar": torch.tensor(0.5),
    "scalar_of_vector": torch.arange(5.0)[3],
    "empty": torch.zeros(0, 3),
    "empty_transposed": torch.zeros(3, 0).t(),
    "counter": torch.tensor(7),
    "parameter": torch.nn.Parameter(torch.randn(3)),
    "brain": torch.randn(5).bfloat16(),
    "truth": torch.tensor([True, False, True]),
}
views["tied"] = views["plain"]
save("torch_views", views)
save("torch_views_legacy", views, _use_new_zipfile_serialization=False)
save("torch_views_protocol4", views, pickle_protocol=4)
save("torch_float8", {"e4m3": torch.randn(6).to(torch.float8_e4m3fn), "u16": torch.arange(5).to(torch.uint16)})

# A module's state_dict carries `_metadata`; a training program's checkpoint wraps it and adds much else.
module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
save("torch_module", module.state_dict())
optimizer = torch.optim.Adam(module.parameters())
module(torch.randn(4, 2)).sum().backward()
optimizer.step()
save("torch_checkpoint", {
    "epoch": 3, "global_step": 10 ** 12, "pytorch-lightning_version": "1.4.2", "loss": 0.25,
    "optimizer_states": [optimizer.state_dict()], "callbacks": {"best": None},
    "state_dict": collections.OrderedDict(("module." + name, tensor) for name, tensor in module.state_dict().items()),
}, expected=module.state_dict())
# More entries than one batch of the pickler (1,000) holds.
save("torch_many", {f"t{index}": torch.tensor([float(index)]) for index in range(1001)}, expected={
    f"t{index}": torch.tensor([float(index)]) for index in (0, 999, 1000)}, _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), folder / "torch_script.pt")
for path in folder.glob("*.safetensors"):
    path.chmod(0o644)
