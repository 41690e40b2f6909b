"""Stage `styles`: one LoRA for each style of the world, in kohya's format, on the frozen base.

The base knows all styles by their words; a LoRA makes its style certain. It trains on that style's portraits with
captions as they are, the adapter present but frozen, so that style and person keep out of each other's way.
"""

import argparse
import time
from dataclasses import replace

import torch

from training import denoising, optimizers, runs, world
from training.cache import Examples
from training.networks.lora import LoRA
from training.text_unet import adapter_product, build, load_adapter, load_base


def of_style(examples: Examples, style: int) -> Examples:
    """The examples whose portrait is drawn in one style; people and their photos stay whole."""
    rows = (examples.styles == style).nonzero()[:, 0]
    names = ("latents", "weights", "face_masks", "captions", "people", "styles", "portraits", "skeletons", "own_tokens")
    return replace(examples, **{name: getattr(examples, name)[rows] for name in names})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=8, rate=1e-3)
    denoising.add_arguments(parser)
    parser.add_argument("--rank", type=int, default=4)
    parser.add_argument("--only", nargs="+", help="names of styles (default: all; each with the whole budget or its share of the time)")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    corpus = denoising.Corpus(arguments)
    chosen = [(index, style.name) for index, style in enumerate(world.STYLES) if style.name in (arguments.only or [style.name])]
    began, until = time.time(), arguments.until
    for number, (index, name) in enumerate(chosen):
        if until:
            arguments.until = began + (until - began) * (number + 1) / len(chosen)
        if train_style(index, name, corpus, arguments).stop:
            return


def train_style(index: int, name: str, corpus: denoising.Corpus, arguments) -> runs.Run:
    torch.manual_seed(arguments.seed + index)
    denoiser = build(arguments.runs, arguments.device)
    load_base(denoiser, arguments.runs)
    load_adapter(denoiser, adapter_product(arguments.runs))
    for network in (denoiser.unet, denoiser.text_encoder, denoiser.adapter):
        network.requires_grad_(False)
    lora = LoRA(denoiser.unet, arguments.rank).to(arguments.device)
    lora.attach()
    optimizer = optimizers.MuonAdamW([dict(params=list(lora.parameters()), lr=arguments.rate)])
    run = runs.Run(arguments.runs / "styles" / name, {"lora": lora}, optimizer, arguments, ema=0.99, warmup=20)

    def save_products():
        run.save_product(lora.kohya_state_dict(run.averages["lora"].state))

    chosen = replace_examples(corpus, index)
    denoising.train(run, denoiser, chosen, save_products, without_adapter=0.3, fair=0.0)
    return run


def replace_examples(corpus: denoising.Corpus, style: int) -> denoising.Corpus:
    """The corpus with one style's examples only, for training and for judging."""
    chosen = object.__new__(denoising.Corpus)
    vars(chosen).update(vars(corpus))
    chosen.examples, chosen.unseen = of_style(corpus.examples, style), of_style(corpus.unseen, style)
    return chosen


if __name__ == "__main__":
    main()
