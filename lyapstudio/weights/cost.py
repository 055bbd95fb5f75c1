"""What a representation of the weights costs, and which one is the best for a network."""

from __future__ import annotations

import os
from dataclasses import dataclass

from lyapstudio.core.errors import UserError

PAD = 32  # int8 columns of a row of the low-rank form: half a cache line
FLOAT_PAD = 8  # the same for its float64 columns: one cache line
SHARE = 0.8  # of the machine's memory that weights may take

DENSE, LOW_RANK, SPARSE = "dense", "low rank", "sparse"

# Modelled times in ns (kernels.md 3.1): a test of a live field; a flip per weight of its row;
# a low-rank test per padded column, whole numbers and reals; a sparse flip per connection;
# a low-rank test per weight edited by hand.
TEST, FLIP, INTEGER_COLUMN, REAL_COLUMN, EDGE, EDIT = 2.0, 0.08, 0.12, 0.15, 2.0, 1.5
SWEEPS, FLIPS = 3.0, 0.4  # of a recall from a cue with 20 % noise, setting the cue included
ROW_START = 12.0  # ns: the first line of a row of a matrix beyond the cache
CACHE = 16e6  # bytes: beyond it rows come from memory, at half the speed


@dataclass(frozen=True)
class Cost:
    """The chosen representation, its size, and the line that tells the user."""

    representation: str
    nbytes: int
    line: str


@dataclass(frozen=True)
class Demand:
    """What is known of the weights before any of them is made.

    N : neurons
    columns : of the factors; None where there are none, or where connections are cut
    real : the factors are reals, not signs
    connections : how many there will be, about; None where all are
    edits : weights edited by hand
    """

    N: int
    columns: int | None = None
    real: bool = False
    connections: float | None = None
    edits: int = 0

    def sizes(self) -> dict[str, float]:
        """Bytes of each representation that can hold them."""
        N = self.N
        sizes: dict[str, float] = {DENSE: 4.0 * N * N}
        if self.columns is not None:
            sizes[LOW_RANK] = low_rank_bytes(N, self.columns, self.real)
        if self.connections is not None:
            sizes[SPARSE] = 8.0 * self.connections + 16.0 * N
        return sizes

    def times(self) -> dict[str, float]:
        """Modelled nanoseconds of a recall."""
        N, sizes = self.N, self.sizes()
        slow = 2.0 if sizes[DENSE] > CACHE else 1.0
        times = {DENSE: N * (SWEEPS * TEST + FLIPS * slow * (FLIP * N + ROW_START))}
        if self.columns is not None:
            wide = padded(self.columns, FLOAT_PAD) if self.real else padded(self.columns)
            column = (REAL_COLUMN if self.real else INTEGER_COLUMN) * wide
            edits = EDIT * self.edits / N
            times[LOW_RANK] = N * (SWEEPS + FLIPS) * (TEST + column + edits)
        if self.connections is not None:
            edges = (self.connections + self.edits) / N
            times[SPARSE] = N * (SWEEPS * TEST + FLIPS * (EDGE * edges + ROW_START))
        return times


def padded(columns: int, step: int = PAD) -> int:
    """Columns rounded up; at least one step."""
    return max(step, -(-columns // step) * step)


def size_text(nbytes: float) -> str:
    """Like "2.5 MB": decimal units, two figures below ten."""
    value = float(nbytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    text = f"{value:.0f}" if value >= 9.95 or unit == "B" else f"{value:.1f}".removesuffix(".0")
    return f"{text} {unit}"


def low_rank_bytes(N: int, columns: int, real: bool) -> float:
    """int8 patterns, and for a rule with real factors the float64 ones and their diagonal."""
    return N * padded(columns) + (8 * N * (padded(columns, FLOAT_PAD) + 1) if real else 0)


def memory_limit() -> float:
    """Bytes that weights may take on this machine."""
    if not hasattr(os, "sysconf"):
        return 8e9
    return SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def choose(demand: Demand, force: str | None = None) -> Cost:
    """The fastest representation of those that fit, by modelled time of a recall.

    force : DENSE, LOW_RANK or SPARSE to have no choice

    Raises
    ------
    UserError : where it does not fit in memory; nothing has been allocated
    """
    sizes, times, limit = demand.sizes(), demand.times(), memory_limit()
    if force is not None and force not in sizes:
        raise UserError(f"These weights cannot be held as {force}: choose {' or '.join(sizes)}.")
    fitting = [r for r in sizes if sizes[r] <= limit and force in (None, r)]
    if not fitting:
        wanted = sizes[force] if force else min(sizes.values())
        raise UserError(
            f"The weights of {demand.N:,} neurons need {size_text(wanted)}, more than the "
            f"{size_text(limit)} that this computer can give. Make the network smaller, or choose "
            "a wiring with fewer connections."
        )
    best = min(fitting, key=lambda r: times[r])
    line = f"{best}: {size_text(sizes[best])}"
    if best != DENSE:
        line += f" instead of {size_text(sizes[DENSE])}"
    return Cost(best, int(sizes[best]), line)
