"""Pure functions Document -> Document: every change that a person can make and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.rng import numpy_generator
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.nouns import Cue, Document, Pattern, Setup, frozen
from lyapstudio.models import model_class
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import Wiring

MAX_PATTERNS = 2000


def with_setup(document: Document, **changes: Any) -> Document:
    """Change the setup on the screen."""
    setups = list(document.setups)
    setups[document.active] = replace(document.setup, **changes)
    return replace(document, setups=tuple(setups))


def _with_both(document: Document, **changes: Any) -> Document:
    """Change the setup on the screen, and the one beside it: they share cue and seed."""
    beside, document = document.beside, with_setup(document, **changes)
    if beside is None:
        return document
    setups = list(document.setups)
    setups[beside] = replace(setups[beside], **changes)
    return replace(document, setups=tuple(setups))


def set_parameters(document: Document, **values: Any) -> Document:
    """Model parameters."""
    return with_setup(document, model=document.setup.model.changed(**values))


def set_rule_parameters(document: Document, **values: Any) -> Document:
    """Parameters of the learning rule."""
    return with_setup(document, rule=document.setup.rule.changed(**values))


def set_data(document: Document, source: Source) -> Document:
    """Another data set to learn from."""
    return with_setup(document, data=source)


def set_data_parameters(document: Document, **values: Any) -> Document:
    """How the data set is divided."""
    return with_setup(document, data=document.setup.data.changed(**values))


def set_readout_parameters(document: Document, **values: Any) -> Document:
    """How the hidden units are read."""
    return with_setup(document, readout=document.setup.readout.changed(**values))


def set_cue(document: Document, **values: Any) -> Document:
    """Cue: parameters, `pattern`, `other` or `drawn`."""
    cue = replace(document.setup.cue, **values)
    return _with_both(document, cue=cue)


def set_seed(document: Document, seed: int) -> Document:
    """The seed of the order of updates, the cue's noise and the heat bath."""
    if not 0 <= seed < 2**63:
        raise UserError("The seed is a whole number from 0 on.")
    return _with_both(document, seed=seed)


def set_model(document: Document, id: str) -> Document:
    """Another model, at its defaults; patterns, cue and size stay."""
    return with_setup(document, model=model_class(id)())


def set_rule(document: Document, id: str) -> Document:
    """Another learning rule, at its defaults."""
    return with_setup(document, rule=rules()[id]())


def set_wiring(document: Document, wiring: Wiring) -> Document:
    """Another recipe for the connections."""
    return with_setup(document, wiring=wiring)


def set_wiring_parameters(document: Document, **values: Any) -> Document:
    """Parameters of the wiring."""
    return with_setup(document, wiring=document.setup.wiring.changed(**values))


def show_setup(document: Document, index: int) -> Document:
    """Bring another setup to the screen."""
    return replace(document, view={**document.view, "setup": index})


# the library


def _mapped(document: Document, key: int, change: Callable[[Pattern], Pattern]) -> Document:
    patterns = tuple(change(p) if p.key == key else p for p in document.patterns)
    return replace(document, patterns=patterns)


def add_patterns(
    document: Document, named: Sequence[tuple[str, NDArray[np.int8]]], at: int | None = None
) -> Document:
    """Store patterns (rows x cols of the network) at the end, or before position `at`."""
    if len(document.patterns) + len(named) > MAX_PATTERNS:
        raise UserError(f"A document holds at most {MAX_PATTERNS} patterns.")
    key = document.next_key()
    shape = (document.setup.rows, document.setup.cols)
    new = []
    for k, (name, grid) in enumerate(named):
        if grid.shape != shape:
            raise UserError(
                f"“{name}” has {grid.shape[0]} × {grid.shape[1]} pixels, "
                f"the network {shape[0]} × {shape[1]}."
            )
        new.append(Pattern(key + k, name, frozen(grid)))
    at = len(document.patterns) if at is None else at
    patterns = (*document.patterns[:at], *new, *document.patterns[at:])
    document = replace(document, patterns=patterns)
    if document.pattern(document.setup.cue.pattern) is None and new:
        document = set_cue(document, pattern=new[0].key)
    return document


def replace_patterns(document: Document, named: Sequence[tuple[str, NDArray[np.int8]]]) -> Document:
    """A new library in place of the old one; every cue starts from something that is there."""
    document = add_patterns(replace(document, patterns=()), named)
    keys = {p.key for p in document.patterns}
    first = min(keys, default=0)
    setups = []
    for setup in document.setups:
        cue = setup.cue
        if cue.pattern not in keys:
            cue = replace(cue, pattern=first)
        if cue.other not in keys:
            cue = replace(cue, other=0, mix=0.0)
        setups.append(replace(setup, cue=cue))
    return replace(document, setups=tuple(setups))


def remove_patterns(document: Document, keys: Sequence[int]) -> Document:
    """Delete patterns; a cue that used one takes the first that is left, or a blank start."""
    gone = set(keys)
    patterns = tuple(p for p in document.patterns if p.key not in gone)
    document = replace(document, patterns=patterns)
    first = patterns[0].key if patterns else 0
    setups = []
    for setup in document.setups:
        cue = setup.cue
        if cue.pattern in gone:
            cue = replace(cue, pattern=first)
            if not patterns and cue.source == "memory":
                cue = replace(cue, source="blank")
        if cue.other in gone:
            cue = replace(cue, other=0, mix=0.0)
        setups.append(replace(setup, cue=cue))
    return replace(document, setups=tuple(setups))


def rename_pattern(document: Document, key: int, name: str) -> Document:
    """Another name; at most 60 characters."""
    name = " ".join(name.split())[:60]
    if not name:
        raise UserError("A pattern needs a name.")
    return _mapped(document, key, lambda p: replace(p, name=name))


def set_active(document: Document, keys: Sequence[int], active: bool) -> Document:
    """Store patterns as memories, or leave them out."""
    chosen = set(keys)
    patterns = tuple(replace(p, active=active) if p.key in chosen else p for p in document.patterns)
    return replace(document, patterns=patterns)


def move_pattern(document: Document, key: int, to: int) -> Document:
    """Move a pattern to another place in the list."""
    moved = document.pattern(key)
    if moved is None:
        return document
    rest = [p for p in document.patterns if p.key != key]
    rest.insert(max(0, min(to, len(rest))), moved)
    return replace(document, patterns=tuple(rest))


def duplicate_pattern(document: Document, key: int) -> Document:
    """A copy right behind the original."""
    original = document.pattern(key)
    if original is None:
        return document
    place = document.patterns.index(original) + 1
    return add_patterns(document, [(f"{original.name} copy"[:60], original.grid)], place)


def set_grid(document: Document, key: int, grid: NDArray[np.int8]) -> Document:
    """Another picture for a pattern."""
    return _mapped(document, key, lambda p: replace(p, grid=frozen(grid)))


def paint(document: Document, key: int, where: NDArray[np.int64], value: int) -> Document:
    """Set pixels of a pattern."""
    pattern = document.pattern(key)
    if pattern is None:
        return document
    grid = pattern.grid.copy()
    grid.reshape(-1)[where] = value
    return set_grid(document, key, grid)


def draw_cue(document: Document, grid: NDArray[np.int8]) -> Document:
    """The cue is now what somebody drew, without further damage."""
    return set_cue(document, source="drawn", drawn=frozen(grid), flips=0.0, hidden="none", mix=0.0)


def paint_field(
    document: Document, where: NDArray[np.int64] | None, value: float = 0.0
) -> Document:
    """External field on single neurons; `where` None clears all of it."""
    setup = document.setup
    if where is None:
        return with_setup(document, painted=None)
    shape = (setup.rows, setup.cols)
    painted = np.zeros(shape) if setup.painted is None else setup.painted.copy()
    painted.reshape(-1)[where] = value
    return with_setup(document, painted=frozen(painted, np.float64))


# what a drawing tool does to a whole grid


def invert(grid: NDArray[np.int8]) -> NDArray[np.int8]:
    """Swap the two tones."""
    return np.negative(grid)


def fill(grid: NDArray[np.int8]) -> NDArray[np.int8]:
    """All on."""
    return np.ones_like(grid)


def clear(grid: NDArray[np.int8]) -> NDArray[np.int8]:
    """All off."""
    return -np.ones_like(grid)


def shift(grid: NDArray[np.int8], down: int, right: int) -> NDArray[np.int8]:
    """Move the picture; what leaves on one side comes in on the other."""
    return np.roll(grid, (down, right), (0, 1))


def mirror(grid: NDArray[np.int8]) -> NDArray[np.int8]:
    """Left becomes right."""
    return grid[:, ::-1].copy()


def corrupt(grid: NDArray[np.int8], share: float, seed: int) -> NDArray[np.int8]:
    """Turn over exactly that share of the pixels, chosen at random."""
    result = grid.copy()
    count = round(share * grid.size)
    where = numpy_generator(seed, 1).permutation(grid.size)[:count]
    result.reshape(-1)[where] *= -1
    return result


def cue_grid(document: Document, setup: Setup) -> NDArray[np.int8]:
    """The cue as the network gets it: source, mixture, hidden part, noise, in that order.

    Returns
    -------
    (rows, cols) int8 in {-1, +1}
    """
    cue: Cue = setup.cue
    shape = (setup.rows, setup.cols)
    grid = _source(document, setup)
    other = document.pattern(cue.other)
    if cue.mix > 0 and other is not None and cue.source == "memory":
        count = round(cue.mix * grid.size)
        where = numpy_generator(setup.seed, 2).permutation(grid.size)[:count]
        grid = grid.copy()
        grid.reshape(-1)[where] = other.grid.reshape(-1)[where]
    if cue.hidden == "half":
        grid = grid.copy()
        grid[shape[0] // 2 :] = -1
    elif cue.hidden == "box":
        grid = grid.copy()
        top, left = shape[0] // 4, shape[1] // 4
        grid[top : max(top + 1, shape[0] - top), left : max(left + 1, shape[1] - left)] = -1
    return frozen(corrupt(grid, cue.flips, setup.seed) if cue.flips > 0 else grid)


def _source(document: Document, setup: Setup) -> NDArray[np.int8]:
    cue = setup.cue
    shape = (setup.rows, setup.cols)
    if cue.source == "drawn" and cue.drawn is not None:
        return cue.drawn
    if cue.source == "random":
        coin = numpy_generator(setup.seed, 3).integers(0, 2, shape)
        return (2 * coin - 1).astype(np.int8)
    pattern = document.pattern(cue.pattern)
    if cue.source == "memory" and pattern is not None:
        return pattern.grid
    return -np.ones(shape, np.int8)
