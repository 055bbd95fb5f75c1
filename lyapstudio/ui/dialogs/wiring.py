"""Who listens to whom: a recipe, its parameters, and what comes of it while they change."""

from __future__ import annotations

import secrets
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.analysis.wired import Wired, look
from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice
from lyapstudio.ui.dialogs.frame import LARGEST, DialogFrame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.dialogs.wiring_words import (
    FACTS,
    degrees_line,
    fact_texts,
    isolation_line,
    matrix_line,
    neuron_line,
    size_line,
    symmetry_line,
)
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.form import ROOM, Form
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.preview_wiring import DegreeBars, MatrixPicture, SheetPicture
from lyapstudio.weights.wiring import Wiring, wirings

TIP = "Wire the network like this and start anew; undo brings the old wiring back (Enter)."
PAUSE_MS = 30
"""The preview follows a drag in steps of so long."""
SLOW_MS = 400
"""What takes longer is announced."""
WAITING = "Making the preview …"


class WiringDialog(DialogFrame):
    """A recipe for a network of rows x cols; once it was accepted, `wiring` is the answer."""

    def __init__(self, wiring: Wiring, rows: int, cols: int, parent: QWidget | None = None) -> None:
        caption = f"For this network of {rows} × {cols} neurons. Change anything and watch the "
        caption += "pictures; the network is rewired when you accept."
        super().__init__(
            "Who listens to whom", parent, caption=caption, main="Wire", tip=TIP, width=1100
        )
        self.rows, self.cols = rows, cols
        self.shown: Wired | None = None
        self._wiring = wiring
        self._left: dict[str, Wiring] = {}  # recipes as they were when another was chosen
        self._neuron: tuple[float, float] = (0.5, 0.5)  # of the sheet's rows and columns
        recipes = [Choice(id, cls.title) for id, cls in wirings().items()]
        self.chooser = Chooser(recipes)
        self.chooser.setToolTip("The recipe by which the connections are made.")
        self.chooser.setAccessibleName("Recipe")
        self.chooser.set_value(wiring.id)
        self.form: Form | None = None
        self._place = QVBoxLayout()
        self.common = Form(wiring, names=tuple(Wiring.specs()))
        self.dice = IconButton("ph.dice-five", "Another draw by the same recipe")
        self.about = text("", wrap=True)
        self.sheet, self.matrix, self.bars = SheetPicture(), MatrixPicture(), DegreeBars()
        self.reads = {name: text("", "caption", wrap=True) for name in ("sheet", "matrix", "bars")}
        self.facts = {name: text("–", "title") for name in FACTS}
        self.symmetry = text("", wrap=True)
        self.note = text("", "caption", wrap=True)
        self.warning = text("", "complaint", wrap=True)
        self._looking = Latest(self)
        self._pause, self._slow = _timer(self, PAUSE_MS), _timer(self, SLOW_MS)
        self._lay_out()
        self._connect()
        self._show_recipe()
        self.chooser.setFocus()
        self.resize(min(theme().px(1100), LARGEST[0]), LARGEST[1])  # the pictures take what is left

    @property
    def wiring(self) -> Wiring:
        """The recipe with its parameters as they stand."""
        return self._wiring

    # --- how it is laid out

    def _lay_out(self) -> None:
        self._place.setContentsMargins(0, 0, 0, 0)
        common = Section("For every recipe")
        common.add_tool(self.dice)
        common.add(self.common)
        column = QWidget()
        column.setFixedWidth(theme().px(ROOM))
        left = QVBoxLayout(column)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(16)
        left.addWidget(self.chooser)
        left.addLayout(self._place)
        left.addWidget(common)
        left.addStretch(1)
        scroll = _scrolled(column)
        scroll.setFixedWidth(theme().px(ROOM + 14))
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addLayout(self._pictures(), 3)
        right.addLayout(self._figures())
        for line in (self.symmetry, self.warning, self.note):
            right.addWidget(line)
        self.warning.hide()
        self.note.hide()
        about = _scrolled(self.about)
        about.setMinimumHeight(theme().px(56))
        about.setMaximumHeight(theme().px(136))
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        right.addWidget(about, 2)
        row = QHBoxLayout()
        row.setSpacing(22)
        row.addWidget(scroll)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def _pictures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setRowStretch(1, 1)
        parts = {"sheet": self.sheet, "matrix": self.matrix, "bars": self.bars}
        for k, (name, picture) in enumerate(parts.items()):
            read = self.reads[name]
            read.setMinimumHeight(2 * read.fontMetrics().lineSpacing() + 2)  # it must not jump
            read.setAlignment(Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text(HEADINGS[name], "section"), 0, k)
            grid.addWidget(picture, 1, k)
            grid.addWidget(read, 2, k)
            grid.setColumnStretch(k, 1)
        return grid

    def _figures(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(24)
        for name, label in self.facts.items():
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(label)
            words = text(name, "caption")
            words.setToolTip(FACTS[name])
            label.setToolTip(FACTS[name])
            column.addWidget(words)
            row.addLayout(column, 1)
        return row

    def _connect(self) -> None:
        self.chooser.chosen.connect(self._choose)
        self._follow(self.common)
        self.dice.clicked.connect(lambda: self._set("seed", secrets.randbelow(10_000)))
        self.sheet.picked.connect(self._pick)
        self._pause.timeout.connect(self._ask)
        self._slow.timeout.connect(lambda: self._say(WAITING))
        self._looking.arrived.connect(self._show)
        self._looking.failed.connect(self._refuse)
        self.finished.connect(self._stop)

    def _follow(self, form: Form) -> None:
        form.changing.connect(self._set)
        form.chosen.connect(self._set)

    # --- the recipe

    def _choose(self, id: str) -> None:
        """Another recipe, as it was left; what all have in common goes along."""
        if id == self._wiring.id:
            return
        self._left[self._wiring.id] = self._wiring
        common = {name: getattr(self._wiring, name) for name in Wiring.specs()}
        self._wiring = self._left.get(id, wirings()[id]()).changed(**common)
        self._show_recipe()

    def _show_recipe(self) -> None:
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        names = [name for name in self._wiring.specs() if name not in Wiring.specs()]
        if names:
            self.form = Form(self._wiring, names=names)
            self._follow(self.form)
            self._place.addWidget(self.form)
        _, _, words = self._wiring.about.rpartition("</h3>")
        self.about.setText(words)
        self._ask()

    def _set(self, name: str, value: Any) -> None:
        wiring = self._wiring.changed(**{name: value})
        if wiring == self._wiring:
            return
        self._wiring = wiring
        for form in (self.form, self.common):
            if form is not None:
                form.set_params(wiring)
        if not self._pause.isActive():  # not begun again by every move: a drag is followed
            self._pause.start()

    # --- the preview

    def _ask(self) -> None:
        wiring, rows, cols = self._wiring, self.rows, self.cols
        self._slow.start()
        self._looking.ask(lambda report: look(wiring, rows, cols, report))

    def _show(self, found: Wired) -> None:
        self._slow.stop()
        self.shown = found
        self.complain("")
        self.main.setEnabled(True)
        self.matrix.show_blocks(found.blocks, found.rows * found.cols)
        self.bars.show_degrees(found.degrees)
        self._show_neuron()
        for name, words in fact_texts(found).items():
            self.facts[name].setText(words)
        self.reads["matrix"].setText(matrix_line(found, self.matrix.level))
        self.reads["bars"].setText(degrees_line(found))
        self.symmetry.setText(symmetry_line(found))
        self._warn(isolation_line(found))
        self._say(size_line(found, self.rows, self.cols))

    def _refuse(self, sentence: str) -> None:
        self._slow.stop()
        self._say("The pictures still show the wiring before." if self.shown is not None else "")
        self.complain(sentence)
        self.main.setEnabled(False)

    def _say(self, sentence: str) -> None:
        _fill(self.note, sentence)

    def _warn(self, sentence: str) -> None:
        _fill(self.warning, sentence)

    def _show_neuron(self) -> None:
        found = self.shown
        if found is None:
            return
        row, col = (
            min(int(part * side), side - 1)
            for part, side in zip(self._neuron, (found.rows, found.cols), strict=True)
        )
        neuron = row * found.cols + col
        heard = found.heard(neuron)
        self.sheet.show_heard(found.rows, found.cols, neuron, heard, found.wiring.own)
        words = neuron_line(found, neuron, len(heard))
        if self.sheet.enlarges:
            words += " The corner enlarges what is near."
        self.reads["sheet"].setText(words)

    def _pick(self, neuron: int) -> None:
        if self.shown is not None:
            row, col = divmod(neuron, self.shown.cols)
            self._neuron = (row + 0.5) / self.shown.rows, (col + 0.5) / self.shown.cols
            self._show_neuron()

    def _stop(self) -> None:
        for timer in (self._pause, self._slow):
            timer.stop()
        self._looking.close()

    def accept(self) -> None:
        """Close, unless there would be too many connections: that is said here."""
        try:
            self._wiring.admit(self.rows, self.cols)
        except UserError as error:
            self._refuse(str(error))
            return
        super().accept()


HEADINGS = {
    "sheet": "Whom one neuron hears",
    "matrix": "Who hears whom",
    "bars": "How many others each one hears",
}


def _fill(label: QLabel, sentence: str) -> None:
    label.setText(sentence)
    label.setVisible(bool(sentence))


def _timer(parent: QWidget, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer


def _scrolled(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
