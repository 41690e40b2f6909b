"""What one picture shows besides the person: pose, expression, light, framing, clothes, background and style."""

from __future__ import annotations

import torch
from torch import Tensor

from .factors import Dice, Factor, Table
from .identity import Identities
from .styles import STYLES

CLOTHES = ("t-shirt", "v-neck", "shirt", "suit", "hoodie", "turtleneck", "striped shirt", "dress", "scarf coat", "dungarees")
BACKGROUNDS = ("plain", "gradient", "studio", "bokeh", "park", "beach", "city", "library", "mountains", "sunset")
ARMS = ("down", "on hips", "folded", "clasped", "one on hip", "waving", "cheering")
OCCLUSIONS = ("none", "foreground", "hand", "cup")

COLOURS = {
    "red": (0.80, 0.15, 0.15),
    "orange": (0.93, 0.50, 0.15),
    "yellow": (0.96, 0.80, 0.25),
    "green": (0.22, 0.55, 0.28),
    "teal": (0.12, 0.56, 0.58),
    "blue": (0.17, 0.36, 0.75),
    "navy": (0.10, 0.15, 0.33),
    "purple": (0.46, 0.25, 0.62),
    "pink": (0.93, 0.52, 0.65),
    "brown": (0.42, 0.27, 0.17),
    "black": (0.09, 0.09, 0.10),
    "grey": (0.50, 0.51, 0.54),
    "white": (0.94, 0.94, 0.93),
}
EXPRESSIONS = ("neutral", "smile", "laugh", "surprise", "sad", "angry", "eyes closed", "wink", "kiss", "smirk")
# For each expression: smile, mouth opening, brow raise, frown, lids closed left, right, lips pursed, smile on one side.
_EXPRESSION_POSES = torch.tensor(
    [
        [0.12, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.75, 0.05, 0.1, 0.0, 0.05, 0.05, 0.0, 0.0],
        [1.00, 0.75, 0.3, 0.0, 0.28, 0.28, 0.0, 0.0],
        [-0.05, 0.85, 1.0, 0.0, -0.22, -0.22, 0.35, 0.0],
        [-0.80, 0.0, 0.5, -0.75, 0.18, 0.18, 0.0, 0.0],
        [-0.55, 0.12, -0.35, 1.0, 0.16, 0.16, 0.0, 0.0],
        [0.35, 0.0, 0.15, 0.0, 1.0, 1.0, 0.0, 0.0],
        [0.70, 0.1, 0.15, 0.0, 1.0, 0.0, 0.0, 0.2],
        [0.00, 0.06, 0.25, 0.0, 0.1, 0.1, 1.0, 0.0],
        [0.35, 0.0, 0.1, 0.1, 0.1, 0.1, 0.0, 0.6],
    ]
)

# Pictures from further away are of more than head and shoulders.
HALF_LENGTH_ZOOM = 0.8


class Pictures(Table):
    """B pictures, one for each row of some `Identities`."""

    factors = (
        Factor("style", options=tuple(style.name for style in STYLES)),
        Factor("yaw", -0.34, 0.34),
        Factor("pitch", -0.18, 0.18),
        Factor("roll", -0.25, 0.25),
        Factor("zoom", 0.55, 1.25),
        Factor("shift_x", -0.3, 0.3),
        Factor("shift_y", -0.25, 0.25),
        Factor("light_azimuth", -1.6, 1.6),  # radians; 0 from the front, negative from the picture's left
        Factor("light_elevation", -0.35, 1.1),
        Factor("light_hardness"),
        Factor("light_warmth", -1.0, 1.0),
        Factor("light_strength", 0.5, 1.4),
        Factor("fill_strength", 0.1, 1.0),
        Factor("rim_strength", 0.0, 1.2),
        Factor("expression", options=EXPRESSIONS),
        Factor("smile", -1.2, 1.25),
        Factor("mouth_open", 0.0, 1.0),
        Factor("brow_raise", -0.5, 1.25),
        Factor("frown", -1.0, 1.25),
        Factor("left_lid", -0.3, 1.0),  # the eye at the picture's left; 1 closed, negative wide open
        Factor("right_lid", -0.3, 1.0),
        Factor("pursed", 0.0, 1.0),
        Factor("lopsided", -0.75, 0.75),
        Factor("gaze_x", -1.0, 1.0),
        Factor("gaze_y", -1.0, 1.0),
        Factor("occlusion", options=OCCLUSIONS),
        Factor("occlusion_x", -1.0, 1.0),
        Factor("occlusion_y", -1.0, 1.0),
        Factor("clothes", options=CLOTHES),
        Factor("clothes_colour", options=tuple(COLOURS)),
        Factor("trim_colour", options=tuple(COLOURS)),
        Factor("background", options=BACKGROUNDS),
        Factor("background_colour", options=tuple(COLOURS)),
        Factor("background_seed"),
        Factor("arms", options=ARMS),
    )


def style_index(name: str) -> int:
    names = [style.name for style in STYLES]
    if name not in names:
        raise ValueError(f"unknown style {name!r}; the styles are {', '.join(names)}")
    return names.index(name)


def _expression(dice: Dice, wide: bool) -> dict[str, Tensor]:
    weights = [1.4, 2.0, 1.0, 0.8, 0.7, 0.7, 0.5, 0.4, 0.4, 0.6] if wide else [1.6, 2.4, 0.5, 0, 0, 0, 0, 0, 0, 0.2]
    index = dice.weighted(torch.tensor(weights))
    pose = _EXPRESSION_POSES[index.long()] * dice.uniform(0.8, 1.2)[:, None]
    spread = 1.0 if wide else 0.6
    jitter = torch.stack([dice.bell(-0.15, 0.15) for _ in range(3)], dim=1) * spread
    closed = pose[:, 4:6].clamp(-0.3, 1.0)
    mirrored = dice.chance(0.5) > 0.5
    left = torch.where(mirrored, closed[:, 1], closed[:, 0])
    right = torch.where(mirrored, closed[:, 0], closed[:, 1])
    blink = dice.bell(-0.06, 0.08)
    return {
        "expression": index,
        "smile": (pose[:, 0] + jitter[:, 0]).clamp(-1.2, 1.25),
        "mouth_open": (pose[:, 1] + dice.uniform(-0.3, 0.15) * spread).clamp(0, 1),
        "brow_raise": (pose[:, 2] + jitter[:, 1]).clamp(-0.5, 1.25),
        "frown": (pose[:, 3] + jitter[:, 2]).clamp(-1.0, 1.25),
        "left_lid": (left + blink).clamp(-0.3, 1),
        "right_lid": (right + blink).clamp(-0.3, 1),
        "pursed": pose[:, 6].clamp(0, 1),
        "lopsided": (pose[:, 7] * torch.where(mirrored, -1.0, 1.0)).clamp(-0.75, 0.75),
        "gaze_x": dice.bell(-1, 1) * (1.0 if wide else 0.45),
        "gaze_y": dice.bell(-1, 1) * (0.8 if wide else 0.35),
    }


def _light(dice: Dice, wide: bool) -> dict[str, Tensor]:
    side = torch.where(dice.chance(0.5) > 0.5, 1.0, -1.0)
    if not wide:
        return {
            "light_azimuth": side * dice.uniform(0.35, 0.8),
            "light_elevation": dice.uniform(0.45, 0.8),
            "light_hardness": dice.uniform(0.1, 0.55),
            "light_warmth": dice.bell(-0.3, 0.6),
            "light_strength": dice.uniform(0.9, 1.1),
            "fill_strength": dice.uniform(0.5, 0.75),
            "rim_strength": dice.uniform(0.35, 0.8),
        }
    kind = dice.weighted(torch.tensor([0.5, 0.28, 0.22]))  # ordinary, harsh side, back light

    def by_kind(ordinary: Tensor, harsh: Tensor, back: Tensor) -> Tensor:
        return torch.where(kind == 0, ordinary, torch.where(kind == 1, harsh, back))

    return {
        "light_azimuth": side * by_kind(dice.uniform(0.0, 0.9), dice.uniform(0.9, 1.45), dice.uniform(0.6, 1.6)),
        "light_elevation": by_kind(dice.uniform(0.1, 1.0), dice.uniform(-0.3, 0.7), dice.uniform(0.0, 0.8)),
        "light_hardness": by_kind(dice.uniform(0, 0.8), dice.uniform(0.6, 1), dice.uniform(0.2, 0.8)),
        "light_warmth": dice.bell(-1, 1),
        "light_strength": by_kind(dice.uniform(0.8, 1.2), dice.uniform(0.9, 1.4), dice.uniform(0.5, 0.75)),
        "fill_strength": by_kind(dice.uniform(0.4, 1.0), dice.uniform(0.15, 0.4), dice.uniform(0.35, 0.6)),
        "rim_strength": by_kind(dice.uniform(0, 0.6), dice.uniform(0, 0.5), dice.uniform(0.8, 1.2)),
    }


def sample_pictures(
    identities: Identities,
    generator: torch.Generator | None = None,
    style: str | int | None = None,
    preset: str = "portrait",
) -> Pictures:
    """One picture for each identity.

    `preset` "portrait" draws gentle poses, light and expressions in any style (the targets); "photo" draws the style
    photo-soft with wide nuisances and occlusions (the condition photos); "scene" is as "portrait", with arms in all
    poses (groups, templates; a portrait shows too little of them); "posed" is a scene of one from so far away that arms
    are in the picture (targets for postures). `style` overrides the preset's style.
    """
    if preset not in ("portrait", "photo", "scene", "posed"):
        raise ValueError(f"unknown preset {preset!r}; the presets are portrait, photo, scene and posed")
    wide = preset == "photo"
    dice = Dice(len(identities), generator)
    if isinstance(style, str):
        style = style_index(style)
    drawn = dice.weighted(torch.ones(len(STYLES)))
    if style is None and wide:
        style = style_index("photo-soft")
    columns: dict[str, Tensor] = {"style": drawn if style is None else torch.full_like(drawn, float(style))}
    reach = 1.0 if wide else 0.55
    columns |= {
        "yaw": dice.bell(-0.34, 0.34) * (1.0 if wide else 0.75),
        "pitch": dice.bell(-0.18, 0.18) * reach,
        "roll": dice.bell(-0.25, 0.25) * reach,
        "zoom": dice.uniform(*{"photo": (0.82, 1.25), "posed": (0.58, HALF_LENGTH_ZOOM)}.get(preset, (0.95, 1.07))),
        "shift_x": dice.bell(-0.3, 0.3) * (0.35 if preset in ("portrait", "scene") else 1.0),
        "shift_y": dice.bell(-0.25, 0.25) * (1.0 if wide else 0.35),
    }
    columns |= _light(dice, wide)
    columns |= _expression(dice, wide)
    columns |= {
        "occlusion": dice.weighted(torch.tensor([0.82, 0.06, 0.06, 0.06] if wide else [1.0, 0.0, 0.0, 0.0])),
        "occlusion_x": dice.uniform(-1, 1),
        "occlusion_y": dice.uniform(-1, 1),
        "clothes": dice.weighted(torch.ones(len(CLOTHES))),
        "clothes_colour": dice.weighted(torch.ones(len(COLOURS))),
        "trim_colour": dice.weighted(torch.ones(len(COLOURS))),
        "background": dice.weighted(torch.ones(len(BACKGROUNDS))),
        "background_colour": dice.weighted(torch.ones(len(COLOURS))),
        "background_seed": dice.uniform(),
        "arms": dice.weighted(torch.tensor([1.0] + [float(preset in ("scene", "posed"))] * (len(ARMS) - 1))),
    }
    # A trim of the cloth's own colour would be invisible.
    same = columns["trim_colour"] == columns["clothes_colour"]
    columns["trim_colour"] = torch.where(same, (columns["trim_colour"] + 4) % len(COLOURS), columns["trim_colour"])
    return Pictures.from_columns(columns).to(identities.device)
