"""Where a file dialog opens: where the last one was, at first the user's own folders."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

from lyapstudio.ui.settings import keep, setting

Place = QStandardPaths.StandardLocation
FIRST = {
    "weights": Place.DocumentsLocation,
    "images": Place.PicturesLocation,
    "exports": Place.PicturesLocation,
    "folder": Place.DocumentsLocation,
}
"""The name under which a folder is remembered -> where to begin."""


def last_folder(name: str) -> Path:
    """The folder that was used last for this; the home folder where the usual one is missing."""
    usual = QStandardPaths.writableLocation(FIRST[name])
    for folder in (setting(name, str, ""), usual):
        if folder and Path(folder).is_dir():
            return Path(folder)
    return Path.home()


def remember_folder(name: str, folder: Path) -> None:
    """Begin there the next time."""
    keep(name, str(folder))
