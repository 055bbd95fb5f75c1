"""The value of a Lyapunov function, large, with its formula and terms."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import LyapunovFunction
from lyapstudio.ui.numerals import figure
from lyapstudio.ui.parts.text import text


def places(value: float) -> int:
    """How many decimals a value of this size deserves."""
    if not math.isfinite(value) or value == 0:
        return 1
    return max(0, min(4, 3 - math.floor(math.log10(abs(value))) + (abs(value) >= 1000)))


def last_change(frame: Frame) -> float:
    """By how much the last update changed the first function; NaN where no update led here."""
    rows = frame.trace.curve(0)
    rows = rows[rows[:, 0] <= frame.update]
    if frame.update == 0 or frame.update in frame.trace.cuts or frame.facts:
        return math.nan  # a model that learns measures its function now and then
    if not len(rows) or rows[-1, 0] < frame.update:
        return 0.0  # only changes are noted
    if len(rows) < 2 or rows[-2, 1] != rows[-2, 2]:
        return math.nan
    return float(rows[-1, 2] - rows[-2, 2])


class Reading(QWidget):
    """Value, unit and last change on one line, the formula beneath."""

    def __init__(self, function: LyapunovFunction | None = None) -> None:
        super().__init__()
        self._value = text("–", "display")
        self._unit = text("", "caption")
        self._formula = text("", "formula")
        self._formula.setTextFormat(Qt.TextFormat.RichText)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._value)
        line.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBottom)
        line.addStretch(1)
        self._change = text("", "caption")
        self._change.setToolTip("By how much the last update changed the function.")
        line.addWidget(self._change, 0, Qt.AlignmentFlag.AlignBottom)
        for label in (self._unit, self._change):
            label.setContentsMargins(0, 0, 0, 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._formula)
        if function is not None:
            self.set_function(function)

    def set_function(self, function: LyapunovFunction) -> None:
        self._unit.setText(function.unit)
        self._formula.setText(function.formula)
        self._value.setToolTip(function.name)

    def show_value(self, value: float, change: float = math.nan) -> None:
        """The value and (NaN: none) its change by the last update."""
        words = figure(value, places(value))
        if words != self._value.text():
            self._value.setText(words)
        small = places(change) if change else 0
        words = (
            "" if math.isnan(change) else f"last change {figure(change, small, sign=change > 0)}"
        )
        if words != self._change.text():
            self._change.setText(words)


class Terms(QWidget):
    """The named terms that a value is the sum of: "Pairs −2 857.7   Thresholds 0.0"."""

    def __init__(self) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(6)
        self._values: dict[str, QLabel] = {}

    def show_terms(self, terms: dict[str, float]) -> None:
        if list(terms) != list(self._values):
            self._rebuild(list(terms))
        for name, value in terms.items():
            label = self._values[name]
            words = figure(value, 1 if value == 0 else places(value))
            if words != label.text():
                label.setText(words)

    def _rebuild(self, names: list[str]) -> None:
        while self._line.count():
            item = self._line.takeAt(0)
            widget = item.widget() if item else None
            if widget:
                widget.deleteLater()
        self._values = {}
        for name in names:
            self._line.addWidget(text(name, "caption"))
            self._values[name] = text("", "strong")
            self._line.addWidget(self._values[name])
            self._line.addSpacing(12)
        self._line.addStretch(1)
