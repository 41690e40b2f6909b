"""Finding surfaces: sphere tracing along parallel rays, normals, occlusion and shadows of distance fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import torch
from torch import Tensor

from .fields import Geometry

Distance = Callable[[Tensor, Tensor, Tensor, Geometry], Tensor]

NEAR, FAR = 1.75, -1.7
CONES = ((8, 22), (2, 8))  # cell width in pixels, steps
FINE_STEPS = 12


@dataclass
class Surface:
    """What the rays met: depth z, coverage 0..1 of the pixel and unit normal, all [B, H, W]."""

    depth: Tensor
    coverage: Tensor
    normal: tuple[Tensor, Tensor, Tensor]


def pixel_grid(g: Geometry, size: int, cell: int = 1) -> tuple[Tensor, Tensor]:
    """Camera coordinates of the middles of cells of `cell` pixels: x [B, 1, W], y [B, H, 1]."""
    steps = (torch.arange(size // cell, device=g["extent"].device) + 0.5) * (cell / size) - 0.5
    return g["centre_x"] + g["extent"] * steps[None, None, :], g["centre_y"] - g["extent"] * steps[None, :, None]


def _enlarged(z: Tensor, size: int) -> Tensor:
    times = size // z.shape[1]
    return z.repeat_interleave(times, dim=1).repeat_interleave(times, dim=2)


def _cone_step(z: Tensor, d: Tensor, reach: Tensor) -> Tensor:
    return (z - 0.95 * (d - reach).clamp_min(0)).clamp_min(FAR)


def _fine_step(z: Tensor, d: Tensor, closest: Tensor, best: Tensor, pixel: Tensor):
    nearer = d < closest
    best = torch.where(nearer, z, best)
    closest = torch.minimum(closest, d)
    # Past its closest approach a ray may hurry: nothing lies just ahead.
    stride = torch.where(nearer, 0.92 * d, 1.25 * d)
    return z - torch.where(d < 0.2 * pixel, 0.92 * d, torch.maximum(stride, 0.5 * pixel)), closest, best


def march(distance: Distance, g: Geometry, size: int) -> Surface:
    """Traces all rays. Cells of 8x8, then 2x2 pixels first advance together as cones (a distance bound holds for all of a cell's
    rays), then every ray alone. A ray that passes closer than a pixel covers its pixel in part: the antialiasing."""
    pixel = g["extent"] / size
    z = torch.full((len(pixel), 1, 1), NEAR, device=pixel.device)
    for cell, steps in CONES:
        x, y = pixel_grid(g, size, cell)
        z = _enlarged(z, size // cell)
        for _ in range(steps):
            z = _cone_step(z, distance(x, y, z, g), 0.75 * cell * pixel)
    z = _enlarged(z, size)

    x, y = pixel_grid(g, size)
    closest, best = torch.full_like(z, 1e3), z
    for _ in range(FINE_STEPS):
        d = distance(x, y, z, g)
        last = z
        z, closest, best = _fine_step(z, d, closest, best, pixel)
    # A ray that grazes the chin and then meets the neck belongs to the neck.
    met = d < 0.6 * pixel
    best = torch.where(met, last, best)
    coverage = torch.where(met, 1.0, (1.25 - closest / pixel).clamp(0, 1))
    return Surface(best, coverage, surface_normal(distance, x, y, best, g, 0.6 * pixel))


def surface_normal(distance: Distance, x: Tensor, y: Tensor, z: Tensor, g: Geometry, reach: Tensor):
    """Gradient from four samples on a tetrahedron."""
    total = [torch.zeros_like(z) for _ in range(3)]
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        d = distance(x + corner[0] * reach, y + corner[1] * reach, z + corner[2] * reach, g)
        total = [t + c * d for t, c in zip(total, corner)]
    inverse = torch.rsqrt(total[0] ** 2 + total[1] ** 2 + total[2] ** 2 + 1e-12)
    return total[0] * inverse, total[1] * inverse, total[2] * inverse


def occlusion(scene: Distance, x, y, z, normal, g: Geometry) -> Tensor:
    """Openness to the sky, 0 (a crevice) ... 1 (free), after Quilez: how fast the distance grows along the normal."""
    closed = torch.zeros_like(z)
    weight = 1.0
    for reach in (0.05, 0.14, 0.30):
        d = scene(x + normal[0] * reach, y + normal[1] * reach, z + normal[2] * reach, g)
        closed = closed + weight * (reach - d).clamp_min(0) / reach
        weight *= 0.7
    return (1 - 0.42 * closed).clamp(0, 1)


def soft_shadow(scene: Distance, x, y, z, normal, towards, hardness: Tensor, g: Geometry) -> Tensor:
    """Light that arrives from direction `towards`, 0..1; soft lights have wide penumbras."""
    x, y, z = x + 0.035 * normal[0], y + 0.035 * normal[1], z + 0.035 * normal[2]
    sharp = 3.5 + 14.0 * hardness
    arrived = torch.ones_like(z)
    for reach in (0.06, 0.12, 0.20, 0.30, 0.45, 0.65, 0.95):
        d = scene(x + towards[0] * reach, y + towards[1] * reach, z + towards[2] * reach, g)
        arrived = torch.minimum(arrived, 0.5 + 0.5 * sharp * d / reach)
    arrived = arrived.clamp(0, 1)
    return arrived * arrived * (3 - 2 * arrived)
