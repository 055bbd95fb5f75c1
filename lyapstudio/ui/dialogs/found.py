"""What a data set holds, for people: in words, and as a bar of what it is used for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.document.datasets.found import Found
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme

NAMED = 12
"""Classes that are named."""


class DropField(QWidget):
    """Surrounds its content with a dashed line while it waits for something to be dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = False

    def set_waiting(self, waiting: bool) -> None:
        """Be large and outlined, or only what it holds."""
        self._waiting = waiting
        self.setMinimumHeight(theme().px(220) if waiting else 0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._waiting:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("groove"), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 12, 12)


class SplitBar(QWidget):
    """How many images train, validate and test, as a bar and in words."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes = (0, 0, 0)
        self.unused = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Learned from; used to decide when to stop; only ever looked at.")
        theme().changed.connect(self.updateGeometry)

    def show_sizes(self, sizes: tuple[int, int, int], unused: int) -> None:
        """Images for training, validation, test, and those beyond the limit."""
        self.sizes, self.unused = sizes, unused
        self.setAccessibleName(", ".join(f"{name} {whole(n)}" for name, n, _ in self.parts()))
        self.update()

    def parts(self) -> list[tuple[str, int, str]]:
        """What is shown: name, count, colour role."""
        names = ("Training", "Validation", "Test", "Not used")
        roles = ("accent", "bar", "groove", "field")
        counts = (*self.sizes, self.unused)
        return [p for p in zip(names, counts, roles, strict=True) if p[1] or p[0] == names[0]]

    def sizeHint(self) -> QSize:
        return QSize(240, theme().px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        t, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = t.px(10)
        bar = QRectF(0, 0, self.width(), height)
        shape = QPainterPath()
        shape.addRoundedRect(bar, height / 2, height / 2)
        painter.setClipPath(shape)
        painter.fillRect(bar, t.colour("field"))
        total, x = max(1, sum(self.sizes) + self.unused), 0.0
        for _, count, role in self.parts():
            if x:
                painter.fillRect(QRectF(x, 0, 2, height), t.colour("side"))
                x += 2
            width = self.width() * count / total
            painter.fillRect(QRectF(x, 0, width, height), t.colour(role))
            x += width
        painter.setClipping(False)
        painter.setFont(t.font(11))
        metrics = QFontMetrics(painter.font())
        x, side = 0.0, t.px(8)
        for name, count, role in self.parts():
            middle = height + t.px(16)
            painter.setPen(t.colour("groove") if role == "field" else Qt.PenStyle.NoPen)
            painter.setBrush(t.colour(role))
            painter.drawRoundedRect(QRectF(x + 0.5, middle - side / 2, side, side), 2, 2)
            x += side + t.px(6)
            words = f"{name} {whole(count)}"
            painter.setPen(t.colour("muted"))
            width = metrics.horizontalAdvance(words)
            box = QRectF(x, middle - t.px(8), width + 2, t.px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            x += width + t.px(20)


def facts(found: Found) -> str:
    """Like "70 000 images of 28 × 28 pixels, grey"."""
    colour = "in colour" if found.depth == 3 else "grey"
    count = _images(found.images)
    apart = ""
    if found.test is not None:
        apart = f"; {whole(len(found.test))} of them come as test images"
    return f"{count} of {found.rows} × {found.cols} pixels, {colour}{apart}."


def classes(found: Found) -> str:
    """The classes with their sizes."""
    if not found.classes:
        return "No labels: features can be learned, but nothing can be named."
    pairs = list(zip(found.classes, found.counts, strict=True))
    alike = len(set(found.counts)) == 1
    named = ", ".join(n if alike else f"{n} ({whole(count)})" for n, count in pairs[:NAMED])
    more = f" and {whole(len(pairs) - NAMED)} more" if len(pairs) > NAMED else ""
    each = f" of {_images(found.counts[0])}" if alike else ""
    return f"{whole(len(pairs))} class{'' if len(pairs) == 1 else 'es'}{each}: {named}{more}."


def _images(count: int) -> str:
    return f"{whole(count)} image{'' if count == 1 else 's'}"
