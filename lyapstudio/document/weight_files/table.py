"""A square table of text: a line for each neuron that listens, a column for each listened to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import PIECE
from lyapstudio.document.given import Given
from lyapstudio.document.weight_files.collected import Collected
from lyapstudio.document.weight_files.lines import is_number, number, words


def read_table(
    lines: Iterator[tuple[int, bytes]], delimiter: bytes | None, N: int, named: bool, name: str
) -> Given:
    """N rows of N numbers.

    lines : with their numbers in the file, without a header
    named : the first cell of each line is a name
    """
    weights = Collected(name, N)
    block = np.empty((max(1, min(N, PIECE // (8 * N))), N))
    done = held = 0
    for at, line in lines:
        block[held] = _row(line, delimiter, N, named, done + held, at, name)
        held += 1
        if held == len(block):
            weights.rows(done, block)
            done, held = done + held, 0
    weights.rows(done, block[:held])
    return weights.given()


def _row(
    line: bytes, delimiter: bytes | None, N: int, named: bool, row: int, at: int, name: str
) -> list[float]:
    """The numbers of one line."""
    cells = line.split(delimiter)
    if len(cells) != N + named:
        raise UserError(
            f"Line {at:,} of {name} has {len(cells):,} cells, the first one has {N + named:,}. "
            "Give all lines the same number."
        )
    if b"_" not in line:  # Python would take it
        try:
            if delimiter != b",":
                cells = line.replace(b",", b".").split(delimiter)
            return list(map(float, cells[named:]))
        except ValueError:  # quotes, another minus sign, or words
            pass
    result = []
    for col, cell in enumerate(words(line, delimiter)[named:]):
        if not is_number(cell):
            held = f"holds “{cell[:20]}” where a weight is expected" if cell else "is empty"
            raise UserError(
                f"In {name} row {row + 1:,}, column {col + 1:,} {held}. Put a number there; 0 is "
                "no connection."
            )
        result.append(number(cell))
    return result
