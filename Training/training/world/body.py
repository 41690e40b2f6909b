"""Shoulders and clothes."""

from __future__ import annotations

import torch
from torch import Tensor

from .fields import Geometry, blend, bump, capsule, colour_of, ellipse, ellipsoid, inside, scaled, segment, smooth_difference, smooth_intersection, smooth_union, smoothstep

BODY_LIFT = 0.12  # shoulders are this much nearer to the chin than the numbers below say


def _joint(name: str, x: Tensor, g: Geometry):
    """Place of an elbow or wrist: x outwards, of the arm on the side of the picture that x is on."""
    left = x < 0
    return tuple(torch.where(left, g[f"left_{name}_{axis}"], g[f"right_{name}_{axis}"]) for axis in "xyz")


def hand_distance(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """Hands as mittens, straight on from the forearms."""
    y = y - BODY_LIFT
    ax = torch.sqrt(x * x + 1e-4)
    elbow, wrist = _joint("elbow", x, g), _joint("wrist", x, g)
    along = tuple(w - e for e, w in zip(elbow, wrist))
    start, end = (tuple(w + reach * a for w, a in zip(wrist, along)) for reach in (0.05, 0.36))
    return capsule(ax, y, z, start, end, 0.19, 0.15)


def torso_distance(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """Trunk, shoulders and arms to the wrist, without neck."""
    y = y - BODY_LIFT
    ax = torch.sqrt(x * x + 1e-4)
    wide = g["build"]
    chest = ellipsoid(x, y + 2.85, z + 0.42, 1.10 * wide, 1.15, 0.66)
    shoulders = capsule(ax, y, z, (0.0, -1.88, -0.44), (0.98 * wide, -2.08, -0.44), 0.30, 0.31)
    hips = ellipsoid(x, y + 4.4, z + 0.42, 0.92 * wide, 1.3, 0.60)
    elbow, wrist = _joint("elbow", x, g), _joint("wrist", x, g)
    arm = capsule(ax, y, z, (1.02 * wide, -2.08, -0.44), elbow, 0.31, 0.29)
    forearm = capsule(ax, y, z, elbow, wrist, 0.28, 0.22)
    trunk = smooth_union(smooth_union(chest, hips, 0.30), shoulders, 0.35)
    return smooth_union(trunk, torch.minimum(arm, forearm), 0.12)


def neckline(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """Distance to the room that a garment leaves for the neck: round about it, and a point in front."""
    round_neck = torch.sqrt(x * x + (z + 0.30) ** 2 + 1e-6) - g["cloth_open"] - 0.18 * (y + 1.62)
    depth = (g["cloth_depth"] - y) / 0.75
    narrowing = (1 + 1.35 * (y + 1.62) / (-1.62 - g["cloth_depth"] + 0.06)).clamp(0.0, 1.4)
    point = torch.maximum(torch.sqrt(x * x + 1e-3) - g["cloth_spread"] * narrowing, depth)
    point = torch.maximum(point * 0.7, -z - 0.25)
    return smooth_union(smooth_intersection(round_neck, -1.93 - y, 0.16), point, 0.12)


def cloth_distance(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """The garment: the torso a little fuller, open at the neck, with a rolled collar where it has one."""
    torso = torso_distance(x, y, z, g)
    y = y - BODY_LIFT
    base = smooth_union(torso, capsule(x, y, z, (0.0, -1.2, -0.30), (0.0, -2.0, -0.36), 0.33 * g["build"], 0.40 * g["build"]), 0.26) - 0.025
    opening = neckline(x, y, z, g)
    bare = torch.maximum(x.abs() - 3.0, -2.02 - 0.10 * torch.cos(x * 4.2) - y)
    strap = (x.abs() - 0.62).abs() - 0.075
    bare = torch.maximum(bare, -strap)
    opening = torch.minimum(opening, bare + (1 - g["cloth_bare"]) * 10.0)
    cloth = smooth_difference(base, opening, 0.045)
    ring = torch.sqrt(x * x + (z + 0.28) ** 2 + 1e-6) - g["cloth_roll_r"]
    height = (y - g["cloth_roll_y"] + 0.30 * (z + 0.28)) / g["cloth_roll_s"]
    roll = torch.sqrt(ring * ring + height * height + 1e-8) - g["cloth_roll_t"]
    return smooth_union(cloth, roll, 0.06)


def paint_cloth(x: Tensor, y: Tensor, z: Tensor, g: Geometry, soft: Tensor):
    """Cloth colour with the pattern of its kind."""
    y = y - BODY_LIFT
    ax = x.abs()
    cloth, trim = colour_of(g, "cloth"), colour_of(g, "trim")
    white = (0.86, 0.86, 0.84)
    blank = tuple(torch.zeros_like(x) + c for c in cloth)
    fold = 1 - 0.10 * bump(ax - 0.82 - 0.14 * (y + 2.4), 0.07) * smoothstep(-1.9, -2.3, y)
    colour = scaled(blank, fold)
    edge = soft * 1.5

    stripe = inside((torch.frac((y + 0.12 * x * x + 20.0) * 2.6) - 0.5).abs() - 0.22, 2.6 * edge)
    colour = blend(colour, trim, stripe * g["clothes_striped_shirt"])

    front = smoothstep(-0.5, -0.3, z)
    # Dungarees: a bib and two straps over a shirt.
    bib = torch.minimum(torch.maximum(ax - 0.55, y + 2.08), (ax - 0.50 - 0.08 * (y + 2.0)).abs() - 0.085)
    bib = torch.minimum(bib, torch.maximum(y + 2.75, ax - 0.98))
    colour = blend(colour, trim, inside(bib, edge) * g["clothes_dungarees"] * front)
    button = inside(ellipse(ax - 0.49, y + 2.15, 0.05, 0.05), edge) * g["clothes_dungarees"]
    colour = blend(colour, (0.75, 0.60, 0.20), button * front)

    # Shirt: a button placket, and the collar's points.
    placket = bump(ax - 0.075, 0.012) * 0.35
    points = inside(torch.sqrt(ax * ax + (torch.frac((y + 20.0) * 2.4) / 2.4 - 0.2) ** 2 + 1e-8) - 0.03, edge)
    colour = blend(colour, scaled(blank, 0.6), placket * g["clothes_shirt"] * front)
    colour = blend(colour, white, points * g["clothes_shirt"] * front)

    # Suit: white shirt in a V, tie, lapels with a shaded edge.
    lapel = ax - 0.40 * ((y + 2.62) / 1.0).clamp(0, 1.15)
    vee = inside(torch.maximum(lapel, -2.6 - y), edge)
    tie = inside(torch.maximum(ax - 0.075 - 0.05 * (-(y + 1.62)).clamp(0, 1.0), y + 1.62), edge)
    knot = inside(ellipse(x, y + 1.64, 0.105, 0.085), edge)
    suited = blend(colour, white, torch.maximum(vee, smoothstep(-1.62, -1.58, y)))
    suited = blend(suited, trim, torch.maximum(tie * vee, knot))
    suited = blend(suited, scaled(blank, 0.55), bump(lapel - 0.01, 0.012) * smoothstep(-1.55, -1.6, y) * 0.8)
    suited = blend(suited, scaled(blank, 0.7), bump(lapel - 0.23 * smoothstep(-2.5, -2.0, y), 0.010) * smoothstep(-1.70, -1.8, y) * (y > -2.3).float() * 0.8)
    colour = blend(colour, suited, g["clothes_suit"] * front)

    # Coat: an open front line, the scarf in the trim colour.
    ring = torch.sqrt(x * x + (z + 0.28) ** 2 + 1e-6)
    wrapped = inside(torch.maximum(-1.70 - 0.30 * (z + 0.28) - y, ring - 0.75), edge)
    tail = inside(torch.maximum((x - 0.26 - 0.1 * (y + 1.7)).abs() - 0.15, y + 1.55), edge) * front
    ribs = 0.92 + 0.08 * torch.sin(ring * 40.0 + y * 14.0)
    coat = blend(colour, scaled(blank, 0.5), bump(x + 0.06, 0.02) * front * 0.8)
    coat = blend(coat, scaled(trim, ribs), torch.maximum(wrapped, tail))
    colour = blend(colour, coat, g["clothes_scarf_coat"])

    # Hoodie: strings, and a pocket line out of sight.
    string = inside((segment(ax, y, 0.17, -1.78, 0.15, -2.25)) - 0.022, edge)
    colour = blend(colour, white, string * g["clothes_hoodie"] * front)
    rib = 0.5 + 0.5 * torch.sin(torch.atan2(x, z + 0.30) * 46.0)
    colour = scaled(colour, 1 - 0.10 * rib * g["clothes_turtleneck"] * smoothstep(-1.60, -1.50, y))
    # A knitted band round the neckline of plain shirts.
    plain = g["clothes_t_shirt"] + g["clothes_v_neck"] + g["clothes_striped_shirt"] + g["clothes_dungarees"]
    band = inside(neckline(x, y, z, g) - 0.075, edge)
    return scaled(colour, 1 - 0.20 * band * plain)
