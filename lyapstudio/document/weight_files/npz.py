"""NPZ: a square array, the lists of scipy.sparse, or our own lists of connections."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.archive import Archive, npy_header
from lyapstudio.document.datasets.raw import MOST_DEFLATED, Report, damaged, reading
from lyapstudio.document.given import MAX_CONNECTIONS, MAX_N, Given
from lyapstudio.document.weight_files.bounds import MAX_BYTES, check_neurons, check_square
from lyapstudio.document.weight_files.collected import Collected
from lyapstudio.document.weight_files.square import read_square

WEIGHTS = ("W", "weights", "J", "w", "Weights")
"""Names that a square array is looked for first, among several."""
OURS = ("into", "out_of", "values", "N")
SPARSE = ("csr", "csc", "coo")
MOST_LOOKED_AT = 200
LISTS = MAX_CONNECTIONS + MAX_CONNECTIONS // 5
"""Entries of one list: some may be zero."""


def read_npz(path: Path, N: int | None, report: Report) -> Given:
    """The weights of an NPZ file."""
    with reading(path), path.open("rb") as file:
        archive = Archive(file, path.name, MAX_BYTES, MOST_DEFLATED)
        names = {n.removesuffix(".npy") for n in archive.names if n.endswith(".npy")}
        if {"format", "shape", "data"} <= names:
            return _sparse(archive, N, report)
        if set(OURS) <= names:
            return _lists(archive, N, report)
        member = _square(archive, sorted(names), N)
        with archive.stream(f"{member}.npy") as stream:
            read = read_square(stream, f"{path.name}: {member}", MAX_BYTES, N, report)
    return replace(read, title=path.name)


def _square(archive: Archive, names: list[str], N: int | None) -> str:
    """Which array holds the weights."""
    if not names:
        raise UserError(f"{archive.name} holds no arrays. Save it with numpy.savez.")
    chosen = next((name for name in WEIGHTS if name in names), "")
    if chosen or len(names) == 1:
        return chosen or names[0]
    square = []
    for name in names[:MOST_LOOKED_AT]:
        try:
            with archive.stream(f"{name}.npy") as stream:
                shape, _, _ = npy_header(stream, name)
        except UserError:
            continue  # words, objects: not the weights
        if len(shape) == 2 and shape[0] == shape[1] > 1:
            square.append((name, shape[0]))
    fitting = [name for name, side in square if side == N] or [name for name, _ in square]
    if not fitting:
        raise UserError(
            f"{archive.name} holds no square array; weights are a square table, one row and one "
            "column a neuron."
        )
    if len(fitting) > 1:
        raise UserError(
            f"{archive.name} holds several square arrays ({', '.join(fitting[:4])}). Call the one "
            "that holds the weights W."
        )
    return fitting[0]


def _lists(archive: Archive, N: int | None, report: Report) -> Given:
    """Our own: into, out_of, values, N."""
    name = archive.name
    side = _whole(archive, "N", 1)
    if side.size != 1:
        damaged(name)
    found = int(side.ravel()[0])
    check_neurons(found, N, name)
    report(0.1)
    into = _whole(archive, "into", LISTS)
    report(0.3)
    out_of = _whole(archive, "out_of", LISTS)
    report(0.5)
    return _checked(into, out_of, _numbers(archive, "values"), found, name, report)


def _sparse(archive: Archive, N: int | None, report: Report) -> Given:
    """What scipy.sparse.save_npz wrote."""
    name, kind = archive.name, _word(archive)
    if kind not in SPARSE:
        raise UserError(
            f"{name} holds a sparse matrix of the kind “{kind}”. Call its tocsr() and save it "
            "again."
        )
    shape = _whole(archive, "shape", 8).ravel().tolist()
    if len(shape) != 2 or min(shape) < 0:
        raise UserError(f"{name} has an impossible shape. Save it again.")
    check_square(shape[0], shape[1], name)
    check_neurons(shape[0], N, name)
    values = _numbers(archive, "data")
    report(0.3)
    if kind == "coo":
        into, out_of = _whole(archive, "row", LISTS), _whole(archive, "col", LISTS)
        return _checked(into, out_of, values, shape[0], name, report)
    start = _whole(archive, "indptr", MAX_N + 1).astype(np.int64)
    indices = _whole(archive, "indices", LISTS)
    if start.shape != (shape[0] + 1,) or start[0] != 0 or start[-1] != values.size:
        damaged(name)
    steps = np.diff(start)
    if (steps < 0).any():
        damaged(name)
    lines = np.repeat(np.arange(shape[0], dtype=np.int32), steps)
    into, out_of = (lines, indices) if kind == "csr" else (indices, lines)
    return _checked(into, out_of, values, shape[0], name, report)


def _checked(
    into: NDArray[Any],
    out_of: NDArray[Any],
    values: NDArray[np.float64],
    N: int,
    name: str,
    report: Report,
) -> Given:
    """Lists of one length that name neurons which exist."""
    if not into.shape == out_of.shape == values.shape or into.ndim != 1:
        damaged(name)
    for index in (into, out_of):
        if len(index) and (index.min() < 0 or index.max() >= N):
            wrong = int(index.min()) if index.min() < 0 else int(index.max())
            raise UserError(
                f"{name} names neuron {wrong:,}, but its neurons are 0 to {N - 1:,}. Save it again."
            )
    report(0.8)
    weights = Collected(name, N, first=0)
    weights.pairs(into, out_of, values)
    return weights.given()


def _whole(archive: Archive, member: str, limit: int) -> NDArray[Any]:
    """Whole numbers, int32 where they were stored so; those beyond int64 are damage."""
    array = archive.array(f"{member}.npy", limit)
    if array.dtype.kind not in "iu" or (array.dtype.kind == "u" and (array > MAX_BYTES).any()):
        damaged(archive.name)
    return array.astype(np.int32 if array.dtype == np.int32 else np.int64)


def _numbers(archive: Archive, member: str) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):  # what overflows becomes infinite, and is refused
        return archive.array(f"{member}.npy", LISTS).astype(np.float64)


def _word(archive: Archive) -> str:
    """The text that scipy calls format: bytes or characters, at most a few."""
    stream = io.BytesIO(archive.read("format.npy", 4096))
    try:
        npy.read_magic(stream)
        _, _, dtype = npy.read_array_header_1_0(stream)
        word = np.frombuffer(stream.read(), dtype)[0] if dtype.kind in "SU" else ""
        return (word.decode() if isinstance(word, bytes) else str(word)).strip()[:8]
    except Exception:  # the parser of hostile text meets many exceptions
        damaged(archive.name)
