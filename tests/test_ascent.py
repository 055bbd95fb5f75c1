"""How weights climb L: against the published algorithm, the clock, going on, and what is proved."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.model import Log, Rest
from lyapstudio.weights import ascent
from lyapstudio.weights.ascent import BATCHES, END, EPOCH, MEASURED, PLACE, RAISED, START
from tests import naive_learning as naive
from tests.naive import covers
from tests.tiny import SORTS, data, go, model, part, problem, same

by_sort = pytest.mark.parametrize("sort", SORTS)


def floats(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float64) / 255


@covers("shuffle")
@given(st.integers(1, 50), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_shuffle_is_a_fair_permutation_and_goes_on(n, seed):
    r = np.array([seed, 77], np.uint64)
    order = np.arange(n, dtype=np.int32)
    ascent.shuffle(order, r)
    assert sorted(order) == list(range(n))
    again, r2 = np.arange(n, dtype=np.int32), np.array([seed, 77], np.uint64)
    ascent.shuffle(again, r2)
    np.testing.assert_array_equal(order, again)
    np.testing.assert_array_equal(r, r2)


def test_shuffle_takes_every_order_equally_often():
    r, counts = np.array([5, 6], np.uint64), {}
    for _ in range(6000):
        order = np.arange(3, dtype=np.int32)
        ascent.shuffle(order, r)
        counts[tuple(order)] = counts.get(tuple(order), 0) + 1
    assert len(counts) == 6
    assert max(abs(c - 1000) for c in counts.values()) < 150


# the published algorithm


@pytest.mark.parametrize(("p", "k", "K"), [(2.0, 2, 12), (3.0, 7, 20), (2.5, 3, 8)])
@pytest.mark.parametrize("anneal", [True, False])
def test_mini_batches_are_the_published_algorithm(p, k, K, anneal):
    """A hundred batches over several epochs, with their own shuffles and shrinking steps."""
    m = model(K=K, p=p, k=k, epochs=17, batch=18, anneal=anneal, step=0.04)
    state, images = m.start(problem()), floats(data().train.images)
    W = state.W.astype(np.float64)
    orders = []
    for b in range(100):
        epoch, place = int(state.C[EPOCH]), int(state.C[PLACE])
        order = state.order[place : place + 18].copy()
        if place == 0:
            orders.append(tuple(state.order))
        step = 0.04 * (1 - epoch / 17) if anneal else 0.04
        naive.published_batch(W, images[order], p, k, 0.4, step)
        go(m, state, len(order))
        assert state.C[BATCHES] == b + 1
    assert len(orders) == len(set(orders)) == 15
    np.testing.assert_allclose(state.W, W, atol=1e-5)


@pytest.mark.parametrize("gate", [True, False])
def test_a_full_pass_is_the_sum_over_all_images(gate, monkeypatch):
    monkeypatch.setattr(ascent, "SLICE", 50)  # 120 images: two whole slices and a part
    m = model(p=3.0, k=3, batching="full", backtrack=False, ranking="normalised", gate=gate)
    state, v = m.start(problem()), floats(data().train.images)
    W = state.W.astype(np.float64)
    for epoch in range(4):
        Q = naive.normalised(v @ naive.power(W, 3.0).T, W, 3.0)
        ds = naive.change(W, v, naive.roles(Q, 3, 0.4), 3.0, 1.0, gate)
        go(m, state, 120)
        np.testing.assert_allclose(state.W, W, atol=1e-5)
        L = sum(naive.objective(W, v, 3.0, 3, 0.4)) / 120
        assert m.values(state)[0] == pytest.approx(L, rel=1e-5)
        W += 0.02 * (1 - epoch / 5) * ds / np.abs(ds).max()


def test_the_slow_rule_moves_those_that_inhibition_leaves_active():
    m = model(**SORTS["slow"], w_inh=0.3, delta=0.2)
    state, v = m.start(problem()), floats(data().train.images)
    s = m.schedule.slow
    W = state.W.astype(np.float64)
    pushed = 0
    for _ in range(40):
        x = v[state.order[state.C[PLACE]]]
        I = naive.power(W, 2.0) @ x
        h = naive.settling(I, 0.3, s.time_step(len(I)), 2000, 1e-4)[-1][0]
        g = naive.responses(h, 0.5, 0.2)
        ds = naive.change(W, x[None], g[None], 2.0, 1.0)
        go(m, state, 1)
        pushed += bool(g.any())
        W += 0.02 * ds
        np.testing.assert_allclose(state.W, W, atol=2e-5)
    assert pushed > 20


# the clock


@given(st.sampled_from(sorted(SORTS)), st.lists(st.integers(1, 130), max_size=8), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_chunks_are_the_same_run(sort, chunks, early):
    m = model(**SORTS[sort])
    one, two = m.start(problem()), m.start(problem())
    whole, log = go(m, one, sum(chunks)), Log(1)
    for n in chunks:
        assert m.advance(two, n, log) == n or m.rest(two) is Rest.FIXED
        if early:
            two = two.copy()  # a keyframe goes on as the original would
    same(one, two)
    assert log.count == whole.count
    np.testing.assert_array_equal(log.at[: log.count], whole.at[: log.count])
    np.testing.assert_array_equal(log.values[: log.count], whole.values[: log.count])
    assert m.values(one) == m.values(two) or np.isnan(m.values(one)[0])
    assert m.facts(one) == m.facts(two)


@by_sort
def test_a_copy_shares_nothing_that_moves(sort):
    m = model(**SORTS[sort])
    state = m.start(problem())
    go(m, state, 70)
    kept, before = state.copy(), {k: v.copy() for k, v in state.dump().items()}
    go(m, state, 200)
    for name, array in kept.dump().items():
        np.testing.assert_array_equal(array, before[name])
    assert kept.work is None
    go(m, kept, 200)
    same(kept, state)


@by_sort
def test_it_ends_after_its_epochs(sort):
    m = model(**SORTS[sort], epochs=3)
    state = m.start(problem())
    go(m, state, 10**6)
    assert m.rest(state) is Rest.FIXED
    assert state.update == 3 * 120
    assert m.facts(state)["epoch"] == 3
    assert m.advance(state, 50, Log(1)) == 0
    more = m.changed(epochs=4)
    assert more.rest(state) is Rest.MOVING
    go(more, more.retune(state, problem()), 50)


def test_the_log_says_when_it_is_full():
    m = model(epochs=50)
    state, log = m.start(problem()), Log(1, 3)
    done = m.advance(state, 6000, log)
    assert log.count == 3
    assert done == 20 * 3 == log.at[2]
    log.count = 0
    assert m.advance(state, 6000, log) == 60


def test_batches_need_not_divide_the_images():
    m = model(batch=50)
    state, ends = m.start(problem()), []
    for _ in range(240):
        before = state.C[BATCHES]
        go(m, state, 1)
        if state.C[BATCHES] > before:
            ends.append(state.update)
    assert ends == [50, 100, 120, 170, 220, 240]
    assert (state.C[START], state.C[END]) == (0, 50)
    one = model(batch=5000)
    assert one.strides(problem())[-1].updates == 120
    assert [s.id for s in one.strides(problem())] == ["image", "epoch"]
    assert [s.id for s in m.strides(problem())] == ["image", "batch", "epoch"]


# what is counted


@by_sort
def test_wins_are_counted_as_by_hand(sort):
    m = model(**SORTS[sort], epochs=2)
    state, v = m.start(problem()), floats(data().train.images)
    won, s = np.zeros(m.K, int), m.schedule
    while state.C[EPOCH] < 1:
        order = state.order[state.C[START] : state.C[END]].copy()
        W = state.trial if s.full else state.W  # the weights that compete for these images
        I = v[order] @ naive.power(W, m.p).T
        if s.slow:
            h = naive.settling(I[0], m.w_inh, s.slow.time_step(m.K), 2000, 1e-4)[-1][0]
            g = naive.responses(h, m.h_star, m.delta)[None]
        else:
            g = naive.roles(naive.normalised(I, W, m.p) if s.c.by_q else I, m.k, m.delta)
        go(m, state, len(order))
        won += (g > 0).sum(0)
    np.testing.assert_array_equal(state.won, won)
    np.testing.assert_array_equal(m.read(state, "wins"), won)
    facts = m.facts(state)
    assert facts["winners"] == (won > 0).sum()
    assert facts["dead_units"] == (won == 0).sum()
    off = np.abs(naive.sphere(state.W, m.p) ** (1 / m.p) - 1)
    assert facts["norm_error"] == pytest.approx(off[won > 0].max(), rel=1e-4)


def test_l_is_measured_on_the_probe_and_rises_are_counted():
    m = model(epochs=40, step=0.1)
    state = m.start(problem())
    probe = floats(data().train.images)[np.linspace(0, 119, 30).astype(int)]
    np.testing.assert_allclose(state.probe, probe, atol=1e-7)
    value = lambda: sum(naive.objective(state.W, probe, 2.0, 2, 0.4)) / 30  # noqa: E731
    track = [value()]
    log = Log(1)
    for _ in range(200):
        m.advance(state, 20, log)
        track.append(value())
        assert m.values(state)[0] == pytest.approx(track[-1], rel=1e-5)
    due = [b for b in range(1, 201) if ascent.due(b)]
    np.testing.assert_allclose(
        log.values[: log.count, 0], [track[a // 20] for a in log.at[: log.count]], rtol=1e-5
    )
    assert {int(a) // 20 for a in log.at[: log.count]} == {
        b for d in due for b in (d, d + 1) if b <= 200
    }
    noted = {int(a) // 20 for a in log.at[: log.count]} | {0}
    pairs = [(b - 1, b) for b in sorted(noted) if b - 1 in noted]
    assert state.C[MEASURED] == len(pairs)
    assert (
        abs(state.C[RAISED] - sum(track[b] > track[a] for a, b in pairs)) <= 1
    )  # ties by rounding
    values, terms = m.noted(state)
    assert values[0] == log.values[log.count - 1, 0] == pytest.approx(sum(terms.values()))


def test_l_is_measured_often_at_first_and_never_too_seldom():
    due = [b for b in range(1, 100_000) if ascent.due(b)]
    assert due[:20] == list(range(1, 21))
    assert max(np.diff(due)) < 1.2 * ascent.SPARSE
    assert sum(1 for b in due if b <= 10_000) < 800
    assert not ascent.due(0)


# what is proved


@pytest.mark.parametrize("start", ["noise", "images"])
@pytest.mark.parametrize(("p", "k"), [(2.0, 2), (3.0, 7)])
def test_the_guaranteed_way_never_falls(p, k, start):
    """Three hundred passes; the function recomputed in float64 from the weights."""
    m = model(K=14, p=p, k=k, **{**SORTS["guaranteed"], "start_from": start}, epochs=300)
    p60 = problem(data(60))
    state, v = m.start(p60), floats(p60.data.train.images)
    track = []
    for _ in range(300):
        assert go(m, state, 60).count <= 1
        assert all(g.holds for g in m.guarantees(state))
        track.append(sum(naive.objective(state.W, v, p, k, 0.4)) / 60)
    moves = np.diff(track)
    assert moves.min() >= -5 * m.tolerance(state)
    assert track[-1] > track[0] + 0.1 * abs(track[0])
    assert m.rest(state) is Rest.FIXED


def test_without_backtracking_a_large_step_overshoots():
    fixed = {**SORTS["guaranteed"], "backtrack": False, "anneal": False, "step": 0.5}
    m, p60 = model(**fixed, epochs=100), problem(data(60))
    state = m.start(p60)
    assert not m.guarantees(state)[0].holds
    falls = go(m, state, 6000)
    assert (np.diff(falls.values[: falls.count, 0]) < 0).any()
    careful = m.changed(backtrack=True)
    state = careful.start(p60)
    log = go(careful, state, 6000)
    assert log.count < 100  # some passes were taken back
    assert (np.diff(log.values[: log.count, 0]) >= -careful.tolerance(state)).all()
    assert state.shrink < 1


def test_a_pass_that_changes_nothing_is_no_division_by_zero():
    """One unit a kind, k past all of them: at the top ds vanishes."""
    same_image = part(40)
    same_image = type(same_image)(np.tile(same_image.images[:1], (40, 1)))
    m = model(K=2, k=2, delta=0.0, **{**SORTS["guaranteed"], "step": 1.0}, epochs=400)
    state = m.start(problem(data(train=same_image)))
    go(m, state, 10**6)
    assert np.isfinite(state.W).all()
    assert math.isfinite(m.values(state)[0])
