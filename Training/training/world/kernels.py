"""How the functions that run for every pixel are called: plainly, or each fused by the compiler for one shape."""

from __future__ import annotations

from typing import Callable, Collection

import torch
from torch import Tensor

Kernel = Callable[..., Tensor | tuple[Tensor, ...]]  # geometry [T, K], then fields [T, 64]


class Columns:
    """A packed geometry [T, K] read by name: [T, 1] each."""

    def __init__(self, geometry: Tensor, names: dict[str, int]):
        self.geometry, self.names = geometry, names

    def __getitem__(self, name: str) -> Tensor:
        column = self.names[name]
        return self.geometry[:, column : column + 1]


def _kernel(function: Callable, names: tuple[str, ...]) -> Kernel:
    """`function(*fields, g)` as a function of the packed geometry: one tensor instead of hundreds to check and pass."""
    columns = {name: column for column, name in enumerate(names)}

    def kernel(geometry: Tensor, *fields: Tensor):
        return function(*fields, Columns(geometry, columns))

    # The compiler counts its attempts for each code object, so every kernel needs one of its own.
    kernel.__code__ = kernel.__code__.replace(co_name=function.__name__)
    return kernel


class Kernels:
    """`kernels[function]` calls `function(*fields, g)` with rows of a packed geometry whose columns are `names`.

    Those that `compiled` names (True: all) are fused by the compiler.
    """

    _compiled: dict[tuple, Kernel] = {}

    def __init__(self, names: tuple[str, ...], compiled: bool | Collection[Callable]):
        self.names, self.compiled = names, compiled

    def __getitem__(self, function: Callable) -> Kernel:
        if self.compiled is not True and (not self.compiled or function not in self.compiled):
            return _kernel(function, self.names)
        key = (function, self.names)
        if key not in self._compiled:
            self._compiled[key] = torch.compile(_kernel(function, self.names), dynamic=False, fullgraph=True)
        return self._compiled[key]
