"""Errors of the readout in per cent against the epoch, live, beside what they are compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

from lyapstudio.ui.numerals import figure, ticks, whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.plot import Note, Plot, pen
from lyapstudio.ui.views.polyline import is_calm

ROLES = {"train": "muted", "test": "text", "validation": "accent"}
"""Curve -> its colour. The validation error leads: it decides when to stop."""

DECADE = 12.0
"""Errors whose largest is so many times the smallest are drawn on a logarithmic scale."""

APART = 17
"""Labels stand at least so many px apart: then no veil covers the next one."""

Errors = NDArray[np.float64]


@dataclass(frozen=True)
class _Label:
    words: str
    role: str
    x: float
    y: float


def spread(wanted: Errors, apart: float, low: float, high: float) -> Errors:
    """The places nearest to the wanted ones (least squares) that are `apart` from each other.

    They stay within [low, high], or from low on where there is too little room. Neighbours that
    are too near form a block around their mean (pool adjacent violators).
    """
    order = np.argsort(wanted, kind="stable")
    free = wanted[order] - apart * np.arange(len(wanted))
    blocks: list[tuple[float, int]] = []
    for value in free:
        total, count = float(value), 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            before, many = blocks.pop()
            total, count = total + before, count + many
        blocks.append((total, count))
    level = np.concatenate([np.full(n, total / n) for total, n in blocks] or [np.empty(0)])
    last = high - apart * max(len(wanted) - 1, 0)
    level = np.maximum(np.minimum(level, last), low)
    placed = np.empty(len(wanted))
    placed[order] = level + apart * np.arange(len(wanted))
    return placed


def log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round per cents between the logarithms (base 10) low and high, at most seven."""
    for factors in ((1, 2, 5), (1, 3), (1,)):
        powers = range(math.floor(low), math.ceil(high) + 1)
        values = [f * 10.0**p for p in powers for f in factors]
        inside = [v for v in values if low <= math.log10(v) <= high]
        if len(inside) <= 7:
            break
    return [(math.log10(v), f"{figure(v)} %") for v in inside]


class ErrorCurves(Plot):
    """Train, validation and test error; dashed what they are compared with; the best epoch.

    The scale turns logarithmic once the errors span more than a decade.
    """

    def __init__(self, plane: str = "side", parent: QWidget | None = None) -> None:
        super().__init__("epochs of the readout", plane, parent)
        self._epochs: Errors = np.empty(0)
        self._errors: dict[str, Errors] = {}
        self._baselines: dict[str, float] = {}
        self._best: float | None = None
        self._total = 0.0
        self._log = False
        self._last_epoch = 1.0  # where the numbers of the axis end and the labels begin
        self._lines = {name: pg.PlotCurveItem(connect="finite") for name in ROLES}
        self._dots = {name: pg.ScatterPlotItem() for name in ROLES}
        self._dashes = pg.PlotCurveItem(connect="pairs")
        self._stop = pg.PlotCurveItem()
        self._stop_dot = pg.ScatterPlotItem()
        self._stop_note = Note((0, 0), plane)
        self._notes: list[Note] = []
        items = [(2, self._dashes), (3, self._stop), (25, self._stop_dot), (31, self._stop_note)]
        for z, name in enumerate(ROLES):
            items += [(10 + z, self._lines[name]), (20 + z, self._dots[name])]
        for z, item in items:
            item.setZValue(z)
            self.addItem(item)
        self.setMinimumHeight(96)
        self.setAccessibleName("Errors of the readout")
        self.recolour()

    # --- what is shown

    def show_errors(
        self,
        epochs: Errors,
        train: Errors | None = None,
        validation: Errors | None = None,
        test: Errors | None = None,
    ) -> None:
        """(E,) epochs and errors in per cent after each; NaN where one was not measured."""
        epochs = np.asarray(epochs, float)
        if len(epochs) < len(self._epochs):
            self._log = False  # another run
        given = {"train": train, "validation": validation, "test": test}
        self._epochs = epochs
        self._errors = {k: np.asarray(v, float) for k, v in given.items() if v is not None}
        self.setAccessibleDescription(self.sentence(len(epochs) - 1) if len(epochs) else "")
        self.redraw()

    def set_epochs(self, total: int | None) -> None:
        """How many there will be: the axis keeps its length while they come in."""
        self._total = float(total or 0)
        self.redraw()

    def set_baselines(self, baselines: Mapping[str, float]) -> None:
        """What the errors are compared with: a name -> per cent."""
        self._baselines = dict(baselines)
        self.redraw()

    def set_best(self, epoch: float | None) -> None:
        """Mark the epoch whose readout is kept."""
        self._best = epoch
        self.redraw()

    def forget(self) -> None:
        """No epochs yet; the baselines stay."""
        self._log, self._best = False, None
        self.show_errors(np.empty(0))

    def sentence(self, k: int) -> str:
        """The errors after one epoch in words."""
        parts = [f"{name} {figure(e[k], 2)} %" for name, e in self._errors.items()]
        return f"Epoch {whole(int(self._epochs[k]))}: {', '.join(parts)}"

    @property
    def words(self) -> list[str]:
        """The labels in sight."""
        return [note.toPlainText() for note in self._notes if note.isVisible()]

    # --- drawing

    def redraw(self) -> None:
        values = [*self._errors.values(), np.array(list(self._baselines.values()), float)]
        known = np.concatenate(values)
        known = known[np.isfinite(known)]
        shown = bool(len(known))
        for item in (*self._lines.values(), *self._dots.values()):
            item.setVisible(False)
        self._dashes.setVisible(bool(self._baselines))
        self._mark_best(None)
        if not shown:
            for note in self._notes:
                note.setVisible(False)
            return
        positive = known[known > 0]
        if len(positive) and positive.max() > DECADE * positive.min():
            self._log = True
        self._floor = float(positive.min()) / 2 if len(positive) else 1e-3
        low, high = self._heights(known)
        curves = self._curve_labels()
        self._fit_times(curves)
        self.show_range(self._x0, self._x1, low, high)
        self.plotItem.layout.activate()  # the labels are placed by pixels: they must be the new
        self._draw_lines()
        self._draw_baselines()
        self._draw_labels(curves, self._baseline_labels())
        self._mark_best(self._best)

    def show_range(self, x0: float, x1: float, y0: float, y1: float) -> None:
        """Per cents on the left axis, whole epochs up to the last on the lower one."""
        super().show_range(x0, x1, y0, y1)
        low = 3 if self.height() < 140 else 5
        vertical = log_ticks(y0, y1) if self._log else ticks(max(y0, 0.0), y1, low)
        if not self._log:
            vertical = [(v, f"{words} %") for v, words in vertical]
        self.left.setTicks([vertical])
        epochs = ticks(0.0, self._last_epoch, 5)
        self.bottom.setTicks([[(v, words) for v, words in epochs if v == round(v)]])
        metrics = QFontMetrics(theme().font(11))
        widest = max((metrics.horizontalAdvance(words) for _, words in vertical), default=20)
        self.left.setWidth(widest + 12)

    def _y(self, per_cent: Errors | float) -> Errors:
        """Height in the plot; a zero on the logarithmic scale lies at its lower end."""
        if not self._log:
            return np.asarray(per_cent, float)
        return np.log10(np.maximum(per_cent, self._floor))

    def _heights(self, known: Errors) -> tuple[float, float]:
        if not self._log:
            top = float(known.max()) or 1.0
            return -0.07 * top, 1.12 * top
        y = self._y(known)
        room = 0.08 * float(y.max() - y.min())
        return float(y.min()) - room, float(y.max()) + 1.5 * room

    def _fit_times(self, curves: list[_Label]) -> None:
        """The labels stand at the right of the last epoch: they get the room that they need."""
        latest = float(self._epochs[-1]) if len(self._epochs) else 0.0
        self._last_epoch = max(self._total, latest, 1.0)
        metrics = QFontMetrics(theme().font(11, 600))
        words = [label.words for label in curves] + list(self._baseline_words())
        widest = max((metrics.horizontalAdvance(w) for w in words), default=0) + theme().px(18)
        plot = max(self.box.width(), 60.0)
        room = min(widest, 0.6 * plot) / plot
        self._x0 = -0.02 * self._last_epoch
        self._x1 = self._x0 + (self._last_epoch - self._x0) / (1 - room)

    def _pixel(self) -> tuple[float, float]:
        """Width and height of a pixel in the plot's units."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        return (x1 - x0) / max(self.box.width(), 1), (y1 - y0) / max(self.box.height(), 1)

    def _draw_lines(self) -> None:
        ring = pg.mkPen(theme().colour(self.plane), width=2)
        for name, errors in self._errors.items():
            known = np.isfinite(errors)
            if not known.any():
                continue
            x, y = self._epochs[known], self._y(errors[known])
            self._lines[name].setData(x, y, antialias=is_calm(y))
            brush = theme().colour(ROLES[name])
            size = theme().px(11 if name == "validation" else 9)
            self._dots[name].setData(x[-1:], y[-1:], size=size, pen=ring, brush=brush)
            self._lines[name].setVisible(True)
            self._dots[name].setVisible(True)

    def _draw_baselines(self) -> None:
        y = np.repeat(self._y(np.array(list(self._baselines.values()), float)), 2)
        self._dashes.setData(np.tile([self._x0, self._last_epoch], len(y) // 2), y)

    def _curve_labels(self) -> list[_Label]:
        labels = []
        for name, errors in self._errors.items():
            known = np.flatnonzero(np.isfinite(errors))
            if len(known):
                last = float(errors[known[-1]])
                words = f"{name} {figure(last, 2)} %"
                x, y = float(self._epochs[known[-1]]), float(self._y(last))
                labels.append(_Label(words, ROLES[name], x, y))
        return labels

    def _baseline_words(self) -> list[str]:
        return [f"{name} {figure(v, 2)} %" for name, v in self._baselines.items()]

    def _baseline_labels(self) -> list[_Label]:
        heights = self._y(np.array(list(self._baselines.values()), float))
        pairs = zip(self._baseline_words(), heights, strict=True)
        return [_Label(words, "muted", self._last_epoch, float(y)) for words, y in pairs]

    def _draw_labels(self, curves: list[_Label], baselines: list[_Label]) -> None:
        """Right of the curves' ends and of the dashed lines; those that would meet move apart."""
        metrics = QFontMetrics(theme().font(11, 600))
        wide, tall = self._pixel()
        half = theme().px(7)
        low, high = (y / tall for y in self.box.viewRange()[1])
        low, high = low + half, high - half
        reach = max((c.x + metrics.horizontalAdvance(c.words) * wide for c in curves), default=0.0)
        meet = reach + theme().px(24) * wide > self._last_epoch
        groups = [[*curves, *baselines]] if meet else [curves, baselines]
        while len(self._notes) < len(curves) + len(baselines):
            self._notes.append(Note((0, 0.5), self.plane))
            self.addItem(self._notes[-1])
        for note in self._notes:
            note.setVisible(False)
        notes = iter(self._notes)
        for group in groups:
            wanted = np.array([one.y for one in group]) / tall
            heights = spread(wanted, theme().px(APART), low, high) * tall
            for one, height in zip(group, heights, strict=True):
                next(notes).say(one.words, one.role, one.x + 6 * wide, float(height))

    def _mark_best(self, epoch: float | None) -> None:
        lead = self._errors.get("validation")
        at = None
        if epoch is not None and lead is not None and len(self._epochs):
            at = int(np.abs(self._epochs - epoch).argmin())
        marked = at is not None and bool(np.isfinite(lead[at]))  # type: ignore[index]
        for item in (self._stop, self._stop_dot, self._stop_note):
            item.setVisible(marked)
        if at is None or lead is None or not marked:
            return
        low, high = self.box.viewRange()[1]
        x, y = float(self._epochs[at]), float(self._y(lead[at]))
        self._stop.setData([x, x], [low, high])
        edge = pg.mkPen(theme().colour("accent"), width=2)
        fill = theme().colour(self.plane)
        self._stop_dot.setData([x], [y], size=theme().px(11), pen=edge, brush=fill)
        self._stop_note.set_anchor((0, 0) if x < self._last_epoch / 2 else (1, 0))
        self._stop_note.say(f"best: epoch {whole(int(x))}", "text", x, high)

    def recolour(self) -> None:
        if not hasattr(self, "_notes"):
            return  # called by the base before there is anything to colour
        for name, role in ROLES.items():
            self._lines[name].setPen(pen(role, 2.5 if name == "validation" else 1.5))
        self._dashes.setPen(pen("bar", 1, Qt.PenStyle.DashLine))
        self._stop.setPen(pen("muted", 1, Qt.PenStyle.DotLine))
        for note in (*self._notes, self._stop_note):
            note.recolour()
        self.redraw()

    # --- the pointer

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and len(self._epochs):
            at = self.box.mapSceneToView(self.mapToScene(event.pos())).x()
            near = int(np.abs(self._epochs - at).argmin())
            inside = self.box.sceneBoundingRect().contains(QPointF(self.mapToScene(event.pos())))
            QToolTip.showText(event.globalPos(), f"{self.sentence(near)}." if inside else "", self)
            return True
        return super().viewportEvent(event)
