"""Stage `restore`: makes a folder of runs from an exported model, to go on training where only its files are left.

    python3 -m training.restore --model ../Models/atelier --runs RUNS

Later stages read the products written here; `text_unet` and `adapter` begin from them. What an export does not
hold (optimizer state, weights in f32, the encoder's probes) is lost, which costs some hundred steps. Where the configuration
has got deeper since, UNet and ControlNet get the layers that are missing (`training.deepening`).
"""

import argparse
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

from training import runs
from training.controlnet import make_controlnet
from training.deepening import deepened
from training.encoder import RESAMPLER_PRODUCT
from training.networks.base import make_unet
from training.text_unet import ADAPTER_PRODUCT, base_state

RESAMPLER_PREFIX = "local_fac_prj."


def read(path: Path, prefix: str = "") -> dict:
    """An exported file's tensors in f32, with a prefix of their names removed."""
    return {key.removeprefix(prefix): value.float() for key, value in load_file(path).items()}


def restore(model: Path, folder: Path):
    adapter = read(model / "face_adapter.safetensors")
    resampler = {k.removeprefix(RESAMPLER_PREFIX): v for k, v in adapter.items() if k.startswith(RESAMPLER_PREFIX)}
    unet = make_unet()
    base = base_state(
        deepened(read(model / "unet" / "diffusion_pytorch_model.safetensors"), unet.state_dict()),
        read(model / "text_encoder" / "model.safetensors", "text_model."),
    )
    shutil.copytree(model / "tokenizer", folder / "tokenizer", dirs_exist_ok=True)
    for stage, name, state in (
        ("vae", runs.PRODUCT, read(model / "vae" / "diffusion_pytorch_model.safetensors")),
        ("encoder", runs.PRODUCT, read(model / "face_encoder.safetensors")),
        ("encoder", RESAMPLER_PRODUCT, resampler),
        ("text_unet", runs.PRODUCT, base),
        ("text_unet", ADAPTER_PRODUCT, adapter),
    ):
        (folder / stage).mkdir(parents=True, exist_ok=True)
        save_file(state, folder / stage / name)
    controlnet = model / "controlnet" / "diffusion_pytorch_model.safetensors"
    if controlnet.exists():
        (folder / "controlnet").mkdir(exist_ok=True)
        save_file(deepened(read(controlnet), make_controlnet(unet).state_dict()), folder / "controlnet" / runs.PRODUCT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="exported folder, such as Models/atelier")
    parser.add_argument("--runs", type=Path, required=True, help="folder without runs of its own")
    arguments = parser.parse_args()
    if any(arguments.runs.glob(f"*/{runs.CHECKPOINT}")):
        parser.error(f"{arguments.runs} holds checkpoints; restoring would mix two models")
    restore(arguments.model, arguments.runs)


if __name__ == "__main__":
    main()
