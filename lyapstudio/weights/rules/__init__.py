"""Learning rules: one file, one rule; every file here that defines one is found by itself."""

from __future__ import annotations

from functools import cache

from lyapstudio.core.discover import defined_in
from lyapstudio.weights.rules.rule import Material, Rule

__all__ = ["Material", "Rule", "rules"]


@cache
def rules() -> dict[str, type[Rule]]:
    """Rule id -> class, in the order of their history; those that store nothing come last."""
    found = [rule for _, rule in defined_in(__path__, __name__, Rule)]
    return {r.id: r for r in sorted(found, key=lambda r: (not r.stores, r.year, r.title))}
