"""From a Setup to the Problem that a model starts from: pure, and as cheap as the change."""

from __future__ import annotations

import numpy as np

from lyapstudio.core.model import Model, Problem
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.edits import cue_grid
from lyapstudio.document.nouns import Document, Setup, frozen
from lyapstudio.weights.rules import Representation, Rule


class Resolver:
    """Keeps the last weights, so that storing one more memory costs one memory.

    Lives in the worker thread, one for each Simulation.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf()
        self._rule: Rule | None = None
        self._weights: Representation | None = None

    def __call__(self, document: Document, index: int) -> tuple[Model, Problem]:
        """Resolve one setup.

        Raises
        ------
        UserError
            Linearly dependent memories under the projection rule; a size beyond the memory; a data
            set that cannot be read.
        """
        setup = document.setups[index]
        if setup.model.learns:
            return setup.model, self._problem_of(setup)
        stored = [p for p in document.memories if p.grid.shape == (setup.rows, setup.cols)]
        memories = np.empty((len(stored), setup.N), np.int8)
        for row, pattern in zip(memories, stored, strict=True):
            row[:] = pattern.grid.reshape(-1)
        memories.flags.writeable = False
        names = tuple(p.name for p in stored)
        problem = Problem(
            rows=setup.rows,
            cols=setup.cols,
            memories=memories,
            names=names,
            cue=cue_grid(document, setup).reshape(-1),
            bias=_bias(setup),
            weights=self._learn(setup, memories, names) if setup.model.uses_rule else None,
            seed=setup.seed,
        )
        return setup.model, problem

    def _problem_of(self, setup: Setup) -> Problem:
        """What a model that learns is shown; it has neither memories nor a cue."""
        data = self._shelf.get(setup.data)
        none = frozen(np.empty((0, data.N)))
        blank, zero = frozen(np.zeros(data.N)), frozen(np.zeros(data.N), np.float64)
        size = data.rows, data.cols
        return Problem(*size, none, (), blank, zero, None, setup.seed, data)

    def _learn(self, setup: Setup, memories: np.ndarray, names: tuple[str, ...]) -> Representation:
        """The weights; an exact update of the last ones where only memories came or went."""
        old = self._weights
        if old is None or self._rule != setup.rule or old.N != setup.N:
            new = setup.rule.build(memories, names)
        elif old.names == names and np.array_equal(old.memories, memories):
            return old
        else:
            new = setup.rule.update(old, old.memories, memories, names)
        self._rule, self._weights = setup.rule, new
        return new


def _bias(setup: Setup) -> np.ndarray:
    if setup.painted is None:
        return frozen(np.zeros(setup.N), np.float64)
    return setup.painted.reshape(-1)
