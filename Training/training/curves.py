"""Stage `curves`: draws how losses fell, from what stages print (`recipe` keeps it in RUNS/logs).

    python3 -m training.curves --out curves.png --panel runs/logs/text_unet.log --panel runs/logs/critic.log runs/logs/critic_2.log

Each panel shows one or several logs over their steps; a log's name is its curve's.
"""

import argparse
import math
import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

LINE = re.compile(r"^step (\d+) loss (\S+) ", re.MULTILINE)
COLUMNS = 3


def losses(log: Path) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Steps and mean losses since the line before, as `runs.Run.learn` prints them."""
    points = [(int(step), float(loss)) for step, loss in LINE.findall(log.read_text())]
    if not points:
        raise SystemExit(f"{log} has no line such as 'step 50 loss 0.25 0.3 min'")
    return tuple(zip(*points))


def draw(panels: list[list[Path]], out: Path):
    rows = math.ceil(len(panels) / COLUMNS)
    figure, axes = pyplot.subplots(rows, COLUMNS, figsize=(4 * COLUMNS, 3 * rows), squeeze=False, layout="constrained")
    for axis, logs in zip(axes.flat, panels):
        for log in logs:
            axis.plot(*losses(log), label=log.stem, linewidth=1.2)
        axis.set_xlabel("step")
        axis.set_ylabel("loss")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    figure.savefig(out, dpi=90)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a PNG")
    parser.add_argument("--panel", type=Path, nargs="+", action="append", required=True, help="logs that share a panel")
    arguments = parser.parse_args()
    draw(arguments.panel, arguments.out)


if __name__ == "__main__":
    main()
