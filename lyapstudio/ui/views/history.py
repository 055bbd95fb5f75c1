"""Overlap against time: the few memories that matter, the nearest in the accent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.ui.views.plot import Note, Plot, pen
from lyapstudio.ui.views.polyline import time_range

MOST_LINES = 5
"""More lines than this cannot be told apart."""

NAMED = 2
"""So many of them carry their name."""


class OverlapHistory(Plot):
    """Draws a frame's `history`: (K, 1 + P) update, then the overlap with each memory."""

    def __init__(self, plane: str = "stage", parent: QWidget | None = None) -> None:
        super().__init__("neuron updates", plane, parent)
        self._names: tuple[str, ...] = ()
        self._rows: NDArray[np.float64] = np.empty((0, 1))
        self._sweep = 0
        self._lines = [pg.PlotCurveItem(antialias=True) for _ in range(MOST_LINES)]
        self._notes = [Note((1, 1)) for _ in range(NAMED)]
        for k, line in enumerate(self._lines):
            line.setZValue(10 - k)
            self.addItem(line)
        for note in self._notes:
            self.addItem(note)
        self.setMinimumHeight(96)
        self.recolour()

    def set_memories(self, names: Sequence[str]) -> None:
        """The names of the memories, in the order of the columns."""
        self._names = tuple(names)
        self._rows = np.empty((0, 1 + len(self._names)))
        self.redraw()

    def show_frame(self, frame: Frame) -> None:
        """Draw the samples up to the frame's update, and the frame itself."""
        rows = frame.history
        if rows is None or rows.shape[1] != 1 + len(self._names):
            return
        now = frame.channels.get("overlaps")
        rows = rows[rows[:, 0] <= frame.update]
        if now is not None and len(now) == len(self._names):
            rows = np.concatenate([rows, [[frame.update, *now]]])
        if frame.problem is not None and frame.model is not None:
            strides = frame.model.strides(frame.problem)
            self._sweep = strides[-1].updates if len(strides) > 1 else 0
            self.set_axis_title("neuron updates" if len(strides) > 1 else "steps")
        self._rows = rows
        self.redraw()

    def redraw(self) -> None:
        rows = self._rows
        samples = rows[:, 1:]
        latest = float(rows[-1, 0]) if len(rows) else 0.0
        low = -1.08 if samples.size and samples.min() < -0.05 else -0.04
        self.show_range(*time_range(latest, self._sweep), low, 1.3)
        order: list[int] = []
        if samples.size:
            # the nearest now first, then those that once were near
            size = np.abs(samples[-1]) + 0.5 * np.abs(samples).max(0)
            order = [int(k) for k in np.argsort(-size)[:MOST_LINES]]
        for k, line in enumerate(self._lines):
            line.setVisible(k < len(order))
            if k < len(order):
                line.setData(rows[:, 0], samples[:, order[k]])
        for k, note in enumerate(self._notes):
            note.setVisible(k < len(order))
            if k < len(order):
                role = "accent" if k == 0 else "muted"
                x = max(latest, 0.15 * self.box.viewRange()[0][1])  # keep the words inside
                note.say(self._names[order[k]], role, x, float(samples[-1, order[k]]))

    def recolour(self) -> None:
        if not hasattr(self, "_notes"):
            return  # called by the base before there is anything to colour
        for k, line in enumerate(self._lines):
            line.setPen(pen("accent", 2.5) if k == 0 else pen("bar", 1.5))
        for note in self._notes:
            note.recolour()
