"""Where the neurons of a small network stand when it is drawn as a graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import Choice
from lyapstudio.core.rng import numpy_generator

LAYOUTS = (
    Choice(
        "force",
        "By force",
        "Neurons that pull each other the same way stand close, others apart.",
    ),
    Choice("circle", "Circle", "In the order of the sheet, once around."),
    Choice("sheet", "As on the sheet", "Where they are on the sheet, its rows a little bent."),
)

EXACT = 32
"""Up to so many neurons all distances are fitted (Kamada & Kawai 1989); it takes N³ steps."""

BENT = 0.5
"""Rows and columns of the sheet bulge by this part of their distance: no line hides another."""

LAYOUT = 201  # places to start from have a stream of their own


def graph_layout(W: NDArray[np.float64], kind: str, rows: int, cols: int) -> NDArray[np.float64]:
    """Places of the neurons; the same network always gets the same.

    Parameters
    ----------
    W : (N, N) float64 weights
    kind : the id of one of `LAYOUTS`
    rows, cols : of the sheet, rows * cols = N

    Returns
    -------
    (N, 2) float64 in [0, 1], x to the right and y down
    """
    N = len(W)
    if kind == "circle":
        turn = 2 * np.pi * np.arange(N) / N
        return np.stack([0.5 + 0.5 * np.sin(turn), 0.5 - 0.5 * np.cos(turn)], 1)
    if kind == "sheet":
        return _within(_bent_sheet(rows, cols))
    return _within(_by_force(W))


def _within(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill the unit square; what has no extent stands in the middle."""
    low, extent = places.min(0), np.ptp(places, axis=0)
    return np.where(extent > 1e-9, (places - low) / np.where(extent > 1e-9, extent, 1), 0.5)


def _bent_sheet(rows: int, cols: int) -> NDArray[np.float64]:
    row, col = (part.reshape(-1).astype(float) for part in np.mgrid[:rows, :cols])
    across, down = col / max(cols - 1, 1), row / max(rows - 1, 1)
    bulge_down, bulge_across = 4 * across * (1 - across), 4 * down * (1 - down)
    return np.stack([col - BENT * bulge_across, row - BENT * bulge_down], 1)


def _by_force(W: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) float64 by networkx: distances to fit where there are few, else springs."""
    import networkx as nx

    N = len(W)
    if N == 1:
        return np.zeros((1, 2))
    mean = (W + W.T) / 2
    np.fill_diagonal(mean, 0.0)
    strength = mean / (float(np.abs(mean).max()) or 1.0)
    start = numpy_generator(0, LAYOUT).random((N, 2))
    graph = nx.from_numpy_array(np.where(strength != 0, 2.0 - strength, 0.0), edge_attr="length")
    if N <= EXACT:
        lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
        longest = max(max(ends.values()) for ends in lengths.values())
        apart = longest + 1.0  # between parts that no connection joins
        wished = {i: {j: lengths[i].get(j, apart) for j in range(N)} for i in range(N)}
        found = nx.kamada_kawai_layout(graph, dist=wished, pos=dict(enumerate(start)))
    else:
        for _, _, data in graph.edges(data=True):
            data["pull"] = 1 / data["length"] ** 2
        found = nx.spring_layout(graph, weight="pull", pos=dict(enumerate(start)), seed=0)
    return np.array([found[i] for i in range(N)], np.float64)
