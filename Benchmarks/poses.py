#!/usr/bin/env python3
"""Do portraits take up the postures of skeletons, and do they stay their people?

    swift build -c release
    poses.py [--count 50] [--model DIR]

The renderer's portraits of many people give skeletons; photos of others are painted in these postures, each in some
style, and once more with nothing to follow. The program then looks for the postures in what it painted:

* followed: the share of joints closer to the skeleton's than a fifth of the person's larger side (PCK@0.2); the same
  for the renderer's own portraits says how much of that the search loses;
* identity: cosines with the photo, with and without a skeleton.

Needs PyTorch and what `Training` needs.
"""

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path

import torch
from PIL import Image

from perception import JOINTS, side

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "Training"))
from training import likeness, program, skeletons, world  # noqa: E402
from training.dataset import unit_skeletons  # noqa: E402
from training.likeness import Likeness  # noqa: E402
from training.program import Program  # noqa: E402
from training.render import save_png  # noqa: E402

PCK = 0.2
SKELETON_SIZE = 512


def joints_of(skeleton: torch.Tensor, size: int) -> dict[str, tuple[float, float]]:
    """The joints of a unit skeleton [18, 3] that are in a picture, in its pixels."""
    return {
        name: (x * size - 0.5, y * size - 0.5)
        for name, (x, y, seen) in zip(JOINTS, skeleton.tolist())
        if seen > 0.5 and 0 <= x < 1 and 0 <= y < 1
    }


def followed(wanted: dict, found: list[dict]) -> tuple[int, int]:
    """How many of a skeleton's joints somebody in the picture has, and how many it has."""
    reach = PCK * side(wanted)
    hits = [sum(1 for n, p in wanted.items() if n in body and math.dist(p, body[n]) <= reach) for body in found]
    return max(hits, default=0), len(wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50, help="skeletons")
    parser.add_argument("--preset", choices=("portrait", "posed"), default="portrait", help="head and shoulders, or arms too")
    parser.add_argument("--seed", type=int, default=7000)
    program.add_arguments(parser)
    parser.add_argument("--keep", type=Path, help="folder for everything painted (default: deleted)")
    parser.add_argument("options", nargs="*", help="for `facechain generate`, after --")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    temporary = tempfile.TemporaryDirectory()
    folder = (arguments.keep or Path(temporary.name)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    facechain = Program(arguments.program, arguments.model)
    generator = torch.Generator().manual_seed(arguments.seed)
    models = world.sample_identities(arguments.count, generator)
    people = world.sample_identities(arguments.count, generator)
    pictures = world.sample_pictures(models, generator, preset=arguments.preset)
    taken = world.sample_pictures(people, generator, preset="photo").replacing(occlusion=0.0)
    drawn, photos = world.render(models, pictures, size=256), world.render(people, taken, size=256)
    subject = "half-length portrait of a person" if arguments.preset == "posed" else ""

    counts, crops = {"painted": [], "rendered": []}, {"photo": [], "posed": [], "free": []}
    for index, (skeleton, style) in enumerate(zip(unit_skeletons(drawn.skeleton), pictures.chosen("style"))):
        name = folder / f"{index:03d}"
        paths = {part: name.with_suffix(f".{part}.png") for part in ("photo", "skeleton", "rendered", "posed", "free", "found")}
        save_png(photos.image[index], paths["photo"])
        save_png(drawn.image[index], paths["rendered"])
        Image.fromarray(skeletons.drawn(skeleton.float().tolist(), SKELETON_SIZE)).save(paths["skeleton"])
        common = ("--photo", paths["photo"], "--style", style, "--prompt", subject, "--seed", index, *arguments.options)
        facechain.paint("generate", *common, "--pose", paths["skeleton"], out=paths["posed"])
        facechain.paint("generate", *common, out=paths["free"])
        wanted = joints_of(skeleton, 256)
        counts["painted"].append(followed(wanted, facechain.poses(paths["posed"], paths["found"])))
        counts["rendered"].append(followed(wanted, facechain.poses(paths["rendered"], paths["found"])))
        found = {part: program.largest(facechain.faces(paths[part])) for part in crops}
        if all(found.values()):
            for part, face in found.items():
                crops[part].append(likeness.crop(likeness.read(paths[part]), face["landmarks"]))
        print(f"{index + 1}/{arguments.count} {style}: {counts['painted'][-1]}", file=sys.stderr)

    def share(pairs) -> float:
        hits, joints = map(sum, zip(*pairs))
        return round(hits / joints, 4)

    report = {
        "skeletons": arguments.count,
        "joints followed": share(counts["painted"]),
        "joints found in the renderer's own portraits": share(counts["rendered"]),
        "faces found in photo and both portraits": len(crops["photo"]),
    }
    judge, own = Likeness(arguments.model), list(range(len(crops["photo"])))
    for part in ("posed", "free"):
        for name, cosines in judge.cosines(crops[part], crops["photo"]).items():
            said = likeness.summary(cosines, own)
            report[f"identity, {part}, by the {name}"] = {key: round(value, 4) for key, value in said.items()}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    with torch.no_grad():
        main()
