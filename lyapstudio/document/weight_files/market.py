"""Matrix Market files (.mtx), as R. F. Boisvert, R. Pozo & K. Remington (NIST, 1996) define them.

A reader of our own: scipy's takes the memory that a file's second line asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import Report, open_stream
from lyapstudio.document.given import MAX_CONNECTIONS, Given, check_count
from lyapstudio.document.weight_files.bounds import check_neurons, check_square
from lyapstudio.document.weight_files.collected import Collected
from lyapstudio.document.weight_files.lines import is_number, pages, parse

BANNER = b"%%matrixmarket"
FORMATS = ("coordinate", "array")
FIELDS = ("real", "double", "integer", "unsigned-integer", "pattern")
SYMMETRIES = ("general", "symmetric", "skew-symmetric")
LONGEST = 4096
"""Bytes of a line; the standard says 1024."""
BATCH = 1 << 15
MOST_VALUES = 10 * MAX_CONNECTIONS
"""Of a file that lists zeros, too."""
LONG = 12
"""Digits of a row's number; none has more."""
Lines = Iterator[tuple[int, bytes]]


@dataclass(frozen=True)
class Header:
    """The first line, and the one with the sizes.

    entries : lines that follow, and hold one connection or one value each
    """

    format: str
    field: str
    symmetry: str
    N: int
    entries: int


def read_market(path: Path, N: int | None, report: Report) -> Given:
    """The weights of a Matrix Market file, packed with gzip or not; row i listens to column j.

    Raises
    ------
    UserError : another kind of object, not square, complex, of another size, indices out of
        range, a pair twice, cut short, too large
    """
    name = path.name
    with open_stream(path) as (stream, size):
        lines = _lines(pages(stream, size, name, LONGEST, report))
        header = _header(lines, name)
        check_neurons(header.N, N, name)
        weights = Collected(name, header.N)
        count = 0
        while batch := list(islice(lines, BATCH)):
            if count + len(batch) > header.entries:
                raise UserError(
                    f"{name} says that it holds {header.entries:,} entries, and is longer. Save it "
                    "again."
                )
            if header.format == "array":
                into, out_of, values = _places(batch, count, header, name)
            else:
                into, out_of, values = _triplets(batch, header, name)
            count += len(batch)
            _add(weights, into, out_of, values, header.symmetry)
    if count < header.entries:
        raise UserError(
            f"{name} says that it holds {header.entries:,} entries, and has {count:,}: it is "
            "incomplete. Copy or save it again."
        )
    return weights.given()


def _lines(pages: Iterator[tuple[int, list[bytes]]]) -> Lines:
    """All that hold something, with their numbers; comments only where the banner may stand."""
    for at, page in pages:
        for k, line in enumerate(page):
            bare = line.strip()
            if bare and (not bare.startswith(b"%") or at + k == 1):
                yield at + k, bare


def _header(lines: Lines, name: str) -> Header:
    at, banner = next(lines, (0, b""))
    words = banner.decode("utf-8", "replace").lower().split()
    if at != 1 or not banner.lower().startswith(BANNER) or len(words) != 5:
        raise UserError(
            f"{name} is no Matrix Market file: its first line is not %%MatrixMarket matrix … Save "
            "it with scipy.io.mmwrite."
        )
    _, kind, format, field, symmetry = words
    if kind != "matrix" or format not in FORMATS:
        raise UserError(f"{name} holds a {kind} as {format}; weights are a matrix. Save them so.")
    if field == "complex" or symmetry == "hermitian":
        raise UserError(f"{name} holds complex numbers. Save the real part.")
    pattern = field == "pattern" and (format == "array" or symmetry == "skew-symmetric")
    if field not in FIELDS or symmetry not in SYMMETRIES or pattern:
        raise UserError(f"{name} holds weights as {field} {symmetry}. Save them as real general.")
    _, line = next(lines, (0, b""))
    sizes = line.split()
    if len(sizes) != (3 if format == "coordinate" else 2):
        raise UserError(f"{name} does not say how large it is, or is incomplete. Save it again.")
    try:
        rows, cols, *more = map(int, sizes)
    except ValueError:
        rows, cols, more = -1, -1, []
    if min(rows, cols, *more) < 0 or max(rows, cols) > 10**9:
        raise UserError(f"{name} has impossible sizes. Save it again.")
    check_square(rows, cols, name)
    lower = {"general": rows * rows, "symmetric": rows * (rows + 1) // 2}
    full = lower.get(symmetry, rows * (rows - 1) // 2)
    entries = more[0] if more else full
    if entries > full:
        raise UserError(f"{name} lists {entries:,} entries, and only {full:,} fit. Save it again.")
    if format == "coordinate":
        check_count(entries, name)
    elif entries > MOST_VALUES:
        raise UserError(
            f"{name} lists {entries:,} values, more than the {MOST_VALUES:,} that can be loaded. "
            "Save it as coordinates."
        )
    return Header(format, field, symmetry, rows, entries)


def _triplets(
    batch: list[tuple[int, bytes]], header: Header, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Lines "row column value", counted from 1; without the value in a pattern."""
    pattern = header.field == "pattern"
    width = 2 if pattern else 3
    try:
        table = parse([line for _, line in batch], None, width)
        places = table[:, :2]
        if not bool(((places == np.rint(places)) & (np.abs(places) < 10**LONG)).all()):
            raise ValueError
    except ValueError:
        _wrong_line(batch, width, name)
    i, j = places.astype(np.int64).T - 1
    values = np.ones(len(batch)) if pattern else table[:, 2]
    outside = (np.minimum(i, j) < 0) | (np.maximum(i, j) >= header.N)
    if outside.any():
        k = int(np.argmax(outside))
        raise UserError(
            f"Line {batch[k][0]:,} of {name} names row {i[k] + 1:,}, column {j[k] + 1:,}; there "
            f"are {header.N:,} of each. Save it again."
        )
    if header.symmetry == "skew-symmetric" and (values[i == j] != 0).any():
        raise UserError(f"{name} is skew-symmetric, but has weights on its diagonal. Remove them.")
    return i, j, values


def _places(
    batch: list[tuple[int, bytes]], at: int, header: Header, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Lines of one value each, column by column, of which `at` came before.

    Where one triangle follows from the other, only the lower one stands there.
    """
    try:
        values = parse([line for _, line in batch], None, 1)[:, 0]
    except ValueError:
        _wrong_line(batch, 1, name)
    k, N = np.arange(at, at + len(batch)), header.N
    if header.symmetry == "general":
        j, i = np.divmod(k, N)
    else:
        below = 1 if header.symmetry == "skew-symmetric" else 0
        columns = np.arange(N)
        begins = columns * (N - below) - columns * (columns - 1) // 2
        j = np.searchsorted(begins[: N - below], k, "right") - 1
        i = k - begins[j] + j + below
    there = values != 0
    return i[there], j[there], values[there]


def _add(
    weights: Collected,
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    values: NDArray[np.float64],
    symmetry: str,
) -> None:
    weights.pairs(i, j, values)
    if symmetry != "general":
        other = i != j
        sign = -1.0 if symmetry == "skew-symmetric" else 1.0
        weights.pairs(j[other], i[other], sign * values[other])


def _wrong_line(batch: list[tuple[int, bytes]], width: int, name: str) -> NoReturn:
    """Find the line that could not be read, and say so."""
    for at, line in batch:  # noqa: B007 the last one is named
        cells = line.decode("utf-8", "replace").split()
        places = cells[:2] if width > 1 else []
        whole = all(re.fullmatch(r"[+-]?\d+", c) and len(c) <= LONG for c in places)
        if len(cells) != width or not whole or not all(map(is_number, cells)):
            break
    what = {1: "one number", 2: "a row and a column", 3: "a row, a column and a number"}[width]
    shown = line[:40].decode("utf-8", "replace")
    raise UserError(f"Line {at:,} of {name} holds “{shown}” instead of {what}. Save it again.")
