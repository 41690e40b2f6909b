"""Stage `rehearsal`: lets the compiler fuse what `text_unet --joint --fair --compile` will run, on noise, before there are data.

Fusing takes minutes and needs nothing but shapes; the kernels stay in the compiler's cache. On a GPU that is lent for
minutes it is done while people are rendered.
"""

import argparse
import time

import torch

from training import configuration, runs
from training.denoising import channels_last
from training.networks.face_adapter import face_condition
from training.text_unet import build


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=8, rate=0.0)
    parser.add_argument("--steps", type=int, default=6, help="the first compiles, the others are timed")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    device, count = arguments.device, arguments.batch
    denoiser = build(arguments.runs, device)
    denoiser.compile()
    began = time.time()
    for step in range(arguments.steps):
        rehearse(denoiser, count, device)
        if step == 0:
            print(f"compiled in {time.time() - began:.0f} s", flush=True)
            began = time.time()
    print(f"{count * (arguments.steps - 1) / (time.time() - began):.0f} samples/s", flush=True)


def rehearse(denoiser, count: int, device: str):
    """One step of `Denoiser.loss`, forwards and back, without its examples."""
    latents = torch.randn(count, 4, configuration.LATENT_SIZE, configuration.LATENT_SIZE, device=device)
    timesteps = torch.randint(1000, (count,), device=device)
    captions = denoiser.empty_caption.expand(count, -1)
    seen = configuration.FACE_ENCODER
    shape = count, (seen["image_size"] // seen["patch_size"]) ** 2, seen["embed_dim"]
    no_face, scale = torch.zeros(count, dtype=torch.bool, device=device), torch.ones(count, 1, 1, device=device)
    mask = torch.rand(count, 1, configuration.LATENT_SIZE, configuration.LATENT_SIZE, device=device)
    with denoiser.autocast:
        condition = face_condition(denoiser.face_tokens(torch.randn(shape, device=device), no_face), scale, mask)
        states = denoiser.text_states(captions)
        predicted = denoiser.compiled_unet(channels_last(latents), timesteps, states, cross_attention_kwargs=condition)
    loss = predicted.sample.float().square().mean() + denoiser.outside_share()
    loss.backward()
    loss.item()  # waits for the device


if __name__ == "__main__":
    main()
