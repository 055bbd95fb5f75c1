"""Weights drawn at random: a network that has learned nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lyapstudio.core.param import Choice, choice, integer, number, switch
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.factors import Entries
from lyapstudio.weights.lots import fill_edges, fill_matrix
from lyapstudio.weights.rules.rule import Material, Rule

BITS = 12
"""Weights are whole multiples of 2**-12 of their scale: finer than the noise of any sum of them."""


@dataclass(frozen=True)
class RandomWeights(Rule):
    """Sherrington & Kirkpatrick 1975.

    The weight of a pair depends on the seed and the pair alone, so it is the same in a matrix and
    along any connections.
    """

    id: ClassVar[str] = "random"
    title: ClassVar[str] = "Random weights"
    year: ClassVar[int] = 1975
    symmetrised: ClassVar[Mapping[str, Any]] = {"symmetry": "symmetric"}
    stores: ClassVar[bool] = False
    about: ClassVar[str] = (
        "<h3>Random weights</h3>"
        "<p><i>w<sub>ij</sub></i> = <i>w<sub>ji</sub></i> ~ N(<i>J</i><sub>0</sub>/<i>N</i>, "
        "<i>J</i><sup>2</sup>/<i>N</i>), <i>w<sub>ii</sub></i> = 0</p>"
        "<p>Every weight is drawn from a normal distribution with mean "
        "<i>J</i><sub>0</sub>/<i>N</i> and standard deviation <i>J</i>/&radic;<i>N</i>, or takes "
        "one of the two values &plusmn;<i>J</i>/&radic;<i>N</i> around that mean. Where "
        "connections are few, <i>N</i> is their mean number to a neuron. With "
        "<i>w<sub>ij</sub></i> = <i>w<sub>ji</sub></i> this is the spin glass of Sherrington and "
        "Kirkpatrick. Nothing has been learned, and the patterns play no part.</p>"
        "<p><b>What to look for.</b> The energy falls here too, into one of very many minima that "
        "nobody put there: another cue ends in another one. Let the two directions of a pair "
        "differ, and there is no function any more: the network may wander without end. Raise "
        "<i>J</i><sub>0</sub> well above <i>J</i>, and all neurons agree.</p>"
        "<p>Sherrington &amp; Kirkpatrick 1975.</p>"
    )

    kind: str = choice(
        "normal",
        (
            Choice("normal", "Normal", "Weak and strong weights, drawn from a bell curve."),
            Choice("sign", "±J", "All equally strong; a coin decides the sign."),
        ),
        label="Distribution",
        help="How strong single weights are: of all sizes, or all alike up to the sign.",
    )
    J: float = number(
        1.0,
        0.0,
        4.0,
        label="Spread J",
        help="The standard deviation of a weight is J/√N. The field of a neuron is then about J.",
    )
    J0: float = number(
        0.0,
        -4.0,
        4.0,
        label="Mean J₀",
        help="The mean of a weight is J₀/N. Positive: neurons tend to agree; negative: they tend "
        "to differ.",
    )
    symmetry: bool = switch(
        True,
        label="Same weight both ways",
        help="On: w_ij = w_ji, and the energy is a Lyapunov function. Off: both are drawn on their "
        "own, and nothing holds the network back from wandering.",
    )
    seed: int = integer(
        1,
        0,
        2**31 - 1,
        label="Seed of the weights",
        help="Another number draws other weights from the same distribution.",
    )

    def rank(self, P: int) -> int | None:
        return None

    def matrix(self, material: Material) -> Entries:
        N = material.N
        W = np.zeros((N, N), np.float32)
        fill_matrix(W, self.seed, self.symmetry, *self._shape(N))
        return Entries(W, 1.0 / math.sqrt(N), BITS, self.symmetry)

    def along(self, material: Material, connections: Connections) -> Entries:
        mean = max(connections.count / connections.N, 1.0)
        values = np.empty(connections.count)
        start, sources = connections.start, connections.sources
        fill_edges(start, sources, values, self.seed, self.symmetry, *self._shape(mean))
        symmetric = self.symmetry and connections.symmetric
        return Entries(values, 1.0 / math.sqrt(mean), BITS, symmetric)

    def _shape(self, count: float) -> tuple[bool, float, float, float]:
        """Normal or not, spread and mean in units of 1/sqrt(count), and the grid."""
        return self.kind == "normal", self.J, self.J0 / math.sqrt(count), 2.0**BITS
