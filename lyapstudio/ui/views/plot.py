"""A quiet pyqtgraph plot: horizontal grid, own numbers, colours that follow the theme."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from lyapstudio.ui.numerals import ticks
from lyapstudio.ui.theme import theme

LOW = 150
"""A plot that is lower than this has no room for an axis title, px."""

VEIL = 205
"""Opacity of what stands behind words in a plot, of 255."""


def pen(role: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen whose width is in pixels whatever the plot's scale."""
    made = pg.mkPen(theme().colour(role), width=width, style=style)
    made.setCosmetic(True)
    return made


class Plot(pg.PlotWidget):
    """Base of the curves. `plane` is the role of the plane that it stands on."""

    def __init__(self, axis_title: str, plane: str = "side", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plane = plane
        self._axis_title = axis_title
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMenuEnabled(False)
        menu = self.plotItem.ctrlMenu  # unused, but without a parent it outlives the plot
        menu.setParent(self, menu.windowFlags())
        self.hideButtons()
        self.setMouseEnabled(False, False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plotItem.disableAutoRange()
        self.box = self.plotItem.getViewBox()
        self.box.setDefaultPadding(0.0)
        self.plotItem.setContentsMargins(0, 6, 18, 0)  # the last number reaches over the edge
        self.left, self.bottom = self.getAxis("left"), self.getAxis("bottom")
        for axis in (self.left, self.bottom):
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=0, hideOverlappingLabels=False, tickTextOffset=8)
        self.left.setGrid(255)
        self.left.setZValue(-1000)  # else the grid cuts the curves
        self._ranges: tuple[float, float, float, float] | None = None
        for axis in (self.left, self.bottom):
            axis.setTicks([[]])  # no numbers before there is something to measure
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_axis_title(self, title: str) -> None:
        if title != self._axis_title:
            self._axis_title = title
            self._restyle()

    def show_range(self, x0: float, x1: float, y0: float, y1: float) -> None:
        """Show this part, with three to five round numbers on each axis."""
        ranges = (x0, x1, y0, y1)
        if ranges == self._ranges:
            return
        self._ranges = ranges
        self.box.setRange(QRectF(x0, y0, x1 - x0, y1 - y0), padding=0)
        few = 3 if self.height() < 140 else 5
        vertical = ticks(y0, y1, few)
        self.left.setTicks([vertical])
        self.bottom.setTicks([ticks(x0, x1, 5)])
        metrics = QFontMetrics(theme().font(11))
        widest = max((metrics.horizontalAdvance(words) for _, words in vertical), default=20)
        self.left.setWidth(widest + 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # the base class also resizes before there is anything to draw, and while it closes
        if hasattr(self, "_ranges") and self.bottom.label is not None:
            self._fit_axis()
            self._ranges = None
            self.redraw()

    def _fit_axis(self) -> None:
        """A low plot keeps its room for the curve and leaves the axis' title to the tooltip."""
        t = theme()
        titled = bool(self._axis_title) and self.height() >= t.px(LOW)
        self.bottom.showLabel(titled)
        self.bottom.setHeight(t.px(40 if titled else 20))
        self.setToolTip("" if titled else self._axis_title)

    @property
    def columns(self) -> int:
        """Pixels across the curve."""
        return max(50, int(self.box.width()))

    def _restyle(self) -> None:
        if self.bottom.label is None:
            return  # pyqtgraph has closed it; Qt deletes it a moment later
        t = theme()
        self.setBackground(t.colour(self.plane))
        for axis in (self.left, self.bottom):
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pen("line"))
            axis.setTextPen(pg.mkPen(t.colour("muted")))
            axis.setStyle(tickFont=t.font(11))
        self.bottom.setTickPen(pen(self.plane))  # NoPen still leaves dots
        style = {"font-size": f"{t.px(11)}px", "color": t.name("muted")}
        self.bottom.setLabel(self._axis_title, **style)
        self._fit_axis()
        ranges, self._ranges = self._ranges, None
        if ranges is not None:
            self.show_range(*ranges)
        self.recolour()

    def recolour(self) -> None:
        """Give every curve its colour again."""

    def redraw(self) -> None:
        """Draw what was shown last again, in the present size."""


class Note(pg.TextItem):
    """Words that stand at a curve."""

    def __init__(self, anchor: tuple[float, float], plane: str = "") -> None:
        """`plane`: the role of a veil behind the words, where lines would cross them."""
        super().__init__("", anchor=anchor)
        self._plane = plane
        self._words, self._role = "", ""
        self._corner = anchor
        self.setZValue(30)

    def set_anchor(self, anchor: tuple[float, float]) -> None:
        """Which corner of the words stands at the point."""
        if anchor != self._corner:
            self._corner = anchor
            self.setAnchor(anchor)

    def say(self, words: str, role: str, x: float, y: float) -> None:
        """Show the words in a role's colour at a point of the plot."""
        if (words, role) != (self._words, self._role):
            self._words, self._role = words, role
            self.setText(words)
            self.recolour()
        self.setPos(x, y)
        self.setVisible(bool(words))

    def recolour(self) -> None:
        self.setFont(theme().font(11, 600))
        self.setColor(theme().colour(self._role or "text"))
        if self._plane:
            veil = QColor(theme().colour(self._plane))
            veil.setAlpha(VEIL)
            self.fill = pg.mkBrush(veil)
