"""From factors to lengths: the numbers that the distance fields and paints of one picture need."""

from __future__ import annotations

import torch
from torch import Tensor

from .fields import ABSENT, Geometry
from .identity import BEARDS, GLASSES, HAIR_CUTS, SKIN_RAMP, Identities
from .picture import ARMS, BACKGROUNDS, CLOTHES, COLOURS, HALF_LENGTH_ZOOM, OCCLUSIONS, Pictures

NECK = (0.0, -0.85, -0.22)  # where the head turns, in its own coordinates
PICTURE_EXTENT = 3.7  # height of the picture in head units at zoom 1; a head is about 2.4 high
PICTURE_CENTRE = -0.10


def linear(srgb: Tensor) -> Tensor:
    """sRGB to linear light; the plain power law is close enough for paint."""
    return srgb.clamp_min(0) ** 2.2


# Hair cuts as lengths. Columns: cap thickness, height on top, hairline, recession at the temples, fringe edge (y) and
# slant, side curtains (half width, end y, flare), back (end y), top knot (x, y, z, radius), tail (on), twin tails (on,
# start y, end y, radius, plait), curl (amplitude, frequency), strand depth.
_CUT_COLUMNS = (
    "cap top line temples fringe slant side side_end side_flare back_end knot_x knot_y knot_z knot_r tail twin twin_top"
    " twin_end twin_r plait curl curl_f strand"
).split()
_NO = -9.0
_CUTS = {
    "bald": {},
    "buzz": {},
    "short": dict(cap=0.055, top=0.08, line=0.02, temples=0.10, fringe=0.60, slant=0.10, curl=0.012, curl_f=9.0),
    "quiff": dict(cap=0.05, top=0.12, temples=0.12, knot_y=0.98, knot_z=0.42, knot_r=0.40, curl=0.02, curl_f=7.0, strand=1.3),
    "side part": dict(cap=0.07, top=0.12, temples=0.06, fringe=0.56, slant=0.42, strand=1.1),
    "fringe": dict(cap=0.08, top=0.08, fringe=0.34, slant=0.10, curl=0.012, curl_f=8.0),
    "receding": dict(cap=0.045, top=0.02, line=0.12, temples=0.42),
    "pixie": dict(cap=0.085, top=0.10, fringe=0.36, slant=0.40, side=0.12, side_end=-0.12, curl=0.015, curl_f=7.0),
    "bob": dict(cap=0.11, top=0.08, side=0.22, side_end=-0.78, side_flare=0.10, back_end=-0.80, fringe=0.58, slant=0.30),
    "fringed bob": dict(cap=0.11, top=0.08, side=0.22, side_end=-0.70, side_flare=0.14, back_end=-0.75, fringe=0.29),
    "long": dict(cap=0.10, top=0.06, side=0.21, side_end=-2.0, side_flare=0.10, back_end=-2.2),
    "long fringe": dict(cap=0.10, top=0.07, side=0.20, side_end=-2.0, side_flare=0.10, back_end=-2.2, fringe=0.30),
    "wavy": dict(
        cap=0.12, top=0.10, side=0.25, side_end=-1.7, side_flare=0.24, back_end=-1.9, fringe=0.52, slant=0.36, curl=0.07, curl_f=4.2
    ),
    "curly": dict(cap=0.16, top=0.16, side=0.22, side_end=-0.35, side_flare=0.1, back_end=-0.5, fringe=0.50, curl=0.085, curl_f=7.5, strand=0.5),
    "afro": dict(cap=0.42, top=0.30, line=0.06, curl=0.05, curl_f=9.5, strand=0.15),
    "bun": dict(cap=0.05, top=0.03, knot_y=1.42, knot_z=-0.25, knot_r=0.34),
    "ponytail": dict(cap=0.05, top=0.05, fringe=0.56, slant=0.34, tail=1.0),
    "twin tails": dict(cap=0.06, top=0.05, fringe=0.36, twin=1.0, twin_top=0.45, twin_end=-1.3, twin_r=0.24),
    "braids": dict(cap=0.055, top=0.03, twin=1.0, twin_top=-0.25, twin_end=-1.9, twin_r=0.17, plait=1.0),
    "beanie": dict(cap=0.05, top=0.0, fringe=0.40, side=0.14, side_end=-0.45, back_end=-0.4),
    "headscarf": {},
}
_CUT_DEFAULTS = dict(cap=0.0, side=0.2, fringe=_NO, side_end=_NO, back_end=_NO, knot_r=_NO, twin_top=0.0, twin_end=-1.0, twin_r=0.2, strand=1.0, curl_f=6.0)
_CUT_TABLE = torch.tensor(
    [[{**_CUT_DEFAULTS, **_CUTS[cut]}.get(column, 0.0) for column in _CUT_COLUMNS] for cut in HAIR_CUTS]
)

# Clothes as lengths: neck opening (radius), depth of the opening at the front, its half width, collar roll (height,
# distance from the neck, thickness, stretch), bare shoulders.
_CLOTH_COLUMNS = "open depth spread roll_y roll_r roll_t roll_s bare".split()
_CLOTHES = {
    "t-shirt": dict(open=0.50, depth=-1.72, spread=0.42),
    "v-neck": dict(open=0.50, depth=-2.22, spread=0.40),
    "shirt": dict(open=0.45, depth=-1.95, spread=0.26, roll_y=-1.50, roll_r=0.43, roll_t=0.085, roll_s=1.4),
    "suit": dict(open=0.36, depth=-1.62, spread=0.26, roll_y=-1.48, roll_r=0.42, roll_t=0.075, roll_s=1.6),
    "hoodie": dict(open=0.48, depth=-1.75, spread=0.36, roll_y=-1.63, roll_r=0.60, roll_t=0.17, roll_s=1.0),
    "turtleneck": dict(open=0.30, depth=-1.4, spread=0.2, roll_y=-1.36, roll_r=0.37, roll_t=0.07, roll_s=2.3),
    "striped shirt": dict(open=0.62, depth=-1.74, spread=0.60),
    "dress": dict(open=0.60, depth=-2.15, spread=0.72, bare=1.0),
    "scarf coat": dict(open=0.40, depth=-1.5, spread=0.3, roll_y=-1.44, roll_r=0.45, roll_t=0.19, roll_s=1.15),
    "dungarees": dict(open=0.50, depth=-1.72, spread=0.42),
}
_CLOTH_TABLE = torch.tensor(
    [[_CLOTHES[kind].get(column, _NO if column == "roll_y" else 0.3 if column.startswith("roll") else 0.0) for column in _CLOTH_COLUMNS] for kind in CLOTHES]
)
# Elbow and wrist (x outwards, y, z) of the arm at the picture's left, then of the right one.
_DOWN = (1.30, -3.50, -0.30, 1.22, -4.85, -0.05)
_HIPS = (1.72, -3.30, -0.60, 1.02, -4.30, -0.10)
_FOLDED = (1.34, -3.42, -0.05, 0.22, -3.25, 0.48)
_CLASPED = (1.32, -3.60, -0.15, 0.24, -4.25, 0.45)
_RAISED = (1.62, -2.95, -0.15, 1.72, -1.70, 0.15)
_ARMS = {
    "down": _DOWN + _DOWN,
    "on hips": _HIPS + _HIPS,
    "folded": _FOLDED + _FOLDED,
    "clasped": _CLASPED + _CLASPED,
    "one on hip": _DOWN + _HIPS,
    "waving": _DOWN + _RAISED,
    "cheering": _RAISED + _RAISED,
}
_ARM_COLUMNS = [f"{side}_{joint}_{axis}" for side in ("left", "right") for joint in ("elbow", "wrist") for axis in "xyz"]
_ARM_TABLE = torch.tensor([_ARMS[pose] for pose in ARMS])
_COLOUR_TABLE = torch.tensor(list(COLOURS.values()))


def _rotation(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Head to camera, [B, 3, 3]: turned to the picture's right, then nodded, then tilted."""
    zero, one = torch.zeros_like(yaw), torch.ones_like(yaw)

    def matrix(*entries: Tensor) -> Tensor:
        return torch.stack(entries, dim=-1).reshape(-1, 3, 3)

    cy, sy, cp, sp, cr, sr = yaw.cos(), yaw.sin(), pitch.cos(), pitch.sin(), roll.cos(), roll.sin()
    turn = matrix(cy, zero, sy, zero, one, zero, -sy, zero, cy)
    nod = matrix(one, zero, zero, zero, cp, -sp, zero, sp, cp)
    tilt = matrix(cr, -sr, zero, sr, cr, zero, zero, zero, one)
    return tilt @ nod @ turn


def skin_colour(identities: Identities) -> Tensor:
    """Base skin colour, [B, 3] sRGB: a walk along the ramp from light to dark, moved to rosy or golden."""
    place = identities.column("skin_melanin") * (len(SKIN_RAMP) - 1)
    ramp = SKIN_RAMP.to(identities.device)
    lower = place.floor().long().clamp(0, len(SKIN_RAMP) - 2)
    colour = torch.lerp(ramp[lower], ramp[lower + 1], (place - lower)[:, None])
    warmth = identities.column("skin_warmth")[:, None]
    return (colour * (1 + warmth * torch.tensor([0.0, 0.018, -0.065], device=colour.device))).clamp(0.02, 1)


def _named(prefix: str, colours: Tensor) -> dict[str, Tensor]:
    """Linear colour channels by name: [B, 3] sRGB to prefix_r, prefix_g, prefix_b."""
    return {f"{prefix}_{c}": channel for c, channel in zip("rgb", linear(colours).unbind(1))}


def _flags(prefix: str, options: tuple[str, ...], index: Tensor) -> dict[str, Tensor]:
    return {f"{prefix}_{option.replace(' ', '_').replace('-', '_')}": (index == i).float() for i, option in enumerate(options)}


def geometry_of(identities: Identities, pictures: Pictures) -> Geometry:
    """Every length, angle, colour (linear light) and flag of B pictures, each [B, 1]."""
    who, what = identities.column, pictures.column
    device = identities.device
    g: dict[str, Tensor] = {}
    for table in (identities, pictures):
        for factor in table.factors:
            if not factor.options:
                g[factor.name] = table.column(factor.name)

    rotation = _rotation(what("yaw"), -what("pitch"), what("roll"))
    for row in range(3):
        for column in range(3):
            g[f"rot{row}{column}"] = rotation[:, row, column]

    _face_lengths(g)
    cut = identities.choice("hair_cut")
    _hair_lengths(g, cut, device)
    g |= _flags("beard", BEARDS, identities.choice("beard"))
    g |= _flags("glasses", GLASSES, identities.choice("glasses"))
    g |= _flags("clothes", CLOTHES, pictures.choice("clothes"))
    g |= _flags("scene", BACKGROUNDS, pictures.choice("background"))
    g |= _flags("held", OCCLUSIONS, pictures.choice("occlusion"))
    cloth = _CLOTH_TABLE.to(device)[pictures.choice("clothes")]
    g |= {f"cloth_{name}": cloth[:, i] for i, name in enumerate(_CLOTH_COLUMNS)}
    arms = _ARM_TABLE.to(device)[pictures.choice("arms")]
    g |= {name: arms[:, i] for i, name in enumerate(_ARM_COLUMNS)}
    g["beard_bulge"] = (1 - g["beard_full"]) * ABSENT
    g["build"] = 1.0 - 0.13 * who("presentation")
    for side in ("left", "right"):
        g[f"{side}_elbow_x"] = g[f"{side}_elbow_x"] * g["build"]

    colours = _COLOUR_TABLE.to(device)
    for prefix, source in (
        ("skin", skin_colour(identities)),
        ("hair", torch.stack([who("hair_red"), who("hair_green"), who("hair_blue")], 1)),
        ("iris", torch.stack([who("eye_red"), who("eye_green"), who("eye_blue")], 1)),
        ("cover", torch.stack([who("cover_red"), who("cover_green"), who("cover_blue")], 1)),
        ("frame", torch.stack([who("frame_red"), who("frame_green"), who("frame_blue")], 1)),
        ("cloth", colours[pictures.choice("clothes_colour")]),
        ("trim", colours[pictures.choice("trim_colour")]),
        ("back", colours[pictures.choice("background_colour")]),
    ):
        g |= _named(prefix, source)

    _light_lengths(g)
    g["extent"] = PICTURE_EXTENT / what("zoom")
    g["centre_x"] = -what("shift_x")
    # From afar the head goes to the upper part, so that arms are in the picture.
    lowered = 1.1 * (1 / what("zoom") - 1 / HALF_LENGTH_ZOOM).clamp_min(0)
    g["centre_y"] = PICTURE_CENTRE - what("shift_y") + 0.25 * (1 - 1 / what("zoom")) - lowered
    _make_room(g)
    g |= {f"style_{i}": (pictures.choice("style") == i).float() for i in range(len(Pictures.factors[0].options))}
    return {name: value.float()[:, None] for name, value in g.items()}


def _make_room(g: dict[str, Tensor]) -> None:
    """Widens the picture upwards until all of the hair is in it."""
    cap = 1.22 + g["cut_top"] + g["cut_cap"] + g["cut_curl"] - g["cap_off"]
    knot = g["cut_knot_y"] + g["cut_knot_r"] / 1.12 - g["knot_off"]
    hat = 1.45 - g["beanie_off"]
    top = torch.stack([cap, knot, hat]).amax(dim=0) * g["head_height"]
    missing = (top + 0.12 - (g["centre_y"] + 0.5 * g["extent"])).clamp_min(0)
    g["extent"] = g["extent"] + missing
    g["centre_y"] = g["centre_y"] + 0.5 * missing


def _light_lengths(g: dict[str, Tensor]) -> None:
    """Unit vectors towards the key light and half-way to the viewer, and the key light's colour."""
    azimuth, elevation = g["light_azimuth"], g["light_elevation"]
    x, y, z = azimuth.sin() * elevation.cos(), elevation.sin(), azimuth.cos() * elevation.cos()
    inverse = torch.rsqrt(x * x + y * y + (z + 1) ** 2 + 1e-6)
    g |= {"light_x": x, "light_y": y, "light_z": z}
    g |= {"half_x": x * inverse, "half_y": y * inverse, "half_z": (z + 1) * inverse}
    # Tungsten to daylight to blue sky.
    warm, cold = g["light_warmth"].clamp(0, 1), (-g["light_warmth"]).clamp(0, 1)
    strength = 1.15 * g["light_strength"]
    g["key_r"] = strength * (1 + 0.10 * warm - 0.16 * cold)
    g["key_g"] = strength * (1 - 0.05 * warm - 0.02 * cold)
    g["key_b"] = strength * (1 - 0.26 * warm + 0.12 * cold)


def _face_lengths(g: dict[str, Tensor]) -> None:
    """Places of the features in head coordinates."""
    smile, opening = g["smile"], g["mouth_open"]
    g["eye_x"] = 0.365 + 0.026 * g["eye_spacing"]
    g["eye_y"] = -0.03 + 0.035 * g["eye_level"]
    g["eye_w"] = 0.240 * g["eye_size"]
    g["eye_up"] = 0.180 * g["eye_size"] * (0.35 + 0.65 * g["eye_height"])
    g["eye_low"] = 0.115 * g["eye_size"] * (0.5 + 0.5 * g["eye_height"])
    g["nose_y"] = g["eye_y"] - 0.36 * g["nose_length"]
    g["mouth_y"] = -0.70 + 0.03 * g["mouth_level"] - 0.5 * (g["nose_length"] - 1) * 0.2
    g["mouth_w"] = 0.27 * g["mouth_width"] * (1 + 0.22 * smile.clamp_min(-0.3)) * (1 - 0.35 * g["pursed"]) * (1 - 0.08 * opening)
    g["chin_y"] = -1.04 - 0.06 * g["chin_length"] - 0.10 * opening
    g["brow_y"] = g["eye_y"] + 0.325 + 0.03 * g["brow_gap"] + 0.07 * g["brow_raise"] + 0.04 * (g["eye_size"] * g["eye_height"] - 1)


def _hair_lengths(g: dict[str, Tensor], cut: Tensor, device: torch.device) -> None:
    table = _CUT_TABLE.to(device)[cut]
    for i, name in enumerate(_CUT_COLUMNS):
        g[f"cut_{name}"] = table[:, i]
    has = {name: g[f"cut_{name}"] > _NO + 1 for name in ("fringe", "side_end", "back_end", "knot_r")}
    g |= _flags("hair", HAIR_CUTS, cut)
    longer = -0.18 * g["hair_length"]
    g["cut_fringe"] = torch.where(has["fringe"], g["cut_fringe"] + 0.3 * longer, torch.full_like(longer, 3.0))
    g["cut_slant"] = g["cut_slant"] * torch.where(g["hair_parting"] < 0, -1.0, 1.0)
    g["side_off"] = torch.where(has["side_end"], 0.0, ABSENT)
    g["back_off"] = torch.where(has["back_end"], 0.0, ABSENT)
    g["knot_off"] = torch.where(has["knot_r"], 0.0, ABSENT)
    g["cut_side_end"] = torch.where(has["side_end"], g["cut_side_end"] + longer, -0.5)
    g["cut_back_end"] = torch.where(has["back_end"], g["cut_back_end"] + longer, -0.5)
    g["cut_knot_r"] = torch.where(has["knot_r"], g["cut_knot_r"] * g["hair_volume"], 0.3)
    g["tail_off"] = (1 - g["cut_tail"]) * ABSENT
    g["twin_off"] = (1 - g["cut_twin"]) * ABSENT
    g["cap_off"] = torch.where(g["cut_cap"] > 0.001, 0.0, ABSENT)
    g["beanie_off"] = (1 - g["hair_beanie"]) * ABSENT
    g["scarf_off"] = (1 - g["hair_headscarf"]) * ABSENT
    g["ear_size"] = g["ear_size"] * (1 - 0.5 * g["hair_headscarf"])
    g["ear_spread"] = g["ear_spread"] * (1 - g["hair_headscarf"])
    g["cut_cap"] = g["cut_cap"] * g["hair_volume"] + 0.035
    g["cut_top"] = g["cut_top"] * g["hair_volume"]
    g["tail_side"] = torch.where(g["hair_parting"] < 0, 1.0, -1.0)
