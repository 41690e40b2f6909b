"""The identity encoder: a TransFace-style vision transformer (arXiv 2308.10133) whose patch tokens describe a face."""

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dimension: int, head_count: int):
        super().__init__()
        self.head_count = head_count
        self.qkv = nn.Linear(dimension, 3 * dimension, bias=False)
        self.proj = nn.Linear(dimension, dimension)

    def forward(self, x):
        batch, count, dimension = x.shape
        qkv = self.qkv(x).reshape(batch, count, 3, self.head_count, dimension // self.head_count)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        x = nn.functional.scaled_dot_product_attention(query, key, value)
        return self.proj(x.transpose(1, 2).reshape(batch, count, dimension))


class MultilayerPerceptron(nn.Module):
    def __init__(self, dimension: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(dimension, hidden)
        self.fc2 = nn.Linear(hidden, dimension)

    def forward(self, x):
        return self.fc2(nn.functional.relu6(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dimension: int, head_count: int, hidden: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(dimension, eps=1e-5)
        self.attn = Attention(dimension, head_count)
        self.norm2 = nn.LayerNorm(dimension, eps=1e-5)
        self.mlp = MultilayerPerceptron(dimension, hidden)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    def __init__(self, patch: int, dimension: int):
        super().__init__()
        self.proj = nn.Conv2d(3, dimension, patch, stride=patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class FaceEncoder(nn.Module):
    """Aligned face crops [B, 3, 112, 112] in -1...1 to tokens [B, T, D]; `embedding` adds the similarity head."""

    def __init__(self, image_size, patch_size, embed_dim, depth, num_heads, mlp_ratio, embedding_dim):
        super().__init__()
        token_count = (image_size // patch_size) ** 2
        self.patch_embed = PatchEmbedding(patch_size, embed_dim)
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, token_count, embed_dim))
        self.blocks = nn.ModuleList(Block(embed_dim, num_heads, mlp_ratio * embed_dim) for _ in range(depth))
        self.norm = nn.LayerNorm(embed_dim, eps=1e-5)
        width = token_count * embed_dim
        self.senet = nn.Sequential(
            nn.Linear(width, token_count, bias=False),
            nn.ReLU(),
            nn.Linear(token_count, token_count, bias=False),
            nn.Sigmoid(),
        )
        self.feature = nn.Sequential(
            nn.Linear(width, embedding_dim, bias=False),
            nn.BatchNorm1d(embedding_dim, eps=2e-5),
            nn.Linear(embedding_dim, embedding_dim, bias=False),
            nn.BatchNorm1d(embedding_dim, eps=2e-5),
        )

    def forward(self, faces):
        x = self.patch_embed(faces) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def embedding(self, tokens):
        """Similarity vector [B, E] of the tokens; compare two by their cosine."""
        weights = self.senet(tokens.flatten(1))
        return self.feature((tokens * weights[:, :, None]).flatten(1))
