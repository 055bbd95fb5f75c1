"""The pattern list: tiles in rows, chosen, renamed, dragged to another place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.parts.thumbnail import NAMES_FROM, Thumbnail
from lyapstudio.ui.theme import theme

Item = tuple[int, str, NDArray[np.int8], bool]
"""Key, name, (rows, cols) int8 grid, whether it is stored."""


FINE = 24
"""Patterns with so many rows are photographs rather than letters: they deserve large tiles."""


class PatternTiles(QWidget):
    """As many tiles as fit a row; the size falls with their number (72, 48, 40, 23).

    `moved(key, index)`: drag a tile to a place. The rest passes on what a tile says.
    """

    chosen = Signal(int)
    activated = Signal(int)
    renamed = Signal(int, str)
    moved = Signal(int, int)
    menu_requested = Signal(int, QPoint)
    arranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[int, Thumbnail] = {}
        self._largest = 72
        self._drop: int | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        theme().changed.connect(self._arrange)

    def set_patterns(self, items: Sequence[Item], chosen: int | None = None) -> None:
        """Show these patterns in this order; tiles that stay are kept."""
        keys = {item[0] for item in items}
        for key in [k for k in self._tiles if k not in keys]:
            self._tiles.pop(key).deleteLater()
        ordered: dict[int, Thumbnail] = {}
        for key, name, grid, active in items:
            tile = self._tiles.get(key) or self._new_tile(key)
            tile.show_pattern(name, grid, active)
            tile.set_chosen(key == chosen)
            ordered[key] = tile
        self._tiles = ordered
        self._arrange()

    def set_chosen(self, key: int | None) -> None:
        for tile in self._tiles.values():
            tile.set_chosen(tile.key == key)

    def set_largest(self, side: int) -> None:
        """The largest tile: 72, or 48 where the window is low."""
        self._largest = side
        self._arrange()

    def rename(self, key: int) -> None:
        self._tiles[key].rename()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._drop is None or not self._tiles:
            return
        painter = QPainter(self)
        painter.setPen(QPen(theme().colour("accent"), 3))
        tiles = list(self._tiles.values())
        last = self._drop == len(tiles)
        box = tiles[-1 if last else self._drop].geometry()
        x = box.right() + 4 if last else max(1, box.left() - 4)
        painter.drawLine(x, box.top(), x, box.bottom())

    def _new_tile(self, key: int) -> Thumbnail:
        tile = Thumbnail(key, self)
        tile.pressed.connect(self.chosen)
        tile.activated.connect(self.activated)
        tile.renamed.connect(self.renamed)
        tile.menu_requested.connect(self.menu_requested)
        tile.dragged.connect(self._dragged)
        tile.dropped.connect(self._dropped)
        tile.show()
        return tile

    def _side(self, count: int, width: int) -> int:
        for side in (72, 48, NAMES_FROM):
            per_row = max(1, (width + 8) // (theme().px(side) + 8))
            fine = any(tile.cells >= FINE for tile in self._tiles.values())
            rows = 2 if side > NAMES_FROM and fine else 1  # letters are read well when small
            if side <= self._largest and count <= rows * per_row:
                if side < 72:
                    return side
                filling = (width + 8) // per_row - 8  # wide columns: fill the row
                return max(side, min(96, int(filling / theme().scale)))
        return 23 if count > 15 else NAMES_FROM

    def _arrange(self) -> None:
        t, tiles, width = theme(), list(self._tiles.values()), max(self.width(), 80)
        side = self._side(len(tiles), width)
        step = t.px(side) + (6 if side < NAMES_FROM else 8)
        per_row = max(1, (width + 8) // step)
        tall = t.px(side) + (6 if side < NAMES_FROM else t.px(20) + 8)
        for k, tile in enumerate(tiles):
            tile.set_side(side)
            hint = tile.sizeHint()
            at = QPoint(k % per_row * step, k // per_row * tall)
            tile.setGeometry(QRect(at, hint))
        rows = -(-len(tiles) // per_row)
        self.setFixedHeight(max(t.px(23), rows * tall))
        self.arranged.emit()

    def _place(self, at: QPoint) -> int:
        for k, tile in enumerate(self._tiles.values()):
            box = tile.geometry()
            if at.y() < box.top() or (at.y() <= box.bottom() + 8 and at.x() < box.center().x()):
                return k
        return len(self._tiles)

    def _dragged(self, key: int, at: QPoint) -> None:
        self._drop = self._place(at)
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.update()

    def _dropped(self, key: int, at: QPoint) -> None:
        place, self._drop = self._drop, None
        self.unsetCursor()
        self.update()
        if place is None:
            return
        now = list(self._tiles).index(key)
        place -= place > now
        if place != now:
            self.moved.emit(key, place)
