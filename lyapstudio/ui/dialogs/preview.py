"""A picture as large as its room allows: grey is smoothed, cells stay sharp."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.parts.thumbnail import draw_rounded, two_tones
from lyapstudio.ui.theme import theme

ENOUGH = 600
"""Pixels of the shorter side of a preview; larger pictures are thinned first."""


def grey_image(grey: NDArray[np.float64]) -> QImage:
    """(H, W) float64 in [0, 1] as an image of its own."""
    pixels = np.ascontiguousarray(np.rint(255 * np.clip(grey, 0, 1)), np.uint8)
    H, W = pixels.shape
    return QImage(pixels.data, W, H, W, QImage.Format.Format_Grayscale8).copy()


def signed_image(values: NDArray[np.float64]) -> QImage:
    """(H, W) float64 in [-1, 1] in the signed map, as an image of its own."""
    index = np.clip(np.rint(values * 127.5 + 127.5), 0, 255).astype(np.uint8)
    pixels = np.ascontiguousarray(theme().signed()[index])
    H, W = index.shape
    image = QImage(pixels.data, W, H, 3 * W, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


class Preview(QWidget):
    """Shows a grey picture, a pattern or signed values; an empty field before there is one."""

    def __init__(self, name: str, side: int = 300) -> None:
        super().__init__()
        self.image: QImage | None = None
        self._scaled: QPixmap | None = None
        self._cells = False
        self._signed: NDArray[np.float64] | None = None
        self._side = side
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        theme().changed.connect(self._restyle)

    def show_grey(self, grey: NDArray[np.float64]) -> None:
        """(H, W) float64 in [0, 1]."""
        k = max(1, min(grey.shape) // ENOUGH)
        self._show(grey_image(grey[::k, ::k]), cells=False)

    def show_pattern(self, grid: NDArray[np.int8]) -> None:
        """(rows, cols) int8 in {-1, +1}."""
        self._show(two_tones(grid), cells=True)

    def show_signed(self, values: NDArray[np.float64]) -> None:
        """(H, W) float64 in [-1, 1]."""
        self._show(signed_image(values), cells=max(values.shape) < ENOUGH // 4)
        self._signed = values

    def clear(self) -> None:
        """Nothing to show."""
        self._show(None, cells=False)

    def _show(self, image: QImage | None, *, cells: bool) -> None:
        self.image, self._cells, self._scaled = image, cells, None
        self._signed = None
        self.update()

    def _restyle(self) -> None:
        """The signed map differs between the themes."""
        if self._signed is not None:
            self.show_signed(self._signed)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scaled = None

    def sizeHint(self) -> QSize:
        side = theme().px(self._side)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("field"))
            side = min(self.width(), self.height())
            painter.drawRoundedRect(QRectF(0, 0, side, side), 6, 6)
            return
        pixmap = self._scaled or self._scale(self.image)
        self._scaled = pixmap
        size = pixmap.deviceIndependentSize()
        draw_rounded(painter, QRectF(0, 0, size.width(), size.height()), pixmap, 6)

    def _scale(self, image: QImage) -> QPixmap:
        ratio = self.devicePixelRatioF()
        width, height = int(self.width() * ratio), int(self.height() * ratio)
        times = min(width / image.width(), height / image.height())
        size = QSize(max(1, int(image.width() * times)), max(1, int(image.height() * times)))
        if self._cells and times > 1:  # whole copies of each cell first: their edges stay sharp
            image = image.scaled(image.size() * math.ceil(times))
        pixmap = QPixmap.fromImage(
            image.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
