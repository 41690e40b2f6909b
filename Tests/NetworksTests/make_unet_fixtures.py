"""Makes Fixtures/unet_*.safetensors and .json: small random UNets, with and without a FACT adapter, run by diffusers.

    python3 make_unet_fixtures.py        (written with diffusers 0.42.1, torch 2.15.0)

Tensors: `unet.*` and `adapter.*` are weights under their released names, rounded to half precision before the run so
that the file is exact and small; `input.*` and `output.*` are float32, images in PyTorch's NCHW.
"""

import json
import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention import FeedForward
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).parent / "Fixtures"
FACE_TOKENS = 5
SCALE = 0.7

# As in Stable Diffusion 1.5: convolutional projections, one head count for all, attention at the top level.
CONVOLUTIONAL = dict(
    sample_size=16,
    block_out_channels=(8, 16),
    layers_per_block=1,
    norm_num_groups=4,
    cross_attention_dim=12,
    attention_head_dim=2,
    down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
)

# Linear projections, head counts by level, no attention at the top, two layers a block, three levels.
LINEAR = dict(
    sample_size=16,
    block_out_channels=(8, 8, 16),
    layers_per_block=2,
    norm_num_groups=2,
    cross_attention_dim=12,
    attention_head_dim=(2, 4, 8),
    use_linear_projection=True,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    flip_sin_to_cos=False,
    freq_shift=1,
)


class GatedSelfAttention(torch.nn.Module):
    """One layer of the FACT adapter, put in the place of a block's cross-attention (which it calls)."""

    def __init__(self, channels, face_channels, heads, cross_attention, own_norm):
        super().__init__()
        self.heads = heads
        self.linear = torch.nn.Linear(face_channels, channels)
        self.attn = torch.nn.ModuleDict(
            dict(
                to_q=torch.nn.Linear(channels, channels, bias=False),
                to_k=torch.nn.Linear(channels, channels, bias=False),
                to_v=torch.nn.Linear(channels, channels, bias=False),
                to_out=torch.nn.ModuleList([torch.nn.Linear(channels, channels)]),
            )
        )
        self.ff = FeedForward(channels, activation_fn="geglu")
        self.norm1 = torch.nn.LayerNorm(channels)
        self.norm2 = torch.nn.LayerNorm(channels)
        self.alpha_attn = torch.nn.Parameter(torch.tensor(0.0))
        self.alpha_dense = torch.nn.Parameter(torch.tensor(0.0))
        if own_norm:
            self.ln = torch.nn.LayerNorm(channels)
        self.outside = [cross_attention]  # in a list, so that its weights are not counted as the adapter's
        self.face = None

    def attention(self, x):
        split = lambda y: y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        query, key, value = (split(self.attn[name](x)) for name in ("to_q", "to_k", "to_v"))
        weights = (query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5).softmax(dim=-1)
        return self.attn["to_out"][0]((weights @ value).transpose(1, 2).flatten(2))

    def forward(self, h, encoder_hidden_states=None, **_):
        attention, norm = self.outside
        both = torch.cat([h, self.linear(self.face)], dim=1)
        increment = self.attention(self.norm1(both))[:, : h.shape[1]]
        h1 = h + SCALE * self.alpha_attn.tanh() * increment
        h2 = h1 + SCALE * self.alpha_dense.tanh() * self.ff(self.norm2(h1))
        # The block adds h afterwards.
        return (h2 - h) + attention(getattr(self, "ln", norm)(h2), encoder_hidden_states=encoder_hidden_states)


def insert_adapter(unet, own_norm):
    """Wraps every transformer block's cross-attention; returns the layers by their released key prefix."""
    layers = {}
    for name, module in list(unet.named_modules()):
        if name.endswith("transformer_blocks.0"):
            channels = module.norm2.weight.shape[0]
            layer = GatedSelfAttention(channels, unet.config.cross_attention_dim, 8, module.attn2, own_norm)
            layer.outside.append(module.norm2)
            module.attn2, module.norm2 = layer, torch.nn.Identity()
            layers[f"{name}.attn2.processor"] = layer
    return layers


def randomize(module):
    """Every parameter random and representable in half precision; norms far from one and zero."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if "alpha" in name:
                parameter.fill_(float(torch.rand(()) * 2 - 1))
            elif parameter.ndim == 1:
                is_scale = name.endswith("weight")
                parameter.copy_(torch.randn(parameter.shape) * 0.2 + (1 if is_scale else 0))
            else:
                parameter.copy_(torch.randn(parameter.shape) * (1.2 / parameter[0].numel() ** 0.5))
            parameter.copy_(parameter.half().float())


def halves(module, prefix):
    return {f"{prefix}.{name}": tensor.half().contiguous() for name, tensor in module.state_dict().items()}


@torch.no_grad()
def make(name, config, batch, size, timestep, own_norm):
    torch.manual_seed(len(name))
    unet = UNet2DConditionModel(**config).eval()
    randomize(unet)
    tensors = halves(unet, "unet")
    latents = torch.randn(batch, 4, *size)
    text = torch.randn(batch, 7, config["cross_attention_dim"])
    face = torch.randn(batch, FACE_TOKENS, config["cross_attention_dim"])
    tensors |= {"input.latents": latents, "input.text": text, "input.face": face}
    tensors["input.timestep"] = torch.tensor([float(timestep)])
    tensors["output.base"] = unet(latents, timestep, text).sample
    layers = insert_adapter(unet, own_norm)
    for path, layer in layers.items():
        randomize(layer)
        layer.face = face
        tensors |= halves(layer, f"adapter.{path}")
    tensors["output.adapted"] = unet(latents, timestep, text).sample
    tensors = {key: tensor.contiguous() for key, tensor in tensors.items()}
    assert not torch.allclose(tensors["output.base"], tensors["output.adapted"], atol=0.1)
    save_file(tensors, FIXTURES / f"{name}.safetensors", {"scale": str(SCALE)})
    unet_config = {key: value for key, value in unet.config.items() if not key.startswith("_")}
    (FIXTURES / f"{name}.json").write_text(json.dumps(unet_config, indent=1) + "\n")
    print(name, sum(p.numel() for p in unet.parameters()), "parameters", tensors["output.base"].std())


make("unet_convolutional", CONVOLUTIONAL, batch=2, size=(16, 16), timestep=981, own_norm=False)
make("unet_linear", LINEAR, batch=1, size=(8, 16), timestep=17, own_norm=True)
