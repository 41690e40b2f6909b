#!/usr/bin/env python3
"""Times the same work here and in PyTorch, alternating in one run, and prints the ratio.

    swift build -c release
    compare.py                          single operations at Stable Diffusion 1.5's sizes
    compare.py --model DIR              whole networks: UNet, UNet with face adapter, autoencoder
                                        (DIR from make_random_model.py --full)
    compare.py NAME...                  only these; `facechain-bench [--model DIR] --list` prints the names

Both sides use the same number of threads. Each round measures a case here, then in PyTorch; the best of all rounds
counts, so that another program's load hits neither side alone. Times are given by the clock, and as processor time
summed over threads, which other programs on the machine disturb less. PyTorch may choose between its two memory formats,
contiguous and channels-last: the faster one counts. Ratios are PyTorch's time over ours:
above 1, this program is faster.

Needs torch, and diffusers with --model.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional

ROOT = Path(__file__).parent.parent


class Bench:
    """A facechain-bench process that measures the cases it is told, one at a time."""

    def __init__(self, executable, model, threads):
        self.command = [executable, *(["--model", model] if model else [])]
        environment = {**os.environ, "FACECHAIN_THREADS": str(threads)}
        self.names = subprocess.run([*self.command, "--list"], capture_output=True, text=True, check=True).stdout.split()
        self.process = subprocess.Popen([*self.command, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def milliseconds(self, name):
        """Time by the clock and processor time."""
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"facechain-bench ended while measuring {name}")
        result = json.loads(line)
        if "error" in result:
            sys.exit(f"{name}: {result['error']}")
        return result["milliseconds"], result["cpuMilliseconds"]


def best_milliseconds(runs):
    """The fastest of several ways to compute the same, each run at least twice after a warm-up: clock, processor."""
    best = processor_best = float("inf")
    for run in runs:
        run()
        start, count = time.perf_counter(), 0
        while count < 2 or (time.perf_counter() - start < 0.5 and count < 100):
            before, processor_before = time.perf_counter(), time.process_time()
            run()
            best = min(best, (time.perf_counter() - before) * 1e3)
            processor_best = min(processor_best, (time.process_time() - processor_before) * 1e3)
            count += 1
    return best, processor_best


def in_both_formats(operation, *tensors):
    channels_last = [tensor.to(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor for tensor in tensors]
    return [lambda: operation(*tensors), lambda: operation(*channels_last)]


def torch_operation(name):
    """The runs that compute a case of facechain-bench in PyTorch."""
    operation, sizes = name.split("-", 1)
    numbers = [int(number) for number in re.findall(r"\d+", sizes)]
    if operation == "linear":
        tokens, inputs, outputs = numbers
        x, weight, bias = torch.randn(1, tokens, inputs), torch.randn(outputs, inputs), torch.randn(outputs)
        return [lambda: functional.linear(x, weight, bias)]
    if operation == "conv":
        side, _, inputs, outputs, kernel, stride = numbers
        tensors = torch.randn(1, inputs, side, side), torch.randn(outputs, inputs, kernel, kernel), torch.randn(outputs)
        return in_both_formats(lambda x, w, b: functional.conv2d(x, w, b, stride, kernel // 2), *tensors)
    if operation == "attention":
        queries, keys, heads, size = numbers
        query, key = torch.randn(1, heads, queries, size), torch.randn(1, heads, keys, size)
        return [lambda: functional.scaled_dot_product_attention(query, key, key)]
    if operation == "groupNormSiLU":
        side, _, channels = numbers
        tensors = torch.randn(1, channels, side, side), torch.randn(channels), torch.randn(channels)
        return in_both_formats(lambda x, w, b: functional.silu(functional.group_norm(x, 32, w, b)), *tensors)
    tokens, channels = numbers
    x, weight, bias = torch.randn(1, tokens, channels), torch.randn(channels), torch.randn(channels)
    if operation == "upsampleNearest2x":
        image = x.reshape(1, 64, 64, channels).permute(0, 3, 1, 2).contiguous()
        return in_both_formats(lambda y: functional.interpolate(y, scale_factor=2.0, mode="nearest"), image)
    return [{
        "layerNorm": lambda: functional.layer_norm(x, (channels,), weight, bias),
        "geglu": lambda: (lambda hidden, gate: hidden * functional.gelu(gate))(*x.chunk(2, dim=-1)),
        "silu": lambda: functional.silu(x),
        "add": lambda: x + x,
        "softmax": lambda: functional.softmax(x, dim=-1),
    }[operation]]


def torch_network(name, model):
    """The run that computes a network of the model in diffusers, in its usual (contiguous) format."""
    from diffusers import AutoencoderKL, UNet2DConditionModel

    from compare_trace import FaceCondition, insert_adapter, load_state

    if name.startswith("vae"):
        network = AutoencoderKL.from_pretrained(model / "vae", torch_dtype=torch.float32).eval()
        latents, image = torch.randn(1, 4, 64, 64), torch.rand(1, 3, 512, 512) * 2 - 1
        return [(lambda: network.encode(image)) if "encode" in name else lambda: network.decode(latents / 0.18215)]
    network = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).eval()
    text_width = network.config.cross_attention_dim
    if "fact" in name:
        face = FaceCondition()
        face.tokens, face.weight = torch.randn(1, 16, text_width), 0.5
        insert_adapter(network, load_state(model / "face_adapter.safetensors"), face)
        network.eval()
    latents, text = torch.randn(1, 4, 64, 64), torch.randn(1, 77, text_width)
    return [lambda: network(latents, 500, text)]


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, metavar="DIR", help="a folder of make_random_model.py --full")
    parser.add_argument("--bench", type=Path, default=ROOT / ".build" / "release" / "facechain-bench")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    bench = Bench(arguments.bench, arguments.model, arguments.threads)
    unknown = set(arguments.names) - set(bench.names)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    print(f"{processor()}, {arguments.threads} threads, PyTorch {torch.__version__}, load average "
          f"{os.getloadavg()[0]:.1f} at the start\n")
    print(f"| {'case':32} | here, ms | PyTorch, ms | ratio | ratio of processor times |\n"
          f"|{'-' * 34}|---------:|------------:|------:|-------------------------:|")
    for name in arguments.names or bench.names:
        runs = torch_network(name, arguments.model) if arguments.model else torch_operation(name)
        here = theirs = (float("inf"), float("inf"))
        for _ in range(arguments.rounds):
            here = tuple(map(min, here, bench.milliseconds(name)))
            theirs = tuple(map(min, theirs, best_milliseconds(runs)))
        print(f"| {name:32} | {here[0]:8.1f} | {theirs[0]:11.1f} | {theirs[0] / here[0]:5.2f} "
              f"| {theirs[1] / here[1]:24.2f} |", flush=True)



if __name__ == "__main__":
    main()
