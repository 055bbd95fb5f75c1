"""Who is connected to whom: a recipe, never an N x N mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lyapstudio.core.param import Params


@dataclass(frozen=True)
class Wiring(Params):
    """Base of the recipes."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]


@dataclass(frozen=True)
class AllToAll(Wiring):
    """Every pair of neurons is connected, in both directions alike."""

    id: ClassVar[str] = "all"
    title: ClassVar[str] = "All to all"
    about: ClassVar[str] = (
        "<p>Every neuron hears every other neuron: N(N &minus; 1)/2 pairs, each with one weight "
        "that works both ways. No neuron is connected to itself.</p>"
    )


def wirings() -> dict[str, type[Wiring]]:
    """Wiring id -> class."""
    return {w.id: w for w in (AllToAll,)}
