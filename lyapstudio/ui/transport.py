"""The bar: model, time, speed, clock, outcome."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.document import edits
from lyapstudio.models import model_id, models
from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.button import IconButton, RunButton, TextButton
from lyapstudio.ui.parts.chooser import Entry, ModelChooser
from lyapstudio.ui.parts.pill import OutcomePill
from lyapstudio.ui.parts.slider import Track
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import FULL, UNDRAWN, Session
from lyapstudio.ui.theme import theme

DECADES = 7
"""The slider spans 1 to 10^7 updates a second; the two last notches are full speed."""
PER_DECADE = 12


class SpeedDial(QWidget):
    """Slider, number and unit; the far end is as fast as it goes, without drawing."""

    chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._notches = DECADES * PER_DECADE
        self.track = Track(self._notches + 2)
        self.track.setSingleStep(1)
        self.track.setAccessibleName("Speed")
        self.track.setToolTip(
            "How fast it runs: from one update a second to as fast as it goes. "
            "The last notch does not even draw. Keys 0 to 9."
        )
        self._value, self._unit = text("", "value"), text("", "caption")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._value)
        words.addWidget(self._unit)
        words.addStretch(1)
        self._icon = IconButton("ph.gauge", "Choose a speed that suits this network", side=28)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.track)
        row.addLayout(words)
        self.fit_requested = self._icon.clicked
        self.track.valueChanged.connect(self._moved)
        self._silent = False

    def show_speed(self, speed: float, plural: str) -> None:
        """Show a speed, with its unit."""
        self._silent = True
        self.track.setValue(self._position(speed))
        self._silent = False
        if speed == UNDRAWN:
            value, unit = "full speed", "without drawing"
        elif speed == FULL:
            value, unit = "full speed", "every picture drawn"
        else:
            value, unit = figure(speed, 0), f"{plural} a second"
        self._value.setText(value)
        self._unit.setText(unit)

    def set_width(self, width: int) -> None:
        """The slider's length."""
        self.track.setFixedWidth(theme().px(width))
        self._value.setMinimumWidth(theme().px(104))

    def _position(self, speed: float) -> int:
        if speed == UNDRAWN:
            return self._notches + 2
        if speed == FULL:
            return self._notches + 1
        return round(math.log10(max(speed, 1)) * PER_DECADE)

    def _moved(self, position: int) -> None:
        if self._silent:
            return
        if position > self._notches:
            self.chosen.emit(UNDRAWN if position == self._notches + 2 else FULL)
            return
        speed = 10 ** (position / PER_DECADE)
        power = 10 ** max(0, math.floor(math.log10(speed)) - 1)
        self.chosen.emit(float(round(speed / power) * power))


class TransportBar(QWidget):
    """What a person presses while it runs."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setProperty("plane", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        entries = [Entry(id, cls.title, cls.caption, cls.icon) for id, cls in models().items()]
        self.model = ModelChooser(entries)
        self.restart = IconButton(
            "ph.skip-back-fill", "Back to the start (Home)", side=40, role="text"
        )
        self.back = IconButton(
            "ph.caret-left-fill", "One step back in the recording (←)", side=40, role="text"
        )
        self.run = RunButton()
        self.step = IconButton("ph.caret-right-fill", "One step on (→)", side=40, role="text")
        self.stride = TextButton("", "link", tooltip="What one step is")
        self.speed = SpeedDial()
        self.clock, self.count = text("", "value"), text("", "caption")
        self.pill = OutcomePill()
        self._learns = False
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(4)
        row.addWidget(self.model)
        row.addSpacing(16)
        for button in (self.restart, self.back, self.run, self.step):
            row.addWidget(button)
        row.addWidget(self.stride)
        row.addSpacing(8)
        row.addWidget(self.speed)
        row.addStretch(1)
        clock = QVBoxLayout()
        clock.setSpacing(0)
        clock.addStretch(1)
        for label in (self.clock, self.count):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            clock.addWidget(label)
        clock.addStretch(1)
        row.addLayout(clock)
        row.addSpacing(12)
        row.addWidget(self.pill)

    def set_projector(self, on: bool) -> None:
        """A class needs less of the bar."""
        for part in (self.stride, self.speed, self.count):
            part.setVisible(not on)

    def _connect(self) -> None:
        session = self.session
        self.model.chosen.connect(self._choose_model)
        self.back.clicked.connect(session.back)
        self.run.clicked.connect(session.toggle)
        self.step.clicked.connect(session.step)
        self.stride.clicked.connect(self._choose_stride)
        self.speed.chosen.connect(session.set_speed)
        self.speed.fit_requested.connect(session.fit_speed)
        session.speed_changed.connect(self._show_speed)
        session.words_due.connect(self.show_frame)
        session.document_changed.connect(self._show_document)
        session.outcome_changed.connect(self._show_outcome)
        theme().changed.connect(self._resize)
        self._resize()
        self._show_document()
        self._show_speed()

    def _resize(self) -> None:
        self.setFixedHeight(theme().px(64))
        self.speed.set_width(200 if self.width() > 1500 else 128)

    def resizeEvent(self, event: object) -> None:
        """A wide window has room for a longer slider."""
        self._resize()

    def show_frame(self, frame: Frame) -> None:
        """The clock, and whether it runs."""
        self.run.set_running(frame.running)
        strides = self.session.strides
        self.clock.setText(f"{strides[0].label} {whole(frame.update)}")
        if frame.facts:
            self._show_learning(frame)
        elif len(strides) > 1:
            large = strides[-1]
            self.count.setText(f"{large.label} {figure(frame.update / large.updates, 2)}")
        else:
            self.count.setText("since the cue")
        if frame.temperature > 0:
            self.count.setText(f"{self.count.text()}, T = {figure(frame.temperature, 2)}")
        self.back.setEnabled(frame.update > frame.reach)
        self._show_stride()

    def _show_learning(self, frame: Frame) -> None:
        """Batches and epochs."""
        facts = frame.facts
        epoch, epochs = int(facts["epoch"]), int(facts["epochs"])
        self.clock.setText(f"batch {whole(int(facts['batch']))}")
        now = min(epoch + 1, epochs)
        self.count.setText(f"epoch {whole(now)} of {whole(epochs)}")

    def _choose_model(self, id: str) -> None:
        if id != model_id(self.session.setup.model):
            self.session.edit(lambda d: edits.set_model(d, id), "choose a model")

    def _show_stride(self) -> None:
        strides = self.session.strides
        label = strides[min(self.session.stride, len(strides) - 1)].label
        if self.stride.text() != label:
            self.stride.setText(label)
            self._show_speed()

    def _choose_stride(self) -> None:
        menu = QMenu(self)
        for k, stride in enumerate(self.session.strides):
            action = menu.addAction(f"One {stride.label} ({whole(stride.updates)} updates)")
            action.triggered.connect(lambda _=False, k=k: self._stride_chosen(k))
        menu.exec(self.stride.mapToGlobal(self.stride.rect().bottomLeft()))

    def _stride_chosen(self, index: int) -> None:
        self.session.choose_stride(index)
        self._show_stride()

    def _show_speed(self) -> None:
        self.speed.show_speed(self.session.speed, self.session.strides[0].plural)

    def _show_document(self) -> None:
        model = self.session.setup.model
        if model.learns != self._learns:
            self._learns = model.learns
            self.pill.clear()
        self.model.set_value(model_id(model))
        self.pill.reserve([p.name for p in self.session.document.memories])

    def _show_outcome(self, outcome: object) -> None:
        memory = getattr(outcome, "memory", None)
        problem = self.session.frame.problem if self.session.frame else None
        grid = None
        if memory is not None and problem is not None and memory < len(problem.memories):
            grid = problem.memories[memory].reshape(problem.rows, problem.cols)
        self.pill.show_outcome(outcome, grid)
