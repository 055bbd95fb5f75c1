"""A square NPY array, read some rows at a time: a large sparse one needs no memory of its size."""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO

import numpy as np

from lyapstudio.core.errors import UserError
from lyapstudio.document.archive import npy_header
from lyapstudio.document.datasets.raw import PIECE, Report, damaged, reading
from lyapstudio.document.given import Given
from lyapstudio.document.weight_files.bounds import (
    MAX_BYTES,
    check_neurons,
    check_square,
    gigabytes,
)
from lyapstudio.document.weight_files.collected import Collected


def read_array(path: Path, N: int | None, report: Report) -> Given:
    """The weights of an NPY file."""
    with reading(path), path.open("rb") as stream:
        return read_square(stream, path.name, path.stat().st_size, N, report)


def read_square(stream: IO[bytes], name: str, size: int, N: int | None, report: Report) -> Given:
    """(N, N) numbers or truth values from a stream of `size` bytes.

    Raises
    ------
    UserError : no such array, not square, of another size, cut short, not finite, too large
    """
    shape, by_columns, dtype = npy_header(stream, name)
    if not math.prod(shape):
        raise UserError(f"{name} is empty. Choose another file.")
    if len(shape) != 2:
        raise UserError(
            f"{name} has the shape {shape}; weights are a square table, one row and one column a "
            "neuron."
        )
    check_square(shape[0], shape[1], name)
    check_neurons(shape[0], N, name)
    found, line = shape[0], shape[0] * dtype.itemsize
    if found * line > MAX_BYTES:
        raise UserError(
            f"{name} unpacks to {gigabytes(found * line)}, more than the {MAX_BYTES >> 30} GB that "
            "can be loaded. Save it as MTX, which holds no zeros."
        )
    if size < found * line:
        damaged(name)
    weights = Collected(name, found)
    step = max(1, PIECE // line)
    for at in range(0, found, step):
        report(at / found)
        count = min(step, found - at)
        try:
            data = stream.read(count * line)
        except Exception:  # zlib, zipfile: a broken member
            data = b""
        if len(data) < count * line:
            damaged(name)
        with np.errstate(all="ignore"):  # what overflows becomes infinite, and is refused
            block = np.frombuffer(data, dtype).astype(np.float64).reshape(count, found)
        weights.rows(at, block, by_columns)
    return weights.given()
