"""What the window remembers between two starts; what cannot be read is as if it were not there."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TypeVar

from PySide6.QtCore import QSettings

T = TypeVar("T")

DAMAGED = "Some settings of the window were damaged. It begins with its usual ones."
UNWRITABLE = "The settings of the window cannot be kept: {name} cannot be written."

_complaints: list[str] = []


def setting(name: str, kind: type[T] | tuple[type, ...], default: T) -> T:
    """What was remembered under a name, or the default where that is not of its kind."""
    try:
        value = QSettings().value(name)
    except Exception:  # Qt cannot make anything of it
        damaged(name)
        return default
    if value is None:
        return default
    if isinstance(value, kind):
        return value  # type: ignore[return-value]
    damaged(name)
    return default


def keep(name: str, value: object) -> None:
    """Remember it, as far as that is possible."""
    QSettings().setValue(name, value)


def damaged(*names: str) -> None:
    """What was remembered under these names makes no sense: it is forgotten, and that is told."""
    for name in names:
        QSettings().remove(name)
    _complain(DAMAGED)


def inspect() -> None:
    """At the start: settings that cannot be understood are put aside, locked ones are told."""
    settings = QSettings()
    file = settings.fileName()
    unreadable = os.path.isfile(file) and not os.access(file, os.R_OK)
    if settings.status() == QSettings.Status.FormatError or _senseless(file, settings):
        _complain(DAMAGED)
        with suppress(OSError):
            os.replace(file, f"{file}.damaged")
    elif unreadable or not settings.isWritable():
        _complain(UNWRITABLE.format(name=file))


def _senseless(file: str, settings: QSettings) -> bool:
    """Whether there are words in the file, and Qt, which is lenient, finds no setting in them."""
    if any(settings.allKeys()) or not os.path.isfile(file):
        return False
    with suppress(OSError), open(file, "rb") as stream:
        return any(
            line.strip() and line[:1] not in b"[;" for line in stream.read(1 << 16).split(b"\n")
        )
    return False


def complaints() -> list[str]:
    """What was wrong, each sentence once."""
    told = _complaints.copy()
    _complaints.clear()
    return told


def _complain(sentence: str) -> None:
    if sentence not in _complaints:
        _complaints.append(sentence)
