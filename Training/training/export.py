"""Stage `export`: writes the trained networks as the folder that the program reads (f16, released key names).

    python3 -m training.export --runs RUNS --out ../Models/atelier [--perception ../Models/perception] [--styles ../Styles]

Every network comes from `product.safetensors` of its run; `--random` takes untrained networks instead, to
develop against files of the right form.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from diffusers import PNDMScheduler
from safetensors.torch import load_file, save_file

from training import configuration, runs, world
from training.cache import load_autoencoder, load_face_encoder
from training.controlnet import make_controlnet
from training.networks.base import make_autoencoder, make_text_encoder, make_unet
from training.networks.face_adapter import HEAD_COUNT, FaceAdapter
from training.networks.face_encoder import FaceEncoder
from training.text_unet import adapter_product
from training.tokenizer import Tokenizer

# Stages whose networks find people in drawn pictures, and the names of their files.
DETECTORS = {
    "face_detector": "drawn_faces.safetensors",
    "body_detector": "drawn_bodies.safetensors",
    "head_segmenter": "drawn_heads.safetensors",
}
JUDGES = {"recogniser": "recogniser.safetensors", "observer": "observer.safetensors"}


class Networks:
    """All networks of the model, with loading of whatever a folder of runs already holds."""

    def __init__(self, vocabulary_size: int):
        self.autoencoder = make_autoencoder()
        self.text_encoder = make_text_encoder(vocabulary_size)
        self.unet = make_unet()
        self.face_encoder = FaceEncoder(**configuration.FACE_ENCODER)
        self.adapter = FaceAdapter(self.unet, configuration.RESAMPLER)
        self.controlnet = None

    def load(self, folder: Path):
        self.autoencoder = load_autoencoder(folder)
        self.face_encoder = load_face_encoder(folder)
        base = load_file(folder / "text_unet" / runs.PRODUCT)
        self.unet.load_state_dict(_below(base, "unet."))
        self.text_encoder.load_state_dict(_below(base, "text_encoder."))
        self.adapter.load_adapter_state_dict(load_file(adapter_product(folder)))
        controlnet = folder / "controlnet" / runs.PRODUCT
        if controlnet.exists():
            self.controlnet = make_controlnet(self.unet)
            self.controlnet.load_state_dict(load_file(controlnet))


def _below(state: dict, prefix: str) -> dict:
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


def write_half(state: dict, path: Path):
    """Writes f16 copies; a weight that f16 cannot hold is an error, not an infinity in the file."""
    halved = {}
    for key, value in state.items():
        if value.dtype == torch.int64:
            continue  # BatchNorm's counter of batches: of no use after training
        halved[key] = value.detach().to("cpu", torch.float16).contiguous()
        if not halved[key].isfinite().all():
            raise ValueError(f"{key} does not fit f16")
    save_file(halved, path, metadata={"format": "pt"})
    path.chmod(0o644)  # safetensors leaves files that only their owner can read


def save_diffusers(network, folder: Path):
    """A network's config.json and its weights under diffusers' file name."""
    network.save_config(folder)
    write_half(network.state_dict(), folder / "diffusion_pytorch_model.safetensors")


def save_transformers(network, folder: Path):
    folder.mkdir(parents=True)
    settings = network.config.to_diff_dict() | {"architectures": ["CLIPTextModel"]}
    settings |= configuration.text_encoder(network.config.vocab_size)
    (folder / "config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    # Released text encoders name everything below `text_model.`; newer transformers drop it in memory.
    state = {f"text_model.{key.removeprefix('text_model.')}": v for key, v in network.state_dict().items()}
    state = {key: value for key, value in state.items() if not key.endswith("position_ids")}
    write_half(state, folder / "model.safetensors")


def export(networks: Networks, tokenizer: Path, out: Path):
    out.mkdir(parents=True, exist_ok=True)
    for part in ("tokenizer", "text_encoder", "unet", "vae", "scheduler", "controlnet"):
        shutil.rmtree(out / part, ignore_errors=True)
    shutil.copytree(tokenizer, out / "tokenizer")
    save_transformers(networks.text_encoder, out / "text_encoder")
    save_diffusers(networks.unet, out / "unet")
    save_diffusers(networks.autoencoder, out / "vae")
    if networks.controlnet:
        save_diffusers(networks.controlnet, out / "controlnet")
    PNDMScheduler(**configuration.SCHEDULER).save_pretrained(out / "scheduler")
    _write_json(out / "profile.json", configuration.PROFILE)
    _write_json(out / "model_index.json", {
        "_class_name": "StableDiffusionPipeline",
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "safety_checker": [None, None],
        "requires_safety_checker": False,
    })
    write_half(networks.adapter.adapter_state_dict(), out / "face_adapter.safetensors")
    _write_json(out / "face_adapter.json", {
        "num_attention_heads": HEAD_COUNT,
        "num_tokens": configuration.FACE_TOKEN_COUNT,
        "token_dim": configuration.FACE_TOKEN_DIMENSION,
        "resampler_dim": configuration.RESAMPLER["dim"],
        "resampler_depth": configuration.RESAMPLER["depth"],
        "resampler_heads": configuration.RESAMPLER["heads"],
        "resampler_head_dim": configuration.RESAMPLER["dim_head"],
    })
    write_half(networks.face_encoder.state_dict(), out / "face_encoder.safetensors")
    _write_json(out / "face_encoder.json", configuration.FACE_ENCODER)


def export_single(names: dict[str, str], folder: Path, out: Path):
    """Networks that stand alone in a file, as far as their stages have run."""
    out.mkdir(parents=True, exist_ok=True)
    for stage, name in names.items():
        product = folder / stage / runs.PRODUCT
        if product.exists():
            write_half(load_file(product), out / name)


def _write_json(path: Path, content: dict):
    path.write_text(json.dumps(content, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--perception", type=Path, help="where the detectors for drawn people go")
    parser.add_argument("--styles", type=Path, help="where the styles' LoRAs go")
    parser.add_argument("--judges", action="store_true", help="also the networks that measure portraits, into judges/")
    parser.add_argument("--random", action="store_true", help="untrained networks, seed 0")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    tokenizer = arguments.runs / "tokenizer"
    networks = Networks(len(Tokenizer(tokenizer)))
    if not arguments.random:
        networks.load(arguments.runs)
    export(networks, tokenizer, arguments.out)
    if arguments.perception:
        export_single(DETECTORS, arguments.runs, arguments.perception)
    if arguments.styles:
        export_single({f"styles/{style.name}": f"{style.name}.safetensors" for style in world.STYLES}, arguments.runs, arguments.styles)
    if arguments.judges:
        export_single(JUDGES, arguments.runs, configuration.JUDGES)
    total = sum(file.stat().st_size for file in arguments.out.rglob("*") if file.is_file())
    print(f"{arguments.out}: {total / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
