"""The history of the Lyapunov functions: exact counters over every update, a bounded curve.

At 70 million updates a second nothing may grow with time: recent changes are kept in full, older
ones as the minimum and maximum of equal stretches of time, which double when there are too many.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Direction

RECENT = 4096
"""Changes kept one by one."""
BINS = 2048
"""Stretches of time kept of what is older."""
RISES = 256
"""Wrong moves kept for drawing, the latest ones."""


@dataclass(frozen=True)
class Counters:
    """Exact over every update since the cue, for one function.

    wrong_moves : how often it moved against its direction by more than rounding
    worst : the largest such move; cause : what made the last one possible
    """

    first: float = math.nan
    last: float = math.nan
    low: float = math.inf
    high: float = -math.inf
    wrong_moves: int = 0
    worst: float = 0.0
    worst_at: int = 0
    wrong_at: int = 0
    cause: str = ""


class Curve:
    """One function against updates."""

    def __init__(self, direction: Direction) -> None:
        self.sign = -float(direction.value)  # a wrong move has sign * change > 0
        self.counters = Counters()
        self._old = np.empty((0, 3))
        self._width = 1
        self._recent = np.empty((2 * RECENT, 2))
        self._count = 0
        self._rises = np.empty((0, 4))
        self._at = 0  # update at which `last` holds

    def begin(self, at: int, value: float) -> None:
        """A value that no update led to: the cue, or an edit by hand. Not a move."""
        c = self.counters
        if math.isnan(value):
            self.counters = replace(c, last=value)
            return
        first = value if math.isnan(c.first) else c.first
        self.counters = replace(
            c, first=first, last=value, low=min(c.low, value), high=max(c.high, value)
        )
        self._at = at
        self._keep(np.array([[at, value]]))

    def add(self, at: NDArray, values: NDArray, tolerance: float, cause: str) -> None:
        """Take in changes, in order; at : (K,), values : (K,) after each."""
        c = self.counters
        known = ~np.isnan(values)
        if not known.all():
            at, values = at[known], values[known]
        if not len(at):
            return
        if math.isnan(c.last):
            self.begin(int(at[0]), float(values[0]))
            at, values, c = at[1:], values[1:], self.counters
            if not len(at):
                return
        before = np.concatenate(([c.last], values[:-1]))
        moves = self.sign * (values - before)
        wrong = np.flatnonzero(moves > tolerance)
        self.counters = replace(
            c,
            last=float(values[-1]),
            low=min(c.low, float(values.min())),
            high=max(c.high, float(values.max())),
        )
        if len(wrong):
            self._note_wrong(wrong, at, before, values, moves, cause)
        self._at = int(at[-1])
        self._keep(np.column_stack((at, values)))

    def _note_wrong(
        self,
        wrong: NDArray,
        at: NDArray,
        before: NDArray,
        values: NDArray,
        moves: NDArray,
        cause: str,
    ) -> None:
        c = self.counters
        worst = wrong[np.argmax(moves[wrong])]
        bigger = moves[worst] > c.worst
        self.counters = replace(
            c,
            wrong_moves=c.wrong_moves + len(wrong),
            worst=float(moves[worst]) if bigger else c.worst,
            worst_at=int(at[worst]) if bigger else c.worst_at,
            wrong_at=int(at[wrong[-1]]),
            cause=cause or c.cause,
        )
        shown = wrong[-RISES:]
        since = np.concatenate(([self._at], at[:-1]))
        rows = np.column_stack((since[shown], before[shown], at[shown], values[shown]))
        self._rises = np.concatenate((self._rises, rows))[-RISES:]

    def points(self) -> NDArray[np.float64]:
        """(K, 3) update, lowest and highest value since the row before; oldest first."""
        recent = self._recent[: self._count]
        return np.concatenate((self._old, recent[:, [0, 1, 1]]))

    def rises(self) -> NDArray[np.float64]:
        """(R, 4) the latest wrong moves: update and value before, update and value after."""
        return self._rises

    def forget_after(self, at: int, counters: Counters) -> None:
        """Go back to an earlier moment with the counters it had."""
        self.counters = counters
        recent = self._recent[: self._count]
        kept = recent[recent[:, 0] <= at]
        self._recent[: len(kept)] = kept
        self._count = len(kept)
        self._old = self._old[self._old[:, 0] <= at].copy()
        # the last stretch may reach beyond `at`: no extreme of a dropped future stays
        self._old[-1:, 1:] = self._old[-1:, 1:].clip(counters.low, counters.high)
        self._rises = self._rises[self._rises[:, 2] <= at]
        self._at = at

    def _keep(self, rows: NDArray) -> None:
        while len(rows):
            room = len(self._recent) - self._count
            part, rows = rows[:room], rows[room:]
            self._recent[self._count : self._count + len(part)] = part
            self._count += len(part)
            if self._count == len(self._recent):
                self._compress()

    def _compress(self) -> None:
        older = self._recent[:RECENT]
        rows = np.concatenate((self._old, older[:, [0, 1, 1]]))
        self._recent[:RECENT] = self._recent[RECENT:]
        self._count -= RECENT
        span = rows[-1, 0] - rows[0, 0] + 1
        while span / self._width > BINS:
            self._width *= 2
        bins = rows[:, 0] // self._width
        starts = np.flatnonzero(np.diff(bins, prepend=-1))
        self._old = np.column_stack(
            (
                rows[starts, 0],
                np.minimum.reduceat(rows[:, 1], starts),
                np.maximum.reduceat(rows[:, 2], starts),
            )
        )

    def copy(self) -> Curve:
        """A snapshot that later changes leave alone."""
        twin = copy.copy(self)
        twin._recent = self._recent[: self._count].copy()
        return twin


class Trace:
    """A Curve for each function of a model."""

    def __init__(self, directions: tuple[Direction, ...]) -> None:
        self.curves = tuple(Curve(d) for d in directions)
        self.cuts: list[int] = []

    def begin(self, at: int, values: tuple[float, ...]) -> None:
        """The values at the cue."""
        for curve, value in zip(self.curves, values, strict=True):
            curve.begin(at, value)

    def edited(self, at: int, values: tuple[float, ...]) -> None:
        """The user changed something: the jump is marked and is nobody's wrong move."""
        self.begin(at, values)
        if not self.cuts or self.cuts[-1] != at:
            self.cuts = [*self.cuts[-63:], at]

    def add(self, at: NDArray, values: NDArray, tolerance: float, causes: tuple[str, ...]) -> None:
        """Take in a Log's rows; values : (K, F)."""
        for k, curve in enumerate(self.curves):
            curve.add(at, values[:, k], tolerance, causes[k])

    def curve(self, function: int) -> NDArray[np.float64]:
        """(K, 3) update, lowest and highest value since the row before."""
        return self.curves[function].points()

    def rises(self, function: int) -> NDArray[np.float64]:
        """(R, 4) the latest wrong moves: update, value before; update, value after."""
        return self.curves[function].rises()

    @property
    def counters(self) -> tuple[Counters, ...]:
        return tuple(curve.counters for curve in self.curves)

    def forget_after(self, at: int, counters: tuple[Counters, ...]) -> None:
        """Drop what came after an earlier moment."""
        for curve, c in zip(self.curves, counters, strict=True):
            curve.forget_after(at, c)
        self.cuts = [c for c in self.cuts if c <= at]

    def copy(self) -> Trace:
        """A snapshot for a frame."""
        twin = copy.copy(self)
        twin.curves = tuple(curve.copy() for curve in self.curves)
        return twin
