"""From a Setup to the Problem that a model starts from: pure, and as cheap as the change."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Model, Problem, Units
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.edits import cue_grid
from lyapstudio.document.nouns import Document, Pattern, Setup, frozen
from lyapstudio.weights.build import build
from lyapstudio.weights.cost import choose
from lyapstudio.weights.rules import Material
from lyapstudio.weights.weights import Weights


class Resolver:
    """Keeps what it made last, so that an edit costs what it changes, and no more.

    Lives in the worker thread, one for each network on the screen.
    """

    def __init__(self, shelf: Shelf | None = None, force: str | None = None) -> None:
        """`force` names the representation of all weights, where nothing else may choose it."""
        self._shelf, self._force = shelf or Shelf(), force
        self._kept: dict[str, tuple[tuple[Any, ...], Any]] = {}

    def __call__(
        self, document: Document, index: int, cue: Units | None = None
    ) -> tuple[Model, Problem]:
        """Resolve one setup; `cue` instead of the document's, such as where a dream begins.

        Raises
        ------
        UserError
            Memories that the rule cannot store; a size beyond the memory; a data set that cannot
            be read.
        """
        setup = document.setups[index]
        if setup.model.learns:
            return setup.model, self._problem_of(setup)
        stored = [p for p in document.memories if p.grid.shape == (setup.rows, setup.cols)]
        memories = self._memories(stored, setup.N)
        names = tuple(p.name for p in stored)
        if "names" in self._kept and self._kept["names"][1] == names:
            names = self._kept["names"][1]
        self._kept["names"] = ((), names)
        problem = Problem(
            rows=setup.rows,
            cols=setup.cols,
            memories=memories,
            names=names,
            cue=self._cue(document, setup) if cue is None else cue,
            bias=self._flat("bias", setup.painted, setup.N),
            weights=self._learn(setup, memories, names) if setup.model.uses_rule else None,
            seed=setup.seed,
            lesions=None if setup.lesions is None else self._flat("lesions", setup.lesions, 0),
            strokes=setup.strokes if setup.model.uses_rule else (),
        )
        return setup.model, problem

    def _problem_of(self, setup: Setup) -> Problem:
        """What a model that learns is shown; it has neither memories nor a cue."""
        data = self._shelf.get(setup.data)
        none = frozen(np.empty((0, data.N)))
        blank, zero = frozen(np.zeros(data.N)), frozen(np.zeros(data.N), np.float64)
        size = data.rows, data.cols
        return Problem(*size, none, (), blank, zero, None, setup.seed, data)

    def _same(self, what: str, *made_from: Any) -> Any:
        """What was made last, if it was made from these very objects."""
        old = self._kept.get(what)
        if old is None or len(old[0]) != len(made_from):
            return None
        return old[1] if all(map(operator.is_, old[0], made_from)) else None

    def _memories(self, stored: list[Pattern], N: int) -> NDArray[np.int8]:
        grids = [p.grid for p in stored]
        memories = self._same("memories", *grids)
        if memories is None or memories.shape[1] != N:
            memories = np.empty((len(stored), N), np.int8)
            for row, grid in zip(memories, grids, strict=True):
                row[:] = grid.reshape(-1)
            memories.flags.writeable = False
            self._kept["memories"] = (tuple(grids), memories)
        return memories

    def _cue(self, document: Document, setup: Setup) -> NDArray[np.int8]:
        cue = setup.cue
        sources = [p and p.grid for p in map(document.pattern, (cue.pattern, cue.other))]
        known = self._same("cue", cue, *sources)
        if known is None or known[0] != (setup.seed, setup.rows, setup.cols):
            known = (
                (setup.seed, setup.rows, setup.cols),
                cue_grid(document, setup).reshape(-1),
            )
            self._kept["cue"] = ((cue, *sources), known)
        return known[1]

    def _flat(self, what: str, grid: NDArray[Any] | None, N: int) -> NDArray[Any]:
        """A grid row by row, the same array while the grid is the same; zeros where there is none.

        What was derived from it is then known to hold still.
        """
        flat = self._same(what, grid)
        if flat is None or (grid is None and len(flat) != N):
            flat = frozen(np.zeros(N), np.float64) if grid is None else grid.reshape(-1)
            self._kept[what] = ((grid,), flat)
        return flat

    def _learn(self, setup: Setup, memories: NDArray[np.int8], names: tuple[str, ...]) -> Weights:
        """The weights; those of last time, or exactly updated, where only memories changed."""
        edits = sum(stroke.count for stroke in setup.strokes)
        size = setup.rows, setup.cols
        ways = (setup.rule, setup.wiring, size)
        material = Material(memories, names, setup.given)
        old: tuple[Any, Weights] | None = self._same("weights", setup.given, *setup.dreams)
        before = old[1] if old is not None and old[0] == ways else None
        if before is not None and before.names == names and before.memories is memories:
            wanted = choose(replace(before.origin.demand, edits=edits), self._force)
            if not edits or before.cost.representation == wanted.representation:
                return before
            before = None
        new = build(
            setup.rule,
            setup.wiring,
            material,
            *size,
            dreams=setup.dreams,
            edits=edits,
            force=self._force,
            before=before,
        )
        self._kept["weights"] = ((setup.given, *setup.dreams), (ways, new))
        return new
