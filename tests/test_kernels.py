"""Every kernel against a slow, obvious oracle; exactness; the facts of science.md section 1."""

from __future__ import annotations

import importlib
import math
import pkgutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio import core, models, weights
from lyapstudio.core import rng
from lyapstudio.core.errors import UserError
from lyapstudio.core.kernel import kernels
from lyapstudio.core.model import Log, Problem, Rest
from lyapstudio.models.dense_associative import DenseAssociative
from lyapstudio.models.hopfield1982 import Hopfield1982
from lyapstudio.weights import cost, dense, factors, flips, lowrank, signs
from lyapstudio.weights.rules import Rule
from lyapstudio.weights.rules.hebb import Hebb
from lyapstudio.weights.rules.projection import Projection
from tests import naive
from tests.naive import covers
from tests.tiny import learned

FORMS = ("dense", "low rank")
QUICK = settings(max_examples=25, deadline=None)


def patterns(P: int, N: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (2 * generator.integers(0, 2, (P, N), np.int8) - 1).astype(np.int8)


def problem(
    memories: np.ndarray,
    rule: Rule | None = None,
    form: str | None = None,
    noise: float = 0.2,
    seed: int = 3,
    bias: Any = None,
) -> Problem:
    P, N = memories.shape
    generator = np.random.default_rng([seed, 1])
    cue = memories[0].copy() if P else patterns(1, N, seed)[0]
    cue[generator.permutation(N)[: round(noise * N)]] *= -1
    names = tuple("ABCDEFGH"[p] if p < 8 else f"M{p}" for p in range(P))
    W = learned(rule or Hebb(), memories, names, form)
    return Problem(1, N, memories, names, cue, np.zeros(N) if bias is None else bias, W, seed)


def run(model: Any, p: Problem, updates: int = 10**6, capacity: int = 1 << 15) -> Any:
    state, log = model.start(p), Log(len(model.functions), capacity)
    model.advance(state, updates, log)
    return state, log.at[: log.count], log.values[: log.count]


def test_every_kernel_has_an_oracle():
    for package in (core, weights, models):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    for file in Path(__file__).parent.glob("test_*.py"):  # whichever of them pytest collected
        if "@covers(" in file.read_text("utf-8"):
            importlib.import_module(f"tests.{file.stem}")
    declared = {k.__name__ for k in kernels() if k.python.__module__.startswith("lyapstudio.")}
    declared -= {"diffuse"}  # compared with its Python twin in test_ready.py
    assert declared == naive.COVERED


@covers("step", "draw", "below", "uniform")
@given(st.integers(0, 2**64), st.integers(1, 2**31 - 1))
@QUICK
def test_generator(seed, n):
    words = rng.streams(seed, 1)[0]
    slow = naive.Xoroshiro(words)
    assert [int(rng.draw(words)) for _ in range(5)] == [slow.draw() for _ in range(5)]
    assert rng.uniform(words) == slow.uniform()
    assert rng.below(np.uint64(rng.draw(words)), n) == slow.below(n)
    following = rng.step(words[0], words[1])
    slow.draw()
    assert tuple(map(int, following)) == (slow.a, slow.b)


@covers("draw_ahead", "turn_over", "ends")
@pytest.mark.parametrize("N", [2, 63, 64, 65, 200, 1000])
def test_order_is_fisher_yates(N):
    C, order, words = (
        np.zeros(flips.CONTROLS, np.int64),
        np.arange(N, dtype=np.int32),
        rng.streams(5, 1)[0],
    )
    C[flips.SHUFFLED] = 1
    slow, expected = naive.Xoroshiro(words), list(range(N))
    flips.draw_ahead(order, words, C, 0)
    position = 0
    for _ in range(3):
        naive.shuffle(expected, slow)
        taken = []
        for _ in range(N):
            taken.append(int(order[position]))
            position += 1
            assert flips.ends(position, N) == (position % flips.STRETCH == 0 or position == N)
            if flips.ends(position, N):
                position = flips.turn_over(order, words, C, position)
        assert taken == expected
        assert position == 0


@covers("settle", "decide", "temperature_at")
@given(st.floats(-9, 9), st.sampled_from([-1, 1]), st.floats(0, 5))
@QUICK
def test_decision(h, old, T):
    words = rng.streams(9, 1)[0]
    expected = naive.choose(h, old, T, naive.Xoroshiro(words))
    assert flips.settle(h, np.int8(old)) == naive.choose(h, old, 0.0, naive.Xoroshiro(words))
    assert flips.decide(h, np.int8(old), T, 2.0, words) == expected
    F = np.zeros(8)
    F[[flips.HOT, flips.SLOPE, flips.COLD, flips.ORIGIN, flips.END]] = T, -T / 10, 0.5, 4, 14
    assert flips.temperature_at(F, 4) == T
    assert flips.temperature_at(F, 9) == pytest.approx(T / 2)
    assert flips.temperature_at(F, 14) == 0.5


networks = st.fixed_dictionaries(
    {
        "N": st.integers(2, 90),
        "P": st.integers(0, 9),
        "seed": st.integers(0, 10**6),
        "T": st.sampled_from([0.0, 0.0, 0.4]),
        "field": st.sampled_from([0.0, 0.25]),
        "painted": st.booleans(),
        "form": st.sampled_from(FORMS),
        "update": st.sampled_from(["random", "sequence", "together"]),
    }
)


@covers("dense_updates", "dense_together", "dense_flip", "dense_fields", "decide_all", "energy_of")
@covers("low_rank_updates", "low_rank_together", "factor_dot", "factor_flip", "factor_overlaps")
@covers("factor_fields", "finish_step", "fetch")
@given(networks)
@settings(max_examples=60, deadline=None)
def test_hebb_follows_whole_numbers(n):
    N = n["N"]
    xi = patterns(n["P"], N, n["seed"])
    bias = np.zeros(N)
    if n["painted"]:
        bias[: N // 2] = 0.5
    p = problem(xi, form=n["form"], seed=n["seed"], bias=bias)
    model = Hopfield1982(update=n["update"], T=n["T"], field=n["field"])
    T, b = n["T"] * N, N * (bias + n["field"])
    slow = naive.Network(naive.hebb(xi), b, p.cue, rng.streams(p.seed, 2), T)
    if n["update"] == "together":
        expected = slow.together(12)
        state, at, values = run(model, p, 12)
        np.testing.assert_array_equal(values, np.array(expected)[:, 1:] * (1 / N))
    else:
        expected = slow.one_at_a_time(5, n["update"] == "random")
        state, at, values = run(model, p, 5 * N)
        np.testing.assert_array_equal(values[:, 0], [E * (1 / N) for _, E in expected])
        assert np.isnan(values[:, 1]).all()
    assert at.tolist() == [row[0] for row in expected]
    np.testing.assert_array_equal(state.s, slow.s)
    p.weights.derive(twin := state.copy(), True)
    assert twin.C[flips.ENERGY] == state.C[flips.ENERGY]


@pytest.mark.parametrize(("N", "P"), [(100, 5), (784, 108), (3001, 400)])
def test_both_forms_follow_the_reference_flip_by_flip(N, P):
    xi = patterns(P, N)
    W = xi.T.astype(np.float64) @ xi  # whole numbers: exact
    np.fill_diagonal(W, 0)
    results = [run(Hopfield1982(), problem(xi, form=f), 4 * N) for f in FORMS]
    slow = naive.Network(W, np.zeros(N), results[0][0].problem.cue, rng.streams(3, 2))
    fields, order, expected, clock = W @ slow.s, list(range(N)), [], 0
    for _ in range(4):
        naive.shuffle(order, slow.shuffler)
        quiet = True
        for i in order:
            clock += 1
            if fields[i] * slow.s[i] < 0:
                slow.s[i] *= -1
                fields += 2 * slow.s[i] * W[i]
                expected.append(clock)
                quiet = False
        if quiet:
            break
    for state, at, values in results:
        assert at.tolist() == expected
        np.testing.assert_array_equal(state.s, slow.s)
        assert values[-1, 0] == slow.energy() * (1 / N)
        assert (np.diff(values[:, 0]) < 0).all()


@covers("factor_row", "overlap_sums", "absolute_sums")
@given(st.integers(2, 60), st.integers(0, 6), st.integers(0, 10**6), st.booleans())
@QUICK
def test_what_the_window_asks_of_weights(N, P, seed, learn_hebb):
    xi, s = patterns(P, N, seed), patterns(1, N, seed + 1)[0]
    rule = Hebb() if learn_hebb else Projection(dependent="pseudo")
    W = naive.hebb(xi) / N if learn_hebb else naive.projection(xi)
    for form in FORMS:
        w = learned(rule, xi, tuple(map(str, range(P))), form)
        matrix = np.array([w.incoming(i) for i in range(N)])
        np.testing.assert_allclose(matrix, W, atol=1e-8)
        np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_allclose(w.fields(s), W @ s, atol=1e-6)
        np.testing.assert_array_equal(w.overlaps(s), xi.astype(int) @ s.astype(int))
        levels = [-0.5 * m @ W @ m for m in xi.astype(float)]
        np.testing.assert_allclose(w.levels(w.alive(None)), levels, atol=1e-6)
        parts = sum(v for _, v in w.parts(1, s, N)) - (matrix[1] @ s)
        trace = P / N if learn_hebb else np.linalg.pinv(xi * 1.0)[1] @ xi[:, 1] if P else 0.0
        assert parts == pytest.approx(trace * s[1], abs=1e-6)
    G = np.abs(np.asarray(matrix)).astype(np.float32)
    largest, total = dense.absolute_sums(G)
    assert (largest, total) == pytest.approx((G.sum(axis=1).max(), G.sum()), rel=1e-5)
    assert (factors.gram(xi) == xi.astype(int) @ xi.T.astype(int)).all()


@covers("sign_products", "bits_of")
@given(st.integers(1, 40), st.integers(0, 300), st.integers(0, 10**6))
@QUICK
def test_products_of_signs_are_counts_of_bits(N, P, seed):
    xi = patterns(P, N, seed)
    expected = [
        [sum(int(a) * int(b) for a, b in zip(x, y, strict=True)) for y in xi.T] for x in xi.T
    ]
    G = signs.sign_matrix(np.ascontiguousarray(xi.T))
    assert G.dtype == np.float32
    np.testing.assert_array_equal(G, np.array(expected))


@pytest.mark.parametrize(("N", "P", "tolerance"), [(200, 20, 1e-8), (2000, 300, 1e-7)])
def test_projection_field_is_within_tolerance(N, P, tolerance):
    xi, s = patterns(P, N), patterns(1, N, 8)[0]
    exact = np.linalg.solve((xi @ xi.T.astype(np.float64)), xi @ s.astype(np.float64))
    gains = np.linalg.solve((xi @ xi.T.astype(np.float64)), xi.astype(np.float64))
    h = xi.T.astype(np.float64) @ exact - (xi * gains).sum(axis=0) * s
    for form in FORMS:
        np.testing.assert_allclose(
            learned(Projection(), xi, tuple(map(str, range(P))), form).fields(s),
            h,
            atol=tolerance * 10,
        )


@covers("dense_set", "low_rank_set")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("update", ["random", "together"])
def test_units_set_by_hand(form, update):
    p = problem(patterns(7, 150), form=form)
    model = Hopfield1982(update=update, field=0.125)
    state, _, _ = run(model, p, 40)
    target = patterns(1, 150, 77)[0]
    model.set_units(state, target)
    np.testing.assert_array_equal(state.s, target)
    W = naive.hebb(p.memories)
    E = (-0.5 * target @ W @ target - 0.125 * 150 * target.sum(dtype=int)) * (1 / 150)
    assert model.values(state)[0] == E
    h = [p.weights.field(state, i) for i in range(150)]
    np.testing.assert_array_equal(h, W @ target + 0.125 * 150)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rule", [Hebb(), Projection()])
def test_no_drift_after_a_million_flips(form, rule):
    p = problem(patterns(8, 64), rule, form)
    model = Hopfield1982(T=10.0, field=0.3)
    state, log, done = model.start(p), Log(2, 1 << 17), 0
    while done < 1_000_000:
        log.count = 0
        model.advance(state, 200_000, log)
        done += log.count
    fresh = state.copy()
    p.weights.derive(fresh, False)
    assert fresh.C[flips.ENERGY] == state.C[flips.ENERGY]
    np.testing.assert_array_equal(fresh.h, state.h)
    np.testing.assert_array_equal(fresh.M, state.M)


@covers("steep_field", "steep_updates")
@given(st.integers(2, 60), st.integers(1, 12), st.integers(2, 6), st.integers(0, 10**6))
@QUICK
def test_dense_associative_memory(N, P, n, seed):
    xi = patterns(P, N, seed)
    p = problem(xi, noise=0.3, seed=seed)
    model = DenseAssociative(exponent=n)
    state, at, values = run(model, p, 5 * N)
    s, order = p.cue.astype(int), list(range(N))
    random, flipped, clock = naive.Xoroshiro(rng.streams(seed, 1)[0]), [], 0
    for _ in range(5):
        naive.shuffle(order, random)
        for i in order:
            clock += 1
            E = naive.steep_energy(xi, s, n)
            s[i] *= -1
            change = naive.steep_energy(xi, s, n) - E
            if change < -1e-10:
                flipped.append(clock)
            elif change < 1e-10 and clock in at:
                flipped.append(clock)  # a tie of the oracle's rounding: follow the kernel
            else:
                s[i] *= -1
    assert at.tolist() == flipped[: len(at)]
    assert (np.diff(values[:, 0]) < 0).all()
    assert model.values(state)[0] == pytest.approx(naive.steep_energy(xi, state.s, n), abs=1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_zero_one_units_are_the_same_network(form):
    N, U, field = 60, 0.25, 0.1
    p = problem(patterns(4, N), form=form)
    model = Hopfield1982(units="01", threshold=U, field=field)
    state, _, values = run(model, p)
    T = naive.hebb(p.memories) / N
    V = (state.s > 0).astype(float)
    assert values[-1, 0] == pytest.approx(-0.5 * V @ T @ V + (U - field) * V.sum(), abs=1e-7)
    h = T @ V - U + field
    assert ((h > 0) == (V > 0)).all()
    expected = [-0.5 * v @ T @ v + (U - field) * v.sum() for v in (p.memories > 0).astype(float)]
    np.testing.assert_allclose(model.levels(p), expected, atol=1e-7)
    a = model.arithmetic(state, 5)
    assert a.field - a.threshold == pytest.approx(h[5], abs=1e-7)
    assert sum(v for _, v in a.parts) == pytest.approx(a.field, abs=1e-9)


def test_heat_bath_follows_boltzmann():
    p = problem(patterns(2, 5, 4))
    model = Hopfield1982(T=1.0)
    state, log, counts = model.start(p), Log(2), np.zeros(32)
    powers = 2 ** np.arange(5)
    for _ in range(20000):
        log.count = 0
        model.advance(state, 5, log)
        counts[(state.s > 0) @ powers] += 1
    corners = np.array([[1 if k >> i & 1 else -1 for i in range(5)] for k in range(32)])
    W = naive.hebb(p.memories) / 5
    weight = np.exp(0.5 * np.einsum("ki,ij,kj->k", corners, W, corners))
    np.testing.assert_allclose(counts / counts.sum(), weight / weight.sum(), atol=0.015)


def test_two_neurons_oscillate_together():
    p = problem(np.ones((1, 2), np.int8), noise=0.5)
    model = Hopfield1982(update="together")
    state, at, _ = run(model, p)
    assert model.rest(state) is Rest.CYCLE
    assert len(at) == 2


def test_half_l_never_rises_and_e_may():
    rose = 0
    for seed in range(40):
        p = problem(patterns(40, 80, seed), noise=0.5, seed=seed)
        _, _, values = run(Hopfield1982(update="together"), p)
        assert (np.diff(values[:, 1]) <= 0).all()
        rose += (np.diff(values[:, 0]) > 0).sum()
    assert rose > 0


@given(networks, st.integers(0, 400))
@QUICK
def test_chunks_change_nothing(n, cut):
    p = problem(patterns(n["P"], n["N"], n["seed"]), form=n["form"], seed=n["seed"])
    model = Hopfield1982(update=n["update"], anneal=n["painted"], T=n["T"], anneal_sweeps=3)
    whole, at, values = run(model, p, 400)
    parts, log = model.start(p), Log(2, 1 << 10)
    cut = min(cut, whole.update - 1)  # once in a 2-cycle one may step on and on
    model.advance(parts, cut, log)
    model.advance(parts, 400 - cut, log)
    assert log.at[: log.count].tolist() == at.tolist()
    np.testing.assert_array_equal(log.values[: log.count], values)
    assert whole.update == parts.update
    np.testing.assert_array_equal(whole.C, parts.C)
    np.testing.assert_array_equal(whole.order, parts.order)


def test_a_full_log_stops_early_and_loses_nothing():
    p = problem(patterns(5, 300))
    whole, at, _ = run(Hopfield1982(), p)
    model = Hopfield1982()
    state, log, seen = model.start(p), Log(2, 7), []
    while model.rest(state) is Rest.MOVING:
        log.count = 0
        model.advance(state, 10**6, log)
        seen += log.at[: log.count].tolist()
    assert seen == at.tolist()
    assert state.update == whole.update


def test_store_and_forget_one_memory():
    xi = patterns(9, 120)
    w = learned(Hebb(), xi[:8], tuple("abcdefgh"), "dense")
    kept = w.G.copy()
    more = learned(Hebb(), xi, tuple("abcdefghi"), "dense", before=w)
    np.testing.assert_array_equal(more.G, naive.hebb(xi))
    less = learned(Hebb(), xi[1:], tuple("bcdefghi"), "dense", before=more)
    np.testing.assert_array_equal(less.G, naive.hebb(xi[1:]))
    np.testing.assert_array_equal(w.G, kept)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m[0], "“C” is the same as “A”"),
        (lambda m: -m[1], "“C” is the inverse of “B”"),
    ],
)
def test_projection_names_the_dependent_memory(form, change, words):
    xi = patterns(4, 50)
    xi[2] = change(xi)
    with pytest.raises(UserError, match=words):
        learned(Projection(), xi, ("A", "B", "C", "D"), form)
    learned(Projection(dependent="pseudo"), xi, ("A", "B", "C", "D"), form)


def test_cost_in_a_line():
    assert cost.choose(cost.Demand(10**6, 100)).line == "low rank: 128 MB instead of 4 TB"
    assert cost.choose(cost.Demand(784, 5), "dense").line == "dense: 2.5 MB"
    with pytest.raises(UserError, match="smaller"):
        cost.choose(cost.Demand(10**6, 100), "dense")
    with pytest.raises(UserError, match="smaller"):
        learned(Hebb(), np.broadcast_to(np.int8(1), (10**7, 10**6)), ())


# Facts of science.md, section 1


def test_first_step_error_of_hebb():
    N, P = 2000, 370
    xi = patterns(P, N)
    w = learned(Hebb(), xi, tuple(map(str, range(P))))
    wrong = np.mean([(w.fields(m) * m < 0).mean() for m in xi[:60]])
    assert wrong == pytest.approx(0.5 * (1 - math.erf(math.sqrt(N / (2 * P)))), rel=0.15)


def test_mixture_of_three_is_stable_and_inverses_are_level():
    N = 3001
    xi = patterns(5, N)
    mixture = np.sign(xi[:3].sum(axis=0)).astype(np.int8)
    w = learned(Hebb(), xi, tuple("abcde"))
    h = w.fields(mixture)
    assert (h * mixture > 0).mean() > 0.99
    assert np.allclose(w.overlaps(mixture)[:3] / N, 0.5, atol=0.06)
    p = problem(xi)
    model = Hopfield1982()
    energies = []
    for target in (xi[1], -xi[1]):
        state = model.start(p)
        model.set_units(state, target)
        energies.append(model.values(state)[0])
    assert energies[0] == energies[1]


def test_low_rank_kernels_agree_on_wide_numbers():
    """The same network with the overlaps in every type that N and P may call for."""
    p = problem(patterns(40, 200), form="low rank")
    states = []
    for number in (np.int32, np.int64):
        p.weights.number = number
        states.append(run(Hopfield1982(), p)[0])
    np.testing.assert_array_equal(states[0].s, states[1].s)
    assert states[0].C[flips.ENERGY] == states[1].C[flips.ENERGY]
    assert isinstance(p.weights, lowrank.LowRank)


def test_rows_begin_with_a_cache_line():
    for shape, dtype in (((1000, 128), np.int8), ((33, 8), np.float64)):
        array = factors.aligned(shape, dtype)
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.ctypes.data % factors.CACHE_LINE == 0
        assert array.flags.c_contiguous
        assert array.flags.writeable
