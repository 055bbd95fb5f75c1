"""Connections of a small network as lines: where they run, how they look, which is near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from lyapstudio.ui.theme import theme

POINTS = 17
"""Every line is a chain of so many points."""

SHADES = 5
"""Strengths are drawn in so many widths and tones."""

FEW = 160
"""Up to so many lines heads are drawn at both ends of those that go both ways."""

DENSE = 500
"""Of more lines than this those one way are drawn as their half at the neuron that listens, without
heads; and only those of the neuron under the pointer are dashed, for to draw all lines anew costs
25 ms, and nobody sees dashes in the tangle."""

NEAR = 7.0
"""The pointer is on a line that is no further away than this, px."""

WARM, COOL = 214, 42
"""Entries of the signed map for lines: near its ends, where the hues differ most."""


@dataclass(frozen=True)
class Edges:
    """E lines, the weakest first.

    into, out_of : (E,) int64, who listens to whom; of a line both ways one of the two ways
    weight : (E,) float64; strength : (E,) float64 in (0, 1], its size over the largest
    both : (E,) bool, the same weight both ways: one line for the pair
    course : (E, POINTS, 2) float64 px, from the one that is heard to the one that listens
    """

    into: NDArray[np.int64]
    out_of: NDArray[np.int64]
    weight: NDArray[np.float64]
    strength: NDArray[np.float64]
    both: NDArray[np.bool_]
    course: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.into)

    @property
    def dense(self) -> bool:
        """Whether there are too many for heads, bends and dashes."""
        return len(self) > DENSE

    @property
    def heads_at_both(self) -> bool:
        """Whether lines both ways have two heads; where there are many they have none."""
        return len(self) <= FEW

    def frustrated(self, states: NDArray[np.int8]) -> NDArray[np.bool_]:
        """(E,) bool: it pushes its neuron away from the state that this neuron is in."""
        return self.weight * states[self.into] * states[self.out_of] < 0

    def of(self, neuron: int) -> NDArray[np.int64]:
        """Lines that begin or end at a neuron."""
        return np.flatnonzero((self.into == neuron) | (self.out_of == neuron))

    def find(self, into: int, out_of: int) -> int | None:
        """The line of a connection."""
        ahead = (self.into == into) & (self.out_of == out_of)
        back = (self.into == out_of) & (self.out_of == into) & self.both
        found = np.flatnonzero(ahead | back)
        return int(found[0]) if len(found) else None

    def at(self, x: float, y: float) -> int | None:
        """The line under a point, the nearest of them."""
        if not len(self):
            return None
        course = self.course[:, [0, -1]] if self.dense else self.course  # they are straight
        start, step = course[:, :-1], np.diff(course, axis=1)
        away = np.array([x, y]) - start
        length = np.maximum((step * step).sum(2), 1e-12)
        part = np.clip((away * step).sum(2) / length, 0, 1)
        distance = np.hypot(*np.moveaxis(away - part[:, :, None] * step, 2, 0)).min(1)
        # of lines that cross here the strongest was drawn last
        nearest = len(distance) - 1 - int(distance[::-1].argmin())
        return nearest if distance[nearest] <= NEAR else None

    def way(self, edge: int, x: float, y: float) -> tuple[int, int]:
        """(into, out_of) of a line; both ways: the end nearer to the point listens."""
        into, out_of = int(self.into[edge]), int(self.out_of[edge])
        ends = self.course[edge, [0, -1]] - (x, y)
        turned = self.both[edge] and np.hypot(*ends[0]) < np.hypot(*ends[1])
        return (out_of, into) if turned else (into, out_of)


def edges_of(W: NDArray[np.float64], places: NDArray[np.float64], radius: float) -> Edges:
    """The lines of a network.

    W : (N, N) float64, w_ij from j into i
    places : (N, 2) float64 px, the middles of the neurons
    radius : of a neuron, px
    """
    W = np.nan_to_num(W)
    alike = np.isclose(W, W.T, rtol=1e-9, atol=0)
    kept = (W != 0) & ~(alike & np.triu(np.ones_like(alike), 1))
    into, out_of = np.nonzero(kept)
    order = np.argsort(np.abs(W[into, out_of]), kind="stable")
    into, out_of = into[order], out_of[order]
    weight = W[into, out_of]
    most = float(np.abs(weight).max()) if len(weight) else 1.0
    both = alike[into, out_of] & (into != out_of)
    start, end = places[out_of], places[into]
    bent = ~both & (W[out_of, into] != 0) & (into != out_of)
    if len(into) > DENSE:
        bent[:] = False
    course = _courses(start, end, bent, radius)
    if len(into) > DENSE:
        halves = course[~both]
        halves[:, :-1] = np.linspace(halves[:, POINTS // 2], halves[:, -1], POINTS, axis=1)[:, :-1]
        course[~both] = halves
    for edge in np.flatnonzero(into == out_of):
        course[edge] = _loop(places[into[edge]], places.mean(0), radius)
    return Edges(into, out_of, weight, np.abs(weight) / most, both, course)


def _courses(
    start: NDArray[np.float64], end: NDArray[np.float64], bent: NDArray[np.bool_], radius: float
) -> NDArray[np.float64]:
    """(E, POINTS, 2): from rim to rim, to the left of the way where bent."""
    way = end - start
    length = np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    left = np.stack([way[:, 1], -way[:, 0]], 1) / length
    bow = np.where(bent[:, None], np.clip(0.14 * length, 8, 44), 0.0)
    control = (start + end) / 2 + 2 * bow * left
    gap = np.minimum(radius + 2, 0.45 * length)
    first, last = control - start, control - end
    a = start + first / np.maximum(np.hypot(*first.T), 1e-9)[:, None] * gap
    b = end + last / np.maximum(np.hypot(*last.T), 1e-9)[:, None] * gap
    t = np.linspace(0, 1, POINTS)[None, :, None]
    return (1 - t) ** 2 * a[:, None] + 2 * t * (1 - t) * control[:, None] + t**2 * b[:, None]


def _loop(
    place: NDArray[np.float64], middle: NDArray[np.float64], radius: float
) -> NDArray[np.float64]:
    """(POINTS, 2): a small circle at the outer side of a neuron."""
    out = place - middle
    size = float(np.hypot(*out))
    out = out / size if size > 1e-6 else np.array([0.0, -1.0])
    turn = np.linspace(0, 2 * np.pi, POINTS) + np.arctan2(*-out[::-1])
    size = 0.62 * radius + 2
    centre = place + out * (radius + 0.6 * size)
    return centre + size * np.stack([np.cos(turn), np.sin(turn)], 1)


# --- how they look


def widest(edges: Edges) -> float:
    """Width of the strongest line, px."""
    return 5.0 if len(edges) <= 100 else 3.6 if len(edges) <= DENSE else 1.8


def line_pen(
    strength: float, positive: bool, wide: float, *, dashed: bool = False, pale: float = 1.0
) -> QPen:
    """Warm or cool, mixed with the plane where weak: see-through lines cost ten times more."""
    t = theme()
    end, plane = t.signed()[WARM if positive else COOL], t.colour("stage")
    part = pale * (0.34 + 0.66 * strength)
    behind = np.array([plane.red(), plane.green(), plane.blue()])
    mixed = np.rint(part * end + (1 - part) * behind).astype(int).tolist()
    width = 1.0 + (wide - 1.0) * strength
    pen = QPen(QColor(*mixed), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern([6 / width, 4 / width])
    return pen


def draw_edges(
    painter: QPainter,
    edges: Edges,
    which: NDArray[np.int64],
    dashed: NDArray[np.bool_],
    pale: float = 1.0,
) -> None:
    """Some of the lines, the weakest first, many of one look at a time.

    which : (K,) indices, rising; dashed : (E,) bool; pale : below 1 nearer to the plane
    """
    wide = widest(edges)
    shade = np.ceil(edges.strength[which] * SHADES).clip(1).astype(int)
    straight = edges.both[which] | ~_bowed(edges.course[which])
    ends = edges.course[:, [0, -1]]
    for level in range(1, SHADES + 1):
        for positive in (False, True):
            for broken in (False, True):
                alike = (shade == level) & ((edges.weight[which] > 0) == positive)
                chosen = alike & (dashed[which] == broken)
                if not chosen.any():
                    continue
                painter.setPen(line_pen(level / SHADES, positive, wide, dashed=broken, pale=pale))
                lines = ends[which[chosen & straight]].reshape(-1, 4).tolist()
                painter.drawLines([QLineF(*line) for line in lines])
                for edge in which[chosen & ~straight]:
                    painter.drawPolyline(polygon(edges.course[edge]))
    for edge in which if not edges.dense else ():
        if edges.heads_at_both or not edges.both[edge]:
            draw_heads(painter, edges, int(edge), wide)


def _bowed(course: NDArray[np.float64]) -> NDArray[np.bool_]:
    middle = (course[:, 0] + course[:, -1]) / 2
    return np.hypot(*(course[:, POINTS // 2] - middle).T) > 0.5


def polygon(course: NDArray[np.float64]) -> QPolygonF:
    """A line as Qt draws it."""
    return QPolygonF([QPointF(x, y) for x, y in course.tolist()])


def draw_heads(painter: QPainter, edges: Edges, edge: int, wide: float) -> None:
    """An arrow's head where it pulls along, a bar where it pushes away; none at a loop."""
    if edges.into[edge] == edges.out_of[edge]:
        return
    course, positive = edges.course[edge], bool(edges.weight[edge] > 0)
    pen = line_pen(max(float(edges.strength[edge]), 0.3), positive, wide)
    draw_head(painter, course[-2], course[-1], positive, pen)
    if edges.both[edge]:
        draw_head(painter, course[1], course[0], positive, pen)


def draw_head(
    painter: QPainter,
    before: NDArray[np.float64],
    tip: NDArray[np.float64],
    positive: bool,
    pen: QPen,
) -> None:
    """One head at `tip`, on a line that comes from `before`."""
    way = tip - before
    way = way / max(float(np.hypot(*way)), 1e-9)
    side = np.array([-way[1], way[0]])
    size = 4.0 + 1.5 * pen.widthF()
    colour = pen.color()
    if positive:
        back = tip - size * 1.3 * way
        corners = np.array([tip, back + 0.62 * size * side, back - 0.62 * size * side])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(polygon(corners))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(QPen(colour, max(2.0, pen.widthF())))
        a, b = tip + 0.7 * size * side, tip - 0.7 * size * side
        painter.drawLine(QLineF(a[0], a[1], b[0], b[1]))
