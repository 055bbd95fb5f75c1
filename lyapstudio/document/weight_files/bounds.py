"""How large weights in a file may be, and the sentences for those that are not."""

from __future__ import annotations

from lyapstudio.core.errors import UserError
from lyapstudio.document.given import MAX_N

MAX_BYTES = 4 << 30
"""Of a file, as it is stored and as it is unpacked; read and written in pieces."""
KNOWN = "Weights are read from NPY, NPZ, CSV, TSV, TXT and MTX files."


class WrongSizeError(UserError):
    """The file holds the weights of `found_N` neurons, and the network has another number."""

    def __init__(self, found_N: int, message: str) -> None:
        super().__init__(message)
        self.found_N = found_N


def check_square(rows: int, cols: int, name: str) -> None:
    """Refuse what is no table of every neuron against every neuron."""
    if not rows or not cols:
        raise UserError(f"{name} is empty. Choose another file.")
    if rows != cols:
        raise UserError(
            f"{name} has {rows:,} × {cols:,} values; weights are a square table, one row and one "
            "column a neuron."
        )


def check_neurons(found: int, N: int | None, name: str) -> None:
    """Refuse another number of neurons than the network has, or more than any can have."""
    if found > MAX_N:
        raise UserError(
            f"{name} holds the weights of {found:,} neurons; a network has at most {MAX_N:,}. "
            "Choose a smaller part of it."
        )
    if found < 2:
        raise UserError(f"{name} holds a single weight; a network has at least two neurons.")
    if N is not None and found != N:
        raise WrongSizeError(
            found,
            f"{name} holds the weights of {found:,} neurons, the network has {N:,}. Choose another "
            "file, or give the network that many neurons first.",
        )


def gigabytes(size: float) -> str:
    """Like "12.3 GB"."""
    for unit in ("GB", "TB", "PB"):
        size /= 1024 if unit != "GB" else 1 << 30
        if size < 1000:
            break
    return f"{size:.1f} {unit}"
