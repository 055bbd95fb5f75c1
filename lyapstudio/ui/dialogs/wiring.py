"""Who listens to whom: a recipe, its parameters, and what comes of it while they change."""

from __future__ import annotations

import secrets
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
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
from lyapstudio.ui.numerals import figure, place, whole
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.form import ROOM, Form
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.preview_wiring import DegreeBars, MatrixPicture, SheetPicture
from lyapstudio.weights.cost import size_text
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
        common = Section("Whatever the recipe")
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
        right.addLayout(self._pictures(), 1)
        right.addLayout(self._figures())
        for line in (self.symmetry, self.warning, self.note):
            right.addWidget(line)
        self.warning.hide()
        self.note.hide()
        about = _scrolled(self.about)
        about.setFixedHeight(theme().px(120))
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        right.addWidget(about)
        row = QHBoxLayout()
        row.setSpacing(22)
        row.addWidget(scroll)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def _pictures(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(24)
        parts = {"sheet": self.sheet, "matrix": self.matrix, "bars": self.bars}
        for name, picture in parts.items():
            column = QVBoxLayout()
            column.setSpacing(6)
            column.addWidget(text(HEADINGS[name], "section"))
            column.addWidget(picture, 1)
            read = self.reads[name]
            read.setMinimumHeight(2 * read.fontMetrics().lineSpacing() + 2)  # it must not jump
            read.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addWidget(read)
            row.addLayout(column, 1)
        return row

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
        self.reads["sheet"].setText(neuron_line(found, neuron, len(heard)))

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

FACTS = {
    "connections": "Every direction counts: a symmetric pair has two.",
    "a neuron, on average": "How many others a neuron hears.",
    "of all pairs": "How full the matrix is.",
    "of memory": "For the weights along these connections and the lists of who hears whom.",
}


def fact_texts(found: Wired) -> dict[str, str]:
    """Caption of `FACTS` -> its value."""
    about = "" if found.full else "≈ "
    count = whole(round(found.count)) if found.full else millions(found.count)
    values = (
        about + count,
        about + figure(found.mean, 1),
        percent(found.share),
        f"about {size_text(found.nbytes)}",
    )
    return dict(zip(FACTS, values, strict=True))


def percent(share: float) -> str:
    """Two figures below one per cent, one decimal above, and 100 only for all."""
    value = 100 * share
    if value >= 1:
        value = min(round(value, 1), 99.9) if share < 1 else 100.0
        return f"{figure(value, 0 if value == round(value) else 1)} %"
    return f"{figure(float(f'{value:.2g}'))} %"


def millions(count: float) -> str:
    """Like "52.2 million"."""
    return f"{figure(count / 1e6, 1)} million"


def neuron_line(found: Wired, neuron: int, heard: int) -> str:
    """Like "Row 14, column 14 hears 48 others. Click on another one."."""
    row, col = place(neuron, found.cols)
    itself = " and itself" if found.wiring.own else ""
    others = f"{whole(heard) if heard else 'no'} other{'' if heard == 1 else 's'}"
    return (
        f"The neuron in row {whole(row)}, column {whole(col)} (framed) hears {others}{itself}. "
        "Click on another one."
    )


def matrix_line(found: Wired, level: float) -> str:
    """How the matrix is to be read."""
    N = found.rows * found.cols
    if len(found.blocks) == N:
        return "A row for each neuron, marked in the column of everyone it hears."
    side = N / len(found.blocks)
    wide = figure(side, 0 if side >= 10 or side == round(side) else 1)
    return (
        f"Row: who listens; column: to whom. One dot: {wide} × {wide} pairs, "
        f"{percent(level)} of them connected at most."
    )


def degrees_line(found: Wired) -> str:
    """The least and the most."""
    low, high = int(found.degrees.min()), int(found.degrees.max())
    if low == high:
        return f"Every neuron hears exactly {whole(low)}."
    return f"From {whole(low)} to {whole(high)}. A bar is tall where many neurons hear so many."


def symmetry_line(found: Wired) -> str:
    """Whether the energy is a Lyapunov function, and why not."""
    w = found.wiring
    lost = "so the energy is no Lyapunov function and may rise."
    if not found.symmetric:
        return f"<b>Not symmetric</b>: some hear a neuron that does not hear them, {lost}"
    broken = []
    if w.antisymmetry:
        broken.append(f"an antisymmetric part of k = {figure(w.antisymmetry, 2)} is added")
    if w.inhibitory:
        broken.append("Dale’s law takes weights away in one direction only")
    if broken:
        return f"<b>Connected both ways, with unequal weights</b>: {' and '.join(broken)}, {lost}"
    return (
        "<b>Symmetric</b>: whoever is heard hears back, so the energy is a Lyapunov function if "
        "the weights are symmetric, too."
    )


def isolation_line(found: Wired) -> str:
    """A warning where neurons are on their own, or ""."""
    alone, few = found.isolated, ""
    if not alone:
        return ""
    if not found.full:
        few = f" of the {whole(found.rows * found.cols)} that are shown"
    if alone == 1:
        return (
            f"One neuron{few} is isolated: it hears nobody, and nobody hears it. It keeps its "
            "state for ever; choose more connections."
        )
    return (
        f"{whole(alone)} neurons{few} are isolated: they hear nobody, and nobody hears them. "
        "They keep their state for ever; choose more connections."
    )


def size_line(found: Wired, rows: int, cols: int) -> str:
    """That the pictures show a smaller sheet, or ""."""
    if found.full:
        return ""
    return (
        f"{rows} × {cols} neurons would have about {millions(found.count)} connections, "
        f"too many to be made for a look. The pictures show the same recipe on a sheet of "
        f"{found.rows} × {found.cols}; the four figures are those of the whole network."
    )


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
