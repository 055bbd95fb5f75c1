"""Marks on the canvas: between white lines, so that they show on straw and on indigo."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from lyapstudio.ui.theme import theme


def outline(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Red between two white lines within the cell: it shows on straw and on indigo."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    thick = 3.0 if box.width() >= 16 else 2.0 if box.width() >= 8 else 1.0
    lines = [(colour, thick, 0.5 + thick / 2)]
    if box.width() >= 12:
        white = QColor("#FFFFFF")
        lines = [(white, 1.0, 0.5), (colour, thick, 1 + thick / 2), (white, 1.0, 1.5 + thick)]
    for pen_colour, width, inset in lines:
        pen = QPen(pen_colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(box.adjusted(inset, inset, -inset, -inset))


def ring(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """The asked neuron: petrol between two white lines, around the cell."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    thick = 5.0 if box.width() >= 24 else 3.0
    for pen_colour, width in ((QColor("#FFFFFF"), thick + 4), (colour, thick)):
        pen = QPen(pen_colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(box)


def brush_frame(painter: QPainter, box: QRectF) -> None:
    """What the brush would paint: dark around white, so that it shows everywhere."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, inset in ((QColor("#1A1F36"), 0), (QColor("#FFFFFF"), 1)):
        painter.setPen(QPen(colour, 1))
        painter.drawRect(box.adjusted(inset, inset, -inset - 1, -inset - 1))


def hint(painter: QPainter, words: str, picture: QRectF) -> None:
    """One sentence over the foot of a picture."""
    t = theme()
    font = t.font(15, 600)
    box = QRectF(0, 0, QFontMetrics(font).horizontalAdvance(words) + t.px(40), t.px(44))
    box.moveCenter(QPointF(picture.center().x(), picture.bottom() - t.px(48)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#FFFFFF"), 2))
    painter.setBrush(t.colour("ring"))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
