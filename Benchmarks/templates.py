#!/usr/bin/env python3
"""Do template faces become their people, and does everything else stay?

    swift build -c release
    templates.py [--count 100] [--model DIR]

The renderer draws scenes of 1 to 5 people, as many of each, and photos of other people. In every scene one face is
redrawn as one of these people. Then, over all scenes:

* identity: the redrawn face's cosine with its person is above the 95th percentile of all cosines with others, as the
  recogniser has it (which had no part in drawing) and as the model's own encoder has it;
* bits: all pixels outside the redrawn square, and all that the renderer knows as another's face, are the template's;
* seam: brightness steps between pixels that changed and their neighbours that did not. Hairlines and jaws are steps of
  the template itself, so what counts is how much higher they became there: the 99th percentile of that is not above the
  99th percentile of all steps in the template.

Needs PyTorch and what `Training` needs.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "Training"))
from training import head_segmenter, likeness, program  # noqa: E402
from training.likeness import Likeness  # noqa: E402
from training.program import Program  # noqa: E402

SCENE_SIZE, PHOTO_SIZE, MOST_PEOPLE = 512, 256, 5


def render(folder: Path, **options) -> list[Path]:
    """The renderer's pictures of these options, in order, without its masks."""
    flags = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "training.render", *flags, "--pictures", "1", "--threads", "1", "--out", str(folder)]
    if len(list(folder.glob("*.json"))) < options["people"]:  # not kept from an earlier measurement
        subprocess.run(command, cwd=ROOT / "Training", check=True)
    return sorted(file for file in folder.glob("*.png") if file.with_suffix(".json").exists())


class Scene:
    """A template: its pixels, the renderer's faces, and which of them the program's numbers mean."""

    def __init__(self, path: Path, facechain: Program):
        self.path = path
        self.pixels = read(path)
        landmarks = np.array(json.loads(path.with_suffix(".json").read_text())["landmarks"], dtype=float)
        self.landmarks = landmarks.reshape(-1, 5, 2)
        names = [path.with_stem(f"{path.stem}_face{slot}") for slot in range(len(self.landmarks))]
        files = names if names[0].exists() else [path.with_stem(f"{path.stem}_face")]
        self.masks = [np.asarray(Image.open(file)) > 127 for file in files]
        self.found = facechain.faces(path)
        noses = [np.array(face["landmarks"][2]) for face in self.found]
        self.slots = [int(np.linalg.norm(self.landmarks[:, 2] - nose, axis=1).argmin()) for nose in noses]

    @property
    def is_complete(self) -> bool:
        return sorted(self.slots) == list(range(len(self.landmarks)))

    def square(self, number: int, share: float | None) -> np.ndarray:
        """Where the square is that may change: the head's, or the one in which the face takes up this share."""
        face = self.found[number - 1]
        left, top, width, height = face["box"]
        if share is None:
            middle, side = head_segmenter.square_of(np.array(face["landmarks"]))
        else:
            middle, side = (left + width / 2, top + height / 2), max(width, height) / share
        rows, columns = np.mgrid[: self.pixels.shape[0], : self.pixels.shape[1]]
        return (abs(columns - middle[0]) <= side / 2 + 1) & (abs(rows - middle[1]) <= side / 2 + 1)


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def steps(pixels: np.ndarray, chosen=None) -> np.ndarray:
    """Brightness steps between neighbours, all or those between a chosen pixel and one that is not."""
    luma = pixels.astype(float) @ [0.299, 0.587, 0.114]
    parts = []
    for axis in (0, 1):
        difference = abs(np.diff(luma, axis=axis))
        parts.append(difference if chosen is None else difference[np.diff(chosen, axis=axis)])
    return np.concatenate([part.ravel() for part in parts])


def share(flags) -> float:
    return round(float(np.mean(list(flags))), 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="templates, a multiple of 5")
    parser.add_argument("--seed", type=int, default=0)
    program.add_arguments(parser)
    parser.add_argument("--face-share", type=float, help="templateFaceShare of a model that exchanges faces without their heads")
    parser.add_argument("--keep", type=Path, help="folder for scenes and results (default: deleted)")
    parser.add_argument("options", nargs="*", help="for `facechain template`, after --")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    temporary = tempfile.TemporaryDirectory()
    folder = (arguments.keep or Path(temporary.name)).resolve()
    facechain = Program(arguments.program, arguments.model)
    each = arguments.count // MOST_PEOPLE
    paths = [
        path
        for people in range(1, MOST_PEOPLE + 1)
        for path in render(folder / f"scenes{people}", people=each, scene_people=people, size=SCENE_SIZE,
                           seed=1000 * arguments.seed + people)  # fmt: skip
    ]
    photos = render(folder / "photos", people=len(paths), size=PHOTO_SIZE, seed=1000 * arguments.seed + 100)

    generator = random.Random(arguments.seed)
    redrawn, people, outside, others, seams, added = [], [], [], [], [], []
    found = 0
    for index, (path, photo) in enumerate(zip(paths, photos)):
        scene = Scene(path, facechain)
        found += scene.is_complete
        if not scene.found or not facechain.faces(photo):
            continue
        number = generator.randrange(len(scene.found)) + 1
        out = folder / f"{index:04d}.png"
        facechain.paint(
            "template", "--template", path, "--face", f"{number}={photo}", "--seed", index, *arguments.options, out=out
        )
        result = read(out)
        changed = (result != scene.pixels).any(2)
        outside.append(not (changed & ~scene.square(number, arguments.face_share)).any())
        strangers = [mask for slot, mask in enumerate(scene.masks) if slot != scene.slots[number - 1]]
        others.append(not any((changed & mask).any() for mask in strangers))
        added.append(np.quantile(steps(result, changed) - steps(scene.pixels, changed), 0.99))
        seams.append(added[-1] <= np.quantile(steps(scene.pixels), 0.99))
        redrawn.append(likeness.crop(likeness.read(out), scene.found[number - 1]["landmarks"]))
        people.append(likeness.crop(likeness.read(photo), facechain.faces(photo)[0]["landmarks"]))
        told = f"others {'kept' if others[-1] else 'CHANGED'}, seam {added[-1]:+.0f}{'' if seams[-1] else ' HIGH'}"
        print(f"{index + 1}/{len(paths)} {path.parent.name}/{path.name}, face {number}: {told}", file=sys.stderr)

    report = {
        "templates": len(redrawn),
        "all faces found": round(found / len(paths), 4),
        "outside identical": share(outside),
        "other faces identical": share(others),
        "seam below the template's 99th percentile": share(seams),
        "seam, levels of 255 above the template, worst": round(float(max(added)), 2),
    }
    for name, cosines in Likeness(arguments.model).cosines(redrawn, people).items():
        said = likeness.summary(cosines, list(range(len(redrawn))))
        report[f"identity by the {name}"] = {key: round(value, 4) for key, value in said.items()}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
