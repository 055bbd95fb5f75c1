"""Every example shows what its story says."""

from dataclasses import replace

import numpy as np
import pytest

from lyapstudio.analysis.outcome import name_outcome
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Rest
from lyapstudio.document.examples import OPENING, example, examples
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run

SECONDS = (1.5, 8.0)  # how long a run takes at the example's own speed


def run(document, index=0, resolver=None, sweeps=200):
    model, problem = (resolver or Resolver())(document, index)
    running = Run(model, problem)
    while running.update < sweeps * problem.N and not running.settled:
        running.advance(problem.N, settle=True)
    state, overlaps = (model.read(running.state, name) for name in ("units", "overlaps"))
    rest = running.rest
    outcome = name_outcome(overlaps, rest, problem.names, state=state, memories=problem.memories)
    return running, outcome


def with_setup(document, **changes):
    return replace(document, setups=(replace(document.setup, **changes),))


@pytest.mark.parametrize("id", ["photographs", "letters"])
def test_every_memory_is_recalled_from_a_fifth_of_noise(id):
    document = example(id).build()
    resolver = Resolver()
    assert len(document.patterns) >= 8
    for pattern in document.patterns:
        cue = replace(document.setup.cue, pattern=pattern.key, flips=0.2)
        _, outcome = run(with_setup(document, cue=cue, seed=pattern.key), resolver=resolver)
        assert outcome.title == f"Memory: {pattern.name}"
        assert outcome.detail == "overlap 1.00, at rest"


ENDS = {
    "photographs": "Memory: Cat",
    "letters": "Memory: A",
    "half-a-face": "Memory: Astronaut",
    "too-many-memories": "Spurious state",
    "dense-associative": "Memory: Random 1",
    "mixture": "Mixture of three",
    "two-neurons": "2-cycle, no memory",
    "together": "2-cycle, no memory",
    "annealing": "Memory: Retina",
}


@pytest.mark.parametrize("id", ENDS)
def test_it_ends_as_its_story_says(id):
    document = example(id).build()
    running, outcome = run(document)
    assert running.settled
    assert outcome.title == ENDS[id]
    low, high = SECONDS
    assert low <= running.update / document.view["speed"] <= high
    if id not in ("two-neurons", "together", "annealing"):  # together, and warm: there it may rise
        assert running.trace.counters[0].wrong_moves == 0


def test_hebb_fails_where_projection_recalls():
    document = example("hebb-against-projection").build()
    assert [setup.title for setup in document.setups] == ["Hebb", "Projection"]
    assert run(document, 0)[1].kind in ("mixture", "spurious")
    assert run(document, 1)[1].title == "Memory: A"


def test_too_many_memories_become_few_enough():
    document = example("too-many-memories").build()
    assert run(replace(document, patterns=document.patterns[:30]))[1].title == "Memory: Random 1"


def test_two_neurons_agree_one_at_a_time():
    document = example("two-neurons").build()
    model = document.setup.model.changed(update="random")
    running, outcome = run(with_setup(document, model=model))
    assert running.rest is Rest.FIXED
    assert outcome.kind in ("memory", "inverse")


def test_heat_wanders_near_a_memory_and_melts_it():
    document = example("temperature").build()
    running, outcome = run(document, sweeps=30)
    assert running.rest is Rest.WANDERING
    assert outcome.title == "Wandering near Cat"
    hot = document.setup.model.changed(T=1.5)
    assert run(with_setup(document, model=hot), sweeps=30)[1].title == "Wandering near no memory"


def test_heat_leaves_the_mixture_for_a_memory():
    document = example("mixture").build()
    warm = document.setup.model.changed(T=0.5)
    _, outcome = run(with_setup(document, model=warm), sweeps=60)
    assert outcome.kind == "wandering"
    assert float(outcome.detail.split()[-1]) > 0.9


def test_a_million_neurons_recall():
    document = example("million").build()
    assert document.setup.N == 1 << 20
    assert run(replace(document, patterns=document.patterns[:3]))[1].title == "Memory: Cat"


def test_the_list():
    assert next(iter(examples())) == OPENING
    assert len(examples()) >= 8
    for id, item in examples().items():
        assert item.id == id
        assert item.title
        assert item.caption
    with pytest.raises(UserError, match="no example called nothing"):
        example("nothing")
    again = [example("temperature").build() for _ in range(2)]
    assert all(
        np.array_equal(a.grid, b.grid)
        for a, b in zip(again[0].patterns, again[1].patterns, strict=True)
    )
