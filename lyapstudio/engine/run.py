"""One run of one network, without threads: what the window's worker and the command line share."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Log, Model, Problem, Rest
from lyapstudio.core.trace import Trace
from lyapstudio.engine.recording import Deed, Keyframe, Poke, Recording, Retune, Rewire, Wait
from lyapstudio.engine.samples import Samples

KEYFRAME_SECONDS = 0.1
"""A keyframe after so much computing, so that going back never replays more."""

FOLLOWED = 256
"""Updates of a cycle that are looked at for the units that change in it."""


class Run:
    """A state with its past: advance, edit by hand, go back, branch.

    `state.update` is the moment shown; `latest` the last one computed. Going on from an earlier
    moment replays the recorded deeds; a new deed there drops the future (a new branch).
    """

    def __init__(
        self,
        model: Model,
        problem: Problem,
        *,
        samples: Samples | None = None,
        saved: dict[str, NDArray[Any]] | None = None,
    ) -> None:
        self.model = model
        self.problem = problem
        self.samples = samples
        self._log = Log(len(model.functions))
        self._wanted = (model, problem)
        if saved is None:
            self.restart()
        else:
            self._begin(model.resume(problem, saved))

    def restart(self) -> None:
        """Back to the cue, with an empty past and the parameters set last."""
        self.model, self.problem = self._wanted
        self._begin(self.model.start(self.problem))

    def _begin(self, state: Any) -> None:
        self.state = state
        self._waited = 0
        self.trace = Trace(tuple(f.direction for f in self.model.functions))
        values = self._checked(self.model.values(state))
        self.trace.begin(self.update, values)
        if self.samples is not None and values:
            self.samples.add(np.full(1, self.update), np.array(values[:1]))
        self.recording = Recording()
        self.latest = self.update
        self._cursor = 0
        self._since_keyframe = 0.0
        self._keyframe()

    @property
    def update(self) -> int:
        return self.state.update + self._waited

    @property
    def reach(self) -> int:
        return self.recording.reach

    @property
    def rest(self) -> Rest:
        return self.model.rest(self.state)

    @property
    def settled(self) -> bool:
        """It has reached its attractor: a fixed point, or a cycle."""
        return self.rest in (Rest.FIXED, Rest.CYCLE)

    @property
    def deeds_due(self) -> bool:
        """Whether the user did something here that was then gone back on."""
        return self._cursor < self.recording.end

    def flipping(self) -> NDArray[np.int64] | None:
        """Which units change somewhere in a cycle; None where there is none."""
        if self.rest is not Rest.CYCLE:
            return None
        ahead, log = self.state.copy(), Log(len(self.model.functions), 8)
        now = self.model.read(self.state, "units")
        changed = np.zeros(now.shape, bool)
        for _ in range(min(self.model.period(self.state), FOLLOWED) - 1):
            log.count = 0
            self.model.advance(ahead, 1, log)
            changed |= self.model.read(ahead, "units") != now
        return np.flatnonzero(changed)

    def advance(self, updates: int, *, settle: bool = False) -> int:
        """Go on; return how many updates were done.

        Fewer are done when it comes to rest, and with `settle` when it enters a cycle.
        """
        done = 0
        while done < updates:
            step = updates - done
            if self.update < self.latest or self.deeds_due:
                moved = self._replay(min(self.latest, self.update + step))
                done += moved
                if moved:
                    continue
                if self.update < self.latest:
                    break
            n = self._live(step, settle)
            done += n
            if n == 0 or (settle and self.settled):
                break
        return done

    def _live(self, updates: int, settle: bool) -> int:
        """Advance at the frontier: everything is counted."""
        started = time.perf_counter()
        try:
            n = self._advance(updates, counted=True, settle=settle)
        finally:
            self.latest = self.update  # also where learning was stopped on the way
        self._since_keyframe += time.perf_counter() - started
        if self._since_keyframe > KEYFRAME_SECONDS:
            self._keyframe()
        return n

    def _advance(self, updates: int, counted: bool, settle: bool = False) -> int:
        causes: tuple[str, ...] = ()
        tolerance = 0.0
        if counted:
            causes, tolerance = self._causes(), self.model.tolerance(self.state)
        done = 0
        while done < updates:
            self._log.count = 0
            n = self.model.advance(self.state, updates - done, self._log)
            rows = self._log.count
            if counted and rows:
                values = self._log.values[:rows]
                self._checked(values[-1], [c.last for c in self.trace.counters])
                tolerance = tolerance or self.model.tolerance(self.state)  # unknown before a pass
                at = self._log.at[:rows] + self._waited
                self.trace.add(at, values, tolerance, causes)
                if self.samples is not None and values.size:
                    self.samples.add(at, values[:, 0])
            done += n
            if n == 0 or (settle and self.settled):
                break
        return done

    def _causes(self) -> tuple[str, ...]:
        """Why each function may rise here: the first broken assumption."""
        guarantees = self.model.guarantees(self.state)
        broken = {g.symbol: g.broken[0].label for g in guarantees if g.broken}
        return tuple(broken.get(f.symbol, "") for f in self.model.functions)

    def _checked(self, values: Any, before: Any = math.nan) -> Any:
        """The values, unless one has overflowed; NaN alone only says "not defined here"."""
        numbers = np.asarray(values, float)
        if np.isinf(numbers).any() or (np.isnan(numbers) & ~np.isnan(before)).any():
            raise UserError(
                "The Lyapunov function is no longer a finite number. "
                "Restart, then choose smaller parameters."
            )
        return values

    # what the user does

    def poke(self, where: NDArray[np.int64], value: int) -> None:
        """Set units by hand, here and now."""
        self._do(Poke(where, value))

    def wait(self, until: int) -> None:
        """Let time pass at rest, up to the update that a run beside this one has reached."""
        if until <= self.update:
            return
        if self.update < self.latest or self.deeds_due:
            self._branch()
        self._stand(until)

    def _stand(self, until: int) -> None:
        self.recording.note(self.update, Wait(until))
        self._cursor += 1
        self._waited += until - self.update
        self.latest = until

    def holds(self, model: Model, problem: Problem) -> bool:
        """Whether this is what it runs already, so that nothing has to be retuned."""
        now = self._wanted[1]
        return model == self._wanted[0] and now.strokes is problem.strokes and _same(now, problem)

    def retune(self, model: Model, problem: Problem) -> None:
        """The same units under other parameters, weights or fields."""
        if model == self.model and rewired(self.problem, problem):
            self._wanted = (model, problem)
            self._do(Rewire(problem))
            return
        old, new = self.problem.weights, problem.weights
        held = 0 if old is None or old is new else int(old.nbytes)
        self._wanted = (model, problem)
        self._do(Retune(model, problem, held))

    def _do(self, deed: Deed) -> None:
        if self.update < self.latest or self.deeds_due:
            self._branch()
        self._apply(deed)
        self.recording.note(self.update, deed)
        self._cursor += 1
        self.trace.edited(self.update, self._checked(self.model.values(self.state)))
        if self.recording.full:
            self._keyframe()

    def _apply(self, deed: Deed) -> None:
        if isinstance(deed, Poke):
            self.model.poke(self.state, deed.where, deed.value)
        elif isinstance(deed, Rewire):
            if not self.model.rewire(self.state, deed.problem):
                self.state = self.model.retune(self.state, deed.problem)
            self.problem = deed.problem
        elif isinstance(deed, Retune):
            self.state = deed.model.retune(self.state, deed.problem)
            self.model, self.problem = deed.model, deed.problem

    # going back

    def seek(self, update: int) -> None:
        """Show an earlier (or the latest) moment."""
        update = max(self.reach, min(update, self.latest))
        if update < self.update or not self._replayable(update):
            self._restore(self.recording.before(update))
        self._replay(update)

    def back(self, updates: int) -> None:
        """So many updates back, as far as the recording reaches."""
        self.seek(self.update - updates)

    def _replayable(self, update: int) -> bool:
        """Whether going forward from here is shorter than from a keyframe."""
        return self.recording.before(update).update <= self.update

    def _restore(self, keyframe: Keyframe) -> None:
        self.state = keyframe.state.copy()
        self.model, self.problem = keyframe.model, keyframe.problem
        self._cursor, self._waited = keyframe.cursor, keyframe.waited

    def _replay(self, until: int, counted: bool = False) -> int:
        """Go forward over known ground, doing again what the user did."""
        start = self.update
        while True:
            due = self.recording.deed(self._cursor)
            if due is not None and due[0] <= self.update:
                if isinstance(due[1], Wait):
                    self._waited += max(0, min(until, due[1].until) - self.update)
                    if self.update < due[1].until:
                        return self.update - start
                    self._cursor += 1
                    continue
                self._apply(due[1])
                self._cursor += 1
                if counted:
                    self.trace.edited(self.update, self.model.values(self.state))
                continue
            goal = until if due is None else min(until, due[0])
            if self.update >= goal or not self._advance(goal - self.update, counted):
                return self.update - start

    def _branch(self) -> None:
        """Drop the future; the counters become those of this moment."""
        update, cursor = self.update, self._cursor
        self.recording.forget_after(update, cursor)
        keyframe = self.recording.keyframes[-1]
        self.trace.forget_after(keyframe.update, keyframe.counters)
        self._restore(keyframe)
        self._replay(update, counted=True)
        if self.update < update:  # it had been waiting here
            self._stand(update)
        self.latest = update

    def _keyframe(self) -> None:
        self.recording.add(
            Keyframe(
                self.state.copy(),
                self.model,
                self.problem,
                self.trace.counters,
                self._cursor,
                self._waited,
            )
        )
        self._since_keyframe = 0.0


def rewired(old: Problem, new: Problem) -> bool:
    """Whether nothing differs but weights that were edited by hand."""
    if old.strokes is new.strokes or old.weights is None:
        return False
    return _same(old, new)


def _same(old: Problem, new: Problem) -> bool:
    """Whether two problems hold the same things, strokes aside."""
    names = [f.name for f in dataclasses.fields(Problem) if f.name != "strokes"]
    return all(_alike(getattr(old, name), getattr(new, name)) for name in names)


def _alike(a: Any, b: Any) -> bool:
    return a is b or (isinstance(a, (int, tuple)) and a == b)
