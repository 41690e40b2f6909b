"""Finding surfaces: sphere tracing along parallel rays, normals, occlusion and shadows of distance fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import torch
from torch import Tensor

from .fields import Geometry
from .kernels import Kernels
from .tiles import POINTS, Chunk, Raster

Distance = Callable[[Tensor, Tensor, Tensor, Geometry], Tensor]

NEAR, FAR = 1.75, -1.7
CONE_STEPS = 22
ROUND_STEPS = (5, 4, 4, 4, 6, 6)  # after each round, tiles whose rays have all arrived are left out


@dataclass
class Surface:
    """What the rays met: depth, coverage 0..1 of the pixel and unit normal, all fields, and the tiles it is seen in."""

    depth: Tensor
    coverage: Tensor
    normal: tuple[Tensor, Tensor, Tensor]
    rows: Tensor


def cone_step(z: Tensor, d: Tensor, g: Geometry) -> Tensor:
    """All rays of a cell advance together: a bound of the distance in its middle holds for them all."""
    return (z - 0.95 * (d - 0.75 * g["pixel"]).clamp_min(0)).clamp_min(FAR)


def fine_step(z: Tensor, d: Tensor, closest: Tensor, best: Tensor, g: Geometry):
    """From a place with its distance: the next place, and the closest approach so far with its depth."""
    pixel = g["pixel"]
    nearer = d < closest
    best = torch.where(nearer, z, best)
    # Past its closest approach a ray may hurry: nothing lies just ahead.
    stride = torch.maximum(torch.where(nearer, 0.92 * d, 1.25 * d), 0.5 * pixel)
    stride = torch.where(d < 0.2 * pixel, 0.92 * d, stride)
    return (z - stride).clamp_min(FAR - 0.1), torch.minimum(closest, d), best


def arrival(z: Tensor, d: Tensor, closest: Tensor, best: Tensor, g: Geometry):
    """Depth, coverage and whether the ray is still on its way. A ray that passes closer than a pixel covers its pixel
    in part: the antialiasing."""
    pixel = g["pixel"]
    met = (d < 0.6 * pixel) & (z > FAR)
    moving = ((d > 0.2 * pixel) & (z > FAR)).float()
    # A ray that grazes the chin and then meets the neck belongs to the neck.
    return torch.where(met, z, best), torch.where(met, 1.0, (1.25 - closest / pixel).clamp(0, 1)), moving


def trace(distance: Distance, raster: Raster, covered: Tensor, kernels: Kernels) -> Surface:
    """Traces all rays: a tile's together as a cone, then, where a cone came near anything, each ray alone.

    `covered` is the depth that is already known to hide what lies behind it, for every pixel.
    """
    measure, step, arrive = kernels[distance], kernels[fine_step], kernels[arrival]
    bound = _cone_depths(distance, raster, kernels)
    rows = active = ((bound > FAR + 1e-3) & (bound > covered.amin(dim=1) - 0.02)).nonzero()[:, 0]
    z = bound[:, None].repeat(1, POINTS)
    state = (z, raster.field(1e3), raster.field(1e3), z.clone())
    result = (raster.field(FAR), raster.field(), raster.field())
    for number, count in enumerate(ROUND_STEPS):
        for chunk in raster.chunks(active):
            z, d, closest, best = chunk.read(*state)
            if number == 0:
                d = measure(chunk.geometry, chunk.x, chunk.y, z)
            for _ in range(count):
                z, closest, best = step(chunk.geometry, z, d, closest, best)
                d = measure(chunk.geometry, chunk.x, chunk.y, z)
            chunk.write(state, (z, d, closest, best))
            chunk.write(result, arrive(chunk.geometry, z, d, closest, best))
        active = active[result[2].index_select(0, active).amax(dim=1) > 0]
    depth, coverage, _ = result
    # As far behind as surfaces are still blended, so that no tile differs from its neighbours.
    blended = covered - raster.g["pixel"].repeat_interleave(raster.tiles, dim=0)
    seen = ((coverage[rows] > 0) & (depth[rows] > blended[rows])).any(dim=1)
    coverage[rows[~seen]] = 0
    surface = Surface(depth, coverage, (raster.field(), raster.field(), raster.field(1.0)), rows[seen])
    for chunk in raster.chunks(surface.rows):
        chunk.write(surface.normal, _normal(distance, chunk, *chunk.read(depth), kernels))
    return surface


def _cone_depths(distance: Distance, raster: Raster, kernels: Kernels) -> Tensor:
    """For every tile a depth in front of which none of its rays meets anything: [B * tiles]."""
    cells = raster.coarser()
    depths = cells.field(NEAR)
    for chunk in cells.chunks(torch.arange(len(depths), device=depths.device)):
        (z,) = chunk.read(depths)
        for _ in range(CONE_STEPS):
            d = kernels[distance](chunk.geometry, chunk.x, chunk.y, z)
            z = kernels[cone_step](chunk.geometry, z, d)
        chunk.write((depths,), (z,))
    return cells.to_image(depths).flatten()


CORNERS = ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1))


def corner_points(x: Tensor, y: Tensor, z: Tensor, g: Geometry):
    """Around each point the four corners of a tetrahedron."""
    reach = 0.6 * g["pixel"]
    return tuple(c + offset * reach for corner in CORNERS for c, offset in zip((x, y, z), corner))


def gradient(a: Tensor, b: Tensor, c: Tensor, d: Tensor, g: Geometry):
    """Unit normal from the distances at those corners."""
    x, y, z = a - b - c + d, c - a - b + d, b - a - c + d
    inverse = torch.rsqrt(x * x + y * y + z * z + 1e-12)
    return x * inverse, y * inverse, z * inverse


def _normal(distance: Distance, chunk: Chunk, z: Tensor, kernels: Kernels):
    points = kernels[corner_points](chunk.geometry, chunk.x, chunk.y, z)
    around = [kernels[distance](chunk.geometry, *points[i : i + 3]) for i in range(0, 12, 3)]
    return kernels[gradient](chunk.geometry, *around)
