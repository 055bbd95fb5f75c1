"""The outcome in words: a sentence over a detail, with the memory's picture or an icon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.parts.thumbnail import draw_rounded, thumbnail
from lyapstudio.ui.theme import theme

WIDEST = 340
"""A pill takes no more of the bar than this, px; longer names end in …"""

PLANES = {"memory": "accentsoft", "inverse": "accentsoft", "cycle": "badsoft"}
ICONS = {
    "cycle": ("ph.arrows-clockwise-bold", "bad"),
    "spurious": ("ph.question-bold", "muted"),
    "mixture": ("ph.intersect-bold", "muted"),
    "wandering": ("ph.thermometer-bold", "muted"),
    "learning": ("ph.trend-up-bold", "muted"),
}
PLAIN = ("ph.dots-three-bold", "muted")


class OutcomePill(QWidget):
    """Shows an outcome (`kind`, `title`, `detail`); its width is reserved, so nothing shifts."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._title, self._detail = "moving", "", ""
        self._grid: NDArray[np.int8] | None = None
        self._names: tuple[str, ...] = ()
        self._width = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self.reserve(())

    def show_outcome(self, outcome: Any, grid: NDArray[np.int8] | None = None) -> None:
        """Show an outcome, with the picture of its memory where it has one."""
        kind = str(getattr(outcome.kind, "value", outcome.kind))
        new = (kind, outcome.title, outcome.detail)
        if new == (self._kind, self._title, self._detail) and grid is self._grid:
            return
        self._kind, self._title, self._detail = new
        self._grid = grid
        self.setToolTip(f"{self._title}\n{self._detail}")
        self.setAccessibleName(f"{self._title}, {self._detail}")
        self._fit()
        self.update()

    def clear(self) -> None:
        """Another kind of model: what was said of the old one is no measure."""
        self._kind, self._title, self._detail, self._grid = "moving", "", "", None
        self.update()

    def reserve(self, names: Sequence[str]) -> None:
        """Take the room that the longest sentence about these memories needs."""
        self._names = tuple(names)
        longest = max(self._names, key=len, default="memory")
        sentences = [f"Moving, nearest is {longest}", f"Inverse of {longest}", "Still moving"]
        metrics = QFontMetrics(theme().font(13, 600))
        self._width = max(metrics.horizontalAdvance(s) for s in sentences)
        self._fit()

    def sizeHint(self) -> QSize:
        t = theme()
        return QSize(min(self._width + t.px(46 + 18), t.px(WIDEST)), t.px(40))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour(PLANES.get(self._kind, "field")))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        side, mid = t.px(28), self.height() / 2
        if self._grid is not None:
            picture = thumbnail(self._grid, side, self.devicePixelRatioF())
            draw_rounded(painter, QRectF(t.px(8), mid - side / 2, side, side), picture, 6)
            x = t.px(46)
        else:
            name, role = ICONS.get(self._kind, PLAIN)
            glyph = t.px(20)
            at = QRect(t.px(10), int(mid - glyph / 2), glyph, glyph)
            t.icon(name, role).paint(painter, at)
            x = t.px(38)
        width = self.width() - x - t.px(12)
        for words, font, role, top, tall in (
            (self._title, t.font(13, 600), "text", mid - t.px(17), 18),
            (self._detail, t.font(11), "muted", mid + t.px(1), 15),
        ):
            painter.setFont(font)
            painter.setPen(t.colour(role))
            short = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, width)
            line = QRectF(x, top, width, t.px(tall))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, short)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def _fit(self) -> None:
        t = theme()
        title = QFontMetrics(t.font(13, 600)).horizontalAdvance(self._title)
        detail = QFontMetrics(t.font(11)).horizontalAdvance(self._detail)
        wanted = max(title, detail)
        if wanted > self._width:  # only ever wider, until the memories change
            self._width = wanted
        self.updateGeometry()

    def _restyle(self) -> None:
        self.reserve(self._names)
        self.update()
