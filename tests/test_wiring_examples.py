"""Every example of wiring shows what its story says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lyapstudio.core.model import Rest
from lyapstudio.document import edits, rewiring
from lyapstudio.document.examples import example
from lyapstudio.document.examples.wiring import ROWS
from lyapstudio.document.ready import PHOTOGRAPHS, ready_set
from lyapstudio.document.resolve import Resolver
from lyapstudio.weights.rules import rules
from tests.test_examples import SECONDS, run, with_setup


def recalled(document, keys):
    """Which memories come back from their own cue, each under a seed of its own."""
    resolver, found = Resolver(), []
    for key in keys:
        cue = replace(document.setup.cue, pattern=key)
        _, outcome = run(with_setup(document, cue=cue, seed=key), resolver=resolver)
        if outcome.title == f"Memory: {document.pattern(key).name}":
            found.append(key)
    return found


def rewired(document, **values):
    return edits.set_wiring_parameters(document, **values)


def guaranteed(running):
    return running.model.guarantees(running.state)[0].holds


ENDS = {
    "more-than-hebb": "Memory: Random 1",
    "diluted": "Memory: Cat",
    "lattice": "Spurious state",
    "million-local": "Memory: Cat",
    "lesions": "Memory: A",
    "by-hand": "Inverse of Upper camp",
}
ENDLESS = {"broken-symmetry", "dale", "round"}


@pytest.mark.parametrize("id", ENDS)
def test_it_ends_as_its_story_says(id):
    document = example(id).build()
    running, outcome = run(document)
    assert running.settled
    assert outcome.title == ENDS[id]
    low, high = SECONDS
    assert low <= running.update / document.view["speed"] <= high
    assert guaranteed(running)
    assert running.trace.counters[0].wrong_moves == 0


@pytest.mark.parametrize("id", sorted(ENDLESS))
def test_it_never_comes_to_rest(id):
    running, _ = run(example(id).build(), sweeps=100)
    assert running.rest is Rest.WANDERING
    assert not guaranteed(running)


def test_every_one_is_told_and_asks_something():
    assert {row[0] for row in ROWS} == set(ENDS) | ENDLESS
    for id, *_ in ROWS:
        document = example(id).build()
        assert "?" in document.story
        assert 3 <= document.story.count(". ") + document.story.count("? ") + 1 <= 7
        beside = document.view.get("beside", 0)
        assert 0 <= beside < len(document.setups)
        assert (beside > 0) == (len(document.setups) > 1)


def test_storkey_holds_a_hundred_hebb_none():
    document = example("more-than-hebb").build()
    keys = [p.key for p in document.patterns]
    assert recalled(document, keys) == keys
    assert recalled(edits.set_rule(document, "hebb"), keys) == []
    trained = edits.set_rule(document, "perceptron")
    running, outcome = run(trained)
    assert running.problem.weights.origin.note.startswith("Perceptron: converged")
    assert outcome.kind == "spurious"
    bare = with_setup(trained, cue=replace(trained.setup.cue, flips=0.0))
    assert run(bare)[1].title == "Memory: Random 1"
    assert run(edits.set_rule_parameters(trained, margin=0.5))[1].title == "Memory: Random 1"


def test_a_lattice_keeps_both_halves_and_all_to_all_one():
    document = example("lattice").build()
    running, _ = run(document)
    state = running.model.read(running.state, "units").reshape(128, 128)
    cat, astronaut = (p.grid for p in document.patterns[:2])
    left, right = slice(0, 48), slice(80, 128)
    assert (state[:, left] == cat[:, left]).mean() > 0.98
    assert (state[:, right] == astronaut[:, right]).mean() > 0.96
    assert run(document, index=1)[1].title == "Memory: Cat"
    noise = with_setup(document, cue=replace(document.setup.cue, source="random", flips=0.0))
    near, far = (run(rewired(noise, r=r))[0] for r in (4, 8))
    patches = [np.abs(r.model.read(r.state, "overlaps")).max() for r in (near, far)]
    assert patches[0] < patches[1] < 0.5


def test_two_per_cent_of_the_connections_remember():
    document = example("diluted").build()
    running, outcome = run(document)
    weights = running.problem.weights
    assert weights.cost.representation == "sparse"
    assert 80 < weights.connections.count / 4096 < 84
    assert recalled(document, range(1, 9)) == list(range(1, 9))
    assert int(outcome.detail.split()[2]) <= 5
    half = run(rewired(document, c=0.01))[1]
    assert half.title == "Memory: Cat"
    assert int(half.detail.split()[2]) > 20
    one_way, outcome = run(rewired(document, symmetric=False))
    assert not guaranteed(one_way)
    assert one_way.trace.counters[0].wrong_moves > 0
    assert outcome.title == "Memory: Cat"


def test_a_third_photograph_is_too_many_for_48_connections():
    document = example("million-local").build()
    third = ready_set("photographs").make(1024, 1024, names=PHOTOGRAPHS[2:3])
    running, outcome = run(edits.add_patterns(document, third))
    weights = running.problem.weights
    assert weights.cost.representation == "sparse"
    assert weights.connections.count == 48 << 20
    assert running.settled
    assert outcome.kind == "spurious"


def test_symmetry_is_what_keeps_the_letter():
    document = example("broken-symmetry").build()
    running, _ = run(document, sweeps=100)
    assert running.trace.counters[0].wrong_moves > 2000
    assert running.model.read(running.state, "overlaps")[0] < 0.5
    one, outcome = run(rewired(document, antisymmetry=1.0))
    assert outcome.title == "Memory: A"
    assert not guaranteed(one)
    (flaw,) = running.problem.weights.flaws
    repaired = rewiring.repair(document, flaw.repair)
    whole, outcome = run(repaired)
    assert guaranteed(whole)
    assert outcome.title == "Memory: A"


def test_without_dales_law_random_weights_come_to_rest():
    document = example("dale").build()
    running, _ = run(document, sweeps=2000)
    assert running.rest is Rest.WANDERING
    assert running.trace.counters[0].wrong_moves > 100_000
    (flaw,) = running.problem.weights.flaws
    free, _ = run(rewiring.repair(document, flaw.repair))
    assert guaranteed(free)
    assert free.rest is Rest.FIXED
    hebb = with_setup(document, rule=rules()["hebb"]())
    running, outcome = run(hebb)
    assert outcome.title == "Memory: Cat"
    free, _ = run(rewired(hebb, inhibitory=0.0))
    left, whole = (np.count_nonzero(r.problem.weights.small(2304)) for r in (running, free))
    assert 0.4 < left / whole < 0.6


def test_with_a_third_of_the_neurons_silent_only_f_is_taken_for_another():
    document = example("lesions").build()
    assert document.setup.lesions.sum() == 280
    keys = [p.key for p in document.patterns]
    (lost,) = set(keys) - set(recalled(document, keys))
    assert document.pattern(lost).name == "F"
    upper = rewiring.lesion(rewiring.lesion(document, None), np.arange(280))
    (lost,) = set(keys) - set(recalled(upper, keys))
    assert document.pattern(lost).name == "T"


def test_one_camp_wins_or_both_end_alike():
    document = example("by-hand").build()
    assert document.setup.N <= 16
    ends = [run(with_setup(document, seed=seed)) for seed in range(1, 8)]
    assert {outcome.kind for _, outcome in ends} == {"memory", "inverse", "spurious"}
    states = [r.model.read(r.state, "units") for r, outcome in ends if outcome.kind == "spurious"]
    assert all(abs(state.sum()) == 8 for state in states)
    other = rewiring.add_stroke(document, np.array([0]), np.array([4]), 0.5, both=False)
    running, _ = run(other, sweeps=1)
    assert not guaranteed(running)


def test_the_ring_runs_at_one_height_until_it_is_symmetric():
    document = example("round").build()
    running, _ = run(document, sweeps=200)
    counters = running.trace.counters[0]
    assert counters.low == counters.high == -3.0
    at_once = running.model.changed(update="together")
    cycling, _ = run(with_setup(document, model=at_once))
    assert cycling.rest is Rest.CYCLE
    assert cycling.model.period(cycling.state) == 16
    (flaw,) = running.problem.weights.flaws
    repaired, _ = run(rewiring.repair(document, flaw.repair))
    assert guaranteed(repaired)
    assert repaired.rest is Rest.FIXED
