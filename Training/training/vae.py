"""Stage `vae`: the autoencoder, 256 x 256 pictures to 32 x 32 latents of four whitened channels.

Trains on crops, more often around the face than elsewhere, with eyes and mouth weighted up: they are what people
look at. `--decoder-only` goes on with the decoder alone, which leaves every latent (and so the UNet) valid.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional

from training import dataset, runs
from training.networks.base import make_autoencoder
from training.sheets import save_sheet

CROP = 128
# The decoder must forgive the UNet's errors: noise of this share of the latents' deviation is added in training.
LATENT_NOISE = 0.06


def detail_weights(landmarks: torch.Tensor, size: int) -> torch.Tensor:
    """Loss weights [B, 1, size, size]: 1, up to 5 at the eyes and 3 at the mouth's corners."""
    axis = torch.arange(size, dtype=torch.float32, device=landmarks.device)
    distance_x = (axis - landmarks[..., :1]).square()  # [B, 5, size]
    distance_y = (axis - landmarks[..., 1:]).square()
    bump = torch.exp(-(distance_y[..., :, None] + distance_x[..., None, :]) / (2 * 11.0**2))
    peak = torch.tensor([4.0, 4.0, 0.0, 2.0, 2.0], device=landmarks.device)
    return 1 + (bump * peak[:, None, None]).amax(1, keepdim=True)


def sample_crops(pictures: dataset.Pictures, count: int, generator):
    """Crops [B, 3, 128, 128] in -1...1 and their loss weights; 60 % lie around a landmark."""
    draws = dict(generator=generator, device=generator.device)
    rows = torch.randint(len(pictures), (count,), **draws)
    landmarks = pictures.landmarks[rows]
    room = pictures.images.shape[1] - CROP
    anywhere = torch.randint(room + 1, (count, 2), **draws)
    mark = landmarks.gather(1, torch.randint(5, (count, 1, 1), **draws).expand(-1, -1, 2))[:, 0]
    offset = torch.randint(-24, 25, (count, 2), **draws)
    around = (mark - CROP / 2 + offset).round().clamp(0, room).long()
    corners = torch.where(torch.rand(count, 1, **draws) < 0.6, around, anywhere)
    axis = torch.arange(CROP, device=generator.device)
    across, down = (corners[:, i, None] + axis for i in (0, 1))
    crops = pictures.images[rows[:, None, None], down[:, :, None], across[:, None]].permute(0, 3, 1, 2)
    return crops.float() / 127.5 - 1, detail_weights(landmarks - corners[:, None], CROP)


def reconstruction_loss(output, target, weights):
    """Weighted L1 of pixels and gradients, L1 of 2 x 2 and 4 x 4 means, and L2."""
    error = output - target
    loss = (weights * error.abs()).mean() + (weights * error.square()).mean()
    for axis in (2, 3):
        step = error.diff(dim=axis).abs()
        loss = loss + 0.35 * (weights.narrow(axis, 1, weights.shape[axis] - 1) * step).mean()
    for size in (2, 4):
        loss = loss + 0.25 * functional.avg_pool2d(error, size).abs().mean()
    return loss


class LatentScale:
    """Running deviation of the latents' channels, the unit of LATENT_NOISE."""

    def __init__(self):
        self.deviation = None

    def update(self, latents):
        now = latents.detach().std((0, 2, 3), keepdim=True)
        self.deviation = now if self.deviation is None else self.deviation.lerp(now, 0.02)
        return self.deviation


def psnr(error) -> float:
    """Peak signal-to-noise ratio in decibels of an error of pictures in -1...1."""
    return float(-10 * (error / 2).square().mean().log10())


@torch.no_grad()
def validate(autoencoder, pictures: dataset.Pictures, sheet: Path):
    step = max(1, len(pictures) // 48)
    rows = torch.arange(0, len(pictures), step, device=pictures.images.device)[:48]
    target = pictures.floats(rows) * 2 - 1
    output = torch.cat([autoencoder(x).sample for x in target.split(8)])
    eyes = detail_weights(pictures.landmarks[rows], target.shape[-1]) > 3
    error = output - target
    save_sheet([x for i in (0, 8, 16) for x in (target[i : i + 8] / 2 + 0.5, output[i : i + 8] / 2 + 0.5)], sheet)
    return dict(psnr=psnr(error), psnr_eyes=psnr(error[eyes.expand_as(error)]))


@torch.no_grad()
def whiten(autoencoder, pictures: dataset.Pictures):
    """Folds a linear map into quant_conv and post_quant_conv after which latents have mean 0 and covariance 1."""
    rows = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(0))[:512].to(pictures.images.device)
    latents = torch.cat([autoencoder.encode(pictures.floats(r) * 2 - 1).latent_dist.mean for r in rows.split(16)])
    values = latents.permute(1, 0, 2, 3).flatten(1).double()
    mean = values.mean(1)
    scale, axes = torch.linalg.eigh(torch.cov(values))
    scale = scale.clamp_min(1e-8).sqrt()
    # Back on the original axes (ZCA), so that channels keep their meaning from one whitening to the next.
    whitening, colouring = axes @ (axes / scale).T, axes @ (axes * scale).T
    quant, post = autoencoder.quant_conv, autoencoder.post_quant_conv
    weight, bias = quant.weight[:4, :, 0, 0].double(), quant.bias[:4].double()
    quant.weight[:4, :, 0, 0] = (whitening @ weight).float()
    quant.bias[:4] = (whitening @ (bias - mean)).float()
    weight = post.weight[:, :, 0, 0].double()
    post.bias.add_((weight @ mean).float())
    post.weight[:, :, 0, 0] = (weight @ colouring).float()
    # Latents are used without sampling; files still hold a variance, a small constant one.
    quant.weight[4:] = 0
    quant.bias[4:] = -9.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs.add_arguments(parser, batch=4, rate=1.2e-3)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--validation", type=Path, required=True)
    parser.add_argument("--decoder-only", action="store_true", help="needs a whitened product; keeps its latents")
    parser.add_argument("--validate-every", type=int, default=400, help="steps")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    torch.manual_seed(arguments.seed)
    pictures, unseen = (dataset.load(folder, arguments.device) for folder in (arguments.data, arguments.validation))
    autoencoder = make_autoencoder()
    folder = arguments.runs / "vae"
    if (folder / runs.PRODUCT).exists():  # where a checkpoint is there too, it takes the product's place
        autoencoder.load_state_dict(load_file(folder / runs.PRODUCT))
    if arguments.decoder_only:
        folder = arguments.runs / "vae_decoder"
        autoencoder.encoder.requires_grad_(False)
        autoencoder.quant_conv.requires_grad_(False)
    autoencoder.to(arguments.device, memory_format=torch.channels_last)
    trained = [parameter for parameter in autoencoder.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=arguments.rate, betas=(0.9, 0.99), weight_decay=0.0)
    run = runs.Run(folder, {"vae": autoencoder}, optimizer, arguments, ema=0.998, warmup=60)
    generator = runs.generator(arguments.device, arguments.seed + run.step)
    scale, total, began = LatentScale(), 0.0, run.step

    def finish(whitened: bool):
        with run.all_averaged():
            figures = validate(autoencoder, unseen, folder / "sheets" / f"{run.step:06d}.png")
        run.log(loss=total / max(1, run.step - began), **figures)
        product = make_autoencoder().to(arguments.device)
        product.load_state_dict(run.averages["vae"].state)
        if whitened:
            whiten(product, pictures)
        run.save_product(product.state_dict())

    for step in run.steps():
        target, weights = sample_crops(pictures, arguments.batch, generator)
        with runs.autocast(arguments.device):
            latents = autoencoder.encode(target.to(memory_format=torch.channels_last)).latent_dist.mean.float()
            noisy = latents + LATENT_NOISE * scale.update(latents) * torch.randn_like(latents)
            output = autoencoder.decode(noisy).sample.float()
        loss = reconstruction_loss(output, target, weights)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        run.samples += arguments.batch
        total = total + loss.detach()
        if (step + 1) % arguments.log_every == 0:
            print(f"step {step + 1} loss {loss.item():.4f} {run.seconds / 60:.1f} min", flush=True)
        if (step + 1) % arguments.validate_every == 0:
            finish(whitened=not arguments.decoder_only)
            total, began = 0.0, run.step
    finish(whitened=not arguments.decoder_only)


if __name__ == "__main__":
    main()
