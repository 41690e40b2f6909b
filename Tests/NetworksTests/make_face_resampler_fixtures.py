"""Makes Fixtures/face_resampler.safetensors: a tiny random face resampler and its outputs.

The network is written here in plain PyTorch after the Perceiver resampler of Flamingo (Alayrac et al. 2022,
arXiv:2204.14198, appendix A.1.1), with the names that FaceChain-FACT's adapter files use.

    python3 Tests/NetworksTests/make_face_resampler_fixtures.py
"""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from safetensors.torch import save_file
from torch import nn

FIXTURES = Path(__file__).parent / "Fixtures"
HEAD_WIDTH = 64


class PerceiverAttention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        inner = heads * HEAD_WIDTH
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(x.shape[0], x.shape[1], self.heads, HEAD_WIDTH).transpose(1, 2)

    def forward(self, tokens: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
        tokens, latents = self.norm1(tokens), self.norm2(latents)
        k, v = self.to_kv(torch.cat([tokens, latents], dim=1)).chunk(2, dim=-1)
        q, k, v = self.split(self.to_q(latents)), self.split(k), self.split(v)
        weights = (q @ k.transpose(-2, -1) * HEAD_WIDTH**-0.5).softmax(dim=-1)
        return self.to_out((weights @ v).transpose(1, 2).flatten(2))


class FaceResampler(nn.Module):
    def __init__(
            self, input: int, width: int, hidden: int, output: int, depth: int, heads: int, queries: int):
        super().__init__()
        self.latents = nn.Parameter(torch.randn(1, queries, width))
        self.proj_in = nn.Linear(input, width)
        self.proj_out = nn.Linear(width, output)
        self.norm_out = nn.LayerNorm(output)
        self.layers = nn.ModuleList(
            nn.ModuleList([
                PerceiverAttention(width, heads),
                nn.Sequential(
                    nn.LayerNorm(width), nn.Linear(width, hidden, bias=False), nn.GELU(),
                    nn.Linear(hidden, width, bias=False)),
            ])
            for _ in range(depth))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        latents = self.latents.repeat(tokens.shape[0], 1, 1)
        tokens = self.proj_in(tokens)
        for attention, feed_forward in self.layers:
            latents = attention(tokens, latents) + latents
            latents = feed_forward(latents) + latents
        return self.norm_out(self.proj_out(latents))


def main() -> None:
    torch.manual_seed(30)
    torch.set_grad_enabled(False)
    model = FaceResampler(input=20, width=24, hidden=96, output=12, depth=2, heads=2, queries=4).eval()
    for name, value in model.state_dict().items():
        if value.ndim == 1 and name.endswith(".weight"):
            value.uniform_(0.5, 1.5)
        elif value.ndim == 2:
            value.normal_(0, 1.5 / value.shape[1] ** 0.5)
        elif value.ndim == 1:
            value.normal_(0, 0.3)
    tokens = torch.randn(2, 9, 20)

    tensors = {f"local_fac_prj.{name}": value for name, value in model.state_dict().items()}
    # Several photos of one person: their face tokens stand in one sequence.
    tensors |= {
        "tokens": tokens,
        "embeds": model(tokens).reshape(1, -1, 12),
        "embeds.unconditional": model(torch.zeros_like(tokens)).reshape(1, -1, 12),
    }
    FIXTURES.mkdir(exist_ok=True)
    save_file({name: value.contiguous() for name, value in tensors.items()}, FIXTURES / "face_resampler.safetensors")


if __name__ == "__main__":
    main()
