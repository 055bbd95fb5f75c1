"""Images and fields of weights as pictures: grey in the two tones, colour as it is, signed maps."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from lyapstudio.ui.maps import SIGNED, TONES, packed, ramp
from lyapstudio.ui.parts.thumbnail import draw_rounded, radius_of
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.tiling import CROSS, REACH, STAGE, ZERO, tile_pixels

Shape = tuple[int, int, int]
"""Rows, columns and depth (1 grey, 3 colour) of an image; colours lie last."""

_GREY = packed(ramp(TONES))


def as_image(pixels: NDArray[np.uint8], table: list[int]) -> QImage:
    """(rows, cols, 1) looked up in a table, or (rows, cols, 3) RGB, as an image of its own."""
    rows, cols, depth = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    kind = QImage.Format.Format_RGB888 if depth == 3 else QImage.Format.Format_Indexed8
    image = QImage(pixels.data, cols, rows, cols * depth, kind)
    if depth == 1:
        image.setColorTable(table)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy that owns its pixels


def signed_table() -> list[int]:
    """The mosaic's colour table: gap, cross, then the signed map with zero at its own entry."""
    t = theme()
    return _table(t.dark, t.colour("stage").rgb(), t.colour("muted").rgb())


@cache
def _table(dark: bool, stage: int, cross: int) -> list[int]:
    table = [0] * 256
    table[ZERO - REACH : ZERO + REACH + 1] = packed(ramp(SIGNED[dark], 2 * REACH + 1))
    table[STAGE], table[CROSS] = stage, cross
    return table


def image_picture(values: NDArray[Any], shape: Shape) -> QImage:
    """(N,) an input image, uint8 or float in [0, 1]: lit where it is large."""
    if values.dtype != np.uint8:
        values = np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255).astype(np.uint8)
    return as_image(values.reshape(shape), _GREY)


def field_picture(weights: NDArray[Any], shape: Shape, level: float) -> QImage:
    """(N,) weights by the signed map, ±level at its ends; colour weights around mid-grey."""
    field = np.asarray(weights, np.float32).reshape(1, *shape)
    levels = np.array([level], np.float32)
    return as_image(tile_pixels(field, levels, shape[1], shape[0])[0], signed_table())


def fitted(image: QImage, side: float, ratio: float) -> QPixmap:
    """Within side x side px, sharp: whole copies of each pixel first, then smoothed down."""
    device = max(1, round(side * ratio))
    largest = max(1, image.width(), image.height())
    if largest < device and device % largest == 0:
        times = device // largest
        image = image.scaled(image.width() * times, image.height() * times)
    elif largest < 2 * device:
        times = -(-2 * device // largest)
        image = image.scaled(image.width() * times, image.height() * times)
    if max(image.width(), image.height()) != device:
        image = image.scaled(
            device,
            device,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def draw_picture(painter: QPainter, box: QRectF, image: QImage, *, rounded: bool = True) -> None:
    """Paint an image in the middle of a box; corners round as those of thumbnails."""
    side = min(box.width(), box.height())
    pixmap = fitted(image, side, painter.device().devicePixelRatio())
    draw_rounded(painter, box, pixmap, radius_of(side) if rounded else 0.0)
