"""The worker thread that runs a network. No Qt: messages go in, frames come out of a mailbox."""

from __future__ import annotations

import math
import os
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread, get_native_id
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Log, Model, Problem, Rest
from lyapstudio.engine.history import OverlapHistory
from lyapstudio.engine.mailbox import Mailbox
from lyapstudio.engine.run import Run

CHUNK = 0.004
"""Seconds of work between two looks into the inbox."""
SPEED = 1000.0
"""Updates a second that a network is thought to manage before it has been measured."""
WORKER_NICE = 10
SLOW = 60.0
"""Updates a second up to which a frame carries the arithmetic of the next neuron."""

Prepare = Callable[[], tuple[Model, Problem]]


class Simulation:
    """Every public method posts a message and returns at once; frames appear in `mailbox`."""

    def __init__(self) -> None:
        self.mailbox: Mailbox[Frame] = Mailbox()
        self._inbox: deque[Callable[[], None]] = deque()
        self._wake = Condition()
        self._closing = False
        self._run: Run | None = None
        self._history = OverlapHistory(0)
        self._levels: tuple[Any, Any, NDArray[np.float64] | None] = (None, None, None)
        self._flipping: NDArray[np.int64] | None = None
        self._running = False
        self._rate = math.inf
        self._draw_gap = 0.0
        self._credit = 0.0
        self._speed = SPEED  # updates a second that the machine manages
        self._measured = math.nan
        self._wanted = 0  # the newest generation asked for
        self._owed_restart = False
        self._generation = 0
        self._look: int | None = None
        self._error = ""
        self._busy = ""
        self._dirty = False
        self._last_frame = 0.0
        self._last_tick = time.perf_counter()
        self._window = (time.perf_counter(), 0)
        self._thread = Thread(target=self._live, name="simulation", daemon=True)

    def start(self) -> None:
        """Let the thread begin with what was posted so far; safe to call twice."""
        if self._thread.ident is None and not self._closing:
            self._thread.start()

    # messages

    def load(self, prepare: Prepare, generation: int, *, restart: bool, busy: str = "") -> None:
        """Resolve in the worker what is to be run; keep the units unless `restart`."""
        self._wanted = generation
        self._post(lambda: self._load(prepare, generation, restart, busy))

    def run(self) -> None:
        """Go."""
        self._post(self._start)

    def pause(self) -> None:
        """Stand still."""
        self._post(self._stop)

    def step(self, updates: int) -> None:
        """Do so many updates, then stand still."""
        self._post(lambda: self._step(updates))

    def back(self, updates: int) -> None:
        """Go back so many updates."""
        self._post(lambda: self._with_run(lambda run: run.back(updates)))

    def seek(self, update: int) -> None:
        """Show another moment of the recording."""
        self._post(lambda: self._with_run(lambda run: run.seek(update)))

    def restart(self) -> None:
        """Back to the cue; running or paused as before."""
        self._post(self._restart)

    def poke(self, where: NDArray[np.int64], value: int) -> None:
        """Set units by hand; never un-pauses."""
        self._post(lambda: self._poke(where, value))

    def set_rate(self, rate: float, draw_gap: float = 0.0) -> None:
        """Updates a second (inf: as fast as it goes); seconds between pictures while running."""
        self._post(lambda: self._set_rate(rate, draw_gap))

    def look_at(self, neuron: int | None) -> None:
        """Put this neuron's receptive field and arithmetic into the frames."""
        self._post(lambda: self._look_at(neuron))

    def close(self) -> None:
        """End the thread; returns when it has ended."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    # the thread

    def _post(self, message: Callable[[], None]) -> None:
        with self._wake:
            self._inbox.append(message)
            self._wake.notify()

    def _live(self) -> None:
        _give_way()
        while not self._closing:
            for part in (self._drain, self._tick, self._offer):
                try:
                    part()
                except Exception as error:  # shown by the window, with a way on
                    self._running = False
                    self._busy = ""
                    self._error = explain(error)
                    self._dirty = True
            self._rest_a_while()

    def _drain(self) -> None:
        while self._inbox and not self._closing:
            message = self._inbox.popleft()
            self._dirty = True
            message()

    def _tick(self) -> None:
        now = time.perf_counter()
        elapsed, self._last_tick = now - self._last_tick, now
        run = self._run
        if run is None or not self._running:
            return
        self._credit += self._rate * min(elapsed, 0.1) if math.isfinite(self._rate) else 0.0
        most = max(1, int(self._speed * CHUNK))
        if math.isfinite(self._rate):
            wanted = min(int(self._credit), most)
            self._credit = min(self._credit - wanted, self._rate * 0.1 + 1)
        else:
            wanted = most
        if wanted < 1:
            return
        started = time.perf_counter()
        done = run.advance(wanted)
        spent = time.perf_counter() - started
        if done and spent > 1e-5:
            self._speed += 0.3 * (done / spent - self._speed)
        self._count(done)
        self._dirty = True
        if not done or (run.rest is Rest.FIXED and run.update >= run.latest):
            self._running = False

    def _count(self, done: int) -> None:
        since, count = self._window
        count += done
        now = time.perf_counter()
        if now - since > 0.5:
            self._measured = count / (now - since)
            since, count = now, 0
        self._window = (since, count)

    def _rest_a_while(self) -> None:
        with self._wake:
            if self._inbox or self._closing:
                return
            if not self._running:
                self._wake.wait(0.004 if self._dirty else None)
            elif math.isfinite(self._rate) and self._credit < 1:
                self._wake.wait(min((1 - self._credit) / self._rate, 0.05))

    # what the messages do

    def _load(self, prepare: Prepare, generation: int, restart: bool, busy: str) -> None:
        self._owed_restart |= restart
        if generation < self._wanted:
            return  # a newer one is waiting: a brush stroke asks sixty times a second
        restart, self._owed_restart = self._owed_restart, False
        self._generation = generation
        if busy:
            self._busy = busy
            self._offer(force=True)
        try:
            model, problem = prepare()
            old = self._run
            fits = (
                old is not None
                and type(old.model) is type(model)
                and (old.problem.rows, old.problem.cols) == (problem.rows, problem.cols)
            )
            if old is None or restart or not fits:
                self._run = Run(model, problem)
                if not fits:
                    _warm(self._run)
                self._history = OverlapHistory(len(problem.memories))
            else:
                old.retune(model, problem)
            self._speed = SPEED  # an update may now cost a thousand times as much
            self._flipping = None
            self._error = ""
        finally:
            self._busy = ""

    def _start(self) -> None:
        if self._run is None:
            return
        self._error = ""
        self._running = True
        self._credit = 0.0
        self._last_tick = time.perf_counter()
        self._window = (self._last_tick, 0)

    def _stop(self) -> None:
        self._running = False
        self._measured = math.nan

    def _step(self, updates: int) -> None:
        self._running = False
        self._with_run(lambda run: run.advance(updates))

    def _restart(self) -> None:
        self._with_run(lambda run: run.restart())
        if self._run is not None:
            self._history = OverlapHistory(len(self._run.problem.memories))
        self._credit = 0.0

    def _poke(self, where: NDArray[np.int64], value: int) -> None:
        self._flipping = None
        self._with_run(lambda run: run.poke(where, value))

    def _with_run(self, act: Callable[[Run], Any]) -> None:
        if self._run is not None:
            self._error = ""
            act(self._run)
            self._flipping = None

    def _set_rate(self, rate: float, draw_gap: float) -> None:
        self._rate, self._draw_gap, self._credit = rate, draw_gap, 0.0

    def _look_at(self, neuron: int | None) -> None:
        self._look = neuron

    # frames

    def _offer(self, force: bool = False) -> None:
        """Fill the empty slot with the present moment."""
        if not (self._dirty or force) or not (self.mailbox.empty or force):
            return
        now = time.perf_counter()
        if self._running and now - self._last_frame < self._draw_gap and not force:
            return
        self._last_frame = now
        self._dirty = False
        try:
            frame = self._frame()
        except Exception as error:
            self._running, self._error = False, explain(error)
            frame = _empty_frame(self._generation, self._busy, self._error)
        self.mailbox.put(frame)

    def _levels_now(self, run: Run) -> NDArray[np.float64] | None:
        """The first function at each memory, computed once for each model and problem."""
        model, problem, levels = self._levels
        if model is not run.model or problem is not run.problem:
            levels = run.model.levels(run.problem)
            self._levels = (run.model, run.problem, levels)
        return levels

    def _frame(self) -> Frame:
        run = self._run
        if run is None:
            return _empty_frame(self._generation, self._busy, self._error)
        model, state = run.model, run.state
        channels = {c.name: model.read(state, c.name) for c in model.channels}
        for array in channels.values():
            array.flags.writeable = False
        overlaps = channels.get("overlaps")
        if overlaps is not None and run.update >= run.latest:
            if not self._history.fits(overlaps):
                self._history = OverlapHistory(len(overlaps))
            self._history.add(run.update, overlaps)
        rest = model.rest(state)
        if rest is Rest.CYCLE and self._flipping is None:
            self._flipping = run.flipping()
        look = self._look if self._look is not None and self._look < run.problem.N else None
        arithmetic = None
        if look is not None:
            arithmetic = model.arithmetic(state, look)
        elif not self._running or self._rate <= SLOW:
            following = model.next_neuron(state)
            arithmetic = None if following is None else model.arithmetic(state, following)
        return Frame(
            generation=self._generation,
            update=run.update,
            latest=run.latest,
            reach=run.reach,
            running=self._running,
            rest=rest,
            channels=channels,
            values=tuple(model.values(state)),
            terms=model.terms(state),
            guarantees=model.guarantees(state),
            trace=run.trace.copy(),
            rate=self._measured if self._running else math.nan,
            temperature=model.temperature(state),
            arithmetic=arithmetic,
            looked_at=look,
            incoming=None if look is None else model.incoming(state, look),
            flipping=self._flipping if rest is Rest.CYCLE else None,
            history=self._history.rows(),
            problem=run.problem,
            model=model,
            levels=self._levels_now(run),
            busy=self._busy,
            error=self._error,
        )


def _warm(run: Run) -> None:
    """Compile or load the kernels now, so that the first step answers at once."""
    state = run.state.copy()
    run.model.advance(state, 1, Log(len(run.model.functions), 8))
    run.model.poke(state, np.zeros(1, np.int64), 1)  # both values: one of them changes nothing
    run.model.poke(state, np.zeros(1, np.int64), -1)


def _empty_frame(generation: int, busy: str, error: str) -> Frame:
    return Frame(
        generation, 0, 0, 0, False, Rest.MOVING, {}, (), {}, (), None, busy=busy, error=error
    )


def explain(
    error: BaseException, what: str = "The run stopped", then: str = " Restart to go on."
) -> str:
    """A sentence for the window; unforeseen errors name their place for a report."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Choose a smaller network."
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
    return f"{what}: {type(error).__name__}: {error} ({where}).{then}"


def _give_way() -> None:
    """The window's thread goes first; on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; it runs all the same
            os.setpriority(os.PRIO_PROCESS, get_native_id(), WORKER_NICE)
