"""The line above a view: its title, a caption as far as there is room, the two tones."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

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


def draw_states(painter: QPainter, line: QRectF) -> float:
    """The tones of the two states at the right end of a line; returns where they begin."""
    t = theme()
    vcentre = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(t.font(11))
    x = line.right()
    for words, role in (("−1", "minus"), ("+1", "plus")):
        advance = QFontMetrics(painter.font()).horizontalAdvance(words)
        x -= advance
        painter.setPen(t.colour("muted"))
        painter.drawText(QRectF(x, line.top(), advance + 2, line.height()), vcentre, words)
        x -= t.px(20)
        swatch = QRectF(x, line.center().y() - t.px(6.5), t.px(13), t.px(13))
        painter.setPen(QPen(t.colour("bar"), 1))  # else straw vanishes on white
        painter.setBrush(t.colour(role))
        painter.drawRoundedRect(swatch, 4, 4)
        x -= t.px(14)
    return x
