"""How well something reads labelled images: the error, and what it is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import Part
from lyapstudio.core.errors import UserError

Floats = NDArray[np.float32]
Report = Callable[[float], None]
"""Told how much is done, from 0 to 1; it may raise to stop the work."""

BLOCK = 1000
"""Images read at a time: hidden values are never kept for a whole data set."""


def silent(fraction: float) -> None:
    """Nobody wants to know."""


class Classifier(Protocol):
    """What reads images: the class with the most evidence is the answer."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""

    def evidence(self, images: Floats) -> Floats:
        """(m, C) float32 of (m, N) float32 images."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a classifier makes of some labelled images.

    error : fraction read wrongly
    by_class : (C,) float64, the same for each true class; NaN where it has no images
    confusion : (C, C) int64, row = true class, column = answer
    predictions : (n,) int16, the answers
    margins : (n,) float32, the evidence for the true class less the most for another: below 0
        where the answer is wrong
    """

    error: float
    by_class: NDArray[np.float64]
    confusion: NDArray[np.int64]
    predictions: NDArray[np.int16]
    margins: Floats

    def hardest(self, count: int) -> NDArray[np.int64]:
        """Indices of the images with the lowest margins, the hardest first."""
        return np.argsort(self.margins, kind="stable")[:count]


def blocks(count: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices that cover `count` images."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def labels_of(part: Part) -> NDArray[np.int16]:
    """The part's classes, or a sentence for the person who asked."""
    if part.labels is None:
        raise UserError(
            "Reading is learned from labels, and these images have none. Choose a data set whose "
            "images have classes, or sort the images into one folder for each class."
        )
    return part.labels


def judge(reader: Classifier, part: Part, report: Report = silent) -> Judgement:
    """Read every image of the part."""
    labels = labels_of(part)
    if len(part) == 0:
        raise UserError("There are no images to judge by. Keep some images for testing.")
    predictions = np.empty(len(part), np.int16)
    margins = np.empty(len(part), np.float32)
    for where in blocks(len(part)):
        report(where.start / len(part))
        evidence = reader.evidence(part.floats(where))
        truth = labels[where].astype(np.int64)[:, None]
        predictions[where] = evidence.argmax(1)
        own = np.take_along_axis(evidence, truth, 1)[:, 0]
        np.put_along_axis(evidence, truth, np.float32(-np.inf), 1)
        margins[where] = own - evidence.max(1)
    C = len(reader.classes)
    confusion = np.zeros((C, C), np.int64)
    np.add.at(confusion, (labels, predictions), 1)
    counts = confusion.sum(1)
    wrong = counts - confusion.diagonal()
    by_class = np.where(counts > 0, wrong / np.maximum(counts, 1), np.nan)
    return Judgement(float(wrong.sum() / len(part)), by_class, confusion, predictions, margins)


def error_of(reader: Classifier, part: Part) -> float:
    """The fraction read wrongly; NaN where there is nothing to judge by."""
    if len(part) == 0 or part.labels is None:
        return math.nan
    wrong = 0
    for where in blocks(len(part)):
        answers = reader.evidence(part.floats(where)).argmax(1)
        wrong += int(np.count_nonzero(answers != part.labels[where]))
    return wrong / len(part)
