"""The fast rule: every kernel against its oracle, the published algorithm, what the theory says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.weights import competition as c
from lyapstudio.weights import currents
from tests import naive_learning as naive
from tests.naive import covers

QUICK = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 10**6)
ORDERS = st.sampled_from(["C", "F"])
POWERS = st.sampled_from([1.5, 2.0, 2.5, 3.0, 4.0, 5.0])


def weights(K: int, N: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 1]).normal(0, 1, (K, N)).astype(np.float32)


def inputs(n: int, N: int, seed: int) -> np.ndarray:
    """Most of them 0, the rest in [0, 1]."""
    generator = np.random.default_rng([seed, 2])
    v = generator.random((n, N)) * (generator.random((n, N)) < 0.3)
    return v.astype(np.float32)


def move(W: np.ndarray, ds: np.ndarray, touched: np.ndarray, step: float) -> None:
    """A step along the change of the touched rows."""
    for r in np.flatnonzero(touched):
        c.move_row(W, r, ds, r, np.float32(step))


def currents_of(X: np.ndarray, V: np.ndarray) -> np.ndarray:
    I = np.empty((len(X), len(V)), np.float32)
    c.currents(X, V, I)
    return I


class Network:
    """Weights and what follows from them, as a model keeps them."""

    def __init__(
        self, W: np.ndarray, p: float, batch: int, by_q: bool = False, order: Any = "C"
    ) -> None:
        K = len(W)
        self.W, self.p, self.by_q = W.astype(np.float32), p, by_q
        self.V = np.empty_like(self.W, order=order)
        self.S = np.empty(K)
        c.powers(self.W, p, self.V)
        c.spheres(self.W, p, self.S)
        self.scale = np.ones(K, np.float32)
        if by_q:
            self.scale[:] = self.S ** ((1 - p) / p)
        self.wins = np.zeros(K, np.int64)
        self.ds = np.empty((min(K, 2 * batch), W.shape[1]), np.float32)

    def learn(
        self, X: np.ndarray, k: int, rate: float, gate: bool = False, delta: float = 0.4
    ) -> float:
        I = currents_of(X, self.V)
        parts = self.W, self.V, self.S, self.scale, self.wins, self.ds
        return c.learn_batch(X, I, k, delta, 1.0, self.p, rate, gate, self.by_q, *parts)


@covers("power_row", "power_rows", "put_rows", "product", "sphere_rows", "per_norm")
@given(st.integers(1, 300), st.integers(1, 70), POWERS, ORDERS, SEEDS)
@QUICK
def test_powers_and_spheres(K, N, p, order, seed):
    W = weights(K, N, seed)
    W[:, 0] = 0
    V, S = np.empty_like(W, order=order), np.empty(K)
    c.powers(W, p, V)
    c.spheres(W, p, S)
    np.testing.assert_allclose(V, naive.power(W, p), rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(S, naive.sphere(W, p), rtol=1e-5)
    some = np.flatnonzero(np.random.default_rng(seed).random(K) < 0.5)
    before = V.copy(), S.copy()
    W *= 2
    c.powers(W, p, V, some)
    c.spheres(W, p, S, some)
    rest = np.setdiff1d(np.arange(K), some)
    np.testing.assert_allclose(V[some], naive.power(W, p)[some], rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(S[some], naive.sphere(W, p)[some], rtol=1e-5)
    assert np.array_equal(V[rest], before[0][rest])
    assert np.array_equal(S[rest], before[1][rest])
    c.spheres(W, p, S)
    Q = [c.per_norm(s, p) for s in S]
    np.testing.assert_allclose(Q, naive.normalised(np.ones(K), W, p), rtol=1e-5)


@covers("gather")
@given(st.integers(1, 30), st.integers(1, 50), st.booleans(), SEEDS)
@QUICK
def test_gather(n, N, whole, seed):
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (n, N), np.uint8)
    expected = images * np.float32(1 / 255)
    order = generator.permutation(n)
    start = int(generator.integers(n))
    stop = int(generator.integers(start, n)) + 1
    X = np.full((n, N), 7, np.float32)
    c.gather(images if whole else expected, order, start, stop, X)
    assert np.array_equal(X[: stop - start], expected[order[start:stop]])
    assert (X[stop - start :] == 7).all()


@covers("sparse_currents", "count_lit")
@given(st.integers(1, 9), st.integers(1, 50), st.integers(1, 60), ORDERS, st.floats(0, 1), SEEDS)
@QUICK
def test_currents(n, K, N, order, share, seed):
    """Whichever way they are computed; inputs may be negative."""
    W, generator = weights(K, N, seed), np.random.default_rng(seed)
    X = generator.normal(0, 1, (n, N)) * (generator.random((n, N)) < share)
    V = np.empty_like(W, order=order)
    c.powers(W, 2.0, V)
    assert currents.count_lit(X) == np.count_nonzero(X)
    I = currents_of(X.astype(np.float32), V)
    np.testing.assert_allclose(I, X @ W.T, rtol=1e-4, atol=1e-4)


@covers("rank", "leaders", "leaders_of_lanes", "insert")
@given(
    st.integers(1, 6),
    st.one_of(st.integers(1, 40), st.integers(41, 1500)),
    st.one_of(st.integers(2, 9), st.integers(10, 70)),
    st.sampled_from(["reals", "few", "none", "nan"]),
    SEEDS,
)
@settings(max_examples=120, deadline=None)
def test_rank(n, K, k, kind, seed):
    generator = np.random.default_rng(seed)
    I = generator.normal(0, 1, (n, K)).astype(np.float32)
    if kind in ("few", "none"):  # ties
        I = np.rint(I * (2 if kind == "few" else 0)).astype(np.float32)
    elif kind == "nan":
        I[generator.random((n, K)) < 0.1] = np.nan
    scale = generator.choice(np.float32([1, 0.5, 0.25]), K) if kind != "reals" else None
    scale = generator.random(K).astype(np.float32) if scale is None else scale
    first, kth = np.empty(n, np.int64), np.empty(n, np.int64)
    c.rank(I, scale, k, first, kth)
    for b in range(n):
        order = naive.ranking(I[b] * scale)
        there = K - int(np.isnan(I[b]).sum())
        if there >= min(k, K):
            assert (first[b], kth[b]) == (order[0], order[min(k, K) - 1])
        assert 0 <= first[b] < K
        assert 0 <= kth[b] < K


@covers("accumulate", "contribution", "gated_contribution", "by_unit")
@covers("settle_change", "settle_row", "as_size", "move_row")
@given(st.integers(1, 12), st.integers(1, 30), st.integers(1, 40), POWERS, st.booleans(), SEEDS)
@QUICK
def test_the_change_of_many_batches(n, K, N, p, gate, seed):
    W, radius, k = weights(K, N, seed), 1.3, 2 + seed % 5
    net = Network(W, p, n)
    ds, gI = np.full((K, N), 99, np.float32), np.full(K, 99.0)
    touched = np.zeros(K, np.uint8)
    first, kth = np.empty(n, np.int64), np.empty(n, np.int64)
    expected, active = np.zeros((K, N)), np.zeros(K, bool)
    for batch in range(3):
        X = inputs(n, N, seed + batch)
        I = currents_of(X, net.V)
        c.rank(I, net.scale, k, first, kth)
        g = naive.roles(I, k, 0.4)
        c.accumulate(X, I, first, kth, 0.4, radius**p, W, gate, ds, gI, touched)
        expected += naive.change(W, X, g, p, radius, gate)
        active |= (g != 0).any(0)
    assert np.array_equal(touched != 0, active)
    largest = c.settle_change(W, ds, gI, touched)
    size = np.abs(expected).max()
    assert largest == pytest.approx(size, rel=1e-4)
    np.testing.assert_allclose(ds[active], expected[active], atol=1e-4 * size)
    before = W.copy()
    move(W, ds, touched, 0.5)
    np.testing.assert_allclose(W, before + 0.5 * expected, atol=1e-4 * size)
    ds[np.flatnonzero(active)[0], 0] = np.inf
    assert math.isnan(c.settle_change(W, ds, gI, touched))


@covers("learn_batch", "count_wins")
@given(
    st.integers(1, 12),
    st.integers(2, 40),
    st.integers(1, 40),
    POWERS,
    st.booleans(),
    st.booleans(),
    ORDERS,
    SEEDS,
)
@QUICK
def test_one_batch(n, K, N, p, gate, by_q, order, seed):
    net = Network(weights(K, N, seed), p, n, by_q, order)
    W, X, k = net.W.copy(), inputs(n, N, seed), 2 + seed % 3
    ranked = currents_of(X, net.V) * net.scale
    g = naive.roles(ranked, k, 0.4)
    expected = naive.change(W, X, g, p, 1.0, gate)
    size = np.abs(expected).max()
    assert net.learn(X, k, 0.02, gate) == pytest.approx(size, rel=1e-4)
    step = 0.02 / max(size, 1e-30)
    np.testing.assert_allclose(net.W, W + step * expected, rtol=1e-5, atol=1e-5)
    assert np.array_equal(net.wins, (g == 1).sum(0))
    np.testing.assert_allclose(net.V, naive.power(net.W, p), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(net.S, naive.sphere(net.W, p), rtol=1e-4)
    scale = net.S ** ((1 - p) / p) if by_q else np.ones(K)
    np.testing.assert_allclose(net.scale, scale, rtol=1e-5)


def test_at_p_2_the_weights_may_be_their_own_powers():
    nets = [Network(weights(20, 30, 1), 2.0, 5) for _ in range(2)]
    nets[0].V = nets[0].W
    for seed in range(5):
        assert nets[0].learn(inputs(5, 30, seed), 2, 0.02) == nets[1].learn(
            inputs(5, 30, seed), 2, 0.02
        )
    assert np.array_equal(nets[0].W, nets[1].W)
    assert np.array_equal(nets[0].S, nets[1].S)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_change_that_is_not_finite_changes_nothing(bad):
    net = Network(weights(20, 30, 1), 2.0, 5)
    X = inputs(5, 30, 1)
    X[3, 7] = bad
    before = [part.copy() for part in (net.W, net.V, net.S, net.scale, net.wins)]
    with np.errstate(invalid="ignore"):
        assert math.isnan(net.learn(X, 2, 0.02))
    after = net.W, net.V, net.S, net.scale, net.wins
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@covers("objective")
@given(st.integers(1, 12), st.integers(2, 40), st.integers(1, 40), POWERS, SEEDS)
@QUICK
def test_objective(n, K, N, p, seed):
    net, X, k = Network(weights(K, N, seed), p, n), inputs(n, N, seed), 2 + seed % 9
    terms = c.objective(currents_of(X, net.V), net.S, p, k, 0.4)
    np.testing.assert_allclose(terms, naive.objective(net.W, X, p, k, 0.4), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(("K", "p", "k"), [(100, 2.0, 2), (64, 3.0, 7)])
def test_the_published_algorithm(K, p, k, order):
    """Weights after 100 mini-batches, from N(0, 1)."""
    images, N = naive.digits(2000, 5), 784
    net, generator = Network(weights(K, N, 7), p, 100, order=order), np.random.default_rng(3)
    W = net.W.astype(np.float64)
    X, order = np.empty((100, N), np.float32), generator.permutation(len(images))
    for batch in range(100):
        epsilon = 0.02 * (1 - batch / 100)
        start = 100 * batch % len(images)
        c.gather(images, order, start, start + 100, X)
        net.learn(X, k, epsilon)
        naive.published_batch(W, images[order[start : start + 100]] / 255, p, k, 0.4, epsilon)
    assert np.abs(net.W - W).max() <= 1e-5 * np.abs(W).max()


def full_batch(net: Network, X: np.ndarray, k: int, rate: float, steps: int) -> Any:
    """L_K before every step of a full batch, summed in parts; and after the last."""
    K, values = len(net.W), []
    ds, gI, touched = np.empty_like(net.W), np.empty(K), np.zeros(K, np.uint8)
    first, kth = np.empty(100, np.int64), np.empty(100, np.int64)
    for step in range(steps + 1):
        total = 0.0
        for start in range(0, len(X), 100):
            x = X[start : start + 100]
            I = currents_of(x, net.V)
            c.rank(I, net.scale, k, first, kth)
            c.accumulate(x, I, first, kth, 0.4, 1.0, net.W, False, ds, gI, touched)
            total += sum(c.objective(I, net.S, net.p, k, 0.4))
        values.append(total)
        if step < steps:
            largest = c.settle_change(net.W, ds, gI, touched)
            move(net.W, ds, touched, rate / max(largest, c.FLOOR))
            rows = np.flatnonzero(touched)
            touched[:] = 0
            c.powers(net.W, net.p, net.V, rows)
            c.spheres(net.W, net.p, net.S, rows)
            if net.by_q:
                net.scale[:] = net.S ** ((1 - net.p) / net.p)
    return np.array(values)


@pytest.mark.parametrize(("p", "k"), [(2.0, 2), (3.0, 7)])
@pytest.mark.parametrize("rate", [0.02, 0.001])
def test_a_full_batch_ranked_by_q_never_lowers_the_function(p, k, rate):
    X = naive.digits(600, 11).astype(np.float32) / 255
    values = full_batch(Network(weights(50, 784, 3), p, 100, by_q=True), X, k, rate, 100)
    assert (np.diff(values) >= -1e-6 * np.abs(values[1:])).all()
    assert values[-1] > values[0]


def test_norms_go_home():
    """Ranked by I every unit that keeps winning ends on the sphere of radius R, here 1."""
    images = naive.digits(1000, 2)
    X = images.astype(np.float32) / 255
    net = Network(weights(20, 784, 1), 2.0, 100)
    for step in range(1000):
        start = 100 * step % len(X)
        net.learn(X[start : start + 100], 2, 0.02 * (1 - step / 1000))
    net.wins[:] = 0
    for start in range(0, len(X), 100):
        net.learn(X[start : start + 100], 2, 1e-9)
    often = net.wins > 60
    assert often.sum() >= 5, net.wins
    np.testing.assert_allclose(net.S[often], 1.0, atol=0.02)


def test_the_gate_leaves_weights_of_the_other_sign_alone():
    net = Network(weights(30, 60, 2), 2.0, 1)
    X, W = inputs(1, 60, 4), net.W.copy()
    net.learn(X, 2, 0.02, gate=True)
    moved = net.W != W
    assert moved.any()
    assert not moved[(X * W) < 0].any()
