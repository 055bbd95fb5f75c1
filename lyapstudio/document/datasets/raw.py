"""What a format hands over, and how large files are read: in pieces, with progress."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.source import MAX_BYTES, MAX_IMAGES, MAX_SIDE, LayoutError

Report = Callable[[float], None]
"""Called with the share that is done; may raise to end the work."""

Stream = IO[bytes] | gzip.GzipFile

PIECE = 4 << 20
"""Bytes between two reports: some 20 ms."""
KNOWN = "Load IDX, NPZ, NPY or CSV files, or a folder of pictures."
GZIP = b"\x1f\x8b"
MOST_DEFLATED = 1032
"""Bytes that one byte of a deflated stream can become."""


@dataclass
class Labelled:
    """Images as a format stores them.

    images : (n, rows * cols * depth), numbers of any kind
    labels : (n,) whole numbers or text, None where nobody named them
    """

    images: NDArray[Any]
    labels: NDArray[Any] | None = None


@dataclass
class Raw:
    """All that a file or folder holds, not checked yet.

    shape : (rows, cols, depth)
    test : images that come apart from the others, or None
    true_bytes : the values are known to be grey levels from 0 to 255
    notes : sentences for the person who loads it
    """

    kind: str
    shape: tuple[int, int, int]
    train: Labelled
    test: Labelled | None = None
    true_bytes: bool = False
    notes: list[str] = field(default_factory=list)


def share(report: Report, start: float, end: float) -> Report:
    """A report for a part of the work."""
    return lambda fraction: report(start + (end - start) * fraction)


def pieces(array: NDArray[Any], report: Report) -> Iterator[slice]:
    """Slices of rows of about PIECE bytes, with a report before each."""
    step = max(1, PIECE // max(1, array[:1].nbytes))
    for start in range(0, len(array), step):
        report(start / len(array))
        yield slice(start, start + step)


def damaged(name: str) -> NoReturn:
    raise UserError(f"{name} is damaged or incomplete. Copy or download it again.")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the system says into a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise UserError(f"There is no file {path.name} in this place.") from None
    except PermissionError:
        raise UserError(f"You have no permission to read {path.name}. Ask its owner.") from None
    except (EOFError, gzip.BadGzipFile):
        damaged(path.name)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror or error}.") from None


def starts_with(path: Path, count: int) -> bytes:
    """The first bytes of a file, unpacked where it is a .gz."""
    with open_stream(path) as (stream, _):
        return stream.read(count)


@contextmanager
def open_stream(path: Path) -> Iterator[tuple[Stream, int]]:
    """A file as it is or unpacked (.gz), and the most bytes that it can give."""
    import zlib

    try:
        with reading(path), path.open("rb") as file:
            size = path.stat().st_size
            packed = file.read(2) == GZIP
            file.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=file) as stream:
                    yield stream, MOST_DEFLATED * size
            else:
                yield file, size
    except zlib.error:
        damaged(path.name)


def fill(stream: Stream, array: NDArray[Any], name: str, report: Report) -> None:
    """Read a contiguous array's bytes from a stream; a stream that ends before is damaged."""
    view = array.reshape(-1).view(np.uint8).data
    done = 0
    while done < len(view):
        report(done / len(view))
        piece = stream.read(min(PIECE, len(view) - done))
        if not piece:
            damaged(name)
        view[done : done + len(piece)] = piece
        done += len(piece)


def check_size(count: int, values: int, itemsize: int, name: str) -> None:
    """Refuse what would not fit, before any memory is taken."""
    if not count or not values:
        raise UserError(f"{name} holds no images. Choose another file.")
    if count > MAX_IMAGES:
        raise UserError(
            f"{name} holds {count:,} images, more than the {MAX_IMAGES:,} that can be loaded. "
            "Make a smaller copy and load that."
        )
    if count * values * itemsize > MAX_BYTES:
        raise UserError(
            f"The images of {name} need {count * values * itemsize / 2**30:.1f} GB, more than the "
            f"{MAX_BYTES >> 30} GB that can be loaded. Make the images smaller, take fewer, or "
            "store one byte a pixel."
        )


def check_side(rows: int, cols: int, name: str) -> None:
    """Refuse images that are too large, or no images."""
    if max(rows, cols) > MAX_SIDE:
        raise UserError(
            f"The images of {name} have {rows} × {cols} pixels; {MAX_SIDE} × {MAX_SIDE} can be "
            "learned from. Reduce them and load them again."
        )
    if rows * cols < 2:
        raise UserError(f"The images of {name} have one pixel each. An image needs at least two.")


def flat_shape(pixels: int, rows: int, cols: int, name: str) -> tuple[int, int, int]:
    """(rows, cols, depth) of an image that is stored as a line of so many values.

    Raises
    ------
    LayoutError : it is no square, or not the rows and columns that were asked for
    """
    for depth in (1, 3):
        if rows and cols:
            if rows * cols * depth == pixels:
                return rows, cols, depth
        elif rows or cols:
            known = depth * (rows or cols)
            if pixels % known == 0:
                return rows or pixels // known, cols or pixels // known, depth
        else:
            side = math.isqrt(pixels // depth)
            if side * side * depth == pixels:
                return side, side, depth
    if rows or cols:
        asked = f"{rows or '?'} × {cols or '?'}"
        raise LayoutError(
            pixels,
            f"The images of {name} have {pixels:,} values each, which does not make {asked} "
            "pixels. Give other rows and columns.",
        )
    raise LayoutError(
        pixels,
        f"The images of {name} have {pixels:,} values each, which is no square. Say how many rows "
        "and columns they have.",
    )
