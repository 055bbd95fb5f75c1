"""A run with its past: going back, branching and going on are exact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Model, Problem, Rest, State
from lyapstudio.engine.recording import Keyframe, Poke, Recording
from lyapstudio.engine.run import Run
from lyapstudio.engine.samples import Samples
from lyapstudio.models import model_class
from lyapstudio.weights.rules.hebb import Hebb
from tests import tiny
from tests.tiny import learned

Hopfield = model_class("hopfield1982")


def problem(N: int = 60, P: int = 8, seed: int = 1) -> Problem:
    generator = np.random.default_rng(seed)
    memories = generator.choice(np.array([-1, 1], np.int8), (P, N))
    cue = generator.choice(np.array([-1, 1], np.int8), N)
    names = tuple(f"M{k}" for k in range(P))
    weights = learned(Hebb(), memories, names)
    return Problem(1, N, memories, names, cue, np.zeros(N), weights, seed)


P60 = problem()
WARM, COLD = Hopfield(T=0.8), Hopfield()
TUNINGS = (WARM, COLD, Hopfield(T=0.3, units="01"), Hopfield(update="together", T=0.5))


def same(a: Any, b: Any) -> None:
    """Two states hold the same numbers."""
    assert a.update == b.update
    for name, x in vars(a).items():
        if isinstance(x, np.ndarray):
            np.testing.assert_array_equal(x, getattr(b, name), name)


def same_runs(a: Run, b: Run) -> None:
    same(a.state, b.state)
    assert a.model == b.model
    np.testing.assert_equal(a.trace.counters, b.trace.counters)
    assert a.trace.cuts == b.trace.cuts


# what somebody may do to a run: go on, draw, turn a knob, go back


@dataclass
class Deeds:
    """The deeds of the present branch, by an obvious list, for a fresh run to do again."""

    done: list[tuple[int, Any]]

    def replay(self, until: int) -> Run:
        run = Run(WARM, P60)
        for at, deed in self.done:
            if at > until:
                break
            run.advance(at - run.update)
            deed(run)
        run.advance(until - run.update)
        return run


ACTS = st.one_of(
    st.tuples(st.just("advance"), st.integers(0, 90)),
    st.tuples(st.just("poke"), st.integers(0, 59)),
    st.tuples(st.just("retune"), st.sampled_from(TUNINGS)),
    st.tuples(st.just("back"), st.integers(0, 90)),
    st.tuples(st.just("seek"), st.integers(0, 200)),
    st.tuples(st.just("keyframe"), st.just(0)),
)


@given(st.lists(ACTS, max_size=14))
@settings(max_examples=60, deadline=None)
def test_going_back_and_branching_is_exact(acts):
    run, deeds = Run(WARM, P60), Deeds([])
    for name, value in acts:
        if name in ("poke", "retune"):
            kept = run._cursor
            deeds.done = deeds.done[:kept]
            deed = (
                (lambda r, v=value: r.poke(np.array([v]), 1))
                if name == "poke"
                else (lambda r, v=value: r.retune(v, P60))
            )
            deed(run)
            deeds.done.append((run.update, deed))
        elif name == "keyframe":
            if run.update == run.latest and not run.deeds_due:
                run._keyframe()
        else:
            getattr(run, name)(value)
    run.seek(run.latest)
    fresh = deeds.replay(run.latest)
    assert fresh.update == run.update
    same_runs(run, fresh)
    run.advance(40)
    fresh.advance(40)
    same_runs(run, fresh)


@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from(TUNINGS))
@settings(max_examples=30, deadline=None)
def test_advance_in_parts(n, cut, model):
    whole, parts = Run(model, P60), Run(model, P60)
    done = whole.advance(n)
    assert parts.advance(min(cut, n)) + parts.advance(n - min(cut, n)) == done
    same_runs(whole, parts)
    parts.seek(n // 3)
    back = parts.update
    assert parts.advance(n) + back == Run(model, P60).advance(back + n)
    whole.seek(n // 2)
    assert whole.latest == done


def test_going_back_shows_the_earlier_moment_and_keeps_the_later_one():
    run = Run(WARM, P60)
    run.advance(50)
    run.poke(np.arange(5), -1)
    drawn = run.state.copy()
    run.advance(50)
    last, counters = run.state.copy(), run.trace.counters
    run.back(60)
    assert (run.update, run.latest) == (40, 100)
    assert run.trace.counters == counters
    run.advance(9)
    assert run.update == 49
    run.advance(1)
    same(run.state, drawn)  # what was drawn at a moment belongs to it
    run.seek(49)
    run.seek(50)
    same(run.state, drawn)
    run.seek(10**9)
    same(run.state, last)
    run.seek(-5)
    assert run.update == 0


def test_a_deed_at_an_earlier_moment_starts_a_new_branch():
    run = Run(WARM, P60)
    run.advance(100)
    run.seek(30)
    run.poke(np.array([3]), -int(run.state.s[3]))
    assert run.latest == run.update == 30
    assert run.trace.cuts == [30]
    assert run.trace.curve(0)[-1, 0] == 30
    fresh = Run(WARM, P60)
    fresh.advance(30)
    fresh.poke(np.array([3]), -int(fresh.state.s[3]))
    same_runs(run, fresh)


def test_restart_takes_the_cue_and_the_parameters_set_last():
    run = Run(WARM, P60)
    run.advance(100)
    other = problem(seed=2)
    run.retune(COLD, other)
    run.seek(20)
    assert run.model is WARM
    assert run.problem is P60
    run.restart()
    assert run.model is COLD
    assert run.problem is other
    same_runs(run, Run(COLD, other))
    assert (run.update, run.latest, run.reach) == (0, 0, 0)


def test_the_past_is_bounded_and_says_how_far_it_reaches():
    run = Run(WARM, P60)
    cost = run.state.nbytes + 1024
    run.recording.budget = 5 * cost
    for _ in range(20):
        run.advance(10)
        run._keyframe()
    assert len(run.recording.keyframes) == 5
    assert run.reach == 160
    run.seek(0)
    assert run.update == 160
    fresh = Run(WARM, P60)
    fresh.advance(160)
    same(run.state, fresh.state)


def test_drawing_for_hours_is_bounded_too():
    run = Run(WARM, P60)
    run.recording.budget = 100_000
    for k in range(3000):
        run.poke(np.arange(k % 60), 1 if k % 2 else -1)
        run.advance(1)
    kept = sum(deed.where.nbytes + 256 for _, deed in run.recording.deeds)
    assert kept + len(run.recording.keyframes) * (run.state.nbytes + 1024) <= 100_000
    assert 0 < run.reach < 3000
    last = run.state.copy()
    run.seek(run.reach)
    run.seek(run.latest)
    same(run.state, last)


def test_weights_that_only_the_past_holds_count():
    run = Run(COLD, P60)
    run.recording.budget = 5 * P60.weights.nbytes
    for seed in range(12):
        run.retune(COLD, problem(seed=seed))
    assert len(run.recording.deeds) <= 5
    run.retune(WARM, run.problem)
    assert run.recording.deeds[-1][1].nbytes == 0


def test_recording_finds_its_moments():
    recording = Recording()
    for update in (0, 10, 10, 40):
        state = State(update)
        recording.add(Keyframe(state, WARM, P60, (), recording.end))
        recording.note(update, Poke(np.arange(2), 1))
    assert recording.before(9).update == 0
    assert recording.before(10).cursor == 2
    assert recording.before(99).update == 40
    recording.forget_after(20, 2)
    assert [k.cursor for k in recording.keyframes] == [0, 1, 2]
    assert recording.end == 2
    assert recording.deed(1) is not None
    assert recording.deed(2) is None


def test_a_cycle_goes_on_unless_it_is_to_settle():
    two = np.array([[1, 1]], np.int8)
    weights = learned(Hebb(), two, ("A",))
    swing = Problem(1, 2, two, ("A",), np.array([1, -1], np.int8), np.zeros(2), weights, 1)
    run = Run(Hopfield(update="together"), swing)
    assert run.flipping() is None
    assert run.advance(1000, settle=True) == 2
    assert run.rest is Rest.CYCLE
    assert run.settled
    assert run.flipping().tolist() == [0, 1]
    assert run.advance(1000) == 1000
    run.seek(1)
    assert run.advance(5000) == 5000
    assert run.trace.counters[0].wrong_moves == 0


def test_it_settles_and_stays():
    run = Run(COLD, P60)
    done = run.advance(10**6)
    assert run.rest is Rest.FIXED
    assert done == run.update < 10**4
    assert run.advance(5) == 0
    run.poke(np.array([0]), -int(run.state.s[0]))
    assert run.advance(10**6) > 0
    run.seek(1)
    assert run.advance(10**6) == run.latest - 1


def test_causes_name_the_broken_assumption():
    run = Run(WARM, P60)
    run.advance(500)
    assert run.trace.counters[0].wrong_moves > 0
    assert run.trace.counters[0].cause == "zero temperature"


def test_samples_hold_every_change():
    samples = Samples()
    run = Run(COLD, P60, samples=samples)
    run.advance(10**6)
    rows = samples.rows()
    assert rows[0].tolist() == [0, run.trace.counters[0].first]
    assert (np.diff(rows[:, 1]) < 0).all()
    assert rows[-1, 1] == run.trace.counters[0].last


# models of another kind


@dataclass
class Clock(State):
    s: Any = None
    x: float = 1.0


@dataclass(frozen=True)
class Bare(Model):
    """A model without a Lyapunov function; `functions` is what the tests vary."""

    title: ClassVar[str] = "Bare"
    functions: ClassVar[tuple] = ()

    def start(self, problem: Problem) -> Clock:
        return Clock(0, problem.cue.copy())

    def retune(self, state: Clock, problem: Problem) -> Clock:
        return state.copy()

    def advance(self, state: Clock, updates: int, log: Any) -> int:
        n = min(updates, log.room, 7)
        for _ in range(n):
            state.update += 1
            state.x *= 10.0
            log.note(state.update, *self.values(state))
        return n

    def values(self, state: Clock) -> tuple[float, ...]:
        return (-state.x,) * len(self.functions)

    def terms(self, state: Clock) -> dict[str, float]:
        return {}

    def guarantees(self, state: Clock) -> tuple:
        return ()

    def rest(self, state: Clock) -> Rest:
        return Rest.MOVING


class Doomed(Bare):
    functions = (Hopfield.functions[0],)


class Undefined(Doomed):
    def values(self, state: Clock) -> tuple[float, ...]:
        return (math.nan,)


def test_a_model_may_have_no_function():
    for model in (Bare(), Undefined()):
        samples = Samples()
        run = Run(model, P60, samples=samples)
        assert run.advance(1000) == 1000
        assert len(samples.rows()) == 0
        run.seek(500)
        assert run.update == 500


def test_a_function_that_overflows_stops_with_a_sentence():
    run = Run(Doomed(), P60)
    with (
        np.errstate(over="ignore"),
        pytest.raises(UserError, match="no longer a finite number"),
    ):
        run.advance(1000)
    run.restart()
    assert run.update == 0


# networks that learn


LEARNERS = {name: tiny.model(**changes, epochs=8) for name, changes in tiny.SORTS.items()}
TINY = tiny.problem()


@given(
    st.sampled_from(sorted(LEARNERS)),
    st.lists(
        st.one_of(
            st.tuples(st.just("advance"), st.integers(0, 250)),
            st.tuples(st.just("retune"), st.sampled_from(sorted(LEARNERS))),
            st.tuples(st.just("back"), st.integers(0, 250)),
            st.tuples(st.just("seek"), st.integers(0, 500)),
            st.tuples(st.just("keyframe"), st.just(0)),
        ),
        max_size=10,
    ),
)
@settings(max_examples=40, deadline=None)
def test_learning_can_be_gone_back_on_exactly(first, acts):
    run, deeds = Run(LEARNERS[first], TINY), []
    for name, value in acts:
        if name == "retune":
            deeds = deeds[: run._cursor]
            run.retune(LEARNERS[value], TINY)
            deeds.append((run.update, value))
        elif name == "keyframe":
            if run.update == run.latest and not run.deeds_due:
                run._keyframe()
        else:
            getattr(run, name)(value)
    run.seek(run.latest)
    fresh = Run(LEARNERS[first], TINY)
    for at, value in deeds:
        fresh.advance(at - fresh.update)
        fresh.retune(LEARNERS[value], TINY)
    fresh.advance(run.latest - fresh.update)
    for updates in (0, 90):
        run.advance(updates)
        fresh.advance(updates)
        tiny.same(run.state, fresh.state)
        here, there = (vars(r.trace.counters[0]) for r in (run, fresh))
        np.testing.assert_equal(here, there)  # NaN included


def test_the_past_of_learning_is_bounded(monkeypatch):
    monkeypatch.setattr("lyapstudio.engine.run.KEYFRAME_SECONDS", 0.0)
    run = Run(tiny.model(epochs=500), TINY)
    run.recording.budget = 40 * (run.state.nbytes + 1024)
    for _ in range(200):
        run.advance(30)
    assert len(run.recording.keyframes) <= 40
    assert 0 < run.reach < run.latest == 6000
    here = run.state.copy()
    run.back(100)
    run.seek(run.latest)
    tiny.same(run.state, here)
    run.seek(0)
    assert run.update == run.reach


def test_a_run_goes_on_from_what_was_saved():
    model = LEARNERS["mini"]
    whole, half = Run(model, TINY), Run(model, TINY)
    whole.advance(700)
    half.advance(333)
    resumed = Run(model, TINY, saved=half.state.dump())
    assert (resumed.update, resumed.latest, resumed.reach) == (333, 333, 333)
    resumed.advance(367)
    tiny.same(resumed.state, whole.state)
    assert resumed.trace.counters[0].last == whole.trace.counters[0].last
    resumed.restart()
    tiny.same(resumed.state, model.start(TINY))
    with pytest.raises(UserError, match="another network"):
        Run(LEARNERS["full"], TINY, saved=half.state.dump())


def test_learning_that_is_stopped_stays_where_it_stopped():
    run = Run(tiny.model(p=12.0), TINY)
    run.advance(40)
    run.state.W *= np.float32(1590 / np.abs(run.state.W).max())
    run.state.work = None
    for _ in range(3):
        with pytest.raises(UserError, match="Learning stopped"):
            run.advance(100)
        assert run.update == run.latest == 60
    W = run.state.W.copy()
    run.retune(tiny.model(p=2.0), TINY)
    np.testing.assert_array_equal(run.state.W, W)
    run.advance(100)
    assert run.latest == 160
    assert np.isfinite(run.state.W).all()


def test_a_guaranteed_run_has_no_wrong_moves_and_mini_batches_say_why():
    sure = Run(tiny.model(**{**tiny.SORTS["guaranteed"], "step": 0.5}, epochs=60), TINY)
    for _ in range(600):  # also in small chunks
        sure.advance(12)
    assert sure.rest is Rest.FIXED
    assert sure.trace.counters[0].wrong_moves == 0
    mini = Run(tiny.model(epochs=60, step=0.5), TINY)
    mini.advance(60 * 120)
    counters = mini.trace.counters[0]
    assert counters.wrong_moves > 0
    assert counters.cause == "full batch"
