"""The dialog for weights from a file: what it says of them, and what it hands over."""

import time

import numpy as np
import pytest
from PySide6.QtGui import QImage

from lyapstudio.document.given import Given
from lyapstudio.document.weight_files.write import write_weights
from lyapstudio.ui.dialogs import weights as dialogs
from lyapstudio.ui.dialogs.frame import LARGEST
from lyapstudio.ui.dialogs.weights import ImportWeightsDialog
from lyapstudio.ui.theme import theme


@pytest.fixture(autouse=True)
def styled(qapp):
    theme().set_mode("light")


@pytest.fixture
def opened(qtbot, tmp_path):
    """The dialog with these weights of 4 x 5 neurons, read to the end."""

    def act(W, name="mine.npy"):
        write_weights(tmp_path / name, Given.from_matrix(W, ""))
        dialog = ImportWeightsDialog(tmp_path / name, 4, 5)
        dialog.show()
        qtbot.waitUntil(lambda: bool(dialog.seen or dialog.complaint), timeout=20_000)
        return dialog

    return act


def lopsided():
    W = np.random.default_rng(0).normal(size=(20, 20))
    np.fill_diagonal(W, 0)
    W[3, 3], W[4, 4] = -1, 2
    return W


def test_symmetric_weights_leave_nothing_to_choose(opened):
    W = lopsided()
    W = W + W.T
    np.fill_diagonal(W, 0)
    dialog = opened(W)
    words = {fact: label.text() for fact, label in dialog.values.items()}
    assert words["Neurons"] == "20"
    assert words["Connections"] == "380, 95 % of all"
    assert (words["Self-couplings"], words["Symmetry"]) == ("none", "symmetric")
    assert "It is a Lyapunov function" in dialog.meaning.text()
    assert not dialog.form.isVisible()
    assert dialog.scale.text() == "Each point is one weight."
    assert dialog.width() <= LARGEST[0]
    assert dialog.height() <= LARGEST[1]
    dialog.main.click()
    assert np.array_equal(dialog.given.matrix(), W)
    assert dialog.given.title == "mine.npy"


def test_asymmetric_weights_can_be_mended_or_taken_as_they_are(qtbot, opened):
    W = lopsided()
    dialog = opened(W)
    assert dialog.values["Symmetry"].text().startswith("asymmetric: 190 pairs differ; the anti")
    assert dialog.values["Self-couplings"].text() == "2, 1 below 0"
    assert "needs symmetric weights" in dialog.meaning.text()
    assert np.array_equal(dialog.given.matrix(), W)
    dialog.form.chosen.emit("symmetrise", True)
    assert not dialog.main.isEnabled()
    qtbot.waitUntil(dialog.main.isEnabled)
    half = 0.5 * W + 0.5 * W.T
    assert np.array_equal(dialog.given.matrix(), half)
    assert dialog.values["Symmetry"].text() == "symmetric"
    assert "remove the diagonal" in dialog.meaning.text()
    assert dialog.form.row("symmetrise").isVisible()  # so that it can be taken back
    dialog.form.chosen.emit("hollow", True)
    dialog.form.chosen.emit("symmetrise", False)
    qtbot.waitUntil(dialog.main.isEnabled)
    np.fill_diagonal(W, 0)
    assert np.array_equal(dialog.given.matrix(), W)
    assert dialog.values["Self-couplings"].text() == "none"
    dialog.accept()


def test_one_pair_and_no_connection(opened):
    W = np.zeros((20, 20))
    dialog = opened(W)
    assert "not one connection" in dialog.meaning.text()
    assert dialog.values["Connections"].text() == "0, 0 % of all"
    dialog.reject()
    W[1, 2] = 0.25
    dialog = opened(W)
    assert dialog.values["Symmetry"].text().startswith("asymmetric: 1 pair differs; ")
    assert dialog.values["Weights"].text() == "all 0.25"
    dialog.reject()


def test_another_size_is_told(opened, qtbot):
    dialog = opened(np.ones((9, 9)), "small.csv")
    assert "small.csv holds the weights of 9 neurons, the network has 20." in dialog.complaint
    assert dialog.wrong_size.found_N == 9
    assert dialog.given is None
    assert not dialog.main.isEnabled()
    dialog.reject()


def test_notes_and_bad_files(qtbot, tmp_path):
    (tmp_path / "list.csv").write_text("1,2,1\n2,1,1\n3,4,1\n4,3,1\n")
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 but no more")
    dialog = ImportWeightsDialog(tmp_path / "list.csv", 4, 5)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.seen is not None)
    assert "numbered from 1" in dialog.notes.text()
    dialog.reject()
    dialog = ImportWeightsDialog(tmp_path / "bad.npz", 4, 5)
    dialog.show()
    qtbot.waitUntil(lambda: "damaged" in dialog.complaint)
    assert dialog.wrong_size is None
    dialog.reject()


def test_a_long_reading_shows_its_progress_and_can_be_cancelled(qtbot, tmp_path, monkeypatch):
    def slow(path, N, report):
        for k in range(10_000):
            report(k / 10_000)
            time.sleep(0.005)

    monkeypatch.setattr(dialogs, "read_weights", slow)
    dialog = ImportWeightsDialog(tmp_path / "x.npy", 4, 5)
    dialog.show()
    assert not dialog.progress.isVisible()
    qtbot.waitUntil(dialog.progress.isVisible)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0)
    dialog.cancel.click()
    assert dialog.given is None


def test_the_picture_follows_the_theme(opened, qtbot):
    dialog = opened(lopsided())
    light = QImage(dialog.picture.image)
    theme().set_mode("dark")
    assert dialog.picture.image != light
    dialog.grab()
    dialog.picture.clear()
    theme().set_mode("light")
    assert dialog.picture.image is None
    dialog.reject()
