"""What the window says when something was not foreseen, and what it gives for a report."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from lyapstudio.core import kernel_cache
from lyapstudio.core.logbook import Logbook, log
from lyapstudio.engine.explain import explain
from lyapstudio.ui import settings
from lyapstudio.ui.news import updated
from lyapstudio.ui.parts.notice import Notice

WRONG = "Something in the program went wrong"
GO_ON = " You can go on; save your work first."
ENDED = "Lyapunov Studio ended unexpectedly the last time."
COPY = "Copy details"
COPIED = "The details are on the clipboard, without paths and names: paste them into your report."


class Reporter(QObject):
    """Between whoever complains and the notice; made by the window, hooked in by the program.

    last : the complaint that was shown last
    """

    unforeseen = Signal(str)  # may come from any thread

    def __init__(self, window: Any, notice: Notice) -> None:
        super().__init__(window)
        self._window, self._notice = window, notice
        self.last = ""
        self.book: Logbook | None = None
        self._faults = _Faults()
        self._standing = ""  # what was said at the start and is still there
        log.addHandler(self._faults)
        self.destroyed.connect(lambda *_, faults=self._faults: log.removeHandler(faults))
        self.unforeseen.connect(self.complain)
        window.session.frame_arrived.connect(self._look)

    # complaints

    def complain(self, sentence: str) -> None:
        """Show what went wrong; a fault of the program comes with a way to report it."""
        self.last = sentence
        fault = sentence in self._faults.sentences
        self._notice.complain(sentence, (COPY, self.copy) if fault else None)

    def copy(self) -> None:
        """The details for a bug report, onto the clipboard."""
        QGuiApplication.clipboard().setText(self.details())
        self._notice.tell(COPIED)

    def details(self) -> str:
        """Plain text without anything private."""
        from lyapstudio.ui.details import details, private_names  # seldom asked for

        desk, session = self._window.desk, self._window.session
        names = private_names(session, [*([desk.path] if desk.path else []), *desk.recent])
        lines = self.book.tail() if self.book is not None else []
        return details(session, names, self.last, lines)

    # the program

    def hook(self, book: Logbook) -> None:
        """From now on faults of any thread are in the log and in the notice."""
        self.book = book
        sys.excepthook = self._caught
        threading.excepthook = lambda told: self._caught(
            told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
        )

    def unhook(self) -> None:
        """The window is gone."""
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__

    def begin(self) -> None:
        """The window is there: say what was found at the start, once."""
        if self.book is not None and self.book.crashes:
            self.say(ENDED, (COPY, self.copy))
        for sentence in (*settings.complaints(), self.book.complaint if self.book else ""):
            self.say(sentence)
        self._look()
        news = updated()
        if news and not self._standing:
            show = self._window.errands.show_help
            self._notice.tell(news, ("What changed", lambda: show("changes")))

    def say(self, sentence: str, action: Any = None) -> None:
        """Something to know that nothing hangs on; several sentences share the notice."""
        if not sentence:
            return
        log.warning(sentence)
        shown = self._standing if self._notice.words == self._standing else ""
        self._standing = f"{shown} {sentence}".strip()
        self._notice.tell(self._standing, action or (COPY, self.copy), lasting=True)

    def _look(self, frame: object = None) -> None:
        """Kernels are compiled while it runs, and only then it shows how they were kept."""
        for sentence in kernel_cache.complaints():
            self.say(sentence)

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, (KeyboardInterrupt, SystemExit)):
            sys.__excepthook__(kind, error, trace)
            return
        said = explain(error.with_traceback(trace), WRONG, GO_ON)
        self._faults.sentences.add(said)
        self.unforeseen.emit(said)


class _Faults(logging.Handler):
    """Remembers which sentences are about faults of the program."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.sentences: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        said = getattr(record, "sentence", "")
        if said:
            self.sentences.add(said)
