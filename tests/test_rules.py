"""Learning rules against slow, obvious oracles, and the facts of science.md section 1."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.errors import UserError
from lyapstudio.document.given import Given
from lyapstudio.weights import embedding, embedding_edges, lots
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.factors import OTHERS, Factors
from lyapstudio.weights.learned_fields import learned_field
from lyapstudio.weights.rules import Material, Rule, rules
from lyapstudio.weights.rules.by_hand import ByHand
from lyapstudio.weights.rules.covariance import Covariance, activity
from lyapstudio.weights.rules.hebb import Hebb
from lyapstudio.weights.rules.perceptron import Perceptron
from lyapstudio.weights.rules.projection import Projection
from lyapstudio.weights.rules.random import RandomWeights
from lyapstudio.weights.rules.storkey import Storkey
from tests import naive_rules as naive
from tests.naive import covers

QUICK = settings(max_examples=25, deadline=None)
SIZES = st.tuples(st.integers(0, 5), st.integers(2, 9), st.integers(0, 99))


def patterns(P: int, N: int, seed: int = 0, share: float = 0.5) -> np.ndarray:
    """Random bits, +1 in so large a share."""
    generator = np.random.default_rng(seed)
    return np.where(generator.random((P, N)) < share, 1, -1).astype(np.int8)


def material(memories: np.ndarray, given: np.ndarray | None = None) -> Material:
    return Material(memories, tuple(f"M{p}" for p in range(len(memories))), given)


def whole(factors: Factors) -> np.ndarray:
    """(N, N) V U^T, diagonal included."""
    return factors.left[:, : factors.R] @ factors.U[:, : factors.R].astype(float).T


def matrix(rule: Rule, memories: np.ndarray) -> np.ndarray:
    """(N, N) weights in the paper's units, without diagonal."""
    factors = rule.factors(material(memories))
    W = whole(factors) * factors.scale
    np.fill_diagonal(W, 0.0)
    return W


def stable_bits(W: np.ndarray, memories: np.ndarray, threshold: float = 0.0) -> np.ndarray:
    """(P,) share of the bits of each memory that are stable."""
    return (memories * (memories @ W.T - threshold) > 0).mean(axis=1)


def check_form(rule: Rule, memories: np.ndarray) -> Factors:
    """What every answer in factors promises."""
    P, N = memories.shape
    factors = rule.factors(material(memories))
    assert factors.N == N
    assert factors.R == rule.rank(P) == len(factors.owners)
    np.testing.assert_array_equal(factors.U[:, :P], memories.T)
    assert not factors.U[:, factors.R :].any()
    assert set(factors.owners) <= {*range(P), OTHERS}
    W = whole(factors)
    if factors.bits is not None:
        units = W * 2.0**factors.bits
        np.testing.assert_array_equal(units, np.rint(units))
    if factors.bits is not None and factors.symmetric:
        np.testing.assert_array_equal(W, W.T)
    if factors.V is not None:
        assert not factors.V[:, factors.R :].any()
    return factors


def masks(N: int, seed: int, symmetric: bool, share: float = 0.6) -> np.ndarray:
    mask = np.random.default_rng([seed, 7]).random((N, N)) < share
    mask = np.triu(mask, 1)
    other = (
        mask if symmetric else np.triu(np.random.default_rng([seed, 8]).random((N, N)) < share, 1)
    )
    return mask | other.T


def along(mask: np.ndarray) -> Connections:
    return Connections(**naive.connections_of(mask))


def test_the_list_is_in_the_order_of_history_and_what_stores_nothing_comes_last():
    titles = [rule.title for rule in rules().values() if rule.id != "unlearning"]
    expected = ["Hebb", "Covariance", "Projection", "Perceptron", "Storkey", "Random weights"]
    assert titles == [*expected, "By hand"]
    for rule in rules().values():
        assert "What to look for" in rule.about
        assert "<h3>" in rule.about
        assert rule().rank(0) in (0, 1, None)


@given(SIZES, st.floats(0.05, 0.95))
@QUICK
def test_covariance(size, share):
    P, N, seed = size
    xi = patterns(P, N, seed, share)
    factors = check_form(Covariance(), xi)
    a, k = activity(xi)
    assert abs(a - (xi.mean() if P else 0.0)) <= 0.5 / 2**k
    assert (a * 2**k).is_integer()
    assert factors.bits == 2 * k
    exact = [[Fraction(w) for w in row] for row in whole(factors)]
    assert exact == naive.covariance(xi, a)
    assert np.abs(whole(factors)).max() * 2.0**factors.bits < 2**24


@pytest.mark.parametrize("P", [1, 8, 100, 163, 1000, 16_000])
def test_the_mean_activity_is_as_fine_as_float32_allows(P):
    k = activity(patterns(P, 3))[1]
    assert 4 * P * 4**k < 2**24 <= 4 * P * 4 ** (k + 1) + 4 ** (k + 1)


def test_covariance_keeps_biased_memories_that_hebb_loses():
    xi = patterns(15, 400, 3, share=0.2)
    hebb, covariance = (stable_bits(matrix(rule, xi), xi) for rule in (Hebb(), Covariance()))
    assert (covariance > hebb).all()
    assert covariance.min() > 0.97 > 0.85 > hebb.max()


@pytest.mark.parametrize("share", [0.05, 0.1, 0.9])
def test_a_threshold_steadies_very_biased_memories(share):
    xi = patterns(15, 400, 3, share=share)
    W, a = matrix(Covariance(), xi), xi.mean()
    assert stable_bits(W, xi).max() < 0.98
    assert stable_bits(W, xi, -a * (1 - a**2)).min() > 0.99


@covers("inner", "learned_field")
@given(SIZES)
@QUICK
def test_storkey(size):
    P, N, seed = size
    xi = patterns(P, N, seed)
    factors = check_form(Storkey(), xi)
    slow = naive.storkey(xi)
    np.testing.assert_allclose(matrix(Storkey(), xi), slow, atol=1e-6 * (np.abs(slow).max() + 1e-9))
    for m in range(P):
        field = naive.storkey(xi[:m]) @ xi[m]
        np.testing.assert_allclose(factors.kept.fields[m], field, atol=1e-10)
        learned_field(xi, factors.kept.fields, m)
        np.testing.assert_allclose(factors.kept.fields[m], field, atol=1e-10)


@pytest.mark.parametrize(("N", "P"), [(60, 12), (600, 60)])
@pytest.mark.parametrize("share", [0.5, 0.2])
def test_storkey_follows_the_textbook_to_a_millionth(N, P, share):
    xi = patterns(P, N, 5, share)
    slow = naive.storkey(xi) if N == 60 and share == 0.5 else naive.storkey_by_matrices(xi)
    fast = matrix(Storkey(), xi)
    assert np.abs(fast - slow).max() <= 1e-6 * np.abs(slow).max()
    np.testing.assert_array_equal(fast, fast.T)


@pytest.mark.parametrize(
    "change",
    [
        lambda xi: xi[:-1],  # the last is forgotten
        lambda xi: np.vstack([xi, patterns(2, 80, 9)]),  # two more
        lambda xi: np.delete(xi, 3, axis=0),
        lambda xi: xi[::-1],
        lambda xi: xi[:0],
        lambda xi: patterns(4, 50, 2),  # another size
    ],
)
def test_storkey_learns_on_from_what_it_knows(change):
    xi = patterns(8, 80, 1)
    before = Storkey().factors(material(xi))
    kept = before.kept.fields.copy()
    now = material(np.ascontiguousarray(change(xi)))
    on, anew = Storkey().factors(now, before), Storkey().factors(now)
    np.testing.assert_array_equal(on.U, anew.U)
    np.testing.assert_array_equal(on.V, anew.V)
    np.testing.assert_array_equal(on.kept.fields, anew.kept.fields)
    np.testing.assert_array_equal(before.kept.fields, kept)
    assert on.bits == anew.bits


def test_storkey_holds_more_than_hebb():
    xi = patterns(round(0.14 * 300), 300, 4)
    hebb, storkey = (stable_bits(matrix(rule, xi), xi) for rule in (Hebb(), Storkey()))
    assert (1 - storkey).sum() < 0.1 * (1 - hebb).sum()
    assert (storkey == 1).sum() > (hebb == 1).sum()


def test_storkey_says_where_its_weights_explode():
    with pytest.raises(UserError, match="cannot hold 400 memories in 9 neurons"):
        Storkey().factors(material(patterns(400, 9)))


@covers("too_weak", "judge", "own_fields", "learn_again", "train_neurons", "own_fields_of_all")
@covers("other_fields", "pair_norm", "train_pairs", "judge_pairs")
@given(SIZES, st.booleans(), st.sampled_from([0.0, 0.4, 1.0, 3.0]), st.sampled_from([10, 12]))
@settings(max_examples=40, deadline=None)
def test_perceptron(size, both, margin, sweeps):
    P, N, seed = size
    xi = patterns(P, N, seed)
    rule = Perceptron(margin=margin, symmetric=both, sweeps=sweeps)
    factors = check_form(rule, xi)
    W = whole(factors) * (2 if both else 1)
    np.fill_diagonal(W, 0)
    slow = naive.Perceptron(xi, margin, both, 1 - np.eye(N, dtype=np.int64))
    expected = slow.together(sweeps) if both else slow.alone(sweeps)
    np.testing.assert_array_equal(W, expected)
    assert factors.symmetric == both
    bad, least = slow.judge(slow.hears)
    if P:
        assert (f": {bad:,} of {N * P:,} bits" in factors.note) == (bad > 0)
        assert (f"least stability {-least:.2f}." in factors.note) == (bad == 0)
    else:
        assert factors.note == ""


@covers("opposites", "heard_bits", "edge_field", "edge_hebb", "train_edges", "judge_edges")
@given(SIZES, st.booleans(), st.booleans(), st.sampled_from([0.0, 0.5]))
@settings(max_examples=40, deadline=None)
def test_perceptron_along_connections(size, symmetric, both, margin):
    P, N, seed = size
    xi, mask = patterns(P, N, seed), masks(N, seed, symmetric)
    connections = along(mask)
    entries = Perceptron(margin=margin, symmetric=both, sweeps=10).along(material(xi), connections)
    both = both and connections.symmetric
    slow = naive.Perceptron(xi, margin, both, mask.astype(np.int64)).together(10)
    np.testing.assert_array_equal(entries.values * (2 if both else 1), slow[mask])
    assert entries.symmetric == both
    assert entries.bits == (1 if both else 0)
    if both:
        np.testing.assert_array_equal(slow, slow.T)
        i, j = np.nonzero(mask)
        places = embedding_edges.opposites(connections.start, connections.sources)
        assert [(j[e], i[e]) for e in places] == list(zip(i, j, strict=True))


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("margin", [0.0, 0.7])
def test_a_perceptron_that_converged_meets_its_margin_everywhere(both, margin):
    xi = patterns(30, 100, 2, share=0.35)
    factors = Perceptron(margin=margin, symmetric=both).factors(material(xi))
    assert factors.note.startswith("Perceptron: converged after")
    W = whole(factors) * 2
    np.fill_diagonal(W, 0)
    for f, norm in (cell for row in naive.stabilities(W, xi) for cell in row):
        assert f > 0
        assert Fraction(f) ** 2 >= Fraction(margin) ** 2 * norm
    assert np.array_equal(W, W.T) == both


def test_a_perceptron_begins_with_hebb_and_leaves_it_alone_where_it_is_stable():
    xi = patterns(3, 200, 1)
    factors = Perceptron().factors(material(xi))
    np.testing.assert_array_equal(whole(factors), whole(Hebb().factors(material(xi))))
    assert factors.note.startswith("Perceptron: Hebb's weights do already; least stability ")


def test_one_sided_weights_hold_more_memories_than_neurons():
    xi = patterns(70, 60, 6)
    free = Perceptron(symmetric=False, sweeps=10_000)
    assert (stable_bits(matrix(free, xi), xi) == 1).all()
    assert "converged after" in free.factors(material(xi)).note
    tied = Perceptron(sweeps=100)
    more = patterns(110, 60, 6)
    note = tied.factors(material(more)).note
    left = round(((1 - stable_bits(matrix(tied, more), more)) * 60).sum())
    assert note == (
        f"The perceptron did not converge in 100 sweeps: {left:,} of 6,600 bits are not stable. "
        f"Store fewer memories or switch Symmetric off."
    )
    assert left < ((1 - stable_bits(matrix(Hebb(), more), more)) * 60).sum()


def test_the_perceptron_says_what_to_lower():
    xi = patterns(40, 60, 1)
    note = Perceptron(margin=3.0, sweeps=10, symmetric=False).factors(material(xi)).note
    assert note.startswith("The perceptron did not converge in 10 sweeps: ")
    assert note.endswith("less stable than the margin. Store fewer memories or lower the margin.")


def test_training_ends_when_its_work_is_done(monkeypatch):
    monkeypatch.setattr(embedding, "WORK", 10**6)
    xi = patterns(80, 40, 1)
    for both in (True, False):
        note = Perceptron(symmetric=both, margin=1.0).factors(material(xi)).note
        sweeps = int(note.split(" sweeps")[0].split()[-1])
        assert embedding.FEW <= sweeps < 100


def test_strengths_that_could_overflow_take_a_wider_type():
    assert embedding.whole(784, 200, 1000) is np.int32
    assert embedding.whole(10**6, 100, 1000) is np.int64
    xi = patterns(6, 30, 3)
    C = xi.astype(float) @ xi.T
    columns = np.ascontiguousarray(xi.T)
    narrow = [
        embedding.train_together(columns, C, 0.9, 50),
        embedding.train_separately(columns, C, 0.9, 50),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedding, "whole", lambda *sizes: np.int64)
        wide = [
            embedding.train_together(columns, C, 0.9, 50),
            embedding.train_separately(columns, C, 0.9, 50),
        ]
    for (A, one), (B, other) in zip(narrow, wide, strict=True):
        np.testing.assert_array_equal(A, B)
        assert one == other
        assert B.dtype == np.int64


@covers("pair_bits", "pair_weight", "fill_matrix", "fill_edges")
@given(
    st.integers(2, 12),
    st.integers(0, 2**31 - 1),
    st.booleans(),
    st.sampled_from(["normal", "sign"]),
    st.floats(0, 4),
    st.floats(-4, 4),
)
@QUICK
def test_random_weights(N, seed, symmetric, kind, J, J0):
    rule = RandomWeights(kind=kind, J=J, J0=J0, symmetry=symmetric, seed=seed)
    entries = rule.matrix(material(patterns(0, N)))
    W = entries.values
    assert W.dtype == np.float32
    assert entries.symmetric == symmetric
    assert entries.scale == 1 / math.sqrt(N)
    for i in range(N):
        assert W[i, i] == 0
        for j in range(N):
            a, b = (max(i, j), min(i, j)) if symmetric else (i, j)
            if i != j:
                shape = (kind == "normal", J, J0 / math.sqrt(N))
                assert W[i, j] == naive.random_weight(seed, a, b, *shape)
                assert int(lots.pair_bits(seed, i, j)) == naive.pair_bits(seed, i, j)
    units = W * 2.0**entries.bits
    np.testing.assert_array_equal(units, np.rint(units))


@pytest.mark.parametrize("kind", ["normal", "sign"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_random_weights_have_their_mean_and_spread(kind, symmetric):
    N, J, J0 = 500, 0.7, 2.0
    rule = RandomWeights(kind=kind, J=J, J0=J0, symmetry=symmetric, seed=3)
    entries = rule.matrix(material(patterns(0, N)))
    W = entries.values.astype(float) * entries.scale
    pairs = W[np.tril_indices(N, -1)]
    assert abs(pairs.mean() - J0 / N) < 4 * J / N**0.5 / len(pairs) ** 0.5
    assert pairs.std() == pytest.approx(J / N**0.5, rel=0.01)
    likeness = np.corrcoef(pairs, W.T[np.tril_indices(N, -1)])[0, 1]
    assert likeness == pytest.approx(1.0) if symmetric else abs(likeness) < 0.02
    same, other = (
        rule.matrix(material(patterns(3, N))),
        rule.changed(seed=4).matrix(material(patterns(0, N))),
    )
    np.testing.assert_array_equal(same.values, entries.values)
    assert abs(np.corrcoef(other.values.ravel(), entries.values.ravel())[0, 1]) < 0.02
    if kind == "normal":
        z = (pairs - pairs.mean()) / pairs.std()
        assert (z**4).mean() == pytest.approx(3.0, abs=0.15)
    else:
        assert len(np.unique(pairs)) == 2


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("drawn", [True, False])
def test_random_weights_are_the_same_along_connections(symmetric, drawn):
    N, mask = 40, masks(40, 2, symmetric)
    rule = RandomWeights(symmetry=drawn, seed=11)
    entries = rule.along(material(patterns(0, N)), along(mask))
    np.testing.assert_array_equal(
        entries.values, rule.matrix(material(patterns(0, N))).values[mask]
    )
    assert entries.scale == pytest.approx((mask.sum() / N) ** -0.5)
    assert entries.symmetric == (symmetric and drawn)
    leaning = rule.changed(J0=4.0, J=0.0).along(material(patterns(0, N)), along(mask))
    assert leaning.values * leaning.scale == pytest.approx(4.0 * N / mask.sum(), rel=1e-3)


def test_random_weights_of_every_pair_differ():
    words = {int(lots.pair_bits(1, i, j)) for i in range(60) for j in range(60)}
    words |= {int(lots.pair_bits(2, i, j)) for i in range(60) for j in range(60)}
    assert len(words) == 7200


def test_weights_by_hand():
    nothing = material(patterns(2, 6))
    none = ByHand().brings(nothing)
    assert (none.count, none.symmetric) == (0, True)
    assert not ByHand().along(nothing, along(masks(6, 1, True))).values.any()
    W = np.random.default_rng(0).normal(size=(6, 6))
    for given_weights, symmetric in ((W, False), (W + W.T, True)):
        stuff = material(patterns(2, 6), Given.from_matrix(given_weights, "w.npy"))
        brought = ByHand().brings(stuff)
        assert brought.symmetric
        entries = ByHand().along(stuff, brought)
        other = ~np.eye(6, dtype=bool)
        np.testing.assert_allclose(entries.values * entries.scale, given_weights[other], rtol=1e-15)
        assert entries.symmetric == symmetric
        own = ByHand().diagonal(stuff) * entries.scale
        np.testing.assert_allclose(own, np.diag(given_weights), rtol=1e-15)
        for ways in (True, False):
            mask = masks(6, 1, ways)
            edges = ByHand().along(stuff, along(mask))
            np.testing.assert_allclose(edges.values * edges.scale, given_weights[mask], rtol=1e-15)
            assert edges.symmetric == (symmetric and ways)


def test_weights_by_hand_that_do_not_fit():
    with pytest.raises(UserError, match="those of 4 neurons, and this network has 6"):
        ByHand().brings(material(patterns(1, 6), Given.from_matrix(np.ones((4, 4)), "w.npy")))


def test_projection_says_how_many_memories_fit():
    with pytest.raises(UserError, match=r"at most 9 in 10 neurons, and there are 12\. Switch 3 of"):
        Projection().factors(material(patterns(12, 10)))
    with pytest.raises(UserError, match="at most 9 in 10"):
        Projection().factors(material(patterns(10, 10)))
    pseudo = Projection(dependent="pseudo")
    np.testing.assert_allclose(matrix(pseudo, patterns(30, 10)), 0, atol=1e-12)
    assert pseudo.factors(material(patterns(30, 10))).note.startswith("Every state is a comb")
    assert pseudo.factors(material(np.tile(patterns(3, 10), (5, 1)))).note == ""
    basis = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1], [1, 1, 1, -1]])
    named = Material(np.tile(basis, 2).astype(np.int8), tuple("ABCDE"))
    with pytest.raises(UserError, match="“E” is a combination of “A”, “B”, “C” and “D”"):
        Projection().factors(named)
