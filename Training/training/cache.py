"""Latents of portraits, face tokens of photos and caption ids, computed once: a UNet step is then only the UNet."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from training import configuration, dataset, runs
from training.encoder import Photos
from training.networks.base import make_autoencoder
from training.networks.face_encoder import FaceEncoder
from training.tokenizer import Tokenizer
from training.vae import detail_weights

VIEWS_PER_PHOTO = 4
# How many pictures are looked at together: a GPU is faster with many, and a processor has less memory.
AT_ONCE = {"cpu": 32, "cuda": 256}


@dataclass
class Examples:
    """Portraits to learn, and the people's photos. Row i of the upper fields belongs to portrait i."""

    latents: torch.Tensor  # f16 [N, 4, 32, 32]
    weights: torch.Tensor  # f16 [N, 1, 32, 32], loss weights: more for the face, most for the eyes
    face_masks: torch.Tensor  # f16 [N, 1, 32, 32]
    captions: torch.Tensor  # [N, 77] token ids
    people: torch.Tensor  # [N]
    styles: torch.Tensor  # [N]
    tokens: torch.Tensor  # f16 [people, views, T, D]: encoder tokens of each person's photos
    portraits: torch.Tensor  # [N], rows of the dataset's pictures
    photos: torch.Tensor  # [people, photos], rows of the dataset's pictures
    skeletons: torch.Tensor  # f16 [N, 18, 3]: x, y in 0...1 and visibility
    own_tokens: torch.Tensor  # f16 [N, T, D]: encoder tokens of the portraits themselves

    def __len__(self):
        return len(self.latents)

    def to(self, device: str) -> "Examples":
        return replace(self, **{name: value.to(device) for name, value in vars(self).items()})


def load_autoencoder(folder: Path):
    """The newest autoencoder of a folder of runs: the one with the further trained decoder, if there is one."""
    further = folder / "vae_decoder" / runs.PRODUCT
    autoencoder = make_autoencoder()
    autoencoder.load_state_dict(load_file(further if further.exists() else folder / "vae" / runs.PRODUCT))
    return autoencoder.eval().requires_grad_(False)


def load_face_encoder(folder: Path):
    """The identity encoder of a folder of runs: the one that knows photographs, if there is one."""
    further = folder / "photographs" / runs.PRODUCT
    return face_encoder(further if further.exists() else folder / "encoder" / runs.PRODUCT)


def face_encoder(path: Path):
    """An identity encoder from its file, of a run or exported."""
    encoder = FaceEncoder(**configuration.FACE_ENCODER)
    encoder.load_state_dict({name: value.float() for name, value in load_file(path).items()}, strict=False)
    return encoder.eval().requires_grad_(False)


def load_examples(folder: Path, data: Path, device: str) -> Examples:
    """Reads the cache of `data` below `folder`, or computes and writes it; on the device."""
    path = folder / "cache" / f"{data.name}_{len(dataset.shards_of(data))}.pt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        examples = compute_examples(folder, dataset.load(data, device), device)
        runs.replace_file(path, lambda temporary: torch.save(vars(examples.to("cpu")), temporary))
    return Examples(**torch.load(path)).to(device)


@torch.no_grad()
def compute_examples(folder: Path, pictures: dataset.Pictures, device: str) -> Examples:
    rows = (~pictures.photos).nonzero()[:, 0]
    autoencoder = load_autoencoder(folder).to(device, memory_format=torch.channels_last)
    encoder = load_face_encoder(folder).to(device)
    photos = Photos(pictures)
    generator = runs.generator(device, len(pictures))
    latents, own_tokens, views = [], [], []
    at_once = AT_ONCE[device]
    for part in rows.split(at_once):
        with runs.autocast(device):
            encoded = autoencoder.encode((pictures.floats(part) * 2 - 1).to(memory_format=torch.channels_last))
        latents.append(encoded.latent_dist.mean.half())
        own_tokens.append(encoder(photos.crops(part) * 2 - 1).half())
        print(f"latents {part[0]} of {rows[-1]}", flush=True)
    for part in photos.of_person.split(at_once // 2):
        # The first view of every photo is as a program sees it, the others as if it had been photographed.
        plain = photos.crops(part.flatten())
        crops = [plain, *(photos.photographed(part.flatten(), generator) for _ in range(VIEWS_PER_PHOTO - 1))]
        tokens = encoder(torch.stack(crops, 1).flatten(0, 1) * 2 - 1).half()
        views.append(tokens.unflatten(0, (len(part), -1)))
    masks = pictures.face_masks[rows][:, None].half() / 255
    eyes = torch.cat([
        torch.nn.functional.avg_pool2d(detail_weights(x, configuration.PICTURE_SIZE), 8)
        for x in pictures.landmarks[rows].split(256)
    ])  # fmt: skip
    tokenizer = Tokenizer(folder / "tokenizer")
    return Examples(
        latents=torch.cat(latents),
        weights=(eyes.half() + masks),
        face_masks=masks,
        captions=torch.tensor([tokenizer(pictures.captions[row]) for row in rows.tolist()]),
        people=pictures.people[rows],
        styles=pictures.styles[rows],
        tokens=torch.cat(views),
        portraits=rows,
        photos=photos.of_person,
        skeletons=pictures.skeletons[rows],
        own_tokens=torch.cat(own_tokens),
    )


def main():
    """Computes the caches of data sets, so that stages that begin together need not wait for one another."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    runs.add_arguments(parser, batch=0, rate=0.0)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    for data in arguments.data:
        load_examples(arguments.runs, data, arguments.device)


if __name__ == "__main__":
    main()
