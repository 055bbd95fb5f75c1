"""Learning rules: one file, one rule; every file here that defines one is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from lyapstudio.weights.rules.rule import Material, Rule

__all__ = ["Material", "Rule", "rules"]


@cache
def rules() -> dict[str, type[Rule]]:
    """Rule id -> class, in the order of their history; those that store nothing come last."""
    found = []
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, Rule)
                and value.__module__ == module.__name__
                and "id" in vars(value)
            ):
                found.append(value)
    return {r.id: r for r in sorted(found, key=lambda r: (not r.stores, r.year, r.title))}
