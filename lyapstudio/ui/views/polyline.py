"""Trace rows to the few points that a curve needs: never more than a few a pixel."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

SHORTEST = 10
"""The narrowest stretch of time shown, updates."""

CALM = 40
"""So many strokes up and down may be smoothed: more cost 10 ms a picture."""

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def seen(rows: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """The rows within [low, high] in update, and the one before (a value holds until the next)."""
    first = max(0, int(np.searchsorted(rows[:, 0], low)) - 1)
    last = int(np.searchsorted(rows[:, 0], high, side="right"))
    return rows[first:last]


def thinned(rows: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """At most one row a pixel column; minima and maxima survive.

    rows : (K, 3) float64 (update, min, max), rising in update
    """
    if len(rows) <= columns:
        return rows
    span = (rows[-1, 0] - rows[0, 0]) or 1.0
    column = ((rows[:, 0] - rows[0, 0]) * (columns / span)).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(starts[1:], len(rows)) - 1
    low = np.minimum.reduceat(rows[:, 1], starts)
    high = np.maximum.reduceat(rows[:, 2], starts)
    return np.stack([rows[ends, 0], low, high], 1)


def polyline(rows: NDArray[np.float64], now: float, *, staircase: bool) -> Points:
    """Points of the curve up to `now`.

    A row whose minimum and maximum differ becomes a stroke, entered at the end nearer to where
    the curve comes from. A staircase keeps each value until the update that changes it.
    """
    rows = rows[~np.isnan(rows[:, 1])]
    if not len(rows):
        return np.empty(0), np.empty(0)
    middle = (rows[:, 1] + rows[:, 2]) / 2
    came_from = np.concatenate([middle[:1], middle[:-1]])
    falls = middle <= came_from
    enter = np.where(falls, rows[:, 2], rows[:, 1])
    leave = np.where(falls, rows[:, 1], rows[:, 2])
    before = np.concatenate([enter[:1], leave[:-1]])
    ys = np.stack([before, enter, leave] if staircase else [enter, leave], 1).ravel()
    xs = np.repeat(rows[:, 0], 3 if staircase else 2)
    if staircase and now > xs[-1]:
        xs, ys = np.append(xs, now), np.append(ys, ys[-1])
    return xs, ys


def largest_a_column(
    rises: NDArray[np.float64], low: float, high: float, columns: int
) -> NDArray[np.float64]:
    """The rises in sight, the largest of each pixel column.

    rises : (R, 4) float64 (update before, value before, update after, value after)
    """
    rises = rises[(rises[:, 2] >= low) & (rises[:, 2] <= high)]
    if len(rises) <= columns:
        return rises
    column = ((rises[:, 2] - low) * (columns / max(high - low, 1e-9))).astype(np.int64)
    order = np.lexsort((rises[:, 1] - rises[:, 3], column))
    first = np.flatnonzero(np.diff(column[order], prepend=-1))
    return rises[order[first]]


def time_range(latest: float, sweep: float) -> tuple[float, float]:
    """From the cue to a round end after the latest update; at first all of one sweep."""
    if latest <= sweep:
        end = float(max(sweep, SHORTEST))
    else:
        end = float(round_up(max(latest * 1.02, SHORTEST)))
    return -0.03 * end, end  # the dot at update 0 is whole


def round_up(value: float) -> float:
    """The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if factor * power >= value * (1 - 1e-12):
            return factor * power
    return 10 * power


def outwards(low: float, high: float) -> tuple[float, float]:
    """A range with round ends and some room, which changes seldom while a curve grows."""
    span = (high - low) or max(abs(high), 1.0) * 0.1
    step = 10.0 ** math.floor(math.log10(span)) / 4
    step *= 1 if span / step < 12 else 2 if span / step < 24 else 4
    low, high = low - 0.04 * span, high + 0.04 * span
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    edge = 0.03 * (high - low)  # else the numbers at both ends are cut
    return low - edge, high + edge


def is_calm(ys: NDArray[np.float64]) -> bool:
    """Whether a line may be antialiased: smooth strokes of a noisy one stall the window."""
    if len(ys) < 2:
        return True
    span = float(ys.max() - ys.min())
    return float(np.abs(np.diff(ys)).sum()) <= CALM * span
