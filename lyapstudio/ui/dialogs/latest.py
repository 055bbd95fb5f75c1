"""Previews that follow the hand: the newest question is answered, older ones are dropped."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from lyapstudio.engine.job import Job
from lyapstudio.ui.dialogs.progress import POLL_MS, Work

GRACE = 0.04
"""Seconds that a closing dialog waits: less than anyone feels."""


class Latest(QObject):
    """At most one job at a time, and at most one waiting: the last that was asked for.

    `arrived(result)` or `failed(sentence)` only for the newest question.
    """

    arrived = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._next: Work | None = None
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def ask(self, work: Work) -> None:
        """Do this now, or as soon as what runs has stopped."""
        self._next = work
        if self._job is None:
            self._begin()
        else:
            self._job.cancel()

    def close(self) -> None:
        """Ask the thread to end and give it a moment; safe to call twice.

        Work that never reports ends by itself, and nobody hears of it.
        """
        self._poll.stop()
        self._next = None
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            until = time.monotonic() + GRACE
            while not job.done and time.monotonic() < until:
                time.sleep(0.002)

    def _begin(self) -> None:
        assert self._next is not None
        self._job, self._next = Job(self._next), None
        self._poll.start(POLL_MS)

    def _look(self) -> None:
        job = self._job
        if job is None or not job.done:
            return
        self._job = None
        self._poll.stop()
        if self._next is not None:
            self._begin()
        elif job.error:
            self.failed.emit(job.error)
        elif not job.cancelled:
            self.arrived.emit(job.result)
