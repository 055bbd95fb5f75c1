"""Edits are pure; undo brings back exactly; what is resolved does not depend on the way there."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import ParamError
from lyapstudio.document import edits
from lyapstudio.document.history import History
from lyapstudio.document.nouns import Cue, Document, Pattern, Setup, frozen
from lyapstudio.document.resolve import Resolver
from lyapstudio.models import model_class
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring.all_to_all import AllToAll

ROWS, COLS = 6, 5
N = ROWS * COLS


def grids(count: int, seed: int = 0, shape: tuple[int, int] = (ROWS, COLS)) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    return [generator.choice(np.array([-1, 1], np.int8), shape) for _ in range(count)]


def document(count: int = 4, **cue: Any) -> Document:
    patterns = [Pattern(k + 1, "ABCDEFGH"[k], frozen(g)) for k, g in enumerate(grids(count))]
    model, rule = model_class("hopfield1982")(), rules()["hebb"]()
    setup = Setup("One", ROWS, COLS, model, rule, AllToAll(), Cue(**{"pattern": 1, **cue}))
    other = replace(setup, title="Two", rule=rules()["projection"]())
    return Document("Toy", tuple(patterns), (setup, other))


def told(d: Document) -> Any:
    """All of a document, by value."""
    return copy.deepcopy(
        (
            d.title,
            d.view,
            d.story,
            [(p.key, p.name, p.active, p.grid.tobytes(), p.grid.shape) for p in d.patterns],
            [
                (
                    s.title,
                    s.model,
                    s.rule,
                    s.cue,
                    s.seed,
                    None if s.painted is None else s.painted.tobytes(),
                    None if s.cue.drawn is None else s.cue.drawn.tobytes(),
                )
                for s in d.setups
            ],
        )
    )


G = grids(3, 9)
EDITS: dict[str, Any] = {
    "parameters": lambda d: edits.set_parameters(d, T=0.5, update="sequence"),
    "rule parameters": lambda d: edits.set_rule_parameters(
        edits.set_rule(d, "projection"), dependent="pseudo"
    ),
    "cue": lambda d: edits.set_cue(d, flips=0.4, pattern=2),
    "seed": lambda d: edits.set_seed(d, 99),
    "model": lambda d: edits.set_model(d, "hopfield1982"),
    "rule": lambda d: edits.set_rule(d, "projection"),
    "setup": lambda d: edits.show_setup(d, 1),
    "add": lambda d: edits.add_patterns(d, [("X", G[0]), ("Y", G[1])], 1),
    "replace": lambda d: edits.replace_patterns(d, [("X", G[0])]),
    "remove": lambda d: edits.remove_patterns(d, [1, 3]),
    "rename": lambda d: edits.rename_pattern(d, 2, "  a \n new  name "),
    "active": lambda d: edits.set_active(d, [1, 2], False),
    "move": lambda d: edits.move_pattern(d, 4, 0),
    "duplicate": lambda d: edits.duplicate_pattern(d, 2),
    "grid": lambda d: edits.set_grid(d, 2, G[2]),
    "paint": lambda d: edits.paint(d, 1, np.array([0, 7]), -1),
    "draw": lambda d: edits.draw_cue(d, G[1]),
    "field": lambda d: edits.paint_field(d, np.array([3]), 0.5),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_is_pure_and_undone_exactly(edit):
    old = document()
    before = told(old)
    new = edit(old)
    assert told(old) == before
    after = told(new)
    history = History(old)
    history.push(new, "edit it")
    assert history.undo_label == "edit it"
    history.undo()
    assert history.document is old
    assert told(old) == before
    assert history.redo_label == "edit it"
    history.redo()
    assert told(history.document) == after
    for p in new.patterns:
        assert not p.grid.flags.writeable
    assert len({p.key for p in new.patterns}) == len(new.patterns)


def test_what_the_edits_do():
    d = document()
    assert [p.name for p in EDITS["add"](d).patterns] == ["A", "X", "Y", "B", "C", "D"]
    assert [p.name for p in EDITS["move"](d).patterns] == ["D", "A", "B", "C"]
    assert [p.name for p in EDITS["duplicate"](d).patterns] == ["A", "B", "B copy", "C", "D"]
    assert EDITS["rename"](d).pattern(2).name == "a new name"
    assert [p.name for p in EDITS["active"](d).memories] == ["C", "D"]
    assert EDITS["paint"](d).pattern(1).grid.reshape(-1)[[0, 7]].tolist() == [-1, -1]
    field = EDITS["field"](d)
    assert field.setup.painted.sum() == 0.5
    assert edits.paint_field(field, None).setup.painted is None
    assert EDITS["setup"](d).setup.title == "Two"
    drawn = EDITS["draw"](edits.set_cue(d, mix=0.3, hidden="half"))
    np.testing.assert_array_equal(edits.cue_grid(drawn, drawn.setup), G[1])
    assert edits.move_pattern(d, 99, 0) is d
    assert edits.duplicate_pattern(d, 99) is d
    assert edits.paint(d, 99, np.array([0]), 1) is d


def test_what_is_deleted_is_in_no_cue():
    d = edits.set_cue(document(), pattern=2, other=3, mix=0.5)
    cue = edits.remove_patterns(d, [2, 3]).setup.cue
    assert (cue.pattern, cue.other, cue.mix) == (1, 0, 0.0)
    empty = edits.remove_patterns(d, [1, 2, 3, 4])
    assert empty.setup.cue.source == "blank"
    assert empty.setups[1].cue.source == "blank"
    np.testing.assert_array_equal(
        edits.cue_grid(empty, replace(empty.setup, cue=Cue(source="blank", flips=0.0))), -1
    )
    new = edits.replace_patterns(edits.show_setup(d, 1), [("X", G[0])])
    for setup in new.setups:
        assert new.pattern(setup.cue.pattern) is not None
        assert setup.cue.mix == 0.0 or new.pattern(setup.cue.other) is not None
    again = edits.add_patterns(empty, [("X", G[0])])
    assert again.pattern(again.setup.cue.pattern).name == "X"


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: edits.set_parameters(d, T=-1.0),
        lambda d: edits.set_cue(d, flips=2.0),
        lambda d: edits.set_rule_parameters(d, none=1),
        lambda d: edits.set_seed(d, -1),
        lambda d: edits.set_seed(d, 2**63),
        lambda d: edits.set_model(d, "no such"),
        lambda d: edits.add_patterns(d, [("X", grids(1, 0, (2, 2))[0])]),
        lambda d: edits.add_patterns(d, [("X", G[0])] * 1997),
        lambda d: edits.rename_pattern(d, 1, "  "),
        lambda d: edits.with_setup(d, rows=0),
        lambda d: edits.with_setup(d, rows=1, cols=1),
        lambda d: edits.with_setup(d, rows=1025),
    ],
)
def test_refusals_are_sentences(edit):
    with pytest.raises(UserError) as caught:
        edit(document())
    assert str(caught.value).endswith(".")
    assert isinstance(caught.value, (UserError, ParamError))


# what a drawing tool does


@given(st.integers(0, 99), st.integers(-9, 9), st.integers(-9, 9))
def test_tools(seed, down, right):
    (g,) = grids(1, seed)
    np.testing.assert_array_equal(edits.invert(edits.invert(g)), g)
    np.testing.assert_array_equal(edits.mirror(edits.mirror(g)), g)
    np.testing.assert_array_equal(edits.shift(edits.shift(g, down, right), -down, -right), g)
    assert (edits.fill(g) == 1).all()
    assert (edits.clear(g) == -1).all()
    for tool in (edits.invert, edits.mirror, edits.fill, edits.clear):
        assert tool(g).dtype == np.int8
        assert not np.shares_memory(tool(g), g)


@given(st.floats(0, 1), st.integers(0, 2**40))
def test_exactly_that_share_is_turned_over(share, seed):
    (g,) = grids(1, 3)
    noisy = edits.corrupt(g, share, seed)
    assert (noisy != g).sum() == round(share * N)
    np.testing.assert_array_equal(noisy, edits.corrupt(g, share, seed))
    assert noisy.dtype == np.int8


def test_other_seeds_flip_other_pixels():
    (g,) = grids(1, 3)
    assert len({edits.corrupt(g, 0.5, seed).tobytes() for seed in range(20)}) == 20


# the cue


def cue(**values: Any) -> np.ndarray:
    d = document(**{"flips": 0.0, **values})
    result = edits.cue_grid(d, d.setup)
    assert result.shape == (ROWS, COLS)
    assert result.dtype == np.int8
    assert not result.flags.writeable
    return result


A, B, *_ = grids(4)


def test_sources():
    np.testing.assert_array_equal(cue(), A)
    np.testing.assert_array_equal(cue(source="blank"), -1)
    np.testing.assert_array_equal(cue(source="drawn", drawn=frozen(B)), B)
    np.testing.assert_array_equal(cue(source="drawn"), -1)
    np.testing.assert_array_equal(cue(pattern=77), -1)
    coins = cue(source="random")
    assert set(coins.reshape(-1).tolist()) == {-1, 1}
    np.testing.assert_array_equal(coins, cue(source="random"))


@given(st.floats(0, 1))
def test_a_mixture_takes_exactly_its_share(mix):
    mixed = cue(other=2, mix=mix)
    differ = A != B
    from_b = (mixed == B) & differ
    assert (mixed[~differ] == A[~differ]).all()
    assert from_b.sum() <= round(mix * N)
    if mix == 1:
        np.testing.assert_array_equal(mixed, B)
    whole, part = document(other=2, mix=mix, flips=0.0), round(mix * N)
    a, b = frozen(np.ones_like(A)), frozen(-np.ones_like(A))
    whole = edits.set_grid(edits.set_grid(whole, 1, a), 2, b)
    assert (edits.cue_grid(whole, whole.setup) == -1).sum() == part


def test_hidden_parts():
    half = cue(hidden="half")
    np.testing.assert_array_equal(half[:3], A[:3])
    assert (half[3:] == -1).all()
    box = cue(hidden="box")
    inside = np.zeros((ROWS, COLS), bool)
    inside[1:5, 1:4] = True
    assert (box[inside] == -1).all()
    np.testing.assert_array_equal(box[~inside], A[~inside])


def test_noise_comes_last_and_follows_the_seed():
    d = document(flips=0.5, hidden="half")
    noisy = edits.cue_grid(d, d.setup)
    assert (noisy != cue(hidden="half")).sum() == N // 2
    np.testing.assert_array_equal(noisy, edits.cue_grid(d, d.setup))
    other = edits.set_seed(d, 2)
    assert (edits.cue_grid(other, other.setup) != noisy).any()
    assert (edits.cue_grid(d, replace(d.setup, title="T")) == noisy).all()


@pytest.mark.parametrize(("rows", "cols"), [(1, 2), (2, 1), (1, 7)])
def test_the_smallest_cues(rows, cols):
    (g,) = grids(1, 0, (rows, cols))
    base = document()
    for hidden in ("none", "half", "box"):
        setup = replace(base.setup, rows=rows, cols=cols, cue=Cue(pattern=1, hidden=hidden))
        d = Document("T", (Pattern(1, "A", frozen(g)),), (setup,))
        assert edits.cue_grid(d, setup).shape == (rows, cols)


# undo


def test_a_drag_is_one_step_and_seal_ends_it():
    history = History(document())
    first = history.document
    for T in (0.1, 0.2, 0.3):
        history.push(edits.set_parameters(history.document, T=T), "set T", "set T")
    history.seal()
    history.push(edits.set_parameters(history.document, T=0.4), "set T", "set T")
    history.undo()
    assert history.document.setup.model.T == 0.3
    history.push(edits.set_parameters(history.document, T=0.5), "set T", "set T")
    history.undo()
    assert history.document.setup.model.T == 0.3
    history.undo()
    assert history.document is first
    history.redo()
    history.push(edits.set_parameters(history.document, T=0.6), "set T", "set T")
    history.undo()
    assert history.document.setup.model.T == 0.3
    assert history.undo_label == "set T"


def test_edited_means_other_than_saved():
    history = History(document())
    assert not history.edited
    assert (history.undo_label, history.redo_label) == ("", "")
    history.undo()
    history.redo()
    history.push(history.document, "nothing")
    assert history.undo_label == ""
    history.push(edits.set_seed(history.document, 2), "choose a seed")
    assert history.edited
    history.saved()
    assert not history.edited
    history.undo()
    assert history.edited
    history.redo()
    assert not history.edited
    history.never_saved()
    assert history.edited


def test_undo_is_bounded_by_bytes_and_keeps_what_is_shared():
    big = frozen(np.ones((1000, 1000)))
    base = edits.remove_patterns(document(), [1, 2, 3, 4])
    base = replace(base, setups=(replace(base.setup, rows=1000, cols=1000),))
    history = History(base, budget=3_500_000)
    for k in range(8):
        grid = big.copy()
        grid[0, k] = -1
        document_ = replace(base, patterns=(Pattern(1, "A", frozen(grid)),))
        history.push(document_, f"edit {k}")
    steps = 0
    while history.undo_label:
        history.undo()
        steps += 1
    assert steps == 3
    shared = replace(base, patterns=(Pattern(1, "A", big),))
    history = History(shared, budget=500_000)
    for k in range(50):
        history.push(edits.set_seed(shared, k + 2), "choose a seed")
    steps = 0
    while history.undo_label:
        history.undo()
        steps += 1
    assert steps == 50


@given(st.lists(st.sampled_from([*EDITS, "undo", "redo"]), max_size=14))
@settings(max_examples=40, deadline=None)
def test_any_sequence_of_undo_and_redo(steps):
    history = History(document())
    past, future = [history.document], []
    for step in steps:
        if step == "undo":
            if len(past) > 1:
                future.append(past.pop())
            history.undo()
        elif step == "redo":
            if future:
                past.append(future.pop())
            history.redo()
        else:
            try:
                new = EDITS[step](history.document)
            except UserError:
                continue
            if new is not history.document:
                past.append(new)
                future.clear()
            history.push(new, step)
        assert history.document is past[-1]


# resolving


MEMORY_EDITS = ["add", "remove", "active", "move", "duplicate", "grid", "paint", "rename", "rule"]


def by_value(d: Document, resolver: Resolver) -> Any:
    model, p = resolver(d, d.active)
    fields = p.weights.fields(p.cue)
    levels = model.levels(p)
    return model, p.names, p.memories.tobytes(), p.cue.tobytes(), p.bias.tobytes(), fields, levels


@given(st.lists(st.sampled_from(MEMORY_EDITS), min_size=1, max_size=7))
@settings(max_examples=30, deadline=None)
def test_step_by_step_gives_what_a_fresh_start_gives(steps):
    resolver, d = Resolver(), document()
    resolver(d, 0)
    for step in steps:
        d = EDITS[step](d)
        d = edits.set_rule_parameters(d, dependent="pseudo") if step == "rule" else d
        *facts, fields, levels = by_value(d, resolver)
        *fresh, fresh_fields, fresh_levels = by_value(d, Resolver())
        assert facts == fresh
        np.testing.assert_allclose(fields, fresh_fields, atol=1e-6)
        np.testing.assert_allclose(levels, fresh_levels, atol=1e-5)


def test_weights_are_kept_where_nothing_they_rest_on_changed():
    resolver, d = Resolver(), document()
    weights = resolver(d, 0)[1].weights
    for edit in ("parameters", "cue", "seed", "draw", "field"):
        assert resolver(EDITS[edit](d), 0)[1].weights is weights
    assert resolver(EDITS["paint"](d), 0)[1].weights is not weights


def test_what_a_problem_holds():
    d = EDITS["field"](EDITS["active"](document()))
    model, p = Resolver()(d, 0)
    assert model is d.setup.model
    assert p.names == ("C", "D")
    assert p.memories.shape == (2, N)
    assert p.bias[3] == 0.5
    assert p.seed == d.setup.seed
    for array in (p.memories, p.cue, p.bias):
        assert not array.flags.writeable


def test_dependent_memories_are_named():
    d = edits.duplicate_pattern(edits.set_rule(document(), "projection"), 2)
    with pytest.raises(UserError, match="B copy"):
        Resolver()(d, 0)
