"""Krotov-Hopfield 2019 as a model: saved and resumed, guaranteed or not, retuned, badly fed."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lyapstudio.core.data import Part
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Log, Rest
from lyapstudio.core.param import ParamError
from lyapstudio.document import files
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.examples import example
from lyapstudio.document.nouns import Learned
from lyapstudio.document.resolve import Resolver
from lyapstudio.weights import ascent
from lyapstudio.weights.ascent import BATCHES, END, EPOCH, PLACE, START
from tests import naive_learning as naive
from tests.tiny import SORTS, Model, data, go, model, part, problem, same

ROOT = Path(__file__).parent.parent
by_sort = pytest.mark.parametrize("sort", SORTS)


# going on from what was saved


@by_sort
@pytest.mark.parametrize("updates", [1, 47, 120, 333])
def test_resumed_is_uninterrupted(sort, updates, monkeypatch):
    """In the middle of a batch, of an epoch, of a pass over all images, of backtracking."""
    monkeypatch.setattr(ascent, "SLICE", 50)
    m, p = model(**SORTS[sort]), problem()
    state = m.start(p)
    go(m, state, updates)
    saved = {name: array.copy() for name, array in state.dump().items()}
    again = m.resume(p, saved)
    same(state, again)
    np.testing.assert_equal(m.values(again), m.values(state))
    assert m.facts(again) == m.facts(state)
    np.testing.assert_array_equal(m.example(again).changes, m.example(state).changes)
    logs = [go(m, s, 400) for s in (state, again)]
    same(state, again)
    n = logs[0].count
    assert n == logs[1].count
    np.testing.assert_array_equal(logs[0].values[:n], logs[1].values[:n])
    saved["W"][:] = 7  # what is handed over is copied
    assert not (again.W == 7).any()


def _document():
    """The letters of the program's own, nine by nine, learned by few units."""
    document = example("digits").build()
    source = Source("ready", ready="letters", rows=9, cols=9)
    m = Model(K=10, batch=7, epochs=30, probe=20, p=3.0, k=3)
    setup = replace(document.setup, model=m, data=source)
    return replace(document, setups=(setup,))


GO_ON = """
import sys
import numpy as np
from lyapstudio.document import files
from lyapstudio.document.resolve import Resolver
from tests.tiny import go
document = files.load(sys.argv[1])
model, problem = Resolver()(document, 0)
state = model.resume(problem, document.learned[0].network)
go(model, state, 300)
np.savez(sys.argv[2], **state.dump())
"""


def test_a_file_and_another_process_go_on_as_if_nothing_had_been(tmp_path):
    document = _document()
    m, p = Resolver(Shelf())(document, 0)
    state = m.start(p)
    go(m, state, 123)
    learned = {0: Learned(state.dump())}
    files.save(replace(document, learned=learned), tmp_path / "half.lyap")
    command = [sys.executable, "-c", textwrap.dedent(GO_ON)]
    subprocess.run([*command, tmp_path / "half.lyap", tmp_path / "end.npz"], cwd=ROOT, check=True)
    go(m, state, 300)
    end = np.load(tmp_path / "end.npz")
    for name, array in state.dump().items():
        np.testing.assert_array_equal(array, end[name], name)


def spoil(saved, name, where, value):
    array = saved[name].copy()
    array[where] = value
    return {**saved, name: array}


@pytest.mark.parametrize(
    ("name", "where", "value"),
    [
        ("W", (0, 0), np.nan),
        ("W", (3, 5), np.inf),
        ("order", 3, 119 * 7),
        ("order", slice(None), 0),
        ("C", PLACE, -1),
        ("C", START, 60),
        ("C", END, 10**9),  # kernels do not look where they write
        ("C", END, 120),
        ("C", EPOCH, -3),
        ("C", ascent.LAST, 120),
        ("update", (), -5),
    ],
)
def test_damaged_learning_is_refused(name, where, value):
    m, p = model(), problem()
    state = m.start(p)
    go(m, state, 50)
    with pytest.raises(UserError, match="damaged"):
        m.resume(p, spoil(state.dump(), name, where, value))


def test_another_networks_learning_is_refused():
    state = model().start(problem())
    go(model(), state, 50)
    saved = state.dump()
    for m, p in (
        (model(K=13), problem()),
        (model(), problem(data(100))),
        (model(batching="full"), problem()),
    ):
        with pytest.raises(UserError, match="another network"):
            m.resume(p, saved)
    with pytest.raises(UserError, match="another network"):
        model().resume(problem(), {**saved, "W": saved["W"].astype(np.float64)})
    with pytest.raises(UserError, match="damaged"):
        model(batch=10).resume(problem(), saved)  # the batch that is on its way has twenty


# guaranteed or not


def broken(m):
    guarantee = m.guarantees(m.start(problem()))[0]
    assert guarantee.symbol == "L"
    assert "Cauchy" in guarantee.reason
    return {a.label for a in guarantee.broken}, guarantee


def test_the_guarantee_names_what_is_missing():
    sure = SORTS["guaranteed"]
    assert broken(model(**sure))[0] == set()
    for changes, missing in (
        ({}, set()),
        ({"backtrack": False}, {"step adapted"}),
        ({"ranking": "current"}, {"ranked by Q"}),
        ({"gate": True}, {"every weight moves"}),
        ({"batching": "mini"}, {"full batch", "step adapted"}),
        ({"anneal": False, "p": 3.0, "k": 4, "delta": 0.0}, set()),
    ):
        found, guarantee = broken(model(**{**sure, **changes}))
        assert found == missing
        assert guarantee.holds is not bool(missing)
        for a in guarantee.broken:
            assert a.cause.endswith(".")
            assert a.repair is not None
    assert "units ranked" in broken(model(rule="slow"))[0]


def test_mini_batches_rise_on_average():
    assert "mini-batches" in broken(model())[1].average
    assert broken(model(batching="full"))[1].average == ""
    assert broken(model(rule="slow"))[1].average == ""


@by_sort
def test_all_repairs_together_lead_to_the_guarantee(sort):
    m = model(**SORTS[sort])
    for _ in range(6):
        repairs = [a.repair for a in broken(m)[1].broken]
        if not repairs:
            break
        assert repairs[0].label
        m = m.changed(**repairs[0].values)
    assert broken(m)[0] == set()


# parameters that are turned while it learns


def test_what_is_turned_while_it_learns_keeps_weights_clock_and_order():
    p = problem()
    for old in SORTS:
        for new in SORTS:
            a, b = model(**SORTS[old]), model(**SORTS[new])
            state = a.start(p)
            go(a, state, 250)
            moved = b.retune(state, p)
            for name in ("W", "order", "rng", "wins", "won"):
                np.testing.assert_array_equal(getattr(moved, name), getattr(state, name))
            assert moved.update == state.update
            assert moved.C[EPOCH] == state.C[EPOCH] == 2
            assert moved.C[PLACE] == (0 if b.schedule.full else state.C[PLACE])
            assert moved.C[BATCHES] == state.C[BATCHES]
            go(b, moved, 1000)
            assert b.rest(moved) is Rest.FIXED
            assert np.isfinite(moved.W).all()


def test_the_step_follows_the_epochs_asked_for():
    m, p = model(epochs=10), problem()
    state = m.start(p)
    go(m, state, 5 * 120)
    assert m.facts(state)["step"] == pytest.approx(0.01)
    longer = m.changed(epochs=20)
    assert longer.facts(longer.retune(state, p))["step"] == pytest.approx(0.015)
    constant = m.changed(anneal=False)
    assert constant.facts(constant.retune(state, p))["step"] == pytest.approx(0.02)
    shorter = m.changed(epochs=3)
    over = shorter.retune(state, p)
    assert shorter.rest(over) is Rest.FIXED
    assert go(shorter, over, 100).count == 0
    few = m.changed(probe=10)
    assert len(few.retune(state, p).probe) == 10


# bad input


def with_train(images, labels=None):
    return problem(data(train=Part(images, labels)))


def test_blank_images_are_refused_and_a_few_of_them_are_not():
    blank = np.zeros((40, 64), np.uint8)
    with pytest.raises(UserError, match="blank"):
        model().start(with_train(blank))
    with pytest.raises(UserError, match="no images"):
        model().start(with_train(blank[:0]))
    some = part(40).images.copy()
    some[:20] = 0
    for sort in SORTS:
        m = model(**SORTS[sort])
        state = m.start(with_train(some))
        go(m, state, 400)
        assert np.isfinite(state.W).all()
        m.example(state)


def test_constant_pixels_and_one_image_are_learned():
    same_pixel = np.full((40, 64), 128, np.uint8)
    one = part(1)
    for images in (same_pixel, one.images, part(7).images.astype(np.float32) / 255):
        for sort in SORTS:
            m = model(**{**SORTS[sort], "start_from": "noise"})
            state = m.start(with_train(images))
            go(m, state, 200)
            assert np.isfinite(state.W).all()
            assert m.facts(state)["winners"] >= 1


def test_more_units_than_images():
    few = data(8)
    m = model(K=30, start_from="images")
    with pytest.raises(UserError, match="30 hidden units cannot start from 8 images"):
        m.start(problem(few))
    noisy = m.changed(start_from="noise")
    state = noisy.start(problem(few))
    go(noisy, state, 40)
    half = part(30)
    dark = half.images.copy()
    dark[10:] = 0
    with pytest.raises(UserError, match="10 images that are not blank"):
        model(K=11, start_from="images").start(with_train(dark))


def test_parameters_out_of_range_are_refused():
    for changes in (
        {"k": 1}, {"k": 13}, {"k": 65}, {"delta": -0.1}, {"delta": 1.1}, {"p": 1.0}, {"p": 12.1},
        {"K": 1}, {"K": 4001}, {"step": 0.0}, {"epochs": 0}, {"batch": 0}, {"radius": 0.0},
        {"p": float("nan")}, {"rule": "other"}, {"start_from": "zeros"},
    ):  # fmt: skip
        with pytest.raises(ParamError) as caught:
            model(**changes)
        assert len(str(caught.value)) > 10
    assert model(rule="slow", k=40).schedule.c.k == 12  # the rank does not matter in time


@pytest.mark.parametrize("p", [1.1, 12.0])
@pytest.mark.parametrize("sort", ["mini", "full", "guaranteed"])
def test_extreme_norms_stay_finite(p, sort):
    m = model(**{**SORTS[sort], "p": p, "epochs": 20})
    state = m.start(problem())
    log = go(m, state, 20 * 120)
    assert np.isfinite(state.W).all()
    assert np.isfinite(log.values[: log.count]).all()
    for channel in m.channels:
        assert np.isfinite(m.read(state, channel.name)).all()


def test_overflow_stops_with_the_reason_and_keeps_the_last_good_weights():
    m, p = model(p=12.0), problem()
    for batching in ("mini", "full"):
        m = m.changed(batching=batching)
        state = m.start(p)
        state.W *= np.float32(1590 / np.abs(state.W).max())  # I W is then beyond float32
        state = m.retune(state, p)
        W = state.W.copy()
        for _ in range(3):
            with pytest.raises(UserError, match=r"Learning stopped.*last good\s+weights are kept"):
                go(m, state, 240)
            np.testing.assert_array_equal(state.W, W)
        lower = m.changed(p=2.0, step=1.0)
        moved = lower.retune(state, p)
        go(lower, moved, 10**5)
        assert np.isfinite(moved.W).all()
        assert lower.rest(moved) is Rest.FIXED
        assert (moved.W != W).any()


@pytest.mark.parametrize("p", [2.0, 3.0, 6.0])
def test_a_rate_that_is_too_large_stops_the_slow_rule_before_it_overflows(p):
    m = model(rule="slow", rate=1.0, p=p, epochs=100_000)
    state = m.start(problem())
    with pytest.raises(UserError, match="Learning stopped"):
        go(m, state, 10**6)
    for channel in m.channels:
        assert np.isfinite(m.read(state, channel.name)).all()
    m.example(state)
    wins = state.wins.copy()
    with pytest.raises(UserError, match="Learning stopped"):
        go(m, state, 1)
    np.testing.assert_array_equal(state.wins, wins)


def test_the_batch_that_was_refused_may_be_the_last_one_of_an_epoch():
    m, p = model(p=12.0, batch=120), problem()
    state = m.start(p)
    state.W *= np.float32(1590 / np.abs(state.W).max())
    state = m.retune(state, p)
    with pytest.raises(UserError, match="Learning stopped"):
        go(m, state, 120)
    for changes in ({"rule": "slow", "rate": 1e-6}, {}, {"batching": "full"}, {"batch": 7}):
        lower = m.changed(p=2.0, **changes)
        moved = lower.retune(state, p)
        go(lower, moved, 130)
        assert np.isfinite(moved.W).all()
        assert moved.update == 250


def test_a_weight_that_is_no_number_stops_learning():
    for sort in SORTS:
        m, p = model(**SORTS[sort]), problem()
        state = m.start(p)
        go(m, state, 130)
        state.W[:, 2] = np.nan
        state.trial[:, 2:3] = np.nan
        with pytest.raises(UserError, match=r"finite|too large"):
            go(m, m.retune(state, p), 400)


def test_a_network_beyond_memory_is_refused_before_it_is_made():
    images = np.full((3, 128 * 256 * 3), 200, np.uint8)
    large = replace(data(), rows=128, cols=256, depth=3, train=Part(images))
    with pytest.raises(UserError, match=r"do not fit in memory. At most 2730 units do"):
        Model(K=4000).start(replace(problem(), data=large))


def test_labels_are_optional_and_shown():
    m = model()
    assert m.example(m.start(problem())).label in ("A", "B", "C")
    assert m.example(m.start(problem(data(labelled=False)))).label == ""


# the story that the program tells


def test_the_published_start_and_two_others():
    p = problem(data(300))
    noise = Model(K=20, batch=50, epochs=10).start(p)
    assert abs(float(noise.W.std()) - 1) < 0.1
    for start, p_norm in (("sphere", 2.0), ("images", 3.0)):
        m = Model(K=20, batch=50, p=p_norm, start_from=start, radius=2.0)
        np.testing.assert_allclose(m.read(m.start(p), "norms"), 2.0, rtol=1e-5)
    images = Model(K=20, start_from="images").start(p)
    seen = p.data.train.floats(slice(None))
    best = np.corrcoef(images.W, seen)[:20, 20:].max(1)
    assert (best > 0.8).all()


def test_fields_become_images_and_norms_come_to_r():
    m, p = Model(K=20, batch=50, epochs=200, step=0.04), problem(data(300))
    state = m.start(p)
    seen = p.data.train.floats(slice(None))
    start = np.corrcoef(state.W, seen)[:20, 20:].max(1)
    go(m, state, 300 * 200)
    won = m.read(state, "wins") > 0
    end = np.corrcoef(state.W, seen)[:20, 20:].max(1)
    assert won.sum() >= 3
    assert (end[won] > 0.8).all()
    assert (start < 0.6).all()
    assert m.facts(state)["norm_error"] < 0.15


def test_the_one_example_view_says_what_the_batch_will_add():
    """Summed over a batch, what single images ask for is what the weights do."""
    m, p = model(K=9), problem()
    state = m.start(p)
    W, total = state.W.copy(), np.zeros(state.W.shape)
    for n in range(20):
        go(m, state, 1)
        if n == 19:
            break
        e = m.example(state)
        assert e.number == state.order[n]
        np.testing.assert_array_equal(e.image, p.data.train.floats(np.array([e.number]))[0])
        assert sorted(e.pushes)[0] == pytest.approx(-0.4)
        assert max(e.pushes) == 1
        total[e.units] += e.changes
        np.testing.assert_array_equal(state.W, W)
    v = p.data.train.floats(state_order(state, m, p)[19:20]).astype(np.float64)
    total += naive.change(W, v, naive.roles(v @ naive.power(W, 2.0).T, 2, 0.4), 2.0, 1.0)
    np.testing.assert_allclose(state.W, W + 0.02 * total / np.abs(total).max(), atol=1e-5)


def state_order(state, m, p):
    """The order of the first epoch."""
    return m.start(p).order


def test_the_slow_example_settles_and_its_function_falls():
    m = model(**SORTS["slow"])
    state = m.start(problem())
    go(m, state, 3)
    settling = m.example(state).settling
    assert settling.guaranteed
    assert (np.diff(settling.L) <= 1e-9 * np.abs(settling.L).max()).all()
    assert settling.h.shape == (len(settling.t), 10)
    assert "now" in m.example(state).words
    assert "after the batch" in model().example(model().start(problem())).words
    assert model().example(model().start(problem())).settling is None


def test_advancing_asks_for_a_log_with_room():
    m = model()
    state, log = m.start(problem()), Log(1, 1)
    log.note(1, 0.0)
    assert m.advance(state, 100, log) == 0
