"""Weights from a file: what they are, and what they mean for the Lyapunov function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from lyapstudio.document.given import Given
from lyapstudio.document.weight_files.bounds import WrongSizeError
from lyapstudio.document.weight_files.glance import Glance, WeightOptions, glance, prepared
from lyapstudio.document.weight_files.read import read_weights
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.dialogs.preview import Preview
from lyapstudio.ui.dialogs.progress import PATIENCE_MS
from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

TIP = "Use these weights instead of those of the learning rule; undo brings them back (Enter)."
CAPTION = (
    "Rows listen and columns are listened to: the weight in row <i>i</i>, column <i>j</i> leads "
    "from neuron <i>j</i> to neuron <i>i</i>."
)
FACTS = ("Neurons", "Connections", "Self-couplings", "Weights", "Symmetry")
FOLLOW_MS = 50
SIDE = 360
"""Of the picture, px."""
FALLS = (
    "The weights are symmetric: while one neuron is asked at a time the energy can only fall. It "
    "is a Lyapunov function."
)
WANDERS = (
    "A Lyapunov function needs symmetric weights. With these the energy may rise, and the network "
    "may go in circles or wander. Symmetrise them, or use them as they are and watch."
)
OWN = (
    " A neuron whose weight to itself is below 0 can raise the energy by its own flip: remove the "
    "diagonal to be sure."
)


class ImportWeightsDialog(DialogFrame):
    """Reads a file in the background and shows what it holds.

    Once it was accepted `given` are the weights, as they are or as the switches say.
    `wrong_size` tells how many neurons a file has that has another number than the network.
    """

    def __init__(
        self, path: str | Path, rows: int, cols: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            "Weights from a file", parent, caption=CAPTION, main="Use", tip=TIP, width=780
        )
        self.path, self.N = Path(path), rows * cols
        self.options = WeightOptions()
        self.read: Given | None = None
        self.seen: Glance | None = None
        self.wrong_size: WrongSizeError | None = None
        self._first: Glance | None = None
        self._fraction = 0.0
        self.picture = Preview("The weights", SIDE)
        self.colours, self.scale = ColourBar(), text("", "caption", wrap=True)
        self.name = text(self.path.name, "section", wrap=True)
        self.values = {fact: text("–", "value", wrap=True) for fact in FACTS}
        self.notes, self.meaning = text("", "caption", wrap=True), text("", wrap=True)
        self.form = Form(WeightOptions)
        self.progress = QWidget()
        self.bar = QProgressBar()
        self._lay_out()
        self._reading = Latest(self)
        self._patience, self._follow = QTimer(self), QTimer(self)
        self._connect()
        self._show_seen()
        self._patience.start()
        self._follow.start()
        self._reading.ask(self._read)

    @property
    def given(self) -> Given | None:
        """What was read, and changed as it was asked for."""
        return self.seen.given if self.seen else None

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        self.picture.setFixedSize(theme().px(SIDE), theme().px(SIDE))
        left.addWidget(self.picture)
        left.addWidget(self.colours)
        left.addWidget(self.scale)
        left.addStretch(1)
        for line in (self.scale, self.colours):
            line.setFixedWidth(theme().px(SIDE))
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.name)
        right.addLayout(self._facts())
        right.addWidget(self.notes)
        right.addWidget(self.meaning)
        right.addWidget(self.form)
        right.addStretch(1)
        right.addWidget(self.progress)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Reading")
        busy = QHBoxLayout(self.progress)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.addWidget(text("Reading …", "caption"))
        busy.addWidget(self.bar, 1)
        self.progress.hide()
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(left)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def _facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        grid.setHorizontalSpacing(16)
        for k, (fact, value) in enumerate(self.values.items()):
            label: QLabel = text(fact)
            grid.addWidget(label, k, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, k, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _connect(self) -> None:
        self._reading.arrived.connect(self._arrived)
        self._reading.failed.connect(self._refuse)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self.progress.show)
        self._follow.setInterval(FOLLOW_MS)
        self._follow.timeout.connect(self._show_progress)
        self.form.chosen.connect(self._set)
        self.finished.connect(self._end)

    def _read(self, report: Callable[[float], None]) -> tuple[Given, Glance] | WrongSizeError:
        """In a thread: the file, and what is seen of it."""

        def tell(fraction: float) -> None:
            self._fraction = fraction
            report(fraction)

        try:
            given = read_weights(self.path, self.N, lambda fraction: tell(0.8 * fraction))
        except WrongSizeError as error:  # whoever asked may give the network that size
            return error
        return given, glance(given, lambda fraction: tell(0.8 + 0.2 * fraction))

    def _arrived(self, result: tuple[Given, Glance] | Glance | WrongSizeError) -> None:
        self._settle()
        if isinstance(result, WrongSizeError):
            self.wrong_size = result
            self._refuse(str(result))
            return
        if isinstance(result, tuple):
            self.read, self._first = result
            result = self._first
        self.seen = result
        self._show_seen()
        if self.cancel.hasFocus():
            self.main.setFocus()

    def _refuse(self, sentence: str) -> None:
        self._settle()
        self.complain(sentence)

    def _settle(self) -> None:
        self._patience.stop()
        self._follow.stop()
        self.progress.hide()

    def _end(self) -> None:
        self._settle()
        self._reading.close()

    def _show_progress(self) -> None:
        self.bar.setRange(0, 1000 if self._fraction > 0 else 0)
        self.bar.setValue(round(1000 * self._fraction))

    def _set(self, name: str, value: Any) -> None:
        """Another choice: the old picture stays until the new one is there."""
        self.options = self.options.changed(**{name: value})
        given, options = self.read, self.options
        if given is None:
            return
        self.complain("")
        self.main.setEnabled(False)
        self._reading.ask(lambda report: glance(prepared(given, options), report))

    def _show_seen(self) -> None:
        seen, first = self.seen, self._first
        self.main.setEnabled(seen is not None)
        for part in (self.meaning, self.form, self.colours):
            part.setVisible(seen is not None)
        self.notes.setVisible(bool(self.read and self.read.notes))
        if seen is None or first is None or self.read is None:
            return
        self.notes.setText("\n".join(self.read.notes))
        for fact, words in _words(seen).items():
            self.values[fact].setText(words)
        self.meaning.setText(_meaning(seen))
        self.form.set_params(self.options)
        self.form.row("symmetrise").setVisible(first.differing > 0)
        self.form.row("hollow").setVisible(first.own > 0)
        self.form.setVisible(first.differing > 0 or first.own > 0)
        self.picture.show_signed(seen.picture)
        self.colours.set_levels(-seen.top, seen.top)
        self.scale.setText(_scale(seen))


def _words(seen: Glance) -> dict[str, str]:
    """What stands beside each of the facts."""
    N, E = seen.given.N, seen.given.count
    share = 100 * E / (N * N)
    own = "none"
    if seen.own:
        own = whole(seen.own)
        if seen.negative_own:
            own += f", {whole(seen.negative_own)} below 0"
    symmetry = "symmetric"
    if seen.differing:
        pairs = f"{whole(seen.differing)} pair{'s' if seen.differing > 1 else ''} differ"
        pairs += "" if seen.differing > 1 else "s"
        part = figure(float(f"{100 * seen.antisymmetry:.2g}"))
        symmetry = f"asymmetric: {pairs}; the antisymmetric part is {part} % of the whole"
    return {
        "Neurons": whole(N),
        "Connections": f"{whole(E)}, {figure(float(f'{share:.2g}'))} % of all",
        "Self-couplings": own,
        "Weights": _range(seen.low, seen.high),
        "Symmetry": symmetry,
    }


def _range(low: float, high: float) -> str:
    least, most = (figure(float(f"{value:.4g}")) for value in (low, high))
    return f"all {least}" if low == high else f"{least} to {most}"


def _meaning(seen: Glance) -> str:
    if not seen.given.count:
        return "There is not one connection in it: no neuron would listen to any other."
    if seen.differing:
        return WANDERS
    return FALLS if not seen.negative_own else FALLS.partition(":")[0] + "." + OWN


def _scale(seen: Glance) -> str:
    if seen.bin == 1:
        return "Each point is one weight."
    side = whole(seen.bin)
    return f"Each point is the mean of {side} × {side} weights."
