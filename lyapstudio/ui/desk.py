"""Documents on the disk: open, save, recent, autosave, recovery; nothing is lost on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.document import examples, files
from lyapstudio.document.autosave import Autosave, Leftover
from lyapstudio.document.nouns import Document
from lyapstudio.engine.job import Job
from lyapstudio.ui.dialogs.progress import PATIENCE_MS, ProgressDialog, run_job
from lyapstudio.ui.knowledge import BusyError
from lyapstudio.ui.places import last_folder, remember_folder
from lyapstudio.ui.session import Session
from lyapstudio.ui.settings import keep, setting

AUTOSAVE_MS = 10_000
SMALL = 1_000_000
"""Pixels of all patterns up to which keeping them is done at once."""
RECENT = 8
Report = Callable[[float], None]
FILTER = "Lyapunov Studio documents (*.lyap)"


class Desk(QObject):
    """Everything about files; asks before work would be lost."""

    title_changed = Signal()
    failed = Signal(str)
    told = Signal(str)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.session, self.window = session, window
        self.path: Path | None = None
        place = QStandardPaths.StandardLocation.AppLocalDataLocation
        self.autosave = Autosave(Path(QStandardPaths.writableLocation(place)) / "autosave")
        self._recovered: Leftover | None = None  # until its work is kept anew
        self._kept: tuple | None = None  # what the copy holds
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep)
        self._timer.start(AUTOSAVE_MS)
        self._keeping: Job | None = None  # the copy that is being written
        self._warned = False
        session.document_changed.connect(self.title_changed)

    @property
    def title(self) -> str:
        """The document's name, and whether it is edited."""
        name = self.path.stem if self.path else self.session.document.title
        return f"{name} — edited" if self.session.edited else name

    # opening

    def new(self) -> None:
        """An empty document of the same size."""
        if self.may_close():
            setup = self.session.setup
            blank = replace(setup.cue, source="blank", flips=0.0, pattern=0, other=0, drawn=None)
            self._show(Document("Untitled", (), (replace(setup, cue=blank, painted=None),)), None)

    def ask_open(self) -> None:
        """Choose a document."""
        if not self.may_close():
            return
        start = str(last_folder("folder"))
        name, _ = QFileDialog.getOpenFileName(self.window, "Open a document", start, FILTER)
        if name:
            self._open(Path(name))

    def open(self, path: Path) -> None:
        """Open a document, after asking about the present one."""
        if self.may_close():
            self._open(path)

    def open_example(self, id: str) -> None:
        """Open a copy of an example."""
        if self.may_close():
            self._in_background(
                lambda report: examples.example(id).build(),
                lambda document: self._show(document, None),
            )

    def _open(self, path: Path) -> None:
        def opened(document: Document) -> None:
            self._show(document, path)
            self._remember(path)

        def read(report: Report) -> Document:
            document = files.load(path)
            for setup in document.setups:  # its images are then at hand when it is shown
                if setup.model.learns:
                    with suppress(UserError):  # the window says it, and asks where they are
                        self.session.shelf.get(setup.data, report)
            return document

        self._in_background(read, opened)

    def _in_background(
        self, work: Callable[[Report], Document], then: Callable[[Document], None]
    ) -> None:
        """Reading may be slow: it never happens on the window's thread."""
        job = Job(work)
        self._job = job
        self.told.emit("Opening …")
        dialog: ProgressDialog | None = None
        patience = time.monotonic() + PATIENCE_MS / 1000

        def look() -> None:
            nonlocal dialog
            if self._job is not job:
                return
            if not job.done:
                if dialog is None and time.monotonic() > patience:
                    dialog = ProgressDialog("Opening …", job, self.window)
                    dialog.show()
                if dialog is not None:
                    dialog.show_progress()
                QTimer.singleShot(10, self, look)
                return
            self._job = None
            if dialog is not None:
                dialog.done(0)
            self.told.emit("")
            if job.error:
                self.failed.emit(job.error)
            elif job.result is not None:
                then(job.result)

        QTimer.singleShot(0, self, look)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def _show(self, document: Document, path: Path | None) -> None:
        self.path = path
        self.autosave.clear()
        self._kept = None
        self.session.open(document)
        self.title_changed.emit()

    # saving

    def save(self) -> bool:
        """Save where it belongs, or ask; False if nothing was written."""
        return self._write(self.path) if self.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a name and save."""
        start = str(self.path or last_folder("folder") / f"{self.session.document.title}.lyap")
        name, _ = QFileDialog.getSaveFileName(self.window, "Save the document", start, FILTER)
        if not name:
            return False
        path = Path(name)
        return self._write(path if path.suffix else path.with_suffix(files.SUFFIX))

    def _write(self, path: Path) -> bool:
        try:
            if self.session.setup.model.learns:  # weights are many bytes
                run_job(self.window, "Saving …", lambda report: self._save(path))
            else:
                self._save(path)
        except UserError as error:
            self.failed.emit(str(error))
            return False
        self.path = path
        self.session.saved()
        self.autosave.clear()
        self._remember(path)
        self.title_changed.emit()
        self.told.emit(f"Saved as {path.name}.")
        return True

    def _save(self, path: Path) -> bool:
        files.save(self.session.saved_view(), path)
        return True

    def may_close(self) -> bool:
        """Whether the present document may go: saved, or given up by the user."""
        if not self.session.edited:
            return True
        from lyapstudio.ui.dialogs.ask import ask_to_save

        answer = ask_to_save(self.window, self.title.removesuffix(" — edited"))
        return self.save() if answer == "save" else answer == "discard"

    # recent files

    @property
    def recent(self) -> list[Path]:
        """The files opened last, those that are still there."""
        stored: Any = setting("recent", (str, list), [])  # Qt makes a word of a list of one
        names = [stored] if isinstance(stored, str) else stored
        return [Path(n) for n in names if isinstance(n, str) and _is_file(n)]

    def _remember(self, path: Path) -> None:
        path = path.absolute()
        names = [str(path), *(str(p) for p in self.recent if p != path)][:RECENT]
        keep("recent", names)
        remember_folder("folder", path.parent)

    # work in progress

    def keep(self) -> None:
        """Put unsaved work where the next start finds it after a crash."""
        document = self.session.document
        if not self.session.edited:
            if self._kept is not None:
                self._kept = None
                self.autosave.clear()  # all was undone: nothing to recover
            return
        moment, frame = self.session.knowledge.moment, self.session.frame
        if self._kept is not None and self._kept[0] is document and self._kept[1] == moment:
            return
        if (self._keeping and not self._keeping.done) or (frame and frame.busy):
            return  # the next time, then: the worker would not answer at once
        self._kept = (document, moment)
        path, learns = self.path, document.setup.model.learns
        full = None if learns else self.session.saved_view()  # else the job waits for the worker

        def write(report: object) -> bool:
            try:
                self.autosave.write(full or self.session.saved_view(), path)
            except BusyError:  # nobody asked for it, so nobody need hear of it
                return False
            return True

        job = Job(write)
        size = document.setup.N * max(1, len(document.patterns))
        if size < SMALL and not learns:
            job.wait()
        self._keeping = job
        QTimer.singleShot(500, self, lambda: self._kept_or_failed(job))

    def _kept_or_failed(self, job: Job) -> None:
        if not job.done:
            QTimer.singleShot(500, self, lambda: self._kept_or_failed(job))
        elif job.result is False:
            self._kept = None  # the next time, then
        elif not job.error and self._recovered is not None:
            self._recovered.discard()  # only now is there another copy of it
            self._recovered = None
        elif job.error and not self._warned:
            self._warned = True
            self.failed.emit(job.error)

    def recover(self) -> None:
        """Offer what a killed process left behind."""
        from lyapstudio.ui.dialogs.ask import ask_recover

        for leftover in self.autosave.leftovers()[:1]:
            if ask_recover(self.window, datetime.fromtimestamp(leftover.when), leftover.title):
                try:
                    document = leftover.load()
                except UserError as error:
                    self.failed.emit(str(error))
                else:
                    self._show(document, leftover.path)
                    self.session.history.never_saved()
                    self.title_changed.emit()
                    self._recovered = leftover
                    self.keep()
                    continue
            leftover.discard()

    def close(self) -> None:
        """The window closes: nothing is left to recover."""
        self._timer.stop()
        if self._keeping is not None:
            self._keeping.wait()
        if self._job is not None:
            self._job.cancel()
            self._job.wait()
            self._job = None
        if self._recovered is not None:
            self._recovered.discard()  # saved, or given up
        self.autosave.clear()


def _is_file(name: str) -> bool:
    """Whether it is there; what cannot be a name is not."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False
