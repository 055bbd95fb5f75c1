"""The slow rule: every kernel against its oracle, and the function that falls as units settle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.kernel import kernel
from lyapstudio.weights import competition as c
from lyapstudio.weights import inhibition as slow
from lyapstudio.weights.inhibition import settle_step
from tests import naive_learning as naive
from tests.naive import covers

QUICK = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 10**6)
INHIBITION = st.floats(0.2, 1.5)


def driven(K: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(3, 2, K)


@kernel
def settle(I, w_inh, dt, steps, tolerance, h):
    """As `settle_traced`, without notes: how many steps it took, at most `steps`."""
    h[:] = 0.0
    part, total = -math.expm1(-dt), 0.0
    for step in range(steps):
        total, fastest = settle_step(I, w_inh, part, total, h)
        if fastest < tolerance:
            return step + 1
    return steps


@covers("settle_traced", "settle_step", "inhibition_energy")
@given(st.integers(1, 25), INHIBITION, st.floats(0.02, 1), SEEDS)
@QUICK
def test_settling(K, w_inh, share, seed):
    I, h = driven(K, seed), np.full(K, 7.0)
    dt = share * min(slow.safe_step(K, w_inh), 2.0)
    hs, Ls = np.empty((60, K), np.float32), np.empty(60)
    track = naive.settling(I, w_inh, dt, 60, 0.01)
    assert settle(I, w_inh, dt, 60, 0.01, h) == len(track)
    np.testing.assert_allclose(h, track[-1][0], rtol=1e-9, atol=1e-9)
    rows = slow.settle_traced(I, w_inh, dt, 1000, 0.01, hs, Ls)
    assert rows == len(track)
    np.testing.assert_allclose(hs[:rows], [state for state, _ in track], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(Ls[:rows], [L for _, L in track], rtol=1e-9, atol=1e-8)
    assert slow.inhibition_energy(h, I, w_inh) == pytest.approx(track[-1][1], abs=1e-8)


@given(st.integers(2, 200), INHIBITION, st.floats(0.1, 1), SEEDS)
@settings(max_examples=150, deadline=None)
def test_a_safe_step_never_raises_the_function(K, w_inh, share, seed):
    I = driven(K, seed)
    dt = share * min(slow.safe_step(K, w_inh), 5.0)
    hs, Ls = np.empty((400, K)), np.empty(400)
    rows = slow.settle_traced(I, w_inh, dt, 400, 1e-9, hs, Ls)
    assert Ls[0] <= 0
    for row in range(1, rows):
        assert Ls[row] - Ls[row - 1] <= 1e-12 * naive_size(I, w_inh, hs[row - 1])


def naive_size(I: np.ndarray, w_inh: float, h: np.ndarray) -> float:
    """The sum of the sizes of the terms of L, without the double loop of the oracle."""
    r = np.maximum(h, 0)
    pairs = r.sum() ** 2 - (r**2).sum()
    return float(w_inh / 2 * pairs + np.abs(I * r).sum() + (r**2).sum() / 2)


@pytest.mark.parametrize("w_inh", [0.2, 0.5, 1.5])
def test_the_bound_is_sharp(w_inh):
    """Equal units move together, which is the stiffest way: from L(0) = 0 the first step tells."""
    for share, rises in ((0.99, False), (1.05, True)):
        hs, Ls = np.empty((1, 50)), np.empty(1)
        slow.settle_traced(np.ones(50), w_inh, share * slow.safe_step(50, w_inh), 1, 0, hs, Ls)
        assert (Ls[0] > 0) == rises


def test_the_safe_step():
    assert slow.safe_step(1, 1.5) == math.inf
    assert slow.safe_step(3, 0.5) == math.inf
    assert slow.safe_step(101, 1.0) == pytest.approx(-math.log(1 - 2 / 101))
    assert slow.safe_step(200, 1.5) < slow.safe_step(200, 0.2)


@covers("rest")
@given(st.integers(1, 60), st.sampled_from([0.2, 0.5, 0.8, 1.2, 1.5]), SEEDS)
@QUICK
def test_rest_is_where_settling_ends(K, w_inh, seed):
    I, h, settled = driven(K, seed), np.empty(K), np.empty(K)
    slow.rest(I, w_inh, h)
    dt = min(slow.safe_step(K, w_inh), 1.0)
    settle(I, w_inh, dt, 200_000, 1e-10, settled)
    np.testing.assert_allclose(h, settled, atol=1e-7)
    np.testing.assert_allclose(naive.inhibited(I, w_inh, h), 0, atol=1e-9)


def test_rest_at_the_edges():
    h = np.empty(4)
    for I, w_inh, expected in (
        ([-1.0, -2, 0, -3], 1.2, [-1, -2, 0, -3]),
        ([-1.0, -2, 0, -3], 0.5, [-1, -2, 0, -3]),
        ([2.0, 2, 1, 0], 1.5, [2, -1, -2, -3]),
        ([2.0, 1, 1, 0], 1.0, [2, -1, -1, -2]),
    ):
        slow.rest(np.array(I), w_inh, h)
        assert h.tolist() == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("w_inh", [0.5, 1.2])
def test_rest_ends_whatever_the_currents(bad, w_inh):
    slow.rest(np.array([1.0, bad, bad, 3.0]), w_inh, np.empty(4))


@covers("response")
@given(st.integers(1, 30), st.floats(0, 3), SEEDS)
@QUICK
def test_response(K, threshold, seed):
    h = np.random.default_rng(seed).normal(0, 2, K)
    h[0] = threshold
    h[-1] = 0.0
    g = np.empty(K, np.float32)
    slow.response(h, threshold, 0.4, g)
    np.testing.assert_allclose(g, naive.responses(h, threshold, 0.4), rtol=1e-6)


@covers("learn_one", "asked")
@given(
    st.integers(1, 20),
    st.integers(1, 50),
    st.sampled_from([1.5, 2.0, 3.0, 4.0]),
    st.booleans(),
    SEEDS,
)
@QUICK
def test_one_example(K, N, p, gate, seed):
    generator = np.random.default_rng(seed)
    W = generator.normal(0, 1, (K, N)).astype(np.float32)
    x = (generator.random(N) * (generator.random(N) < 0.5)).astype(np.float32)
    g = generator.choice([0.0, 0.0, -0.4, 1.0], K).astype(np.float32)
    V = np.empty_like(W, order="CF"[seed % 2])
    S, I = np.empty(K), np.empty((1, K), np.float32)
    c.powers(W, p, V)
    c.spheres(W, p, S)
    c.currents(x[None], V, I)
    asked = naive.change(W, x[None], g[None].astype(float), p, 1.3, gate)
    expected = W + 0.01 * asked
    most = slow.learn_one(W, x, I[0], g, 1.3**p, 0.01, p, gate, V, S)
    assert most == pytest.approx(np.abs(asked).max(), rel=1e-4)
    np.testing.assert_allclose(W, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(V, naive.power(W, p), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(S, naive.sphere(W, p), rtol=1e-4)
    kept = W.copy(), V.copy(), S.copy()
    g[-1] = 1.0
    x[0] = np.inf
    assert math.isnan(slow.learn_one(W, x, I[0], g, 1.3**p, 0.01, p, gate, V, S)) or gate
    if not gate:
        assert all(np.array_equal(a, b) for a, b in zip(kept, (W, V, S), strict=True))
