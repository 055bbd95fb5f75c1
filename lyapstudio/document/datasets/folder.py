"""A folder of pictures: one folder inside it for each class, or all of them together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import Labelled, Raw, Report, check_size, reading, share
from lyapstudio.document.datasets.source import MAX_CLASSES, MAX_IMAGES, MAX_SIDE
from lyapstudio.document.images import FORMATS, MAX_BYTES, MAX_PIXELS, SUFFIXES

if TYPE_CHECKING:
    from PIL.Image import Image

GREYS = ("1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L", "La")
NAMED = 3
"""Pictures that a note names."""

Entry = tuple[Path, str]
"""A picture and its class ("" where it has none)."""


def read_folder(folder: Path, report: Report) -> Raw:
    """The pictures of a folder, brought to one size.

    `folder/cat/1.png` is a cat; with `folder/train/cat/1.png` and `folder/test/cat/2.png` the
    test images come apart; pictures directly in the folder have no classes.
    """
    notes: list[str] = []
    train, test = _listed(folder, share(report, 0.0, 0.1), notes)
    sizes, depth, broken = _measured(train + test, share(report, 0.1, 0.4))
    train, test = ([e for e in part if e[0] in sizes] for part in (train, test))
    if not train:
        raise UserError(f"None of the pictures in {folder.name} can be read. Save them as PNG.")
    fitted = [_fitted(*size) for size in sizes.values()]
    rows, cols = (int(np.median([size[k] for size in fitted])) for k in (0, 1))
    if rows * cols < 2:
        raise UserError(f"The pictures in {folder.name} have one pixel each. Take larger ones.")
    check_size(len(train) + len(test), rows * cols * depth, 1, folder.name)
    _tell_sizes(Counter(sizes.values()), rows, cols, notes)
    parts: list[Labelled] = []
    start = 0.4
    for entries in (train, test):
        end = start + 0.6 * len(entries) / (len(train) + len(test))
        images, bad = _decoded(entries, rows, cols, depth, share(report, start, end))
        start = end
        broken += [entries[k][0] for k in bad]
        labels = np.array([name for _, name in entries])
        keep = np.delete(np.arange(len(entries)), bad)
        whole = images if not bad else images[keep]
        parts.append(Labelled(whole, labels[keep] if entries and entries[0][1] else None))
    if broken:
        names = ", ".join(path.name for path in broken[:NAMED])
        more = f" and {len(broken) - NAMED:,} more" if len(broken) > NAMED else ""
        notes.append(f"{names}{more} cannot be read and {_were(len(broken))} left out.")
    if not len(parts[0].images):
        raise UserError(f"None of the pictures in {folder.name} can be read. Save them as PNG.")
    if depth == 3 and all(_is_grey(part.images, rows, cols) for part in parts):
        depth = 1
        for part in parts:
            part.images = np.ascontiguousarray(part.images[:, ::3])
    test_part = parts[1] if len(parts[1].images) else None
    return Raw("Folder", (rows, cols, depth), parts[0], test_part, true_bytes=True, notes=notes)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _listed(folder: Path, report: Report, notes: list[str]) -> tuple[list[Entry], list[Entry]]:
    """The pictures to learn from and, where they stand apart, those to test with; sorted."""
    inside = _folders(folder)
    names = {path.name.lower(): path for path in inside}
    if "train" in names and "test" in names and len(inside) <= 3:
        others = [path.name for path in inside if path.name.lower() not in ("train", "test")]
        if others:
            notes.append(f"The folder {others[0]} was left out.")
        train = _classes(names["train"], share(report, 0, 0.5), notes)
        test = _classes(names["test"], share(report, 0.5, 1), notes)
        if train and test and bool(train[0][1]) != bool(test[0][1]):
            raise UserError(
                f"Only one of train and test in {folder.name} has a folder for each class. Sort "
                "both in the same way."
            )
    else:
        train, test = _classes(folder, report, notes), []
    if not train:
        raise UserError(
            f"{folder.name} holds no pictures. Choose a folder with pictures, or one that has a "
            "folder of pictures for each class."
        )
    return train, test


def _folders(folder: Path) -> list[Path]:
    with reading(folder):
        entries = [Path(e) for e in os.scandir(folder) if e.is_dir() and e.name[0] not in "._"]
    return sorted(entries)


def _pictures(folder: Path) -> Iterator[Path]:
    with reading(folder), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name[0] != "." and entry.name.lower().endswith(SUFFIXES):
                yield Path(entry.path)


def _classes(folder: Path, report: Report, notes: list[str]) -> list[Entry]:
    found: list[Entry] = []
    inside = _folders(folder)
    if len(inside) > MAX_CLASSES:
        raise UserError(
            f"{folder.name} has {len(inside):,} folders; {MAX_CLASSES:,} classes can be told "
            "apart. Put the pictures of a class into one folder."
        )
    empty = []
    for k, place in enumerate(inside):
        report(k / len(inside))
        before = len(found)
        for path in _pictures(place):
            found.append((path, place.name))
            if len(found) > MAX_IMAGES:
                raise UserError(f"{folder.name} holds more than {MAX_IMAGES:,} pictures.")
        found[before:] = sorted(found[before:])
        empty += [place.name] if len(found) == before else []
    loose = sorted(_pictures(folder))
    if found and loose:
        notes.append(f"{len(loose):,} pictures that lie in no class's folder were left out.")
    if found and empty:
        notes.append(f"The folder {empty[0]} holds no pictures and makes no class.")
    return found or [(path, "") for path in loose]


def _measured(
    entries: list[Entry], report: Report
) -> tuple[dict[Path, tuple[int, int]], int, list[Path]]:
    """Rows and columns of each picture that can be opened, the depth of all, the others."""
    from PIL import Image

    sizes: dict[Path, tuple[int, int]] = {}
    depth, broken = 1, []
    for k, (path, _) in enumerate(entries):
        report(k / len(entries))
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError
            with Image.open(path, formats=FORMATS) as image:
                width, height = image.size
                if not 0 < width * height <= MAX_PIXELS:
                    raise ValueError
                turned = image.getexif().get(0x0112, 1) >= 5  # lies on its side
                sizes[path] = (width, height) if turned else (height, width)
                if image.mode not in GREYS:
                    depth = 3
        except Exception:  # decoders meet hostile bytes with almost any exception
            broken.append(path)
    return sizes, depth, broken


def _fitted(rows: int, cols: int) -> tuple[int, int]:
    """The size of a picture within MAX_SIDE, in its proportion."""
    scale = min(1.0, MAX_SIDE / max(rows, cols))
    return max(1, round(rows * scale)), max(1, round(cols * scale))


def _tell_sizes(sizes: Counter[tuple[int, int]], rows: int, cols: int, notes: list[str]) -> None:
    if len(sizes) > 1:
        notes.append(
            f"The pictures have {len(sizes):,} different sizes; each was scaled to fit into "
            f"{rows} × {cols} pixels, on the colour of its border."
        )
    elif next(iter(sizes)) != (rows, cols):
        large = next(iter(sizes))
        notes.append(f"The pictures were reduced from {large[0]} × {large[1]} to {rows} × {cols}.")


def _decoded(
    entries: list[Entry], rows: int, cols: int, depth: int, report: Report
) -> tuple[NDArray[np.uint8], list[int]]:
    """(n, rows * cols * depth) uint8, and the places of those that could not be decoded."""
    from PIL import Image

    images = np.zeros((len(entries), rows * cols * depth), np.uint8)
    bad = []
    for k, (path, _) in enumerate(entries):
        report(k / len(entries))
        try:
            with Image.open(path, formats=FORMATS) as image:
                if image.format == "JPEG":
                    image.draft(None, (2 * cols, 2 * rows))  # decodes at less for nothing
                images[k] = _placed(_upright(image, depth), rows, cols).reshape(-1)
        except Exception:  # as above
            bad.append(k)
    return images, bad


def _upright(image: Image, depth: int) -> Image:
    """Eight bits a colour, turned as it was taken, on white where it is transparent."""
    from PIL import Image as Pillow
    from PIL import ImageOps

    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode[0] in "IF":
        values = np.asarray(upright, np.float64)
        deep = upright.mode.startswith("I") and values.min() >= 0 and values.max() < 1 << 16
        low, high = (0.0, 65535.0) if deep else (float(values.min()), float(values.max()))
        grey = 255 * (values - low) / ((high - low) or 1.0)
        upright = Pillow.fromarray(np.rint(grey).astype(np.uint8))
    elif upright.has_transparency_data:
        upright = upright.convert("RGBA")
        white = Pillow.new("RGBA", upright.size, "white")
        white.alpha_composite(upright)
        upright = white
    return upright.convert("RGB").convert("L") if depth == 1 else upright.convert("RGB")


def _placed(image: Image, rows: int, cols: int) -> NDArray[np.uint8]:
    """(rows, cols[, 3]) uint8: scaled to fit, in the middle, on the colour of its border."""
    from PIL import Image as Pillow

    scale = min(rows / image.height, cols / image.width)
    h, w = (max(1, round(side * scale)) for side in (image.height, image.width))
    h, w = min(h, rows), min(w, cols)
    if (h, w) != (image.height, image.width):
        how = Pillow.Resampling.BOX if scale < 1 else Pillow.Resampling.BICUBIC
        image = image.resize((w, h), how)
    values = np.asarray(image)
    if (h, w) == (rows, cols):
        return values
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    cells = np.empty((rows, cols, *values.shape[2:]), np.uint8)
    cells[:] = np.median(border, axis=0)
    top, left = (rows - h) // 2, (cols - w) // 2
    cells[top : top + h, left : left + w] = values
    return cells


def _is_grey(images: NDArray[np.uint8], rows: int, cols: int) -> bool:
    for start in range(0, len(images), 256):
        colours = images[start : start + 256].reshape(-1, 3)
        if (colours != colours[:, :1]).any():
            return False
    return True
