"""One run, or two side by side under one clock: what is done to them is done at one moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Model, Problem, Rest
from lyapstudio.engine.explain import explain
from lyapstudio.engine.run import Run


class Couple:
    """Both go to the same update; the one that has settled waits for the other.

    lead : what the panels show; other : the run beside it, or None
    titles : of the lead and the other, for what goes wrong in one of them
    """

    def __init__(self, lead: Run, titles: tuple[str, str] = ("", "")) -> None:
        self.lead = lead
        self.other: Run | None = None
        self.titles = titles

    @property
    def runs(self) -> tuple[Run, ...]:
        return (self.lead,) if self.other is None else (self.lead, self.other)

    @property
    def update(self) -> int:
        """The time on the clock: that of the run that does not wait."""
        return max(run.update for run in self.runs)

    @property
    def latest(self) -> int:
        return max(run.latest for run in self.runs)

    @property
    def reach(self) -> int:
        """The earliest update that both can go back to."""
        return max(run.reach for run in self.runs)

    @property
    def ended(self) -> bool:
        """Whether both are at rest, with nothing known of later moments."""
        return all(_resting(run) for run in self.runs)

    def swap(self) -> None:
        """The other one leads; neither notices."""
        if self.other is not None:
            self.lead, self.other = self.other, self.lead
            self.titles = self.titles[1], self.titles[0]

    def advance(self, updates: int) -> int:
        """Go on; return by how much the clock went on. 0: both are at rest."""
        before = self.update
        goal = before + updates

        def go(run: Run) -> None:
            if run.update < goal and (run.deeds_due or not _resting(run)):
                run.advance(goal - run.update)

        self._each(go)
        return self.update - before

    def seek(self, update: int) -> None:
        """Show an earlier (or the latest) moment of both."""
        update = max(self.reach, update)
        self._each(lambda run: run.seek(update))

    def back(self, updates: int) -> None:
        """So many updates back, as far as both recordings reach."""
        self.seek(self.update - updates)

    def restart(self) -> None:
        """Both back to their cues."""
        self._each(lambda run: run.restart())

    def poke(self, where: NDArray[np.int64], value: int) -> None:
        """Set units of both by hand, here and now."""
        now = self.update

        def draw(run: Run) -> None:
            run.wait(now)
            run.poke(where, value)

        self._each(draw)

    def retune(self, run: Run, model: Model, problem: Problem) -> None:
        """Other parameters, weights or fields for one of them, from the present moment on."""
        run.wait(self.update)
        run.retune(model, problem)

    def _each(self, act: Callable[[Run], Any]) -> None:
        for k, run in enumerate(self.runs):
            if self.other is None:
                act(run)
                return
            try:
                act(run)
            except Exception as error:
                raise named(self.titles[k], error) from error


def named(title: str, error: Exception) -> UserError:
    """What went wrong in one of two networks, with its title before it."""
    return UserError(f"{title}: {explain(error)}")


def _resting(run: Run) -> bool:
    return run.rest is Rest.FIXED and run.update >= run.latest
