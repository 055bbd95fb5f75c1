"""The centre column of a network that learns: its receptive fields, one example, the readout."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Problem
from lyapstudio.core.param import Choice
from lyapstudio.ui.learner import Learner
from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.panels.meaning import tab_bar
from lyapstudio.ui.panels.readout import ReadoutPage
from lyapstudio.ui.panels.setups import SetupChooser
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.scrubber import Scrubber
from lyapstudio.ui.session import Session
from lyapstudio.ui.views.example import Example
from lyapstudio.ui.views.heading import FieldsHeading
from lyapstudio.ui.views.layers import LayersView
from lyapstudio.ui.views.mosaic import Mosaic
from lyapstudio.ui.views.story import Story

FIELDS, EXAMPLE, READOUT = range(3)
TABS = (
    ("Receptive fields", "The weights of every hidden unit, as a picture of what it looks for."),
    ("One example", "One image: which units answer, who is potentiated, and what changes."),
    ("Readout", "Teach the network the names of the classes, and see what it gets wrong."),
)
ORDERS = (
    Choice("none", "Not sorted", "Units in their own order."),
    Choice("wins", "By wins", "Units that win most images first."),
    Choice("norm", "By norm", "Units with the largest weights first."),
    Choice("class", "By class", "By the class that the readout hears in a unit."),
)


class FieldsPanel(QWidget):
    """Mosaic with its story; tabs lead to one example and to the readout."""

    unit_chosen = Signal(int)

    def __init__(self, session: Session, learner: Learner) -> None:
        super().__init__()
        self.session, self.learner = session, learner
        self.setProperty("plane", "stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = tab_bar(TABS)
        self.scrubber = Scrubber()
        self.heading, self.mosaic, self.story = FieldsHeading(), Mosaic(), Story()
        self.layers, self.readout = LayersView(), ReadoutPage(session, learner)
        self.sort = TextButton("", "link", tooltip="The order in which the units stand")
        self.scale = TextButton("", "link", tooltip="One scale for all units, or one for each")
        self._order, self._own = "none", False
        self._problem: Problem | None = None
        self._hinted = True
        self.setups = SetupChooser(session)
        self.heading.set_words("")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 12, 20, 8)
        self.column.setSpacing(6)
        self.column.addWidget(self.setups)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.tabs)
        row.addStretch(1)
        row.addWidget(self.sort)
        row.addWidget(self.scale)
        self.column.addLayout(row)
        fields = QWidget()
        inside = QVBoxLayout(fields)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.heading)
        inside.addWidget(self.mosaic, 1)
        inside.addWidget(self.story)
        self.stack = QStackedWidget()
        for page in (fields, self.layers, self.readout):
            self.stack.addWidget(page)
        self.column.addWidget(self.stack, 1)
        self.column.addWidget(self.scrubber)
        self._show_choices()

    def _connect(self) -> None:
        session = self.session
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.mosaic.span_changed.connect(self.heading.align)
        self.mosaic.span_changed.connect(self.story.align)
        self.mosaic.level_changed.connect(self.heading.set_level)
        self.mosaic.unit_clicked.connect(self.choose_unit)
        self.layers.unit_clicked.connect(self.choose_unit)
        self.sort.clicked.connect(self._choose_order)
        self.scale.clicked.connect(self._change_scale)
        self.scrubber.seek_requested.connect(session.seek)
        session.frame_arrived.connect(self.show_fields)
        session.overlaps_due.connect(self.show_rest)
        session.stepped.connect(self._stepped)
        self.learner.trained_changed.connect(self._again)

    # frames

    def show_frame(self, frame: Frame) -> None:
        """Hand the frame to the views in sight."""
        self.show_fields(frame)
        self.show_rest(frame)

    def show_fields(self, frame: Frame) -> None:
        """The mosaic and its story."""
        self.mosaic.set_message(frame.busy)
        weights = frame.channels.get("weights")
        if frame.problem is None and frame.error:
            self._clear(frame.error)
        if frame.problem is None or weights is None:
            return
        if frame.problem is not self._problem:
            self._new_problem(frame.problem)
        if self.stack.currentIndex() != FIELDS:
            return
        pushes, wins = frame.channels["pushes"], frame.channels["wins"]
        moved = frame.facts["batch"] > 0
        winners, losers = np.flatnonzero(pushes > 0), np.flatnonzero(pushes < 0)
        self.mosaic.show_fields(weights)
        self.mosaic.set_dead((wins == 0) if frame.facts["epoch"] >= 1 else None)
        self.mosaic.set_order(self._ordered(frame))
        self.mosaic.mark(winners.tolist() if moved else None, losers.tolist() if moved else None)
        self._tell(frame, winners, losers, moved)
        self._hinted = self._hinted and not frame.running and frame.update == 0
        hint = "Press Space to let it learn" if self._hinted else ""
        self.mosaic.set_message(frame.busy or hint)

    def _clear(self, words: str) -> None:
        """There is no network: nothing of another one may stand here."""
        self._problem = None
        self.mosaic.show_fields(None)
        self.mosaic.set_message(words)
        self.heading.set_words("")
        self.story.clear()

    def _tell(self, frame: Frame, winners: np.ndarray, losers: np.ndarray, moved: bool) -> None:
        weights = frame.channels["weights"]
        problem = frame.problem
        if problem is None or problem.data is None:
            return
        self.heading.set_words("", pace_words(frame))
        if not moved:
            self.story.clear()
            return
        currents = frame.channels["currents"]
        first = int(winners[np.argmax(currents[winners])]) if len(winners) else None
        last = int(losers[np.argmax(currents[losers])]) if len(losers) else None
        self.story.show_update(
            frame.channels["image"],
            self._shape,
            first,
            None if first is None else weights[first],
            last,
            None if last is None else weights[last],
            rank=frame.model.as_values().get("k", 2),
            others=max(0, len(losers) - 1),
            level=self.mosaic.level,
        )

    def show_rest(self, frame: Frame) -> None:
        """Time, and the example, where there is time to look at it."""
        if frame.problem is None or "weights" not in frame.channels:
            return
        strides = self.session.strides
        self.scrubber.show_time(frame.reach, frame.update, frame.latest, strides[0].label)
        if self.stack.currentIndex() == EXAMPLE:
            self.layers.show_example(self._example(frame))

    def _example(self, frame: Frame) -> Example | None:
        lesson = frame.example
        if lesson is None:
            return None
        trained = self.learner.trained
        classes: tuple[str, ...] = ()
        scores = parts = None
        if trained is not None and trained.readout.W is not None:
            readout = trained.readout
            answers = readout.hidden(lesson.image[None])[0]
            classes = readout.classes
            scores = readout.scores(lesson.image[None])[0]
            parts = readout.S[:, lesson.units] * answers[lesson.units]
        return Example(
            lesson.image,
            self._shape,
            lesson.label,
            lesson.units,
            lesson.currents,
            lesson.pushes,
            lesson.fields,
            lesson.changes,
            classes,
            scores,
            parts,
            lesson.words,
            lesson.settling,
        )

    def _new_problem(self, problem: Problem) -> None:
        self._problem = problem
        depth = problem.data.depth if problem.data else 1
        self._shape = (problem.rows, problem.cols, depth)
        self.mosaic.set_shape(*self._shape)
        self.layers.show_example(None)

    def _again(self) -> None:
        frame = self.learner.frame
        if frame is not None:
            self.show_frame(frame)

    # order and scale

    def _ordered(self, frame: Frame) -> np.ndarray | None:
        if self._order == "wins":
            return np.argsort(-frame.channels["wins"], kind="stable")
        if self._order == "norm":
            return np.argsort(-frame.channels["norms"], kind="stable")
        trained = self.learner.trained
        if self._order == "class" and trained is not None:
            S = trained.readout.S
            if S.shape[1] == len(frame.channels["norms"]):
                return np.lexsort((-S.max(0), S.argmax(0)))
        return None

    def _choose_order(self) -> None:
        menu = QMenu(self)
        for option in ORDERS:
            action = menu.addAction(option.label, partial(self.set_order, option.id))
            action.setToolTip(option.help)
            action.setEnabled(option.id != "class" or self.learner.trained is not None)
        menu.exec(self.sort.mapToGlobal(self.sort.rect().bottomLeft()))

    def set_order(self, order: str) -> None:
        """Which units come first."""
        self._order = order
        self._show_choices()
        self._again()

    def _change_scale(self) -> None:
        self._own = not self._own
        self.mosaic.set_scale("unit" if self._own else "shared")
        self.heading.set_own_scales(self._own)
        self._show_choices()

    def _show_choices(self) -> None:
        label = next(option.label for option in ORDERS if option.id == self._order)
        self.sort.setText(label)
        self.scale.setText("Own scales" if self._own else "One scale")
        fields = self.tabs.currentIndex() == FIELDS
        for button in (self.sort, self.scale):
            button.setVisible(fields)

    def show_readout(self) -> None:
        """Turn to the readout."""
        self.tabs.setCurrentIndex(READOUT)

    # what a person does

    def choose_unit(self, unit: int) -> None:
        """The unit that the right column speaks about."""
        self.mosaic.set_chosen(unit)
        self.mosaic.reveal(unit)
        self.unit_chosen.emit(unit)

    def _tab_chosen(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self._show_choices()
        self._again()

    def _stepped(self, updates: int) -> None:
        """One image at a time explains itself."""
        if updates == 1 and self.learner.frame is not None and self.tabs.currentIndex() == FIELDS:
            self.tabs.setCurrentIndex(EXAMPLE)

    def set_projector(self, on: bool) -> None:
        """A class needs the fields and their story."""
        for part in (self.scrubber, self.tabs, self.sort, self.scale):
            part.setVisible(not on)
        if on:
            self.tabs.setCurrentIndex(FIELDS)


def pace_words(frame: Frame) -> str:
    """The units; once they learn, the step, how fast it goes, and for how long still."""
    facts = frame.facts
    units = f"{whole(int(facts['winners'] + facts['dead_units']))} units"
    dead = int(facts["dead_units"]) if facts["epoch"] >= 1 else 0
    if not facts["batch"]:
        few = facts["images"] < facts["winners"] + facts["dead_units"]
        many = f"more than the {whole(int(facts['images']))} images: some never learn"
        return f"{units}, {many}" if few else f"{units} · {_start(frame)}"
    words = [f"{units}, {whole(dead)} dead" if dead else units, f"ε {figure(facts['step'], 4)}"]
    if frame.running and frame.rate > 0:
        left = (facts["images"] * facts["epochs"] - frame.update) / frame.rate
        words.append(f"{figure(float(f'{frame.rate:.2g}'), 0)} images/s")
        words.append(f"{duration(left)} left")
    return " · ".join(words)


def duration(seconds: float) -> str:
    """Like "40 s", "12 min", "3 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def _start(frame: Frame) -> str:
    """What the weights are before learning: some starts show digits at once."""
    chosen = frame.model.as_values().get("start_from")
    spec = frame.model.specs().get("start_from")
    return next((c.help for c in spec.choices if c.id == chosen), "") if spec else ""
