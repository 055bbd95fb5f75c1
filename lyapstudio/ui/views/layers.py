"""One image in the three layers: what it is, which hidden units answer, which class they favour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.text import Elided, text
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.example import Example, Settling, name, rounded
from lyapstudio.ui.views.pictures import draw_picture, field_picture, image_picture
from lyapstudio.ui.views.steps import Steps
from lyapstudio.ui.views.story import draw_mark
from lyapstudio.ui.views.tiling import shared_level

__all__ = ["Example", "LayersView", "Settling"]

EMPTY = "Step once: the image that is learned, and who answers it, appear here."

CLASSES = 10
"""So many faint nodes stand for the classes before there are any."""

MOST_LINES = 24
"""So many of the strongest contributions are drawn: all of them are a tangle, and cost 17 ms."""


class LayersView(QWidget):
    """Title, the three layers, and the three steps of learning beneath.

    `unit_clicked(unit)` tells which hidden unit was pressed.
    """

    unit_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = Elided("", "caption")
        self._layers, self._steps = Layers(), Steps()
        self._layers.unit_clicked.connect(self.unit_clicked)
        header = QHBoxLayout()
        header.setSpacing(14)
        header.addWidget(text("One image, three layers", "title"))
        header.addWidget(self._caption, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(header)
        column.addWidget(self._layers, 1)
        column.addWidget(self._steps)
        self.setAccessibleName("One image in the three layers")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps get a third of the height, and no more than they can use."""
        self._steps.setFixedHeight(
            int(min(theme().px(230), max(theme().px(160), self.height() * 0.34)))
        )

    def show_example(self, example: Example | None) -> None:
        """Show what this image does; None empties the view."""
        label = "" if example is None or not example.label else f"labelled {example.label}"
        self._caption.setText(label)
        self._layers.show_example(example)
        self._steps.show_example(example)
        self._steps.setVisible(example is not None)


@dataclass(frozen=True)
class Columns:
    """Where the three layers stand: x and width of each, and of the bars in them."""

    image: QRectF
    hidden: float
    tile: int
    bar: float
    bar_width: float
    end: float  # right end of the hidden layer
    classes: float
    score: float
    score_width: float
    top: float
    tall: float


class Layers(QWidget):
    """The picture of the network."""

    unit_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._example: Example | None = None
        self._image = QImage()
        self._fields: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._restyle)

    def show_example(self, example: Example | None) -> None:
        """Show this image, or ask for one."""
        self._example = example
        if example is not None:
            self._image = image_picture(example.image, example.shape)
            level = shared_level(np.asarray(example.fields, np.float32))
            self._fields = [field_picture(f, example.shape, level) for f in example.fields]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(640), theme().px(340))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(460), theme().px(220))

    def _restyle(self) -> None:
        self.show_example(self._example)
        self.updateGeometry()

    # --- where things lie

    def _columns(self, example: Example) -> Columns:
        t, W = theme(), self.width()
        top = t.px(26)
        tall = self.height() - top
        side = int(min(0.23 * W, tall - t.px(44), t.px(250)))
        pitch = tall / len(example.units)
        tile = int(min(pitch - t.px(8), t.px(44)))
        bar = min(max(t.px(36), 0.1 * W), t.px(110))
        names = QFontMetrics(t.font(13))
        widest = max((names.horizontalAdvance(c) for c in example.classes), default=0)
        named = min(widest, t.px(88)) + t.px(8)
        hidden_width = tile + t.px(10) + t.px(40) + bar + t.px(48)
        classes_width = t.px(20) + named + bar + t.px(46)
        free = max(t.px(40), (W - side - hidden_width - classes_width) / 2)
        hidden = side + free
        classes = W - classes_width
        image = QRectF(0, round(top + (tall - side) / 2 - t.px(16)), side, side)
        bars = hidden + tile + t.px(50)
        end = min(hidden + hidden_width, classes - t.px(24))
        return Columns(
            image, hidden, tile, bars, bar, end, classes, classes + t.px(20) + named, bar, top, tall
        )

    def _row(self, place: Columns, row: int, rows: int) -> float:
        """The middle of a row, all rows standing around the middle of the picture."""
        pitch = min(place.tall / max(rows, 1), theme().px(56))
        return place.top + place.tall / 2 + (row - (rows - 1) / 2) * pitch

    def _tile(self, place: Columns, row: int, rows: int) -> QRectF:
        middle = self._row(place, row, rows)
        return QRectF(round(place.hidden), round(middle - place.tile / 2), place.tile, place.tile)

    def _unit_at(self, point: QPointF) -> int | None:
        """The row of the hidden unit under the pointer."""
        if self._example is None:
            return None
        place, rows = self._columns(self._example), len(self._example.units)
        for row in range(rows):
            box = self._tile(place, row, rows)
            if QRectF(box.left(), box.top(), place.end - box.left(), box.height()).contains(point):
                return row
        return None

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        example = self._example
        if example is None:
            painter.setFont(t.font(13))
            painter.setPen(t.colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, EMPTY)
            return
        place = self._columns(example)
        self._paint_headings(painter, place, example)
        self._paint_inward(painter, place, example)
        if example.scores is not None and example.contributions is not None:
            self._paint_outward(painter, place, example)
        draw_picture(painter, place.image, self._image)
        self._paint_hidden(painter, place, example)
        self._paint_classes(painter, place, example)

    def _paint_headings(self, painter: QPainter, place: Columns, example: Example) -> None:
        t = theme()
        painter.setFont(t.font(11, 600))
        painter.setPen(t.colour("text"))
        tall = t.px(16)
        painter.drawText(QRectF(0, 0, place.image.width(), tall), "Image")
        painter.drawText(QRectF(place.hidden, 0, place.end - place.hidden, tall), "Hidden units")
        painter.drawText(QRectF(place.classes, 0, self.width(), tall), "Classes")
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        used = QFontMetrics(t.font(11, 600)).horizontalAdvance("Hidden units") + t.px(8)
        room = QRectF(place.hidden + used, 0, place.classes - place.hidden - used - 8, tall)
        words = QFontMetrics(painter.font()).elidedText(
            "by current I", Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, words)
        rows, cols, depth = example.shape
        inputs = f"{whole(rows)} × {whole(cols)}" + (" × 3" if depth == 3 else "")
        under = QRectF(0, place.image.bottom() + t.px(6), place.image.width(), t.px(16))
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, f"{inputs} inputs")

    def _paint_inward(self, painter: QPainter, place: Columns, example: Example) -> None:
        """From the image to every unit, as thick as its current."""
        t, rows = theme(), len(example.units)
        most = float(np.abs(example.currents).max()) or 1.0
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row in sorted(range(rows), key=lambda row: bool(example.role(row))):
            role = example.role(row)
            pen = QPen(t.colour(role or "groove"), 0.8 + 3.6 * abs(example.currents[row]) / most)
            if role == "bad":
                pen.setDashPattern([2.4, 1.2])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            edge = place.image
            start = QPointF(edge.right(), edge.top() + (row + 0.5) / rows * edge.height())
            goal = QPointF(place.hidden - 3, self._row(place, row, rows))
            painter.drawPath(_bend(start, goal))

    def _paint_outward(self, painter: QPainter, place: Columns, example: Example) -> None:
        """From every unit to the classes: warm for the class, cool against it."""
        assert example.contributions is not None
        table = theme().signed()
        parts = np.nan_to_num(np.asarray(example.contributions, float))
        shown, rows = self._shown_classes(place, example), len(example.units)
        most = float(np.abs(parts).max()) or 1.0
        lines = [
            (abs(parts[c, row]) / most, parts[c, row] > 0, k, row)
            for k, c in enumerate(shown)
            for row in range(rows)
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for size, warm, k, row in sorted(lines)[-MOST_LINES:]:
            colour = QColor(*(int(v) for v in table[198 if warm else 58]))
            colour.setAlpha(int(70 + 170 * size))
            painter.setPen(QPen(colour, 0.6 + 3.8 * size))
            start = QPointF(place.end, self._row(place, row, rows))
            goal = QPointF(place.classes - 2, self._row(place, k, len(shown)))
            painter.drawPath(_bend(start, goal))

    def _paint_hidden(self, painter: QPainter, place: Columns, example: Example) -> None:
        t, rows = theme(), len(example.units)
        most = float(np.abs(example.currents).max()) or 1.0
        thick = 3.0 if place.tile >= 28 else 2.0
        for row, picture in enumerate(self._fields):
            box, role = self._tile(place, row, rows), example.role(row)
            draw_picture(painter, box, picture, rounded=False)
            if role:
                draw_mark(painter, box, role, thick)
            middle = box.center().y()
            strong = 600 if role else 400
            number = QRectF(box.right() + t.px(10), middle - 10, t.px(38), 20)
            painter.setFont(t.font(11, strong))
            painter.setPen(t.colour("text" if role else "muted"))
            vcentre = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(number, vcentre, whole(int(example.units[row]) + 1))
            current = float(example.currents[row])
            bar = QRectF(place.bar, middle - 4, abs(current) / most * place.bar_width, 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour(role or "bar", 255 if current > 0 else 90))
            painter.drawRoundedRect(bar, min(3.0, bar.width() / 2), 3)
            painter.setPen(t.colour("text" if role else "muted"))
            value = QRectF(bar.right() + t.px(6), middle - 10, t.px(60), 20)
            painter.drawText(value, vcentre, rounded(current, most))

    def _shown_classes(self, place: Columns, example: Example) -> list[int]:
        """All of them, or the best that there is room for, in their own order."""
        most = max(1, int(place.tall // theme().px(15)))
        classes = list(range(len(example.classes)))
        if len(classes) <= most:
            return classes
        if example.scores is None:
            return classes[:most]
        best = np.argsort(-np.asarray(example.scores), kind="stable")[:most]
        return sorted(int(c) for c in best)

    def _paint_classes(self, painter: QPainter, place: Columns, example: Example) -> None:
        t = theme()
        shown: list[int] = self._shown_classes(place, example)
        if example.scores is None or not shown:
            self._paint_unread(painter, place, [example.classes[c] for c in shown])
            return
        scores = np.nan_to_num(np.asarray(example.scores, float))
        best = int(np.argmax(scores))
        vcentre = Qt.AlignmentFlag.AlignVCenter
        for k, c in enumerate(shown):
            middle, first = self._row(place, k, len(shown)), c == best
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("accent" if first else "bar"))
            painter.drawEllipse(QPointF(place.classes + t.px(5), middle), t.px(5), t.px(5))
            painter.setFont(t.font(13 if first else 11, 600 if first else 400))
            painter.setPen(t.colour("text" if first else "muted"))
            room = QRectF(place.classes + t.px(17), middle - 10, 0, 20)
            room.setRight(place.score - t.px(4))
            painter.drawText(room, vcentre, _short(painter, example.classes[c], room.width()))
            track = QRectF(place.score, middle - 2.5, place.score_width, 5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("field"))
            painter.drawRoundedRect(track, 2.5, 2.5)
            track.setWidth(max(5.0, (float(np.clip(scores[c], -1, 1)) + 1) / 2 * track.width()))
            painter.setBrush(t.colour("accent" if first else "bar"))
            painter.drawRoundedRect(track, 2.5, 2.5)
            if first:
                painter.setPen(t.colour("text"))
                x = place.score + place.score_width + t.px(6)
                value = QRectF(x, middle - 10, t.px(60), 20)
                painter.drawText(value, vcentre, figure(float(scores[c]), 2, sign=True))

    def _paint_unread(self, painter: QPainter, place: Columns, names: list[str]) -> None:
        """Faint nodes: nobody has learned to read the hidden units."""
        t = theme()
        count = len(names) or CLASSES
        vcentre = Qt.AlignmentFlag.AlignVCenter
        for k in range(count):
            middle = self._row(place, k, count)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("groove"))
            painter.drawEllipse(QPointF(place.classes + t.px(5), middle), t.px(5), t.px(5))
            if names:
                painter.setFont(t.font(11))
                painter.setPen(t.colour("faint"))
                room = QRectF(place.classes + t.px(17), middle - 10, t.px(88), 20)
                painter.drawText(room, vcentre, _short(painter, names[k], room.width()))
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        x = place.score
        room = QRectF(x, place.top, self.width() - x, place.tall)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, "no readout yet")

    # --- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._unit_at(event.position())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            assert self._example is not None
            self.unit_clicked.emit(int(self._example.units[row]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._example is not None:
            row = self._unit_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.words(row), self)
            return True
        return super().event(event)

    def words(self, row: int | None) -> str:
        """What the tooltip says about a row of the hidden layer, or about the lines."""
        if row is None or self._example is None:
            return (
                "A line is as thick as the current that flows along it. "
                "To the classes: warm speaks for a class, cool against it."
            )
        role = self._example.role(row)
        deed = {"accent": "it is potentiated", "bad": "it is depressed"}.get(role, "it stays")
        current = figure(float(self._example.currents[row]), 3)
        return f"{name(int(self._example.units[row])).capitalize()}: I = {current}, {deed}."


def _bend(start: QPointF, goal: QPointF) -> QPainterPath:
    """A line that leaves and arrives level."""
    path = QPainterPath(start)
    middle = (start.x() + goal.x()) / 2
    path.cubicTo(QPointF(middle, start.y()), QPointF(middle, goal.y()), goal)
    return path


def _short(painter: QPainter, words: str, room: float) -> str:
    return QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, int(room))
