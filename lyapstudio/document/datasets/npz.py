"""NPZ and NPY: numpy's own files, in the names that people give their arrays."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
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
    flat_shape,
    reading,
    share,
)
from lyapstudio.document.datasets.source import MAX_IMAGES

IMAGES = {"x", "image", "images", "img", "imgs", "data", "pixels", "inputs", "features", "arr0"}
LABELS = {"y", "label", "labels", "target", "targets", "arr1"}
MAX_MEMBERS = 1000
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
_ENCRYPTED = 1


def read_npy(path: Path, rows: int, cols: int, report: Report) -> Raw:
    """The images of an NPY file: (n, pixels), (n, rows, cols) or (n, rows, cols, 3)."""
    with reading(path), path.open("rb") as stream:
        images = _array(stream, path.name, report, path.stat().st_size)
    raw = Raw("NPY", (0, 0, 0), Labelled(images))
    return _shaped(raw, path.name, rows, cols)


def read_npz(path: Path, rows: int, cols: int, report: Report) -> Raw:
    """Images and labels of an NPZ file, and its test images where it has some."""
    with reading(path):
        try:
            archive = zipfile.ZipFile(path)
        except OSError:
            raise
        except Exception:  # BadZipFile, and what its parser lets through
            damaged(path.name)
    with archive:
        members = {
            m.filename.removesuffix(".npy"): m
            for m in archive.infolist()[:MAX_MEMBERS]
            if m.filename.endswith(".npy")
            and not m.flag_bits & _ENCRYPTED
            and m.compress_type in PACKED
        }
        roles = _roles(archive, members, path.name)
        total = sum(members[name].file_size for name in roles.values()) or 1
        arrays: dict[tuple[str, str], NDArray[Any]] = {}
        done = 0
        for role, name in roles.items():
            size = members[name].file_size
            step = share(report, done / total, (done + size) / total)
            arrays[role] = _member(archive, members[name], f"{path.name}: {name}", step)
            done += size
    parts = [
        Labelled(arrays[part, "images"], _as_labels(arrays.get((part, "labels")), path.name))
        for part in ("train", "test")
        if (part, "images") in arrays
    ]
    for part in parts:
        if part.labels is not None and len(part.labels) != len(part.images):
            raise UserError(
                f"{path.name} holds {len(part.labels):,} labels for {len(part.images):,} images. "
                "Save one label for each image."
            )
    raw = Raw("NPZ", (0, 0, 0), parts[0], parts[1] if len(parts) > 1 else None)
    return _shaped(raw, path.name, rows, cols)


def _roles(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], file: str
) -> dict[tuple[str, str], str]:
    """Which array is what: ("train" or "test", "images" or "labels") -> its name."""
    roles: dict[tuple[str, str], str] = {}
    for name in sorted(members):
        plain = "".join(c for c in name.lower() if c.isalnum())
        part = "test" if "test" in plain else "train"
        rest = plain.replace("train", "").replace("ing", "").replace("test", "")
        for kind, known in (("images", IMAGES), ("labels", LABELS)):
            if rest in known:
                roles.setdefault((part, kind), name)
    if ("train", "images") not in roles and ("test", "images") in roles:
        roles = {("train", kind): name for (part, kind), name in roles.items() if part == "test"}
    if ("train", "images") not in roles:  # told by their shapes, where there is no doubt
        ranks = {name: _rank(archive, members[name], file) for name in members}
        for kind, wanted in (("images", range(2, 5)), ("labels", range(1, 2))):
            fitting = [name for name, rank in ranks.items() if rank in wanted]
            if len(fitting) == 1:
                roles.setdefault(("train", kind), fitting[0])
    if ("train", "images") not in roles:
        names = ", ".join(sorted(members)[:8]) or "no arrays"
        raise UserError(
            f"{file} holds {names}. Name the images x and the labels y, or x_train, y_train, "
            "x_test and y_test."
        )
    return roles


def _rank(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> int:
    try:
        with archive.open(member) as stream:
            return len(_header(stream, f"{file}: {member.filename}")[0])
    except BROKEN:
        damaged(file)


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, report: Report
) -> NDArray[Any]:
    try:
        with archive.open(member) as stream:
            return _array(stream, name, report, member.file_size)
    except BROKEN:
        damaged(name)


def _header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(stream)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        return header(stream)
    except Exception:  # the parser of hostile text meets many exceptions
        raise UserError(
            f"{name} is not an array that can be read. Save it with numpy.save or numpy.savez."
        ) from None


def _array(stream: IO[bytes], name: str, report: Report, most: int) -> NDArray[Any]:
    """One array of numbers or text; its size is checked before memory is taken."""
    shape, fortran, dtype = _header(stream, name)
    if dtype.kind == "O":
        raise UserError(
            f"{name} holds Python objects, which are not opened. Save numbers, or text with "
            "astype(str)."
        )
    if dtype.kind not in "biufUS":
        raise UserError(f"{name} does not hold plain numbers ({dtype}). Save numbers only.")
    if any(side < 0 for side in shape) or not 1 <= len(shape) <= 4:
        raise UserError(
            f"{name} has the shape {shape}. Images are (number, pixels), (number, rows, columns) "
            "or (number, rows, columns, 3); labels are (number,)."
        )
    check_size(shape[0], math.prod(shape[1:]), dtype.itemsize, name)
    if math.prod(shape) * dtype.itemsize > most:
        damaged(name)
    array = np.empty(shape[::-1] if fortran else shape, dtype)
    fill(stream, array, name, report)
    return np.ascontiguousarray(array.T) if fortran else array


def _as_labels(labels: NDArray[Any] | None, file: str) -> NDArray[Any] | None:
    """One label an image, of a column or of one switch for each class too."""
    if labels is None or labels.ndim == 1:
        return labels
    if labels.ndim == 2 and labels.shape[1] == 1:
        return labels[:, 0]
    switches = labels.ndim == 2 and labels.dtype.kind in "biuf" and len(labels) <= MAX_IMAGES
    if switches and bool(((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all()):
        return labels.argmax(1)
    raise UserError(
        f"The labels of {file} have the shape {labels.shape}. Save one number for each image."
    )


def _shaped(raw: Raw, name: str, rows: int, cols: int) -> Raw:
    """Flat images with colours last."""
    shapes = []
    for part in (raw.train, raw.test):
        if part is None:
            continue
        images = part.images
        if images.dtype.kind in "US":
            raise UserError(f"The images of {name} are text. Save numbers.")
        if images.ndim == 2:
            shape = flat_shape(images.shape[1], rows, cols, name)
        elif images.ndim == 3:
            shape = (images.shape[1], images.shape[2], 1)
        elif images.ndim == 4 and images.shape[3] in (1, 3):
            shape = (images.shape[1], images.shape[2], images.shape[3])
        elif images.ndim == 4 and images.shape[1] in (1, 3):
            shape = (images.shape[2], images.shape[3], images.shape[1])
            images = np.ascontiguousarray(np.moveaxis(images, 1, 3))
            raw.notes.append("The colours stood before the rows and were put last.")
        else:
            raise UserError(
                f"The images of {name} have the shape {images.shape}. Save (number, pixels), "
                "(number, rows, columns) or (number, rows, columns, 3)."
            )
        check_side(shape[0], shape[1], name)
        part.images = images.reshape(len(images), -1)
        shapes.append(shape)
    if len(set(shapes)) > 1:
        raise UserError(
            f"Training and test images of {name} have different sizes. Make them equal."
        )
    raw.shape = shapes[0]
    raw.notes = list(dict.fromkeys(raw.notes))
    return raw
