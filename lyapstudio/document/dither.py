"""Grey to two tones by error diffusion (Floyd & Steinberg 1976), row by row, there and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel

SMALL = 1 << 18
"""Cells up to which the plain Python twin is used: no wait for the compiler at the first paint."""


def equalised(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value replaced by its middle rank, scaled to [-1, 1]; the mean is exactly zero.

    grey, result : (rows, cols) float64
    """
    _, place, count = np.unique(grey, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - 0.5 * count
    return (2.0 * middle / grey.size - 1.0)[place].reshape(grey.shape)


@kernel
def diffuse(grey: Any, tone: Any) -> None:
    """Fill `tone` with the sign of `grey` plus the error of the neighbours done before.

    grey : (rows, cols) float64, modified in place
    tone : (rows, cols) int8, modified in place
    Every second row runs from right to left (serpentine): no worms along one diagonal.
    Rows are indexed on their own so that lists of lists serve as well as arrays.
    """
    rows = len(grey)
    cols = len(grey[0])
    for r in range(rows):
        row = grey[r]
        below = grey[r + 1 if r + 1 < rows else r]
        last = r + 1 == rows
        out = tone[r]
        ahead = 1 - 2 * (r & 1)
        for k in range(cols):
            c = k if ahead == 1 else cols - 1 - k
            value = row[c]
            sign = 1 if value >= 0.0 else -1
            out[c] = sign
            error = (value - sign) / 16.0
            front, back = c + ahead, c - ahead
            in_front = 0 <= front < cols
            if in_front:
                row[front] += 7.0 * error
            if not last:
                if 0 <= back < cols:
                    below[back] += 3.0 * error
                below[c] += 5.0 * error
                if in_front:
                    below[front] += error


def dither(grey: NDArray[np.float64]) -> NDArray[np.int8]:
    """Equalise, then diffuse: half of the cells are on, whatever the picture.

    Parameters
    ----------
    grey : (rows, cols) float64

    Returns
    -------
    (rows, cols) int8 in {-1, +1}
    """
    work = equalised(grey)
    tone = np.empty(work.shape, np.int8)
    if work.size > SMALL:
        diffuse(work, tone)
        return tone
    rows: Any = tone.tolist()
    diffuse.python(work.tolist(), rows)
    return np.array(rows, np.int8)
