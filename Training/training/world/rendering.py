"""People and pictures to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from .antialias import antialiased
from .body import BODY_LIFT, cloth_distance
from .fields import Geometry
from .geometry import geometry_of
from .hair import hair_distance
from .head import skin_distance, to_camera
from .identity import Identities
from .kernels import Kernels
from .march import FAR, Surface, trace
from .occluders import occlude
from .painting import illuminate, merge, paint_cloth_surface, paint_hair_surface, paint_skin_surface
from .picture import Pictures
from .scene import SCENES
from .shadows import CASTERS, shadows
from .styles import FINISHES, OUTLINED, STYLES, Layers, creases, outlines
from .tiles import TILE, Raster

WORTH_COMPILING = 16


@dataclass
class Rendering:
    """B pictures and what is known about them. Masks are coverages in 0..1, places are in pixels.

    `landmarks` [B, 5, 2]: the eye at the picture's left, the one at its right, nose, mouth corners left and right.
    `skeleton` [B, 18, 3]: OpenPose's COCO order, x, y and 1 where the joint lies inside the picture.
    """

    image: Tensor  # [B, 3, H, W]
    face_mask: Tensor  # [B, 1, H, W]
    head_mask: Tensor  # [B, 1, H, W]
    landmarks: Tensor
    skeleton: Tensor


@dataclass
class Person:
    """Lit people before any background, in fields (colours: three of them, linear light)."""

    albedo: tuple[Tensor, ...]
    lit: tuple[Tensor, ...]
    normal: tuple[Tensor, ...]
    depth: Tensor
    coverage: Tensor
    skin: Tensor
    hair: Tensor
    cloth: Tensor
    eye: Tensor
    shade: Tensor
    open_sky: Tensor
    frame: Tensor  # of glasses
    face: Tensor
    head: Tensor


def render(identities: Identities, pictures: Pictures, size: int = 256, compiled: bool | None = None) -> Rendering:
    """Draws each row of `pictures` with the same row of `identities`; `size` must be a multiple of 64.

    Compiled kernels take minutes to build (once for a machine: the compiler keeps them) and are then many times as
    fast. Unless `compiled` says otherwise, batches of 16 and more use them.
    """
    if len(identities) != len(pictures):
        raise ValueError(f"{len(identities)} identities but {len(pictures)} pictures")
    if size % (TILE * TILE):
        raise ValueError(f"the size must be a multiple of {TILE * TILE}, not {size}")
    compiled = len(pictures) >= WORTH_COMPILING if compiled is None else compiled
    g = geometry_of(identities, pictures)
    raster = Raster(g, size, padded=compiled)
    # On a GPU only what is asked again and again along every ray is worth the seconds that it takes to compile.
    everywhere = raster.device.type == "cpu"
    kernels = Kernels(tuple(raster.g), compiled and (everywhere or CASTERS))
    person = draw_person(raster, kernels)
    _occlude(raster, person, pictures, kernels)
    image = develop(raster, person, pictures, kernels)
    face, head = (raster.to_image(mask)[:, None] for mask in (person.face, person.head))
    return Rendering(image, face, head, landmarks(g, size), skeleton(g, size))


def skeletons(identities: Identities, pictures: Pictures, size: int = 256) -> Tensor:
    """Only the skeletons of a rendering: [B, 18, 3]."""
    return skeleton(geometry_of(identities, pictures), size)


def _covered(surface: Surface) -> Tensor:
    return torch.where(surface.coverage >= 1, surface.depth, FAR - 1)


def _painted(raster: Raster, kernels: Kernels, function, surface: Surface, normals: int, count: int):
    """`count` fields of what `function` paints on a surface, from its depth and the last `normals` parts of its normal."""
    fields = tuple(raster.field() for _ in range(count))
    for chunk in raster.chunks(surface.rows):
        inputs = chunk.read(surface.depth, *surface.normal[3 - normals :])
        chunk.write(fields, kernels[function](chunk.geometry, chunk.x, chunk.y, *inputs))
    return fields


def draw_person(raster: Raster, kernels: Kernels) -> Person:
    """Finds, paints and lights everybody's surfaces."""
    covered = raster.field(FAR - 1)
    cloth = trace(cloth_distance, raster, covered, kernels)
    covered = torch.maximum(covered, _covered(cloth))
    hair = trace(hair_distance, raster, covered, kernels)
    covered = torch.maximum(covered, _covered(hair))
    skin = trace(skin_distance, raster, covered, kernels)
    *skin_colour, eye, lips, fuzz = _painted(raster, kernels, paint_skin_surface, skin, 1, 6)
    *hair_colour, strand, tx, ty, tz, hnx, hny, hnz = _painted(raster, kernels, paint_hair_surface, hair, 3, 10)
    cloth_colour = _painted(raster, kernels, paint_cloth_surface, cloth, 1, 3)
    rows = torch.cat([skin.rows, hair.rows, cloth.rows]).unique()

    inputs = [part for surface in (skin, hair, cloth) for part in (surface.depth, surface.coverage)]
    inputs += [*skin.normal, *cloth.normal, *skin_colour, eye, lips, fuzz, *hair_colour, strand, hnx, hny, hnz, *cloth_colour]
    merged = tuple(raster.field() for _ in range(15))
    for chunk in raster.chunks(rows):
        chunk.write(merged, kernels[merge](chunk.geometry, chunk.x, chunk.y, *chunk.read(*inputs)))
    red, green, blue, nx, ny, nz, depth, coverage, bare, hair_share, eye, lips, cloth_share, face, head = merged
    open_sky, lit = shadows(raster, depth, (nx, ny, nz), coverage, kernels)

    inputs = [*merged[:12], tx, ty, tz, open_sky, lit]
    shaded = tuple(raster.field() for _ in range(10))
    for chunk in raster.chunks(rows):
        chunk.write(shaded, kernels[illuminate](chunk.geometry, chunk.x, chunk.y, *chunk.read(*inputs)))
    *colours, framed, eye, shade, frame = shaded
    return Person(
        albedo=tuple(colours[:3]),
        lit=tuple(colours[3:]),
        normal=(nx, ny, nz),
        depth=depth,
        coverage=framed,
        skin=bare,
        hair=hair_share,
        cloth=cloth_share,
        eye=eye,
        shade=shade,
        open_sky=open_sky,
        frame=frame,
        face=face,
        head=head,
    )


def _occlude(raster: Raster, person: Person, pictures: Pictures, kernels: Kernels) -> None:
    """Draws hands, mugs and leaves over the pictures that have them."""
    fields = (*person.albedo, *person.lit, person.coverage, person.skin, person.hair, person.eye, person.face, person.head, person.frame)
    chosen = (pictures.choice("occlusion") > 0).nonzero()[:, 0]
    for chunk in raster.chunks(raster.tiles_of(chosen)):
        chunk.write(fields, kernels[occlude](chunk.geometry, chunk.x, chunk.y, *chunk.read(*fields)))


def develop(raster: Raster, person: Person, pictures: Pictures, kernels: Kernels) -> Tensor:
    """Backgrounds and styles: images [B, 3, H, W]."""
    background = tuple(raster.field() for _ in range(3))
    for index, scene in enumerate(SCENES):
        chosen = (pictures.choice("background") == index).nonzero()[:, 0]
        for chunk in raster.chunks(raster.tiles_of(chosen)):
            chunk.write(background, kernels[backdrop(scene)](chunk.geometry, chunk.x, chunk.y))
    tint = [c.reshape(raster.batch, -1).mean(dim=1, keepdim=True) for c in background]
    tint = [t.repeat_interleave(raster.tiles, dim=0) for t in tint]
    outline = _outlines(raster, person, pictures)
    inputs = [*person.albedo, *person.lit, *background, *person.normal, person.coverage, person.skin, person.hair, person.eye]
    inputs += [person.shade, person.open_sky, outline, *tint]
    image = tuple(raster.field() for _ in range(3))
    for index, finish in enumerate(FINISHES):
        chosen = (pictures.choice("style") == index).nonzero()[:, 0]
        for chunk in raster.chunks(raster.tiles_of(chosen)):
            chunk.write(image, kernels[finished(finish)](chunk.geometry, chunk.x, chunk.y, *chunk.read(*inputs)))
    depth = raster.to_image(torch.where(person.coverage > 0.5, person.depth, FAR))
    return antialiased(torch.stack([raster.to_image(c) for c in image], dim=1), depth, raster.g["pixel"])


def _outlines(raster: Raster, person: Person, pictures: Pictures) -> Tensor:
    """Ink lines, for the pictures whose style has them."""
    styles = torch.tensor([style.name in OUTLINED for style in STYLES], device=raster.device)
    chosen = styles[pictures.choice("style")].nonzero()[:, 0]
    images = torch.zeros(raster.batch, raster.size, raster.size, device=raster.device)
    if len(chosen):
        whole, hair, cloth, depth, frame = (
            raster.to_image(field)[chosen] for field in (person.coverage, person.hair, person.cloth, person.depth, person.frame)
        )
        line = outlines([whole, hair * whole, cloth * whole], torch.where(whole > 0.5, depth, FAR), raster.size)
        normal = [raster.to_image(n)[chosen] for n in person.normal]
        images[chosen] = torch.maximum(line, creases(normal, whole)) * (1 - frame)
    return raster.from_image(images)


def _across(x: Tensor, y: Tensor, g: Geometry) -> tuple[Tensor, Tensor]:
    """Place in the picture, -1..1 to the right and upwards."""
    return (x - g["centre_x"]) / g["extent"] * 2, (y - g["centre_y"]) / g["extent"] * 2


@cache
def backdrop(scene):
    return lambda x, y, g: scene(*_across(x, y, g), g)


@cache
def finished(finish):
    """A style as a function of fields."""

    def kernel(x, y, ar, ag, ab, lr, lg, lb, br, bg, bb, nx, ny, nz, person, skin, hair, eye, shade, open_sky, outline, tr, tg, tb, g):
        layers = Layers(
            albedo=(ar, ag, ab),
            lit=(lr, lg, lb),
            background=(br, bg, bb),
            normal=(nx, ny, nz),
            person=person,
            skin=skin,
            hair=hair,
            eye=eye,
            shade=shade,
            open_sky=open_sky,
            outline=outline,
            tint=(tr, tg, tb),
            u=_across(x, y, g)[0],
            v=_across(x, y, g)[1],
        )
        return tuple(c.clamp(0, 1) for c in finish(layers, g))

    return kernel


def _pixels(points: Tensor, g: Geometry, size: int) -> Tensor:
    """Camera points [B, N, 3] to pixel coordinates [B, N, 2]; the middle of the first pixel is 0."""
    scale = size / g["extent"]
    px = (points[..., 0] - g["centre_x"]) * scale + size / 2 - 0.5
    py = (g["centre_y"] - points[..., 1]) * scale + size / 2 - 0.5
    return torch.stack([px, py], dim=-1)


def _head_points(g: Geometry, points: list[tuple]) -> Tensor:
    """Points in head coordinates to camera points [B, N, 3]."""
    zero = torch.zeros_like(g["eye_x"])
    placed = [torch.stack(to_camera(*(zero + c for c in point), g), dim=-1)[:, 0] for point in points]
    return torch.stack(placed, dim=1)


def landmarks(g: Geometry, size: int) -> Tensor:
    corner = g["mouth_y"] + 0.055 * g["smile"]
    lop = 0.05 * g["lopsided"]
    points = [
        (-g["eye_x"], g["eye_y"], 0.78),
        (g["eye_x"], g["eye_y"], 0.78),
        (0.0, g["nose_y"], 0.98 + 0.03 * g["nose_bridge"]),
        (-g["mouth_w"], corner - lop, 0.68),
        (g["mouth_w"], corner + lop, 0.68),
    ]
    return _pixels(_head_points(g, points), g, size)


def skeleton(g: Geometry, size: int) -> Tensor:
    zero = torch.zeros_like(g["eye_x"])[:, 0]
    ears = _head_points(g, [(-0.86, -0.05, -0.1), (0.86, -0.05, -0.1)])
    eyes_nose = _head_points(g, [(-g["eye_x"], g["eye_y"], 0.78), (g["eye_x"], g["eye_y"], 0.78), (0.0, g["nose_y"], 1.0)])
    wide = g["build"][:, 0]

    def body(px, py) -> Tensor:
        return torch.stack([zero + px, zero + py, zero], dim=-1)

    below = [body(side * 0.50, -4.6 - 1.6 * i) for side in (-1, 1) for i in range(3)]

    def arm(side: str, sign: int) -> list[Tensor]:
        bends = [(g[f"{side}_{joint}_x"], g[f"{side}_{joint}_y"]) for joint in ("elbow", "wrist")]
        return [body(sign * 1.02 * wide, BODY_LIFT - 2.08), *(body(sign * x[:, 0], BODY_LIFT + y[:, 0]) for x, y in bends)]

    joints = [eyes_nose[:, 2], body(0.0, -1.75), *arm("left", -1), *arm("right", 1), *below]
    joints += [eyes_nose[:, 0], eyes_nose[:, 1], ears[:, 0], ears[:, 1]]
    places = _pixels(torch.stack(joints, dim=1), g, size)
    seen = ((places >= 0) & (places <= size - 1)).all(dim=-1, keepdim=True).float()
    return torch.cat([places, seen], dim=-1)
