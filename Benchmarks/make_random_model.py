#!/usr/bin/env python3
"""Writes a model of random weights in the released layout, to compare any stage with PyTorch and to measure speed.

    make_random_model.py --tiny DIR              small networks of Stable Diffusion 1.5's shape (about 20 MB)
    make_random_model.py --full --half DIR       the real sizes: UNet, VAE, text encoder, 16 adapter layers,
                                                 resampler, TransFace-S (2.9 GB; 5.7 GB without --half)
    … --torch                                    .bin, .ckpt and .pt files instead of .safetensors
    … --single FILE.safetensors|FILE.ckpt        the three networks also as a single-file checkpoint (repeatable)

Every tensor is drawn from its own generator, seeded with its name, so all forms of one seed hold the same numbers.
Weights have the variance that keeps activations near 1, the adapter's gates are open (0.3 to 0.5), and no bias or
scale is trivial: a network that forgets one gives another picture.

DIR then holds model_index.json, unet, vae, text_encoder, tokenizer, scheduler (a diffusers folder), and
face_adapter.safetensors|ckpt and face_encoder.safetensors|pt with FACT's names.

Needs torch, diffusers, transformers; at most 6 GB of memory (--torch and --single FILE.ckpt hold a file at a time).
"""

import argparse
import json
import math
import os
import struct
import sys
import zlib
from pathlib import Path

import torch

import random_model_layout as layout

DTYPE_NAMES = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}


class RandomTensors:
    """The numbers of every tensor, made when asked for."""

    def __init__(self, seed, dtype):
        self.seed = seed
        self.dtype = dtype

    def __call__(self, group, name, shape):
        """`group` keeps equally named tensors of two networks apart."""
        if name.endswith("num_batches_tracked"):
            return torch.tensor(1)
        generator = torch.Generator().manual_seed(zlib.crc32(f"{group}.{name}".encode()) ^ self.seed)
        draw = torch.randn(shape, generator=generator)
        return self.scaled(name, draw).to(self.dtype)

    @staticmethod
    def scaled(name, draw):
        leaf = name.rsplit(".", 1)[-1]
        if leaf.startswith("alpha_"):
            return 0.4 + 0.1 * torch.tanh(draw)
        if leaf == "running_var":
            return 1 + 0.2 * torch.tanh(draw)
        if leaf in ("pos_embed", "latents"):
            return 0.5 * draw
        if "embedding.weight" in name:
            return 0.02 * draw
        if draw.ndim < 2:
            return 0.1 * draw + (1 if leaf == "weight" else 0)
        # The picture's last layer: most of its values stay within -1 to 1.
        gain = 0.4 if name == "decoder.conv_out.weight" else 1
        return draw * (gain / math.sqrt(math.prod(draw.shape[1:])))


def write_safetensors(path, entries):
    """`entries`: name -> (shape, dtype, function that makes the tensor). Tensors are made one at a time."""
    header, offset = {}, 0
    for name, (shape, dtype, _) in entries.items():
        size = math.prod(shape) * dtype.itemsize
        header[name] = {"dtype": DTYPE_NAMES[dtype], "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, make in entries.values():
            tensor = make()
            file.write(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)


def write_torch(path, entries, wrap):
    torch.save(wrap({name: make() for name, (_, _, make) in entries.items()}), path)


def write(path, entries, wrap=lambda tensors: tensors):
    if path.suffix == ".safetensors":
        write_safetensors(path, entries)
    else:
        write_torch(path, entries, wrap)
    print(f"{path}  {len(entries)} tensors, {path.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def entry(tensors, group, name, shape, stored_shape=None):
    dtype = torch.int64 if name.endswith("num_batches_tracked") else tensors.dtype
    stored_shape = shape if stored_shape is None else stored_shape
    return stored_shape, dtype, lambda: tensors(group, name, shape).reshape(stored_shape)


def write_folder(folder, shapes, face, tensors, use_torch):
    names = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model",
             "text_encoder": "pytorch_model" if use_torch else "model"}
    for component, stem in names.items():
        write(folder / component / f"{stem}.{'bin' if use_torch else 'safetensors'}",
              {name: entry(tensors, component, name, shape) for name, shape in shapes[component].items()})
    for stem, suffix, face_shapes in (
        ("face_adapter", ".ckpt", layout.adapter_shapes(shapes["unet"], face)),
        ("face_encoder", ".pt", layout.encoder_shapes(face)),
    ):
        write(folder / f"{stem}{suffix if use_torch else '.safetensors'}",
              {name: entry(tensors, stem, name, shape) for name, shape in face_shapes.items()})


def write_single_file(path, shapes, tensors):
    entries = {}
    for (component, name), (single, stored_shape) in layout.single_file_names(shapes).items():
        entries[single] = entry(tensors, component, name, shapes[component][name], stored_shape)
    # Released checkpoints carry these too; readers must know to leave them.
    positions = torch.arange(77)[None]
    entries["cond_stage_model.transformer.text_model.embeddings.position_ids"] = (
        positions.shape, torch.int64, lambda: positions)
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    entries["betas"] = (betas.shape, torch.float32, lambda: betas)
    write(path, entries, wrap=lambda state: {"epoch": 0, "global_step": 0, "state_dict": state})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--tiny", action="store_true", help="small networks")
    size.add_argument("--full", action="store_true", help="the real sizes")
    parser.add_argument("--half", action="store_true", help="16-bit floats instead of 32-bit")
    parser.add_argument("--torch", action="store_true", help="PyTorch files instead of safetensors")
    parser.add_argument("--single", type=Path, action="append", default=[], metavar="FILE",
                        help="also a single-file checkpoint, .safetensors or .ckpt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("folder", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    for path in arguments.single:
        if path.suffix not in (".safetensors", ".ckpt"):
            parser.error(f"--single {path}: the name must end in .safetensors or .ckpt")
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    tensors = RandomTensors(arguments.seed, torch.float16 if arguments.half else torch.float32)
    face = layout.TINY_FACE if arguments.tiny else layout.FULL_FACE
    arguments.folder.mkdir(parents=True, exist_ok=True)
    shapes = layout.write_configurations(arguments.folder, arguments.tiny)
    write_folder(arguments.folder, shapes, face, tensors, arguments.torch)
    for path in arguments.single:
        write_single_file(path, shapes, tensors)


if __name__ == "__main__":
    main()
