"""Pictures cut into tiles of 8 x 8 pixels: work happens where there is something to see, in lists of one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

import torch
from torch import Tensor

from .fields import Geometry

TILE = 8
POINTS = TILE * TILE
# Tiles in one call of a kernel, which is compiled for one shape: what a CPU's cache holds, and what keeps a GPU busy.
CHUNK = {"cpu": 1024, "cuda": 8192}


@dataclass
class Chunk:
    """Some tiles of some pictures. Kernels get `geometry` [T, K] and fields [T, 64]; rows past `count` are padding."""

    rows: Tensor
    count: int
    geometry: Tensor
    x: Tensor
    y: Tensor

    def read(self, *fields: Tensor) -> list[Tensor]:
        return [field.index_select(0, self.rows) for field in fields]

    def write(self, fields: tuple[Tensor, ...], values: tuple[Tensor, ...]) -> None:
        rows = self.rows[: self.count]
        for field, value in zip(fields, values, strict=True):
            field.index_copy_(0, rows, value[: self.count])


class Raster:
    """The pixels of B square pictures. A field holds one number for each: [B * tiles, 64], tile after tile."""

    def __init__(self, g: Geometry, size: int, padded: bool):
        if size % TILE:
            raise ValueError(f"the size must be a multiple of {TILE}, not {size}")
        self.g = {**g, "pixel": g["extent"] / size}
        self.geometry = torch.cat(list(self.g.values()), dim=1)  # [B, K]
        self.size, self.padded = size, padded
        self.batch, self.device = len(self.geometry), self.geometry.device
        self.chunk = CHUNK[self.device.type]
        self.across = size // TILE
        self.tiles = self.across**2

    def field(self, value: float = 0.0) -> Tensor:
        return torch.full((self.batch * self.tiles, POINTS), value, device=self.device)

    def tiles_of(self, pictures: Tensor) -> Tensor:
        """Rows of all tiles of some pictures."""
        return (pictures[:, None] * self.tiles + torch.arange(self.tiles, device=self.device)).flatten()

    def from_image(self, image: Tensor) -> Tensor:
        """[B, H, W] to a field."""
        cut = image.reshape(self.batch, self.across, TILE, self.across, TILE)
        return cut.transpose(2, 3).reshape(-1, POINTS)

    def to_image(self, field: Tensor) -> Tensor:
        cut = field.reshape(self.batch, self.across, self.across, TILE, TILE)
        return cut.transpose(2, 3).reshape(self.batch, self.size, self.size)

    def chunks(self, rows: Tensor) -> Iterator[Chunk]:
        """The tiles `rows` in portions of one size, the last one filled up with repetitions if shapes must be fixed."""
        step = torch.arange(TILE, device=self.device, dtype=torch.float32)
        across, down = step.repeat(TILE) + 0.5, step.repeat_interleave(TILE) + 0.5
        for part in rows.split(self.chunk) if len(rows) else ():
            count = len(part)
            if self.padded and count < self.chunk:
                part = torch.cat([part, part[-1:].expand(self.chunk - count)])
            tile = part % self.tiles
            left = (tile % self.across * TILE).float()[:, None]
            top = (tile // self.across * TILE).float()[:, None]
            picture = part // self.tiles
            pixel, half = self.g["pixel"].index_select(0, picture), 0.5 * self.size
            x = self.g["centre_x"].index_select(0, picture) + pixel * (left + across - half)
            y = self.g["centre_y"].index_select(0, picture) - pixel * (top + down - half)
            yield Chunk(part, count, self.geometry.index_select(0, picture), x, y)

    def coarser(self) -> "Raster":
        """The same pictures with a tile as one pixel."""
        return Raster(self.g, self.size // TILE, self.padded)
