"""Scenes of two to five people in one picture: everybody is drawn alone, then laid over those who stand behind."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from .geometry import geometry_of
from .identity import Identities
from .kernels import Kernels
from .picture import Pictures
from .rendering import WORTH_COMPILING, Person, develop, draw_person, landmarks, skeleton
from .tiles import Raster

# For each number of people: height of the picture in head units, its middle, and where the heads are (x, y), those in
# the back first.
_ARRANGEMENTS = {
    2: (4.9, -0.70, ((-1.05, 0.10), (1.05, 0.0))),
    3: (5.9, -0.05, ((0.0, 1.20), (-1.35, 0.0), (1.35, 0.0))),
    4: (6.9, -0.25, ((-0.75, 1.65), (1.60, 1.60), (-1.90, 0.0), (0.45, 0.0))),
    5: (7.5, -0.40, ((-1.15, 1.75), (1.15, 1.70), (-2.3, 0.0), (0.0, 0.0), (2.3, 0.0))),
}
ROW_DEPTH = 0.8


@dataclass
class GroupRendering:
    """B pictures of K people; the fields are those of `Rendering`, for each of the people."""

    image: Tensor  # [B, 3, H, W]
    face_masks: Tensor  # [B, K, H, W], what is to be seen of each face
    head_masks: Tensor  # [B, K, H, W]
    covers: Tensor  # [B, K, H, W], of all who stand before each
    landmarks: Tensor  # [B, K, 5, 2]
    skeletons: Tensor  # [B, K, 18, 3], joints behind others are not visible


def _over(front: Person, back: Person, row: int) -> Person:
    """`front` laid over `back`."""
    share = front.coverage
    merged = {}
    for field in fields(Person):
        before, behind = getattr(front, field.name), getattr(back, field.name)
        if isinstance(before, tuple):
            merged[field.name] = tuple(torch.lerp(b, f, share) for f, b in zip(before, behind))
        elif field.name == "coverage":
            merged[field.name] = 1 - (1 - share) * (1 - behind)
        elif field.name == "depth":
            merged[field.name] = torch.where(share > 0.5, before + ROW_DEPTH * row, behind)
        else:
            merged[field.name] = torch.lerp(behind, before, share)
    return Person(**merged)


def render_group(
    identities: Identities, pictures: Pictures, people: int, size: int = 256, compiled: bool | None = None
) -> GroupRendering:
    """Draws pictures of `people` (2 to 5) persons each, from B * people rows; style and background of a picture are
    those of its first row, poses, expressions and clothes everybody's own."""
    if people not in _ARRANGEMENTS:
        raise ValueError(f"a scene holds 2 to 5 people, not {people}")
    if len(identities) != len(pictures) or len(pictures) % people:
        raise ValueError(f"{len(identities)} identities and {len(pictures)} pictures make no scenes of {people}")
    compiled = len(pictures) >= WORTH_COMPILING if compiled is None else compiled
    extent, middle, places = _ARRANGEMENTS[people]
    first = torch.arange(0, len(pictures), people)
    shared = {name: pictures.column(name)[first].repeat_interleave(people) for name in ("style", "background_seed")}
    pictures = pictures.replacing(**shared, occlusion=0.0, zoom=1.0, shift_x=0.0, shift_y=0.0)
    g = geometry_of(identities, pictures)
    place = torch.tensor(places, device=g["extent"].device).repeat(len(first), 1)
    g["extent"] = torch.full_like(g["extent"], extent)
    g["centre_x"], g["centre_y"] = -place[:, :1], middle - place[:, 1:]
    raster = Raster(g, size, padded=compiled)
    kernels = Kernels(tuple(raster.g), compiled)
    everybody = draw_person(raster, kernels)

    scene = Raster({name: value[first] for name, value in g.items()}, size, padded=compiled)
    alone = [_of_slot(everybody, slot, people, raster.tiles) for slot in range(people)]
    together = alone[0]
    for row, person in enumerate(alone[1:], start=1):
        together = _over(person, together, row)
    image = develop(scene, together, pictures[first], kernels)

    hidden = torch.zeros_like(alone[0].coverage)
    faces, heads, covers = [], [], []
    for person in reversed(alone):
        covers.insert(0, scene.to_image(hidden))
        faces.insert(0, scene.to_image(person.face * (1 - hidden)))
        heads.insert(0, scene.to_image(person.head * (1 - hidden)))
        hidden = 1 - (1 - hidden) * (1 - person.coverage)
    covers = torch.stack(covers, dim=1)
    return GroupRendering(
        image,
        torch.stack(faces, dim=1),
        torch.stack(heads, dim=1),
        covers,
        landmarks(g, size).unflatten(0, (-1, people)),
        _unhidden(skeleton(g, size).unflatten(0, (-1, people)), covers),
    )


def _unhidden(skeletons: Tensor, covers: Tensor) -> Tensor:
    """Skeletons [B, K, 18, 3] whose joints are not to be seen where others, `covers` [B, K, H, W], stand before them."""
    height, width = covers.shape[-2:]
    columns, rows = skeletons[..., :2].round().long().unbind(-1)
    places = rows.clamp(0, height - 1) * width + columns.clamp(0, width - 1)
    covered = covers.flatten(2).gather(2, places) > 0.5
    return torch.cat([skeletons[..., :2], skeletons[..., 2:] * ~covered[..., None]], dim=-1)


def _of_slot(everybody: Person, slot: int, people: int, tiles: int) -> Person:
    def chosen(value):
        if isinstance(value, tuple):
            return tuple(chosen(part) for part in value)
        return value.unflatten(0, (-1, people, tiles))[:, slot].flatten(0, 1)

    return Person(**{field.name: chosen(getattr(everybody, field.name)) for field in fields(Person)})
