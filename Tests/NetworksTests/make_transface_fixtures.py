"""Makes Fixtures/transface.safetensors: a tiny random TransFace, its input, tokens and embedding.

The network is written here in plain PyTorch after Dan et al., "TransFace: Calibrating Transformer Training for Face
Recognition from a Data-Centric Perspective" (ICCV 2023, arXiv:2308.10133), with the names of the released
`ms1mv2_model_TransFace_S.pt`. The image side (40) is no multiple of the patch side (9), as 112 is none either.

    python3 Tests/NetworksTests/make_transface_fixtures.py
"""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from safetensors.torch import save_file
from torch import nn

FIXTURES = Path(__file__).parent / "Fixtures"


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, count, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * (width // self.heads) ** -0.5).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(batch, count, width))


class MLP(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(nn.functional.relu6(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width: int, hidden: int, heads: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = MLP(width, hidden)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class TransFace(nn.Module):
    def __init__(self, image: int, patch: int, width: int, hidden: int, depth: int, heads: int, embedding: int):
        super().__init__()
        count = (image // patch) ** 2
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, stride=patch)})
        self.pos_embed = nn.Parameter(torch.zeros(1, count, width))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.blocks = nn.ModuleList(Block(width, hidden, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.senet = nn.Sequential(
            nn.Linear(count * width, count, bias=False), nn.ReLU(inplace=True),
            nn.Linear(count, count, bias=False), nn.Sigmoid())
        self.feature = nn.Sequential(
            nn.Linear(count * width, embedding, bias=False), nn.BatchNorm1d(embedding, eps=2e-5),
            nn.Linear(embedding, embedding, bias=False), nn.BatchNorm1d(embedding, eps=2e-5))

    def tokens(self, images: torch.Tensor) -> torch.Tensor:
        x = self.patch_embed["proj"](images).flatten(2).transpose(1, 2) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def embedding(self, tokens: torch.Tensor) -> torch.Tensor:
        weights = self.senet(tokens.flatten(1))
        return self.feature((tokens * weights.unsqueeze(-1)).flatten(1))


def main() -> None:
    torch.manual_seed(20)
    torch.set_grad_enabled(False)
    model = TransFace(image=40, patch=9, width=32, hidden=128, depth=2, heads=4, embedding=24).eval()
    for name, value in model.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif value.ndim == 1 and name.endswith(".weight"):
            value.uniform_(0.5, 1.5)
        elif value.ndim >= 2 and name.endswith(".weight"):
            # Activations beyond 6 must occur, or ReLU6 would pass for ReLU.
            gain = 8 if "fc1" in name else 1.5
            value.normal_(0, gain / value[0].numel() ** 0.5)
        elif value.is_floating_point():
            value.normal_(0, 0.3)
    images = torch.rand(2, 3, 40, 40) * 2 - 1
    tokens = model.tokens(images)
    hidden = model.blocks[0].mlp.fc1(model.blocks[0].norm2(tokens))
    assert (hidden > 6).any() and (hidden < 0).any()

    tensors = {f"weights.{name}": value for name, value in model.state_dict().items()}
    tensors |= {"images": images, "tokens": tokens, "embedding": model.embedding(tokens)}
    FIXTURES.mkdir(exist_ok=True)
    save_file({name: value.contiguous() for name, value in tensors.items()}, FIXTURES / "transface.safetensors")


if __name__ == "__main__":
    main()
