"""Makes Fixtures/controlnet_*.safetensors and .json: random ControlNets beside random UNets, run by diffusers.

    python3 make_controlnet_fixtures.py        (written with diffusers 0.42.1, torch 2.15.0)

Weights are not stored: they follow from their names, here and in Tests/TestSupport/RandomWeights.swift. The JSON file
holds both configurations and the shapes of all tensors; `input.*` and `output.*` are float32, images in PyTorch's
NCHW. `output.down.N` and `output.middle` are the first ControlNet's answer at scale FIRST, `output.unet` the UNet's
with it, and `output.both` with the second one's at scale SECOND as well.
"""

import json
import math
import os
import pathlib
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "Training"))
from training import configuration as embedded  # noqa: E402

torch.set_num_threads(1)
FIXTURES = HERE / "Fixtures"
FIRST, SECOND = 0.8, 0.35

# Linear projections, head counts by level, two layers a block; the ControlNet sees blue first and halves once.
SMALL = dict(
    block_out_channels=(8, 16), layers_per_block=2, norm_num_groups=4, cross_attention_dim=12,
    attention_head_dim=(2, 4), use_linear_projection=True, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
)  # fmt: skip
# Stable Diffusion 1.5's blocks, narrow.
STABLE_DIFFUSION = dict(
    block_out_channels=(16, 32, 32, 32), norm_num_groups=8, cross_attention_dim=24, attention_head_dim=4
)


def uniform(name, count):
    """`count` numbers in -1..<1 that follow from a name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        bits = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits = bits ^ (bits >> np.uint64(31))
    return (bits >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)


def randomize(network, group):
    """Gives every tensor its numbers; returns the shapes."""
    state = network.state_dict()
    for name, value in state.items():
        values = uniform(f"{group}.{name}", value.numel()).reshape(tuple(value.shape))
        if value.ndim == 1:
            values = values * np.float32(0.2) + np.float32(name.endswith("weight"))
        else:
            values = values * np.float32(1.2 * math.sqrt(3 / math.prod(value.shape[1:])))
        value.copy_(torch.from_numpy(values))
    return {name: list(value.shape) for name, value in state.items()}


def settings(network):
    return {key: value for key, value in network.config.items() if not key.startswith("_")}


@torch.no_grad()
def make(name, config, batch, size, timestep, pixels, **control):
    torch.manual_seed(len(name))
    unet = UNet2DConditionModel(**config).eval()
    nets = [ControlNetModel.from_unet(unet, load_weights_from_unet=False, **control).eval() for _ in range(2)]
    shapes = {"unet": randomize(unet, "unet"), "first": randomize(nets[0], "first")}
    randomize(nets[1], "second")
    latents = torch.randn(batch, 4, *size)
    text = torch.randn(batch, 7, config["cross_attention_dim"])
    picture = torch.rand(1, 3, size[0] * pixels, size[1] * pixels)
    tensors = {"input.latents": latents, "input.text": text, "input.picture": picture}
    tensors["input.timestep"] = torch.tensor([float(timestep)])

    def answer(net, scale):
        pictures = picture.repeat(batch, 1, 1, 1)
        return net(latents, timestep, text, pictures, conditioning_scale=scale, return_dict=False)

    def predict(down, middle):
        return unet(
            latents, timestep, text, down_block_additional_residuals=down, mid_block_additional_residual=middle
        ).sample

    down, middle = answer(nets[0], FIRST)
    other_down, other_middle = answer(nets[1], SECOND)
    tensors |= {f"output.down.{index}": value for index, value in enumerate(down)}
    tensors["output.middle"] = middle
    tensors["output.base"] = unet(latents, timestep, text).sample
    tensors["output.unet"] = predict(down, middle)
    tensors["output.both"] = predict([a + b for a, b in zip(down, other_down)], middle + other_middle)
    for one, two in (("base", "unet"), ("unet", "both")):
        assert not torch.allclose(tensors[f"output.{one}"], tensors[f"output.{two}"], atol=0.05), (one, two)
    save_file({key: value.contiguous() for key, value in tensors.items()}, FIXTURES / f"{name}.safetensors")
    content = {"unet": settings(unet), "controlnet": settings(nets[0]), "shapes": shapes}
    (FIXTURES / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    count = sum(parameter.numel() for parameter in nets[0].parameters())
    print(name, count, "parameters", [round(float(tensors[f"output.{n}"].std()), 3) for n in ("base", "unet", "both")])


make("controlnet_small", SMALL, batch=2, size=(8, 12), timestep=981, pixels=2,
     controlnet_conditioning_channel_order="bgr", conditioning_embedding_out_channels=(4, 6))  # fmt: skip
make("controlnet_embedded", embedded.UNET, batch=1, size=(8, 16), timestep=301, pixels=8,
     conditioning_embedding_out_channels=embedded.CONTROLNET_EMBEDDING)  # fmt: skip
make("controlnet_stable_diffusion", STABLE_DIFFUSION, batch=2, size=(8, 8), timestep=17, pixels=8)
