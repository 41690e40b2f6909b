"""Occlusion and soft shadows, traced at half size (both are smooth) and spread to full size without crossing edges."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .body import cloth_distance
from .fields import Geometry
from .hair import hair_distance
from .head import skin_distance
from .kernels import Kernels
from .tiles import Raster

CASTERS = (skin_distance, hair_distance, cloth_distance)
SKY_REACHES = (0.05, 0.14, 0.30)
SHADOW_REACHES = (0.06, 0.12, 0.20, 0.30, 0.45, 0.65, 0.95)


def probes(x, y, z, nx, ny, nz, g: Geometry):
    """Places along the normal, then along the way to the key light: their x, y, z one after the other."""
    # A point of half size is the upper left one of four.
    x, y = x - 0.25 * g["pixel"], y + 0.25 * g["pixel"]
    sky = [c + reach * n for reach in SKY_REACHES for c, n in ((x, nx), (y, ny), (z, nz))]
    x, y, z = x + 0.035 * nx, y + 0.035 * ny, z + 0.035 * nz
    towards = ((x, g["light_x"]), (y, g["light_y"]), (z, g["light_z"]))
    return *sky, *(c + reach * l for reach in SHADOW_REACHES for c, l in towards)


def nearest(a: Tensor, b: Tensor, c: Tensor, g: Geometry) -> Tensor:
    return torch.minimum(torch.minimum(a, b), c)


def received(*distances_and_geometry):
    """From the distances at the probes: openness to the sky, 0 (a crevice) ... 1 (free), after Quilez, by how fast
    the distance grows along the normal; and the share of the key light that arrives (soft lights: wide penumbras)."""
    *distances, g = distances_and_geometry
    closed, weight = torch.zeros_like(distances[0]), 1.0
    for reach, d in zip(SKY_REACHES, distances):
        closed = closed + weight * (reach - d).clamp_min(0) / reach
        weight *= 0.7
    sharp = 3.5 + 14.0 * g["light_hardness"]
    light = torch.ones_like(closed)
    for reach, d in zip(SHADOW_REACHES, distances[len(SKY_REACHES) :]):
        light = torch.minimum(light, 0.5 + 0.5 * sharp * d / reach)
    light = light.clamp(0, 1)
    return (1 - 0.42 * closed).clamp(0, 1), light * light * (3 - 2 * light)


def shadows(raster: Raster, depth: Tensor, normal: tuple[Tensor, ...], person: Tensor, kernels: Kernels):
    """Openness and key light of every pixel, as fields."""
    half = Raster(raster.g, raster.size // 2, raster.padded)

    def halved(field: Tensor) -> Tensor:
        return half.from_image(raster.to_image(field)[:, ::2, ::2])

    depth_, normal_, person_ = halved(depth), [halved(n) for n in normal], halved(person)
    result = (half.field(1.0), half.field(1.0))
    for chunk in half.chunks((person_ > 0).any(dim=1).nonzero()[:, 0]):
        points = kernels[probes](chunk.geometry, chunk.x, chunk.y, *chunk.read(depth_, *normal_))
        distances = []
        for i in range(0, len(points), 3):
            around = [kernels[caster](chunk.geometry, *points[i : i + 3]) for caster in CASTERS]
            distances.append(kernels[nearest](chunk.geometry, *around))
        chunk.write(result, kernels[received](chunk.geometry, *distances))
    small = [half.to_image(field) for field in (*result, depth_, person_)]
    return tuple(raster.from_image(image) for image in _spread(*small, raster.to_image(depth)))


def _spread(open_sky: Tensor, lit: Tensor, small_depth: Tensor, person: Tensor, depth: Tensor):
    """Half size to full size [B, H, W]: between samples a mean, weighted by how near in depth they are."""
    padded = [F.pad(t[:, None], (0, 1, 0, 1), mode="replicate")[:, 0] for t in (open_sky, lit, small_depth, person)]
    out = torch.empty_like(depth), torch.empty_like(depth)
    for down in (0, 1):
        for across in (0, 1):
            here = depth[:, down::2, across::2]
            height, width = here.shape[1:]
            total, sums = 1e-6, [1e-6, 1e-6]
            for i in range(down + 1):
                for k in range(across + 1):
                    sky, light, z, weight = (t[:, i : i + height, k : k + width] for t in padded)
                    near = torch.exp(-(((z - here) / 0.06) ** 2)) * weight + 1e-4
                    total = total + near
                    sums = [sums[0] + near * sky, sums[1] + near * light]
            for target, value in zip(out, sums):
                target[:, down::2, across::2] = value / total
    return out
