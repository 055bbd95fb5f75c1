"""What one image changes, in three steps: 1 Listen, 2 Compete, 3 Learn."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.numerals import figure
from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.example import Example, name, rounded
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.pictures import draw_picture, field_picture
from lyapstudio.ui.views.settling import fitting, paint_settling
from lyapstudio.ui.views.story import draw_mark, ordinal

PARTS = {False: (1.0, 1.0, 1.55), True: (0.8, 1.4, 1.6)}
"""Widths of the three cards; with the slow rule the middle one holds two plots."""

GAP, EDGE = 8, 14
"""Between the cards and within them, px."""

BAR = 28
"""Height of the colour bar with its numbers, px."""


HOW = "I adds up the pixels of the image, each weighted."


class Steps(QWidget):
    """Three cards; the last one, in the accent, shows the change of the weights."""

    def __init__(self) -> None:
        super().__init__()
        self._example: Example | None = None
        self._changes: dict[int, QImage] = {}
        self._bar = ColourBar()
        self._bar.setParent(self)
        self._bar.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._restyle)

    def show_example(self, example: Example | None) -> None:
        """Show what this image does; None empties the cards."""
        self._example = example
        self._changes.clear()
        level = 0.0
        if example is not None and example.changes is not None:
            rows = [row for row in (example.winner, example.loser) if row is not None]
            if rows:
                level = symmetric_level(np.asarray(example.changes, float)[rows])
            for row in rows:
                self._changes[row] = field_picture(example.changes[row], example.shape, level)
        self._bar.setVisible(bool(self._changes))
        if self._changes:
            self._bar.set_levels(-level, level)
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(600), theme().px(190))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(420), theme().px(160))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _restyle(self) -> None:
        self.show_example(self._example)
        self.updateGeometry()

    def _cards(self) -> list[QRectF]:
        t = theme()
        slow = self._example is not None and self._example.settling is not None
        parts, gap = PARTS[slow], t.px(GAP)
        room = self.width() - 2 * gap
        x, cards = 0.0, []
        for part in parts:
            wide = room * part / sum(parts)
            cards.append(QRectF(x, 0, wide, self.height()))
            x += wide + gap
        return cards

    def _inner(self, card: QRectF) -> QRectF:
        """Beneath the title of a card."""
        t = theme()
        edge = t.px(EDGE)
        return card.adjusted(edge, t.px(34), -edge, -t.px(10))

    def _place(self) -> None:
        inner = self._inner(self._cards()[2])
        tall = theme().px(BAR)
        self._bar.setGeometry(
            int(inner.left()), int(inner.bottom()) - tall, int(inner.width()), tall
        )
        self.update()

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cards = self._cards()
        example = self._example
        learns = example is not None and bool(self._changes)
        for k, (card, title) in enumerate(
            zip(cards, ("1  Listen", "2  Compete", "3  Learn"), strict=True)
        ):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("accentsoft" if k == 2 and learns else "side"))
            painter.drawRoundedRect(card, 12, 12)
            head = card.adjusted(t.px(EDGE), t.px(8), -t.px(EDGE), 0)
            self._write(painter, head, title, t.font(13, 600), "text")
        if example is None:
            return
        self._paint_listen(painter, self._inner(cards[0]), example)
        if example.settling is not None:
            paint_settling(painter, self._inner(cards[1]), example)
        else:
            self._paint_compete(painter, self._inner(cards[1]), example)
        self._paint_learn(painter, cards[2], example)

    def _write(
        self,
        painter: QPainter,
        room: QRectF,
        words: str,
        font: QFont,
        role: str,
        wrap: bool = False,
    ) -> float:
        """Words from the top of a room; returns how tall they are."""
        painter.setFont(font)
        painter.setPen(theme().colour(role))
        metrics = QFontMetrics(font)
        if wrap:
            flags = int(Qt.TextFlag.TextWordWrap)
            box = painter.boundingRect(room, flags, words)
            painter.drawText(room, flags, words)
            return box.height()
        short = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()) + 1)
        painter.drawText(QRectF(room.left(), room.top(), room.width() + 2, metrics.height()), short)
        return metrics.height()

    def _paint_listen(self, painter: QPainter, room: QRectF, example: Example) -> None:
        t = theme()
        most = float(np.abs(example.currents).max())
        best = 0 if example.winner is None else example.winner
        number = f"I = {rounded(float(example.currents[best]), most)}"
        large = t.font(22, 600, display=True)
        if QFontMetrics(large).horizontalAdvance(number) > room.width():
            large = t.font(15, 600, display=True)
        y = self._write(painter, room, number, large, "text") + t.px(4)
        first = name(int(example.units[best])).capitalize()
        won = example.winner is not None
        words = f"{first} answers most." if won else f"The largest, by {first.lower()}."
        loser = example.loser
        if loser is not None and loser != best:
            value = rounded(float(example.currents[loser]), most)
            whose = name(int(example.units[loser])).capitalize()
            words += f" {whose} is {ordinal(loser + 1)}, with {value}."
        rest = room.adjusted(0, y, 0, 0)
        rest.setTop(rest.top() + self._write(painter, rest, words, t.font(11), "muted", wrap=True))
        rest.setTop(rest.top() + t.px(8))
        if rest.height() > t.px(48):
            self._write(painter, rest, HOW, t.font(11), "muted", wrap=True)

    def _paint_compete(self, painter: QPainter, room: QRectF, example: Example) -> None:
        t = theme()
        y = room.top()
        side = t.px(12)
        moved = [row for row in (example.winner, example.loser) if row is not None]
        for row in moved:
            role = example.role(row)
            draw_mark(painter, QRectF(room.left() + 2, y + t.px(4), side, side), role, 2.0)
            line = QRectF(room.left() + t.px(24), y, room.width() - t.px(24), t.px(20))
            whose = name(int(example.units[row])).capitalize()
            push = f"g = {figure(float(example.pushes[row]), sign=True)}"
            font = t.font(13, 600)
            painter.setFont(font)
            painter.setPen(t.colour("text"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(line, right, push)
            used = QFontMetrics(font).horizontalAdvance(push) + t.px(6)
            self._write(painter, line.adjusted(0, 0, -used, 0), whose, font, "text")
            deed = "potentiated" if role == "accent" else "depressed"
            self._write(painter, line.adjusted(0, t.px(17), 0, 0), deed, t.font(11), role)
            y += t.px(42)
        others = int(np.count_nonzero(example.pushes < 0)) - 1
        words = "All the others stay: g = 0." if moved else "Nobody: no answer is strong enough."
        if others > 0:
            words = "One more is" if others == 1 else f"{figure(others, 0)} more are"
            words += " depressed."
        rest = QRectF(room.left(), y, room.width(), max(0.0, room.bottom() - y))
        self._write(painter, rest, words, t.font(11), "muted", wrap=True)

    def _paint_learn(self, painter: QPainter, card: QRectF, example: Example) -> None:
        t = theme()
        inner = self._inner(card)
        title = QFontMetrics(t.font(13, 600)).horizontalAdvance("3  Learn") + t.px(12)
        right = QRectF(inner.left() + title, t.px(8), inner.width() - title, t.px(18))
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        words = QFontMetrics(painter.font()).elidedText(
            example.words, Qt.TextElideMode.ElideRight, int(right.width())
        )
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(right, flags, words)
        if not self._changes:
            self._write(painter, inner, "No weight changes.", t.font(13), "muted", wrap=True)
            return
        assert example.changes is not None
        line, gap = t.px(16), t.px(16)
        tall = inner.height() - t.px(BAR) - t.px(6) - line
        wide = (inner.width() - gap) / 2
        side = max(16, int(min(tall - 6, wide - 6)))
        scale = max(float(np.abs(example.changes[row]).max()) for row in self._changes)
        for k, (row, picture) in enumerate(self._changes.items()):
            slot = QRectF(inner.left() + k * (wide + gap), inner.top(), wide, tall)
            box = QRectF(0, 0, side, side)
            box.moveCenter(slot.center())
            box = QRectF(round(box.x()), round(box.y()), side, side)
            draw_picture(painter, box, picture, rounded=False)
            draw_mark(painter, box, example.role(row), 2.0)
            change = example.changes[row]
            extreme = float(change[np.argmax(np.abs(change))])
            value = rounded(extreme, scale, 2, sign=True)
            painter.setFont(t.font(11))
            painter.setPen(t.colour("text"))
            under = QRectF(slot.left() - gap / 2, slot.bottom() + 1, wide + gap, line)
            whose = name(int(example.units[row]))
            wordings = f"{whose}: up to {value}", f"{whose}: {value}", value
            words = fitting(painter, wordings, under.width())
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter, words)
