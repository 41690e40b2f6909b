#!/usr/bin/env python3
"""Fits the polynomials in Sources/CKernels/avx2.c and prints them.

Each fit is a weighted least-squares problem whose weights are raised where the relative error is largest (Lawson's
algorithm), which converges to the minimax polynomial. Needs numpy and scipy.
"""
import numpy as np
from scipy.special import erfcx


def fit(name, x, target, basis, base=None, rounds=400):
    """Coefficients c of sum(c[k] basis[k](x)) + base(x) nearest to target(x) in relative error."""
    wanted = target(x)
    fixed = np.zeros_like(x) if base is None else base(x)
    matrix = np.stack([f(x) for f in basis], axis=1) / wanted[:, None]
    right = (wanted - fixed) / wanted
    weights = np.ones_like(x)
    for _ in range(rounds):
        root = np.sqrt(weights)
        coefficients = np.linalg.lstsq(matrix * root[:, None], right * root, rcond=None)[0]
        error = np.abs(matrix @ coefficients - right)
        weights *= error / error.max() + 1e-3
        weights /= weights.mean()
    print(f"{name}: relative error {error.max():.2e}")
    print("   ", ", ".join(f"{c:.9e}f" for c in coefficients.astype(np.float32)))


def powers(first, last, step=1):
    return [lambda x, k=k: x**k for k in range(first, last + 1, step)]


def nodes(low, high, count=4001):
    return (low + high) / 2 + (high - low) / 2 * np.cos(np.linspace(np.pi, 0, count))


half = np.log(2) / 2 * 1.001
fit("exp(r), r in +-ln(2)/2, powers 2..6 after 1 + r", nodes(-half, half), np.exp, powers(2, 6),
    base=lambda r: 1 + r)
fit("exp2(f), f in +-1/2, powers 1..5 after 1", nodes(-0.5005, 0.5005), np.exp2, powers(1, 5), base=np.ones_like)
fit("tanh(x), |x| < 0.625, powers 3, 5, ..., 11 after x", nodes(1e-3, 0.63), np.tanh, powers(3, 11, 2),
    base=lambda x: x)
p = 0.3
fit(f"exp(z^2) erfc(z), z in 0..10, powers 1..9 of t = 1 / (1 + {p} z)", nodes(1 / (1 + p * 10), 1),
    lambda t: erfcx((1 / t - 1) / p), powers(1, 9))
