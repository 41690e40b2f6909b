"""Muon for matrices and convolutions, AdamW for the rest: the small step counts of a two-core budget need it.

Muon (Jordan 2024) orthogonalises the momentum of every weight matrix, so that no direction of a layer learns
slower than another; the scale 0.2 sqrt(max(rows, columns)) gives its steps AdamW's size (Moonlight,
arXiv 2502.16982), so both share one learning rate.
"""

import torch

from training import runs

# Quintic Newton-Schulz coefficients that push all singular values towards 1 (Jordan 2024).
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


def orthogonalised(matrices: torch.Tensor) -> torch.Tensor:
    """Approximate polar factors of matrices [B, rows, columns]."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    wide = x.shape[2] >= 2 * x.shape[1]
    x = _iterated_by_gram(x) if wide else _iterated(x.to(runs.product_type(x.device.type))).to(x.dtype)
    return x.mT if tall else x


def _iterated(x):
    a, b, c = _COEFFICIENTS
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def _iterated_by_gram(x):
    """The same for wide matrices, to which a convolution's 3 x 3 patches make most of them: all factors are polynomials
    of one small square matrix, so that the wide one is multiplied twice instead of ten times. In f32 only: rounding to
    bf16 makes eigenvalues near zero negative, and the iteration multiplies those without bound."""
    a, b, c = _COEFFICIENTS
    identity = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    gram, product = x @ x.mT, identity
    for iteration in range(_ITERATIONS):
        factor = a * identity + b * gram + c * gram @ gram
        product = factor @ product if iteration else factor
        if iteration < _ITERATIONS - 1:
            gram = factor @ (factor @ gram)
    return product @ x


class MuonAdamW(torch.optim.Optimizer):
    """Groups with `muon=True` take Muon's step, the others AdamW's."""

    def __init__(self, groups, weight_decay: float = 0.0):
        super().__init__(groups, dict(lr=1e-3, muon=False, weight_decay=weight_decay, momentum=0.95, betas=(0.9, 0.99)))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (self._muon if group["muon"] else self._adamw)(group)

    def _muon(self, group):
        alike: dict = {}
        for parameter in group["params"]:
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
            direction = parameter.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
            alike.setdefault(direction.shape, []).append((parameter, direction))
        for (rows, columns), members in alike.items():
            steps = orthogonalised(torch.stack([direction for _, direction in members]))
            scale = 0.2 * max(rows, columns) ** 0.5
            for (parameter, _), step in zip(members, steps):
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(step.view_as(parameter), alpha=-group["lr"] * scale)

    def _adamw(self, group):
        beta1, beta2 = group["betas"]
        for parameter in group["params"]:
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if not state:
                state.update(step=0, mean=torch.zeros_like(parameter), square=torch.zeros_like(parameter))
            state["step"] += 1
            state["mean"].lerp_(parameter.grad, 1 - beta1)
            state["square"].lerp_(parameter.grad.square(), 1 - beta2)
            mean = state["mean"] / (1 - beta1 ** state["step"])
            deviation = (state["square"] / (1 - beta2 ** state["step"])).sqrt_().add_(1e-8)
            parameter.addcdiv_(mean, deviation, value=-group["lr"])


def parameter_groups(module: torch.nn.Module, rate: float, vectors: tuple[str, ...] = ()) -> list[dict]:
    """Muon for weights with at least two axes, AdamW for vectors, gates and those whose name holds one of `vectors`."""
    matrices, others = [], []
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            continue
        plain = parameter.ndim < 2 or min(parameter.flatten(1).shape) < 16 or any(part in name for part in vectors)
        (others if plain else matrices).append(parameter)
    groups = [dict(params=matrices, lr=rate, muon=True), dict(params=others, lr=rate)]
    return [group for group in groups if group["params"]]
