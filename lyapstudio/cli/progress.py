"""What a long command says while it works, on standard error; and how it is told to end."""

from __future__ import annotations

import shutil
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

TERMINAL, FILE = 0.2, 5.0
"""Seconds between two lines: a terminal overwrites them, elsewhere they pile up."""
MEMORY = 20.0
"""Seconds over which the speed is measured."""
BAR = 20


class Interrupted(Exception):
    """Somebody wants the command to end."""


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Gives a function that raises Interrupted once Ctrl-C or SIGTERM has come.

    So the work ends where it can go on from, not in the middle. A second signal ends it at once.
    """
    came: list[int] = []

    def note(number: int, frame: Any) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    def look() -> None:
        if came:
            raise Interrupted

    before: dict[signal.Signals, Any] = {}
    with suppress(ValueError):  # only the main thread hears signals
        for end in (signal.SIGINT, signal.SIGTERM):
            before[end] = signal.signal(end, note)
    try:
        yield look
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)


class Progress:
    """A line for the stage that is on: how far, how fast, how long still."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._gap = TERMINAL if self._terminal else FILE
        self._shown = time.monotonic()
        self._drawn = False
        self.begin("", 0, 0)

    def begin(self, stage: str, total: int, done: int, unit: str = "images") -> None:
        """A stage of `total` units, of which so many are done; total 0 where nobody knows."""
        self._stage, self._total, self._unit = stage, total, unit
        self._past = deque([(time.monotonic(), done)])

    def show(self, done: int, words: str = "") -> None:
        """Say it where it is time to."""
        now = time.monotonic()
        if now - self._shown < self._gap:
            return
        self._shown = now
        self._past.append((now, done))
        while self._past[0][0] < now - MEMORY and len(self._past) > 2:
            self._past.popleft()
        self._write(self._line(done, words))

    def _line(self, done: int, words: str) -> str:
        (then, before), (now, _) = self._past[0], self._past[-1]
        rate = (done - before) / max(now - then, 1e-9)
        parts = [self._stage, words]
        if self._total:
            parts.append(f"{min(1.0, done / self._total):.0%}")
            if rate > 0:
                left = spoken((self._total - done) / rate)
                parts += [f"{rate:,.0f} {self._unit}/s".replace(",", " "), f"{left} left"]
        line = "  ".join(part for part in parts if part)
        return self._fitted(line, done) if self._terminal else line

    def _fitted(self, line: str, done: int) -> str:
        """One row of the terminal, with a bar as far as there is room."""
        width = shutil.get_terminal_size().columns - 1
        room = min(BAR, width - len(line) - len("[]  "))
        if self._total and room >= BAR // 4:
            full = round(room * min(1.0, done / self._total))
            line = f"[{'#' * full}{'-' * (room - full)}]  {line}"
        return line[:width]

    def _write(self, line: str) -> None:
        with suppress(OSError):  # whoever read has gone: no reason to stop learning
            self._stream.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
            self._stream.flush()
        self._drawn = True

    def end(self) -> None:
        """Nothing more is said; a terminal's line is free again."""
        if self._terminal and self._drawn:
            with suppress(OSError):
                self._stream.write("\r\x1b[K")
                self._stream.flush()
        self._drawn = False


def spoken(seconds: float) -> str:
    """Like "40 s", "3 min" or "2 h 05 min"."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
