"""Learning in the real window: the noise turns into digits, is read, and is drawn for."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lyapstudio.app import application
from lyapstudio.core.model import Rest
from lyapstudio.document import edits
from lyapstudio.document.examples import example
from lyapstudio.ui.collector import Collector
from lyapstudio.ui.panels.fields import EXAMPLE, FIELDS, READOUT
from lyapstudio.ui.theme import theme
from lyapstudio.ui.window import MainWindow
from tests.test_learner import document, write
from tests.test_window import CACHE

LONG = 60_000
SIZES = ((1280, 720), (1280, 800), (1920, 1080))


@pytest.fixture
def opened(qtbot, home, monkeypatch, tmp_path):
    """Makes a window of a document; by default one that learns tiny images."""
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    monkeypatch.setattr("lyapstudio.ui.dialogs.ask.ask_to_save", lambda *_: "discard")
    application()
    windows = []

    def make(of=None, **changes):
        of = of or document(write(tmp_path / "tiny.npz"), **changes)
        window = MainWindow(of)
        Collector(window)
        windows.append(window)
        window.resize(1280, 800)
        window.show()
        session = window.session
        qtbot.waitUntil(lambda: session.frame is not None, timeout=LONG)
        qtbot.waitUntil(lambda: session.frame.problem is not None, timeout=LONG)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    theme().set_projector(False)
    theme().set_mode("light")


def a_while(milliseconds):
    """Let everything live."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def press(qtbot, window, key):
    window.page.stage.setFocus()
    qtbot.keyClick(window, key)


def fits(window, name):
    hint = window.minimumSizeHint()
    assert hint.width() <= window.width(), name
    assert hint.height() <= (720 if window.height() < 1000 else window.height()), name


def scribble(pad):
    """One stroke across the pad."""
    box = pad._boxes()[0].toRect()
    points = [
        box.center() + QPoint(dx, dx // 2) for dx in range(-box.width() // 4, box.width() // 4, 4)
    ]
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points:
        QTest.mouseMove(pad, point)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])
    QApplication.processEvents()


def test_space_learns_and_a_hundred_fields_become_digits(qtbot, opened):
    """The published result in short form, from three thousand digits."""
    base = example("digits").build()
    setup = base.setup
    small = replace(setup.data, limit=3000)
    model = setup.model.changed(epochs=100, step=0.04)
    window = opened(replace(base, setups=(replace(setup, data=small, model=model),)))
    session = window.session
    data = session.frame.problem.data
    seen = data.train.floats(slice(0, 1500))
    like = lambda W: np.corrcoef(W, seen)[:100, 100:].max(1)  # noqa: E731
    assert (like(session.frame.channels["weights"]) > 0.6).sum() <= 5
    fits(window, "digits")
    press(qtbot, window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.frame.rest is Rest.FIXED, timeout=LONG)
    frame = session.frame
    assert (like(frame.channels["weights"]) > 0.6).sum() >= 60
    assert frame.values[0] > frame.trace.counters[0].first
    assert frame.facts["epoch"] == 100
    press(qtbot, window, Qt.Key.Key_Space)  # at the end it is not thrown away
    a_while(100)
    assert session.frame.update == frame.update
    assert not session.running


def test_one_image_explains_itself(qtbot, opened):
    for changes, words in (({}, "after the batch"), ({"rule": "slow", "rate": 0.01}, "now")):
        window = opened(**changes)
        session, centre = window.session, window.centre
        window.session.choose_stride(0)
        session.step()
        qtbot.waitUntil(lambda s=session: s.frame.update == 1, timeout=LONG)
        assert centre.tabs.currentIndex() == EXAMPLE
        a_while(100)
        example = session.frame.example
        assert words in example.words
        assert (example.settling is not None) is (words == "now")
        assert centre.layers.grab().width() > 300
        fits(window, words)
        window.close()


def test_a_unit_that_is_clicked_shows_what_drives_it(qtbot, opened):
    window = opened()
    session, mosaic = window.session, window.centre.mosaic
    found = []
    window.learner.drivers_found.connect(lambda unit, where: found.append((unit, where)))
    session.simulation.step(600)
    qtbot.waitUntil(lambda: session.frame.update == 600, timeout=LONG)
    QTest.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=mosaic.tile(7).center().toPoint())
    qtbot.waitUntil(lambda: bool(found), timeout=LONG)
    assert found[0][0] == 7
    assert window.meaning.unit.unit == 7
    assert len(found[0][1]) == 8
    session.edit(lambda d: edits.set_parameters(d, K=5), "fewer units")
    qtbot.waitUntil(lambda: len(session.frame.channels.get("wins", ())) == 5, timeout=LONG)
    a_while(100)  # a unit is chosen that is no more
    session.undo()
    qtbot.waitUntil(lambda: len(session.frame.channels.get("wins", ())) == 12, timeout=LONG)
    assert session.frame.update == 600


def test_train_read_and_draw(qtbot, opened):
    window = opened()
    session, readout, answer = window.session, window.centre.readout, window.meaning
    session.simulation.step(2000)
    qtbot.waitUntil(lambda: session.frame.update == 2000, timeout=LONG)
    scribble(answer.pad)
    assert answer.scores.shown == []  # nothing reads it yet
    answer.pad.clear()
    window.train_readout()
    assert window.centre.tabs.currentIndex() == READOUT
    qtbot.waitUntil(lambda: window.learner.trained is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not window.learner.busy, timeout=LONG)
    a_while(100)
    judgement = window.learner.training.courses["readout"].judgement
    data = window.learner.data
    true, read = np.unravel_index(judgement.confusion.argmax(), judgement.confusion.shape)
    box = readout.matrix._cell_box((int(true), int(read)))
    QTest.mouseClick(readout.matrix, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    count = int(judgement.confusion[true, read])
    assert f"{data.classes[true]} read as {data.classes[read]}" in readout.grid_title.text()
    assert readout.grid_title.text().endswith(f": {count}")
    window.centre.tabs.setCurrentIndex(FIELDS)
    answer.tabs.setCurrentIndex(0)
    scribble(answer.pad)
    assert not answer.pad.empty
    assert len(answer.scores.shown) == len(data.classes)
    assert "reads" in answer.headline.text() or answer.headline.text()
    began = time.perf_counter()
    answer.read(data.test.floats(slice(0, 1))[0])
    assert time.perf_counter() - began < 0.05
    kept = window.learner.trained
    session.simulation.step(10)
    qtbot.waitUntil(lambda: session.frame.update == 2010, timeout=LONG)
    assert window.learner.trained is kept
    assert session.edited
    fits(window, "trained")


def test_every_size_mode_and_tab_fits(qtbot, opened):
    window = opened()
    for width, height in SIZES:
        window.resize(width, height)
        for mode in ("light", "dark"):
            theme().set_mode(mode)
            for tab in (FIELDS, EXAMPLE, READOUT):
                window.centre.tabs.setCurrentIndex(tab)
                for page in range(2):
                    window.meaning.tabs.setCurrentIndex(page)
                    fits(window, (width, mode, tab, page))
    window.toggle_projector()
    a_while(50)
    assert not window.centre.tabs.isVisible()
    fits(window, "projector")
    window.toggle_projector()
    assert window.centre.tabs.isVisible()


def test_from_memories_to_learning_and_back(qtbot, opened):
    window = opened(example("letters").build())
    session = window.session
    for id in ("krotov_hopfield2019", "hopfield1982", "krotov_hopfield2019"):
        ready = example("letters").build().setup.data
        small = replace(ready, kind="ready", ready="letters", rows=8, cols=8)
        session.edit(lambda d, s=small: edits.set_data(d, s), "small images")
        session.edit(lambda d, id=id: edits.set_model(d, id), "another model")
        wanted = "weights" if id.startswith("krotov") else "units"
        qtbot.waitUntil(lambda w=wanted: w in session.frame.channels, timeout=LONG)
        assert window.page.meaning.learns is (wanted == "weights")
        session.simulation.step(5)
        qtbot.waitUntil(lambda: session.frame.update == 5, timeout=LONG)
    for _ in range(4):
        session.undo()
        a_while(30)
    a_while(200)
    assert not session.frame.error


def test_closing_in_the_middle_of_everything(qtbot, opened):
    window = opened(epochs=100_000)
    session = window.session
    session.edit(lambda d: edits.set_readout_parameters(d, epochs=2000), "long")
    press(qtbot, window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.running and session.frame.update > 0, timeout=LONG)
    window.train_readout()
    window.learner.find_drivers(3)
    assert window.learner.busy
    began = time.perf_counter()
    window.close()
    assert time.perf_counter() - began < 3
