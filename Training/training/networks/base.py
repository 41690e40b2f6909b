"""The frozen base of FACT: autoencoder, text encoder and UNet, as diffusers and transformers define them."""

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel

from training import configuration

from .passthrough import initialise_as_passthrough


def make_autoencoder() -> AutoencoderKL:
    autoencoder = AutoencoderKL(**configuration.AUTOENCODER)
    initialise_as_passthrough(autoencoder)
    return autoencoder


def make_text_encoder(vocabulary_size: int) -> CLIPTextModel:
    return CLIPTextModel(CLIPTextConfig(**configuration.text_encoder(vocabulary_size)))


def make_unet() -> UNet2DConditionModel:
    """A UNet whose residual branches and output start at zero, so that the first steps are calm."""
    unet = UNet2DConditionModel(**configuration.UNET)
    unet.set_attn_processor(AttnProcessor())  # the fused one's backward pass is slow on a CPU
    with torch.no_grad():
        for name, parameter in unet.named_parameters():
            if name.endswith(("conv2.weight", "conv2.bias")):
                parameter.mul_(0.2)
        unet.conv_out.weight.zero_()
        unet.conv_out.bias.zero_()
    return unet
