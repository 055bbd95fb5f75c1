"""A number that is typed: a decimal comma is accepted, a wrong value turns red and stays."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from lyapstudio.core.param import ParamError, Spec
from lyapstudio.ui.numerals import spoken
from lyapstudio.ui.parts.text import restyle
from lyapstudio.ui.theme import theme


class NumberField(QLineEdit):
    """Shows and reads one declared number.

    `value_chosen` only when a right value was confirmed; `complained` carries the sentence that
    says the range, or "" when all is well again.
    """

    value_chosen = Signal(object)
    complained = Signal(str)

    def __init__(
        self,
        name: str,
        spec: Spec,
        *,
        flat: bool = False,
        width: int = 96,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._spec = name, spec
        self._value: float = spec.default
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setProperty("flat", flat)
        self.setProperty("wrong", False)
        self.setToolTip(spec.help)
        self.setAccessibleName(spec.label)
        self._flat, self._wide = flat, 92 if flat else width
        if flat:
            self.setTextMargins(0, 0, -4, 0)  # its digits end where the track ends
        self.textEdited.connect(self._check)
        self.editingFinished.connect(self._confirm)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.set_value(spec.default)

    @property
    def value(self) -> float:
        return self._value

    @property
    def wrong(self) -> bool:
        return bool(self.property("wrong"))

    def set_value(self, value: float) -> None:
        """Show a value; what somebody is typing is not overwritten unless it changed."""
        same = value == self._value and bool(self.text())
        self._value = value
        if not (same and (self.wrong or self.isModified())):
            self.setText(spoken(self._spec, value))
            self._complain("")
        if self._flat:
            self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.wrong or self.isModified()):
            self.setText(spoken(self._spec, self._value))
            self._complain("")
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def _read(self) -> float:
        words = self.text().strip()
        if self._spec.unit:
            words = words.removesuffix(self._spec.unit)
        if self._spec.percent and not words.endswith("%"):
            words += "%"  # a bare 36 in a field that shows per cent means 36 %
        return self._spec.parse(self._name, words)

    def _check(self) -> None:
        try:
            self._read()
        except ParamError as error:
            self._complain(str(error))
        else:
            self._complain("")

    def _confirm(self) -> None:
        if not self.isModified():
            return
        try:
            value = self._read()
        except ParamError as error:
            self._complain(str(error))
            return
        changed = value != self._value
        self._value = value
        self.setText(spoken(self._spec, value))
        if changed:
            self.value_chosen.emit(value)

    def _complain(self, sentence: str) -> None:
        if self.wrong != bool(sentence):
            restyle(self, wrong=bool(sentence))
        self.complained.emit(sentence)

    def _restyle(self) -> None:
        self.setFixedWidth(theme().px(self._wide))
        self.setFixedHeight(theme().px(22 if self._flat else 30))
