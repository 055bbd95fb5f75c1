"""The contract that every model keeps: found by itself, never named here.

What learns from images keeps the general half of it and one of its own: it has neither units to
set by hand nor memories to compare with.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Direction, Guarantee, Log, Problem, Rest
from lyapstudio.core.param import ParamError, Spec
from lyapstudio.models import model_class, model_id, models
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings
from tests import tiny

ROWS, COLS, P = 6, 7, 3
MEMORIES = {id: cls for id, cls in models().items() if not cls.learns}
LEARNERS = {id: cls for id, cls in models().items() if cls.learns}
every_model = pytest.mark.parametrize("cls", models().values(), ids=models())
every_memory = pytest.mark.parametrize("cls", MEMORIES.values(), ids=MEMORIES)
every_learner = pytest.mark.parametrize("cls", LEARNERS.values(), ids=LEARNERS)
TINY = tiny.data(60)


def problem(cls: Any, seed: int = 1, rule: str = "hebb", painted: bool = False) -> Problem:
    if cls.learns:
        return tiny.problem(TINY, seed)
    generator = np.random.default_rng(seed)
    N = ROWS * COLS
    memories = generator.choice(np.array([-1, 1], np.int8), (P, N))
    cue = generator.choice(np.array([-1, 1], np.int8), N)
    bias = generator.normal(0, 0.3, N) if painted else np.zeros(N)
    for array in (memories, cue, bias):
        array.flags.writeable = False
    W = tiny.learned(rules()[rule](), memories, ("A", "B", "C")) if cls.uses_rule else None
    return Problem(ROWS, COLS, memories, ("A", "B", "C"), cue, bias, W, seed)


def any_value(spec: Spec) -> st.SearchStrategy[Any]:
    """Values of a declared parameter, from its declaration alone."""
    if spec.kind == "choice":
        return st.sampled_from([c.id for c in spec.choices])
    if spec.kind == "switch":
        return st.booleans()
    low, high = max(spec.low, -1e6), min(spec.high, 1e6)
    if spec.kind == "integer":
        return st.integers(int(low), int(high))
    return st.one_of(st.just(spec.default), st.floats(low, high))


def fitting(cls: Any, draw: Any) -> Any:
    """A model with values that its own checks accept; few units, so that it is quick."""
    specs = cls.specs()
    values = {name: draw(any_value(spec)) for name, spec in specs.items()}
    if cls.learns:
        values["K"] = draw(st.integers(2, 20))
        values["k"] = draw(st.integers(2, values["K"]))
        values["p"] = draw(st.floats(1.1, 4.0))
        values["rate"] = min(values["rate"], 1e-5)  # a large one diverges: it says so, and stops
    return cls(**values)


class Chosen(tuple):
    """A model and its problem; the images are not told where a test fails."""

    def __repr__(self) -> str:
        return f"({type(self[0]).__name__} {self[0].as_values()}, seed {self[1].seed})"


@st.composite
def settings_of_models(draw: Any, of: Any = None) -> tuple[Any, Problem]:
    cls = draw(st.sampled_from(list((of or models()).values())))
    seed, rule = draw(st.integers(0, 99)), draw(st.sampled_from(sorted(rules())))
    return Chosen((fitting(cls, draw), problem(cls, seed, rule, draw(st.booleans()))))


settings_of_memories = settings_of_models(MEMORIES)
settings_of_learners = settings_of_models(LEARNERS)


def advance(model: Any, state: Any, updates: int) -> Log:
    log = Log(len(model.functions), 1 << 12)
    done = model.advance(state, updates, log)
    assert 0 <= done <= updates
    return log


def same(a: Any, b: Any) -> bool:
    """Two states hold the same numbers."""
    for name, x in vars(a).items():
        y = getattr(b, name)
        if (
            name not in a.shared
            and isinstance(x, np.ndarray)
            and not np.array_equal(x, y, equal_nan=True)
        ):
            return False
    return a.update == b.update


@given(settings_of_models())
@settings(max_examples=80, deadline=None)
def test_guaranteed_functions_never_move_the_wrong_way(chosen):
    model, p = chosen
    state = model.start(p)
    columns = {f.symbol: (k, f.direction) for k, f in enumerate(model.functions)}
    for _ in range(3):
        before, guarantees = model.values(state), model.guarantees(state)
        tolerance = model.tolerance(state)
        log = advance(model, state, 100)
        tolerance = max(tolerance, model.tolerance(state))
        for g in guarantees:
            assert isinstance(g, Guarantee)
            assert all(a.holds or a.cause for a in g.assumptions)
            column, direction = columns[g.symbol]
            moves = np.diff(log.values[: log.count, column], prepend=before[column])
            wrong = moves if direction is Direction.FALLS else -moves
            assert not g.holds or not (wrong > tolerance).any()  # NaN: not defined yet
        if log.count:
            last = log.values[log.count - 1]
            np.testing.assert_array_equal(last, model.noted(state)[0])
        values, terms = model.values(state), model.terms(state)
        assert sum(terms.values()) == pytest.approx(values[0], abs=1e-9, nan_ok=True)


@given(settings_of_models(), st.integers(0, 150))
@settings(max_examples=40, deadline=None)
def test_same_seed_same_run_in_any_chunks(chosen, cut):
    model, p = chosen
    one, two = model.start(p), model.start(p)
    whole = advance(model, one, 150)
    log = Log(len(model.functions))
    cut = min(cut, max(one.update - 1, 0))  # once in a 2-cycle one may step on and on
    model.advance(two, cut, log)
    kept = two.copy()
    model.advance(two, 150 - cut, log)
    assert same(one, two)
    n = log.count
    assert n == whole.count
    np.testing.assert_array_equal(log.at[:n], whole.at[:n])
    np.testing.assert_array_equal(log.values[:n], whole.values[:n])
    assert model.rest(one) is model.rest(two)
    model.advance(kept, 150 - cut, Log(len(model.functions)))
    assert same(kept, two)  # a copy is a keyframe: it goes on as the original did


@given(settings_of_memories, settings_of_memories)
@settings(max_examples=40, deadline=None)
def test_retune_keeps_the_units(chosen, other):
    model, p = chosen
    if type(model) is not type(other[0]):
        return
    state = model.start(p)
    advance(model, state, 50)
    units = model.read(state, "units").copy()
    moved = other[0].retune(state, other[1])
    np.testing.assert_array_equal(other[0].read(moved, "units"), units)
    assert moved.update == state.update
    fresh = other[0].retune(other[0].start(other[1]), other[1])
    other[0].poke(fresh, np.flatnonzero(units > 0), 1)
    other[0].poke(fresh, np.flatnonzero(units < 0), -1)
    assert other[0].values(fresh)[0] == other[0].values(moved)[0]
    advance(other[0], moved, 50)
    np.testing.assert_array_equal(model.read(state, "units"), units)  # the old state is untouched


@given(settings_of_memories)
@settings(max_examples=40, deadline=None)
def test_arithmetic_tells_what_will_happen(chosen):
    model, p = chosen
    state = model.start(p)
    neuron = model.next_neuron(state)
    a = model.arithmetic(state, 3 if neuron is None else neuron)
    if a is None:
        return
    assert sum(v for _, v in a.parts) == pytest.approx(a.field, abs=1e-9)
    before = model.values(state)[0]
    if neuron is not None and a.chance is None:
        advance(model, state, 1)
        assert model.read(state, "units")[neuron] == a.new
        assert model.values(state)[0] - before == pytest.approx(a.change, abs=1e-7)


@every_memory
def test_levels_are_the_values_at_the_memories(cls):
    for painted in (False, True):
        p, model = problem(cls, painted=painted), cls()
        state = model.start(p)
        levels = model.levels(p)
        for memory, level in zip(p.memories, levels, strict=True):
            model.poke(state, np.flatnonzero(memory > 0), 1)
            model.poke(state, np.flatnonzero(memory < 0), -1)
            assert model.values(state)[0] == pytest.approx(level, abs=1e-6)


@every_model
def test_channels_have_their_shapes(cls):
    p, model = problem(cls), cls()
    state = model.start(p)
    units = len(model.read(state, "weights")) if cls.learns else P
    shapes = {"grid": (p.N,), "tiles": (units, p.N), "image": (p.N,)}
    for channel in cls.channels:
        values = model.read(state, channel.name)
        assert values.shape == shapes.get(channel.kind, (units,))
        if channel.kind == "grid":
            assert values.dtype == np.int8
        elif channel.kind == "bars":
            assert np.abs(values).max() <= 1
        assert np.isfinite(values).all()
        assert not np.shares_memory(values, model.read(state, channel.name))
    row = model.incoming(state, 4)
    assert row is None or (row.shape == (p.N,) and row.dtype == np.float64 and row[4] == 0)


@every_memory
def test_it_settles_from_a_cue_and_stays(cls):
    model = cls()
    state = model.start(problem(cls))
    advance(model, state, 10**6)
    assert model.rest(state) is Rest.FIXED
    assert advance(model, state, 1000).count == 0
    model.poke(state, np.array([0]), -int(model.read(state, "units")[0]))
    assert model.rest(state) is Rest.MOVING


@every_memory
def test_no_memories_and_two_neurons(cls):
    names: tuple[str, ...] = ()
    for N, rule in itertools.product((2, 30), rules().values()):
        memories = np.zeros((0, N), np.int8)
        W = tiny.learned(rule(), memories, names) if cls.uses_rule else None
        cue = np.ones(N, np.int8)
        p = Problem(1, N, memories, names, cue, np.zeros(N), W, 0)
        state = cls().start(p)
        advance(cls(), state, 10 * N)
        assert cls().rest(state) is Rest.FIXED
        assert cls().levels(p).shape == (0,)
        assert cls().values(state)[0] == 0 or not rule.stores  # random weights need no memory


@every_model
def test_it_explains_itself_and_refuses_what_is_out_of_range(cls):
    assert model_class(model_id(cls)) is cls
    assert len(cls.about) > 300
    assert "What to look for" in cls.about
    assert cls.from_values(cls().as_values()) == cls()
    for name, spec in cls.specs().items():
        assert spec.label
        assert spec.help.endswith(".")
        bad = {"choice": "no such", "switch": 3}.get(spec.kind, spec.high * 2 + 1)
        with pytest.raises(ParamError):
            cls(**{name: bad})
    with pytest.raises(UserError, match="Known models"):
        model_class("no such")


@pytest.mark.parametrize("cls", [*rules().values(), *wirings().values()])
def test_rules_and_wirings_explain_themselves(cls):
    assert cls.title
    assert cls.about.startswith("<")
    assert cls.from_values(cls().as_values()) == cls()


# what learns


@given(settings_of_learners, st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_learning_goes_on_from_what_was_saved(chosen, updates):
    model, p = chosen
    state = model.start(p)
    advance(model, state, updates)
    saved = {name: array.copy() for name, array in state.dump().items()}
    again = model.resume(p, saved)
    assert same(state, again)
    for s in (state, again):
        log = advance(model, s, 150)
        s.log = log.values[: log.count].tolist()
    assert same(state, again)
    np.testing.assert_array_equal(state.log, again.log)
    with pytest.raises(UserError, match="another network"):
        model.resume(p, {})
    with pytest.raises(UserError, match="another network"):
        model.resume(p, {**saved, "W": saved["W"][1:]})


@given(settings_of_learners, settings_of_learners)
@settings(max_examples=40, deadline=None)
def test_retune_keeps_what_was_learned(chosen, other):
    model, p = chosen
    begun = {n: getattr(model, n) for n, s in model.specs().items() if s.anew}
    wanted = other[0].changed(**begun, k=min(other[0].k, model.K))
    state = model.start(p)
    advance(model, state, 70)
    before = {name: array.copy() for name, array in state.dump().items()}
    moved = wanted.retune(state, p)
    for name in ("W", "order", "rng", "wins", "won", "update"):
        np.testing.assert_array_equal(moved.dump()[name], before[name], name)
    advance(wanted, moved, 70)
    for name, array in state.dump().items():
        np.testing.assert_array_equal(array, before[name], name)  # the old state is untouched


@every_learner
def test_a_learner_tells_how_far_it_is(cls):
    model, p = cls(), problem(cls)
    state = model.start(p)
    assert model.levels(p).shape == (0,)
    assert {"epoch", "epochs", "winners", "dead_units", "norm_error"} <= model.facts(state).keys()
    assert model.rest(state) is Rest.MOVING
    strides = model.strides(p)
    assert [s.updates for s in strides] == sorted({s.updates for s in strides})
    assert strides[-1].updates == len(p.data.train)
    example = model.example(state)
    m = len(example.units)
    assert example.image.shape == (p.N,)
    assert example.label in p.data.classes
    assert example.currents.shape == example.pushes.shape == (m,)
    assert example.fields.shape == example.changes.shape == (m, p.N)
    assert (np.diff(example.currents) <= 0).all()
    model.warm(state.copy())
    assert cls.uses_rule is False


@every_learner
def test_what_begins_a_run_is_declared(cls):
    anew = [name for name, spec in cls.specs().items() if spec.anew]
    assert anew
    assert cls().identity() == tuple(getattr(cls(), name) for name in anew)
