"""The fast rule against the authors' numpy and against the bare matrix product of a batch."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

import numpy as np

from lyapstudio.weights.competition import (
    currents,
    gather,
    learn_batch,
    powers,
    spheres,
)
from tests.benchmarks.bench_recall import Row, interleaved, row
from tests.naive_learning import digits, published_batch

CASES = ((100, 2.0, 2, 0.02, 4.0, 1.8), (2000, 3.0, 7, 0.04, 9.0, 1.4))
"""K, p, k, ε₀; at least so many times the authors' speed, at most so many bare products."""
IMAGES, BATCH, DELTA = 60_000, 100, 0.4
WARM = 300
"""Batches before the clock starts: the units that win then are those of a run, not of a start."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def keep_pages() -> None:
    """Tell the C library to keep the memory that it was given, for all rows alike.

    Otherwise every large temporary of numpy is a thousand page faults, and our ratios double.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        library.mallopt(M_TRIM_THRESHOLD, 1 << 30)


def images() -> np.ndarray:
    """(60,000, 784) uint8, as sparse as handwritten digits: a fifth of the pixels is lit."""
    few = digits(2000, 1)
    assert 0.15 < (few > 0).mean() < 0.25
    generator = np.random.default_rng(2)
    return np.ascontiguousarray(few[generator.integers(0, len(few), IMAGES)])


def ours(data: np.ndarray, K: int, p: float, k: int, rate: float) -> Callable[[], None]:
    """A batch as the program learns it: gather, currents, rank, move."""
    generator, N = np.random.default_rng(1), data.shape[1]
    W = generator.normal(0, 1, (K, N)).astype(np.float32)
    V, S = np.empty_like(W, order="F"), np.empty(K)
    powers(W, p, V)
    spheres(W, p, S)
    scale, wins = np.ones(K, np.float32), np.zeros(K, np.int64)
    X, I = np.empty((BATCH, N), np.float32), np.empty((BATCH, K), np.float32)
    ds = np.empty((min(K, 2 * BATCH), N), np.float32)
    order, at = generator.permutation(len(data)).astype(np.int32), 0

    def once() -> None:
        nonlocal at
        at = (at + BATCH) % len(data)
        gather(data, order, at, at + BATCH, X)
        currents(X, V, I)
        learn_batch(X, I, k, DELTA, 1.0, p, rate, False, False, W, V, S, scale, wins, ds)

    for _ in range(WARM):
        once()
    return once


def authors(data: np.ndarray, K: int, p: float, k: int, rate: float) -> Callable[[], None]:
    """The published algorithm in float64, on images already shuffled: that is not counted."""
    W, at = np.random.default_rng(1).normal(0, 1, (K, data.shape[1])), 0

    def once() -> None:
        nonlocal at
        at = (at + BATCH) % len(data)
        published_batch(W, data[at : at + BATCH], p, k, DELTA, rate)

    return once


def product(data: np.ndarray, K: int) -> Callable[[], None]:
    """The forward product of a batch and nothing else, in the faster order of the two."""
    W = np.random.default_rng(1).normal(0, 1, (K, data.shape[1])).astype(np.float32, order="F")
    X = data[:BATCH].astype(np.float32) / 255
    I = np.empty((BATCH, K), np.float32)
    return lambda: np.dot(X, W.T, out=I)


def rows(only: str = "") -> Iterator[Row]:
    """Milliseconds a batch of 100."""
    if only not in "learning":
        return
    keep_pages()
    data = images()
    doubles = data[:6000] / 255
    for K, p, k, rate, faster, products in CASES:
        calls = [ours(data, K, p, k, rate), authors(doubles, K, p, k, rate), product(data, K)]
        fast, published, bare = interleaved(calls, 15, 60.0)
        name = f"learning, K={K} p={p:g} k={k}"
        yield row(f"{name}, authors' numpy", fast, published, faster)
        yield row(f"{name}, bare product", fast, bare, products, least=False)
