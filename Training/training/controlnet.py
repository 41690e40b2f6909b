"""Stage `controlnet`: a copy of the UNet's way down that follows skeletons, on the frozen base and adapter.

As the article has it (arXiv 2302.05543) it starts as the UNet's own weights behind convolutions of zeros. It sees the
text, never the face; the adapter is at work while it learns, so that pose and person keep out of each other's way.
"""

import argparse
import contextlib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from diffusers.configuration_utils import FrozenDict
from diffusers.models.attention_processor import AttnProcessor
from safetensors.torch import load_file

from training import configuration, dataset, denoising, optimizers, runs, skeletons
from training.cache import Examples
from training.denoising import Denoiser, channels_last
from training.sheets import save_sheet
from training.text_unet import VECTORS, adapter_product, build, load_adapter, load_base

# A detector misses joints too, so some of the world's are not drawn.
JOINT_DROP = 0.08
# Kept out of Muon beside what the UNet keeps out: the convolutions that start as zeros.
ZEROS = ("controlnet_down_blocks", "controlnet_mid_block")


@dataclass
class PosedExamples(Examples):
    """Portraits with the skeletons of the people in them."""

    drawings: torch.Tensor  # uint8 [N, 256, 256, 3]

    @staticmethod
    def of(examples: Examples, joint_drop: float) -> "PosedExamples":
        """Draws the skeletons, each with some joints missing."""
        shown = examples.skeletons.float().cpu()
        shown[..., 2] *= torch.rand(shown.shape[:2], generator=torch.Generator().manual_seed(0)) >= joint_drop
        return PosedExamples(**vars(examples), drawings=skeletons.drawings(shown).to(examples.skeletons.device))


def make_controlnet(unet) -> ControlNetModel:
    """A ControlNet of the UNet's weights whose answer is zero.

    diffusers makes levels of one depth only, so the way down is a UNet's; a file of levels of different depths is
    diffusers' in all but that.
    """
    shallow = SimpleNamespace(config=FrozenDict({**unet.config, "layers_per_block": 1}))
    network = ControlNetModel.from_unet(
        shallow, conditioning_embedding_out_channels=configuration.CONTROLNET_EMBEDDING, load_weights_from_unet=False
    )
    network.down_blocks = UNet2DConditionModel.from_config(unet.config).down_blocks
    for part in ("conv_in", "time_embedding", "down_blocks", "mid_block"):
        getattr(network, part).load_state_dict(getattr(unet, part).state_dict())
    network.controlnet_down_blocks = _zeros(network.conv_in.out_channels, network.down_blocks)
    network.register_to_config(layers_per_block=unet.config["layers_per_block"])
    _let_skeletons_through(network.controlnet_cond_embedding)
    network.set_attn_processor(AttnProcessor())  # the fused one's backward pass is slow on a CPU
    return network


def _zeros(width: int, down_blocks) -> torch.nn.ModuleList:
    """A 1 x 1 convolution of zeros for each of a UNet's skip connections."""
    widths = [width]
    for block in down_blocks:
        width = block.resnets[-1].out_channels
        widths += [width] * (len(block.resnets) + len(block.downsamplers or ()))
    projections = torch.nn.ModuleList(torch.nn.Conv2d(width, width, kernel_size=1) for width in widths)
    for parameter in projections.parameters():
        torch.nn.init.zeros_(parameter)
    return projections


def _let_skeletons_through(embedding):
    """Makes skeletons start with a part in the hidden states, and blackness with none.

    As diffusers makes it, the embedding hands on a millionth of what tells two skeletons apart, into zeros: it would
    learn only after the answer's own zeros have grown. One place of zeros is enough for a calm start.
    """
    for name, parameter in embedding.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
        else:  # thin sticks on black, and seven times SiLU, which halves small numbers
            torch.nn.init.normal_(parameter, std=2 * parameter[0].numel() ** -0.5)


def controlnet(unet, folder: Path) -> ControlNetModel:
    """The folder's, if there is one; else one that is still to learn everything."""
    network = make_controlnet(unet)
    if (folder / runs.PRODUCT).exists():  # a checkpoint takes the product's place
        network.load_state_dict(load_file(folder / runs.PRODUCT))
    return network


class PosedUNet:
    """The UNet with a ControlNet beside it: to its callers a UNet."""

    def __init__(self, unet, controlnet):
        self.unet, self.controlnet = unet, controlnet
        self.pictures = None

    @contextlib.contextmanager
    def following(self, pictures):
        """While it lasts, the UNet follows skeleton pictures [B, 3, 256, 256]."""
        self.pictures = pictures
        try:
            yield
        finally:
            self.pictures = None

    def __call__(self, latents, timesteps, states, cross_attention_kwargs):
        if self.pictures is None:
            return self.unet(latents, timesteps, states, cross_attention_kwargs=cross_attention_kwargs)
        # With guidance, latents hold the batch twice.
        pictures = self.pictures.repeat(len(latents) // len(self.pictures), 1, 1, 1)
        down, middle = self.controlnet(latents, timesteps, states, pictures, return_dict=False)
        return self.unet(
            latents, timesteps, states, cross_attention_kwargs=cross_attention_kwargs,
            down_block_additional_residuals=down, mid_block_additional_residual=middle,
        )  # fmt: skip


class PoseDenoiser(Denoiser):
    """A denoiser whose UNet follows the examples' skeletons."""

    def __init__(self, denoiser: Denoiser, controlnet: ControlNetModel):
        vars(self).update(vars(denoiser))
        self.controlnet = controlnet.to(self.device, memory_format=torch.channels_last)
        self.unet = PosedUNet(denoiser.unet, self.controlnet)

    def shown(self, examples: PosedExamples, rows):
        """Skeleton pictures of some examples."""
        return channels_last(dataset.floats(examples.drawings[rows]))

    def loss(self, examples, rows, generator, *, without_adapter: float, fair: float):
        with self.unet.following(self.shown(examples, rows)):
            return super().loss(examples, rows, generator, without_adapter=without_adapter, fair=fair)

    @torch.no_grad()
    def gauge(self, examples, seed: int, count: int = 96) -> dict:
        """Loss with the right skeleton, with another picture's, and without any; same noise in all three.

        `right` clearly below `wrong` is the sign that poses get through.
        """
        generator = torch.Generator().manual_seed(seed)
        count = min(count, len(examples))
        rows = torch.randperm(len(examples), generator=generator)[:count].to(self.device)
        sums = dict(right=0.0, wrong=0.0, free=0.0)
        for part in torch.arange(count).split(32):
            chosen, strangers = rows[part], rows.roll(1)[part]
            for name, shown in (("right", chosen), ("wrong", strangers), ("free", None)):
                following = self.unet.following(None if shown is None else self.shown(examples, shown))
                noise = runs.generator(self.device, seed + int(part[0]))
                with following:
                    loss = super().loss(examples, chosen, noise, without_adapter=0.0, fair=0.0)
                sums[name] += len(part) * loss.item()
        return {name: value / count for name, value in sums.items()}

    def save_sheet(self, examples, pictures, autoencoder, path, seed: int = 7, count: int = 8):
        """Rows: skeleton, true portrait, portrait that follows the skeleton, portrait that does not."""
        rows = torch.linspace(0, len(examples) - 1, count).long().to(self.device)
        captions, tokens = examples.captions[rows], examples.tokens[examples.people[rows], 0]
        shown = self.shown(examples, rows)
        with self.unet.following(shown):
            followed = self.portraits(captions, tokens, autoencoder, seed=seed)
        free = self.portraits(captions, tokens, autoencoder, seed=seed)
        save_sheet([shown, pictures.floats(examples.portraits[rows]), followed, free], path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=16, rate=1e-3)
    denoising.add_arguments(parser)
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    corpus = denoising.Corpus(arguments)
    corpus.examples = PosedExamples.of(corpus.examples, JOINT_DROP)
    corpus.unseen = PosedExamples.of(corpus.unseen, 0.0)
    frozen = build(arguments.runs, arguments.device)
    load_base(frozen, arguments.runs)
    load_adapter(frozen, adapter_product(arguments.runs))
    for network in (frozen.unet, frozen.text_encoder, frozen.adapter):
        network.requires_grad_(False)
    denoiser = PoseDenoiser(frozen, controlnet(frozen.unet, arguments.runs / "controlnet"))
    groups = optimizers.parameter_groups(denoiser.controlnet, arguments.rate, VECTORS + ZEROS)
    optimizer = optimizers.MuonAdamW(groups, weight_decay=0.01)
    modules = {"controlnet": denoiser.controlnet}
    run = runs.Run(arguments.runs / "controlnet", modules, optimizer, arguments, ema=0.999, warmup=50)

    def save_products():
        run.save_product(run.averages["controlnet"].state)

    denoising.train(run, denoiser, corpus, save_products, without_adapter=0.2, fair=0.0)


if __name__ == "__main__":
    main()
