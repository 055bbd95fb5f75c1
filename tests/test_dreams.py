"""Unlearning: what dreams do to the memories, and that the window dreams as the theory says."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from lyapstudio.core.errors import UserError
from lyapstudio.core.rng import numpy_generator
from lyapstudio.document import edits, files, rewiring
from lyapstudio.document.examples import example
from lyapstudio.document.examples.memories import _document, _setup
from lyapstudio.document.nouns import Cue
from lyapstudio.document.ready import ReadyOptions, ready_set
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run
from lyapstudio.ui.dreaming import COLD, WARM
from tests.test_window import LONG, a_while, opened, window

__all__ = ["window"]
CLOSE = 0.95
"""Overlap from which a state is called a memory, as in analysis.outcome."""


def crowded(rows=10, cols=20, P=30):
    """Random memories under Hebb's rule, about as many as it can hold or more."""
    grids = ready_set("random").make(rows, cols, ReadyOptions(count=P, seed=7))
    setup = _setup("Dreams", grids, "hebb", Cue(flips=0.1, pattern=1))
    return _document("Dreams", grids, [setup], 1000, "")


def ended(document, cue, resolver, sweeps=COLD):
    model, problem = resolver(document, 0, cue)
    run = Run(model, problem)
    run.advance(sweeps * model.strides(problem)[-1].updates)
    units, overlaps = (run.model.read(run.state, name) for name in ("units", "overlaps"))
    return units.astype(np.int8), overlaps


def dreamt(document, count, strength=0.01, resolver=None, sweeps=COLD):
    """What the window's Dreamer does, without a window."""
    resolver = resolver or Resolver()
    for _ in range(count):
        units, _ = ended(document, rewiring.dream_start(document.setup), resolver, sweeps)
        document = rewiring.unlearn(document, units, strength)
    return document


def random_starts_that_remember(document, resolver, starts=200):
    found = 0
    for k in range(starts):
        start = 2 * numpy_generator(1, 99, k).integers(0, 2, document.setup.N) - 1
        overlaps = ended(document, start.astype(np.int8), resolver)[1]
        found += np.abs(overlaps).max() >= CLOSE
    return found / starts


def recalled(document, resolver):
    """How many memories come back from a tenth of noise."""
    generator, count = numpy_generator(1, 98), 0
    for mu, pattern in enumerate(document.memories):
        cue = pattern.grid.reshape(-1).copy()
        cue[generator.permutation(len(cue))[: len(cue) // 10]] *= -1
        count += ended(document, cue, resolver)[1][mu] >= CLOSE
    return count


def states(document):
    return np.array([dream.state for dream in document.setup.dreams])


def test_some_hundred_dreams_help_and_too_many_destroy():
    """N = 200, P = 30; Hopfield, Feinstein & Palmer 1983."""
    document, resolver = crowded(), Resolver()
    before = random_starts_that_remember(document, resolver)
    some = dreamt(document, 400, resolver=resolver)
    after = random_starts_that_remember(some, resolver)
    assert before <= 0.01
    assert after >= before + 0.03
    assert recalled(document, resolver) <= 25
    assert recalled(some, resolver) == 30
    many = dreamt(document, 450, strength=0.1, resolver=resolver)
    assert recalled(many, resolver) <= 5


def test_the_example_shows_what_its_story_says():
    document, resolver = example("dreams").build(), Resolver()
    asleep = dreamt(document, 100, resolver=resolver)
    before, after = (from_its_cue(d, resolver) for d in (document, asleep))
    assert np.count_nonzero(before >= CLOSE) == 39
    assert np.count_nonzero(after >= CLOSE) == 52
    assert before[0] < CLOSE <= after[0]
    assert random_starts_that_remember(asleep, resolver) == 0
    few = edits.set_active(document, [p.key for p in document.patterns[30:]], False)
    assert random_starts_that_remember(few, resolver) == 0.02
    assert random_starts_that_remember(dreamt(few, 100, resolver=resolver), resolver) == 0.1
    gone = dreamt(asleep, 300, strength=0.2, resolver=resolver)
    assert not np.count_nonzero(from_its_cue(gone, resolver) >= CLOSE)


def from_its_cue(document, resolver):
    """(P,) overlap with each memory, where its own damaged cue leads."""
    found = []
    for mu, pattern in enumerate(document.memories):
        changed = edits.set_cue(document, pattern=pattern.key)
        cue = edits.cue_grid(changed, changed.setup).reshape(-1)
        found.append(ended(document, cue, resolver)[1][mu])
    return np.array(found)


def test_the_same_document_dreams_the_same(tmp_path):
    once, again = (states(dreamt(crowded(), 12)) for _ in range(2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once[0], once[1])
    half = dreamt(crowded(), 5)
    files.save(half, tmp_path / "half.lyap")
    back = files.load(tmp_path / "half.lyap")
    assert np.array_equal(states(dreamt(back, 7)), once)
    assert [d.strength for d in back.setup.dreams] == [0.01] * 5


def test_strength_is_kept_with_the_document(tmp_path):
    document = rewiring.set_dreaming(crowded(), strength=0.05)
    files.save(document, tmp_path / "a.lyap")
    back = files.load(tmp_path / "a.lyap")
    assert rewiring.dreaming(back).strength == 0.05
    with pytest.raises(UserError):
        rewiring.set_dreaming(document, strength=0.5)
    for nonsense in (3, {"strength": "much"}, {"depth": 1}, {"strength": 7.0}):
        odd = replace(document, view={"dream": nonsense})
        assert rewiring.dreaming(odd).strength == 0.01


def with_lesions(document):
    return rewiring.lesion(document, np.arange(0, document.setup.N, 3))


def bent(document):
    wiring = document.setup.wiring.changed(antisymmetry=0.7)
    return edits.with_setup(document, wiring=wiring)


@pytest.mark.parametrize("change", [with_lesions, bent])
def test_damaged_and_asymmetric_networks_dream(change, tmp_path):
    document, resolver = dreamt(change(crowded()), 3), Resolver()
    assert len(document.setup.dreams) == 3
    files.save(document, tmp_path / "a.lyap")
    back = files.load(tmp_path / "a.lyap")
    assert np.array_equal(states(back), states(document))
    W, V = (r(d, 0)[1].weights for d, r in ((document, resolver), (back, Resolver())))
    assert all(np.array_equal(W.incoming(i), V.incoming(i)) for i in (0, 1, 57))
    if change is with_lesions:  # nothing is taken from neurons that are silent
        assert not states(document)[:, ::3].any()
        plain = resolver(change(crowded()), 0)[1].weights
        assert np.array_equal(W.incoming(3), plain.incoming(3))


# in the window


def begun(qtbot, window, document):
    session, newest = window.session, window.session._generation
    session.open(document)
    qtbot.waitUntil(
        lambda: session.frame.generation > newest and session.frame.problem is not None,
        timeout=LONG,
    )


def slept(qtbot, window):
    qtbot.waitUntil(lambda: not window.session.dreaming, timeout=LONG)


def test_dreams_in_the_window_are_those_of_the_theory(qtbot, window):
    session, said = window.session, []
    begun(qtbot, window, crowded())
    session.told.connect(said.append)
    session.set_speed(500.0)
    window.menus.actions["dream-10"].trigger()
    assert session.dreaming
    slept(qtbot, window)
    expected = dreamt(crowded(), 10)
    assert np.array_equal(states(session.document), states(expected))
    assert len(said) == 10
    assert said[2].startswith("Dream 3 of 10: ")
    assert said[-1].startswith("10 dreams weakened ")
    assert session.speed == 500.0
    assert session.history.undo_label == "10 dreams"
    qtbot.waitUntil(lambda: not session.running, timeout=LONG)
    session.undo()
    assert not session.setup.dreams
    assert not session.history.undo_label
    session.redo()
    assert len(session.setup.dreams) == 10
    window.menus.actions["forget-dreams"].trigger()
    assert not session.setup.dreams
    assert not window.menus.actions["forget-dreams"].isEnabled()


def test_a_single_dream_is_watched_and_home_is_the_cue_again(qtbot, window):
    session, seen = window.session, []
    begun(qtbot, window, crowded())
    cue = session.frame.problem.cue
    session.frame_arrived.connect(lambda frame: seen.append((frame.update, frame.running)))
    window.session.dreams_asked.emit(1)
    slept(qtbot, window)
    assert len([update for update, running in seen if running and update]) > 5
    assert np.array_equal(states(session.document), states(dreamt(crowded(), 1)))
    assert window.notice.words.startswith("The dream: ")
    session.restart()
    qtbot.waitUntil(lambda: np.array_equal(session.frame.channels["units"], cue), timeout=LONG)


@pytest.mark.parametrize("way", ["escape", "space", "button", "edit", "step"])
def test_dreaming_is_stopped_and_keeps_what_was_dreamt(qtbot, window, way):
    session = window.session
    begun(qtbot, window, crowded())
    cue = session.frame.problem.cue
    window.menus.actions["dream-100"].trigger()
    qtbot.waitUntil(lambda: len(session.setup.dreams) >= 3, timeout=LONG)
    if way == "escape":
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    elif way == "space":
        qtbot.keyClick(window, Qt.Key.Key_Space)
    elif way == "button":
        qtbot.mouseClick(window.transport.run, Qt.MouseButton.LeftButton)
    elif way == "step":
        qtbot.keyClick(window, Qt.Key.Key_Right)
    else:
        session.edit(lambda d: edits.set_parameters(d, T=0.1), "set T")
    assert not session.dreaming
    count = len(session.setup.dreams)
    assert 3 <= count < 100
    a_while(150)
    assert not session.running
    assert len(session.setup.dreams) == count
    session.restart()
    qtbot.waitUntil(lambda: np.array_equal(session.frame.channels["units"], cue), timeout=LONG)
    if way == "edit":
        session.undo()
    session.undo()
    assert not session.setup.dreams


def warm(document):
    return edits.set_parameters(document, T=0.5)


def swinging(_):
    """Neurons that decide together: many starts end in a cycle."""
    return example("together").build()


@pytest.mark.parametrize(("change", "sweeps"), [(warm, WARM), (swinging, COLD), (bent, COLD)])
def test_dreams_without_rest_end_and_are_the_same(qtbot, window, change, sweeps):
    document, said = change(crowded()), []
    begun(qtbot, window, document)
    window.session.told.connect(said.append)
    window.menus.actions["dream-10"].trigger()
    slept(qtbot, window)
    expected = dreamt(document, 10, sweeps=sweeps)
    assert np.array_equal(states(window.session.document), states(expected))
    if change is warm:
        assert "no rest after 30 sweeps" in said[0]
    elif change is swinging:
        assert any("swings between two states" in sentence for sentence in said[:-1])


def test_only_weights_that_follow_a_rule_dream(qtbot, window):
    opened(qtbot, window, "dense-associative")
    assert not window.menus.actions["dream"].isEnabled()
    window.dreamer.dream()
    assert not window.session.dreaming


def test_closing_and_opening_while_it_dreams(qtbot, window):
    begun(qtbot, window, crowded())
    window.menus.actions["dream-100"].trigger()
    qtbot.waitUntil(lambda: len(window.session.setup.dreams) >= 2, timeout=LONG)
    begun(qtbot, window, crowded(P=5))
    assert not window.session.dreaming
    a_while(100)
    assert not window.session.setup.dreams
    assert not window.session.frame.error
    window.menus.actions["dream-100"].trigger()
    a_while(50)
    window.close()
    assert not window.session.simulation.alive


def test_no_more_than_the_most(qtbot, window):
    document = crowded(P=3)
    state = document.memories[0].grid.reshape(-1)
    for _ in range(rewiring.MAX_DREAMS - 1):
        document = rewiring.unlearn(document, state, 0.001)
    begun(qtbot, window, document)
    window.menus.actions["dream-10"].trigger()
    slept(qtbot, window)
    assert len(window.session.setup.dreams) == rewiring.MAX_DREAMS
    assert "at most 1,000 times" in window.notice.words
