"""The worker thread, its messages and frames; jobs; the mailbox between threads."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Problem, Rest
from lyapstudio.engine.job import Job
from lyapstudio.engine.mailbox import Mailbox
from lyapstudio.engine.run import Run
from lyapstudio.engine.simulation import Simulation
from lyapstudio.models import model_class
from lyapstudio.weights.rules.hebb import Hebb
from tests import tiny
from tests.test_engine import COLD, P60, WARM, problem
from tests.tiny import learned

Hopfield = model_class("hopfield1982")


@contextmanager
def simulation(model: Any = WARM, p: Problem | None = None):
    """A simulation with a network in it; ended even where the test fails."""
    sim = Simulation()
    sim.start()
    try:
        sim.load(lambda: (model, p or P60), 1, restart=True)
        until(sim, lambda f: f.generation == 1 and f.problem is not None)
        yield sim
    finally:
        sim.close()
        assert not sim.alive


def until(sim: Simulation, wanted: Callable[[Frame], bool], seconds: float = 10.0) -> Frame:
    """The first frame that is as wanted."""
    end = time.monotonic() + seconds
    frame = None
    while time.monotonic() < end:
        frame = sim.mailbox.take() or frame
        if frame is not None and wanted(frame):
            return frame
        time.sleep(0.001)
    raise AssertionError(f"no such frame; the last one: {frame}")


def quiet(sim: Simulation) -> Frame | None:
    """The last frame that comes until nothing comes any more."""
    frame, since = None, time.monotonic()
    while time.monotonic() - since < 0.06:
        new = sim.mailbox.take()
        if new is not None:
            frame, since = new, time.monotonic()
        time.sleep(0.001)
    return frame


def test_messages_do_what_a_run_does():
    fresh = Run(WARM, P60)
    fresh.advance(100)
    with simulation() as sim:
        sim.step(100)
        frame = until(sim, lambda f: f.update == 100)
        np.testing.assert_array_equal(frame.channels["units"], fresh.state.s)
        assert frame.values[0] == WARM.values(fresh.state)[0]
        assert not frame.running
        assert frame.trace.counters[0] == fresh.trace.counters[0]
        sim.back(30)
        assert until(sim, lambda f: f.update == 70).latest == 100
        sim.seek(40)
        sim.poke(np.array([1, 2]), 1)
        frame = until(sim, lambda f: f.latest == 40)
        assert frame.channels["units"][1:3].tolist() == [1, 1]
        assert frame.trace.cuts == [40]
        sim.restart()
        frame = until(sim, lambda f: f.update == 0)
        np.testing.assert_array_equal(frame.channels["units"], P60.cue)
        assert frame.history.shape == (1, 9)
        assert not frame.channels["units"].flags.writeable


def test_the_last_frame_is_never_stale():
    with simulation(COLD) as sim:
        for k in range(1, 30):
            sim.step(1)  # nobody takes the frames meanwhile
            if k % 10 == 0:
                time.sleep(0.02)
        assert until(sim, lambda f: f.update == 29).latest == 29
        sim.set_rate(math.inf)
        sim.run()
        time.sleep(0.1)
        frame = quiet(sim)
        assert frame is not None
        assert frame.rest is Rest.FIXED
        assert not frame.running
        assert frame.update == frame.latest
        assert math.isnan(frame.rate)


def test_the_same_as_a_run_at_full_speed_with_interruptions():
    with simulation() as sim:
        sim.set_rate(math.inf)
        for _ in range(5):
            sim.run()
            time.sleep(0.02)
            sim.pause()
        frame = until(sim, lambda f: not f.running and f.update > 1000)
        quiet(sim)
        fresh = Run(WARM, P60)
        fresh.advance(frame.update)
        np.testing.assert_array_equal(frame.channels["units"], fresh.state.s)
        assert frame.trace.counters == fresh.trace.counters


def test_a_poke_never_starts_and_never_stops():
    with simulation() as sim:
        sim.poke(np.array([0]), 1)
        assert not quiet(sim).running
        sim.set_rate(100.0)
        sim.run()
        until(sim, lambda f: f.running)
        sim.poke(np.array([0]), -1)
        frame = until(sim, lambda f: bool(f.trace.cuts) and f.update > 5)
        assert frame.running
        sim.pause()
        assert not until(sim, lambda f: not f.running).running


@pytest.mark.parametrize("rate", [2.0, 30.0, 1000.0])
def test_pacing(rate):
    with simulation() as sim:
        sim.set_rate(rate)
        started = time.perf_counter()
        sim.run()
        want = {2.0: 2, 30.0: 15, 1000.0: 500}[rate]
        frame = until(sim, lambda f: f.update >= want)
        spent = time.perf_counter() - started
        assert frame.update / spent == pytest.approx(rate, rel=0.15)


def test_an_error_is_a_sentence_and_the_thread_lives_on():
    def broken() -> Any:
        raise UserError("Choose fewer memories.")

    with simulation() as sim:
        sim.step(10)
        sim.load(broken, 2, restart=False)
        frame = until(sim, lambda f: bool(f.error))
        assert frame.error == "Choose fewer memories."
        assert frame.update == 10
        assert frame.busy == ""
        sim.poke(np.array([10**6]), 1)
        assert "IndexError" in until(sim, lambda f: "stopped" in f.error).error
        sim.step(1)
        frame = until(sim, lambda f: f.update == 11)
        assert frame.error == ""
        sim.load(lambda: (COLD, P60), 3, restart=True)
        assert until(sim, lambda f: f.generation == 3 and f.update == 0).error == ""


def test_a_picture_that_cannot_be_made_is_an_error_too(monkeypatch):
    with simulation() as sim:
        with monkeypatch.context() as patch:
            patch.setattr(type(WARM), "terms", lambda *_: 1 / 0)
            sim.step(1)
            assert "ZeroDivisionError" in until(sim, lambda f: bool(f.error)).error
        sim.step(1)
        assert until(sim, lambda f: f.update == 2).error == ""


def test_retuning_keeps_the_units_and_levels_follow_the_moment_shown():
    few = problem(P=3)
    with simulation() as sim:
        sim.step(30)
        units = until(sim, lambda f: f.update == 30).channels["units"]
        sim.load(lambda: (COLD, few), 2, restart=False)
        frame = until(sim, lambda f: f.generation == 2)
        np.testing.assert_array_equal(frame.channels["units"], units)
        assert frame.levels.shape == (3,)
        assert frame.history.shape[1] == 4
        sim.back(1)
        frame = until(sim, lambda f: f.update == 29)
        assert frame.levels.shape == frame.channels["overlaps"].shape == (8,)
        sim.poke(np.array([0]), 1)
        frame = until(sim, lambda f: f.latest == 29)
        assert frame.history.shape[1] == 9
        sim.restart()
        assert until(sim, lambda f: f.update == 0).levels.shape == (3,)


def test_slow_frames_carry_the_next_neurons_arithmetic():
    with simulation() as sim:
        sim.step(3)
        frame = until(sim, lambda f: f.update == 3)
        assert frame.arithmetic is not None
        sim.look_at(7)
        frame = until(sim, lambda f: f.looked_at == 7)
        assert frame.arithmetic.neuron == 7
        assert frame.incoming.shape == (60,)
        sim.look_at(60)
        assert until(sim, lambda f: f.looked_at is None).incoming is None


def test_a_cycle_shows_who_flips():
    with simulation(Hopfield(update="together"), problem(P=40)) as sim:
        sim.step(200)
        frame = until(sim, lambda f: f.update > 0)
        if frame.rest is Rest.CYCLE:
            assert len(frame.flipping) > 0
        else:
            assert frame.flipping is None


def big() -> Problem:
    side = 1024
    memories = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (3, side * side))
    names = ("A", "B", "C")
    cue = memories[0].copy()
    cue[: side * side // 5] *= -1
    weights = learned(Hebb(), memories, names)
    return Problem(side, side, memories, names, cue, np.zeros(side * side), weights, 1)


def test_a_million_neurons_at_full_load_close_within_a_second():
    with simulation(Hopfield(T=0.5), big()) as sim:
        sim.set_rate(math.inf)
        sim.run()
        until(sim, lambda f: f.update > 10_000, 20.0)
        started = time.perf_counter()
        sim.close()
        assert time.perf_counter() - started < 1.0
        assert not sim.alive
        sim.run()  # after the end nothing happens, and nothing breaks
        sim.close()


def test_the_mailbox_holds_one_frame():
    box: Mailbox[int] = Mailbox()
    assert box.empty
    assert box.take() is None
    box.put(1)
    box.put(2)
    assert not box.empty
    assert box.take() == 2
    assert box.take() is None


def test_a_job_reports_and_ends():
    go = threading.Event()

    def work(report: Callable[[float], None]) -> str:
        report(0.5)
        go.wait(5)
        report(1.0)
        return "done"

    job = Job(work)
    while job.progress < 0.5:
        time.sleep(0.001)
    assert not job.done
    assert job.result is None
    go.set()
    job.wait()
    assert job.done
    assert (job.result, job.error, job.cancelled, job.progress) == ("done", "", False, 1.0)


def test_a_job_can_be_cancelled():
    def work(report: Callable[[float], None]) -> None:
        while True:
            report(0.1)
            time.sleep(0.001)

    job = Job(work)
    job.cancel()
    job.wait()
    assert (job.result, job.error, job.cancelled) == (None, "", True)


def test_a_jobs_error_is_a_sentence():
    def refused(report: Any) -> None:
        raise UserError("Choose a smaller picture.")

    def broken(report: Any) -> None:
        raise ValueError("axis")

    def huge(report: Any) -> None:
        raise MemoryError

    for work, words in ((refused, "smaller picture"), (broken, "ValueError"), (huge, "memory")):
        job = Job(work)
        job.wait()
        assert words in job.error
        assert job.result is None


# networks that learn


def saved_of(sim: Simulation) -> dict[int, Any]:
    return sim.learned().result(timeout=5)


def load(sim: Simulation, model: Any, p: Problem, generation: int, **more: Any) -> Frame:
    sim.load(lambda: (model, p), generation, **{"restart": True, "busy": "", **more})

    def there(f: Frame) -> bool:
        return f.generation == generation and f.problem is not None and not f.busy

    return until(sim, there)


def test_other_units_begin_anew_and_undo_brings_back_what_was_learned():
    m, p = tiny.model(epochs=50), tiny.problem()
    with simulation(m, p) as sim:
        sim.step(333)
        weights = until(sim, lambda f: f.update == 333).channels["weights"]
        for k, changes in enumerate(({"K": 9}, {"start_from": "images"})):
            frame = load(sim, m.changed(**changes), p, 2 + 3 * k)
            assert frame.update == 0
            assert saved_of(sim) == {}  # what is there now has learned nothing
            frame = load(sim, m, p, 3 + 3 * k)
            assert frame.update == 333
            np.testing.assert_array_equal(frame.channels["weights"], weights)
            assert frame.error == ""
        other = tiny.problem(tiny.data(90))
        assert load(sim, m, other, 10).update == 0
        sim.step(50)
        until(sim, lambda f: f.update == 50)
        assert load(sim, m, tiny.problem(seed=2), 11).update == 0
        assert load(sim, m, p, 12).update == 333
        assert load(sim, m, other, 13).update == 50
        # kept under other parameters than those it comes back with
        frame = load(sim, m.changed(batching="full", probe=20), p, 14)
        assert (frame.update, frame.error) == (333, "")
        np.testing.assert_array_equal(frame.channels["weights"], weights)


def test_what_was_restarted_does_not_come_back():
    m, p = tiny.model(epochs=50), tiny.problem()
    with simulation(m, p) as sim:
        sim.step(200)
        until(sim, lambda f: f.update == 200)
        assert int(saved_of(sim)[0]["update"]) == 200  # as when the document is saved
        sim.restart()
        until(sim, lambda f: f.update == 0)
        assert saved_of(sim) == {}
        assert load(sim, m.changed(p=3.0), p, 2).update == 0


def test_every_place_keeps_its_own_learning():
    m, p = tiny.model(epochs=50), tiny.problem()
    with simulation(m, p) as sim:
        for place in range(7):
            load(sim, m, p, 2 + place, place=place)
            sim.step(10 * (place + 1))
            until(sim, lambda f, u=10 * (place + 1): f.update == u)
        assert {k: int(v["update"]) for k, v in saved_of(sim).items()} == {
            k: 10 * (k + 1) for k in range(7)
        }
        for place in (3, 0, 6):
            assert load(sim, m, p, 20 + place, place=place).update == 10 * (place + 1)
        sim.forget()
        assert load(sim, m, p, 40, place=3).update == 0
        assert saved_of(sim) == {}


def test_what_a_file_holds_waits_for_its_data():
    m, p = tiny.model(epochs=50), tiny.problem()
    state = m.start(p)
    tiny.go(m, state, 130)
    saved = state.dump()

    def missing() -> Any:
        raise UserError("The data are not there any more. Say where they are now.")

    sim = Simulation()
    try:
        sim.load(missing, 1, restart=True, saved=saved)
        assert saved_of(sim)[0] is saved  # also before the start
        sim.load(missing, 2, restart=True)  # the first one is not skipped for the second
        sim.start()
        assert "Say where" in until(sim, lambda f: f.generation == 2).error
        assert saved_of(sim)[0] is saved
        frame = load(sim, m, p, 3, restart=False)
        assert (frame.update, frame.error) == (130, "")
        sim.step(70)
        tiny.go(m, state, 70)
        frame = until(sim, lambda f: f.update == 200)
        np.testing.assert_array_equal(frame.channels["weights"], state.W)
        assert int(saved_of(sim)[0]["update"]) == 200
    finally:
        sim.close()


def test_damaged_learning_starts_anew_with_a_sentence():
    m, p = tiny.model(), tiny.problem()
    state = m.start(p)
    with simulation(m, p) as sim:
        for k, saved in enumerate(({"W": np.zeros(3)}, {**state.dump(), "C": state.C - 1})):
            sim.forget()
            frame = load(sim, m, p, 2 + k, saved=saved)
            assert "starts anew" in frame.error
            assert frame.update == 0
        sim.step(10)
        assert until(sim, lambda f: f.update == 10).error == ""


def test_learning_that_overflows_stops_with_the_reason():
    m, p = tiny.model(rule="slow", rate=1.0, p=4.0, epochs=1000), tiny.problem()
    with simulation(m, p) as sim:
        sim.set_rate(math.inf)
        sim.run()
        frame = until(sim, lambda f: bool(f.error))
        assert "Learning stopped" in frame.error
        assert np.isfinite(frame.channels["norms"]).all()
        assert not quiet_or(sim, frame).running
        frame = load(sim, m.changed(rule="fast", p=2.0, K=11), p, 2)
        assert frame.update == 0
        sim.step(30)
        assert until(sim, lambda f: f.update == 30).error == ""


def quiet_or(sim: Simulation, frame: Frame) -> Frame:
    return quiet(sim) or frame


def test_frames_of_learning_carry_what_the_views_need():
    m, p = tiny.model(epochs=1000), tiny.problem()
    with simulation(m, p) as sim:
        sim.step(3)
        frame = until(sim, lambda f: f.update == 3)
        assert frame.example.label in p.data.classes
        assert frame.facts["epochs"] == 1000
        assert set(frame.channels) == {c.name for c in m.channels}
        assert not frame.channels["weights"].flags.writeable
        sim.set_rate(math.inf)
        sim.run()
        frame = until(sim, lambda f: f.running and f.update > 100)
        assert frame.example is None  # too fast to be read
        assert frame.guarantees[0].average
        sim.pause()
        frame = until(sim, lambda f: not f.running)
        fresh = Run(m, p)
        fresh.advance(frame.update)
        np.testing.assert_array_equal(frame.channels["weights"], fresh.state.W)
        np.testing.assert_array_equal(frame.channels["wins"], m.read(fresh.state, "wins"))
        assert frame.values == m.values(fresh.state)


def test_after_a_long_message_a_frame_shows_its_end():
    with simulation() as sim:
        quiet(sim)
        sim.load(lambda: (COLD, P60), 2, restart=True, busy="Learning the memories …")
        assert until(sim, lambda f: f.generation == 2 and not f.busy).problem is P60
