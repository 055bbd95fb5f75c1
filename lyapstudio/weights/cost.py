"""What a representation of the weights costs, and which one is the better for a network."""

from __future__ import annotations

import os
from dataclasses import dataclass

from lyapstudio.core.errors import UserError

PAD = 32  # int8 columns of a row of the low-rank form: half a cache line
FLOAT_PAD = 8  # the same for its float64 columns: one cache line
SHARE = 0.8  # of the machine's memory that weights may take

DENSE, LOW_RANK = "dense", "low rank"

# Modelled times in ns (kernels.md 3.1): a test of a live field; a flip per weight of its row;
# a low-rank test per padded column, whole numbers and reals.
TEST, FLIP, INTEGER_COLUMN, REAL_COLUMN = 2.0, 0.08, 0.12, 0.15
SWEEPS, FLIPS = 3.0, 0.4  # of a recall from a cue with 20 % noise, setting the cue included
ROW_START = 12.0  # ns: the first line of a row of a matrix beyond the cache
CACHE = 16e6  # bytes: beyond it rows come from memory, at half the speed


@dataclass(frozen=True)
class Cost:
    """The chosen representation, its size, and the line that tells the user."""

    representation: str
    nbytes: int
    line: str


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


def dense_bytes(N: int) -> int:
    """float32 weights."""
    return 4 * N * N


def low_rank_bytes(N: int, P: int, real: bool) -> int:
    """int8 patterns, and for a rule with A the float64 factor and its diagonal."""
    return N * padded(P) + (8 * N * (padded(P, FLOAT_PAD) + 1) if real else 0)


def memory_limit() -> float:
    """Bytes that weights may take on this machine."""
    if not hasattr(os, "sysconf"):
        return 8e9
    return SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def choose(N: int, P: int, rule_id: str, force: str | None = None) -> Cost:
    """The faster representation of those that fit, by modelled time of a recall.

    Parameters
    ----------
    N, P : neurons and memories
    rule_id : "hebb" has whole-number factors, any other rule real ones
    force : "dense" or "low rank" to have no choice

    Raises
    ------
    UserError : where it does not fit in memory; nothing has been allocated
    """
    real = rule_id != "hebb"
    sizes = {DENSE: dense_bytes(N), LOW_RANK: low_rank_bytes(N, P, real)}
    column = REAL_COLUMN * padded(P, FLOAT_PAD) if real else INTEGER_COLUMN * padded(P)
    slow = 2.0 if sizes[DENSE] > CACHE else 1.0
    times = {
        DENSE: N * (SWEEPS * TEST + FLIPS * slow * (FLIP * N + ROW_START)),
        LOW_RANK: N * (SWEEPS + FLIPS) * (TEST + column),
    }
    limit = memory_limit()
    fitting = [r for r in sizes if sizes[r] <= limit and force in (None, r)]
    if not fitting:
        wanted = sizes[force] if force else min(sizes.values())
        raise UserError(
            f"The weights of {N:,} neurons and {P} memories need {size_text(wanted)}, more than "
            f"the {size_text(limit)} that this computer can give. Make the network smaller."
        )
    best = min(fitting, key=lambda r: times[r])
    line = f"{best}: {size_text(sizes[best])}"
    if best == LOW_RANK:
        line += f" instead of {size_text(sizes[DENSE])}"
    return Cost(best, sizes[best], line)
