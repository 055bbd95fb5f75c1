"""What went wrong, for a report: a log that never grows large, and what a crash leaves behind.

The log is the standard library's, under the name "lyapstudio"; only what was not foreseen is in
it. While the program runs it holds the lock on a file of its own, into which faulthandler writes
where the process dies of a fault outside of Python. The file is removed at the end; one that
nobody holds is what a crash left.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import secrets
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lyapstudio.core.build import build
from lyapstudio.core.lock import held, locked

LOG = "lyapstudio.log"
BYTES = 500_000
"""Of one log file; there are two at most."""
KEPT = 200
"""Lines that are kept in memory for a report."""
TRACE = 8_000
"""Characters of what faulthandler wrote that are kept."""

log = logging.getLogger("lyapstudio")
log.propagate = False
log.addHandler(logging.NullHandler())  # without a logbook nothing is said on the terminal


class _Tail(logging.Handler):
    """The last lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.extend(self.format(record).splitlines())


@dataclass(frozen=True)
class Crash:
    """A process that ended without closing; `trace` is what it still wrote, or ""."""

    when: float
    trace: str


class Logbook:
    """Open from the start of the window to its end.

    complaint : why nothing can be written, or ""
    crashes : what earlier processes left, the latest last; told once
    """

    def __init__(self, folder: Path) -> None:
        from logging.handlers import RotatingFileHandler  # it brings sockets and mail

        self.folder = folder
        self.complaint = ""
        self.crashes: tuple[Crash, ...] = ()
        self._tail = _Tail()
        self._handlers: list[logging.Handler] = [self._tail]
        self._lock: int | None = None
        self._trace: TextIO | None = None
        self._name = f"running-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.crashes = self._find_crashes()
            self._lock = locked(self._file(".lock"))
            self._trace = self._file(".txt").open("w", encoding="utf-8")
            faulthandler.enable(self._trace)
            self._handlers.append(
                RotatingFileHandler(folder / LOG, "a", BYTES, backupCount=1, encoding="utf-8")
            )
        except OSError as error:
            self.complaint = (
                f"The log cannot be written in {folder}: {error.strerror or error}. After a crash "
                "nothing will tell what happened."
            )
        for handler in self._handlers:
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.info("Lyapunov Studio %s begins.", build().line)
        for crash in self.crashes:
            log.error("An earlier run ended unexpectedly.\n%s", crash.trace or "It left no trace.")

    def tail(self) -> list[str]:
        """The last lines of this run."""
        return list(self._tail.lines)

    def close(self) -> None:
        """The program ends as it should; safe to call twice."""
        for handler in self._handlers:
            log.removeHandler(handler)
            handler.close()
        self._handlers = []
        if self._trace is not None:
            faulthandler.disable()
            self._trace.close()
            self._trace = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            for suffix in (".txt", ".lock"):
                with suppress(OSError):
                    self._file(suffix).unlink()

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self._name}{suffix}"

    def _find_crashes(self) -> tuple[Crash, ...]:
        """What dead processes left; it is taken away, for it is told now and goes to the log."""
        found = []
        for lock in self.folder.glob("running-*.lock"):
            if held(lock):
                continue
            trace = lock.with_suffix(".txt")
            with suppress(OSError):
                words = trace.read_text("utf-8", "replace") if trace.exists() else ""
                found.append(Crash(lock.stat().st_mtime, words[:TRACE].strip()))
            for file in (trace, lock):
                with suppress(OSError):
                    file.unlink()
        return tuple(sorted(found, key=lambda crash: crash.when))
