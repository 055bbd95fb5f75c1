"""Plots as PNG, SVG and CSV; every number of a plot is in its CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from lyapstudio.core.model import Frame
from lyapstudio.document import export
from lyapstudio.document.disk import write_file
from lyapstudio.ui.theme import theme

SCALE = 2
"""PNG pixels for one of the screen's: sharp in print."""


def write_png(path: Path, widget: QWidget) -> None:
    """The widget at twice its size."""
    picture = QPixmap(widget.size() * SCALE)
    picture.setDevicePixelRatio(SCALE)
    painter = QPainter(picture)
    _render(widget, painter)
    painter.end()
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
    _render(widget, painter)
    painter.end()
    write_file(path, bytes(data.data()))


def _render(widget: QWidget, painter: QPainter) -> None:
    """The widget on its plane; a plot is a view of a scene and takes other arguments."""
    plane = getattr(widget, "plane", "stage")
    painter.fillRect(widget.rect(), theme().colour(plane))
    if isinstance(widget, QGraphicsView):
        view: QGraphicsView = widget
        QGraphicsView.render(view, painter, QRectF(view.rect()), view.viewport().rect())
    else:
        widget.render(painter, QPoint())


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
