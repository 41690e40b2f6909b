"""Rendered faces made to look as photographed: what tells real skin, eyes and light from the rendered world's.

The rendered world has smooth skin, large eyes and well-mannered colours. An encoder that has only seen it takes wrinkles
and shadows for a beard, and saturated colours for another skin. These changes are much stronger than those of
`faces.augmented`, and who somebody is can still be told from what is left.
"""

import math

import torch
from torch.nn import functional

from .configuration import FACE_CROP_SIZE
from .faces import TEMPLATE

SIZE = FACE_CROP_SIZE
# Crops to be reshaped show so much more on all sides: people's heads are narrower around the same eyes and mouth.
SURROUNDINGS = 1.4
MIDDLE = (SIZE - 1) / 2
WIDE_TEMPLATE = MIDDLE + (TEMPLATE - MIDDLE) / SURROUNDINGS


class Camera:
    """Draws for B crops [B, 3, 112, 112] in 0...1, all from one generator."""

    def __init__(self, count: int, generator):
        self.count, self.generator, self.device = count, generator, generator.device
        self.template = TEMPLATE.to(self.device)

    def uniform(self, low: float, high: float, *shape):
        return low + (high - low) * torch.rand(self.count, *(shape or (1, 1, 1)), generator=self.generator, device=self.device)

    def chosen(self, share: float):
        return (self.uniform(0, 1) < share).float()

    def noise(self, rows: int, columns: int, channels: int = 1):
        """Smooth for few rows and columns, streaks where there are more of one than of the other."""
        small = torch.randn(self.count, channels, rows, columns, generator=self.generator, device=self.device)
        return functional.interpolate(small, (SIZE, SIZE), mode="bilinear", align_corners=False)


def photographed(crops: torch.Tensor, heads: torch.Tensor, generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Faces with other proportions, skin, light and colours.

    Crops [B, 3, 112, 112] in 0...1 and head masks [B, 1, 112, 112] are aligned to `WIDE_TEMPLATE`; those that come back, to
    the template of all crops.
    """
    camera = Camera(len(crops), generator)
    x, heads = reshaped(torch.cat([crops, heads], 1), camera).split((3, 1), 1)
    x = x * skin(camera) * light(camera)
    return developed(x.clamp(0, 1), camera).clamp(0, 1), heads


def reshaped(crops, camera: Camera):
    """Eyes as small as people's, wider noses, narrower heads, all a little longer or wider and bent here and there."""
    axis = torch.arange(SIZE, dtype=torch.float32, device=camera.device)
    left_eye, right_eye, tip = camera.template[:3]
    places = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1).expand(camera.count, -1, -1, 2)
    offset = (places - MIDDLE) * camera.uniform(0.95, 1.06, 1, 1, 2)
    far = offset.square().sum(-1, keepdim=True) / MIDDLE**2
    source = MIDDLE + offset * (1 + camera.uniform(0, 0.35) * far.clamp_max(1.2))
    bend = torch.stack([camera.noise(5, 5)[:, 0], camera.noise(5, 5)[:, 0]], -1)
    source = source + camera.uniform(0, 1.2) * bend
    eyes = camera.uniform(0, 1.0) * camera.chosen(0.85)
    nose = -camera.uniform(0, 0.3)
    for centre, radius, shrink in ((left_eye, 13.0, eyes), (right_eye, 13.0, eyes), (tip, 12.0, nose)):
        offset = source - centre
        near = (-offset.square().sum(-1, keepdim=True) / (2 * radius**2)).exp()
        source = source + shrink * near * offset
    grid = (2 * (MIDDLE + (source - MIDDLE) / SURROUNDINGS) + 1) / SIZE - 1
    return functional.grid_sample(crops, grid, padding_mode="border", align_corners=False)


def skin(camera: Camera):
    """Pores, wrinkles, blotches and stubble: factors around 1."""
    logarithm = camera.uniform(0, 0.10) * camera.noise(14, 14) + camera.uniform(0, 0.10) * camera.noise(28, 28)
    logarithm = logarithm + camera.uniform(0, 0.08) * camera.noise(56, 56)
    for rows, columns in ((30, 7), (7, 30), (50, 10), (10, 50)):
        logarithm = logarithm + camera.uniform(0, 0.12) * camera.chosen(0.4) * camera.noise(rows, columns)
    return (logarithm + camera.uniform(0, 0.05) * camera.noise(9, 9, 3)).exp()


def light(camera: Camera):
    """Light from one side, shadows of brows, nose and lips, and a bright spot: factors around 1."""
    axis = torch.linspace(-1, 1, SIZE, device=camera.device)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    angle = camera.uniform(0, 2 * math.pi)
    logarithm = camera.uniform(0, 0.6) * (x * angle.cos() + y * angle.sin())
    logarithm = logarithm + camera.uniform(0, 0.22) * camera.noise(5, 5) + camera.uniform(0, 0.12) * camera.noise(9, 9)
    below_nose, mouth = (TEMPLATE[2] + torch.tensor([0.0, 9.0])), TEMPLATE[3:].mean(0)
    shadows = ((TEMPLATE[0], 12.0, 9.0), (TEMPLATE[1], 12.0, 9.0), (below_nose, 10.0, 4.0), (mouth, 17.0, 4.0))
    for (centre_x, centre_y), width, height in shadows:
        inside = -((x - place(centre_x)) * SIZE / 2 / width) ** 2 - ((y - place(centre_y)) * SIZE / 2 / height) ** 2
        logarithm = logarithm + camera.uniform(-0.5, 0.1) * camera.chosen(0.6) * inside.exp()
    return logarithm.exp()


def place(pixel) -> float:
    return 2 * float(pixel) / (SIZE - 1) - 1


def developed(x, camera: Camera):
    """White balance, saturation, contrast and tone of many cameras and films."""
    x = x * camera.uniform(0.92, 1.09, 3, 1, 1) * camera.uniform(0.85, 1.15)
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * camera.uniform(0.6, 1.45) * (1 - camera.chosen(0.06))
    average = x.mean((1, 2, 3), keepdim=True)
    x = average + (x - average) * camera.uniform(0.85, 1.3)
    return x.clamp(1e-4, 1) ** camera.uniform(0.8, 1.3)
