"""Pad, scores, hidden units, confusion matrix, error curves, image grids: what they say and do."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from lyapstudio.analysis.digit import like_mnist
from lyapstudio.core.data import Part
from lyapstudio.ui.maps import MINUS, PLUS
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views import samples
from lyapstudio.ui.views.confusion import ConfusionMatrix, strongest
from lyapstudio.ui.views.errors import ErrorCurves, log_ticks, spread
from lyapstudio.ui.views.hidden import HiddenActivity, NearestFields
from lyapstudio.ui.views.mixups import Mixups
from lyapstudio.ui.views.pad import DrawingPad
from lyapstudio.ui.views.pictures import image_picture
from lyapstudio.ui.views.samples import SampleGrid
from lyapstudio.ui.views.scores import MOST_ROWS, ClassScores, read_as
from tests.test_digit import alike, digits

NAMES = tuple("0123456789")
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture(autouse=True)
def light(qapp):
    """Every test starts in the light theme at scale 1."""
    theme().projector = False
    theme().set_mode("light")
    yield
    theme().projector = False
    theme().set_mode("light")


def shown(qtbot, widget: QWidget, width: int, height: int):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def make_pad(qtbot) -> tuple[DrawingPad, list, list]:
    pad = shown(qtbot, DrawingPad(), 208, 140)
    images: list[np.ndarray] = []
    clears: list[bool] = []
    pad.drawn.connect(images.append)
    pad.cleared.connect(lambda: clears.append(True))
    return pad, images, clears


def stroke(qtbot, pad, points, button=LEFT) -> None:
    at = [QPoint(*p) for p in points]
    qtbot.mousePress(pad, button, pos=at[0])
    for point in at[1:]:
        qtbot.mouseMove(pad, point)
    qtbot.mouseRelease(pad, button, pos=at[-1])
    qtbot.wait(10)


def colour_at(widget, x: float, y: float) -> str:
    return widget.grab().toImage().pixelColor(int(x), int(y)).name().upper()


# --- the pad


def test_what_is_drawn_is_told_centred_and_scaled(qtbot):
    pad, images, _ = make_pad(qtbot)
    stroke(qtbot, pad, [(20, 20), (20, 60)])
    image = images[-1].reshape(28, 28)
    assert images[-1].dtype == np.float32
    y, x = np.mgrid[:28, :28]
    assert (y * image).sum() / image.sum() == pytest.approx(14, abs=0.1)
    assert (x * image).sum() / image.sum() == pytest.approx(14, abs=0.1)
    rows = np.flatnonzero(image.sum(1) > 0.2)
    assert len(rows) == pytest.approx(20, abs=1)


def test_the_same_stroke_elsewhere_gives_the_same_image(qtbot):
    pad, images, _ = make_pad(qtbot)
    stroke(qtbot, pad, [(20, 20), (60, 20), (40, 60)])
    first = images[-1]
    pad.clear()
    stroke(qtbot, pad, [(70, 70), (110, 70), (90, 110)])
    assert alike(first, images[-1]) > 0.999


def test_the_drawing_stays_where_it_was_drawn(qtbot):
    pad, _, _ = make_pad(qtbot)
    assert colour_at(pad, 30, 30) == MINUS
    stroke(qtbot, pad, [(30, 10), (30, 60)])
    pad.leaveEvent(QEvent(QEvent.Type.Leave))  # without the pen's outline
    assert colour_at(pad, 31, 31) == PLUS
    assert colour_at(pad, 70, 70) == MINUS
    assert colour_at(pad, 152 + 28, 29) == PLUS  # beside it, in the middle


def test_a_fast_stroke_has_no_gaps(qtbot):
    pad, _, _ = make_pad(qtbot)
    stroke(qtbot, pad, [(10, 70), (130, 70)])
    cells = pad._cells()
    assert cells[13:15, 3:25].max(0).min() > 0.9


def test_right_erases_and_nothing_left_is_told_as_cleared(qtbot):
    pad, images, clears = make_pad(qtbot)
    stroke(qtbot, pad, [(30, 70), (110, 70)])
    full = pad._cells().sum()
    stroke(qtbot, pad, [(70, 70), (120, 70)], RIGHT)
    assert 0.3 * full < pad._cells().sum() < 0.7 * full
    told = len(images)
    stroke(qtbot, pad, [(20, 70), (120, 70)], RIGHT)
    assert pad.empty
    assert clears
    assert len(images) <= told + 1


def test_clear_and_undo(qtbot):
    pad, images, clears = make_pad(qtbot)
    undo, clear = pad.tools()
    qtbot.addWidget(undo)
    qtbot.addWidget(clear)
    assert not undo.isEnabled()
    stroke(qtbot, pad, [(30, 30), (90, 90)])
    drawn = images[-1]
    clear.click()
    qtbot.wait(10)
    assert clears == [True]
    assert pad.empty
    undo.click()
    qtbot.wait(10)
    np.testing.assert_array_equal(images[-1], drawn)
    undo.click()
    qtbot.wait(10)
    assert pad.empty
    assert not undo.isEnabled()
    pad.undo()  # nothing to take back is no error


def test_keys_of_the_pad(qtbot):
    pad, _, _ = make_pad(qtbot)
    stroke(qtbot, pad, [(30, 30), (90, 90)])
    override = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    )
    override.ignore()
    pad.event(override)
    assert override.isAccepted()  # the window's undo does not take it
    qtbot.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.empty
    qtbot.keySequence(pad, QKeySequence.StandardKey.Undo)
    assert not pad.empty


def test_many_changes_in_one_turn_are_told_once(qtbot):
    pad, images, _ = make_pad(qtbot)
    for k in range(5):
        pad.set_image(np.full(784, k / 5, np.float32))
    qtbot.wait(10)
    assert len(images) == 1


def test_an_example_is_told_as_it_is_and_drawn_on_further(qtbot):
    pad, images, _ = make_pad(qtbot)
    digit = digits()[4]
    pad.set_image(digit.ravel())
    qtbot.wait(10)
    np.testing.assert_array_equal(images[-1], digit.ravel())
    np.testing.assert_allclose(pad._cells(), digit, atol=0.005)
    pad.set_image((digit * 255).astype(np.uint8).ravel())
    qtbot.wait(10)
    np.testing.assert_allclose(images[-1], digit.ravel(), atol=0.005)
    stroke(qtbot, pad, [(70, 70), (80, 80)])
    assert alike(images[-1], digit) > 0.7
    assert not np.array_equal(images[-1], digit.ravel())


def test_colour_pads_draw_white_and_black_where_the_pen_is(qtbot):
    pad, images, _ = make_pad(qtbot)
    pad.set_shape(32, 32, 3)
    scene = np.random.default_rng(1).random((32, 32, 3)).astype(np.float32)
    pad.set_image(scene.ravel())
    qtbot.wait(10)
    np.testing.assert_array_equal(images[-1], scene.ravel())
    side = pad._boxes()[0].width()
    stroke(qtbot, pad, [(side * 0.25, side * 0.5), (side * 0.75, side * 0.5)])
    image = images[-1].reshape(32, 32, 3)
    np.testing.assert_allclose(image[16, 12:20], 1.0)
    np.testing.assert_allclose(image[2], scene[2], atol=0.005)


@pytest.mark.parametrize("shape", [(28, 28), (8, 12), (33, 31), (100, 64)])
def test_pads_of_other_shapes(qtbot, shape):
    pad, images, _ = make_pad(qtbot)
    pad.set_shape(*shape)
    box = pad._boxes()[0]
    cell = box.width() / shape[1]
    assert cell == pytest.approx(int(cell))
    middle = box.center().toPoint()
    stroke(qtbot, pad, [(middle.x() - 9, middle.y()), (middle.x() + 9, middle.y() + 3)])
    assert images[-1].shape == (shape[0] * shape[1],)
    assert images[-1].max() > 0.8
    ink = pad._pixels / np.float32(255)
    np.testing.assert_allclose(images[-1], like_mnist(ink, *shape).ravel(), atol=1e-5)


def test_from_the_move_to_the_signal_takes_less_than_5_ms(qtbot, qapp):
    pad, _, _ = make_pad(qtbot)
    took: list[float] = []
    moved = 0.0
    pad.drawn.connect(lambda _: took.append(time.perf_counter() - moved))
    qtbot.mousePress(pad, LEFT, pos=QPoint(20, 20))
    for k in range(40):
        moved = time.perf_counter()
        qtbot.mouseMove(pad, QPoint(21 + k, 20 + k))
        qapp.processEvents()
    qtbot.mouseRelease(pad, LEFT, pos=QPoint(60, 60))
    assert len(took) >= 40
    assert np.median(took) < 0.005


# --- scores


def test_scores_in_words():
    scores = np.full(10, -0.9)
    scores[5] = 0.987
    assert read_as(NAMES, scores) == "read as 5, score +0.99"
    assert read_as(NAMES, scores, true=5) == "read as 5, score +0.99"
    assert read_as(NAMES, scores, true=3) == "read as 5, score +0.99; it is 3"
    scores[5] = -0.2
    assert read_as(NAMES, scores) == "perhaps 5, score −0.20"


def test_the_best_score_is_a_full_bar_in_the_accent(qtbot):
    view = shown(qtbot, ClassScores(), 172, 140)
    told: list[str] = []
    view.headline_changed.connect(told.append)
    scores = np.full(10, -1.0)
    scores[2] = 1.0
    view.show_scores(NAMES, scores)
    assert told == ["read as 2, score +1.00"]
    assert view.accessibleDescription() == view.headline
    for x in (30, 60, 110):
        assert colour_at(view, x, 35) == theme().name("accent").upper()
        assert colour_at(view, x, 49) == theme().name("field").upper()
    view.show_scores(NAMES, None)
    assert view.headline == ""
    assert colour_at(view, 30, 35) != theme().name("accent").upper()
    assert "readout" in view.accessibleDescription()


def test_of_many_classes_the_best_are_shown(qtbot):
    view = shown(qtbot, ClassScores(), 172, 140)
    scores = np.linspace(-1, 1, 1000)
    names = [f"class {k}" for k in range(1000)]
    view.show_scores(names, scores)
    assert view.shown == list(range(999, 999 - MOST_ROWS, -1))
    view.grab()
    view.show_scores(names, None)
    assert len(view.shown) == MOST_ROWS
    view.show_scores(names[:2], scores[:2], true=1)
    view.grab()


# --- hidden units


def test_a_strip_names_the_unit_under_the_pointer(qtbot):
    view = shown(qtbot, HiddenActivity(), 240, 28)
    view.grab()  # nothing yet
    values = np.zeros(100)
    values[73], values[10] = 2.0, 1.0
    view.show_activity(values)
    hovered: list = []
    clicked: list[int] = []
    view.unit_hovered.connect(hovered.append)
    view.unit_clicked.connect(clicked.append)
    middle = int(73.5 * 2.4)
    qtbot.mouseMove(view, QPoint(middle, 14))
    qtbot.mouseClick(view, LEFT, pos=QPoint(middle, 14))
    view.leaveEvent(QEvent(QEvent.Type.Leave))
    assert hovered == [73, None]
    assert clicked == [73]
    assert view._told(73) == "Unit 74 of 100 answers most."
    assert view._told(10) == "Unit 11 of 100 answers 50 % of the strongest."
    assert colour_at(view, middle, 14) == theme().name("accent").upper()


def test_more_units_than_pixels_share_bars(qtbot):
    view = shown(qtbot, HiddenActivity(), 240, 28)
    values = np.zeros(20_000)
    values[12_345] = 1.0
    view.show_activity(values)
    at = 12_345 * 240 // 20_000
    assert view._unit_at(QPointF(at + 0.5, 3)) == 12_345
    accent = theme().name("accent").upper()
    assert any(colour_at(view, x, 14) == accent for x in (at - 1, at, at + 1))


def test_nearest_fields_show_what_there_is_room_for(qtbot):
    view = shown(qtbot, NearestFields(), 328, 62)
    rng = np.random.default_rng(3)
    fields = rng.normal(size=(8, 784))
    activity = np.array([8, 4, 2, 1, 1, 0.5, 0.25, 0.01])
    view.show_units(list(range(30, 38)), fields, activity, (28, 28, 1), total=20.0)
    assert view.shown == 6
    assert view._told(30) == "Unit 31: 40 % of the hidden activity."
    assert view._percent(7) == "<1 %"
    with qtbot.waitSignal(view.unit_clicked) as clicked:
        qtbot.mouseClick(view, LEFT, pos=view._box(2).center().toPoint())
    assert clicked.args == [32]
    assert view._unit_at(QPointF(327, 5)) is None
    view.show_units([1], rng.normal(size=(1, 12)), np.zeros(1), (2, 2, 3))
    view.grab()


# --- the confusion matrix


def counts_of_three() -> np.ndarray:
    return np.array([[90, 9, 1], [0, 100, 0], [2, 3, 45]])


def test_the_matrix_in_words():
    mixups = Mixups(counts_of_three(), ("a", "b", "c"))
    assert mixups.headline == "15 of 250 read wrong (6.00 %)"
    assert mixups.worst == "Most often: a read as b, 9 times"
    assert mixups.of_cell(0, 1) == "9 images of a were read as b."
    assert mixups.of_cell(0, 2) == "1 image of a was read as c."
    assert mixups.of_cell(1, 0) == "No image of b was read as a."
    assert mixups.of_cell(2, 2) == "45 of 50 images of c were read rightly."
    assert mixups.of_class(0) == "10 of 100 images of a were read wrong (10.0 %)."
    perfect = Mixups(np.eye(3, dtype=int), ("a", "b", "c"))
    assert perfect.worst == "All were read rightly."
    nothing = Mixups(np.zeros((2, 2), int), ("a", "b"))
    assert nothing.headline == nothing.worst == ""
    assert "–" in nothing.of_class(0)


def test_errors_are_coloured_and_the_diagonal_is_quiet(qtbot):
    view = shown(qtbot, ConfusionMatrix(), 328, 330)
    view.show_counts(counts_of_three(), ("a", "b", "c"))

    def corner(true: int, read: int) -> str:
        box = view._cell_box((true, read))
        return colour_at(view, box.left() + 4, box.top() + 4)

    assert corner(0, 0) == corner(2, 2) == theme().name("field").upper()
    assert corner(0, 1) == "#{:02X}{:02X}{:02X}".format(*theme().unsigned()[255])
    assert corner(1, 0) == "#{:02X}{:02X}{:02X}".format(*theme().unsigned()[0])
    theme().set_mode("dark")
    assert corner(0, 1) == "#{:02X}{:02X}{:02X}".format(*theme().unsigned()[255])


def test_a_click_chooses_a_cell_and_keys_go_on(qtbot):
    view = shown(qtbot, ConfusionMatrix(), 328, 330)
    view.show_counts(counts_of_three(), ("a", "b", "c"))
    told: list[tuple[int, int]] = []
    view.cell_clicked.connect(lambda true, read: told.append((true, read)))
    qtbot.mouseClick(view, LEFT, pos=view._cell_box((0, 2)).center().toPoint())
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert told == [(0, 2), (1, 2), (1, 2), (1, 1)]
    assert view.cell_at(QPointF(2, 2)) is None
    assert view._told(view._cell_box((2, 0)).center().y()).startswith("5 of 50 images of c")
    view.clear("Wait.")
    view.grab()
    assert view.headline == ""


@pytest.mark.parametrize("C", [2, 40, 1000])
def test_matrices_of_any_size(qtbot, C):
    rng = np.random.default_rng(7)
    counts = rng.poisson(0.01, (C, C))
    counts[C - 1, 0] = 500
    view = shown(qtbot, ConfusionMatrix(), 400, 380)
    view.show_counts(counts, [f"class {k}" for k in range(C)])
    view.set_chosen((C - 1, 0))
    box = view._box()
    assert view.cell_at(QPointF(box.left() + 0.2, box.bottom() - 0.2)) == (C - 1, 0)
    view.set_chosen(None)
    image = view.grab().toImage()
    colour = image.pixelColor(int(box.left()), int(box.bottom() - 0.5)).name().upper()
    dark = "#{:02X}{:02X}{:02X}".format(*theme().unsigned()[255])
    assert C == 2 or colour == dark
    assert box.right() < 400
    assert box.bottom() <= 380


def test_blocks_keep_their_largest():
    values = np.random.default_rng(8).integers(0, 99, (10, 10))
    blocks = strongest(values, 3)
    ends = [0, 3, 6, 10]
    for i in range(3):
        for j in range(3):
            part = values[ends[i] : ends[i + 1], ends[j] : ends[j + 1]]
            assert blocks[i, j] == part.max()
    np.testing.assert_array_equal(strongest(values, 10), values)


# --- error curves


@given(st.lists(st.floats(-50, 250), max_size=8))
def test_labels_move_apart_as_little_as_needed(wanted):
    places = spread(np.array(wanted, float), 10.0, 0.0, 200.0)
    gaps = np.diff(np.sort(places))
    assert (gaps >= 10 - 1e-6).all()
    assert all(-1e-9 <= p <= 200 + 1e-9 for p in places)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(places[order]) > 0).all()
    inside = np.array(wanted, float)
    free = len(wanted) < 2 or np.diff(np.sort(inside)).min() >= 10
    if free and len(wanted) and inside.min() >= 0 and inside.max() <= 200:
        np.testing.assert_allclose(places, inside, atol=1e-9)


def test_two_labels_meet_in_the_middle():
    np.testing.assert_allclose(spread(np.array([50.0, 52.0]), 10, 0, 100), [46, 56])
    np.testing.assert_allclose(spread(np.array([1.0, 1.0]), 10, 0, 100), [0, 10])


def test_logarithmic_ticks_are_round():
    assert [words for _, words in log_ticks(-0.5, 1.2)] == ["0.5 %", "1 %", "2 %", "5 %", "10 %"]
    assert [words for _, words in log_ticks(-3, 2)] == [
        "0.001 %",
        "0.01 %",
        "0.1 %",
        "1 %",
        "10 %",
        "100 %",
    ]


def make_curves(qtbot) -> ErrorCurves:
    view = shown(qtbot, ErrorCurves(), 368, 200)
    view.redraw()
    return view


def test_curves_say_their_names_and_last_values(qtbot):
    view = make_curves(qtbot)
    view.set_baselines({"raw pixels": 8.1})
    assert view.words == ["raw pixels 8.10 %"]
    epochs = np.arange(1, 4)
    view.show_errors(epochs, np.array([9.0, 5, 4]), np.array([9.5, 6, np.nan]))
    assert view.words == ["train 4.00 %", "validation 6.00 %", "raw pixels 8.10 %"]
    assert view.sentence(1) == "Epoch 2: train 5.00 %, validation 6.00 %"
    assert not view._log
    view.show_errors(np.arange(1, 3), test=np.array([40.0, 0.0]))
    view.show_errors(np.arange(1, 4), test=np.array([40.0, 2.0, 0.0]))
    assert view._log
    assert "test 0.00 %" in view.words
    view.show_errors(np.arange(1, 2), test=np.array([40.0]))
    assert not view._log  # another run begins
    theme().set_mode("dark")
    view.grab()
    view.forget()
    assert view.words == ["raw pixels 8.10 %"]


def test_the_best_epoch_is_marked_on_the_validation_curve(qtbot):
    view = make_curves(qtbot)
    view.set_epochs(100)
    epochs = np.arange(1, 51)
    errors = 2 + (epochs - 30.0) ** 2 / 100
    view.set_best(30)
    assert not view._stop.isVisible()
    view.show_errors(epochs, None, errors, errors + 0.2)
    assert view._stop.isVisible()
    x, y = (values[0] for values in view._stop_dot.getData())
    assert (x, y) == (30, errors[29])
    assert view._stop_note.toPlainText() == "best: epoch 30"
    view.set_best(None)
    assert not view._stop.isVisible()


# --- grids of images


def test_pictures_have_the_two_tones_or_their_own_colours():
    image = image_picture(np.array([0, 255, 128, 0], np.uint8), (2, 2, 1))
    assert image.pixelColor(0, 0).name().upper() == MINUS
    assert image.pixelColor(1, 0).name().upper() == PLUS
    colour = image_picture(np.array([1.0, 0.0, 0.5], np.float32), (1, 1, 3))
    assert colour.pixelColor(0, 0).name() == "#ff0080"


def make_grid(qtbot, m: int = 5000) -> SampleGrid:
    view = shown(qtbot, SampleGrid(), 328, 260)
    images = np.zeros((m, 784), np.uint8)
    images[:, 0] = np.arange(m) % 256
    captions = [f"{k} read as 9" for k in range(m)]
    view.show_images(Part(images), np.arange(m), (28, 28, 1), captions)
    qtbot.wait(20)  # the scroll bar takes its room
    return view


def test_images_wrap_and_scroll(qtbot):
    view = make_grid(qtbot)
    assert view.per_row == 4
    bar = view.verticalScrollBar()
    rows = 5000 / 4
    assert bar.maximum() == pytest.approx(rows * (56 + 18 + 8) - 260, abs=12)
    view.resize(560, 260)
    qtbot.wait(20)
    assert view.per_row == 8


def test_only_what_is_in_sight_is_drawn(qtbot, monkeypatch):
    view = make_grid(qtbot)
    drawn: list[int] = []
    plain = samples.strip

    def noted(part, where, shape):
        drawn.extend(where.tolist())
        return plain(part, where, shape)

    monkeypatch.setattr(samples, "strip", noted)
    view.verticalScrollBar().setValue(42_000)
    drawn.clear()
    view.viewport().repaint()
    assert drawn == list(range(drawn[0], drawn[0] + len(drawn)))
    assert drawn[0] == 42_000 // 82 * 4
    assert len(drawn) <= 20


def test_choosing_an_image(qtbot):
    view = make_grid(qtbot)
    told: list[int] = []
    view.picked.connect(told.append)
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.box(5).center())
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert told == [5, 9, 8, 4]
    view.choose(4000)
    box = view.box(4000)
    assert box.top() >= 0
    assert box.bottom() + 18 <= 260
    view.choose(5000)  # there is no such image
    assert view.chosen == -1
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(326, 100))
    assert told == [5, 9, 8, 4]


def test_no_images_leave_a_sentence(qtbot):
    view = make_grid(qtbot)
    nothing = Part(np.empty((0, 784), np.uint8))
    none = np.zeros(0, np.int64)
    view.show_images(nothing, none, (28, 28, 1), message="Nothing was mixed up.")
    assert view.accessibleDescription() == "Nothing was mixed up."
    assert view.verticalScrollBar().maximum() == 0
    qtbot.keyClick(view, Qt.Key.Key_Down)
    view.grab()


# --- all of them


ALL = (
    DrawingPad,
    ClassScores,
    HiddenActivity,
    NearestFields,
    ConfusionMatrix,
    ErrorCurves,
    SampleGrid,
)


@pytest.mark.parametrize("kind", ALL)
def test_views_have_a_name_and_follow_scale_and_theme(qtbot, kind):
    view = shown(qtbot, kind(), 300, 200)
    assert view.accessibleName()
    before = view.sizeHint().width()
    theme().set_projector(True)
    theme().set_mode("dark")
    if kind is not ErrorCurves:
        assert view.sizeHint().width() > before
    view.grab()
    view.resize(60, 40)
    view.grab()
