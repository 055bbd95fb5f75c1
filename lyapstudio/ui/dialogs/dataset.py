"""Which data a network learns from: MNIST, a ready set, or files of one's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.core.resources import resource
from lyapstudio.document.datasets.found import Found
from lyapstudio.document.datasets.read import find
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.datasets.source import LayoutError, Source
from lyapstudio.document.ready import ready_sets
from lyapstudio.ui.dialogs.found import DropField, SplitBar, classes, facts
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.dialogs.progress import PATIENCE_MS
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.places import last_folder, remember_folder
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.samples import SampleGrid

TIP = "Learn from these images (Enter)."
FILES = "Data (*.npz *.npy *.csv *.tsv *.txt *.gz *-ubyte *.idx*);;All files (*)"
INVITATION = (
    "Choose a file or a folder, or drop it here.\n"
    "A file may be IDX (as MNIST’s, .gz too), NPZ, NPY or CSV with one image a line;\n"
    "a folder holds pictures, best in one folder for each class."
)
SAMPLE_ROWS = 3
"""Rows of thumbnails in a preview."""
FOLLOW_MS = 50
OWN = "file"


class DataDialog(DialogFrame):
    """Choose the data, see what they are, divide them.

    Once it was accepted `source` names them, and `shelf` holds them.
    """

    def __init__(
        self, shelf: Shelf, parent: QWidget | None = None, source: Source | None = None
    ) -> None:
        super().__init__("Data to learn from", parent, main="Use", tip=TIP, width=860)
        self.shelf = shelf
        self.found: Found | None = None
        self._sources = [
            *([Source()] if resource("mnist", "mnist.npz").is_file() else []),
            Source(OWN),
            *(Source("ready", ready=s.id) for s in ready_sets() if s.id != "mnist"),
        ]
        self._at = 0
        self._fraction = 0.0
        self.list = QListWidget()
        self.list.setToolTip("Data that come with the program, and your own; a click shows them.")
        self.file = TextButton("Choose a file …", "plain", "ph.file", "IDX, NPZ, NPY or CSV")
        self.folder = TextButton(
            "Choose a folder …", "plain", "ph.folder-open", "Pictures, or a set of IDX files"
        )
        self.invitation = text(INVITATION, "caption", wrap=True)
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.own = DropField()
        self.name, self.facts = text("", "section"), text("", wrap=True)
        self.classes, self.notes = text("", "caption", wrap=True), text("", "caption", wrap=True)
        self.grid = SampleGrid(still=True)
        self.grid.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.layout_form = Form(Source(OWN), names=("column", "rows", "cols"))
        self.layout_part = QWidget()
        self.split = SplitBar()
        self.form = Form(Source(OWN), names=("validation", "test", "limit"))
        self.progress = QWidget()
        self.bar = QProgressBar()
        self.stop = TextButton("Stop", "link", tooltip="Stop reading")
        self._lay_out()
        self._reading = Latest(self)
        self._patience, self._follow = QTimer(self), QTimer(self)
        self._connect()
        self._begin(source)
        self.setAcceptDrops(True)
        self.list.setFocus()

    @property
    def source(self) -> Source:
        """What is chosen, and how it is divided."""
        return self._sources[self._at]

    def load(self, path: str | Path) -> None:
        """Read a file or folder of the user's own."""
        self._sources[self._own_row] = Source(OWN, path=str(path))
        self.list.setCurrentRow(self._own_row)
        self._show_source()

    @property
    def _own_row(self) -> int:
        return next(k for k, s in enumerate(self._sources) if s.kind == OWN)

    def _lay_out(self) -> None:
        titles = {s.id: (s.title, s.help) for s in ready_sets()}
        mnist = ("MNIST", "70 000 handwritten digits.")
        own = ("Your own data …", "A file or a folder of images.")
        for source in self._sources:
            title, tip = {"mnist": mnist, OWN: own}.get(source.kind) or titles[source.ready]
            item = QListWidgetItem(title)
            item.setToolTip(tip)
            self.list.addItem(item)
        self.list.setFixedWidth(theme().px(168))
        self.list.setAccessibleName("Data")
        self._lay_out_own()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Reading")
        busy = QHBoxLayout(self.progress)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.addWidget(text("Reading …", "caption"))
        busy.addWidget(self.bar, 1)
        busy.addWidget(self.stop)
        right = QVBoxLayout()
        right.setSpacing(8)
        for part in (self.own, self.progress, self.name, self.facts, self.classes, self.grid):
            right.addWidget(part)
        right.addWidget(self.notes)
        right.addSpacing(8)
        right.addWidget(self.split)
        right.addLayout(self._forms())
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def _lay_out_own(self) -> None:
        """Two buttons, and around them a field to drop things on while nothing was chosen."""
        buttons = self._buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.file)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        column = QVBoxLayout(self.own)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self.invitation)
        column.addStretch(1)

    def _forms(self) -> QHBoxLayout:
        """How the images are divided, and beside it how they are stored where that is unclear."""
        column = QVBoxLayout(self.layout_part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(text("Column of the labels, and the size of an image (0: a square)"))
        column.addWidget(self.layout_form)
        row = QHBoxLayout()
        row.setSpacing(32)
        row.addWidget(self.form, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.layout_part, 1, Qt.AlignmentFlag.AlignTop)
        return row

    def _connect(self) -> None:
        self._reading.arrived.connect(self._arrived)
        self._reading.failed.connect(self._refuse)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self.progress.show)
        self._follow.setInterval(FOLLOW_MS)
        self._follow.timeout.connect(self._show_progress)
        self.list.currentRowChanged.connect(self._choose_row)
        self.grid.resized.connect(self._show_samples)
        self.file.clicked.connect(self._ask_file)
        self.folder.clicked.connect(self._ask_folder)
        self.stop.clicked.connect(self._stopped)
        self.form.changing.connect(self._divide)
        self.form.chosen.connect(self._divide)
        self.layout_form.chosen.connect(self._reread)
        self.finished.connect(self._end)

    def _begin(self, source: Source | None) -> None:
        """At the present source, else at the first."""
        for k, offered in enumerate(self._sources):
            if source and (offered.kind, offered.ready) == (source.kind, source.ready):
                self._sources[k] = source
                self._at = k
        self.list.setCurrentRow(self._at)
        self._show_source()

    def _choose_row(self, row: int) -> None:
        if row >= 0 and row != self._at:
            self._at = row
            self._show_source()

    def _show_source(self) -> None:
        """Read what is chosen, unless it is at hand."""
        self._settle()
        self._reading.close()  # what was asked before must not arrive any more
        self.found = None
        self.complain("")
        self._show_found()
        source = self.source
        if source.kind == OWN and not source.path:
            return
        held = self.shelf.held(source)
        if held is not None:
            self._arrived(held)
            return
        self._fraction = 0.0

        def read(report: Callable[[float], None]) -> Found | LayoutError:
            def tell(fraction: float) -> None:
                self._fraction = fraction
                report(fraction)

            try:
                return find(source, tell)
            except LayoutError as error:  # can be mended here
                return error

        self._patience.start()
        self._follow.start()
        self._reading.ask(read)

    def _arrived(self, result: Found | LayoutError) -> None:
        self._settle()
        if isinstance(result, LayoutError):
            self._refuse(str(result))
            self._show_layout()
            return
        self.found = result
        if not self.source.digest and self.source.kind == OWN:  # it was read for the first time
            self._sources[self._at] = result.source
        self._show_found()

    def _refuse(self, sentence: str) -> None:
        self._settle()
        self.complain(sentence)

    def _settle(self) -> None:
        self._patience.stop()
        self._follow.stop()
        self.progress.hide()

    def _stopped(self) -> None:
        self._reading.close()
        self._refuse("It was not read to the end. Choose the data again, or others.")

    def _end(self) -> None:
        self._settle()
        self._reading.close()

    def _show_progress(self) -> None:
        self.bar.setRange(0, 1000 if self._fraction > 0 else 0)
        self.bar.setValue(round(1000 * self._fraction))

    def _show_found(self) -> None:
        found, source = self.found, self.source
        own = source.kind == OWN
        self.own.setVisible(own)
        self.invitation.setVisible(found is None)
        self.own.set_waiting(found is None)
        self._buttons.setStretch(0, found is None)  # in the middle, then at the left
        self.main.setEnabled(found is not None)
        for part in (self.name, self.facts, self.classes, self.grid, self.split, self.form):
            part.setVisible(found is not None)
        self.notes.setVisible(found is not None and bool(found.notes))
        self.layout_part.hide()
        if found is None:
            self.grid.clear()
            return
        self.name.setText(source.title or found.source.title)
        self.facts.setText(facts(found))
        self.classes.setText(classes(found))
        self.notes.setText("\n".join(found.notes))
        if found.kind == "CSV" or source.rows or source.cols:
            self._show_layout()
        self._show_samples()
        self._show_split()

    def _show_samples(self) -> None:
        """As many as fit, in the order of their classes."""
        found = self.found
        if found is None:
            return
        shape = (found.rows, found.cols, found.depth)
        self.grid.show_images(found.train, np.zeros(0, np.int64), shape)
        rows = SAMPLE_ROWS if self.layout_part.isHidden() else SAMPLE_ROWS - 1
        few = np.arange(min(rows * self.grid.per_row, len(found.train)))
        if found.train.labels is not None:
            few = few[np.argsort(found.train.labels[few], kind="stable")]
        self.grid.show_images(found.train, few, shape)
        self.grid.setFixedHeight(self.grid.height_of(-(-len(few) // self.grid.per_row)))

    def _show_layout(self) -> None:
        self.layout_form.set_params(self.source)
        table = Path(self.source.path).suffix.lower() not in (".npy", ".npz")
        self.layout_form.row("column").setVisible(table)
        self.layout_part.show()

    def _show_split(self) -> None:
        if self.found is None:
            return
        sizes = self.found.sizes(self.source)
        self.split.show_sizes(sizes, self.found.images - sum(sizes))
        self.form.set_params(self.source)
        if self.found.test is not None:
            self.form.row("test").hide()

    def _divide(self, name: str, value: Any) -> None:
        self._sources[self._at] = self.source.changed(**{name: value})
        if self.source.kind == "ready":  # it makes as many patterns as are wanted
            self._show_source()
        else:
            self._show_split()

    def _reread(self, name: str, value: Any) -> None:
        changed = self.source.changed(**{name: value})
        self._sources[self._at] = dataclasses.replace(changed, digest="")
        self._show_source()

    def _ask_file(self) -> None:
        folder = str(last_folder("images"))
        name, _ = QFileDialog.getOpenFileName(self, "Choose data", folder, FILES)
        self._take(name)

    def _ask_folder(self) -> None:
        folder = str(last_folder("images"))
        self._take(QFileDialog.getExistingDirectory(self, "Choose a folder of data", folder))

    def _take(self, name: str) -> None:
        if name:
            remember_folder("images", Path(name).parent)
            self.load(name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file or a folder may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read what was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.load(paths[0])

    def accept(self) -> None:
        """Put the data on the shelf, where the worker finds them."""
        if self.found is None:
            return
        self.shelf.keep(self.source, self.found)
        super().accept()
