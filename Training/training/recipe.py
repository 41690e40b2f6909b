"""The whole recipe in one command, for ten minutes on a data-centre GPU (`--device cuda`, bf16).

    python3 -m training.recipe --device cuda --runs runs --out archives --minutes 9 [--begin ../Models/atelier]

Renders people until its share of the time is over, then trains the stages in the order in which they need each other;
those that do not, together, since none of them fills a GPU alone. With `--begin` what sees (autoencoder, encoder, judges) stays an
exported model's, and what paints is trained further. A stage that fails leaves the product that was there before it,
and its log in `runs/logs`.

What is new lies in `--out` as soon as the base has been trained, and at the end, as archives in parts that a
transport with a limit takes (`cat first.tar.* | tar x`): a machine may be taken away at any time.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from safetensors.torch import load_file, save_file

from training import configuration, runs, world

# Where in the whole time each phase ends; the rest is for export. Starting a stage takes a fifth of a minute.
FROM_NOTHING = dict(rendering=0.19, perception=0.33, critics=0.41, base=0.77, additions=0.97)
FROM_A_MODEL = dict(rendering=0.235, perception=0.235, critics=0.38, base=0.70, additions=0.955)
# Weight of the critics' word in the loss.
LIKENESS = 0.4
# In half of a batch the photo is the picture to draw itself; ablations say otherwise after it.
OWN_PHOTOS = ("--own-photos", 0.5)
ABLATIONS = ("adapter_without_fair", "adapter_own_photo")
# FAIR, and the base of the ablation that does without it.
FAIR, BASE_WITHOUT_FAIR = 0.01, "text_unet_without_fair"
# A step of 256 kept an H200 busy for a third of its time, the rest was waiting for one processor's calls: two bases fit.
BASE_BATCH = 320
RENDERERS = 8


class Recipe:
    def __init__(self, arguments):
        self.arguments = arguments
        self.runs, self.data = arguments.runs, arguments.runs / "data"
        self.phases = FROM_A_MODEL if arguments.begin else FROM_NOTHING
        self.began = time.time()
        begin = arguments.begin.rglob("*") if arguments.begin else ()
        self.delivered = {digest(file) for file in begin if file.is_file()}
        (self.runs / "logs").mkdir(parents=True, exist_ok=True)

    def until(self, phase: str) -> tuple[str, float]:
        return "--until", self.began + self.phases[phase] * 60 * self.arguments.minutes

    def start(self, stage: str, *options, log: str | None = None) -> tuple[str, subprocess.Popen]:
        name = log or stage
        with open(self.runs / "logs" / f"{name}.log", "a") as file:
            command = [sys.executable, "-u", "-m", f"training.{stage}", *map(str, options)]
            return name, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)

    def wait(self, *started: tuple[str, subprocess.Popen]):
        """Waits for stages that run together, and says how each ended."""
        for name, process in started:
            code = process.wait()
            log = (self.runs / "logs" / f"{name}.log").read_text().splitlines()
            print(f"{time.time() - self.began:6.1f} s  {name}: {'ended' if code == 0 else f'FAILED ({code})'}: {log[-1:]}", flush=True)

    def train(self, stage: str, phase: str, *options, batch: int, log: str | None = None):
        """Starts a training stage that ends with a phase."""
        data = ("--data", self.data / "train", "--validation", self.data / "val")
        return self.start(stage, *self.place, *data, *self.until(phase), "--batch", batch, *options, log=log)

    @property
    def place(self) -> tuple:
        return "--runs", self.runs, "--device", self.arguments.device

    def render(self, name: str, *options, workers=1):
        out = ("--out", self.data / name, "--device", self.arguments.device)
        return [
            self.start("dataset", *out, *options, "--share", worker, workers, log=f"dataset_{name}_{worker}")
            for worker in range(workers)
        ]

    def run(self):
        first_people = self.first_people()
        self.wait(self.start(*self.beginning()))
        rehearsal = self.start("rehearsal", *self.place, "--batch", BASE_BATCH)
        self.wait(*first_people, *self.rendering(first_people))
        self.wait(*self.perception())
        self.wait(self.start("cache", *self.place, "--data", self.data / "val", self.data / "train"))
        critics = [("critic", 1), ("critic_2", 2), ("critic_3", 3)]
        learning = ("--validate-every", 400, "--decay-share", 0.6)
        self.wait(*(
            self.train("critic", "critics", *learning, "--name", name, "--seed", seed, batch=384, log=name) for name, seed in critics
        ))
        self.wait(rehearsal)
        self.wait(*self.bases())
        additions = list(self.additions())
        self.deliver("first")
        self.wait(*additions)
        self.deliver("last")

    def first_people(self):
        """Validation people come from seed 1; no other set may have it. They are few, and first, so that their kernels are the others'."""
        return self.render("val", "--people", 64, "--photos", 2, "--portraits", 3, "--posed", 1, "--seed", 1)

    def rendering(self, first_people):
        while not (self.data / "val" / "shard_0000.safetensors").exists() and first_people[0][1].poll() is None:
            time.sleep(0.5)
        until = self.until("rendering")
        portraits = ("--photos", 2, "--portraits", 4, "--posed", 1, "--seed", self.arguments.seed, *until)
        train = self.render("train", "--people", self.arguments.people, *portraits, workers=RENDERERS)
        kin = ("--people", 512, "--photos", 2, "--portraits", 0, "--kin", "--seed", 2, *until)
        return train + ([] if self.arguments.begin else self.render("kin", *kin, workers=2))

    def perception(self):
        """Everything that sees."""
        if not self.arguments.begin:
            yield self.train("vae", "perception", "--validate-every", 1500, batch=64)
            yield self.train("encoder", "perception", "--kin", self.data / "kin", "--validate-every", 1000, "--rate", 2e-3, batch=256)
            yield self.train("recogniser", "perception", "--validate-every", 1000, batch=192)
            yield self.train("observer", "perception", "--validate-every", 1000, batch=192)

    def bases(self):
        """The base with its adapter. FAIR would close gates beside a base that cannot draw yet; a trained one's adapter begins
        anew with it, because one that has learned to speak everywhere is not silenced, and again without, to compare."""
        joint = ("--joint", "--compile", "--rate", 2e-3, "--decay-share", 0.9, "--sheet-every", 1500,
                 *self.likeness(BASE_BATCH // 4), *OWN_PHOTOS)  # fmt: skip
        if not self.arguments.begin:
            yield self.train("text_unet", "base", *joint, "--new-encoder", batch=BASE_BATCH)
            return
        for name, fair in (("text_unet", FAIR), (BASE_WITHOUT_FAIR, 0)):
            options = (*joint, "--new-adapter", "--fair", fair, "--name", name)
            yield self.train("text_unet", "base", *options, batch=BASE_BATCH, log=name)

    def additions(self):
        """Everything that is trained on the finished base."""
        slow = ("--sheet-every", 1000, "--decay-share", 0.8)
        anew, base_without = (("--new-adapter",), ("--base", BASE_WITHOUT_FAIR)) if self.arguments.begin else ((), ())
        adapter = (*slow, "--rate", 2e-3, *self.likeness(32), *OWN_PHOTOS, *anew, "--fair", FAIR)
        yield self.train("adapter", "additions", *adapter, batch=96)
        for name, difference in zip(ABLATIONS, (("--fair", 0, *base_without), ("--own-photos", 1))):
            yield self.train("adapter", "additions", *adapter, *difference, "--name", name, batch=96, log=name)
        yield self.train("controlnet", "additions", *slow, "--rate", 1.5e-3, batch=96)
        if "styles" not in self.arguments.leave_out:
            names = [style.name for style in world.STYLES]
            styles = (*slow, *self.likeness(24), *OWN_PHOTOS)
            for half in (0, 1):
                yield self.train("styles", "additions", *styles, "--only", *names[half::2], batch=64, log=f"styles_{half}")

    def likeness(self, drafts: int) -> tuple:
        """The options that let the critics speak, of so many drafts in a batch too, if they could be trained."""
        trained = any(self.runs.glob(f"critic*/{runs.PRODUCT}"))
        return ("--likeness", LIKENESS, "--drafts", drafts) if trained else ()

    def deliver(self, name: str):
        """What an export of all that is there holds and what tells how it was made, as far as it is new, as an archive in parts."""
        model = self.runs / "atelier"
        judges = () if self.arguments.begin else ("--judges",)
        self.wait(self.start("export", "--runs", self.runs, "--out", model, "--styles", self.runs / "Styles", *judges, log=f"export_{name}"))
        halves = [self.halved(product) for other in (*ABLATIONS, "critic*") for product in self.runs.glob(f"{other}/{runs.PRODUCT}")]
        sheets = [sheet for folder in self.runs.rglob("sheets") for sheet in sorted(folder.glob("*.png"))[-1:]]
        folders = [model, self.runs / "Styles", self.runs / "logs", *([configuration.JUDGES] if judges else [])]
        files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
        self.pack(name, [*files, *halves, *sheets, *self.runs.glob("*/log.csv")])

    def halved(self, product: Path) -> Path:
        """A product in half precision; unlike `export.write_half` with BatchNorm's counters, without which no critic is read again."""
        half = product.with_name(f"half_{runs.PRODUCT}")
        save_file({key: value.half() if value.is_floating_point() else value for key, value in load_file(product).items()}, half)
        return half

    def pack(self, name: str, files: list[Path]):
        """The files that are not in `--begin` and were not packed before, as `OUT/NAME.tar.000`, `.001`, ..., by `--part-size`."""
        archive = self.runs / f"{name}.tar"
        with tarfile.open(archive, "w") as content:
            for file in files:
                if (contents := digest(file)) not in self.delivered:
                    self.delivered.add(contents)
                    content.add(file, file.relative_to(self.runs) if file.is_relative_to(self.runs) else file.name)
        content, size = archive.read_bytes(), self.arguments.part_size
        self.arguments.out.mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(range(0, len(content), size)):
            (self.arguments.out / f"{name}.tar.{number:03d}").write_bytes(content[start : start + size])

    def beginning(self):
        if self.arguments.begin:
            return "restore", "--model", self.arguments.begin, "--runs", self.runs
        return "tokenizer", "--out", self.runs / "tokenizer"


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="a folder for data and runs, best in memory")
    parser.add_argument("--out", type=Path, required=True, help="where the archives go")
    parser.add_argument("--part-size", type=int, default=15 * 2**20, help="bytes")
    parser.add_argument("--begin", type=Path, help="an exported model to train further")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--people", type=int, default=6144, help="at most; fewer where time for rendering ends before")
    parser.add_argument("--leave-out", nargs="*", choices=("styles",), default=(), help="stages that cost much of the GPU's time")
    parser.add_argument("--seed", type=int, default=5, help="of the people to train on; 1 is kept for validation")
    Recipe(parser.parse_args()).run()


if __name__ == "__main__":
    main()
