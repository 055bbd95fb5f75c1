"""NPY and NPZ files in, pictures out: one path for all that is imported."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document import images
from lyapstudio.document.archive import Archive, read_npy
from lyapstudio.document.disk import read_file
from lyapstudio.document.images import ImageOptions, Picture, to_pattern
from lyapstudio.document.nouns import MAX_SIDE

SUFFIXES = (".npy", ".npz")
MAX_BYTES = 512 << 20
MAX_VALUES = 64 * 10**6
MAX_PATTERNS = 10_000


def open_file(path: str | Path) -> list[Picture]:
    """Every picture in an image, NPY or NPZ file, by the end of its name."""
    suffix = Path(path).suffix.lower()
    if suffix in SUFFIXES:
        return open_arrays(path)
    return [images.open_image(path)]


def open_arrays(path: str | Path) -> list[Picture]:
    """The arrays of an NPY or NPZ file as pictures.

    Each array is (rows, cols) or (P, rows, cols): truth values, -1 and +1, 0 and 1 are taken as
    they are; anything else is grey (bytes by 255, fractions as they are, the rest from its least
    to its largest value).

    Raises
    ------
    UserError
        not such a file, objects, another shape, empty, not finite, too large, cut short
    """
    path = Path(path)
    data = read_file(path, MAX_BYTES)
    if not data.startswith(b"PK"):
        return _pictures(read_npy(io.BytesIO(data), path.name, MAX_VALUES), path.name, path.stem)
    archive = Archive(data, path.name, MAX_BYTES)
    found: list[Picture] = []
    left = MAX_VALUES
    for member in archive.names:
        if member.endswith(".npy"):
            values = archive.array(member, left)
            left -= values.size
            stem = member.removesuffix(".npy")
            found += _pictures(values, f"{path.name}: {stem}", stem)
    if not found:
        raise UserError(f"{path.name} holds no arrays. Save it with numpy.savez.")
    return found


def read_patterns(
    path: str | Path,
    rows: int | None = None,
    cols: int | None = None,
    options: ImageOptions | None = None,
) -> list[tuple[str, NDArray[np.int8]]]:
    """The patterns of an NPY or NPZ file, in their own size or brought to rows x cols."""
    result = []
    for picture in open_arrays(path):
        H, W = picture.grey.shape
        if rows is None and max(H, W) > MAX_SIDE:
            raise UserError(
                f"{Path(path).name} holds {H} × {W} values; a network has at most {MAX_SIDE} "
                "rows and columns. Choose a smaller size."
            )
        result.append((picture.name, to_pattern(picture.grey, rows or H, cols or W, options)))
    return result


def _pictures(values: NDArray[Any], name: str, stem: str) -> list[Picture]:
    if not values.size:
        raise UserError(f"{name} is empty. Save at least one pattern in it.")
    if values.ndim == 2:
        return [Picture(stem, _grey(values, name))]
    if values.ndim != 3:
        raise UserError(
            f"{name} has the shape {values.shape}. One pattern is (rows, columns), several are "
            "(patterns, rows, columns)."
        )
    if len(values) > MAX_PATTERNS:
        raise UserError(f"{name} holds {len(values):,} patterns; {MAX_PATTERNS:,} fit at once.")
    greys = _grey(values, name)
    return [Picture(f"{stem} {k + 1}", grey) for k, grey in enumerate(greys)]


def _grey(values: NDArray[Any], name: str) -> NDArray[np.float64]:
    """Values in [0, 1]; two-tone arrays become exactly 0 and 1."""
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise UserError(f"{name} holds values that are not numbers. Replace them and save again.")
    if values.dtype.kind == "b" or bool(((values == 0) | (values == 1)).all()):
        return values.astype(np.float64)
    if bool((np.abs(values.astype(np.float64)) == 1).all()):
        return (values > 0).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    if values.dtype == np.uint8:
        low, high = 0.0, 255.0
    elif low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    half = values.astype(np.float64) * 0.5  # a range wider than float64 cannot overflow so
    return (half - 0.5 * low) / ((0.5 * high - 0.5 * low) or 1.0)
