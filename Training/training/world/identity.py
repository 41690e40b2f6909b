"""Who somebody is: everything that stays the same from picture to picture."""

from __future__ import annotations

import torch
from torch import Tensor

from .factors import Dice, Factor, Table

HAIR_CUTS = (
    "bald",
    "buzz",
    "short",
    "quiff",
    "side part",
    "fringe",
    "receding",
    "pixie",
    "bob",
    "fringed bob",
    "long",
    "long fringe",
    "wavy",
    "curly",
    "afro",
    "bun",
    "ponytail",
    "twin tails",
    "braids",
    "beanie",
    "headscarf",
)
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
GLASSES = ("none", "round", "square", "cat-eye")

# sRGB, linearised where they are shaded.
SKIN_RAMP = torch.tensor(
    [
        [1.00, 0.865, 0.790],
        [0.975, 0.785, 0.670],
        [0.905, 0.675, 0.535],
        [0.775, 0.540, 0.400],
        [0.600, 0.395, 0.275],
        [0.430, 0.275, 0.190],
        [0.300, 0.190, 0.135],
    ]
)
HAIR_COLOURS = {
    "black": (0.085, 0.075, 0.085),
    "dark brown": (0.20, 0.125, 0.085),
    "brown": (0.36, 0.22, 0.13),
    "chestnut": (0.45, 0.22, 0.12),
    "auburn": (0.53, 0.19, 0.09),
    "ginger": (0.83, 0.40, 0.14),
    "dark blond": (0.62, 0.46, 0.26),
    "blond": (0.87, 0.70, 0.38),
    "platinum": (0.95, 0.89, 0.74),
    "blue": (0.16, 0.34, 0.78),
    "pink": (0.93, 0.42, 0.60),
    "teal": (0.09, 0.55, 0.55),
    "violet": (0.45, 0.24, 0.66),
}
EYE_COLOURS = torch.tensor(
    [
        [0.20, 0.11, 0.06],
        [0.33, 0.19, 0.09],
        [0.47, 0.30, 0.13],
        [0.45, 0.43, 0.18],
        [0.25, 0.48, 0.27],
        [0.22, 0.47, 0.74],
        [0.38, 0.66, 0.86],
        [0.50, 0.57, 0.62],
    ]
)
FRAME_COLOURS = torch.tensor(
    [[0.06, 0.06, 0.07], [0.30, 0.16, 0.08], [0.70, 0.12, 0.14], [0.80, 0.62, 0.25], [0.12, 0.25, 0.50], [0.55, 0.55, 0.58]]
)
COVER_COLOURS = torch.tensor(
    [
        [0.80, 0.22, 0.20],
        [0.16, 0.32, 0.58],
        [0.91, 0.68, 0.22],
        [0.20, 0.48, 0.38],
        [0.90, 0.88, 0.82],
        [0.22, 0.22, 0.26],
        [0.86, 0.56, 0.62],
        [0.50, 0.34, 0.60],
    ]
)

# How often each cut is seen on men and on women; the presentation mixes the two rows.
_CUT_WEIGHTS = torch.tensor(
    [
        # bald buzz short quiff side fringe reced pixie bob  fbob long lfri wavy curly afro bun  pony twin brai bean scarf
        [0.8, 1.0, 1.6, 1.6, 1.6, 1.2, 0.9, 0.3, 0.1, 0.05, 0.4, 0.1, 0.3, 1.0, 0.7, 0.3, 0.25, 0.0, 0.1, 0.8, 0.0],
        [0.08, 0.15, 0.1, 0.1, 0.3, 0.3, 0.0, 1.0, 1.3, 1.2, 1.3, 1.2, 1.3, 1.1, 0.8, 1.1, 1.1, 0.9, 0.9, 0.5, 0.9],
    ]
)


class Identities(Table):
    """B people. See `factors` for what tells them apart; shapes are ratios to an average head."""

    factors = (
        Factor("age"),
        Factor("presentation"),  # 0 masculine ... 1 feminine
        Factor("skin_melanin"),
        Factor("skin_warmth", -1.0, 1.0),
        Factor("blush"),
        Factor("freckles"),
        Factor("mole"),
        Factor("mole_x", -0.5, 0.5),
        Factor("mole_y", -0.75, -0.25),
        Factor("head_width", 0.92, 1.09),
        Factor("head_height", 0.95, 1.07),
        Factor("jaw_width", 0.80, 1.18),
        Factor("jaw_square"),
        Factor("chin_length", -1.0, 1.0),
        Factor("chin_width", 0.7, 1.4),
        Factor("cheek_fullness"),
        Factor("ear_size", 0.75, 1.3),
        Factor("ear_spread"),
        Factor("eye_size", 0.86, 1.16),
        Factor("eye_height", 0.75, 1.25),
        Factor("eye_spacing", -1.0, 1.0),
        Factor("eye_level", -1.0, 1.0),
        Factor("eye_tilt", -0.10, 0.22),
        Factor("eye_lid", 0.0, 1.0),
        Factor("eye_red"),
        Factor("eye_green"),
        Factor("eye_blue"),
        Factor("iris_size", 0.9, 1.12),
        Factor("lashes"),
        Factor("brow_thickness", 0.55, 1.6),
        Factor("brow_arch", 0.0, 1.0),
        Factor("brow_length", 0.85, 1.15),
        Factor("brow_tilt", -0.12, 0.16),
        Factor("brow_gap", -1.0, 1.0),
        Factor("nose_width", 0.75, 1.35),
        Factor("nose_length", 0.82, 1.18),
        Factor("nose_tip", 0.75, 1.3),
        Factor("nose_bridge", 0.6, 1.35),
        Factor("nose_turn", -1.0, 1.0),
        Factor("mouth_width", 0.78, 1.22),
        Factor("mouth_level", -1.0, 1.0),
        Factor("lip_upper", 0.6, 1.5),
        Factor("lip_lower", 0.6, 1.5),
        Factor("lip_redness"),
        Factor("hair_cut", options=HAIR_CUTS),
        Factor("hair_red"),
        Factor("hair_green"),
        Factor("hair_blue"),
        Factor("hair_volume", 0.8, 1.2),
        Factor("hair_length", -1.0, 1.0),
        Factor("hair_parting", -1.0, 1.0),
        Factor("hair_line", -1.0, 1.0),
        Factor("cover_red"),
        Factor("cover_green"),
        Factor("cover_blue"),
        Factor("beard", options=BEARDS),
        Factor("glasses", options=GLASSES),
        Factor("frame_red"),
        Factor("frame_green"),
        Factor("frame_blue"),
    )


def _hair_colours(dice: Dice, melanin: Tensor, age: Tensor) -> Tensor:
    """Natural colours, darker on dark skin; one in nine dyed; greying with age: [B, 3] sRGB."""
    names = list(HAIR_COLOURS)
    palette = torch.tensor(list(HAIR_COLOURS.values()))
    light = torch.tensor([0.9, 1.1, 1.2, 0.9, 0.7, 0.8, 0.9, 1.1, 0.5] + [0.14] * 4)
    dark = torch.tensor([2.6, 1.3, 0.45, 0.2, 0.12, 0.04, 0.05, 0.08, 0.08] + [0.12] * 4)
    darkness = ((melanin - 0.15) / 0.45).clamp(0, 1)[:, None]
    index = dice.weighted(light + (dark - light) * darkness).long()
    colour = palette[index] * dice.uniform(0.86, 1.14)[:, None]
    dyed = (index >= names.index("blue"))[:, None]
    grey_amount = (((age - 0.45) / 0.4).clamp(0, 1) * dice.uniform(0.2, 1.2)).clamp(0, 1)[:, None]
    grey = torch.tensor([0.74, 0.74, 0.76]) * dice.uniform(0.75, 1.2)[:, None]
    return torch.where(dyed, colour, colour + (grey - colour) * grey_amount).clamp(0.03, 0.98)


def _eye_colours(dice: Dice, melanin: Tensor) -> Tensor:
    light = torch.tensor([0.5, 0.9, 0.9, 0.8, 1.1, 1.2, 1.0, 0.7])
    dark = torch.tensor([1.6, 1.5, 0.7, 0.22, 0.15, 0.1, 0.1, 0.08])
    darkness = ((melanin - 0.1) / 0.45).clamp(0, 1)[:, None]
    index = dice.weighted(light + (dark - light) * darkness).long()
    return (EYE_COLOURS[index] * dice.uniform(0.85, 1.18)[:, None]).clamp(0, 1)


def sample_identities(
    count: int, generator: torch.Generator | None = None, device: torch.device | str = "cpu"
) -> Identities:
    """Draws `count` people. The same generator state gives the same people on every device."""
    dice = Dice(count, generator)
    # Two clusters with a bridge between them, so that in-between people exist too.
    presentation = (dice.chance(0.5) + dice.bell(-0.35, 0.35)).clamp(0, 1)
    masculine = 1 - presentation
    age = dice.uniform() ** 1.5
    melanin = dice.uniform()

    def leaning(low: float, high: float, lean: float) -> Tensor:
        """A bell draw moved towards `high` by femininity (negative `lean`: by masculinity), kept in range."""
        middle = 0.5 * (high - low) * lean * (2 * presentation - 1)
        return (dice.bell(low, high) + 0.5 * middle).clamp(low, high)

    columns: dict[str, Tensor] = {
        "age": age,
        "presentation": presentation,
        "skin_melanin": melanin,
        "skin_warmth": dice.bell(-1, 1),
        "blush": dice.uniform() * (0.45 + 0.55 * presentation),
        "freckles": dice.chance(0.28 * (1 - melanin)) * dice.uniform(0.45, 1.0),
        "mole": dice.chance(0.16),
        "mole_x": dice.uniform(-0.5, 0.5),
        "mole_y": dice.uniform(-0.75, -0.25),
        "head_width": dice.bell(0.92, 1.09),
        "head_height": dice.bell(0.95, 1.07),
        "jaw_width": leaning(0.80, 1.18, -0.6),
        "jaw_square": (dice.uniform() * 0.6 + 0.4 * masculine).clamp(0, 1),
        "chin_length": dice.bell(-1, 1),
        "chin_width": leaning(0.7, 1.4, -0.5),
        "cheek_fullness": (dice.uniform() * 0.8 + 0.2 * presentation).clamp(0, 1),
        "ear_size": leaning(0.75, 1.3, -0.3),
        "ear_spread": dice.uniform(),
        "eye_size": leaning(0.86, 1.16, 0.4),
        "eye_height": leaning(0.75, 1.25, 0.3),
        "eye_spacing": dice.bell(-1, 1),
        "eye_level": dice.bell(-1, 1),
        "eye_tilt": dice.bell(-0.10, 0.22),
        "eye_lid": dice.uniform(),
        "iris_size": dice.bell(0.9, 1.12),
        "lashes": (presentation * dice.uniform(0.55, 1.0)).clamp(0.0, 1.0),
        "brow_thickness": leaning(0.55, 1.6, -0.7),
        "brow_arch": dice.uniform(),
        "brow_length": dice.bell(0.85, 1.15),
        "brow_tilt": dice.bell(-0.12, 0.16),
        "brow_gap": dice.bell(-1, 1),
        "nose_width": leaning(0.75, 1.35, -0.3),
        "nose_length": dice.bell(0.82, 1.18),
        "nose_tip": leaning(0.75, 1.3, -0.2),
        "nose_bridge": dice.bell(0.6, 1.35),
        "nose_turn": dice.bell(-1, 1),
        "mouth_width": dice.bell(0.78, 1.22),
        "mouth_level": dice.bell(-1, 1),
        "lip_upper": leaning(0.6, 1.5, 0.5),
        "lip_lower": leaning(0.6, 1.5, 0.5),
        "lip_redness": (dice.uniform() * 0.5 + presentation * dice.chance(0.6) * dice.uniform(0.1, 0.6)).clamp(0, 1),
        "hair_cut": dice.weighted(_CUT_WEIGHTS[0] * masculine[:, None] + _CUT_WEIGHTS[1] * presentation[:, None]),
        "hair_volume": dice.bell(0.8, 1.2),
        "hair_length": dice.bell(-1, 1),
        "hair_parting": dice.bell(-1, 1),
        "hair_line": dice.bell(-1, 1),
    }
    beard_weights = torch.tensor([1.0, 0.55, 0.3, 0.35, 0.65])
    beardless = torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0])
    beardedness = ((masculine - 0.55) / 0.2).clamp(0, 1)[:, None]
    columns["beard"] = dice.weighted(beardless + (beard_weights - beardless) * beardedness)
    columns["glasses"] = dice.weighted(torch.tensor([2.4, 0.4, 0.4, 0.0]) + torch.tensor([0.0, 0.0, -0.1, 0.35]) * presentation[:, None])
    for prefix, colour in (
        ("hair", _hair_colours(dice, melanin, age)),
        ("eye", _eye_colours(dice, melanin)),
        ("cover", dice.pick(COVER_COLOURS)),
        ("frame", dice.pick(FRAME_COLOURS)),
    ):
        for channel, name in enumerate(("red", "green", "blue")):
            columns[f"{prefix}_{name}"] = colour[:, channel]
    return Identities.from_columns(columns).to(device)
