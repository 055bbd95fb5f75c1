"""One neuron's update in three tiles: 1 Listen, 2 Compare, 3 Flip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lyapstudio.core.insight import Arithmetic
from lyapstudio.ui.numerals import figure, place, whole
from lyapstudio.ui.parts.text import Elided, restyle, text
from lyapstudio.ui.theme import theme


def short(value: float) -> str:
    """A field or a change with its sign and three decimals."""
    return figure(value, 3, sign=True) if abs(value) < 1000 else figure(value, 1, sign=True)


class ArithmeticTiles(QWidget):
    """The numbers of the next update, each over a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._title = Elided("", "section")
        self._next = text("next: → key", "caption")
        header = QHBoxLayout()
        header.addWidget(self._title, 1)
        header.addWidget(self._next)
        self._tiles = [_Tile() for _ in range(3)]
        row = QHBoxLayout()
        row.setSpacing(8)
        for tile in self._tiles:
            row.addWidget(tile, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(header)
        column.addLayout(row)

    def show_arithmetic(self, a: Arithmetic, update: int | None, rows: int, cols: int) -> None:
        """What happens at `update` (None: would happen now) on a grid of rows x cols."""
        row, col = place(a.neuron, cols)
        self._title.setText(
            f"If neuron (row {row}, column {col}) were asked now"
            if update is None
            else f"Update {whole(update)}: neuron (row {row}, column {col}) is asked"
        )
        self._tiles[0].fill(
            "1  Listen",
            f"h = {short(a.field)}",
            f"What {whole(rows * cols - 1)} others say, each times its weight.",
        )
        self._tiles[1].fill("2  Compare", *_comparison(a))
        self._tiles[2].fill(*_flip(a), chosen=a.new != a.old)


class _Tile(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "tile")
        self._title = text("", "section")
        self._number = text("", "step")
        self._sentence = text("", "caption", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(2)
        for part in (self._title, self._number, self._sentence):
            column.addWidget(part)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self._sentence.setFixedHeight(theme().px(44))  # three lines: the tiles never jump

    def fill(self, title: str, number: str, sentence: str, chosen: bool = False) -> None:
        self._title.setText(title)
        self._number.setText(number)
        self._sentence.setText(sentence)
        restyle(self, kind="tilechosen" if chosen else "tile")


def _unit(state: int) -> str:
    return "+1" if state > 0 else "−1"


def _comparison(a: Arithmetic) -> tuple[str, str]:
    theta = figure(a.threshold, 3) if a.threshold else "0"
    if a.chance is not None:
        return (
            f"p = {figure(a.chance, 3)}",
            f"At this temperature it becomes +1 with probability p. It is {_unit(a.old)}.",
        )
    if a.field == a.threshold:
        return f"h = {theta}", "Exactly at the threshold, so it keeps its state."
    above = a.field > a.threshold
    wanted = 1 if above else -1
    side = "Above" if above else "Below"
    now = f"It is {_unit(a.old)}." if wanted != a.old else "It is."
    return (
        f"h {'>' if above else '<'} {theta}",
        f"{side} the threshold {theta}, so it should be {_unit(wanted)}. {now}",
    )


def _flip(a: Arithmetic) -> tuple[str, str, str]:
    if a.new == a.old:
        return "3  Stay", "ΔE = 0", f"It stays {_unit(a.old)}: nothing changes."
    rule = "ΔE = 2 s (h − θ)" if a.threshold else "ΔE = 2 s h"
    if a.change < 0:
        why = ", as it always must." if a.chance is None else "."
        return "3  Flip", f"ΔE = {short(a.change)}", f"{rule}: the flip lowers E{why}"
    way = "raises E" if a.change > 0 else "leaves E as it is"
    return "3  Flip", f"ΔE = {short(a.change)}", f"{rule}: this flip {way}."
