"""Eyes, lashes, brows and glasses, drawn in head coordinates on the skin and the eyeballs."""

from __future__ import annotations

import torch
from torch import Tensor

from .fields import Colour, Geometry, blend, bump, colour_of, ellipse, inside, mix, scaled, segment, smoothstep


def lid_curves(u: Tensor, g: Geometry, closed: Tensor):
    """Heights of upper and lower lid over u (-1 inner corner ... 1 outer corner), and their common slope factor."""
    opening = 1 - closed
    round_top = (1 - (u.abs() + 1e-6) ** 2.3).clamp_min(-0.6)
    squint = 0.035 * g["smile"].clamp(0, 1)
    rest = -0.45 * g["eye_low"]
    upper = mix(rest, g["eye_up"], opening) * round_top * (1 + 0.12 * u * (1 - u * u) - 0.10 * u)
    lower = (-g["eye_low"] + squint) * (1 - u * u).clamp_min(-0.6)
    lower = mix(lower, rest * (1 - u * u).clamp_min(-0.6), smoothstep(0.5, 1.0, closed))
    return upper, lower


def paint_eyes(skin: Colour, hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry, soft: Tensor, light: tuple[Tensor, Tensor]):
    """Eyeballs, lids and lashes over the skin. Returns the colour and how much of a pixel is eyeball."""
    side = torch.where(hx < 0, -1.0, 1.0)
    front = smoothstep(0.30, 0.45, hz)
    closed = torch.where(hx < 0, g["left_lid"], g["right_lid"])
    closed = mix(closed, 1.0, 0.0) + 0.10 * g["frown"].clamp(0, 1)
    x, y = hx.abs() - g["eye_x"], hy - g["eye_y"]
    # The eye's own axes: u from the inner to the outer corner, v up, tilted.
    tilt = g["eye_tilt"]
    u, v = x + y * tilt, y - x * tilt
    w = g["eye_w"]
    un = u / w
    upper, lower = lid_curves(un, g, closed)
    slope_upper = torch.rsqrt(1 + (2.3 * g["eye_up"] * (1 - closed).abs() / w) ** 2 * un.clamp(-1, 1) ** 2)
    from_upper, from_lower = (v - upper) * slope_upper, (lower - v)
    ball = inside(torch.maximum(torch.maximum(from_upper, from_lower), (un.abs() - 1) * w), soft) * front

    # Crease and soft shadow above the lid, a light rim under the eye.
    crease_y = upper * (1 + 0.0 * un) + (0.050 + 0.030 * g["eye_lid"]) * (1 - 0.6 * un * un).clamp_min(0)
    crease = bump(v - crease_y, 0.014) * smoothstep(1.12, 0.75, un.abs()) * front
    colour = scaled(skin, 1 - 0.38 * crease)
    shade = bump(v - crease_y - 0.02, 0.06) * smoothstep(1.25, 0.4, un.abs()) * front * (0.10 + 0.18 * g["lashes"])
    colour = blend(colour, (colour[0] * 0.62, colour[1] * 0.48, colour[2] * 0.50), shade)
    waterline = bump(v - lower + 0.012, 0.012) * smoothstep(1.0, 0.8, un.abs()) * front * smoothstep(0.9, 0.5, closed)
    colour = blend(colour, (colour[0] * 0.95 + 0.05, colour[1] * 0.75, colour[2] * 0.72), waterline * 0.8)

    # Iris: both eyes look the same way, so the gaze is not mirrored.
    gaze_x = 0.055 * g["gaze_x"]
    gaze_y = 0.03 * g["gaze_y"]
    ix, iy = hx - side * g["eye_x"] - gaze_x, y - 0.016 - gaze_y
    radius = 0.143 * g["eye_size"] * g["iris_size"]
    r = torch.sqrt(ix * ix + iy * iy + 1e-8)
    rn = r / radius
    sclera = 0.88 - 0.20 * smoothstep(0.5, 1.05, un.abs())
    white = (sclera * 1.0, sclera * 0.965, sclera * 0.95)
    angle = torch.atan2(iy, ix)
    rays = 0.5 + 0.30 * torch.sin(angle * 17.0 + 2.0 * torch.sin(angle * 5.0)) + 0.20 * torch.sin(angle * 29.0 + 1.0)
    iris = colour_of(g, "iris")
    glow = 0.72 + 0.95 * smoothstep(0.45, -0.95, iy / radius) * smoothstep(0.30, 0.62, rn) * (0.65 + 0.5 * rays)
    inner = bump(rn - 0.46, 0.13) * 0.30
    iris = (iris[0] * glow + inner * 0.16, iris[1] * glow + inner * 0.11, iris[2] * glow + inner * 0.03)
    limbal = smoothstep(0.72, 0.99, rn)
    iris = scaled(iris, 1 - 0.82 * limbal)
    pupil = inside(r - radius * 0.44, soft * 1.2)
    iris = blend(iris, (0.006, 0.005, 0.006), pupil)
    eye = blend(white, iris, inside(r - radius, soft * 1.2))
    lid_shadow = 1 - 0.62 * smoothstep(-0.095, 0.0, v - upper)
    eye = scaled(eye, lid_shadow)
    # Catch lights: one towards the key light, one small across from it.
    cx, cy = light
    main = inside(ellipse(ix - 0.48 * radius * cx, iy - radius * (0.18 + 0.36 * cy), radius * 0.27, radius * 0.25), soft * 1.5)
    second = inside(ellipse(ix + 0.42 * radius * cx, iy + radius * 0.45, radius * 0.13, radius * 0.12), soft * 1.5)
    eye = blend(eye, (2.2, 2.2, 2.2), main * smoothstep(0.02, -0.02, v - upper))
    eye = blend(eye, (0.9, 0.9, 0.95), second * 0.55)
    tear = bump(un + 0.97, 0.07) * inside(torch.maximum(from_upper, from_lower), soft)
    eye = blend(eye, (0.55, 0.22, 0.20), tear * 0.8)
    colour = blend(colour, eye, ball)

    # Lashes: a line along the upper lid that grows outwards, a wing, and a thin lower line.
    thick = 0.010 + 0.012 * smoothstep(-1.0, 0.8, un) + 0.016 * g["lashes"] * smoothstep(-0.9, 0.9, un)
    lash_line = inside((from_upper - 0.2 * thick).abs() - thick, soft) * smoothstep(1.10, 0.98, un.abs())
    wing = segment(u, v, 0.86 * w, upper * 0 + 0.16 * g["eye_up"] * (1 - closed), w * 1.28, 0.55 * g["eye_up"] * (1 - 1.4 * closed))
    wing = inside(wing - 0.022 * smoothstep(1.34, 0.90, un), soft) * smoothstep(0.2, 0.5, g["lashes"])
    under = bump(from_lower - 0.004, 0.008) * smoothstep(-0.6, 0.7, un) * smoothstep(1.05, 0.95, un.abs()) * (0.30 + 0.35 * g["lashes"])
    ink = torch.maximum(torch.maximum(lash_line * (0.72 + 0.28 * g["lashes"]), wing), under) * front
    colour = blend(colour, (0.016, 0.011, 0.011), ink)
    return colour, ball * (1 - ink)


def paint_brows(skin: Colour, hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry, soft: Tensor) -> Colour:
    """Brows as tapered arcs with hairs that fan outwards."""
    x = hx.abs() - g["eye_x"] + 0.02
    half = 0.245 * g["brow_length"]
    t = x / half
    arch = 0.055 * g["brow_arch"] * (1 - (t - 0.25) ** 2) + 0.02 * (1 - t * t)
    frown = g["frown"]
    inner = (0.5 - 0.5 * t).clamp(0, 1)
    middle = g["brow_y"] + arch + g["brow_tilt"] * x - 0.10 * frown * inner * inner + 0.02 * frown * (1 - inner)
    thick = 0.040 * g["brow_thickness"] * (smoothstep(-1.12, -0.7, t) * 0.30 + 0.70 * smoothstep(1.10, -0.55, t))
    shape = inside(((hy - middle).abs() - thick), soft + 0.012) * smoothstep(1.08, 0.9, t) * smoothstep(-1.12, -0.88, t)
    hairs = 0.80 + 0.20 * torch.sin((x * 95.0 - (hy - middle) * 60.0))
    hair = colour_of(g, "hair")
    # Brows of the fair and the dyed are darker and browner than the hair.
    luminance = 0.3 * hair[0] + 0.5 * hair[1] + 0.2 * hair[2]
    brow = tuple(mix(h * 0.62, luminance * b, 0.45) for h, b in zip(hair, (0.62, 0.42, 0.28)))
    return blend(skin, brow, shape * hairs * 0.93 * smoothstep(0.2, 0.4, hz))


def _frame_distance(px: Tensor, py: Tensor, g: Geometry) -> Tensor:
    """2-D signed distance to one lens outline (px outwards from its centre)."""
    circle = torch.sqrt(px * px + py * py + 1e-8) - 0.30
    qx, qy = (px.abs() - 0.215), (py.abs() - 0.15)
    square = torch.sqrt(qx.clamp_min(0) ** 2 + qy.clamp_min(0) ** 2 + 1e-8) + torch.maximum(qx, qy).clamp_max(0) - 0.085
    lifted = py - 0.30 * px.clamp_min(-0.1) - 0.02
    cat = ellipse(px - 0.01, lifted + 0.12 * px * px, 0.32, 0.235)
    return circle * g["glasses_round"] + square * g["glasses_square"] + cat * g["glasses_cat_eye"]


def paint_glasses(hx: Tensor, hy: Tensor, g: Geometry, soft: Tensor):
    """Frames seen in their plane before the eyes: coverage of frame and of lens, and a streak of reflection."""
    present = 1 - g["glasses_none"]
    px, py = hx.abs() - g["eye_x"] - 0.012, hy - g["eye_y"] + 0.012
    lens_distance = _frame_distance(px, py, g)
    thickness = 0.024 + 0.010 * g["glasses_square"] + 0.008 * g["glasses_cat_eye"]
    rim = inside(lens_distance.abs() - thickness, soft)
    bridge = (hy - g["eye_y"] - 0.05 - 0.03 * torch.cos(hx * 14.0)).abs() - 0.022
    bridge = inside(torch.maximum(bridge, -lens_distance), soft) * smoothstep(0.02, 0.0, hx.abs() - (g["eye_x"] - 0.25))
    hinge = inside(torch.maximum((hy - g["eye_y"] - 0.085).abs() - 0.03, (px - 0.315).abs() - 0.05), soft) * (1 - inside(lens_distance, soft))
    frame = torch.maximum(torch.maximum(rim, bridge), hinge) * present
    lens = inside(lens_distance, soft) * present
    streak = (bump(hx * 0.8 + hy - g["eye_y"] - 0.16 - 0.27 * torch.sign(hx), 0.045) + 0.5 * bump(hx * 0.8 + hy - g["eye_y"] - 0.05 - 0.27 * torch.sign(hx), 0.02)) * lens
    return frame, lens, streak


def temple_arms(hx: Tensor, hy: Tensor, hz: Tensor, g: Geometry, soft: Tensor) -> Tensor:
    """The bars of the glasses along the temples, on the skin's surface."""
    bar = inside((hy - g["eye_y"] - 0.085 + 0.05 * (0.7 - hz)).abs() - 0.022, soft)
    return bar * smoothstep(0.60, 0.66, hx.abs()) * smoothstep(-0.2, -0.1, hz) * (1 - g["glasses_none"])
