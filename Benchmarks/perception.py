#!/usr/bin/env python3
"""How well the program finds faces and bodies in pictures whose truth is known.

    cd Training
    for people in 1 2 3 4 5; do
      python3 -m training.render --people 40 --pictures 1 --scene-people $people --seed $((100 + people)) \\
        --size 512 --out SCENES/$people
    done
    cd .. && swift build -c release
    Benchmarks/perception.py SCENES/*
    Benchmarks/perception.py --each Benchmarks/photos    # real photos, whose truth was set by hand

Prints, for all pictures of each folder: the share of scenes in which every face was found and none invented, the
landmarks' error in parts of the eyes' distance, whether faces are numbered from left to right, and the share of
body joints found (PCK: closer to the truth than a tenth of the person's larger side). Needs nothing but Python.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
JOINTS = ("nose", "neck", "rightShoulder", "rightElbow", "rightWrist", "leftShoulder", "leftElbow", "leftWrist",
          "rightHip", "rightKnee", "rightAnkle", "leftHip", "leftKnee", "leftAnkle", "rightEye", "leftEye", "rightEar",
          "leftEar")  # fmt: skip
# A face counts as found where its landmarks lie within this part of the eyes' distance, on average.
FOUND = 0.3
PCK = 0.1


def answer(command: str, picture: Path, *options: str) -> dict | None:
    """What the program says of a picture; nothing where it says that nobody is there."""
    program = [ROOT / ".build/release/facechain", command, picture, "--json", *options]
    done = subprocess.run(program, capture_output=True, text=True, env=os.environ | {"FACECHAIN_HOME": str(ROOT)})
    return json.loads(done.stdout) if done.returncode == 0 else None


def matched(truths: list, finds: list, distance) -> dict[int, int]:
    """Pairs of truth and find, the closest first, each used once."""
    pairs = sorted((distance(t, f), i, j) for i, t in enumerate(truths) for j, f in enumerate(finds))
    chosen: dict[int, int] = {}
    for far, i, j in pairs:
        if math.isfinite(far) and i not in chosen and j not in chosen.values():
            chosen[i] = j
    return chosen


def landmark_error(truth, found) -> float:
    """Mean distance of five landmarks in parts of the distance between the eyes."""
    return statistics.mean(map(math.dist, truth, found)) / math.dist(truth[0], truth[1])


def visible(skeleton) -> dict[str, tuple[float, float]]:
    """A true skeleton's joints that are in the picture and not covered."""
    return {name: (x, y) for name, (x, y, seen) in zip(JOINTS, skeleton) if seen > 0.5}


def joint_distance(truth: dict, found: dict) -> float:
    """Median distance of the joints that both have."""
    common = truth.keys() & found.keys()
    return statistics.median(math.dist(truth[n], found[n]) for n in common) if common else math.inf


def side(joints: dict) -> float:
    xs, ys = zip(*joints.values())
    return max(max(xs) - min(xs), max(ys) - min(ys))


def is_seen(skeleton) -> bool:
    """Whether a face's eyes and nose are in the picture, and nobody stands before them."""
    return all(skeleton[JOINTS.index(name)][2] > 0.5 for name in ("nose", "rightEye", "leftEye"))


def faces_of(picture: Path, truths: list, seen: list[bool]) -> dict:
    """What was found; a face that others cover may be found, but need not."""
    said = answer("faces", picture)
    finds = [face["landmarks"] for face in said["faces"]] if said else []
    pairs = matched(truths, finds, lambda t, f: e if (e := landmark_error(t, f)) <= FOUND else math.inf)
    middles = [statistics.mean(x for x, _ in landmarks) for landmarks in finds]
    return dict(
        missed=sum(1 for i, needed in enumerate(seen) if needed and i not in pairs),
        invented=len(finds) - len(pairs),
        errors=[landmark_error(truths[i], finds[j]) for i, j in pairs.items()],
        ordered=middles == sorted(middles),
    )


def joints_of(picture: Path, skeletons: list, scratch: Path) -> tuple[int, int]:
    """Joints found, and joints that are there."""
    said = answer("pose", picture, "--out", str(scratch))
    finds = [{n: p[:2] for n, p in person["points"].items()} for person in said["people"]] if said else []
    truths = [visible(s) for s in skeletons]
    truths = [t for t in truths if len(t) > 1]
    pairs = matched(truths, finds, joint_distance)
    hits = 0
    for i, j in pairs.items():
        reach = PCK * side(truths[i])
        hits += sum(1 for n, p in truths[i].items() if n in finds[j] and math.dist(p, finds[j][n]) <= reach)
    return hits, sum(map(len, truths))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=Path, nargs="+", help="folders that training.render wrote")
    parser.add_argument("--faces-only", action="store_true")
    parser.add_argument("--each", action="store_true", help="a line for every picture")
    parser.add_argument("--list", action="store_true", help="name the scenes that went wrong")
    arguments = parser.parse_args()
    everything = []
    temporary = tempfile.TemporaryDirectory()
    scratch = Path(temporary.name) / "skeleton.png"
    for folder in arguments.scenes:
        rows = []
        for file in sorted(folder.glob("*.json")):
            truth = json.loads(file.read_text())
            picture = file.parent / truth.get("picture", file.with_suffix(".png").name)
            single = "skeleton" in truth
            skeletons = [truth["skeleton"]] if single else truth["skeletons"]
            landmarks = [truth["landmarks"]] if single else truth["landmarks"]
            row = faces_of(picture, landmarks, [is_seen(skeleton) for skeleton in skeletons])
            row["right"] = row["missed"] == row["invented"] == 0
            row["joints"] = (0, 0) if arguments.faces_only else joints_of(picture, skeletons, scratch)
            rows.append(row)
            if arguments.each:
                tell(picture.name, [row])
            if arguments.list and not row["right"]:
                print(f"  {picture}: {row['missed']} missed, {row['invented']} invented")
        tell(str(folder), rows)
        everything += rows
    tell("all", everything)


def tell(name: str, rows: list):
    errors = sorted(e for row in rows for e in row["errors"])
    hits, joints = (sum(column) for column in zip(*(row["joints"] for row in rows)))
    print(
        f"{name}: {len(rows)} scenes, every face and no other in {sum(r['right'] for r in rows) / len(rows):.1%}"
        f" ({sum(r['missed'] for r in rows)} missed, {sum(r['invented'] for r in rows)} invented),"
        f" landmark error {statistics.mean(errors or [0]):.3f} (95 % below {errors[int(0.95 * len(errors))] if errors else 0:.3f}),"
        f" from left to right {sum(r['ordered'] for r in rows) / len(rows):.1%},"
        f" joints {hits / max(joints, 1):.3f} of {joints}",
        flush=True,
    )


if __name__ == "__main__":
    main()
