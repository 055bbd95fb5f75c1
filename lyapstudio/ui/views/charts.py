"""Small charts with two axes, painted by hand: the head, the numbers of the axes, the bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.ui.numerals import figure, ticks
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.settling import fitting

LINE = 15
"""Height of a line of words, px."""

SLIGHT = 0.02
"""A bar of less than this part of the tallest is hardly seen."""

MOSTLY = 0.6
"""Where so many of the bars are hardly seen, the scale is logarithmic."""

LOW = 90
"""A chart of less height has no line for its caption, px."""

FAINT = 0.35
"""How strongly something out of date is painted."""

Tick = tuple[float, str]

_UP = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True, eq=False)
class Heights:
    """Bars as parts of the chart's height, and the numbers of the axis.

    parts : (B,) float64 in [0, 1], 0 where nothing is counted; log : on a logarithmic scale
    """

    parts: NDArray[np.float64]
    ticks: list[Tick]
    log: bool


def heights(counts: NDArray[np.number], unit: str = "") -> Heights:
    """How tall the bars are; on a logarithmic scale where most of them would not be seen."""
    amounts = np.asarray(counts, float)
    there = amounts > 0
    if not there.any():
        return Heights(np.zeros(len(amounts)), [], False)
    top, few = float(amounts.max()), float(amounts[there].min())
    if float((amounts[there] < SLIGHT * top).mean()) < MOSTLY:
        high = 1.08 * top
        axis = [(v / high, f"{words}{unit}") for v, words in ticks(0, top, 3) if v > 0]
        return Heights(amounts / high, axis, False)
    low, high = math.log10(few) - 0.4, math.log10(top) + 0.2
    parts = np.zeros(len(amounts))
    parts[there] = (np.log10(amounts[there]) - low) / (high - low)
    powers = range(math.ceil(low), math.floor(high) + 1)
    step = math.ceil(len(powers) / 3)
    axis = [((p - low) / (high - low), f"{power(p)}{unit}") for p in powers[::-step]]
    return Heights(parts, axis, True)


def power(exponent: int) -> str:
    """10 to a whole number: 0.01, 100, 10⁶."""
    if -3 <= exponent <= 3:
        return figure(10.0**exponent)
    return f"10{str(exponent).translate(_UP)}"


def digits(value: float, count: int = 3) -> str:
    """A number with so many significant digits."""
    return figure(float(f"{value:.{count}g}"))


def span(low: float, high: float) -> str:
    """A range in words, with as many decimals as tell its ends apart."""
    width = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-300)
    decimals = max(0, 2 - math.floor(math.log10(width)))
    if decimals > 6:
        return f"{digits(low)} to {digits(high)}"
    return f"{figure(low, decimals)} to {figure(high, decimals)}"


class Chart(QWidget):
    """Title and caption over a plot with numbers left and below, and what they are beneath.

    `feet` : what the axes are, in wordings from long to short
    """

    def __init__(self, title: str, message: str) -> None:
        super().__init__()
        self.title, self._message = title, message
        self.titled = True
        self.caption = ""
        self.feet: tuple[str, ...] = ("",)
        self.faint = False
        self._x = (0.0, 1.0)
        self._up: list[Tick] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        theme().changed.connect(self._restyle)

    def set_titled(self, titled: bool) -> None:
        """Whether the title stands above; a choice of charts says it already."""
        self.titled = titled
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(220), theme().px(130))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(64))

    def empty(self) -> bool:
        """Nothing to show: the message stands in its place."""
        return True

    def paint(self, painter: QPainter, plot: QRectF) -> None:
        """What is between the axes."""

    def words_at(self, at: float, height: float) -> str:
        """What lies under the pointer: x in its own unit, height in parts of the plot."""
        return ""

    def x_ticks(self, plot: QRectF) -> list[Tick]:
        """Round numbers along the lower axis, as many as have room."""
        metrics, apart = QFontMetrics(theme().font(11)), theme().px(10)
        found: list[Tick] = []
        for most in (6, 5, 4, 3, 2):
            found = ticks(*self._x, most)
            widest = max((metrics.horizontalAdvance(words) for _, words in found), default=0)
            step = self.place(found[1][0], plot) - self.place(found[0][0], plot) if found[1:] else 0
            if step >= widest + apart:
                break
        return found

    def show_message(self, message: str) -> None:
        """What is said where there is nothing to show."""
        self._message = message
        self.update()

    def place(self, x: float, plot: QRectF) -> float:
        """Where x lies, px."""
        low, high = self._x
        return plot.left() + (x - low) / (high - low) * plot.width()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _headed(self) -> bool:
        """Without a title the caption has a line of its own, where there is room."""
        low = self.height() < theme().px(LOW)
        return self.titled or (bool(self.caption) and (self.faint or not low))

    def plot(self) -> QRectF:
        """Between the axes."""
        t = theme()
        head = t.px(LINE + 5) if self._headed() else t.px(4)
        metrics = QFontMetrics(t.font(11))
        left = max((metrics.horizontalAdvance(words) for _, words in self._up), default=0)
        left += t.px(6) if left else 0
        below = t.px(2 * LINE + 3)
        return QRectF(
            left, head, max(20, self.width() - left), max(8, self.height() - head - below)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_head(painter)
        plot = self.plot()
        if self.empty():
            painter.setFont(t.font(11))
            painter.setPen(t.colour("muted"))
            wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(
                QRectF(0, plot.top(), self.width(), plot.height()), wrap, self._message
            )
            return
        self._paint_up(painter, plot)
        painter.setOpacity(FAINT if self.faint else 1.0)
        self.paint(painter, plot)
        painter.setOpacity(1.0)
        self._paint_across(painter, plot)

    def _paint_head(self, painter: QPainter) -> None:
        if not self._headed():
            return
        t = theme()
        line, start = QRectF(0, 0, self.width(), t.px(LINE)), 0.0
        if self.titled:
            painter.setPen(t.colour("text"))
            painter.setFont(t.font(11, 600))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.title)
            start = QFontMetrics(painter.font()).horizontalAdvance(self.title) + t.px(8)
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        room = line.adjusted(start, 0, 0, 0)
        cut = QFontMetrics(painter.font()).elidedText(
            self.caption, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)

    def _paint_up(self, painter: QPainter, plot: QRectF) -> None:
        t = theme()
        painter.setFont(t.font(11))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        above = -math.inf
        for part, words in sorted(self._up, reverse=True):
            y = round(plot.bottom() - part * plot.height()) + 0.5
            if y < above + t.px(LINE):
                continue  # numbers never touch
            above = y
            painter.setPen(QPen(t.colour("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(t.colour("muted"))
            painter.drawText(QRectF(0, y - 8, plot.left() - t.px(6), 16), right, words)

    def _paint_across(self, painter: QPainter, plot: QRectF) -> None:
        t = theme()
        painter.setPen(QPen(t.colour("groove"), 1))
        base = math.ceil(plot.bottom()) + 0.5
        painter.drawLine(QPointF(plot.left(), base), QPointF(plot.right(), base))
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        metrics = QFontMetrics(painter.font())
        top, last = base + t.px(2), -math.inf
        for x, words in self.x_ticks(plot):
            wide = metrics.horizontalAdvance(words) + 2
            left = min(max(self.place(x, plot) - wide / 2, 0.0), self.width() - wide)
            if left > last + t.px(6):
                line = QRectF(left, top, wide, t.px(LINE))
                painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
                last = left + wide
        foot = fitting(painter, self.feet, self.width())
        room = QRectF(plot.left(), top + t.px(LINE), plot.width(), t.px(LINE))
        if metrics.horizontalAdvance(foot) > room.width():
            room.setLeft(0)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, foot)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            plot, at = self.plot(), event.pos()
            low, high = self._x
            x = low + (at.x() - plot.left()) / plot.width() * (high - low)
            inside = not self.empty() and low <= x <= high and plot.top() <= at.y() <= plot.bottom()
            words = self.words_at(x, (plot.bottom() - at.y()) / plot.height()) if inside else ""
            QToolTip.showText(event.globalPos(), words or self.caption, self)
            return True
        return super().event(event)


def paint_bars(
    painter: QPainter,
    chart: Chart,
    plot: QRectF,
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
    colours: Sequence[QColor],
) -> None:
    """A bar between each two edges, at least 2 px tall and 1 px wide where there is something."""
    painter.setPen(Qt.PenStyle.NoPen)
    for k in np.flatnonzero(parts > 0).tolist():
        left, right = chart.place(float(edges[k]), plot), chart.place(float(edges[k + 1]), plot)
        wide = right - left
        gap = 1.0 if wide >= 3 else 0.0
        tall = max(2.0, float(parts[k]) * plot.height())
        painter.setBrush(colours[k])
        painter.drawRect(QRectF(left, plot.bottom() - tall, max(1.0, wide - gap), tall))


def paint_steps(
    painter: QPainter,
    chart: Chart,
    plot: QRectF,
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
) -> None:
    """The outline of bars, in the pen that is set."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points = []
    tall = np.concatenate(([0.0], parts, [0.0]))
    for k, edge in enumerate(edges.tolist()):
        x = chart.place(edge, plot)
        points += [QPointF(x, plot.bottom() - part * plot.height()) for part in tall[k : k + 2]]
    painter.drawPolyline(points)
