"""Stage `adapter`: resampler and adapter layers on the frozen base, as the article trains them (arXiv 2410.12312).

The photo is another picture of the same person than the one to draw, in a share of the batch this one itself
(`--own-photos`), or nobody (dropped). FAIR pushes the adapter's increment into the face's region. Beside a base that
cannot draw yet it closes gates for good, since nothing gets through them; beside one that can, an untrained adapter
(`--new-adapter`) learns with it from its first step.
"""

import argparse

import torch

from training import denoising, optimizers, runs
from training.text_unet import ADAPTER_PRODUCT, VECTORS, build, load_adapter, load_base


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=8, rate=1e-3)
    denoising.add_arguments(parser)
    parser.add_argument("--fair", type=float, default=0.01, help="weight of the FAIR term; 0: an ablation")
    parser.add_argument("--base", default="text_unet", help="folder of the base's run")
    parser.add_argument("--new-adapter", action="store_true", help="begin untrained, not with what was trained along with the base")
    parser.add_argument("--name", default="adapter", help="the run's folder, where ablations keep apart")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    corpus = denoising.Corpus(arguments)
    denoiser = build(arguments.runs, arguments.device)
    load_base(denoiser, arguments.runs, arguments.base)
    if not arguments.new_adapter:
        load_adapter(denoiser, arguments.runs / arguments.base / ADAPTER_PRODUCT)
    denoiser.unet.requires_grad_(False)
    denoiser.text_encoder.requires_grad_(False)
    groups = optimizers.parameter_groups(denoiser.adapter, arguments.rate, VECTORS)
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.01)
    modules = {"adapter": denoiser.adapter}
    if arguments.compile:
        denoiser.compile()
    run = runs.Run(arguments.runs / arguments.name, modules, optimizer, arguments, ema=0.999, warmup=50)

    def save_products():
        run.save_product(denoiser.adapter.adapter_state_dict(run.averages["adapter"].state))

    denoising.train(run, denoiser, corpus, save_products, without_adapter=0.0, fair=arguments.fair)


if __name__ == "__main__":
    main()
