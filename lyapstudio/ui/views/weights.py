"""The weights into or out of one neuron, drawn over the sheet and painted there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from lyapstudio.ui.numerals import place
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.outlines import outline_of
from lyapstudio.ui.views.raster import Placement
from lyapstudio.ui.views.signed import SENTENCE, SignedCanvas

TITLE = "Weights of one neuron"
ASK = "Click a neuron to see its weights"
CAPTIONS = ("which neurons it listens to", "which neurons listen to it")
GROUPING = "left: solid group, right: dashed"

FIRST, SECOND = 0, 1
"""Which group `grouped` tells of."""

CROSSED = 7
"""Silenced neurons are crossed out where a cell has so many device pixels."""


class WeightsCanvas(SignedCanvas):
    """A signed picture of N weights around the picked neuron.

    `picked(neuron)`: by Ctrl and a click; by any click while none is picked or nothing can be
    painted. `grouped(indices, which)`: strokes while `set_grouping(True)`, FIRST with the left
    and SECOND with the right button; strokes begin and end as on every canvas.
    """

    narrowest = SENTENCE

    picked = Signal(int)
    grouped = Signal(object, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TITLE, parent)
        self._neuron: int | None = None
        self._weights: NDArray[np.float64] | None = None
        self._lesions: NDArray[np.bool_] | None = None
        self._out = self._grouping = False
        self._groups = [np.empty(0, np.int64), np.empty(0, np.int64)]
        self._paths = [QPainterPath(), QPainterPath()]
        self._silent = QPainterPath()
        self._overlay: tuple[object, QPixmap] | None = None
        self.stroke_ended.connect(self._refresh)
        self.show_weights(None, None, False)

    # --- what is shown

    def set_grid(self, rows: int, cols: int) -> None:
        """A network of another shape: nothing is picked, silenced or grouped in it."""
        if self._cells.shape != (rows, cols):
            super().set_grid(rows, cols)
            self.set_groups(np.empty(0, np.int64), np.empty(0, np.int64))
            self._lesions, self._silent = None, QPainterPath()
            self.show_weights(None, None, False)

    def show_weights(
        self, neuron: int | None, weights: NDArray[np.float64] | None, out: bool
    ) -> None:
        """(N,) float64 weights into the neuron (w_ij for all j) or out of it (w_ji)."""
        if weights is not None and weights.size != self._cells.size:
            return  # from before the network changed its size
        self._neuron, self._weights, self._out = neuron, weights, out
        title, caption = TITLE, ""
        if neuron is not None:
            row, col = place(neuron, self._cells.shape[1])
            title = f"{'Out of' if out else 'Into'} neuron ({row}, {col})"
            caption = CAPTIONS[out]
        self._bar.setVisible(neuron is not None)
        self.set_words(title, caption if not self._grouping else GROUPING)
        self.setAccessibleName(title)
        self.set_hint("" if neuron is not None or self._grouping else ASK)
        self.mark(neuron)
        self._refresh()

    def set_lesions(self, mask: NDArray[np.bool_] | None) -> None:
        """(N,) bool: these neurons are silenced; they are grey and crossed out."""
        if mask is not None and (mask.size != self._cells.size or not mask.any()):
            mask = None
        self._lesions = mask
        shape = self._cells.shape
        self._silent = outline_of(mask.reshape(shape)) if mask is not None else QPainterPath()
        self._overlay = None
        self._refresh()

    def set_groups(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> None:
        """Flat indices of two groups, drawn as outlines: the first solid, the second dashed."""
        for which, group in ((FIRST, first), (SECOND, second)):
            if np.array_equal(group, self._groups[which]):
                continue
            inside = np.zeros(self._cells.size, bool)
            inside[group] = True
            self._groups[which] = group
            self._paths[which] = outline_of(inside.reshape(self._cells.shape))
        self._overlay = None
        self.update()

    def set_grouping(self, on: bool) -> None:
        """Strokes now paint the two groups instead of weights."""
        if on != self._grouping:
            self._grouping = on
            self.show_weights(self._neuron, self._weights, self._out)

    def _refresh(self) -> None:
        """Draw the weights anew; while a stroke is drawn their colours keep their meaning."""
        values = np.zeros(self._cells.size) if self._weights is None else self._weights.copy()
        if self._neuron is not None:
            values[self._neuron] = 0.0
        if self._lesions is not None:
            values[self._lesions] = np.nan
        level = self._level if self._stroke is not None else symmetric_level(values)
        self.show_field(values.reshape(self._cells.shape), level)

    # --- painting

    def _draw_marks(self, painter: QPainter) -> None:
        p, ratio = self._placement(), self.devicePixelRatioF()
        if not all(path.isEmpty() for path in (self._silent, *self._paths)):
            key = (p, ratio, theme().dark)
            if self._overlay is None or self._overlay[0] != key:
                self._overlay = key, self._outlined(p, ratio)
            painter.drawPixmap(self._area().topLeft(), self._overlay[1])
        super()._draw_marks(painter)

    def _outlined(self, p: Placement, ratio: float) -> QPixmap:
        """Crosses over silenced neurons and the outlines of the groups, over the area."""
        t = theme()
        pixmap = QPixmap(p.width, p.height)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._lesions is not None and p.step >= CROSSED:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(t.colour("text"), max(1.0, p.step / 12)))
            painter.drawLines(self._crosses(p))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.translate(p.left, p.top)
        painter.scale(p.step, p.step)
        painter.setPen(_cosmetic("muted", ratio))
        painter.drawPath(self._silent)
        for which, path in enumerate(self._paths):
            painter.setPen(_cosmetic("stage", 5 * ratio))
            painter.drawPath(path)
            pen = _cosmetic("accent", 2.5 * ratio)
            if which == SECOND:
                pen.setDashPattern([2.4, 1.8])
            painter.setPen(pen)
            painter.drawPath(path)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _crosses(self, p: Placement) -> list[QLineF]:
        """Two strokes over every silenced neuron in sight, in device pixels."""
        assert self._lesions is not None
        r0, r1, c0, c1 = p.visible()
        seen = self._lesions.reshape(self._cells.shape)[r0:r1, c0:c1]
        inset, lines = 0.25 * p.step, []
        for row, col in np.argwhere(seen).tolist():
            x, y = p.left + (c0 + col) * p.step, p.top + (r0 + row) * p.step
            a, b = inset, p.step - inset
            lines.append(QLineF(x + a, y + a, x + b, y + b))
            lines.append(QLineF(x + a, y + b, x + b, y + a))
        return lines

    # --- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._picks(event):
            neuron = self._neuron_at(event.position())
            if neuron is not None:
                self.clicked.emit(neuron)
                self.picked.emit(neuron)
            return
        if self._neuron is not None or self._grouping or event.button() == MIDDLE:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == MIDDLE:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def _picks(self, event: QMouseEvent) -> bool:
        """Whether a left click picks a neuron rather than paints."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return True
        return not self._grouping and (self._neuron is None or not self.paintable)

    def _touch(self, where: NDArray[np.int64], value: int) -> None:
        if self._grouping:
            self.grouped.emit(where, FIRST if value > 0 else SECOND)
        else:
            super()._touch(where, value)

    def _draw_brush(self, painter: QPainter) -> None:
        brush = self.brush
        if self._neuron is None and not self._grouping:
            self.brush = 1  # a click picks one neuron
        super()._draw_brush(painter)
        self.brush = brush


MIDDLE = Qt.MouseButton.MiddleButton


def _cosmetic(role: str, width: float) -> QPen:
    pen = QPen(theme().colour(role), width)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
