"""The resampler: learned queries read the identity encoder's tokens and become the adapter's face tokens."""

import torch
from torch import nn


class PerceiverAttention(nn.Module):
    """Latents attend to the encoder's tokens and to themselves (Perceiver, arXiv 2103.03206)."""

    def __init__(self, dim: int, dim_head: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.to_q = nn.Linear(dim, heads * dim_head, bias=False)
        self.to_kv = nn.Linear(dim, 2 * heads * dim_head, bias=False)
        self.to_out = nn.Linear(heads * dim_head, dim, bias=False)

    def forward(self, tokens, latents):
        tokens, latents = self.norm1(tokens), self.norm2(latents)
        key, value = self.to_kv(torch.cat([tokens, latents], dim=1)).chunk(2, dim=-1)
        query, key, value = (
            x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (self.to_q(latents), key, value)
        )
        x = nn.functional.scaled_dot_product_attention(query, key, value)
        return self.to_out(x.transpose(1, 2).flatten(2))


def feed_forward(dim: int, multiplier: int) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(dim),
        nn.Linear(dim, multiplier * dim, bias=False),
        nn.GELU(),
        nn.Linear(multiplier * dim, dim, bias=False),
    )


class Resampler(nn.Module):
    """Encoder tokens [B, T, embedding_dim] to face tokens [B, num_queries, output_dim]."""

    def __init__(self, dim, depth, dim_head, heads, num_queries, embedding_dim, output_dim, ff_mult):
        super().__init__()
        self.latents = nn.Parameter(torch.randn(1, num_queries, dim))
        self.proj_in = nn.Linear(embedding_dim, dim)
        self.layers = nn.ModuleList(
            nn.ModuleList([PerceiverAttention(dim, dim_head, heads), feed_forward(dim, ff_mult)])
            for _ in range(depth)
        )
        self.proj_out = nn.Linear(dim, output_dim)
        self.norm_out = nn.LayerNorm(output_dim)

    def forward(self, tokens):
        latents = self.latents.expand(len(tokens), -1, -1)
        tokens = self.proj_in(tokens)
        for attention, feed in self.layers:
            latents = latents + attention(tokens, latents)
            latents = latents + feed(latents)
        return self.norm_out(self.proj_out(latents))
