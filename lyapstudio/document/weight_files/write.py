"""Weights to a file: some rows at a time, every number exactly, and nothing where it fails."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import PIECE, Report
from lyapstudio.document.disk import replacing
from lyapstudio.document.weight_files.bounds import MAX_BYTES, gigabytes
from lyapstudio.document.weight_files.read import CONVENTION

Triplets = tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]
SUFFIXES = (".npy", ".npz", ".csv", ".mtx")
LINES = 1 << 16
"""Connections that are written at once."""
SAMPLE = 16
"""Rows that a size is guessed from."""


class Weights(Protocol):
    """Where weights come from: all of them by rows, or a list of those that are there.

    w[i, j] is the weight from j to i
    """

    @property
    def N(self) -> int: ...

    def rows(self, into: NDArray[np.int64], /) -> NDArray[np.float64]:
        """(k, N) float64: what some neurons listen to."""

    def triplets(self) -> Triplets | None:
        """(E,) into, out_of and values of the connections, or None: all are there."""


def write_weights(path: str | Path, weights: Weights, report: Report = lambda _: None) -> None:
    """Write an NPY, NPZ, CSV or MTX file, by the end of its name; atomically.

    NPY is the (N, N) array. The others are lists of connections where the weights are: members
    into, out_of, values and N in NPZ, lines "from,to,weight" in CSV unless the table is shorter.
    Else NPZ holds the array W and CSV the table. MTX lists what is not zero.

    report : may raise to end it; then nothing is left behind

    Raises
    ------
    UserError : another ending, larger than 4 GB, or what the disk refuses
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        ends = ", ".join(SUFFIXES[:-1])
        raise UserError(f"{path.name} has no ending that is known. Use {ends} or {SUFFIXES[-1]}.")
    triplets = weights.triplets()
    write, size = _plan(kind, weights, triplets)
    _check_size(path.name, size, kind)
    with replacing(path) as file:
        write(_Bounded(file, path.name, kind), report)
    report(1.0)


class _Bounded:
    """Writes no more than can be loaded again."""

    def __init__(self, file: IO[bytes], name: str, kind: str) -> None:
        self.file, self.name, self.kind, self.size = file, name, kind, 0

    def write(self, data: bytes) -> None:
        self.size += len(data)
        _check_size(self.name, self.size, self.kind)
        self.file.write(data)


Write = Callable[[_Bounded, Report], None]


def _check_size(name: str, size: float, kind: str) -> None:
    if size > MAX_BYTES:
        other = "Cut the weakest connections away, or take a smaller network"
        if kind != ".mtx":
            other = "Save as MTX, which holds only connections that are there, or take a smaller "
            other += "network"
        raise UserError(
            f"{name} would take {gigabytes(size)} or more, and at most {MAX_BYTES >> 30} GB are "
            f"written. {other}."
        )


def _plan(kind: str, weights: Weights, triplets: Triplets | None) -> tuple[Write, float]:
    """What writes the file, and about how many bytes that will be."""
    N = weights.N
    if kind == ".npy":
        return lambda out, report: _array(out, weights, report), 8.0 * N * N
    if kind == ".npz":
        if triplets is None:
            return lambda out, report: _zipped(out, weights, report), 8.0 * N * N
        size = 16.0 * len(triplets[0])
        return lambda out, report: _zipped_lists(out, triplets, N, report), size
    if kind == ".csv" and (triplets is None or 3 * len(triplets[0]) > N * N):
        some = _some_rows(weights)
        return lambda out, report: _csv(out, weights, report), len(_table(some)) * N / len(some)
    if triplets is None:
        some = _some_rows(weights)
        into, out_of, values = _nonzero(some, 0)
        size = len(_lines(into, out_of, values, 1, " ")) * N / len(some)
        return lambda out, report: _market_of_rows(out, weights, report), size
    write = _edges if kind == ".csv" else _market
    lists, count = triplets, len(triplets[0])
    into, out_of, values = next(_pieces(lists), lists)
    size = len(_lines(into, out_of, values, 1, " ")) * max(1.0, count / LINES)
    return lambda out, report: write(out, _pieces(lists), count, N, report), size


def _step(N: int) -> int:
    """Rows that are written at once."""
    return max(1, min(N, PIECE // (8 * N)))


def _some_rows(weights: Weights) -> NDArray[np.float64]:
    """A few from everywhere, that tell how long the others will be."""
    N = weights.N
    return weights.rows(np.unique(np.linspace(0, N - 1, min(SAMPLE, _step(N))).astype(np.int64)))


def _blocks(
    weights: Weights, report: Report, start: float = 0.0, end: float = 1.0
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """The first row's number and (k, N) float64, with a report before each."""
    N, step = weights.N, _step(weights.N)
    for at in range(0, N, step):
        report(start + (end - start) * at / N)
        yield at, weights.rows(np.arange(at, min(N, at + step)))


def _nonzero(block: NDArray[np.float64], at: int) -> Triplets:
    row, col = np.nonzero(block)
    return row + at, col, block[row, col]


def _pieces(triplets: Triplets) -> Iterator[Triplets]:
    into, out_of, values = triplets
    for at in range(0, len(into), LINES):
        piece = slice(at, at + LINES)
        yield into[piece], out_of[piece], values[piece]


def _array(out: Any, weights: Weights, report: Report) -> None:
    facts = {"descr": "<f8", "fortran_order": False, "shape": (weights.N, weights.N)}
    npy.write_array_header_1_0(out, facts)
    for _, block in _blocks(weights, report):
        out.write(np.ascontiguousarray(block, "<f8").tobytes())


@contextmanager
def _zip(out: _Bounded) -> Iterator[zipfile.ZipFile]:
    """A zip file that says at its end who listens to whom."""
    with zipfile.ZipFile(out.file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        yield archive
        with archive.open("convention.npy", "w") as file:
            npy.write_array(file, np.array(CONVENTION), (1, 0), allow_pickle=False)


def _zipped(out: _Bounded, weights: Weights, report: Report) -> None:
    with _zip(out) as archive, archive.open("W.npy", "w", force_zip64=True) as file:
        _array(file, weights, report)


def _zipped_lists(out: _Bounded, triplets: Triplets, N: int, report: Report) -> None:
    kinds = ("<i4", "<i4", "<f8")
    with _zip(out) as archive:
        with archive.open("N.npy", "w") as file:
            npy.write_array(file, np.array(N, "<i8"), (1, 0), allow_pickle=False)
        for k, name in enumerate(("into", "out_of", "values")):
            array, step = triplets[k], PIECE // 8
            facts = {"descr": kinds[k], "fortran_order": False, "shape": (len(array),)}
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                npy.write_array_header_1_0(file, facts)
                for at in range(0, len(array), step):
                    report((k + at / len(array)) / 3)
                    file.write(array[at : at + step].astype(kinds[k]).tobytes())


def _table(block: NDArray[np.float64]) -> bytes:
    """The shortest digits that read back as the same numbers; whole ones without ".0"."""
    lines = [",".join(map(repr, row)).replace(".0,", ",") for row in block.tolist()]
    return "".join(line.removesuffix(".0") + "\n" for line in lines).encode()


def _csv(out: _Bounded, weights: Weights, report: Report) -> None:
    out.write(f"# {CONVENTION}\n".encode())
    for _, block in _blocks(weights, report):
        out.write(_table(block))


def _lines(
    first: NDArray[Any], second: NDArray[Any], values: NDArray[Any], base: int, mark: str
) -> bytes:
    """A connection a line."""
    columns = ((first + base).tolist(), (second + base).tolist(), values.tolist())
    rows = zip(*columns, strict=True)
    return "".join([f"{a}{mark}{b}{mark}{v!r}\n" for a, b, v in rows]).encode()


def _edges(out: _Bounded, pieces: Iterator[Triplets], count: int, N: int, report: Report) -> None:
    out.write(f"# N = {N} neurons, numbered from 0; from is listened to by to\n".encode())
    out.write(b"from,to,weight\n")
    for at, (into, out_of, values) in enumerate(pieces):
        report(min(1.0, at * LINES / max(1, count)))
        out.write(_lines(out_of, into, values, 0, ","))


def _market(out: _Bounded, pieces: Iterator[Triplets], count: int, N: int, report: Report) -> None:
    out.write(f"%%MatrixMarket matrix coordinate real general\n% {CONVENTION}\n".encode())
    out.write(f"{N} {N} {count}\n".encode())
    for at, (into, out_of, values) in enumerate(pieces):
        report(min(1.0, at * LINES / max(1, count)))
        out.write(_lines(into, out_of, values, 1, " "))


def _market_of_rows(out: _Bounded, weights: Weights, report: Report) -> None:
    """All that is not zero, in two rounds: the sizes stand before the entries."""
    count = sum(int(np.count_nonzero(block)) for _, block in _blocks(weights, report, 0.0, 0.2))
    pieces = (_nonzero(block, at) for at, block in _blocks(weights, report, 0.2, 1.0))
    _market(out, pieces, count, weights.N, lambda _: None)
