#!/usr/bin/env python3
"""Checks a trace of `facechain generate --trace FILE` against PyTorch, stage by stage.

Every stage is computed again with transformers and diffusers (and, for what those lack, with the plain PyTorch below)
from the stage's own inputs *in the trace*, so that an error stays where it arises. Prints the largest error of each
stage in parts of the stage's largest value; exits with 1 if any is beyond the tolerance, is not a number, or is absent.

    facechain generate --model DIR --photo p.jpg --prompt "a man" --steps 2 --seed 1 --trace t.safetensors --out p.png
    python3 Benchmarks/compare_trace.py --model DIR --photo p.jpg --picture p.png t.safetensors

`--picture` takes prompt, negative prompt, steps, sampler, guidance, seed and face weight from the portrait itself; each
may be given as an option instead. Needs torch, diffusers, transformers, safetensors, numpy and pillow.
"""

import argparse
import gc
import json
import re
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).parent.parent / "Tests" / "NetworksTests"))
from make_face_resampler_fixtures import HEAD_WIDTH, FaceResampler  # noqa: E402
from make_transface_fixtures import TransFace  # noqa: E402

# The corners of ArcFace's 112 x 112 alignment template: eyes, nose, mouth corners (arXiv:1801.07698).
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
FACE_SIDE = 112
ADAPTER_HEADS = 8


# Files ------------------------------------------------------------------------------------------------------------


def load_state(path: Path) -> dict[str, torch.Tensor]:
    """A state dictionary as float32, from safetensors or a PyTorch checkpoint."""
    if path.suffix == ".safetensors":
        state = load_file(path)
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)
        state = state.get("state_dict", state)
    return {
        name.removeprefix("module."): value.float() if value.is_floating_point() else value
        for name, value in state.items()
    }


def below(state: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def count_layers(state: dict[str, torch.Tensor], prefix: str) -> int:
    return len({name.split(".")[1] for name in state if name.startswith(prefix)})


def find(model: Path, given: Path | None, key: str) -> Path:
    """The file with a tensor of that name: as given, or the one in or beside the model's folder."""
    if given:
        return given
    for folder in (model, model.parent):
        for path in sorted(folder.glob("*")):
            if path.suffix == ".safetensors" and key in load_file(path):
                return path
            if path.suffix in {".ckpt", ".pt", ".pth", ".bin"} and key in load_state(path):
                return path
    sys.exit(f"no file in {model} has the tensor {key}: name it with --adapter or --encoder")


# Faces ------------------------------------------------------------------------------------------------------------


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Least-squares similarity transform, [2, 3] (Umeyama, IEEE PAMI 13, 1991)."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    a, b = source - source_mean, target - target_mean
    u, singular, vt = np.linalg.svd(b.T @ a / len(source))
    signs = np.array([1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ np.diag(signs) @ vt
    scale = (singular * signs).sum() / a.var(0).sum()
    return np.column_stack([scale * rotation, target_mean - scale * rotation @ source_mean])


def aligned(photo: np.ndarray, landmarks: np.ndarray) -> torch.Tensor:
    """The face, [3, 112, 112] from -1 to 1: bilinear, black beyond the photo."""
    transform = np.vstack([similarity(landmarks, TEMPLATE), [0, 0, 1]])
    inverse = np.linalg.inv(transform)
    y, x = np.mgrid[:FACE_SIDE, :FACE_SIDE]
    sx, sy = (inverse @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)]))[:2]
    left, top = np.floor(sx).astype(int), np.floor(sy).astype(int)
    height, width = photo.shape[:2]
    result = np.zeros((x.size, 3))
    for dy in (0, 1):
        for dx in (0, 1):
            px, py = left + dx, top + dy
            weight = (1 - abs(sx - px)) * (1 - abs(sy - py))
            inside = (px >= 0) & (px < width) & (py >= 0) & (py < height)
            result[inside] += weight[inside, None] * photo[py[inside], px[inside]]
    face = torch.from_numpy(result.reshape(FACE_SIDE, FACE_SIDE, 3)).permute(2, 0, 1)
    return (face / 127.5 - 1).float()


def detected_landmarks(photo: np.ndarray) -> np.ndarray | None:
    """Five points of the largest face by facenet-pytorch, or nothing if that is not installed."""
    try:
        from facenet_pytorch import MTCNN
    except ImportError:
        return None
    _, _, landmarks = MTCNN(keep_all=True, select_largest=True).detect(photo, landmarks=True)
    return None if landmarks is None else landmarks[0].astype(np.float64)


def make_encoder(state: dict[str, torch.Tensor], heads: int) -> TransFace:
    width, _, patch, _ = state["patch_embed.proj.weight"].shape
    embedding = state["feature.0.weight"].shape[0] if "feature.0.weight" in state else 8
    hidden = state["blocks.0.mlp.fc1.weight"].shape[0]
    encoder = TransFace(FACE_SIDE, patch, width, hidden, count_layers(state, "blocks."), heads, embedding)
    missing, unexpected = encoder.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.startswith(("senet", "feature", "mask_token"))]
    assert not missing and not unexpected, (missing, unexpected)
    return encoder.eval()


def make_resampler(state: dict[str, torch.Tensor]) -> FaceResampler:
    _, queries, width = state["latents"].shape
    heads = state["layers.0.0.to_q.weight"].shape[0] // HEAD_WIDTH
    resampler = FaceResampler(
        state["proj_in.weight"].shape[1], width, state["layers.0.1.1.weight"].shape[0],
        state["proj_out.weight"].shape[0], count_layers(state, "layers."), heads, queries)
    resampler.load_state_dict(state)
    return resampler.eval()


# UNet with adapter ------------------------------------------------------------------------------------------------


class FaceCondition:
    """The face tokens and the adapter weight, which the UNet's own arguments have no place for."""

    tokens: torch.Tensor | None = None
    weight: float = 0


class GatedSelfAttention(torch.nn.Module):
    """A layer of the FACT adapter: self-attention over image and face tokens, then feed-forward, both gated."""

    def __init__(self, channels: int, face_channels: int):
        super().__init__()
        self.linear = torch.nn.Linear(face_channels, channels)
        self.attn = torch.nn.ModuleDict({
            "to_q": torch.nn.Linear(channels, channels, bias=False),
            "to_k": torch.nn.Linear(channels, channels, bias=False),
            "to_v": torch.nn.Linear(channels, channels, bias=False),
            "to_out": torch.nn.ModuleList([torch.nn.Linear(channels, channels)]),
        })
        self.ff = torch.nn.ModuleDict({
            "net": torch.nn.ModuleDict({
                "0": torch.nn.ModuleDict({"proj": torch.nn.Linear(channels, 8 * channels)}),
                "2": torch.nn.Linear(4 * channels, channels),
            })
        })
        self.norm1 = torch.nn.LayerNorm(channels)
        self.norm2 = torch.nn.LayerNorm(channels)
        self.alpha_attn = torch.nn.Parameter(torch.zeros(()))
        self.alpha_dense = torch.nn.Parameter(torch.zeros(()))

    def self_attention(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (
            self.attn[name](x).unflatten(-1, (ADAPTER_HEADS, -1)).transpose(1, 2) for name in ("to_q", "to_k", "to_v"))
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return self.attn["to_out"][0](y.transpose(1, 2).flatten(2))

    def feed_forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, gate = self.ff["net"]["0"]["proj"](x).chunk(2, dim=-1)
        return self.ff["net"]["2"](hidden * torch.nn.functional.gelu(gate))

    def forward(self, h: torch.Tensor, face: FaceCondition) -> torch.Tensor:
        both = torch.cat([h, self.linear(face.tokens)], dim=1)
        increment = self.self_attention(self.norm1(both))[:, : h.shape[1]]
        h = h + face.weight * self.alpha_attn.tanh() * increment
        return h + face.weight * self.alpha_dense.tanh() * self.feed_forward(self.norm2(h))


def insert_adapter(unet: torch.nn.Module, state: dict[str, torch.Tensor], face: FaceCondition) -> int:
    """Puts a layer of the adapter between self-attention and text attention of every transformer block."""
    count = 0
    for name, block in list(unet.named_modules()):
        if not name.endswith(".transformer_blocks.0"):
            continue
        weights = below(state, f"{name}.attn2.processor.")
        channels, face_channels = weights["linear.weight"].shape
        layer = GatedSelfAttention(channels, face_channels)
        own_norm = below(weights, "ln.")
        layer.load_state_dict({key: value for key, value in weights.items() if not key.startswith("ln.")})
        if own_norm:
            block.norm2.load_state_dict(own_norm)

        def forward(h, encoder_hidden_states=None, block=block, layer=layer, **_):
            h = h + block.attn1(block.norm1(h))
            if face.weight != 0:
                h = layer(h, face)
            h = h + block.attn2(block.norm2(h), encoder_hidden_states=encoder_hidden_states)
            return h + block.ff(block.norm3(h))

        block.forward = forward
        count += 1
    return count


def make_scheduler(sampler: str, config: dict):
    import diffusers

    classes = {
        "pndm": (diffusers.PNDMScheduler, {"skip_prk_steps": True}),
        "plms": (diffusers.PNDMScheduler, {"skip_prk_steps": True}),
        "ddim": (diffusers.DDIMScheduler, {}),
        "euler": (diffusers.EulerDiscreteScheduler, {}),
        "eulera": (diffusers.EulerAncestralDiscreteScheduler, {}),
        "eulerancestral": (diffusers.EulerAncestralDiscreteScheduler, {}),
        "dpm++2m": (diffusers.DPMSolverMultistepScheduler, {}),
        "dpm++2mkarras": (diffusers.DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
        "unipc": (diffusers.UniPCMultistepScheduler, {}),
        "lcm": (diffusers.LCMScheduler, {}),
    }
    key = re.sub(r"[ _-]", "", sampler.lower())
    if key not in classes:
        sys.exit(f"unknown sampler {sampler}: {', '.join(classes)}")
    scheduler, changes = classes[key]
    return scheduler.from_config(config, **changes)


# Comparison -------------------------------------------------------------------------------------------------------


class Report:
    """Collects the largest relative error of each stage."""

    def __init__(self, trace: dict[str, torch.Tensor], tolerance: float):
        self.trace = trace
        self.tolerance = tolerance
        self.failed = False
        print(f"{'stage':<22} {'shape':<22} {'error':>9}")

    def compare(self, name: str, expected: torch.Tensor) -> None:
        if name not in self.trace:
            self.failed = True
            print(f"{name:<22} is not in the trace")
            return
        found = self.trace[name].double()
        if found.shape != expected.shape:
            self.failed = True
            print(f"{name:<22} has shape {list(found.shape)}, PyTorch's has {list(expected.shape)}")
            return
        error = ((found - expected.double()).abs().max() / expected.double().abs().max()).item()
        passed = error <= self.tolerance  # false for NaN
        self.failed |= not passed
        shape = " ".join(str(side) for side in found.shape)
        print(f"{name:<22} {shape:<22} {error:9.2e}{'' if passed else '  TOO LARGE'}", flush=True)

    def skip(self, name: str, reason: str) -> None:
        print(f"{name:<22} not compared: {reason}")


def compare_faces(report: Report, options: argparse.Namespace) -> None:
    trace = report.trace
    if options.photo:
        faces = []
        for index, path in enumerate(options.photo):
            photo = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            pixels = np.asarray(photo).astype(np.float64)
            given = options.landmarks if index == 0 else None
            landmarks = detected_landmarks(np.asarray(photo)) if given is None else given
            if landmarks is None:
                report.skip("face.aligned", "no --landmarks, and facenet-pytorch is not installed or finds no face")
                break
            if max(photo.size) > 1000:
                report.skip("face.aligned", f"{path} is larger than 1000 pixels, so the program made it smaller first")
                break
            faces.append(aligned(pixels, landmarks))
        else:
            report.compare("face.aligned", torch.stack(faces))
    else:
        report.skip("face.aligned", "no --photo")

    encoder = make_encoder(load_state(find(options.model, options.encoder, "patch_embed.proj.weight")),
                           options.encoder_heads)
    report.compare("face.tokens", encoder.tokens(trace.get("face.heads", trace["face.aligned"])))


def compare_embeds(report: Report, adapter: dict[str, torch.Tensor]) -> None:
    resampler = make_resampler(below(adapter, "local_fac_prj."))
    tokens = report.trace["face.tokens"]
    report.compare("face.embeds", resampler(tokens).flatten(0, 1)[None])
    report.compare("face.embeds.uncond", resampler(torch.zeros_like(tokens)).flatten(0, 1)[None])


def compare_text(report: Report, options: argparse.Namespace) -> None:
    from transformers import CLIPTextModel, CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(options.model / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(options.model / "text_encoder", torch_dtype=torch.float32).eval()
    for name, text in (("text.cond", options.prompt), ("text.uncond", options.negative)):
        if text is None:
            report.skip(name, "no prompt given")
            continue
        tokens = tokenizer(text, padding="max_length", max_length=77, truncation=True, return_tensors="pt")
        report.compare(name, encoder(tokens.input_ids)[0])


class Poses:
    """A portrait's ControlNets, each with the skeleton in the trace that it followed."""

    def __init__(self, trace: dict[str, torch.Tensor], options: argparse.Namespace):
        from diffusers import ControlNetModel

        self.settings = options.controls or []
        folders = options.controlnet or [options.model / "controlnet"] * len(self.settings)
        self.networks = [
            ControlNetModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
            for folder, _ in zip(folders, self.settings, strict=True)
        ]
        self.pictures = [trace[f"pose.{number + 1}"] for number in range(len(self.settings))]

    def residuals(self, latents, timestep, text, begin: float, end: float) -> dict:
        """What the UNet is to add at a step, as its arguments."""
        downs, middles = [], []
        for network, picture, setting in zip(self.networks, self.pictures, self.settings):
            if setting["start"] <= begin and end <= setting["end"]:
                pictures = picture.repeat(len(latents), 1, 1, 1)
                answer = network(latents, timestep, text, pictures, setting["weight"], return_dict=False)
                downs.append(answer[0])
                middles.append(answer[1])
        if not downs:
            return {}
        return dict(
            down_block_additional_residuals=[sum(states) for states in zip(*downs)],
            mid_block_additional_residual=sum(middles))


def compare_denoising(report: Report, options: argparse.Namespace, adapter: dict[str, torch.Tensor]) -> None:
    from diffusers import PNDMScheduler, UNet2DConditionModel

    trace = report.trace
    unet = UNet2DConditionModel.from_pretrained(options.model / "unet", torch_dtype=torch.float32).eval()
    face = FaceCondition()
    insert_adapter(unet, adapter, face)
    # At a guidance of 1 or below, only the conditional branch runs.
    branches = ["uncond", "cond"] if options.cfg > 1 else ["cond"]
    face.tokens = torch.cat([trace[f"face.embeds{'.uncond' * (branch == 'uncond')}"] for branch in branches])
    text = torch.cat([trace[f"text.{branch}"] for branch in branches])
    poses = Poses(trace, options)

    scheduler = make_scheduler(options.sampler, PNDMScheduler.load_config(options.model / "scheduler"))
    scheduler.set_timesteps(options.steps)
    timesteps = scheduler.timesteps
    generator = torch.Generator().manual_seed(options.seed)
    if options.latents:
        noise = load_state(options.latents)["latents"]
    else:
        noise = torch.randn(trace["latents.0"].shape, generator=generator)
    report.compare("latents.0", noise * scheduler.init_noise_sigma)

    for index, timestep in enumerate(timesteps):
        if f"latents.{index}" not in trace:
            report.compare(f"latents.{index}", noise)
            return
        latents = trace[f"latents.{index}"]
        begin, end = index / len(timesteps), (index + 1) / len(timesteps)
        face.weight = options.id_weight if options.id_start <= begin and end <= options.id_end else 0
        scaled = scheduler.scale_model_input(latents, timestep)
        shown = torch.cat([scaled] * len(branches))
        predicted = unet(shown, timestep, text, **poses.residuals(shown, timestep, text, begin, end)).sample
        if options.cfg > 1:
            unconditional, conditional = predicted.chunk(2)
            noise = unconditional + options.cfg * (conditional - unconditional)
        else:
            noise = predicted
        extra = {"generator": generator} if "generator" in scheduler.step.__code__.co_varnames else {}
        report.compare(f"latents.{index + 1}", scheduler.step(noise, timestep, latents, **extra).prev_sample)


def compare_image(report: Report, options: argparse.Namespace) -> None:
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(options.model / "vae", torch_dtype=torch.float32).eval()
    last = max(int(name.split(".")[1]) for name in report.trace if name.startswith("latents."))
    image = vae.decode(report.trace[f"latents.{last}"] / vae.config.scaling_factor).sample
    report.compare("image", (image[0] / 2 + 0.5).clamp(0, 1))


# Options ----------------------------------------------------------------------------------------------------------


def settings_of(picture: Path) -> dict:
    """What a portrait says of itself: the JSON in its `facechain` text chunk."""
    request = json.loads(Image.open(picture).text["facechain"])
    if request["loras"]:
        sys.exit(f"{picture} was made with LoRAs, which this script does not merge")
    names = {
        "prompt": "prompt", "negative": "negativePrompt", "steps": "steps", "sampler": "sampler",
        "cfg": "guidanceScale", "seed": "seed", "id_weight": "identityWeight", "id_start": "identityStart",
        "id_end": "identityEnd", "controls": "controls",
    }
    return {option: request[name] for option, name in names.items() if name in request}


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="a folder with unet, vae, text_encoder, ...")
    parser.add_argument("--adapter", type=Path, help="default: the file in or beside the model that has one")
    parser.add_argument("--encoder", type=Path, help="default: the file in or beside the model that has one")
    parser.add_argument("--encoder-heads", type=int, default=8)
    parser.add_argument("--photo", type=Path, action="append", help="may be repeated")
    parser.add_argument("--landmarks", help="x,y,... of five points in the first photo, as given to facechain")
    parser.add_argument("--picture", type=Path, help="the portrait, whose text chunk tells what is not given here")
    parser.add_argument("--prompt", help="the whole text that was encoded, with what a style adds")
    parser.add_argument("--negative")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--sampler")
    parser.add_argument("--cfg", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--latents", type=Path, help="the file of initial noise, as given to facechain")
    parser.add_argument("--controlnet", type=Path, action="append",
                        help="a ControlNet's folder, one for each pose of --picture (default: the model's)")
    parser.add_argument("--id-weight", type=float)
    parser.add_argument("--id-start", type=float)
    parser.add_argument("--id-end", type=float)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.set_defaults(controls=None)
    options = parser.parse_args()
    defaults = {
        "prompt": None, "negative": None, "steps": None, "sampler": "pndm", "cfg": 7.0, "seed": 0, "id_weight": 0.5,
        "id_start": 0.0, "id_end": 1.0, "controls": [],
    }
    if options.picture:
        defaults |= settings_of(options.picture)
    for name, value in defaults.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.steps is None:
        parser.error("give --steps or --picture")
    if options.landmarks:
        options.landmarks = np.array([float(value) for value in options.landmarks.split(",")]).reshape(5, 2)
    return options


def main() -> None:
    torch.set_grad_enabled(False)
    options = parse_options()
    report = Report(load_file(options.trace), options.tolerance)
    compare_faces(report, options)
    adapter = load_state(find(options.model, options.adapter, "local_fac_prj.latents"))
    compare_embeds(report, adapter)
    compare_text(report, options)
    gc.collect()
    compare_denoising(report, options, adapter)
    del adapter
    gc.collect()
    compare_image(report, options)
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
