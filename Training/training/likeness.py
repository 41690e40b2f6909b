"""Whether portraits show their people: cosines by two networks, of which one had no part in making them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from training import cache, configuration, faces
from training.networks import judges
from training.networks.judges import Judge


# Numbers of the recogniser's vectors.
DIMENSION = 128


def untrained_recogniser() -> Judge:
    return Judge(configuration.FACE_CROP_SIZE, DIMENSION)


def read(picture: Path) -> torch.Tensor:
    """A picture [3, H, W] in 0...1."""
    return torch.from_numpy(np.array(Image.open(picture).convert("RGB"))).permute(2, 0, 1).float() / 255


def crop(picture: torch.Tensor, landmarks) -> torch.Tensor:
    """The aligned face [3, 112, 112] of a picture [3, H, W], both in 0...1."""
    return faces.aligned(picture[None], torch.tensor(np.array(landmarks), dtype=torch.float32)[None])[0]


@torch.no_grad()
def cosines(network, portraits, photos) -> torch.Tensor:
    """Cosines [portraits, photos] of a network's vectors of crops [B, 3, 112, 112] in 0...1."""
    vectors = [functional.normalize(network(crops * 2 - 1), dim=1) for crops in (portraits, photos)]
    return vectors[0] @ vectors[1].T


class Likeness:
    """The model's own identity encoder, which flatters, and the recogniser, which only judges."""

    def __init__(self, model: Path):
        encoder = cache.face_encoder(model / "face_encoder.safetensors")
        stranger = judges.load("recogniser", untrained_recogniser())
        self.networks = {"recogniser": stranger, "encoder": lambda x: encoder.embedding(encoder(x))}

    def cosines(self, portraits: list, photos: list) -> dict[str, torch.Tensor]:
        """For each network the cosines [portraits, photos] of crops [3, 112, 112] in 0...1."""
        crops = torch.stack(portraits), torch.stack(photos)
        return {name: cosines(network, *crops) for name, network in self.networks.items()}


def summary(cosines: torch.Tensor, own: list[int]) -> dict[str, float]:
    """What cosines [portraits, photos] say when portrait i should show the person of photo own[i].

    A portrait is recognised when it is more like its photo than 95 of 100 pairs of strangers are.
    """
    rows, columns = torch.arange(len(own)), torch.tensor(own)
    same = cosines[rows, columns]
    others = torch.ones_like(cosines, dtype=torch.bool)
    others[rows, columns] = False
    threshold = cosines[others].quantile(0.95)
    return {
        "recognised": float((same > threshold).float().mean()),
        "cosine of the same": float(same.mean()),
        "cosine of others": float(cosines[others].mean()),
        "others, 95th percentile": float(threshold),
    }
