"""From a Source to its data set, and from a path to what is there."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np

from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.resources import resource
from lyapstudio.document.datasets import folder, idx, npz, table
from lyapstudio.document.datasets.found import Found, finish
from lyapstudio.document.datasets.raw import Labelled, Raw, Report, share, starts_with
from lyapstudio.document.datasets.source import DataMissingError, Source
from lyapstudio.document.images import SUFFIXES
from lyapstudio.document.ready import ReadyOptions, ready_set, ready_sets

MNIST = "MNIST"
READY_SIDE = 28
READING = 0.8
"""Share of the work that reading is; the rest is checking."""


def quiet(fraction: float) -> None:
    """Nobody waits."""


def read(source: Source, report: Report = quiet) -> DataSet:
    """The data set that a document names.

    Raises
    ------
    DataMissingError
        its file is not there
    UserError
        it cannot be read, or is not what it was when the document was made
    """
    return find(source, report).dataset(source)


def describe(
    path: str | Path, report: Report = quiet, *, rows: int = 0, cols: int = 0, column: str = "auto"
) -> Found:
    """What a file or folder holds; its `source` is ready to be saved.

    The keywords say what the file leaves open: see Source.
    """
    return find(Source("file", path=str(path), rows=rows, cols=cols, column=column), report)


def find(source: Source, report: Report = quiet) -> Found:
    """All that a source names, checked against its digest, before it is divided."""
    reading = share(report, 0.0, READING)
    if source.kind == "mnist":
        raw, name = _mnist(reading), MNIST
    elif source.kind == "ready":
        raw, name = _ready(source, reading)
    else:
        path = Path(source.path)
        if not source.path or not os.path.exists(path):
            raise DataMissingError(
                source,
                f"The data “{source.title or path.name}” are not at {source.path} any more. Say "
                "where they are now.",
            )
        raw, name = _file(path, source, reading), path.name
    if not source.title:
        source = dataclasses.replace(source, title=_title(name, raw.kind, source.path))
    found = finish(raw, source, name, share(report, READING, 1.0))
    if source.digest and found.digest != source.digest:
        raise UserError(
            f"{name} is not what it was when this document was made. Put the old file back, or "
            "choose the data again."
        )
    return found


def _title(name: str, kind: str, path: str) -> str:
    """The file's name without its end; the files of an IDX set share their folder's name."""
    if kind == "IDX":
        place = Path(path)
        name = (place if place.is_dir() else place.parent).resolve().name
    return name.removesuffix(".gz").rpartition(".")[0] or name


def _mnist(report: Report) -> Raw:
    path = resource("mnist", "mnist.npz")
    if not path.is_file():
        raise UserError(
            "MNIST does not come with this copy of the program. Choose your own data instead."
        )
    raw = npz.read_npz(path, 0, 0, report)
    raw.kind = MNIST
    return raw


def _ready(source: Source, report: Report) -> tuple[Raw, str]:
    """A ready set's patterns as black and white images; named ones are a class each."""
    if source.ready not in {s.id for s in ready_sets()}:
        raise UserError(f"There is no ready set called “{source.ready}”. Choose another one.")
    chosen = ready_set(source.ready)
    rows, cols = source.rows or READY_SIDE, source.cols or READY_SIDE
    options = ReadyOptions()
    if source.limit and not chosen.names:
        options = options.changed(count=min(source.limit, int(ReadyOptions.specs()["count"].high)))
    named = []
    for k, pattern in enumerate(chosen.build(rows, cols, options, chosen.names)):
        report(k / len(chosen.names or range(options.count)))
        named.append(pattern)
    grids = np.array([grid.reshape(-1) for _, grid in named])
    images = np.where(grids > 0, 255, 0).astype(np.uint8)
    labels = np.array([name for name, _ in named]) if chosen.names else None
    part = Labelled(images, labels)
    return Raw("Ready set", (rows, cols, 1), part, true_bytes=True), chosen.title


def _file(path: Path, source: Source, report: Report) -> Raw:
    """Told by what the file holds, not by its name."""
    rows, cols = source.rows, source.cols
    if path.is_dir():
        images = idx.images_in(path)
        return idx.read_idx(images, report) if images else folder.read_folder(path, report)
    head = starts_with(path, 8)
    if idx.is_idx(head):
        return idx.read_idx(path, report)
    if head.startswith(b"PK"):
        return npz.read_npz(path, rows, cols, report)
    if head.startswith(b"\x93NUMPY"):
        return npz.read_npy(path, rows, cols, report)
    if path.suffix.lower() in SUFFIXES:
        raise UserError(f"{path.name} is one picture. Choose the folder that holds all of them.")
    if not head:
        raise UserError(f"{path.name} is empty. Choose another file.")
    return table.read_table(path, rows, cols, source.column, report)
