"""Makes a ControlNet for the tiny model, a skeleton, and the portrait that diffusers draws with both.

Run after make_portrait_fixtures.py, with the same versions and opencv-python-headless. Writes `Fixtures/tiny/controlnet`,
`Fixtures/skeleton.png` (128 x 128) and `Fixtures/pose.safetensors`: what the ControlNet sees, and the picture of the ten
steps of make_portrait_fixtures.py with the skeleton followed at weight 0.7 up to 80 % of the steps.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from tiny_portrait import SIDE, STEPS, drawn, folder, here  # first: it finds the rest

from make_random_model import RandomTensors
from training import skeletons

torch.set_num_threads(1)
fixtures = here / "Fixtures"
POSE_WEIGHT, POSE_END = 0.7, 0.8
# Joints of a bust in parts of the picture's sides, in OpenPose's order; arms and legs are not seen.
JOINTS = {0: (0.5, 0.42), 1: (0.5, 0.68), 2: (0.3, 0.72), 3: (0.24, 0.95), 5: (0.7, 0.7), 6: (0.78, 0.96),
          14: (0.45, 0.36), 15: (0.55, 0.36), 16: (0.38, 0.4), 17: (0.62, 0.39)}  # fmt: skip

unet = UNet2DConditionModel.from_pretrained(folder / "unet").float().eval()
vae = AutoencoderKL.from_pretrained(folder / "vae").float().eval()
text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder").float().eval()
control = ControlNetModel.from_unet(unet, load_weights_from_unet=False, conditioning_embedding_out_channels=(4, 4, 6, 8))
half = RandomTensors(seed=5, dtype=torch.float16)
control.load_state_dict({n: half("controlnet", n, v.shape).float() for n, v in control.state_dict().items()})
control.half().save_pretrained(folder / "controlnet")
control.float().eval()

points = [(*JOINTS[joint], 1.0) if joint in JOINTS else (0.0, 0.0, 0.0) for joint in range(18)]
drawing = Image.fromarray(skeletons.drawn(points, size=2 * SIDE))
drawing.save(fixtures / "skeleton.png")
picture = np.asarray(drawing.resize((SIDE, SIDE), Image.Resampling.BOX)).copy()
shown = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255



def predict(latents, step, timestep, text):
    # diffusers' rule: control_guidance_end
    kept = POSE_WEIGHT if (step + 1) / STEPS <= POSE_END else 0.0
    down, middle = control(latents, timestep, text, torch.cat([shown] * 2), conditioning_scale=kept, return_dict=False)
    return unet(
        latents, timestep, encoder_hidden_states=text, down_block_additional_residuals=down,
        mid_block_additional_residual=middle,
    ).sample  # fmt: skip


adapter = {name: value.float() for name, value in load_file(folder / "face_adapter.safetensors").items()}
encoder = {name: value.float() for name, value in load_file(folder / "face_encoder.safetensors").items()}
image = drawn(unet, vae, text_encoder, encoder, adapter, predict)
plain = load_file(fixtures / "portrait.safetensors")["image"]
print("image", image.mean().item(), image.std().item(), "from the plain one", (image - plain).abs().mean().item())
save_file({"image": image.contiguous(), "shown": shown[0].contiguous()}, fixtures / "pose.safetensors")
