"""The whole recipe in one command, sized for half an hour on a data-centre GPU (`--device cuda`, bf16).

    python3 -m training.recipe --device cuda --runs runs --out atelier --minutes 25

Renders people first, then trains every stage on its share of the time, and exports. Files above `--part-size` are
cut into parts (`NAME.000`, `NAME.001`, ...) for transports with a limit; `cat NAME.* > NAME` joins them.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

# Shares of the whole time; rendering takes what it takes, at most the first share.
SHARES = dict(vae=0.20, encoder=0.08, text_unet=0.36, adapter=0.08, controlnet=0.08)


def run_stage(name: str, *options):
    print(f"== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"training.{name}", *map(str, options)], check=True)


def cut(folder: Path, part_size: int):
    """Replaces every file of the folder above `part_size` bytes by numbered parts."""
    for path in [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > part_size]:
        content = path.read_bytes()
        for number, start in enumerate(range(0, len(content), part_size)):
            path.with_name(f"{path.name}.{number:03d}").write_bytes(content[start : start + part_size])
        path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--people", type=int, default=2048)
    parser.add_argument("--part-size", type=int, default=16 * 2**20)
    arguments = parser.parse_args()
    data, device = arguments.runs / "data", ("--device", arguments.device)
    began = time.monotonic()
    run_stage("tokenizer", "--out", arguments.runs / "tokenizer")
    for name, people, photos, portraits, seed, more in (
        ("val", 64, 2, 3, 1, ("--posed", 1)),
        ("kin", arguments.people // 4, 2, 0, 2, ("--kin",)),
        ("train", arguments.people, 2, 4, 0, ("--posed", 1)),
    ):
        counts = ("--people", people, "--photos", photos, "--portraits", portraits, "--seed", seed)
        run_stage("dataset", "--out", data / name, *counts, *more, *device)
    left = arguments.minutes - (time.monotonic() - began) / 60
    scale = left / arguments.minutes / sum(SHARES.values()) * 0.9  # the rest: caches, sheets, compilation

    common = ("--runs", arguments.runs, "--data", data / "train", "--validation", data / "val", *device)
    large = arguments.device == "cuda"
    for name, batch, more in (
        ("vae", 32, ()),
        ("encoder", 128, ("--kin", data / "kin")),
        ("text_unet", 128, ("--joint",)),
        ("adapter", 128, ()),
        ("controlnet", 128, ()),
    ):
        minutes = ("--minutes", f"{arguments.minutes * SHARES[name] * scale:.2f}")
        run_stage(name, *common, *minutes, *(("--batch", batch) if large else ()), *more)
    run_stage("export", "--runs", arguments.runs, "--out", arguments.out)
    cut(arguments.out, arguments.part_size)


if __name__ == "__main__":
    main()
