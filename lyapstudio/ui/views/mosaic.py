"""The receptive fields of all hidden units as one image, with the winner and the depressed lit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QToolTip, QWidget

from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views import marks
from lyapstudio.ui.views.pictures import Shape, as_image, signed_table
from lyapstudio.ui.views.tiling import (
    CROSS,
    STAGE,
    ZERO,
    Tiling,
    composed,
    shared_level,
    tile_pixels,
    tiled,
    unit_levels,
)

EMPTY = "The receptive fields appear here, one picture for each hidden unit."

GAP = 2
"""Between tiles, px."""
STEADY = (0.8, 1.05)
"""The level stays while the present one over it lies between these."""
DIMMED = 0.35
"""Contrast that is left to a dead unit."""
SHORTEST = 560
"""The room that the widget would like to have, px."""
Units = int | Iterable[int] | None


class Mosaic(QWidget):
    """Shows (K, N) weights. Units count from 0 here and from 1 in words.

    `hovered(unit)` tells what the pointer is on, -1 for nothing; `level_changed` the size of a
    weight at the ends of the shared map; `span_changed(left, width)` where the picture stands.
    """

    hovered = Signal(int)
    unit_clicked = Signal(int)
    level_changed = Signal(float)
    span_changed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: Shape = (1, 1, 1)
        self._weights: NDArray[np.float32] | None = None
        self._message = ""
        self._order: NDArray[np.int64] | None = None
        self._dead: NDArray[np.bool_] | None = None
        self._scale: Literal["shared", "unit"] = "shared"
        self._level, self._levelled = 1.0, False
        self._winners = self._depressed = _units(None)
        self._chosen: int | None = None
        self._under = -1
        self._span = (0, 0)
        self._drawn: tuple[QImage, int] | None = None
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar.valueChanged.connect(self._forget)
        self._bar.hide()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Receptive fields")
        theme().changed.connect(self._lay_out)

    # --- what is shown

    def set_shape(self, rows: int, cols: int, depth: int = 1) -> None:
        """The shape of an input; forgets the fields, the order, the marks and the level."""
        self._shape = (rows, cols, depth)
        self._weights = self._order = self._dead = self._chosen = None
        self._winners = self._depressed = ()
        self._levelled = False
        self._bar.setValue(0)
        self._lay_out()

    def show_fields(self, weights: NDArray[np.float32] | None) -> None:
        """(K, N) float32, one row a unit, kept and not changed; None empties the view."""
        if weights is not None and (weights.shape[1] != np.prod(self._shape) or not len(weights)):
            return  # a frame from before the last edit
        before = self.units
        self._weights = None if weights is None else np.ascontiguousarray(weights, np.float32)
        if self.units != before:
            self._order = self._dead = None
            self._lay_out()
        if self._weights is not None:
            self._follow_level(self._weights)
        self._forget()

    def set_order(self, order: NDArray[np.int64] | None) -> None:
        """(K,) int64: which unit stands at each place; None puts them in their own order."""
        if order is not None and not np.array_equal(np.sort(order), np.arange(self.units)):
            order = None
        self._order = order
        self._forget()

    def set_scale(self, scale: Literal["shared", "unit"]) -> None:
        """One scale for all units, or to each its own."""
        self._scale = scale
        self._forget()

    def mark(self, winner: Units, depressed: Units) -> None:
        """Outline who moves towards the image, and dashed who is pushed away."""
        marks = _units(winner), _units(depressed)
        if marks != (self._winners, self._depressed):
            self._winners, self._depressed = marks
            self.update()

    def set_dead(self, mask: NDArray[np.bool_] | None) -> None:
        """(K,) bool: units that never win are dimmed and crossed."""
        self._dead = mask if mask is not None and len(mask) == self.units else None
        self._forget()

    def set_message(self, words: str) -> None:
        """One sentence over the fields, or in their place where there are none."""
        self._message = words
        self.update()

    def set_chosen(self, unit: int | None) -> None:
        """Outline the unit that the other views speak about."""
        if unit != self._chosen:
            self._chosen = unit
            self.update()

    def reveal(self, unit: int) -> None:
        """Scroll as little as needed to have that unit in sight."""
        tiling = self._tiling()
        if tiling is not None and 0 <= unit < self.units:
            top = tiling.corner(self._place_of(unit))[1]
            low = top + tiling.tall - tiling.height
            self._bar.setValue(min(max(self._bar.value(), low), top))

    @property
    def units(self) -> int:
        """How many units are shown, K."""
        return 0 if self._weights is None else len(self._weights)

    @property
    def level(self) -> float:
        """The size of a weight at the ends of the shared map."""
        return self._level

    def _follow_level(self, weights: NDArray[np.float32]) -> None:
        now = shared_level(weights)
        low, high = STEADY
        if not self._levelled or not low <= now / self._level <= high:
            self._levelled = True
            self._level = float(f"{now:.2g}") or now
            self.level_changed.emit(self._level)

    # --- where things lie

    def sizeHint(self) -> QSize:
        return QSize(theme().px(SHORTEST), theme().px(SHORTEST))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(160))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _tiling(self) -> Tiling | None:
        if self._weights is None:
            return None
        ratio = self.devicePixelRatioF()
        rows, cols, _ = self._shape
        height, gap, least = int(self.height() * ratio), round(GAP * ratio), float(round(ratio))
        for beside in (0, self._bar.sizeHint().width()):
            width = max(1, int((self.width() - beside) * ratio))
            tiling = tiled(self.units, rows, cols, width, max(1, height), gap, least)
            if not tiling.scrolls:
                break
        return tiling

    def _lay_out(self) -> None:
        """Ask for the bar where it is needed, and tell where the picture stands."""
        tiling = self._tiling()
        scrolls = tiling is not None and tiling.scrolls
        self._bar.setVisible(scrolls)
        if tiling is not None:
            wide = self._bar.sizeHint().width()
            self._bar.setGeometry(self.width() - wide, 0, wide, self.height())
            self._bar.setRange(0, max(0, tiling.down - tiling.height))
            self._bar.setSingleStep(tiling.tall + tiling.gap)
            self._bar.setPageStep(tiling.height)
            ratio = self.devicePixelRatioF()
            span = (round(tiling.left / ratio), round(tiling.across / ratio))
            if span != self._span:
                self._span = span
                self.span_changed.emit(*span)
        self._forget()

    def _place_of(self, unit: int) -> int:
        return unit if self._order is None else int(np.flatnonzero(self._order == unit)[0])

    def tile(self, unit: int) -> QRectF:
        """Where a unit's picture lies in the widget; may be out of sight."""
        tiling = self._tiling()
        if tiling is None or not 0 <= unit < self.units:
            return QRectF()
        ratio = self.devicePixelRatioF()
        x, y = tiling.corner(self._place_of(unit), self._bar.value())
        return QRectF(x / ratio, y / ratio, tiling.wide / ratio, tiling.tall / ratio)

    def unit_at(self, point: QPointF) -> int:
        """The unit under a point of the widget, -1 for none."""
        tiling, ratio = self._tiling(), self.devicePixelRatioF()
        if tiling is None:
            return -1
        place = tiling.place(point.x() * ratio, point.y() * ratio, self._bar.value())
        if place is None:
            return -1
        return place if self._order is None else int(self._order[place])

    # --- painting

    def _forget(self) -> None:
        self._drawn = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tiling = self._tiling()
        if tiling is None:
            self._paint_empty(painter)
            return
        if self._drawn is None:
            self._drawn = self._render(tiling)
        image, line = self._drawn
        ratio = self.devicePixelRatioF()
        x, y = tiling.corner(line * tiling.columns, self._bar.value())
        target = QRectF(x / ratio, y / ratio, image.width() / ratio, image.height() / ratio)
        painter.drawImage(target, image)
        self._paint_marks(painter)
        if self._message:
            marks.hint(painter, self._message, QRectF(self.rect()))

    def _render(self, tiling: Tiling) -> tuple[QImage, int]:
        """The lines in sight, and the first of them."""
        assert self._weights is not None
        t = theme()
        first, last = tiling.seen(self._bar.value())
        places = slice(first * tiling.columns, last * tiling.columns)
        units = np.arange(self.units) if self._order is None else self._order
        units = units[places]
        weights = self._weights[places] if self._order is None else self._weights[units]
        pixels = tile_pixels(
            weights.reshape(-1, *self._shape), self._levels(weights), tiling.wide, tiling.tall
        )
        depth = self._shape[2]
        gap = _rgb(t.colour("stage")) if depth == 3 else (STAGE,)
        cross = _rgb(t.colour("muted")) if depth == 3 else (CROSS,)
        if self._dead is not None:
            _strike(pixels, self._dead[units], cross, self.devicePixelRatioF())
        image = composed(pixels, tiling, np.array(gap, np.uint8))
        return as_image(image, signed_table()), first

    def _levels(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) the level of every unit."""
        if self._scale == "shared":
            return np.full(len(weights), self._level, np.float32)
        return unit_levels(weights)

    def _paint_marks(self, painter: QPainter) -> None:
        t = theme()
        thick = 3.0 if self.tile(0).width() >= 40 else 2.0
        if self._under >= 0:
            self._outline(painter, self._under, QPen(t.colour("muted"), 1.0))
        if self._chosen is not None:
            marked = self._chosen in self._winners + self._depressed
            self._outline(painter, self._chosen, QPen(t.colour("text"), thick), thick * marked)
        for unit in self._depressed:
            self._outline(painter, unit, QPen(t.colour("stage"), thick))
            pen = QPen(t.colour("bad"), thick)
            pen.setDashPattern([3.0, 1.2])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._outline(painter, unit, pen)
        for unit in self._winners:
            self._outline(painter, unit, QPen(t.colour("accent"), thick))

    def _outline(self, painter: QPainter, unit: int, pen: QPen, further: float = 0.0) -> None:
        """Around the tile: in the gap, and a little over the neighbours."""
        box = self.tile(unit)
        if not box.intersects(QRectF(self.rect())):
            return
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        grow = pen.widthF() / 2 + further
        # marks of tiles at the rim stay within the widget
        inside = QRectF(self.rect()).adjusted(grow, grow, -grow, -grow)
        painter.drawRect(box.adjusted(-grow, -grow, grow, grow).intersected(inside))

    def _paint_empty(self, painter: QPainter) -> None:
        t = theme()
        painter.setFont(t.font(13))
        painter.setPen(t.colour("muted"))
        room = self.rect().adjusted(t.px(24), 0, -t.px(24), 0)
        centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, centred, self._message or EMPTY)

    # --- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.unit_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        unit = self.unit_at(event.position())
        if unit >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.unit_clicked.emit(unit)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._bar.isVisible():
            event.ignore()
            return
        self._bar.event(event)
        self._hover(self.unit_at(event.position()))

    def _hover(self, unit: int) -> None:
        if unit != self._under:
            self._under = unit
            self.hovered.emit(unit)
            self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            unit = self.unit_at(QPointF(event.pos()))
            if unit >= 0:
                area = self.tile(unit).toAlignedRect()
                QToolTip.showText(event.globalPos(), self.words(unit), self, area)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def words(self, unit: int) -> str:
        """What the tooltip says about a unit."""
        said = f"Unit {whole(unit + 1)}: its weights, warm positive and cool negative."
        if unit in self._winners:
            return f"Unit {whole(unit + 1)} wins: its weights move towards the image."
        if unit in self._depressed:
            return f"Unit {whole(unit + 1)} is depressed: its weights move away from the image."
        if self._dead is not None and self._dead[unit]:
            return f"Unit {whole(unit + 1)} never wins: it is dimmed and crossed."
        return said


def _units(units: Units) -> tuple[int, ...]:
    if units is None:
        return ()
    return (int(units),) if isinstance(units, int | np.integer) else tuple(int(u) for u in units)


def _rgb(colour: QColor) -> tuple[int, ...]:
    return colour.red(), colour.green(), colour.blue()


def _strike(
    pixels: NDArray[np.uint8], dead: NDArray[np.bool_], cross: Iterable[int], ratio: float
) -> None:
    """Dim the dead tiles and put a small cross into their upper right corner, in place."""
    if not dead.any():
        return
    dim = pixels[dead].astype(np.int16)
    dim = (ZERO + (dim - ZERO) * DIMMED).astype(np.uint8)
    side = min(round(7 * ratio), min(pixels.shape[1:3]) // 2)
    at = np.arange(side)
    apart = at[:, None] - at
    across = at[:, None] + at - (side - 1)
    glyph = (np.abs(apart) <= ratio / 2) | (np.abs(across) <= ratio / 2)
    edge = min(round(3 * ratio), pixels.shape[2] - side, pixels.shape[1] - side)
    left = pixels.shape[2] - edge - side
    corner = dim[:, edge : edge + side, left : left + side]
    corner[:, glyph] = np.array(tuple(cross), np.uint8)
    pixels[dead] = dim
