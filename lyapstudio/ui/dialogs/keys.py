"""The sheet of all shortcuts, made from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

Row = tuple[str, str, str]
"""Menu, title, shortcut."""

COLUMNS = 3
MOST_HEIGHT = 520
"""Longer sheets scroll, px."""
PRETTY = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}


class KeyCap(QWidget):
    """A shortcut as it stands on the keys."""

    def __init__(self, shortcut: str) -> None:
        super().__init__()
        native = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        words = native or shortcut
        self.words = "+".join(PRETTY.get(key, key) for key in words.split("+"))
        self.setAccessibleName(self.words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        t = theme()
        width = QFontMetrics(t.font(12, 600)).horizontalAdvance(self.words) + t.px(16)
        return QSize(max(width, t.px(28)), t.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour("field"))
        box = QRectF(self.rect())
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(t.font(12, 600))
        painter.setPen(t.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.words)


class KeysDialog(DialogFrame):
    """All actions that have a shortcut, by menu; in as many columns as keep it low."""

    def __init__(self, rows: Iterable[Row], parent: QWidget | None = None) -> None:
        super().__init__("Keys", parent, main="Close", width=840)
        self.cancel.hide()
        menus: dict[str, list[tuple[str, str]]] = {}
        for menu, title, shortcut in rows:
            if shortcut:
                menus.setdefault(menu, []).append((_plain(title), shortcut))
        sheet = QWidget()
        row = QHBoxLayout(sheet)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(32)
        columns = [QVBoxLayout() for _ in range(COLUMNS)]
        heights = [0] * COLUMNS
        for menu, entries in menus.items():
            shortest = heights.index(min(heights))
            heights[shortest] += len(entries) + 2
            columns[shortest].addWidget(text(menu, "section"))
            columns[shortest].addLayout(_table(entries))
            columns[shortest].addSpacing(16)
        for column in columns:
            column.setSpacing(8)
            column.addStretch(1)
            row.addLayout(column, 1)
        scroll = QScrollArea()
        scroll.setWidget(sheet)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumHeight(min(sheet.sizeHint().height() + 4, MOST_HEIGHT))
        self.body.addWidget(scroll)
        self.main.setFocus()

    def reject(self) -> None:
        """Esc closes as Close does."""
        self.accept()


def _table(entries: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(4)
    for k, (title, shortcut) in enumerate(entries):
        grid.addWidget(text(title), k, 0)
        grid.addWidget(KeyCap(shortcut), k, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return grid


def _plain(title: str) -> str:
    """A menu title without its mnemonic and dots."""
    return title.replace("&", "").removesuffix("…").strip()
