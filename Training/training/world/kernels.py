"""How the functions that run for every pixel are called: plainly, or each fused by the compiler for one shape."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor

from .fields import Geometry

Kernel = Callable[..., Tensor | tuple[Tensor, ...]]  # geometry [T, K], then fields [T, 64]


def _kernel(function: Callable, names: tuple[str, ...]) -> Kernel:
    """`function(*fields, g)` as a function of the packed geometry: one tensor instead of hundreds to check and pass."""

    def kernel(geometry: Tensor, *fields: Tensor):
        g: Geometry = {name: geometry[:, column : column + 1] for column, name in enumerate(names)}
        return function(*fields, g)

    # The compiler counts its attempts for each code object, so every kernel needs one of its own.
    kernel.__code__ = kernel.__code__.replace(co_name=function.__name__)
    return kernel


class Kernels:
    """`kernels[function]` calls `function(*fields, g)` with rows of a packed geometry whose columns are `names`."""

    _compiled: dict[tuple, Kernel] = {}

    def __init__(self, names: tuple[str, ...], compiled: bool):
        self.names, self.compiled = names, compiled

    def __getitem__(self, function: Callable) -> Kernel:
        if not self.compiled:
            return _kernel(function, self.names)
        key = (function, self.names)
        if key not in self._compiled:
            self._compiled[key] = torch.compile(_kernel(function, self.names), dynamic=False, fullgraph=True)
        return self._compiled[key]
