"""Outlines of groups of cells: one path around all of them, however many there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF


def outline_of(inside: NDArray[np.bool_]) -> QPainterPath:
    """The boundary of a set of cells, as closed loops in units of cells (x right, y down).

    inside : (rows, cols) bool
    """
    path = QPainterPath()
    rows, cols = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if len(rows):  # all that follows looks only at the rectangle around them
        top, left = int(rows[0]), int(cols[0])
        for loop in loops(inside[top : rows[-1] + 1, left : cols[-1] + 1]):
            path.addPolygon(QPolygonF([QPointF(left + x, top + y) for y, x in loop]))
            path.closeSubpath()
    return path


def loops(inside: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Corners (row, column) of every loop, the inside at its right hand.

    Straight runs are found for all cells at once; only their ends are strung together here.
    """
    along = runs(inside)
    down: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (c0, r0), (c1, r1) in runs(inside.T, turned=True):
        down.setdefault((r0, c0), []).append((r1, c1))
    across: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for start, end in along:
        across.setdefault(start, []).append(end)
    found = []
    while across:
        first = next(iter(across))
        corner, loop = first, []
        while corner in across:  # level and upright runs take turns
            loop.append(corner)
            corner = _take(across, corner)
            loop.append(corner)
            corner = _take(down, corner)
            if corner == first:
                break
        found.append(loop)
    return found


def _take(
    ways: dict[tuple[int, int], list[tuple[int, int]]], start: tuple[int, int]
) -> tuple[int, int]:
    ends = ways[start]
    end = ends.pop()
    if not ends:
        del ways[start]
    return end


def runs(
    inside: NDArray[np.bool_], *, turned: bool = False
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Level boundary runs as (start, end) corners; `turned` for the transposed grid.

    Along a top edge it goes right, along a bottom edge left; in the transposed grid the other way
    round, so that the inside lies at the right hand again.
    """
    rows, cols = inside.shape
    padded = np.zeros((rows + 2, cols + 2), bool)
    padded[1:-1, 1:-1] = inside
    found = []
    for way, edge in (
        (1, padded[1:] & ~padded[:-1]),  # (rows + 1, cols + 2): a cell beneath, none above
        (-1, padded[:-1] & ~padded[1:]),
    ):
        change = np.diff(edge.astype(np.int8), axis=1)
        starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        forward = (way == 1) != turned
        found += [((r, a), (r, b)) if forward else ((r, b), (r, a)) for (r, a), (_, b) in pairs]
    return found
