"""The head over one of two pictures: title, outcome, value and guarantee of its network."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.analysis.outcome import Outcome
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Direction, Guarantee, LyapunovFunction
from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.badge import reason_of
from lyapstudio.ui.parts.pill import ICONS
from lyapstudio.ui.parts.reading import places
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.titles import draw_states


class Head(QWidget):
    """Title, outcome, value and guarantee of one network; a click makes it the one to edit."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._leads, self._legend, self._over = "", False, False, False
        self._ends = (0, 0)
        self._outcome = Outcome("none", "", "")
        self._value, self._verdict, self._kind = "", "", "plain"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(74))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(74))

    def set_title(self, title: str, *, leads: bool) -> None:
        """`leads` : it is the one that the panels edit."""
        self._title, self._leads = title, leads
        self.setCursor(Qt.CursorShape.ArrowCursor if leads else Qt.CursorShape.PointingHandCursor)
        self._tell()

    def align(self, left: int, right: int) -> None:
        """Stand over the picture."""
        if (left, right) != self._ends:
            self._ends = left, right
            self.update()

    def set_legend(self, on: bool) -> None:
        """The two tones stand over the right picture only."""
        self._legend = on
        self.update()

    def show_outcome(self, outcome: Outcome) -> None:
        """What its network is doing, in words."""
        if outcome != self._outcome:
            self._outcome = outcome
            self._tell()

    def show_frame(self, frame: Frame) -> None:
        """The first function's value, and whether it is sure to move one way."""
        if not frame.model.functions or not frame.guarantees:
            shown = ("", "no Lyapunov function", "plain")
        else:
            function, value = frame.model.functions[0], frame.values[0]
            wrong = frame.trace.counters[0].wrong_moves
            words, kind = verdict(frame.guarantees[0], function, wrong)
            shown = (f"{function.symbol} = {figure(value, places(value))}", words, kind)
        if shown != (self._value, self._verdict, self._kind):
            self._value, self._verdict, self._kind = shown
            self._tell()

    @property
    def words(self) -> tuple[str, str, str, str]:
        """Title, outcome, value and guarantee."""
        return self._title, self._outcome.title, self._value, self._verdict

    def _tell(self) -> None:
        lines = [self._title, f"{self._outcome.title}: {self._outcome.detail}"]
        lines += [f"{self._value}, {self._verdict}"]
        lines += ["The panels edit this one."] if self._leads else ["Click to edit this one."]
        self.setToolTip("\n".join(lines))
        self.setAccessibleName(", ".join(lines))
        self.update()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = self._ends
        if right - left < t.px(200):  # a small picture: the words need all the room there is
            right = self.width()
        across = QRectF(left, 0, right - left, t.px(26))
        line = QRectF(across)
        legend = self._legend and right - left >= t.px(200)
        end = draw_states(painter, line) if legend else line.right()
        lit = self._leads or self._over
        role = "text" if lit else "muted"
        wide = self._write(painter, line, end - t.px(12), self._title, role, 15, 600)
        if self._leads:
            painter.fillRect(QRectF(left, t.px(26), wide, t.px(2)), t.colour("accent"))
        name, role = ICONS.get(self._outcome.kind, ("ph.target-bold", "muted"))
        if self._outcome.kind == "moving":
            name = "ph.dots-three-bold"
        line = QRectF(left, t.px(32), across.width(), t.px(20))
        used = self._mark(painter, line, name, role)
        line.setLeft(used)
        wide = self._write(painter, line, line.right(), self._outcome.title, "text", 13, 600)
        line.setLeft(used + wide + t.px(8))
        self._write(painter, line, line.right(), self._outcome.detail, "muted", 11, 400)
        self._draw_verdict(painter, QRectF(left, t.px(53), across.width(), t.px(20)))

    def _draw_verdict(self, painter: QPainter, line: QRectF) -> None:
        t = theme()
        icon, role = VERDICTS[self._kind]
        line.setLeft(self._mark(painter, line, icon, role))
        wide = self._write(painter, line, line.right(), self._value, "text", 13, 600)
        line.setLeft(line.left() + wide + t.px(8))
        words = "muted" if self._kind == "plain" else role
        self._write(painter, line, line.right(), self._verdict, words, 11, 600)

    def _mark(self, painter: QPainter, line: QRectF, name: str, role: str) -> float:
        t = theme()
        glyph = t.px(16)
        at = QRect(int(line.left()), int(line.center().y() - glyph / 2), glyph, glyph)
        t.icon(name, role).paint(painter, at)
        return line.left() + t.px(22)

    def _write(
        self,
        painter: QPainter,
        line: QRectF,
        end: float,
        words: str,
        role: str,
        size: int,
        weight: int,
    ) -> float:
        """Words on a line as far as there is room; returns how wide they are."""
        t = theme()
        font = t.font(size, weight)
        metrics = QFontMetrics(font)
        room = max(0, int(end - line.left()))
        short = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.setFont(font)
        painter.setPen(QPen(t.colour(role)))
        painter.drawText(QRectF(line.left(), line.top(), room, line.height()), VCENTRE, short)
        return float(metrics.horizontalAdvance(short))

    # --- the mouse

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = False
        self.update()


VCENTRE = Qt.AlignmentFlag.AlignVCenter
VERDICTS = {
    "good": ("ph.check-circle-fill", "accent"),
    "bad": ("ph.warning-circle-fill", "bad"),
    "plain": ("ph.trend-up-bold", "muted"),
}
"""Icon and colour, as the badge has them."""


def verdict(guarantee: Guarantee, function: LyapunovFunction, wrong: int) -> tuple[str, str]:
    """The badge in a few words, and its kind: "guaranteed to fall", "rose 12 times: …"."""
    falls = function.direction is Direction.FALLS
    verb, other, moved = ("fall", "rise", "rose") if falls else ("rise", "fall", "fell")
    if guarantee.holds:
        return f"guaranteed to {verb}", "good"
    if guarantee.average:
        return f"{verb}s on average", "plain"
    reason = reason_of(guarantee.broken[0])[0]
    times = "once" if wrong == 1 else f"{whole(wrong)} times"
    return (f"{moved} {times}: {reason}" if wrong else f"may {other}: {reason}"), "bad"
