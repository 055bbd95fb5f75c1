"""Plots as PNG, SVG and CSV; every number of a plot is in its CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.document.disk import write_file
from lyapstudio.engine.training import READOUT, Training

SCALE = 2
"""PNG pixels for one of the screen's: sharp in print."""


def write_png(path: Path, widget: QWidget) -> None:
    """The widget at twice its size."""
    picture = QPixmap(widget.size() * SCALE)
    picture.setDevicePixelRatio(SCALE)
    painter = QPainter(picture)
    _paint(widget, painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    write_file(path, bytes(data.data()))


def _paint(widget: QWidget, painter: QPainter) -> None:
    if isinstance(widget, QGraphicsView):  # a pyqtgraph plot: its scene, not its window
        widget.render(painter, QRectF(widget.rect()), widget.rect())
    else:
        widget.render(painter, QPoint())


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
    _paint(widget, painter)
    painter.end()
    write_file(path, bytes(data.data()))


Columns = dict[str, Any]


def lyapunov_columns(frame: Frame) -> Columns:
    """Every function's curve (lowest and highest since the row before), and the levels.

    Of two networks side by side both, each with its title.
    """
    columns: Columns = {}
    for shown in (frame, frame.beside):
        if shown is None or shown.trace is None:
            continue
        for k, function in enumerate(shown.model.functions):
            rows = shown.trace.curve(k)
            if len(rows):
                symbol = f"{function.symbol}, {shown.title}" if shown.title else function.symbol
                columns[f"update of {symbol}"] = rows[:, 0]
                columns[f"lowest {symbol}"] = rows[:, 1]
                columns[f"highest {symbol}"] = rows[:, 2]
    if frame.levels is not None and frame.problem is not None:
        columns |= {"memory": list(frame.problem.names), "level": frame.levels}
    return columns


def overlap_columns(frame: Frame) -> Columns:
    """Each memory's overlap now."""
    assert frame.problem is not None
    return {"memory": list(frame.problem.names), "overlap": frame.channels["overlaps"]}


def history_columns(frame: Frame) -> Columns:
    """Overlaps against updates."""
    assert frame.problem is not None
    assert frame.history is not None
    rows, names = frame.history, frame.problem.names
    columns: Columns = {"update": rows[:, 0]}
    for k in range(rows.shape[1] - 1):
        columns[f"{k + 1} {names[k]}"] = rows[:, k + 1]
    return columns


def field_columns(frame: Frame) -> Columns:
    """The weights into the neuron that was looked at last."""
    assert frame.problem is not None
    if frame.incoming is None or frame.looked_at is None:
        raise UserError("Point at a neuron first: its weights are what this exports.")
    rows, cols = np.divmod(np.arange(frame.problem.N), frame.problem.cols)
    to_row, to_col = divmod(frame.looked_at, frame.problem.cols)
    return {
        "from row": rows + 1,
        "from column": cols + 1,
        f"weight into ({to_row + 1}, {to_col + 1})": frame.incoming,
    }


def contribution_columns(frame: Frame) -> Columns:
    """Who pushes the asked neuron, and which way."""
    asked = frame.arithmetic
    if asked is None:
        raise UserError("Pause first: contributions are those to the next neuron's field.")
    names, values = [n for n, _ in asked.parts], [v for _, v in asked.parts]
    return {"part": [*names, "sum"], "contribution": [*values, asked.field]}


def weight_columns(frame: Frame) -> Columns:
    """The weights of every unit, one column each."""
    return {f"unit {k + 1}": row for k, row in enumerate(frame.channels["weights"])}


def unit_columns(frame: Frame) -> Columns:
    """Norm and wins of every unit."""
    units = np.arange(1, len(frame.channels["norms"]) + 1)
    return {"unit": units, "norm": frame.channels["norms"], "wins": frame.channels["wins"]}


def example_columns(frame: Frame) -> Columns:
    """What the present image drives: current and push of every unit."""
    units = np.arange(1, len(frame.channels["currents"]) + 1)
    return {"unit": units, "current": frame.channels["currents"], "g": frame.channels["pushes"]}


def error_columns(training: Training | None) -> Columns:
    """Errors after each epoch, in per cent, of the readout and what it is compared with."""
    if training is None:
        raise UserError("Train the readout first: its errors are what this exports.")
    columns: Columns = {}
    for course in training.courses.values():
        columns[f"epoch of {course.name}"] = [s.epoch for s in course.scores]
        for kind in ("running_error", "validation_error", "test_error"):
            errors = [100 * getattr(s, kind) for s in course.scores]
            columns[f"{course.name}: {kind.replace('_', ' ')} %"] = errors
    return columns


def confusion_columns(training: Training | None) -> Columns:
    """How many images of each class were read as each class."""
    judgement = training.courses[READOUT].judgement if training else None
    if training is None or judgement is None:
        raise UserError("Train the readout first: its mistakes are what this exports.")
    classes = training.data.classes
    rows = {f"read as {c}": judgement.confusion[:, k] for k, c in enumerate(classes)}
    return {"true class": list(classes), **rows}
