"""A data set as the learning models see it: images, classes, and which are kept aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.float32]
"""(n, N) images, flattened row by row, colours last; uint8 means value / 255, float32 in [0, 1]."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some images and their classes; arrays are read-only.

    images : (n, N) uint8 or float32
    labels : (n,) int16, indices into the names of the classes; None where nobody named them
    """

    images: Pixels
    labels: NDArray[np.int16] | None = None

    def __len__(self) -> int:
        return len(self.images)

    def floats(self, where: NDArray[np.integer] | slice) -> NDArray[np.float32]:
        """(m, N) float32 in [0, 1], a copy."""
        chosen = self.images[where]
        if chosen.dtype == np.uint8:
            return chosen * np.float32(1 / 255)
        return np.array(chosen, np.float32)


@dataclass(frozen=True, eq=False)
class DataSet:
    """Images to learn from, kept apart from those that judge.

    depth : 1 (grey) or 3 (colour: N = rows * cols * 3, colours last)
    train, validation, test : `train` is learned from, `validation` decides when to stop,
        `test` is only ever looked at; the last two may be empty
    digest : hex SHA-256 of all pixels and labels as read, before any part was chosen
    """

    title: str
    rows: int
    cols: int
    depth: int
    classes: tuple[str, ...]
    train: Part
    validation: Part
    test: Part
    digest: str

    @property
    def N(self) -> int:
        """Inputs of a network that learns from it."""
        return self.rows * self.cols * self.depth

    @property
    def labelled(self) -> bool:
        return self.train.labels is not None
