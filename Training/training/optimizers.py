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
        parameters, gradients, (momenta,) = self._learning(group, "momentum")
        if not parameters:
            return
        torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
        directions = torch._foreach_lerp(gradients, momenta, group["momentum"])
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        alike: dict = {}
        for parameter, direction in zip(parameters, directions):
            matrix = direction.flatten(1)
            alike.setdefault(matrix.shape, []).append((parameter, matrix))
        for (rows, columns), members in alike.items():
            steps = orthogonalised(torch.stack([direction for _, direction in members]))
            scale = 0.2 * max(rows, columns) ** 0.5
            steps = [step.view_as(parameter) for (parameter, _), step in zip(members, steps)]
            torch._foreach_add_([parameter for parameter, _ in members], steps, alpha=-group["lr"] * scale)

    def _adamw(self, group):
        beta1, beta2 = group["betas"]
        parameters, gradients, (means, squares) = self._learning(group, "mean", "square")
        if not parameters:
            return
        counts = [self._counted(parameter) for parameter in parameters]
        torch._foreach_lerp_(means, gradients, 1 - beta1)
        torch._foreach_lerp_(squares, torch._foreach_mul(gradients, gradients), 1 - beta2)
        deviations = torch._foreach_sqrt(torch._foreach_div(squares, [1 - beta2**count for count in counts]))
        torch._foreach_add_(deviations, 1e-8)
        steps = torch._foreach_div(means, [1 - beta1**count for count in counts])
        torch._foreach_div_(steps, deviations)
        torch._foreach_add_(parameters, steps, alpha=-group["lr"])

    def _learning(self, group, *names: str):
        """The parameters that have gradients, these, and a list of states for each name."""
        parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
        states = [self.state[parameter] for parameter in parameters]
        for parameter, state in zip(parameters, states):
            for name in names:
                if name not in state:
                    state[name] = torch.zeros_like(parameter)
        return parameters, [p.grad for p in parameters], [[state[name] for state in states] for name in names]

    def _counted(self, parameter) -> int:
        state = self.state[parameter]
        state["step"] = state.get("step", 0) + 1
        return state["step"]


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
