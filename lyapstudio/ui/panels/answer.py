"""The right column of a network that learns: its function, its units, and a pad to draw on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Problem
from lyapstudio.ui.learner import DRIVERS, Learner
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.panels.function import FunctionPanel
from lyapstudio.ui.panels.meaning import Pages, tab_bar
from lyapstudio.ui.parts.text import Elided, text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.hidden import HiddenActivity, NearestFields
from lyapstudio.ui.views.pad import DrawingPad
from lyapstudio.ui.views.scores import ClassScores
from lyapstudio.ui.views.spread import Spread
from lyapstudio.ui.views.unit import UnitView

DRAW, UNIT, STORY = range(3)
TABS = (
    ("Draw a digit", "Draw with the mouse: which hidden units answer, and what is read."),
    ("This unit", "The unit that was clicked: its weights, and what drives it."),
    ("What to do", "What this example shows, and what to try."),
)
NEAREST = 8
UNTRAINED = "Train the readout first"
ROOM_FOR_SPREAD, ROOM_FOR_TERMS = 640, 750
"""Heights beside the badge from which norms and wins, and the terms, are shown, px."""
LOWEST = 520
"""Height that does without norms, wins and terms, px."""


class AnswerPanel(FunctionPanel):
    """What learning means: does the function rise, who wins, and what does the network read."""

    learns = True
    unit_chosen = Signal(int)

    def __init__(self, session: Session, learner: Learner) -> None:
        super().__init__(session)
        self.learner = learner
        self.share = text("", "caption")
        self.spread = Spread()
        self.tabs = tab_bar(TABS)
        self.pad, self.scores = DrawingPad(), ClassScores()
        self.hidden, self.nearest = HiddenActivity(), NearestFields()
        self.headline = Elided("", "caption")
        self.unit = UnitView()
        self.story = text("", wrap=True)
        self.story.setTextFormat(Qt.TextFormat.RichText)
        self.story.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.stack = Pages()
        for page in (self._drawing(), self.unit, self.story):
            self.stack.addWidget(page)
        self._problem: Problem | None = None
        self._image: np.ndarray | None = None
        self._chosen: int | None = None
        self.column.insertWidget(3, self.share)
        self.column.addWidget(self.spread)
        self.column.addWidget(self.tabs)
        self.column.addWidget(self.stack, 2)
        self._connect()

    def _drawing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.headline, 1)
        for tool in self.pad.tools():
            head.addWidget(tool)
        column.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.pad)
        row.addWidget(self.scores, 1)
        column.addLayout(row, 1)
        answers = QHBoxLayout()
        answers.setSpacing(12)
        answers.addWidget(self.hidden, 1)
        answers.addWidget(self.nearest, 1)
        column.addLayout(answers)
        return page

    def _connect(self) -> None:
        session = self.session
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self.tabs.currentChanged.connect(lambda _: self._again())
        self.pad.drawn.connect(self.read)
        self.pad.cleared.connect(lambda: self.read(None))
        self.scores.headline_changed.connect(self.headline.setText)
        self.hidden.unit_clicked.connect(self.unit_chosen)
        self.nearest.unit_clicked.connect(self.unit_chosen)
        self.learner.trained_changed.connect(lambda: self.read(self._image))
        self.learner.drivers_found.connect(self._show_drivers)
        session.document_changed.connect(self._show_story)
        self._show_story()
        self.tabs.setCurrentIndex(STORY if session.story else DRAW)
        self.read(None)

    def minimumSizeHint(self) -> QSize:
        """In a low window some parts go: what they need must not keep the window from it."""
        return QSize(super().minimumSizeHint().width(), theme().px(LOWEST))

    def resizeEvent(self, event: object) -> None:
        """Follow the window's height."""
        self.fit(self.height())
        self._arrange()

    def set_projector(self, on: bool) -> None:
        """A class needs the function, its badge, its curve, and the pad."""
        self._arrange()

    def _arrange(self) -> None:
        """What there is no room for goes; the pad stays."""
        room, quiet = self.height() - self.badges.height(), theme().projector
        self.spread.setVisible(room >= ROOM_FOR_SPREAD and not quiet)
        self.terms.setVisible(room >= ROOM_FOR_TERMS and not quiet)
        self.stack.setMinimumHeight(theme().px(232))

    # frames

    def show_more(self, frame: Frame) -> None:
        """Norms, wins, and the unit that was clicked."""
        problem = frame.problem
        if problem is None or problem.data is None:
            return
        self._arrange()  # a badge with much to say takes room
        if problem is not self._problem:
            old, self._problem = self._problem, problem
            if old is None or old.data is not problem.data:
                shape = (problem.rows, problem.cols, problem.data.depth)
                self.pad.set_shape(*shape)
                self.unit.set_shape(*shape)
                self.read(None)
        if self.spread.isVisible():
            radius = frame.model.as_values().get("radius", 1.0)
            self.spread.show_norms(frame.channels["norms"], radius)
            self.spread.show_wins(frame.channels["wins"])
        self.share.setText(_share(frame))
        if self.stack.currentIndex() == UNIT:
            self._show_unit(frame)
        trained = self.learner.trained
        if self._image is not None and trained is None and self.stack.currentIndex() == DRAW:
            self._answer(frame.channels["weights"])

    def _again(self) -> None:
        if self.learner.frame is not None:
            self.show_frame(self.learner.frame)

    # the pad

    def read(self, image: np.ndarray | None) -> None:
        """Show what a drawing excites, and what is read."""
        self._image = image
        trained, frame = self.learner.trained, self.learner.frame
        classes = trained.readout.classes if trained else ()
        if image is None or frame is None:
            message = "Draw a digit" if trained else UNTRAINED
            self.scores.show_scores(classes, None, message=message)
            self.headline.setText("left draws, right erases")
            self.hidden.show_activity(np.zeros(1, np.float32))
            self.nearest.show_units((), np.zeros((0, 1)), np.zeros(0), (1, 1, 1))
            return
        if trained is None or trained.readout.W is None:
            self.scores.show_scores((), None, message=UNTRAINED)
            self.headline.setText("these units answer")
            self._answer(frame.channels["weights"])
            return
        readout = trained.readout
        self.scores.show_scores(classes, readout.scores(image[None])[0])
        self._answer(readout.W)

    def show_image(self, image: np.ndarray) -> None:
        """An image of the data on the pad: it can be drawn on."""
        self.tabs.setCurrentIndex(DRAW)
        self.pad.set_image(image)

    def _answer(self, W: np.ndarray | None) -> None:
        """Which units a drawing excites."""
        data = self._problem.data if self._problem else None
        if W is None or data is None or self._image is None or W.shape[1] != len(self._image):
            return
        activity = np.maximum(W @ self._image, 0)
        best = np.argsort(-activity, kind="stable")[:NEAREST]
        self.hidden.show_activity(activity)
        shape = (data.rows, data.cols, data.depth)
        self.nearest.show_units(
            best.tolist(), W[best], activity[best], shape, float(activity.sum())
        )

    # one unit

    def show_unit(self, unit: int) -> None:
        """Turn to a unit; what drives it is looked for in a thread."""
        self._chosen = unit
        self.tabs.setCurrentIndex(UNIT)
        self._again()
        self.learner.find_drivers(unit)

    def _show_unit(self, frame: Frame) -> None:
        unit, wins = self._chosen, frame.channels["wins"]
        if unit is None or unit >= len(wins):
            return
        share = float(wins[unit] / max(1, wins.sum()))
        rank = int((wins > wins[unit]).sum()) + 1
        weights, norm = frame.channels["weights"][unit], float(frame.channels["norms"][unit])
        self.unit.show_unit(unit, weights, norm, int(wins[unit]), share, rank)

    def _show_drivers(self, unit: int, where: np.ndarray) -> None:
        data = self.learner.data
        if unit != self._chosen or data is None or len(where) > DRIVERS:
            return
        labels = data.train.labels
        names = ["" if labels is None else data.classes[int(labels[i])] for i in where]
        self.unit.show_drivers(data.train.floats(where), names)

    def _show_story(self) -> None:
        story = self.session.story
        if story != self.story.text():
            self.story.setText(story)
            if story:
                self.tabs.setCurrentIndex(STORY)
        self.tabs.setTabVisible(STORY, bool(story))


def _share(frame: Frame) -> str:
    """How many of the steps that were measured raised the function."""
    measured, raised = int(frame.facts["measured"]), int(frame.facts["raised"])
    if not measured:
        return ""
    if frame.guarantees[0].holds and not frame.trace.counters[0].wrong_moves:
        return f"none of {whole(measured)} steps lowered it"
    percent = round(100 * raised / measured)
    return f"{percent} % of {whole(measured)} measured steps raised it"
