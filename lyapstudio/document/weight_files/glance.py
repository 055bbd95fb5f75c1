"""What is seen of weights before they are taken: numbers, and a picture that is not too large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import Params, switch
from lyapstudio.document.datasets.raw import Report
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
    values = given.values
    own = values[given.into == given.out_of]
    report(0.2)
    twins = given.twins()
    report(0.6)
    differ = twins != values
    # a pair of which only one weight is there stands in the list once, all others twice
    once = differ & (twins == 0)
    pairs = int(once.sum()) + (int(differ.sum()) - int(once.sum())) // 2
    scale = float(np.abs(values).max(initial=0)) or 1.0
    halves = (0.5 * (values / scale) - 0.5 * (twins / scale)) ** 2
    part = np.sqrt((halves * (1 + once)).sum() / (((values / scale) ** 2).sum() or 1.0))
    report(0.8)
    picture, top = _picture(given)
    return Glance(
        given,
        len(own),
        int((own < 0).sum()),
        float(values.min(initial=np.inf)) if len(values) else 0.0,
        float(values.max(initial=-np.inf)) if len(values) else 0.0,
        pairs,
        float(part),
        picture,
        -(-given.N // SIDE),
        top,
    )


def _picture(given: Given) -> tuple[NDArray[np.float64], float]:
    """(S, S) in [-1, 1], and the weight that 1 stands for."""
    N = given.N
    bin = -(-N // SIDE)
    line = np.arange(N, dtype=np.int64) // bin
    S = int(line[-1]) + 1
    width = np.bincount(line, minlength=S)
    scale = float(np.abs(given.values).max(initial=0)) or 1.0
    at = line[given.into] * S + line[given.out_of]
    sums = np.bincount(at, given.values / scale, minlength=S * S).reshape(S, S)
    means = sums / np.outer(width, width)
    there = np.abs(means[means != 0])
    top = float(np.quantile(there, OUTLIERS)) if len(there) else 1.0
    return np.clip(means / top, -1, 1), top * scale
