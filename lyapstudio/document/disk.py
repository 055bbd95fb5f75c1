"""Whole files in and out: bounded reads, atomic writes, errors in sentences."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lyapstudio.core.errors import UserError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LOCKED = {errno.EACCES, errno.EPERM, errno.EROFS}


def read_file(path: str | Path, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes; UserError names the file and the reason."""
    path = Path(path)
    try:
        if path.is_dir():
            raise UserError(f"{path.name} is a folder. Choose a file.")
        size = path.stat().st_size
        if size > limit:
            raise UserError(
                f"{path.name} is larger than {limit >> 20} MB, the most that can be loaded. "
                "Make a smaller copy and load that."
            )
        with path.open("rb") as file:
            return file.read(limit + 1)[:limit]
    except FileNotFoundError:
        raise UserError(f"There is no file {path.name} in this place.") from None
    except PermissionError:
        raise UserError(f"You have no permission to read {path.name}. Ask its owner.") from None
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror or error}.") from None


def write_file(path: str | Path, data: bytes) -> None:
    """Put `data` in place of the file in one step; on any failure the old file is intact."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """A file to be written that takes the place of `path` where the block ends well.

    Written beside it, flushed to the disk, then renamed. Whatever the block raises, the old file
    is intact and nothing is left behind; what the disk refuses becomes a UserError. A link is
    followed and kept.
    """
    path = Path(path)
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if target.exists() and not target.is_file():
            raise OSError(errno.EINVAL, "it is a device, not a file")
        with _begin(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(part, target.stat().st_mode & 0o777)
        os.replace(part, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise UserError(_why(path.name, error)) from None
    finally:
        with suppress(OSError):
            part.unlink()


def _begin(part: Path) -> IO[bytes]:
    # not tempfile: a new file takes the permissions that the user's mask gives
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    return os.fdopen(handle, "wb")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; not every system can (Windows cannot open a folder)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _why(name: str, error: OSError) -> str:
    if error.errno in _FULL:
        return f"{name} was not saved: the disk is full. Free some space or save to another place."
    if error.errno in _LOCKED:
        return f"{name} was not saved: nothing may be written here. Save to another folder."
    if error.errno == errno.ENOENT:
        return f"{name} was not saved: its folder does not exist any more. Save to another folder."
    if error.errno == errno.ENAMETOOLONG:
        return "The file was not saved: its name is too long. Take a shorter one."
    return f"{name} was not saved: {error.strerror or error}. Save to another place."
