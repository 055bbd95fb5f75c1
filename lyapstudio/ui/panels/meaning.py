"""The right column: the Lyapunov function, its badge and curve, and one neuron's weights."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Model, Problem
from lyapstudio.document import edits
from lyapstudio.ui.parts.badge import Badges
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.reading import Reading, Terms, last_change
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.parts.waterfall import Waterfall
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.field import ReceptiveField

if TYPE_CHECKING:
    from lyapstudio.ui.views.curve import LyapunovCurve

NEURON, WEIGHTS, STORY = range(3)
TABS = (
    ("This neuron", "What each memory adds to the field of the neuron that is asked next."),
    ("Weights", "The weights into the neuron under the mouse, as a picture."),
    ("What to do", "What this example shows, and what to try."),
)


class MeaningPanel(QWidget):
    """What the run means: is the function sure to fall, did it, and who pushed."""

    help_requested = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setProperty("plane", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.section = Section("Lyapunov function")
        help_button = IconButton("ph.question", "What this function is (F1)")
        help_button.clicked.connect(lambda: self.help_requested.emit("function"))
        self.section.add_tool(help_button)
        self.reading, self.badges = Reading(), Badges()
        self._place, self.terms = _room(110), Terms()
        self.tabs = QTabBar()
        for k, (name, tip) in enumerate(TABS):
            self.tabs.addTab(name)
            self.tabs.setTabToolTip(k, tip)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.waterfall, self.field = Waterfall(), ReceptiveField()
        self.story = text("", wrap=True)
        self.story.setTextFormat(Qt.TextFormat.RichText)
        self.story.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.stack = _Pages()
        for view in (self.waterfall, self.field, self.story):
            self.stack.addWidget(view)
        self._problem: Problem | None = None
        self._model: Model | None = None
        self._last_look: int | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 12)
        column.setSpacing(8)
        column.addWidget(self.section)
        column.addWidget(self.reading)
        column.addWidget(self.badges)
        column.addWidget(self._place, 3)
        column.addWidget(self.terms)
        column.addSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 2)

    @cached_property
    def curve(self) -> LyapunovCurve:
        """Made for the first frame: its import is slow, and until then it has nothing to show."""
        from lyapstudio.ui.views.curve import LyapunovCurve

        curve = LyapunovCurve()
        cast(QLayout, self._place.layout()).addWidget(curve)
        return curve

    def resizeEvent(self, event: object) -> None:
        """A low window shows the badge's title only; two badges need room up to 800."""
        height = self.height()
        self.badges.set_compact(height < 660)
        self.stack.setMinimumHeight(theme().px(120 if height < 760 else 150))
        self._place.setMinimumHeight(theme().px(120 if height < 760 else 150))

    def set_projector(self, on: bool) -> None:
        """A class needs the function, its badge and its curve."""
        for part in (self.terms, self.tabs, self.stack):
            part.setVisible(not on)

    def _connect(self) -> None:
        session = self.session
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.badges.repair_requested.connect(self._repair)
        self.badges.why_requested.connect(self.help_requested)
        session.words_due.connect(self.show_words)
        session.curve_due.connect(self.show_curve)
        session.document_changed.connect(self._show_story)
        session.stepped.connect(self._stepped)
        self._show_story()
        self.tabs.setCurrentIndex(STORY if session.document.story else WEIGHTS)

    def show_frame(self, frame: Frame) -> None:
        """Everything that follows from this moment."""
        self.show_words(frame)
        self.show_curve(frame)

    def show_curve(self, frame: Frame) -> None:
        """The function against time."""
        if self._follows(frame):
            self.curve.show_frame(frame, self._target())

    def show_words(self, frame: Frame) -> None:
        """Value, guarantee, terms, and what the pointer asks for."""
        if not self._follows(frame):
            return
        functions = frame.model.functions
        if functions:
            self.reading.show_value(frame.values[0], last_change(frame))
        self.badges.show_guarantees(functions, frame.guarantees, frame.trace.counters)
        self.terms.show_terms(frame.terms)
        self._show_insight(frame)

    def _follows(self, frame: Frame) -> bool:
        """Fit the panel to the frame's network; False while there is none."""
        problem = frame.problem
        if problem is None:
            return False
        if problem is not self._problem or frame.model is not self._model:
            self._new_problem(frame, problem)
        return True

    def _new_problem(self, frame: Frame, problem: Problem) -> None:
        functions, old = frame.model.functions, self._problem
        if self._model is None or type(self._model) is not type(frame.model):
            if functions:
                self.reading.set_function(functions[0])
            self.section.set_caption("" if functions else "this model has none")
        if old is None or (old.rows, old.cols) != (problem.rows, problem.cols):
            self.field.clear()
        self._problem, self._model = problem, frame.model

    def _target(self) -> int | None:
        """The memory whose level is named on the curve: the cue's, else the nearest."""
        document, cue = self.session.document, self.session.setup.cue
        keys = [p.key for p in document.memories]
        if cue.source == "memory" and cue.pattern in keys:
            return keys.index(cue.pattern)
        return None

    def _show_insight(self, frame: Frame) -> None:
        shown = self.stack.currentIndex()
        if shown == NEURON and frame.arithmetic is not None and frame.problem is not None:
            self.waterfall.show_arithmetic(frame.arithmetic, frame.problem.cols)
        elif shown == WEIGHTS and frame.looked_at != self._last_look:
            self._last_look = frame.looked_at
            self.field.show_frame(frame)

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
        story = self.session.document.story
        if story != self.story.text():
            self.story.setText(story)
            if story:
                self.tabs.setCurrentIndex(STORY)
        self.tabs.setTabVisible(STORY, bool(story))

    def _repair(self, values: dict) -> None:
        self.session.edit(lambda d: edits.set_parameters(d, **values), "repair an assumption")


class _Pages(QStackedWidget):
    """Takes the height that is left: a long story must not push the curve aside."""

    def hasHeightForWidth(self) -> bool:
        return False


def _room(height: int) -> QWidget:
    """Where a view will be."""
    place = QWidget()
    place.setMinimumHeight(height)
    QVBoxLayout(place).setContentsMargins(0, 0, 0, 0)
    return place
