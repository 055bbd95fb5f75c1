"""Keyframes and what the user did to the run: enough to go back to any moment exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Model, Problem, State
from lyapstudio.core.trace import Counters

BUDGET = 192 << 20
"""Bytes that keyframes may take."""


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


Deed = Poke | Retune


@dataclass(frozen=True)
class Keyframe:
    """Everything at one moment; `cursor` deeds had been done by then."""

    state: Any
    model: Model
    problem: Problem
    counters: tuple[Counters, ...]
    cursor: int

    @property
    def update(self) -> int:
        state: State = self.state
        return state.update


class Recording:
    """Bounded by bytes: the oldest keyframes go first, so it says how far back it reaches."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.keyframes: list[Keyframe] = []
        self.deeds: list[tuple[int, Deed]] = []

    @property
    def reach(self) -> int:
        """The earliest update that can be gone back to."""
        return self.keyframes[0].update if self.keyframes else 0

    def add(self, keyframe: Keyframe) -> None:
        """Keep a moment; forget the oldest ones when over the budget."""
        self.keyframes.append(keyframe)
        cost = keyframe.state.nbytes + 1024
        spare = max(2, self.budget // cost)
        if len(self.keyframes) > spare:
            del self.keyframes[: len(self.keyframes) - spare]

    def before(self, update: int) -> Keyframe:
        """The latest keyframe at or before an update (the first one if none is)."""
        best = self.keyframes[0]
        for keyframe in self.keyframes:
            if keyframe.update > update:
                break
            best = keyframe
        return best

    def forget_after(self, update: int, cursor: int) -> None:
        """Drop the future: a new branch begins here."""
        del self.deeds[cursor:]
        self.keyframes = [k for k in self.keyframes if k.update <= update and k.cursor <= cursor]
