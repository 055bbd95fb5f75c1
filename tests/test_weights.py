"""Dense, low rank and sparse: one trajectory, whatever was edited, cut, silenced or bent."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core import rng
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Log, Problem, Rest
from lyapstudio.models.hopfield1982 import Hopfield1982
from lyapstudio.weights import bend, flips, listed, overlay, strokes
from lyapstudio.weights.build import build
from lyapstudio.weights.cost import DENSE, LOW_RANK, SPARSE, Demand, choose
from lyapstudio.weights.dreams import Dream
from lyapstudio.weights.rules import Material, rules
from lyapstudio.weights.strokes import Stroke
from lyapstudio.weights.wiring import wirings
from tests import naive
from tests.naive import covers

QUICK = settings(max_examples=30, deadline=None)
NAMES = tuple("ABCDEFGHIJ")


def patterns(P: int, N: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (2 * generator.integers(0, 2, (P, N), np.int8) - 1).astype(np.int8)


def stroke(
    i: Any, j: Any, v: Any, mode: Any = "set", both: bool = True, block: bool = False
) -> Stroke:
    ints = (np.array(side, np.int32) for side in (i, j))
    return Stroke(*ints, np.atleast_1d(np.array(v, float)), mode, block, both)


def some_strokes(N: int, seed: int, count: int, both: bool) -> tuple[Stroke, ...]:
    generator = np.random.default_rng([seed, 5])
    made = []
    for k in range(count):
        size = int(generator.integers(1, 6))
        i, j = generator.integers(0, N, (2, size))
        other = i != j
        if not other.any():
            continue
        value = float(generator.choice([0.0, 0.5, -0.25, 1.0]))
        mode = ("set", "add")[k % 2]
        made.append(stroke(i[other], j[other], value, mode, both, block=k % 3 == 2))
    return tuple(made)


def held(
    xi: np.ndarray, form: str | None, rule: str = "hebb", wiring: Any = None, **more: Any
) -> Any:
    material = Material(xi, NAMES[: len(xi)])
    wiring = wiring or wirings()["all-to-all"]()
    return build(rules()[rule](), wiring, material, 1, xi.shape[1], force=form, **more)


def matrix(W: Any) -> np.ndarray:
    """(N, N) whole multiples of grid units, w_ij at [i, j]."""
    return np.array([W.row(i) for i in range(W.N)])


def problem(W: Any, seed: int, lesions: Any = None, made: Any = (), bias: Any = None) -> Problem:
    N = W.N
    cue = patterns(1, N, seed + 9)[0]
    zero = np.zeros(N) if bias is None else bias
    return Problem(
        1, N, W.memories, W.names, cue, zero, W, seed, None, lesions=lesions, strokes=made
    )


def run(model: Any, p: Problem, updates: int) -> tuple[Any, Log]:
    state, log = model.start(p), Log(2, 1 << 14)
    model.advance(state, updates, log)
    return state, log


def energy(W: np.ndarray, b: np.ndarray, s: np.ndarray) -> float:
    """-1/2 sum over pairs of w_ij s_i s_j - b s, from the whole matrix."""
    pairs_only = W - np.diag(np.diag(W))
    return float(-0.5 * (s @ pairs_only @ s) - b @ s)


def slow_run(
    W: np.ndarray, b: np.ndarray, s: np.ndarray, seeds: Any, updates: int, together: bool
) -> tuple[list[tuple[int, float]], np.ndarray]:
    """(update, E) after every flip (or step), lesioned neurons (s = 0) left alone."""
    s, log, N = s.astype(np.int64).copy(), [], len(s)
    shuffler = naive.Xoroshiro(seeds[0])
    if together:
        before = s.copy()
        for t in range(1, updates + 1):
            h = W @ s + b
            new = np.where(s == 0, 0, np.where(h == 0, s, np.sign(h))).astype(np.int64)
            ended = (new == s).all() or (new == before).all()
            before, s = s, new
            log.append((t, energy(W, b, s)))
            if ended:
                break
        return log, s
    order, clock = list(range(N)), 0
    while clock < updates:
        naive.shuffle(order, shuffler)
        quiet = True
        for i in order:
            if clock == updates:
                return log, s
            clock += 1
            h = W[i] @ s + b[i]
            new = s[i] if h == 0 or s[i] == 0 else int(np.sign(h))
            if new != s[i]:
                s[i], quiet = new, False
                log.append((clock, energy(W, b, s)))
        if quiet:
            break
    return log, s


networks = st.fixed_dictionaries(
    {
        "N": st.integers(3, 40),
        "P": st.integers(0, 6),
        "seed": st.integers(0, 10**6),
        "edits": st.integers(0, 6),
        "both": st.booleans(),
        "own": st.booleans(),
        "lesions": st.booleans(),
        "together": st.booleans(),
        "k": st.sampled_from([0.0, 0.0, 0.5]),
        "inhibitory": st.sampled_from([0.0, 0.0, 0.3]),
        "dreams": st.integers(0, 2),
    }
)


def forms_of(n: Any) -> list[Any]:
    """The same network in every form that can hold it."""
    xi = patterns(n["P"], n["N"], n["seed"])
    wiring = wirings()["all-to-all"](
        own=n["own"], antisymmetry=n["k"], inhibitory=n["inhibitory"], seed=n["seed"] % 1000
    )
    dreams = tuple(Dream(s, 0.02) for s in patterns(n["dreams"], n["N"], n["seed"] + 1))
    plain = not n["k"] and not n["inhibitory"]
    forms = (DENSE, LOW_RANK) if plain else (DENSE,)
    return [held(xi, form, wiring=wiring, dreams=dreams) for form in forms]


@covers("turn_of", "place_of", "gathered", "add_gathered", "dense_exerted", "dense_rise")
@covers("dense_put", "low_rank_rise", "rewired")
@given(networks)
@settings(max_examples=80, deadline=None)
def test_edited_bent_and_lesioned_networks_follow_the_whole_matrix(n):
    N, seed = n["N"], n["seed"]
    lesions = np.random.default_rng(seed).random(N) < 0.2 if n["lesions"] else None
    if lesions is not None and lesions.all():
        lesions = None
    made = some_strokes(N, seed, n["edits"], n["both"])
    model = Hopfield1982(update="together" if n["together"] else "random", field=0.125)
    results = []
    for W in forms_of(n):
        p = problem(W, seed, lesions, made)
        state, log = run(model, p, 15 if n["together"] else 6 * N)
        whole = matrix(W)
        alike = np.array_equal(whole, whole.T)
        assert W.symmetric == alike or (made and alike)  # edits may mend a bent network by chance
        b = np.full(N, np.rint(0.125 / W.scale * state.F[flips.FINE]) / state.F[flips.FINE])
        s = np.where(lesions, 0, p.cue) if lesions is not None else p.cue
        updates = 15 if n["together"] else 6 * N
        if model.rest(state) is Rest.CYCLE:  # a long one: the oracle knows only those of two
            updates = state.update
        expected, end = slow_run(whole, b, s, rng.streams(seed, 2), updates, n["together"])
        assert log.at[: log.count].tolist() == [t for t, _ in expected]
        np.testing.assert_array_equal(
            log.values[: log.count, 0], [E * W.scale for _, E in expected]
        )
        np.testing.assert_array_equal(state.s, end)
        results.append((log.at[: log.count].tolist(), end.tolist()))
        alive = W.alive(lesions)
        levels = [energy(whole, b * 0, m * alive) * W.scale for m in W.memories.astype(float)]
        np.testing.assert_allclose(W.levels(alive), levels, atol=1e-9)
    assert all(r == results[0] for r in results)


@given(networks, st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_edits_on_the_run_equal_a_fresh_start(n, cut):
    """Rewired in place, forwards and back: fields and energy are those of a fresh derivation."""
    N, seed = n["N"], n["seed"]
    made = some_strokes(N, seed, 6, n["both"])
    model = Hopfield1982(
        update="together" if n["together"] else "random", units="01" if n["own"] else "pm"
    )
    for W in forms_of(n):
        p = problem(W, seed)
        state = model.start(p)
        model.advance(state, 7, Log(2, 64))
        for version in (made[:cut], made, made[: cut // 2], (), made):
            p = replace(p, strokes=version)
            assert model.rewire(state, p)
            fresh = model.retune(state, p)
            model._prepare(fresh, None)
            assert model.values(state)[0] == pytest.approx(model.values(fresh)[0], abs=1e-9)
            for i in range(N):
                assert W.field(state, i) * W.scale == pytest.approx(
                    W.field(fresh, i) * W.scale, abs=1e-9
                )
            model.advance(state, 3, Log(2, 64))
        W.follow(())
        kept = matrix(W)
        W.follow(made)
        W.follow(())
        np.testing.assert_array_equal(matrix(W), kept)


@covers("edge_products_of", "edge_fields", "edge_means", "edge_at", "turn_round", "sparse_flip")
@covers("sparse_rise", "sparse_set", "sparse_updates", "sparse_together", "scattered")
@given(networks, st.sampled_from(sorted(set(wirings()) - {"all-to-all"}) or ["all-to-all"]))
@settings(max_examples=60, deadline=None)
def test_sparse_and_dense_are_one_network(n, id):
    N, seed = n["N"], n["seed"]
    xi = patterns(n["P"], N, seed)
    wiring = wirings()[id](
        own=n["own"], antisymmetry=n["k"], inhibitory=n["inhibitory"], seed=seed % 1000
    )
    dreams = tuple(Dream(s, 0.02) for s in patterns(n["dreams"], N, seed + 1))
    lesions = np.random.default_rng(seed).random(N) < 0.2 if n["lesions"] else None
    if lesions is not None and lesions.all():
        lesions = None
    made = some_strokes(N, seed, n["edits"], n["both"])
    model = Hopfield1982(update="together" if n["together"] else "random", field=0.125)
    updates = 15 if n["together"] else 6 * N
    results = []
    for form in (SPARSE, DENSE) if id != "all-to-all" else (DENSE,):
        W = held(xi, form, wiring=wiring, dreams=dreams)
        p = problem(W, seed, lesions, made)
        state, log = run(model, p, updates)
        whole = matrix(W)
        results.append((log.at[: log.count].tolist(), log.values[: log.count, 0].tolist(), whole))
        columns = np.array([W.column(j) for j in range(N)])
        np.testing.assert_array_equal(columns.T, whole)
        i, j = (k.reshape(-1) for k in np.mgrid[:N, :N])
        np.testing.assert_array_equal(W.at(i, j).reshape(N, N), whole)
        s = state.s
        np.testing.assert_allclose(W.grid_fields(s), whole @ s, atol=1e-6)
        x = np.random.default_rng(1).normal(size=N)
        np.testing.assert_allclose(W.product(x), whole @ x, atol=1e-6)
        np.testing.assert_allclose(W.product(x, across=True), whole.T @ x, atol=1e-6)
        target = patterns(1, N, seed + 3)[0]
        model.set_units(state, target)
        kept = model.values(state)[0]
        W.derive(state, True)
        assert kept == model.values(state)[0]
    for other in results[1:]:
        assert other[0] == results[0][0]
        assert other[1] == results[0][1]
        np.testing.assert_array_equal(other[2], results[0][2])


@covers("turned_sign", "add_antisymmetric", "add_antisymmetric_along")
def test_antisymmetric_part():
    N = 40
    W = np.zeros((N, N), np.float32)
    bend.add_antisymmetric(W, 5, 2.0)
    np.testing.assert_array_equal(W, -W.T)
    assert set(np.unique(W)) == {-2.0, 0.0, 2.0}
    assert abs(W[np.triu_indices(N, 1)].mean()) < 0.3
    sources = np.tile(np.arange(N, dtype=np.int32), N)
    start = np.arange(0, N * N + 1, N)
    values = np.zeros(N * N, np.float32)
    bend.add_antisymmetric_along(start, sources, values, 5, 2.0)
    np.testing.assert_array_equal(values.reshape(N, N), W)
    assert bend.turned_sign(5, 1, 2) == -bend.turned_sign(5, 2, 1)


def test_dales_law_and_its_share():
    W = held(patterns(3, 30), DENSE, wiring=wirings()["all-to-all"](inhibitory=0.3))
    whole = matrix(W)
    signs = [(column <= 0).all() for column in whole.T]
    assert sum(signs) == 9
    assert all((column >= 0).all() or (column <= 0).all() for column in whole.T)
    assert not W.symmetric
    assert W.flaws[0].cause.startswith("Dale's law")


@pytest.mark.parametrize("form", [DENSE, LOW_RANK])
def test_blocks_are_means_of_the_matrix(form):
    W = held(patterns(4, 37), form)
    W.follow((stroke([3], [5], 0.75), stroke([1], [1], 0.5, both=False)))
    whole = matrix(W) * W.scale
    np.testing.assert_allclose(W.block(2, 5, 10, 8, 10, 8), whole[2:12, 5:13], atol=1e-6)
    binned = W.block(0, 0, 37, 37, 5, 6)
    down, across = (np.rint(np.linspace(0, 37, k + 1)).astype(int) for k in (5, 6))
    expected = [
        [whole[a:b, c:d].mean() for c, d in itertools.pairwise(across)]
        for a, b in itertools.pairwise(down)
    ]
    np.testing.assert_allclose(binned, expected, atol=1e-6)


def test_strokes_name_each_weight_once():
    i, j, v = stroke([1, 2, 1], [2, 1, 2], [0.1, 0.2, 0.3]).pairs()
    assert sorted(zip(i.tolist(), j.tolist(), v.tolist(), strict=True)) == [
        (1, 2, 0.3),
        (2, 1, 0.3),
    ]
    i, j, _ = stroke([0, 1], [1, 2], 1.0, both=False, block=True).pairs()
    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize("form", [DENSE, LOW_RANK])
def test_too_many_edits_are_refused_and_nothing_is_lost(form, monkeypatch):
    monkeypatch.setattr("lyapstudio.weights.weights.MOST", 10)
    W = held(patterns(3, 30), form)
    first = (stroke([1, 2], [3, 4], 0.5),)
    W.follow(first)
    kept = matrix(W)
    with pytest.raises(UserError, match="smaller bundle"):
        W.follow((*first, stroke(range(20), range(1, 21), 0.5)))
    np.testing.assert_array_equal(matrix(W), kept)
    assert W.strokes is first


def test_representations_by_cost():
    assert choose(Demand(784, 5)).representation == LOW_RANK
    assert choose(Demand(784, None)).representation == DENSE
    assert choose(Demand(10**6, None, connections=5e7)).representation == SPARSE
    assert choose(Demand(2000, 100)).representation == LOW_RANK
    assert choose(Demand(2000, 100, edits=200_000)).representation == DENSE
    with pytest.raises(UserError, match="cannot be held as low rank"):
        choose(Demand(100, None), LOW_RANK)


def test_overlay_keeps_what_differs():
    o = overlay.plain(9).added(np.array([1, 3]), np.array([3, 1]), np.array([2.0, 2.0]))
    assert o.symmetric
    assert (o.count, o.reach, o.bulk) == (2, 2.0, 4.0)
    o = o.added(np.array([1]), np.array([3]), np.array([-2.0]))
    assert o.count == 1
    assert not o.symmetric
    assert o.at(np.array([3, 0]), np.array([1, 0])).tolist() == [2.0, 0.0]
    h = np.zeros(9)
    overlay.add_gathered(o.hears, np.ones(9, np.int8), h)
    assert h.tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0]
    assert strokes.MOST >= 10**6
    assert listed.turned_round(np.array([0, 1, 1]), np.array([1], np.int32), np.ones(1))[
        0
    ].tolist() == [0, 0, 1]


@covers("comes_back")
def test_asymmetric_networks_that_update_together_are_found_to_cycle():
    """A ring in which each neuron copies its neighbour: the pattern goes round, N steps long."""
    N = 5
    W = held(np.empty((0, N), np.int8), None, "hand")
    ring = tuple(stroke([i], [(i - 1) % N], 1.0, both=False) for i in range(N))
    model = Hopfield1982(update="together")
    p = replace(problem(W, 3, made=ring), cue=np.array([1, -1, -1, -1, -1], np.int8))
    state, log = model.start(p), Log(2, 100)
    model.advance(state, 100, log)
    assert model.rest(state) is Rest.CYCLE
    assert model.period(state) == N
    assert log.count < 30
    awaited, C = state.s.copy(), state.C
    C[flips.PERIOD], C[flips.PATIENCE] = 0, 1
    assert flips.comes_back(state.s, awaited, C)
    awaited[0] *= -1
    assert not flips.comes_back(state.s, awaited, C)
    np.testing.assert_array_equal(awaited, state.s)


def test_asymmetric_networks_wander():
    rule = rules()["random"](symmetry=False)
    material = Material(patterns(1, 60), ("A",))
    W = build(rule, wirings()["all-to-all"](), material, 6, 10)
    assert not W.symmetric
    model = Hopfield1982()
    state, log, rises = model.start(problem(W, 4)), Log(2, 1 << 12), 0
    for _ in range(60):
        log.count = 0
        model.advance(state, 60, log)
        rises += int((np.diff(log.values[: log.count, 0]) > 0).sum())
    assert rises > 10
    assert model.rest(state) is Rest.WANDERING
    assert model.guarantees(state)[0].broken[0].repair.of == "rule"


STORKEY_TOLERANCE = 1e-5
"""Of the fields between dense and low rank, which are about 1: N roundings of 2**-24."""
WHOLE = ("covariance", "hebb", "perceptron", "storkey")


@pytest.mark.parametrize("rule", WHOLE)
@pytest.mark.parametrize("seed", range(4))
def test_rules_in_whole_numbers_run_alike_in_every_form(rule, seed):
    """Flip for flip; Storkey's dense weights are rounded to float32: its fields are only near."""
    N, P = 150, 9
    xi = patterns(P, N, seed)
    xi[:, ::3] = 1  # alike and biased, so that rules differ
    made = some_strokes(N, seed, 4, True)
    results = []
    for form in (DENSE, LOW_RANK):
        W = held(xi, form, rule)
        state, log = run(Hopfield1982(), problem(W, seed, None, made), 8 * N)
        fields = np.array([W.field(state, i) for i in range(N)]) * W.scale
        results.append((log.at[: log.count].tolist(), state.s.tolist(), fields))
    if rule == "storkey":
        np.testing.assert_allclose(results[0][2], results[1][2], atol=STORKEY_TOLERANCE)
    assert results[0][:2] == results[1][:2]
