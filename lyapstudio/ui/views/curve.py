"""The Lyapunov function against time: the curve, now, every memory's level, every rise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Direction, LyapunovFunction
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.companion import Companion
from lyapstudio.ui.views.levels import Levels
from lyapstudio.ui.views.plot import Note, Plot, pen
from lyapstudio.ui.views.polyline import (
    CALM,
    SHORTEST,
    Points,
    is_calm,
    largest_a_column,
    outwards,
    polyline,
    seen,
    thinned,
    time_range,
)

STEPS_SHOWN = 40
"""Of steps of all neurons together only the last ones are shown: a 2-cycle must be seen to beat."""

NONE = np.empty((0, 3))


class LyapunovCurve(Plot):
    """One line a function. The wheel narrows the time shown, a double click shows all of it."""

    def __init__(self, plane: str = "side", parent: QWidget | None = None) -> None:
        super().__init__("neuron updates", plane, parent)
        self._functions: tuple[LyapunovFunction, ...] = ()
        self._levels: NDArray[np.float64] = np.empty(0)
        self._names: tuple[str, ...] = ()
        self._staircase = True
        self._window: int | None = None
        self._chosen = False  # whether the user set the window
        self._sweep = 0
        self._target: int | None = None
        self._frame: Frame | None = None
        self._lines: list[pg.PlotCurveItem] = []
        self._notes: list[Note] = []
        self._dots: list[pg.ScatterPlotItem] = []
        self._level_marks, self.companion = Levels(self), Companion(self)
        self._rises = pg.PlotCurveItem(connect="pairs")
        self._cuts = pg.PlotCurveItem(connect="pairs")
        self._next = pg.ScatterPlotItem()
        self._next_note = Note((1, 0))
        for z, item in (
            (3, self._cuts),
            (12, self._rises),
            (19, self._next),
            (30, self._next_note),
        ):
            item.setZValue(z)
            self.addItem(item)
        self.setMinimumHeight(84)
        self.recolour()

    # --- what is shown

    def set_functions(self, functions: Sequence[LyapunovFunction]) -> None:
        """The functions of the model, in the order of the frame's values."""
        self._functions, self._frame = tuple(functions), None  # the old frame has others
        for item in (*self._lines, *self._notes, *self._dots):
            self.removeItem(item)
        self._lines = [pg.PlotCurveItem() for _ in functions]
        self._notes = [Note((0, 1)) for _ in functions]
        self._dots = [pg.ScatterPlotItem() for _ in functions]
        for k, line in enumerate(self._lines):
            line.setZValue(10 - k)
            self._dots[k].setZValue(20 - k)
            for item in (line, self._notes[k], self._dots[k]):
                self.addItem(item)
        self.recolour()

    def set_window(self, updates: int | None) -> None:
        """Show only the last so many updates, or (None) all since the cue."""
        self._window, self._chosen = updates, True
        self.redraw()

    def show_frame(self, frame: Frame, target: int | None = None) -> None:
        """Draw the frame's trace up to its update; `target` is the memory whose level is named.

        Without a target the nearest memory's level is named.
        """
        if frame.problem is not None and frame.model is not None:
            self._follow(frame)
        self._frame = frame
        self._target = target if target is not None else self._nearest(frame)
        self.redraw()

    def _follow(self, frame: Frame) -> None:
        """What the frame's model and network say about functions, levels and time."""
        assert frame.problem is not None
        if frame.model.functions != self._functions:
            self.set_functions(frame.model.functions)
        self._levels = frame.levels if frame.levels is not None else np.empty(0)
        self._names = frame.problem.names
        strides = frame.model.strides(frame.problem)
        learns = frame.model.learns
        single = len(strides) > 1 and not learns
        self._sweep = strides[-1].updates if single else 0
        if single != self._staircase:
            self._staircase = single
            if not self._chosen:
                self._window = None if single or learns else STEPS_SHOWN
        steps = "images seen" if learns else "step (all neurons at once)"
        self.set_axis_title("neuron updates" if single else steps)

    # --- drawing

    def redraw(self) -> None:
        frame = self._frame
        if frame is None or frame.trace is None or not self._functions:
            return
        curves = [self._rows(frame, k) for k in range(len(self._functions))]
        x0, x1 = self._times(frame)
        shown = [thinned(seen(rows, x0, x1), 2 * self.columns) for rows in curves]
        points = [polyline(rows, frame.update, staircase=self._staircase) for rows in shown]
        columns, stairs = 2 * self.columns, self._staircase
        beside = self.companion.points(frame, x0, x1, columns, staircase=stairs)
        every = [*points, beside] if len(beside[0]) else points
        y0, y1 = self._heights(every, frame)
        self.show_range(x0, x1, y0, y1)
        self._level_marks.draw(self, self._levels, self._names, self._target, every)
        self._draw_lines(frame, points)
        self.companion.draw(self, frame, beside, points[0])
        self._draw_rises(frame, x0, x1)
        self._draw_cuts(frame, x0, x1, y0, y1)
        self._draw_next(frame)

    def _rows(self, frame: Frame, k: int) -> NDArray[np.float64]:
        rows = frame.trace.curve(k)
        return rows[rows[:, 0] <= frame.update] if len(rows) else NONE

    def _times(self, frame: Frame) -> tuple[float, float]:
        latest = max(frame.update, 1)
        if self._window is not None:
            start = max(0.0, latest - self._window)
            return start, start + self._window * 1.06
        return time_range(latest, self._sweep)

    def _heights(self, points: list[Points], frame: Frame) -> tuple[float, float]:
        values = [ys for _, ys in points if len(ys)]
        values.append(np.array([v for v in frame.values if not math.isnan(v)]))
        if self._window is None and len(self._levels):
            values.append(self._levels[np.isfinite(self._levels)])
        if not any(len(v) for v in values):
            return -1.0, 0.0
        low, high = (f(np.concatenate(values)) for f in (np.min, np.max))
        note, tall = theme().px(18), max(self.box.height(), 60.0)
        room = (high - low) * note / (tall - 2 * note)
        several = sum(len(ys) > 0 for _, ys in points) > 1
        # room for the names that stand above and below the lines
        return outwards(float(low - room), float(high + room * several))

    def _nearest(self, frame: Frame) -> int | None:
        overlaps = frame.channels.get("overlaps")
        if overlaps is None or not len(overlaps):
            return None
        return int(np.argmax(np.abs(overlaps)))

    def _draw_lines(self, frame: Frame, points: list[Points]) -> None:
        states = {g.symbol: g.holds for g in frame.guarantees}
        absent = {g.symbol for g in frame.guarantees if not g.exists}
        several = sum(len(xs) > 0 for xs, _ in points) > 1
        for k, (xs, ys) in enumerate(points):
            function, value = self._functions[k], frame.values[k]
            holds = states.get(function.symbol, False)
            defined = len(xs) > 0 or not math.isnan(value)
            for item in (self._lines[k], self._dots[k], self._notes[k]):
                item.setVisible(defined)
            if not defined:
                continue
            lead = holds or not several
            role = "accent" if lead else "muted"
            self._lines[k].setPen(pen(role, 2.5 if lead else 1.5))
            self._lines[k].setData(xs, ys, antialias=is_calm(ys))
            self._dot(self._dots[k], frame.update, value, role)
            named = several or function.symbol in absent
            self._notes[k].setVisible(named)
            if named and len(xs):
                self._name(frame, k, holds, xs, ys, function.symbol not in absent)

    def _name(
        self, frame: Frame, k: int, holds: bool, xs: NDArray, ys: NDArray, exists: bool = True
    ) -> None:
        function, note = self._functions[k], self._notes[k]
        falls = function.direction is Direction.FALLS
        if not exists:
            words, role = f"{function.symbol} is no Lyapunov function here", "bad"
        elif holds:
            words = f"{function.symbol}: never {'rises' if falls else 'falls'}"
            role = "accent"
        else:
            count = frame.trace.counters[k].wrong_moves
            moved, may = ("rose", "may rise") if falls else ("fell", "may fall")
            times = f"{moved} once" if count == 1 else f"{moved} {whole(count)} times"
            words = f"{function.symbol}: {times if count else may}"
            role = "bad" if count else "muted"
        (x0, _), (_, y1) = self.box.viewRange()
        if not exists:
            note.set_anchor((0, 0))
            note.say(words, role, x0, y1)  # where no level's name is in the way
            return
        # above the highest part near its start, but the lower function beneath its line
        known = [j for j, v in enumerate(frame.values) if not math.isnan(v)]
        lower = k == min(known, key=lambda j: (frame.values[j], -j), default=0)
        note.set_anchor((0, 0) if lower else (0, 1))
        start = ys[: max(1, len(ys) // 3)]
        note.say(words, role, max(x0, float(xs[0])), float(start.min() if lower else start.max()))

    def _dot(self, dot: pg.ScatterPlotItem, x: float, y: float, role: str) -> None:
        t = theme()
        ring = pg.mkPen(t.colour(self.plane), width=2)
        dot.setData([x], [y], size=t.px(13), pen=ring, brush=t.colour(role))

    def _rises_of(self, frame: Frame) -> NDArray[np.float64]:
        rises = frame.trace.rises(0)
        if frame.guarantees and frame.guarantees[0].average:
            return rises[:0]  # only its average is promised: a step back breaks nothing
        return rises[rises[:, 2] <= frame.update]

    def _draw_rises(self, frame: Frame, x0: float, x1: float) -> None:
        rises = largest_a_column(self._rises_of(frame), x0, x1, self.columns)
        xs = rises[:, [2, 2]] if self._staircase else rises[:, [0, 2]]
        few = len(rises) <= CALM
        self._rises.setData(xs.ravel(), rises[:, [1, 3]].ravel(), antialias=few)
        if len(rises) and rises[-1, 2] >= frame.update and self._dots:
            self._dot(self._dots[0], frame.update, frame.values[0], "bad")

    def _draw_cuts(self, frame: Frame, x0: float, x1: float, y0: float, y1: float) -> None:
        cuts = np.asarray(frame.trace.cuts, float)
        cuts = cuts[(cuts >= x0) & (cuts <= x1) & (cuts <= frame.update)][-200:]
        self._cuts.setData(np.repeat(cuts, 2), np.tile([y0, y1], len(cuts)))
        self._cuts.setToolTip("Here the state or the network was changed by hand.")

    def _draw_next(self, frame: Frame) -> None:
        a = frame.arithmetic
        flips = a is not None and not frame.running and a.new != a.old
        self._next.setVisible(flips)
        self._next_note.setVisible(flips)
        if a is None or not flips:
            return
        t = theme()
        x, y = frame.update + 1, frame.values[0] + a.change
        edge = pg.mkPen(t.colour("accent"), width=2)
        self._next.setData([x], [y], size=t.px(11), pen=edge, brush=t.colour(self.plane))
        if self._window is not None:
            self._next_note.say("after the flip ", "accent", x, y)

    def recolour(self) -> None:
        if not hasattr(self, "_next_note"):
            return  # called by the base before there is anything to colour
        self._level_marks.recolour()
        self._rises.setPen(pen("bad", 3))
        self._cuts.setPen(pen("bar", 1, Qt.PenStyle.DotLine))
        self.companion.recolour()
        for note in (*self._notes, self._next_note):
            note.recolour()
        self.redraw()

    # --- the mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._frame is None:
            return
        whole_run = max(self._frame.update, SHORTEST)
        now = self._window or whole_run
        factor = 0.7 if event.angleDelta().y() > 0 else 1 / 0.7
        wanted = max(SHORTEST, round(now * factor))
        self.set_window(wanted if wanted < whole_run else None)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.set_window(None)
