"""CSV: one image a line, its class in the first, the last or a named column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import (
    KNOWN,
    Labelled,
    Raw,
    Report,
    Stream,
    check_side,
    check_size,
    flat_shape,
    open_stream,
    share,
)
from lyapstudio.document.datasets.source import MAX_CLASSES, MAX_IMAGES, MAX_SIDE

LABELS = {"label", "labels", "class", "target", "y", "category"}
NUMBERS_OF_ROWS = {"", "index", "id", "unnamed: 0"}
"""Headers of columns that only count the rows."""
MAX_LINE = 32 * 3 * MAX_SIDE**2
"""Bytes of a line: no number needs more than 32."""
DELIMITERS = (",", ";", "\t")
BATCH = 256
"""Lines that are turned into numbers at once."""


@dataclass
class Column:
    """What the outermost columns hold: at most so many different cells are kept."""

    cells: set[str] = field(default_factory=set)

    def see(self, cell: str) -> None:
        if len(self.cells) <= MAX_CLASSES:
            self.cells.add(cell)

    @property
    def text(self) -> bool:
        return any(not _is_number(cell) for cell in self.cells)

    @property
    def classes(self) -> float:
        """How many classes it could name; infinite where it is no list of classes."""
        count = len(self.cells)
        if count > MAX_CLASSES or count < 2:
            return math.inf
        if not self.text and any(float(c.replace(",", ".")) % 1 for c in self.cells):
            return math.inf
        return count


@dataclass
class Table:
    """What a first look tells.

    labels : the column of the classes, or None
    left_out : a column that only counts the rows, or None
    """

    delimiter: str
    header: bool
    columns: int
    names: list[str]
    lines: int = 0
    first: Column = field(default_factory=Column)
    last: Column = field(default_factory=Column)
    labels: int | None = None
    left_out: int | None = None

    @property
    def pixels(self) -> int:
        return self.columns - (self.labels is not None) - (self.left_out is not None)


def read_table(path: Path, rows: int, cols: int, column: str, report: Report) -> Raw:
    """The images of a CSV file, with commas, semicolons or tabs, with a header or without."""
    table = _scan(path, share(report, 0.0, 0.2))
    _find_labels(table, rows, cols, column)
    shape = flat_shape(table.pixels, rows, cols, path.name)
    check_side(shape[0], shape[1], path.name)
    check_size(table.lines, table.pixels, 4, path.name)
    images = np.empty((table.lines, table.pixels), np.float32)
    labels: list[str] = []
    aside = [k for k in (table.labels, table.left_out) if k is not None]
    with open_stream(path) as (stream, _):
        lines = _lines(stream, path.name)
        if table.header:
            next(lines)
        at = 0
        while batch := list(islice(lines, BATCH)):
            report(0.2 + 0.8 * at / table.lines)
            cut = [_cut(line, table.delimiter, aside) for line in batch]
            if table.labels is not None:
                labels += [cells[0] for _, cells in cut]
            _numbers([rest for rest, _ in cut], table, images, at, path.name)
            at += len(batch)
    notes = []
    if table.labels is not None and column == "auto":
        named = f" ({table.names[table.labels]})" if table.header else ""
        notes.append(f"Column {table.labels + 1}{named} was taken for the class.")
    part = Labelled(images, np.array(labels) if table.labels is not None else None)
    return Raw("CSV", shape, part, notes=notes)


def _lines(stream: Stream, name: str) -> Iterator[str]:
    """The lines that hold something; the first may begin with a byte order mark."""
    first = True
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise UserError(f"{name} has lines that are too long. An image has a line of its own.")
        if first:
            line = line.removeprefix(b"\xef\xbb\xbf")
            first = False
        if b"\0" in line:
            raise UserError(f"{name} is of no known kind. {KNOWN}")
        text = line.decode("utf-8", "replace").strip("\r\n ")
        if text:
            yield text


def _scan(path: Path, report: Report) -> Table:
    """Count the lines, refuse ragged ones, look at the outer columns."""
    with open_stream(path) as (stream, size):
        lines = _lines(stream, path.name)
        head = next(lines, "")
        if not head:
            raise UserError(f"{path.name} is empty. Choose another file.")
        delimiter = max(DELIMITERS, key=head.count)
        cells = _cells(head, delimiter)
        if len(cells) < 2:
            raise UserError(f"{path.name} is no table of numbers. {KNOWN}")
        table = Table(delimiter, _is_header(cells), len(cells), [c.lower() for c in cells])
        if not table.header:
            _see(table, head, path.name)
        seen = 0
        for line in lines:
            seen += len(line) + 1
            if table.lines % BATCH == 0:
                report(min(1.0, seen / size))
            _see(table, line, path.name)
    if not table.lines:
        raise UserError(f"{path.name} holds a header and no images. Choose another file.")
    return table


def _see(table: Table, line: str, name: str) -> None:
    table.lines += 1
    if line.count(table.delimiter) + 1 != table.columns:
        raise UserError(
            f"Line {table.lines + table.header} of {name} has "
            f"{line.count(table.delimiter) + 1} cells, the first one has {table.columns}. Give all "
            "lines the same number."
        )
    if table.lines > MAX_IMAGES:
        raise UserError(f"{name} has more than {MAX_IMAGES:,} lines. Make a smaller copy.")
    table.first.see(_bare(line[: line.index(table.delimiter)]))
    table.last.see(_bare(line[line.rindex(table.delimiter) + 1 :]))


def _find_labels(table: Table, rows: int, cols: int, column: str) -> None:
    """Decide which column names the classes, once all lines were seen."""
    if table.header and table.names[0] in NUMBERS_OF_ROWS:
        table.left_out = 0
    outer = {"first": 0 if table.left_out is None else 1, "last": table.columns - 1, "none": None}
    if column != "auto":
        table.labels = outer[column]
        return
    named = [k for k, name in enumerate(table.names) if table.header and name in LABELS]
    if named:
        table.labels = named[0]
    elif table.left_out is None and table.first.text:
        table.labels = 0
    elif table.last.text:
        table.labels = table.columns - 1
    elif _makes_images(table.pixels - 1, rows, cols) and not _makes_images(
        table.pixels, rows, cols
    ):
        last_only = table.left_out is not None or table.last.classes < table.first.classes
        table.labels = outer["last" if last_only else "first"]


def _makes_images(pixels: int, rows: int, cols: int) -> bool:
    if rows and cols:
        return pixels in (rows * cols, 3 * rows * cols)
    return pixels > 1 and math.isqrt(pixels) ** 2 == pixels


def _cut(line: str, delimiter: str, aside: list[int]) -> tuple[str, list[str]]:
    """A line without some of its cells, and those cells."""
    if not aside:
        return line, []
    if aside == [0]:
        cell, _, rest = line.partition(delimiter)
        return rest, [_bare(cell)]
    if aside == [line.count(delimiter)]:
        rest, _, cell = line.rpartition(delimiter)
        return rest, [_bare(cell)]
    cells = line.split(delimiter)
    taken = [_bare(cells[k]) for k in aside]
    return delimiter.join(c for k, c in enumerate(cells) if k not in aside), taken


def _numbers(lines: list[str], table: Table, images: np.ndarray, at: int, name: str) -> None:
    """Turn some lines into rows of `images`; modified in place."""
    if table.delimiter != ",":
        lines = [line.replace(",", ".") for line in lines]
    try:
        values = np.loadtxt(
            lines, np.float32, delimiter=table.delimiter, ndmin=2, comments=None, quotechar='"'
        )
        images[at : at + len(lines)] = values
    except ValueError:
        for k, line in enumerate(lines):
            for cell in _cells(line, table.delimiter):
                if not _is_number(cell):
                    raise UserError(
                        f"Line {at + k + 1 + table.header} of {name} holds “{cell[:20]}” where a "
                        "pixel is expected. Put numbers there, or choose another column of labels."
                    ) from None
        raise UserError(f"{name} is not a table of numbers. Save it again as CSV.") from None


def _cells(line: str, delimiter: str) -> list[str]:
    return [_bare(cell) for cell in line.split(delimiter)]


def _bare(cell: str) -> str:
    return cell.strip().strip('"').strip()


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return "_" not in cell


def _is_header(cells: list[str]) -> bool:
    """Names, or the numbers of the columns as pandas writes them."""
    if cells[0].lower() in LABELS | NUMBERS_OF_ROWS or cells[-1].lower() in LABELS:
        return True
    inner = cells[1:-1] or cells
    if 2 * sum(not _is_number(cell) for cell in inner) > len(inner):
        return True
    start = cells[1:] if not cells[0] else cells
    return len(start) > 2 and start in (
        [str(k) for k in range(len(start))],
        [str(k + 1) for k in range(len(start))],
    )
