"""What cameras and networks do to photos: blur, noise, colour casts, block compression. For the encoder's inputs."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def _uniform(count: int, low: float, high: float, generator: torch.Generator | None, like: Tensor) -> Tensor:
    return (low + (high - low) * torch.rand(count, 1, 1, 1, generator=generator)).to(like.device)


def _cosines() -> Tensor:
    """The 8x8 orthonormal DCT-II matrix."""
    k, n = torch.arange(8.0)[:, None], torch.arange(8.0)[None, :]
    matrix = torch.cos(math.pi * (n + 0.5) * k / 8) * 0.5
    matrix[0] /= math.sqrt(2)
    return matrix


def block_compressed(images: Tensor, coarseness: Tensor) -> Tensor:
    """Quantises the DCT of 8x8 blocks, coarser for high frequencies, like JPEG; sizes must be multiples of 8."""
    batch, channels, height, width = images.shape
    dct = _cosines().to(images.device)
    blocks = images.reshape(batch, channels, height // 8, 8, width // 8, 8).permute(0, 1, 2, 4, 3, 5)
    spectrum = dct @ blocks @ dct.T
    order = torch.arange(8.0, device=images.device)
    step = (coarseness.reshape(-1, 1, 1, 1, 1, 1) * (1 + order[:, None] + order[None, :]) * 0.03).clamp_min(1e-4)
    blocks = dct.T @ (torch.round(spectrum / step) * step) @ dct
    return blocks.permute(0, 1, 2, 4, 3, 5).reshape(batch, channels, height, width)


def degrade(images: Tensor, generator: torch.Generator | None = None, strength: float = 1.0) -> Tensor:
    """Random camera faults on [B, 3, H, W] in 0..1, H and W multiples of 8; `strength` 0 changes nothing."""
    count, _, height, width = images.shape
    if strength <= 0:
        return images

    def draw(low: float, high: float) -> Tensor:
        return _uniform(count, low, high, generator, images)

    gain = 1 + strength * 0.14 * (torch.rand(count, 3, 1, 1, generator=generator).to(images.device) - 0.5) * 2
    grey = images.mean(dim=1, keepdim=True)
    out = grey + (images - grey) * (1 + strength * draw(-0.3, 0.25))
    out = out.clamp_min(1e-4) ** (1 + strength * draw(-0.22, 0.28)) * gain
    # Blur: a mix of the picture and a much smaller copy of it.
    smaller = F.interpolate(F.avg_pool2d(out, 4), size=(height, width), mode="bilinear", align_corners=False)
    small = F.interpolate(F.avg_pool2d(out, 2), size=(height, width), mode="bilinear", align_corners=False)
    blur = strength * (draw(-1.0, 1.0)).clamp_min(0)
    out = torch.lerp(torch.lerp(out, small, (2 * blur).clamp(0, 1)), smaller, (blur - 0.5).clamp_min(0))
    noise = torch.randn(images.shape, generator=generator).to(images.device)
    out = out + noise * strength * 0.05 * draw(-0.3, 1.0).clamp_min(0)
    coarse = strength * draw(-0.5, 1.0).clamp_min(0)
    return block_compressed(out, coarse).clamp(0, 1)
