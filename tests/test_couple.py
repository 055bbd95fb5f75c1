"""Two runs under one clock: in step whatever is done, and one that has settled waits."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Problem, Rest
from lyapstudio.engine.couple import Couple
from lyapstudio.engine.networks import Wanted
from lyapstudio.engine.run import Run
from lyapstudio.engine.simulation import Simulation
from lyapstudio.models import model_class
from lyapstudio.weights.rules import rules
from tests.test_engine import COLD, WARM, same, same_runs
from tests.test_simulation import until
from tests.tiny import learned

Hopfield = model_class("hopfield1982")
N = 60


def problem(rule: str = "hebb", P: int = 4, seed: int = 1) -> Problem:
    """Always with weights of its own: they change in place."""
    generator = np.random.default_rng(seed)
    memories = generator.choice(np.array([-1, 1], np.int8), (P, N))
    cue = generator.choice(np.array([-1, 1], np.int8), N)
    names = tuple(f"M{k}" for k in range(P))
    weights = learned(rules()[rule](), memories, names)
    return Problem(1, N, memories, names, cue, np.zeros(N), weights, seed)


def couple(first=("hebb", WARM), second=("hebb", WARM)) -> Couple:
    made = Couple(Run(first[1], problem(first[0])), ("One", "Two"))
    made.other = Run(second[1], problem(second[0]))
    return made


def settled(run: Run) -> Run:
    while run.advance(10_000):
        pass
    return run


def apart() -> tuple[Couple, Run, Run]:
    """A couple whose runs come to rest at different updates: the quick one and the slow one."""
    for P in range(3, 12):
        made = Couple(Run(COLD, problem("projection", P)), ("One", "Two"))
        made.other = Run(COLD, problem("hebb", P))
        ends = [settled(Run(COLD, problem(rule, P))).update for rule in ("projection", "hebb")]
        if abs(ends[0] - ends[1]) > 50:
            pair = (made.lead, made.other)
            return made, *(pair if ends[0] < ends[1] else pair[::-1])
    raise AssertionError("always at once")


DEEDS = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 150)),
    st.tuples(st.just("seek"), st.integers(0, 400)),
    st.tuples(st.just("back"), st.integers(1, 90)),
    st.tuples(st.just("poke"), st.integers(0, N - 1)),
    st.tuples(st.just("restart"), st.just(0)),
)


def do(target: Couple | Run, deed: str, much: int) -> None:
    if deed == "poke":
        target.poke(np.arange(much, min(N, much + 7)), 1)
    elif deed == "restart":
        target.restart()
    else:
        getattr(target, deed)(much)


@settings(max_examples=40, deadline=None)
@given(st.lists(DEEDS, max_size=12), st.sampled_from([WARM, COLD, Hopfield(update="together")]))
def test_two_alike_stay_alike_and_are_what_one_alone_is(deeds, model):
    pair, alone = couple(("hebb", model), ("hebb", model)), Run(model, problem())
    for deed, much in deeds:
        do(pair, deed, much)
        do(alone, deed, much)
        same(pair.lead.state, pair.other.state)
        assert pair.update == alone.update
    same_runs(pair.lead, alone)
    same_runs(pair.other, alone)


def test_the_order_of_updates_is_the_same_under_two_rules():
    pair = couple(("hebb", COLD), ("projection", COLD))
    for _ in range(2 * N):
        asked = [run.model.next_neuron(run.state) for run in pair.runs]
        assert asked[0] == asked[1]
        pair.advance(1)
    values = [run.model.values(run.state)[0] for run in pair.runs]
    assert values[0] != values[1]


@settings(max_examples=40, deadline=None)
@given(st.lists(DEEDS, max_size=14))
def test_two_that_differ_keep_one_clock(deeds):
    """Whatever is done: both are at the clock's time, or at rest at their last moment before it."""
    pair = couple(("hebb", COLD), ("projection", COLD))
    for deed, much in deeds:
        do(pair, deed, much)
        for run in pair.runs:
            waits = run.rest is Rest.FIXED and run.update <= pair.update
            assert run.update == pair.update or waits
        assert pair.reach <= pair.update <= pair.latest


def test_the_one_that_has_settled_waits_and_the_run_ends_when_both_have():
    pair, quick, slow = apart()
    while quick.rest is Rest.MOVING:
        pair.advance(10)
    at = quick.update
    assert not pair.ended
    while pair.advance(10):
        assert quick.update == at
        assert slow.update == pair.update
    assert pair.ended
    assert pair.advance(10) == 0
    same(slow.state, settled(Run(COLD, slow.problem)).state)


def test_what_is_drawn_while_one_waits_comes_at_the_same_time_for_both():
    pair, quick, slow = apart()
    while pair.advance(10):
        pass
    now, rested = pair.update, quick.update
    still = quick.state.s.copy()
    assert rested < now
    pair.poke(np.arange(20), 1)
    assert quick.update == slow.update == now
    pair.advance(15)
    later = [run.state.copy() for run in pair.runs]
    assert quick.trace.cuts == slow.trace.cuts == [now]
    pair.seek(now - 10)  # before it was drawn, while the quick one waited
    assert [run.update for run in pair.runs] == [now - 10] * 2
    np.testing.assert_array_equal(quick.state.s, still)
    pair.seek(rested)
    np.testing.assert_array_equal(quick.state.s, still)
    pair.advance(now + 15 - rested)
    for run, then in zip(pair.runs, later, strict=True):
        same(run.state, then)
    rows = quick.trace.curve(0)
    assert (np.diff(rows[:, 0]) >= 0).all()
    assert rows[-1, 0] > now or quick.rest is Rest.FIXED


def test_a_branch_while_one_waits():
    pair, quick, slow = apart()
    while pair.advance(10):
        pass
    middle = (quick.update + slow.update) // 2
    pair.seek(middle)
    pair.poke(np.arange(20), -1)
    assert [run.latest for run in pair.runs] == [middle, middle]
    pair.advance(5)
    pair.seek(middle - 5)
    assert pair.update == middle - 5
    pair.poke(np.arange(3), 1)
    assert [run.latest for run in pair.runs] == [middle - 5] * 2
    pair.back(10 * N)
    assert pair.update == 0


def test_other_parameters_for_one_leave_the_other_alone():
    pair = couple()
    pair.advance(100)
    alone = Run(WARM, problem())
    alone.advance(200)
    pair.retune(pair.lead, Hopfield(T=0.1), pair.lead.problem)
    pair.advance(100)
    same_runs(pair.other, alone)
    assert pair.lead.trace.cuts == [100]
    assert pair.update == 200


def test_an_error_names_the_network_that_it_is_about():
    pair = couple()

    def broken(*_):
        raise UserError("This cannot be.")

    pair.other.advance = broken
    with pytest.raises(UserError, match=r"^Two: This cannot be\.$"):
        pair.advance(3)
    alone = Couple(Run(WARM, problem()))
    alone.lead.advance = broken
    with pytest.raises(UserError, match=r"^This cannot be\.$"):
        alone.advance(3)


# in the worker


class Pair:
    """A simulation with two networks; their problems can be exchanged."""

    def __init__(self, model=COLD):
        self.sim = Simulation()
        self.sim.start()
        self.made = {0: (model, problem("hebb")), 1: (model, problem("projection"))}
        self.generation = 0

    def load(self, lead=0, beside: int | None = 1, restart=False):
        self.generation += 1
        wanted = [
            Wanted(lambda k=k: self.made[k], k, f"N{k}") for k in (lead, beside) if k is not None
        ]
        self.sim.load(
            wanted[0].prepare,
            self.generation,
            restart=restart,
            place=lead,
            title=f"N{lead}",
            beside=wanted[1] if beside is not None else None,
        )
        return self.frame()

    def frame(self, wanted=lambda f: True):
        return until(self.sim, lambda f: f.generation == self.generation and wanted(f))


@pytest.fixture
def pair():
    made = Pair()
    yield made
    made.sim.close()


def test_frames_carry_both_at_one_moment(pair):
    frame = pair.load(restart=True)
    assert (frame.title, frame.beside.title) == ("N0", "N1")
    pair.sim.step(37)
    frame = pair.frame(lambda f: f.update == 37)
    for shown, rule in ((frame, "hebb"), (frame.beside, "projection")):
        alone = Run(COLD, problem(rule))
        alone.advance(37)
        np.testing.assert_array_equal(shown.channels["units"], alone.state.s)
        assert shown.values[0] == COLD.values(alone.state)[0]
    pair.sim.back(7)
    frame = pair.frame(lambda f: f.update == 30)
    assert (frame.beside.update, frame.latest, frame.beside.latest) == (30, 37, 37)
    pair.sim.run()
    frame = pair.frame(lambda f: f.update > 37 and not f.running)
    assert frame.rest is Rest.FIXED
    assert frame.beside.rest is Rest.FIXED
    assert frame.update == frame.latest
    pair.sim.restart()
    frame = pair.frame(lambda f: f.update == 0)
    np.testing.assert_array_equal(frame.channels["units"], frame.beside.channels["units"])


def test_changing_places_disturbs_neither(pair):
    pair.load(restart=True)
    pair.sim.look_at(3)
    pair.sim.step(37)
    before = pair.frame(lambda f: f.update == 37)
    after = pair.load(lead=1, beside=0)
    assert after.title == "N1"
    assert after.update == after.beside.update == 37
    assert after.looked_at == 3
    assert after.beside.looked_at is None
    np.testing.assert_array_equal(after.channels["units"], before.beside.channels["units"])
    np.testing.assert_array_equal(after.beside.channels["units"], before.channels["units"])


def test_one_that_comes_later_brings_both_to_the_cue_and_one_that_goes_is_not_missed(pair):
    pair.load(beside=None, restart=True)
    pair.sim.step(20)
    assert pair.frame(lambda f: f.update == 20).beside is None
    frame = pair.load()
    assert frame.update == frame.beside.update == 0
    pair.sim.step(20)
    pair.frame(lambda f: f.update == 20)
    frame = pair.load(beside=None)
    assert frame.update == 20
    assert frame.beside is None
    assert frame.title == ""


def test_an_edit_of_one_is_no_edit_of_the_other(pair):
    pair.load(restart=True)
    pair.sim.step(20)
    pair.frame(lambda f: f.update == 20)
    pair.made[0] = (Hopfield(T=0.4), pair.made[0][1])
    frame = pair.load()
    assert frame.trace.cuts == [20]
    assert frame.beside.trace.cuts == []
    assert (frame.temperature, frame.beside.temperature) == (0.4, 0.0)
    pair.sim.poke(np.arange(3), 1)
    frame = pair.frame(lambda f: f.beside.trace.cuts == [20])
    assert frame.channels["units"][:3].tolist() == [1, 1, 1]
    assert frame.beside.channels["units"][:3].tolist() == [1, 1, 1]


def test_an_error_in_one_stops_both_and_the_other_stays_on_the_screen(pair):
    pair.load(restart=True)
    pair.sim.set_rate(50)
    pair.sim.run()
    pair.frame(lambda f: f.running)

    def fails():
        raise UserError("This rule cannot hold them.")

    good, pair.made[1] = pair.made[1], None
    pair.generation += 1
    pair.sim.load(
        lambda: pair.made[0],
        pair.generation,
        restart=False,
        title="N0",
        beside=Wanted(fails, 1, "N1"),
    )
    frame = pair.frame(lambda f: f.error)
    assert frame.error == "N1: This rule cannot hold them."
    assert not frame.running
    assert frame.problem is not None
    pair.made[1] = good
    frame = pair.load()
    assert frame.error == ""
    assert frame.beside is not None


def test_the_two_keep_the_speed_that_was_asked_for(pair):
    pair.made = {k: (WARM, p) for k, (_, p) in pair.made.items()}
    pair.load(restart=True)
    pair.sim.set_rate(200)
    pair.sim.run()
    began = time.monotonic()
    frame = pair.frame(lambda f: f.update >= 100)
    assert time.monotonic() - began > 0.3
    assert frame.beside.update == frame.update


def test_pictures_of_the_other_are_read_only(pair):
    frame = pair.load(restart=True)
    assert not frame.beside.channels["units"].flags.writeable
    assert replace(frame, beside=None).beside is None
