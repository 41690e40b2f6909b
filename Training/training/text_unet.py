"""Stage `text_unet`: the base model, text encoder and UNet; with `--joint` the adapter learns along.

The article's order is base first, adapter on the frozen base after it. With a small budget the two start together
(`--joint`): a fifth of all samples is drawn by the base alone, so that it stands on its own, and the rest with the
adapter, so that identity has a way into the picture from the first step on. Stage `adapter` then freezes the base.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file

from training import configuration, denoising, optimizers, runs
from training.denoising import Denoiser
from training.encoder import RESAMPLER_PRODUCT
from training.networks.base import make_text_encoder, make_unet
from training.networks.face_adapter import FaceAdapter
from training.tokenizer import Tokenizer

ADAPTER_PRODUCT = "adapter.safetensors"
# Kept out of Muon: embeddings, and the layers next to the latents.
VECTORS = ("embedding", "latents", "conv_in", "conv_out")


def build(folder: Path, device: str):
    """Untrained UNet, text encoder and adapter; the adapter's resampler comes from stage `encoder`."""
    tokenizer = Tokenizer(folder / "tokenizer")
    unet, text_encoder = make_unet(), make_text_encoder(len(tokenizer))
    adapter = FaceAdapter(unet, configuration.RESAMPLER)
    adapter.local_fac_prj.load_state_dict(load_file(folder / "encoder" / RESAMPLER_PRODUCT))
    unet.to(device, memory_format=torch.channels_last)
    return Denoiser(unet, text_encoder.to(device), adapter.to(device), tokenizer(""), device)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=8, rate=2e-3)
    denoising.add_arguments(parser)
    parser.add_argument("--joint", action="store_true", help="train the adapter along")
    parser.add_argument("--fair", type=float, default=0.0, help="weight of the FAIR term; for bases that draw already")
    parser.add_argument("--name", default="text_unet", help="the run's folder, where ablations keep apart; all begin from text_unet's product")
    parser.add_argument("--new-adapter", action="store_true", help="begin from the product, but with an untrained adapter")
    parser.add_argument("--new-encoder", action="store_true", help="begin from the product, but with stage `encoder`'s resampler")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    corpus = denoising.Corpus(arguments)
    denoiser = build(arguments.runs, arguments.device)
    if (arguments.runs / "text_unet" / runs.PRODUCT).exists():
        load_base(denoiser, arguments.runs)  # where a checkpoint is there too, it takes the product's place
    if not arguments.new_adapter:
        load_adapter(denoiser, arguments.runs / "text_unet" / ADAPTER_PRODUCT)
    if arguments.new_encoder:
        denoiser.adapter.local_fac_prj.load_state_dict(load_file(arguments.runs / "encoder" / RESAMPLER_PRODUCT))
    if arguments.compile:
        denoiser.compile()
    modules = {"unet": denoiser.unet, "text_encoder": denoiser.text_encoder}
    if arguments.joint:
        modules["adapter"] = denoiser.adapter
    groups = [g for m in modules.values() for g in optimizers.parameter_groups(m, arguments.rate, VECTORS)]
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.01)
    run = runs.Run(arguments.runs / arguments.name, modules, optimizer, arguments, ema=0.999, warmup=50)

    def save_products():
        run.save_product(base_state(run.averages["unet"].state, run.averages["text_encoder"].state))
        if arguments.joint:
            run.save_product(denoiser.adapter.adapter_state_dict(run.averages["adapter"].state), ADAPTER_PRODUCT)

    without_adapter = 0.2 if arguments.joint else 1.0
    denoising.train(run, denoiser, corpus, save_products, without_adapter=without_adapter, fair=arguments.fair)


def base_state(unet: dict, text_encoder: dict) -> dict:
    parts = {"unet": unet, "text_encoder": text_encoder}
    return {f"{part}.{key}": value for part, state in parts.items() for key, value in state.items()}


def load_base(denoiser: Denoiser, folder: Path, name: str = "text_unet"):
    """Loads the trained base, or the one of an ablation's name."""
    state = load_file(folder / name / runs.PRODUCT)
    for part, module in (("unet", denoiser.unet), ("text_encoder", denoiser.text_encoder)):
        module.load_state_dict({k.removeprefix(part + "."): v for k, v in state.items() if k.startswith(part + ".")})


def load_adapter(denoiser: Denoiser, product: Path):
    """Loads an adapter, if it has been trained."""
    if product.exists():
        denoiser.adapter.load_adapter_state_dict(load_file(product))


def adapter_product(folder: Path) -> Path:
    """What stage `adapter` finished or, before it has run, the adapter that was trained along with the base."""
    finished = folder / "adapter" / runs.PRODUCT
    return finished if finished.exists() else folder / "text_unet" / ADAPTER_PRODUCT


if __name__ == "__main__":
    main()
