"""The wiring's dialog: its preview says what is there, follows the hand, leaves nothing behind."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from lyapstudio.analysis import wired
from lyapstudio.analysis.wired import BLOCKS, blocks_of, fitting_sheet, look
from lyapstudio.core.errors import UserError
from lyapstudio.ui.dialogs import wiring as dialogs
from lyapstudio.ui.dialogs import wiring_words
from lyapstudio.ui.dialogs.frame import LARGEST
from lyapstudio.ui.dialogs.wiring import WiringDialog
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.preview_wiring import DegreeBars, MatrixPicture, SheetPicture
from lyapstudio.weights.wiring import Wiring, wirings
from lyapstudio.weights.wiring.all_to_all import AllToAll
from lyapstudio.weights.wiring.dilution import Dilution
from lyapstudio.weights.wiring.distance import Distance
from lyapstudio.weights.wiring.lattice import Lattice
from lyapstudio.weights.wiring.ring import Ring
from lyapstudio.weights.wiring.small_world import SmallWorld


@pytest.fixture(autouse=True)
def styled(qapp):
    theme().set_mode("light")
    yield
    theme().set_projector(False)


def opened(qtbot, wiring: Wiring, rows: int, cols: int) -> WiringDialog:
    """A dialog that shows its first preview."""
    dialog = WiringDialog(wiring, rows, cols)
    dialog.show()
    settled(qtbot, dialog)
    return dialog


def settled(qtbot, dialog: WiringDialog) -> None:
    """Wait for the preview of what is chosen now, or for its refusal."""
    qtbot.waitUntil(
        lambda: (
            bool(dialog.complaint)
            or (dialog.shown is not None and dialog.shown.wiring == dialog.wiring)
        ),
        timeout=60_000,
    )


# what is looked at


@pytest.mark.parametrize("N", [5, BLOCKS, BLOCKS + 1, 450])
def test_blocks_count_the_pairs(N, monkeypatch):
    monkeypatch.setattr(wired, "CHUNK", 700)
    made = Dilution(c=0.2, symmetric=False, seed=N).connections(1, N)
    B = min(N, BLOCKS)
    hits, pairs = np.zeros((B, B)), np.zeros((B, B))
    for i in range(N):
        heard = set(made.heard(i).tolist())
        for j in range(N):
            if i != j:
                pairs[i * B // N, j * B // N] += 1
                hits[i * B // N, j * B // N] += j in heard
    np.testing.assert_array_equal(blocks_of(made), hits / np.maximum(pairs, 1))


def test_a_look_at_all_of_a_network():
    found = look(Ring(k=2), 4, 5)
    assert (found.full, found.symmetric, found.isolated) == (True, True, 0)
    assert (found.count, found.mean, found.share) == (80, 4, 80 / 380)
    assert found.heard(0).tolist() == [1, 2, 18, 19]
    assert found.blocks.sum() == 80
    assert look(Ring(k=2, own=True), 4, 5).blocks.sum() == 100


def test_all_to_all_lists_nothing():
    found = look(AllToAll(), 1024, 1024)
    assert found.full
    assert found.connections is None
    assert found.share == 1
    assert len(found.heard(7)) == 1024 * 1024 - 1
    assert look(AllToAll(), 2, 2).blocks.tolist() == (1 - np.eye(4)).tolist()


def test_a_large_network_is_looked_at_on_a_smaller_sheet():
    w = Distance(p0=0.5, sigma=4.0)
    assert fitting_sheet(Lattice(r=1), 1000, 1000) == (1000, 1000)
    rows, cols = fitting_sheet(w, 1024, 512)
    assert rows * cols <= 1.01 * wired.LARGE
    assert rows == pytest.approx(2 * cols, abs=2)
    found = look(w, 1024, 512)
    assert not found.full
    assert (found.rows, found.cols) == (rows, cols)
    assert found.count == w.expected(1024, 512)
    with pytest.raises(UserError, match="million"):
        look(Dilution(), 1024, 1024)


# what is said


def test_the_words_of_a_preview():
    found = look(Dilution(c=0.03, seed=2), 6, 6)
    assert "isolated" in wiring_words.isolation_line(found)
    assert wiring_words.isolation_line(look(Lattice(), 6, 6)) == ""
    assert wiring_words.degrees_line(look(Lattice(r=1), 6, 6)) == "Every neuron hears exactly 4."
    assert wiring_words.symmetry_line(found).startswith("<b>Symmetric")
    one_way = look(Dilution(c=0.3, symmetric=False), 6, 6)
    assert wiring_words.symmetry_line(one_way).startswith("<b>Not symmetric")
    assert "Dale" in wiring_words.symmetry_line(look(Ring(inhibitory=0.2), 6, 6))
    assert "k = 0.50" in wiring_words.symmetry_line(look(Ring(antisymmetry=0.5), 6, 6))
    assert wiring_words.percent(1.0) == "100 %"
    assert wiring_words.percent(0.9999) == "99.9 %"
    assert wiring_words.percent(0.061) == "6.1 %"
    assert wiring_words.percent(0.0000038) == "0.00038 %"


@pytest.mark.parametrize("id", wirings())
def test_every_recipe_can_be_chosen_and_comes_back(qtbot, id):
    dialog = opened(qtbot, AllToAll(seed=5), 6, 7)
    dialog._choose(id)
    settled(qtbot, dialog)
    assert dialog.wiring == wirings()[id](seed=5)
    assert dialog.main.isEnabled()
    assert dialog.about.text()
    assert (dialog.form is None) == (id == "all-to-all")
    dialog.grab()
    dialog.accept()
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_parameters_are_kept_while_others_are_tried(qtbot):
    dialog = opened(qtbot, Lattice(r=2), 8, 8)
    dialog.form.changing.emit("r", 3)
    dialog.common.chosen.emit("own", True)
    dialog._choose("ring")
    assert dialog.wiring == Ring(own=True)
    dialog.dice.click()
    dialog._choose("lattice")
    assert dialog.wiring.r == 3
    assert dialog.wiring.own
    settled(qtbot, dialog)
    dialog.reject()


def test_the_preview_follows_a_drag(qtbot):
    dialog = opened(qtbot, Dilution(c=0.1), 20, 20)
    before = dialog.facts["connections"].text()
    for c in np.linspace(0.1, 0.5, 30):
        dialog.form.changing.emit("c", float(c))
    settled(qtbot, dialog)
    assert dialog.shown.wiring.c == 0.5
    assert dialog.facts["connections"].text() != before
    dialog.form.chosen.emit("symmetric", False)
    settled(qtbot, dialog)
    assert "Not symmetric" in dialog.symmetry.text()
    assert not dialog.shown.symmetric
    dialog.reject()


def test_isolated_neurons_are_a_warning(qtbot):
    dialog = opened(qtbot, Dilution(c=0.001), 20, 20)
    assert dialog.warning.isVisible()
    assert "isolated" in dialog.warning.text()
    assert dialog.main.isEnabled()
    dialog.form.chosen.emit("c", 0.5)
    settled(qtbot, dialog)
    qtbot.waitUntil(lambda: not dialog.warning.isVisible())
    dialog.reject()


def test_too_many_connections_cannot_be_accepted(qtbot):
    dialog = opened(qtbot, Dilution(), 1024, 1024)
    assert "Choose a smaller probability c" in dialog.complaint
    assert not dialog.main.isEnabled()
    dialog.accept()
    assert dialog.isVisible()
    dialog.form.chosen.emit("c", 4e-6)
    qtbot.waitUntil(lambda: dialog.shown is not None, timeout=60_000)
    assert dialog.complaint == ""
    assert dialog.main.isEnabled()
    assert dialog.shown.full
    dialog.accept()


def test_a_smaller_sheet_is_said(qtbot):
    dialog = opened(qtbot, Lattice(), 1000, 1000)
    assert "on a sheet of 200 × 200" in dialog.note.text()
    assert dialog.facts["connections"].text() == "≈ 48.0 million"
    assert "enlarges" in dialog.reads["sheet"].text()
    dialog.grab()
    dialog.reject()


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("projector", [False, True])
def test_it_fits_the_smallest_screen(qtbot, mode, projector):
    theme().set_mode(mode)
    theme().set_projector(projector)
    dialog = opened(qtbot, SmallWorld(antisymmetry=1.0), 28, 28)
    dialog._warn("Neurons are isolated.")
    dialog.complain("Something is wrong.")
    least = dialog.minimumSizeHint()
    assert least.width() <= LARGEST[0]
    assert least.height() <= LARGEST[1]
    dialog.reject()


def test_it_closes_while_it_computes(qtbot, monkeypatch):
    began, go_on = threading.Event(), threading.Event()
    real = dialogs.look

    def slow(wiring, rows, cols, report):
        began.set()
        go_on.wait(20)
        report(0.0)
        return real(wiring, rows, cols, report)

    monkeypatch.setattr(dialogs, "look", slow)
    dialog = WiringDialog(Lattice(), 10, 10)
    dialog.show()
    assert began.wait(10)
    qtbot.waitUntil(lambda: dialog.note.text() == dialogs.WAITING)
    job = dialog._looking._job
    dialog.form.chosen.emit("r", 2)
    dialog.reject()
    go_on.set()
    qtbot.waitUntil(lambda: job.done)
    assert job.cancelled
    assert job.result is None


# the pictures


def test_a_neuron_is_picked_by_click_and_by_keys(qtbot):
    dialog = opened(qtbot, Lattice(r=1), 5, 8)
    assert dialog.reads["sheet"].text().startswith("Row 3, column 5 (framed) hears 4 others.")
    box = dialog.sheet.box_of(9)
    assert dialog.sheet.neuron_at(box.center()) == 9
    QTest.mouseClick(dialog.sheet, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert dialog.reads["sheet"].text().startswith("Row 2, column 2")
    QTest.keyClick(dialog.sheet, Qt.Key.Key_Up)
    QTest.keyClick(dialog.sheet, Qt.Key.Key_Up)
    QTest.keyClick(dialog.sheet, Qt.Key.Key_Right)
    assert dialog.reads["sheet"].text().startswith("Row 1, column 3")
    heard = set(np.flatnonzero(dialog.sheet.cells()).tolist())
    assert heard == {1, 3, 10, 34}
    dialog._choose("ring")
    settled(qtbot, dialog)
    assert dialog.reads["sheet"].text().startswith("Row 1, column 3")
    dialog.reject()


def test_pictures_are_painted_empty_and_full(qtbot):
    for picture in (SheetPicture(), MatrixPicture(), DegreeBars()):
        qtbot.addWidget(picture)
        picture.resize(200, 180)
        picture.grab()
    sheet, matrix, bars = SheetPicture(), MatrixPicture(), DegreeBars()
    for picture in (sheet, matrix, bars):
        qtbot.addWidget(picture)
        picture.resize(200, 180)
    sheet.show_heard(400, 300, 0, np.array([1, 300, 119_999]), own=True)
    assert sheet.enlarges
    assert sheet.cells().sum() == 2  # blocks of cells
    sheet.setFocus()
    matrix.show_blocks(np.array([[0.0, 0.25], [0.5, 0.0]]), 10)
    assert matrix.level == 0.5
    assert matrix.reading(QPointF(120, 20)) == "Neurons 1 – 5 hear 25 % of 6 – 10"
    assert matrix.reading(QPointF(500, 20)) == ""
    matrix.show_blocks(np.array([[0.0, 1.0], [1.0, 0.0]]), 2)
    assert matrix.reading(QPointF(120, 20)) == "Neuron 1 hears 2"
    bars.show_degrees(np.array([10, 99]))
    assert bars.reading(QPointF(198, 20)) == "1 neuron hears 98–99 others"
    bars.show_degrees(np.array([0, 0, 3, 100]))
    assert bars.counts.sum() == 4
    assert bars.reading(QPointF(2, 20)) == "3 neurons hear 0–3 others"
    assert bars.reading(QPointF(-20, 20)) == ""
    for picture in (sheet, matrix, bars):
        assert not picture.grab().isNull()
