"""What a map's colours mean: a strip with its lowest, middle and highest value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.numerals import figure
from lyapstudio.ui.parts.thumbnail import draw_rounded
from lyapstudio.ui.theme import theme


class ColourBar(QWidget):
    """8 px high, values beneath; always beside the map whose sign only hue tells."""

    def __init__(self, lut: Callable[[], NDArray[np.uint8]] | None = None) -> None:
        super().__init__()
        self._lut = lut or theme().signed
        self._labels = ("−1", "0", "+1")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_levels(self, low: float, high: float, count: int = 0) -> None:
        """The values at the two ends; small ones of a net of `count` neurons as "6/N"."""
        sign = low < 0
        middle = (low + high) / 2
        if count and high < 0.01:
            low, high = low * count, high * count
            self._labels = (f"{_short(low, sign)}/N", "0", f"{_short(high, sign)}/N")
            self.update()
            return
        self._labels = tuple(_short(v, sign and v != 0) for v in (low, middle, high))  # type: ignore[assignment]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(116), theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        strip = np.ascontiguousarray(self._lut()[None])
        image = QImage(strip.data, 256, 1, 768, QImage.Format.Format_RGB888)
        box = QRectF(0, 0, self.width(), t.px(8))
        picture = QPixmap.fromImage(image).scaled(self.width(), t.px(8))
        draw_rounded(painter, box, picture, 3)
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        line = QRectF(0, t.px(11), self.width(), t.px(16))
        places = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)
        for words, place in zip(self._labels, (*places, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(line, place | Qt.AlignmentFlag.AlignVCenter, words)


def _short(value: float, sign: bool) -> str:
    if value == 0:
        return "0"
    places = max(0, min(6, 1 - int(np.floor(np.log10(abs(value))))))
    return figure(round(value, places), sign=sign)
