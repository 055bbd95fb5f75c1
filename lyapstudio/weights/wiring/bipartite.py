"""Two layers that hear each other and not themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.core.param import number
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.draws import drawn
from lyapstudio.weights.wiring.lists import mirrored
from lyapstudio.weights.wiring.recipe import Wiring


@dataclass(frozen=True)
class Bipartite(Wiring):
    """Kosko 1988: two layers, connections only between them."""

    id: ClassVar[str] = "bipartite"
    title: ClassVar[str] = "Two layers"
    place: ClassVar[int] = 7
    smaller: ClassVar[str] = "Choose a smaller probability c"
    about: ClassVar[str] = (
        "<h3>Two layers (bipartite)</h3>"
        "<p>The upper rows of the sheet are one layer, the lower rows the other. A pair from both "
        "layers is connected with probability <i>c</i>, in both directions; within a layer nobody "
        "is connected.</p>"
        "<p><b>What to look for.</b> Cover one layer of a memory: the other calls it back, as a "
        "name calls back a face. And since neurons of a layer do not hear each other, a whole "
        "layer may move at once and the energy still falls.</p>"
        "<p>B. Kosko, <i>IEEE Trans. SMC</i> 18, 49 (1988)</p>"
    )

    share: float = number(
        0.5,
        0.01,
        0.99,
        label="First layer",
        percent=True,
        decimals=0,
        help="How much of the sheet the first layer takes, in whole rows from the top. Try a "
        "small one that must hold the key to a large one.",
    )
    c: float = number(
        0.5,
        1e-6,
        1.0,
        log=True,
        label="Probability c",
        help="The share of pairs between the layers that are connected. Lower it until one layer "
        "no longer calls back the other.",
    )

    def first(self, rows: int, cols: int) -> int:
        """How many neurons the first layer has: whole rows, where there are several."""
        if rows == 1:
            return min(max(round(self.share * cols), 1), max(cols - 1, 1))
        return cols * min(max(round(self.share * rows), 1), rows - 1)

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        N, first = rows * cols, self.first(rows, cols)
        low = np.full((N, 1), first, np.int32)
        high = np.full((N, 1), N, np.int32)
        high[first:] = first  # an empty stretch: the second layer draws nothing
        return mirrored(*drawn(self.seed, low, high, np.array([self.c])))

    def expected(self, rows: int, cols: int) -> float:
        N, first = rows * cols, self.first(rows, cols)
        return 2.0 * self.c * first * (N - first)
