"""Any other long work: a callable in a thread, with progress and cancel. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

from lyapstudio.engine.explain import explain

T = TypeVar("T")


class CancelledError(Exception):
    """Raised inside a job when the user has had enough."""


class Job(Generic[T]):
    """`work(report)` runs in a thread; `report(fraction)` raises CancelledError after `cancel()`.

    Poll `done`; then `result`, or `error` with a sentence, or neither when cancelled.
    """

    def __init__(self, work: Callable[[Callable[[float], None]], T]) -> None:
        self._work = work
        self._cancelled = False
        self.progress = 0.0
        self.result: T | None = None
        self.error = ""
        self._thread = Thread(target=self._live, name="job", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Ask it to stop at its next report."""
        self._cancelled = True

    def wait(self) -> None:
        """Return when the thread has ended."""
        self._thread.join()

    def _report(self, fraction: float) -> None:
        self.progress = fraction
        if self._cancelled:
            raise CancelledError

    def _live(self) -> None:
        try:
            self.result = self._work(self._report)
        except CancelledError:
            pass
        except Exception as error:  # shown by the window
            self.error = explain(error, "This did not work", "")
