"""Phosphor icons, drawn straight from qtawesome's font file.

qtawesome itself imports qtpy and all its fonts, a third of a second before the first paint.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

PREFIX = "ph."
FILLING = 0.875
"""The glyph's height as a part of the icon's, as in qtawesome."""


class Glyph(QIconEngine):
    """One character of the icon font in one colour, and another where it is disabled."""

    def __init__(self, character: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._inks = character, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        character, colour, disabled = self._inks
        painter.save()
        font = QFont(_family())
        font.setPixelSize(max(1, round(FILLING * rect.height())))
        painter.setFont(font)
        painter.setPen(QColor(disabled if mode == QIcon.Mode.Disabled else colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return Glyph(*self._inks)


def icon(name: str, colour: str, disabled: str) -> QIcon:
    """The icon `name`, such as "ph.play-fill".

    Raises
    ------
    KeyError
        The font has no icon of that name.
    """
    return QIcon(Glyph(chr(_characters()[name.removeprefix(PREFIX)]), colour, disabled))


def _file(pattern: str) -> Path:
    package = importlib.util.find_spec("qtawesome")
    assert package is not None
    assert package.submodule_search_locations is not None
    return next(Path(package.submodule_search_locations[0], "fonts").glob(pattern))


@cache
def _characters() -> dict[str, int]:
    table = json.loads(_file("phosphor-charmap-*.json").read_text("utf-8"))
    return {name: int(code, 16) for name, code in table.items()}


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(_file("phosphor-*.ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]
