"""Weights that no file has to hold: this module and GeneratedWeights.swift make the same ones from a short list.

Element i of the list's tensor number n is offset + scale * u, in single precision, where u is number i of the SplitMix64
sequence with seed n (Steele, Lea and Flood, OOPSLA 2014): its upper 24 bits as a fraction in -1...1.
"""

import json
from pathlib import Path

import numpy as np
import torch

FIXTURES = Path(__file__).parent / "Fixtures"


def uniform(seed: int, count: int) -> np.ndarray:
    """`count` numbers in -1...1 with 24 bits each, float32."""
    with np.errstate(over="ignore"):
        bits = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)


def distribution(name: str, shape: torch.Size) -> tuple[float, float]:
    """Offset and scale: outputs of layers with ReLU keep about their size, normalizations halve it."""
    if len(shape) > 1:
        return 0, (6 / shape[1:].numel()) ** 0.5
    if name.endswith("running_var"):
        return 1, 0.5
    if name.endswith("running_mean"):
        return 0, 0.3
    return (0.5, 0.2) if name.endswith("weight") else (0, 0.1)


def generate(state_dict: dict[str, torch.Tensor], damped=()) -> tuple[dict[str, torch.Tensor], list[dict]]:
    """New values for all tensors, and the list that makes them; those whose name is in `damped` are 64 times smaller."""
    tensors, entries = {}, []
    for seed, (name, tensor) in enumerate(sorted(state_dict.items())):
        offset, scale = map(np.float32, distribution(name, tensor.shape))
        if name.endswith("num_batches_tracked"):
            offset, scale = np.float32(7), np.float32(0)
        if name in damped:
            scale /= np.float32(64)
        values = offset + scale * uniform(seed, tensor.numel())
        tensors[name] = torch.from_numpy(values).reshape(tensor.shape).to(tensor.dtype)
        entries.append(dict(name=name, shape=list(tensor.shape), offset=float(offset), scale=float(scale)))
    return tensors, entries


def save_list(entries: list[dict], name: str) -> None:
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    (FIXTURES / f"{name}.json").write_text(f"[\n{lines}\n]\n")
