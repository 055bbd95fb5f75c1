"""A small network as a graph: neurons that flip and connections that are made by clicking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.numerals import figure, place, whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.edges import draw_edges, draw_head, edges_of, polygon, widest
from lyapstudio.ui.views.legend import LINE, Entry, draw_legend, draw_silent, lines_of
from lyapstudio.ui.views.titles import draw_states, draw_title

TITLE = "Graph"

MOST = 64
"""More neurons than this are not drawn as a graph."""

DRAG = 6
"""From so many px on a pressed mouse draws a connection."""

STRETCH = 1.35
"""The drawing is at most so many times wider than tall, or taller than wide."""

FAINT = 0.16
"""What does not belong to the neuron under the pointer is drawn so faintly."""

PALE = 0.6
"""A tangle of lines must not hide the neurons."""


class GraphView(QWidget):
    """Click a neuron: it flips. Drag from one to another: a connection. Click a line: chosen.

    `edge_chosen`, `edge_drawn`, `edge_cut` (right click, Delete) and `edge_nudged` (wheel, + and
    −, on the chosen one) tell (into, out_of); `hovered` a neuron or None.
    """

    flipped = Signal(int)
    hovered = Signal(object)
    edge_chosen = Signal(int, int)
    edge_drawn = Signal(int, int)
    edge_nudged = Signal(int, int, int)
    edge_cut = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editable = True
        self._W = np.zeros((0, 0))
        self._states = np.empty(0, np.int8)
        self._lesions: NDArray[np.bool_] | None = None
        self._positions = np.empty((0, 2))
        self._cols: int | None = None
        self._chosen: tuple[int, int] | None = None
        self._node: int | None = None  # under the pointer
        self._edge: tuple[int, int] | None = None  # under the pointer
        self._press: tuple[int | None, QPointF] | None = None
        self._pull: QPointF | None = None  # where a new connection ends for now
        self._legend: list[list[tuple[float, Entry]]] = [[]]
        self._lines: QPixmap | None = None  # all connections, drawn
        self._lay_out()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The network as a graph")
        theme().changed.connect(self._lay_out)

    # --- what is shown

    def show_graph(
        self,
        W: NDArray[np.float64],
        states: NDArray[np.int8],
        positions: NDArray[np.float64] | None = None,
        cols: int | None = None,
    ) -> None:
        """(N, N) weights, w_ij from j into i; (N,) states; (N, 2) places in [0, 1].

        Without positions neurons stay where they are, or stand in a circle. `cols` of the sheet
        lets them be called by row and column.
        """
        N = len(W)
        if positions is None and len(self._positions) != N:
            turn = 2 * np.pi * np.arange(N) / max(N, 1)
            positions = 0.5 + 0.5 * np.stack([np.sin(turn), -np.cos(turn)], 1)
        if positions is not None:
            self._positions = positions
        if self._lesions is not None and len(self._lesions) != N:
            self._lesions = None
        self._W, self._states, self._cols = W, np.asarray(states, np.int8), cols
        if self._node is not None and self._node >= N:
            self._hover(None, None)
        self._lay_out()
        if self._chosen is not None and (
            max(self._chosen) >= N or self._edges.find(*self._chosen) is None
        ):
            self._chosen = None

    def show_states(self, states: NDArray[np.int8]) -> None:
        """(N,) int8 in {-1, +1}; the lines are drawn anew only where they tell of states."""
        if len(states) == len(self._states) and not np.array_equal(states, self._states):
            self._states = np.asarray(states, np.int8).copy()
            if not self._edges.dense:
                self._lines = None
            self.update()

    def set_lesions(self, mask: NDArray[np.bool_] | None) -> None:
        """(N,) bool: these neurons are silenced."""
        self._lesions = mask
        self._lay_out()

    @property
    def chosen(self) -> tuple[int, int] | None:
        """(into, out_of) of the chosen connection."""
        return self._chosen

    def caption(self) -> str:
        """What the pointer reads, else what there is."""
        if self._node is not None:
            row = np.flatnonzero(self._W[self._node])
            column = np.flatnonzero(self._W[:, self._node])
            state = figure(float(self._states[self._node]), sign=True)
            if self._lesions is not None and self._lesions[self._node]:
                state = "silenced"
            heard = f"listens to {len(row)}, heard by {len(column)}"
            return f"neuron {self._name(self._node)}: {state}, {heard}"
        pair = self._edge or self._chosen
        if pair is None:
            count = int(np.count_nonzero(self._W))
            return f"{whole(len(self._W))} neurons, {whole(count)} connections"
        into, out_of = pair
        edge = self._edges.find(into, out_of)
        both = edge is not None and bool(self._edges.both[edge])
        joined = f"between {self._name(out_of)} and {self._name(into)}"
        if not both:
            joined = f"from {self._name(out_of)} to {self._name(into)}"
        words = f"{joined}: {figure(float(f'{self._W[pair]:.4g}'), sign=True)}"
        if self._W[pair] * self._states[into] * self._states[out_of] < 0:
            words += ", frustrated"
        return f"{words} · wheel changes it, Delete cuts it" if pair == self._chosen else words

    def _name(self, neuron: int) -> str:
        """As people count: (row, column), or the number."""
        return str(place(neuron, self._cols)) if self._cols else str(neuron + 1)

    def _entries(self) -> list[Entry]:
        edges = self._edges
        kinds = ("warm", "cool") if edges.dense else ("positive", "negative")
        entries = [Entry(kinds[0], "positive"), Entry(kinds[1], "negative")]
        if edges.dense and not edges.both.all():
            entries.append(Entry("half", "half a line: into the neuron at its end"))
        if edges.both.any():
            two = edges.heads_at_both
            words = "both ways alike" if two else "no head, whole line: both ways alike"
            entries.append(Entry("both" if two else "plain", words))
        where = " (point at a neuron)" if edges.dense else ""
        entries.append(Entry("dashed", f"frustrated: pushes against the state{where}"))
        if self._lesions is not None and self._lesions.any():
            entries.append(Entry("silent", "silenced"))
        return entries

    # --- where things lie

    def sizeHint(self) -> QSize:
        return QSize(theme().px(520), theme().px(480))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(300), theme().px(260))

    def _lay_out(self) -> None:
        """Places and lines for the present size; again where the legend grows by a line."""
        t, N, lines = theme(), len(self._W), len(self._legend)
        self._radius = float(t.px(19 if N <= 12 else 15 if N <= 24 else 12 if N <= 40 else 10))
        rim, foot = 2.5 * self._radius, t.px(LINE) * lines + t.px(6)
        room = QRectF(self.rect()).adjusted(rim, t.px(34) + rim, -rim, -foot - rim)
        width = max(10.0, min(room.width(), STRETCH * room.height()))
        height = max(10.0, min(room.height(), STRETCH * room.width()))
        corner = room.center().x() - width / 2, room.center().y() - height / 2
        self._pixels = self._positions * (width, height) + corner
        if N > 1:  # neighbours do not cover each other
            apart = np.hypot(*(self._pixels[:, None] - self._pixels[None]).T) + 1e9 * np.eye(N)
            self._radius = max(0.75 * self._radius, min(self._radius, 0.48 * float(apart.min())))
        self._edges = edges_of(self._W, self._pixels, self._radius)
        self._lines = None
        self._legend = lines_of(self._entries(), self.width())
        if len(self._legend) > lines:
            self._lay_out()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _node_at(self, point: QPointF) -> int | None:
        if not len(self._pixels):
            return None
        away = np.hypot(*(self._pixels - (point.x(), point.y())).T)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= self._radius + 2 else None

    def _edge_at(self, point: QPointF) -> tuple[int, int] | None:
        edge = self._edges.at(point.x(), point.y())
        return self._edges.way(edge, point.x(), point.y()) if edge is not None else None

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QRectF(0, t.px(4), self.width(), t.px(28))
        draw_title(painter, line, draw_states(painter, line), TITLE, self.caption())
        if self._lines is None:
            self._lines = self._draw_lines()
        near = self._edges.of(self._node) if self._node is not None else None
        painter.setOpacity(FAINT if near is not None else 1.0)
        painter.drawPixmap(0, 0, self._lines)
        painter.setOpacity(1.0)
        self._draw_chosen(painter)
        if near is not None:
            frustrated = self._edges.frustrated(self._states)
            draw_edges(painter, self._edges, near, frustrated)
        self._draw_pull(painter)
        self._draw_nodes(painter, near)
        foot = QRectF(0, self.height() - t.px(LINE) * len(self._legend), self.width(), 1)
        draw_legend(painter, foot, self._legend)

    def _draw_lines(self) -> QPixmap:
        """All connections; kept until they change."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dashed, pale = self._edges.frustrated(self._states), 1.0
        if self._edges.dense:
            dashed[:], pale = False, PALE
        draw_edges(painter, self._edges, np.arange(len(dashed)), dashed, pale)
        painter.end()
        return pixmap

    def _draw_chosen(self, painter: QPainter) -> None:
        """A glow on both sides of the chosen connection, thinner of the one pointed at."""
        for pair, role, more in ((self._edge, "groove", 3.0), (self._chosen, "accent", 6.0)):
            edge = self._edges.find(*pair) if pair is not None else None
            if edge is None:
                continue
            strong = widest(self._edges) * self._edges.strength[edge]
            for colour, width in ((role, strong + more), ("stage", strong + more / 2)):
                painter.setPen(QPen(theme().colour(colour), width))
                painter.drawPolyline(polygon(self._edges.course[edge]))
            dashed = self._edges.frustrated(self._states)
            draw_edges(painter, self._edges, np.array([edge]), dashed)

    def _draw_pull(self, painter: QPainter) -> None:
        """The connection that is being drawn."""
        if self._pull is None or self._press is None or self._press[0] is None:
            return
        start = self._pixels[self._press[0]]
        end = np.array([self._pull.x(), self._pull.y()])
        pen = QPen(theme().colour("accent"), 2.5)
        painter.setPen(pen)
        painter.drawLine(QLineF(start[0], start[1], end[0], end[1]))
        draw_head(painter, start, end, True, pen)

    def _draw_nodes(self, painter: QPainter, near: NDArray[np.int64] | None) -> None:
        t, r = theme(), self._radius
        clear: set[int | None] = set(range(len(self._W)))
        if near is not None:
            ends = (self._edges.into[near], self._edges.out_of[near])
            clear = set(np.concatenate(ends).tolist()) | {self._node}
        painter.setFont(t.font(11, 600))
        for neuron, (x, y) in enumerate(self._pixels.tolist()):
            painter.setOpacity(1.0 if neuron in clear else 0.45)
            box = QRectF(x - r, y - r, 2 * r, 2 * r)
            if self._lesions is not None and self._lesions[neuron]:
                draw_silent(painter, x, y, r)
                continue
            lit = self._states[neuron] > 0
            ring = neuron == self._node
            painter.setPen(QPen(t.colour("accent" if ring else "bar"), 3.0 if ring else 1.0))
            painter.setBrush(t.colour("plus" if lit else "minus"))
            painter.drawEllipse(box)
            painter.setPen(t.colour("minus" if lit else "plus"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._label(neuron))
        painter.setOpacity(1.0)

    def _label(self, neuron: int) -> str:
        """What there is room for within the disc."""
        if self._cols and len(self._W) <= 24:
            row, col = place(neuron, self._cols)
            return f"{row}, {col}"
        return str(neuron + 1)

    # --- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point, left = event.position(), event.button() == Qt.MouseButton.LeftButton
        node = self._node_at(point)
        if left:
            self._press = (node, point)
        pair = self._edge_at(point) if node is None else None
        if left and node is None:
            self._chosen = pair
            if pair is not None:
                self.edge_chosen.emit(*pair)
            self.update()
        elif event.button() == Qt.MouseButton.RightButton and pair is not None and self.editable:
            self.edge_cut.emit(*pair)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._press is not None and self._press[0] is not None and self.editable:
            far = (point - self._press[1]).manhattanLength() >= DRAG
            if far or self._pull is not None:
                self._pull = point
                self.update()
        node = self._node_at(point)
        pair = self._edge_at(point) if node is None and self._press is None else None
        self._hover(node, pair)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        start, end = self._press[0], self._node_at(event.position())
        drawn = self._pull is not None
        self._press = self._pull = None
        self.update()
        if start is None:
            return
        if drawn and end is not None and end != start:
            self.edge_drawn.emit(end, start)
        elif not drawn and end == start:
            self.flipped.emit(start)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)  # two quick clicks flip twice

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = round(event.angleDelta().y() / 120)
        pair = self._edge_at(event.position())
        if not self._is_chosen(pair) or not steps or not self.editable:
            event.ignore()
            return
        assert self._chosen is not None
        self.edge_nudged.emit(*self._chosen, steps)

    def _is_chosen(self, pair: tuple[int, int] | None) -> bool:
        if pair is None or self._chosen is None:
            return False
        return self._edges.find(*pair) == self._edges.find(*self._chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete cuts the chosen connection, + and − change it."""
        steps = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        cuts = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if self._chosen is None or not self.editable or not (cuts or event.key() in steps):
            super().keyPressEvent(event)
        elif cuts:
            self.edge_cut.emit(*self._chosen)
        else:
            self.edge_nudged.emit(*self._chosen, steps[Qt.Key(event.key())])

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None, None)

    def _hover(self, node: int | None, pair: tuple[int, int] | None) -> None:
        if pair != self._edge:
            self._edge = pair
            self.update()
        if node != self._node:
            self._node = node
            self.hovered.emit(node)
            self.update()
        hand = node is not None or pair is not None
        shapes = Qt.CursorShape
        self.setCursor(shapes.PointingHandCursor if hand else shapes.ArrowCursor)
