"""A drawing as the digits of MNIST are prepared: fitted into a box, centred by its mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BOX = 20 / 28
"""The longer side of a digit as a part of the image (LeCun et al. 1998)."""

MIDDLE = 14.5 / 28
"""Where the centre of mass lies. Not 1/2: the digits of MNIST have it in the middle of pixel
(14, 14), counted from 0: the mean over the training images is (14.00, 14.00)."""

FAINT = 0.1
"""Ink below this part of the darkest does not count for the box."""

LARGEST = 2.0
"""A drawing is magnified so many times at most: a first dot must not fill the image."""


def like_mnist(ink: NDArray[np.floating], rows: int, cols: int) -> NDArray[np.float32]:
    """Scale a drawing into the box, proportions kept, with its mass in the middle.

    Parameters
    ----------
    ink : (H, W) float in [0, 1], 0 is paper; best several times finer than the result

    Returns
    -------
    (rows, cols) float32 in [0, 1]; each pixel is the mean of the ink that it covers
    """
    H, W = ink.shape
    darkest = float(ink.max(initial=0.0))
    if darkest <= 0:
        return np.zeros((rows, cols), np.float32)
    inked = ink > FAINT * darkest
    top, bottom = _ends(np.flatnonzero(inked.any(1)))
    left, right = _ends(np.flatnonzero(inked.any(0)))
    scale = min(
        BOX * rows / (bottom - top),
        BOX * cols / (right - left),
        LARGEST * min(rows / H, cols / W),
    )
    down = _bands(ink.sum(1), rows, scale, top, bottom)
    across = _bands(ink.sum(0), cols, scale, left, right)
    return np.clip(down @ ink.astype(np.float32) @ across.T, 0, 1)


def _ends(where: NDArray[np.int64]) -> tuple[int, int]:
    """The first inked row and one past the last."""
    return int(where[0]), int(where[-1]) + 1


def _bands(
    mass: NDArray[np.floating], n: int, scale: float, first: int, end: int
) -> NDArray[np.float32]:
    """(n, H) float32: the share of each row of the drawing in the mean of each row of the image.

    mass : (H,) ink of each row; first, end : the rows that must stay inside
    """
    H = len(mass)
    centre = float(mass @ (np.arange(H) + 0.5)) / float(mass.sum())
    # the centre of mass in the middle, unless the edge would cut the drawing off
    offset = np.clip(MIDDLE * n - centre * scale, -first * scale, n - end * scale)
    edges = (np.arange(n + 1) - offset) / scale
    here = np.clip(edges[:, None], np.arange(H), np.arange(1, H + 1))
    return (np.diff(here, axis=0) * scale).astype(np.float32)
