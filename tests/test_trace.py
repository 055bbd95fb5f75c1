"""The history of a function against a list that keeps everything."""

from __future__ import annotations

import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.model import Direction
from lyapstudio.core.trace import BINS, RECENT, RISES, Curve, Trace
from lyapstudio.engine.history import SAMPLES, OverlapHistory
from lyapstudio.engine.samples import Samples

VALUES = st.one_of(st.integers(-5, 5).map(float), st.just(math.nan))
CHUNKS = st.lists(st.lists(VALUES, max_size=6), max_size=12)
BOTH = [Direction.FALLS, Direction.RISES]


def slow(direction: Direction, start: float, values: list[float], tolerance: float) -> dict:
    """The counters, by going through all values one by one."""
    known = [(at, v) for at, v in enumerate([start, *values]) if not math.isnan(v)]
    worst, worst_at, wrong_at, wrong = 0.0, 0, 0, 0
    for (_, a), (at, b) in pairwise(known):
        move = a - b if direction is Direction.RISES else b - a
        if move > tolerance:
            wrong, wrong_at = wrong + 1, at
            if move > worst:
                worst, worst_at = move, at
    numbers = [v for _, v in known]
    return {
        "first": numbers[0] if numbers else math.nan,
        "last": numbers[-1] if numbers else math.nan,
        "low": min(numbers, default=math.inf),
        "high": max(numbers, default=-math.inf),
        "wrong_moves": wrong,
        "worst": worst,
        "worst_at": worst_at,
        "wrong_at": wrong_at,
    }


@given(st.sampled_from(BOTH), VALUES, CHUNKS, st.sampled_from([0.0, 1.0, 2.5]))
def test_counters_are_those_of_going_through_all(direction, start, chunks, tolerance):
    trace, at = Trace((direction,)), 0
    trace.begin(0, (start,))
    for chunk in chunks:
        rows = np.arange(at + 1, at + 1 + len(chunk))
        trace.add(rows, np.array(chunk).reshape(-1, 1), tolerance, ("because",))
        at += len(chunk)
    expected = slow(direction, start, [v for c in chunks for v in c], tolerance)
    counted = vars(trace.counters[0]).copy()
    assert counted.pop("cause") == ("because" if expected["wrong_moves"] else "")
    for name, value in expected.items():
        np.testing.assert_equal(counted[name], value, name)
    assert len(trace.rises(0)) == min(expected["wrong_moves"], RISES)


def filled(values: np.ndarray, chunk: int) -> Curve:
    curve = Curve(Direction.FALLS)
    curve.begin(0, float(values[0]))
    for k in range(1, len(values), chunk):
        part = values[k : k + chunk]
        curve.add(np.arange(k, k + len(part)), part, 0.0, "")
    return curve


@given(st.integers(0, 99), st.sampled_from([1, 7, 700, 5000]))
@settings(max_examples=12, deadline=None)
def test_the_curve_keeps_recent_changes_and_all_extremes(seed, chunk):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=3000 if chunk == 1 else 20000).cumsum()
    values[len(values) // 3] = -1e6  # one spike long ago
    curve = filled(values, chunk)
    points = curve.points()
    assert points[0, 0] == 0
    assert (np.diff(points[:, 0]) > 0).all()
    assert points[:, 1].min() == values.min()
    assert points[:, 2].max() == values.max()
    recent = points[-min(RECENT, len(values)) :]
    np.testing.assert_array_equal(recent[:, 1], values[-len(recent) :])
    ends = [*points[1:, 0].astype(int), len(values)]
    for (start, low, high), end in zip(points.tolist(), ends, strict=True):
        assert low == values[int(start) : end].min()
        assert high == values[int(start) : end].max()


def test_ten_million_changes_take_bounded_memory_and_little_time():
    curve = Curve(Direction.FALLS)
    curve.begin(0, 0.0)
    step = 1 << 15
    falling = -np.arange(1.0, step + 1)
    falling[100] += 3.0
    rounds = 10_000_000 // step + 1
    started = time.process_time()
    for k in range(rounds):
        curve.add(np.arange(k * step + 1, (k + 1) * step + 1), falling - k * step, 0.0, "")
    assert time.process_time() - started < 5.0
    assert curve.counters.wrong_moves == rounds
    assert curve.counters.worst == 2.0
    held = sum(a.nbytes for a in (curve._old, curve._recent, curve._rises))
    assert held < 1 << 19
    assert len(curve.points()) <= BINS + 1 + 2 * RECENT
    assert len(curve.rises()) == RISES


def test_rises_say_from_where_to_where():
    curve = Curve(Direction.FALLS)
    curve.begin(0, 5.0)
    curve.add(np.array([3, 4]), np.array([4.0, 6.0]), 0.0, "together")
    curve.add(np.array([9]), np.array([7.0]), 0.0, "")
    np.testing.assert_array_equal(curve.rises(), [[3, 4, 4, 6], [4, 6, 9, 7]])
    assert curve.counters.wrong_at == 9
    assert curve.counters.worst_at == 4
    assert curve.counters.cause == "together"


def test_an_edit_is_marked_and_is_nobodys_wrong_move():
    trace = Trace((Direction.FALLS, Direction.FALLS))
    trace.begin(0, (0.0, math.nan))
    trace.add(np.array([1]), np.array([[-1.0, math.nan]]), 0.0, ("", ""))
    trace.edited(1, (10.0, 3.0))
    trace.edited(1, (12.0, 3.0))
    trace.add(np.array([2]), np.array([[11.0, 2.0]]), 0.0, ("", ""))
    assert trace.cuts == [1]
    assert [c.wrong_moves for c in trace.counters] == [0, 0]
    assert trace.counters[0].high == 12.0
    assert trace.counters[1].first == 3.0
    for k in range(2, 200):
        trace.edited(k, (0.0, 0.0))
    assert len(trace.cuts) == 64


@given(st.integers(0, 99), st.integers(0, 30000))
@settings(max_examples=15, deadline=None)
def test_forgetting_leaves_nothing_of_the_future(seed, at):
    values = np.random.default_rng(seed).normal(size=30001).cumsum()
    values[-500:] = [1e9, -1e9] * 250
    long = filled(values, 4000)
    then = filled(values[: at + 1], 4000)
    long.forget_after(at, then.counters)
    assert long.counters == then.counters
    points = long.points()
    assert points[-1, 0] <= at
    assert points[:, 1].min() >= then.counters.low
    assert points[:, 2].max() <= then.counters.high
    assert (long.rises()[:, 2] <= at).all()
    further = np.array([values[at] + 1.0])
    for curve in (long, then):
        curve.add(np.array([at + 1]), further, 0.0, "")
    assert long.counters == then.counters
    np.testing.assert_array_equal(long.rises()[-1], then.rises()[-1])


def test_a_snapshot_stays_as_it_was():
    trace = Trace((Direction.FALLS,))
    trace.begin(0, (0.0,))
    values = -np.arange(1.0, 9001)
    trace.add(np.arange(1, 9001), values[:, None], 0.0, ("",))
    twin = trace.copy()
    points, counters, rises = twin.curve(0).copy(), twin.counters, twin.rises(0).copy()
    trace.add(np.arange(9001, 18001), -values[::-1, None], 0.0, ("",))
    trace.edited(18000, (4.0,))
    trace.forget_after(50, counters)
    np.testing.assert_array_equal(twin.curve(0), points)
    np.testing.assert_array_equal(twin.rises(0), rises)
    assert twin.counters == counters
    assert twin.cuts == []


# bounded samples of other kinds


@given(st.integers(0, 99), st.integers(8, 200), st.integers(1, 40))
def test_samples_are_thinned_without_losing_extremes(seed, limit, chunk):
    values = np.random.default_rng(seed).normal(size=900)
    samples = Samples(limit)
    for k in range(0, len(values), chunk):
        part = values[k : k + chunk]
        samples.add(np.arange(k, k + len(part)), part)
    rows = samples.rows()
    assert len(rows) <= limit + chunk
    assert (np.diff(rows[:, 0]) > 0).all()
    np.testing.assert_array_equal(values[rows[:, 0].astype(int)], rows[:, 1])
    assert rows[0, 0] == 0
    assert rows[-1, 0] == len(values) - 1
    assert rows[:, 1].min() == values.min()
    assert rows[:, 1].max() == values.max()


def test_samples_leave_out_what_is_not_defined():
    samples = Samples(4)
    samples.add(np.arange(8), np.array([math.nan, 1, math.nan, 5, 2, math.nan, -1, 0]))
    assert samples.rows()[:, 1].tolist() == [1, 5, 2, -1, 0]
    assert Samples().rows().shape == (0, 2)


def test_the_history_of_overlaps_is_bounded_and_covers_the_whole_run():
    history = OverlapHistory(100)
    for update in range(0, 50_000, 7):
        history.add(update, np.full(100, update / 50_000))
    rows = history.rows()
    assert rows.shape[0] <= SAMPLES
    assert rows.shape[1] == 65
    assert rows[0, 0] == 0
    assert rows[-1, 0] == 49_994
    assert np.diff(rows[:, 0]).max() < 200
    history.add(20_000, np.zeros(100))
    assert history.rows()[-1, 0] == 20_000
    assert history.fits(np.zeros(100))
    assert not history.fits(np.zeros(3))
    history.forget_after(-1)
    assert len(history.rows()) == 0
    with pytest.raises(ValueError, match="broadcast"):
        history.add(0, np.zeros(3))
