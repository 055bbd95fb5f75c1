"""The worker thread that runs a network. No Qt: messages go in, frames come out of a mailbox."""

from __future__ import annotations

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

from lyapstudio.core.frame import Frame
from lyapstudio.engine.camera import Moment, empty
from lyapstudio.engine.couple import Couple
from lyapstudio.engine.explain import explain
from lyapstudio.engine.kept import Saved
from lyapstudio.engine.mailbox import Mailbox
from lyapstudio.engine.networks import Networks, Prepare, Wanted
from lyapstudio.engine.pace import Pace

WORKER_NICE = 10


class Simulation:
    """Every public method posts a message and returns at once; frames appear in `mailbox`."""

    def __init__(self) -> None:
        self.mailbox: Mailbox[Frame] = Mailbox()
        self._inbox: deque[Callable[[], None]] = deque()
        self._wake = Condition()
        self._closing = False
        self._networks = Networks(self._tell)
        self._pace = Pace()
        self._running = False
        self._wanted = 0  # the newest generation asked for
        self._owed_restart = False
        self._generation = 0
        self._error = ""
        self._busy = ""
        self._offered: dict[int, Saved] = {}  # what a file holds, until a network has begun with it
        self._goal: int | None = None  # where a long step ends
        self._dirty = False
        self._last_frame = 0.0
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
        title: str = "",
        beside: Wanted | None = None,
    ) -> None:
        """Resolve in the worker what is to be run; keep the units unless `restart`.

        `place` tells the networks of a document apart: what one has learned is kept while another
        is on the screen. `saved` is what a file holds of this network's learning. `beside` runs
        under the same clock; titles are used where one of the two goes wrong.
        """
        self._wanted = generation
        offered = self._offered
        if saved:
            offered[place] = saved
        lead = Wanted(prepare, place, title)
        self._post(lambda: self._load(lead, beside, generation, restart, busy, offered))

    def forget(self) -> None:
        """Another document: what was learned in this one is given up."""
        self._offered = {}
        self._post(self._networks.forget)

    def learned(self) -> Future[dict[int, Saved]]:
        """What every network of the document has learned, by its place."""
        answer: Future[dict[int, Saved]] = Future()
        offered = self._offered
        if self.alive:
            self._post(lambda: answer.set_result({**offered, **self._networks.learned()}))
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
        self._post(lambda: self._with_runs(lambda couple: couple.back(updates)))

    def seek(self, update: int) -> None:
        """Show another moment of the recording."""
        self._post(lambda: self._with_runs(lambda couple: couple.seek(update)))

    def restart(self) -> None:
        """Back to the cue; running or paused as before."""
        self._post(self._restart)

    def poke(self, where: NDArray[np.int64], value: int) -> None:
        """Set units by hand, in both networks; never un-pauses."""
        self._post(lambda: self._with_runs(lambda couple: couple.poke(where, value)))

    def set_rate(self, rate: float, draw_gap: float = 0.0) -> None:
        """Updates a second (inf: as fast as it goes); seconds between pictures while running."""
        self._post(lambda: self._pace.set_rate(rate, draw_gap))

    def look_at(self, neuron: int | None) -> None:
        """Put this neuron's receptive field and arithmetic into the frames."""
        self._post(lambda: setattr(self._networks.camera, "look", neuron))

    def pick(self, neuron: int | None) -> None:
        """Put the weights into and out of this neuron into the frames."""
        self._post(lambda: setattr(self._networks.camera, "pick", neuron))

    def look_through(self, part: tuple[int, ...] | None) -> None:
        """Put a part of the weight matrix into the frames: row, col, height, width, h, w."""
        self._post(lambda: setattr(self._networks.camera, "part", part))

    def weights(self) -> Future[Any]:
        """The weights as they are now: they may be read while the run goes on."""
        answer: Future[Any] = Future()
        self._post(lambda: answer.set_result(self._networks.weights()))
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
        elapsed = self._pace.elapse()
        couple = self._networks.couple
        if couple is None or not self._running:
            return
        left = None if self._goal is None else self._goal - couple.update
        wanted = self._pace.due(elapsed, left)
        if wanted < 1:
            return
        started = time.perf_counter()
        done = couple.advance(wanted)
        self._pace.did(done, time.perf_counter() - started)
        self._dirty = True
        if not done or couple.ended or (self._goal is not None and couple.update >= self._goal):
            self._running, self._goal = False, None

    def _rest_a_while(self) -> None:
        with self._wake:
            if self._inbox or self._closing:
                return
            if not self._running:
                self._wake.wait(0.004 if self._dirty else None)
            elif idle := self._pace.idle(self._goal is not None):
                self._wake.wait(idle)

    # what the messages do

    def _load(
        self,
        lead: Wanted,
        beside: Wanted | None,
        generation: int,
        restart: bool,
        busy: str,
        offered: dict[int, Saved],
    ) -> None:
        self._owed_restart |= restart
        if generation < self._wanted and lead.place not in offered:
            return  # a newer one is waiting: a brush stroke asks sixty times a second
        restart, self._owed_restart = self._owed_restart, False
        self._generation = generation
        if busy:
            self._tell(busy)
        self._error = ""
        try:
            self._networks.load(lead, beside, restart, offered)
            self._error = self._networks.complaint
            self._pace.unknown()
        finally:
            self._busy = ""
        self._offer(force=True)  # what was put there before the edit need not be seen

    def _tell(self, busy: str) -> None:
        """Say at once what takes time; the next frame says when it is over."""
        self._busy = busy
        self._offer(force=True)

    def _start(self) -> None:
        if self._networks.couple is None:
            return
        self._error = ""
        self._running = True
        self._goal = None
        self._pace.begin()

    def _stop(self) -> None:
        self._running = False
        self._pace.measured = math.nan

    def _step(self, updates: int) -> None:
        """At once, or as a run with an end where it takes long enough to be interrupted."""
        self._running = False
        couple = self._networks.couple
        if couple is None or not self._pace.takes_long(updates):
            self._with_runs(lambda couple: couple.advance(updates))
            return
        self._start()
        self._goal = couple.update + updates

    def _restart(self) -> None:
        self._with_runs(lambda couple: couple.restart())
        self._networks.restarted()
        self._pace.rewind()

    def _with_runs(self, act: Callable[[Couple], Any]) -> None:
        couple = self._networks.couple
        if couple is not None:
            self._error = ""
            act(couple)
            self._networks.forget_cycle()

    # frames

    def _offer(self, force: bool = False) -> None:
        """Fill the empty slot with the present moment."""
        if not (self._dirty or force) or not (self.mailbox.empty or force):
            return
        now = time.perf_counter()
        if self._running and now - self._last_frame < self._pace.draw_gap and not force:
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
        pace = self._pace
        return self._networks.picture(
            Moment(
                self._generation,
                self._running,
                pace.measured if self._running else math.nan,
                pace.slow,
                self._busy,
                self._error,
            )
        )


def _give_way() -> None:
    """The window's thread goes first; on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; it runs all the same
            os.setpriority(os.PRIO_PROCESS, get_native_id(), WORKER_NICE)
