"""The names and shapes of the released files: diffusers folders, single-file checkpoints, FACT's adapter and encoder.

Shapes of the Stable Diffusion networks come from diffusers and transformers themselves (built without memory on the
"meta" device), so that they cannot drift from what those libraries load. FACT's two files have no such library; their
layout is written out here, after arXiv 2410.12312 (adapter, resampler) and the TransFace repository's state
dictionary (encoder).
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

RELEASED = Path(__file__).parent.parent / "Models" / "stable-diffusion-v1"
COMPONENTS = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}

# Stable Diffusion 1.5's shape in small: four levels, two layers a block, eight heads, attention on three levels.
TINY = {
    "unet": dict(block_out_channels=[16, 32, 64, 64], cross_attention_dim=64, sample_size=8, norm_num_groups=8),
    "vae": dict(block_out_channels=[8, 16, 32, 32], norm_num_groups=4, sample_size=64),
    "text_encoder": dict(hidden_size=64, intermediate_size=128, num_attention_heads=4, num_hidden_layers=2,
                         projection_dim=64),
}
FULL_FACE = dict(tokens=144, patch=9, width=512, depth=12, hidden=2048, embedding=512,
                 queries=16, inner=1024, resampler_depth=4, attention=768, feed_forward=4096)
TINY_FACE = dict(tokens=144, patch=9, width=64, depth=2, hidden=128, embedding=64,
                 queries=16, inner=64, resampler_depth=2, attention=128, feed_forward=128)
TINY_WORDS = """a man woman boy girl children handsome beautiful mature portrait photo of in the with and raw masterpiece
upper_body solo medium shot high detail face photorealistic best quality low blurry old young year red coat blue hat
green eyes hair long short beard smiling oil painting film light studio sea mountain snow knight armour""".split()


def write_configurations(folder, tiny):
    """Writes model_index.json, scheduler, tokenizer and each network's config.json; returns the networks' shapes."""
    shutil.copytree(RELEASED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("README*", "LICENSE*"))
    if tiny:
        sizes = dict(TINY, text_encoder=dict(TINY["text_encoder"], vocab_size=write_tokenizer(folder / "tokenizer")))
        for component, changes in sizes.items():
            path = folder / component / "config.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | changes, indent=2) + "\n")
    return {component: component_shapes(folder, component) for component in COMPONENTS}


def component_shapes(folder, component):
    configuration = json.loads((folder / component / "config.json").read_text())
    with torch.device("meta"):
        if component == "text_encoder":
            network = CLIPTextModel(CLIPTextConfig(**configuration))
        else:
            network = COMPONENTS[component].from_config(configuration)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    if component == "text_encoder":
        # transformers 5 drops the prefix that the released files have.
        shapes = {f"text_model.{name.removeprefix('text_model.')}": shape for name, shape in shapes.items()
                  if not name.endswith("position_ids")}
    return shapes


def write_tokenizer(folder):
    """A small vocabulary of CLIP's form: the byte symbols, the same ending a word, merges, start and end token."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    symbols = [chr(byte) for byte in printable] + [chr(256 + index) for index in range(256 - len(printable))]
    merges = {}
    for word in TINY_WORDS:
        for piece in word.split("_"):
            parts = [*piece[:-1], piece[-1] + "</w>"]
            while len(parts) > 1:
                merges[f"{parts[0]} {parts[1]}"] = None
                parts[:2] = [parts[0] + parts[1]]
    tokens = [*symbols, *(f"{symbol}</w>" for symbol in symbols), *(merge.replace(" ", "") for merge in merges),
              "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")
    return len(vocabulary)


def adapter_shapes(unet_shapes, face):
    """FACT's adapter file: one gated self-attention layer for each transformer block, and the resampler."""
    marker = ".transformer_blocks.0.attn2.to_q.weight"
    shapes = {}
    for name, (channels, _) in ((n, s) for n, s in unet_shapes.items() if n.endswith(marker)):
        prefix = name.removesuffix("to_q.weight") + "processor"
        cross_width = unet_shapes[name.replace("to_q", "to_k")][1]
        shapes |= {
            f"{prefix}.alpha_attn": (), f"{prefix}.alpha_dense": (),
            f"{prefix}.linear.weight": (channels, cross_width), f"{prefix}.linear.bias": (channels,),
            **{f"{prefix}.attn.to_{part}.weight": (channels, channels) for part in "qkv"},
            f"{prefix}.attn.to_out.0.weight": (channels, channels), f"{prefix}.attn.to_out.0.bias": (channels,),
            f"{prefix}.ff.net.0.proj.weight": (8 * channels, channels), f"{prefix}.ff.net.0.proj.bias": (8 * channels,),
            f"{prefix}.ff.net.2.weight": (channels, 4 * channels), f"{prefix}.ff.net.2.bias": (channels,),
            **norm(f"{prefix}.norm1", channels), **norm(f"{prefix}.norm2", channels),
        }
    return shapes | resampler_shapes(face, cross_width)


def resampler_shapes(face, output_width):
    inner, attention = face["inner"], face["attention"]
    shapes = {
        "latents": (1, face["queries"], inner),
        "proj_in.weight": (inner, face["width"]), "proj_in.bias": (inner,),
        "proj_out.weight": (output_width, inner), "proj_out.bias": (output_width,),
        **norm("norm_out", output_width),
    }
    for layer in range(face["resampler_depth"]):
        shapes |= {
            **norm(f"layers.{layer}.0.norm1", inner), **norm(f"layers.{layer}.0.norm2", inner),
            f"layers.{layer}.0.to_q.weight": (attention, inner),
            f"layers.{layer}.0.to_kv.weight": (2 * attention, inner),
            f"layers.{layer}.0.to_out.weight": (inner, attention),
            **norm(f"layers.{layer}.1.0", inner),
            f"layers.{layer}.1.1.weight": (face["feed_forward"], inner),
            f"layers.{layer}.1.3.weight": (inner, face["feed_forward"]),
        }
    return {f"local_fac_prj.{name}": shape for name, shape in shapes.items()}


def encoder_shapes(face):
    """TransFace's state dictionary, with the head that only a similarity score needs."""
    width, tokens, embedding = face["width"], face["tokens"], face["embedding"]
    shapes = {
        "pos_embed": (1, tokens, width), "mask_token": (1, 1, width),
        "patch_embed.proj.weight": (width, 3, face["patch"], face["patch"]), "patch_embed.proj.bias": (width,),
        **norm("norm", width),
        "senet.0.weight": (tokens, tokens * width), "senet.2.weight": (tokens, tokens),
        "feature.0.weight": (embedding, tokens * width), **batch_norm("feature.1", embedding),
        "feature.2.weight": (embedding, embedding), **batch_norm("feature.3", embedding),
    }
    for block in range(face["depth"]):
        prefix = f"blocks.{block}"
        shapes |= {
            **norm(f"{prefix}.norm1", width), **norm(f"{prefix}.norm2", width),
            f"{prefix}.attn.qkv.weight": (3 * width, width),
            f"{prefix}.attn.proj.weight": (width, width), f"{prefix}.attn.proj.bias": (width,),
            f"{prefix}.mlp.fc1.weight": (face["hidden"], width), f"{prefix}.mlp.fc1.bias": (face["hidden"],),
            f"{prefix}.mlp.fc2.weight": (width, face["hidden"]), f"{prefix}.mlp.fc2.bias": (width,),
        }
    return shapes


def norm(name, channels):
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def batch_norm(name, channels):
    return {**norm(name, channels), f"{name}.running_mean": (channels,), f"{name}.running_var": (channels,),
            f"{name}.num_batches_tracked": ()}


def single_file_names(shapes):
    """(component, name) -> (name, shape) in a single-file Stable Diffusion 1.x checkpoint."""
    result = {}
    for component, translate in (("unet", unet_name), ("vae", vae_name), ("text_encoder", text_encoder_name)):
        attention_blocks = {name.split(".attentions.")[0] for name in shapes[component] if ".attentions." in name}
        for name, shape in shapes[component].items():
            single = translate(name, attention_blocks)
            is_convolution = ".mid.attn_1." in single and len(shape) == 2
            result[component, name] = (single, (*shape, 1, 1) if is_convolution else shape)
    assert len({name for name, _ in result.values()}) == len(result), "two tensors share a name"
    return result


def text_encoder_name(name, _):
    return f"cond_stage_model.transformer.{name}"


def unet_name(name, attention_blocks):
    head, *rest = name.split(".")
    fixed = {"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
    if head in fixed:
        return ".".join(["model.diffusion_model", fixed[head], *rest])
    if head == "time_embedding":
        layer = {"linear_1": "0", "linear_2": "2"}[rest[0]]
        return f"model.diffusion_model.time_embed.{layer}.{rest[1]}"
    if head == "mid_block":
        kind, index, *inner = rest
        place = "middle_block.1" if kind == "attentions" else f"middle_block.{2 * int(index)}"
        return ".".join(["model.diffusion_model", place, *resnet_name(kind, inner)])
    block, kind, layer, *inner = int(rest[0]), rest[1], int(rest[2]), *rest[3:]
    if kind == "downsamplers":
        place, inner = f"input_blocks.{3 * block + 3}.0", ["op", *inner[1:]]
    elif kind == "upsamplers":
        place = f"output_blocks.{3 * block + 2}.{2 if f'up_blocks.{block}' in attention_blocks else 1}"
    else:
        number = 3 * block + layer + (1 if head == "down_blocks" else 0)
        place = f"{'input' if head == 'down_blocks' else 'output'}_blocks.{number}.{1 if kind == 'attentions' else 0}"
        inner = resnet_name(kind, inner)
    return ".".join(["model.diffusion_model", place, *inner])


def resnet_name(kind, inner):
    if kind != "resnets":
        return inner
    parts = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
             "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
    return [parts[inner[0]], *inner[1:]]


def vae_name(name, _):
    parts = name.split(".")
    attention = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out": "proj_out"}
    if parts[1] == "conv_norm_out":
        parts[1] = "norm_out"
    elif parts[1] == "mid_block":
        kind, index, inner = parts[2], int(parts[3]), parts[4:]
        if kind == "resnets":
            parts[1:] = ["mid", f"block_{index + 1}", *inner]
        else:
            parts[1:] = ["mid", "attn_1", attention[inner[0]], inner[-1]]
    elif parts[1] in ("down_blocks", "up_blocks"):
        is_down, level, kind = parts[1] == "down_blocks", int(parts[2]), parts[3]
        path = ["down", str(level)] if is_down else ["up", str(3 - level)]
        sampler = {"downsamplers": ["downsample"], "upsamplers": ["upsample"]}
        parts[1:] = [*path, *(sampler[kind] + parts[5:] if kind in sampler else ["block", *parts[4:]])]
    return ".".join(["first_stage_model", *parts]).replace("conv_shortcut", "nin_shortcut")
