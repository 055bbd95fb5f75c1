"""How the weights spread, and how many connections neurons have."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from lyapstudio.analysis.connectivity import Summary
from lyapstudio.analysis.histogram import Degrees, Histogram
from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.charts import (
    Chart,
    Heights,
    Tick,
    digits,
    heights,
    paint_bars,
    paint_steps,
    span,
)

NEAR = 4.0
"""The axis reaches to zero where it is not farther away than so many widths of the bars."""

COOL, WARM = 38, 217
"""Colours of negative and positive bars in the signed map."""

LEGEND = "in: bars, out: line"

NOTHING = "Nothing to show yet."
NO_CONNECTIONS = "There are no connections."


def per_cent(part: float) -> str:
    """A share in per cent with two digits; what is not quite all is never called 100 %."""
    value, rest = 100 * part, 100 * (1 - part)
    if value <= 0 or rest <= 1e-9:
        return "0 %" if value <= 0 else "100 %"
    small = min(value, rest)
    if small < 1e-4:
        return f"{digits(value, 2)} %" if value < rest else "nearly 100 %"
    decimals = math.ceil(-math.log10(small)) + (value < rest)
    return f"{figure(value, max(0, decimals))} %"


def at_bin(histogram: Histogram, x: float) -> int | None:
    """The bin that holds x."""
    k = int(np.searchsorted(histogram.edges, x, side="right")) - 1
    return k if 0 <= k < len(histogram.counts) else None


class WeightHistogram(Chart):
    """Bars of the weights that are not zero: cool are negative, warm positive."""

    def __init__(self) -> None:
        super().__init__("Weights", NOTHING)
        self._summary: Summary | None = None
        self._heights = Heights(np.empty(0), [], False)

    def show_summary(self, summary: Summary | None) -> None:
        """The distribution of the weights; None: nothing to show."""
        self._summary = summary
        self.show_message(NOTHING if summary is None else NO_CONNECTIONS)
        if summary is not None and not self.empty():
            histogram = summary.weights
            self._heights = heights(100 * histogram.counts / histogram.total, " %")
            low, high = float(histogram.edges[0]), float(histogram.edges[-1])
            wide = high - low
            if low > 0 and low <= NEAR * wide:
                low = -0.04 * high
            elif high < 0 and -high <= NEAR * wide:
                high = -0.04 * low
            self._x = (low - 0.02 * (high - low), high + 0.02 * (high - low))
            feet = ("weight w, % of connections", "weight w, %", "weight w")
            scale = ", log scale" if self._heights.log else ""
            self.feet = tuple(words + scale for words in feet)
        self._up = [] if self.empty() else self._heights.ticks
        self.update()

    def empty(self) -> bool:
        return self._summary is None or not self._summary.weights.total

    def paint(self, painter: QPainter, plot: QRectF) -> None:
        assert self._summary is not None
        edges, t = self._summary.weights.edges, theme()
        if self._x[0] < 0 < self._x[1]:
            zero = round(self.place(0.0, plot)) + 0.5
            painter.setPen(QPen(t.colour("muted"), 1))
            painter.drawLine(QPointF(zero, plot.top()), QPointF(zero, plot.bottom()))
        cool, warm = (QColor(*(int(c) for c in t.signed()[k])) for k in (COOL, WARM))
        middles = (edges[:-1] + edges[1:]) / 2
        colours = [warm if x > 0 else cool if x < 0 else t.colour("bar") for x in middles]
        paint_bars(painter, self, plot, edges, self._heights.parts, colours)

    def words_at(self, at: float, height: float) -> str:
        assert self._summary is not None
        histogram = self._summary.weights
        k = at_bin(histogram, at)
        if k is None:
            return ""
        low, high = histogram.edges[k : k + 2].tolist()
        count = int(histogram.counts[k])
        part = per_cent(count / histogram.total)
        seen = " that were looked at" if self._summary.sampled else ""
        return f"{span(low, high)}: {whole(count)} of the connections{seen}, {part}."


class DegreeBars(Chart):
    """Bars: how many connections lead into a neuron; a line: how many lead out of it."""

    def __init__(self) -> None:
        super().__init__("Degrees", NOTHING)
        self._degrees: tuple[Degrees, Degrees] | None = None
        self._into = self._out_of = Heights(np.empty(0), [], False)

    def show_summary(self, summary: Summary | None) -> None:
        """In- and out-degrees; None: nothing to show."""
        self._degrees = None if summary is None else (summary.into, summary.out_of)
        self.caption = ""
        self._up = []
        if self._degrees is not None and not self.empty():
            into, out_of = (d.histogram for d in self._degrees)
            both = np.concatenate(
                (100 * into.counts / into.total, 100 * out_of.counts / out_of.total)
            )
            found, bins = heights(both, " %"), len(into.counts)
            self._into = Heights(found.parts[:bins], found.ticks, found.log)
            self._out_of = Heights(found.parts[bins:], found.ticks, found.log)
            self._up = found.ticks
            low, high = float(into.edges[0]), float(into.edges[-1])
            room = max(0.02 * (high - low), 1.0 if high - low < 4 else 0.0)
            self._x = (low - room, high + room)
            self.caption = "" if self.alike() else LEGEND
            scale = ", log scale" if found.log else ""
            feet = ("connections of a neuron, % of neurons", "degree, % of neurons", "degree, %")
            self.feet = tuple(words + scale for words in feet)
        self.update()

    def empty(self) -> bool:
        return self._degrees is None or not self._degrees[0].histogram.total

    def alike(self) -> bool:
        """Whether the neurons hear and are heard alike."""
        assert self._degrees is not None
        into, out_of = (d.histogram for d in self._degrees)
        return bool((into.counts * out_of.total == out_of.counts * into.total).all())

    def x_ticks(self, plot: QRectF) -> list[Tick]:
        assert self._degrees is not None
        into, out_of = self._degrees
        if into.least == into.largest == out_of.least == out_of.largest:
            return [(into.least, whole(into.least))]
        return [(x, words) for x, words in super().x_ticks(plot) if x == round(x) and x >= 0]

    def paint(self, painter: QPainter, plot: QRectF) -> None:
        assert self._degrees is not None
        t, edges = theme(), self._degrees[0].histogram.edges
        bars = [t.colour("bar")] * (len(edges) - 1)
        paint_bars(painter, self, plot, edges, self._into.parts, bars)
        if not self.alike():
            pen = QPen(t.colour("accent"), 1.5)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            paint_steps(painter, self, plot, edges, self._out_of.parts)

    def words_at(self, at: float, height: float) -> str:
        assert self._degrees is not None
        into, out_of = (d.histogram for d in self._degrees)
        k = at_bin(into, at)
        if k is None:
            return ""
        low, high = round(into.edges[k] + 0.5), round(into.edges[k + 1] - 0.5)
        which = whole(low) if low == high else f"{whole(low)} to {whole(high)}"
        heard = per_cent(into.counts[k] / into.total)
        told = per_cent(out_of.counts[k] / out_of.total)
        if self.alike():
            return f"{which} connections: {heard} of the neurons."
        return f"{which} connections: {heard} of the neurons listen to so many, {told} are heard."
