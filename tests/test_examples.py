"""Every example shows what its story says."""

from dataclasses import replace

import numpy as np
import pytest

from lyapstudio.analysis.outcome import name_outcome
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Rest
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.examples import OF_MNIST, OPENING, example, examples
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run
from lyapstudio.weights.rules import rules

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
    "handwritten": "Memory: 0",
    "too-many-memories": "Spurious state",
    "dreams": "Spurious state",
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


def test_hebb_loses_handwritten_digits_even_without_noise():
    document = example("handwritten").build()
    hebb = with_setup(document, rule=rules()["hebb"](), cue=replace(document.setup.cue, flips=0.0))
    assert run(hebb)[1].kind not in ("memory", "inverse")


# learning


@pytest.fixture(scope="module")
def shelf():
    return Shelf()


def learned(document, shelf, epochs, index=0, **changes):
    """A run of a learning example for some epochs of its own images."""
    model, problem = Resolver(shelf)(document, index)
    running = Run(model.changed(**changes), problem)
    images = running.model.strides(problem)[-1].updates
    while running.update < epochs * images and not running.settled:
        running.advance(epochs * images - running.update)
    return running


def test_all_images_at_once_never_go_down(shelf):
    document = example("guaranteed").build()
    running = learned(document, shelf, 40)
    assert all(g.holds for g in running.model.guarantees(running.state))
    counters = running.trace.counters[0]
    assert counters.wrong_moves == 0
    assert counters.last > counters.first + 0.5
    mini = running.model.changed(batching="mini")
    assert not any(g.holds for g in mini.guarantees(running.state))
    assert document.setup.data.limit == len(running.state.train)


def test_one_image_moves_one_unit_or_pushes_some_away(shelf):
    running = learned(example("one-image").build(), shelf, 0)
    model, state = running.model, running.state
    pushed = []
    for _ in range(20):
        before = state.W.copy()
        running.advance(1)
        g = model.read(state, "pushes")
        pushed.append((int((g > 0).sum()), int((g < 0).sum())))
        assert ((before != state.W).any(axis=1).sum()) >= 1
        assert (np.diff(model.example(state).settling.L) <= 1e-9).all()
    assert sum(up == 1 for up, _ in pushed) > 10
    assert any(up == 0 and down > 1 for up, down in pushed)
    weak = learned(example("one-image").build(), shelf, 0, w_inh=0.3)
    active = []
    for _ in range(10):
        weak.advance(1)
        active.append(np.count_nonzero(weak.model.read(weak.state, "pushes")))
    assert np.mean(active) > 8


def test_a_collapse_has_the_better_value(shelf):
    document = example("collapse").build()
    assert document.setup.title == "On the sphere"
    sphere, noise = (learned(document, shelf, 20, k) for k in (0, 1))
    assert sphere.model.facts(sphere.state)["winners"] == 1
    assert noise.model.facts(noise.state)["winners"] > 50
    assert sphere.model.values(sphere.state) > noise.model.values(noise.state)


def test_letters_that_are_alike_share_a_unit(shelf):
    running = learned(example("letters-learned").build(), shelf, 60)
    assert running.settled
    data = running.problem.data
    winner = np.argmax(data.train.floats(slice(None)) @ running.state.W.T, axis=1)
    sharing = {}
    for unit, label in zip(winner, data.train.labels, strict=True):
        sharing.setdefault(int(unit), set()).add(data.classes[label])
    assert len(sharing) == 9
    assert {"J"} in sharing.values()
    assert any({"O", "C", "G"} <= letters for letters in sharing.values())


def test_two_thousand_units_start_and_step(shelf):
    running = learned(example("two-thousand").build(), shelf, 0)
    running.advance(100)
    assert running.state.W.shape == (2000, 784)
    assert running.model.facts(running.state)["batch"] == 1


def test_learning_stories_ask_something():
    for id, item in examples().items():
        document = item.build() if "million" not in id else None
        if document is not None and document.setup.model.learns:
            assert document.story.count("?") >= 1, id
            assert 3 <= document.story.count(". ") + 1 <= 6, id


def test_without_mnist_its_examples_are_left_out(monkeypatch, tmp_path):
    monkeypatch.setattr("lyapstudio.document.examples.resource", lambda *parts: tmp_path / "none")
    there = examples()
    assert "letters-learned" in there
    assert not set(there) & OF_MNIST


def test_the_list():
    assert next(iter(examples())) == OPENING
    assert len(examples()) >= 8
    assert set(examples()) >= OF_MNIST
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
