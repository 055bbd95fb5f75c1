"""The parts and views: sizes, colours, recolouring, and what they say when they are used."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from lyapstudio import ui
from lyapstudio.core.model import Direction
from lyapstudio.core.param import Spec
from lyapstudio.core.trace import Counters, Trace
from lyapstudio.ui.maps import MINUS, PLUS, SIGNED, ramp, tone_table
from lyapstudio.ui.numerals import figure, place, spoken, ticks, whole
from lyapstudio.ui.parts.badge import Badge, Badges
from lyapstudio.ui.parts.button import IconButton, RunButton, TextButton
from lyapstudio.ui.parts.chooser import Chooser, ModelChooser
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.patterns import PatternTiles
from lyapstudio.ui.parts.pill import OutcomePill
from lyapstudio.ui.parts.reading import last_change
from lyapstudio.ui.parts.scrubber import Scrubber
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.slider import Slider
from lyapstudio.ui.parts.switch import Switch
from lyapstudio.ui.theme import ROLES, theme
from lyapstudio.ui.views.canvas import Canvas
from lyapstudio.ui.views.curve import LyapunovCurve
from lyapstudio.ui.views.history import OverlapHistory
from lyapstudio.ui.views.levels import Named, named_levels
from lyapstudio.ui.views.polyline import polyline, thinned
from lyapstudio.ui.views.raster import block_sums, fitting_step, next_step, placed, stroke
from tests.gallery import (
    FUNCTIONS,
    MODELS,
    SCENES,
    Cue,
    MockWindow,
    Network,
    guarantee,
    scene_a,
    scene_b,
    scene_e,
)

GAIN = Spec("number", 2.5, "Gain", "How steep.", 0.1, 50.0, log=True)


@pytest.fixture(autouse=True)
def light(qapp):
    """Every test starts in the light theme at scale 1."""
    theme().projector = False
    theme().set_mode("light")
    yield
    theme().projector = False
    theme().set_mode("light")


def colour_at(widget, x: float, y: float) -> str:
    return widget.grab().toImage().pixelColor(int(x), int(y)).name().upper()


# --- numbers, maps, theme


def test_figures_use_the_right_signs():
    assert figure(-2857.66, 1) == "−2\u2009857.7"
    assert figure(-0.001, 2, sign=True) == "0.00"
    assert figure(0.5, 2, sign=True) == "+0.50"
    assert whole(9216) == "9\u2009216"
    assert figure(float("nan")) == "–"
    assert "10^" in figure(3.2e-9)
    assert spoken(Cue.specs()["flips"], 0.36) == "36 %"
    assert place(33 * 96 + 32, 96) == (34, 33)


@pytest.mark.parametrize("ends", [(0, 9216), (-5000, 0), (-75.2, -69.1), (0, 1e-3), (390, 432)])
def test_ticks_are_three_to_six_round_numbers_inside(ends):
    made = ticks(*ends)
    assert 2 <= len(made) <= 6
    assert all(ends[0] - 1e-9 <= value <= ends[1] + 1e-9 for value, _ in made)
    assert len({words for _, words in made}) == len(made)


def test_signed_map_has_zero_in_the_middle():
    for stops in SIGNED:
        lut = ramp(stops).astype(int)
        assert np.abs(lut[127] - lut[128]).max() <= 4
        middle = QColor(stops[3][1])
        assert np.abs(lut[127] - [middle.red(), middle.green(), middle.blue()]).max() <= 4


def test_tone_table_reads_int8_bytes():
    table = tone_table(1)
    assert QColor(table[1]).name().upper() == PLUS
    assert QColor(table[255]).name().upper() == MINUS


def luminance(colour: str) -> float:
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("dark", [0, 1])
def test_text_is_legible_on_every_plane(dark):
    def contrast(a: str, b: str) -> float:
        one, two = sorted((luminance(ROLES[a][dark]), luminance(ROLES[b][dark])))
        return (two + 0.05) / (one + 0.05)

    for ink in ("text", "muted"):
        for plane in ("stage", "side", "field", "accentsoft", "badsoft"):
            assert contrast(ink, plane) >= 4.5, (ink, plane)
    for ink, plane in (("onaccent", "accent"), ("onbad", "bad"), ("tiptext", "tip")):
        assert contrast(ink, plane) >= 4.5, (ink, plane)
    assert contrast("plus", "minus") > 9


def test_theme_changes_palette_fonts_and_scale(qapp):
    assert qapp.font().pixelSize() == 13
    assert qapp.font().family() == "Inter"
    before = qapp.palette().window().color().name()
    theme().set_mode("dark")
    assert qapp.palette().window().color().name() != before
    theme().set_projector(True)
    assert qapp.font().pixelSize() == 17
    assert theme().name("muted") == theme().name("text")


def test_style_sheet_is_understood(qtbot):
    button = TextButton("", "main")
    qtbot.addWidget(button)
    button.resize(100, 34)
    for mode, dark in (("light", 0), ("dark", 1)):
        theme().set_mode(mode)
        assert colour_at(button, 50, 17) == ROLES["accent"][dark]


# --- whole pictures


@pytest.mark.parametrize("name", SCENES)
def test_mock_window_fits_and_recolours(qtbot, name):
    window = MockWindow(SCENES[name](), (1280, 800))
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(20)
    hint = window.minimumSizeHint()
    assert hint.width() <= 1280
    assert hint.height() <= 800
    assert colour_at(window, 10, 400) == ROLES["side"][0]
    assert colour_at(window, 280, 110) == ROLES["stage"][0]
    theme().set_mode("dark")
    qtbot.wait(20)
    assert colour_at(window, 10, 400) == ROLES["side"][1]
    assert colour_at(window, 280, 110) == ROLES["stage"][1]
    light_left = [c for c in map(str.upper, _colours(window)) if c == ROLES["stage"][0]]
    assert len(light_left) < 600, "something kept the light plane"


def _colours(window) -> list[str]:
    image = window.grab().toImage()
    points = ((x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8))
    return [image.pixelColor(x, y).name() for x, y in points]


# --- parts


def test_form_follows_the_declarations(qtbot):
    form = Form(Network())
    qtbot.addWidget(form)
    form.resize(232, 400)
    form.show()
    assert set(form.row("order").findChildren(Segmented) or [form.row("order")])
    assert not form.row("sweeps").isVisible()
    form.set_params(Network(heat=True))
    assert form.row("sweeps").isVisible()
    with qtbot.waitSignal(form.chosen) as signal:
        form.row("symmetric").findChild(Switch).click()
    assert signal.args == ["symmetric", False]
    theme().set_projector(True)
    assert form.row("sweeps").isVisible()


def test_slider_drag_ends_in_one_choice(qtbot):
    slider = Slider("gain", GAIN)
    qtbot.addWidget(slider)
    slider.resize(232, 50)
    slider.show()
    seen, chosen = [], []
    slider.value_changing.connect(seen.append)
    slider.value_chosen.connect(chosen.append)
    track = slider.track
    middle = track.height() // 2
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=QPoint(60, middle))
    for x in (80, 120, 180):
        qtbot.mouseMove(track, QPoint(x, middle))
        qtbot.wait(20)
    qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=QPoint(180, middle))
    assert len(seen) >= 2
    assert len(chosen) == 1
    assert 0.1 <= chosen[0] <= 50
    slider.set_value(7.5)
    assert slider.value == 7.5
    assert len(chosen) == 1


def test_a_wrong_number_turns_red_and_stays(qtbot):
    field = NumberField("gain", GAIN)
    qtbot.addWidget(field)
    field.show()
    said, chosen = [], []
    field.complained.connect(said.append)
    field.value_chosen.connect(chosen.append)
    field.selectAll()
    qtbot.keyClicks(field, "75")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.wrong
    assert field.text() == "75"
    assert "between 0.1 and 50" in said[-1]
    assert not chosen
    field.set_value(2.5)  # the document comes round again: what was typed is kept
    assert field.text() == "75"
    field.selectAll()
    qtbot.keyClicks(field, "3,5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert chosen == [3.5]
    assert not field.wrong


def test_segments_and_choosers_tell_the_users_choice_only(qtbot):
    choices = Network.specs()["rule"].choices
    for made in (Segmented(choices), Chooser(choices)):
        qtbot.addWidget(made)
        made.show()
        told = []
        made.chosen.connect(told.append)
        made.set_value("projection")
        assert made.value == "projection"
        assert told == []
        made.setFocus()
        if isinstance(made, Segmented):
            qtbot.keyClick(made, Qt.Key.Key_Right)
            assert told == ["s"]


def test_badge_states(qtbot):
    badge = Badge()
    qtbot.addWidget(badge)
    badge.show_guarantee(guarantee("E"), FUNCTIONS[0])
    assert badge.property("kind") == "good"
    assert badge._title.text() == "Guaranteed to fall"
    counters = Counters(wrong_moves=212, wrong_at=1203, worst=0.31, worst_at=77)
    badge.show_guarantee(guarantee("E", 1), FUNCTIONS[0], counters)
    assert badge._last.text() == "Last at update 1\u202f203; the largest, by 0.31, at 77."
    assert badge.property("kind") == "bad"
    assert badge._title.text() == "Rose 212 times: neurons update together"
    with qtbot.waitSignal(badge.repair_requested) as signal:
        badge._repair.click()
    assert signal.args[0].values == {"order": "single"}
    badge.show_neutral("Rises on average")
    assert badge.property("kind") == "plain"
    several = Badges()
    qtbot.addWidget(several)
    both = (guarantee("E", 1), guarantee("½ L(t)"))
    several.show_guarantees(FUNCTIONS, both, (Counters(wrong_moves=3), Counters()))
    with qtbot.waitSignal(several.why_requested) as signal:
        several._badges[1].why_requested.emit()
    assert signal.args == ["½ L(t)"]


def test_pill_reserves_its_width(qtbot):
    pill = OutcomePill()
    qtbot.addWidget(pill)
    scene = scene_a()
    pill.reserve(scene.names)
    width = pill.sizeHint().width()
    pill.show_outcome(scene.outcome, scene.grids[2])
    assert pill.sizeHint().width() == width
    pill.show_outcome(scene_b().outcome)
    assert pill.sizeHint().width() == width


def test_tiles_choose_rename_and_move(qtbot):
    scene = scene_e()
    tiles = PatternTiles()
    qtbot.addWidget(tiles)
    tiles.resize(232, 100)
    tiles.set_patterns(
        [(k, n, g, k != 3) for k, (n, g) in enumerate(zip("IMQWX", scene.grids, strict=True))], 2
    )
    tiles.show()
    boxes = [t.geometry() for t in tiles._tiles.values()]
    assert boxes[0].width() == 40
    assert boxes[-1].right() < 232
    told = []
    tiles.moved.connect(lambda *args: told.append(args))
    tile = tiles._tiles[0]
    qtbot.mousePress(tile, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    for x in (40, 90, 130):
        qtbot.mouseMove(tile, QPoint(x, 20))
        qtbot.wait(20)
    tile.dragged.emit(0, QPoint(boxes[2].center().x() + 8, 20))
    tile.dropped.emit(0, QPoint(boxes[2].center().x() + 8, 20))
    assert told[0] == (0, 2)
    with qtbot.waitSignal(tiles.renamed) as signal:
        tiles.rename(1)
        editor = tiles._tiles[1]._editor
        editor.setText("Em")
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert signal.args == [1, "Em"]


def test_scrubber_seeks_whole_updates_beyond_32_bits(qtbot):
    scrubber = Scrubber()
    qtbot.addWidget(scrubber)
    scrubber.resize(214, 36)
    scrubber.show_time(2**40, 2**40 + 500, 2**40 + 1000)
    scrubber.show()
    with qtbot.waitSignal(scrubber.seek_requested) as signal:
        qtbot.mouseClick(scrubber, Qt.MouseButton.LeftButton, pos=QPoint(7, 9))
    assert signal.args == [2**40]


def test_every_icon_that_is_named_exists(qtbot):
    source = Path(ui.__file__).parent
    names = {n for f in source.rglob("*.py") for n in re.findall(r'"(ph\.[a-z-]+)"', f.read_text())}
    assert len(names) > 10
    for name in names:  # an unknown name raises
        assert not theme().icon(name, "muted").pixmap(20, 20).isNull()
    for made in (IconButton("ph.gauge", "Speed"), RunButton(), ModelChooser(MODELS)):
        qtbot.addWidget(made)
        made.grab()


def test_model_chooser_lists_and_tells(qtbot):
    chooser = ModelChooser(MODELS)
    qtbot.addWidget(chooser)
    chooser.show()
    chooser.open()
    with qtbot.waitSignal(chooser.chosen) as signal:
        chooser._popup._choose(MODELS[1].id)
    assert signal.args == [MODELS[1].id]


# --- canvas


def test_stroke_has_no_gaps_and_no_repeats():
    cells = stroke((0, 0), (9, 4), 1, 10, 10)
    rows = cells // 10
    assert set(rows) == set(range(10))
    assert len(np.unique(cells)) == len(cells)
    assert len(stroke((5, 5), (5, 5), 3, 10, 10)) == 9
    assert len(stroke((-3, -3), (-3, -3), 1, 10, 10)) == 0


def test_block_sums_are_means_of_blocks():
    rng = np.random.default_rng(1)
    cells = rng.choice(np.array([-1, 1], np.int8), (10, 12))
    assert np.array_equal(block_sums(cells, 2), cells.reshape(5, 2, 6, 2).sum((1, 3)))
    assert block_sums(cells, 7).shape == (2, 2)


@pytest.mark.parametrize("shape", [(1, 2), (28, 28), (1024, 1024), (3, 1000)])
def test_scales_keep_cells_whole(shape):
    step = fitting_step(*shape, 640, 480)
    for _ in range(40):
        where = placed(shape, step, (shape[0] / 2, shape[1] / 2), 640, 480)
        assert (step >= 1 and step == int(step)) or abs(1 / step - round(1 / step)) < 1e-9
        r0, r1, c0, c1 = where.visible()
        assert 0 <= r0 < r1 <= shape[0]
        assert 0 <= c0 < c1 <= shape[1]
        step = next_step(step, 1)


def test_canvas_shows_paints_zooms_and_hovers(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 400)
    canvas.set_grid(10, 10)
    cells = np.full(100, -1, np.int8)
    cells[0] = 1
    canvas.show_cells(cells)
    canvas.show()
    box = canvas.picture()
    side = int(box.width()) // 10
    assert box.width() == 10 * side > 300  # whole pixels a cell
    assert colour_at(canvas, box.left() + 10, box.top() + 10) == PLUS
    assert colour_at(canvas, box.left() + 50, box.top() + 10) == MINUS
    told, strokes = [], []
    canvas.painted.connect(lambda where, value: told.append((set(where.tolist()), value)))
    canvas.stroke_began.connect(lambda: strokes.append("began"))
    canvas.stroke_ended.connect(lambda: strokes.append("ended"))
    start = QPoint(int(box.left()) + 10, int(box.top()) + 10)
    qtbot.mousePress(canvas, Qt.MouseButton.RightButton, pos=start)
    qtbot.mouseMove(canvas, start + QPoint(4 * side, 0))
    qtbot.wait(20)
    qtbot.mouseRelease(canvas, Qt.MouseButton.RightButton, pos=start + QPoint(4 * side, 0))
    assert strokes == ["began", "ended"]
    assert told[0] == ({0}, -1)
    assert set.union(*(where for where, _ in told)) == {0, 1, 2, 3, 4}
    with qtbot.waitSignal(canvas.hovered) as signal:
        qtbot.mouseMove(canvas, start + QPoint(side, 2 * side))
    assert signal.args == [21]
    canvas.mark(44, [11, 12])
    canvas.set_hint("Press Space")
    before = canvas.grab().toImage()
    theme().set_mode("dark")
    after = canvas.grab().toImage()
    assert before != after
    x, y = int(box.left()) + 300, int(box.top()) + 20
    assert after.pixelColor(x, y) == before.pixelColor(x, y)  # the states keep their tones


# --- curves


def test_thinning_keeps_the_extremes():
    rng = np.random.default_rng(2)
    values = np.cumsum(rng.normal(size=5000))
    rows = np.stack([np.arange(5000.0), values, values], 1)
    few = thinned(rows, 200)
    assert len(few) <= 201
    assert few[:, 1].min() == values.min()
    assert few[:, 2].max() == values.max()


def test_staircase_keeps_a_value_until_the_next():
    rows = np.array([[1.0, 5, 5], [4.0, 3, 3]])
    xs, ys = polyline(rows, 6.0, staircase=True)
    at_three = np.interp(3.0, xs, ys)
    assert at_three == 5
    assert (xs[-1], ys[-1]) == (6.0, 3)


def test_curve_follows_the_frame(qtbot):
    curve = LyapunovCurve()
    qtbot.addWidget(curve)
    curve.resize(330, 220)
    curve.show()
    for scene in (scene_a(), scene_b(), scene_e()):
        curve.show_frame(scene.frame, scene.chosen)
        qtbot.wait(5)
        (x0, x1), (y0, y1) = curve.box.viewRange()
        assert x0 <= scene.frame.update <= x1
        assert y0 <= scene.frame.values[0] <= y1
    history = OverlapHistory()
    qtbot.addWidget(history)
    history.set_memories(scene.names)
    history.show_frame(scene.frame)
    history.grab()
    theme().set_mode("dark")
    assert curve.backgroundBrush().color().name().upper() == ROLES["side"][1]
    assert history.backgroundBrush().color().name().upper() == ROLES["stage"][1]


def test_every_level_is_named_or_counted():
    levels = np.array([-10.0, -10.0, -50.0, -51.0, -90.0, np.nan])
    named = named_levels(levels, 1, pixel=0.5)
    assert named[0] == Named(1, 1)  # the target's first, the one on the same level counted
    assert {n.memory for n in named} == {1, 3, 4}
    assert sum(1 + n.more for n in named) == 5


def test_names_of_levels_keep_clear_of_the_curve(qtbot):
    curve, scene = LyapunovCurve(), scene_a()
    qtbot.addWidget(curve)
    curve.resize(330, 220)
    curve.show()
    curve.show_frame(scene.frame, scene.chosen)
    words = curve._level_marks.words
    assert words[0].startswith(f"memory {scene.names[scene.chosen]}")


def test_last_change_is_that_of_the_last_update():
    trace = Trace((Direction.FALLS,))
    trace.begin(0, (5.0,))
    trace.add(np.array([3, 4]), np.array([[4.0], [1.5]]), 0.0, ("",))
    at = replace(scene_a().frame, trace=trace)
    assert math.isnan(last_change(replace(at, update=0)))
    assert last_change(replace(at, update=3)) == -1
    assert last_change(replace(at, update=4)) == -2.5
    assert last_change(replace(at, update=6)) == 0
    trace.edited(6, (2.0,))
    assert math.isnan(last_change(replace(at, update=6)))
