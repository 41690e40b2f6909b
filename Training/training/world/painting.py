"""What every point of a person looks like: colours of the surfaces, merged by visibility, then lit."""

from __future__ import annotations

import torch
from torch import Tensor

from .body import paint_cloth
from .eyes import paint_brows, paint_eyes, paint_glasses, temple_arms
from .fields import Geometry, blend, colour_of, ellipse, mix, smoothstep
from .hair import paint_hair, strand_frame
from .head import paint_skin, to_head
from .light import shade


def paint_skin_surface(x: Tensor, y: Tensor, z: Tensor, normal_z: Tensor, g: Geometry):
    """Colour of the skin and what is painted on it; coverages of eyeballs, shining lips, hair that grows there."""
    hx, hy, hz = to_head(x, y, z, g)
    soft = 0.75 * g["pixel"] * (1 + 0.8 * (1 - normal_z.clamp(0, 1)))
    colour, lips, fuzz = paint_skin(hx, hy, hz, g, soft)
    colour = paint_brows(colour, hx, hy, hz, g, soft)
    colour, eye = paint_eyes(colour, hx, hy, hz, g, soft, (g["light_x"], g["light_y"]))
    colour = blend(colour, colour_of(g, "frame"), temple_arms(hx, hy, hz, g, soft))
    return *colour, eye, lips, fuzz


def paint_hair_surface(x: Tensor, y: Tensor, z: Tensor, nx: Tensor, ny: Tensor, nz: Tensor, g: Geometry):
    """Colour of the hair, how much of it is hair (the rest is a hat), tangent of the strands, normal with strands."""
    hx, hy, hz = to_head(x, y, z, g)
    colour, strand, waves = paint_hair(hx, hy, hz, g)
    sx, sz = strand_frame(hx, hy, hz, g)
    down = [g[f"rot{row}0"] * sx - 1.3 * g[f"rot{row}1"] + g[f"rot{row}2"] * sz for row in range(3)]
    along = down[0] * nx + down[1] * ny + down[2] * nz
    tx, ty, tz = (d - along * c + 0.10 * waves * c for d, c in zip(down, (nx, ny, nz)))
    inverse = torch.rsqrt(tx * tx + ty * ty + tz * tz + 1e-6)
    tx, ty, tz = tx * inverse, ty * inverse, tz * inverse
    relief = 0.16 * waves * strand
    normal = (nx + relief * (ny * tz - nz * ty), ny + relief * (nz * tx - nx * tz), nz + relief * (nx * ty - ny * tx))
    return *colour, strand, tx, ty, tz, *normal


def paint_cloth_surface(x: Tensor, y: Tensor, z: Tensor, normal_z: Tensor, g: Geometry):
    soft = 0.75 * g["pixel"] * (1 + 0.8 * (1 - normal_z.clamp(0, 1)))
    return paint_cloth(x, y, z, g, soft)


def _share(coverage: Tensor, depth: Tensor, others, g: Geometry) -> Tensor:
    """How much of its pixel a surface fills, given who is in front of it."""
    for other_coverage, other_depth in others:
        coverage = coverage * (1 - other_coverage * smoothstep(-1.0, 1.0, (other_depth - depth) / g["pixel"]))
    return coverage


def merge(
    x, y, skin_depth, skin_coverage, hair_depth, hair_coverage, cloth_depth, cloth_coverage,
    snx, sny, snz, cnx, cny, cnz, sr, sg, sb, eye, lips, fuzz, hr, hg, hb, strand, hnx, hny, hnz, cr, cg, cb, g,
):  # fmt: skip
    """The surfaces of a pixel as one: albedo, normal, depth, then coverages: person, bare skin (without eyes and
    beard), hair, eyeballs, lips, cloth, face and head."""
    skin = _share(skin_coverage, skin_depth, ((hair_coverage, hair_depth), (cloth_coverage, cloth_depth)), g)
    hair = _share(hair_coverage, hair_depth, ((skin_coverage, skin_depth), (cloth_coverage, cloth_depth)), g)
    cloth = _share(cloth_coverage, cloth_depth, ((skin_coverage, skin_depth), (hair_coverage, hair_depth)), g)
    person = skin + hair + cloth
    safe = 1 / person.clamp_min(1e-3)
    skin, hair, cloth = skin * safe, hair * safe, cloth * safe
    red, green, blue = skin * sr + hair * hr + cloth * cr, skin * sg + hair * hg + cloth * cg, skin * sb + hair * hb + cloth * cb
    nx, ny, nz = skin * snx + hair * hnx + cloth * cnx, skin * sny + hair * hny + cloth * cny, skin * snz + hair * hnz + cloth * cnz
    # What is seen faces the viewer; at sharp edges the gradient may say otherwise.
    nz = nz.clamp_min(0.12)
    inverse = torch.rsqrt(nx * nx + ny * ny + nz * nz + 1e-6)
    depth = skin * skin_depth + hair * hair_depth + cloth * cloth_depth

    hx, hy, hz = to_head(x, y, skin_depth, g)
    face = skin * smoothstep(0.02, -0.02, ellipse(hx, hy + 0.22, 0.78, 0.98)) * smoothstep(0.0, 0.15, hz) * person
    # Raised hands lie beside the head.
    above_chin = skin * smoothstep(g["chin_y"] - 0.20, g["chin_y"] - 0.10, hy) * smoothstep(1.3, 1.2, hx.abs())
    head = person * (hair + above_chin).clamp(0, 1)
    bare = skin * (1 - eye) * (1 - fuzz)
    return (
        red, green, blue, nx * inverse, ny * inverse, nz * inverse, depth,
        person.clamp(0, 1), bare, hair * strand, skin * eye, skin * lips, cloth, face, head,
    )  # fmt: skip


def illuminate(
    x, y, red, green, blue, nx, ny, nz, depth, person, bare, hair, eye, lips, tx, ty, tz, open_sky, lit, g
):  # fmt: skip
    """Light, and glasses over everything: albedo, lit colour, coverages of person and eyeballs, light received, and
    coverage of the frame of the glasses."""
    parts = {"skin": bare, "hair": hair, "eye": eye, "lips": lips}
    albedo, normal = (red, green, blue), (nx, ny, nz)
    shaded = shade(albedo, normal, (tx, ty, tz), parts, open_sky, lit, g)
    # The glasses' plane: rays run along camera z, so the offset to the plane follows the turned head.
    forward = 1 / g["rot22"].clamp_min(0.3)
    hx, hy, hz = to_head(x, y, depth, g)
    step = (0.90 - 0.22 * hx * hx - hz) * forward
    hx, hy, hz = to_head(x, y, depth + step, g)
    step = step + (0.90 - 0.22 * hx * hx - hz) * forward
    hx, hy, hz = to_head(x, y, depth + step, g)
    visible = smoothstep(-0.02, 0.02, step + 0.05) * person
    frame, lens, streak = paint_glasses(hx, hy, g, 0.75 * g["pixel"])
    frame, lens = frame * visible, lens * visible
    rim = colour_of(g, "frame")
    shaded = tuple(s * (1 - 0.06 * lens) + 0.16 * streak * visible for s in shaded)
    shaded = blend(shaded, tuple(c * (0.5 + 0.5 * lit) + 0.03 for c in rim), frame)
    albedo = blend(albedo, rim, frame)
    facing = nx * g["light_x"] + ny * g["light_y"] + nz * g["light_z"]
    light = ((facing * 0.5 + 0.5) * mix(0.45, 1.0, lit)).clamp(0, 1)
    return *albedo, *shaded, torch.maximum(person, frame), eye * (1 - frame), light, frame
