"""Face crops as the identity encoder sees them: alignment by five landmarks, and photos made to look less rendered."""

import torch
from torch.nn import functional

from .configuration import FACE_CROP_SIZE

# The ArcFace template for 112 x 112 (insightface): eyes, nose, corners of the mouth.
TEMPLATE = torch.tensor(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def similarity(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Least-squares similarity transforms [B, 2, 3] that take points [B, 5, 2] to points (Umeyama 1991)."""
    source_mean, target_mean = source.mean(1, keepdim=True), target.mean(1, keepdim=True)
    p, q = source - source_mean, target - target_mean
    scale = p.square().sum((1, 2)).clamp_min(1e-6)
    a = (p * q).sum((1, 2)) / scale
    b = (p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]).sum(1) / scale
    rotation = torch.stack([torch.stack([a, -b], 1), torch.stack([b, a], 1)], 1)
    translation = target_mean.transpose(1, 2) - rotation @ source_mean.transpose(1, 2)
    return torch.cat([rotation, translation], dim=2)


def aligned(images: torch.Tensor, landmarks: torch.Tensor, points: torch.Tensor | None = None) -> torch.Tensor:
    """Crops [B, C, 112, 112] in which the landmarks lie on the template (or on `points` [B, 5, 2]); black outside."""
    template = TEMPLATE.to(images).expand(len(images), 5, 2) if points is None else points.to(images)
    back = similarity(template, landmarks.to(images))
    axis = torch.arange(FACE_CROP_SIZE, dtype=images.dtype, device=images.device)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    grid = torch.stack([x, y, torch.ones_like(x)], dim=-1) @ back[:, None].transpose(2, 3)
    size = torch.tensor([images.shape[3], images.shape[2]], dtype=images.dtype, device=images.device)
    return functional.grid_sample(images, (2 * grid + 1) / size - 1, padding_mode="zeros", align_corners=False)


def jittered(landmarks: torch.Tensor, generator) -> torch.Tensor:
    """Landmarks as a detector might find them: each off by some percent of the face's size, and all together."""
    size = (landmarks[:, 3:].mean(1) - landmarks[:, :2].mean(1)).norm(dim=1)[:, None, None]
    draws = dict(generator=generator, device=generator.device)
    noise = torch.randn(landmarks.shape, **draws) * 0.035
    common = torch.randn(len(landmarks), 1, 2, **draws) * 0.05
    centre = landmarks.mean(1, keepdim=True)
    zoom = 1 + 0.06 * torch.randn(len(landmarks), 1, 1, **draws)
    return centre + (landmarks - centre) * zoom + (noise + common) * size


def augmented(crops: torch.Tensor, heads: torch.Tensor, generator) -> torch.Tensor:
    """Crops [B, 3, 112, 112] in 0...1 and head masks [B, 1, 112, 112], made to look like photos of many cameras.

    What a photo must still tell stays: colours move less than people differ. Backgrounds are replaced, because the
    encoder must not learn that one person's pictures share them, and are black for some, as after head masking.
    """
    draws = dict(generator=generator, device=generator.device)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(len(crops), *(shape or (1, 1, 1)), **draws)

    def noise(size, channels=3):
        small = torch.randn(len(crops), channels, size, size, **draws)
        return functional.interpolate(small, crops.shape[-2:], mode="bilinear", align_corners=False)

    def chosen(probability):
        return (uniform(0, 1) < probability).float()

    scenery = (uniform(0, 1, 3, 1, 1) + uniform(0, 0.3) * noise(4) + uniform(0, 0.25) * noise(28)).clamp(0, 1)
    background = crops + chosen(0.55) * (scenery - crops)
    background = background * (1 - chosen(0.2))
    x = heads * crops + (1 - heads) * background

    x = x * (1 + uniform(0, 0.12) * noise(5, 1)) + uniform(0, 0.05) * noise(28) + uniform(0, 0.05) * noise(7)
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * uniform(0.75, 1.25)
    x = x * uniform(0.9, 1.1, 3, 1, 1) * uniform(0.8, 1.2)
    x = 0.5 + (x - 0.5) * uniform(0.8, 1.25)
    x = x.clamp(1e-4, 1) ** uniform(0.8, 1.25)

    small = functional.interpolate(functional.avg_pool2d(x, 2), scale_factor=2, mode="bilinear", align_corners=False)
    smaller = functional.interpolate(functional.avg_pool2d(x, 4), scale_factor=4, mode="bilinear", align_corners=False)
    blur = uniform(0, 1)
    softened = torch.where(blur < 0.15, smaller, torch.where(blur < 0.5, small, x))
    x = x + uniform(-0.6, 1.0) * (softened - x)  # negative: sharpened
    x = x + uniform(0, 0.06) * torch.randn(x.shape, **draws)
    return _with_holes(x, generator).clamp(0, 1)


def _with_holes(x, generator):
    """Covers a rectangle of one crop in four with a plain colour."""
    batch = len(x)
    draws = dict(generator=generator, device=generator.device)
    centre = torch.rand(batch, 2, 1, **draws) * FACE_CROP_SIZE
    half = (6 + 22 * torch.rand(batch, 2, 1, **draws)) * (torch.rand(batch, 1, 1, **draws) < 0.25)
    inside = (torch.arange(FACE_CROP_SIZE, device=x.device) - centre).abs() < half
    hole = (inside[:, 1, None, :] & inside[:, 0, :, None])[:, None]
    return torch.where(hole, torch.rand(batch, 3, 1, 1, **draws), x)
