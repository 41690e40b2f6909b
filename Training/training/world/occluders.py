"""Things before the face on condition photos: a hand, a mug in a hand, something out of focus close to the camera.

They are flat shapes shaded as if they were round: cheap, and convincing at the size of a photo."""

from __future__ import annotations

import torch
from torch import Tensor

from .fields import Colour, Geometry, blend, colour_of, ellipse, hashed, inside, mix, scaled, smoothstep


class _Relief:
    """Round bars joined to one body seen from the front: coverage, height, normal and what belongs to which colour."""

    def __init__(self, like: Tensor):
        zero = torch.zeros_like(like)
        self.coverage, self.height, self.nx, self.ny, self.mark = zero, zero - 1, zero, zero, zero

    def bar(self, x: Tensor, y: Tensor, start, end, radius, soft: Tensor, lift: float = 0.0, mark: float = 0.0) -> None:
        """A capsule between two points, `lift` nearer to the viewer; `mark` is kept where it is on top."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        x, y = x - start[0], y - start[1]
        along = ((x * dx + y * dy) / (dx * dx + dy * dy + 1e-6)).clamp(0, 1)
        x, y = (x - along * dx) / radius, (y - along * dy) / radius
        square = x * x + y * y
        cover = inside((torch.sqrt(square + 1e-6) - 1) * radius, soft)
        height = torch.where(square < 1.1, radius * torch.sqrt((1 - square).clamp_min(0)) + lift, -1.0)
        top = height > self.height
        self.height = torch.maximum(self.height, height)
        self.nx, self.ny = torch.where(top, x, self.nx), torch.where(top, y, self.ny)
        self.mark = torch.where(top, mark, self.mark)
        self.coverage = torch.maximum(self.coverage, cover)

    def light(self, g: Geometry) -> Colour:
        nz = torch.sqrt((1 - self.nx**2 - self.ny**2).clamp_min(0.02))
        facing = self.nx * g["light_x"] + self.ny * g["light_y"] + nz * g["light_z"]
        direct = ((facing + 0.25) / 1.25).clamp_min(0)
        ambient = g["fill_strength"] * (0.30 + 0.16 * self.ny) * (0.45 + 0.55 * nz)
        return tuple(direct * key * 0.85 + ambient for key in colour_of(g, "key"))


def _hand(x: Tensor, y: Tensor, g: Geometry, soft: Tensor):
    """A hand raised before the lower face, its back towards the viewer."""
    side = torch.sign(g["occlusion_x"] + 1e-3)
    x, y = side * x - 0.30 - 0.25 * g["occlusion_x"].abs(), y + 0.92 - 0.28 * g["occlusion_y"]
    # Leaning towards the middle of the face.
    x, y = 0.94 * x + 0.34 * y, 0.94 * y - 0.34 * x
    relief = _Relief(x)
    relief.bar(x, y, (0.02, -0.55), (0.10, -3.0), 0.25, soft, -0.05)
    relief.bar(x, y, (0.06, -1.05), (0.12, -3.2), 0.34, soft, 0.0, 1.0)
    for offset in (-0.14, 0.0, 0.14):
        relief.bar(x, y, (offset, -0.12), (0.6 * offset, -0.5), 0.20, soft, -0.06)
    relief.bar(x, y, (-0.22, -0.40), (-0.44, -0.02), 0.105, soft)
    for place, reach in ((-0.235, 0.36), (-0.08, 0.50), (0.08, 0.46), (0.23, 0.30)):
        relief.bar(x, y, (place, -0.05), (1.12 * place, 0.55 * reach), 0.094, soft, 0.01)
        relief.bar(x, y, (1.12 * place, 0.55 * reach), (1.16 * place, reach), 0.084, soft)
    skin = tuple(c + 0 * x for c in colour_of(g, "skin"))
    for place, reach in ((-0.235, 0.36), (-0.08, 0.50), (0.08, 0.46), (0.23, 0.30)):
        nail = inside(ellipse(x - 1.16 * place, y - reach - 0.015, 0.046, 0.056), soft)
        skin = blend(skin, (mix(skin[0], 0.85, 0.30), mix(skin[1], 0.50, 0.22), mix(skin[2], 0.46, 0.22)), nail)
        crease = inside((y - 0.55 * reach).abs() - 0.006, 0.02) * inside((x - 1.12 * place).abs() - 0.05, 0.03)
        skin = scaled(skin, 1 - 0.18 * crease)
    return blend(skin, colour_of(g, "cloth"), relief.mark), relief


def _mug(x: Tensor, y: Tensor, g: Geometry, soft: Tensor):
    """A mug held before the mouth."""
    side = torch.sign(g["occlusion_x"] + 1e-3)
    x, y = side * x - 0.18 * g["occlusion_x"].abs(), y + 0.98 - 0.14 * g["occlusion_y"]
    relief = _Relief(x)
    relief.bar(x, y, (0.40, -0.30), (1.05, -2.6), 0.24, soft, -0.10)
    relief.bar(x, y, (0.55, -0.80), (1.05, -2.6), 0.33, soft, -0.05, 1.0)
    # The mug itself, round about a vertical axis.
    body = torch.maximum(x.abs() - 0.33, y.abs() - 0.36 - 0.05 * (1 - (x / 0.33) ** 2).clamp_min(0) * torch.sign(-y))
    cover = inside(body, soft)
    height = torch.where(body < 0.0, 0.33 * torch.sqrt((1 - (x / 0.33) ** 2).clamp_min(0)), -1.0)
    top = height > relief.height
    relief.height = torch.maximum(height, relief.height)
    relief.nx, relief.ny = torch.where(top, x / 0.33, relief.nx), torch.where(top, 0.0, relief.ny)
    relief.mark = torch.where(top, 2.0, relief.mark)
    relief.coverage = torch.maximum(relief.coverage, cover)
    for level in (0.19, 0.02, -0.15, -0.31):
        relief.bar(x, y, (0.42, level), (-0.02 + 0.12 * abs(level), level + 0.02), 0.083, soft, 0.27)
    skin, trim = colour_of(g, "skin"), colour_of(g, "trim")
    band = inside((y + 0.05).abs() - 0.07, soft)
    mug = blend(tuple(c + 0 * x for c in trim), (0.85, 0.84, 0.80), band)
    mug = scaled(mug, 1 - 0.45 * inside((y - 0.345).abs() - 0.018, soft))
    colour = blend(tuple(c + 0 * x for c in skin), colour_of(g, "cloth"), (relief.mark == 1.0).float())
    return blend(colour, mug, (relief.mark == 2.0).float()), relief


def _foreground(x: Tensor, y: Tensor, g: Geometry):
    """Leaves out of focus at one side: colour already lit, and coverage."""
    side = torch.sign(g["occlusion_x"] + 1e-3)
    # From the picture's edge, whatever its framing.
    x, y = (side * x - side * g["centre_x"]) / g["extent"] - 0.5, (y - g["centre_y"]) / g["extent"]
    seed = g["background_seed"]
    colour = tuple(0 * x + c for c in (0.03, 0.10, 0.03))
    cover = torch.zeros_like(x)
    for i in range(7):
        place = 0.9 * (i / 6 - 0.5) + 0.10 * (hashed(seed * 0 + 1.3 * i, seed) - 0.5) + 0.12 * g["occlusion_y"]
        droop = -0.9 + 0.35 * i + 0.4 * (hashed(seed * 0 + 2.9 * i, seed) - 0.5)
        cosine = torch.rsqrt(1 + droop * droop)
        u, v = (x + 0.02) * cosine + (y - place) * droop * cosine, (y - place) * cosine - (x + 0.02) * droop * cosine
        long = 0.12 + 0.10 * g["occlusion_x"].abs() + 0.07 * hashed(seed * 0 + 4.7 * i, seed)
        leaf = smoothstep(0.022, -0.022, ellipse(u + long, v, long, 0.062))
        rib = 0.75 + 0.5 * inside(v.abs() - 0.004, 0.012)
        tone = (0.45 + 0.7 * hashed(seed * 0 + 6.1 * i, seed)) * rib
        colour = blend(colour, (0.10 * tone, 0.24 * tone, 0.05 * tone), leaf)
        cover = torch.maximum(cover, leaf)
    return tuple(c * (0.35 + 0.65 * k) for c, k in zip(colour, colour_of(g, "key"))), cover


def occlude(x, y, ar, ag, ab, lr, lg, lb, person, skin, hair, eye, face, head, frame, g: Geometry):
    """Draws the picture's occluder, if it has one, over the person."""
    soft = 0.75 * g["pixel"]
    # What is held throws a soft shadow on the face, away from the light.
    sx, sy = x + 0.10 * g["light_x"], y + 0.10 * g["light_y"] + 0.04
    hand, hand_relief = _hand(x, y, g, soft)
    mug, mug_relief = _mug(x, y, g, soft)
    hand_shadow, mug_shadow = _hand(sx, sy, g, 0.10)[1].coverage, _mug(sx, sy, g, 0.10)[1].coverage
    leaves, leaf_cover = _foreground(x, y, g)
    shadow = 1 - 0.45 * (g["held_hand"] * hand_shadow + g["held_cup"] * mug_shadow)
    albedo, lit = (ar, ag, ab), scaled((lr, lg, lb), shadow)
    hand_cover, mug_cover = g["held_hand"] * hand_relief.coverage, g["held_cup"] * mug_relief.coverage
    leaf_cover = g["held_foreground"] * leaf_cover
    for colour, cover, light in ((hand, hand_cover, hand_relief.light(g)), (mug, mug_cover, mug_relief.light(g)), (leaves, leaf_cover, (1, 1, 1))):
        albedo = blend(albedo, colour, cover)
        lit = blend(lit, tuple(c * l for c, l in zip(colour, light)), cover)
    free = (1 - hand_cover) * (1 - mug_cover) * (1 - leaf_cover)
    person = 1 - (1 - person) * free
    return *albedo, *lit, person, skin * free, hair * free, eye * free, face * free, head * free, frame * free
