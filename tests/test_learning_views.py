"""The views of learning: where tiles lie, what they show, what they say when they are used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lyapstudio.ui.theme import ROLES, theme
from lyapstudio.ui.views.example import rounded
from lyapstudio.ui.views.heading import OWN, FieldsHeading
from lyapstudio.ui.views.layers import Example, Layers, LayersView
from lyapstudio.ui.views.mosaic import Mosaic
from lyapstudio.ui.views.pictures import field_picture, fitted, image_picture
from lyapstudio.ui.views.spread import Histogram, Ranked, Spread, round_axis
from lyapstudio.ui.views.story import Story, ordinal
from lyapstudio.ui.views.tiling import (
    REACH,
    ZERO,
    composed,
    shared_level,
    shares,
    tile_pixels,
    tiled,
    unit_levels,
)
from lyapstudio.ui.views.unit import BUSY, EMPTY, UnitView
from tests.gallery_learning import SCENES, SHAPE, digits, example, framed

RNG = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def light(qapp):
    """Every test starts in the light theme at scale 1."""
    theme().projector = False
    theme().set_mode("light")
    yield
    theme().projector = False
    theme().set_mode("light")


def blobs(units: int, side: int = 28, depth: int = 1) -> np.ndarray:
    """(units, N) float32 smooth fields."""
    at = np.arange(side)
    middle = RNG.uniform(side * 0.3, side * 0.7, (units, 2, 1))
    bump = np.exp(-((at - middle) ** 2) / (0.05 * side * side))
    fields = bump[:, 0, :, None] * bump[:, 1, None, :] - 0.1
    return np.repeat(fields[..., None], depth, 3).reshape(units, -1).astype(np.float32)


def shown(qtbot, widget, width: int = 600, height: int = 600):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    return widget


def colour_at(widget, x: float, y: float) -> QColor:
    return widget.grab().toImage().pixelColor(int(x), int(y))


# --- tiles


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 4000),
    st.integers(1, 64),
    st.integers(1, 64),
    st.integers(50, 1500),
    st.integers(50, 1200),
)
def test_tiles_fit_or_scroll_and_every_unit_has_its_place(count, rows, cols, width, height):
    tiling = tiled(count, rows, cols, width, height, 2, 1.0)
    assert tiling.lines * tiling.columns >= count
    assert (tiling.lines - 1) * tiling.columns < count  # no empty line
    assert tiling.across <= width or tiling.columns == 1
    if not tiling.scrolls:
        assert tiling.down <= height
    elif max(rows, cols) <= 64:  # it scrolls only at a pixel a weight
        assert (tiling.wide, tiling.tall) == (cols, rows)
    for place in {0, count // 2, count - 1}:
        x, y = tiling.corner(place, 7)
        assert tiling.place(x, y, 7) == place
        assert tiling.place(x + tiling.wide - 1, y + tiling.tall - 1, 7) == place
    first, last = tiling.seen(0)
    assert first == 0
    assert 0 < last <= tiling.lines


def test_weights_are_whole_pixels_where_that_costs_little():
    square = tiled(100, 28, 28, 600, 600, 2, 1.0)
    assert (square.columns, square.wide, square.tall) == (10, 56, 56)
    low = tiled(100, 28, 28, 600, 500, 2, 1.0)  # whole pixels would fill half of the room
    assert 28 < low.wide < 56
    assert low.down <= 500
    large = tiled(400, 256, 256, 600, 600, 2, 1.0)  # images are reduced before it scrolls
    assert large.wide == 64
    assert large.scrolls


def naive_tile(field: np.ndarray, level: float, wide: int, tall: int) -> np.ndarray:
    """Every pixel is the mean of the weights under it, one pixel after the other."""
    rows, cols = field.shape
    out = np.zeros((tall, wide))
    for y in range(tall):
        for x in range(wide):
            for r in range(rows):
                for c in range(cols):
                    down = min((y + 1) * rows / tall, r + 1) - max(y * rows / tall, r)
                    across = min((x + 1) * cols / wide, c + 1) - max(x * cols / wide, c)
                    if down > 0 and across > 0:
                        out[y, x] += field[r, c] * down * across
    mean = out * (tall / rows) * (wide / cols)
    return ZERO + np.clip(mean / level, -1, 1) * REACH


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 15), st.integers(1, 15))
def test_tile_pixels_are_means_of_weights(rows, cols, wide, tall):
    fields = np.random.default_rng(rows + 10 * wide).normal(size=(3, rows, cols, 2))
    levels = np.array([1.0, 2.0, 0.5], np.float32)
    pixels = tile_pixels(fields.astype(np.float32), levels, wide, tall)
    for unit in range(3):
        for plane in range(2):
            right = naive_tile(fields[unit, :, :, plane], levels[unit], wide, tall)
            assert np.abs(pixels[unit, :, :, plane] - right).max() <= 0.51
    assert np.allclose(shares(wide, cols).sum(1), 1, atol=1e-5)


def test_zero_is_its_own_colour_and_bad_weights_do_no_harm():
    fields = np.zeros((1, 2, 2, 1), np.float32)
    assert (tile_pixels(fields, np.ones(1, np.float32), 4, 4) == ZERO).all()
    fields[0, 0, 0] = np.nan
    fields[0, 0, 1] = np.inf
    pixels = tile_pixels(fields, np.ones(1, np.float32), 2, 2)[0, ..., 0]
    assert pixels.tolist() == [[ZERO, ZERO + REACH], [ZERO, ZERO]]


def test_levels_are_quantiles_and_never_zero():
    fields = RNG.normal(size=(6, 784)).astype(np.float32)
    fields[2] = 0
    fields[3] *= 100
    levels = unit_levels(fields)
    assert levels[2] == 1
    assert 2 < levels[0] < 4
    assert 200 < levels[3] < 400
    assert shared_level(fields) < 5  # one loud unit does not grey out the others


def test_composed_puts_tiles_in_lines_with_gaps():
    tiling = tiled(5, 2, 2, 9, 9, 1, 1.0)
    tiles = np.arange(1, 6, dtype=np.uint8)[:, None, None, None].repeat(2, 1).repeat(2, 2)
    image = composed(tiles, tiling, np.zeros(1, np.uint8))[..., 0]
    pitch = tiling.wide + tiling.gap
    for place in range(5):
        line, column = divmod(place, tiling.columns)
        assert image[line * pitch, column * pitch] == place + 1
    assert image[-1].max() == 0


# --- mosaic


def test_mosaic_shows_marks_and_tells(qtbot):
    mosaic = shown(qtbot, Mosaic())
    mosaic.set_shape(28, 28)
    with qtbot.waitSignal(mosaic.level_changed) as level:
        mosaic.show_fields(blobs(100))
    assert level.args[0] == mosaic.level > 0
    box = mosaic.tile(12)
    plain = colour_at(mosaic, box.left() - 1, box.center().y())
    mosaic.mark(12, 14)
    assert colour_at(mosaic, box.left() - 1, box.center().y()).name() == "#00707f"
    assert plain.name() != "#00707f"
    assert "wins" in mosaic.words(12)
    assert "depressed" in mosaic.words(14)
    with qtbot.waitSignal(mosaic.unit_clicked) as clicked:
        qtbot.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert clicked.args == [12]
    with qtbot.waitSignal(mosaic.hovered) as hovered:
        QTest.mouseMove(mosaic, mosaic.tile(57).center().toPoint())
    assert hovered.args == [57]
    before = mosaic.grab().toImage()
    theme().set_mode("dark")
    assert mosaic.grab().toImage() != before
    mosaic.show_fields(None)
    assert mosaic.unit_at(QPointF(50, 50)) == -1
    mosaic.grab()


def test_mosaic_follows_an_order_and_scrolls(qtbot):
    mosaic = shown(qtbot, Mosaic(), 300, 300)
    mosaic.set_shape(28, 28)
    fields = blobs(400)
    mosaic.show_fields(fields)
    order = np.arange(400)[::-1].copy()
    mosaic.set_order(order)
    assert mosaic.unit_at(QPointF(mosaic.tile(399).center())) == 399
    assert mosaic.tile(399).top() == 0
    assert mosaic.tile(0).top() > 300
    middle = QPointF(100, 100)
    down = QWheelEvent(
        middle,
        mosaic.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(mosaic, down)
    assert mosaic.tile(399).top() < 0
    mosaic.mark(0, [1, 2])
    mosaic.reveal(0)
    assert 0 <= mosaic.tile(0).top() < 300
    assert mosaic.unit_at(mosaic.tile(0).center()) == 0
    mosaic.set_order(np.zeros(400, np.int64))  # no order at all: their own
    assert mosaic.unit_at(mosaic.tile(380).center()) == 380
    mosaic.set_dead(np.arange(400) % 2 == 1)
    mosaic.set_chosen(3)
    assert "never wins" in mosaic.words(3)
    mosaic.grab()


def test_dead_units_are_dimmed_and_crossed(qtbot):
    mosaic = shown(qtbot, Mosaic())
    mosaic.set_shape(28, 28)
    mosaic.show_fields(np.ones((100, 784), np.float32))
    box = mosaic.tile(0)
    bright = colour_at(mosaic, box.left() + 5, box.bottom() - 5)
    mosaic.set_dead(np.arange(100) == 0)
    assert colour_at(mosaic, box.left() + 5, box.bottom() - 5) != bright
    cross = colour_at(mosaic, box.right() - 3 - 4, box.top() + 3 + 3)
    assert cross.name().upper() == ROLES["muted"][0]
    other = mosaic.tile(1)
    assert colour_at(mosaic, other.left() + 5, other.bottom() - 5) == bright


def test_the_shared_level_is_steady(qtbot):
    mosaic = shown(qtbot, Mosaic())
    mosaic.set_shape(28, 28)
    told = []
    mosaic.level_changed.connect(told.append)
    fields = blobs(20)
    for factor in np.linspace(1, 0.9, 30):
        mosaic.show_fields(fields * np.float32(factor))
    assert len(told) == 1
    mosaic.show_fields(fields * np.float32(0.3))
    assert len(told) == 2


def test_colour_fields_stand_around_mid_grey(qtbot):
    mosaic = shown(qtbot, Mosaic(), 300, 300)
    mosaic.set_shape(8, 8, 3)
    fields = np.zeros((4, 192), np.float32)
    fields[1, 0::3] = 1.0
    mosaic.show_fields(fields)
    grey = colour_at(mosaic, mosaic.tile(0).center().x(), mosaic.tile(0).center().y())
    assert grey.getRgb()[:3] == (128, 128, 128)
    red = colour_at(mosaic, mosaic.tile(1).center().x(), mosaic.tile(1).center().y())
    assert red.red() > 250
    assert red.green() == 128
    mosaic.set_scale("unit")
    mosaic.set_dead(np.array([True, False, False, False]))
    mosaic.grab()


def test_frames_of_another_shape_are_ignored(qtbot):
    mosaic = shown(qtbot, Mosaic())
    mosaic.set_shape(28, 28)
    mosaic.show_fields(blobs(10))
    mosaic.show_fields(np.zeros((10, 100), np.float32))
    assert mosaic.units == 10
    mosaic.set_dead(np.ones(11, bool))
    mosaic.mark(500, -3)  # nobody is there
    mosaic.grab()


def test_heading_stands_over_the_mosaic(qtbot):
    heading = shown(qtbot, FieldsHeading(), 600, 34)
    heading.set_words("Receptive fields", "100 hidden units, 28 × 28 weights each")
    heading.grab()
    heading.set_level(0.14)
    heading.align(11, 578)
    assert heading._bar.geometry().right() == 11 + 578 - 1
    heading.set_own_scales(True)
    assert "own scale" in OWN
    heading.grab()


# --- story


def test_story_tells_who_wins_and_who_is_pushed_away(qtbot):
    story = shown(qtbot, Story(), 600, 44)
    assert "nothing is learned" in story.words
    fields = blobs(2)
    image, shape = np.linspace(0, 1, 784), (28, 28, 1)
    story.show_update(image, shape, 72, fields[0], 77, fields[1])
    assert "Unit 73 wins, and moves towards it" in story.words
    assert "Unit 78 is second, and is pushed away" in story.words
    story.grab()
    story.show_update(image, shape, 72, fields[0], 77, fields[1], rank=7)
    assert "Unit 78 is 7th" in story.words
    story.show_update(image, shape, 72, fields[0], 77, fields[1], others=3)
    assert "Unit 78 is pushed away, and 3 others with it" in story.words
    story.show_update(image, shape, None, None)
    assert "Nobody answers strongly enough" in story.words
    theme().set_mode("dark")
    story.resize(300, 44)
    story.grab()
    story.clear()
    assert "No image yet" in story.words
    assert [ordinal(n) for n in (1, 2, 4, 11, 21, 112)] == [
        "first", "second", "4th", "11th", "21st", "112th"
    ]  # fmt: skip


def test_pictures_keep_their_colours():
    lit = image_picture(np.array([0, 255, 128, 0], np.uint8), (2, 2, 1))
    assert lit.pixelColor(0, 0).name().upper() == "#27306B"
    assert lit.pixelColor(1, 0).name().upper() == "#F6DFA8"
    rgb = image_picture(np.array([1.0, 0, 0] * 4), (2, 2, 3))
    assert rgb.pixelColor(0, 0).getRgb()[:3] == (255, 0, 0)
    field = field_picture(np.array([0.0, 1, -1, 0]), (2, 2, 1), 1.0)
    assert field.pixelColor(0, 0).name().upper() == "#FBFAF7"
    assert field.pixelColor(1, 0) == QColor(*(int(c) for c in theme().signed()[255]))
    for side in (1, 2, 7, 32):
        assert fitted(field, side, 1.5).width() == round(side * 1.5)


# --- spreads


@pytest.mark.parametrize(
    "ends", [(1.0, 1.073), (0.0, 30.0), (1.0, 1.0), (27.0, 29.5), (-3, 2), (0, 1e-7)]
)
def test_three_round_numbers_hold_everything(ends):
    start, step, decimals = round_axis(*ends)
    assert start <= ends[0] + 1e-9
    assert start + 2 * step >= ends[1] - 1e-9
    assert decimals >= 0


def test_spread_counts_winners_and_marks_the_radius(qtbot):
    spread = shown(qtbot, Spread(), 328, 108)
    spread.grab()
    spread.show_norms(1 + np.abs(RNG.normal(size=100)) * 0.03, 1.0)
    wins = np.zeros(100, np.int64)
    wins[:71] = RNG.integers(1, 90, 71)
    spread.show_wins(wins)
    assert spread.wins._title == "Wins, 71 of 100 units"
    assert isinstance(spread.norms, Histogram)
    assert "R = 1" in spread.norms.toolTip()
    spread.grab()
    ranked = shown(qtbot, Ranked(), 140, 100)
    ranked.show_counts(RNG.integers(0, 9, 4000))
    ranked.grab()
    ranked.show_counts(np.array([3]))
    ranked.grab()
    spread.norms.show_values(np.full(10, np.nan))
    spread.clear()
    assert spread.wins._title == "Wins"
    spread.grab()


def test_hovering_leaves_no_trace(qtbot):
    mosaic = shown(qtbot, Mosaic())
    mosaic.set_shape(28, 28)
    mosaic.show_fields(blobs(9))
    QTest.mouseMove(mosaic, QPoint(60, 60))
    with qtbot.waitSignal(mosaic.hovered) as hovered:
        QApplication.sendEvent(mosaic, QEvent(QEvent.Type.Leave))
    assert hovered.args == [-1]


# --- one example


def test_example_knows_its_winner_and_its_loser():
    one = example(rank=7)
    assert (one.winner, one.loser) == (0, 6)
    assert [one.role(k) for k in (0, 1, 6)] == ["accent", "", "bad"]
    nobody = example(nobody=True)
    assert nobody.winner is nobody.loser is None
    assert rounded(7.271, 12.0) == "7.3"
    assert rounded(-0.00212, 0.00465, 2, sign=True) == "−0.0021"


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"units": 12, "rank": 7},
        {"slow": True},
        {"readout": False},
        {"nobody": True, "units": 1},
        {"nobody": True, "slow": True},
    ],
)
@pytest.mark.parametrize("size", [(640, 560), (1000, 800), (460, 440)])
def test_layers_show_every_kind_of_example(qtbot, words, size):
    view = shown(qtbot, LayersView(), *size)
    empty = view.grab().toImage()
    view.show_example(example(**words))
    light = view.grab().toImage()
    assert light != empty
    theme().set_mode("dark")
    assert view.grab().toImage() != light
    view.show_example(None)
    view.grab()


def test_layers_name_the_unit_under_the_pointer(qtbot):
    layers = shown(qtbot, Layers(), 640, 340)
    one = example()
    layers.show_example(one)
    place = layers._columns(one)
    second = layers._tile(place, 1, 10).center().toPoint()
    with qtbot.waitSignal(layers.unit_clicked) as clicked:
        qtbot.mouseClick(layers, Qt.MouseButton.LeftButton, pos=second)
    assert clicked.args == [int(one.units[1])]
    assert "it is depressed" in layers.words(1)
    assert f"Unit {one.units[0] + 1}: I =" in layers.words(0)
    assert "warm speaks for a class" in layers.words(None)


def test_layers_show_the_best_of_many_classes(qtbot):
    one = example()
    scores = np.full(200, -0.9)
    scores[150] = 0.8
    names = tuple(f"class {k}" for k in range(200))
    many = Example(
        one.image, one.shape, "", one.units, one.currents, one.pushes, one.fields, one.changes,
        names, scores, np.zeros((200, 10)),
    )  # fmt: skip
    layers = shown(qtbot, Layers(), 640, 340)
    layers.show_example(many)
    rows = layers._shown_classes(layers._columns(many), many)
    assert 150 in rows
    assert len(rows) < 30
    layers.grab()


# --- one unit


def test_unit_waits_for_its_images(qtbot):
    view = shown(qtbot, UnitView(), 328, 240)
    assert view.unit is None
    assert view._title.text() == EMPTY
    view.set_shape(*SHAPE)
    view.show_unit(72, blobs(1)[0], 1.004, 312, 0.052, 3)
    assert view._title.text() == "Unit 73"
    assert view._standing.text() == "312 images, the third most"
    waiting = view.grab().toImage()
    images, labels = digits(8)
    view.show_drivers(images, [str(c) for c in labels])
    there = view.grab().toImage()
    assert there != waiting
    view.show_unit(72, blobs(1)[0], 1.004, 313, 0.052, 1)  # the same unit keeps its images
    assert view._drivers._images
    assert view._standing.text() == "313 images, the most"
    view.show_unit(3, blobs(1)[0], 1.0, 0, 0.0)
    assert view._drivers._images is None
    assert "does not learn" in view._standing.text()
    assert "Looking" in BUSY
    theme().set_mode("dark")
    view.grab()
    view.clear()
    assert view._title.text() == EMPTY
    view.grab()


@pytest.mark.parametrize("scene", SCENES)
def test_scenes_fit_their_room(qtbot, scene):
    window = framed(scene)
    qtbot.addWidget(window)
    window.show()
    size = window.size()
    qtbot.wait(1)
    assert window.size() == size
    least = window.minimumSizeHint()
    assert least.width() <= size.width()
    assert least.height() <= size.height()
    plain = window.grab().toImage()
    theme().set_projector(True)
    assert window.grab().toImage() != plain
