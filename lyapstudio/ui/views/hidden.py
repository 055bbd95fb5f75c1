"""The hidden units that answer an image: all as a strip of bars, the strongest as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.thumbnail import draw_rounded, radius_of
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.pictures import field_picture, fitted


class _Units(QWidget):
    """What the views of hidden units share: a unit under the pointer, hovered and clicked."""

    unit_hovered = Signal(object)
    unit_clicked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._under: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        theme().changed.connect(self._restyle)

    def _unit_at(self, point: QPointF) -> int | None:
        raise NotImplementedError

    def _told(self, unit: int) -> str:
        raise NotImplementedError

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _hover(self, unit: int | None) -> None:
        if unit != self._under:
            self._under = unit
            over = Qt.CursorShape.PointingHandCursor
            self.setCursor(Qt.CursorShape.ArrowCursor if unit is None else over)
            self.unit_hovered.emit(unit)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._unit_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # a click is not for what lies beneath

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        unit = self._unit_at(event.position())
        if unit is not None and event.button() == Qt.MouseButton.LeftButton:
            self.unit_clicked.emit(unit)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            unit = self._unit_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if unit is None else self._told(unit), self)
            return True
        return super().event(event)


class HiddenActivity(_Units):
    """A strip of a bar for each hidden unit, the strongest in the accent.

    Where there are more units than pixels a bar is the strongest of those that share it.
    `unit_hovered(unit or None)`, `unit_clicked(unit)`, counted from 0.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Activity of the hidden units", parent)
        self._values: NDArray[np.floating] = np.empty(0)

    def show_activity(self, values: NDArray[np.floating]) -> None:
        """Show (K,) activities; those below 0 count as 0."""
        self._values = np.maximum(values, 0)
        best = int(np.argmax(values)) if len(values) else None
        self.setAccessibleDescription("" if best is None else self._told(best))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(20))

    def _columns(self) -> NDArray[np.int64]:
        """The first unit of each column, at most one column a device pixel."""
        K = len(self._values)
        most = max(1, int(self.width() * self.devicePixelRatioF()))
        return (
            np.arange(min(K, most), dtype=np.int64) * K // min(K, most) if K else np.empty(0, int)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        bottom = self.height() - 1
        painter.fillRect(QRectF(0, bottom, self.width(), 1), t.colour("groove"))
        starts = self._columns()
        top = float(self._values.max(initial=0.0))
        if not len(starts) or top <= 0:
            return
        heights = np.maximum.reduceat(self._values, starts) / top * bottom
        slot = self.width() / len(starts)
        wide = max(1.0, float(int(slot * 0.7)))
        best = int(np.searchsorted(starts, int(np.argmax(self._values)), "right")) - 1
        under = None
        if self._under is not None:
            under = int(np.searchsorted(starts, self._under, "right")) - 1
        for k in np.flatnonzero(heights >= 0.5):
            lead = k == best
            role = "accent" if lead else "text" if k == under else "bar"
            w = max(wide, 2.0) if lead or k == under else wide
            x = round(k * slot + (slot - w) / 2)
            bar = QRectF(x, bottom - heights[k], w, heights[k])
            painter.fillRect(bar, t.colour(role))

    def _unit_at(self, point: QPointF) -> int | None:
        starts = self._columns()
        if not len(starts) or not 0 <= point.x() < self.width():
            return None
        k = min(int(point.x() * len(starts) / self.width()), len(starts) - 1)
        end = starts[k + 1] if k + 1 < len(starts) else len(self._values)
        return int(starts[k] + np.argmax(self._values[starts[k] : end]))

    def _told(self, unit: int) -> str:
        top = float(self._values.max(initial=0.0))
        part = 100 * float(self._values[unit]) / top if top else 0.0
        rank = int((self._values > self._values[unit]).sum()) + 1
        place = "answers most" if rank == 1 else f"answers {figure(part, 0)} % of the strongest"
        return f"Unit {whole(unit + 1)} of {whole(len(self._values))} {place}."


class NearestFields(_Units):
    """The receptive fields that answer most, the strongest ringed, each with its share."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Receptive fields that answer most", parent)
        self._units: tuple[int, ...] = ()
        self._shares: NDArray[np.floating] = np.empty(0)
        self._fields: NDArray[np.floating] = np.empty((0, 1))
        self._shape = (1, 1, 1)
        self._level = 1.0
        self._images: dict[int, QPixmap] = {}

    def show_units(
        self,
        units: Sequence[int],
        fields: NDArray[np.floating],
        activities: NDArray[np.floating],
        shape: tuple[int, int, int],
        total: float | None = None,
        level: float | None = None,
    ) -> None:
        """Show the units, the strongest first: as many as there is room for.

        fields : (m, N) weights; activities : (m,), not negative; shape : rows, cols, depth
        total : activity of all hidden units, which the shares are parts of; None: of these
        level : the weight at the ends of the map; None: their 99.5 % quantile
        """
        whole_activity = float(activities.sum()) if total is None else total
        self._units = tuple(int(u) for u in units)
        self._shares = activities / whole_activity if whole_activity > 0 else activities * 0
        self._fields, self._shape = fields, shape
        self._level = level or symmetric_level(np.asarray(fields, float))
        self._images.clear()
        self.setAccessibleDescription("; ".join(self._told(u) for u in self._units[:3]))
        self.update()

    def sizeHint(self) -> QSize:
        t = theme()
        return QSize(t.px(8 * 50), self._side + t.px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), self._side + theme().px(20))

    def _restyle(self) -> None:
        self._images.clear()
        super()._restyle()

    @property
    def _side(self) -> int:
        return theme().px(42)

    def _box(self, k: int) -> QRectF:
        step = self._side + theme().px(10)
        return QRectF(3 + k * step, 3, self._side - 6, self._side - 6)

    @property
    def shown(self) -> int:
        """How many there is room for."""
        step = self._side + theme().px(10)
        return min(len(self._units), max(1, (self.width() + theme().px(10)) // step))

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for k in range(self.shown):
            box = self._box(k)
            if k not in self._images:
                self._images[k] = self._picture(k)
            draw_rounded(painter, box, self._images[k], radius_of(box.width()))
            under = self._units[k] == self._under
            if k == 0 or under:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(t.colour("accent" if k == 0 else "bar"), 2))
                painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 7, 7)
            painter.setFont(t.font(11, 600 if k == 0 else 400))
            painter.setPen(t.colour("text" if k == 0 else "muted"))
            line = QRectF(box.left() - 4, box.bottom() + 4, box.width() + 8, t.px(16))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self._percent(k))

    def _percent(self, k: int) -> str:
        share = 100 * float(self._shares[k])
        return f"{figure(share, 0)} %" if share >= 0.5 or share == 0 else "<1 %"

    def _picture(self, k: int) -> QPixmap:
        image = field_picture(self._fields[k], self._shape, self._level)
        return fitted(image, self._box(k).width(), self.devicePixelRatioF())

    def _unit_at(self, point: QPointF) -> int | None:
        for k in range(self.shown):
            if self._box(k).adjusted(-3, -3, 3, theme().px(20)).contains(point):
                return self._units[k]
        return None

    def _told(self, unit: int) -> str:
        share = self._percent(self._units.index(unit))
        return f"Unit {whole(unit + 1)}: {share} of the hidden activity."
