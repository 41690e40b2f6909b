"""Makes Fixtures/autoencoder.safetensors and .json: a small random AutoencoderKL run both ways by diffusers.

    python3 make_autoencoder_fixtures.py        (written with diffusers 0.42.1, torch 2.15.0)

Weights (`vae.*`) are rounded to half precision before the run; images and latents are float32 in PyTorch's NCHW.
The mid-block attention of the encoder is written under its older names (`query`, `key`, `value`, `proj_attn`), the
decoder's under the present ones: released files have either.
"""

import json
import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).parent / "Fixtures"
CONFIG = dict(
    block_out_channels=(8, 16, 16),
    layers_per_block=1,
    norm_num_groups=4,
    latent_channels=4,
    sample_size=32,
    down_block_types=("DownEncoderBlock2D",) * 3,
    up_block_types=("UpDecoderBlock2D",) * 3,
    scaling_factor=0.18215,
)
OLDER_NAMES = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}


def randomize(module):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.ndim == 1:
                parameter.copy_(torch.randn(parameter.shape) * 0.2 + (1 if name.endswith("weight") else 0))
            else:
                parameter.copy_(torch.randn(parameter.shape) * (1.2 / parameter[0].numel() ** 0.5))
            parameter.copy_(parameter.half().float())


def released_name(name):
    if name.startswith("encoder."):
        for present, older in OLDER_NAMES.items():
            name = name.replace(present, older)
    return f"vae.{name}"


@torch.no_grad()
def main():
    torch.manual_seed(4)
    vae = AutoencoderKL(**CONFIG).eval()
    randomize(vae)
    image = torch.rand(2, 3, 24, 32) * 2 - 1
    latents = torch.randn(1, 4, 5, 6)  # as the denoiser makes them: scaled to unit variance
    posterior = vae.encode(image).latent_dist
    tensors = {released_name(name): tensor.half().contiguous() for name, tensor in vae.state_dict().items()}
    tensors |= {
        "input.image": image,
        "output.mean": posterior.mean * vae.config.scaling_factor,
        "output.standardDeviation": posterior.std * vae.config.scaling_factor,
        "input.latents": latents,
        "output.image": vae.decode(latents / vae.config.scaling_factor).sample,
    }
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(tensors, FIXTURES / "autoencoder.safetensors")
    config = {key: value for key, value in vae.config.items() if not key.startswith("_")}
    (FIXTURES / "autoencoder.json").write_text(json.dumps(config, indent=1) + "\n")
    print(sum(p.numel() for p in vae.parameters()), tensors["output.image"].std(), tensors["output.mean"].std())


main()
