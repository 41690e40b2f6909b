"""The portrait by the tiny model that this folder's fixtures show: who and how, and PyTorch's way from photo to picture."""

import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from transformers import CLIPTokenizer

here = pathlib.Path(__file__).parent
house = here.parent.parent
folder = here / "Fixtures" / "tiny"
sys.path[:0] = [str(house / "Benchmarks"), str(house / "Training")]
import compare_trace as reference  # noqa: E402

LANDMARKS = [198, 112, 249, 111, 226, 146, 203, 174, 247, 173]
PROMPT, NEGATIVE = "a portrait of a person, film noir", "blurry"
SEED, STEPS, GUIDANCE, WEIGHT, SIDE = 7, 10, 5.0, 0.8, 64


@torch.no_grad()
def drawn(unet, vae, text_encoder, encoder, adapter, predict):
    """The picture [3, SIDE, SIDE] in 0...1 of the person in `Examples/astronaut.jpg`.

    `encoder` and `adapter` are state dictionaries; `predict(latents, step, timestep, text)` is what the UNet answers for
    both branches of guidance, the unconditional one first.
    """
    photo = np.asarray(Image.open(house / "Examples" / "astronaut.jpg").convert("RGB")).astype(np.float64)
    face = reference.aligned(photo, np.array(LANDMARKS, dtype=np.float64).reshape(5, 2))[None]
    tokens = reference.make_encoder(encoder, 4).tokens(face)
    project = reference.make_resampler(reference.below(adapter, "local_fac_prj."))
    condition = reference.FaceCondition()
    condition.weight = WEIGHT
    condition.tokens = torch.cat([project(torch.zeros_like(tokens)), project(tokens)])
    reference.insert_adapter(unet, adapter, condition)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    ids = tokenizer([NEGATIVE, PROMPT], padding="max_length", max_length=77, truncation=True, return_tensors="pt")
    text = text_encoder(ids.input_ids)[0]
    scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    sampler = reference.make_scheduler("dpm++2m", scheduler)
    sampler.set_timesteps(STEPS)
    latents = torch.randn(1, 4, SIDE // 8, SIDE // 8, generator=torch.Generator().manual_seed(SEED))
    latents = latents * sampler.init_noise_sigma
    for step, timestep in enumerate(sampler.timesteps):
        seen = sampler.scale_model_input(torch.cat([latents] * 2), timestep)
        unconditional, conditional = predict(seen, step, timestep, text).chunk(2)
        noise = unconditional + GUIDANCE * (conditional - unconditional)
        latents = sampler.step(noise, timestep, latents).prev_sample
    return (vae.decode(latents / vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)[0]
