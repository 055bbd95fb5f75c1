"""The main job in the real window: see, ruin, run, and be told what happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication

from lyapstudio.app import application
from lyapstudio.core.resources import resource
from lyapstudio.document import edits, files, resample
from lyapstudio.document.examples import example, examples
from lyapstudio.models import models
from lyapstudio.ui.actions import ACTIONS
from lyapstudio.ui.collector import Collector
from lyapstudio.ui.parts.badge import Badge
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.session import FULL
from lyapstudio.ui.theme import theme
from lyapstudio.ui.window import SPEEDS, MainWindow

LONG = 20_000
ROOT = Path(__file__).parent.parent
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
"""Compiled kernels are shared with every other run of the tests."""


@pytest.fixture
def window(qtbot, home, monkeypatch):
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    monkeypatch.setattr("lyapstudio.ui.dialogs.ask.ask_to_save", lambda *_: "discard")
    application()
    window = MainWindow(example("photographs").build())
    Collector(window)
    window.resize(1280, 800)
    window.show()
    ready(qtbot, window)
    yield window
    window.close()
    window.deleteLater()
    theme().set_projector(False)
    theme().set_mode("light")


def ready(qtbot, window):
    problem = None
    qtbot.waitUntil(lambda: window.session.frame is not None, timeout=LONG)
    qtbot.waitUntil(lambda: window.session.frame.problem is not problem, timeout=LONG)


def settle(qtbot, window):
    """Run until it stops by itself."""
    session = window.session
    session.set_speed(FULL)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.frame.update > 0 and not session.running, timeout=LONG)


def opened(qtbot, window, id):
    old = window.session.frame.problem
    window.session.open(example(id).build())
    qtbot.waitUntil(lambda: window.session.frame.problem is not old, timeout=LONG)


def a_while(milliseconds):
    """Let everything live; QTest.qWait would hold the interpreter from the worker."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def drag(widget, start, stop, moves=12, button=Qt.MouseButton.LeftButton, pause=5):
    """A slow drag of several moves."""
    kinds = QMouseEvent.Type

    def send(kind, point, held):
        place = QPointF(point)
        scene = QPointF(widget.mapToGlobal(point))
        pressed = button if kind is not kinds.MouseMove else Qt.MouseButton.NoButton
        event = QMouseEvent(kind, place, scene, pressed, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)

    send(kinds.MouseButtonPress, start, button)
    for k in range(1, moves + 1):
        send(kinds.MouseMove, start + (stop - start) * k / moves, button)
        a_while(pause)
    send(kinds.MouseButtonRelease, stop, Qt.MouseButton.NoButton)


def across(canvas):
    """Two corners of the picture."""
    box = canvas.picture().toRect()
    return box.topLeft() + QPoint(8, 8), box.bottomRight() - QPoint(8, 8)


def test_opens_on_photographs_paused_with_one_hint(window):
    frame = window.session.frame
    assert len(frame.problem.memories) == 8
    assert not frame.running
    assert frame.update == 0
    assert "Press Space" in window.centre.canvas._hint


def test_space_falls_into_the_memory_and_says_so(qtbot, window):
    settle(qtbot, window)
    qtbot.waitUntil(lambda: window.transport.pill.accessibleName().startswith("Memory: Cat"))
    assert window.session.frame.trace.counters[0].wrong_moves == 0
    assert window.centre.canvas._hint == ""


def test_drawing_on_the_cue_is_one_undoable_step(qtbot, window):
    session, before = window.session, window.session.frame.problem.cue
    drag(window.centre.canvas, *across(window.centre.canvas))
    qtbot.waitUntil(lambda: not np.array_equal(session.frame.problem.cue, before))
    assert session.history.undo_label
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: np.array_equal(session.frame.problem.cue, before))
    assert not session.history.edited


def test_drawing_on_the_live_state_neither_runs_nor_stops_it(qtbot, window):
    session = window.session
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: session.frame.update == 3)
    before = session.frame.channels["units"]
    drag(window.centre.canvas, *across(window.centre.canvas), button=Qt.MouseButton.RightButton)
    qtbot.waitUntil(lambda: not np.array_equal(session.frame.channels["units"], before))
    a_while(50)
    assert session.frame.update == 3
    assert not session.running
    assert not session.history.undo_label  # it belongs to the recording, not to the document


def test_step_back_restart_and_seek_are_exact(qtbot, window):
    session = window.session
    seen = [session.frame.channels["units"]]
    for k in range(1, 4):
        qtbot.keyClick(window, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda k=k: session.frame.update == k)
        seen.append(session.frame.channels["units"])
    qtbot.keyClick(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: session.frame.update == 2)
    assert np.array_equal(session.frame.channels["units"], seen[2])
    session.seek(1)
    qtbot.waitUntil(lambda: session.frame.update == 1)
    assert np.array_equal(session.frame.channels["units"], seen[1])
    qtbot.keyClick(window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: session.frame.update == 0 and session.frame.latest == 0)
    assert np.array_equal(session.frame.channels["units"], seen[0])


def test_digits_choose_the_speed(qtbot, window):
    for key in range(10):
        qtbot.keyClick(window, str(key))
        assert window.session.speed == SPEEDS[key]


def test_a_slider_drag_is_one_step_of_undo(qtbot, window):
    session, before = window.session, window.session.setup.cue.flips
    track = window.cue.damage.row("flips").track
    middle = track.height() // 2
    seen = []
    session.document_changed.connect(lambda: seen.append(session.setup.cue.flips))
    drag(track, QPoint(int(track.width() * before), middle), QPoint(track.width() - 20, middle))
    assert len(set(seen)) > 3, "the cue follows while the slider is dragged"
    assert session.setup.cue.flips > 0.8
    session.undo()
    assert session.setup.cue.flips == before
    assert not session.history.undo_label


def test_space_before_the_worker_is_ready_is_not_lost(qtbot, home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    application()
    window = MainWindow(example("photographs").build())
    Collector(window)
    window.show()
    window.session.set_speed(FULL)
    window.menus.actions["run"].trigger()
    assert window.session.frame is None
    qtbot.waitUntil(lambda: window.session.outcome.title.startswith("Memory"), timeout=LONG)
    window.close()
    window.deleteLater()


def test_resizing_forgetting_and_opening_while_it_runs(qtbot, window):
    opened(qtbot, window, "temperature")
    session = window.session
    session.toggle()
    qtbot.waitUntil(lambda: session.running, timeout=LONG)
    session.edit(lambda d: resample.resize(d, 20, 30), "resize")
    qtbot.waitUntil(lambda: session.frame.problem.N == 600, timeout=LONG)
    keys = [p.key for p in session.document.patterns]
    session.edit(lambda d: edits.remove_patterns(d, keys), "forget")
    qtbot.waitUntil(lambda: len(session.frame.problem.memories) == 0, timeout=LONG)
    a_while(60)
    assert not session.frame.error
    opened(qtbot, window, "letters")
    qtbot.waitUntil(lambda: not session.running)
    assert not session.frame.error


def test_closing_while_it_runs_leaves_no_thread(qtbot, window):
    opened(qtbot, window, "temperature")
    window.session.toggle()
    qtbot.waitUntil(lambda: window.session.running, timeout=LONG)
    window.close()
    assert not window.session.simulation.alive
    assert not [t for t in threading.enumerate() if t.name == "simulation"]


def test_a_broken_assumption_says_so_and_can_be_repaired(qtbot, window):
    session = window.session
    session.edit(lambda d: edits.set_parameters(d, T=0.5), "set T")
    qtbot.waitUntil(lambda: session.frame.temperature > 0, timeout=LONG)
    repairs = [
        button
        for badge in window.meaning.badges.findChildren(Badge)
        for button in badge.findChildren(TextButton)
        if button.isVisible() and "why" not in button.text().lower()
    ]
    assert repairs
    qtbot.mouseClick(repairs[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.frame.temperature == 0, timeout=LONG)
    assert session.setup.model.T == 0


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_projector_and_themes_recolour_everything(window, size):
    window.resize(*size)
    window.toggle_projector()
    assert theme().projector
    a_while(20)
    assert window.width() <= size[0]
    window.toggle_projector()
    pictures = []
    for mode in ("light", "dark"):
        window.set_mode(mode)
        a_while(20)
        image = window.grab().toImage()
        pictures.append(image)
        corner = image.pixelColor(5, image.height() - 5).lightness()
        assert (corner > 128) == (mode == "light")
    assert pictures[0] != pictures[1]


def test_every_example_and_model_fits_a_low_screen(qtbot, window):
    def check(name):
        hint = window.minimumSizeHint()
        assert hint.width() <= 1280, name
        assert hint.height() <= 720, name

    window.resize(1280, 720)
    for id in examples():
        if id != "million":
            opened(qtbot, window, id)
            check(id)
    opened(qtbot, window, "photographs")
    for id in models():
        window.session.edit(lambda d, id=id: edits.set_model(d, id), "choose a model")
        a_while(50)
        check(id)


def test_every_icon_of_the_table_draws(window):
    for action in ACTIONS:
        if action.icon:
            picture = theme().pixmap(action.icon, "text", 20).toImage()
            assert any(picture.pixelColor(x, y).alpha() for x in range(20) for y in range(20)), (
                action.id
            )
    with pytest.raises(KeyError):
        theme().icon("ph.no-such-icon")


def test_a_decimal_comma_and_a_wrong_value(qtbot, window):
    fields = [f for f in window.network.findChildren(NumberField) if f._name == "T"]
    assert fields
    field, session = fields[0], window.session
    field.setFocus()
    field.clear()
    qtbot.keyClicks(field, "0,25")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.setup.model.T == 0.25
    said = []
    field.complained.connect(said.append)
    field.clear()
    qtbot.keyClicks(field, "-3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.wrong
    assert field.text() == "-3"
    assert any("0" in sentence for sentence in said)
    assert session.setup.model.T == 0.25


def drop(window, urls):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in urls])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    window.dropEvent(event)


def accept_the_next_dialog(qtbot):
    def look():
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, look)
        else:
            QTimer.singleShot(150, dialog.accept)

    QTimer.singleShot(20, look)


def test_a_dropped_image_and_a_pasted_one_become_patterns(qtbot, window):
    count = len(window.session.document.patterns)
    accept_the_next_dialog(qtbot)
    drop(window, [resource("photographs", "cat.png")])
    qtbot.waitUntil(lambda: len(window.session.document.patterns) == count + 1, timeout=LONG)
    QGuiApplication.clipboard().setImage(QImage(str(resource("photographs", "horse.png"))))
    accept_the_next_dialog(qtbot)
    window.errands.paste()
    qtbot.waitUntil(lambda: len(window.session.document.patterns) == count + 2, timeout=LONG)


def test_a_dropped_document_opens_and_a_broken_one_changes_nothing(qtbot, window, tmp_path):
    path = tmp_path / "two.lyap"
    files.save(example("two-neurons").build(), path)
    drop(window, [path])
    qtbot.waitUntil(lambda: window.session.setup.N == 2, timeout=LONG)
    assert window.desk.recent[0] == path
    broken = tmp_path / "broken.lyap"
    broken.write_bytes(path.read_bytes()[:200])
    said = []
    window.desk.failed.connect(said.append)
    drop(window, [broken])
    qtbot.waitUntil(lambda: bool(said), timeout=LONG)
    assert window.session.setup.N == 2


def test_a_failed_save_says_so_and_keeps_the_work(qtbot, window, tmp_path):
    session, said = window.session, []
    session.edit(lambda d: edits.set_seed(d, 9), "choose a seed")
    window.desk.failed.connect(said.append)
    (tmp_path / "file").write_text("")
    assert not window.desk._write(tmp_path / "file" / "below.lyap")
    assert not window.desk._write(tmp_path)
    assert len(said) == 2
    assert session.history.edited
    assert session.setup.seed == 9
    assert window.desk._write(tmp_path / "good.lyap")
    assert not session.history.edited
    assert files.load(tmp_path / "good.lyap").setup.seed == 9


KILLED = """
import os, signal, sys
from PySide6.QtCore import QSettings, QTimer
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
from lyapstudio.app import application
from lyapstudio.document import edits
from lyapstudio.document.examples import example
from lyapstudio.ui.window import MainWindow
app = application()
window = MainWindow(example("letters").build())
window.session.edit(lambda d: edits.set_seed(d, 77), "choose a seed")
window.desk.keep()
window.desk._keeping.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_work_survives_a_kill(qtbot, window, home, monkeypatch):
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    command = [sys.executable, "-c", KILLED, str(home)]
    ended = subprocess.run(command, env=environment, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    asked = []

    def agree(parent, when, title):
        asked.append(title)
        return True

    monkeypatch.setattr("lyapstudio.ui.dialogs.ask.ask_recover", agree)
    window.desk.recover()
    assert asked == ["Letters"]
    assert window.session.setup.seed == 77
    assert window.session.history.edited
    a_while(600)  # the desk looks once more whether the autosave went well


def test_nothing_slow_is_imported_before_the_first_paint(home):
    lines = [
        "import os, sys",
        "from lyapstudio.app import application",
        "from lyapstudio.document.examples import example",
        "from lyapstudio.ui.window import MainWindow",
        "app = application()",
        "window = MainWindow(example('photographs').build())",
        "window.show()",
        "slow = {'numba', 'scipy', 'networkx', 'pyqtgraph', 'qtawesome', 'qtpy', 'PIL.Image'}",
        "print(sorted(slow & set(sys.modules)), flush=True)",
        "os._exit(0)",
    ]
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_model_chooser_chooses(qtbot, window):
    chooser = window.transport.model
    for id in ("krotov_hopfield2019", "hopfield1982"):
        chooser.open()
        title = models()[id].title
        row = next(
            r for r in chooser._popup.findChildren(QAbstractButton) if r.entry.title == title
        )
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
        assert type(window.session.setup.model) is models()[id]
        learns = models()[id].learns
        assert window.page is window._pages[learns]
        wanted = lambda learns=learns: bool(window.session.frame.facts) == learns  # noqa: E731
        qtbot.waitUntil(wanted, timeout=3 * LONG)  # other kernels are made
    window.session.undo()
    assert window.session.setup.model.learns
