"""The curve of the network beside: its line, its dot, its rises, and the names of both."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics

from lyapstudio.core.frame import Frame
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.plot import Note, Plot, pen
from lyapstudio.ui.views.polyline import (
    CALM,
    Points,
    is_calm,
    largest_a_column,
    polyline,
    seen,
    thinned,
)

NOTHING: Points = (np.empty(0), np.empty(0))
LONGEST = 24
"""Characters of a network's title in the plot."""


class Companion:
    """Drawn into a plot; its first function only."""

    def __init__(self, plot: Plot) -> None:
        # the plot is not kept: one that is referred to from here would outlive its window
        self._line = pg.PlotCurveItem()
        self._rises = pg.PlotCurveItem(connect="pairs")
        self._dot = pg.ScatterPlotItem()
        self._names = Note((0, 1), plot.plane), Note((0, 0), plot.plane)
        for z, item in ((11, self._line), (11.5, self._rises), (15, self._dot)):
            item.setZValue(z)
            plot.addItem(item)
        for name in self._names:
            plot.addItem(name)
        self._show(False)

    @property
    def words(self) -> list[str]:
        """The names in sight: of the network that leads, and of the other."""
        return [name.toPlainText() for name in self._names if name.isVisible()]

    def points(
        self, frame: Frame, x0: float, x1: float, columns: int, *, staircase: bool
    ) -> Points:
        """The line of the frame's companion up to the frame's moment."""
        other = frame.beside
        if other is None or other.trace is None or not other.values:
            return NOTHING
        rows = other.trace.curve(0)
        rows = rows[rows[:, 0] <= frame.update]
        return polyline(thinned(seen(rows, x0, x1), columns), frame.update, staircase=staircase)

    def draw(self, plot: Plot, frame: Frame, points: Points, lead: Points) -> None:
        """Show the line; `lead` : the line of the network that leads, which gets a name, too."""
        other = frame.beside
        there = other is not None and len(points[0]) > 0
        self._show(there)
        if other is None or not there:
            return
        self._line.setData(*points, antialias=is_calm(points[1]))
        t = theme()
        ring = pg.mkPen(t.colour(plot.plane), width=2)
        value = other.values[0]
        self._dot.setVisible(not math.isnan(value))
        self._dot.setData([frame.update], [value], size=t.px(11), pen=ring, brush=t.colour("bar"))
        self._draw_rises(plot, other)
        named = [(0, frame.title, "accent", lead), (1, other.title, "muted", points)]
        named = [one for one in named if len(one[3][0])]
        several = sum(not math.isnan(v) for v in frame.values) > 1
        self._names[0].setVisible(len(named) > 1 and not several)
        if several:  # the functions' own names stand at the beginning
            (_, x1), _ = plot.box.viewRange()
            self._names[1].set_anchor((1, 1))
            self._names[1].say(_short(other.title), "muted", x1, float(points[1][-1]))
            return
        named.sort(key=lambda one: -_beneath(plot, one[1], one[3])[1])
        for k, title, role, line in named:  # the upper one's name above it, the lower's below
            self._say(plot, k, title, role, line, above=k == named[0][0])

    def _draw_rises(self, plot: Plot, other: Frame) -> None:
        (x0, x1), _ = plot.box.viewRange()
        rises = other.trace.rises(0)
        if other.guarantees and other.guarantees[0].average:
            rises = rises[:0]
        rises = largest_a_column(rises[rises[:, 2] <= other.update], x0, x1, plot.columns)
        xs, ys = rises[:, [2, 2]].ravel(), rises[:, [1, 3]].ravel()
        self._rises.setData(xs, ys, antialias=len(rises) <= CALM)

    def _say(self, plot: Plot, k: int, title: str, role: str, points: Points, above: bool) -> None:
        note = self._names[k]
        note.set_anchor((0, 1) if above else (0, 0))
        low, high, x = _beneath(plot, title, points)
        note.say(_short(title), role, x, high if above else low)

    def _show(self, on: bool) -> None:
        for item in (self._line, self._rises, self._dot, *self._names):
            item.setVisible(on)

    def recolour(self) -> None:
        self._line.setPen(pen("bar", 1.5))  # thin and on top: both show where they are one
        self._rises.setPen(pen("bad", 2))
        for name in self._names:
            name.recolour()


def _beneath(plot: Plot, title: str, points: Points) -> tuple[float, float, float]:
    """How low and how high a line goes along the words at its beginning, and where they begin."""
    (x0, x1), _ = plot.box.viewRange()
    xs, ys = points
    begin = max(x0, float(xs[0]))
    words = QFontMetrics(theme().font(11, 600)).horizontalAdvance(_short(title)) + 12
    end = begin + words * (x1 - x0) / max(plot.box.width(), 1)
    along = ys[: max(1, int(np.searchsorted(xs, end, side="right")))]
    along = along[min(int(np.searchsorted(xs, begin)), len(along) - 1) :]
    return float(along.min()), float(along.max()), begin


def _short(title: str) -> str:
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1].rstrip()}…"
