"""Session, readouts and files of networks that learn, without a window."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QSettings

from lyapstudio.app import application
from lyapstudio.core.data import Part
from lyapstudio.core.errors import UserError
from lyapstudio.document import edits, files
from lyapstudio.document.autosave import Autosave
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.examples import example
from lyapstudio.engine.job import Job
from lyapstudio.engine.training import READOUT, Training
from lyapstudio.ui.check import wait_until
from lyapstudio.ui.desk import Desk
from lyapstudio.ui.learner import DRIVERS, Learner, drivers, progress_words
from lyapstudio.ui.session import FULL, Session
from lyapstudio.weights.readout import ReadoutParams
from tests import tiny

QUICK = ReadoutParams(epochs=6, batch=20, rate=0.02, power=2.0)
LONG = 60.0


def write(path, data=None):
    """The tiny images as a file of the user's own."""
    data = data or tiny.data()
    whole = [data.train, data.test]
    images = np.concatenate([p.images for p in whole]).reshape(-1, tiny.SIDE, tiny.SIDE)
    arrays = {"x": images}
    if data.labelled:
        arrays["y"] = np.concatenate([p.labels for p in whole])
    np.savez(path, **arrays)
    return Source("file", path=str(path), validation=0.2, test=0.2)


def document(source, **changes):
    base = example("digits").build()
    model = tiny.model(**{"epochs": 400, **changes})
    setup = replace(base.setup, model=model, data=source, readout=QUICK)
    return replace(base, setups=(setup,), story="")


class Room:
    """A session and its learner, and all that they said."""

    def __init__(self, document):
        self.session = Session(document)
        self.learner = Learner(self.session)
        self.said, self.drivers = [], []
        self.session.failed.connect(self.said.append)
        self.learner.drivers_found.connect(lambda *found: self.drivers.append(found))
        self.session.start()

    def ready(self):
        self.until(lambda: self.session.frame is not None and self.session.frame.problem)
        return self

    def until(self, done):
        assert wait_until(lambda: bool(done()), LONG), self.said

    def step(self, updates):
        goal = self.session.frame.update + updates
        self.session.simulation.step(updates)
        self.until(lambda: self.session.frame.update == goal and not self.session.running)

    def open(self, document):
        self.session.open(document)
        self.until(self.fresh)

    def fresh(self):
        frame = self.session.frame
        there = frame.generation == self.session._generation and frame.problem is not None
        return there and not frame.busy

    def train(self):
        self.learner.train()
        self.until(lambda: not self.learner.busy)

    @property
    def weights(self):
        return self.session.frame.channels["weights"]

    def close(self):
        """End the threads."""
        self.learner.close()
        self.session.close()


@pytest.fixture
def source(tmp_path):
    return write(tmp_path / "tiny.npz")


@pytest.fixture
def room(qapp, home, source):
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    application()
    rooms = []

    def make(of=None, ready=True):
        rooms.append(Room(of or document(source)))
        return rooms[-1].ready() if ready else rooms[-1]

    yield make
    for made in rooms:
        made.close()


# training


@pytest.mark.parametrize("name", [READOUT, "pixels", "untrained", "backprop"])
def test_every_course_learns_to_tell_three_kinds(name):
    data = tiny.data()
    m = tiny.model()
    state = m.start(tiny.problem(data))
    tiny.go(m, state, 600)
    untrained = lambda: m.start(tiny.problem(data)).W  # noqa: E731
    training = Training(state.W, data, QUICK.changed(epochs=25), 1, (name,), untrained)
    reported = []
    assert training(reported.append) is training
    assert reported == sorted(reported)
    course = training.courses[name]
    assert course.judgement.error < 0.1
    assert [s.epoch for s in course.scores] == list(range(1, 26))
    assert training.readout is training.courses[READOUT].reader
    again = Training(state.W, data, QUICK.changed(epochs=25), 1, (name,), untrained)(lambda f: None)
    np.testing.assert_array_equal(
        course.judgement.confusion, again.courses[name].judgement.confusion
    )


def test_what_cannot_be_read_is_refused_with_a_sentence():
    W = np.ones((4, 64), np.float32)
    one_class = tiny.part(30)
    one_class = Part(one_class.images, np.zeros(30, np.int16))
    spoilt = W.copy()
    spoilt[0, 0] = np.nan
    for weights, data, words in (
        (W, tiny.data(labelled=False), "label"),
        (W, tiny.data(train=one_class), "one class"),
        (spoilt, tiny.data(), "not numbers"),
    ):
        job = Job(Training(weights, data, QUICK, 1))
        job.wait()
        assert words in job.error
        assert job.error.endswith(".")
    job = Job(Training(W, tiny.data(), QUICK, 1, ("untrained",)))
    job.wait()
    assert "not known any more" in job.error


def test_cancelled_training_keeps_what_is_done():
    def report(fraction):
        if fraction > 0.6:
            raise UserError("Enough.")

    training = Training(np.ones((4, 64), np.float32), tiny.data(), QUICK, 1, ("pixels",))
    with pytest.raises(UserError, match="Enough"):
        training(report)
    assert training.readout is not None
    assert training.courses["pixels"].reader is None
    assert "pixels: epoch" in progress_words(training)


def test_drivers_are_the_images_that_fit_best():
    data, W = tiny.data(100), np.random.default_rng(1).normal(size=64).astype(np.float32)
    images = data.train.images / 255
    for p in (2.0, 3.5):
        found = drivers(W, p, data, lambda f: None)
        v = np.sign(W) * np.abs(W) ** (p - 1)
        answers = images @ v / np.linalg.norm(images, axis=1)
        assert len(found) == DRIVERS
        np.testing.assert_array_equal(found, np.argsort(-answers, kind="stable")[:DRIVERS])


# the learner


def test_training_and_drivers_follow_the_network(room):
    r = room()
    r.step(500)
    r.learner.train()
    assert r.learner.busy
    r.learner.train()  # a second time is not heard
    r.until(lambda: not r.learner.busy)
    trained = r.learner.trained
    assert trained.update == 500
    np.testing.assert_array_equal(trained.readout.W, r.weights)
    assert r.session.edited
    r.learner.find_drivers(3)
    r.learner.find_drivers(4)
    r.learner.find_drivers(5)  # only the last one waits
    r.until(lambda: r.drivers and r.drivers[-1][0] == 5)
    assert [unit for unit, _ in r.drivers] in ([5], [3, 5])
    data = r.learner.data
    np.testing.assert_array_equal(
        r.drivers[-1][1], drivers(r.weights[5], 2.0, data, lambda f: None)
    )
    r.learner.find_drivers(99)  # of a network that had more units
    r.session.edit(lambda d: edits.set_parameters(d, K=9), "fewer units")
    r.until(lambda: r.fresh() and len(r.weights) == 9)
    assert r.learner.trained is None
    r.session.undo()
    r.until(lambda: r.fresh() and len(r.weights) == 12)
    assert r.session.frame.update == 500
    assert r.learner.trained is trained
    assert not r.said


def test_another_document_in_the_middle_of_training(room, source):
    r = room()
    r.session.edit(lambda d: edits.set_readout_parameters(d, epochs=2000), "long")
    r.learner.train()
    r.learner.find_drivers(1)
    r.open(document(source, K=7))
    assert r.learner.training is None
    r.until(lambda: not r.learner.busy)
    assert r.learner.trained is None
    assert not r.drivers
    r.train()
    assert r.learner.trained.readout.W.shape == (7, 64)
    r.learner.train()
    r.learner.cancel()
    r.until(lambda: not r.learner.busy)
    assert r.learner.trained is not None
    assert not r.said


def test_unlabelled_images_are_learned_but_not_read(room, tmp_path):
    r = room(document(write(tmp_path / "bare.npz", tiny.data(labelled=False))))
    r.step(200)
    r.train()
    assert r.learner.trained is None
    assert "label" in r.said[0]
    r.learner.find_drivers(0)
    r.until(lambda: r.drivers)


# documents


def test_saved_while_it_learns_and_opened_again(room, source, tmp_path):
    r = room(document(source, epochs=100_000))
    assert not r.session.edited
    r.session.set_speed(FULL)
    r.session.toggle()
    r.until(lambda: r.session.frame.update > 400)
    r.train()
    full = r.session.saved_view()
    r.session.simulation.pause()
    files.save(full, tmp_path / "some.lyap")
    saved = full.learned[0]
    assert int(saved.network["update"]) > 400
    assert r.session.edited
    r.until(lambda: not r.session.running)
    end = r.session.frame.update
    last = r.weights.copy()
    other = room(files.load(tmp_path / "some.lyap"))
    assert not other.session.edited
    assert other.session.frame.update == saved.network["update"]
    np.testing.assert_array_equal(other.weights, saved.network["W"])
    images = other.learner.data.test.floats(slice(None))
    here, there = r.learner.trained.readout, other.learner.trained.readout
    np.testing.assert_array_equal(here.scores(images), there.scores(images))
    assert here.classes == there.classes
    other.step(end - other.session.frame.update)
    np.testing.assert_array_equal(other.weights, last)
    assert other.session.edited
    other.session.saved()
    assert not other.session.edited
    assert not other.said


def test_edited_means_that_something_was_learned(room):
    r = room()
    r.session.saved()
    r.step(100)
    assert r.session.edited
    r.session.saved()
    assert not r.session.edited
    r.session.restart()
    r.until(lambda: r.session.frame.update == 0)
    assert r.session.edited  # the file holds what is gone
    r.session.saved()
    r.train()
    assert r.session.edited  # a readout is work, too
    saved = r.session.saved_view().learned[0]
    assert saved.network == {}
    assert "S" in saved.readout


def test_two_networks_and_a_memory_keep_what_they_learned(room, source):
    one = document(source)
    memory = example("letters").build()
    memory = replace(memory.setup, rows=28, cols=28)
    setups = (one.setup, replace(one.setup, model=tiny.model(K=5, epochs=400)), memory)
    r = room(replace(one, setups=setups))
    r.step(130)
    r.session.show_setup(1)
    r.until(lambda: r.fresh() and len(r.weights) == 5)
    r.step(70)
    r.session.show_setup(2)
    r.until(lambda: r.fresh() and "units" in r.session.frame.channels)
    assert r.session.edited
    learned = r.session.saved_view().learned
    assert {k: int(v.network["update"]) for k, v in learned.items()} == {0: 130, 1: 70}
    again = room(replace(r.session.saved_view(), view={"setup": 1}))
    assert again.session.frame.update == 70
    assert {k: len(v.network["W"]) for k, v in again.session.saved_view().learned.items()} == {
        0: 12,
        1: 5,
    }
    again.session.show_setup(0)
    again.until(lambda: again.fresh() and len(again.weights) == 12)
    assert again.session.frame.update == 130


def test_data_that_have_moved_are_asked_for_and_the_rest_is_kept(room, source, tmp_path):
    r = room()
    r.step(90)
    r.train()
    full = r.session.saved_view()
    digest = r.learner.data.digest
    setup = replace(full.setup, data=replace(full.setup.data, digest=digest, title="tiny"))
    moved = tmp_path / "elsewhere.npz"
    (tmp_path / "tiny.npz").rename(moved)
    files.save(replace(full, setups=(setup,)), tmp_path / "lost.lyap")
    other = room(files.load(tmp_path / "lost.lyap"), ready=False)
    other.until(lambda: other.said)
    assert "are not at" in other.said[0]
    kept = other.session.saved_view().learned[0]
    assert int(kept.network["update"]) == 90
    assert "S" in kept.readout
    found = replace(setup.data, path=str(moved))
    other.session.edit(lambda d: edits.set_data(d, found), "find the data")
    other.until(other.fresh)
    assert other.session.frame.update == 90
    np.testing.assert_array_equal(other.weights, kept.network["W"])
    assert other.learner.trained is not None
    assert not other.session.simulation._offered  # the network has begun with it


def test_a_document_without_learning_never_asks_the_worker(room, monkeypatch):
    r = room(example("letters").build())
    monkeypatch.setattr(r.session.simulation, "learned", lambda: 1 / 0)
    assert r.session.saved_view().learned == {}
    assert not r.session.edited


def test_a_busy_worker_is_a_sentence_and_not_a_wait_for_ever(room, monkeypatch):
    r = room()
    monkeypatch.setattr("lyapstudio.ui.knowledge.ANSWER", 0.05)
    r.session.simulation._post(lambda: time.sleep(0.5))
    with pytest.raises(UserError, match="busy"):
        r.session.saved_view()


def test_the_autosave_holds_what_was_learned(room, home):
    from PySide6.QtWidgets import QWidget

    r = room()
    window = QWidget()
    desk = Desk(r.session, window)
    try:
        desk.autosave = Autosave(home / "autosave")
        desk.keep()
        assert not list((home / "autosave").glob("*.lyap"))
        for updates in (150, 50):
            r.step(updates)
            desk.keep()
            r.until(lambda: desk._keeping.done)
            copy = files.load(next((home / "autosave").glob("*.lyap")))
            assert int(copy.learned[0].network["update"]) == r.session.frame.update
            np.testing.assert_array_equal(copy.learned[0].network["W"], r.weights)
    finally:
        desk.close()
        window.deleteLater()
