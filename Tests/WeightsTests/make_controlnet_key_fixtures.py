"""Makes `controlnet_keys.json`: every tensor of Stable Diffusion 1.5's ControlNet by its name in the original file,
with the name that diffusers' own conversion gives it.

Run with diffusers 0.42. The network is built without memory; original names are derived here from the new ones.
"""

import json
import pathlib
import re

import torch
from diffusers import ControlNetModel
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

folder = pathlib.Path(__file__).parent
with torch.device("meta"):
    network = ControlNetModel(cross_attention_dim=768)
RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
          "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}  # fmt: skip


def resnet(rest):
    layer, _, parameter = rest.partition(".")
    return f"{RESNET[layer]}.{parameter}"


RULES = [
    (r"time_embedding\.linear_(\d)\.(.*)", lambda n, p: f"time_embed.{2 * int(n) - 2}.{p}"),
    (r"conv_in\.(.*)", lambda p: f"input_blocks.0.0.{p}"),
    (r"down_blocks\.(\d)\.resnets\.(\d)\.(.*)", lambda b, l, p: f"input_blocks.{3 * int(b) + int(l) + 1}.0.{resnet(p)}"),
    (r"down_blocks\.(\d)\.attentions\.(\d)\.(.*)", lambda b, l, p: f"input_blocks.{3 * int(b) + int(l) + 1}.1.{p}"),
    (r"down_blocks\.(\d)\.downsamplers\.0\.conv\.(.*)", lambda b, p: f"input_blocks.{3 * int(b) + 3}.0.op.{p}"),
    (r"mid_block\.resnets\.(\d)\.(.*)", lambda n, p: f"middle_block.{2 * int(n)}.{resnet(p)}"),
    (r"mid_block\.attentions\.0\.(.*)", lambda p: f"middle_block.1.{p}"),
    (r"controlnet_cond_embedding\.conv_in\.(.*)", lambda p: f"input_hint_block.0.{p}"),
    (r"controlnet_cond_embedding\.blocks\.(\d)\.(.*)", lambda n, p: f"input_hint_block.{2 * int(n) + 2}.{p}"),
    (r"controlnet_cond_embedding\.conv_out\.(.*)", lambda p: f"input_hint_block.14.{p}"),
    (r"controlnet_down_blocks\.(\d+)\.(.*)", lambda n, p: f"zero_convs.{n}.0.{p}"),
    (r"controlnet_mid_block\.(.*)", lambda p: f"middle_block_out.0.{p}"),
]


def original(name):
    for pattern, write in RULES:
        if match := re.fullmatch(pattern, name):
            return write(*match.groups())
    raise ValueError(name)


old = {f"control_model.{original(name)}": torch.tensor(index) for index, name in enumerate(network.state_dict())}
names = {int(value): name for name, value in old.items()}
new = convert_controlnet_checkpoint(dict(old), {"layers_per_block": 2})
assert set(new) == set(network.state_dict())
keys = {names[int(value)]: name for name, value in new.items()}
print(len(keys))
(folder / "Fixtures" / "controlnet_keys.json").write_text(json.dumps(keys, separators=(",", ":"), sort_keys=True) + "\n")
