"""Everybody listens to everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.recipe import Wiring


@dataclass(frozen=True)
class AllToAll(Wiring):
    """Every neuron listens to every other."""

    id: ClassVar[str] = "all-to-all"
    title: ClassVar[str] = "All to all"
    place: ClassVar[int] = 0
    complete: ClassVar[bool] = True
    about: ClassVar[str] = (
        "<p>Every neuron listens to every other neuron, and to itself only where "
        "self-connections are switched on.</p>"
    )

    def connections(self, rows: int, cols: int) -> Connections | None:
        return None

    def expected(self, rows: int, cols: int) -> float:
        N = float(rows * cols)
        return N * (N - 1)

    def admit(self, rows: int, cols: int) -> None:
        """Nothing is listed; the weights have a limit of their own."""
