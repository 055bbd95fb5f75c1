"""What the networks of a document have learned, while they are not on the screen."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from lyapstudio.core.model import Model, Problem
from lyapstudio.engine.run import Run

REPLACED = 4
"""Networks that are kept after other parameters have taken their place: for undo."""

Saved = dict[str, NDArray[Any]]
"""What State.dump wrote."""


class Kept:
    """States by the network that they belong to; lives in the worker thread."""

    def __init__(self) -> None:
        self._now: dict[int, tuple] = {}  # the network that was last at a place
        self._states: dict[tuple, tuple[Model, Saved]] = {}

    def find(self, place: int, model: Model, problem: Problem) -> tuple[Model, Saved] | None:
        """What a network that begins now had learned, and the parameters it had then."""
        self._now[place] = name_of(place, model, problem)
        return self._states.get(self._now[place])

    def keep(self, place: int, run: Run) -> None:
        """The state of a network; where it was restarted, the old one is not to come back."""
        if not run.model.learns:
            return
        name = name_of(place, run.model, run.problem)
        self._states.pop(name, None)
        if run.update:
            self._states[name] = (run.model, run.state.dump())
        replaced = [name for name in self._states if self._now.get(name[0]) != name]
        for name in replaced[:-REPLACED]:
            del self._states[name]

    def learned(self) -> dict[int, Saved]:
        """By place, of the networks that are there now."""
        here = {place: self._states.get(name) for place, name in self._now.items()}
        return {place: kept[1] for place, kept in here.items() if kept}

    def clear(self) -> None:
        """Another document."""
        self._now.clear()
        self._states.clear()


def name_of(place: int, model: Model, problem: Problem) -> tuple:
    """Tells networks apart: where it is the same, a run can go on under other parameters."""
    size = (place, type(model), model.identity(), problem.rows, problem.cols)
    data = problem.data
    return (*size, data.digest, len(data.train), problem.seed) if data else size
