"""IDX: the format of MNIST and its kin, one file of images and one of labels, packed or not."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import (
    Labelled,
    Raw,
    Report,
    check_side,
    check_size,
    damaged,
    fill,
    open_stream,
    reading,
    share,
)

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MAX_RANK = 4


def is_idx(head: bytes) -> bool:
    """Whether a file that starts so is one: two zeros, a type, the number of dimensions."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in TYPES and 1 <= head[3] <= MAX_RANK


def images_in(folder: Path) -> Path | None:
    """The file of training images in a folder of IDX files, or None."""
    with reading(folder):
        found = [p for p in sorted(folder.iterdir()) if "-idx" in p.name or ".idx" in p.name]
    images = [p for p in found if "images" in p.name]
    return next((p for p in images if "train" in p.name), images[0] if images else None)


def read_idx(path: Path, report: Report) -> Raw:
    """The images of a file with their labels, and the test images beside it.

    Any of the four files stands for all of them: partners are found by their names.
    """
    with reading(path.parent):
        beside = {_plain(p.name): p for p in sorted(path.parent.iterdir(), reverse=True)}
    beside[_plain(path.name)] = path  # the one that was chosen, where it is there twice
    name = _plain(path.name)
    first = _as_images(name)
    if _as_train(first) in beside:
        first = _as_train(first)
    elif first not in beside:
        raise UserError(f"{path.name} holds labels only. Put the file of their images beside it.")
    images = beside[first]
    notes: list[str] = []
    train = _pair(images, beside.get(_as_labels(first)), share(report, 0.0, 0.8))
    if train.images.ndim not in (3, 4):
        raise UserError(f"{images.name} holds no images but {train.images.shape} values.")
    if train.labels is None:
        notes.append(
            f"No file of labels was found beside {images.name}: the images have no classes."
        )
    shape = train.images.shape
    check_side(shape[1], shape[2], images.name)
    test = None
    tested = share(report, 0.8, 1.0)
    for other in ("t10k", "test"):
        partner = beside.get(first.replace("train", other))
        if partner is not None and "train" in first:
            test = _pair(partner, beside.get(_as_labels(_plain(partner.name))), tested)
            if test.images.shape[1:] != shape[1:]:
                raise UserError(f"{partner.name} and {images.name} hold images of other sizes.")
            break
    depth = _depth(shape, images.name)
    for part in (train, test):
        if part is not None:
            part.images = part.images.reshape(len(part.images), -1)
    return Raw("IDX", (shape[1], shape[2], depth), train, test, notes=notes)


def read_array(path: Path, report: Report) -> NDArray[Any]:
    """One file's array; the header is believed only where the file is as long as it says."""
    with open_stream(path) as (stream, most):
        head = stream.read(4)
        if not is_idx(head):
            raise UserError(f"{path.name} is no IDX file. Choose another one.")
        rank = head[3]
        sides = stream.read(4 * rank)
        if len(sides) < 4 * rank:
            damaged(path.name)
        shape = struct.unpack(f">{rank}I", sides)
        dtype = np.dtype(TYPES[head[2]])
        check_size(shape[0], math.prod(shape[1:]), dtype.itemsize, path.name)
        if math.prod(shape) * dtype.itemsize + 4 + 4 * rank > most:
            raise UserError(
                f"{path.name} says that it holds {shape[0]:,} entries but is too short for them. "
                "Copy or download it again."
            )
        array = np.empty(shape, dtype)
        fill(stream, array, path.name, report)
        if stream.read(1):
            raise UserError(
                f"{path.name} is longer than it says itself. Copy or download it again."
            )
    return array.astype(dtype.newbyteorder("="), copy=False)


def _pair(images: Path, labels: Path | None, report: Report) -> Labelled:
    part = Labelled(read_array(images, report))
    if labels is not None:
        part.labels = read_array(labels, lambda _: None)
        if part.labels.ndim != 1:
            raise UserError(f"{labels.name} is no list of labels. Put the right file there.")
        if len(part.labels) != len(part.images):
            raise UserError(
                f"{labels.name} holds {len(part.labels):,} labels for the {len(part.images):,} "
                f"images of {images.name}. Put the files of one data set together."
            )
    return part


def _depth(shape: tuple[int, ...], name: str) -> int:
    if len(shape) == 3:
        return 1
    if shape[3] not in (1, 3):
        raise UserError(f"{name} has {shape[3]} colours a pixel. Grey (1) and colour (3) are read.")
    return shape[3]


def _plain(name: str) -> str:
    return name.lower().removesuffix(".gz").replace(".idx", "-idx")


def _as_images(name: str) -> str:
    return name.replace("labels", "images").replace("idx1", "idx3")


def _as_labels(name: str) -> str:
    return name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")


def _as_train(name: str) -> str:
    return name.replace("t10k", "train").replace("test", "train")
