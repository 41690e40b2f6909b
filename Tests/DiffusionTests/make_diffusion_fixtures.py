#!/usr/bin/env python3
"""Writes Fixtures/samplers.safetensors and Fixtures/random.safetensors from diffusers' schedulers and torch's generator.

    OMP_NUM_THREADS=1 python3 make_diffusion_fixtures.py            writes both files
    OMP_NUM_THREADS=1 python3 make_diffusion_fixtures.py --check    recomputes and compares with what is committed

Pinned: diffusers 0.42.1, torch 2.15.0 (another version is refused, so that a fixture never changes unnoticed).

samplers.safetensors, for every CLI name K and prediction type P (epsilon, v_prediction):
    noise                            [1, 4, 4, 6]  NCHW, the starting noise before scaling
    K.P.input.I                      what the scheduler hands the denoiser at evaluation I
    K.P.prediction.I                 what the toy denoiser answered
    K.P.drawn.I                      the noise that a stochastic sampler drew at evaluation I
    K.P.original.I                   the scheduler's estimate of x0, for those schedulers that return one
    K.P.latents.I                    the latents after evaluation I
    K.P.scale                        init_noise_sigma
    K.variant.V.latents              the finished latents of ten steps under another configuration (VARIANTS), fed the
                                     predictions and draws recorded for epsilon
    K.timesteps.N.SPACING            timesteps for N = 1, 2, 10, 25 steps, every timestep_spacing
    noised.K                         add_noise at the fourth of ten steps
    kept.mask                        [1, 4, 4, 6], 1 where the picture `noise`, mirrored, is to be redrawn
    kept.K.prediction.I, .latents.I  ten steps, the first four skipped; after each, latents outside of the mask are the
                                     picture's with the noise of the next step (diffusers' inpainting of plain UNets)
    alphas_cumprod.SCHEDULE[.zero_snr]
random.safetensors:
    SEED.COUNT                       torch.manual_seed(SEED); torch.randn(COUNT)
    sequence.I                       consecutive draws of 4, 16, 5, 100, 3 numbers from one generator
    latents                          torch.manual_seed(1); torch.randn(1, 4, 64, 48)
"""
import argparse
import inspect
import sys
from pathlib import Path

import diffusers
import torch
from diffusers.schedulers import scheduling_euler_ancestral_discrete, scheduling_lcm
from safetensors.torch import load_file, save_file

FIXTURES = Path(__file__).parent / "Fixtures"
PINNED = {"diffusers": "0.42.1", "torch": "2.15.0"}
BASE = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
            steps_offset=1, skip_prk_steps=True, set_alpha_to_one=False, clip_sample=False)
STEPS = 10

CLASSES = {
    "pndm": diffusers.PNDMScheduler,
    "ddim": diffusers.DDIMScheduler,
    "euler": diffusers.EulerDiscreteScheduler,
    "euler-a": diffusers.EulerAncestralDiscreteScheduler,
    "dpm++2m": diffusers.DPMSolverMultistepScheduler,
    "dpm++2m-karras": diffusers.DPMSolverMultistepScheduler,
    "unipc": diffusers.UniPCMultistepScheduler,
    "lcm": diffusers.LCMScheduler,
}
VARIANTS = {
    "cosine": dict(beta_schedule="squaredcos_cap_v2"),
    "linear": dict(beta_schedule="linear", beta_start=0.0001, beta_end=0.02),
    "trailing": dict(timestep_spacing="trailing"),
    "zero_snr": dict(rescale_betas_zero_snr=True, timestep_spacing="trailing", prediction_type="v_prediction"),
    "sample": dict(prediction_type="sample"),
    "sigma_min": dict(final_sigmas_type="sigma_min"),
    "clipped": dict(clip_sample=True, clip_sample_range=0.8),
    "clean_end": dict(set_alpha_to_one=True),
}
# diffusers refuses the first two, and runs off its list in the third, where the first two timesteps are equal.
UNDEFINED = {("pndm", "sample"), ("euler-a", "sample"), ("dpm++2m-karras", "cosine")}
DRAWING_MODULES = {"euler-a": scheduling_euler_ancestral_discrete, "lcm": scheduling_lcm}


def accepts(name, option):
    return option in inspect.signature(CLASSES[name].__init__).parameters


def make(name, **changes):
    """The scheduler of a CLI name, as `from_config` makes it: options that its class does not know are dropped."""
    options = {**BASE, "use_karras_sigmas": name.endswith("karras"), **changes}
    return CLASSES[name](**{option: value for option, value in options.items() if accepts(name, option)})


def toy_denoiser(latents, timestep):
    """Any smooth bounded function serves: the answers are recorded, so nothing is recomputed in Swift."""
    return torch.tanh(0.7 * latents + 0.3 * torch.sin(torch.as_tensor(float(timestep)) / 50))


def record_run(name, prediction_type, noise, out):
    scheduler = make(name, prediction_type=prediction_type)
    scheduler.set_timesteps(STEPS)
    prefix = f"{name}.{prediction_type}"
    generator = torch.Generator().manual_seed(11)
    drawn = []
    if name in DRAWING_MODULES:
        original_draw = DRAWING_MODULES[name].randn_tensor

        def recording_draw(*arguments, **keywords):
            drawn.append(original_draw(*arguments, **keywords))
            return drawn[-1]

        DRAWING_MODULES[name].randn_tensor = recording_draw
    latents = noise * scheduler.init_noise_sigma
    out[f"{prefix}.scale"] = torch.as_tensor(float(scheduler.init_noise_sigma)).reshape(1)
    for index, timestep in enumerate(scheduler.timesteps):
        drawn.clear()
        model_input = scheduler.scale_model_input(latents, timestep)
        prediction = toy_denoiser(model_input, timestep)
        keywords = {"generator": generator} if name in DRAWING_MODULES else {}
        result = scheduler.step(prediction, timestep, latents, **keywords)
        latents = result.prev_sample
        out[f"{prefix}.input.{index}"] = model_input
        out[f"{prefix}.prediction.{index}"] = prediction
        out[f"{prefix}.latents.{index}"] = latents
        original = getattr(result, "pred_original_sample", None)
        if original is not None:
            out[f"{prefix}.original.{index}"] = original
        if drawn:
            out[f"{prefix}.drawn.{index}"] = drawn[-1]
    if name in DRAWING_MODULES:
        DRAWING_MODULES[name].randn_tensor = original_draw


def record_variants(name, noise, out):
    for variant, options in VARIANTS.items():
        unknown = [option for option in options if not accepts(name, option)]
        if unknown or (name, variant) in UNDEFINED:
            continue
        scheduler = make(name, **options)
        scheduler.set_timesteps(STEPS)
        latents = noise * scheduler.init_noise_sigma
        for index, timestep in enumerate(scheduler.timesteps):
            if name in DRAWING_MODULES:
                drawn = out.get(f"{name}.epsilon.drawn.{index}", torch.zeros_like(noise))
                DRAWING_MODULES[name].randn_tensor = lambda *arguments, **keywords: drawn
            scheduler.scale_model_input(latents, timestep)
            latents = scheduler.step(out[f"{name}.epsilon.prediction.{index}"], timestep, latents).prev_sample
        out[f"{name}.variant.{variant}.latents"] = latents


def record_inpainting(name, noise, mask, out):
    scheduler, picture = make(name), noise.flip(-1)
    scheduler.set_timesteps(STEPS)
    timesteps = scheduler.timesteps[4 * getattr(scheduler, "order", 1):]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(4)
    if name in DRAWING_MODULES:
        DRAWING_MODULES[name].randn_tensor = lambda *arguments, **keywords: torch.zeros_like(noise)
    latents = scheduler.add_noise(picture, noise, timesteps[:1])
    for index, timestep in enumerate(timesteps):
        prediction = toy_denoiser(scheduler.scale_model_input(latents, timestep), timestep)
        latents = scheduler.step(prediction, timestep, latents).prev_sample
        kept = picture
        if index + 1 < len(timesteps):
            kept = make_noised(name, picture, noise, timesteps[index + 1])
        latents = mask * latents + (1 - mask) * kept
        out[f"kept.{name}.prediction.{index}"] = prediction
        out[f"kept.{name}.latents.{index}"] = latents


def make_noised(name, picture, noise, timestep):
    """add_noise of a scheduler of its own, because some look at how far their walk is."""
    scheduler = make(name)
    scheduler.set_timesteps(STEPS)
    return scheduler.add_noise(picture, noise, timestep.reshape(1))


def sampler_fixtures():
    out = {}
    noise = torch.randn(1, 4, 4, 6, generator=torch.Generator().manual_seed(7))
    out["noise"] = noise
    mask = (torch.rand(1, 1, 4, 6, generator=torch.Generator().manual_seed(8)) < 0.5).float().expand(1, 4, 4, 6)
    out["kept.mask"] = mask
    for name in CLASSES:
        if name != "pndm":  # which starts in the middle by its own rule here, see PNDMSampler
            record_inpainting(name, noise, mask, out)
        for prediction_type in ("epsilon", "v_prediction"):
            record_run(name, prediction_type, noise, out)
        record_variants(name, noise, out)
        for steps in (1, 2, 10, 25):
            for spacing in ("leading", "linspace", "trailing"):
                scheduler = make(name, timestep_spacing=spacing)
                scheduler.set_timesteps(steps)
                out[f"{name}.timesteps.{steps}.{spacing}"] = scheduler.timesteps.float()
        scheduler = make(name)
        scheduler.set_timesteps(STEPS)
        out[f"noised.{name}"] = scheduler.add_noise(out["noise"].flip(-1), noise, scheduler.timesteps[3:4])
    for schedule in ("linear", "scaled_linear", "squaredcos_cap_v2"):
        for suffix, rescale in (("", False), (".zero_snr", True)):
            scheduler = make("ddim", beta_schedule=schedule, rescale_betas_zero_snr=rescale)
            out[f"alphas_cumprod.{schedule}{suffix}"] = scheduler.alphas_cumprod
    return out


def random_fixtures():
    out = {}
    for seed in (0, 1, 42, 4294967296 + 5):
        for count in (1, 2, 15, 16, 17, 40, 700):
            torch.manual_seed(seed)
            out[f"{seed}.{count}"] = torch.randn(count)
    generator = torch.Generator().manual_seed(9)
    for index, count in enumerate((4, 16, 5, 100, 3)):
        out[f"sequence.{index}"] = torch.randn(count, generator=generator)
    torch.manual_seed(1)
    out["latents"] = torch.randn(1, 4, 64, 48)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    for module in (diffusers, torch):
        version = module.__version__.split("+")[0]
        if version != PINNED[module.__name__]:
            sys.exit(f"{module.__name__} {PINNED[module.__name__]} is needed, {version} is installed")
    for name, tensors in (("samplers", sampler_fixtures()), ("random", random_fixtures())):
        path = FIXTURES / f"{name}.safetensors"
        tensors = {key: value.detach().clone().contiguous().float() for key, value in tensors.items()}
        if check:
            committed = load_file(path)
            differing = [key for key in committed.keys() | tensors.keys()
                         if key not in committed or key not in tensors
                         or not torch.allclose(committed[key], tensors[key], rtol=1e-5, atol=1e-6)]
            if differing:
                sys.exit(f"{path.name}: {len(differing)} tensors differ, first {sorted(differing)[0]}")
            print(f"{path.name}: {len(tensors)} tensors agree")
        else:
            save_file(tensors, path, metadata={"generator": Path(__file__).name, **PINNED})
            print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
