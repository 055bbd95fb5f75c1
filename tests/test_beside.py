"""Two networks of a document side by side: edits, files, and the window that shows them."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from lyapstudio.app import application
from lyapstudio.core.errors import UserError
from lyapstudio.document import beside, edits, files
from lyapstudio.document.examples import example
from lyapstudio.document.history import History
from lyapstudio.document.nouns import Document
from lyapstudio.ui.actions import ACTIONS
from lyapstudio.ui.collector import Collector
from lyapstudio.ui.panels.setups import TitleQuestion, fill
from lyapstudio.ui.theme import theme
from lyapstudio.ui.window import MainWindow
from tests.test_window import CACHE, LONG, a_while, settle


def letters() -> Document:
    return example("letters").build()


def both() -> Document:
    return example("hebb-against-projection").build()


# edits


def test_a_lone_network_gets_a_copy_under_another_rule():
    new = beside.side_by_side(letters())
    assert [s.title for s in new.setups] == ["Projection", "Hebb"]
    assert [s.rule.id for s in new.setups] == ["projection", "hebb"]
    assert (new.active, new.beside) == (0, 1)
    assert new.setups[1].cue == new.setups[0].cue
    again = beside.side_by_side(edits.set_rule(letters(), "storkey"))
    assert [s.title for s in again.setups] == ["Storkey", "Projection"]


def test_a_model_without_a_rule_gets_a_copy_of_itself():
    steep = edits.set_model(letters(), "dense_associative")
    new = beside.side_by_side(steep)
    assert new.setups[0].model == new.setups[1].model
    assert len({s.title for s in new.setups}) == 2
    assert new.beside == 1


def test_the_other_takes_cue_and_seed_and_gives_them_back_by_undo():
    document = beside.compare(both(), None)
    document = edits.set_seed(edits.set_cue(edits.show_setup(document, 1), flips=0.4), 9)
    document = edits.show_setup(document, 0)
    history = History(document)
    history.push(beside.compare(document, 1), "show two side by side")
    new = history.document
    assert (new.setups[1].cue, new.setups[1].seed) == (new.setup.cue, new.setup.seed)
    history.undo()
    assert history.document.setups[1].seed == 9
    assert history.document.beside is None


def test_cue_and_seed_belong_to_both_and_the_rest_to_one():
    document = edits.set_seed(edits.set_cue(both(), flips=0.35, pattern=3), 12)
    grid = np.ones((28, 28), np.int8)
    for new in (document, edits.draw_cue(document, grid)):
        assert new.setups[0].cue == new.setups[1].cue
        assert new.setups[0].seed == new.setups[1].seed == 12
        assert new.beside == 1
    drawn = edits.draw_cue(document, grid)
    assert drawn.setups[0].cue.drawn is drawn.setups[1].cue.drawn
    warm = edits.set_parameters(document, T=0.3)
    assert [s.model.T for s in warm.setups] == [0.3, 0.0]
    alone = edits.set_seed(beside.compare(document, None), 5)
    assert [s.seed for s in alone.setups] == [5, 12]


def test_what_cannot_be_compared_says_why():
    learner = edits.set_model(both(), "krotov_hopfield2019")
    assert learner.beside is None
    with pytest.raises(UserError, match="run alone"):
        beside.compare(learner, 1)
    for index in (0, 7, -1):
        with pytest.raises(UserError, match="another network"):
            beside.compare(both(), index)


@pytest.mark.parametrize("value", [0, 5, -1, True, "1", None, 1.0, [1], {"a": 1}])
def test_whatever_an_old_file_holds_there_opens_alone(value):
    document = replace(both(), view={"speed": 3.0, "beside": value})
    assert document.beside is None
    opened = files.loads(files.dumps(document))
    assert opened.beside is None


def test_it_is_saved():
    opened = files.loads(files.dumps(beside.show(both(), 1)))
    assert (opened.active, opened.beside) == (1, 0)
    other = replace(opened.setups[0], seed=77)  # somebody wrote a file in which they differ
    assert replace(opened, setups=(other, opened.setups[1])).beside is None


def test_duplicate_rename_remove():
    document = beside.duplicate_setup(both(), "  Hebb ")
    assert [s.title for s in document.setups] == ["Hebb", "Projection", "Hebb 2"]
    assert (document.active, document.beside) == (2, 1)
    document = beside.rename_setup(document, 2, " Third\none ")
    assert document.setups[2].title == "Third one"
    with pytest.raises(UserError, match="title"):
        beside.rename_setup(document, 0, "   ")
    gone = beside.remove_setup(document, 0)
    assert [s.title for s in gone.setups] == ["Projection", "Third one"]
    assert (gone.active, gone.beside) == (1, 0)
    gone = beside.remove_setup(document, 2)
    assert (gone.setup.title, gone.beside) == ("Projection", None)
    gone = beside.remove_setup(document, 1)
    assert (gone.setup.title, gone.beside) == ("Third one", None)
    with pytest.raises(UserError, match="at least one"):
        beside.remove_setup(letters(), 0)
    full = letters()
    for _ in range(files.MAX_SETUPS - 1):
        full = beside.duplicate_setup(full, "Copy")
    assert len({s.title for s in full.setups}) == files.MAX_SETUPS
    with pytest.raises(UserError, match="at most"):
        beside.duplicate_setup(full, "Copy")


def test_nothing_is_removed_before_a_network_that_learns():
    learner = edits.set_model(edits.show_setup(both(), 1), "krotov_hopfield2019")
    with pytest.raises(UserError, match="kept by its place"):
        beside.remove_setup(learner, 0)


def test_changing_places():
    document = beside.show(both(), 1)
    assert (document.active, document.beside) == (1, 0)
    three = beside.show(beside.duplicate_setup(document, "Third"), 0)
    assert (three.active, three.beside) == (0, 2)


# the window


@pytest.fixture
def window(qtbot, home, monkeypatch):
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    monkeypatch.setattr("lyapstudio.ui.dialogs.ask.ask_to_save", lambda *_: "discard")
    application()
    made = MainWindow(both())
    Collector(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitUntil(lambda: paired(made), timeout=3 * LONG)
    yield made
    made.close()
    made.deleteLater()
    theme().set_projector(False)
    theme().set_mode("light")


def paired(window) -> bool:
    frame = window.session.frame
    return frame is not None and frame.beside is not None and frame.problem is not None


def at(window, update) -> bool:
    frame = window.session.frame
    return paired(window) and frame.update == frame.beside.update == update


def test_two_run_together_and_each_says_what_became_of_it(qtbot, window):
    settle(qtbot, window)
    pair = window.centre.pair
    qtbot.waitUntil(lambda: pair.other.head.words[1] == "Memory: A", timeout=LONG)
    title, outcome, value, verdict = pair.lead.head.words
    assert (title, verdict) == ("Hebb", "guaranteed to fall")
    assert outcome.startswith(("Mixture", "Spurious"))
    assert value.startswith("E = −")
    assert pair.other.head.words[0] == "Projection"
    assert window.transport.pill.toolTip().startswith(outcome)
    left, right = (s.canvas.mapTo(window, QPoint()).x() for s in (pair.lead, pair.other))
    assert left + pair.lead.width() <= right
    assert abs(pair.lead.width() - pair.other.width()) <= 1
    frame = window.session.frame
    np.testing.assert_array_equal(
        pair.other.canvas._cells.reshape(-1), frame.beside.channels["units"]
    )
    window.meaning.show_curve(frame)
    assert window.meaning.curve.companion.words == ["Hebb", "Projection"]


def test_a_click_on_the_other_title_makes_it_the_one_to_edit(qtbot, window):
    session, pair = window.session, window.centre.pair
    session.simulation.step(200)
    qtbot.waitUntil(lambda: at(window, 200), timeout=LONG)
    old = session.frame
    place = pair.other.mapTo(window, QPoint())
    QTest.mouseClick(pair.other.head, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert session.setup.title == "Projection"
    assert session.frame.problem is old.beside.problem  # at once, from what is at hand
    assert window.network.rule.value == "projection"
    assert window.centre.setups.segments.value == "1"
    qtbot.waitUntil(
        lambda: at(window, 200) and session.frame.generation > old.generation, timeout=LONG
    )
    np.testing.assert_array_equal(session.frame.channels["units"], old.beside.channels["units"])
    a_while(50)
    assert (pair.lead.mapTo(window, QPoint()) - place).manhattanLength() <= 2  # it stayed there
    assert [side.head.words[0] for side in (pair.lead, pair.other)] == ["Projection", "Hebb"]
    session.undo()
    assert session.setup.title == "Hebb"
    qtbot.waitUntil(lambda: at(window, 200), timeout=LONG)


def test_steps_back_and_the_scrubber_keep_them_in_step(qtbot, window):
    session = window.session
    for _ in range(3):
        session.step()
    qtbot.waitUntil(lambda: at(window, 3), timeout=LONG)
    session.back()
    qtbot.waitUntil(lambda: at(window, 2), timeout=LONG)
    assert session.frame.latest == 3
    session.simulation.step(400)
    qtbot.waitUntil(lambda: at(window, 402), timeout=LONG)
    session.seek(100)
    qtbot.waitUntil(lambda: at(window, 100), timeout=LONG)
    session.restart()
    qtbot.waitUntil(lambda: at(window, 0), timeout=LONG)


def test_drawing_on_either_is_drawn_on_both(qtbot, window):
    session, pair = window.session, window.centre.pair
    box = pair.other.canvas.picture()
    spot = QPointF(box.left() + 5, box.top() + 5).toPoint()
    lit = session.frame.channels["units"][0] == 1
    button = Qt.MouseButton.RightButton if lit else Qt.MouseButton.LeftButton
    QTest.mouseClick(pair.other.canvas, button, pos=spot)
    assert [s.cue.source for s in session.document.setups] == ["drawn", "drawn"]
    value = -1 if lit else 1

    def drawn(value):
        frame = session.frame
        return (
            paired(window)
            and frame.channels["units"][0] == frame.beside.channels["units"][0] == value
        )

    qtbot.waitUntil(lambda: drawn(value), timeout=LONG)
    session.simulation.step(5)
    qtbot.waitUntil(lambda: at(window, 5), timeout=LONG)
    button = Qt.MouseButton.LeftButton if lit else Qt.MouseButton.RightButton
    QTest.mouseClick(pair.lead.canvas, button, pos=spot)
    qtbot.waitUntil(lambda: drawn(-value), timeout=LONG)
    assert session.frame.trace.cuts == session.frame.beside.trace.cuts == [5]


def test_an_edit_of_one_shows_there_only(qtbot, window):
    session = window.session
    session.simulation.step(50)
    qtbot.waitUntil(lambda: at(window, 50), timeout=LONG)
    session.edit(lambda d: edits.set_parameters(d, T=0.5), "warm")
    qtbot.waitUntil(lambda: session.frame.temperature == 0.5, timeout=LONG)
    assert session.frame.beside.temperature == 0
    assert session.frame.beside.trace.cuts == []
    qtbot.waitUntil(lambda: window.centre.pair.lead.head.words[3].startswith("may rise"))
    assert window.centre.pair.other.head.words[3] == "guaranteed to fall"


def test_the_button_the_menu_and_back(qtbot, window):
    session, centre = window.session, window.centre
    action = window.menus.actions["beside"]
    action.trigger()
    assert session.document.beside is None
    assert not centre.compare.isChecked()
    qtbot.waitUntil(lambda: session.frame.beside is None, timeout=LONG)
    assert not centre.pair.other.isVisible()
    session.open(letters())
    assert not centre.setups.isVisible()
    QTest.mouseClick(centre.compare, Qt.MouseButton.LeftButton)
    assert [s.title for s in session.document.setups] == ["Projection", "Hebb"]
    assert "Hebb" in window.notice.words
    assert centre.setups.isVisible()
    qtbot.waitUntil(lambda: paired(window), timeout=LONG)
    assert action.isChecked()
    session.undo()
    assert len(session.document.setups) == 1
    assert session.document.setup.title == "Letters"
    shortcuts = [a.shortcut for a in ACTIONS if a.shortcut and a.learns is not True]
    assert len(set(shortcuts)) == len(shortcuts)


def test_alone_nothing_of_it_is_there(qtbot, window):
    alone = MainWindow(letters())
    qtbot.addWidget(alone)
    alone.show()
    pair = alone.centre.pair
    assert not pair.other.isVisible()
    assert not pair.lead.head.isVisible()
    assert pair.lead.canvas._headed
    assert not alone.centre.compare.isChecked()
    alone.shut()


def test_the_menu_of_the_networks(qtbot, window, monkeypatch):
    session = window.session
    menu = QMenu(window)

    def choose(words):
        fill(menu, session)
        next(a for a in menu.actions() if a.text().startswith(words)).trigger()

    choose("Duplicate")
    assert session.setup.title == "Hebb 2"
    monkeypatch.setattr(TitleQuestion, "exec", lambda self: self.field.setText("Mine") or 1)
    choose("Rename")
    assert session.setup.title == "Mine"
    choose("Side by side with Hebb")
    assert session.document.beside == 0
    qtbot.waitUntil(lambda: paired(window) and session.frame.title == "Mine", timeout=LONG)
    choose("Side by side with Hebb")
    assert session.document.beside is None
    choose("Remove Mine")
    assert [s.title for s in session.document.setups] == ["Hebb", "Projection"]


def test_an_error_in_one_names_it(qtbot, window):
    session = window.session
    session.edit(lambda d: beside.show(d, 1), "show")
    blank = np.ones((28, 28), np.int8)
    session.edit(lambda d: edits.add_patterns(d, [("F", blank), ("G", blank)]), "twins")
    qtbot.waitUntil(lambda: bool(session.frame.error), timeout=LONG)
    assert session.frame.error.startswith("Projection: ")
    session.undo()
    qtbot.waitUntil(lambda: not session.frame.error, timeout=LONG)


def test_the_curve_of_both_is_exported(qtbot, window, tmp_path):
    session = window.session
    session.simulation.step(300)
    qtbot.waitUntil(lambda: at(window, 300), timeout=LONG)
    window.exporting.plot("Lyapunov function", "csv", tmp_path / "curve.csv")
    with open(tmp_path / "curve.csv", encoding="utf-8-sig") as file:
        head = next(csv.reader(file))
    assert "lowest E, Hebb" in head
    assert "lowest E, Projection" in head
    window.exporting.plot("Lyapunov function", "png", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_it_fits_and_shows_in_a_small_window_and_for_a_class(qtbot, window):
    window.resize(1024, 640)
    a_while(50)
    assert window.width() <= 1200
    pair = window.centre.pair
    for side in (pair.lead, pair.other):
        assert side.canvas.picture().width() >= 112
    window.toggle_projector()
    a_while(50)
    assert pair.other.isVisible()
    window.toggle_projector()
