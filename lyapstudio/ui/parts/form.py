"""A panel built from declared parameters: each Spec becomes the widget that fits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from lyapstudio.core.param import Params, Spec
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.segmented import Segmented, segments_width
from lyapstudio.ui.parts.slider import Slider
from lyapstudio.ui.parts.switch import Switch
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

ROOM = 232
"""The width of a form in the left column (272 less its margins), px."""

SLIDER_SPAN = 10_000
"""A whole number over a wider range (a seed) is typed, not dragged."""


class Form(QWidget):
    """Rows for the parameters of one frozen dataclass.

    `changing(name, value)` follows a drag; `chosen(name, value)` is one edit: one undo step.
    Rows whose `when` does not hold are hidden.
    """

    changing = Signal(str, object)
    chosen = Signal(str, object)

    def __init__(
        self,
        params: type[Params] | Params,
        *,
        names: Iterable[str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._setters: dict[str, Callable[[Any], None]] = {}
        self._rows: dict[str, QWidget] = {}
        self._shown = params if isinstance(params, Params) else params()
        self._names = tuple(names if names is not None else params.specs())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._scale = 0.0
        theme().changed.connect(self._build)
        self._build()

    def _build(self) -> None:
        """Make the rows; again where the scale changed, since what fits a row changed too."""
        if self._scale == theme().scale:
            return
        self._scale = theme().scale
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for name in self._names:
            row, setter = self._row(name, self._shown.specs()[name])
            self._rows[name], self._setters[name] = row, setter
            self._column.addWidget(row)
        self.set_params(self._shown)

    def set_params(self, params: Params) -> None:
        """Show these values; emits nothing."""
        self._shown = params
        shown = set(params.shown())
        for name, setter in self._setters.items():
            setter(getattr(params, name))
            self._rows[name].setVisible(name in shown)

    def row(self, name: str) -> QWidget:
        """The widget of one parameter, for a test or a hint."""
        return self._rows[name]

    def _row(self, name: str, spec: Spec) -> tuple[QWidget, Callable[[Any], None]]:
        if spec.kind == "switch":
            return self._switch(name, spec)
        if spec.kind == "choice":
            return self._choice(name, spec)
        if spec.high - spec.low <= SLIDER_SPAN or (spec.log and spec.high < float("inf")):
            slider = Slider(name, spec)
            slider.value_changing.connect(lambda value: self.changing.emit(name, value))
            slider.value_chosen.connect(lambda value: self.chosen.emit(name, value))
            return slider, slider.set_value
        return self._typed(name, spec)

    def _switch(self, name: str, spec: Spec) -> tuple[QWidget, Callable[[Any], None]]:
        switch = Switch()
        switch.clicked.connect(lambda on: self.chosen.emit(name, on))
        return labelled(spec, switch), switch.setChecked

    def _choice(self, name: str, spec: Spec) -> tuple[QWidget, Callable[[Any], None]]:
        room = ROOM
        wide = segments_width(spec.choices)
        if len(spec.choices) <= 4 and wide <= room:
            segments = Segmented(spec.choices)
            segments.setAccessibleName(spec.label)
            segments.chosen.connect(lambda id: self.chosen.emit(name, id))
            label = QLabel(spec.label).sizeHint().width()
            if label + 12 + wide <= room:
                return labelled(spec, segments), segments.set_value
            return segments, segments.set_value
        chooser = Chooser(spec.choices)
        chooser.setToolTip(spec.help)
        chooser.setAccessibleName(spec.label)
        chooser.chosen.connect(lambda id: self.chosen.emit(name, id))
        chooser.setMinimumContentsLength(6)
        chooser.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        return labelled(spec, chooser), chooser.set_value

    def _typed(self, name: str, spec: Spec) -> tuple[QWidget, Callable[[Any], None]]:
        field = NumberField(name, spec)
        field.value_chosen.connect(lambda value: self.chosen.emit(name, value))
        complaint = text("", "complaint", wrap=True)
        complaint.hide()
        field.complained.connect(complaint.setText)
        field.complained.connect(lambda sentence: complaint.setVisible(bool(sentence)))
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        label = text(spec.label)
        label.setToolTip(spec.help)
        grid.addWidget(label, 0, 0)
        grid.addWidget(field, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(complaint, 1, 0, 1, 2)
        return row, field.set_value


def labelled(spec: Spec, widget: QWidget) -> QWidget:
    """A row: the label at the left, the widget at the right."""
    row = QWidget()
    row.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    label = text(spec.label)
    label.setToolTip(spec.help)
    widget.setToolTip(spec.help)
    widget.setAccessibleName(spec.label)
    line.addWidget(label)
    line.addStretch(1)
    line.addWidget(widget)
    return row
