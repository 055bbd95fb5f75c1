"""Neighbours on the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.core.param import Choice, choice, integer, switch
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.lists import mirrored
from lyapstudio.weights.wiring.offsets import Offsets, half_offsets, near
from lyapstudio.weights.wiring.recipe import Wiring


@dataclass(frozen=True)
class Lattice(Wiring):
    """Every neuron and all within a radius."""

    id: ClassVar[str] = "lattice"
    title: ClassVar[str] = "Lattice"
    place: ClassVar[int] = 2
    smaller: ClassVar[str] = "Choose a smaller radius"
    about: ClassVar[str] = (
        "<h3>Lattice</h3>"
        "<p><i>i</i> and <i>j</i> are connected if <i>d<sub>ij</sub></i> &le; <i>r</i>, where "
        "<i>d<sub>ij</sub></i> is their distance on the sheet in cells. Nothing is random.</p>"
        "<p><b>What to look for.</b> Every neuron knows only its surroundings. Parts of the sheet "
        "settle on their own, and may settle in different memories, with walls between them. "
        "Raise <i>r</i> until one memory takes the whole sheet.</p>"
    )

    r: int = integer(
        4,
        1,
        64,
        label="Radius r in cells",
        help="How far a neuron hears. Start at 1, where only the next cells are heard.",
    )
    shape: str = choice(
        "round",
        (
            Choice("round", "Round", "All within r cells as the crow flies."),
            Choice("square", "Square", "All within r rows and r columns."),
        ),
        label="Neighbourhood",
        help="The form of the patch around each neuron. Compare the two at r = 1: four "
        "neighbours or eight.",
    )
    wrap: bool = switch(
        True,
        label="Wrap around",
        help="What leaves the sheet at one side comes in at the other. Switch it off and neurons "
        "at the rim hear fewer others.",
    )

    def _offsets(self, rows: int, cols: int) -> Offsets:
        return half_offsets(rows, cols, self.r, self.wrap, square=self.shape == "square")

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        offsets = self._offsets(rows, cols)
        return mirrored(*near(offsets, np.ones(len(offsets)), self.seed))

    def expected(self, rows: int, cols: int) -> float:
        return 2.0 * float(self._offsets(rows, cols).pairs.sum())
