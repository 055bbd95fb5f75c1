"""The line above a view: its title, and beside it a caption as far as there is room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from lyapstudio.ui.theme import theme


def draw_title(painter: QPainter, line: QRectF, end: float, title: str, caption: str) -> None:
    """Write both on a line; the caption ends in … where it would pass `end`."""
    t = theme()
    vcentre = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(t.font(15, 600))
    painter.setPen(t.colour("text"))
    painter.drawText(line, vcentre, title)
    start = line.left() + QFontMetrics(painter.font()).horizontalAdvance(title) + t.px(14)
    painter.setFont(t.font(11))
    painter.setPen(t.colour("muted"))
    room = QRectF(start, line.top() + 1, max(0.0, end - start), line.height())
    right = Qt.TextElideMode.ElideRight
    short = QFontMetrics(painter.font()).elidedText(caption, right, int(room.width()))
    painter.drawText(room, vcentre, short)
