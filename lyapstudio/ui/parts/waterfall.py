"""Who pushes a neuron, and which way: the contributions to its field, ending in the sum."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.core.insight import Arithmetic
from lyapstudio.ui.numerals import place
from lyapstudio.ui.parts.tiles import short
from lyapstudio.ui.theme import theme

ROW = 26
"""Height of a contribution, px."""


class Waterfall(QWidget):
    """Each bar starts where the one above it ended: warm pushes to +1, cool to −1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._parts: tuple[tuple[str, float], ...] = ()
        self._sum = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def show_arithmetic(self, arithmetic: Arithmetic, cols: int) -> None:
        """Show the parts of one neuron's field."""
        row, col = place(arithmetic.neuron, cols)
        self._title = f"Who pushes neuron ({row}, {col}), and which way"
        self._parts, self._sum = arithmetic.parts, arithmetic.field
        lines = [f"{name}: {short(value)}" for name, value in self._parts[:30]]
        self.setToolTip("\n".join(lines))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(300), theme().px(28 + ROW * (len(self._parts) + 2)))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(180), theme().px(28 + ROW * 3))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(t.font(13, 600))
        painter.setPen(t.colour("text"))
        head = QRectF(0, 0, self.width(), t.px(24))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self._title)
        tall, top = t.px(ROW), t.px(28)
        rows = self._fitting((self.height() - top) // tall - 1)
        metrics = QFontMetrics(t.font(13, 600))
        names = [name for name, _ in rows] + ["Sum h"]
        left = min(max(metrics.horizontalAdvance(n) for n in names) + t.px(16), self.width() * 0.4)
        right = self.width() - t.px(72)
        ends = [0.0]
        for _, value in rows:
            ends.append(ends[-1] + value)
        low, high = min(*ends, self._sum, 0.0), max(*ends, self._sum, 0.0)
        scale = (right - left) / ((high - low) or 1.0)

        def x(value: float) -> float:
            return left + (value - low) * scale

        y = float(top)
        for k, (name, value) in enumerate(rows):
            self._row(painter, y, name, value, x(ends[k]), x(ends[k + 1]), left)
            y += tall
        painter.setPen(QPen(t.colour("groove"), 2))
        painter.drawLine(QPointF(0, y + 6), QPointF(self.width(), y + 6))
        self._row(painter, y + 10, "Sum h", self._sum, x(0.0), x(self._sum), left, strong=True)
        painter.setPen(QPen(t.colour("muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x(0.0), top), QPointF(x(0.0), y + tall + 10))

    def _fitting(self, most: int) -> list[tuple[str, float]]:
        """All parts, or the strongest and the others together; the order stays."""
        parts = list(self._parts)
        if len(parts) <= max(most, 1):
            return parts
        kept = sorted(range(len(parts)), key=lambda k: -abs(parts[k][1]))[: max(most - 1, 0)]
        rest = sum(value for k, (_, value) in enumerate(parts) if k not in kept)
        others = f"{len(parts) - len(kept)} others"
        return [parts[k] for k in sorted(kept)] + [(others, rest)]

    def _row(
        self,
        painter: QPainter,
        y: float,
        name: str,
        value: float,
        start: float,
        end: float,
        left: float,
        strong: bool = False,
    ) -> None:
        t = theme()
        tall = t.px(ROW)
        painter.setFont(t.font(13, 600 if strong else 400))
        painter.setPen(t.colour("text"))
        words = QFontMetrics(painter.font()).elidedText(
            name, Qt.TextElideMode.ElideRight, int(left) - 8
        )
        vcentre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, y, left, tall), vcentre, words)
        number = QRectF(0, y, self.width(), tall)
        painter.drawText(number, vcentre | Qt.AlignmentFlag.AlignRight, short(value))
        colours = t.signed()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*(int(c) for c in colours[198 if value > 0 else 58])))
        width = max(abs(end - start), 2.0)
        box = QRectF(min(start, end), y + tall * 0.25, width, tall * 0.5)
        painter.drawRoundedRect(box, min(3.0, width / 2), min(3.0, width / 2))
