"""The Lyapunov function: its value, its badge, its curve. The same for every model."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Model, Repair
from lyapstudio.document import rewiring
from lyapstudio.ui.parts.badge import Badges
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.reading import Reading, Terms, last_change
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme

if TYPE_CHECKING:
    from lyapstudio.ui.views.curve import LyapunovCurve


class FunctionPanel(QWidget):
    """The upper part of the right column; a subclass adds what belongs to its kind of model.

    `learns` : which kind of model it follows; frames of the other are not for it.
    """

    help_requested = Signal(str)
    learns = False

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
        self.place, self.terms = _room(110), Terms()
        self._model: Model | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 12)
        self.column.setSpacing(8)
        for part in (self.section, self.reading, self.badges):
            self.column.addWidget(part)
        self.column.addWidget(self.place, 3)
        self.column.addWidget(self.terms)
        self.badges.repair_requested.connect(self._repair)
        self.badges.why_requested.connect(self.help_requested)
        session.words_due.connect(self.show_words)
        session.curve_due.connect(self.show_curve)

    @cached_property
    def curve(self) -> LyapunovCurve:
        """Made for the first frame: its import is slow, and until then it has nothing to show."""
        from lyapstudio.ui.views.curve import LyapunovCurve

        curve = LyapunovCurve()
        cast(QLayout, self.place.layout()).addWidget(curve)
        return curve

    def fit(self, height: int) -> None:
        """A low window shows the badge's title only; two badges need room up to 800."""
        self.badges.set_compact(height < 660)
        self.place.setMinimumHeight(theme().px(120 if height < 760 else 150))

    def show_frame(self, frame: Frame) -> None:
        """Everything that follows from this moment."""
        self.show_words(frame)
        self.show_curve(frame)

    def show_curve(self, frame: Frame) -> None:
        """The function against time."""
        if self.follows(frame):
            self.curve.show_frame(frame, self.target())

    def show_words(self, frame: Frame) -> None:
        """Value, guarantee, terms, and what a subclass adds."""
        if not self.follows(frame):
            return
        functions = frame.model.functions
        if functions:
            self.reading.show_value(frame.values[0], last_change(frame))
        self.badges.show_guarantees(functions, frame.guarantees, frame.trace.counters)
        self.terms.show_terms(frame.terms)
        self.show_more(frame)

    def show_more(self, frame: Frame) -> None:
        """What belongs to this kind of model."""

    def target(self) -> int | None:
        """The level that is named on the curve, where there are levels."""
        return None

    def follows(self, frame: Frame) -> bool:
        """Fit the panel to the frame's network; False where it is not for this panel."""
        model = frame.model
        if frame.problem is None or model is None or model.learns != self.learns:
            return False
        if model is not self._model:
            functions = model.functions
            if functions and type(model) is not type(self._model):
                self.reading.set_function(functions[0])
            self._model = model
        self.section.set_caption(frame.title if model.functions else "this model has none")
        return True

    def _repair(self, wanted: Repair) -> None:
        self.session.edit(lambda d: rewiring.repair(d, wanted), "repair an assumption")


def _room(height: int) -> QWidget:
    """Where a view will be."""
    place = QWidget()
    place.setMinimumHeight(height)
    QVBoxLayout(place).setContentsMargins(0, 0, 0, 0)
    return place
