"""Krotov & Hopfield's slow rule (2019): the units inhibit each other until few are left.

An example drives the units with its currents I. They settle,

    τ dh_μ/dt = I_μ − w_inh Σ_(ν≠μ) r_ν − h_μ,   r = max(h, 0),

and how far a unit got decides what it learns. While they settle a function of their own never
rises: L(h) = (w_inh/2) Σ_(μ≠ν) r_μ r_ν − Σ I_μ r_μ + ½ Σ r_μ².

Letters: K units, N inputs; h (K,) float64, I (K,), W and V (K, N) float32.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math

import numpy as np

from lyapstudio.core.kernel import kernel
from lyapstudio.weights.competition import (
    MAGNITUDE,
    as_size,
)
from lyapstudio.weights.currents import power_row, product


def safe_step(K: int, w_inh: float) -> float:
    """The longest time step, in units of τ, at which L can never rise; inf where any step is safe.

    A step moves h the part θ = 1 − e^(−dt) of its way. L changes by at most
    −½ |Δr|² (λ + (2 − θ)/θ), where λ = −w_inh (K − 1) is the smallest eigenvalue of what the units
    do to each other (stiffest when all move together). So θ ≤ 2/(1 + w_inh (K − 1)) is safe.
    """
    part = 2 / (1 + max(0.0, w_inh) * (K - 1))
    return -math.log1p(-part) if part < 1 else math.inf


@kernel(fastmath=True)
def settle_step(I, w_inh, part, total, h):
    """Move h a part of its way, given Σ max(h, 0); returns the new sum and max |τ dh/dt|."""
    after, fastest = 0.0, 0.0
    for r in range(len(h)):
        slope = I[r] - w_inh * (total - max(h[r], 0.0)) - h[r]
        fastest = max(fastest, abs(slope))
        h[r] += part * slope
        after += max(h[r], 0.0)
    return after, fastest


@kernel(fastmath=True)
def inhibition_energy(h, I, w_inh):
    """L(h) = (w_inh/2) Σ_(μ≠ν) r_μ r_ν − Σ I_μ r_μ + ½ Σ r_μ², r = max(h, 0)."""
    total, squares, driven = 0.0, 0.0, 0.0
    for r in range(len(h)):
        x = max(h[r], 0.0)
        total += x
        squares += x * x
        driven += I[r] * x
    return 0.5 * w_inh * (total * total - squares) - driven + 0.5 * squares


@kernel
def settle_traced(I, w_inh, dt, steps, tolerance, hs, Ls):
    """Let h settle from 0 by exponential Euler, with h and L(h) noted after every step.

    Returns how many rows were written.

    Parameters
    ----------
    dt : step in units of τ; `safe_step` says which are safe
    tolerance : rest is where every |τ dh/dt| is below it
    hs : (T, K); Ls : (T,) float64; at most T steps are taken
    """
    h = np.zeros(len(I))
    part, total = -math.expm1(-dt), 0.0
    steps = min(steps, len(Ls))
    for step in range(steps):
        total, fastest = settle_step(I, w_inh, part, total, h)
        hs[step] = h
        Ls[step] = inhibition_energy(h, I, w_inh)
        if fastest < tolerance:
            return step + 1
    return steps


@kernel
def rest(I, w_inh, h):
    """Write the state that `settle` tends to: L's only minimum, or the winner's own from w_inh = 1.

    Of the m units that stay active Σ r = Σ I / (1 − w_inh + w_inh m), and h = I − w_inh Σ r for
    the others. From w_inh = 1 on two active units drive each other apart, and as all start from 0
    the one with the largest current (of equals the first) is left.
    """
    reach, total = 0.0, 0.0
    if w_inh < 1.0:
        left = len(I) + 1
        while True:  # drop whom the others put to silence, until nobody is
            count, driven = 0, 0.0
            for r in range(len(I)):
                if I[r] > reach:
                    driven += I[r]
                    count += 1
            if count >= left:
                break
            left = count
            total = driven / (1.0 - w_inh + w_inh * count)
            reach = w_inh * total
    else:
        for r in range(len(I)):
            total = max(total, np.float64(I[r]))
    alone = w_inh >= 1.0 and total > 0.0
    for r in range(len(I)):
        h[r] = I[r] - w_inh * total
        if alone and I[r] == total:
            h[r], alone = total, False
        elif w_inh < 1.0 and h[r] > 0.0:
            h[r] /= 1.0 - w_inh


@kernel
def response(h, threshold, delta, g):
    """g(h): 0 below 0, −Δ from 0 up to the threshold, 1 from there on."""
    for r in range(len(h)):
        if h[r] >= threshold:
            g[r] = 1.0
        elif h[r] >= 0.0:
            g[r] = -delta
        else:
            g[r] = 0.0


@kernel
def asked(w, x, c, d, gate, change):
    """Write c x − d w to `change`, 0 where the gate is on and w and x differ in sign."""
    for i in range(len(w)):
        open_ = not gate or x[i] * w[i] >= 0
        change[i] = c * x[i] - d * w[i] if open_ else np.float32(0)


@kernel
def learn_one(W, x, I, g, radius_p, rate, p, gate, V, S):
    """W[r] += rate g[r] (R^p x − I[r] W[r]) for every unit with g ≠ 0; V and S follow.

    Parameters
    ----------
    x : (N,) float32; I, g : (K,); S : (K,) float64
    gate : leave out weights whose sign is not that of their input

    Returns
    -------
    the largest |g (R^p x − I w)|, nan where it is not finite, and then nothing has changed
    """
    change = np.empty_like(W[0])
    bits = change.view(np.uint32)
    largest = np.uint32(0)
    for r in range(len(W)):
        if g[r] != 0.0:
            asked(W[r], x, np.float32(g[r] * radius_p), np.float32(g[r] * I[r]), gate, change)
            for i in range(len(bits)):
                size = np.uint32(bits[i] & MAGNITUDE)
                largest = size if size > largest else largest
    most = as_size(largest)
    if np.isnan(most):
        return most
    for r in range(len(W)):
        if g[r] != 0.0:
            asked(W[r], x, np.float32(g[r] * radius_p), np.float32(g[r] * I[r]), gate, change)
            w = W[r]
            for i in range(len(w)):
                w[i] += np.float32(rate) * change[i]
            power_row(w, p, change)
            S[r] = product(w, change)
            for i in range(len(w)):
                V[r, i] = change[i]
    return most
