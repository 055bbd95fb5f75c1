"""The axes of a matrix of neurons: their numbers at the left and above, and who is who."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from lyapstudio.ui.numerals import ticks, whole
from lyapstudio.ui.theme import theme

TITLES, AXIS = 17, 17
"""Room for an axis' title and for its numbers, px."""

APART = 74
"""Numbers stand at least so far apart, px."""

ROWS, COLUMNS = "neuron i listens", "to neuron j"


def widest_number(N: int) -> int:
    """Room that the numbers at the left need, px."""
    return QFontMetrics(theme().font(11)).horizontalAdvance(whole(N)) + theme().px(10)


def draw_axes(
    painter: QPainter,
    box: QRectF,
    rows: tuple[float, float],
    cols: tuple[float, float],
    numbers: float,
) -> None:
    """Around the picture in sight.

    rows, cols : first and last neuron in sight, counted from 0, as parts of a cell
    numbers : the room for those at the left, px
    """
    t = theme()
    painter.setFont(t.font(11))
    painter.setPen(t.colour("muted"))
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for at, words in _numbers(*rows, box.height()):
        middle = box.top() + at * box.height()
        room = QRectF(box.left() - t.px(106), middle - t.px(8), t.px(100), t.px(16))
        painter.drawText(room, right, words)
    centre = Qt.AlignmentFlag.AlignCenter
    for at, words in _numbers(*cols, box.width()):
        middle = box.left() + at * box.width()
        room = QRectF(middle - t.px(50), box.top() - t.px(AXIS), t.px(100), t.px(AXIS))
        painter.drawText(room, centre, words)
    above = QRectF(box.left(), box.top() - t.px(AXIS + TITLES), box.width(), t.px(TITLES))
    painter.drawText(above, centre, COLUMNS)
    painter.save()
    painter.translate(box.left() - numbers - t.px(TITLES) / 2, box.center().y())
    painter.rotate(-90)
    half = box.height() / 2
    painter.drawText(QRectF(-half, -t.px(TITLES) / 2, 2 * half, t.px(TITLES)), centre, ROWS)
    painter.restore()


def _numbers(first: float, last: float, length: float) -> list[tuple[float, str]]:
    """(place from 0 to 1, number) of some neurons, counted from 1, at the middle of their cells."""
    span = last - first
    most = max(2, int(length / theme().px(APART)))
    found = []
    for number, words in ticks(first + 1, last, most):
        at = (number - 0.5 - first) / span
        if number == round(number) and 0 <= at <= 1:
            found.append((at, words))
    return found
