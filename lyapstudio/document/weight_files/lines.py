"""The lines of a text file, many at a time; no line may be longer than it has reason to be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import PIECE, Report, Stream
from lyapstudio.document.weight_files.bounds import KNOWN, MAX_BYTES, gigabytes

MARK = b"\xef\xbb\xbf"
"""The byte order mark before UTF-8."""


def pages(
    stream: Stream, size: int, name: str, longest: int, report: Report
) -> Iterator[tuple[int, list[bytes]]]:
    """The number of the first line (from 1), and some megabytes of lines without their ends.

    size : bytes that there may be, for the report
    longest : bytes of a line

    Raises
    ------
    UserError : binary, a line that is too long, unpacked to more than fits
    """
    rest, seen, number = b"", 0, 1
    while chunk := stream.read(PIECE):
        report(min(1.0, seen / max(1, size)))
        if b"\0" in chunk:
            raise UserError(f"{name} is of no known kind. {KNOWN}")
        if not seen:
            chunk = chunk.removeprefix(MARK)
        seen += len(chunk)
        if seen > MAX_BYTES:
            raise UserError(f"{name} unpacks to more than {gigabytes(MAX_BYTES)}. {SMALLER}")
        whole = rest + chunk
        cut = whole.rfind(b"\n") + 1
        rest = whole[cut:]
        if len(rest) > longest:
            raise UserError(f"{name} has lines that are too long. Each neuron has one of its own.")
        if cut:
            lines = whole[:cut].splitlines()
            yield number, lines
            number += len(lines)
    if rest:
        yield number, rest.splitlines()


SMALLER = "Save it as NPZ, which is smaller."


def parse(lines: list[bytes], delimiter: bytes | None, width: int) -> NDArray[np.float64]:
    """(len(lines), width) float64 by numpy's own parser.

    Raises ValueError: words, quotes, another number of cells; nothing says where.
    """
    text = b"\n".join(lines).decode("utf-8", "replace")
    if not text.strip():  # numpy would only warn
        raise ValueError(text)
    if delimiter != b",":
        text = text.replace(",", ".")
    mark = delimiter.decode() if delimiter else None
    table = np.loadtxt(text.split("\n"), np.float64, comments=None, delimiter=mark, ndmin=2)
    if table.shape != (len(lines), width):
        raise ValueError(table.shape)
    return table


def is_number(cell: str) -> bool:
    """Whether it is a number, with a point or a comma, NaN and infinities included."""
    try:
        number(cell)
    except ValueError:
        return False
    return True


def number(cell: str) -> float:
    """A number that somebody wrote: in quotes, with a comma or the minus sign U+2212.

    Raises ValueError.
    """
    bare = cell.strip().strip('"').strip()
    if "_" in bare:  # Python would take it
        raise ValueError(cell)
    return float(bare.replace(",", ".").replace("\u2212", "-"))


def words(line: bytes, delimiter: bytes | None) -> list[str]:
    """The cells of a line as text; between blanks where there is no delimiter."""
    return [cell.decode("utf-8", "replace").strip().strip('"') for cell in line.split(delimiter)]
