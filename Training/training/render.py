"""Draws people: `python3 -m training.render --people N --pictures M --seed S --out DIR`.

Writes person0000_00.png, ... (the first picture of everybody a photo, the others portraits in all styles) and beside
each a JSON with every factor, the caption, landmarks and skeleton.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from PIL import Image

from .world import STYLES, captions, render, sample_identities, sample_pictures


def save_png(image: torch.Tensor, path: Path) -> None:
    """Writes [3, H, W] in 0..1."""
    Image.fromarray((image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--pictures", type=int, default=3, help="pictures of each person")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--style", choices=[style.name for style in STYLES], help="all pictures in one style")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true", help="build fused kernels first: worth it from 100 pictures on")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(arguments.seed)
    people = sample_identities(arguments.people, generator, arguments.device)
    for number in range(arguments.pictures):
        pictures = sample_pictures(people, generator, arguments.style, "portrait" if number else "photo")
        words = captions(people, pictures)
        for start in range(0, len(people), 8):
            rows = list(range(start, min(start + 8, len(people))))
            drawn = render(people[rows], pictures[rows], arguments.size, arguments.compile)
            factors = zip(people[rows].records(), pictures[rows].records())
            for i, (row, (identity, picture)) in enumerate(zip(rows, factors)):
                name = f"person{row:04d}_{number:02d}"
                save_png(drawn.image[i], arguments.out / f"{name}.png")
                record = {
                    "caption": words[row],
                    "identity": identity,
                    "picture": picture,
                    "landmarks": drawn.landmarks[i].tolist(),
                    "skeleton": drawn.skeleton[i].tolist(),
                }
                (arguments.out / f"{name}.json").write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
