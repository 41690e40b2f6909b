"""Tables of named factors: the common ground of identities and pictures.

A population is one matrix `values [B, K]`; a column is a factor in natural units (a ratio, radians, a colour channel
in 0..1, or the index of a choice). The table knows each column's range, so that the same matrix can be drawn from,
read by name, written to JSON and normalised for a regression head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import torch
from torch import Tensor


@dataclass(frozen=True)
class Factor:
    """A number between `low` and `high`, or (with `options`) the index of a choice."""

    name: str
    low: float = 0.0
    high: float = 1.0
    options: tuple[str, ...] = ()


class Table:
    """Values of `factors` for B subjects; slicing with anything that indexes rows gives a smaller table."""

    factors: tuple[Factor, ...] = ()
    index: dict[str, int] = {}

    def __init_subclass__(cls) -> None:
        cls.index = {factor.name: column for column, factor in enumerate(cls.factors)}

    def __init__(self, values: Tensor):
        if values.ndim != 2 or values.shape[1] != len(self.factors):
            raise ValueError(f"{type(self).__name__} needs [B, {len(self.factors)}] values, got {list(values.shape)}")
        self.values = values

    @classmethod
    def from_columns(cls, columns: dict[str, Tensor]) -> "Table":
        missing = [f.name for f in cls.factors if f.name not in columns]
        unknown = [name for name in columns if name not in cls.index]
        if missing or unknown:
            raise ValueError(f"{cls.__name__}: missing {missing}, unknown {unknown}")
        return cls(torch.stack([columns[f.name].float() for f in cls.factors], dim=1))

    def __len__(self) -> int:
        return self.values.shape[0]

    def __getitem__(self, rows):
        """The chosen rows as a table; an integer gives a table of one."""
        if isinstance(rows, int):
            rows = [rows]
        return type(self)(self.values[rows])

    def column(self, name: str) -> Tensor:
        """One factor for all subjects: [B]."""
        return self.values[:, self.index[name]]

    def choice(self, name: str) -> Tensor:
        """One factor as indices of its options: [B], int64."""
        return self.column(name).round().long()

    def chosen(self, name: str) -> list[str]:
        """The words of a choice, one for each subject."""
        options = self.factors[self.index[name]].options
        return [options[i] for i in self.choice(name).tolist()]

    def replacing(self, **columns: Tensor | float) -> "Table":
        """A copy with some factors set to other values."""
        values = self.values.clone()
        for name, value in columns.items():
            values[:, self.index[name]] = torch.as_tensor(value, dtype=values.dtype, device=values.device)
        return type(self)(values)

    def repeat_interleave(self, times: int) -> "Table":
        return type(self)(self.values.repeat_interleave(times, dim=0))

    def to(self, device: torch.device | str) -> "Table":
        return type(self)(self.values.to(device))

    @classmethod
    def concatenated(cls, tables: Sequence["Table"]) -> "Table":
        return cls(torch.cat([t.values for t in tables]))

    @property
    def device(self) -> torch.device:
        return self.values.device

    @classmethod
    def _vector_names(cls) -> list[str]:
        names: list[str] = []
        for factor in cls.factors:
            names += [f"{factor.name}={option}" for option in factor.options] or [factor.name]
        return names

    @property
    def names(self) -> list[str]:
        """Names of the columns of `vector()`."""
        return self._vector_names()

    def vector(self) -> Tensor:
        """All factors as [B, K']: numbers scaled from their range to -1..1, choices one-hot in 0..1."""
        columns = []
        for factor in self.factors:
            value = self.column(factor.name)
            if factor.options:
                columns.append(torch.nn.functional.one_hot(self.choice(factor.name), len(factor.options)).float())
            else:
                columns.append((2 * (value - factor.low) / (factor.high - factor.low) - 1)[:, None])
        return torch.cat(columns, dim=1)

    @classmethod
    def from_vector(cls, vector: Tensor) -> "Table":
        """The table that has a `vector()`."""
        columns, start = [], 0
        for factor in cls.factors:
            part = vector[:, start : start + max(1, len(factor.options))]
            start += part.shape[1]
            number = (part[:, 0] + 1) / 2 * (factor.high - factor.low) + factor.low
            columns.append(part.argmax(dim=1).float() if factor.options else number)
        if start != vector.shape[1]:
            raise ValueError(f"a vector of {cls.__name__} has {start} columns, not {vector.shape[1]}")
        return cls(torch.stack(columns, dim=1))

    def records(self) -> list[dict[str, float | str]]:
        """One plain dictionary for each subject, for JSON."""
        rows = self.values.tolist()
        return [
            {
                f.name: f.options[int(round(value))] if f.options else round(value, 5)
                for f, value in zip(self.factors, row)
            }
            for row in rows
        ]


class Dice:
    """Draws of one seeded generator; draws happen on the CPU, so every device sees the same world."""

    def __init__(self, count: int, generator: torch.Generator | None):
        self.count, self.generator = count, generator

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(self.count, generator=self.generator)

    def bell(self, low: float, high: float) -> Tensor:
        """Between low and high, the middle likelier: the mean of two uniform draws."""
        return 0.5 * (self.uniform(low, high) + self.uniform(low, high))

    def chance(self, probability: float | Tensor) -> Tensor:
        """1.0 with the given probability, else 0.0."""
        return (torch.rand(self.count, generator=self.generator) < probability).float()

    def weighted(self, weights: Tensor) -> Tensor:
        """Index of a choice; `weights` is [options] or [B, options]."""
        table = weights.expand(self.count, -1).clamp_min(0).cumsum(dim=1)
        draw = torch.rand(self.count, 1, generator=self.generator) * table[:, -1:]
        return (draw > table).sum(dim=1).clamp_max(table.shape[1] - 1).float()

    def pick(self, options: Tensor) -> Tensor:
        """A row of `options [N, C]`, all equally likely: [B, C]."""
        draw = torch.rand(self.count, generator=self.generator) * len(options)
        return options[draw.long().clamp_max(len(options) - 1)]
