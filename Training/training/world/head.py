"""The head: its surface as one distance field, and what is painted on its skin (but for eyes and brows)."""

from __future__ import annotations

import torch
from torch import Tensor

from .body import hand_distance, torso_distance
from .fields import (
    colour_of,
    Colour,
    Geometry,
    blend,
    bump,
    capsule,
    ellipse,
    ellipsoid,
    inside,
    mix,
    scaled,
    segment,
    smooth_difference,
    smooth_union,
    smoothstep,
    sphere,
)
from .geometry import NECK


def to_head(x: Tensor, y: Tensor, z: Tensor, g: Geometry):
    """Camera coordinates to head coordinates; the head's own width and height are scaled away."""
    x, y, z = x - NECK[0], y - NECK[1], z - NECK[2]
    hx = g["rot00"] * x + g["rot10"] * y + g["rot20"] * z
    hy = g["rot01"] * x + g["rot11"] * y + g["rot21"] * z
    hz = g["rot02"] * x + g["rot12"] * y + g["rot22"] * z
    return (hx + NECK[0]) / g["head_width"], (hy + NECK[1]) / g["head_height"], hz + NECK[2]


def to_camera(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry):
    """The inverse of `to_head`."""
    x, y, z = hx * g["head_width"] - NECK[0], hy * g["head_height"] - NECK[1], hz - NECK[2]
    return (
        g["rot00"] * x + g["rot01"] * y + g["rot02"] * z + NECK[0],
        g["rot10"] * x + g["rot11"] * y + g["rot12"] * z + NECK[1],
        g["rot20"] * x + g["rot21"] * y + g["rot22"] * z + NECK[2],
    )


def skin_distance(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """Distance to the bare skin of head, neck and shoulders, from camera coordinates."""
    hx, hy, hz = to_head(x, y, z, g)
    ax = torch.sqrt(hx * hx + 1e-5)
    smile = g["smile"].clamp(0, 1.2)

    skull = ellipsoid(hx, hy - 0.32, hz + 0.14, 0.83, 0.88, 0.93)
    face = ellipsoid(hx, hy + 0.30, hz - 0.06, 0.70 * g["jaw_width"], 0.88, 0.785)
    head = smooth_union(skull, face, 0.32)
    corner = sphere(ax - 0.36 * g["jaw_width"], hy + 0.74, hz - 0.16, 0.16 + 0.11 * g["jaw_square"])
    head = smooth_union(head, corner, 0.30)
    chin = ellipsoid(hx, hy - g["chin_y"], hz - 0.50, 0.22 * g["chin_width"], 0.17, 0.19)
    head = smooth_union(head, chin, 0.26)
    cheek = sphere(ax - 0.41, hy + 0.36 - 0.05 * smile, hz - 0.50, 0.235 + 0.055 * g["cheek_fullness"] + 0.03 * smile)
    head = smooth_union(head, cheek, 0.26)
    # Flesh between cheekbone, jaw and mouth: thin people have little.
    flesh = sphere(ax - 0.34 * g["jaw_width"], hy + 0.58, hz - 0.40, 0.15 + 0.13 * g["cheek_fullness"])
    head = smooth_union(head, flesh, 0.28)

    socket = ellipsoid(ax - g["eye_x"], hy - g["eye_y"] - 0.05, hz - 0.93, 0.28, 0.19, 0.17)
    head = smooth_difference(head, socket, 0.16)
    lid = sphere(ax - g["eye_x"], hy - g["eye_y"], hz - 0.50, 0.275 * g["eye_size"])
    head = smooth_union(head, lid, 0.05)

    muzzle = ellipsoid(hx, hy - g["mouth_y"] - 0.02, hz - 0.60, 0.32, 0.22, 0.20)
    head = smooth_union(head, muzzle, 0.22)
    reach = 0.03 * g["pursed"]
    upper = ellipsoid(hx, hy - g["mouth_y"] - 0.042 - 0.05 * g["mouth_open"], hz - 0.755 - reach, 0.8 * g["mouth_w"], 0.046 * g["lip_upper"], 0.075)
    lower = ellipsoid(hx, hy - g["mouth_y"] + 0.055 + 0.16 * g["mouth_open"], hz - 0.745 - reach, 0.62 * g["mouth_w"], 0.050 * g["lip_lower"], 0.080)
    head = smooth_union(head, smooth_union(upper, lower, 0.03), 0.07)

    tip_y = g["nose_y"] + 0.02 * g["nose_turn"]
    tip_z = 0.93 + 0.03 * g["nose_bridge"]
    bridge = capsule(
        hx, hy, hz, (0.0, g["eye_y"] + 0.06, 0.70 + 0.07 * g["nose_bridge"]), (0.0, tip_y + 0.03, tip_z - 0.04), 0.05, 0.065 * g["nose_tip"]
    )
    tip = sphere(hx, hy - tip_y, hz - tip_z, 0.098 * g["nose_tip"])
    wing = ellipsoid(ax - 0.098 * g["nose_width"], hy - g["nose_y"] + 0.03, hz - 0.86, 0.068, 0.06, 0.085)
    nose = smooth_union(smooth_union(bridge, tip, 0.09), wing, 0.06)
    head = smooth_union(head, nose, 0.10)

    size = g["ear_size"]
    out = 0.045 * g["ear_spread"]
    ear = ellipsoid(ax - 0.835 - out - 0.35 * out * hz, hy + 0.08, hz + 0.12, (0.085 + out) * size, 0.235 * size, 0.15 * size)
    hollow = ellipsoid(ax - 0.93 - out, hy + 0.06, hz - 0.0, 0.055 * size, 0.14 * size, 0.10 * size)
    head = smooth_union(head, smooth_difference(ear, hollow, 0.05), 0.05)

    beard = ellipsoid(hx, hy - g["chin_y"] - 0.16, hz - 0.30, 0.50, 0.34, 0.46) + g["beard_bulge"]
    head = smooth_union(head, beard, 0.12)

    neck = capsule(x, y, z, (0.0, -0.70, -0.24), (0.0, -2.0, -0.34), 0.31 * g["build"], 0.36 * g["build"])
    bare = smooth_union(smooth_union(head, neck, 0.10), torso_distance(x, y, z, g) + 0.015, 0.30)
    return torch.minimum(bare, hand_distance(x, y, z, g))


def mouth_curves(hx: Tensor, g: Geometry):
    """Heights along the mouth at hx: middle of the lips' line, opening above and below it, and the taper."""
    u = (hx / g["mouth_w"]).clamp(-1.15, 1.15)
    taper = (1 - u * u).clamp_min(0)
    middle = g["mouth_y"] + 0.085 * g["smile"] * (u * u - 0.35) + 0.05 * g["lopsided"] * u
    smiling = g["smile"].clamp(0, 1)
    above = (0.055 * g["mouth_open"] + 0.02 * smiling * g["mouth_open"]) * taper
    below = 0.20 * g["mouth_open"] * torch.sqrt(taper + 1e-6) * taper ** 0.25
    return middle, above, below, taper


def paint_mouth(skin: Colour, hx: Tensor, hy: Tensor, g: Geometry, soft: Tensor):
    """Lips, teeth and tongue. Returns the colour, the lips' coverage (they shine) and the opening's."""
    middle, above, below, taper = mouth_curves(hx, g)
    width = hx / g["mouth_w"]
    bow = 1 - 0.30 * bump(hx, 0.035) + 0.10 * bump(hx.abs() - 0.06, 0.04)
    fullness = 1 + 0.3 * g["pursed"] - 0.15 * g["smile"].clamp(0, 1)
    top = middle + above + 0.072 * g["lip_upper"] * fullness * taper ** 0.8 * bow
    bottom = middle - below - 0.085 * g["lip_lower"] * fullness * taper ** 0.65
    lips = inside(torch.maximum(hy - top, bottom - hy), soft * 2.0) * smoothstep(1.02, 0.94, width.abs())
    opening = inside(torch.maximum(hy - (middle + above), (middle - below) - hy), soft * 1.2) * smoothstep(0.98, 0.93, width.abs())
    opening = opening * smoothstep(0.02, 0.10, g["mouth_open"])

    red, green, blue = skin
    dull = scaled((red, green, blue), 0.80)
    natural = (mix(dull[0], 0.62, 0.28), mix(dull[1], 0.16, 0.36), mix(dull[2], 0.15, 0.33))
    painted = (torch.full_like(red, 0.50), torch.full_like(red, 0.035), torch.full_like(red, 0.055))
    lip_colour = blend(natural, painted, (g["lip_redness"] - 0.35).clamp(0, 1) * 1.0)
    shade = 1 - 0.25 * smoothstep(middle - 0.01, middle + 0.03, hy)
    colour = blend(skin, scaled(lip_colour, shade), lips * 0.9)
    line = bump(hy - middle, 0.010) * smoothstep(1.06, 0.90, width.abs()) * smoothstep(0.15, 0.02, g["mouth_open"])
    corner = bump(torch.sqrt((hx.abs() - g["mouth_w"]) ** 2 + (hy - middle) ** 2 + 1e-8), 0.028) * 0.5
    colour = blend(colour, (0.10, 0.018, 0.018), torch.maximum(line * 0.85, corner))

    dark = (0.055, 0.010, 0.012)
    tongue = inside(ellipse(hx, hy - (middle - below), g["mouth_w"] * 0.55, below * 0.55 + 0.02), 0.02)
    inner = blend(tuple(torch.full_like(hx, c) for c in dark), (0.48, 0.10, 0.10), tongue)
    teeth = inside((middle + above - 0.075 * smoothstep(0.0, 0.5, g["mouth_open"]) * (taper + 0.2)) - hy, soft * 1.5)
    gaps = 1 - 0.10 * smoothstep(0.75, 1.0, torch.cos(hx * 70.0))
    inner = blend(inner, (0.86 * gaps, 0.83 * gaps, 0.77 * gaps), teeth)
    return blend(colour, inner, opening), lips * (1 - opening), opening


def _beard_mask(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry) -> Tensor:
    """How densely hair grows on the lower face: 0..1, for the four kinds of beard together."""
    ax = hx.abs()
    middle, _, _, _ = mouth_curves(hx, g)
    lip_room = smoothstep(0.0, 0.03, ellipse(hx, hy - middle + 0.02 + 0.05 * g["mouth_open"], g["mouth_w"] * 0.98, 0.072 + 0.09 * g["mouth_open"]))
    cheek_line = -0.62 + 0.75 * (ax - 0.30).clamp_min(0) ** 1.2
    jaw = smoothstep(cheek_line + 0.05, cheek_line - 0.05, hy) * smoothstep(-0.28, 0.02, hz)
    moustache = inside(ellipse(ax - 0.13, hy - (g["mouth_y"] + 0.115 - 0.35 * (ax - 0.1).clamp_min(-0.1)), 0.20, 0.062), 0.03) * (hz > 0).float()
    goatee = inside(ellipse(hx, hy - (g["mouth_y"] - 0.25), 0.20, 0.17), 0.04) * (hz > 0).float()
    full = torch.maximum(torch.maximum(jaw, moustache), goatee * (hy < middle).float()) * smoothstep(g["chin_y"] - 0.30, g["chin_y"] - 0.16, hy - 0.22 * (0.5 - hz).clamp_min(0))
    return (
        lip_room * full * (0.42 * g["beard_stubble"] + 0.97 * g["beard_full"])
        + 0.96 * moustache * g["beard_moustache"] * smoothstep(-0.005, 0.02, hy - middle)
        + 0.96 * lip_room * torch.maximum(goatee, 0.92 * moustache) * g["beard_goatee"]
    ).clamp(0, 1)


def _lines_of_age(hx: Tensor, hy: Tensor, g: Geometry) -> Tensor:
    """Folds and wrinkles as darkness 0..1."""
    ax = hx.abs()
    old = smoothstep(0.35, 0.95, g["age"])
    forehead = torch.zeros_like(hx)
    for height in (0.50, 0.60, 0.70):
        forehead = forehead + bump(hy - height - 0.03 * torch.cos(hx * 5.0), 0.012) * smoothstep(0.48, 0.2, ax)
    raised = old + 0.5 * (g["brow_raise"] - 0.5).clamp(0, 1)
    fold_distance = segment(ax, hy, 0.16, g["nose_y"] - 0.02, g["mouth_w"] + 0.075, g["mouth_y"] - 0.02)
    folds = bump(fold_distance, 0.020) * (0.75 * old + 0.30 * g["smile"].clamp(0, 1))
    bag = bump(ellipse(ax - g["eye_x"], hy - g["eye_y"] + 0.09, 0.19, 0.11), 0.016) * smoothstep(0, -0.08, hy - g["eye_y"] + 0.05)
    crow = torch.zeros_like(hx)
    for turn in (-0.09, 0.0, 0.09):
        crow = crow + bump(segment(ax, hy, g["eye_x"] + 0.27, g["eye_y"] + turn * 0.5, g["eye_x"] + 0.37, g["eye_y"] + turn * 1.6), 0.011)
    scowl = bump(ax - 0.055, 0.014) * smoothstep(0.12, 0.04, (hy - g["eye_y"] - 0.26).abs()) * g["frown"].clamp(0, 1)
    return (0.55 * forehead * raised.clamp(0, 1) + folds + 0.6 * bag * old + 0.55 * crow * (old + 0.2 * g["smile"].clamp(0, 1)) + 0.6 * scowl).clamp(0, 1)


def paint_skin(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry, soft: Tensor):
    """Skin colour with blush, freckles, wrinkles, lips, beard and cropped hair; also lips' and beard's coverage."""
    ax = hx.abs()
    front = smoothstep(0.05, 0.35, hz)
    skin = tuple(torch.zeros_like(hx) + c for c in colour_of(g, "skin"))
    flush = 0.30 * bump(torch.sqrt((ax - 0.43) ** 2 + (hy + 0.36) ** 2 + 1e-8), 0.20) * (0.35 + 0.8 * g["blush"])
    flush = flush + 0.16 * bump(torch.sqrt(hx**2 + (hy - g["nose_y"]) ** 2 + 1e-8), 0.11) + 0.30 * smoothstep(0.80, 0.95, ax) * smoothstep(0.5, 0.2, hy.abs())
    skin = blend(skin, (skin[0] * 1.02 + 0.02, skin[1] * 0.62, skin[2] * 0.60), (flush * front.clamp_min(0.4)).clamp(0, 0.6))
    skin = scaled(skin, 1 - 0.10 * bump(torch.sqrt(((ax - g["eye_x"]) / 1.3) ** 2 + (hy - g["eye_y"]) ** 2 + 1e-8), 0.20))

    spots = torch.zeros_like(hx)
    for fx, fy, phase in ((31.0, 27.0, 0.4), (23.0, 37.0, 2.1)):
        spots = spots + smoothstep(0.55, 0.95, torch.sin(hx * fx + 2.2 * torch.sin(hy * 11.0 + phase)) * torch.sin(hy * fy + 2.4 * torch.sin(hx * 9.0 + phase)))
    where = bump(hy - g["nose_y"] - 0.07, 0.22) * smoothstep(0.65, 0.35, ax)
    skin = blend(skin, (skin[0] * 0.62, skin[1] * 0.45, skin[2] * 0.36), (spots * where * front * g["freckles"] * 0.8).clamp(0, 0.8))
    mole = inside(ellipse(hx - g["mole_x"], hy - g["mole_y"], 0.022, 0.022), soft + 0.004) * g["mole"] * front
    skin = blend(skin, (0.07, 0.03, 0.02), mole * 0.85)
    skin = scaled(skin, 1 - 0.34 * _lines_of_age(hx, hy, g) * front)

    nostril = inside(ellipse(ax - 0.058 * g["nose_width"], hy - g["nose_y"] + 0.082 - 0.02 * g["nose_turn"], 0.034, 0.018), soft + 0.012) * front
    skin = blend(skin, (skin[0] * 0.25, skin[1] * 0.15, skin[2] * 0.14), 0.8 * nostril)

    hair = colour_of(g, "hair")
    beard = _beard_mask(hx, hy, hz, g) * smoothstep(-0.45, -0.1, hz)
    strands = 0.82 + 0.22 * torch.sin(hx * 44.0 + 5.0 * torch.sin(hy * 3.1)) * torch.sin(hy * 9.0 + hx * 7.0)
    beard_colour = scaled(hair, strands)
    lips_bare, lip_cover, opening = paint_mouth(skin, hx, hy, g, soft)
    skin = blend(skin, lips_bare, front)
    skin = blend(skin, beard_colour, beard * (1 - 0.9 * lip_cover) * (1 - opening))

    line = hy - scalp_line(hx, hz, g)
    cropped = torch.maximum(g["hair_buzz"], 1 - g["cap_off"].clamp(0, 1))
    ear = inside(ellipse(hy + 0.08, hz + 0.10, 0.30, 0.22), 0.04) * smoothstep(0.79, 0.83, ax)
    scalp = smoothstep(-0.03, 0.05, line) * cropped * (1 - ear)
    skin = blend(skin, scaled(hair, 0.9), scalp * (0.80 * g["hair_buzz"] + (1 - g["hair_buzz"])))
    sheen = (lip_cover * front).clamp(0, 1)
    fuzz = (beard * (g["beard_full"] + g["beard_goatee"] + g["beard_moustache"]) + scalp * g["hair_buzz"] * 0.5).clamp(0, 1)
    return skin, sheen, fuzz


def scalp_line(hx: Tensor, hz: Tensor, g: Geometry) -> Tensor:
    """Height of the hairline: high at the forehead, down in front of the ears, low at the nape."""
    ax = hx.abs()
    temples = g["cut_temples"] * bump(ax - 0.40, 0.17) * smoothstep(0.2, 0.6, hz)
    peak = -0.03 * bump(hx, 0.16) * smoothstep(0.3, 0.6, hz)
    return -0.36 + 1.22 * hz + 0.04 * g["hair_line"] + g["cut_line"] + temples + peak
