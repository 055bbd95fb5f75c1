"""Connections thinned out at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.core.param import number, switch
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.draws import drawn
from lyapstudio.weights.wiring.lists import mirrored, mutual
from lyapstudio.weights.wiring.recipe import Wiring


@dataclass(frozen=True)
class Dilution(Wiring):
    """Sompolinsky 1986; Derrida, Gardner & Zippelius 1987."""

    id: ClassVar[str] = "dilution"
    title: ClassVar[str] = "Dilution"
    place: ClassVar[int] = 1
    smaller: ClassVar[str] = "Choose a smaller probability c"
    about: ClassVar[str] = (
        "<h3>Dilution</h3>"
        "<p><i>c<sub>ij</sub></i> = 1 with probability <i>c</i>, else 0; a connection without a 1 "
        "is missing. Symmetric: <i>c<sub>ij</sub></i> = <i>c<sub>ji</sub></i>, a pair keeps both "
        "directions or neither.</p>"
        "<p><b>What to look for.</b> Lower <i>c</i>: memories fade slowly, for each neuron still "
        "hears <i>cN</i> others, and so many of them vote. Then switch <i>Symmetric</i> off: the "
        "energy is no Lyapunov function any more, and may rise.</p>"
        "<p>H. Sompolinsky, <i>Phys. Rev. A</i> 34, 2571 (1986); B. Derrida, E. Gardner &amp; "
        "A. Zippelius, <i>Europhys. Lett.</i> 4, 167 (1987)</p>"
    )

    c: float = number(
        0.2,
        1e-6,
        1.0,
        log=True,
        label="Probability c",
        help="The share of all pairs that stay connected. Halve it until a memory breaks down.",
    )
    symmetric: bool = switch(
        True,
        label="Symmetric",
        help="A pair keeps both directions or neither. Switch it off and the Lyapunov function "
        "is lost.",
    )

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        N = rows * cols
        i = np.arange(N, dtype=np.int32)
        c = np.full(2, self.c)
        if self.symmetric:
            return mirrored(*drawn(self.seed, i[:, None] + 1, np.full((N, 1), N, np.int32), c))
        low = np.stack([np.zeros_like(i), i + 1], 1)
        high = np.stack([i, np.full_like(i, N)], 1)
        start, sources = drawn(self.seed, low, high, c)
        # by chance, or for c = 1, it may be symmetric all the same
        return Connections(start, sources, bool(mutual(start, sources)))

    def expected(self, rows: int, cols: int) -> float:
        N = float(rows * cols)
        return self.c * N * (N - 1)
