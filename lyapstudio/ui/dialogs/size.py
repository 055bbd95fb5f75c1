"""Another size for the network: what it costs is said before it is done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Spec
from lyapstudio.document import resample
from lyapstudio.document.nouns import MAX_SIDE, Document
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.dialogs.progress import run_job
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.weights.build import demand
from lyapstudio.weights.cost import choose, memory_limit, size_text

TIP = "Change the size and start anew; undo brings the old one back exactly (Enter)."
PRESETS = (8, 16, 28, 64, 128, 256, 1024)
PER_ROW = 4
ROWS = Spec(
    "integer", 28, "The number of rows", "Neurons from top to bottom.", 1, MAX_SIDE, decimals=0
)
COLS = Spec(
    "integer", 28, "The number of columns", "Neurons from left to right.", 1, MAX_SIDE, decimals=0
)


class SizeDialog(DialogFrame):
    """Rows × columns; accepting edits the document through the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Size of the network", parent, main="Resize", tip=TIP, width=440)
        self.session = session
        setup = session.setup
        self.row_field, self.col_field = NumberField("rows", ROWS), NumberField("cols", COLS)
        self.row_field.set_value(setup.rows)
        self.col_field.set_value(setup.cols)
        self.square = IconButton(
            "ph.link-bold", "Keep it square: both sides change together", checkable=True
        )
        self.square.setChecked(setup.rows == setup.cols)
        self.cost = text("", "value", wrap=True)
        self.fate = text("", "caption", wrap=True)
        self._wrong = self._refusal = ""
        self._lay_out()
        self._connect()
        self._weigh()
        self.row_field.setFocus()
        self.row_field.selectAll()

    @property
    def rows(self) -> int:
        return int(self.row_field.value)

    @property
    def cols(self) -> int:
        return int(self.col_field.value)

    def _lay_out(self) -> None:
        sides = QHBoxLayout()
        sides.setSpacing(8)
        for label, field in (("Rows", self.row_field), ("Columns", self.col_field)):
            if label == "Columns":
                sides.addWidget(self.square)
            sides.addWidget(text(label))
            sides.addWidget(field)
        sides.addStretch(1)
        self.body.addLayout(sides)
        grid = QGridLayout()
        grid.setSpacing(8)
        self.presets: dict[int, TextButton] = {}
        for k, side in enumerate(PRESETS):
            button = self._button(f"{side} × {side}", "plain")
            button.setToolTip(f"A square network of {whole(side * side)} neurons")
            button.clicked.connect(lambda _=False, side=side: self.set_size(side, side))
            self.presets[side] = button
            grid.addWidget(button, k // PER_ROW, k % PER_ROW)
        self.body.addLayout(grid)
        self.body.addSpacing(4)
        self.body.addWidget(self.cost)
        self.body.addWidget(self.fate)
        for line in (self.cost, self.fate):  # two lines each: the dialog must not jump
            line.setMinimumHeight(2 * line.fontMetrics().lineSpacing() + 2)
            line.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _connect(self) -> None:
        self.row_field.value_chosen.connect(lambda value: self._chosen(self.col_field, value))
        self.col_field.value_chosen.connect(lambda value: self._chosen(self.row_field, value))
        for field in (self.row_field, self.col_field):
            field.complained.connect(self._complained)
        self.square.toggled.connect(lambda on: self.set_size(self.rows, self.rows) if on else None)

    def set_size(self, rows: int, cols: int) -> None:
        """Choose a size, as a preset does."""
        self.square.setChecked(self.square.isChecked() and rows == cols)
        for field, value in ((self.row_field, rows), (self.col_field, cols)):
            field.setModified(False)
            field.set_value(value)
            field.complained.emit("")
        self._weigh()

    def _chosen(self, other: NumberField, value: float) -> None:
        if self.square.isChecked():
            other.set_value(value)
        self._weigh()

    def _complained(self, sentence: str) -> None:
        self._wrong = sentence
        self._show_state()

    def _weigh(self) -> None:
        """What this size costs and does, before anything is done."""
        rows, cols, document = self.rows, self.cols, self.session.document
        self.complain("")
        try:
            self.cost.setText(cost_line(document, rows, cols))
            self._refusal = ""
        except UserError as error:
            self.cost.setText(f"{whole(rows * cols)} neurons")
            self._refusal = str(error)
        self.fate.setText(fate_line(document, rows, cols))
        self._show_state()

    def _show_state(self) -> None:
        sentence = self._wrong or self._refusal
        self.complain(sentence)
        self.main.setEnabled(not sentence)

    def accept(self) -> None:
        """Resample in a thread, then one edit; a refusal is said here."""
        if self._wrong or self._refusal:
            return
        before, rows, cols = self.session.document, self.rows, self.cols

        def work(report: Callable[[float], None]) -> Document:
            return resample.resize(before, rows, cols, report)

        try:
            ready = run_job(self, f"Resampling to {rows} × {cols} …", work)
        except UserError as error:
            self.complain(str(error))
            return
        if ready is None:
            return
        changed = self.session.edit(
            lambda d: ready if d is before else resample.resize(d, rows, cols),
            f"resize to {rows} × {cols}",
        )
        if changed:
            super().accept()


def cost_line(document: Document, rows: int, cols: int) -> str:
    """Like "784 neurons, 8 memories. Weights, dense: 2.5 MB. Patterns: 6.3 kB."

    Raises
    ------
    UserError : fewer than two neurons, or more than this computer can hold
    """
    N, setup = rows * cols, document.setup
    if N < 2:
        raise UserError("A network needs at least two neurons.")
    held, limit = N * len(document.patterns), memory_limit()
    if held > limit:
        raise UserError(
            f"{whole(len(document.patterns))} patterns of {whole(N)} neurons need "
            f"{size_text(held)}, more than the {size_text(limit)} that this computer can give. "
            "Choose a smaller size."
        )
    stored = len(document.memories)
    line = f"{whole(N)} neurons, {whole(stored)} memor{'y' if stored == 1 else 'ies'}."
    if setup.model.uses_rule:
        wanted = demand(setup.rule, setup.wiring, stored, rows, cols, dreams=len(setup.dreams))
        line += f" Weights, {choose(wanted).line}."
    return f"{line} Patterns: {size_text(held)}."


def fate_line(document: Document, rows: int, cols: int) -> str:
    """What happens to the patterns."""
    setup = document.setup
    if (rows, cols) == (setup.rows, setup.cols):
        return f"This is the present size, {rows} × {cols}."
    now = f"Now {setup.rows} × {setup.cols}. "
    if not document.patterns:
        return now + "There are no patterns to resample."
    loss = "loses detail" if rows * cols < setup.N else "keeps its shape"
    return f"{now}Every pattern is resampled and {loss}; Undo brings all of it back exactly."
