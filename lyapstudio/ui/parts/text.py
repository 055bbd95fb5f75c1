"""Labels in the kinds of type that the style sheet knows."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

Kind = Literal[
    "body",
    "display",
    "step",
    "title",
    "section",
    "value",
    "caption",
    "strong",
    "formula",
    "complaint",
]


def text(words: str, kind: Kind = "body", *, wrap: bool = False) -> QLabel:
    """A label of that kind."""
    label = QLabel(words)
    label.setProperty("kind", kind)
    label.setWordWrap(wrap)
    return label


def restyle(widget: QWidget, **properties: object) -> None:
    """Change dynamic properties and let the style sheet look again, where they differ."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Elided(QLabel):
    """A one-line label that ends in … where it has no room, and never asks for more."""

    def __init__(self, words: str = "", kind: Kind = "body") -> None:
        super().__init__(words)
        self.setProperty("kind", kind)
        self.setMinimumWidth(8)

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = self.text()
        width = self.contentsRect().width()
        shown = QFontMetrics(self.font()).elidedText(whole, Qt.TextElideMode.ElideRight, width)
        if shown == whole:
            super().paintEvent(event)
            return
        from PySide6.QtGui import QPainter

        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment().value),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )
