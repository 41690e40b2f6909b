"""Makes a model that is complete but tiny, and the portrait that PyTorch, diffusers and transformers draw with it.

Run with torch 2.15, diffusers 0.42 and transformers 5.24. Writes `Fixtures/tiny` (a diffusers folder with adapter and
encoder, and the same weights as single-file checkpoints in the three forms that people have), `Fixtures/style_lora.safetensors` and `Fixtures/portrait.safetensors`: the picture of ten steps of DPM++ 2M from
the noise of seed 7, with guidance 5 and adapter weight 0.8, of the person in `Examples/astronaut.jpg` at LANDMARKS.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
import json

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from tiny_portrait import GUIDANCE, NEGATIVE, SIDE, STEPS, WEIGHT, drawn, folder, here, reference  # first: it finds the rest

import random_model_layout as layout  # noqa: E402
from make_random_model import RandomTensors, write_single_file  # noqa: E402

for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
    (folder / part).mkdir(parents=True, exist_ok=True)
layout.write_tokenizer(folder / "tokenizer")
vocabulary = json.loads((folder / "tokenizer" / "vocab.json").read_text())

half = RandomTensors(seed=5, dtype=torch.float16)


def tensors(group, name, shape):
    """A value that 16-bit files hold exactly, to compute with in 32 bits."""
    return half(group, name, shape).float()


def randomized(network, group):
    state = {name: tensors(group, name, value.shape) for name, value in network.state_dict().items()
             if "position_ids" not in name}
    network.load_state_dict(state, strict=False)
    return network.eval()


unet = randomized(UNet2DConditionModel(
    sample_size=8, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8, cross_attention_dim=16,
    attention_head_dim=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "UpBlock2D")), "unet")
vae = randomized(AutoencoderKL(
    block_out_channels=(8, 8, 16, 16), layers_per_block=1, norm_num_groups=4, latent_channels=4, scaling_factor=0.5,
    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4), "vae")
text_encoder = randomized(CLIPTextModel(CLIPTextConfig(
    vocab_size=len(vocabulary), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
    max_position_embeddings=77, hidden_act="quick_gelu", bos_token_id=len(vocabulary) - 2,
    eos_token_id=len(vocabulary) - 1, pad_token_id=len(vocabulary) - 1)), "text_encoder")
for network, part in ((unet, "unet"), (vae, "vae"), (text_encoder, "text_encoder")):
    network.half().save_pretrained(folder / part)
    network.float()
shapes = {part: {name: value.shape for name, value in network.state_dict().items() if "position_ids" not in name}
          for network, part in ((unet, "unet"), (vae, "vae"), (text_encoder, "text_encoder"))}
write_single_file(folder / "single.safetensors", shapes, half)
write_single_file(folder / "single.ckpt", shapes, half)
torch.save(torch.load(folder / "single.ckpt"), folder / "single.pt", _use_new_zipfile_serialization=False)
scheduler = dict(_class_name="PNDMScheduler", beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                 num_train_timesteps=1000, prediction_type="epsilon", skip_prk_steps=True, set_alpha_to_one=False,
                 steps_offset=1, timestep_spacing="leading")
(folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler, indent=2) + "\n")
profile = dict(family="tiny", title="Tiny", promptSuffix="", negativePrompt=NEGATIVE, width=SIDE, height=SIDE,
               steps=STEPS, guidanceScale=GUIDANCE, sampler="dpm++2m", identityWeight=WEIGHT, masksHead=False)
(folder / "profile.json").write_text(json.dumps(profile, indent=2) + "\n")
(folder / "face_encoder.json").write_text(json.dumps(dict(num_heads=4)) + "\n")

encoder = {"pos_embed": [1, 49, 16], "patch_embed.proj.weight": [16, 3, 16, 16], "patch_embed.proj.bias": [16],
           "blocks.0.attn.qkv.weight": [48, 16], "blocks.0.attn.proj.weight": [16, 16], "blocks.0.attn.proj.bias": [16],
           "blocks.0.mlp.fc1.weight": [32, 16], "blocks.0.mlp.fc1.bias": [32], "blocks.0.mlp.fc2.weight": [16, 32],
           "blocks.0.mlp.fc2.bias": [16]}
encoder |= {f"{norm}.{leaf}": [16] for norm in ("norm", "blocks.0.norm1", "blocks.0.norm2") for leaf in ("weight", "bias")}
resampler = {"latents": [1, 16, 16], "proj_in.weight": [16, 16], "proj_in.bias": [16], "proj_out.weight": [16, 16],
             "proj_out.bias": [16], "norm_out.weight": [16], "norm_out.bias": [16], "layers.0.0.to_q.weight": [64, 16],
             "layers.0.0.to_kv.weight": [128, 16], "layers.0.0.to_out.weight": [16, 64], "layers.0.1.1.weight": [64, 16],
             "layers.0.1.3.weight": [16, 64]}
resampler |= {f"layers.0.{norm}.{leaf}": [16] for norm in ("0.norm1", "0.norm2", "1.0") for leaf in ("weight", "bias")}
adapter = {f"local_fac_prj.{name}": shape for name, shape in resampler.items()}
adapter_layer = {name: parameter.shape for name, parameter in reference.GatedSelfAttention(32, 16).state_dict().items()}
for name, _ in unet.named_modules():
    if name.endswith(".transformer_blocks.0"):
        adapter |= {f"{name}.attn2.processor.{leaf}": shape for leaf, shape in adapter_layer.items()}
encoder = {name: tensors("encoder", name, shape) for name, shape in encoder.items()}
adapter = {name: tensors("adapter", name, shape) for name, shape in adapter.items()}
save_file({name: value.half() for name, value in encoder.items()}, folder / "face_encoder.safetensors")
save_file({name: value.half() for name, value in adapter.items()}, folder / "face_adapter.safetensors")
query = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
torch.manual_seed(0)
save_file({f"{query}.lora_down.weight": torch.randn(2, 32), f"{query}.lora_up.weight": torch.randn(32, 2)},
          here / "Fixtures" / "style_lora.safetensors")



def predict(latents, step, timestep, text):
    return unet(latents, timestep, encoder_hidden_states=text).sample


image = drawn(unet, vae, text_encoder, encoder, adapter, predict)
save_file({"image": image.contiguous()}, here / "Fixtures" / "portrait.safetensors")
print("image", image.mean().item(), image.std().item())
