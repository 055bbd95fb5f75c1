"""A circle of neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.core.param import integer
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.lists import mirrored
from lyapstudio.weights.wiring.offsets import near, nearest_offsets
from lyapstudio.weights.wiring.recipe import Wiring


@dataclass(frozen=True)
class Ring(Wiring):
    """Every neuron and the next ones either way, in the order of the rows."""

    id: ClassVar[str] = "ring"
    title: ClassVar[str] = "Ring"
    place: ClassVar[int] = 5
    smaller: ClassVar[str] = "Choose fewer neighbours"
    about: ClassVar[str] = (
        "<h3>Ring</h3>"
        "<p><i>i</i> and <i>j</i> are connected if they are at most <i>k</i> places apart, counted "
        "row by row around the sheet; the last neuron is followed by the first.</p>"
        "<p><b>What to look for.</b> The matrix is a band along the diagonal. On a sheet a neuron "
        "hears the rest of its row and little else: what it knows travels slowly. The small world "
        "mends that with a few far connections.</p>"
    )

    k: int = integer(
        10,
        1,
        500,
        label="Neighbours either side k",
        help="How many neurons before and after it each one hears. With 1, news goes from neuron "
        "to neuron like a whisper.",
    )

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        offsets = nearest_offsets(1, rows * cols, self.k)
        return mirrored(*near(offsets, np.ones(len(offsets)), self.seed))

    def expected(self, rows: int, cols: int) -> float:
        return 2.0 * float(nearest_offsets(1, rows * cols, self.k).pairs.sum())
