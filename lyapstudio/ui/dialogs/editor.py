"""A window to draw on one memory, while everything else goes on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice, Spec
from lyapstudio.document import edits
from lyapstudio.document.nouns import Pattern
from lyapstudio.ui.dialogs.frame import prepare_window, stand_in_the_middle
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.slider import Slider
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.canvas import BRUSHES, Canvas

Grid = NDArray[np.int8]
Change = Callable[[Grid], Grid]

SHARE = Spec(
    "number",
    0.2,
    "Corrupt",
    "Share of pixels that are turned over, chosen at random.",
    0.0,
    1.0,
    percent=True,
    decimals=0,
)
SIZES = tuple(
    Choice(str(b), str(b), f"A brush of {b} pixels across. Keys [ and ].") for b in BRUSHES
)
TOOLS_WIDTH = 236
CANVAS_SIDE = 420
WORDS = "left paints, right erases, wheel zooms"


class PatternEditor(QWidget):
    """Draws on the memory with that key; a stroke is one undo step.

    Follows undo and every other change of the document, and closes when the memory is gone.
    """

    def __init__(self, session: Session, key: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        prepare_window(self, "Draw")
        self.session, self.key = session, key
        self._stroke = self._corruptions = 0
        self.canvas = Canvas("pattern")
        self.canvas.setAccessibleName("Drawing")
        self.name = QLineEdit()
        self.name.setMaxLength(60)
        self.name.setAccessibleName("Name of the memory")
        self.name.setToolTip("The memory’s name")
        self.share = Slider("share", SHARE)
        self.complaint = text("", "complaint", wrap=True)
        self.complaint.hide()
        self.undo = IconButton("ph.arrow-u-up-left", "Undo (Ctrl+Z)")
        self.redo = IconButton("ph.arrow-u-up-right", "Redo (Ctrl+Shift+Z)")
        self.brush = Segmented(SIZES)
        self.brush.set_value("1")
        self._lay_out()
        self._connect()
        self._shortcuts()
        self.follow()
        self.canvas.setFocus()

    @property
    def pattern(self) -> Pattern | None:
        """The memory that is drawn on."""
        return self.session.document.pattern(self.key)

    def _lay_out(self) -> None:
        tools = QVBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(text("Name", "section"))
        tools.addWidget(self.name)
        tools.addWidget(self.complaint)
        tools.addSpacing(8)
        brush = Section("Brush")
        brush.add_tool(self.undo)
        brush.add_tool(self.redo)
        brush.add(self.brush)
        tools.addWidget(brush)
        tools.addSpacing(8)
        tools.addWidget(text("Whole picture", "section"))
        tools.addLayout(self._button_row(WHOLE))
        tools.addLayout(self._button_row(SHIFTS))
        tools.addSpacing(8)
        tools.addWidget(self.share)
        corrupt = TextButton("Corrupt", tooltip="Turn over that share of the pixels, at random")
        corrupt.clicked.connect(self.corrupt)
        tools.addWidget(corrupt)
        tools.addStretch(1)
        column = QWidget()
        column.setFixedWidth(theme().px(TOOLS_WIDTH))
        column.setLayout(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 16, 24, 16)
        row.setSpacing(4)
        row.addWidget(self.canvas, 1)
        row.addWidget(column)
        self.resize(theme().px(CANVAS_SIDE + TOOLS_WIDTH + 72), theme().px(CANVAS_SIDE + 92))
        stand_in_the_middle(self)

    def _button_row(self, tools: tuple[tuple[str, str, str, Change], ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for icon, tooltip, label, change in tools:
            button = IconButton(icon, tooltip, side=32)
            button.clicked.connect(
                lambda _=False, label=label, change=change: self.apply(change, label)
            )
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        session = self.session
        self.canvas.stroke_began.connect(self._begin)
        self.canvas.painted.connect(self._paint)
        self.canvas.stroke_ended.connect(session.seal)
        self.undo.clicked.connect(session.undo)
        self.redo.clicked.connect(session.redo)
        self.brush.chosen.connect(lambda id: self.set_brush(int(id)))
        self.name.editingFinished.connect(self._rename)
        session.document_changed.connect(self.follow)

    def _shortcuts(self) -> None:
        session = self.session
        for keys, act in (
            (QKeySequence("Ctrl+Z"), session.undo),
            (QKeySequence("Ctrl+Shift+Z"), session.redo),
            (QKeySequence("Ctrl+Y"), session.redo),
            (QKeySequence("["), lambda: self.step_brush(-1)),
            (QKeySequence("]"), lambda: self.step_brush(1)),
            (QKeySequence("Esc"), self.close),
        ):
            QShortcut(keys, self, act).setAutoRepeat(False)
        arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        for key, (_, _, label, change) in zip(arrows, SHIFTS, strict=False):
            shortcut = QShortcut(QKeySequence(key), self.canvas)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda label=label, change=change: self.apply(change, label))

    # what it shows

    def follow(self) -> None:
        """Show the memory as the document has it now; without it, close."""
        pattern = self.pattern
        if pattern is None:
            self.close()
            return
        rows, cols = pattern.grid.shape
        self.canvas.set_grid(rows, cols)
        self.canvas.show_cells(pattern.grid)
        self.canvas.set_words(pattern.name, WORDS)
        self.setWindowTitle(f"Draw “{pattern.name}”")
        if not (self.name.hasFocus() and self.name.isModified()):
            self.name.setText(pattern.name)
        history = self.session.history
        for button, label, verb, keys in (
            (self.undo, history.undo_label, "Undo", "Ctrl+Z"),
            (self.redo, history.redo_label, "Redo", "Ctrl+Shift+Z"),
        ):
            button.setEnabled(bool(label))
            button.setToolTip(
                f"{verb}: {label} ({keys})" if label else f"Nothing to {verb.lower()}"
            )

    # edits

    def set_brush(self, size: int) -> None:
        """Diameter of the brush, cells."""
        self.canvas.brush = size
        self.brush.set_value(str(size))
        self.canvas.update()

    def step_brush(self, way: int) -> None:
        """The next larger or smaller brush."""
        at = BRUSHES.index(self.canvas.brush) + way
        self.set_brush(BRUSHES[max(0, min(at, len(BRUSHES) - 1))])

    def apply(self, change: Change, label: str) -> None:
        """Change the whole picture, as one undo step."""
        pattern = self.pattern
        if pattern is not None:
            grid = change(pattern.grid)
            self.session.edit(lambda d: edits.set_grid(d, self.key, grid), label)

    def corrupt(self) -> None:
        """Turn over a share of the pixels; each press takes others."""
        self._corruptions += 1
        share, seed = self.share.value, self.session.setup.seed + self._corruptions
        self.apply(lambda grid: edits.corrupt(grid, share, seed), "corrupt a memory")

    def _begin(self) -> None:
        self._stroke += 1
        self.session.seal()

    def _paint(self, where: NDArray[np.int64], value: int) -> None:
        self.session.edit(
            lambda d: edits.paint(d, self.key, where, value),
            "draw on a memory",
            f"draw {self.key} {self._stroke}",
        )

    def _rename(self) -> None:
        pattern, name = self.pattern, self.name.text()
        self.name.setModified(False)
        self._complain("")
        if pattern is None or name == pattern.name:
            return
        try:
            edits.rename_pattern(self.session.document, self.key, name)
        except UserError as error:
            self._complain(str(error))
            return
        self.session.edit(lambda d: edits.rename_pattern(d, self.key, name), "rename a pattern")

    def _complain(self, sentence: str) -> None:
        self.complaint.setText(sentence)
        self.complaint.setVisible(bool(sentence))


WHOLE: tuple[tuple[str, str, str, Change], ...] = (
    ("ph.paint-bucket", "All on", "fill a memory", edits.fill),
    ("ph.eraser", "All off", "clear a memory", edits.clear),
    ("ph.circle-half", "Invert: swap the two tones", "invert a memory", edits.invert),
    ("ph.arrows-left-right-bold", "Mirror: left becomes right", "mirror a memory", edits.mirror),
)
SHIFTS: tuple[tuple[str, str, str, Change], ...] = (
    ("ph.arrow-up-bold", "Shift up (↑)", "shift a memory", lambda g: edits.shift(g, -1, 0)),
    ("ph.arrow-down-bold", "Shift down (↓)", "shift a memory", lambda g: edits.shift(g, 1, 0)),
    ("ph.arrow-left-bold", "Shift left (←)", "shift a memory", lambda g: edits.shift(g, 0, -1)),
    ("ph.arrow-right-bold", "Shift right (→)", "shift a memory", lambda g: edits.shift(g, 0, 1)),
)
"""Icon, tooltip, the words for undo, what it does to the grid."""
