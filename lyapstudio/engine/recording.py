"""Keyframes and what the user did to the run: enough to go back to any moment exactly."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Model, Problem, State
from lyapstudio.core.trace import Counters

BUDGET = 192 << 20
"""Bytes that the past may take: keyframes, what was drawn, weights that are no more in use."""


@dataclass(frozen=True)
class Poke:
    """Units set by hand."""

    where: NDArray[np.int64]
    value: int


@dataclass(frozen=True)
class Retune:
    """Other parameters, weights or fields, the same units."""

    model: Model
    problem: Problem
    nbytes: int = 0  # of weights that nothing but the past holds


@dataclass(frozen=True)
class Rewire:
    """Single weights edited by hand; the same units, parameters and fields."""

    problem: Problem


@dataclass(frozen=True)
class Wait:
    """It was at rest while another run beside it went on until this update."""

    until: int


Deed = Poke | Retune | Rewire | Wait


@dataclass(frozen=True)
class Keyframe:
    """Everything at one moment; `cursor` deeds had been done by then.

    waited : updates of the clock at which the state stood still
    """

    state: Any
    model: Model
    problem: Problem
    counters: tuple[Counters, ...]
    cursor: int
    waited: int = 0

    @property
    def update(self) -> int:
        state: State = self.state
        return state.update + self.waited


class Recording:
    """Bounded by bytes: the oldest keyframes go first, so it says how far back it reaches.

    A cursor counts deeds since the cue; those before the oldest keyframe are forgotten with it.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.keyframes: list[Keyframe] = []
        self.deeds: deque[tuple[int, Deed]] = deque()
        self._gone = 0  # deeds forgotten
        self._bytes = 0

    @property
    def reach(self) -> int:
        """The earliest update that can be gone back to."""
        return self.keyframes[0].update if self.keyframes else 0

    @property
    def end(self) -> int:
        """The cursor behind the last deed."""
        return self._gone + len(self.deeds)

    @property
    def full(self) -> bool:
        """Over the budget: a new keyframe would let old deeds go."""
        return self._bytes > self.budget

    def deed(self, cursor: int) -> tuple[int, Deed] | None:
        """The deed at a cursor and the update at which it was done; None at the end."""
        return self.deeds[cursor - self._gone] if cursor < self.end else None

    def note(self, update: int, deed: Deed) -> None:
        """What the user did."""
        self.deeds.append((update, deed))
        self._bytes += _cost(deed)

    def add(self, keyframe: Keyframe) -> None:
        """Keep a moment; forget the oldest ones when over the budget."""
        self.keyframes.append(keyframe)
        self._bytes += _cost(keyframe)
        while self.full and len(self.keyframes) > 1:
            self._bytes -= _cost(self.keyframes.pop(0))
            while self._gone < self.keyframes[0].cursor:
                self._bytes -= _cost(self.deeds.popleft()[1])
                self._gone += 1

    def before(self, update: int) -> Keyframe:
        """The latest keyframe at or before an update (the first one if none is)."""
        place = bisect_right(self.keyframes, update, key=lambda k: k.update)
        return self.keyframes[max(place - 1, 0)]

    def forget_after(self, update: int, cursor: int) -> None:
        """Drop the future: a new branch begins here."""
        while self.end > cursor:
            self._bytes -= _cost(self.deeds.pop()[1])
        while self.keyframes[-1].update > update or self.keyframes[-1].cursor > cursor:
            self._bytes -= _cost(self.keyframes.pop())


def _cost(kept: Keyframe | Deed) -> int:
    """Bytes, the Python objects included roughly."""
    if isinstance(kept, Keyframe):
        state: State = kept.state
        return state.nbytes + 1024
    if isinstance(kept, (Rewire, Wait)):
        return 1024  # strokes are the document's
    return kept.where.nbytes + 256 if isinstance(kept, Poke) else kept.nbytes + 1024
