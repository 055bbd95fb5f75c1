"""A window to paint the external field minus the threshold of single neurons."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.param import Spec
from lyapstudio.document import edits
from lyapstudio.ui.dialogs.editor import CANVAS_SIDE, SIZES, TOOLS_WIDTH
from lyapstudio.ui.dialogs.frame import prepare_window, stand_in_the_middle
from lyapstudio.ui.numerals import figure, place
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.form import labelled
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.signed import SignedCanvas

VALUE = Spec(
    "number",
    0.5,
    "Value",
    "What the left button paints; the right button paints its negative. 0 takes away.",
    -100.0,
    100.0,
    decimals=3,
)
EXPLANATION = (
    "This is added to the field of each neuron, beside the common field and threshold. Warm "
    "neurons want to be +1, cool ones −1. The weights of Hebb’s rule make fields of about ±1."
)
HINT = "Point at a neuron to read its value."


class FieldEditor(QWidget):
    """Writes `Setup.painted` through the session; a stroke is one undo step."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        prepare_window(self, "External field of single neurons")
        self.session = session
        self._stroke = 0
        self.canvas = SignedCanvas("External field of single neurons")
        self.value = NumberField("value", VALUE)
        self.complaint = text("", "complaint", wrap=True)
        self.complaint.hide()
        self.brush = Segmented(SIZES)
        self.brush.set_value("1")
        self.undo = IconButton("ph.arrow-u-up-left", "Undo (Ctrl+Z)")
        self.redo = IconButton("ph.arrow-u-up-right", "Redo (Ctrl+Shift+Z)")
        self.clear = TextButton("Clear all", "plain", "ph.eraser", "No painted field anywhere")
        self.read = text(HINT, "strong", wrap=True)
        self._lay_out()
        self._connect()
        self.follow()
        self.canvas.setFocus()

    def _lay_out(self) -> None:
        tools = QVBoxLayout()
        tools.setSpacing(8)
        brush = Section("Brush")
        brush.add_tool(self.undo)
        brush.add_tool(self.redo)
        brush.add(self.brush)
        brush.add(labelled(VALUE, self.value))
        tools.addWidget(brush)
        tools.addWidget(self.complaint)
        tools.addWidget(self.clear)
        tools.addSpacing(8)
        tools.addWidget(text("What it does", "section"))
        tools.addWidget(text(EXPLANATION, "caption", wrap=True))
        tools.addSpacing(8)
        tools.addWidget(self.read)
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

    def _connect(self) -> None:
        session = self.session
        self.canvas.stroke_began.connect(self._begin)
        self.canvas.painted.connect(self._paint)
        self.canvas.stroke_ended.connect(session.seal)
        self.canvas.hovered.connect(self._hovered)
        self.value.complained.connect(self._complain)
        self.brush.chosen.connect(self._set_brush)
        self.undo.clicked.connect(session.undo)
        self.redo.clicked.connect(session.redo)
        self.clear.clicked.connect(self._clear)
        session.document_changed.connect(self.follow)
        for keys, act in (
            ("Ctrl+Z", session.undo),
            ("Ctrl+Shift+Z", session.redo),
            ("Ctrl+Y", session.redo),
            ("Esc", self.close),
        ):
            QShortcut(QKeySequence(keys), self, act)

    @property
    def painted(self) -> NDArray[np.float64]:
        """(rows, cols) float64, zero where nothing was painted."""
        setup = self.session.setup
        if setup.painted is not None:
            return setup.painted
        return np.zeros((setup.rows, setup.cols))

    def follow(self) -> None:
        """Show the field as the document has it now."""
        painted = self.painted
        level = float(np.abs(painted).max()) or abs(self.value.value) or 1.0
        self.canvas.set_grid(*painted.shape)
        self.canvas.show_field(painted, level)
        self.canvas.set_words("External field", "left paints +, right −, wheel zooms")
        self.clear.setEnabled(self.session.setup.painted is not None)
        self.undo.setEnabled(bool(self.session.history.undo_label))
        self.redo.setEnabled(bool(self.session.history.redo_label))

    def _set_brush(self, size: str) -> None:
        self.canvas.brush = int(size)

    def _begin(self) -> None:
        self._stroke += 1
        self.session.seal()

    def _paint(self, where: NDArray[np.int64], sign: int) -> None:
        if self.value.wrong:
            return
        value = math.copysign(1, sign) * self.value.value
        self.session.edit(
            lambda d: edits.paint_field(d, where, value),
            "paint the field",
            f"paint the field {self._stroke}",
        )

    def _clear(self) -> None:
        self.session.edit(lambda d: edits.paint_field(d, None), "clear the painted field")

    def _hovered(self, neuron: int | None) -> None:
        if neuron is None:
            self.read.setText(HINT)
            return
        row, col = place(neuron, self.session.setup.cols)
        value = figure(float(self.painted.reshape(-1)[neuron]), sign=True)
        self.read.setText(f"neuron ({row}, {col}): {value}")

    def _complain(self, sentence: str) -> None:
        self.complaint.setText(sentence)
        self.complaint.setVisible(bool(sentence))
