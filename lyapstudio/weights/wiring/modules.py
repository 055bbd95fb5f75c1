"""Groups that talk much among themselves and little with others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import Choice, choice, integer, number
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.draws import drawn
from lyapstudio.weights.wiring.lists import mirrored
from lyapstudio.weights.wiring.recipe import Wiring


@dataclass(frozen=True)
class Modules(Wiring):
    """Holland, Laskey & Leinhardt 1983: blocks with two probabilities."""

    id: ClassVar[str] = "modules"
    title: ClassVar[str] = "Modules"
    place: ClassVar[int] = 6
    smaller: ClassVar[str] = "Choose smaller probabilities"
    about: ClassVar[str] = (
        "<h3>Modules</h3>"
        "<p>The sheet is divided into <i>B</i> parts of nearly equal size. Two neurons are "
        "connected, in both directions, with probability <i>p</i><sub>in</sub> within a module "
        "and <i>p</i><sub>out</sub> between two.</p>"
        "<p><b>What to look for.</b> With no connections between them the modules fall into "
        "memories of their own, or into one and the inverse of it. Raise <i>p</i><sub>out</sub> "
        "slowly and watch them agree. In the matrix each module is a dark block.</p>"
        "<p>P. W. Holland, K. B. Laskey &amp; S. Leinhardt, <i>Social Networks</i> 5, 109 "
        "(1983)</p>"
    )

    B: int = integer(
        4,
        1,
        64,
        label="Modules B",
        help="Into how many parts the sheet is divided. With 1 it is dilution.",
    )
    shape: str = choice(
        "tiles",
        (
            Choice("tiles", "Tiles", "Rectangles side by side; stripes where B allows no grid."),
            Choice("stripes", "Stripes", "One after the other in the order of the rows."),
        ),
        label="Laid out as",
        help="How the modules lie on the sheet; click on the sheet to see whom a neuron hears.",
    )
    inside: float = number(
        0.5,
        0.0,
        1.0,
        log=True,
        label="Probability inside",
        decimals=3,
        help="How likely two neurons of one module are connected. Make it as small as the one "
        "between: the modules are gone.",
    )
    between: float = number(
        0.02,
        0.0,
        1.0,
        log=True,
        label="Probability between",
        decimals=3,
        help="How likely two neurons of different modules are connected. Try 0, then raise it "
        "until all modules show one memory.",
    )

    def grid(self, rows: int, cols: int) -> tuple[int, int] | None:
        """Modules down and across; None: stripes in the order of the rows."""
        if self.shape == "stripes":
            return None
        fitting = [
            (down, self.B // down)
            for down in range(1, self.B + 1)
            if self.B % down == 0 and down <= rows and self.B // down <= cols
        ]
        # the squarest tiles
        skew = [abs(math.log(rows / a * b / cols)) for a, b in fitting]
        return fitting[int(np.argmin(skew))] if fitting else None

    def modules(self, rows: int, cols: int) -> NDArray[np.int32]:
        """(N,) the module of every neuron, counted from 0."""
        grid = self.grid(rows, cols)
        if grid is None:
            N = rows * cols
            return (np.arange(N) * min(self.B, N) // N).astype(np.int32)
        down, across = (np.arange(n) * k // n for n, k in zip((rows, cols), grid, strict=True))
        return (down[:, None] * grid[1] + across).astype(np.int32).ravel()

    def connections(self, rows: int, cols: int) -> Connections:
        self.admit(rows, cols)
        module = self.modules(rows, cols)
        # drawn with the neurons of a module side by side, then called by their own numbers
        names = np.argsort(module, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(module)).astype(np.int32)[module[names]]
        N = np.full_like(ends, len(ends))
        low = np.stack([np.arange(1, len(ends) + 1, dtype=np.int32), ends], 1)
        chances = np.array([self.inside, self.between])
        start, targets = drawn(self.seed, low, np.stack([ends, N], 1), chances)
        return mirrored(start, targets, names)

    def expected(self, rows: int, cols: int) -> float:
        N, sizes = rows * cols, np.bincount(self.modules(rows, cols)).astype(float)
        within = float(sizes @ (sizes - 1))
        return self.inside * within + self.between * (N * (N - 1.0) - within)
