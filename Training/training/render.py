"""Draws people: `python3 -m training.render --people N --pictures M --seed S --out DIR [--scene-people K]`.

Writes person0000_00.png, ... (the first picture of everybody a photo, the others portraits in all styles; with `--photos`
photos too) and beside each its masks (..._face.png, ..._head.png) and a JSON with every factor, the caption, landmarks and skeleton. With
`--scene-people` N scenes (scene0000_00.png, ...) of K people each; the JSON then has lists.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from PIL import Image

from . import runs
from .world import STYLES, captions, render, render_group, sample_identities, sample_pictures

BATCH = 32


def save_png(image: torch.Tensor, path: Path) -> None:
    """Writes [3, H, W] or [H, W] in 0..1."""
    pixels = (image.clamp(0, 1) * 255).round().byte().cpu()
    Image.fromarray((pixels.permute(1, 2, 0) if pixels.ndim == 3 else pixels).contiguous().numpy()).save(path)


def _single(people, pictures, words, arguments, compiled, number: int) -> None:
    for part in torch.arange(len(people)).split(BATCH):
        rows = part.tolist()
        drawn = render(people[rows], pictures[rows], arguments.size, compiled)
        factors = zip(people[rows].records(), pictures[rows].records())
        for i, (row, (identity, picture)) in enumerate(zip(rows, factors)):
            path = arguments.out / f"person{row:04d}_{number:02d}.png"
            save_png(drawn.image[i], path)
            save_png(drawn.face_mask[i, 0], path.with_stem(f"{path.stem}_face"))
            save_png(drawn.head_mask[i, 0], path.with_stem(f"{path.stem}_head"))
            record = dict(
                caption=words[row],
                identity=identity,
                picture=picture,
                landmarks=drawn.landmarks[i].tolist(),
                skeleton=drawn.skeleton[i].tolist(),
            )
            path.with_suffix(".json").write_text(json.dumps(record, indent=1))


def _scenes(people, pictures, words, arguments, compiled, number: int) -> None:
    count = arguments.scene_people
    scenes = torch.arange(len(people)).split(count)
    for start in range(0, len(scenes), BATCH // count):
        rows = torch.cat(scenes[start : start + BATCH // count]).tolist()
        drawn = render_group(people[rows], pictures[rows], count, arguments.size, compiled)
        identities, records = people[rows].records(), pictures[rows].records()
        for i in range(len(rows) // count):
            path = arguments.out / f"scene{start + i:04d}_{number:02d}.png"
            members = slice(i * count, (i + 1) * count)
            save_png(drawn.image[i], path)
            for slot in range(count):
                save_png(drawn.face_masks[i, slot], path.with_stem(f"{path.stem}_face{slot}"))
                save_png(drawn.head_masks[i, slot], path.with_stem(f"{path.stem}_head{slot}"))
                save_png(drawn.covers[i, slot], path.with_stem(f"{path.stem}_before{slot}"))
            record = dict(
                captions=[words[row] for row in rows[members]],
                identities=identities[members],
                pictures=records[members],
                landmarks=drawn.landmarks[i].tolist(),
                skeletons=drawn.skeletons[i].tolist(),
            )
            path.with_suffix(".json").write_text(json.dumps(record, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=4, help="how many people, or scenes")
    parser.add_argument("--pictures", type=int, default=3, help="pictures of each person or scene")
    parser.add_argument("--scene-people", type=int, choices=(1, 2, 3, 4, 5), default=1, help="people in one picture")
    framing = parser.add_mutually_exclusive_group()
    framing.add_argument("--posed", action="store_true", help="from further away, with arms in all poses")
    framing.add_argument("--photos", action="store_true", help="all pictures are photos in any light")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=256, help="a multiple of 64")
    parser.add_argument("--style", choices=[style.name for style in STYLES], help="all pictures in one style")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--compile", action="store_true", help="build fused kernels first: worth it from 500 pictures on")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    runs.prepare_process(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(arguments.seed)
    people = sample_identities(arguments.people * arguments.scene_people, generator, arguments.device)
    draw = _single if arguments.scene_people == 1 else _scenes
    for number in range(arguments.pictures):
        alone = "photo" if number == 0 or arguments.photos else "posed" if arguments.posed else "portrait"
        preset = "scene" if arguments.scene_people > 1 else alone
        pictures = sample_pictures(people, generator, arguments.style, preset)
        draw(people, pictures, captions(people, pictures), arguments, arguments.compile, number)


if __name__ == "__main__":
    with torch.no_grad():
        main()
