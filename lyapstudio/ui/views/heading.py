"""The line above the mosaic: what it shows, and what its colours mean."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.titles import draw_title

BAR = 150
"""Width of the colour bar, px."""

NARROWEST = 440
"""Title, caption and colour bar need so much, px, however narrow the picture is."""

OWN = "each unit on its own scale, ±1 is its largest weight"


class FieldsHeading(QWidget):
    """Title and caption left, the colour bar of the weights right, as wide as the mosaic."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._caption = "Receptive fields", ""
        self._own = False
        self._level: float | None = None
        self._span: tuple[int, int] | None = None
        self._bar = ColourBar()
        self._bar.setParent(self)
        self._bar.setToolTip("Warm weights are positive, cool ones negative.")
        self._bar.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    def set_words(self, title: str, caption: str = "") -> None:
        """What is shown, and how much of it."""
        self._title, self._caption = title, caption
        self.update()

    def set_level(self, level: float | None) -> None:
        """The size of a weight at the ends of the map; None hides the colour bar."""
        self._level = level
        self._label()

    def set_own_scales(self, own: bool) -> None:
        """Each unit has its own scale: the bar tells parts of the unit's largest weight."""
        self._own = own
        self._label()

    def align(self, left: int, width: int) -> None:
        """Stand over the mosaic."""
        self._span = (left, width)
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(480), theme().px(34))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(34))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _restyle(self) -> None:
        self.updateGeometry()
        self._place()

    def _label(self) -> None:
        level = 1.0 if self._own else self._level
        self._bar.setVisible(self._level is not None)
        if level is not None:
            self._bar.set_levels(-level, level)
        self.update()

    def _line(self) -> QRectF:
        left, width = self._span or (0, self.width())
        wide = min(max(width, theme().px(NARROWEST)), self.width())
        left = min(max(0, left + (width - wide) // 2), self.width() - wide)
        return QRectF(left, 0, wide, theme().px(34))

    def _place(self) -> None:
        t, line = theme(), self._line()
        wide = min(t.px(BAR), int(line.width() * 0.3))
        self._bar.setGeometry(int(line.right()) - wide, t.px(4), wide, t.px(28))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t, line = theme(), self._line()
        painter = QPainter(self)
        end = line.right() if self._level is None else self._bar.x() - t.px(14)
        draw_title(painter, line, end, self._title, OWN if self._own else self._caption)
