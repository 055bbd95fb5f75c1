"""Statistics of weights: what is known of them from theory, and numpy as the oracle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.analysis.connectivity import Summary, summary
from lyapstudio.analysis.histogram import BINS, distribution, fitting_edges
from lyapstudio.analysis.spectrum import spectrum
from tests.couplings import Factors, Listed, Matrix, hebb, orthogonal_memories, ring

RNG = np.random.default_rng(3)


def gaussian(N: int, J: float = 1.0, seed: int = 1) -> np.ndarray:
    """Symmetric, variance J²/N, no self-couplings."""
    W = np.triu(np.random.default_rng(seed).normal(size=(N, N)), 1) * J / math.sqrt(N)
    return W + W.T


def listed(W: np.ndarray) -> Listed:
    into, out_of = np.nonzero(W)
    values = W[into, out_of]
    symmetric = bool((W == W.T).all())
    return Listed(len(W), into.astype(np.int32), out_of.astype(np.int32), values, symmetric)


def with_repeats(found) -> np.ndarray:
    return np.repeat(found.values, found.repeats)


# --- summary


def naive(W: np.ndarray) -> dict:
    """The numbers, written down as they are defined."""
    N = len(W)
    pairs = [(i, j) for i in range(N) for j in range(N) if i != j and W[i, j]]
    values = np.array([W[i, j] for i, j in pairs])
    size = math.sqrt(float((W**2).sum()))
    odd = ((W - W.T) / 2) ** 2
    touched = {i for pair in pairs for i in pair}
    dale = sum(
        not (any(W[i, j] > 0 for i in range(N) if i != j))
        or not (any(W[i, j] < 0 for i in range(N) if i != j))
        for j in range(N)
    )
    return {
        "connections": len(pairs),
        "mean": values.mean() if pairs else math.nan,
        "sd": values.std() if pairs else math.nan,
        "least": values.min() if pairs else math.nan,
        "largest": values.max() if pairs else math.nan,
        "isolated": N - len(touched),
        "asymmetry": math.sqrt(float(odd.sum())) / size if size else 0.0,
        "self_couplings": sum(W[i, i] != 0 for i in range(N)),
        "negative_selves": sum(W[i, i] < 0 for i in range(N)),
        "dale": dale / N,
    }


@st.composite
def matrices(draw) -> np.ndarray:
    N = draw(st.integers(2, 9))
    weight = draw(st.sampled_from([st.integers(-4, 4), st.sampled_from([0, 0, 0, 0, -1, 2])]))
    whole = draw(st.lists(weight, min_size=N * N, max_size=N * N))
    W = np.array(whole, float).reshape(N, N)
    return W + W.T if draw(st.booleans()) else W


@settings(max_examples=120, deadline=None)
@given(matrices(), st.sampled_from([1.0, 0.25, 0.0]))
def test_numbers_are_as_defined_in_a_matrix_and_in_a_list(W, scale):
    wanted = naive(W)
    for weights in (Matrix(W, scale), listed(W)):
        weights.scale = scale
        found = summary(weights)
        for name, value in wanted.items():
            assert getattr(found, name) == pytest.approx(value, abs=1e-12, nan_ok=True), name
        assert found.share == pytest.approx(wanted["connections"] / (len(W) * (len(W) - 1)))
        assert found.weights.total == found.connections
        assert found.into.histogram.total == found.out_of.histogram.total == len(W)
        there = (W != 0) & ~np.eye(len(W), dtype=bool)
        assert found.into.mean == pytest.approx(there.sum(1).mean())
        assert (found.out_of.least, found.out_of.largest) == (
            there.sum(0).min(),
            there.sum(0).max(),
        )
        assert found.sampled == 0
        assert not found.probed
        assert found.words == ""
        if found.asymmetry:
            odd = ((W - W.T) ** 2).sum(1)
            assert odd[found.most_asymmetric] == odd.max()
        else:
            assert found.most_asymmetric is None


def test_antisymmetric_weights_are_as_asymmetric_as_can_be():
    W = RNG.normal(size=(40, 40))
    assert summary(Matrix(W - W.T)).asymmetry == pytest.approx(1.0)
    assert summary(Matrix(W - W.T, large=True)).asymmetry == pytest.approx(1.0)


def test_symmetric_and_antisymmetric_parts_add_as_squares():
    W, k = gaussian(300), 0.5
    A = np.triu(RNG.normal(size=(300, 300)), 1) / math.sqrt(300)
    found = summary(Matrix(W + k * (A - A.T)))
    assert found.asymmetry == pytest.approx(k / math.sqrt(1 + k * k), rel=0.02)


def sampled(W: np.ndarray, monkeypatch, diagonal=None, rows: int = 200) -> Summary:
    monkeypatch.setattr("lyapstudio.analysis.connectivity.SAMPLED", rows * len(W))
    return summary(Matrix(W, large=True), diagonal=diagonal)


def test_a_sample_comes_close_and_says_so(monkeypatch):
    N = 1000
    W = gaussian(N) + 0.01 * RNG.normal(size=(N, N))
    W[RNG.random((N, N)) < 0.7] = 0
    W[4], W[:, 4] = 0, 0
    np.fill_diagonal(W, -1.0)
    wanted, found = vars(summary(Matrix(W))), sampled(W, monkeypatch)
    assert found.sampled == 200
    assert found.probed
    assert "200 neurons drawn at random" in found.words
    assert found.connections == pytest.approx(wanted["connections"], rel=0.02)
    assert found.sd == pytest.approx(wanted["sd"], rel=0.02)
    assert found.asymmetry == pytest.approx(wanted["asymmetry"], rel=0.05)
    assert found.isolated == 1
    assert found.self_couplings == found.negative_selves == N
    assert found.into.mean == pytest.approx(wanted["into"].mean, rel=0.02)
    assert found.out_of.histogram.total == 32


def test_a_sample_does_not_miss_one_edited_weight(monkeypatch):
    W = gaussian(600)
    W[17, 400] += 0.5
    found = sampled(W, monkeypatch, rows=20)
    exact = summary(Matrix(W))
    assert found.most_asymmetric in (17, 400)
    assert found.asymmetry == pytest.approx(exact.asymmetry, rel=0.1)
    assert sampled(gaussian(600), monkeypatch, rows=20).asymmetry == 0.0


def test_self_couplings_known_apart_are_counted_exactly(monkeypatch):
    W = gaussian(600)
    W[5, 5], W[6, 6] = -1.0, 1.0
    found = sampled(W, monkeypatch, diagonal=np.diag(W).copy(), rows=20)
    assert (found.self_couplings, found.negative_selves) == (2, 1)
    assert sampled(W, monkeypatch, diagonal=np.zeros(1), rows=20).self_couplings == 0


def test_a_sample_is_the_same_every_time(monkeypatch):
    weights = hebb(4, 3000)
    first, second = summary(weights, seed=5), summary(weights, seed=5)
    assert first.mean == second.mean
    assert (first.weights.counts == second.weights.counts).all()
    assert summary(weights, seed=6).mean != first.mean
    assert first.sampled == (1 << 22) // 3000


def test_a_long_list_is_probed_and_read_in_chunks(monkeypatch):
    W = RNG.normal(size=(60, 60)) * (RNG.random((60, 60)) < 0.3)
    exact = summary(listed(W))
    monkeypatch.setattr("lyapstudio.analysis.connectivity.PAIRED", 10)
    monkeypatch.setattr("lyapstudio.analysis.connectivity.CHUNK", 7)
    found = summary(listed(W))
    assert found.probed
    assert "random signs" in found.words
    assert found.asymmetry == pytest.approx(exact.asymmetry, rel=0.2)
    assert found.sd == pytest.approx(exact.sd)
    assert (found.weights.counts == exact.weights.counts).all()
    assert (found.into.histogram.counts == exact.into.histogram.counts).all()


def test_dales_law():
    signs = np.where(np.arange(50) % 5 == 0, -1.0, 1.0)
    W = np.abs(RNG.normal(size=(50, 50))) * signs  # a column, that is a neuron's output, one sign
    np.fill_diagonal(W, 0)
    assert summary(Matrix(W)).dale == 1.0
    W[3, 7] *= -1
    assert summary(Matrix(W)).dale == pytest.approx(49 / 50)


def test_a_network_without_connections():
    for weights in (Matrix(np.zeros((5, 5))), listed(np.zeros((5, 5)))):
        found = summary(weights)
        assert (found.connections, found.isolated, found.asymmetry) == (0, 5, 0.0)
        assert math.isnan(found.mean)
        assert found.weights.total == 0
        assert found.dale == 1.0


def test_counting_can_be_cancelled():
    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    for weights in (ring(10), hebb(3, 3000)):
        with pytest.raises(KeyboardInterrupt):
            summary(weights, report=stop)
        with pytest.raises(KeyboardInterrupt):
            spectrum(weights, stop)


# --- histograms


def test_hebbs_weights_show_no_comb():
    """P even or odd: every bar is one value, or each holds equally many."""
    for P in (1, 2, 5, 8, 33, 60, 200):
        W = hebb(P, 512).small()
        found = summary(Matrix(W, 1 / 512)).weights
        middle = (found.edges[:-1] + found.edges[1:]) / 2
        values = np.arange(-P, P + 1, 2) / 512
        held = [((values > a) & (values < b) & (values != 0)).sum() for a, b in _bins(found)]
        inner = [n for n, m in zip(held, middle, strict=True) if abs(m) > 1e-9][1:-1]
        assert len(set(inner)) <= 1, (P, held)
        assert len(found.counts) <= BINS + 3
        assert not any(a < -1e-9 and b > 1e-9 and c for (a, b), c in zip_bins(found))


def _bins(found):
    return list(zip(found.edges[:-1], found.edges[1:], strict=True))


def zip_bins(found):
    return zip(_bins(found), found.counts, strict=True)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.floats(-50, 50).filter(lambda x: abs(x) > 1e-3), min_size=1, max_size=60),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.booleans(),
)
def test_every_number_is_in_its_bin(numbers, unit, whole):
    values = np.array(numbers)
    if whole and unit:
        values = np.rint(values / unit) * unit
        values = values[values != 0]
    if not len(values):
        return
    cut = len(values) // 2
    found = distribution(lambda: iter((values[:cut], values[cut:])), unit)
    edges, counts = found.histogram.edges, found.histogram.counts
    assert (np.diff(edges) > 0).all()
    assert counts.sum() == len(values) == found.count
    assert edges[0] <= values.min() + 1e-9
    assert edges[-1] >= values.max() - 1e-9
    assert found.mean == pytest.approx(values.mean())
    assert found.sd == pytest.approx(values.std(), abs=1e-9)
    for a, b, c in zip(edges[:-1], edges[1:], counts, strict=True):
        slack = 1e-9 * (edges[-1] - edges[0])
        assert ((values > a + slack) & (values < b - slack)).sum() <= c
        assert c <= ((values >= a - slack) & (values <= b + slack)).sum()


def test_one_value_is_one_bar():
    edges = fitting_edges(2.0, 2.0)
    assert len(edges) == 2
    assert edges[0] < 2 < edges[1]


def test_no_bin_holds_both_signs():
    edges = fitting_edges(-1.0, 0.37)
    assert np.abs(edges).min() == 0.0


# --- spectrum


def test_hebb_with_orthogonal_memories():
    """P eigenvalues 1 − P/N, the rest −P/N, from the factors and from the matrix."""
    P, N = 8, 64
    xi = orthogonal_memories(P, N)
    weights = Factors(xi / N, xi, np.full(N, P / N), 1 / N)
    found = spectrum(weights)
    assert found.complete
    assert found.repeats.sum() == N
    assert found.values[:P] == pytest.approx(np.full(P, 1 - P / N))
    assert found.values[-1] == pytest.approx(-P / N)
    assert found.repeats[-1] == N - P
    assert found.sentence == "8 single ones and 56 times −0.125."
    whole = spectrum(Matrix(weights.small()))
    assert with_repeats(found) == pytest.approx(whole.values, abs=1e-9)
    assert whole.sentence == "All 64 eigenvalues."


def test_projection_with_its_diagonal():
    """Eigenvalues 1 − d for the span of the memories, −d for the rest."""
    P, N = 12, 200
    xi = np.random.default_rng(0).choice([-1.0, 1.0], (N, P))
    weights = Factors(xi @ np.linalg.inv(xi.T @ xi), xi, np.full(N, 0.06))
    found = spectrum(weights)
    assert found.values[:P] == pytest.approx(np.full(P, 0.94))
    assert found.repeats[-1] == N - P
    assert found.values[-1] == pytest.approx(-0.06)


def test_padding_of_the_factors_is_no_eigenvalue():
    weights = hebb(5, 300)
    padded = Factors(
        np.pad(weights.V, ((0, 0), (0, 11))), np.pad(weights.U, ((0, 0), (0, 11))), weights.d
    )
    found = spectrum(padded)
    assert len(found.values) == 6
    assert found.repeats[-1] == 295


@pytest.mark.parametrize("N", [300, 1500])
def test_a_diagonal_that_varies_is_taken_into_account(N):
    weights = hebb(20, N)
    weights.d = np.random.default_rng(1).uniform(0, 0.3, N)
    found = spectrum(weights)
    wanted = np.linalg.eigvalsh(weights.small())[::-1]
    if N == 300:
        assert found.complete
        assert found.values == pytest.approx(wanted, abs=1e-9)
    else:
        assert not found.complete
        ends = found.values[found.values > 0]
        assert len(ends) == 3
        assert ends == pytest.approx(wanted[:3], abs=1e-4)


def test_wigners_semicircle():
    N, J = 800, 0.7
    values = spectrum(Matrix(gaussian(N, J))).values
    assert values[0] == pytest.approx(2 * J, rel=0.05)
    assert values[-1] == pytest.approx(-2 * J, rel=0.05)
    inner = np.abs(values) < J  # the semicircle holds 60.9 % of them within half its radius
    assert inner.mean() == pytest.approx(1 / 3 + math.sqrt(3) / (2 * math.pi), abs=0.01)


def test_ends_of_a_large_network():
    W = gaussian(1100, seed=4)
    found = spectrum(Matrix(W))
    wanted = np.linalg.eigvalsh(W)[::-1]
    assert not found.complete
    assert found.real
    assert found.values == pytest.approx(np.concatenate((wanted[:3], wanted[-3:])), abs=1e-4)
    assert found.sentence == "Three from each end of 1\u2009100 eigenvalues."


def test_ends_of_a_large_asymmetric_network():
    W = np.random.default_rng(2).normal(size=(1100, 1100)) / math.sqrt(1100)
    found = spectrum(Matrix(W))
    wanted = np.linalg.eigvals(W)
    assert len(found.values)
    assert not found.real
    for value in found.values:
        assert np.abs(wanted - value).min() < 1e-2
    assert "outermost" in found.sentence or "Three" in found.sentence


def test_antisymmetric_weights_only_turn():
    W = RNG.normal(size=(50, 50))
    found = spectrum(Matrix(W - W.T))
    assert not found.real
    assert (found.values.real == 0).all()
    assert found.values.imag.sum() == pytest.approx(0, abs=1e-9)


def test_a_ring_is_a_wave():
    N, w = 90, 0.5
    found = spectrum(ring(N, w))
    wanted = np.sort(2 * w * np.cos(2 * np.pi * np.arange(N) / N))[::-1]
    assert found.values == pytest.approx(wanted, abs=1e-12)


def test_a_long_ring_says_what_it_does_not_know():
    found = spectrum(ring(200_000, 0.5))
    assert (np.abs(np.abs(found.values) - 1) < 0.03).all()
    assert "3 %" in found.sentence or "close together" in found.sentence


@settings(max_examples=60, deadline=None)
@given(matrices())
def test_eigenvalues_are_numpys(W):
    found = spectrum(Matrix(W))
    assert found.complete
    assert len(found.values) == len(W)
    assert np.sum(found.values) == pytest.approx(np.trace(W), abs=1e-6)
    if (W == W.T).all():
        assert found.real
        assert found.values == pytest.approx(np.linalg.eigvalsh(W)[::-1], abs=1e-9)
    assert (np.diff(found.values.real) <= 1e-9).all()


def test_nothing_to_learn_from_zeros():
    found = spectrum(Matrix(np.zeros((4, 4))))
    assert (found.values == 0).all()
    assert found.complete
