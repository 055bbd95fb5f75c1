"""Who listens to whom, in numbers: how many connections, how strong, how symmetric.

Exact where all weights can be looked at (up to 2048 neurons, or sparse); else degrees, mean and
histogram come from the weights of neurons drawn at random, and asymmetry and isolated neurons from
products of the weights with random signs x: each entry of (W − Wᵀ) x has as its mean square the
squared asymmetry of that neuron (Hutchinson 1990), so that a single edited weight is not missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lyapstudio.analysis.histogram import Degrees, Distribution, Histogram, degrees, distribution
from lyapstudio.core.rng import numpy_generator

Real = NDArray[np.float64]
Triplets = tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]], Real]

SAMPLED = 1 << 22
"""Weights that are looked at where not all can be."""
ROWS = 8
"""Neurons that are looked at, at least, however many there are."""
COLUMNS = 32
"""Neurons whose outgoing weights are looked at, at most: each costs a product with W."""
PROBES = 8
"""Vectors of random signs."""
PAIRED = 1 << 22
"""Up to so many stored weights each is compared with its opposite, else probes do it."""
CHUNK = 1 << 20
"""Stored weights at a time."""
ROUNDING = 1e-11
"""A part of the weights' size that is nothing but rounding."""

_PURPOSE = 0x57A7


class Couplings(Protocol):
    """What statistics ask of weights; numbers in the paper's units, self-couplings included."""

    @property
    def N(self) -> int: ...
    @property
    def scale(self) -> float:
        """The grid unit: weights are whole multiples of it or of a part of it."""

    @property
    def symmetric(self) -> bool: ...
    def matvec(self, x: Real) -> Real:
        """(N,) W x."""

    def rmatvec(self, x: Real) -> Real:
        """(N,) Wᵀ x."""

    def rows(self, into: NDArray[np.int64]) -> Real:
        """(k, N) weights into these neurons."""

    def triplets(self) -> Triplets | None:
        """(E,) into, out_of and weights, each pair once, where few are stored; else None."""

    def small(self) -> Real | None:
        """(N, N) all weights, where N is at most 2048; else None."""

    def gram_pair(self) -> tuple[Real, Real] | None:
        """(R, R) UᵀV and (N,) d where W = V Uᵀ − diag(d); else None."""


@dataclass(frozen=True, eq=False)
class Summary:
    """A network's weights in numbers.

    connections : weights off the diagonal that are not zero, of N (N − 1)
    mean, sd, least, largest, weights : of the connections; NaN where there are none
    into, out_of : degrees of the neurons
    isolated : neurons that neither listen nor are listened to
    asymmetry : ‖(W − Wᵀ)/2‖ / ‖W‖ (Frobenius): 0 symmetric, 1 antisymmetric
    most_asymmetric : the neuron with the largest part in it, None where there is none
    self_couplings, negative_selves : diagonal weights that are not zero, below zero
    dale : share of neurons whose outgoing weights all have one sign
    sampled : neurons that were drawn; 0 where all weights were looked at
    probed : asymmetry and isolated neurons were found by random probes
    """

    N: int
    connections: int
    mean: float
    sd: float
    least: float
    largest: float
    weights: Histogram
    into: Degrees
    out_of: Degrees
    isolated: int
    asymmetry: float
    most_asymmetric: int | None
    self_couplings: int
    negative_selves: int
    dale: float
    sampled: int = 0
    probed: bool = False

    @property
    def share(self) -> float:
        """Connections as a share of all pairs."""
        return self.connections / max(1, self.N * (self.N - 1))

    @property
    def words(self) -> str:
        """How exact the numbers are: a sentence, or "" where they are exact."""
        if self.sampled:
            return (
                f"Estimated from the weights into {self.sampled} neurons drawn at random; symmetry "
                f"and isolated neurons from {PROBES} products of all weights with random signs."
            )
        if self.probed:
            return (
                "The size of the asymmetry is estimated from "
                f"{PROBES} products of all weights with random signs."
            )
        return ""


def nobody(fraction: float) -> None:
    """Where nobody asks how far it is."""


def summary(
    weights: Couplings,
    seed: int = 0,
    diagonal: Real | None = None,
    report: Callable[[float], None] = nobody,
) -> Summary:
    """The weights in numbers.

    Parameters
    ----------
    seed : of what is drawn where not all weights can be looked at
    diagonal : (1,) or (N,) self-couplings, where they are known apart: then they are exact
    report : told the fraction done; may raise to cancel
    """
    triplets = weights.triplets()
    if triplets is not None:
        return _of_triplets(weights, triplets, seed, report)
    matrix = weights.small()
    if matrix is not None:
        return _of_matrix(matrix, weights.scale)
    return _of_sample(weights, seed, diagonal, report)


def _of_matrix(W: Real, scale: float) -> Summary:
    N = len(W)
    selves = np.diagonal(W)
    there = W != 0
    np.fill_diagonal(there, False)
    found = distribution(partial(_once, W[there]), scale)
    into, out_of = there.sum(1), there.sum(0)
    positive = ((W > 0) & there).any(0)
    negative = ((W < 0) & there).any(0)
    odd = (W - W.T) / 2
    parts = np.square(odd).sum(1)
    asymmetry, most = _asymmetry(parts, float(np.square(W).sum()))
    return Summary(
        N,
        found.count,
        *_moments(found),
        *degrees(into, out_of),
        int(np.count_nonzero(into + out_of == 0)),
        asymmetry,
        most,
        int(np.count_nonzero(selves)),
        int(np.count_nonzero(selves < 0)),
        _share(~(positive & negative)),
    )


def _of_triplets(
    weights: Couplings, triplets: Triplets, seed: int, report: Callable[[float], None]
) -> Summary:
    N, (to, of, values) = weights.N, triplets
    into, out_of = np.zeros(N, np.int64), np.zeros(N, np.int64)
    positive, negative = np.zeros(N, bool), np.zeros(N, bool)
    selves = np.zeros(N)
    chunks = [slice(k, k + CHUNK) for k in range(0, len(values), CHUNK)]
    for k, part in enumerate(chunks):
        report(0.5 * k / len(chunks))
        i, j, w = to[part], of[part], values[part]
        diagonal = i == j
        selves[i[diagonal]] = w[diagonal]
        there = (w != 0) & ~diagonal
        i, j, w = i[there], j[there], w[there]
        into += np.bincount(i, minlength=N)
        out_of += np.bincount(j, minlength=N)
        positive[j[w > 0]] = True
        negative[j[w < 0]] = True

    def blocks() -> Iterator[Real]:
        for part in chunks:
            w = values[part]
            yield w[(w != 0) & (to[part] != of[part])]

    found = distribution(blocks, weights.scale)
    report(0.7)
    probed = not weights.symmetric and len(values) > PAIRED
    asymmetry, most = 0.0, None
    if probed:
        asymmetry, most, _ = _probe(weights, seed, partial(_later, report))
    elif not weights.symmetric:
        asymmetry, most = _asymmetry(*_paired(N, triplets))
    return Summary(
        N,
        found.count,
        *_moments(found),
        *degrees(into, out_of),
        int(np.count_nonzero(into + out_of == 0)),
        asymmetry,
        most,
        int(np.count_nonzero(selves)),
        int(np.count_nonzero(selves < 0)),
        _share(~(positive & negative)),
        probed=probed,
    )


def _of_sample(
    weights: Couplings, seed: int, diagonal: Real | None, report: Callable[[float], None]
) -> Summary:
    N = weights.N
    drawn = numpy_generator(seed, _PURPOSE).choice(N, min(N, max(ROWS, SAMPLED // N)), False)
    drawn = np.sort(drawn).astype(np.int64)
    W = weights.rows(drawn)
    W[np.abs(W) <= ROUNDING * float(np.abs(W).max(initial=0.0))] = 0.0
    selves = W[np.arange(len(drawn)), drawn]
    W[np.arange(len(drawn)), drawn] = 0.0
    report(0.3)
    found = distribution(partial(_once, W[W != 0]), weights.scale)
    into = np.count_nonzero(W, axis=1)
    if weights.symmetric:
        out_of, one_sign = into, _one_sign(W)
    else:
        columns = _columns(weights, drawn[:COLUMNS], report)
        out_of, one_sign = np.count_nonzero(columns, axis=1), _one_sign(columns)
    asymmetry, most, isolated = _probe(weights, seed, partial(_later, report))
    if diagonal is not None:
        selves = np.broadcast_to(diagonal, N)
    part = N / len(selves)
    return Summary(
        N,
        round(found.count * N / len(drawn)),
        *_moments(found),
        *degrees(into, out_of),
        isolated,
        asymmetry,
        most,
        round(np.count_nonzero(selves) * part),
        round(np.count_nonzero(selves < 0) * part),
        _share(one_sign),
        sampled=len(drawn),
        probed=True,
    )


def _columns(
    weights: Couplings, out_of: NDArray[np.int64], report: Callable[[float], None]
) -> Real:
    """(k, N) weights out of these neurons, without their self-couplings."""
    columns = np.empty((len(out_of), weights.N))
    for k, j in enumerate(out_of.tolist()):
        report(0.3 + 0.4 * k / len(out_of))
        one = np.zeros(weights.N)
        one[j] = 1.0
        columns[k] = weights.matvec(one)
        columns[k, j] = 0.0
    return columns


def _probe(
    weights: Couplings, seed: int, report: Callable[[float], None]
) -> tuple[float, int | None, int]:
    """Asymmetry, the most asymmetric neuron, and how many neurons are isolated.

    x_i (W x)_i is w_ii plus a sum that changes with the signs x, unless neuron i hears nobody.
    """
    N, rng = weights.N, numpy_generator(seed, _PURPOSE, 1)
    parts, size = np.zeros(N), 0.0
    low, high = np.full((2, N), np.inf), np.full((2, N), -np.inf)
    for k in range(PROBES):
        report(k / PROBES)
        x = np.where(rng.integers(0, 2, N) == 1, 1.0, -1.0)
        heard = weights.matvec(x)
        told = heard if weights.symmetric else weights.rmatvec(x)
        for side, y in enumerate((heard * x, told * x)):
            np.minimum(low[side], y, out=low[side])
            np.maximum(high[side], y, out=high[side])
        parts += np.square((heard - told) / 2)
        size += float(np.square(heard).sum() + np.square(told).sum()) / 2
    typical = math.sqrt(size / (PROBES * N))
    still = (high - low <= ROUNDING * typical).all(0)
    return *_asymmetry(parts, size), int(np.count_nonzero(still))


def _paired(N: int, triplets: Triplets) -> tuple[Real, float]:
    """(N,) each neuron's part of ‖(W − Wᵀ)/2‖², and ‖W‖²."""
    from scipy.sparse import csr_array

    to, of, values = triplets
    W = csr_array((values, (to, of)), shape=(N, N))
    odd = (W - W.T.tocsr()) / 2
    return np.asarray(odd.multiply(odd).sum(axis=1)).ravel(), float(np.square(values).sum())


def _asymmetry(parts: Real, size: float) -> tuple[float, int | None]:
    """‖(W − Wᵀ)/2‖ / ‖W‖ and whose part is the largest."""
    if size <= 0:
        return 0.0, None
    asymmetry = math.sqrt(float(parts.sum()) / size)
    if asymmetry <= ROUNDING:
        return 0.0, None
    return min(asymmetry, 1.0), int(parts.argmax())


def _moments(found: Distribution) -> tuple[float, float, float, float, Histogram]:
    return found.mean, found.sd, found.least, found.largest, found.histogram


def _one_sign(rows: Real) -> NDArray[np.bool_]:
    """(k,) whether all numbers of a row have one sign, zeros aside."""
    return np.logical_not((rows > 0).any(1) & (rows < 0).any(1))


def _share(kept: NDArray[np.bool_]) -> float:
    return float(kept.mean()) if len(kept) else 1.0


def _once(values: Real) -> Iterator[Real]:
    yield values


def _later(report: Callable[[float], None], fraction: float) -> None:
    """The second part of the work."""
    report(0.7 + 0.3 * fraction)
