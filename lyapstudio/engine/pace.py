"""How many updates are due: the rate that was asked for, and the speed that the machine has."""

from __future__ import annotations

import math
import time

CHUNK = 0.004
"""Seconds of work between two looks into the inbox."""
SPEED = 1000.0
"""Updates a second that a network is thought to manage before it has been measured."""
LONG = 0.1
"""Seconds from which a step is a run that can be paused."""
SLOW = 60.0
"""Updates a second up to which a frame carries the arithmetic of the next neuron."""
WINDOW = 0.5
"""Seconds over which the rate is measured."""


class Pace:
    """Lives in the worker thread.

    rate : updates a second that are wanted, inf: as many as it can do
    draw_gap : seconds between two pictures while it runs
    measured : updates a second that were done, NaN where it stands
    """

    def __init__(self) -> None:
        self.rate = math.inf
        self.draw_gap = 0.0
        self.measured = math.nan
        self._credit = 0.0
        self._speed = SPEED  # updates a second that the machine manages
        self._last = time.perf_counter()
        self._window = (self._last, 0)

    @property
    def slow(self) -> bool:
        return self.rate <= SLOW

    def set_rate(self, rate: float, draw_gap: float) -> None:
        """Another rate; what was due under the old one is forgotten."""
        self.rate, self.draw_gap, self._credit = rate, draw_gap, 0.0

    def begin(self) -> None:
        """A run begins or goes on."""
        self._credit = 0.0
        self._last = time.perf_counter()
        self._window = (self._last, 0)

    def rewind(self) -> None:
        """It was restarted: nothing is due."""
        self._credit = 0.0

    def unknown(self) -> None:
        """An update may now cost a thousand times as much."""
        self._speed = SPEED

    def takes_long(self, updates: int) -> bool:
        """Whether so many take long enough to be interrupted."""
        return updates >= self._speed * LONG

    def elapse(self) -> float:
        """Seconds since this was asked last."""
        now = time.perf_counter()
        elapsed, self._last = now - self._last, now
        return elapsed

    def due(self, elapsed: float, left: int | None) -> int:
        """Updates to do now; `left` of a long step, which is done as fast as it goes."""
        rate = self.rate if left is None else math.inf
        most = max(1, int(self._speed * CHUNK))
        if left is not None:
            most = min(most, left)
        if not math.isfinite(rate):
            return most
        self._credit += rate * min(elapsed, 0.1)
        wanted = min(int(self._credit), most)
        self._credit = min(self._credit - wanted, rate * 0.1 + 1)
        return wanted

    def did(self, done: int, spent: float) -> None:
        """So many were done in so many seconds of work."""
        if done and spent > 1e-5:
            self._speed += 0.3 * (done / spent - self._speed)
        since, count = self._window
        count += done
        now = time.perf_counter()
        if now - since > WINDOW:
            self.measured = count / (now - since)
            since, count = now, 0
        self._window = (since, count)

    def idle(self, long_step: bool) -> float:
        """Seconds until the next update is due."""
        if long_step or not math.isfinite(self.rate) or self._credit >= 1:
            return 0.0
        return min((1 - self._credit) / self.rate, 0.05)
