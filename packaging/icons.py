"""Render the program's icon from its SVG source, in every size and container there is."""

from __future__ import annotations

from pathlib import Path

import project

SOURCE = project.ROOT / "resources" / "icon"
ICO = (16, 24, 32, 48, 64, 128, 256)


def render(source: Path, side: int, target: Path) -> None:
    """Draw an SVG file as a square PNG file."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(source))
    assert renderer.isValid(), f"{source} cannot be read as SVG"
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    assert image.save(str(target)), f"{target} cannot be written"


def draw(folder: Path) -> None:
    """Write NAME-SIDE.png for every size, lyapstudio.ico, lyapstudio.icns into a folder."""
    from PIL import Image

    for source in sorted(SOURCE.glob("*.svg")):
        for side in (*project.SIZES, 1024):
            render(source, side, folder / f"{source.stem}-{side}.png")
        first, *others = (Image.open(folder / f"{source.stem}-{side}.png") for side in ICO[::-1])
        first.save(folder / f"{source.stem}.ico", sizes=[(s, s) for s in ICO], append_images=others)
        with Image.open(folder / f"{source.stem}-1024.png") as large:
            large.save(folder / f"{source.stem}.icns")
