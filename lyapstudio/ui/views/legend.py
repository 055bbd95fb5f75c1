"""What the lines of the graph mean, in one or two lines beneath it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.edges import draw_head, line_pen

LINE = 20
"""Height of a line of the legend, px."""

SAMPLE, GAP = 26, 18
"""Length of a sample and the room between two entries, px."""


@dataclass(frozen=True)
class Entry:
    """One line of a kind, and what it means.

    kind : positive, negative, warm and cool (without heads), dashed, both, plain, half, silent
    """

    kind: str
    words: str


def lines_of(entries: list[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Where each entry begins, px, line by line."""
    t, x = theme(), 0.0
    measure = QFontMetrics(t.font(11))
    lines: list[list[tuple[float, Entry]]] = [[]]
    for entry in entries:
        wide = t.px(SAMPLE + 7) + measure.horizontalAdvance(entry.words)
        if lines[-1] and x + wide > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, entry))
        x += wide + t.px(GAP)
    return lines


def draw_legend(painter: QPainter, box: QRectF, lines: list[list[tuple[float, Entry]]]) -> None:
    """All entries, from the upper left corner of the box on."""
    t = theme()
    for row, line in enumerate(lines):
        middle = box.top() + t.px(LINE) * (row + 0.5)
        for x, entry in line:
            start = box.left() + x
            _draw_sample(painter, entry.kind, start, middle)
            painter.setFont(t.font(11))
            painter.setPen(t.colour("muted"))
            room = QRectF(start + t.px(SAMPLE + 7), middle - t.px(10), box.width(), t.px(20))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, entry.words)


def _draw_sample(painter: QPainter, kind: str, x: float, y: float) -> None:
    t = theme()
    end = x + t.px(SAMPLE)
    if kind == "silent":
        draw_silent(painter, (x + end) / 2, y, t.px(7))
        return
    pen = QPen(t.colour("muted"), 2)
    if kind in ("positive", "negative", "warm", "cool"):
        pen = line_pen(1.0, kind in ("positive", "warm"), 2.4)
    if kind == "dashed":
        pen.setDashPattern([3, 2])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(QLineF(x + (0.4 * (end - x) if kind == "half" else 0), y, end, y))
    tip, before = np.array([end, y]), np.array([x, y])
    if kind in ("positive", "negative"):
        draw_head(painter, before, tip, kind == "positive", pen)
    elif kind == "half":
        painter.setBrush(t.colour("muted"))
        painter.drawEllipse(QRectF(end - 8, y - 4, 8, 8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    elif kind == "both":
        draw_head(painter, before, tip, True, pen)
        draw_head(painter, tip, before, True, pen)


def draw_silent(painter: QPainter, x: float, y: float, radius: float) -> None:
    """A silenced neuron: grey, crossed out."""
    t = theme()
    painter.setPen(QPen(t.colour("bar"), 1))
    painter.setBrush(t.colour("groove"))
    painter.drawEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
    painter.setPen(QPen(t.colour("text"), 1.5))
    a = 0.5 * radius
    painter.drawLine(QLineF(x - a, y - a, x + a, y + a))
    painter.drawLine(QLineF(x - a, y + a, x + a, y - a))
    painter.setBrush(Qt.BrushStyle.NoBrush)
