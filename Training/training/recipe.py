"""The whole recipe in one command, for ten minutes on a data-centre GPU (`--device cuda`, bf16).

    python3 -m training.recipe --device cuda --runs runs --out archives --minutes 9 [--begin ../Models/atelier]

Renders people until its share of the time is over, then trains the stages in the order in which they need each other;
those that do not, together, since none of them fills a GPU alone. With `--begin` the networks of an exported model are
trained further. A stage that fails leaves the product that was there before it, and its log in `runs/logs`.

What there is lies in `--out` as soon as the base has been trained, and again at the end, as archives in parts that a
transport with a limit takes (`cat model.tar.* | tar x`): a machine may be taken away at any time.
"""

import argparse
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from training import configuration, runs, world

# Where in the whole time each phase ends; the rest is for export. Starting a stage takes a fifth of a minute.
RENDERING, PERCEPTION, CRITIC, BASE, ADDITIONS = 0.19, 0.33, 0.41, 0.77, 0.97
# Weight of the critic's word in the loss.
LIKENESS = 0.3
# In half of a batch the photo is the picture to draw itself; ablations say otherwise after it.
OWN_PHOTOS = ("--own-photos", 0.5)
ABLATIONS = ("adapter_without_fair", "adapter_own_photo")
RENDERERS = 4


class Recipe:
    def __init__(self, arguments):
        self.arguments = arguments
        self.runs, self.data = arguments.runs, arguments.runs / "data"
        self.began = time.time()
        (self.runs / "logs").mkdir(parents=True, exist_ok=True)

    def until(self, share: float) -> tuple[str, float]:
        return "--until", self.began + share * 60 * self.arguments.minutes

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

    def train(self, stage: str, share: float, *options, batch: int, log: str | None = None):
        """Starts a training stage that ends at a share of the whole time."""
        data = ("--data", self.data / "train", "--validation", self.data / "val", "--device", self.arguments.device)
        return self.start(stage, "--runs", self.runs, *data, *self.until(share), "--batch", batch, *options, log=log)

    def render(self, name: str, *options, share=RENDERING, workers=1):
        out = ("--out", self.data / name, "--device", self.arguments.device, *self.until(share))
        return [
            self.start("dataset", *out, *options, "--share", worker, workers, log=f"dataset_{name}_{worker}")
            for worker in range(workers)
        ]

    def run(self):
        self.wait(self.start(*self.beginning()))
        # Validation people come from seed 1; no other set may have it.
        val = self.render("val", "--people", 64, "--photos", 2, "--portraits", 3, "--posed", 1, "--seed", 1, share=1)
        kin = self.render("kin", "--people", 512, "--photos", 2, "--portraits", 0, "--kin", "--seed", 2, workers=2)
        portraits = ("--photos", 2, "--portraits", 3, "--posed", 1, "--seed", self.arguments.seed)
        train = self.render("train", "--people", self.arguments.people, *portraits, workers=RENDERERS)
        self.wait(*val, *kin, *train)
        self.wait(
            self.train("vae", PERCEPTION, "--validate-every", 1500, batch=64),
            self.train("encoder", PERCEPTION, "--kin", self.data / "kin", "--validate-every", 1000, "--rate", 2e-3, batch=256),
            self.train("recogniser", PERCEPTION, "--validate-every", 1000, batch=192),
            self.train("observer", PERCEPTION, "--validate-every", 1000, batch=192),
        )
        # Also computes the latents and tokens that all later stages read.
        self.wait(self.train("critic", CRITIC, "--validate-every", 200, "--decay-share", 0.6, batch=384))
        further = ("--new-encoder",) if self.arguments.begin else ()
        base = ("--joint", "--rate", 2.5e-3, "--decay-share", 0.9, "--sheet-every", 1500, *self.likeness(drafts=96), *OWN_PHOTOS)
        self.wait(self.train("text_unet", BASE, *base, *further, batch=384))
        self.deliver()
        self.wait(*self.additions())
        self.deliver()

    def additions(self):
        """Everything that is trained on the finished base."""
        slow = ("--sheet-every", 1000, "--decay-share", 0.8)
        adapter = (*slow, *self.likeness(), *OWN_PHOTOS)
        yield self.train("adapter", ADDITIONS, *adapter, batch=128)
        for name, difference in zip(ABLATIONS, (("--fair", 0), ("--own-photos", 1))):
            yield self.train("adapter", ADDITIONS, *adapter, *difference, "--name", name, batch=128, log=name)
        yield self.train("controlnet", ADDITIONS, *slow, "--rate", 1.5e-3, batch=128)
        names = [style.name for style in world.STYLES]
        for half in (0, 1):
            yield self.train("styles", ADDITIONS, *slow, "--only", *names[half::2], batch=64, log=f"styles_{half}")

    def likeness(self, drafts: int = 0) -> tuple:
        """The options that let the critic speak, of so many drafts in a batch too, if it could be trained."""
        trained = (self.runs / "critic" / runs.PRODUCT).exists()
        return ("--likeness", LIKENESS, "--drafts", drafts) if trained else ()

    def deliver(self):
        """The exported model, and what tells how it was made, as archives in parts."""
        model = self.runs / "atelier"
        self.wait(self.start("export", "--runs", self.runs, "--out", model, "--styles", self.runs / "Styles", "--judges"))
        self.pack("model", model)
        sheets = [sorted(folder.glob("*.png"))[-1:] for folder in self.runs.rglob("sheets")]
        products = [self.runs / name for name in ABLATIONS if (self.runs / name).exists()]
        tables = [*self.runs.glob("*/*.csv"), *(file for product in products for file in product.glob("product.*"))]
        styles = [self.runs / "Styles"] if (self.runs / "Styles").exists() else []
        self.pack("report", self.runs / "logs", configuration.JUDGES, *styles, *tables, *sum(sheets, []))

    def pack(self, name: str, *paths: Path):
        """`OUT/NAME.tar.000`, `OUT/NAME.tar.001`, ..., none larger than `--part-size`."""
        archive = self.runs / f"{name}.tar"
        with tarfile.open(archive, "w") as file:
            for path in paths:
                file.add(path, path.relative_to(self.runs) if path.is_relative_to(self.runs) else path.name)
        content, size = archive.read_bytes(), self.arguments.part_size
        self.arguments.out.mkdir(parents=True, exist_ok=True)
        for number, start in enumerate(range(0, len(content), size)):
            (self.arguments.out / f"{name}.tar.{number:03d}").write_bytes(content[start : start + size])

    def beginning(self):
        if self.arguments.begin:
            return "restore", "--model", self.arguments.begin, "--runs", self.runs
        return "tokenizer", "--out", self.runs / "tokenizer"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="a folder for data and runs, best in memory")
    parser.add_argument("--out", type=Path, required=True, help="where the archives go")
    parser.add_argument("--part-size", type=int, default=15 * 2**20, help="bytes")
    parser.add_argument("--begin", type=Path, help="an exported model to train further")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--people", type=int, default=6144, help="at most; fewer where time for rendering ends before")
    parser.add_argument("--seed", type=int, default=5, help="of the people to train on; 1 is kept for validation")
    Recipe(parser.parse_args()).run()


if __name__ == "__main__":
    main()
