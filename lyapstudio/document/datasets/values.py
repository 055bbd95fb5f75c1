"""What the numbers mean: pixels between black and white, labels that name classes."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import Pixels
from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import Raw, Report, pieces, share
from lyapstudio.document.datasets.source import MAX_BYTES, MAX_CLASSES

DIM = 64
"""Whole numbers that stay below this are not grey levels up to 255: they are stretched."""


@dataclass(frozen=True)
class Range:
    """Least and largest value, and whether all are whole numbers."""

    low: float
    high: float
    whole: bool


@dataclass(frozen=True)
class Scale:
    """value -> (value - low) / (high - low), kept as bytes or as float32.

    as_is : the values are what they should be already
    """

    low: float
    high: float
    bytes_: bool
    as_is: bool = False
    note: str = ""


def to_pixels(raw: Raw, name: str, report: Report) -> list[Pixels]:
    """Training and test images (where there are some) on one scale; may add a note to `raw`."""
    arrays = [part.images for part in (raw.train, raw.test) if part is not None]
    ranges = [
        _range(a, name, step) for a, step in zip(arrays, _steps(report, 0.0, arrays), strict=True)
    ]
    whole = all(r.whole for r in ranges)
    both = Range(min(r.low for r in ranges), max(r.high for r in ranges), whole)
    if both.low == both.high == 0:
        raise UserError(f"All pixels of {name} are zero. Choose another file.")
    scale = Scale(0, 255, True, True) if raw.true_bytes else _scale(both, arrays[0].dtype)
    if scale.note:
        raw.notes.append(scale.note)
    size = sum(a.size for a in arrays) * (1 if scale.bytes_ else 4)
    if size > MAX_BYTES:
        raise UserError(
            f"The images of {name} need {size / 2**30:.1f} GB of memory, more than the "
            f"{MAX_BYTES >> 30} GB that can be given. Take fewer, or store one byte a pixel."
        )
    return [
        _scaled(a, scale, step) for a, step in zip(arrays, _steps(report, 0.5, arrays), strict=True)
    ]


def _steps(report: Report, start: float, arrays: list[NDArray[Any]]) -> list[Report]:
    """A report for each array, of one half of the work."""
    ends = start + 0.5 * np.cumsum([0] + [len(a) for a in arrays]) / sum(map(len, arrays))
    return [share(report, a, b) for a, b in pairwise(ends.tolist())]


def _range(array: NDArray[Any], name: str, report: Report) -> Range:
    low, high, whole = math.inf, -math.inf, True
    for piece in pieces(array, report):
        values = array[piece]
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        if array.dtype.kind == "f":
            if not math.isfinite(float(values.min()) + float(values.max())):
                bad = piece.start + int(np.flatnonzero(~np.isfinite(values).all(1))[0])
                raise UserError(
                    f"Image {bad + 1:,} of {name} holds a value that is not a number (NaN or "
                    "infinite). Replace such values and load it again."
                )
            whole = whole and bool((values == np.rint(values)).all())
    return Range(low, high, whole)


def _scale(r: Range, dtype: np.dtype[Any]) -> Scale:
    if dtype.kind == "b":
        return Scale(0, 1, True)
    if -1 <= r.low < 0 and r.high <= 1:
        return Scale(-1, 1, r.whole, note="Values from −1 to 1: −1 is black, 1 is white.")
    if r.low >= 0 and r.high <= 1:
        if r.whole:
            return Scale(0, 1, True, note="Values are 0 and 1: 0 is black, 1 is white.")
        return Scale(0, 1, False, True)
    low = min(r.low, 0.0) if r.low <= 255 else r.low
    if low == 0 and DIM <= r.high <= 255:
        return Scale(0, 255, r.whole, r.whole)  # fractions of grey levels are kept
    note = f"Values from {_text(r.low)} to {_text(r.high)}: {_text(low)} is black, "
    note += f"{_text(r.high)} is white."
    return Scale(low, r.high, r.whole and r.high - low <= 255, note=note)


def _text(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _scaled(array: NDArray[Any], scale: Scale, report: Report) -> Pixels:
    dtype = np.dtype(np.uint8 if scale.bytes_ else np.float32)
    if scale.as_is and array.dtype == dtype:
        return np.ascontiguousarray(array)
    result = np.empty(array.shape, dtype)
    for piece in pieces(array, report):
        if scale.as_is:
            result[piece] = array[piece]
            continue
        # a range wider than float64 cannot overflow so
        values = array[piece].astype(np.float64) * 0.5 - 0.5 * scale.low
        values /= 0.5 * scale.high - 0.5 * scale.low
        if scale.bytes_:
            result[piece] = np.rint(255 * values)
        else:
            result[piece] = np.clip(values, 0, 1)
    return result


def name_classes(
    raw: Raw, name: str
) -> tuple[tuple[str, ...], NDArray[np.int16] | None, NDArray[np.int16] | None]:
    """The names of the classes in their order, and each image's class (training, test)."""
    if raw.train.labels is None:
        return (), None, None
    labels = [_plain(raw.train.labels, name)]
    if raw.test is not None and raw.test.labels is not None:
        labels.append(_plain(raw.test.labels, name))
    if len({a.dtype.kind for a in labels}) > 1:
        labels = [a.astype(str) for a in labels]
    values, places = np.unique(np.concatenate(labels), return_inverse=True)
    if len(values) > MAX_CLASSES:
        raise UserError(
            f"{name} has {len(values):,} different labels; {MAX_CLASSES:,} classes can be told "
            "apart. Give each image the name of its class."
        )
    index = places.astype(np.int16)
    cut = len(labels[0])
    return (
        tuple(str(v).replace("-", "−") if values.dtype.kind == "i" else str(v) for v in values),
        index[:cut],
        index[cut:] if len(labels) > 1 else None,
    )


def _plain(labels: NDArray[Any], name: str) -> NDArray[Any]:
    """Labels as int64 where they are numbers, else as text."""
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")
    if labels.dtype.kind == "U":
        labels = np.char.strip(labels)
        if (labels == "").any():
            at = int(np.flatnonzero(labels == "")[0])
            raise UserError(f"Image {at + 1:,} of {name} has no label. Give each image one.")
        try:
            labels = labels.astype(np.float64)
        except ValueError:
            return labels
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all() or (labels != np.rint(labels)).any():
            raise UserError(
                f"The labels of {name} are not whole numbers. A label is the number or the name of "
                "a class."
            )
        if np.abs(labels).max(initial=0) > 1e15:
            raise UserError(f"The labels of {name} are too large. Number the classes from 0 on.")
    return labels.astype(np.int64)


def digest_of(
    shape: tuple[int, int, int],
    classes: tuple[str, ...],
    parts: list[tuple[Pixels, NDArray[np.int16] | None]],
    report: Report,
) -> str:
    """Hex SHA-256 of all pixels and labels, and of what they mean."""
    total = hashlib.sha256(repr((shape, classes)).encode())
    for k, (images, labels) in enumerate(parts):
        total.update(f"{len(images)} {images.dtype.str} {labels is not None};".encode())
        for piece in pieces(images, share(report, k / len(parts), (k + 1) / len(parts))):
            total.update(images[piece].data)
        if labels is not None:
            total.update(labels.astype("<i2").tobytes())
    return total.hexdigest()
