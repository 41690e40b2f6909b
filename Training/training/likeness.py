"""Whether portraits show their people: cosines by two networks, of which one had no part in making them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn import functional

from training import configuration, faces, recogniser
from training.networks.face_encoder import FaceEncoder


def load_encoder(model: Path) -> FaceEncoder:
    """The identity encoder of an exported model."""
    encoder = FaceEncoder(**configuration.FACE_ENCODER)
    state = load_file(model / "face_encoder.safetensors")
    encoder.load_state_dict({name: value.float() for name, value in state.items()}, strict=False)
    return encoder.eval()


def read(picture: Path) -> torch.Tensor:
    """A picture [3, H, W] in 0...1."""
    return torch.from_numpy(np.array(Image.open(picture).convert("RGB"))).permute(2, 0, 1).float() / 255


def crop(picture: torch.Tensor, landmarks) -> torch.Tensor:
    """The aligned face [3, 112, 112] of a picture [3, H, W], both in 0...1."""
    return faces.aligned(picture[None], torch.tensor(np.array(landmarks), dtype=torch.float32)[None])[0]


class Likeness:
    """The model's own identity encoder, which flatters, and the recogniser, which only judges."""

    def __init__(self, model: Path):
        encoder, stranger = load_encoder(model), recogniser.load()
        self.networks = {"recogniser": stranger, "encoder": lambda x: encoder.embedding(encoder(x))}

    @torch.no_grad()
    def cosines(self, portraits: list, photos: list) -> dict[str, torch.Tensor]:
        """For each network the cosines [portraits, photos] of crops [3, 112, 112] in 0...1."""
        answers = {}
        for name, network in self.networks.items():
            vectors = [functional.normalize(network(torch.stack(x) * 2 - 1), dim=1) for x in (portraits, photos)]
            answers[name] = vectors[0] @ vectors[1].T
        return answers


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
