"""The program that this folder trains for, as measurements call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RELEASE = ROOT / ".build" / "release" / "facechain"
ATELIER = ROOT / "Models" / "atelier"


def add_arguments(parser):
    """Which program measurements call, and with which model."""
    parser.add_argument("--program", type=Path, default=RELEASE)
    parser.add_argument("--model", type=Path, default=ATELIER)


class Program:
    """The program at home in this repository, with one model."""

    def __init__(self, path: Path = RELEASE, model: Path = ATELIER):
        self.path, self.model = Path(path).resolve(), Path(model).resolve()

    def run(self, *arguments) -> subprocess.CompletedProcess:
        environment = os.environ | {"FACECHAIN_HOME": str(ROOT)}
        command = [self.path, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def paint(self, command: str, *arguments, out: Path):
        """`generate` or `template`, unless its picture is there already; what it complains of ends the measurement."""
        if out.exists():
            return
        done = self.run(command, "--model", self.model, *arguments, "--out", out, "--quiet")
        if done.returncode:
            sys.exit(f"{out}: {done.stderr}")

    def faces(self, picture: Path) -> list[dict]:
        """Faces from left to right, with `box` and `landmarks`; none where it finds nobody."""
        done = self.run("faces", picture, "--json")
        return json.loads(done.stdout)["faces"] if done.returncode == 0 else []

    def poses(self, picture: Path, skeleton: Path) -> list[dict]:
        """The joints of people from left to right, by name; the drawing goes to a file."""
        done = self.run("pose", picture, "--json", "--out", skeleton)
        if done.returncode:
            return []
        return [{name: point[:2] for name, point in person["points"].items()} for person in json.loads(done.stdout)["people"]]


def largest(faces: list[dict]) -> dict | None:
    return max(faces, key=lambda face: face["box"][2], default=None)
