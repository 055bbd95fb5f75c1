"""The worker thread that runs a network. No Qt: messages go in, frames come out of a mailbox."""

from __future__ import annotations

import copy
import math
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Condition, Thread, get_native_id
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Model, Problem, Rest
from lyapstudio.engine.camera import Camera, Moment, empty
from lyapstudio.engine.explain import explain
from lyapstudio.engine.kept import Kept, Saved, name_of
from lyapstudio.engine.mailbox import Mailbox
from lyapstudio.engine.run import Run

CHUNK = 0.004
"""Seconds of work between two looks into the inbox."""
SPEED = 1000.0
"""Updates a second that a network is thought to manage before it has been measured."""
LONG = 0.1
"""Seconds from which a step is a run that can be paused."""
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
        self._camera = Camera()
        self._running = False
        self._rate = math.inf
        self._draw_gap = 0.0
        self._credit = 0.0
        self._speed = SPEED  # updates a second that the machine manages
        self._measured = math.nan
        self._wanted = 0  # the newest generation asked for
        self._owed_restart = False
        self._generation = 0
        self._error = ""
        self._busy = ""
        self._place = 0
        self._kept = Kept()
        self._offered: dict[int, Saved] = {}  # what a file holds, until a network has begun with it
        self._goal: int | None = None  # where a long step ends
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

    def load(
        self,
        prepare: Prepare,
        generation: int,
        *,
        restart: bool,
        busy: str = "",
        place: int = 0,
        saved: Saved | None = None,
    ) -> None:
        """Resolve in the worker what is to be run; keep the units unless `restart`.

        `place` tells the networks of a document apart: what one has learned is kept while another
        is on the screen. `saved` is what a file holds of this network's learning.
        """
        self._wanted = generation
        offered = self._offered
        if saved:
            offered[place] = saved
        self._post(lambda: self._load(prepare, generation, restart, busy, place, offered))

    def forget(self) -> None:
        """Another document: what was learned in this one is given up."""
        self._offered = {}
        self._post(self._forget)

    def learned(self) -> Future[dict[int, Saved]]:
        """What every network of the document has learned, by its place."""
        answer: Future[dict[int, Saved]] = Future()
        offered = self._offered
        if self.alive:
            self._post(lambda: answer.set_result({**offered, **self._learned()}))
        else:
            answer.set_result(dict(offered))
        return answer

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
        self._post(lambda: setattr(self._camera, "look", neuron))

    def pick(self, neuron: int | None) -> None:
        """Put the weights into and out of this neuron into the frames."""
        self._post(lambda: setattr(self._camera, "pick", neuron))

    def look_through(self, part: tuple[int, ...] | None) -> None:
        """Put a part of the weight matrix into the frames: row, col, height, width, h, w."""
        self._post(lambda: setattr(self._camera, "part", part))

    def weights(self) -> Future[Any]:
        """The weights as they are now: they may be read while the run goes on."""
        answer: Future[Any] = Future()
        self._post(lambda: answer.set_result(self._weights_now()))
        return answer

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
            try:
                message()
            finally:
                self._dirty = True  # only now: a long message may have shown that it is busy

    def _tick(self) -> None:
        now = time.perf_counter()
        elapsed, self._last_tick = now - self._last_tick, now
        run = self._run
        if run is None or not self._running:
            return
        rate = self._rate if self._goal is None else math.inf
        self._credit += rate * min(elapsed, 0.1) if math.isfinite(rate) else 0.0
        most = max(1, int(self._speed * CHUNK))
        if self._goal is not None:
            most = min(most, self._goal - run.update)
        if math.isfinite(rate):
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
        ended = run.rest is Rest.FIXED and run.update >= run.latest
        if not done or ended or (self._goal is not None and run.update >= self._goal):
            self._running, self._goal = False, None

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
            elif self._goal is None and math.isfinite(self._rate) and self._credit < 1:
                self._wake.wait(min((1 - self._credit) / self._rate, 0.05))

    # what the messages do

    def _load(
        self,
        prepare: Prepare,
        generation: int,
        restart: bool,
        busy: str,
        place: int,
        offered: dict[int, Saved],
    ) -> None:
        self._owed_restart |= restart
        if generation < self._wanted and place not in offered:
            return  # a newer one is waiting: a brush stroke asks sixty times a second
        restart, self._owed_restart = self._owed_restart, False
        self._generation = generation
        if busy:
            self._tell(busy)
        self._error = ""
        try:
            model, problem = prepare()
            old = self._run
            new = name_of(place, model, problem)
            fits = old is not None and name_of(self._place, old.model, old.problem) == new
            if old is not None and fits and not restart:
                old.retune(model, problem)
            else:
                self._keep()
                self._place = place
                if model.learns and not fits:  # it takes long, and nothing of another may stay
                    self._run = None
                    self._tell("Getting ready; the first time takes a moment …")
                self._begin(model, problem, offered.get(place), warm=not fits)
                offered.pop(place, None)  # only now: a network has begun with it
            self._speed = SPEED  # an update may now cost a thousand times as much
            self._camera.forget_cycle()
        finally:
            self._busy = ""
        self._offer(force=True)  # what was put there before the edit need not be seen

    def _tell(self, busy: str) -> None:
        """Say at once what takes time; the next frame says when it is over."""
        self._busy = busy
        self._offer(force=True)

    def _begin(self, model: Model, problem: Problem, saved: Saved | None, warm: bool) -> None:
        """A new run: from what it had learned before, else from the start."""
        found = self._kept.find(self._place, model, problem)
        kept = (model, saved) if saved else found
        run = Run(model, problem) if kept is None else self._resume(model, problem, *kept)
        if warm:
            model.warm(run.state.copy())
        self._run = run
        self._camera.forget()

    def _resume(self, model: Model, problem: Problem, then: Model, saved: Saved) -> Run:
        """Go on from what was saved under the parameters of `then`."""
        try:
            run = Run(then, problem, saved=saved)
        except UserError as error:
            run = Run(model, problem)
            self._error = str(error)
        if run.model != model:
            run.retune(model, problem)
        return run

    def _keep(self) -> None:
        """What the network that leaves the screen has learned."""
        if self._run is not None:
            self._kept.keep(self._place, self._run)

    def _forget(self) -> None:
        self._kept.clear()
        self._run = None

    def _learned(self) -> dict[int, Saved]:
        self._keep()
        return self._kept.learned()

    def _start(self) -> None:
        if self._run is None:
            return
        self._error = ""
        self._running = True
        self._goal = None
        self._credit = 0.0
        self._last_tick = time.perf_counter()
        self._window = (self._last_tick, 0)

    def _stop(self) -> None:
        self._running = False
        self._measured = math.nan

    def _step(self, updates: int) -> None:
        """At once, or as a run with an end where it takes long enough to be interrupted."""
        self._running = False
        if self._run is None or updates < self._speed * LONG:
            self._with_run(lambda run: run.advance(updates))
            return
        self._start()
        self._goal = self._run.update + updates

    def _restart(self) -> None:
        self._with_run(lambda run: run.restart())
        self._camera.forget()
        self._credit = 0.0

    def _poke(self, where: NDArray[np.int64], value: int) -> None:
        self._with_run(lambda run: run.poke(where, value))

    def _with_run(self, act: Callable[[Run], Any]) -> None:
        if self._run is not None:
            self._error = ""
            act(self._run)
            self._camera.forget_cycle()

    def _set_rate(self, rate: float, draw_gap: float) -> None:
        self._rate, self._draw_gap, self._credit = rate, draw_gap, 0.0

    def _weights_now(self) -> Any:
        if self._run is None or self._run.problem.weights is None:
            return None
        self._run.problem.weights.follow(self._run.problem.strokes)
        return copy.copy(self._run.problem.weights)

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
            frame = empty(Moment(self._generation, False, math.nan, True, self._busy, self._error))
        self.mailbox.put(frame)

    def _frame(self) -> Frame:
        moment = Moment(
            self._generation,
            self._running,
            self._measured if self._running else math.nan,
            self._rate <= SLOW,
            self._busy,
            self._error,
        )
        return empty(moment) if self._run is None else self._camera.picture(self._run, moment)


def _give_way() -> None:
    """The window's thread goes first; on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; it runs all the same
            os.setpriority(os.PRIO_PROCESS, get_native_id(), WORKER_NICE)
