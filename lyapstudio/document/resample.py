"""Another size for the network: every pattern, the drawn cue and the painted field follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.document.nouns import Document, Setup, frozen


def resize(
    document: Document, rows: int, cols: int, report: Callable[[float], None] = lambda _: None
) -> Document:
    """A document of rows x cols neurons; the given one is left alone, so undo is exact.

    report : told the share that is done; may raise to end it
    """
    if all((s.rows, s.cols) == (rows, cols) for s in document.setups) and all(
        p.grid.shape == (rows, cols) for p in document.patterns
    ):
        return document
    setups = tuple(_resized(setup, rows, cols) for setup in document.setups)
    patterns = []
    for k, pattern in enumerate(document.patterns):
        report(k / len(document.patterns))
        patterns.append(replace(pattern, grid=frozen(resize_grid(pattern.grid, rows, cols))))
    return replace(document, patterns=tuple(patterns), setups=setups)


def resize_grid(grid: NDArray[np.int8], rows: int, cols: int) -> NDArray[np.int8]:
    """Each new cell takes the sign of most of the area it covers; a tie goes to its centre.

    grid : (H, W) int8 in {-1, +1}; result : (rows, cols) int8 in {-1, +1}
    """
    H, W = grid.shape
    if (rows, cols) == (H, W):
        return grid
    area = _areas(grid.astype(np.int64), rows, cols)
    r = (2 * np.arange(rows) + 1) * H // (2 * rows)
    c = (2 * np.arange(cols) + 1) * W // (2 * cols)
    return np.where(area != 0, np.sign(area), grid[np.ix_(r, c)]).astype(np.int8)


def resize_field(field: NDArray[np.float64], rows: int, cols: int) -> NDArray[np.float64]:
    """Each new cell takes the mean over the area it covers; (H, W) -> (rows, cols) float64."""
    H, W = field.shape
    return _areas(field, rows, cols) / (H * W)


def _areas(cells: NDArray[Any], rows: int, cols: int) -> NDArray[Any]:
    """Integrals of the cells over the new cells, in units of 1 / (rows cols) of an old cell."""
    return _bands(_bands(cells, rows).T, cols).T


def _bands(cells: NDArray[Any], n: int) -> NDArray[Any]:
    """Integrals over n equal bands of rows; whole numbers stay whole, so that ties are ties."""
    H = len(cells)
    whole, part = np.divmod(np.arange(n + 1) * H, n)
    none = np.zeros_like(cells[:1])
    below = np.concatenate([none, np.cumsum(cells, axis=0)])
    here = np.concatenate([cells, none])
    return np.diff(n * below[whole] + part[:, None] * here[whole], axis=0)


def _resized(setup: Setup, rows: int, cols: int) -> Setup:
    drawn, painted = setup.cue.drawn, setup.painted
    cue = setup.cue
    if drawn is not None:
        cue = replace(cue, drawn=frozen(resize_grid(drawn, rows, cols)))
    if painted is not None:
        painted = frozen(resize_field(painted, rows, cols), np.float64)
    lesions, dreams = setup.lesions, setup.dreams
    if lesions is not None:
        r, c = (np.arange(n) * side // n for n, side in ((rows, setup.rows), (cols, setup.cols)))
        lesions = frozen(lesions[np.ix_(r, c)], np.bool_)
        lesions = lesions if lesions.any() and not lesions.all() else None
    dreams = tuple(
        replace(d, state=frozen(resize_grid(sheet, rows, cols).reshape(-1)))
        for d in dreams
        for sheet in [d.state.reshape(setup.rows, setup.cols)]
    )
    return replace(
        setup,
        rows=rows,
        cols=cols,
        cue=cue,
        painted=painted,
        lesions=lesions,
        dreams=dreams,
        strokes=(),  # single weights belong to single neurons
        given=None,
    )
