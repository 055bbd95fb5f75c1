"""Weights of one's own in a document: as named arrays, and back again without trust.

Every `…_in` takes `read(name, limit)`, which gives an array of at most `limit` values, and raises
MalformedError where it does not hold what `…_out` writes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.document.fields import MalformedError
from lyapstudio.document.given import MAX_CONNECTIONS, Given
from lyapstudio.document.nouns import Setup
from lyapstudio.weights.dreams import Dream
from lyapstudio.weights.strokes import MOST, Stroke

Arrays = dict[str, NDArray[Any]]
Read = Callable[[str, int], NDArray[Any]]

MAX_TITLE = 1024  # bytes
MAX_STROKES = 1 << 22
MAX_TOUCHED = 1 << 28
"""Weights that all strokes together touch: as often as anybody paints over them."""
MAX_DREAMS = 10_000
MAX_CELLS = 1 << 30  # of all dreams together: as of all patterns
SET, BLOCK, BOTH = 1, 2, 4
"""Bits of a stroke's kind: set, not add; a block; the opposite weight as well."""


def set_out(setup: Setup) -> tuple[dict[str, Any], dict[str, Arrays]]:
    """What `document.json` says of the weights that somebody set, and their arrays by group."""
    said: dict[str, Any] = {}
    groups: dict[str, Arrays] = {}
    if setup.strokes:
        said["strokes"], groups["strokes"] = True, strokes_out(setup.strokes)
    if setup.lesions is not None:
        said["lesions"], groups["lesions"] = True, lesions_out(setup.lesions)
    if setup.dreams:
        said["dreams"] = [dream.strength for dream in setup.dreams]
        groups["dreams"] = dreams_out(tuple(dream.state for dream in setup.dreams))
    if setup.given is not None:
        said["given"], groups["given"] = True, given_out(setup.given)
    return said, groups


def set_in(said: dict[str, Any], read: Read, rows: int, cols: int) -> dict[str, Any]:
    """The fields of a Setup that `set_out` wrote."""
    N = rows * cols
    found: dict[str, Any] = {}

    def of(group: str) -> Read:
        return lambda name, limit: read(f"{group}/{name}", limit)

    if said.get("strokes"):
        found["strokes"] = strokes_in(of("strokes"), N)
    if said.get("lesions"):
        found["lesions"] = lesions_in(of("lesions"), rows, cols)
    if said.get("given"):
        found["given"] = given_in(of("given"), N)
    strengths = said.get("dreams", [])
    if strengths:
        states = dreams_in(of("dreams"), N)
        numbers = isinstance(strengths, list) and all(
            isinstance(v, (int, float)) and abs(v) <= 1 for v in strengths
        )
        if not numbers or len(states) != len(strengths):
            raise MalformedError("its dreams are damaged.")
        pairs = zip(states, strengths, strict=True)
        found["dreams"] = tuple(Dream(state, float(strength)) for state, strength in pairs)
    return found


def given_out(given: Given) -> Arrays:
    """Members degrees, out_of, values, title; N is the network's."""
    return {
        "degrees": np.diff(given.start).astype(np.int32),
        "out_of": given.out_of,
        "values": given.values,
        "title": np.frombuffer(given.title.encode()[:MAX_TITLE], np.uint8),
    }


def given_in(read: Read, N: int) -> Given:
    """The weights of N neurons."""
    degrees = _array(read, "degrees", N, np.int32)
    out_of = _array(read, "out_of", MAX_CONNECTIONS, np.int32)
    values = _array(read, "values", MAX_CONNECTIONS, np.float64)
    title = _array(read, "title", MAX_TITLE, np.uint8).tobytes().decode("utf-8", "ignore")
    fits = len(degrees) == N and int(degrees.sum(dtype=np.int64)) == len(out_of) == len(values)
    if not fits or (degrees < 0).any() or _outside(out_of, N):
        raise MalformedError("its weights from a file are damaged.")
    into = np.repeat(np.arange(N, dtype=np.int32), degrees)
    apart = (np.diff(into) > 0) | (np.diff(out_of) > 0)
    if not (apart.all() and np.isfinite(values).all() and values.all()):
        raise MalformedError("its weights from a file are damaged or no finite numbers.")
    return Given(_kept(into), _kept(out_of), _kept(values), N, title)


def strokes_out(strokes: tuple[Stroke, ...]) -> Arrays:
    """Members lengths (S, 3), kinds (S,), into, out_of, values; however many strokes there are."""
    lengths = [(len(s.into), len(s.out_of), len(s.values)) for s in strokes]
    kinds = [SET * (s.mode == "set") + BLOCK * s.block + BOTH * s.both for s in strokes]
    return {
        "lengths": np.array(lengths, np.int32).reshape(-1, 3),
        "kinds": np.array(kinds, np.uint8),
        "into": np.concatenate([np.empty(0, np.int32), *(s.into for s in strokes)]),
        "out_of": np.concatenate([np.empty(0, np.int32), *(s.out_of for s in strokes)]),
        "values": np.concatenate([np.empty(0), *(s.values for s in strokes)]),
    }


def strokes_in(read: Read, N: int) -> tuple[Stroke, ...]:
    """The strokes in their order, in a network of N neurons."""
    lengths = _array(read, "lengths", 3 * MAX_STROKES, np.int32, 2)
    kinds = _array(read, "kinds", MAX_STROKES, np.uint8)
    into = _array(read, "into", MAX_TOUCHED, np.int32)
    out_of = _array(read, "out_of", MAX_TOUCHED, np.int32)
    values = _array(read, "values", MAX_TOUCHED, np.float64)
    fits = lengths.shape == (len(kinds), 3) and not (lengths < 0).any() and not (kinds > 7).any()
    totals = lengths.sum(0, dtype=np.int64).tolist() if fits else []
    if totals != [len(into), len(out_of), len(values)]:
        raise MalformedError("its edited weights are damaged.")
    if _outside(into, N) or _outside(out_of, N) or not np.isfinite(values).all():
        raise MalformedError("its edited weights are damaged or no finite numbers.")
    arrays = [_kept(array) for array in (into, out_of, values)]
    ends = np.cumsum(lengths, axis=0, dtype=np.int64)
    begins = ends - lengths
    strokes, touched = [], 0
    for a, b, kind in zip(begins.tolist(), ends.tolist(), kinds.tolist(), strict=True):
        parts = [array[x:y] for array, x, y in zip(arrays, a, b, strict=True)]
        stroke = Stroke(
            parts[0],
            parts[1],
            parts[2],
            "set" if kind & SET else "add",
            bool(kind & BLOCK),
            bool(kind & BOTH),
        )
        touched += stroke.count
        if not _fitting(stroke) or stroke.count > 2 * MOST or touched > MAX_TOUCHED:
            raise MalformedError("its edited weights are damaged, or more than fit.")
        strokes.append(stroke)
    return tuple(strokes)


def lesions_out(lesions: NDArray[np.bool_]) -> Arrays:
    """Member lesions: the bits of (rows, cols), row by row."""
    return {"lesions": np.packbits(lesions.ravel())}


def lesions_in(read: Read, rows: int, cols: int) -> NDArray[np.bool_]:
    """(rows, cols) bool, read-only: the neurons that are silent."""
    packed = _array(read, "lesions", -(-rows * cols // 8), np.uint8)
    if len(packed) != -(-rows * cols // 8):
        raise MalformedError("its list of silent neurons is damaged.")
    return _kept(np.unpackbits(packed, count=rows * cols).astype(bool).reshape(rows, cols))


def dreams_out(dreams: tuple[NDArray[np.int8], ...]) -> Arrays:
    """Member dreams: a row each, the bits of the state and, where any was silent, who was."""
    if not dreams:
        return {"dreams": np.empty((0, 0), np.uint8)}
    bits = np.stack([np.packbits(dream > 0) for dream in dreams])
    if all(dream.all() for dream in dreams):
        return {"dreams": bits}
    silent = np.stack([np.packbits(dream == 0) for dream in dreams])
    return {"dreams": np.hstack([bits, silent])}


def dreams_in(read: Read, N: int) -> tuple[NDArray[np.int8], ...]:
    """(N,) int8 in {-1, 0, +1} each, read-only: the states that were unlearned, in their order."""
    stride = -(-N // 8)
    most = min(MAX_DREAMS, MAX_CELLS // N)
    packed = _array(read, "dreams", 2 * most * stride, np.uint8, 2)
    if len(packed) > most or (len(packed) and packed.shape[1] not in (stride, 2 * stride)):
        raise MalformedError("its dreams are damaged, or more than fit.")
    dreams = []
    for row in packed:  # one at a time: no copy of them all
        dream = 2 * np.unpackbits(row[:stride], count=N).astype(np.int8) - np.int8(1)
        if len(row) > stride:
            dream[np.unpackbits(row[stride:], count=N) > 0] = 0
        dreams.append(_kept(dream))
    return tuple(dreams)


def _array(read: Read, name: str, limit: int, dtype: Any, ndim: int = 1) -> NDArray[Any]:
    """An array of exactly this kind, in the byte order of this machine."""
    array = read(name, limit)
    kind = np.dtype(dtype)
    if array.ndim != ndim or (array.dtype.kind, array.dtype.itemsize) != (kind.kind, kind.itemsize):
        raise MalformedError(f"its array {name} is damaged.")
    return array.astype(kind, copy=False)


def _outside(index: NDArray[np.int32], N: int) -> bool:
    return bool(len(index)) and not 0 <= int(index.min()) <= int(index.max()) < N


def _fitting(stroke: Stroke) -> bool:
    """Whether there is one value for all weights, or one for each."""
    if len(stroke.values) == 1:
        return stroke.block or len(stroke.into) == len(stroke.out_of)
    if not stroke.block:
        return len(stroke.into) == len(stroke.out_of) == len(stroke.values)
    listeners, heard = (np.unique(p, return_counts=True) for p in (stroke.into, stroke.out_of))
    _, a, b = np.intersect1d(listeners[0], heard[0], assume_unique=True, return_indices=True)
    alone = int((listeners[1][a] * heard[1][b]).sum())  # a neuron with itself is left out
    return len(stroke.values) == len(stroke.into) * len(stroke.out_of) - alone


def _kept(array: NDArray[Any]) -> NDArray[Any]:
    """Read-only and contiguous."""
    result = np.ascontiguousarray(array)
    result.flags.writeable = False
    return result
