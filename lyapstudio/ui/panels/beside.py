"""Two networks side by side: a picture each, and over it what has become of its network."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.document import beside
from lyapstudio.ui import drawing
from lyapstudio.ui.naming import Namer
from lyapstudio.ui.parts.head import Head
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.session import Session
from lyapstudio.ui.views.canvas import Canvas

SHARED = "Both start from the same cue under one seed: what is drawn on one is drawn on both."


def toggle(session: Session) -> None:
    """Another network beside the one on the screen, or this one alone again."""
    old = session.document
    if old.beside is not None:
        session.edit(lambda d: beside.compare(d, None), "show one network")
        return
    if session.edit(beside.side_by_side, "show two side by side"):
        new, setups = session.document, session.document.setups
        if len(setups) == len(old.setups) or new.beside is None:
            session.told.emit(SHARED)
        elif setups[new.beside].rule != new.setup.rule:
            rule = setups[new.beside].rule.title
            session.told.emit(f"A copy was made that learns by another rule: {rule}. {SHARED}")
        else:
            session.told.emit("A copy was made. Change something in one of them, then run both.")


class SideBySide(QWidget):
    """The picture of the network that leads; in comparison that of the other, in their order.

    `rearranged` : the pictures have other places
    """

    rearranged = Signal()

    def __init__(self, session: Session, canvas: Canvas) -> None:
        super().__init__()
        self.session = session
        self.lead, self.other = Side(canvas), Side(Canvas("units"))
        self._namer = Namer()
        self._order: tuple[int, int | None] = (-1, None)
        self._size: tuple[int, int] = (0, 0)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        for side in (self.lead, self.other):
            self._row.addWidget(side, 1)
        for side in (self.lead, self.other):
            side.head.clicked.connect(partial(self._choose, side))
        second = self.other.canvas
        second.painted.connect(lambda where, value: drawing.paint(session, where, value))
        for signal in (second.stroke_began, second.stroke_ended):
            signal.connect(session.seal)
        session.document_changed.connect(self.show_document)
        session.outcome_changed.connect(self.lead.head.show_outcome)
        session.words_due.connect(self.show_words)
        self.show_document()

    @property
    def compared(self) -> bool:
        return self._order[1] is not None

    @property
    def hint(self) -> str:
        """What to do first."""
        return "Press Space to run both" if self.compared else "Press Space to let the network run"

    def picture(self) -> QRect:
        """Where the pictures lie, from the first one's left edge to the last one's right."""
        boxes = [
            side.canvas.picture()
            .toRect()
            .translated(side.canvas.mapTo(self, side.rect().topLeft()))
            for side in ((self.lead, self.other) if self.compared else (self.lead,))
        ]
        return boxes[0].united(boxes[-1])

    def show_document(self) -> None:
        """One picture or two; the one on the left stands first in the document."""
        document = self.session.document
        here, place = document.active, document.beside
        self.lead.head.set_title(document.setup.title, leads=True)
        if place is not None:
            self.other.head.set_title(document.setups[place].title, leads=False)
        if (here, place) == self._order:
            return
        self._order = here, place
        lead_first = place is None or here < place
        self._row.removeWidget(self.other)
        self._row.insertWidget(int(lead_first), self.other, 1)
        for side in (self.lead, self.other):
            side.set_headed(place is not None)
        self.other.setVisible(place is not None)
        self.lead.head.set_legend(place is not None and not lead_first)
        self.other.head.set_legend(lead_first)
        self.rearranged.emit()

    def show_frame(self, frame: Frame) -> None:
        """The picture of the other network, at the same moment."""
        other = frame.beside
        if not self.compared or other is None or other.problem is None:
            return
        canvas = self.other.canvas
        size = (other.problem.rows, other.problem.cols)
        if size != self._size:
            self._size = size
            canvas.set_grid(*size)
        canvas.brush, canvas.paintable = self.lead.canvas.brush, self.lead.canvas.paintable
        canvas.show_frame(other)

    def show_words(self, frame: Frame) -> None:
        """What both have come to, and whether they are sure to fall."""
        other = frame.beside
        if not self.compared or other is None:
            return
        self.lead.head.show_frame(frame)
        self.other.head.show_frame(other)
        outcome = self._namer.name(other)
        if outcome is not None:
            self.other.head.show_outcome(outcome)

    def _choose(self, side: Side) -> None:
        place = self._order[1]
        if side is self.other and place is not None:
            self.session.show_setup(place)


class Side(QWidget):
    """A picture, and in comparison the head over it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self.canvas, self.head = canvas, Head()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(canvas, 1)
        canvas.span_changed.connect(lambda *_: self._align())

    def _align(self) -> None:
        box = self.canvas.picture()
        self.head.align(round(box.left()), round(box.right()))

    def set_headed(self, headed: bool) -> None:
        """The head says what the line over a lone picture says, and more."""
        self.head.setVisible(headed)
        self.canvas.set_headed(not headed)


class Labels:
    """Says in the heads of the sections which network they edit, while there are two."""

    def __init__(self, session: Session, cue: Section, network: Section) -> None:
        self._session, self._cue, self._network = session, cue, network
        session.document_changed.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """The cue is that of both."""
        document = self._session.document
        two = document.beside is not None
        self._cue.set_caption("for both," if two else "")
        self._cue.setToolTip(SHARED if two else "")
        self._network.set_caption(document.setup.title if two else "")
