"""What every training stage shares: checkpoints that survive any interruption, averaged weights, schedule, log."""

import argparse
import contextlib
import csv
import math
import os
import signal
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

CHECKPOINT = "checkpoint.pt"
PRODUCT = "product.safetensors"


def prepare_process(threads: int | None):
    """Settings that a long CPU training needs: few threads, no denormals."""
    if threads:
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def product_type(device: str) -> torch.dtype:
    """bf16 where the machine has units for its products: a GPU, or a CPU with AMX."""
    return torch.bfloat16 if device == "cuda" or torch.cpu._is_amx_tile_supported() else torch.float32


def autocast(device: str):
    """Products in the type that is fast on the device."""
    fast = product_type(device)
    return torch.autocast(device, fast, enabled=fast != torch.float32)


def generator(device: str, seed: int) -> torch.Generator:
    """Draws where the data are, so that nothing has to travel: each kind of device sees a sequence of its own."""
    return torch.Generator(device).manual_seed(seed)


class Average:
    """Exponential moving average of a module's floating-point state, with a horizon that grows from the start."""

    def __init__(self, module: torch.nn.Module, decay: float):
        self.decay = decay
        self.state = _copied(module)
        # A state dict's tensors share their memory with the module's, whatever is loaded into it later.
        pairs = [(self.state[name], value) for name, value in module.state_dict().items()]
        self.smooth = list(zip(*[pair for pair in pairs if pair[0].is_floating_point()]))
        self.counters = [pair for pair in pairs if not pair[0].is_floating_point()]

    @torch.no_grad()
    def update(self, step: int):
        """Goes a little way towards the module's state."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(*self.smooth, 1 - decay)
        for average, value in self.counters:
            average.copy_(value)


class Run:
    """One stage's training: loop over `steps()`, and the run saves, resumes, averages, schedules and logs.

    A run ends after `samples` samples, after `minutes` of its own working time or at the time `until`, whichever comes
    first. The learning rate warms up, stays, and falls linearly to zero in the last part (`decay_share`); the checkpoint from
    just before the fall is kept as `stable.pt`, the one to go on from with a larger budget (`--resume-stable`).
    """

    def __init__(self, folder: Path, modules: dict, optimizer, arguments, *, ema: float, warmup: int):
        self.folder, self.modules, self.optimizer, self.arguments = folder, modules, optimizer, arguments
        self.averages = {name: Average(module, ema) for name, module in modules.items()}
        self.warmup = warmup
        self.step = self.samples = 0
        self.seconds = 0.0
        self.began = time.time()
        self.stop = False
        self.peak_rates = [group["lr"] for group in optimizer.param_groups]
        folder.mkdir(parents=True, exist_ok=True)
        self._load()

    # MARK: schedule

    @property
    def progress(self) -> float:
        shares = [0.0]
        if self.arguments.samples:
            shares.append(self.samples / self.arguments.samples)
        if self.arguments.minutes:
            shares.append(self.seconds / 60 / self.arguments.minutes)
        if self.arguments.until:
            shares.append((time.time() - self.began) / max(1.0, self.arguments.until - self.began))
        return max(shares)

    def _rate(self) -> float:
        remaining = (1 - self.progress) / self.arguments.decay_share
        return min(1.0, (self.step + 1) / self.warmup, max(remaining, 0.0))

    # MARK: loop

    def steps(self):
        """Yields step numbers until the budget is spent or the process is asked to end."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        saved = time.monotonic()
        while self.progress < 1 and not self.stop:
            started = time.monotonic()
            for group, peak in zip(self.optimizer.param_groups, self.peak_rates):
                group["lr"] = peak * self._rate()
            yield self.step
            self.step += 1
            for average in self.averages.values():
                average.update(self.step)
            decaying = self.progress > 1 - self.arguments.decay_share
            self.seconds += time.monotonic() - started
            if not decaying and self.progress > 1 - self.arguments.decay_share:
                self.save("stable.pt")
            if time.monotonic() - saved > self.arguments.save_every:
                self.save()
                saved = time.monotonic()
        self.save()

    def learn(self, error, report, every: int):
        """Goes down the gradient of `error()`, a batch's mean, and says how far it is.

        After `every` steps and at the end `report` gets the mean error since the last time; the modules then hold their
        averaged weights.
        """
        recent: list[torch.Tensor] = []  # numbers are read when they are shown: a GPU would wait for each

        def tell():
            with self.all_averaged():
                report(float(sum(recent)) / max(1, len(recent)))
            recent.clear()

        for step in self.steps():
            loss = error()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.samples += self.arguments.batch
            recent.append(loss.detach())
            if (step + 1) % self.arguments.log_every == 0:
                last = recent[-self.arguments.log_every :]
                print(f"step {step + 1} loss {float(sum(last)) / len(last):.5f} {self.seconds / 60:.1f} min", flush=True)
            if (step + 1) % every == 0:
                tell()
        tell()

    def _ask_to_stop(self, *_):
        self.stop = True

    # MARK: files

    def save(self, name: str = CHECKPOINT):
        if not all(_finite(module) for module in self.modules.values()):
            raise SystemExit(f"weights are not finite after step {self.step}; {self.folder / CHECKPOINT} is from before")
        content = dict(
            modules={name: module.state_dict() for name, module in self.modules.items()},
            averages={name: average.state for name, average in self.averages.items()},
            optimizer=self.optimizer.state_dict(),
            step=self.step, samples=self.samples, seconds=self.seconds, random=torch.get_rng_state(),
        )
        replace_file(self.folder / name, lambda path: torch.save(content, path))

    def _load(self):
        stable = getattr(self.arguments, "resume_stable", False) and self.step == 0
        path = self.folder / ("stable.pt" if stable else CHECKPOINT)
        if not path.exists():
            return
        content = torch.load(path, map_location="cpu")
        for name, module in self.modules.items():
            module.load_state_dict(content["modules"][name])
            for key, value in self.averages[name].state.items():
                value.copy_(content["averages"][name][key])
        self.optimizer.load_state_dict(content["optimizer"])
        for group, peak in zip(self.optimizer.param_groups, self.peak_rates):
            group["lr"] = peak
        self.step, self.samples, self.seconds = content["step"], content["samples"], content["seconds"]
        torch.set_rng_state(content["random"])
        print(f"resumed {path} at step {self.step}, {self.samples} samples, {self.seconds / 60:.1f} min", flush=True)

    def save_product(self, state: dict, name: str = PRODUCT):
        """Writes finished weights (of averages) as the files that later stages and `export` read."""
        state = {key: value.detach().cpu().contiguous() for key, value in state.items()}
        replace_file(self.folder / name, lambda path: save_file(state, path))

    def log(self, **figures):
        """One line in `log.csv` and on the terminal."""
        row = dict(step=self.step, samples=self.samples, minutes=round(self.seconds / 60, 2))
        row |= {name: _rounded(value) for name, value in figures.items()}
        path = self.folder / "log.csv"
        new = not path.exists()
        with open(path, "a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(row)
            writer.writerow(row.values())
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)

    @contextlib.contextmanager
    def all_averaged(self):
        """While it lasts, the modules hold their averaged weights."""
        kept = {name: _copied(module) for name, module in self.modules.items()}
        for name, module in self.modules.items():
            module.load_state_dict(self.averages[name].state)
        try:
            yield
        finally:
            for name, module in self.modules.items():
                module.load_state_dict(kept[name])


def _copied(module):
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _finite(module) -> bool:
    return all(bool(parameter.isfinite().all()) for parameter in module.parameters())


def replace_file(path: Path, write):
    """Writes beside the file and renames, so that an interruption leaves the old file whole."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    write(temporary)
    os.replace(temporary, path)


def _rounded(value):
    value = float(value)
    return value if value == 0 or not math.isfinite(value) else float(f"{value:.5g}")


def arguments(description: str, *, batch: int, rate: float, add=None):
    """A stage's options, with the process prepared as they say; `add(parser)` adds those that are its own."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser, batch=batch, rate=rate)
    parser.add_argument("--data", type=Path, required=True, help="shards of training people")
    parser.add_argument("--validation", type=Path, required=True, help="shards of people never trained on")
    if add:
        add(parser)
    found = parser.parse_args()
    prepare_process(found.threads)
    torch.manual_seed(found.seed)
    return found


def add_validation(parser):
    parser.add_argument("--validate-every", type=int, default=200, help="steps")


def add_arguments(parser, *, batch: int, rate: float):
    """The options that all training stages share."""
    parser.add_argument("--runs", type=Path, required=True, help="folder of runs; this stage writes RUNS/<stage>")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, help="CPU threads (default: PyTorch's choice)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate, help="peak learning rate")
    parser.add_argument("--samples", type=int, help="end after so many samples")
    parser.add_argument("--minutes", type=float, help="end after so much working time")
    parser.add_argument("--until", type=float, help="end at this time, in seconds since 1970")
    parser.add_argument("--decay-share", type=float, default=0.3, help="last share in which the rate falls to 0")
    parser.add_argument("--save-every", type=float, default=180, help="seconds between checkpoints")
    parser.add_argument("--log-every", type=int, default=50, help="steps between log lines")
    parser.add_argument("--resume-stable", action="store_true", help="go on from before the last rate decay")
