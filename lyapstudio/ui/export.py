"""Plots as PNG, SVG and CSV; every number of a plot is in its CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from lyapstudio.core.model import Frame
from lyapstudio.document import export
from lyapstudio.document.disk import write_file

SCALE = 2
"""PNG pixels for one of the screen's: sharp in print."""


def write_png(path: Path, widget: QWidget) -> None:
    """The widget at twice its size."""
    picture = QPixmap(widget.size() * SCALE)
    picture.setDevicePixelRatio(SCALE)
    widget.render(picture)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    write_file(path, bytes(data.data()))


def write_svg(path: Path, widget: QWidget) -> None:
    """The widget as vectors."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(widget.logicalDpiX())
    generator.setSize(QSize(widget.size()))
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    generator.setTitle("Lyapunov Studio")
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
    write_file(path, bytes(data.data()))


def csv_columns(widget: QWidget, frame: Frame | None) -> dict[str, Any]:
    """The numbers behind a view, by column name."""
    exported = getattr(widget, "exported", None)
    columns: dict[str, Any] = exported() if exported is not None else {}
    if frame is not None and not columns:
        columns = {"update": [frame.update]}
    return {name: np.asarray(values) for name, values in columns.items()}


def write_csv(path: Path, columns: dict[str, Any]) -> None:
    """Columns of possibly different lengths, each with its name."""
    export.columns_csv(path, columns)
