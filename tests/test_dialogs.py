"""Every dialog does its job, says what is wrong in a sentence, and leaves nothing behind."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from lyapstudio.core.errors import UserError
from lyapstudio.core.resources import resource
from lyapstudio.document import edits
from lyapstudio.document.examples import example
from lyapstudio.document.images import ImageOptions, read_image, to_pattern
from lyapstudio.models import models
from lyapstudio.ui.dialogs import ask, frame
from lyapstudio.ui.dialogs.editor import SHIFTS, WHOLE, PatternEditor
from lyapstudio.ui.dialogs.fields import FieldEditor
from lyapstudio.ui.dialogs.help import HelpWindow
from lyapstudio.ui.dialogs.images import ImportDialog
from lyapstudio.ui.dialogs.keys import KeyCap, KeysDialog
from lyapstudio.ui.dialogs.overlaps import OverlapsDialog
from lyapstudio.ui.dialogs.progress import ProgressDialog, run_job
from lyapstudio.ui.dialogs.ready import ReadyDialog
from lyapstudio.ui.dialogs.size import SizeDialog
from lyapstudio.ui.dialogs.sources import image_source
from lyapstudio.ui.dialogs.topics import PAGES, find, topics
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme

PHOTOGRAPH = resource("photographs", "cat.png")


@pytest.fixture(autouse=True)
def styled(qapp):
    theme().set_mode("light")


@pytest.fixture
def session(qtbot):
    session = Session(example("hebb-against-projection").build())
    session.start()
    qtbot.waitUntil(lambda: session.frame is not None, timeout=20_000)
    yield session
    session.close()


def press(*names: str) -> None:
    """Answer the dialog that comes up next by its button's words."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, answer)
            return
        buttons = dialog.findChildren(frame.TextButton)
        next(b for b in buttons if b.text() in names).click()

    QTimer.singleShot(20, answer)


def when_gone(widget) -> list[int]:
    """A list that fills when Qt deletes the widget."""
    gone: list[int] = []
    widget.destroyed.connect(lambda *_: gone.append(1))
    return gone


def paint(canvas, cell: tuple[int, int], to: tuple[int, int], button=Qt.MouseButton.LeftButton):
    """Drag the mouse over a canvas from one cell to another."""
    step = canvas.picture().width() / canvas._cells.shape[1]
    corner = canvas.picture().topLeft()
    points = [corner + QPointF((c + 0.5) * step, (r + 0.5) * step) for r, c in (cell, to)]
    kinds = (
        (QMouseEvent.Type.MouseButtonPress, points[0]),
        (QMouseEvent.Type.MouseMove, points[1]),
        (QMouseEvent.Type.MouseButtonRelease, points[1]),
    )
    for kind, point in kinds:
        event = QMouseEvent(
            kind, point, canvas.mapToGlobal(point), button, button, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, event)


# the frame


def test_frame_complains_in_itself_and_is_gone_when_it_closes(qtbot):
    dialog = frame.DialogFrame("A title", main="Do it")
    dialog.complain("This is wrong.")
    assert dialog.complaint == "This is wrong."
    gone = when_gone(dialog)
    dialog.open()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bool(gone))


def test_enter_presses_the_main_button(qtbot):
    dialog = frame.DialogFrame("A title", main="Do it")
    with qtbot.waitSignal(dialog.accepted):
        dialog.open()
        QTest.keyClick(dialog, Qt.Key.Key_Return)


def test_a_dialog_is_held_until_qt_has_deleted_it(qtbot):
    """Else the collector may delete it in a worker's thread, and the program dies."""
    dialog = frame.DialogFrame("A title")
    key = id(dialog)
    dialog.open()
    gone = when_gone(dialog)
    dialog.reject()
    assert frame._kept[key] is dialog
    qtbot.waitUntil(lambda: bool(gone))
    assert key not in frame._kept


# questions


@pytest.mark.parametrize(
    ("button", "answer"), [("Save", "save"), ("Don’t save", "discard"), ("Cancel", "cancel")]
)
def test_ask_to_save(qtbot, button, answer):
    press(button)
    assert ask.ask_to_save(None, "Letters") == answer


@pytest.mark.parametrize(("button", "answer"), [("Recover", True), ("Discard", False)])
def test_ask_recover(qtbot, button, answer):
    press(button)
    assert ask.ask_recover(None, "20:14 on 22 November", "Letters") is answer


def test_tell_shows_the_sentence(qtbot):
    assert ask.notice(None, "It is full.").sentence.text() == "It is full."
    press("OK")
    ask.tell(None, "It is full.")


# long work


def test_short_work_shows_no_dialog(qtbot):
    shown = []
    timer = QTimer()
    timer.timeout.connect(lambda: shown.append(QApplication.activeModalWidget()))
    timer.start(20)
    assert run_job(None, "Working …", lambda report: 42) == 42
    timer.stop()
    assert not any(shown)


def test_long_work_can_be_cancelled(qtbot):
    def work(report):
        for k in range(1000):
            time.sleep(0.01)
            report(k / 1000)

    press("Cancel")
    began = time.perf_counter()
    assert run_job(None, "Working …", work) is None
    assert 0.4 < time.perf_counter() - began < 5


def test_failed_work_is_a_sentence(qtbot):
    def work(report):
        raise UserError("The disk is full.")

    with pytest.raises(UserError, match="The disk is full"):
        run_job(None, "Working …", work)


def test_progress_follows_the_job(qtbot):
    class Fake:
        progress = 0.25

        def cancel(self):
            self.cancelled = True

    job = Fake()
    dialog = ProgressDialog("Working …", job)
    assert dialog.bar.value() == 250
    dialog.reject()
    assert job.cancelled
    dialog.done(0)


# import


def test_import_shows_and_converts_what_can_be_read(qtbot, tmp_path):
    bad, stack = tmp_path / "bad.png", tmp_path / "stack.npy"
    bad.write_bytes(b"no picture")
    np.save(stack, np.ones((2, 5, 5), np.int8))
    dialog = ImportDialog([("", PHOTOGRAPH), ("", bad), ("", stack)], 24, 20)
    qtbot.waitUntil(lambda: len(dialog.pictures) == 3, timeout=10_000)
    assert "bad.png is not an image" in dialog.refused.text()
    assert dialog.main.text() == "Add 3"
    qtbot.waitUntil(lambda: dialog.pattern.image is not None, timeout=10_000)
    dialog.form.chosen.emit("method", "median")
    dialog.accept()
    names, grids = zip(*dialog.patterns(), strict=True)
    assert names == ("cat", "stack 1", "stack 2")
    wanted = to_pattern(read_image(PHOTOGRAPH), 24, 20, ImageOptions(method="median"))
    assert np.array_equal(grids[0], wanted)


def test_import_options_for_one_picture_leave_the_others_alone(qtbot):
    grey = np.linspace(0, 1, 64).reshape(8, 8)
    dialog = ImportDialog([("a", grey), ("b", grey)], 8, 8)
    qtbot.waitUntil(lambda: len(dialog.pictures) == 2)
    dialog.scope.set_value("one")
    dialog.form.chosen.emit("invert", True)
    dialog.list.setCurrentRow(1)
    assert dialog.scope.value == "all"
    dialog.accept()
    (_, first), (_, second) = dialog.patterns()
    assert np.array_equal(first, -second)


def test_import_of_nothing_readable_cannot_be_accepted(qtbot):
    dialog = ImportDialog([("Clipboard", b"noise")], 8, 8)
    qtbot.waitUntil(lambda: bool(dialog.refused.text()))
    assert not dialog.main.isEnabled()
    dialog.reject()


def test_import_can_leave_a_picture_out(qtbot):
    grey = np.linspace(0, 1, 64).reshape(8, 8)
    dialog = ImportDialog([("a", grey), ("b", grey)], 8, 8)
    qtbot.waitUntil(lambda: len(dialog.pictures) == 2)
    dialog.leave_out.click()
    assert [p.name for p in dialog.pictures] == ["b"]
    dialog.reject()


def test_clipboard_images_are_flattened_on_white(qapp):
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(0x00000000)
    image.setPixel(0, 0, 0xFF000000)
    _, grey = image_source(image)
    assert grey.tolist() == [[0, 255, 255], [255, 255, 255]]


# ready sets


def test_ready_adds_the_chosen_members(qtbot):
    dialog = ReadyDialog(16, 16)
    qtbot.waitUntil(lambda: len(dialog._drawn) == 26, timeout=10_000)
    dialog.none.click()
    assert not dialog.main.isEnabled()
    dialog.tiles.chosen.emit(0)
    dialog.tiles.chosen.emit(2)
    dialog.replace_all.click()
    assert dialog.replace
    assert [name for name, _ in dialog.patterns()] == ["A", "C"]
    assert dialog.patterns()[0][1].shape == (16, 16)


def test_ready_refuses_what_cannot_be_made(qtbot):
    dialog = ReadyDialog(30, 30)
    dialog.list.setCurrentRow(4)  # orthogonal: 30 = 2 · 15 gives only three
    qtbot.waitUntil(lambda: "orthogonal patterns" in dialog.complaint, timeout=10_000)
    assert not dialog.main.isEnabled()
    dialog._set("count", 3)
    qtbot.waitUntil(lambda: len(dialog._drawn) == 3, timeout=10_000)
    dialog.accept()
    assert len(dialog.patterns()) == 3


# overlaps


def test_overlaps_name_the_pairs_and_the_consequence(qtbot, session):
    dialog = OverlapsDialog(session)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.similarity is not None, timeout=10_000)
    assert "Hebb’s rule will blend" in dialog.consequence.text()
    first = dialog._listed[0][0]
    dialog.pairs.setCurrentRow(0)
    m = dialog.similarity.matrix[first]
    assert f"{m:.3f}".replace("0.", "+0.") in dialog.value.text()
    with qtbot.waitSignal(dialog.projection_requested):
        dialog.switch.click()
    session.edit(lambda d: edits.set_rule(d, "projection"), "rule")
    assert "keeps them apart" in dialog.consequence.text()
    assert not dialog.switch.isVisible()
    key = session.document.memories[0].key
    session.edit(lambda d: edits.duplicate_pattern(d, key), "twice")
    qtbot.waitUntil(lambda: bool(dialog.similarity.duplicates), timeout=10_000)
    assert "adds nothing" in dialog.consequence.text()
    dialog.grab()
    dialog.accept()


def test_overlap_under_the_pointer(qtbot, session):
    dialog = OverlapsDialog(session)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.similarity is not None, timeout=10_000)
    box = dialog.matrix._box()
    corner = box.topLeft() + QPointF(2, 2)
    assert dialog.matrix.cell_at(corner) == (0, 0)
    dialog.matrix.pointed.emit((0, 0))
    assert dialog.value.text().endswith("+1.000")
    assert dialog.matrix.cell_at(box.topLeft() - QPointF(2, 2)) is None
    dialog.reject()


def test_overlaps_without_memories(qtbot, session):
    keys = [p.key for p in session.document.patterns]
    session.edit(lambda d: edits.remove_patterns(d, keys), "all")
    dialog = OverlapsDialog(session)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.similarity is not None, timeout=10_000)
    dialog.grab()
    assert "Two memories" in dialog.consequence.text()
    dialog.accept()


# size


def test_size_is_one_edit_and_undo_is_exact(qtbot, session):
    before = session.document
    dialog = SizeDialog(session)
    dialog.presets[16].click()
    assert "256 neurons" in dialog.cost.text()
    assert "Undo brings all of it back exactly" in dialog.fate.text()
    dialog.accept()
    assert (session.setup.rows, session.setup.cols) == (16, 16)
    assert all(p.grid.shape == (16, 16) for p in session.document.patterns)
    session.undo()
    assert session.document is before


def test_size_that_cannot_be_is_a_sentence(qtbot, session, monkeypatch):
    dialog = SizeDialog(session)
    dialog.set_size(1, 1)
    assert "at least two neurons" in dialog.complaint
    assert not dialog.main.isEnabled()
    dialog.set_size(8, 8)
    assert not dialog.complaint
    monkeypatch.setattr("lyapstudio.weights.cost.memory_limit", lambda: 1e5)
    dialog.set_size(1024, 1024)
    assert "more than" in dialog.complaint
    dialog.accept()
    assert session.setup.rows != 1024
    dialog.reject()


def test_size_out_of_range_keeps_what_was_typed(qtbot, session):
    dialog = SizeDialog(session)
    dialog.show()
    QTest.keyClicks(dialog.row_field, "4000")
    assert dialog.row_field.wrong
    assert "between 1 and 1024" in dialog.complaint
    assert not dialog.main.isEnabled()
    QTest.keyClick(dialog.row_field, Qt.Key.Key_Escape)
    assert not dialog.complaint
    assert dialog.main.isEnabled()
    dialog.reject()


def test_linked_sides_stay_square(qtbot, session):
    dialog = SizeDialog(session)
    dialog.show()
    dialog.square.setChecked(True)
    dialog.row_field.setFocus()
    dialog.row_field.selectAll()
    QTest.keyClicks(dialog.row_field, "20")
    dialog.row_field.editingFinished.emit()
    assert (dialog.rows, dialog.cols) == (20, 20)
    dialog.reject()


# drawing


@pytest.fixture
def editor(qtbot, session):
    editor = PatternEditor(session, session.document.patterns[0].key)
    editor.show()
    qtbot.waitExposed(editor)
    yield editor
    try:
        editor.close()
    except RuntimeError:
        pass  # it has closed itself


def test_a_stroke_is_one_undo_step(session, editor):
    before = editor.pattern.grid
    paint(editor.canvas, (0, 0), (0, 6))
    paint(editor.canvas, (1, 0), (1, 3), Qt.MouseButton.RightButton)
    grid = editor.pattern.grid
    assert (grid[0, :7] == 1).all()
    assert (grid[1, :4] == -1).all()
    session.undo()
    session.undo()
    assert editor.pattern.grid is before
    assert np.array_equal(editor.canvas._cells, before)


@pytest.mark.parametrize("tool", [*WHOLE, *SHIFTS], ids=lambda tool: tool[1])
def test_tools_change_the_whole_picture(session, editor, tool):
    before = editor.pattern.grid
    editor.apply(tool[3], tool[2])
    assert np.array_equal(editor.pattern.grid, tool[3](before))
    assert session.history.undo_label == tool[2]


def test_corrupt_takes_others_each_time(editor):
    before = editor.pattern.grid
    editor.share.set_value(0.1)
    editor.corrupt()
    once = editor.pattern.grid
    assert np.count_nonzero(once != before) == round(0.1 * before.size)
    editor.corrupt()
    assert np.count_nonzero(editor.pattern.grid != before) > round(0.1 * before.size)


def test_a_memory_needs_a_name(session, editor):
    editor.name.setText("   ")
    editor.name.editingFinished.emit()
    assert editor.complaint.text() == "A pattern needs a name."
    editor.name.setText("New name")
    editor.name.editingFinished.emit()
    assert not editor.complaint.text()
    assert editor.pattern.name == "New name"
    assert "New name" in editor.windowTitle()


def test_brush_keys_and_arrow_keys(editor):
    before = editor.pattern.grid
    QTest.keyClick(editor, "]")
    assert editor.canvas.brush == 3
    editor.step_brush(-1)
    editor.apply(SHIFTS[0][3], SHIFTS[0][2])
    assert np.array_equal(editor.pattern.grid, np.roll(before, -1, 0))


def test_editor_closes_with_its_memory(qtbot, session, editor):
    key = editor.key
    gone = when_gone(editor)
    session.edit(lambda d: edits.remove_patterns(d, [key]), "delete")
    qtbot.waitUntil(lambda: bool(gone))
    session.undo()  # nobody is left to follow


def test_editor_follows_a_new_size(session, editor):
    from lyapstudio.document.resample import resize

    session.edit(lambda d: resize(d, 12, 18), "size")
    assert editor.canvas._cells.shape == (12, 18)
    paint(editor.canvas, (11, 17), (11, 17))
    assert editor.pattern.grid[11, 17] == 1


def test_fields_are_painted_and_cleared(qtbot, session):
    editor = FieldEditor(session)
    editor.show()
    qtbot.waitExposed(editor)
    editor.value.setText("0,25")
    editor.value.setModified(True)
    editor.value.editingFinished.emit()
    paint(editor.canvas, (2, 3), (2, 5))
    paint(editor.canvas, (4, 0), (4, 0), Qt.MouseButton.RightButton)
    painted = session.setup.painted
    assert (painted[2, 3:6] == 0.25).all()
    assert painted[4, 0] == -0.25
    assert np.count_nonzero(painted) == 4
    editor.grab()
    session.undo()
    assert session.setup.painted[4, 0] == 0
    editor.clear.click()
    assert session.setup.painted is None
    editor.value.setText("much")
    editor.value.textEdited.emit("much")
    assert "is a number" in editor.complaint.text()
    paint(editor.canvas, (2, 3), (2, 5))
    assert session.setup.painted is None
    editor.close()


# help


def test_help_has_every_topic(qapp):
    known = topics()
    assert {f"model:{id}" for id in models()} <= set(known)
    assert {"rule:hebb", "rule:projection", "wiring:all-to-all", "function"} <= set(known)
    for topic in known.values():
        assert topic.html.startswith("<h2>"), topic.id
    for id, _, title, _ in PAGES:
        assert known[id].title == title


def test_help_finds_panels_and_symbols(qtbot):
    window = HelpWindow()
    qtbot.addWidget(window)
    for asked, shown in (
        ("panel:cue", "panel:cue"),
        ("weights", "panel:weights"),
        ("E", "function"),
        ("½L", "function"),
        ("L", "function"),
        ("readout", "panel:readout"),
        ("panel:pad", "panel:pad"),
        ("model:hopfield1982", "model:hopfield1982"),
        ("no such page", next(iter(topics()))),
    ):
        window.show_topic(asked)
        assert window.topic == shown
    window.search.setText("crosstalk")
    assert window.topic == "panel:neuron"
    window.show_topic("files")
    assert window.topic == "files"
    for mode in ("dark", "light"):
        theme().set_mode(mode)
        assert "Files" in window.page.toPlainText()
    window.close()
    window.show_topic("cue")  # it comes back
    assert window.isVisible()
    window.close()


def test_a_symbol_leads_to_its_own_reasons(qapp):
    for symbol, anchor, words in (("E", "why", "one flip"), ("L", "climb", "mini-batch")):
        topic, found = find(symbol)
        assert found == anchor
        assert words in topic.html.partition(f'name="{anchor}"')[2]


def test_links_lead_somewhere(qapp):
    for topic in topics().values():
        for id in re.findall(r'href="([^"]*)"', topic.html):
            name, _, anchor = id.partition("#")
            assert name in topics(), f"{topic.id}: {id}"
            assert not anchor or f'name="{anchor}"' in topics()[name].html


def test_keys_sheet_shows_what_has_a_key(qapp):
    rows = [("File", "&Open …", "Ctrl+O"), ("File", "Export …", ""), ("Run", "Step", "Right")]
    dialog = KeysDialog(rows)
    caps = {cap.words for cap in dialog.findChildren(KeyCap)}
    assert caps == {QKeySequence("Ctrl+O").toString(QKeySequence.SequenceFormat.NativeText), "→"}
    dialog.done(0)


# all of them


def test_every_dialog_fits_the_smallest_screen(qtbot, session):
    many = [("Menu", f"Action {k}", f"Ctrl+{k % 10}") for k in range(40)]
    dialogs = [
        ImportDialog([("a", np.ones((4, 4)))], 8, 8),
        ReadyDialog(16, 16),
        OverlapsDialog(session),
        SizeDialog(session),
        KeysDialog(many),
        ask.SaveQuestion("Letters"),
        PatternEditor(session, session.document.patterns[0].key),
        FieldEditor(session),
        HelpWindow(),
    ]
    for dialog in dialogs:
        dialog.show()
        least = dialog.minimumSizeHint()
        assert least.width() <= 1280, dialog
        assert least.height() <= 680, dialog
        assert dialog.height() <= 680, dialog
        assert dialog.focusWidget() is not None or isinstance(dialog, HelpWindow), dialog
        if isinstance(dialog, QDialog):
            dialog.done(0)
        else:
            dialog.close()
            dialog.deleteLater()
