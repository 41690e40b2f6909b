"""Eight ways to finish the same picture. Every style keeps the colours of skin and hair readable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .fields import Colour, Geometry, blend, bump, ellipse, hashed, inside, mix, scaled, smoothstep
from .light import tone_map


@dataclass(frozen=True)
class Style:
    """A style as a user sees it: short name, title, and the words that a caption or prompt uses."""

    name: str
    title: str
    prompt: str


STYLES = (
    Style("photo-soft", "Soft photo", "soft studio photograph, natural colours"),
    Style("watercolour", "Watercolour", "watercolour painting, flowing washes on white paper"),
    Style("ink", "Ink drawing", "ink drawing, bold black lines, flat washes"),
    Style("neon-night", "Neon night", "neon night, magenta and cyan lights, dark street"),
    Style("winter", "Winter day", "winter day, cold light, falling snow"),
    Style("vintage-film", "Vintage film", "vintage film photograph, faded warm colours"),
    Style("pop-art", "Pop art", "pop art poster, bold outlines, saturated flat colours"),
    Style("clay", "Clay figure", "clay figure, soft matte plasticine"),
)


@dataclass
class Layers:
    """A shaded picture taken apart, in fields (colours: three of them, linear light)."""

    albedo: Colour
    lit: Colour
    background: Colour
    normal: Colour
    person: Tensor  # coverage of the person
    skin: Tensor
    hair: Tensor
    eye: Tensor
    shade: Tensor  # light that reaches the surface, 0..1
    open_sky: Tensor
    outline: Tensor
    tint: Colour  # the background's mean colour, [T, 1]
    u: Tensor
    v: Tensor


def outlines(parts: list[Tensor], depth: Tensor, size: int) -> Tensor:
    """Lines where parts meet or the depth jumps, 0..1, about a hundredth of the picture wide."""
    radius = max(1, round(size / 170))
    window = 2 * radius + 1

    def mean(t: Tensor) -> Tensor:
        padded = F.pad(t[:, None], (radius,) * 4, mode="replicate")
        return F.avg_pool2d(padded, window, stride=1)[:, 0]

    line = torch.zeros_like(depth)
    for part in parts:
        m = mean(part)
        line = torch.maximum(line, smoothstep(0.50, 0.95, 4 * m * (1 - m)))
    jump = (depth - mean(depth)).abs()
    line = torch.maximum(line, smoothstep(0.05, 0.13, mean(jump)))
    return line


def creases(normal: list[Tensor], person: Tensor) -> Tensor:
    """Thin lines where the surface [B, H, W] bends sharply: chin, nose, ears, collars, locks."""
    mean = [F.avg_pool2d(F.pad(n[:, None], (1, 1, 1, 1), mode="replicate"), 3, stride=1)[:, 0] for n in normal]
    bent = 1 - (mean[0] ** 2 + mean[1] ** 2 + mean[2] ** 2)
    return 0.85 * smoothstep(0.10, 0.28, bent) * smoothstep(0.9, 1.0, person)


def _luminance(colour: Colour) -> Tensor:
    return 0.30 * colour[0] + 0.55 * colour[1] + 0.15 * colour[2]


def _saturated(colour: Colour, amount) -> Colour:
    grey = _luminance(colour)
    return tuple((grey + (c - grey) * amount).clamp_min(0) for c in colour)


def _wobble(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """A slow random wave, about -1..1."""
    return 0.5 * (torch.sin(3.1 * u + 2.0 * torch.sin(2.3 * v + 6 * seed) + 9 * seed) + torch.sin(3.7 * v + 1.7 * torch.sin(2.9 * u + 4 * seed)))


def _photo(layers: Layers, g: Geometry) -> Colour:
    lit = blend(layers.background, layers.lit, layers.person)
    fall = 1 - 0.16 * smoothstep(0.6, 1.5, torch.sqrt(layers.u**2 + layers.v**2))
    return tone_map(scaled(lit, fall))


def _watercolour(layers: Layers, g: Geometry) -> Colour:
    seed = g["background_seed"]
    wobble = _wobble(layers.u, layers.v, seed)
    wash = 0.62 + 0.26 * smoothstep(0.30, 0.42, layers.shade) + 0.20 * smoothstep(0.68, 0.80, layers.shade)
    pigment = scaled(_saturated(layers.albedo, 1.25), wash * (0.92 + 0.10 * wobble) * mix(0.72, 1.0, layers.open_sky))
    person = tone_map(tuple(p * 1.04 + 0.045 for p in pigment))
    person = blend(person, tone_map(layers.lit), layers.eye)
    paper = (0.985, 0.975, 0.950)
    ground = tone_map(_saturated(layers.background, 1.2))
    distance = torch.sqrt((layers.u * 0.92) ** 2 + (layers.v * 0.95) ** 2) + 0.13 * wobble
    pool = smoothstep(1.10, 0.86, distance)
    rim = bump(distance - 0.93, 0.05) * 0.16
    ground = blend(tuple(torch.full_like(layers.u, p) for p in paper), tuple(mix(c, 1.0, 0.28) * (1 - rim) for c in ground), (pool * 0.92))
    bottom = smoothstep(-1.02, -0.72, layers.v + 0.10 * wobble)
    picture = blend(ground, person, layers.person * bottom)
    return blend(picture, tuple(p * 0.45 for p in person), layers.outline * 0.38 * bottom)


def _ink(layers: Layers, g: Geometry) -> Colour:
    paper = (0.965, 0.945, 0.890)
    wash = _saturated(layers.albedo, 1.12)
    shadow = mix(0.60, 1.0, smoothstep(0.33, 0.40, layers.shade))
    person = tone_map(tuple(mix(c, 0.95, 0.03) * shadow * mix(0.75, 1.0, layers.open_sky) for c in wash))
    ground = tuple(mix(c, p, 0.62) for c, p in zip(tone_map(layers.background), paper))
    picture = blend(ground, person, layers.person)
    picture = blend(picture, tone_map(layers.lit), layers.eye)
    return blend(picture, (0.06, 0.06, 0.09), layers.outline * 0.95)


def _neon(layers: Layers, g: Geometry) -> Colour:
    nx, ny, nz = layers.normal
    left, right = (-nx * 0.95 + 0.25 * nz).clamp(0, 1), (nx * 0.95 + 0.25 * nz).clamp(0, 1)
    left, right = 0.75 * left**2.2, 0.75 * right**2.2
    magenta, cyan = (1.55, 0.16, 0.95), (0.10, 0.95, 1.55)
    front = (0.40 + 0.42 * nz.clamp_min(0)) * layers.open_sky * (0.55 + 0.45 * layers.shade)
    person = []
    for c in range(3):
        surface = mix(layers.albedo[c], 0.5, 0.03)
        glow = left * magenta[c] + right * cyan[c]
        person.append(surface * (front * (0.96, 0.90, 1.08)[c] + glow * (0.35 + 0.65 * layers.open_sky)))
    person = blend(tuple(person), scaled(layers.lit, 0.75), layers.eye)
    seed = g["background_seed"]
    u, v = layers.u, layers.v
    night = scaled(layers.background, 0.10)
    night = (night[0] + 0.020 + 0.05 * smoothstep(0.4, -1.2, u), night[1] + 0.010 + 0.02 * smoothstep(-0.2, 1.2, u), night[2] + 0.055)
    for i in range(5):
        x = hashed(seed * 0 + 1.3 * i + 0.2, seed) * 2.2 - 1.1
        top = hashed(seed * 0 + 2.9 * i + 0.7, seed) * 1.2 - 0.1
        bar = torch.sqrt((u - x) ** 2 + (v - v.clamp(-0.25, 1.0) + (v - top).clamp_min(0)) ** 2 * 1.0 + 1e-6)
        colour = (magenta, cyan, (1.2, 0.35, 0.15))[i % 3]
        tube = smoothstep(0.045, 0.020, bar) * 0.9 + 0.30 * torch.exp(-bar * 6.0)
        night = tuple(n + t * tube for n, t in zip(night, colour))
    return tone_map(blend(night, person, layers.person))


def _winter(layers: Layers, g: Geometry) -> Colour:
    cold = tuple(c * f for c, f in zip(layers.lit, (0.90, 1.0, 1.16)))
    rim = layers.person * (1 - layers.normal[2].clamp(0, 1)) ** 2 * smoothstep(-0.1, 0.9, layers.normal[1]) * (1 - layers.eye)
    person = tuple(c + 0.55 * rim * f for c, f in zip(cold, (0.85, 0.95, 1.10)))
    grey = _luminance(layers.background)
    misty = tuple(mix(mix(c, grey, 0.35) * f, s, 0.55) for c, f, s in zip(layers.background, (0.75, 0.95, 1.25), (0.62, 0.76, 0.93)))
    snow = smoothstep(-0.35, -0.55, layers.v + 0.06 * _wobble(layers.u, layers.v * 0, g["background_seed"]))
    misty = blend(misty, (0.86, 0.92, 1.0), snow)
    picture = blend(misty, person, layers.person)
    flakes = torch.zeros_like(layers.u)
    seed = g["background_seed"]
    for i in range(16):
        x = hashed(seed * 0 + 1.9 * i + 0.4, seed) * 2.2 - 1.1
        y = hashed(seed * 0 + 3.3 * i + 1.1, seed) * 2.2 - 1.1
        radius = 0.022 + 0.030 * hashed(seed * 0 + 5.7 * i, seed)
        r = torch.sqrt((layers.u - x) ** 2 + (layers.v - y) ** 2 + 1e-6)
        flakes = torch.maximum(flakes, smoothstep(radius * 1.3, radius * 0.5, r))
    flakes = flakes * (1 - layers.skin * 0.9) * (1 - layers.eye)
    return tone_map(blend(picture, (1.0, 1.0, 1.05), flakes * 0.88))


def _vintage(layers: Layers, g: Geometry) -> Colour:
    picture = tone_map(blend(layers.background, layers.lit, layers.person))
    grey = _luminance(picture)
    faded = tuple(mix(c, grey, 0.26) for c in picture)
    toned = tuple(low + (high - low) * c for c, low, high in zip(faded, (0.105, 0.070, 0.055), (1.0, 0.935, 0.800)))
    far = torch.sqrt(layers.u**2 + layers.v**2)
    toned = scaled(toned, 1 - 0.42 * smoothstep(0.65, 1.45, far))
    leak = torch.exp(-(((layers.u - 1.15) / 0.38) ** 2)) * 0.42 * smoothstep(-1.4, 0.9, layers.v)
    return tuple((t + leak * c).clamp(0, 1) for t, c in zip(toned, (0.85, 0.33, 0.08)))


def _pop_art(layers: Layers, g: Geometry) -> Colour:
    levels = 0.55 + 0.30 * smoothstep(0.36, 0.40, layers.shade) + 0.22 * smoothstep(0.74, 0.78, layers.shade)
    flat = _saturated(scaled(layers.albedo, levels), 1.55)
    person = tone_map(flat)
    person = blend(person, tone_map(layers.lit), layers.eye)
    tint = tone_map(layers.tint)
    high = torch.maximum(torch.maximum(tint[0], tint[1]), tint[2])
    low = torch.minimum(torch.minimum(tint[0], tint[1]), tint[2])
    vivid = tuple(((c - low) / (high - low + 0.06)).clamp(0, 1) * 0.80 + 0.14 for c in tint)
    angle = torch.atan2(layers.v + 0.25, layers.u + 1e-4)
    rays = smoothstep(-0.06, 0.06, torch.sin(angle * 9.0))
    light = tuple(mix(c, 1.0, 0.42) + 0 * layers.u for c in vivid)
    ground = blend(light, vivid, rays)
    return blend(blend(ground, person, layers.person), (0.03, 0.02, 0.05), layers.outline)


def _clay(layers: Layers, g: Geometry) -> Colour:
    nx, ny, nz = layers.normal
    soft = tuple(0.96 * c + 0.012 for c in _saturated(layers.albedo, 1.05))
    lump = 0.03 * _wobble(layers.u * 3.0, layers.v * 3.0, g["background_seed"])
    light = (0.30 + 0.34 * (0.5 + 0.5 * ny) + 0.42 * layers.shade + lump) * mix(0.35, 1.0, layers.open_sky)
    person = tuple(c * light * f for c, f in zip(soft, (1.04, 1.0, 0.95)))
    person = blend(person, layers.lit, layers.eye)
    ground = tuple((mix(c, 0.62, 0.50) * (0.72 + 0.30 * smoothstep(-1.0, 0.8, layers.v)) + 0 * layers.u) for c in layers.tint)
    return tone_map(blend(ground, person, layers.person))


# Display colour, in the order of STYLES.
FINISHES: tuple[Callable[[Layers, Geometry], Colour], ...] = (
    _photo,
    _watercolour,
    _ink,
    _neon,
    _winter,
    _vintage,
    _pop_art,
    _clay,
)
OUTLINED = ("watercolour", "ink", "pop-art")  # styles that draw lines
