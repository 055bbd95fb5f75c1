"""A choice of a few, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from lyapstudio.core.param import Choice
from lyapstudio.ui.theme import theme

PADDING = 13
"""Room beside a segment's words, px."""


class Segmented(QFrame):
    """A track with one raised segment; the arrow keys move it."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "track")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for choice in choices:
            button = QToolButton()
            button.setText(choice.label)
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setToolTip(choice.help)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            # an expanding policy, else Qt elides the words to "N…e"
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            button.clicked.connect(lambda _=False, id=choice.id: self.chosen.emit(id))
            self._group.addButton(button)
            self._buttons[choice.id] = button
            row.addWidget(button, 1)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> str:
        return next((id for id, b in self._buttons.items() if b.isChecked()), "")

    def set_value(self, id: str) -> None:
        if id in self._buttons:
            self._buttons[id].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        ids = list(self._buttons)
        at = ids.index(self.value) + step if self.value else 0
        if 0 <= at < len(ids):
            self._buttons[ids[at]].setFocus()
            self._buttons[ids[at]].click()

    def _restyle(self) -> None:
        t = theme()
        self.setFixedHeight(t.px(32))
        for button in self._buttons.values():
            button.setMinimumWidth(words_width(button.text()))


def words_width(words: str) -> int:
    """How wide a segment with these words is."""
    metrics = QFontMetrics(theme().font(13, 500))
    return int(metrics.horizontalAdvance(words) + theme().px(PADDING))


def segments_width(choices: Sequence[Choice]) -> int:
    """How wide a Segmented of these choices is at least."""
    return sum(words_width(choice.label) + 2 for choice in choices) + 2
