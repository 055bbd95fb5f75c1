"""Outcomes in words, and how alike memories are."""

import numpy as np
import pytest

from lyapstudio.analysis.outcome import name_outcome, two
from lyapstudio.analysis.similarity import overlap_matrix, similarity, strong_overlap
from lyapstudio.core.model import Rest

NAMES = ("Astronaut", "Camera", "Cat", "Coins", "Horse", "Page")


@pytest.fixture
def memories():
    return 2 * np.random.default_rng(3).integers(0, 2, (6, 1000), np.int8) - np.int8(1)


def named(memories, state, rest=Rest.FIXED, **more):
    overlaps = memories.astype(float) @ state / len(state)
    return name_outcome(overlaps, rest, NAMES, state=state, memories=memories, **more)


def test_memory_and_inverse(memories):
    outcome = named(memories, memories[2])
    assert (outcome.kind, outcome.title, outcome.detail, outcome.memory) == (
        "memory",
        "Memory: Cat",
        "overlap 1.00, at rest",
        2,
    )
    outcome = named(memories, -memories[2])
    assert (outcome.kind, outcome.title) == ("inverse", "Inverse of Cat")
    assert outcome.detail == "overlap −1.00, at rest"


def test_an_almost_memory_says_how_many_pixels_differ(memories):
    state = memories[2].copy()
    state[:1] *= -1
    assert named(memories, state).detail == "overlap 0.99, 1 pixel differs"
    state[:12] = -memories[2, :12]
    assert named(memories, state).detail == "overlap 0.98, 12 pixels differ"
    state[:26] = -memories[2, :26]
    assert named(memories, state).kind == "spurious"


@pytest.mark.parametrize(
    ("signs", "title", "detail"),
    [
        ((1, 1, 1), "Mixture of three", "Astronaut, Camera, Cat"),
        ((1, -1, 1), "Mixture of three", "Astronaut, −Camera, Cat"),
        ((1, 1, 1, 1, 1), "Mixture of five", "Astronaut, Camera, Cat, Coins, Horse"),
    ],
)
def test_odd_mixtures(memories, signs, title, detail):
    state = np.sign(np.array(signs) @ memories[: len(signs)]).astype(np.int8)
    outcome = named(memories, state)
    assert (outcome.kind, outcome.title, outcome.detail) == ("mixture", title, detail)
    state[0] *= -1
    assert named(memories, state).detail == f"{detail}; 1 pixel differs"


def test_even_mixture_leaves_ties_free_and_nothing_else(memories):
    total = memories[:2].sum(0)
    state = np.where(total != 0, np.sign(total), np.random.default_rng(1).choice([-1, 1], 1000))
    state = state.astype(np.int8)
    assert named(memories, state).title == "Mixture of two"
    state[np.flatnonzero(total)[0]] *= -1
    assert named(memories, state).kind == "spurious"


def test_spurious(memories):
    state = memories[3].copy()
    state[: 1000 * 345 // 1000] *= -1
    outcome = named(memories, state)
    assert (outcome.kind, outcome.title) == ("spurious", "Spurious state")
    assert outcome.detail == f"nearest is Coins, {two(memories[3].astype(float) @ state / 1000)}"


def test_moving_wandering_and_cycles():
    m = np.array([0.1, 0.2, 0.79, 0.0, 0.0, 0.0])
    outcome = name_outcome(m, Rest.MOVING, NAMES, running=True)
    assert (outcome.title, outcome.detail) == ("Moving, nearest is Cat", "overlap 0.79")
    outcome = name_outcome(-m, Rest.MOVING, NAMES)
    assert outcome.title == "Paused, nearest is the inverse of Cat"
    assert outcome.detail == "overlap −0.79"
    assert name_outcome(m, Rest.WANDERING, NAMES).title == "Wandering near Cat"
    assert name_outcome(m / 10, Rest.WANDERING, NAMES).title == "Wandering near no memory"
    outcome = name_outcome(m, Rest.CYCLE, NAMES, flips_in_cycle=12)
    assert (outcome.title, outcome.detail) == ("2-cycle, no memory", "12 neurons flip for ever")
    assert name_outcome(m, Rest.CYCLE, NAMES, flips_in_cycle=1).detail.startswith("1 neuron flips")
    assert name_outcome(m / 0.8, Rest.CYCLE, NAMES).title == "2-cycle, near Cat"


@pytest.mark.parametrize("rest", list(Rest))
def test_no_memories(rest):
    outcome = name_outcome(np.empty(0), rest, (), state=np.ones(4, np.int8))
    assert outcome.memory is None
    assert outcome.kind == ("cycle" if rest is Rest.CYCLE else "none")


def test_numbers():
    assert [two(x) for x in (1.0, 0.999, -0.999, -0.001, 0.5)] == [
        "1.00",
        "0.99",
        "−0.99",
        "0.00",
        "0.50",
    ]


def test_similarity(memories):
    stored = np.concatenate([memories, memories[2:3], -memories[3:4], memories[:1]])
    stored[-1, :300] *= -1
    found = similarity(stored)
    assert np.array_equal(overlap_matrix(stored), stored.astype(int) @ stored.T / 1000)
    assert found.duplicates == ((2, 6),)
    assert found.inverses == ((3, 7),)
    assert found.correlated == ((0, 8),)
    names = [*NAMES, "Copy", "Negative", "Twin"]
    assert found.warning(names) == "Cat and Copy are the same pattern."
    assert similarity(stored[[3, 7]]).warning(["a", "b"]) == "b is the inverse of a."
    assert similarity(stored[[0, 8]]).warning(["a", "b"]) == "a and b overlap by 0.40."


def test_random_memories_raise_no_alarm():
    rng = np.random.default_rng(0)
    for N in (2, 10, 100, 1000):
        memories = 2 * rng.integers(0, 2, (20, N), np.int8) - np.int8(1)
        found = similarity(memories)
        assert not found.correlated
        assert strong_overlap(20, N) >= 0.3
    assert similarity(np.empty((0, 5), np.int8)).warning([]) == ""
    assert similarity(np.ones((1, 5), np.int8)).warning(["a"]) == ""
