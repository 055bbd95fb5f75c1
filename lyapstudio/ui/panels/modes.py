"""What the middle of the window shows: neurons, one neuron's weights, all weights, a graph."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QToolButton, QVBoxLayout, QWidget

from lyapstudio.ui.theme import theme

NEURONS, WEIGHTS, MATRIX, GRAPH = "neurons", "weights", "matrix", "graph"
MODES = (
    (NEURONS, "Neurons", "ph.dots-nine", "The state of every neuron; draw on it (Alt+1)."),
    (
        WEIGHTS,
        "Weights",
        "ph.crosshair",
        "One neuron’s weights on the sheet; paint them (Alt+2).",
    ),
    (MATRIX, "Matrix", "ph.grid-four", "All weights as a matrix; zoom in and paint (Alt+3)."),
    (GRAPH, "Graph", "ph.share-network", "Neurons and arrows, up to 64 neurons (Alt+4)."),
)
WIDTH = 64
"""Of the strip, px."""


class ModeStrip(QWidget):
    """One button above the other at the left of the picture, as in a drawing program."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[str, _ModeButton] = {}
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for id, words, icon, tip in MODES:
            button = _ModeButton(words, icon, tip)
            button.clicked.connect(lambda _=False, id=id: self.chosen.emit(id))
            group.addButton(button)
            self._buttons[id] = button
            column.addWidget(button)
        column.addStretch(1)
        self.set_mode(NEURONS)

    @property
    def mode(self) -> str:
        return next(id for id, button in self._buttons.items() if button.isChecked())

    def set_mode(self, id: str) -> None:
        self._buttons[id].setChecked(True)

    def set_possible(self, id: str, possible: bool, why: str = "") -> None:
        """A mode that this network has not says why."""
        button = self._buttons[id]
        button.setEnabled(possible)
        button.setToolTip(next(m[3] for m in MODES if m[0] == id) if possible else why)


class _ModeButton(QToolButton):
    """An icon over its word; the chosen one lies on a soft field."""

    def __init__(self, words: str, icon: str, tip: str) -> None:
        super().__init__()
        self._icon = icon
        self.setText(words)
        self.setToolTip(tip)
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(lambda *_: self.update())
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(WIDTH), theme().px(52))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(1, 1, -1, -1)
        on, enabled = self.isChecked(), self.isEnabled()
        if on or (self.underMouse() and enabled):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("accentsoft" if on else "field"))
            painter.drawRoundedRect(box, 8, 8)
        if self.hasFocus():
            painter.setPen(t.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 8, 8)
        role = "accent" if on else "muted" if enabled else "faint"
        side = t.px(20)
        x = (self.width() - side) // 2
        t.icon(self._icon, role).paint(painter, x, t.px(8), side, side)
        painter.setFont(t.font(11, 600 if on else 400))
        painter.setPen(t.colour(role))
        words = self.rect().adjusted(0, t.px(30), 0, -t.px(4))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
