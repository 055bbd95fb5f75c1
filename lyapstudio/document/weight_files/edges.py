"""A list of connections as text: from which neuron, to which, and how strong; one a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.given import MAX_N, Given, check_count
from lyapstudio.document.weight_files.bounds import WrongSizeError, check_neurons
from lyapstudio.document.weight_files.collected import Collected
from lyapstudio.document.weight_files.lines import is_number, number, parse, words

FROM = {"from", "source", "out_of", "outof", "pre", "presynaptic", "sender", "j"}
TO = {"to", "target", "into", "post", "postsynaptic", "receiver", "listener", "i"}
WEIGHT = {"weight", "weights", "w", "value", "values", "strength", "w_ij", "wij"}
BATCH = 1 << 15
"""Lines that are turned into numbers at once."""


@dataclass(frozen=True)
class Roles:
    """Which column is what.

    header : whether the first line names them
    guessed : whether it did not say so
    """

    out_of: int
    into: int
    weight: int
    columns: int
    header: bool
    guessed: bool


def roles_of(head: list[str], lines: int) -> Roles | None:
    """The columns of a list of connections; None where it is a table of all weights.

    head : the cells of the first line; lines : of the file, the first one included
    """
    lower = [cell.lower() for cell in head]
    found = [[k for k, cell in enumerate(lower) if cell in names] for names in (FROM, TO, WEIGHT)]
    if all(len(columns) == 1 for columns in found):
        return Roles(found[0][0], found[1][0], found[2][0], len(head), True, False)
    header = not all(is_number(cell) for cell in head)
    if len(head) == 3 and lines - header > 3:
        return Roles(0, 1, 2, 3, header, True)
    return None


def read_edges(
    lines: Iterator[tuple[int, bytes]],
    delimiter: bytes | None,
    roles: Roles,
    said: tuple[int | None, int | None],
    name: str,
    N: int | None,
) -> Given:
    """The connections of all lines.

    said : neurons, and the number of the first one, where a comment says so
    N : neurons of the network, or None
    """
    parts: list[NDArray[np.float64]] = [np.empty((3, 0))]
    count = 0
    while batch := list(islice(lines, BATCH)):
        count += len(batch)
        check_count(count, name)
        parts.append(_numbers(batch, delimiter, roles, name))
    if not count:
        if said[0] is None:
            raise UserError(f"{name} lists no connections. Choose another file.")
        return Collected(name, _neurons(0, said[0], N, name)).given()
    out_of, into, values = np.concatenate(parts, axis=1)
    parts.clear()
    low, high = int(min(out_of.min(), into.min())), int(max(out_of.max(), into.max()))
    first = _first(low, said[1], name)
    found = _neurons(high + 1 - first, said[0], N, name)
    notes = []
    if roles.guessed:
        notes.append("The columns were taken as: from, to, weight.")
    if said[1] is None:
        why = "neuron 0 is in it" if first == 0 else "there is no neuron 0 in it"
        notes.append(f"Neurons were taken as numbered from {first}: {why}.")
    weights = Collected(name, found, first)
    weights.pairs((into - first).astype(np.int32), (out_of - first).astype(np.int32), values)
    return weights.given(tuple(notes))


def _first(low: int, said: int | None, name: str) -> int:
    """The number of the first neuron."""
    if said is None:
        return 0 if low == 0 else 1
    if low < said:
        raise UserError(f"{name} says that it counts from {said}, but names neuron {low}. Mend it.")
    return said


def _neurons(least: int, said: int | None, N: int | None, name: str) -> int:
    """How many there are: as many as a comment says, as the network has, as are named."""
    if said is not None:
        check_neurons(said, N, name)
        if least > said:
            raise UserError(
                f"{name} says that it has {said:,} neurons, but names {least:,}. Mend its list."
            )
        return said
    if N is None:
        check_neurons(max(2, least), None, name)
        return max(2, least)
    if least > N:
        raise WrongSizeError(
            least,
            f"{name} names neurons up to the {least:,}th, the network has {N:,}. Choose another "
            "file, or give the network that many neurons first.",
        )
    return N


def _numbers(
    batch: list[tuple[int, bytes]], delimiter: bytes | None, roles: Roles, name: str
) -> NDArray[np.float64]:
    """(3, k) float64: out_of, into, weight; neurons as they are numbered in the file."""
    order = (roles.out_of, roles.into, roles.weight)
    try:
        result = parse([line for _, line in batch], delimiter, roles.columns).T[list(order)]
    except ValueError:  # quotes, another minus sign, or words
        result = np.array([_careful(at, line, delimiter, roles, name) for at, line in batch]).T
    wrong = (result[:2] != np.rint(result[:2])) | (result[:2] < 0) | (result[:2] > MAX_N)
    if wrong.any():
        k = int(np.argmax(wrong.any(0)))
        cell = words(batch[k][1], delimiter)[order[int(np.argmax(wrong[:, k]))]]
        _refuse(batch[k][0], cell, "a neuron’s number", name)
    return result


def _careful(at: int, line: bytes, delimiter: bytes | None, roles: Roles, name: str) -> list[float]:
    """Three numbers of one line, cell by cell."""
    cells, order = words(line, delimiter), (roles.out_of, roles.into, roles.weight)
    if len(cells) != roles.columns:
        raise UserError(
            f"Line {at:,} of {name} has {len(cells)} cells, the first one has {roles.columns}. "
            "Give all lines the same number."
        )
    for k in order:
        if not is_number(cells[k]):
            _refuse(at, cells[k], "a weight" if k == roles.weight else "a neuron’s number", name)
    return [number(cells[k]) for k in order]


def _refuse(at: int, cell: str, wanted: str, name: str) -> NoReturn:
    raise UserError(
        f"Line {at:,} of {name} holds “{cell[:20]}” where {wanted} is expected. Put a number there."
    )
