"""Makes `stable_diffusion_keys.json`: every tensor of Stable Diffusion 1.5 by its name in the original single file, with
its name in diffusers and transformers.

The original names are derived here from the new ones, the other way round than the program does it.
Run with diffusers 0.42 and transformers 5.24. The networks are built without memory, from the sizes of SD 1.5.
"""

import json
import re
import pathlib

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

folder = pathlib.Path(__file__).parent
shape_folder = folder.parent.parent / "Models" / "stable-diffusion-v1"


def configuration(part):
    return json.loads((shape_folder / part / "config.json").read_text())


with torch.device("meta"):
    networks = {
        "unet": UNet2DConditionModel.from_config(configuration("unet")),
        "vae": AutoencoderKL.from_config(configuration("vae")),
        "text_encoder": CLIPTextModel(CLIPTextConfig(**configuration("text_encoder"))),
    }
RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
          "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}


def resnet(rest):
    layer, _, parameter = rest.partition(".")
    return f"{RESNET[layer]}.{parameter}"


UNET = [
    (r"time_embedding\.linear_(\d)\.(.*)", lambda n, p: f"time_embed.{2 * int(n) - 2}.{p}"),
    (r"conv_in\.(.*)", lambda p: f"input_blocks.0.0.{p}"),
    (r"conv_norm_out\.(.*)", lambda p: f"out.0.{p}"),
    (r"conv_out\.(.*)", lambda p: f"out.2.{p}"),
    (r"down_blocks\.(\d)\.resnets\.(\d)\.(.*)", lambda b, l, p: f"input_blocks.{3 * int(b) + int(l) + 1}.0.{resnet(p)}"),
    (r"down_blocks\.(\d)\.attentions\.(\d)\.(.*)", lambda b, l, p: f"input_blocks.{3 * int(b) + int(l) + 1}.1.{p}"),
    (r"down_blocks\.(\d)\.downsamplers\.0\.conv\.(.*)", lambda b, p: f"input_blocks.{3 * int(b) + 3}.0.op.{p}"),
    (r"mid_block\.resnets\.(\d)\.(.*)", lambda n, p: f"middle_block.{2 * int(n)}.{resnet(p)}"),
    (r"mid_block\.attentions\.0\.(.*)", lambda p: f"middle_block.1.{p}"),
    (r"up_blocks\.(\d)\.resnets\.(\d)\.(.*)", lambda b, l, p: f"output_blocks.{3 * int(b) + int(l)}.0.{resnet(p)}"),
    (r"up_blocks\.(\d)\.attentions\.(\d)\.(.*)", lambda b, l, p: f"output_blocks.{3 * int(b) + int(l)}.1.{p}"),
    (r"up_blocks\.(\d)\.upsamplers\.0\.conv\.(.*)",
     lambda b, p: f"output_blocks.{3 * int(b) + 2}.{1 if b == '0' else 2}.conv.{p}"),
]
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
VAE = [
    (r"(quant_conv|post_quant_conv)\.(.*)", lambda n, p: f"{n}.{p}"),
    (r"(encoder|decoder)\.(conv_in|conv_out)\.(.*)", lambda h, n, p: f"{h}.{n}.{p}"),
    (r"(encoder|decoder)\.conv_norm_out\.(.*)", lambda h, p: f"{h}.norm_out.{p}"),
    (r"encoder\.down_blocks\.(\d)\.resnets\.(.*)",
     lambda b, p: f"encoder.down.{b}.block.{p}".replace("conv_shortcut", "nin_shortcut")),
    (r"encoder\.down_blocks\.(\d)\.downsamplers\.0\.(.*)", lambda b, p: f"encoder.down.{b}.downsample.{p}"),
    (r"decoder\.up_blocks\.(\d)\.resnets\.(.*)",
     lambda b, p: f"decoder.up.{3 - int(b)}.block.{p}".replace("conv_shortcut", "nin_shortcut")),
    (r"decoder\.up_blocks\.(\d)\.upsamplers\.0\.(.*)", lambda b, p: f"decoder.up.{3 - int(b)}.upsample.{p}"),
    (r"(encoder|decoder)\.mid_block\.resnets\.(\d)\.(.*)", lambda h, n, p: f"{h}.mid.block_{int(n) + 1}.{p}"),
    (r"(encoder|decoder)\.mid_block\.attentions\.0\.(.*)\.(weight|bias)",
     lambda h, n, p: f"{h}.mid.attn_1.{ATTENTION[n]}.{p}"),
]
TEXT = [(r"(?:text_model\.)?(.*)", lambda p: f"transformer.text_model.{p}")]
PARTS = {"unet": ("model.diffusion_model.", UNET), "vae": ("first_stage_model.", VAE),
         "text_encoder": ("cond_stage_model.", TEXT)}


def original(name, rules):
    for pattern, write in rules:
        if match := re.fullmatch(pattern, name):
            return write(*match.groups())
    raise ValueError(name)


keys = {}
for part, network in networks.items():
    prefix, rules = PARTS[part]
    names = sorted(n for n in network.state_dict() if "position_ids" not in n)
    keys[part] = {prefix + original(n, rules): n for n in names}
print({part: len(n) for part, n in keys.items()})
(folder / "Fixtures" / "stable_diffusion_keys.json").write_text(json.dumps(keys, separators=(",", ":"), sort_keys=True))
