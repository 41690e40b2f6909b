"""Hair as volumes: a cap cut at the hairline, curtains, a back, knots and tails; hats and scarves that cover it."""

from __future__ import annotations

import torch
from torch import Tensor

from .fields import (
    colour_of,
    Geometry,
    blend,
    bump,
    capsule,
    column,
    ellipse,
    ellipsoid,
    mix,
    scaled,
    smooth_difference,
    smooth_intersection,
    smooth_union,
    smoothstep,
    sphere,
)
from .head import scalp_line, to_head


def _cap(hx: Tensor, hy: Tensor, hz: Tensor, ax: Tensor, g: Geometry) -> Tensor:
    thick = g["cut_cap"]
    shell = ellipsoid(hx, hy - 0.34 - 0.4 * g["cut_top"], hz + 0.16, 0.845 + thick, 0.88 + thick + 0.6 * g["cut_top"], 0.93 + thick)
    behind_line = (scalp_line(hx, hz, g) - hy) * 0.62
    clump = (0.012 * torch.sin(hx * 17.0 + 1.5 * torch.sin(hx * 4.0)) + 0.007 * torch.sin(hx * 43.0)) * smoothstep(0.9, 0.3, ax)
    edge = g["cut_fringe"] + g["cut_slant"] * hx + clump + 0.10 * hx * hx
    fringe = torch.maximum((edge - hy) * 0.85, (0.25 - hz) * 0.8)
    return smooth_intersection(shell, torch.minimum(behind_line, fringe), 0.07) + g["cap_off"]


def _curtains(hx: Tensor, hy: Tensor, hz: Tensor, ax: Tensor, g: Geometry) -> Tensor:
    flare = 1 + g["cut_side_flare"] * (0.3 - hy).clamp(0, 2)
    wave = 0.035 * torch.sin(hy * 5.0 + 1.0) * (g["cut_side_end"] < -1.0).float()
    width = g["cut_side"] * g["hair_volume"] * flare
    reach = (0.80 + 0.35 * (width - 0.2)) * (1.0 + 0.0 * hy)
    side = column(ax - reach - wave, hy, hz + 0.10, g["cut_side_end"], 0.28 + 0 * hy, width, 0.25, 0.40) + g["side_off"]
    back = column(hx, hy, hz + 0.52, g["cut_back_end"], 0.25 + 0 * hy, 0.80 * (0.9 + 0.1 * flare), 0.30, 0.44) * 0.55 + g["back_off"]
    return smooth_union(side, back, 0.15)


def _tied(hx: Tensor, hy: Tensor, hz: Tensor, ax: Tensor, g: Geometry) -> Tensor:
    knot = sphere(hx - g["cut_knot_x"], (hy - g["cut_knot_y"]) * 1.12, hz - g["cut_knot_z"], g["cut_knot_r"]) + g["knot_off"]
    side = g["tail_side"]
    sx = hx * side
    arch = capsule(sx, hy, hz, (0.15, 1.10, -0.75), (0.92, 0.62, -0.62), 0.20, 0.27)
    fall = capsule(sx, hy, hz, (0.92, 0.62, -0.62), (1.12, -0.95, -0.35), 0.27, 0.10)
    tail = smooth_union(arch, fall, 0.18) + g["tail_off"]
    radius = g["cut_twin_r"] * g["hair_volume"]
    start = (0.86 + 0.12 * smoothstep(-0.1, 0.4, g["cut_twin_top"]), g["cut_twin_top"], -0.10)
    end = (0.98 + 0.12 * smoothstep(-0.1, 0.4, g["cut_twin_top"]), g["cut_twin_end"], 0.12)
    plaits = 1 + g["cut_plait"] * (0.20 * torch.cos(hy * 17.0).abs() - 0.08)
    twins = capsule(ax, hy, hz, start, end, radius * plaits, radius * 0.55 * plaits) + g["twin_off"]
    return torch.minimum(torch.minimum(knot, tail), twins)


def cover_distance(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry) -> Tensor:
    """Beanie or headscarf, from head coordinates."""
    knit = ellipsoid(hx, hy - 0.42, hz + 0.16, 0.93, 0.98, 1.03)
    rim_line = hy - (0.36 + 0.16 * hz)
    beanie = smooth_intersection(knit, -rim_line * 0.98, 0.08)
    rim = torch.maximum(ellipsoid(hx, hy - 0.42, hz + 0.16, 0.985, 1.02, 1.085), (rim_line - 0.14).abs() - 0.13)
    beanie = smooth_union(beanie, rim, 0.05) + g["beanie_off"]

    wrap = ellipsoid(hx, hy - 0.22, hz + 0.20, 0.96, 1.10, 1.05)
    throat = ellipsoid(hx, hy + 1.05, hz + 0.05, 0.62, 0.52, 0.58)
    drape = ellipsoid(hx, hy + 1.62, hz + 0.18, 0.80, 0.40, 0.62)
    wrap = smooth_union(smooth_union(wrap, throat, 0.35), drape, 0.30)
    window = torch.maximum(ellipse(hx, hy + 0.20, 0.63, 0.87) * 0.9, -0.1 - hz)
    scarf = smooth_difference(wrap, window, 0.09) + g["scarf_off"]
    return torch.minimum(beanie, scarf)


def hair_distance(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """Distance to hair and whatever covers it, from camera coordinates."""
    hx, hy, hz = to_head(x, y, z, g)
    ax = torch.sqrt(hx * hx + 1e-5)
    hair = smooth_union(_cap(hx, hy, hz, ax, g), _curtains(hx, hy, hz, ax, g), 0.12)
    hair = smooth_union(hair, _tied(hx, hy, hz, ax, g), 0.06)
    f = g["cut_curl_f"]
    curls = torch.sin(f * hx + 0.8 * torch.sin(f * hy)) * torch.sin(f * hy + 1.0) * torch.sin(f * hz + 0.6 * torch.sin(f * hx))
    hair = hair - g["cut_curl"] * curls
    return torch.minimum(hair, cover_distance(hx, hy, hz, g))


def strand_frame(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry):
    """The meridian of a point seen from the parting on the crown: unit direction outwards in the head's x-z plane."""
    px = 0.22 * g["hair_parting"]
    dx, dz = hx - px * smoothstep(0.0, 0.8, hy), hz + 0.05
    inverse = torch.rsqrt(dx * dx + dz * dz + 0.01)
    return dx * inverse, dz * inverse


def paint_hair(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry):
    """Hair colour with strands, and for the light: how much is hair (the rest is cloth), strand wave in -1..1."""
    sx, sz = strand_frame(hx, hy, hz, g)
    waves = torch.sin(23 * sx + 9 * sz + 1.2 * torch.sin(2.2 * hy)) + 0.8 * torch.sin(41 * sx - 31 * sz + 1.6 * hy + 1.0)
    waves = waves + 0.5 * torch.sin(67 * sz + 73 * sx - 1.1 * hy)
    waves = waves * 0.42 * g["cut_strand"]
    hair = tuple(torch.zeros_like(hx) + c for c in colour_of(g, "hair"))
    roots = smoothstep(0.2, 1.3, hy) * 0.18
    hair = scaled(hair, (1 - roots) * (1 + 0.30 * waves))
    cover = colour_of(g, "cover")
    ribs = 1 - 0.10 * (0.5 + 0.5 * torch.sin(torch.atan2(hx, hz + 0.16) * 34.0)) * g["hair_beanie"]
    folds = 1 + 0.10 * torch.sin(9.0 * hy + 7.0 * hx.abs() + 3.0 * hx) * g["hair_headscarf"]
    is_cover = smoothstep(0.03, 0.0, cover_distance(hx, hy, hz, g)) * (g["hair_beanie"] + g["hair_headscarf"])
    colour = blend(hair, scaled(cover, ribs * folds), is_cover)
    return colour, 1 - is_cover, waves
