"""The right column of a memory: its function, and below it one neuron's weights."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QTabBar

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Problem
from lyapstudio.ui.panels.function import FunctionPanel
from lyapstudio.ui.panels.statistics import StatisticsPanel
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.parts.waterfall import Waterfall
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.field import ReceptiveField

NEURON, WEIGHTS, STATISTICS, STORY = range(4)
TABS = (
    ("Neuron", "What each memory adds to the field of the neuron that is asked next."),
    ("Weights", "The weights into the neuron under the mouse, as a picture."),
    ("Statistics", "All weights: how they spread, their eigenvalues, who has how many."),
    ("What to do", "What this example shows, and what to try."),
)


class MeaningPanel(FunctionPanel):
    """What the run means: is the function sure to fall, did it, and who pushed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.tabs = tab_bar(TABS)
        self.waterfall, self.field = Waterfall(), ReceptiveField()
        self.statistics = StatisticsPanel(session)
        self.story = text("", wrap=True)
        self.story.setTextFormat(Qt.TextFormat.RichText)
        self.story.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.stack = Pages()
        page = QScrollArea()  # a long story under a large badge
        page.setWidgetResizable(True)
        page.setFrameShape(QScrollArea.Shape.NoFrame)
        page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.setWidget(self.story)
        for view in (self.waterfall, self.field, self.statistics, page):
            self.stack.addWidget(view)
        self.column.addSpacing(8)
        self.column.addWidget(self.tabs)
        self.column.addWidget(self.stack, 2)
        self._problem: Problem | None = None
        self._last_look: int | None = None
        self.tabs.currentChanged.connect(self._tab_chosen)
        session.document_changed.connect(self._show_story)
        session.stepped.connect(self._stepped)
        self._show_story()
        self.tabs.setCurrentIndex(STORY if session.story else WEIGHTS)

    def resizeEvent(self, event: object) -> None:
        """Follow the window's height."""
        height = self.height()
        self.fit(height)
        self.stack.setMinimumHeight(theme().px(120 if height < 760 else 150))

    def set_projector(self, on: bool) -> None:
        """A class needs the function, its badge and its curve."""
        for part in (self.terms, self.tabs, self.stack):
            part.setVisible(not on)

    def target(self) -> int | None:
        """The memory whose level is named on the curve: the cue's, else the nearest."""
        document, cue = self.session.document, self.session.setup.cue
        keys = [p.key for p in document.memories]
        if cue.source == "memory" and cue.pattern in keys:
            return keys.index(cue.pattern)
        return None

    def show_more(self, frame: Frame) -> None:
        """One neuron: who pushes it, or the weights into it."""
        problem, old = frame.problem, self._problem
        if problem is None:
            return
        if problem is not old:
            if old is None or (old.rows, old.cols) != (problem.rows, problem.cols):
                self.field.clear()
            self._problem = problem
        shown = self.stack.currentIndex()
        if shown == NEURON and frame.arithmetic is not None:
            self.waterfall.show_arithmetic(frame.arithmetic, problem.cols)
        elif shown == WEIGHTS and frame.looked_at != self._last_look:
            self._last_look = frame.looked_at
            self.field.show_frame(frame)
        elif shown == STATISTICS:
            self.statistics.show_frame(frame)
        self.tabs.setTabVisible(STATISTICS, problem.weights is not None)

    def _tab_chosen(self, index: int) -> None:
        self._last_look = None
        self.stack.setCurrentIndex(index)
        if self.session.frame is not None:
            self.show_frame(self.session.frame)

    def _stepped(self, updates: int) -> None:
        """Step mode explains itself: who pushed the neuron, and which way."""
        if updates == 1 and len(self.session.strides) > 1:
            self.tabs.setCurrentIndex(NEURON)

    def _show_story(self) -> None:
        story = self.session.story
        if story != self.story.text():
            self.story.setText(story)
            if story:
                self.tabs.setCurrentIndex(STORY)
        self.tabs.setTabVisible(STORY, bool(story))


class Pages(QStackedWidget):
    """Takes the height that is left: a long story must not push the curve aside."""

    def hasHeightForWidth(self) -> bool:
        return False


def tab_bar(tabs: tuple[tuple[str, str], ...]) -> QTabBar:
    """Tabs as the whole window has them, with their tooltips."""
    bar = QTabBar()
    for k, (name, tip) in enumerate(tabs):
        bar.addTab(name)
        bar.setTabToolTip(k, tip)
    bar.setDrawBase(False)
    bar.setExpanding(False)
    bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return bar
