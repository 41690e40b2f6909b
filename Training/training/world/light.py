"""Light on a person: a key light, sky and ground, a rim from behind; skin that lets light through, hair that shines."""

from __future__ import annotations

import torch
from torch import Tensor

from .fields import Colour, Geometry, colour_of, mix, smoothstep


def shade(albedo: Colour, normal: Colour, tangent: Colour, parts: dict[str, Tensor], open_sky: Tensor, lit: Tensor, g: Geometry):
    """Linear colour of a lit surface. `parts` has coverages: skin, hair, eye, lips (sheen)."""
    nx, ny, nz = normal
    lx, ly, lz = g["light_x"], g["light_y"], g["light_z"]
    key = colour_of(g, "key")
    facing = nx * lx + ny * ly + nz * lz
    skin, hair, eye, lips = parts["skin"], parts["hair"], parts["eye"], parts["lips"]

    wrap = 0.32 * (1 - 0.75 * g["light_hardness"])
    diffuse = ((facing + wrap) / (1 + wrap)).clamp_min(0)
    direct = diffuse * lit
    # Subsurface: red light leaks past the terminator and into soft shadows.
    bleed = skin * 0.22 * ((facing + 0.45) / 1.45).clamp(0, 1) * (1 - direct.clamp(0, 1)) * mix(0.3, 1.0, lit)
    sky = (0.5 + 0.5 * ny)
    fill = g["fill_strength"]
    front = 0.45 + 0.55 * nz.clamp_min(0)
    sun = (key[0] * 1.0, key[1] * 1.0, key[2] * 1.0)
    ambient = (
        fill * open_sky * (mix(0.30, 0.46, sky) * front + 0.10),
        fill * open_sky * (mix(0.26, 0.50, sky) * front + 0.10),
        fill * open_sky * (mix(0.24, 0.56, sky) * front + 0.11),
    )
    # Crevices of skin are warm, not grey.
    warmth = skin * (1 - open_sky) * 0.5
    received = (
        sun[0] * (direct + bleed) + ambient[0] * (1 + 0.5 * warmth),
        sun[1] * (direct + 0.28 * bleed) + ambient[1] * (1 + 0.05 * warmth),
        sun[2] * (direct + 0.20 * bleed) + ambient[2] * (1 - 0.10 * warmth),
    )
    # Eyeballs gather light from everywhere; shading them fully would make them dull.
    even = 0.62 * (key[0] * 0.5 + fill * 0.6)
    received = tuple(mix(r, mix(r, even, 0.65), eye) for r in received)

    hx, hy, hz = g["half_x"], g["half_y"], g["half_z"]
    n_half = (nx * hx + ny * hy + nz * hz).clamp(0, 1)
    rim_x = -torch.sign(lx + 1e-3)
    edge = (1.25 * (1 - nz.clamp(0.2, 1))) ** 3 * 0.8
    rim = g["rim_strength"] * edge * smoothstep(-0.35, 0.65, nx * rim_x * 0.75 + ny * 0.5) * (0.35 + 0.65 * open_sky)
    gloss = skin * 0.055 * n_half**14 + lips * 0.34 * n_half**34
    t_half = tangent[0] * hx + tangent[1] * hy + tangent[2] * hz
    across = torch.sqrt((1 - t_half * t_half).clamp_min(0))
    band = across**26 * 0.30 + across**90 * 0.35
    gleam = hair * band * (0.30 + 0.70 * diffuse) * (0.3 + 0.7 * open_sky)
    specular = (gloss * lit + 0.02 * n_half**6 * (1 - skin) * lit)

    out = []
    for channel in range(3):
        tinted = gleam * mix(albedo[channel], 0.55, 0.35) * key[channel]
        rim_tint = rim * mix(albedo[channel], 0.8, 0.35) * (1.0, 0.98, 0.96)[channel]
        out.append(albedo[channel] * received[channel] + specular * key[channel] + tinted + 0.75 * rim_tint * (1 - eye))
    return tuple(out)


def tone_map(colour: Colour) -> Colour:
    """Linear light to display values in 0..1: straight in the middle, a soft shoulder, then the sRGB power."""

    def channel(c: Tensor) -> Tensor:
        c = c.clamp_min(0)
        c = torch.where(c < 0.6, c, 0.6 + 0.4 * (1 - torch.exp(-(c - 0.6) / 0.4)))
        return (c + 1e-6) ** (1 / 2.2)

    return tuple(channel(c) for c in colour)
