"""Contact sheets: rows of pictures as one PNG, the way to judge a training run."""

from pathlib import Path

import torch
from PIL import Image


def save_sheet(rows: list[torch.Tensor], path: Path):
    """Writes rows of pictures [N, 3, H, W] in 0...1, all of one size, below each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = rows[0].shape[-2:]
    gap = 4
    columns = max(len(row) for row in rows)
    sheet = torch.ones(3, len(rows) * (height + gap) - gap, columns * (width + gap) - gap)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            top, left = y * (height + gap), x * (width + gap)
            sheet[:, top : top + height, left : left + width] = picture.detach().float().cpu().clamp(0, 1)
    pixels = (sheet * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(path)
