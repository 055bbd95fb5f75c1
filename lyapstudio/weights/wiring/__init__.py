"""Who listens to whom: recipes; every file here that defines one is found by itself."""

from __future__ import annotations

from functools import cache

from lyapstudio.core.discover import defined_in
from lyapstudio.weights.wiring.recipe import Wiring

__all__ = ["Wiring", "wirings"]


@cache
def wirings() -> dict[str, type[Wiring]]:
    """Every recipe, by id, all to all first."""
    found = [wiring for _, wiring in defined_in(__path__, __name__, Wiring)]
    return {w.id: w for w in sorted(found, key=lambda w: (w.place, w.title))}
