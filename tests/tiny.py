"""Small labelled images and networks that learn from them in no time."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from lyapstudio.core.data import DataSet, Part
from lyapstudio.core.model import Log, Problem
from lyapstudio.models import model_class

Model = model_class("krotov_hopfield2019")
SIDE, KINDS = 8, 3
NAMES = ("A", "B", "C")


def part(n: int, seed: int = 1, labelled: bool = True) -> Part:
    """Each kind lights pixels of its own, each image most of them."""
    generator = np.random.default_rng(seed)
    lit = np.random.default_rng(0).random((KINDS, SIDE * SIDE)) < 0.3
    labels = generator.integers(0, KINDS, n).astype(np.int16)
    shades = generator.uniform(0.3, 1, (n, SIDE * SIDE))
    seen = lit[labels] & (generator.random(lit[labels].shape) < 0.8)
    return Part(np.rint(255 * shades * seen).astype(np.uint8), labels if labelled else None)


def data(n: int = 120, seed: int = 1, labelled: bool = True, **parts: Any) -> DataSet:
    """`parts` replaces `train`, `validation` or `test`."""
    sizes = {"train": n, "validation": n // 4, "test": n // 4}
    named = {k: part(m, seed + j, labelled) for j, (k, m) in enumerate(sizes.items())} | parts
    digest = hashlib.sha256(named["train"].images.tobytes()).hexdigest()
    return DataSet("tiny", SIDE, SIDE, 1, NAMES, **named, digest=digest)


def problem(of: DataSet | None = None, seed: int = 1) -> Problem:
    of = of or data()
    none, zero = np.empty((0, of.N), np.int8), np.zeros(of.N)
    return Problem(of.rows, of.cols, none, (), np.zeros(of.N, np.int8), zero, None, seed, of)


def model(**changes: Any) -> Any:
    """Twelve units, batches of twenty, five epochs."""
    return Model(**{"K": 12, "batch": 20, "epochs": 5, "probe": 30, **changes})


SORTS = {
    "mini": {},
    "mini p = 3": {"p": 3.0, "k": 4, "ranking": "normalised"},
    "full": {"batching": "full", "backtrack": False},
    "guaranteed": {
        "batching": "full",
        "ranking": "normalised",
        "start_from": "images",
        "step": 0.1,
    },
    "gate": {"gate": True, "start_from": "sphere"},
    "slow": {"rule": "slow", "start_from": "images", "h_star": 0.5, "rate": 0.02},
}
"""One of each way to learn."""


def go(model: Any, state: Any, updates: int) -> Log:
    """Advance, and what was noted on the way."""
    log = Log(1, 1 << 12)
    done = 0
    while done < updates:
        n = model.advance(state, updates - done, log)
        if n == 0:
            break
        done += n
    return log


def same(a: Any, b: Any) -> None:
    """Two states hold the same numbers."""
    left, right = a.dump(), b.dump()
    assert left.keys() == right.keys()
    for name, x in left.items():
        np.testing.assert_array_equal(x, right[name], name)


def learned(
    rule: Any, memories: Any, names: Any, force: str | None = None, wiring: Any = None, **more: Any
) -> Any:
    """The weights of a rule; in one row where nothing else is said."""
    from lyapstudio.weights.build import build
    from lyapstudio.weights.rules import Material
    from lyapstudio.weights.wiring.all_to_all import AllToAll

    material = Material(memories, names)
    return build(rule, wiring or AllToAll(), material, 1, memories.shape[1], force=force, **more)
