"""Locks on files: the system lets go of one when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def locked(path: Path) -> int:
    """Make the file and hold its lock until the handle is closed; OSError where another does."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle)
    except OSError:
        os.close(handle)
        raise
    return handle


def held(path: Path) -> bool:
    """Whether a living process holds that lock."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        _take(handle)
        return False
    except OSError:
        return True
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    """Lock an open file or raise OSError at once."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
