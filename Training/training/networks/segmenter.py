"""A small U-Net (arXiv 1505.04597) that tells one head in a picture from everything else, and who stands before it.

While it learns, every rectified convolution is followed by a batch norm, multiplied into it in `folded_state_dict`.
"""

import torch
from torch import nn

from training.networks.openpose import Stack

# Nothing of the others, the head, what lies before it or is somebody else's head, and somebody else's face.
KINDS = 4


class HeadNetwork(nn.Module):
    """Red, green, blue in -1...1 [B, 3, S, S] to logits [B, KINDS, S, S]; S a multiple of 16."""

    def __init__(self, *, widths: tuple[int, ...]):
        super().__init__()
        # The places of pixels are given along: whose head is meant is said by its being in the middle.
        inputs = (5, *widths)
        self.down = nn.ModuleList(_level(f"down{n}", inputs[n], width) for n, width in enumerate(widths))
        self.up = nn.ModuleList(_level(f"up{n}", widths[n] + widths[n + 1], widths[n]) for n in range(len(widths) - 1))
        self.answer = Stack([("answer", widths[0], KINDS, 1, False)])

    def forward(self, x):
        x = torch.cat([x, places(x.shape[-1]).to(x).expand(len(x), -1, -1, -1)], dim=1)
        kept = []
        for level in self.down[:-1]:
            kept.append(level(x))
            x = nn.functional.max_pool2d(kept[-1], 2)
        x = self.down[-1](x)
        for level, skip in zip(reversed(self.up), reversed(kept)):
            x = level(torch.cat([nn.functional.interpolate(x, scale_factor=2, mode="nearest"), skip], dim=1))
        return self.answer(x)

    def folded_state_dict(self) -> dict[str, torch.Tensor]:
        return {key: value for stack in (*self.down, *self.up, self.answer) for key, value in stack.folded()}


def places(size: int) -> torch.Tensor:
    """Column and row of each pixel [1, 2, S, S], the picture's edges at -1 and 1."""
    axis = (torch.arange(size) + 0.5) * 2 / size - 1
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"))[None]


def _level(name: str, inputs: int, width: int) -> Stack:
    return Stack([(f"{name}_1", inputs, width, 3, True), (f"{name}_2", width, width, 3, True)])
