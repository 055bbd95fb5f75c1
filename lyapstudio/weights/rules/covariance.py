"""The covariance rule: what memories share with each other is taken out before they are tied."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Units
from lyapstudio.weights.cost import FLOAT_PAD, padded
from lyapstudio.weights.factors import OTHERS, Factors, aligned, rows_of
from lyapstudio.weights.rules.rule import Material, Rule

EXACT = 24  # bits of a whole number that float32 still holds


def activity(memories: Units) -> tuple[float, int]:
    """The mean of all bits, as a whole multiple of 2**-k, and k.

    A weight is a sum of P products below 4, in steps of 2**-2k: k is as large as keeps it below
    2**24 steps, so that float32 holds every weight exactly. For 100 memories k is 7.
    """
    P = len(memories)
    k = max(0, math.floor((EXACT - math.log2(4 * P + 1)) / 2)) if P else 0
    mean = float(memories.sum(dtype=np.int64)) / max(memories.size, 1)
    return round(mean * 2**k) / 2**k, k


@dataclass(frozen=True)
class Covariance(Rule):
    """Sejnowski 1977; for biased memories Amit, Gutfreund & Sompolinsky 1987."""

    id: ClassVar[str] = "covariance"
    title: ClassVar[str] = "Covariance"
    year: ClassVar[int] = 1977
    about: ClassVar[str] = (
        "<h3>The covariance rule</h3>"
        "<p><i>w<sub>ij</sub></i> = (1/<i>N</i>) &Sigma;<sub>&mu;</sub> "
        "(<i>&xi;<sub>i</sub><sup>&mu;</sup></i> &minus; <i>a</i>) "
        "(<i>&xi;<sub>j</sub><sup>&mu;</sup></i> &minus; <i>a</i>), <i>w<sub>ii</sub></i> = 0</p>"
        "<p><i>N</i> neurons, memories &xi;<sup>&mu;</sup>; <i>a</i> is the mean of all bits of "
        "all memories, so 0 where black and white are balanced: the rule is Hebb's then. Letters "
        "are mostly background, and Hebb's rule learns that from every one of them: the common "
        "part adds up, and what sets them apart drowns in it. Here only what differs from the "
        "mean is tied.</p>"
        "<p><b>What to look for.</b> Store letters under Hebb's rule, then under this one, and "
        "compare how many are stable. Where almost everything is background, set the Threshold to "
        "&minus;<i>a</i>(1 &minus; <i>a</i><sup>2</sup>), too: it lifts both kinds of bits to the "
        "same stability. The rule takes out one number, the mean of all bits; where memories "
        "resemble each other pixel by pixel, the projection rule does more.</p>"
        "<p><i>a</i> is rounded to a binary fraction (1/128 with up to 163 memories), which keeps "
        "every weight exact. Sejnowski 1977; Amit, Gutfreund &amp; Sompolinsky 1987.</p>"
    )

    def rank(self, P: int) -> int | None:
        return P + 1

    def factors(self, material: Material, before: Factors | None = None) -> Factors:
        P, N = material.P, material.N
        a, k = activity(material.memories)
        U = rows_of(np.vstack([material.memories, np.ones((1, N), np.int8)]), np.int8)
        V = _left(material.memories, a)
        return Factors(U, V, 1.0 / N, 2 * k, np.append(np.arange(P), OTHERS))


def _left(memories: Units, a: float) -> NDArray[np.float64]:
    """(N, padded P + 1) the columns xi - a and, of all memories, P a a - a sum xi."""
    P, N = memories.shape
    V = aligned((N, padded(P + 1, FLOAT_PAD)), np.float64)
    V[:, :P] = memories.T
    V[:, P] = P * a * a - a * memories.sum(axis=0, dtype=np.int64)
    V[:, :P] -= a
    V[:, P + 1 :] = 0.0
    return V
