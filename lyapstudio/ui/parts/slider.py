"""A number that is dragged: label left and value right above the track."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from lyapstudio.core.param import Spec
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.text import text

TICKS = 1000
"""Positions of a slider over a real range."""


class Track(QSlider):
    """A horizontal slider that jumps to the click, and tells a drag from its end.

    A drag, a held key or one turn of the wheel ends in exactly one `settled`.
    """

    settled = Signal()

    def __init__(self, positions: int = TICKS) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, positions)
        self.setPageStep(max(1, positions // 10))
        self.setSingleStep(max(1, positions // 100))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sliderReleased.connect(self.settled)
        self._moved_by_key = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            knob = self.style().subControlRect(
                QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
            )
            if not knob.contains(event.position().toPoint()):
                room = self.width() - knob.width()
                at = round(event.position().x() - knob.width() / 2)
                self.setSliderDown(True)
                self.setValue(
                    QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room)
                )
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.value()
        super().keyPressEvent(event)
        self._moved_by_key |= self.value() != before

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self._settle_key()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._settle_key()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # scrolling the panel must not change its values
            return
        before = self.value()
        super().wheelEvent(event)
        if self.value() != before:
            self.settled.emit()

    def _settle_key(self) -> None:
        if self._moved_by_key:
            self._moved_by_key = False
            self.settled.emit()


class Slider(QWidget):
    """A declared number as label, value (which can be typed) and track.

    `value_changing` follows the drag, `value_chosen` comes once at its end: one undo step.
    """

    value_changing = Signal(object)
    value_chosen = Signal(object)

    def __init__(self, name: str, spec: Spec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._silent = False
        span = spec.high - spec.low
        self._whole = spec.kind == "integer" and not spec.log and span <= TICKS
        self.track = Track(int(span) if self._whole else TICKS)
        if self._whole:
            self.track.setSingleStep(1)
        self.track.setToolTip(spec.help)
        self.track.setAccessibleName(spec.label)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.field = NumberField(name, spec, flat=True)
        self._label = text(spec.label)
        self._label.setToolTip(spec.help)
        self._complaint = text("", "complaint", wrap=True)
        self._complaint.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.addWidget(self._label, 0, 0)
        grid.addWidget(self.field, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._complaint, 1, 0, 1, 2)
        grid.addWidget(self.track, 2, 0, 1, 2)
        self.track.valueChanged.connect(self._moved)
        self.track.settled.connect(lambda: self.value_chosen.emit(self.value))
        self.field.value_chosen.connect(self._typed)
        self.field.complained.connect(self._complained)
        self.set_value(spec.default)

    @property
    def value(self) -> float:
        return self.field.value

    def set_value(self, value: float) -> None:
        """Show a value; silent, and never against the user's own drag."""
        if self.track.isSliderDown():
            return
        self._silent = True
        self.track.setValue(self._position(value))
        self._silent = False
        self.field.set_value(value)

    def _position(self, value: float) -> int:
        s = self._spec
        if s.log:
            low, part = self._log_low(), 0.0
            if value > low:
                part = math.log(value / low) / math.log(s.high / low)
        else:
            part = (value - s.low) / (s.high - s.low)
        return round(part * self.track.maximum())

    def _value_at(self, position: int) -> float:
        s, part = self._spec, position / self.track.maximum()
        if s.log:
            if position == 0:
                return s.low
            value = self._log_low() * (s.high / self._log_low()) ** part
        else:
            value = s.low + part * (s.high - s.low)
        if s.kind == "integer":
            return round(value)
        # no more digits than the field shows, but two significant ones where the scale is log
        places = s.decimals + 2 * s.percent
        if s.log and value:
            places = max(places, 1 - math.floor(math.log10(value)))
        return min(max(round(value, places), s.low), s.high)

    def _log_low(self) -> float:
        return self._spec.low if self._spec.low > 0 else self._spec.high * 1e-4

    def _moved(self, position: int) -> None:
        if not self._silent:
            value = self._value_at(position)
            self.field.set_value(value)
            self.value_changing.emit(value)

    def _typed(self, value: float) -> None:
        self.set_value(value)
        self.value_chosen.emit(value)

    def _complained(self, sentence: str) -> None:
        self._complaint.setText(sentence)
        self._complaint.setVisible(bool(sentence))
