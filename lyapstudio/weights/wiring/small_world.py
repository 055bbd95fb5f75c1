"""Mostly neighbours, and a few short cuts."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.core.kernel import kernel
from lyapstudio.core.param import Choice, choice, integer, number
from lyapstudio.core.rng import below, step
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.draws import key_of, part, stream_at
from lyapstudio.weights.wiring.lists import mirrored
from lyapstudio.weights.wiring.offsets import Offsets, near, nearest_offsets
from lyapstudio.weights.wiring.recipe import Wiring

TRIES = 200
"""For a neuron that is not a neighbour yet; where none is found the connection stays."""


@dataclass(frozen=True)
class SmallWorld(Wiring):
    """Watts & Strogatz 1998."""

    id: ClassVar[str] = "small-world"
    title: ClassVar[str] = "Small world"
    place: ClassVar[int] = 4
    smaller: ClassVar[str] = "Choose fewer neighbours"
    about: ClassVar[str] = (
        "<h3>Small world</h3>"
        "<p>Each neuron is first connected to its <i>K</i> nearest. Then each connection is "
        "rewired with probability <i>p</i>: one of its ends goes to a neuron drawn at random.</p>"
        "<p><b>What to look for.</b> At <i>p</i> = 0 all connections are local and patches "
        "disagree; at 1 all is random. In between, at a few per cent, short cuts tie the sheet "
        "together while most wiring stays short. Find the smallest <i>p</i> at which a memory "
        "comes back whole.</p>"
        "<p>D. J. Watts &amp; S. H. Strogatz, <i>Nature</i> 393, 440 (1998); J. W. Bohland &amp; "
        "A. A. Minai, <i>Neurocomputing</i> 38, 489 (2001)</p>"
    )

    where: str = choice(
        "sheet",
        (
            Choice("sheet", "Sheet", "Nearest on the sheet, which wraps around at its rim."),
            Choice("line", "Row order", "Nearest row by row, closed to a ring, as published."),
        ),
        label="Nearest by",
        help="What near means before anything is rewired. Compare the two pictures at p = 0.",
    )
    K: int = integer(
        20,
        2,
        500,
        label="Neighbours K",
        help="The mean number of connections of a neuron. An odd number counts as the even one "
        "below it.",
    )
    p: float = number(
        0.1,
        0.0,
        1.0,
        label="Rewired p",
        percent=True,
        decimals=1,
        help="The share of connections that go to somebody at random. Try 0, then 2 %, then 100 %.",
    )

    def _offsets(self, rows: int, cols: int) -> Offsets:
        shape = (1, rows * cols) if self.where == "line" else (rows, cols)
        return nearest_offsets(*shape, self.K // 2)

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        offsets = self._offsets(rows, cols)
        start, targets = near(offsets, np.ones(len(offsets)), self.seed)
        if self.p:
            rewire(key_of(self.seed), self.p, start, targets)
        return mirrored(start, targets)

    def expected(self, rows: int, cols: int) -> float:
        return 2.0 * float(self._offsets(rows, cols).pairs.sum())


@kernel
def holds(targets, first, end, j):
    """Whether j is among targets[first:end]."""
    for e in range(first, end):  # noqa: SIM110 - numba has no any()
        if targets[e] == j:
            return True
    return False


@kernel
def rewire(key, p, start, targets):
    """Give each pair another far end with probability p, in place: never itself, no pair twice.

    Every pair is in the list of one of its neurons, so two lists tell whether it is there.

    key : uint64; start : (N + 1,) int64; targets : (E,) int32
    """
    N = len(start) - 1
    for i in range(N):
        a, b = stream_at(key, i)
        first, end = start[i], start[i + 1]
        for e in range(first, end):
            chosen = part(a, b) <= p
            a, b = step(a, b)
            if not chosen:
                continue
            for _ in range(TRIES):
                j = below(a + b, N)
                a, b = step(a, b)
                known = holds(targets, first, end, j) or holds(targets, start[j], start[j + 1], i)
                if j != i and not known:
                    targets[e] = j
                    break
