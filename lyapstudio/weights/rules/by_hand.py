"""No rule at all: somebody sets every weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.factors import Entries
from lyapstudio.weights.rules.rule import Material, Rule


@dataclass(frozen=True)
class ByHand(Rule):
    """Weights from a file, or zeros to begin with; what is painted comes on top elsewhere."""

    id: ClassVar[str] = "hand"
    title: ClassVar[str] = "All weights by hand"
    stores: ClassVar[bool] = False
    about: ClassVar[str] = (
        "<h3>All weights by hand</h3>"
        "<p><i>w<sub>ij</sub></i> = what you set, from neuron <i>j</i> to neuron <i>i</i></p>"
        "<p>No rule and no memories: every weight is 0 until you paint it, or comes from a file "
        "(NPY, NPZ, CSV, MTX). Patterns are still there to start from and to compare with, but "
        "the network does not learn them.</p>"
        "<p><b>What to look for.</b> Begin with two neurons and one weight in both directions: "
        "positive, and they end up alike; negative, and they end up different. Take the symmetric "
        "lock off and let <i>A</i> excite <i>B</i> while <i>B</i> inhibits <i>A</i>: no state is "
        "at rest, and no function falls. Three neurons that all inhibit each other cannot all be "
        "content: that is frustration.</p>"
    )

    def rank(self, P: int) -> int | None:
        return None

    def matrix(self, material: Material) -> Entries:
        N = material.N
        if material.given is None:
            return Entries(np.zeros((N, N), np.float32), 1.0 / N, 0, True)
        given = _checked(material.given, N)
        return Entries(given * N, 1.0 / N, None, bool((given == given.T).all()))

    def along(self, material: Material, connections: Connections) -> Entries:
        """The weights as they were set: they are not made larger where connections are few."""
        N = material.N
        if material.given is None:
            zeros = np.zeros(connections.count)
            return Entries(zeros, 1.0 / N, 0, connections.symmetric)
        given = _checked(material.given, N)
        into = np.repeat(np.arange(N), connections.degrees)
        values = given[into, connections.sources]
        alike = bool((values == given[connections.sources, into]).all())
        return Entries(values * N, 1.0 / N, None, connections.symmetric and alike)


def _checked(given: NDArray[np.float64], N: int) -> NDArray[np.float64]:
    """The weights, if they are numbers and as many as the network needs."""
    if given.shape != (N, N):
        rows, columns = (*given.shape, 1)[:2]
        raise UserError(
            f"The weights by hand are {rows:,} × {columns:,} numbers, and this network of {N:,} "
            f"neurons needs {N:,} × {N:,}. Load other weights, or change the size of the network."
        )
    if not np.isfinite(given).all():
        raise UserError(
            "Some of the weights by hand are not finite numbers (NaN or infinite). Load other "
            "weights, or set those to 0."
        )
    return given
