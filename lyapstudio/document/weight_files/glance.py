"""What is seen of weights before they are taken: numbers, and a picture that is not too large."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import Params, switch
from lyapstudio.document.datasets.raw import Report, share
from lyapstudio.document.given import Given

SIDE = 480
"""Rows and columns of the picture at most; beyond, each of its points is a mean."""
OUTLIERS = 0.995
"""Quantile of their sizes at which the colours end, so that a few leave the rest visible."""


@dataclass(frozen=True)
class WeightOptions(Params):
    """What is done to weights from a file before they are taken."""

    symmetrise: bool = switch(
        False,
        label="Symmetrise: (w + wᵀ)/2",
        help="Give each pair of neurons the mean of their two weights, so that the energy is a "
        "Lyapunov function.",
    )
    hollow: bool = switch(
        False,
        label="Remove the diagonal",
        help="Nobody listens to itself any more: the weights w[i, i] are set to 0.",
    )


@dataclass(frozen=True, eq=False)
class Glance:
    """Weights, and what there is to see of them.

    own, negative_own : self-couplings, and those below 0
    low, high : the least and the largest weight that is not 0
    differing : pairs of neurons whose two weights differ
    antisymmetry : norm of the antisymmetric part over the norm of all, in [0, 1]
    picture : (S, S) float64 in [-1, 1], means of `bin` x `bin` weights in units of `top`
    """

    given: Given
    own: int
    negative_own: int
    low: float
    high: float
    differing: int
    antisymmetry: float
    picture: NDArray[np.float64]
    bin: int
    top: float


def prepared(given: Given, options: WeightOptions) -> Given:
    """The weights as they were asked for."""
    if options.symmetrise:
        given = given.symmetrised()
    return given.without_diagonal() if options.hollow else given


def glance(given: Given, report: Report = lambda _: None) -> Glance:
    """All that is shown; the weights themselves stay as they are."""
    twins = given.twins(share(report, 0.3, 0.6))
    scale = max(abs(given.values.min(initial=0)), given.values.max(initial=0)) or 1.0
    sums = _Sums()
    bin = -(-given.N // SIDE)
    S = -(-given.N // bin)
    picture = np.zeros(S * S)
    for block in given.blocks(share(report, 0.6, 1)):
        into, out_of, values = (part[block] for part in given.triplets())
        sums.add(into == out_of, values / scale, twins[block] / scale)
        at = (into // bin).astype(np.int64) * S + out_of // bin
        picture += np.bincount(at, values / scale, minlength=S * S)
    width = np.bincount(np.arange(given.N) // bin)
    means = picture.reshape(S, S) / np.outer(width, width)
    sizes = np.abs(means[means != 0])
    top = float(np.quantile(sizes, OUTLIERS)) if len(sizes) else 1.0
    return Glance(
        given,
        sums.own,
        sums.negative_own,
        float(given.values.min()) if given.count else 0.0,
        float(given.values.max()) if given.count else 0.0,
        sums.once + sums.twice // 2,
        math.sqrt(sums.apart / (sums.all or 1.0)),
        np.clip(means / top, -1, 1),
        bin,
        top * scale,
    )


@dataclass
class _Sums:
    """What is counted, connection by connection.

    once, twice : those whose opposite is not there, and those whose opposite differs
    apart, all : squares of the antisymmetric part, and of all
    """

    own: int = 0
    negative_own: int = 0
    once: int = 0
    twice: int = 0
    apart: float = 0.0
    all: float = 0.0

    def add(
        self, own: NDArray[np.bool_], values: NDArray[np.float64], twins: NDArray[np.float64]
    ) -> None:
        self.own += int(own.sum())
        self.negative_own += int((values[own] < 0).sum())
        alone = twins == 0
        self.once += int(alone.sum())
        self.twice += int(((twins != values) & ~alone).sum())
        halves = (0.5 * values - 0.5 * twins) ** 2
        self.apart += float(halves.sum() + halves[alone].sum())  # the absent one differs as much
        self.all += float((values**2).sum())
