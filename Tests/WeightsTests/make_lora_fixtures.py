"""Makes the fixtures of the LoRA tests. Run with torch 2.15 and safetensors 0.8.

`lora_model` holds some weights of a UNet and a text encoder under their own names, and below `merged.` what PyTorch makes
of them (in double precision) with the LoRA files `lora_<dialect>` at weight 0.7, and below `both.` with the first two at
0.7 and -0.4. Each file spells the same kind of change in the names of another trainer.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
import pathlib

import torch
from safetensors.torch import save_file

folder = pathlib.Path(__file__).parent / "Fixtures"
torch.manual_seed(3)
RANK = 4

block = "down_blocks.0.attentions.0.transformer_blocks.0"
query, key, output = f"{block}.attn1.to_q", f"{block}.attn2.to_k", f"{block}.attn1.to_out.0"
projection, convolution = "down_blocks.0.attentions.0.proj_in", "down_blocks.0.resnets.0.conv1"
text = "text_model.encoder.layers.0.self_attn.q_proj"
model = {
    query: torch.randn(8, 8), key: torch.randn(8, 12), output: torch.randn(8, 8),
    projection: torch.randn(8, 8, 1, 1), convolution: torch.randn(8, 6, 3, 3), text: torch.randn(10, 10),
}
# The original code's names of the same modules.
original = {query: "input_blocks.1.1.transformer_blocks.0.attn1.to_q", convolution: "input_blocks.1.0.in_layers.2"}


def factors(module, kernel=True):
    """Down and up matrices of a module; a convolution's down matrix has its kernel."""
    weight = model[module]
    down = torch.randn(RANK, *(weight.shape[1:] if kernel else weight.shape[1:2])) * 0.3
    up = torch.randn(weight.shape[0], RANK, *([1] * (down.dim() - 2))) * 0.3
    return down, up


def change(module, down, up, alpha=None, middle=None):
    inner = down.double().flatten(1)
    if middle is not None:
        inner = torch.einsum("rjhw,jc->rchw", middle.double(), inner).flatten(1)
    scale = 1 if alpha is None else alpha / RANK
    return (scale * up.double().flatten(1) @ inner).reshape(model[module].shape)


files, changes = {}, {}


def kohya(names, prefix="lora_unet_"):
    file, delta = {}, {}
    for module, spelled in names.items():
        down, up = factors(module)
        start = ("lora_te_" if module == text else prefix) + spelled.replace(".", "_")
        file |= {f"{start}.lora_down.weight": down, f"{start}.lora_up.weight": up, f"{start}.alpha": torch.tensor(2.0)}
        delta[module] = change(module, down, up, alpha=2.0)
    return file, delta


files["kohya"], changes["kohya"] = kohya({m: m for m in (query, key, output, projection, text)})
files["original"], changes["original"] = kohya(original)

down, up = factors(convolution, kernel=False)
middle = torch.randn(RANK, RANK, 3, 3) * 0.3
start = "lora_unet_" + convolution.replace(".", "_")
files["locon"] = {f"{start}.lora_down.weight": down[..., None, None], f"{start}.lora_up.weight": up[..., None, None],
                  f"{start}.lora_mid.weight": middle, f"{start}.alpha": torch.tensor([1.0])}
changes["locon"] = {convolution: change(convolution, down, up, alpha=1.0, middle=middle)}

files["processor"], changes["processor"] = {}, {}
for module, spelled in ((query, f"{block}.attn1.processor.to_q_lora"), (output, f"{block}.attn1.processor.to_out_lora")):
    down, up = factors(module)
    files["processor"] |= {f"unet.{spelled}.down.weight": down, f"unet.{spelled}.up.weight": up}
    changes["processor"][module] = change(module, down, up)

files["peft"], changes["peft"] = {}, {}
for module, spelled in ((key, f"base_model.model.unet.{key}"), (text, f"text_encoder.{text}")):
    down, up = factors(module)
    files["peft"] |= {f"{spelled}.lora_A.weight": down, f"{spelled}.lora_B.weight": up}
    changes["peft"][module] = change(module, down, up)


def merged(*weighted):
    result = {module: weight.double() for module, weight in model.items()}
    for dialect, multiplier in weighted:
        for module, delta in changes[dialect].items():
            result[module] = result[module] + multiplier * delta
    return {f"{module}.weight": value.float() for module, value in result.items()}


contents = {f"model.{module}.weight": weight for module, weight in model.items()}
for dialect in files:
    contents |= {f"merged.{dialect}.{name}": value for name, value in merged((dialect, 0.7)).items()}
contents |= {f"both.{name}": value for name, value in merged(("kohya", 0.7), ("original", -0.4)).items()}
save_file(contents, folder / "lora_model.safetensors")

# One key without a place, to be reported.
files["kohya"]["lora_unet_no_such_block_to_q.alpha"] = torch.tensor(1.0)
for dialect, file in files.items():
    save_file({name: tensor.contiguous() for name, tensor in file.items()}, folder / f"lora_{dialect}.safetensors")
