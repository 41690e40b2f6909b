"""The FACT adapter: one gated self-attention per transformer block of the UNet, between self- and cross-attention.

The layer sits exactly where GLIGEN (arXiv 2301.07093) puts its own, so diffusers' hook for GLIGEN carries it:
`cross_attention_kwargs={"gligen": {...}}` reaches every block's `fuser`.
"""

import math

import torch
from diffusers.models.attention import BasicTransformerBlock, FeedForward
from torch import nn

from .resampler import Resampler


# The released adapter's layers have eight heads whatever the UNet has, and readers of the file rely on it.
HEAD_COUNT = 8


class GatedAttention(nn.Module):
    def __init__(self, dimension: int, head_count: int):
        super().__init__()
        self.head_count = head_count
        self.to_q = nn.Linear(dimension, dimension, bias=False)
        self.to_k = nn.Linear(dimension, dimension, bias=False)
        self.to_v = nn.Linear(dimension, dimension, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(dimension, dimension)])

    def forward(self, x, query_count: int):
        """Self-attention over x, evaluated for its first `query_count` tokens only."""
        query, key, value = (
            y.unflatten(-1, (self.head_count, -1)).transpose(1, 2)
            for y in (self.to_q(x[:, :query_count]), self.to_k(x), self.to_v(x))
        )
        return self.to_out[0](attention(query, key, value).transpose(1, 2).flatten(2))


def attention(query, key, value):
    """Written out: the fused kernel's backward pass takes several times as long on a CPU."""
    scores = query @ key.mT * query.shape[-1] ** -0.5
    return scores.softmax(-1).to(value.dtype) @ value


class FaceAdapterLayer(nn.Module):
    """h [B, N, C] and face tokens [B, M, D] to h'; `fair` keeps the last call's FAIR term where a mask was given."""

    def __init__(self, dimension: int, head_count: int, token_dimension: int):
        super().__init__()
        self.linear = nn.Linear(token_dimension, dimension)
        self.attn = GatedAttention(dimension, head_count)
        self.ff = FeedForward(dimension, activation_fn="geglu")
        self.norm1 = nn.LayerNorm(dimension)
        self.norm2 = nn.LayerNorm(dimension)
        self.alpha_attn = nn.Parameter(torch.tensor(0.5))
        self.alpha_dense = nn.Parameter(torch.tensor(0.3))
        self.fair = None
        self._let_queries_find_the_face()

    def _let_queries_find_the_face(self):
        """Makes the few face tokens start with about half of the attention among hundreds of visual ones.

        Left to chance 16 face tokens among 256 visual ones hold 6 % of the softmax, so the way from the photo to
        the picture gets almost no gradient and the adapter learns to close its gates. Each head therefore keeps one
        direction in which every query points (it comes from norm1's bias) and every face key too (it comes from
        linear's bias), while visual keys do not.
        """
        dimension, heads = self.linear.out_features, self.attn.head_count
        face, query = nn.functional.normalize(torch.randn(2, dimension), dim=1)
        query = nn.functional.normalize(query - face * (query @ face), dim=0)
        query_bias, face_share, logit = 0.5, math.sqrt(0.5), 2.5
        with torch.no_grad():
            self.linear.bias.copy_(math.sqrt(dimension) * face)
            nn.init.normal_(self.linear.weight, std=self.linear.in_features**-0.5)
            self.norm1.bias.copy_(query_bias * math.sqrt(dimension) * query)
            gain = math.sqrt(logit * math.sqrt(dimension / heads) / (query_bias * face_share * dimension))
            for weight, direction in ((self.attn.to_q.weight, query), (self.attn.to_k.weight, face)):
                nn.init.normal_(weight, std=0.7 * dimension**-0.5)
                weight[:: dimension // heads] += gain * direction

    def forward(self, hidden_states, condition):
        tokens, scale, face_mask = condition["tokens"], condition["scale"], condition["face_mask"]
        count = hidden_states.shape[1]
        x = torch.cat([hidden_states, self.linear(tokens)], dim=1)
        x = hidden_states + scale * self.alpha_attn.tanh() * self.attn(self.norm1(x), count)
        x = x + scale * self.alpha_dense.tanh() * self.ff(self.norm2(x))
        self.fair = None if face_mask is None else outside_share(x - hidden_states, hidden_states, face_mask)
        return x


def outside_share(increment, hidden_states, face_mask):
    """FAIR (FaceChain-FACT, arXiv 2410.12312) [B]: norm of the increment outside the face over the state's own there."""
    size = math.isqrt(hidden_states.shape[1])
    outside = 1 - nn.functional.adaptive_avg_pool2d(face_mask, size).flatten(1)[..., None]
    norms = [(x * outside).flatten(1).norm(dim=1) for x in (increment, hidden_states)]
    return norms[0] / norms[1].clamp_min(1e-6)


class FaceAdapter(nn.Module):
    """Resampler and adapter layers of one UNet, with the released file's key names in `adapter_state_dict`."""

    def __init__(self, unet, resampler: dict):
        super().__init__()
        self.local_fac_prj = Resampler(**resampler)
        self.layers = nn.ModuleDict()
        for name, block in transformer_blocks(unet):
            dimension = block.attn1.to_q.out_features
            self.layers[name.replace(".", "/")] = FaceAdapterLayer(dimension, HEAD_COUNT, resampler["output_dim"])

    def attach(self, unet):
        """Inserts the layers into the UNet's blocks; they stay out of its parameters and its state dict."""
        for name, block in transformer_blocks(unet):
            object.__setattr__(block, "fuser", self.layers[name.replace(".", "/")])
        object.__setattr__(unet, "position_net", lambda **condition: condition)

    def adapter_state_dict(self, state: dict | None = None) -> dict:
        state = self.state_dict() if state is None else state
        return {released_key(key): value for key, value in state.items()}

    def load_adapter_state_dict(self, state: dict):
        self.load_state_dict({key: state[released_key(key)] for key in self.state_dict()}, strict=True)
        unknown = set(state) - {released_key(key) for key in self.state_dict()}
        if unknown:
            raise ValueError(f"unknown adapter keys: {sorted(unknown)[:3]}")


def transformer_blocks(unet):
    return [(n, m) for n, m in unet.named_modules() if isinstance(m, BasicTransformerBlock)]


def released_key(key: str) -> str:
    """`layers.{block path with slashes}.x` -> `{block path}.attn2.processor.x`; the resampler's keys stay."""
    if not key.startswith("layers."):
        return key
    path, rest = key.removeprefix("layers.").split(".", 1)
    return f"{path.replace('/', '.')}.attn2.processor.{rest}"


def face_condition(tokens, scale, face_mask=None):
    """Argument for the UNet's `cross_attention_kwargs`; scale is a number or [B, 1, 1], face_mask [B, 1, H, W]."""
    return {"gligen": {"tokens": tokens, "scale": scale, "face_mask": face_mask}}
