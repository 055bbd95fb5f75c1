"""The tools for weights: what the mouse does to them, by how much, and where."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.param import Choice, Spec
from lyapstudio.ui.panels.modes import GRAPH, MATRIX, NEURONS, WEIGHTS
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.switch import Switch
from lyapstudio.ui.parts.text import Elided, text

DRAW, SILENCE, WAKE = "draw", "silence", "wake"
STRONGER, WEAKER, SET, CUT, BUNDLE = "stronger", "weaker", "set", "cut", "bundle"
STATES = (
    Choice(DRAW, "Draw", "Left paints neurons on, right paints them off."),
    Choice(SILENCE, "Silence", "Lesion neurons: they neither listen nor tell any more."),
    Choice(WAKE, "Wake", "Silenced neurons take part again."),
)
CHANGES = (
    Choice(STRONGER, "Stronger", "Left adds to a weight, right takes away; once a stroke."),
    Choice(WEAKER, "Weaker", "Left takes away from a weight, right adds; once a stroke."),
    Choice(SET, "Set", "Left gives a weight this value, right its negative."),
    Choice(CUT, "Cut", "The connection is gone: its weight is 0."),
)
GROUPS = Choice(BUNDLE, "Bundle", "Paint two groups, then connect or cut all pairs between them.")
SIZES = tuple(Choice(str(n), str(n), f"A brush of {n} neurons across.") for n in (1, 3, 5, 9))
WAYS = (
    Choice("into", "Into", "The weights with which this neuron listens to the others."),
    Choice("out", "Out of", "The weights with which the others listen to this neuron."),
)
VALUE = Spec(
    "number",
    0.1,
    "Weight",
    "How much stronger or weaker, or the value that a weight is set to.",
    -100.0,
    100.0,
    decimals=6,
)
LOCK = "Symmetric lock: the opposite weight changes with it, and the function stays guaranteed."


class EditTools(QWidget):
    """Rows of tools for the mode on the screen; whoever holds it reads `tool`, `value`, `both`."""

    tool_chosen = Signal(str)
    way_chosen = Signal(bool)
    brush_chosen = Signal(int)
    layout_chosen = Signal(str)
    bundle_asked = Signal(bool)
    forget_groups = Signal()
    clear_asked = Signal()
    wake_all = Signal()

    def __init__(self, layouts: tuple[Choice, ...]) -> None:
        super().__init__()
        self._mode, self._typed = NEURONS, False
        self.states = Segmented(STATES)
        self.states.set_value(DRAW)
        self.weights = Segmented((*CHANGES, GROUPS))
        self.weights.set_value(STRONGER)
        self.cells = Segmented(CHANGES)
        self.cells.set_value(STRONGER)
        self.layouts = Segmented(layouts)
        self.layouts.set_value(layouts[0].id)
        self.field = NumberField("weight", VALUE)
        self.sizes = Segmented(SIZES)
        self.sizes.set_value("1")
        self.ways = Segmented(WAYS)
        self.ways.set_value("into")
        self.lock = Switch()
        self.lock.setChecked(True)
        self.lock.setToolTip(LOCK)
        self.lock.setAccessibleName("Symmetric lock")
        self.connect_all = TextButton("Connect", tooltip="All pairs get this weight.")
        self.cut_all = TextButton("Cut", tooltip="No pair of the two groups is connected.")
        self.forget = TextButton("Forget groups", "link", tooltip="Paint other groups.")
        self.clear = TextButton("", "link", tooltip="Weights as rule and wiring made them.")
        self.wake = TextButton("Wake all", "link", tooltip="No neuron is silenced any more.")
        self.reading = Elided("", "caption")
        self._complaint = text("", "complaint", wrap=True)
        self._complaint.hide()
        self._rows: dict[str, QWidget] = {}
        self._lay_out()
        self._connect()
        self.set_mode(NEURONS)

    def _lay_out(self) -> None:
        value = _labelled("Weight", self.field)
        both = _labelled("Both ways", self.lock)
        brush = _labelled("Brush", self.sizes)
        self._parts = {"value": value, "both": both, "brush": brush}
        first, second, third = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for track in (self.states, self.weights, self.cells, self.layouts, self.ways):
            first.addWidget(track)
        for button in (self.connect_all, self.cut_all):
            first.addWidget(button)
        first.addStretch(1)
        for part in (value, brush, both):
            second.addWidget(part)
        second.addStretch(1)
        third.addWidget(self.reading, 1)
        third.addWidget(self.forget)
        third.addWidget(self.wake)
        third.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(8)
        for row in (first, second, third):
            row.setSpacing(12)
            column.addLayout(row)
        column.addWidget(self._complaint)
        column.addStretch(1)

    def _connect(self) -> None:
        for tools in (self.states, self.weights, self.cells):
            tools.chosen.connect(self._tool_chosen)
        self.ways.chosen.connect(lambda id: self.way_chosen.emit(id == "out"))
        self.sizes.chosen.connect(lambda id: self.brush_chosen.emit(int(id)))
        self.layouts.chosen.connect(self.layout_chosen)
        self.connect_all.clicked.connect(lambda: self.bundle_asked.emit(True))
        self.cut_all.clicked.connect(lambda: self.bundle_asked.emit(False))
        self.forget.clicked.connect(self.forget_groups)
        self.clear.clicked.connect(self.clear_asked)
        self.wake.clicked.connect(self.wake_all)
        self.field.complained.connect(self._complain)
        self.field.value_chosen.connect(lambda *_: setattr(self, "_typed", True))

    # what is asked of it

    @property
    def tool(self) -> str:
        """What the mouse does."""
        tools = {NEURONS: self.states, WEIGHTS: self.weights, MATRIX: self.cells}
        return tools[self._mode].value if self._mode in tools else SET

    @property
    def value(self) -> float | None:
        """The weight in the field; None while it is wrong."""
        return None if self.field.wrong else self.field.value

    @property
    def both(self) -> bool:
        return self.lock.isChecked()

    @property
    def brush(self) -> int:
        return int(self.sizes.value)

    def suggest(self, size: float) -> None:
        """A value that shows against the weights that are there; what was typed stays."""
        if not self._typed and size > 0:
            self.field.set_value(float(f"{size:.1g}"))

    def suggest_anew(self) -> None:
        """Another network: what was typed for the old one is of no use."""
        self._typed = False

    def draw_again(self) -> None:
        """The mouse draws on the state of the neurons, and silences none."""
        self.states.set_value(DRAW)

    def set_mode(self, mode: str) -> None:
        """Show the tools of this mode."""
        self._mode = mode
        self.states.setVisible(mode == NEURONS)
        self.weights.setVisible(mode == WEIGHTS)
        self.cells.setVisible(mode == MATRIX)
        self.layouts.setVisible(mode == GRAPH)
        self._show_rows()

    def show_counts(self, edited: int, silenced: int) -> None:
        """How much there is to take back."""
        self.clear.setVisible(edited > 0)
        self.clear.setText(f"Take {edited:,} edit{'s' if edited > 1 else ''} back")
        self.wake.setVisible(silenced > 0)
        self.wake.setText(f"Wake {silenced:,}")

    def read(self, words: str) -> None:
        """What lies under the pointer, or what to do."""
        self.reading.setText(words)

    def _tool_chosen(self, id: str) -> None:
        self._show_rows()
        self.tool_chosen.emit(id)

    def _show_rows(self) -> None:
        tool, neurons = self.tool, self._mode == NEURONS
        bundle = self._mode == WEIGHTS and tool == BUNDLE
        self._parts["value"].setVisible(not neurons and tool != CUT)
        self._parts["both"].setVisible(not neurons)
        self._parts["brush"].setVisible(self._mode != GRAPH)
        self.ways.setVisible(self._mode == WEIGHTS and not bundle)  # groups say who listens
        for part in (self.connect_all, self.cut_all, self.forget):
            part.setVisible(bundle)

    def _complain(self, sentence: str) -> None:
        self._complaint.setText(sentence)
        self._complaint.setVisible(bool(sentence))


def _labelled(words: str, part: QWidget) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    line.addWidget(text(words), 0, Qt.AlignmentFlag.AlignVCenter)
    line.addWidget(part)
    return row
