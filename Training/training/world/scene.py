"""Backgrounds: large, soft shapes behind the person."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor

from .fields import Colour, Geometry, blend, bump, colour_of, ellipse, hashed, inside, mix, scaled, smoothstep


def _discs(u: Tensor, v: Tensor, seed: Tensor, count: int, colours, size: float) -> list[tuple[Tensor, tuple]]:
    """Soft round lights at hashed places."""
    discs = []
    for i in range(count):
        cx, cy = hashed(seed * 0 + i * 1.7 + 0.3, seed) * 2.4 - 1.2, hashed(seed * 0 + i * 2.3 + 5.1, seed) * 2.0 - 0.9
        radius = size * (0.6 + 0.8 * hashed(seed * 0 + i * 3.1 + 9.7, seed))
        r = torch.sqrt((u - cx) ** 2 + (v - cy) ** 2 + 1e-6)
        discs.append((smoothstep(radius, radius * 0.85, r) * (0.55 + 0.45 * smoothstep(0.3, 1.0, r / radius)), colours[i % len(colours)]))
    return discs


def _shift(g: Geometry) -> Tensor:
    """Where a scene is cut out of its pattern: -1..1."""
    return 2.0 * g["background_seed"] - 1.0


def _base(u: Tensor, g: Geometry) -> Colour:
    return tuple(torch.zeros_like(u) + c for c in colour_of(g, "back"))


def _soft(u: Tensor, g: Geometry) -> Colour:
    return tuple(mix(c, 0.55, 0.25) for c in _base(u, g))


def _rise(v: Tensor) -> Tensor:
    return smoothstep(-1.1, 1.1, v)


def _sky(u: Tensor, v: Tensor) -> Colour:
    return blend((0.62 + 0 * u, 0.80 + 0 * u, 0.93 + 0 * u), (0.13, 0.38, 0.80), _rise(v))


def _plain(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    return _soft(u, g)


def _gradient(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    base = _base(u, g)
    return blend(scaled(base, 0.45), tuple(mix(c, 0.9, 0.45) for c in base), _rise(v))


def _studio(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    spot = torch.exp(-((u * 0.9) ** 2 + (v - 0.1) ** 2) * 0.9)
    return scaled(_soft(u, g), 0.25 + 0.95 * spot)


def _bokeh(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    lights = ((1.0, 0.62, 0.20), (0.95, 0.30, 0.18), (0.30, 0.55, 0.95), (1.0, 0.85, 0.5))
    picture = scaled(_base(u, g), 0.20 + 0.15 * _rise(v))
    for cover, colour in _discs(u, v, g["background_seed"], 9, lights, 0.20):
        picture = blend(picture, colour, cover * 0.55)
    return picture


def _park(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    shift = _shift(g)
    hill = inside(v - (-0.10 + 0.16 * torch.sin(1.6 * u + 5.0 * shift)), 0.05)
    trees = inside(v - (0.18 + 0.20 * torch.sin(2.3 * u + 3.0 * shift) + 0.06 * torch.sin(9.0 * u + shift)), 0.07)
    return blend(blend(_sky(u, v), (0.045, 0.17, 0.05), trees), (0.20, 0.42, 0.07), hill)


def _beach(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    sea = inside(v + 0.02, 0.012)
    sand = inside(v - (-0.42 + 0.05 * torch.sin(2.0 * u + 4.0 * _shift(g))), 0.03)
    return blend(blend(_sky(u, v), (0.05, 0.36, 0.50), sea), (0.85, 0.68, 0.42), sand)


def _city(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    shift = _shift(g)
    picture = blend((0.52 + 0 * u, 0.62 + 0 * u, 0.75 + 0 * u), (0.80, 0.80, 0.78), 1 - _rise(v))
    for i, (pitch, tone) in enumerate(((0.62, 0.34), (0.46, 0.17))):
        cell = torch.floor((u + shift) / pitch + 0.37 * i)
        height = 0.15 + 0.75 * hashed(cell + 3.0 * i, 0.37) - 0.25 * i
        wall = inside(v - height, 0.015)
        inner = torch.frac(((u + shift) / pitch + 0.37 * i + 50.0))
        across = inside((torch.frac(inner * 3.0 + 10.0) - 0.5).abs() - 0.22, 0.06)
        windows = across * inside((torch.frac(v * 5.0 + 10.0) - 0.5).abs() - 0.26, 0.06)
        stone = (tone * 0.80 + 0 * u, tone * 0.88 + 0 * u, tone + 0 * u)
        picture = blend(picture, blend(stone, (0.95, 0.75, 0.40), windows * 0.45), wall)
    return picture


def _library(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    shelf = inside((torch.frac((v + 0.2) * 1.55 + 10.0) - 0.06).abs() - 0.06, 0.012)
    row = torch.floor((v + 0.2) * 1.55 + 10.0)
    book = torch.floor(u * 7.0 + 20.0 + 0.5 * row)
    tint = hashed(book + 17.0 * row, 0.11)
    books = (0.16 + 0.36 * tint, 0.09 + 0.14 * hashed(book + 5.0 * row, 0.7), 0.05 + 0.16 * hashed(book + 9.0 * row, 0.3))
    spine = bump(torch.frac(u * 7.0 + 20.0 + 0.5 * row) - 0.02, 0.06)
    return blend(scaled(books, (1 - 0.7 * spine) * 0.8), (0.20, 0.10, 0.045), shelf)


def _mountains(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    shift = _shift(g)
    ridge = 1 - (torch.frac(u * 0.55 + 0.3 * shift + 10.0) * 2 - 1).abs()
    far = inside(v - (0.16 + 0.34 * ridge - 0.05), 0.02)
    snowcap = inside(0.34 - v + 0.04 * torch.sin(14.0 * u), 0.03)
    near = inside(v - (-0.12 + 0.16 * torch.sin(1.9 * u + 2.0 + shift)), 0.02)
    rock = blend((0.25 + 0 * u, 0.33 + 0 * u, 0.48 + 0 * u), (0.92, 0.94, 0.97), snowcap)
    return blend(blend(_sky(u, v), rock, far), (0.07, 0.20, 0.13), near)


def _sunset(u: Tensor, v: Tensor, g: Geometry) -> Colour:
    shift = _shift(g)
    evening = blend((0.98 + 0 * u, 0.42 + 0 * u, 0.12 + 0 * u), (0.22, 0.10, 0.38), smoothstep(-0.2, 1.0, v))
    sun = inside(ellipse(u - 0.62 * torch.sign(shift + 1e-3), v - 0.12, 0.20, 0.20), 0.02)
    picture = blend(evening, (1.4, 0.95, 0.45), sun)
    return blend(picture, (0.14, 0.05, 0.12), inside(v - (-0.22 + 0.08 * torch.sin(2.4 * u + shift)), 0.015))


# Linear colour behind the person; u and v run over -1..1 across the picture, v upwards. In the order of BACKGROUNDS.
SCENES: tuple[Callable[[Tensor, Tensor, Geometry], Colour], ...] = (
    _plain,
    _gradient,
    _studio,
    _bokeh,
    _park,
    _beach,
    _city,
    _library,
    _mountains,
    _sunset,
)
