"""The nearer two neurons, the likelier they are connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import number, switch
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.lists import mirrored
from lyapstudio.weights.wiring.offsets import Offsets, half_offsets, near
from lyapstudio.weights.wiring.recipe import Wiring

CUT = 4.0
"""Beyond so many sigma nobody is connected: the probability is below p0 / 2980."""


@dataclass(frozen=True)
class Distance(Wiring):
    """Roudi & Treves 2004, among others."""

    id: ClassVar[str] = "distance"
    title: ClassVar[str] = "By distance"
    place: ClassVar[int] = 3
    smaller: ClassVar[str] = "Choose a smaller width σ"
    about: ClassVar[str] = (
        "<h3>Probability by distance</h3>"
        "<p><i>p</i>(<i>d</i>) = <i>p</i><sub>0</sub> exp(&minus;<i>d</i>&sup2; / "
        "2<i>&sigma;</i>&sup2;), and 0 beyond 4<i>&sigma;</i></p>"
        "<p><i>d</i> is the distance of two neurons on the sheet in cells. Each pair is drawn once "
        "and connected in both directions, about 2&pi;<i>&sigma;</i>&sup2;<i>p</i><sub>0</sub> "
        "connections a neuron: so most wiring in the cortex is short.</p>"
        "<p><b>What to look for.</b> With a small <i>&sigma;</i> memories live in patches that "
        "disagree; with a large one and a small <i>p</i><sub>0</sub> it is dilution again. Keep "
        "the number of connections and trade one for the other.</p>"
        "<p>Y. Roudi &amp; A. Treves, <i>J. Stat. Mech.</i> P07010 (2004)</p>"
    )

    p0: float = number(
        0.5,
        0.001,
        1.0,
        log=True,
        label="Probability p\u2080",
        decimals=3,
        help="How likely two neurons are connected that lie side by side. Lower it: the patch "
        "around a neuron thins out.",
    )
    sigma: float = number(
        3.0,
        0.5,
        50.0,
        log=True,
        label="Width σ in cells",
        decimals=1,
        help="How far connections reach. Twice the width means four times the connections.",
    )
    wrap: bool = switch(
        True,
        label="Wrap around",
        help="What leaves the sheet at one side comes in at the other. Switch it off and neurons "
        "at the rim hear fewer others.",
    )

    def _offsets(self, rows: int, cols: int) -> tuple[Offsets, NDArray[np.float64]]:
        offsets = half_offsets(rows, cols, CUT * self.sigma, self.wrap)
        return offsets, self.p0 * np.exp(-offsets.square / (2 * self.sigma**2))

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        return mirrored(*near(*self._offsets(rows, cols), self.seed))

    def expected(self, rows: int, cols: int) -> float:
        offsets, chances = self._offsets(rows, cols)
        return 2.0 * float(offsets.pairs @ chances)
