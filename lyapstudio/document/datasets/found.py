"""What was read: its images in an order in which any beginning is a fair sample."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import DataSet, Part, Pixels
from lyapstudio.core.rng import numpy_generator
from lyapstudio.document.datasets.raw import Labelled, Raw, Report, pieces, share
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.datasets.values import digest_of, name_classes, to_pixels

ORDER = 102  # this purpose has a stream of its own
ORDER_SEED = 1
"""The division is the same in every run of every document: results can be compared."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a file, a folder or a built-in set holds.

    kind : of the file, for people
    source : names it, with its digest and shares that suit it
    train : all images that come without a part, or the training images; shuffled, fairly
    test : the test images that it brings, or None
    notes : sentences about what was left out, scaled or guessed
    """

    kind: str
    source: Source
    rows: int
    cols: int
    depth: int
    classes: tuple[str, ...]
    train: Part
    test: Part | None
    notes: tuple[str, ...]
    digest: str

    @property
    def images(self) -> int:
        """How many there are in all."""
        return len(self.train) + len(self.test or ())

    @property
    def counts(self) -> tuple[int, ...]:
        """How many images of each class there are in all."""
        total = np.zeros(len(self.classes), np.int64)
        for part in (self.train, self.test):
            if part is not None and part.labels is not None:
                total += np.bincount(part.labels, minlength=len(total))
        return tuple(total.tolist())

    def sizes(self, source: Source) -> tuple[int, int, int]:
        """How many images train, validate and test, as `source` divides them."""
        n = len(self.train)
        test = len(self.test) if self.test is not None else 0
        aside = round(source.test * n) if not test and source.kind == "file" else 0
        n -= aside
        validation = round(source.validation * n) if source.kind != "ready" else 0
        n -= validation
        return min(n, source.limit or n), validation, test + aside

    def dataset(self, source: Source) -> DataSet:
        """Divide it; no image is copied."""
        train, validation, test = self.sizes(source)
        aside = 0 if self.test is not None else test
        cut = [aside, aside + validation, aside + validation + train]
        return DataSet(
            title=source.title or self.source.title,
            rows=self.rows,
            cols=self.cols,
            depth=self.depth,
            classes=self.classes,
            train=_slice(self.train, cut[1], cut[2]),
            validation=_slice(self.train, cut[0], cut[1]),
            test=self.test if self.test is not None else _slice(self.train, 0, cut[0]),
            digest=self.digest,
        )


def finish(raw: Raw, source: Source, name: str, report: Report) -> Found:
    """Check what a format read, give the numbers their meaning, shuffle it.

    Raises
    ------
    UserError
        not numbers, all zero, labels that do not name classes, too many of them
    """
    classes, train_labels, test_labels = name_classes(raw, name)
    test = raw.test
    if test is not None and train_labels is not None and test_labels is None:
        raw.notes.append("The test images have no labels and were left out.")
        test = raw.test = None
    images = to_pixels(raw, name, share(report, 0.0, 0.4))
    raw.train = Labelled(images[0])  # lets go of what was read
    raw.test = None
    parts = [(images[0], train_labels)]
    if test is not None:
        parts.append((images[1], test_labels))
    digest = digest_of(raw.shape, classes, parts, share(report, 0.4, 0.8))
    _tell_doubts(images[0], classes, raw.notes, share(report, 0.8, 0.9))
    order = fair_order(len(images[0]), train_labels)
    labelled = train_labels is not None
    rows, cols, depth = raw.shape
    return Found(
        kind=raw.kind,
        source=dataclasses.replace(
            source,
            digest=digest if source.kind == "file" else "",
            validation=source.validation if labelled else 0.0,
            test=source.test if labelled else 0.0,
        ),
        rows=rows,
        cols=cols,
        depth=depth,
        classes=classes,
        train=_part(
            images[0].take(order, axis=0),
            train_labels[order] if train_labels is not None else None,
        ),
        test=_part(images[1], test_labels) if test is not None else None,
        notes=tuple(raw.notes),
        digest=digest,
    )


def fair_order(count: int, labels: NDArray[np.int16] | None) -> NDArray[np.int64]:
    """A seeded shuffle in which each class is spread evenly.

    Of a class that has the share q of all images any beginning of k holds about q * k: image j of
    its class's n stands at (j + 1/2) / n of the way.
    """
    generator = numpy_generator(ORDER_SEED, ORDER)
    order = generator.permutation(count)
    if labels is None or not count:
        return order
    shuffled = labels[order]
    by_class = np.argsort(shuffled, kind="stable")
    sizes = np.bincount(shuffled)
    starts = np.cumsum(sizes) - sizes
    classes = shuffled[by_class]
    way = np.empty(count)
    way[by_class] = (np.arange(count) - starts[classes] + 0.5) / sizes[classes]
    return order[np.argsort(way, kind="stable")]


def _tell_doubts(
    images: Pixels, classes: tuple[str, ...], notes: list[str], report: Report
) -> None:
    if len(classes) == 1:
        notes.append(
            f"All images are of one class ({classes[0]}): features can be learned, a readout has "
            "nothing to tell apart."
        )
    if all((images[piece] == images[0]).all() for piece in pieces(images, report)):
        notes.append("All images are the same: there is nothing to tell apart.")


def _part(images: Pixels, labels: NDArray[np.int16] | None) -> Part:
    images.flags.writeable = False
    if labels is not None:
        labels = np.ascontiguousarray(labels)
        labels.flags.writeable = False
    return Part(images, labels)


def _slice(part: Part, start: int, end: int) -> Part:
    labels = part.labels[start:end] if part.labels is not None else None
    return Part(part.images[start:end], labels)
