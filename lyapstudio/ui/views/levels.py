"""The level of every memory in a Lyapunov plot: a dashed line each, and as many names as fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.plot import Note, Plot, pen
from lyapstudio.ui.views.polyline import Points

APART = 13
"""Names stand at least so many pixels apart."""
LONGEST = 22
"""Characters of a memory's name in the plot."""


@dataclass(frozen=True)
class Named:
    """A level that is named, and how many others lie too close to be named themselves."""

    memory: int
    more: int


def named_levels(
    levels: NDArray[np.float64], target: int | None, pixel: float, apart: float = APART
) -> list[Named]:
    """Which levels are named so that no two names collide; the target's comes first.

    levels : (P,) float64, NaN where a level is not to be shown; pixel : the height of one.
    Every level that gets no name is counted at the nearest one that does.
    """
    order = [int(k) for k in np.argsort(levels, kind="stable") if math.isfinite(levels[k])]
    if target is not None and target in order:
        order.remove(target)
        order.insert(0, target)
    chosen: list[int] = []
    counts: list[int] = []
    for k in order:
        gaps = np.abs(levels[chosen] - levels[k]) / pixel
        if len(gaps) and gaps.min() < apart:
            counts[int(gaps.argmin())] += 1
        else:
            chosen.append(k)
            counts.append(0)
    return [Named(k, more) for k, more in zip(chosen, counts, strict=True)]


class Levels:
    """Draws the levels into a plot. Names stand where the curve and its dot are not."""

    def __init__(self, plot: Plot) -> None:
        # the plot is not kept: one that is referred to from here would outlive its window
        self._lines = pg.PlotCurveItem(connect="pairs")
        self._target_line = pg.PlotCurveItem()
        self._notes: list[Note] = []
        for z, item in ((1, self._lines), (2, self._target_line)):
            item.setZValue(z)
            plot.addItem(item)

    @property
    def words(self) -> list[str]:
        """The names in sight, the target's first."""
        return [note.toPlainText() for note in self._notes if note.isVisible()]

    def draw(
        self,
        plot: Plot,
        levels: NDArray[np.float64],
        names: Sequence[str],
        target: int | None,
        curves: Sequence[Points],
    ) -> None:
        """Show the levels within the plot's present range; names keep clear of the curves."""
        (x0, x1), (y0, y1) = plot.box.viewRange()
        pixel = (y1 - y0) / max(plot.box.height(), 1)
        inside = np.isfinite(levels) & (levels >= y0) & (levels <= y1)
        # lines that fall on one pixel row are one line
        _, kept = np.unique(np.round((levels[inside] - y0) / pixel), return_index=True)
        ys = np.repeat(levels[inside][kept], 2)
        self._lines.setData(np.tile([x0, x1], len(kept)), ys)
        known = target is not None and target < len(levels) and bool(inside[target])
        near = target if known else None
        self._target_line.setVisible(near is not None)
        if near is not None:
            self._target_line.setData([x0, x1], [levels[near], levels[near]])
        shown = named_levels(np.where(inside, levels, np.nan), near, pixel, theme().px(APART))
        self._name(plot, shown, levels, names, near, curves)

    def _name(
        self,
        plot: Plot,
        shown: list[Named],
        levels: NDArray[np.float64],
        names: Sequence[str],
        target: int | None,
        curves: Sequence[Points],
    ) -> None:
        drawn = [c for c in curves if len(c[0])]
        while len(self._notes) < len(shown):
            note = Note((0, 1), plot.plane)
            self._notes.append(note)
            plot.addItem(note)
        for note in self._notes[len(shown) :]:
            note.setVisible(False)
        for note, one in zip(self._notes, shown, strict=False):
            lead = one.memory == target
            words = _words(names[one.memory], one.more, lead)
            level = float(levels[one.memory])
            right, below, x = _place(plot, words, level, drawn, alone=len(shown) == 1)
            note.set_anchor((int(right), int(not below)))
            note.say(words, "text" if lead else "muted", x, level)
            note.setZValue(30 if lead else 25)

    def recolour(self) -> None:
        self._lines.setPen(pen("muted", 1, Qt.PenStyle.DashLine))
        self._target_line.setPen(pen("text", 1, Qt.PenStyle.DashLine))
        for note in self._notes:
            note.recolour()


def _place(
    plot: Plot, words: str, level: float, curves: Sequence[Points], *, alone: bool
) -> tuple[bool, bool, float]:
    """Where a name stands clear of the curves: (right, below, x); only a lone name goes below."""
    (x0, x1), (y0, y1) = plot.box.viewRange()
    metrics = QFontMetrics(theme().font(11, 600))
    wide = (metrics.horizontalAdvance(words) + 22) * (x1 - x0) / max(plot.box.width(), 1)
    tall = (metrics.height() + 4) * (y1 - y0) / max(plot.box.height(), 1)
    several = len(curves) > 1  # then the functions' own names stand at the left
    sides = (True, False) if several else (False, True)
    for below in (False, True) if alone and level - 0.75 * tall > y0 else (False,):
        low, high = (level - tall, level + tall / 8) if below else (level - tall / 3, level + tall)
        for right in sides:
            left_end, right_end = (x1 - wide, x1) if right else (x0, x0 + wide)
            if not any(_covers(c, left_end, right_end, low, high) for c in curves):
                return right, below, x1 if right else x0
    return sides[0], False, x1 if sides[0] else x0


def _covers(curve: Points, left: float, right: float, low: float, high: float) -> bool:
    """Whether the curve passes through this part of the plot."""
    xs, ys = curve
    if not len(xs) or xs[-1] < left or xs[0] > right:
        return False
    between = np.linspace(max(left, xs[0]), min(right, xs[-1]), 24)
    corners = ys[(xs >= left) & (xs <= right)]
    heights = np.concatenate((np.interp(between, xs, ys), corners))
    return bool(np.any((heights > low) & (heights < high)))


def _words(name: str, more: int, lead: bool) -> str:
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
    return ("memory " if lead else "") + short + (f" + {more} more" if more else "")
