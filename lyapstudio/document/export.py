"""Results out: the state as a picture or an array, columns as a table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.document.archive import write_npy
from lyapstudio.document.disk import write_file

PLUS, MINUS = (0xF6, 0xDF, 0xA8), (0x27, 0x30, 0x6B)
"""Straw and indigo: a neuron that is on is lit."""

PICTURE_SIDE = 1024  # pixels that the longer side of a picture has at most, one a cell at least


def png_bytes(grid: NDArray[np.int8], cell: int | None = None) -> bytes:
    """A two-tone PNG.

    grid : (rows, cols) int8 in {-1, +1}
    cell : pixels a side of one neuron, a whole number; as large as fits PICTURE_SIDE if None
    """
    from PIL import Image

    cell = cell or max(1, PICTURE_SIDE // max(grid.shape))
    image = Image.fromarray((grid > 0).astype(np.uint8))
    image = image.resize((grid.shape[1] * cell, grid.shape[0] * cell), Image.Resampling.NEAREST)
    image.putpalette([*MINUS, *PLUS])
    stream = io.BytesIO()
    image.save(stream, "PNG", bits=1, optimize=True)
    return stream.getvalue()


def state_png(path: str | Path, grid: NDArray[np.int8], cell: int | None = None) -> None:
    """Write `png_bytes` to a file, atomically."""
    write_file(path, png_bytes(grid, cell))


def state_npy(path: str | Path, grid: NDArray[np.int8]) -> None:
    """Write the state as an NPY file, (rows, cols) int8 in {-1, +1}, atomically."""
    write_file(path, write_npy(grid.astype(np.int8)))


def save_npz(path: str | Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as a compressed NPZ file, atomically."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    write_file(path, stream.getvalue())


def columns_csv(path: str | Path, columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> None:
    """Write named columns as CSV, atomically; shorter columns and NaN leave cells empty."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    for row in zip_longest(*(np.asarray(c).tolist() for c in columns.values()), fillvalue=""):
        writer.writerow(["" if isinstance(v, float) and math.isnan(v) else v for v in row])
    write_file(path, stream.getvalue().encode())


def array_npy(path: Path, array: NDArray[Any]) -> None:
    """Any array as NPY."""
    write_file(path, write_npy(array))
