"""Stage `dataset`: renders people to shards on disk, which all stages on a CPU then read.

Each shard holds some people with a few photos (wide poses, light and expressions; what an encoder sees) and
portraits (what the model shall draw). A shard depends on the seed and its number only, so an interrupted run goes
on where it stopped, and a larger `--people` adds shards.
"""

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn import functional

from training import configuration, runs, world

PEOPLE_PER_SHARD = 32
KIN_GROUP = 8
# What look-alikes do not share: the forms of head and face.
SHAPES = ("head_", "jaw_", "chin_", "cheek_", "ear_", "eye_size", "eye_height", "eye_spacing", "eye_level", "eye_tilt",
          "eye_lid", "iris_", "brow_", "nose_", "mouth_", "lip_upper", "lip_lower")  # fmt: skip
HEAD_MASK_SIZE = 128


def look_alikes(people: world.Identities) -> world.Identities:
    """The same people in groups of eight who share colours, hair, beard and glasses, and differ in shape only."""
    first = torch.arange(len(people)) // KIN_GROUP * KIN_GROUP
    shared = [factor.name for factor in people.factors if not factor.name.startswith(SHAPES)]
    return people.replacing(**{name: people.column(name)[first] for name in shared})


def render_shard(seed: int, number: int, arguments) -> tuple[dict, list[str]]:
    """Tensors and captions of one shard, pictures ordered person by person, photos first."""
    photos, portraits = arguments.photos, arguments.portraits
    generator = torch.Generator().manual_seed(1_000_003 * seed + number)
    people = world.sample_identities(PEOPLE_PER_SHARD, generator, arguments.device)
    if arguments.kin:
        people = look_alikes(people)
    parts, texts = [], []
    for index in range(photos + portraits):
        preset = "photo" if index < photos else "portrait" if index < photos + portraits - arguments.posed else "posed"
        pictures = world.sample_pictures(people, generator, preset=preset)
        rendering = world.render(people, pictures, size=configuration.PICTURE_SIZE)
        parts.append(dict(
            images=bytes_of(rendering.image).permute(0, 2, 3, 1),
            landmarks=rendering.landmarks.float(),
            skeletons=unit_skeletons(rendering.skeleton),
            face_masks=shrunken(rendering.face_mask, configuration.LATENT_SIZE),
            head_masks=shrunken(rendering.head_mask, HEAD_MASK_SIZE),
            nuisances=pictures.vector(),
            styles=pictures.choice("style"),
            people=torch.arange(PEOPLE_PER_SHARD) + number * PEOPLE_PER_SHARD,
            photos=torch.full((PEOPLE_PER_SHARD,), preset == "photo"),
        ))
        texts.append(world.captions(people, pictures, generator))
    tensors = {
        name: torch.stack([part[name].cpu() for part in parts], dim=1).flatten(0, 1).contiguous() for name in parts[0]
    }
    tensors["identities"] = people.vector().cpu().contiguous()
    return tensors, [text for person in zip(*texts) for text in person]


def bytes_of(image):
    return (image.clamp(0, 1) * 255).round().to(torch.uint8)


def floats(images: torch.Tensor) -> torch.Tensor:
    """Pictures [B, 3, H, W] in 0...1 of bytes [B, H, W, 3]."""
    return images.permute(0, 3, 1, 2).float() / 255


def unit_skeletons(skeletons):
    """Joints in parts of the picture's sides, f16: [B, 18, 3] with x and y from its edge and visibility."""
    places = (skeletons[..., :2] + 0.5) / configuration.PICTURE_SIZE
    return torch.cat([places, skeletons[..., 2:]], dim=-1).half()


def skeletons_of(shard: dict) -> torch.Tensor:
    """The skeletons of a shard from before shards had them: they follow from its factors."""
    people = world.Identities.from_vector(shard["identities"])[shard["people"] % PEOPLE_PER_SHARD]
    pictures = world.Pictures.from_vector(shard["nuisances"])
    return unit_skeletons(world.skeletons(people, pictures, configuration.PICTURE_SIZE))


def shrunken(mask, size: int):
    mask = mask.reshape(len(mask), 1, *mask.shape[-2:]).float()
    return bytes_of(torch.nn.functional.adaptive_avg_pool2d(mask, size))[:, 0]


@dataclass
class Pictures:
    """All pictures of some shards in memory; row i of every field belongs to picture i."""

    images: torch.Tensor  # uint8 [N, 256, 256, 3]
    landmarks: torch.Tensor  # [N, 5, 2] pixels
    skeletons: torch.Tensor  # f16 [N, 18, 3]: x, y in 0...1 and visibility
    face_masks: torch.Tensor  # uint8 [N, 32, 32]
    head_masks: torch.Tensor  # uint8 [N, 128, 128]
    nuisances: torch.Tensor
    styles: torch.Tensor
    people: torch.Tensor  # [N], rows of identities
    photos: torch.Tensor  # bool [N]
    identities: torch.Tensor  # [people, K]
    captions: list[str]

    def __len__(self):
        return len(self.images)

    def to(self, device: str) -> "Pictures":
        """The same with all tensors on a device, where random rows of them are then chosen and changed."""
        fields = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, torch.Tensor)}
        return replace(self, **fields)

    def floats(self, rows) -> torch.Tensor:
        """Pictures [B, 3, 256, 256] in 0...1."""
        return floats(self.images[rows])

    def masked_floats(self, rows, *masks: str) -> torch.Tensor:
        """The same with masks, by the names of their fields, as further channels."""
        pictures = self.floats(rows)
        layers = [getattr(self, name)[rows][:, None].float() / 255 for name in masks]
        return torch.cat([pictures, *(functional.interpolate(x, pictures.shape[-2:], mode="bilinear") for x in layers)], 1)


def shards_of(folder: Path) -> list[Path]:
    files = sorted(folder.glob("shard_*.safetensors"))
    if not files:
        raise SystemExit(f"{folder} has no shards; write some with python3 -m training.dataset --out {folder}")
    return files


def load(folder: Path, device: str = "cpu") -> Pictures:
    shards, captions = [], []
    for file in shards_of(folder):
        with safe_open(file, "pt") as content:
            shard = {name: content.get_tensor(name) for name in content.keys()}
            if "skeletons" not in shard:
                shard["skeletons"] = skeletons_of(shard)
            shards.append(shard)
            captions += json.loads(content.metadata()["captions"])
    fields = {name: torch.cat([shard[name] for shard in shards]) for name in shards[0]}
    fields["people"] = torch.unique(fields["people"], return_inverse=True)[1]
    return Pictures(**fields, captions=captions).to(device)


def identities(folder: Path) -> torch.Tensor:
    """The factors [people, K] of all people of some shards, without a picture of theirs."""
    return torch.cat([safe_open(file, "pt").get_tensor("identities") for file in shards_of(folder)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=2048)
    parser.add_argument("--photos", type=int, default=2)
    parser.add_argument("--portraits", type=int, default=3)
    parser.add_argument("--posed", type=int, default=0, help="so many of the portraits show half the body")
    parser.add_argument("--kin", action="store_true", help="groups of look-alikes who differ in shape only")
    parser.add_argument("--seed", type=int, default=0, help="1 is kept for validation people")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--until", type=float, help="begin no shard after this time, in seconds since 1970")
    parser.add_argument("--share", type=int, nargs=2, default=(0, 1), metavar=("I", "N"), help="every Nth shard, from the Ith")
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    worker, workers = arguments.share
    for number in range(worker, arguments.people // PEOPLE_PER_SHARD, workers):
        if arguments.until is None or time.time() < arguments.until:
            write_shard(number, arguments)


@torch.no_grad()
def write_shard(number: int, arguments):
    path = arguments.out / f"shard_{number:04d}.safetensors"
    if path.exists():
        return
    tensors, captions = render_shard(arguments.seed, number, arguments)
    runs.replace_file(path, lambda temporary: save_file(tensors, temporary, metadata={"captions": json.dumps(captions)}))
    print(path, flush=True)


if __name__ == "__main__":
    main()
