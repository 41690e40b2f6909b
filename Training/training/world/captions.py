"""Words for a picture: what the text should decide (style, clothes, background, expression), never what the face
photo should tell (hair, skin, eyes, glasses, beard, age, gender)."""

from __future__ import annotations

import torch

from .identity import Identities
from .picture import HALF_LENGTH_ZOOM, Pictures
from .styles import STYLES

_CLOTHES = {
    "t-shirt": "a {colour} t-shirt",
    "v-neck": "a {colour} v-neck sweater",
    "shirt": "a {colour} shirt with a collar",
    "suit": "a {colour} suit with a {trim} tie",
    "hoodie": "a {colour} hoodie",
    "turtleneck": "a {colour} turtleneck",
    "striped shirt": "a {colour} and {trim} striped shirt",
    "dress": "a {colour} top with straps",
    "scarf coat": "a {colour} coat and a {trim} scarf",
    "dungarees": "{trim} dungarees over a {colour} shirt",
}
_BACKGROUNDS = {
    "plain": "plain {colour} background",
    "gradient": "{colour} gradient background",
    "studio": "{colour} studio background with a spotlight",
    "bokeh": "blurred city lights, {colour} bokeh background",
    "park": "in a green park",
    "beach": "on a sunny beach by the sea",
    "city": "in a city with tall buildings",
    "library": "in a library with bookshelves",
    "mountains": "in front of mountains",
    "sunset": "at sunset",
}
_ARMS = {
    "down": "",
    "on hips": "hands on hips",
    "folded": "arms folded",
    "clasped": "hands clasped",
    "one on hip": "one hand on the hip",
    "waving": "waving",
    "cheering": "arms raised",
}
# Of head and shoulders, and from so far away that arms are in the picture.
_SUBJECTS = ("portrait of a person", "half-length portrait of a person")
_EXPRESSIONS = {
    "neutral": "calm expression",
    "smile": "smiling",
    "laugh": "laughing",
    "surprise": "surprised",
    "sad": "sad",
    "angry": "angry",
    "eyes closed": "eyes closed",
    "wink": "winking",
    "kiss": "kissing lips",
    "smirk": "smirking",
}


def prompt_words() -> list[str]:
    """Every sentence part that a caption can hold, with colours not yet filled in: for building a vocabulary."""
    styles = [style.prompt for style in STYLES]
    return [*_SUBJECTS, *styles, *_CLOTHES.values(), *_BACKGROUNDS.values(), *_EXPRESSIONS.values(), *filter(None, _ARMS.values())]


def captions(identities: Identities, pictures: Pictures, generator: torch.Generator | None = None) -> list[str]:
    """One caption for each picture, for example "watercolour painting, ..., portrait of a person, smiling, ...".

    With a generator parts may be missing and the style may stand last, as people's prompts do.
    """
    prompts = {style.name: style.prompt for style in STYLES}
    rows = zip(
        pictures.chosen("style"),
        (pictures.column("zoom") < HALF_LENGTH_ZOOM).tolist(),
        pictures.chosen("expression"),
        pictures.chosen("arms"),
        pictures.chosen("clothes"),
        pictures.chosen("clothes_colour"),
        pictures.chosen("trim_colour"),
        pictures.chosen("background"),
        pictures.chosen("background_colour"),
    )
    parts = [
        [
            prompts[style],
            _SUBJECTS[far],
            _EXPRESSIONS[expression],
            *filter(None, [_ARMS[arms]]),
            "wearing " + _CLOTHES[clothes].format(colour=colour, trim=trim),
            _BACKGROUNDS[background].format(colour=ground),
        ]
        for style, far, expression, arms, clothes, colour, trim, background, ground in rows
    ]
    return [", ".join(_varied(row, generator) if generator else row) for row in parts]


def _varied(parts: list[str], generator: torch.Generator) -> list[str]:
    """Style and subject stay; the style goes to the end half of the time, and single parts are dropped."""
    draws = torch.rand(len(parts), generator=generator).tolist()
    style, subject, *rest = parts
    rest = [part for part, draw in zip(rest, draws[2:]) if draw > 0.15]
    return [subject, *rest, style] if draws[0] < 0.5 else [style, subject, *rest]
