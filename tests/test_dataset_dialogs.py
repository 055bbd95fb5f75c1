"""Choosing the data and browsing their images."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from lyapstudio.core.data import DataSet, Part
from lyapstudio.document.datasets import read as reading
from lyapstudio.document.datasets.read import describe
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.ready import ready_sets
from lyapstudio.ui.dialogs import dataset as dialogs
from lyapstudio.ui.dialogs.dataset import DataDialog
from lyapstudio.ui.dialogs.frame import LARGEST
from lyapstudio.ui.dialogs.ready import ReadyDialog
from lyapstudio.ui.dialogs.samples import SampleBrowser, SamplesDialog
from lyapstudio.ui.maps import MINUS, PLUS
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.samples import GAP, SampleGrid, strip


@pytest.fixture(autouse=True)
def styled(qapp):
    theme().set_mode("light")


@pytest.fixture
def path(tmp_path):
    """Forty images of two classes in an NPZ file."""
    images = np.random.default_rng(0).integers(0, 256, (40, 6, 6), np.uint8)
    np.savez(tmp_path / "mine.npz", x=images, y=np.arange(40) % 2)
    return tmp_path / "mine.npz"


def toy(train=300, validation=60, test=30, classes=3, depth=1):
    """A data set whose images tell their own index."""

    def part(n, first):
        images = np.zeros((n, 12 * depth), np.uint8)
        images[:, 0], images[:, -1] = (np.arange(n) + first) % 256, 255
        return Part(images, (np.arange(n) % classes).astype(np.int16) if classes else None)

    names = tuple("abc"[:classes])
    return DataSet(
        "Toy", 3, 4, depth, names, part(train, 0), part(validation, 1), part(test, 2), ""
    )


def shown(qtbot, dialog):
    """Wait until it knows its data."""
    dialog.show()
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=20_000)
    return dialog


# the data dialog


def test_it_opens_at_mnist_and_divides_it(qtbot):
    shelf = Shelf()
    dialog = shown(qtbot, DataDialog(shelf))
    assert "70\u2009000 images of 28 × 28 pixels, grey; 10\u2009000" in dialog.facts.text()
    assert dialog.classes.text().startswith("10 classes: 0 (6\u2009903), 1 (7\u2009877)")
    assert dialog.split.sizes == (50_000, 10_000, 10_000)
    assert not dialog.form.row("test").isVisible()
    dialog.form.changing.emit("validation", 0.25)
    assert dialog.split.sizes == (45_000, 15_000, 10_000)
    dialog.form.chosen.emit("limit", 1000)
    assert (dialog.split.sizes, dialog.split.unused) == ((1000, 15_000, 10_000), 44_000)
    assert [name for name, _, _ in dialog.split.parts()][-1] == "Not used"
    dialog.grab()
    dialog.main.click()
    assert dialog.source == Source(validation=0.25, limit=1000)
    started = time.process_time()
    assert len(shelf.get(dialog.source).train) == 1000
    assert time.process_time() - started < 0.05  # it is on the shelf


def test_a_file_of_ones_own(qtbot, path):
    shelf = Shelf()
    dialog = DataDialog(shelf)
    dialog.load(path)
    assert not dialog.main.isEnabled()
    shown(qtbot, dialog)
    assert dialog.name.text() == "mine"
    assert dialog.classes.text() == "2 classes of 20 images: 0, 1."
    assert dialog.split.sizes == (27, 5, 8)
    assert dialog.form.row("test").isVisible()
    dialog.form.chosen.emit("test", 0.5)
    dialog.main.click()
    assert dialog.source == replace(describe(path).source, test=0.5)
    path.unlink()
    assert len(shelf.get(dialog.source).test) == 20
    again = DataDialog(shelf, source=dialog.source)
    shown(qtbot, again)
    assert again.split.sizes == (17, 3, 20)
    again.reject()


@pytest.mark.parametrize("button", ["file", "folder"])
def test_the_buttons_ask_for_a_place(qtbot, home, path, monkeypatch, button):
    asked = "getOpenFileName" if button == "file" else "getExistingDirectory"
    answer = (str(path), "") if button == "file" else str(path.parent)
    monkeypatch.setattr(QFileDialog, asked, lambda *_: answer)
    dialog = DataDialog(Shelf())
    dialog.list.setCurrentRow(1)
    getattr(dialog, button).click()
    assert dialog.source.path == str(path if button == "file" else path.parent)
    done = lambda: dialog.found is not None or "no pictures" in dialog.complaint  # noqa: E731
    qtbot.waitUntil(done, timeout=10_000)
    dialog.reject()


def test_files_can_be_dropped(qtbot, path):
    dialog = DataDialog(Shelf())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    actions, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(5, 5), actions, data, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(dialog, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(5, 5), actions, data, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(dialog, drop)
    shown(qtbot, dialog)
    assert dialog.source.path == str(path)
    dialog.reject()


def test_what_cannot_be_read_is_said_and_nothing_is_accepted(qtbot, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 but no more")
    dialog = DataDialog(Shelf())
    dialog.show()
    dialog.load(tmp_path / "bad.npz")
    qtbot.waitUntil(lambda: "damaged or incomplete" in dialog.complaint, timeout=10_000)
    assert not dialog.main.isEnabled()
    assert dialog.invitation.isVisible()
    dialog.accept()
    assert dialog.isVisible()
    dialog.list.setCurrentRow(0)
    assert not dialog.complaint
    dialog.reject()


def test_rows_and_columns_are_asked_for_where_nothing_tells(qtbot, tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (20, 35))
    np.savetxt(tmp_path / "a.csv", values, "%d", ",")
    dialog = DataDialog(Shelf())
    dialog.show()
    dialog.load(tmp_path / "a.csv")
    qtbot.waitUntil(lambda: "35 values each" in dialog.complaint, timeout=10_000)
    assert dialog.layout_form.isVisible()
    dialog.layout_form.chosen.emit("rows", 5)
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=10_000)
    assert "20 images of 5 × 7 pixels" in dialog.facts.text()
    assert dialog.split.sizes == (20, 0, 0)
    dialog.layout_form.chosen.emit("column", "first")
    dialog.layout_form.chosen.emit("rows", 2)
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=10_000)
    assert (dialog.found.rows, dialog.found.cols) == (2, 17)
    dialog.accept()
    assert len(reading.read(dialog.source).train) == dialog.split.sizes[0]


def test_ready_sets_are_data_too(qtbot):
    dialog = DataDialog(Shelf())
    titles = [dialog.list.item(k).text() for k in range(dialog.list.count())]
    assert titles[:3] == ["MNIST", "Your own data …", "Capital letters"]
    assert len(titles) == 1 + len(ready_sets())  # handwritten digits are MNIST
    for row in range(2, dialog.list.count()):
        dialog.list.setCurrentRow(row)
        shown(qtbot, dialog)
        assert dialog.split.sizes[0] == dialog.found.images
    dialog.list.setCurrentRow(titles.index("Random"))
    dialog.form.chosen.emit("limit", 30)
    shown(qtbot, dialog)
    assert dialog.found.images == 30
    dialog.main.click()
    assert dialog.source.ready == "random"


def test_a_long_reading_shows_its_progress_and_can_be_stopped(qtbot, path, monkeypatch):
    def slow(source, report):
        for k in range(10_000):
            report(k / 10_000)
            time.sleep(0.005)

    monkeypatch.setattr(dialogs, "find", slow)
    dialog = DataDialog(Shelf())
    dialog.show()
    assert not dialog.progress.isVisible()
    qtbot.waitUntil(dialog.progress.isVisible)
    qtbot.waitUntil(lambda: dialog.bar.value() > 0)
    dialog.stop.click()
    assert not dialog.progress.isVisible()
    assert "not read to the end" in dialog.complaint
    dialog.load(path)
    qtbot.waitUntil(dialog.progress.isVisible)
    dialog.reject()  # the fixture looks whether the thread has ended


def test_an_old_answer_does_not_arrive(qtbot, path):
    dialog = DataDialog(Shelf())  # reads MNIST
    dialog.show()
    dialog.list.setCurrentRow(1)
    qtbot.wait(600)
    assert dialog.found is None
    assert not dialog.main.isEnabled()
    dialog.reject()


def test_the_dialog_fits_the_smallest_screen(qtbot, tmp_path):
    np.savetxt(tmp_path / "a.csv", np.random.default_rng(0).integers(0, 256, (40, 26)), "%d", ",")
    dialog = DataDialog(Shelf())
    dialog.load(tmp_path / "a.csv")
    shown(qtbot, dialog)
    assert dialog.layout_form.isVisible()
    qtbot.waitUntil(lambda: dialog.minimumSizeHint().height() <= LARGEST[1])
    assert dialog.minimumSizeHint().width() <= LARGEST[0]
    dialog.reject()


# the grid


def grid_of(qtbot, dataset, width=420, height=300):
    grid = SampleGrid()
    qtbot.addWidget(grid)
    grid.resize(width, height)
    where = np.arange(len(dataset.train))
    grid.show_images(dataset.train, where, (dataset.rows, dataset.cols, dataset.depth))
    grid.show()
    return grid


def test_thumbnails_have_the_colours_of_the_program():
    images = np.array([[0, 255, 255, 0]], np.uint8)
    for part in (Part(images), Part(images.astype(np.float32) / 255)):
        image = strip(part, np.array([0, 0]), (2, 2, 1))
        assert (image.width(), image.height()) == (2, 4)
        for x, y, tone in ((0, 0, MINUS), (1, 0, PLUS), (0, 1, PLUS), (1, 3, MINUS)):
            assert image.pixelColor(x, y) == QColor(tone)
    colour = Part(np.array([[1, 2, 3, 250, 251, 252]], np.uint8))
    image = strip(colour, np.array([0]), (1, 2, 3))
    assert image.pixelColor(1, 0).getRgb()[:3] == (250, 251, 252)


@pytest.mark.parametrize("shape", [(3, 4, 1), (28, 28, 1), (56, 60, 1), (128, 96, 3)])
def test_places_and_points_agree(qtbot, shape):
    n = shape[0] * shape[1] * shape[2]
    grid = SampleGrid()
    qtbot.addWidget(grid)
    grid.resize(400, 300)
    grid.show_images(Part(np.zeros((200, n), np.uint8)), np.arange(200), shape)
    grid.show()
    assert max(grid.tile) <= 84
    if shape == (28, 28, 1):
        assert grid.tile == (56, 56)
    for value in (0, 1, grid.verticalScrollBar().maximum()):
        grid.verticalScrollBar().setValue(value)
        seen = [k for k in range(200) if grid.viewport().rect().intersects(grid.box(k))]
        assert set(seen) <= set(grid.visible())
        for k in seen:
            assert grid.place_at(grid.box(k).center()) == k
        assert grid.place_at(grid.box(seen[0]).topLeft() - QPoint(GAP // 2, 0)) == -1
    assert grid.box(199).bottom() < grid.viewport().height()
    grid.grab()


def test_the_mouse_hovers_and_picks(qtbot):
    grid = grid_of(qtbot, toy())
    with qtbot.waitSignal(grid.hovered) as told:
        QTest.mouseMove(grid.viewport(), grid.box(5).center())
    assert told.args == [5]
    with qtbot.waitSignal(grid.picked) as told:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.box(7).center())
    assert told.args == [7]
    with qtbot.waitSignal(grid.hovered) as told:
        QApplication.sendEvent(grid.viewport(), QEvent(QEvent.Type.Leave))
    assert told.args == [-1]


def test_the_arrow_keys_move(qtbot):
    grid = grid_of(qtbot, toy())
    picked = []
    grid.picked.connect(picked.append)
    n = grid.per_row
    for key in ("Right", "Right", "Down", "Up", "Left", "End", "Right", "Home", "PageDown"):
        QTest.keyClick(grid, getattr(Qt.Key, f"Key_{key}"))
    assert picked[:8] == [0, 1, 1 + n, 1, 0, 299, 299, 0]
    assert picked[8] % n == 0
    assert grid.viewport().rect().contains(grid.box(grid.chosen))


def test_sixty_thousand_images_scroll_fluidly(qtbot):
    images = np.random.default_rng(0).integers(0, 256, (60_000, 784), np.uint8)
    grid = SampleGrid()
    qtbot.addWidget(grid)
    grid.resize(1200, 664)
    grid.show_images(Part(images), np.arange(60_000), (28, 28, 1))
    grid.show()
    started = time.process_time()
    for k in range(30):
        grid.verticalScrollBar().setValue(k * 5003)
        grid.viewport().repaint()
    assert (time.process_time() - started) / 30 < 0.016


# the browser


def test_browse_by_part_class_and_number(qtbot):
    browser = SampleBrowser(toy())
    qtbot.addWidget(browser)
    browser.resize(600, 400)
    browser.show()
    chosen = []
    browser.chosen.connect(lambda part, index: chosen.append((part, index)))
    assert browser.about.text() == "300 images"
    browser.classes.set_value("1")
    browser.classes.chosen.emit("1")
    assert browser.about.text() == "100 images"
    browser.grid.picked.emit(4)
    assert browser.about.text() == "Training image 5, class b"
    browser.parts.chosen.emit("validation")
    assert browser.classes.itemText(0) == "All classes"
    assert browser.classes.itemText(3) == "c (20)"
    browser.number.setFocus()
    browser.number.selectAll()
    QTest.keyClicks(browser.number, "60")
    QTest.keyClick(browser.number, Qt.Key.Key_Return)
    assert browser.classes.value == "all"  # image 60 is of another class
    assert browser.about.text() == "Validation image 60, class c"
    browser.number.selectAll()
    QTest.keyClicks(browser.number, "61")
    assert "between 1 and 60" in browser.about.text()
    browser.number.selectAll()
    QTest.keyClicks(browser.number, "1")
    browser.show_image("test", 29)
    assert browser.part == "test"
    assert chosen == [("train", 4), ("validation", 59)]
    browser.grab()


def test_a_set_without_labels_and_with_one_part(qtbot):
    browser = SampleBrowser(toy(validation=0, test=0, classes=0))
    qtbot.addWidget(browser)
    browser.show()
    assert not browser.parts.isVisible()
    assert not browser.classes.isVisible()
    browser.show_image("train", 2)
    assert browser.about.text() == "Training image 3"


def test_the_dialog_returns_a_choice(qtbot):
    dialog = SamplesDialog(toy(depth=3))
    dialog.open()
    assert not dialog.main.isEnabled()
    dialog.browser.grid.picked.emit(3)
    dialog.main.click()
    assert dialog.choice == ("train", 3)


# handwritten digits as memories


def test_handwritten_digits_stand_among_the_ready_sets(qtbot):
    dialog = ReadyDialog(14, 14)
    titles = [dialog.list.item(k).text() for k in range(dialog.list.count())]
    dialog.list.setCurrentRow(titles.index("Handwritten digits"))
    dialog._set("count", 12)
    qtbot.waitUntil(lambda: len(dialog._drawn) == 12, timeout=10_000)
    dialog._set("digit", "7")
    qtbot.waitUntil(lambda: [n for n, _ in dialog._drawn[:2]] == ["7", "7 (2)"], timeout=10_000)
    dialog.accept()
    assert len(dialog.patterns()) == 12
