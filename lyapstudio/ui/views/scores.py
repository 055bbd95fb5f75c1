"""How the network reads an image: a score for each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.ui.numerals import figure
from lyapstudio.ui.theme import theme

MOST_ROWS = 12
"""Of more classes only the best so many are shown, the best first."""

NARROW = 120
"""Below this width the best value is written smaller: the bars need the room, px."""

SHORTEST = 36
"""A bar keeps so much room; the value at its right goes first, px."""

UNTRAINED = "Train the readout first: then it reads what you draw."

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def read_as(names: Sequence[str], scores: NDArray[np.floating], true: int | None = None) -> str:
    """The scores in words: "read as 5, score +0.99".

    Where no class is above 0 none was recognised: "perhaps 5, score −0.20".
    """
    best = int(np.argmax(scores))
    verb = "read as" if scores[best] > 0 else "perhaps"
    words = f"{verb} {names[best]}, score {figure(float(scores[best]), 2, sign=True)}"
    if true is not None and true != best:
        words += f"; it is {names[true]}"
    return words


class ClassScores(QWidget):
    """A slim bar for each class: empty is −1, half is 0, full is +1; the best in the accent.

    `headline` says it in words, `headline_changed` when they change.
    """

    headline_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._scores: NDArray[np.floating] | None = None
        self._true: int | None = None
        self._message = UNTRAINED
        self.headline = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Score of each class")
        theme().changed.connect(self._restyle)

    def show_scores(
        self,
        names: Sequence[str],
        scores: NDArray[np.floating] | None,
        true: int | None = None,
        message: str = UNTRAINED,
    ) -> None:
        """Show (C,) scores in [-1, 1], or (None) the message in the place of the bars.

        true : the class that the image really is, where that is known
        """
        self._names, self._scores, self._true = tuple(names), scores, true
        self._message = message
        headline = read_as(self._names, scores, true) if scores is not None else ""
        if headline != self.headline:
            self.headline = headline
            self.headline_changed.emit(headline)
        self.setAccessibleDescription(headline or message)
        self.update()

    @property
    def shown(self) -> list[int]:
        """The classes in sight, from the top."""
        count = len(self._names)
        if count <= MOST_ROWS:
            return list(range(count))
        if self._scores is None:
            return list(range(MOST_ROWS))
        return [int(k) for k in np.argsort(-self._scores, kind="stable")[:MOST_ROWS]]

    def sizeHint(self) -> QSize:
        return QSize(theme().px(172), theme().px(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(96), theme().px(13 * max(1, len(self.shown))))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _row(self) -> float:
        return min(float(theme().px(22)), self.height() / max(1, len(self.shown)))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, shown = theme(), self.shown
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        best = int(np.argmax(self._scores)) if self._scores is not None else None
        bold = QFontMetrics(t.font(11, 600))
        widest = max((bold.horizontalAdvance(self._names[k]) for k in shown), default=0)
        left = min(widest + 2, self.width() * 0.4)
        large = 13 if self.width() >= t.px(NARROW) else 11
        value = QFontMetrics(t.font(large, 600)).horizontalAdvance("+0.99") + t.px(8)
        told = self.width() - left - t.px(8) - value >= t.px(SHORTEST)  # else the headline says it
        value = value if told else 1
        tall = self._row()
        for row, k in enumerate(shown):
            line = QRectF(0, row * tall, self.width(), tall)
            track = QRectF(left + t.px(8), 0, self.width() - left - t.px(8) - value, t.px(6))
            track.moveTop(line.center().y() - track.height() / 2)
            self._draw_name(painter, k, QRectF(0, line.top(), left, tall), k == best)
            if self._scores is None:
                continue
            self._draw_bar(painter, k, float(self._scores[k]), track, k == best)
            if told and k in (best, self._true):
                lead = k == best
                painter.setFont(t.font(large if lead else 11, 600 if lead else 400))
                painter.setPen(t.colour("text" if lead else "muted"))
                words = figure(float(self._scores[k]), 2, sign=True)
                painter.drawText(line, _RIGHT, words)
        if self._scores is None:
            self._draw_message(painter, left + t.px(16))

    def _draw_name(self, painter: QPainter, k: int, box: QRectF, best: bool) -> None:
        t = theme()
        painter.setFont(t.font(11, 600 if best else 400))
        painter.setPen(t.colour("text" if best else "muted"))
        words = QFontMetrics(painter.font()).elidedText(
            self._names[k], Qt.TextElideMode.ElideMiddle, int(box.width()) + 1
        )
        painter.drawText(box, _RIGHT, words)

    def _draw_bar(self, painter: QPainter, k: int, score: float, track: QRectF, best: bool) -> None:
        t, radius = theme(), track.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour("field"))
        painter.drawRoundedRect(track, radius, radius)
        part = (min(max(score, -1.0), 1.0) + 1) / 2
        bar = QRectF(track)
        bar.setWidth(max(track.height(), part * track.width()))
        painter.setBrush(t.colour("accent" if best else "bar"))
        painter.drawRoundedRect(bar, radius, radius)
        if k == self._true and not best:  # what it should have been: a full outline
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(t.colour("muted"), 1))
            painter.drawRoundedRect(track.adjusted(-0.5, -0.5, 0.5, 0.5), radius, radius)

    def _draw_message(self, painter: QPainter, left: float) -> None:
        t = theme()
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        tall = min(self.height(), self._row() * max(1, len(self.shown)))
        area = QRectF(left, 0, self.width() - left, tall)
        painter.drawText(area, _LEFT | Qt.TextFlag.TextWordWrap, self._message)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row = int(event.pos().y() // self._row())
            words = ""
            if self._scores is not None and row < len(self.shown):
                k = self.shown[row]
                score = figure(float(self._scores[k]), 3, sign=True)
                words = f"{self._names[k]}: score {score}"
                words += " (the image really is this)" if k == self._true else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)
