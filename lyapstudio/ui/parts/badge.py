"""Is the function proved monotone from here? One badge a function, with the repair at hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from lyapstudio.core.model import Assumption, Direction, Guarantee, LyapunovFunction, Repair
from lyapstudio.core.trace import Counters
from lyapstudio.ui.numerals import THIN, figure, whole
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.text import restyle, text
from lyapstudio.ui.theme import theme

ROOMY = 900
"""From this height of the window on, px, several functions' badges have room for every line."""
NARROW = "\u202f"
"""A thin space at which no line is broken."""
UNMOVED = Counters()
SHORT = 36
"""The longest reason that stands in the title; see `reason_of`."""


def reason_of(assumption: Assumption) -> tuple[str, str]:
    """A cause as (words for the title, sentence beneath).

    "neurons update together: E is proved to fall only if …" splits at its first colon.
    """
    head, colon, rest = assumption.cause.partition(": ")
    if colon and len(head) <= SHORT:
        return head, rest
    if assumption.cause and len(assumption.cause) <= SHORT:
        return assumption.cause.rstrip("."), ""
    return f"not “{assumption.label}”", assumption.cause


def last_wrong(counters: Counters) -> str:
    """The last wrong move and the largest: "Last at update 1 203; the largest, by 0.31, at 77."."""
    if not counters.wrong_moves:
        return ""
    largest, last = figure(float(f"{counters.worst:.2g}")), whole(counters.wrong_at)
    if counters.wrong_moves == 1:
        words = f"At update {last}, by {largest}."
    else:
        words = f"Last at update {last}; the largest, by {largest}, at {whole(counters.worst_at)}."
    return words.replace(THIN, NARROW)


class Badge(QFrame):
    """Guaranteed, broken or neither, with the assumptions ticked; `compact` shows the title only.

    `repair_requested` carries the Repair that restores the broken assumption.
    """

    repair_requested = Signal(object)
    why_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: object = None
        self._icon_name, self._icon_role = "ph.trend-up-bold", "muted"
        self._compact = self._terse = False
        self._icon = QLabel()
        self._title = text("", "section", wrap=True)
        self._sentence = text("", "body", wrap=True)
        self._last = text("", "caption", wrap=True)
        self._list = QWidget()
        self._cells: list[_Tick] = []
        self._filled: Sequence[Assumption] | None = None
        self._ticks = QGridLayout(self._list)
        self._ticks.setContentsMargins(28, 0, 0, 0)  # under the title's words
        self._ticks.setVerticalSpacing(2)
        self._repair = TextButton("", "bad", "ph.wrench-fill", "Undo what broke the guarantee.")
        self._why = TextButton("Why?", "link", tooltip="What the proof assumes, and what broke it.")
        self._buttons = QWidget()
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(28, 4, 0, 0)
        buttons.addWidget(self._repair)
        buttons.addWidget(self._why)
        buttons.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        self._body = body = QVBoxLayout(self)
        body.setContentsMargins(14, 9, 14, 9)
        body.setSpacing(5)
        body.addLayout(head)
        for part in (self._sentence, self._last, self._list, self._buttons):
            body.addWidget(part)
        self._asked: Repair | None = None
        self._repair.clicked.connect(lambda: self.repair_requested.emit(self._asked))
        self._why.clicked.connect(self.why_requested)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self._restyle)
        self.show_neutral("No Lyapunov function here")

    def set_compact(self, compact: bool) -> None:
        """Title only, the assumptions in the tooltip: for low windows and second functions."""
        if compact != self._compact:
            self._compact = compact
            self._fold()

    def set_terse(self, terse: bool) -> None:
        """Leave the last wrong move to the tooltip."""
        if terse != self._terse:
            self._terse = terse
            self._fold()

    def show_guarantee(
        self,
        guarantee: Guarantee,
        function: LyapunovFunction,
        counters: Counters = UNMOVED,
        *,
        lead: str = "",
    ) -> None:
        """Show one function's guarantee, how often it moved the wrong way, and when last.

        `lead` (the function's symbol) goes before the title where there are several.
        """
        wrong, last = counters.wrong_moves, last_wrong(counters)
        if self._shown == (guarantee, function.symbol, wrong, last, lead):
            return
        self._shown = (guarantee, function.symbol, wrong, last, lead)
        falls = function.direction is Direction.FALLS
        verb, moved = ("fall", "Rose") if falls else ("rise", "Fell")
        times = "once" if wrong == 1 else f"{whole(wrong)} times"
        sentence, self._asked = "", None
        if guarantee.average and not guarantee.holds:
            title = f"{verb.capitalize()}s on average: {guarantee.average}"
            self._set_kind("plain")
        elif guarantee.holds:
            title = f"Guaranteed to {verb}"
            before = f"{moved} {times} before, while an assumption was broken"
            cause = counters.cause.partition(": ")[0].rstrip(".")
            sentence = (f"{before}: {cause}." if cause else f"{before}.") if wrong else ""
            self._set_kind("good")
        else:
            first = guarantee.broken[0]
            reason, sentence = reason_of(first)
            title = f"{moved} {times}: {reason}" if wrong else f"May {_other(verb)}: {reason}"
            if first.repair is not None:
                self._repair.setText(f" {first.repair.label}")
                self._asked = first.repair
            self._set_kind("bad")
        self._title.setText(f"{lead}: {title[0].lower()}{title[1:]}" if lead else title)
        self._sentence.setText(sentence)
        self._last.setText("" if guarantee.average else last)
        self._fill(() if guarantee.average else guarantee.assumptions)
        self._fold()

    def show_neutral(self, title: str, sentence: str = "", icon: str = "ph.trend-up-bold") -> None:
        """Neither good nor bad: "Rises on average", or no function at all."""
        if self._shown == (title, sentence):
            return
        self._shown = (title, sentence)
        self._asked = None
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._last.setText("")
        self._fill(())
        self._set_kind("plain", icon)
        self._fold()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.why_requested.emit()

    def height_for(self, width: int) -> int:
        """What it needs at this width."""
        layout = self._body
        layout.invalidate()
        layout.activate()
        return max(layout.totalHeightForWidth(width), layout.totalMinimumSize().height())

    def _set_kind(self, kind: str, icon: str = "ph.trend-up-bold") -> None:
        icons = {
            "good": ("ph.check-circle-fill", "accent"),
            "bad": ("ph.warning-circle-fill", "bad"),
        }
        self._icon_name, self._icon_role = icons.get(kind, (icon, "muted"))
        restyle(self, kind=kind)
        self._restyle()

    def _fill(self, assumptions: Sequence[Assumption]) -> None:
        if assumptions == self._filled:
            return  # at T > 0 the count changes with every frame, the list does not
        self._filled = assumptions
        for cell in self._cells:
            self._ticks.removeWidget(cell)
            cell.deleteLater()
        self._cells = [_Tick(a) for a in assumptions]
        for k, cell in enumerate(self._cells):
            self._ticks.addWidget(cell, k // 2, k % 2)

    def _describe(self) -> None:
        """The tooltip: what was left out, and that there is more to read."""
        lines = [("✓ " if a.holds else "✗ ") + a.label for a in self._filled or ()]
        lines += [self._last.text()] if self._last.text() else []
        self.setToolTip("\n".join([*lines, "Click to read why."]))

    def _fold(self) -> None:
        self._describe()
        bad = self.property("kind") == "bad"
        few = self._compact
        self._sentence.setVisible(bool(self._sentence.text()) and not few)
        self._last.setVisible(bool(self._last.text()) and not few and not self._terse)
        self._list.setVisible(bool(self._cells) and not few)
        self._repair.setVisible(self._asked is not None)
        self._buttons.setVisible(bad and (not few or self._asked is not None))

    def _restyle(self) -> None:
        self._icon.setPixmap(
            theme().pixmap(self._icon_name, self._icon_role, 18, self.devicePixelRatioF())
        )


class Badges(QWidget):
    """A badge for every function that is defined here: the broken one in full, the rest short."""

    repair_requested = Signal(object)
    why_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._badges: list[Badge] = []
        self._symbols: list[str] = []
        self._compact = False

    def set_compact(self, compact: bool) -> None:
        self._compact = compact
        for k, badge in enumerate(self._badges):
            badge.set_compact(compact or k > 0)

    def show_guarantees(
        self,
        functions: Sequence[LyapunovFunction],
        guarantees: Sequence[Guarantee],
        counters: Sequence[Counters] = (),
    ) -> None:
        """Guarantees as the frame has them; `counters` one a function of the model."""
        self._grow(max(1, len(guarantees)))
        if not guarantees:
            self._badges[0].show_neutral("No Lyapunov function here")
            self._symbols = [""]
            return
        self._symbols = [g.symbol for g in guarantees]
        place = {f.symbol: k for k, f in enumerate(functions)}
        several = len(guarantees) > 1
        for badge, guarantee in zip(self._badges, guarantees, strict=True):
            k = place[guarantee.symbol]
            count = counters[k] if k < len(counters) else UNMOVED
            lead = guarantee.symbol if several and badge is not self._badges[0] else ""
            badge.set_terse(several and self.window().height() < ROOMY)
            badge.show_guarantee(guarantee, functions[k], count, lead=lead)
        self._take_height()

    def hasHeightForWidth(self) -> bool:
        """No: its height is set below, and a layout that asked again would get less."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._take_height()

    def _take_height(self) -> None:
        """Wrapped text never asks for its height by itself: nothing may be cut off."""
        if not self._badges:
            return
        width = max(self.width(), 200)
        heights = [badge.height_for(width) for badge in self._badges]
        self.setFixedHeight(sum(heights) + self._column.spacing() * (len(heights) - 1))

    def _grow(self, count: int) -> None:
        while len(self._badges) < count:
            badge, k = Badge(), len(self._badges)
            badge.set_compact(self._compact or k > 0)
            badge.repair_requested.connect(self.repair_requested)
            badge.why_requested.connect(lambda k=k: self.why_requested.emit(self._symbols[k]))
            self._badges.append(badge)
            self._column.addWidget(badge)
        while len(self._badges) > count:
            self._badges.pop().deleteLater()


class _Tick(QWidget):
    """An assumption with its tick, or its cross in strong text."""

    def __init__(self, assumption: Assumption) -> None:
        super().__init__()
        self._holds = assumption.holds
        self._mark = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(self._mark)
        row.addWidget(text(assumption.label, "caption" if assumption.holds else "strong"), 1)
        self.setToolTip(assumption.cause)
        theme().changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(15))

    def _restyle(self) -> None:
        name, role = ("ph.check-bold", "accent") if self._holds else ("ph.x-bold", "bad")
        self._mark.setPixmap(theme().pixmap(name, role, 12, self.devicePixelRatioF()))


def _other(verb: str) -> str:
    return "rise" if verb == "fall" else "fall"
