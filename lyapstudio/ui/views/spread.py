"""Two small plots about all hidden units: how their norms spread, and who wins how often."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.theme import theme

BINS = 24
"""Of a histogram."""

MARGIN = 0.2
"""At both ends of a histogram, steps of its axis."""

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Round steps of an axis, in powers of ten."""


class _Small(QWidget):
    """Title, bars over a line, three numbers beneath and what they count."""

    def __init__(self, title: str, foot: str, role: str) -> None:
        super().__init__()
        self._title, self._foot, self._role = title, foot, role
        self._heights: NDArray[np.float64] = np.empty(0)  # parts of the tallest
        self._numbers: tuple[tuple[float, str], ...] = ()  # place within the plot, text
        self._mark: tuple[float, str] | None = None
        self._gap = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(title)
        theme().changed.connect(self._restyle)

    def clear(self) -> None:
        """Nothing to show yet."""
        self._heights, self._numbers, self._mark = np.empty(0), (), None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(150), theme().px(108))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(110), theme().px(84))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _plot(self) -> QRectF:
        t = theme()
        top, below = t.px(34 if self._mark is not None else 22), t.px(36)
        return QRectF(0, top, self.width(), max(8.0, self.height() - top - below))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, plot = theme(), self._plot()
        painter = QPainter(self)
        painter.setPen(t.colour("text"))
        painter.setFont(t.font(11, 600))
        elided = QFontMetrics(painter.font()).elidedText(
            self._title, Qt.TextElideMode.ElideRight, self.width()
        )
        head = QRectF(0, 0, self.width(), t.px(16))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, elided)
        self._paint_bars(painter, plot)
        base = math.ceil(plot.bottom()) + 0.5
        painter.setPen(QPen(t.colour("line"), 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        self._paint_mark(painter, plot)
        self._paint_numbers(painter, plot)

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        heights, most = self._heights, max(1, int(plot.width()))
        if len(heights) > most:  # a column of pixels shows the tallest of its bars
            heights = np.maximum.reduceat(heights, np.arange(most) * len(heights) // most)
        count = len(heights)
        if not count:
            return
        slot = plot.width() / count
        gap = min(self._gap, slot * 0.3) if slot >= 3 else 0.0
        boxes = [
            QRectF(k * slot, plot.bottom() - tall, slot - gap, tall)
            for k, tall in enumerate((heights * plot.height()).tolist())
            if tall > 0
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(self._role))
        painter.drawRects(boxes)

    def _paint_mark(self, painter: QPainter, plot: QRectF) -> None:
        if self._mark is None:
            return
        t = theme()
        at, words = self._mark
        x = round(plot.left() + at * plot.width()) + 0.5
        painter.setPen(QPen(t.colour("text"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, plot.top() - 2), QPointF(x, plot.bottom()))
        painter.setFont(t.font(11))
        label = QRectF(x - t.px(20), plot.top() - t.px(17), t.px(40), t.px(14))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_numbers(self, painter: QPainter, plot: QRectF) -> None:
        t = theme()
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        metrics = QFontMetrics(painter.font())
        top = plot.bottom() + t.px(3)
        for at, words in self._numbers:
            wide = metrics.horizontalAdvance(words) + 2
            x = plot.left() + at * plot.width() - wide / 2
            x = min(max(x, 0.0), self.width() - wide)
            painter.drawText(QRectF(x, top, wide, t.px(16)), Qt.AlignmentFlag.AlignVCenter, words)
        foot = QRectF(0, top + t.px(16), self.width(), t.px(16))
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, self._foot)


class Histogram(_Small):
    """How many values lie where; a dashed line at the value that they are drawn to."""

    def __init__(self, title: str = "Norms", foot: str = "norm of the weights") -> None:
        super().__init__(title, foot, "accent")

    def show_values(
        self, values: NDArray[np.floating], mark: float | None = None, name: str = "R"
    ) -> None:
        """(K,) values; `mark` is pointed out and called `name`."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            self.clear()
            return
        low, high = float(finite.min()), float(finite.max())
        if mark is not None:
            low, high = min(low, mark), max(high, mark)
        start, step, decimals = round_axis(low, high)
        # a little room at both ends: the outer numbers stand under their places
        first, width = start - MARGIN * step, (2 + 2 * MARGIN) * step
        counts, _ = np.histogram(finite, BINS, (first, first + width))
        # one value among many is still seen
        self._heights = np.where(counts > 0, np.maximum(counts / counts.max(), 0.04), 0.0)
        self._numbers = tuple(
            ((start + k * step - first) / width, figure(start + k * step, decimals))
            for k in range(3)
        )
        self._mark = None if mark is None else ((mark - first) / width, name)
        words = f"{figure(low, decimals + 1)} to {figure(high, decimals + 1)}"
        aim = "" if mark is None else f"; learning draws it to {name} = {figure(mark)}"
        self.setToolTip(f"The norm of every unit: {words}{aim}.")
        self.update()


class Ranked(_Small):
    """Counts, the largest first; the title says how many are not zero."""

    def __init__(
        self, name: str = "Wins", noun: str = "units", foot: str = "units, most wins first"
    ) -> None:
        super().__init__(name, foot, "bar")
        self._name, self._noun = name, noun

    def show_counts(self, counts: NDArray[np.number] | Sequence[int]) -> None:
        """(K,) how often each unit won."""
        sorted_counts = -np.sort(-np.asarray(counts, float))
        units = len(sorted_counts)
        if not units:
            self.clear()
            return
        winners = int(np.count_nonzero(sorted_counts > 0))
        self._title = f"{self._name}, {whole(winners)} of {whole(units)} {self._noun}"
        self._heights = sorted_counts / max(1.0, float(sorted_counts[0]))
        middle = (units + 1) // 2 if units > 2 else units
        places = dict.fromkeys((1, middle, units))
        self._numbers = tuple(((k - 0.5) / units, whole(k)) for k in places)
        best = whole(int(sorted_counts[0]))
        self.setToolTip(
            f"{whole(winners)} of {whole(units)} {self._noun} win at least one image; "
            f"the first wins {best}. The others learn nothing."
        )
        self.setAccessibleName(self._title)
        self.update()

    def clear(self) -> None:
        self._title = self._name
        super().clear()


class Spread(QWidget):
    """The two side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.norms, self.wins = Histogram(), Ranked()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self.norms, 1)
        row.addWidget(self.wins, 1)

    def show_norms(self, norms: NDArray[np.floating], radius: float | None = None) -> None:
        """(K,) norms of the weights, and the R that learning draws them to."""
        self.norms.show_values(norms, radius)

    def show_wins(self, wins: NDArray[np.number] | Sequence[int]) -> None:
        """(K,) how often each unit won."""
        self.wins.show_counts(wins)

    def clear(self) -> None:
        """Nothing to show yet."""
        self.norms.clear()
        self.wins.clear()


def round_axis(low: float, high: float) -> tuple[float, float, int]:
    """Start, step and decimals of three round numbers that hold everything between them."""
    span = max(high - low, 1e-3 * max(1.0, abs(high)))
    power = 10.0 ** math.floor(math.log10(span / 2))
    for factor in (*STEPS, 20.0):
        step = factor * power
        start = math.floor(low / step + 1e-9) * step
        if start + 2 * step >= high - 1e-9 * span:
            break
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1  # steps of 2.5
    return start, step, decimals
