"""One hidden unit large: its weights, how it fares, and the images that drive it most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.parts.text import Elided, text
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.example import name
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.pictures import Shape, draw_picture, field_picture, image_picture
from lyapstudio.ui.views.story import ordinal

EMPTY = "Click a receptive field"
ASK = "Its weights, how often it wins and the images that drive it most appear here."
BUSY = "Looking for the images that drive it most …"
NONE = "No image drives it."

BESIDE = 140
"""Width of the words beside the picture, px."""

SIDES = (40, 72)
"""Smallest and largest side of an image that drives it, px."""


class UnitView(QWidget):
    """Picture left, words and numbers right, images beneath. Units count from 1 in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: Shape = (1, 1, 1)
        self._unit: int | None = None
        self._picture = _Field()
        self._title = text("", "section")
        self._ask = text(ASK, "caption", wrap=True)
        self._bar = ColourBar()
        self._bar.setToolTip("Warm weights are positive, cool ones negative.")
        self._rows = [(Elided(kind, "caption"), text("", "value")) for kind in ("Norm", "Wins")]
        self._standing = text("", "caption", wrap=True)
        self._beside = QWidget()
        beside = QVBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(6)
        beside.addWidget(self._title)
        beside.addWidget(self._ask)
        beside.addWidget(self._bar)
        for label, value in self._rows:
            row = QHBoxLayout()
            row.addWidget(label, 1)
            row.addWidget(value)
            beside.addLayout(row)
        beside.addWidget(self._standing)
        beside.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._picture, 1)
        top.addWidget(self._beside)
        top.addStretch(0)
        self._drivers = _Drivers()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top, 1)
        column.addWidget(self._drivers)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.clear()

    @property
    def unit(self) -> int | None:
        """Which unit is shown."""
        return self._unit

    def set_shape(self, rows: int, cols: int, depth: int = 1) -> None:
        """The shape of an input; no unit is shown until one is clicked."""
        self._shape = (rows, cols, depth)
        self.clear()

    def clear(self) -> None:
        """Ask for a unit again."""
        self._unit = None
        self._title.setText(EMPTY)
        self._picture.show_field(None, self._shape, 1.0)
        self._show_words(False)

    def show_unit(
        self,
        unit: int,
        field: NDArray[Any],
        norm: float,
        wins: int,
        share: float,
        rank: int | None = None,
    ) -> None:
        """One unit as it is now; another one than before waits for its images.

        field : (N,) weights
        wins, share : how many of the images it wins, and which part of them, in [0, 1]
        rank : its place among all units by wins, from 1
        """
        if field.size != np.prod(self._shape):
            return  # a frame from before the last edit
        level = symmetric_level(np.asarray(field, float))
        self._title.setText(name(unit).capitalize())
        self._picture.show_field(field, self._shape, level)
        self._bar.set_levels(-level, level)
        self._rows[0][1].setText(figure(norm, 2))
        percent = 100 * share
        share_words = f"{figure(percent, 0 if percent >= 10 else 1)} %" if wins else "none"
        self._rows[1][1].setText(share_words)
        number = f"{whole(wins)} {'image' if wins == 1 else 'images'}"
        place = f", the {ordinal(rank)} most" if rank is not None and rank > 1 else ", the most"
        won = f"{number}{place if rank is not None else ''}"
        self._standing.setText(won if wins else "It wins no image, so it does not learn.")
        if unit != self._unit:
            self._unit = unit
            self._drivers.wait()
        self._show_words(True)
        self._fit()

    def show_drivers(self, images: NDArray[Any], captions: Sequence[str]) -> None:
        """(n, N) images with a caption each, the strongest first; as many as fit are shown."""
        self._drivers.show_images([image_picture(i, self._shape) for i in images], captions)

    def _show_words(self, on: bool) -> None:
        self._ask.setVisible(not on)
        for part in (self._bar, self._standing, self._drivers, *sum(self._rows, ())):
            part.setVisible(on)

    def _restyle(self) -> None:
        self._beside.setFixedWidth(theme().px(BESIDE))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """The words stand right beside the picture, however wide the view is."""
        self._drivers.setFixedHeight(self._drivers.height_for(self.height()))
        room = self.height() - self._drivers.height() - 10
        wide = self.width() - theme().px(BESIDE) - 12
        self._picture.setMaximumWidth(max(96, int(self._picture.box(wide, room).width())))


class _Field(QWidget):
    """The weights, at the top left, whole device pixels each where there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._told: tuple[NDArray[Any] | None, Shape, float] = (None, (1, 1, 1), 1.0)
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Weights of the chosen unit")
        theme().changed.connect(self._render)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(168), theme().px(168))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(96), theme().px(96))

    def show_field(self, field: NDArray[Any] | None, shape: Shape, level: float) -> None:
        self._told = field, shape, level
        self._render()

    def _render(self) -> None:
        field, shape, level = self._told
        self._image = None if field is None else field_picture(field, shape, level)
        self.update()

    def box(self, width: float, height: float) -> QRectF:
        """Where the picture lies in a room."""
        rows, cols, _ = self._told[1]
        ratio = self.devicePixelRatioF()
        step = min(max(1.0, width) * ratio / cols, max(1.0, height) * ratio / rows)
        if step >= 1:
            step = float(int(step))
        return QRectF(0, 0, cols * step / ratio, rows * step / ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        if self._image is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            side = min(self.width(), self.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("field"))
            painter.drawRoundedRect(QRectF(0, 0, side, side), 6, 6)
            glyph = t.px(32)
            corner = (side - glyph) // 2
            t.icon("ph.target-bold", "muted").paint(painter, corner, corner, glyph, glyph)
            return
        box = self.box(self.width(), self.height())
        small = box.width() * self.devicePixelRatioF() < self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, small)
        painter.drawImage(box, self._image)


class _Drivers(QWidget):
    """A row of images with captions, or the words that they are being looked for."""

    def __init__(self) -> None:
        super().__init__()
        self._images: list[QImage] | None = None
        self._captions: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The images that drive it most")
        theme().changed.connect(self._restyle)

    def wait(self) -> None:
        self._images, self._captions = None, ()
        self.update()

    def show_images(self, images: list[QImage], captions: Sequence[str]) -> None:
        self._images, self._captions = images, tuple(captions)
        self.update()

    def height_for(self, whole: int) -> int:
        """A sixth of the whole view for the images, and their words."""
        t = theme()
        return t.px(38) + min(max(whole // 6, t.px(SIDES[0])), t.px(SIDES[1]))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(280), self.height_for(0))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.height_for(0))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _boxes(self) -> list[QRectF]:
        """As many as fit, in one row."""
        t = theme()
        count = len(self._images or ())
        gap = t.px(6)
        least = t.px(SIDES[0])
        fits = max(1, (self.width() + gap) // (least + gap))
        count = min(count, fits)
        if not count:
            return []
        side = min((self.width() + gap) // count - gap, self.height() - t.px(38))
        return [QRectF(k * (side + gap), t.px(20), side, side) for k in range(count)]

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(t.font(11, 600))
        painter.setPen(t.colour("text"))
        painter.drawText(QRectF(0, 0, self.width(), t.px(16)), "The images that drive it most")
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        if not self._images:
            words = BUSY if self._images is None else NONE
            painter.drawText(QRectF(0, t.px(22), self.width(), t.px(18)), words)
            return
        metrics = QFontMetrics(painter.font())
        for k, box in enumerate(self._boxes()):
            draw_picture(painter, box, self._images[k])
            if k < len(self._captions):
                room = QRectF(box.left() - 3, box.bottom() + 1, box.width() + 6, t.px(16))
                words = metrics.elidedText(
                    self._captions[k], Qt.TextElideMode.ElideRight, int(room.width())
                )
                painter.setPen(t.colour("muted"))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            point = QPointF(event.pos())
            for k, box in enumerate(self._boxes()):
                if box.contains(point) and k < len(self._captions):
                    QToolTip.showText(event.globalPos(), self._captions[k], self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)
