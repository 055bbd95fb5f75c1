"""Who listens to whom: recipes, found by their id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lyapstudio.core.param import Params


@dataclass(frozen=True)
class Wiring(Params):
    """A recipe for the connections; nothing N x N is ever made from it unless a rule needs that."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]


@dataclass(frozen=True)
class AllToAll(Wiring):
    """Every neuron listens to every other, none to itself."""

    id: ClassVar[str] = "all-to-all"
    title: ClassVar[str] = "All to all"
    about: ClassVar[str] = (
        "<p>Every neuron listens to every other neuron and none to itself: "
        "<i>w</i><sub>ii</sub> = 0.</p>"
    )


def wirings() -> dict[str, type[Wiring]]:
    """Every recipe, by id."""
    return {cls.id: cls for cls in (AllToAll,)}
