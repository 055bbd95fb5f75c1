"""Who listens to whom: recipes; every file here that defines one is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from lyapstudio.weights.wiring.recipe import Wiring

__all__ = ["Wiring", "wirings"]


@cache
def wirings() -> dict[str, type[Wiring]]:
    """Every recipe, by id, all to all first."""
    found = []
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, Wiring)
                and value.__module__ == module.__name__
                and "id" in vars(value)
            ):
                found.append(value)
    return {w.id: w for w in sorted(found, key=lambda w: (w.place, w.title))}
