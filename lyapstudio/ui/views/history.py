"""Overlap against time: the few memories that matter, the nearest in the accent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from lyapstudio.core.model import Frame
from lyapstudio.ui.views.curve import SHORTEST, round_up
from lyapstudio.ui.views.plot import Note, Plot, pen

MOST_LINES = 5
"""More lines than this cannot be told apart."""

MOST_SAMPLES = 2000
"""Then every second sample goes: bounded, and still the whole run."""


class OverlapHistory(Plot):
    """Collects the `bars` channel of the frames that it is shown."""

    def __init__(
        self, channel: str = "overlaps", plane: str = "side", parent: QWidget | None = None
    ) -> None:
        super().__init__("neuron updates", plane, parent)
        self.channel = channel
        self._names: tuple[str, ...] = ()
        self._at: list[int] = []
        self._samples: list[NDArray[np.float64]] = []
        self._every = 1
        self._skipped = 0
        self._generation = -1
        self._lines = [pg.PlotCurveItem() for _ in range(MOST_LINES)]
        self._notes = [Note((1, 1)) for _ in range(2)]
        for k, line in enumerate(self._lines):
            line.setZValue(10 - k)
            self.addItem(line)
        for note in self._notes:
            self.addItem(note)
        self.setMinimumHeight(110)
        self.recolour()

    def set_memories(self, names: Sequence[str]) -> None:
        """Other memories: the history starts again."""
        self._names = tuple(names)
        self._start_again()
        self._draw()

    def show_frame(self, frame: Frame) -> None:
        """Add the frame's overlaps; a step back takes the later ones away."""
        values = frame.channels.get(self.channel)
        if values is None or len(values) != len(self._names):
            return
        if frame.generation != self._generation:
            self._generation = frame.generation
            self._start_again()
        while self._at and self._at[-1] >= frame.update:
            self._at.pop()
            self._samples.pop()
        self._skipped += 1
        if self._skipped >= self._every or not frame.running:
            self._skipped = 0
            self._at.append(frame.update)
            self._samples.append(np.asarray(values, float).copy())
        if len(self._at) > MOST_SAMPLES:
            self._at, self._samples = self._at[::2], self._samples[::2]
            self._every *= 2
        self._draw()

    def _start_again(self) -> None:
        self._at, self._samples, self._every, self._skipped = [], [], 1, 0

    def _draw(self) -> None:
        latest = self._at[-1] if self._at else 0
        end = round_up(max(latest * 1.02, SHORTEST))
        samples = np.array(self._samples).reshape(len(self._at), len(self._names))
        low = -1.05 if samples.size and samples.min() < -0.05 else -0.05
        self.show_range(0.0, float(end), low, 1.08)
        order: list[int] = []
        if samples.size:
            # the nearest now first, then those that once were near
            size = np.abs(samples[-1]) + 0.5 * np.abs(samples).max(0)
            order = [int(k) for k in np.argsort(-size)[:MOST_LINES]]
        for k, line in enumerate(self._lines):
            line.setVisible(k < len(order))
            if k < len(order):
                line.setData(np.array(self._at, float), samples[:, order[k]])
        for k, note in enumerate(self._notes):
            note.setVisible(k < len(order))
            if k < len(order):
                role = "accent" if k == 0 else "muted"
                note.say(self._names[order[k]], role, latest, float(samples[-1, order[k]]))

    def recolour(self) -> None:
        if not hasattr(self, "_notes"):
            return  # called by the base before there is anything to colour
        for k, line in enumerate(self._lines):
            line.setPen(pen("accent", 2.5) if k == 0 else pen("bar", 1.5))
        for note in self._notes:
            note.recolour()
