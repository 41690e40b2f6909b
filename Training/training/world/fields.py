"""Distance fields and soft masks, element by element: the vocabulary that every part of a person is written in.

Coordinates are tensors [T, 64], one row for each tile of 8 x 8 pixels; x grows to the right of the picture, y upwards and z towards
the viewer. A distance is negative inside. Shapes and smooth blends follow Inigo Quilez' articles on distance
functions and smooth minima.
"""

from __future__ import annotations

import torch
from torch import Tensor

Geometry = dict[str, Tensor]  # named lengths and colours, each [B, 1] or, for tiles, [T, 1]

ABSENT = 10.0  # added to the distance of a part that somebody does not have


def ellipsoid(x: Tensor, y: Tensor, z: Tensor, rx, ry, rz) -> Tensor:
    """Bound of the distance to an ellipsoid around the origin; exact on its surface to first order."""
    x, y, z = x / rx, y / ry, z / rz
    unit = torch.sqrt(x * x + y * y + z * z + 1e-8)
    x, y, z = x / rx, y / ry, z / rz
    return unit * (unit - 1) * torch.rsqrt(x * x + y * y + z * z + 1e-8)


def sphere(x: Tensor, y: Tensor, z: Tensor, radius) -> Tensor:
    return torch.sqrt(x * x + y * y + z * z + 1e-8) - radius


def capsule(x: Tensor, y: Tensor, z: Tensor, start, end, radius_start, radius_end) -> Tensor:
    """A round cone without its exact side slope: the radius changes linearly from `start` to `end` (x, y, z each)."""
    dx, dy, dz = end[0] - start[0], end[1] - start[1], end[2] - start[2]
    x, y, z = x - start[0], y - start[1], z - start[2]
    along = ((x * dx + y * dy + z * dz) / (dx * dx + dy * dy + dz * dz)).clamp(0, 1)
    return sphere(x - along * dx, y - along * dy, z - along * dz, radius_start + (radius_end - radius_start) * along)


def column(x: Tensor, y: Tensor, z: Tensor, bottom, top, rx, ry, rz) -> Tensor:
    """A vertical pillar of elliptic section with round ends."""
    beyond = y - torch.minimum(torch.maximum(y, bottom), top)
    return (torch.sqrt((x / rx) ** 2 + (beyond / ry) ** 2 + (z / rz) ** 2 + 1e-8) - 1) * rx


def smooth_union(a: Tensor, b: Tensor, width: float) -> Tensor:
    overlap = (width - (a - b).abs()).clamp_min(0)
    return torch.minimum(a, b) - overlap * overlap * (0.25 / width)


def smooth_intersection(a: Tensor, b: Tensor, width: float) -> Tensor:
    return -smooth_union(-a, -b, width)


def smooth_difference(a: Tensor, b: Tensor, width: float) -> Tensor:
    return -smooth_union(-a, b, width)


def smoothstep(low, high, value: Tensor) -> Tensor:
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def inside(distance: Tensor, softness) -> Tensor:
    """Coverage of a 2-D shape from its signed distance: 1 inside, 0 outside, a ramp of +-`softness` between."""
    return smoothstep(softness, -softness, distance)


def bump(value: Tensor, width) -> Tensor:
    """A soft hump around zero."""
    t = value / width
    return torch.exp(-t * t)


def ellipse(x: Tensor, y: Tensor, rx, ry) -> Tensor:
    """Approximate signed distance to a 2-D ellipse around the origin."""
    unit = torch.sqrt((x / rx) ** 2 + (y / ry) ** 2 + 1e-8)
    slope = torch.sqrt((x / (rx * rx)) ** 2 + (y / (ry * ry)) ** 2 + 1e-8)
    return unit * (unit - 1) / slope


def segment(x: Tensor, y: Tensor, ax, ay, bx, by) -> Tensor:
    """Distance to a 2-D line segment."""
    dx, dy = bx - ax, by - ay
    x, y = x - ax, y - ay
    along = ((x * dx + y * dy) / (dx * dx + dy * dy)).clamp(0, 1)
    return torch.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2 + 1e-8)


def mix(a: Tensor, b: Tensor, amount) -> Tensor:
    return a + (b - a) * amount


Colour = tuple[Tensor, Tensor, Tensor]


def colour_of(geometry: Geometry, prefix: str) -> Colour:
    return geometry[f"{prefix}_r"], geometry[f"{prefix}_g"], geometry[f"{prefix}_b"]


def blend(under: Colour, over, amount: Tensor) -> Colour:
    """Paints `over` (three tensors or numbers) on `under` with coverage `amount`."""
    return tuple(mix(u, o, amount) for u, o in zip(under, over))


def scaled(colour, factor) -> Colour:
    return tuple(channel * factor for channel in colour)


def ripple(u: Tensor, v: Tensor, w: Tensor) -> Tensor:
    """A smooth, seemingly random wave of about -1..1 made of a few crossing sines."""
    return (
        torch.sin(u + 1.7 * torch.sin(0.61 * v + 0.4))
        + torch.sin(1.73 * v + 1.3 * torch.sin(0.83 * w + 2.0))
        + torch.sin(1.31 * w + 1.5 * torch.sin(0.71 * u + 4.0))
    ) * 0.3333


def hashed(x: Tensor, seed) -> Tensor:
    """A number in 0..1 for each value of x (usually an integer), unrelated for neighbours."""
    return torch.frac(torch.sin(x * 12.9898 + seed * 78.233) * 43758.547).abs()
