"""People and pictures to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .body import cloth_distance, paint_cloth
from .eyes import paint_brows, paint_eyes, paint_glasses, temple_arms
from .fields import Colour, Geometry, blend, ellipse, inside, mix, scaled, smoothstep
from .geometry import colour_of, geometry_of
from .hair import hair_distance, paint_hair, strand_frame
from .head import paint_skin, skin_distance, to_camera, to_head
from .identity import Identities
from .light import key_direction, shade
from .march import Distance, Surface, march, occlusion, pixel_grid, soft_shadow
from .picture import Pictures
from .scene import paint_background
from .styles import Layers, finish, outlines

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


@dataclass(frozen=True)
class Kernels:
    """The functions that run per pixel: as they are, or each fused by the compiler."""

    skin: Distance
    hair: Distance
    cloth: Distance
    person: Distance
    paint: Callable
    develop: Callable

    @classmethod
    def eager(cls) -> "Kernels":
        return cls(skin_distance, hair_distance, cloth_distance, person_distance, paint, develop)

    @classmethod
    @cache
    def compiled(cls) -> "Kernels":
        """Fused kernels: slow to build (a minute, less from the cache), then about thirty times as fast."""
        return cls(*(torch.compile(k, dynamic=False) for k in (skin_distance, hair_distance, cloth_distance, person_distance, paint, develop)))


def person_distance(x: Tensor, y: Tensor, z: Tensor, g: Geometry) -> Tensor:
    """Everything that casts a shadow."""
    return torch.minimum(torch.minimum(skin_distance(x, y, z, g), hair_distance(x, y, z, g)), cloth_distance(x, y, z, g))


def _visible_shares(surfaces: list[Surface], pixel: Tensor) -> list[Tensor]:
    """How much of each pixel every surface fills, given who is in front of whom; the rest is background."""
    shares = []
    for i, mine in enumerate(surfaces):
        share = mine.coverage
        for j, other in enumerate(surfaces):
            if i != j:
                before = smoothstep(-1.0, 1.0, (other.depth - mine.depth) / pixel)
                share = share * (1 - other.coverage * before)
        shares.append(share)
    return shares


def _sum3(shares: list[Tensor], colours: list[Colour]) -> Colour:
    return tuple(sum(s * c[i] for s, c in zip(shares, colours)) for i in range(3))


def paint(x: Tensor, y: Tensor, skin: Surface, hair: Surface, cloth: Surface, g: Geometry, size: int):
    """Colours of all surfaces, merged by visibility: albedo, normal, strand tangent, depth and the parts' coverages."""
    pixel = g["extent"] / size
    x, y, _ = torch.broadcast_tensors(x, y, skin.depth)
    shares = _visible_shares([skin, hair, cloth], pixel)
    total = shares[0] + shares[1] + shares[2]

    hx, hy, hz = to_head(x, y, skin.depth, g)
    lx, ly, _ = key_direction(g)
    soft = 0.75 * pixel * (1 + 0.8 * (1 - skin.normal[2].clamp(0, 1)))
    skin_colour, lips, fuzz = paint_skin(hx, hy, hz, g, soft)
    skin_colour = paint_brows(skin_colour, hx, hy, hz, g, soft)
    skin_colour, eye = paint_eyes(skin_colour, hx, hy, hz, g, soft, (lx, ly))
    arms = temple_arms(hx, hy, hz, g, soft)
    skin_colour = blend(skin_colour, colour_of(g, "frame"), arms)

    gx, gy, gz = to_head(x, y, hair.depth, g)
    hair_colour, strand, waves = paint_hair(gx, gy, gz, g)
    sx, sz = strand_frame(gx, gy, gz, g)
    down = (g["rot00"] * sx - 1.3 * g["rot01"] + g["rot02"] * sz, g["rot10"] * sx - 1.3 * g["rot11"] + g["rot12"] * sz, g["rot20"] * sx - 1.3 * g["rot21"] + g["rot22"] * sz)
    n = hair.normal
    along = down[0] * n[0] + down[1] * n[1] + down[2] * n[2]
    tangent = tuple(d - along * c + 0.10 * waves * c for d, c in zip(down, n))
    inverse = torch.rsqrt(sum(t * t for t in tangent) + 1e-6)
    tangent = tuple(t * inverse for t in tangent)
    across = (n[1] * tangent[2] - n[2] * tangent[1], n[2] * tangent[0] - n[0] * tangent[2], n[0] * tangent[1] - n[1] * tangent[0])
    hair_normal = tuple(c + 0.16 * waves * strand * a for c, a in zip(n, across))

    cloth_colour = paint_cloth(x, y, cloth.depth, g, soft)
    albedo = _sum3(shares, [skin_colour, hair_colour, cloth_colour])
    normal = _sum3(shares, [skin.normal, hair_normal, cloth.normal])
    inverse = torch.rsqrt(sum(c * c for c in normal) + 1e-6)
    normal = tuple(c * inverse for c in normal)
    safe = 1 / total.clamp_min(1e-3)
    albedo = tuple(c * safe for c in albedo)
    depth = (shares[0] * skin.depth + shares[1] * hair.depth + shares[2] * cloth.depth) * safe
    is_skin = shares[0] * safe
    covered = eye * is_skin
    parts = {
        "skin": is_skin * (1 - eye) * (1 - fuzz),
        "hair": (shares[1] * strand * safe),
        "eye": covered,
        "lips": lips * is_skin,
        "fuzz": fuzz * is_skin,
        "bare": is_skin,
        "person": total.clamp(0, 1),
        "cloth": shares[2] * safe,
    }
    face = is_skin * smoothstep(0.02, -0.02, ellipse(hx, hy + 0.22, 0.78, 0.98)) * smoothstep(0.0, 0.15, hz) * total
    head = total * torch.maximum(shares[1] * safe * smoothstep(-1.3, -1.1, gy), is_skin * smoothstep(g["chin_y"] - 0.20, g["chin_y"] - 0.10, hy))
    return albedo, normal, tangent, depth, parts, face, head


def develop(x, y, albedo, normal, tangent, depth, parts, open_sky, lit, outline, g: Geometry, size: int) -> Colour:
    """Light, glasses, background and style: display colour."""
    x, y, _ = torch.broadcast_tensors(x, y, depth)
    shaded = shade(albedo, normal, tangent, parts, open_sky, lit, g)
    hx, hy, hz = to_head(x, y, depth, g)
    # The glasses' plane: rays run along camera z, so the offset to the plane follows the turned head.
    ahead = (0.90 - 0.22 * hx * hx) - hz
    step = ahead / g["rot22"].clamp_min(0.3)
    fx, fy, fz = to_head(x, y, depth + step, g)
    step2 = ((0.90 - 0.22 * fx * fx) - fz) / g["rot22"].clamp_min(0.3)
    fx, fy, _ = to_head(x, y, depth + step + step2, g)
    soft = 0.75 * g["extent"] / size
    visible = smoothstep(-0.02, 0.02, step + step2 + 0.05) * parts["person"] 
    frame, lens, streak = paint_glasses(fx, fy, g, soft)
    frame, lens = frame * visible, lens * visible
    rim = colour_of(g, "frame")
    received = 0.5 + 0.5 * lit
    frame_colour = tuple(c * received + 0.03 for c in rim)
    frame_albedo = tuple(c + 0 * x for c in rim)
    shaded = tuple(s * (1 - 0.06 * lens) + 0.16 * streak * visible for s in shaded)
    shaded = blend(shaded, frame_colour, frame)
    albedo = blend(albedo, frame_albedo, frame)

    u = (x - g["centre_x"]) / g["extent"] * 2
    v = (y - g["centre_y"]) / g["extent"] * 2
    lx, ly, lz = key_direction(g)
    facing = (normal[0] * lx + normal[1] * ly + normal[2] * lz)
    light = ((facing * 0.5 + 0.5) * mix(0.45, 1.0, lit)).clamp(0, 1)
    layers = Layers(
        albedo=albedo,
        lit=shaded,
        background=paint_background(u, v, g),
        normal=normal,
        person=torch.maximum(parts["person"], frame),
        skin=parts["skin"],
        hair=parts["hair"],
        eye=parts["eye"] * (1 - frame),
        shade=light,
        open_sky=open_sky,
        outline=outline * (1 - frame),
        u=u,
        v=v,
    )
    return finish(layers, g)


def render(identities: Identities, pictures: Pictures, size: int = 256, kernels: Kernels | None = None) -> Rendering:
    """Draws each row of `pictures` with the same row of `identities`; `size` must be a multiple of 8.

    Unless `kernels` says otherwise, batches of 16 and more use compiled kernels. Batches of one size share them."""
    if len(identities) != len(pictures):
        raise ValueError(f"{len(identities)} identities but {len(pictures)} pictures")
    if size % 8:
        raise ValueError(f"the size must be a multiple of 8, not {size}")
    kernels = kernels or (Kernels.compiled() if len(pictures) >= WORTH_COMPILING else Kernels.eager())
    g = geometry_of(identities, pictures)
    skin, hair, cloth = (march(distance, g, size) for distance in (kernels.skin, kernels.hair, kernels.cloth))
    x, y = pixel_grid(g, size)
    albedo, normal, tangent, depth, parts, face, head = kernels.paint(x, y, skin, hair, cloth, g, size)
    open_sky, lit = _shadows(kernels.person, g, x, y, depth, normal)
    outline = outlines([parts["person"], parts["hair"] * parts["person"], parts["cloth"] * parts["person"]], torch.where(parts["person"] > 0.5, depth, -1.6), size)
    image = torch.stack(kernels.develop(x, y, albedo, normal, tangent, depth, parts, open_sky, lit, outline, g, size), dim=1)
    return Rendering(image, face[:, None], head[:, None], landmarks(g, size), skeleton(g, size))


def _shadows(person: Distance, g: Geometry, x, y, depth: Tensor, normal: Colour) -> tuple[Tensor, Tensor]:
    """Openness to the sky and key light received, traced at half size (both are smooth)."""
    x, y, depth = x[..., ::2], y[:, ::2], depth[:, ::2, ::2].contiguous()
    normal = tuple(c[:, ::2, ::2].contiguous() for c in normal)
    pair = torch.stack(
        [
            occlusion(person, x, y, depth, normal, g),
            soft_shadow(person, x, y, depth, normal, key_direction(g), g["light_hardness"], g),
        ],
        dim=1,
    )
    return F.interpolate(pair, scale_factor=2, mode="bilinear", align_corners=False).unbind(1)


def _pixels(points: Tensor, g: Geometry, size: int) -> Tensor:
    """Camera points [B, N, 3] to pixel coordinates [B, N, 2]; the middle of the first pixel is 0."""
    scale = size / g["extent"][:, :, 0]
    px = (points[..., 0] - g["centre_x"][:, :, 0]) * scale + size / 2 - 0.5
    py = (g["centre_y"][:, :, 0] - points[..., 1]) * scale + size / 2 - 0.5
    return torch.stack([px, py], dim=-1)


def _head_points(g: Geometry, points: list[tuple]) -> Tensor:
    """Points in head coordinates to camera points [B, N, 3]."""
    zero = torch.zeros_like(g["eye_x"])
    placed = [torch.stack(to_camera(*(zero + c for c in point), g), dim=-1)[:, 0, 0] for point in points]
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
    zero = torch.zeros_like(g["eye_x"])[:, 0, 0]
    ears = _head_points(g, [(-0.86, -0.05, -0.1), (0.86, -0.05, -0.1)])
    eyes_nose = _head_points(g, [(-g["eye_x"], g["eye_y"], 0.78), (g["eye_x"], g["eye_y"], 0.78), (0.0, g["nose_y"], 1.0)])
    wide = g["build"][:, 0, 0]

    def body(px, py) -> Tensor:
        return torch.stack([zero + px, zero + py, zero], dim=-1)

    below = [body(side * 0.55, -4.4 - 1.6 * i) for side in (-1, 1) for i in range(3)]
    joints = [eyes_nose[:, 2], body(0.0, -1.75), body(-1.05 * wide, -2.05), body(-1.30 * wide, -3.5), body(-1.2 * wide, -4.8)]
    joints += [body(1.05 * wide, -2.05), body(1.30 * wide, -3.5), body(1.2 * wide, -4.8), *below]
    joints += [eyes_nose[:, 0], eyes_nose[:, 1], ears[:, 0], ears[:, 1]]
    places = _pixels(torch.stack(joints, dim=1), g, size)
    seen = ((places >= 0) & (places <= size - 1)).all(dim=-1, keepdim=True).float()
    return torch.cat([places, seen], dim=-1)
