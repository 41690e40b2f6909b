"""Smooth edges where one surface ends before another: the rays themselves only know the share of a pixel outside."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .fields import smoothstep


def _window(image: Tensor) -> tuple[Tensor, Tensor]:
    """Least and greatest value around every pixel of [B, 1, H, W]."""
    return -F.max_pool2d(-image, 3, stride=1, padding=1), F.max_pool2d(image, 3, stride=1, padding=1)


def antialiased(images: Tensor, depth: Tensor, pixel: Tensor) -> Tensor:
    """Blurs images [B, 3, H, W] along their edges, where the depth [B, H, W] jumps by more than a few of `pixel` [B, 1],
    the width of a pixel. The direction is that of the brightness' contour, after Lottes' FXAA (2009)."""
    low, high = _window(depth[:, None])
    jump = smoothstep(3.0, 7.0, (high - low) / pixel[:, :, None, None])
    luminance = (0.30 * images[:, 0] + 0.59 * images[:, 1] + 0.11 * images[:, 2])[:, None]
    padded = F.pad(luminance, (1, 1, 1, 1), mode="replicate")
    height, width = depth.shape[1:]

    def corner(down: int, across: int) -> Tensor:
        return padded[:, 0, down : down + height, across : across + width]

    nw, ne, sw, se = corner(0, 0), corner(0, 2), corner(2, 0), corner(2, 2)
    dx, dy = (sw + se) - (nw + ne), (nw + sw) - (ne + se)
    # A step of one pixel along the contour's longer axis, at most three along nearly straight ones.
    shorter = torch.minimum(dx.abs(), dy.abs())
    scale = 1 / (shorter + 0.03 * (nw + ne + sw + se) + 1e-3)
    dx, dy = (dx * scale).clamp(-3, 3), (dy * scale).clamp(-3, 3)
    y, x = torch.meshgrid(torch.arange(height, device=images.device), torch.arange(width, device=images.device), indexing="ij")

    def sampled(along: float) -> Tensor:
        grid = torch.stack([(2 * (x + along * dx) + 1) / width - 1, (2 * (y + along * dy) + 1) / height - 1], dim=-1)
        return F.grid_sample(images, grid, padding_mode="border", align_corners=False)

    near = 0.5 * (sampled(-1 / 6) + sampled(1 / 6))
    far = 0.5 * near + 0.25 * (sampled(-0.5) + sampled(0.5))
    brightness = (0.30 * far[:, 0] + 0.59 * far[:, 1] + 0.11 * far[:, 2])[:, None]
    least, greatest = _window(luminance)
    smooth = torch.where((brightness < least) | (brightness > greatest), near, far)
    return torch.lerp(images, smooth, jump)
