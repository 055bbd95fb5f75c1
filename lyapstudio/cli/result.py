"""RESULT.npz of `train`: what is known so far, and everything that going on from there needs.

weights, update, lyapunov, S, scale, history, confusion   for people, as far as they are known
seconds, identity                   of work so far; of the document and settings that it is from
learning/NAME, readout/NAME, BASELINE/NAME                             what a stage goes on from
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.archive import Archive
from lyapstudio.document.disk import read_file, write_file

MAX_BYTES = 16 << 30
MAX_VALUES = 1 << 31
EVERY = 30.0
"""Seconds of work that an abrupt end may cost, at least."""
SHARE = 20
"""Writing takes at most one part in so many of the time."""

Arrays = dict[str, NDArray[Any]]


def identity_of(facts: Mapping[str, Any], start: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """(32,) of plain facts and of the arrays that learning starts from."""
    sha = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in sorted(start):
        array = np.ascontiguousarray(start[name])
        sha.update(f"{name} {array.dtype} {array.shape}".encode())
        sha.update(array.tobytes())
    return np.frombuffer(sha.digest(), np.uint8)


class Result:
    """The arrays of the file, which is read if it is there.

    Raises
    ------
    UserError
        the file is something else, damaged, or of another document or other settings
    """

    def __init__(self, path: Path, identity: NDArray[np.uint8]) -> None:
        self.path = path
        self.arrays: Arrays = _read(path)
        found = self.arrays.get("identity")
        if self.arrays and not (found is not None and np.array_equal(found, identity)):
            raise UserError(
                f"{path.name} holds something else than what this command began: another "
                "document, or other settings. Choose another --out or delete it."
            )
        self.arrays["identity"] = identity
        self._seconds = float(self.arrays.get("seconds", np.zeros(())))
        self._started = self._saved = time.monotonic()
        self._cost = 0.0

    @property
    def seconds(self) -> float:
        """Of work so far, in all the runs of the command."""
        return self._seconds + time.monotonic() - self._started

    def group(self, stage: str) -> Arrays:
        """What a stage goes on from; empty where it has not begun."""
        start = f"{stage}/"
        named = self.arrays.items()
        return {name.removeprefix(start): a for name, a in named if name.startswith(start)}

    def put(self, stage: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """What a stage goes on from now."""
        self.arrays |= {f"{stage}/{name}": array for name, array in arrays.items()}

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._saved > max(EVERY, SHARE * self._cost)

    def save(self) -> None:
        """Put the file in its place in one step."""
        started = time.monotonic()
        self.arrays["seconds"] = np.array(self.seconds)
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **self.arrays)  # weights do not shrink
        write_file(self.path, stream.getvalue())
        self._saved = time.monotonic()
        self._cost = self._saved - started


def _read(path: Path) -> Arrays:
    if not path.exists():
        return {}
    data = read_file(path, MAX_BYTES)
    try:
        archive = Archive(data, path.name, MAX_BYTES)
        return {n.removesuffix(".npy"): archive.array(n, MAX_VALUES) for n in archive.names}
    except UserError:
        raise UserError(
            f"{path.name} cannot be gone on from: it is damaged or something else. Choose "
            "another --out or delete it."
        ) from None
