"""No rule at all: somebody sets every weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.factors import Entries
from lyapstudio.weights.rules.rule import Listed, Material, Rule


@dataclass(frozen=True)
class ByHand(Rule):
    """Weights from a file, or zeros to begin with; what is painted comes on top elsewhere."""

    id: ClassVar[str] = "hand"
    title: ClassVar[str] = "By hand"
    stores: ClassVar[bool] = False
    about: ClassVar[str] = (
        "<h3>All weights by hand</h3>"
        "<p><i>w<sub>ij</sub></i> = what you set, from neuron <i>j</i> to neuron <i>i</i></p>"
        "<p>No rule and no memories: every weight is 0 until you paint it, or comes from a file "
        "(NPY, NPZ, CSV, MTX). Patterns are still there to start from and to compare with, but the "
        "network does not learn them.</p>"
        "<p><b>What to look for.</b> Begin with two neurons and one weight in both directions: "
        "positive, and they end up alike; negative, and they end up different. Take the "
        "symmetric lock off and let <i>A</i> excite <i>B</i> while <i>B</i> inhibits <i>A</i>: "
        "no state is at rest, and no function falls. Three neurons that all inhibit each other "
        "cannot all be content: that is frustration.</p>"
    )

    def rank(self, P: int) -> int | None:
        return None

    def brings(self, material: Material) -> Connections | None:
        """Those of the file; without one nobody listens to anybody yet."""
        N, given = material.N, material.given
        if given is None:
            return Connections(np.zeros(N + 1, np.int64), np.empty(0, np.int32), True)
        if given.N != N:
            raise UserError(
                f"The weights by hand are those of {given.N:,} neurons, and this network has "
                f"{N:,}. Load other weights, or change the size of the network."
            )
        other = given.into != given.out_of
        into, sources = given.into[other], given.out_of[other]
        start = np.searchsorted(into, np.arange(N + 1)).astype(np.int64)
        twins = np.sort(into.astype(np.int64) * N + sources)
        both = np.array_equal(np.sort(sources.astype(np.int64) * N + into), twins)
        return Connections(start, sources, both)

    def along(self, material: Material, connections: Connections) -> Entries:
        """The weights as they were set: they are not made larger where connections are few."""
        N, given = material.N, material.given
        into = np.repeat(np.arange(N, dtype=np.int64), connections.degrees)
        if given is None:
            return Entries(np.zeros(connections.count), 1.0 / N, 0, connections.symmetric)
        values = _at(given, into, connections.sources)
        alike = bool((values == _at(given, connections.sources, into)).all())
        return Entries(values * N, 1.0 / N, None, connections.symmetric and alike)

    def diagonal(self, material: Material) -> NDArray[np.float64]:
        N, given = material.N, material.given
        own = np.zeros(N)
        if given is not None:
            alone = given.into == given.out_of
            own[given.into[alone]] = given.values[alone] * N
        return own


def _at(given: Listed, into: NDArray[Any], out_of: NDArray[Any]) -> NDArray[np.float64]:
    """(E,) single weights, 0 where the file has none."""
    if not len(given.values):
        return np.zeros(len(into))
    keys = given.into.astype(np.int64) * given.N + given.out_of
    wanted = into.astype(np.int64) * given.N + out_of
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, given.values[place], 0.0)
