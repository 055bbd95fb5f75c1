"""What a wiring makes on a sheet: its matrix in blocks, and what can be said of it in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.weights.connections import Connections
from lyapstudio.weights.cost import DENSE, Demand
from lyapstudio.weights.wiring import Wiring

BLOCKS = 196
"""Rows and columns of the matrix at most; a larger one is counted in blocks."""

LARGE = 40_000
"""Neurons from which on a sheet with many connections is looked at on a smaller one."""

MANY = 6_500_000
"""Connections that are made for a look: all of 2,500 neurons, and what takes under a second."""

CHUNK = 1 << 20
"""Connections counted together."""

PER_CONNECTION = 8
"""Bytes: a source (int32) and a weight (float32)."""

Report = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Wired:
    """A wiring on a sheet.

    rows, cols : the sheet that was looked at; smaller than the network's where `full` is False
    connections : who listens to whom there; None: all to all
    blocks : (B, B) float64, the share of the pairs of a block that are connected; row: who listens
    degrees : (N,) int64, how many neurons each one there listens to
    count, nbytes : connections of the whole network, and the memory they take; about, if not `full`
    """

    wiring: Wiring
    rows: int
    cols: int
    full: bool
    connections: Connections | None
    blocks: NDArray[np.float64]
    degrees: NDArray[np.int64]
    symmetric: bool
    isolated: int
    N: int
    count: float
    nbytes: float

    @property
    def mean(self) -> float:
        """Connections a neuron, in the whole network."""
        return self.count / self.N

    @property
    def share(self) -> float:
        """Of all pairs of the whole network."""
        return self.count / max(1.0, self.N * (self.N - 1.0))

    def heard(self, neuron: int) -> NDArray[np.int32]:
        """Whom a neuron of this sheet listens to, itself not included."""
        if self.connections is not None:
            return self.connections.heard(neuron)
        others = np.arange(self.rows * self.cols, dtype=np.int32)
        return others[others != neuron]


def fitting_sheet(wiring: Wiring, rows: int, cols: int) -> tuple[int, int]:
    """The sheet itself, or a smaller one of its shape that can be looked at in a moment."""
    if wiring.expected(rows, cols) <= MANY:
        return rows, cols
    scale, sheet = min(1.0, math.sqrt(LARGE / (rows * cols))), (rows, cols)
    while wiring.expected(*sheet) > MANY or sheet[0] * sheet[1] > 1.01 * LARGE:
        sheet = max(1, round(rows * scale)), max(1, round(cols * scale))
        scale *= 0.85
    return sheet


def look(wiring: Wiring, rows: int, cols: int, report: Report = lambda _: None) -> Wired:
    """Make the connections of a sheet, or of a smaller one of its shape, and count.

    Raises
    ------
    UserError : the whole network would have more connections than fit
    """
    wiring.admit(rows, cols)
    N = rows * cols
    sheet = fitting_sheet(wiring, rows, cols)
    report(0.0)
    made = wiring.connections(*sheet)
    if made is None:
        blocks = np.ones((min(N, BLOCKS), min(N, BLOCKS)))
        if N <= BLOCKS and not wiring.own:
            np.fill_diagonal(blocks, 0.0)
        degrees, count = np.full(N, N - 1), N * (N - 1.0)
        nbytes = Demand(N).sizes()[DENSE]
        return Wired(wiring, rows, cols, True, None, blocks, degrees, True, 0, N, count, nbytes)
    report(0.5)
    blocks = blocks_of(made, report)
    if wiring.own and len(blocks) == made.N:
        np.fill_diagonal(blocks, 1.0)
    full = sheet == (rows, cols)
    count = float(made.count) if full else wiring.expected(rows, cols)
    nbytes = 8.0 * (N + 1) + PER_CONNECTION * count
    both, alone = made.symmetric, made.isolated
    return Wired(wiring, *sheet, full, made, blocks, made.degrees, both, alone, N, count, nbytes)


def blocks_of(made: Connections, report: Report = lambda _: None) -> NDArray[np.float64]:
    """(B, B) the share of connected pairs in every block of neurons that follow each other.

    With B = N, which is so up to BLOCKS neurons, every block is one pair.
    """
    N, B = made.N, min(made.N, BLOCKS)
    block = (np.arange(N) * B // N).astype(np.int32)
    counts = np.zeros(B * B, np.int64)
    first = 0
    while first < N:
        end = int(np.searchsorted(made.start, made.start[first] + CHUNK, "right")) - 1
        end = min(max(end, first + 1), N)
        listeners = np.repeat(block[first:end] * B, np.diff(made.start[first : end + 1]))
        sources = made.sources[made.start[first] : made.start[end]]
        counts += np.bincount(listeners + block[sources], minlength=B * B)
        report(0.5 + 0.5 * end / N)
        first = end
    sizes = np.bincount(block, minlength=B)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    share: NDArray[np.float64] = counts.reshape(B, B) / np.maximum(pairs, 1)
    return share
