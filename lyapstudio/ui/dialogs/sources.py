"""Files, bytes and clipboard images become pictures; no failure stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from lyapstudio.core.errors import UserError
from lyapstudio.document.arrays import open_file
from lyapstudio.document.images import Picture, open_image

Content = Path | str | bytes | NDArray
Source = tuple[str, Content]
"""A name, and a file's path, its bytes, or (H, W) grey values (uint8, or float in [0, 1])."""

LARGEST = 4096
"""Sides of an image from the clipboard are reduced to this, px."""


def image_source(image: QImage, name: str = "Clipboard") -> Source:
    """A Qt image (the clipboard) as a source: grey, on white where it is transparent."""
    if max(image.width(), image.height()) > LARGEST:
        image = image.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio)
    white = QImage(image.size(), QImage.Format.Format_RGB32)
    white.fill(0xFFFFFFFF)
    painter = QPainter(white)
    painter.drawImage(0, 0, image)
    painter.end()
    flat = white.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    return name, rows[:, : flat.width()].copy()


def read_source(source: Source) -> list[Picture]:
    """The pictures of one source, under its name.

    Raises
    ------
    UserError : it cannot be read
    """
    name, content = source
    if isinstance(content, bytes):
        return [open_image(content, name)]
    if isinstance(content, (str, Path)):
        return open_file(content)
    if content.ndim != 2 or not content.size:
        raise UserError(f"{name} is not a picture: it has the shape {content.shape}.")
    grey = content / 255.0 if content.dtype == np.uint8 else np.asarray(content, np.float64)
    return [Picture(name, grey)]


def read_sources(
    sources: Sequence[Source], report: Callable[[float], None]
) -> tuple[list[Picture], list[str]]:
    """All pictures that can be read, and a sentence for each source that cannot."""
    pictures: list[Picture] = []
    refused: list[str] = []
    for k, source in enumerate(sources):
        report(k / len(sources))
        try:
            found = read_source(source)
        except UserError as error:
            refused.append(str(error))
        else:
            pictures += found
            refused += [p.note for p in found if p.note]
    return pictures, refused
