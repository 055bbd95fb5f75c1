"""Unsaved work survives a kill: each process keeps one copy, under a lock that dies with it.

A copy `NAME.lyap` belongs to whoever holds the lock on `NAME.lock`. The system lets go of a lock
when its process ends, however it ends, so a free lock beside a copy means work left behind.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lyapstudio.core.errors import UserError
from lyapstudio.core.lock import held, locked
from lyapstudio.document import files
from lyapstudio.document.archive import Archive
from lyapstudio.document.disk import read_file, write_file
from lyapstudio.document.nouns import Document

ORIGIN = "origin.json"


@dataclass(frozen=True)
class Leftover:
    """Work that a dead process left behind.

    path : the file it belongs to, or None if it never had one
    when : seconds since the epoch
    """

    file: Path
    title: str
    path: Path | None
    when: float

    def load(self) -> Document:
        """Read it; it stays on the disk until `discard`."""
        return files.load(self.file)

    def discard(self) -> None:
        """Remove it."""
        for suffix in (files.SUFFIX, ".lock"):
            with suppress(OSError):
                self.file.with_suffix(suffix).unlink()


class Autosave:
    """The copy of this process in `folder`; the lock is taken at the first write."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._name = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._lock: int | None = None

    def write(self, document: Document, path: str | Path | None = None) -> None:
        """Replace the copy, atomically; `path` is the file that the work belongs to."""
        origin = {"title": document.title, "path": None if path is None else str(path)}
        data = files.dumps(document, {ORIGIN: json.dumps(origin).encode()})
        if self._lock is None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._lock = locked(self._file(".lock"))
            except OSError as error:
                reason = error.strerror or str(error)
                raise UserError(f"Unsaved work cannot be kept safe: {reason}.") from None
        write_file(self._file(files.SUFFIX), data)

    def clear(self) -> None:
        """Remove the copy and the lock: everything is saved, or the window closes."""
        with suppress(OSError):
            self._file(files.SUFFIX).unlink()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            with suppress(OSError):
                self._file(".lock").unlink()

    def leftovers(self) -> tuple[Leftover, ...]:
        """What dead processes left, the latest first; what cannot be read is left out."""
        found = []
        with suppress(OSError):
            for file in self.folder.glob(f"*{files.SUFFIX}"):
                if not held(file.with_suffix(".lock")):
                    with suppress(UserError, OSError, ValueError, KeyError, TypeError):
                        found.append(_leftover(file))
        return tuple(sorted(found, key=lambda leftover: -leftover.when))

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self._name}{suffix}"


def _leftover(file: Path) -> Leftover:
    archive = Archive(read_file(file, files.MAX_BYTES), file.name, files.MAX_BYTES)
    origin = json.loads(archive.read(ORIGIN, 1 << 16))
    path = origin["path"]
    return Leftover(
        file, str(origin["title"]), None if path is None else Path(path), file.stat().st_mtime
    )
