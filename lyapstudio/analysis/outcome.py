"""Where the network is, in words.

A state is *called* a memory, an inverse or a mixture if it agrees with it to an overlap of at
least `CLOSE`; the detail says how many pixels differ unless it is that state exactly. CLOSE lies
below the retrieval overlap at capacity, 0.967 (Amit, Gutfreund & Sompolinsky 1985): what the
theory calls retrieval is called a memory here. Exact agreement with anything goes before closeness.
In a mixture of an even number of memories the pixels where they tie are free, the rest must agree
exactly: alike memories would be close to almost any blend otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Rest, Units

Kind = Literal[
    "moving", "memory", "inverse", "mixture", "spurious", "cycle", "wandering", "none", "learning"
]

CLOSE = 0.95
FAR = 0.3  # a wandering state with less overlap is near no memory
EXACT = 1e-9
MIXED = (3, 5, 7, 2, 4)  # how many memories a mixture may have; even ones have free pixels
EVEN_SPREAD = 0.25  # an even mixture holds its memories about equally
SAMPLE = 1 << 13  # neurons that tell at once which mixtures are out of the question
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 7: "seven"}


@dataclass(frozen=True)
class Outcome:
    """What the pill shows; `memory` is the index of the memory for the thumbnail."""

    kind: Kind
    title: str
    detail: str
    memory: int | None = None


def name_outcome(
    overlaps: NDArray[np.float64],
    rest: Rest,
    names: Sequence[str],
    *,
    state: Units | None = None,
    memories: Units | None = None,
    running: bool = False,
    flips_in_cycle: int | None = None,
    period: int = 2,
) -> Outcome:
    """Name what the network is doing or where it has ended.

    Parameters
    ----------
    overlaps : (P,) float64, m = (1/N) sum of memory times state
    names : P names
    state, memories : (N,) and (P, N) int8, needed to count pixels and to recognise mixtures
    running : False where the user stopped it on the way
    flips_in_cycle : how many neurons change in a cycle; period : of how many states it is
    """
    if rest is Rest.CYCLE:
        return _cycle(overlaps, names, flips_in_cycle, period)
    if len(overlaps) == 0:
        going = "Moving" if running else "Paused"
        doing = {Rest.FIXED: "At rest", Rest.WANDERING: "Wandering"}.get(rest, going)
        return Outcome("none", doing, "no memory is stored")
    k = _nearest(overlaps)
    m = float(overlaps[k])
    who = names[k] if m >= 0 else f"the inverse of {names[k]}"
    if rest is Rest.MOVING:
        doing = "Moving" if running else "Paused"
        return Outcome("moving", f"{doing}, nearest is {who}", f"overlap {two(m)}", k)
    if rest is Rest.WANDERING:
        if abs(m) < FAR:
            return Outcome(
                "wandering", "Wandering near no memory", f"nearest is {names[k]}, {two(m)}", k
            )
        return Outcome("wandering", f"Wandering near {who}", f"overlap {two(m)}", k)
    return _at_rest(overlaps, names, k, state, memories)


def name_learning(facts: Mapping[str, float], rest: Rest, *, running: bool) -> Outcome:
    """How far a network has learned, and how many of its units take part."""
    winners = int(facts["winners"])
    units = winners + int(facts["dead_units"])
    doing = "Learned" if rest is Rest.FIXED else "Learning" if running else "Paused"
    if not facts["batch"] and not running:
        return Outcome("learning", "Not yet learned", f"{units} units")
    return Outcome("learning", doing, f"{winners} of {units} units win")


def two(value: float) -> str:
    """Two decimals with the minus sign U+2212; only what is exactly 1 is written as 1.00."""
    size = abs(value)
    if size < 1 - EXACT:
        size = min(size, 0.99)
    text = f"{size:.2f}"
    return f"−{text}" if value < 0 and text != "0.00" else text


def _nearest(overlaps: NDArray[np.float64]) -> int:
    """The largest overlap in size; a memory before an inverse."""
    return int(np.lexsort((-overlaps, -np.abs(overlaps)))[0])


def _at_rest(
    overlaps: NDArray[np.float64],
    names: Sequence[str],
    k: int,
    state: Units | None,
    memories: Units | None,
) -> Outcome:
    m = float(overlaps[k])
    N = len(state) if state is not None else None
    found: list[tuple[float, Outcome]] = []
    if abs(m) >= CLOSE:
        title = f"Memory: {names[k]}" if m > 0 else f"Inverse of {names[k]}"
        detail = f"overlap {two(m)}, {_differ(abs(m), N) or 'at rest'}"
        found.append((abs(m), Outcome("memory" if m > 0 else "inverse", title, detail, k)))
    if abs(m) < 1 - EXACT and state is not None and memories is not None:
        found += _mixtures(overlaps, names, state, memories)
    exact = [outcome for agreement, outcome in found if agreement >= 1 - EXACT]
    if found:
        return exact[0] if exact else found[0][1]
    return Outcome("spurious", "Spurious state", f"nearest is {names[k]}, {two(m)}", k)


def _mixtures(
    overlaps: NDArray[np.float64], names: Sequence[str], state: Units, memories: Units
) -> Iterator[tuple[float, Outcome]]:
    """Agreement with sign of the signed sum of the n nearest memories, where it is close."""
    order = np.argsort(-np.abs(overlaps), kind="stable")
    sample = np.random.default_rng(0).integers(0, len(state), SAMPLE)  # the same every time
    for n in MIXED:
        if n > len(order):
            continue
        members = order[:n]
        m = overlaps[members]
        if n % 2 == 0 and np.abs(m[0]) - np.abs(m[-1]) > EVEN_SPREAD:
            continue
        signs = np.where(m < 0, -1, 1).astype(np.int8)
        if len(state) > 4 * SAMPLE:
            rough, _ = _agreement(state[sample], memories[members[:, None], sample], signs)
            if rough < CLOSE - 0.05:
                continue
        agreement, count = _agreement(state, memories[members], signs)
        if agreement >= (CLOSE if n % 2 else 1 - EXACT):
            who = ", ".join(
                ("" if s > 0 else "−") + names[i]
                for i, s in sorted(zip(members.tolist(), signs.tolist(), strict=True))
            )
            differ = _differ(agreement, count)
            detail = f"{who}; {differ}" if differ else who
            yield agreement, Outcome("mixture", f"Mixture of {NUMBERS[n]}", detail, int(order[0]))


def _agreement(state: Units, members: Units, signs: Units) -> tuple[float, int]:
    """Overlap of (N,) `state` with the sign of the signed sum of (n, N) `members`.

    Where they tie it does not count; also returned is the number of neurons that do.
    """
    total = signs @ members  # |total| <= 7 fits in int8
    count = int(np.count_nonzero(total))
    return float((np.sign(total) * state).sum(dtype=np.int64)) / max(count, 1), count


def _differ(agreement: float, N: int | None) -> str:
    """How many pixels differ, in words; nothing where none does."""
    if agreement >= 1 - EXACT:
        return ""
    if N is None:
        return "almost"
    count = round((1 - agreement) * N / 2)
    return f"{_thousands(count)} pixel{'s differ' if count != 1 else ' differs'}"


def _cycle(
    overlaps: NDArray[np.float64], names: Sequence[str], flips: int | None, period: int
) -> Outcome:
    near, k = "no memory", None
    if len(overlaps):
        k = _nearest(overlaps)
        m = float(overlaps[k])
        if abs(m) >= CLOSE:
            near = f"near {names[k]}" if m > 0 else f"near the inverse of {names[k]}"
    if flips is None:
        count = NUMBERS.get(period, str(period))
        detail = f"{count} states take turns for ever"
    else:
        detail = f"{_thousands(flips)} neuron{'s flip' if flips != 1 else ' flips'} for ever"
    return Outcome("cycle", f"{period}-cycle, {near}", detail, k)


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "\u2009")
