"""CSV, TSV and TXT: a square table, or one connection a line. A first look tells which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import Report, Stream, open_stream, share
from lyapstudio.document.given import Given
from lyapstudio.document.weight_files.bounds import KNOWN, check_neurons, check_square
from lyapstudio.document.weight_files.edges import read_edges, roles_of
from lyapstudio.document.weight_files.lines import is_number, pages, words
from lyapstudio.document.weight_files.table import read_table

LONGEST = 4 << 20
"""Bytes of a line: a row of 65,536 cells of some 60 characters."""
COMMENTS = (b"#", b"%")
SCANNED = 0.1
"""Share of the work that the first look takes."""
DECIMAL_COMMA = re.compile(rb"[+-]?\d+(,\d+)?([eE][+-]?\d+)?")
SAID_N = re.compile(rb"\bN\s*=\s*(\d{1,8})\b")
SAID_FIRST = re.compile(rb"\bnumbered from ([01])\b")


@dataclass
class Look:
    """What a first look at the lines tells.

    delimiter : between cells, None for blanks
    head : the cells of the first line
    lines : those that hold something, the first one included
    N, first : neurons, and the number of the first one, where a comment says so
    """

    delimiter: bytes | None = None
    head: list[str] = field(default_factory=list)
    lines: int = 0
    N: int | None = None
    first: int | None = None


def read_text(path: Path, N: int | None, report: Report) -> Given:
    """The weights of a text file, packed with gzip or not."""
    name = path.name
    with open_stream(path) as (stream, size):
        look = _look(stream, size, name, share(report, 0, SCANNED))
    if not look.lines:
        raise UserError(f"{name} is empty. Choose another file.")
    if len(look.head) < 2:
        raise UserError(f"{name} is no table of numbers. {KNOWN}")
    roles = roles_of(look.head, look.lines)
    header, named = _heading(look) if roles is None else (roles.header, False)
    cols = len(look.head) - named
    if roles is None:
        check_square(look.lines - header, cols, name)
        check_neurons(cols, N, name)
    with open_stream(path) as (stream, size):
        lines = _lines(stream, size, name, share(report, SCANNED, 1), None)
        if header:
            next(lines)
        if roles is None:
            return read_table(lines, look.delimiter, cols, named, name)
        return read_edges(lines, look.delimiter, roles, (look.N, look.first), name, N)


def _lines(
    stream: Stream, size: int, name: str, report: Report, look: Look | None
) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, with their numbers; `look` hears what comments say."""
    for at, page in pages(stream, size, name, LONGEST, report):
        for k, line in enumerate(page):
            bare = line.strip(b" \r")
            if bare.startswith(COMMENTS):
                if look is not None:
                    _hear(look, bare[:1000])
            elif bare.strip():
                yield at + k, bare


def _hear(look: Look, comment: bytes) -> None:
    """What we write into the comments of our own files."""
    if found := SAID_N.search(comment):
        look.N = int(found[1])
    if found := SAID_FIRST.search(comment):
        look.first = int(found[1])


def _look(stream: Stream, size: int, name: str, report: Report) -> Look:
    look = Look()
    first = b""
    for _, line in _lines(stream, size, name, report, look):
        look.lines += 1
        if look.lines == 1:
            first = line
        if look.lines <= 2:  # the second tells better: the first may hold names
            look.delimiter = _delimiter(line)
            look.head = words(first, look.delimiter)
    return look


def _delimiter(line: bytes) -> bytes | None:
    for mark in (b";", b"\t"):
        if mark in line:
            return mark
    parts = line.split()
    if len(parts) > 1 and all(DECIMAL_COMMA.fullmatch(part) for part in parts):
        return None  # as in "0,5 0 1,25"
    return b"," if b"," in line else None


def _heading(look: Look) -> tuple[bool, bool]:
    """Whether the first line names the columns, and the first column the rows."""
    head, cols = look.head, len(look.head)
    named = head[0] == ""  # a corner: pandas and R write it so
    if look.lines == cols:
        return named, named
    texts = sum(not is_number(cell) for cell in head)
    if look.lines == cols + 1:
        counts = [[str(k + first) for k in range(cols)] for first in (0, 1)]
        return texts > 0 or head in counts, False
    return 2 * texts > cols, named and 2 * texts > cols
