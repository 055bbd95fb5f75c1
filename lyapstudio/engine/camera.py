"""Takes the pictures of a run: one Frame of one moment, with what is slow to find kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.frame import Frame
from lyapstudio.core.insight import Block, Picked
from lyapstudio.core.model import Rest
from lyapstudio.engine.history import OverlapHistory
from lyapstudio.engine.run import Run


@dataclass(frozen=True)
class Moment:
    """What the worker adds to a picture; `slow`: there is time to look closely at each step."""

    generation: int
    running: bool
    rate: float
    slow: bool
    busy: str
    error: str


class Camera:
    """Lives in the worker thread.

    look : the unit that the pointer asks about; pick : one whose weights are shown
    part : row, col, height, width, h, w of the part of the weight matrix that is looked at
    """

    def __init__(self) -> None:
        self.look: int | None = None
        self.pick: int | None = None
        self.part: tuple[int, ...] | None = None
        self._seen: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._history = OverlapHistory(0)
        self._levels: tuple[Any, Any, NDArray[np.float64] | None] = (None, None, None)
        self._flipping: NDArray[np.int64] | None = None

    def forget(self) -> None:
        """Another run begins."""
        self._history = OverlapHistory(0)
        self._flipping = None

    def take_over(self, other: Camera) -> None:
        """Look at what another camera was looking at, which then looks at nothing."""
        self.look, self.pick, self.part = other.look, other.pick, other.part
        other.look = other.pick = other.part = None

    def forget_cycle(self) -> None:
        """The state was changed from outside: which units flip is to be found anew."""
        self._flipping = None

    def picture(self, run: Run, moment: Moment) -> Frame:
        """The present moment; its arrays are read-only."""
        model, state = run.model, run.state
        closely = moment.slow or not moment.running
        channels = {c.name: model.read(state, c.name) for c in model.channels}
        for array in channels.values():
            array.flags.writeable = False
        self._note(run, channels)
        if moment.running:
            values, terms = model.noted(state)
        else:
            values, terms = model.values(state), model.terms(state)
        look = self.look if self.look is not None and self.look < run.problem.N else None
        asked = look if look is not None or not closely else model.next_neuron(state)
        return Frame(
            generation=moment.generation,
            update=run.update,
            latest=run.latest,
            reach=run.reach,
            running=moment.running,
            rest=model.rest(state),
            channels=channels,
            values=tuple(values),
            terms=terms,
            facts=model.facts(state),
            example=model.example(state) if closely else None,
            guarantees=model.guarantees(state),
            trace=run.trace.copy(),
            rate=moment.rate,
            temperature=model.temperature(state),
            arithmetic=None if asked is None else model.arithmetic(state, asked),
            looked_at=look,
            incoming=None if look is None else model.incoming(state, look),
            picked=self._picked(run),
            block=self._block(run),
            flipping=self._cycle(run),
            period=model.period(state) if run.rest is Rest.CYCLE else 2,
            history=self._history.rows(),
            problem=run.problem,
            model=model,
            levels=self._levels_now(run),
            busy=moment.busy,
            error=moment.error,
        )

    def _note(self, run: Run, channels: dict[str, NDArray[Any]]) -> None:
        overlaps = channels.get("overlaps")
        if overlaps is not None and run.update >= run.latest:
            if not self._history.fits(overlaps):
                self._history = OverlapHistory(len(overlaps))
            self._history.add(run.update, overlaps)

    def _once(self, what: str, run: Run, asked: tuple[Any, ...], find: Callable[[], Any]) -> Any:
        """What follows from the weights alone is found once for each version of them."""
        key = (run.problem.weights, run.problem.strokes, asked)
        if what not in self._seen or self._seen[what][0] != key:
            self._seen[what] = (key, find())
        return self._seen[what][1]

    def _picked(self, run: Run) -> Picked | None:
        i = self.pick
        if i is None or i >= run.problem.N or run.problem.weights is None:
            return None

        def find() -> Picked | None:
            into = run.model.incoming(run.state, i)
            out = run.model.outgoing(run.state, i)
            return None if into is None or out is None else Picked(i, into, out)

        return self._once("picked", run, (i,), find)

    def _block(self, run: Run) -> Block | None:
        part = self.part
        if part is None or run.problem.weights is None:
            return None
        row, col, height, width = part[:4]
        if row + height > run.problem.N or col + width > run.problem.N:
            return None

        def find() -> Block | None:
            values = run.model.block(run.state, *part)
            return None if values is None else Block(row, col, height, width, values)

        return self._once("block", run, part, find)

    def _cycle(self, run: Run) -> NDArray[np.int64] | None:
        if run.rest is not Rest.CYCLE:
            return None
        if self._flipping is None:
            self._flipping = run.flipping()
        return self._flipping

    def _levels_now(self, run: Run) -> NDArray[np.float64] | None:
        """The first function at each memory, computed once for each model and problem."""
        model, problem, levels = self._levels
        if model is not run.model or problem is not run.problem:
            levels = run.model.levels(run.problem)
            self._levels = (run.model, run.problem, levels)
        return levels


def empty(moment: Moment) -> Frame:
    """A frame without a network: it is being made, or could not be."""
    return Frame(
        generation=moment.generation,
        update=0,
        latest=0,
        reach=0,
        running=False,
        rest=Rest.MOVING,
        channels={},
        values=(),
        terms={},
        guarantees=(),
        trace=None,
        busy=moment.busy,
        error=moment.error,
    )
