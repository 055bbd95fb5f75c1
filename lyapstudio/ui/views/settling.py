"""Two small plots of how the inhibition settles: the units' activity, and L(h) falling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPolygonF

from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.example import Example, Settling


def paint_settling(painter: QPainter, room: QRectF, example: Example) -> None:
    """Activity left, L right, each with its words beneath."""
    settling = example.settling
    if settling is None or len(settling.t) < 2:
        return
    t = theme()
    gap = t.px(16)
    wide = (room.width() - gap) / 2
    left = QRectF(room.left(), room.top(), wide, room.height())
    right = left.translated(wide + gap, 0)
    plot = _axes(painter, left, "Activity h", ("time",), "muted")
    low, high = _ends(settling.h)
    m = settling.h.shape[1]
    order = sorted(range(m), key=lambda row: bool(example.role(row)))  # the marked ones on top
    zero = plot.bottom() - (0 - low) / (high - low) * plot.height()
    if plot.top() <= zero <= plot.bottom():
        painter.setPen(QPen(t.colour("groove"), 1))
        painter.drawLine(QPointF(plot.left(), zero), QPointF(plot.right(), zero))
    for row in order:
        role = example.role(row)
        pen = QPen(t.colour(role or "bar"), 2.0 if role else 1.0)
        if role == "bad":
            pen.setDashPattern([3.0, 1.5])
        painter.setPen(pen)
        painter.drawPolyline(_line(settling, settling.h[:, row], plot, low, high))
    feet, role = ("falls: guaranteed", "guaranteed"), "accent"
    if not settling.guaranteed:
        feet, role = ("may rise: no guarantee", "no guarantee"), "bad"
    plot = _axes(painter, right, "L(h)", feet, role)
    painter.setPen(QPen(t.colour("accent"), 2.5))
    painter.drawPolyline(_line(settling, settling.L, plot, *_ends(settling.L)))


def fitting(painter: QPainter, wordings: Sequence[str], room: float) -> str:
    """The first of several wordings, long to short, that has room; else the last one cut."""
    metrics = QFontMetrics(painter.font())
    for words in wordings:
        if metrics.horizontalAdvance(words) <= room:
            return words
    return metrics.elidedText(wordings[-1], Qt.TextElideMode.ElideRight, int(room))


def _axes(painter: QPainter, room: QRectF, title: str, feet: Sequence[str], role: str) -> QRectF:
    """Title above, words beneath; returns the plot between them."""
    t = theme()
    painter.setFont(t.font(11))
    painter.setPen(t.colour("muted"))
    tall = t.px(15)
    painter.drawText(QRectF(room.left(), room.top(), room.width(), tall), title)
    painter.setPen(t.colour(role))
    painter.setFont(t.font(11, 400 if role == "muted" else 600))
    words = fitting(painter, feet, room.width())
    painter.drawText(QRectF(room.left(), room.bottom() - tall, room.width(), tall), words)
    plot = room.adjusted(0, tall + 4, 0, -tall - 4)
    painter.setPen(QPen(t.colour("groove"), 1))
    painter.drawLine(plot.bottomLeft(), plot.bottomRight())
    return plot.adjusted(0, 2, 0, -2)


def _ends(values: NDArray[np.floating]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _line(
    settling: Settling, values: NDArray[np.floating], plot: QRectF, low: float, high: float
) -> QPolygonF:
    """At most two points a pixel of the plot."""
    step = max(1, len(values) // max(2, int(2 * plot.width())))
    chosen = np.unique(np.append(np.arange(0, len(values), step), len(values) - 1))
    chosen = chosen[np.isfinite(values[chosen])]
    t = settling.t
    span = float(t[-1] - t[0]) or 1.0
    x = plot.left() + (t[chosen] - t[0]) / span * plot.width()
    y = plot.bottom() - (values[chosen] - low) / (high - low) * plot.height()
    return QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
