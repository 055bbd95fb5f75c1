"""Slow, obvious oracles of the learning rules, in float64, straight from the equations."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray


def power(W: Array, p: float) -> Array:
    """sgn(W) |W|^(p−1)."""
    W = W.astype(np.float64)
    return np.sign(W) * np.abs(W) ** (p - 1)


def sphere(W: Array, p: float) -> Array:
    """(K,) Σ |W|^p."""
    return (np.abs(W.astype(np.float64)) ** p).sum(1)


def normalised(I: Array, W: Array, p: float) -> Array:
    """(n, K) Q = I / <W, W>^((p−1)/p); a unit without weights has Q = 0."""
    S = sphere(W, p)
    return I * np.where(S > 0, np.where(S > 0, S, 1.0) ** ((1 - p) / p), 0)


def ranking(row: Array) -> list[int]:
    """Units from the largest to the smallest; of equals the lower index first, nan last."""
    return sorted(range(len(row)), key=lambda r: (np.isnan(row[r]), -row[r], r))


def roles(values: Array, k: int, delta: float) -> Array:
    """(n, K) g: 1 for the largest of a row, −delta for the k-th largest, 0 for the rest."""
    g = np.zeros(values.shape)
    for b in range(len(values)):
        order = ranking(values[b])
        g[b, order[min(k, len(order)) - 1]] = -delta
        g[b, order[0]] = 1.0
    return g


def change(W: Array, v: Array, g: Array, p: float, radius: float, gate: bool = False) -> Array:
    """(K, N) Σ over examples of g (R^p v − I W), with the currents I of these weights."""
    W, v = W.astype(np.float64), v.astype(np.float64)
    I = v @ power(W, p).T
    total = np.zeros(W.shape)
    for b in range(len(v)):
        for r in range(len(W)):
            own = g[b, r] * (radius**p * v[b] - I[b, r] * W[r])
            total[r] += np.where(v[b] * W[r] < 0, 0, own) if gate else own
    return total


def published_batch(W: Array, v: Array, p: float, k: int, delta: float, epsilon: float) -> None:
    """One mini-batch of the authors' algorithm, as its text and its notebook have it; R = 1.

    W : (K, N) float64, moved in place; v : (n, N)
    """
    n, rows = len(v), np.arange(len(v))
    inputs = v.T
    I = np.dot(np.sign(W) * np.absolute(W) ** (p - 1), inputs)
    order = np.argsort(I, axis=0)
    g = np.zeros((len(W), n))
    g[order[-1], rows] = 1.0
    g[order[-k], rows] = -delta
    total = np.sum(np.multiply(g, I), 1)
    ds = np.dot(g, inputs.T) - np.multiply(np.tile(total.reshape(-1, 1), (1, W.shape[1])), W)
    largest = max(np.amax(np.absolute(ds)), 1e-30)
    W += epsilon * np.true_divide(ds, largest)


def objective(W: Array, v: Array, p: float, k: int, delta: float) -> tuple[float, float]:
    """The two terms of L_K: Σ of the largest Q and −delta Σ of the k-th largest."""
    Q = np.sort(normalised(v.astype(np.float64) @ power(W, p).T, W, p), axis=1)[:, ::-1]
    return float(Q[:, 0].sum()), float(-delta * Q[:, min(k, len(W)) - 1].sum())


def digits(n: int, seed: int, N: int = 784, kinds: int = 10) -> Any:
    """(n, N) uint8: a few smooth blots a kind, moved and blurred, most pixels 0."""
    generator = np.random.default_rng(seed)
    side = round(N**0.5)
    y, x = np.mgrid[:side, :side] / side
    images = np.zeros((n, side, side))
    centres = generator.uniform(0.2, 0.8, (kinds, 4, 2))
    for b in range(n):
        for cy, cx in centres[b % kinds] + generator.normal(0, 0.04, (4, 2)):
            width = generator.uniform(0.05, 0.09)
            images[b] += np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * width**2))
    images = np.clip(1.3 * images - 0.2, 0, 1).reshape(n, -1)
    return np.rint(255 * images).astype(np.uint8)[generator.permutation(n)]


def inhibited(I: Array, w_inh: float, h: Array) -> Array:
    """τ dh/dt of units that inhibit each other, one sum over the others for each."""
    slope = np.zeros(len(I))
    for r in range(len(I)):
        others = sum(max(h[s], 0.0) for s in range(len(I)) if s != r)
        slope[r] = I[r] - w_inh * others - h[r]
    return slope


def settling(
    I: Array, w_inh: float, dt: float, steps: int, tolerance: float
) -> list[tuple[Array, float]]:
    """H after every step of exponential Euler from 0, and its L(h)."""
    h, track = np.zeros(len(I)), []
    for _ in range(steps):
        slope = inhibited(I, w_inh, h)
        h = h * np.exp(-dt) + (1 - np.exp(-dt)) * (slope + h)
        track.append((h, inhibition(I, w_inh, h)[0]))
        if np.abs(slope).max() < tolerance:
            break
    return track


def inhibition(I: Array, w_inh: float, h: Array) -> tuple[float, float]:
    """L(h) and the sum of the sizes of its terms."""
    r = np.maximum(h, 0)
    pairs = sum(r[a] * r[b] for a in range(len(r)) for b in range(len(r)) if a != b)
    terms = w_inh / 2 * pairs, -np.sum(I * r), np.sum(r**2) / 2
    return float(sum(terms)), float(abs(terms[0]) + np.abs(I * r).sum() + terms[2])


def responses(h: Array, threshold: float, delta: float) -> Array:
    """g(h)."""
    return np.where(h < 0, 0.0, np.where(h < threshold, -delta, 1.0))
