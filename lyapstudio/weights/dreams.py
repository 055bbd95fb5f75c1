"""Unlearning: a state that was dreamt is taken away from the weights, a little."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import Params, number
from lyapstudio.weights.factors import OTHERS, Factors

STRENGTH_BITS = 10
"""A strength is rounded to 2**-10, so that whole weights stay exact."""

ABOUT = (
    "<h3>Unlearning (dreaming)</h3>"
    "<p><i>w<sub>ij</sub></i> &larr; <i>w<sub>ij</sub></i> &minus; (&epsilon;/<i>N</i>) "
    "<i>s</i>*<sub>i</sub> <i>s</i>*<sub>j</sub></p>"
    "<p>The network starts from a random state, falls into some valley <i>s</i>*, and the weights "
    "forget a little of it. Spurious valleys are met more often than their depth deserves, so "
    "they lose most. Do it too often and the memories go, too: by the time &epsilon; times the "
    "number of dreams reaches the number of memories, nothing is left.</p>"
    "<p>J. J. Hopfield, D. I. Feinstein &amp; R. G. Palmer, <i>Nature</i> 304, 158 (1983).</p>"
)


@dataclass(frozen=True)
class Dreaming(Params):
    """How much one dream takes away."""

    strength: float = number(
        0.01,
        0.001,
        0.2,
        label="Strength ε of a dream",
        log=True,
        decimals=3,
        help="How much the weights forget of what was dreamt, in parts of a memory. At 0.01 a "
        "hundred dreams help. Once strength × dreams reaches the number of memories, these are "
        "gone, too.",
    )


@dataclass(frozen=True, eq=False)
class Dream:
    """state : (N,) int8 read-only, where the network came to rest; strength : epsilon.

    A neuron that was silent is 0 in it: nothing of its weights is taken away.
    """

    state: NDArray[np.int8]
    strength: float

    @property
    def snapped(self) -> float:
        """Epsilon as it is used."""
        return float(np.rint(self.strength * 2.0**STRENGTH_BITS) / 2.0**STRENGTH_BITS)


def unlearned(factors: Factors, dreams: tuple[Dream, ...]) -> Factors:
    """One more column for each dream."""
    if not dreams:
        return factors
    N, R = factors.N, factors.R
    states = np.array([d.state for d in dreams])
    amounts = np.array([d.snapped for d in dreams]) / (N * factors.scale)
    owners = np.append(factors.owners, np.full(len(dreams), OTHERS))
    kind = factors.U.dtype.type
    wide = (N, R + len(dreams))
    U = np.empty(wide, kind)
    U[:, :R], U[:, R:] = factors.U[:, :R], states.T
    if factors.A is not None:
        A = np.zeros((R + len(dreams),) * 2)
        A[:R, :R] = factors.A
        A[range(R, len(A)), range(R, len(A))] = -amounts
        return replace(factors, U=U, A=A, owners=owners, others="Dreams")
    V = np.empty(wide)
    V[:, :R], V[:, R:] = factors.left, states.T * -np.rint(amounts * 1024) / 1024
    bits = max(factors.bits or 0, STRENGTH_BITS)
    return replace(factors, U=U, V=V, bits=bits, owners=owners, others="Dreams")
