"""Work that takes long: a bar and Cancel after half a second, nothing before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.engine.job import Job
from lyapstudio.ui.dialogs.frame import DialogFrame

T = TypeVar("T")
Work = Callable[[Callable[[float], None]], T]
"""`work(report)`: called in a thread; `report(fraction)` may raise to end it."""

POLL_MS = 20
PATIENCE_MS = 500
"""What takes less is over before a dialog could be read."""


class ProgressDialog(DialogFrame):
    """A bar that follows a job; Cancel and Esc ask the job to stop."""

    def __init__(self, title: str, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(title, parent, main="", width=380)
        self.main.hide()
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._job = job
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(title)
        self.body.addWidget(self.bar)
        self.show_progress()

    def show_progress(self) -> None:
        """Follow the job; until it has reported once the bar only says that it is busy."""
        done = self._job.progress
        self.bar.setRange(0, 1000 if done > 0 else 0)
        self.bar.setValue(round(1000 * done))

    def reject(self) -> None:
        """Ask the job to stop; the dialog goes when it has."""
        self._job.cancel()
        self.cancel.setEnabled(False)
        self.set_caption("Stopping …")


def run_job(parent: QWidget | None, title: str, work: Work[T]) -> T | None:
    """Do the work in a thread while the window stays alive.

    Returns
    -------
    what `work` returns, or None where the user cancelled it

    Raises
    ------
    UserError : the sentence of what went wrong in `work`
    """
    job: Job[T] = Job(work)
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if job.done else None)
    timer.start(POLL_MS)
    patience = QTimer()
    patience.setSingleShot(True)
    patience.timeout.connect(loop.quit)
    patience.start(PATIENCE_MS)
    # until the dialog is there clicks wait in their queue: nothing can change under the work
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    if not job.done:
        dialog = ProgressDialog(title, job, parent)
        timer.timeout.connect(dialog.show_progress)
        dialog.show()
        loop.exec()
        dialog.done(0)
    timer.stop()
    job.wait()
    if job.error:
        raise UserError(job.error)
    return None if job.cancelled else job.result
