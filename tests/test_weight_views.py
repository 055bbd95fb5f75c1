"""Weights over the sheet, the weight matrix, the graph: what they show, ask and tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from lyapstudio.analysis.layout import LAYOUTS, graph_layout
from lyapstudio.core.insight import Block
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.edges import DENSE, POINTS, edges_of
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.graph import GraphView
from lyapstudio.ui.views.matrix import NEARER, MatrixView
from lyapstudio.ui.views.outlines import loops, outline_of
from lyapstudio.ui.views.raster import placed
from lyapstudio.ui.views.sight import MOST, fitting, wanted, zoomed
from lyapstudio.ui.views.signed import SILENT, indices, strongest
from lyapstudio.ui.views.tiling import REACH, ZERO
from lyapstudio.ui.views.weights import FIRST, SECOND, WeightsCanvas

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE = Qt.MouseButton.MiddleButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def light(qapp):
    """Every test starts in the light theme at scale 1."""
    theme().projector = False
    theme().set_mode("light")
    yield
    theme().projector = False
    theme().set_mode("light")


def shown(qtbot, widget: QWidget, width: int = 638, height: int = 480):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    qtbot.wait(10)
    return widget


def told(signal) -> list:
    """What a signal tells from now on."""
    heard: list = []
    signal.connect(lambda *what: heard.append(what if len(what) != 1 else what[0]))
    return heard


def drag(widget, points, button=LEFT) -> None:
    at = [point.toPoint() for point in points]
    QTest.mousePress(widget, button, pos=at[0])
    for point in at[1:]:
        QTest.mouseMove(widget, point)
    QTest.mouseRelease(widget, button, pos=at[-1])


def wheel(widget, point: QPointF, notches: int) -> None:
    for _ in range(abs(notches)):
        turned = QPoint(0, 120 if notches > 0 else -120)
        none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        at = widget.mapToGlobal(point)
        event = QWheelEvent(
            point, at, QPoint(), turned, Qt.MouseButton.NoButton, none, phase, False
        )
        QApplication.sendEvent(widget, event)


# --- the signed map


def test_zero_has_an_entry_of_its_own_and_both_signs_the_same_reach():
    values = np.array([[0.0, 1e-9, -1e-9, 2.0, -2.0, 99.0, np.nan, -np.inf]])
    found = indices(values, 2.0)[0].tolist()
    ends = ZERO + REACH, ZERO - REACH
    assert found == [ZERO, ZERO, ZERO, *ends, ends[0], SILENT, ends[1]]


def test_of_many_weights_under_a_pixel_the_strongest_shows():
    values = np.zeros((6, 7))
    values[1, 1], values[0, 1], values[5, 6], values[4, 3] = -3, 2, 1, np.nan
    found = strongest(values, 3)
    np.testing.assert_array_equal(found, [[-3, 0, 0], [0, 0, 1]])
    assert np.isnan(strongest(np.full((4, 4), np.nan), 2)).all()


# --- outlines


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_an_outline_runs_along_every_boundary_edge_once(rows, cols, seed):
    inside = np.random.default_rng(seed).random((rows, cols)) < 0.5
    padded = np.pad(inside, 1)
    expected = int((padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum())
    length, area = 0, 0.0
    for loop in loops(inside):
        corners = np.array(loop)
        steps = np.roll(corners, -1, 0) - corners
        assert ((steps != 0).sum(1) == 1).all()  # level and upright in turn
        length += int(np.abs(steps).sum())
        following = np.roll(corners, -1, 0)
        area += float((corners[:, 1] * following[:, 0] - following[:, 1] * corners[:, 0]).sum()) / 2
    assert length == expected
    assert area == inside.sum()  # holes turn the other way


def test_an_outline_lies_where_its_cells_are():
    inside = np.zeros((20, 30), bool)
    inside[4:7, 9:14] = True
    box = outline_of(inside).boundingRect()
    assert (box.left(), box.top(), box.width(), box.height()) == (9, 4, 5, 3)
    assert outline_of(np.zeros((5, 5), bool)).isEmpty()


# --- weights over the sheet


def weights_canvas(qtbot, rows: int = 8, cols: int = 10) -> WeightsCanvas:
    view = WeightsCanvas()
    view.set_grid(rows, cols)
    return shown(qtbot, view)


def middle(view, neuron: int) -> QPointF:
    return view._cell_box(neuron).center()


def test_until_a_neuron_is_picked_a_click_picks(qtbot):
    view = weights_canvas(qtbot)
    picked, strokes, began = told(view.picked), told(view.painted), told(view.stroke_began)
    QTest.mouseClick(view, LEFT, pos=middle(view, 23).toPoint())
    assert picked == [23]
    assert not strokes
    assert not began
    view.show_weights(23, np.linspace(-1, 1, 80), False)
    QTest.mouseClick(view, LEFT, pos=middle(view, 24).toPoint())
    assert picked == [23]
    assert len(strokes) == 1
    QTest.mouseClick(view, LEFT, CTRL, pos=middle(view, 25).toPoint())
    assert picked == [23, 25]
    assert len(strokes) == 1
    view.paintable = False
    QTest.mouseClick(view, LEFT, pos=middle(view, 26).toPoint())
    assert picked == [23, 25, 26]


def test_a_stroke_over_the_sheet_paints_every_cell_once_with_its_sign(qtbot):
    view = weights_canvas(qtbot)
    view.show_weights(0, np.ones(80), True)
    strokes, ended = told(view.painted), told(view.stroke_ended)
    drag(view, [middle(view, n) for n in (11, 13, 33)])
    assert [list(where) for where, _ in strokes] == [[11], [11, 12, 13], [13, 23, 33]]
    drag(view, [middle(view, 5)], RIGHT)
    assert strokes[-1][1] == -1
    assert strokes[0][1] == 1
    assert len(ended) == 2


def test_the_title_says_whose_weights_and_which_way(qtbot):
    view = weights_canvas(qtbot)
    assert view._hint
    assert not view._bar.isVisible()
    view.show_weights(23, np.ones(80), False)
    assert view._title == "Into neuron (3, 4)"
    assert not view._hint
    assert view._bar.isVisible()
    view.show_weights(23, np.ones(80), True)
    assert view._title == "Out of neuron (3, 4)"
    view.show_weights(3, np.ones(81), False)  # from before the network changed
    assert view._title == "Out of neuron (3, 4)"
    view.set_grid(5, 5)
    assert view._hint
    assert view._title == "Weights of one neuron"


def test_the_picked_neuron_is_neutral_and_silenced_ones_are_not_weights(qtbot):
    view = weights_canvas(qtbot)
    weights = np.full(80, 0.5)
    weights[7], weights[23] = 90.0, 70.0
    lesions = np.zeros(80, bool)
    lesions[7] = True
    view.set_lesions(lesions)
    view.show_weights(23, weights, False)
    assert view._level == 0.5  # neither counts
    image = view.grab().toImage()
    ring = image.pixelColor(middle(view, 23).toPoint()).name().upper()
    assert ring == "#FBFAF7"  # zero of the map
    grey = view._cell_box(7)
    assert image.pixelColor(int(grey.left()) + 4, int(grey.center().y())) == theme().colour(
        "groove"
    )
    assert weights[23] == 70.0  # the caller's array is left alone


def test_colours_keep_their_meaning_while_a_stroke_is_drawn(qtbot):
    view = weights_canvas(qtbot)
    view.show_weights(0, np.full(80, 0.5), False)
    QTest.mousePress(view, LEFT, pos=middle(view, 30).toPoint())
    view.show_weights(0, np.full(80, 2.0), False)
    assert view._level == 0.5
    QTest.mouseRelease(view, LEFT, pos=middle(view, 30).toPoint())
    assert view._level == 2.0


def test_two_groups_are_painted_with_two_buttons_and_look_different(qtbot):
    view = weights_canvas(qtbot)
    groups, strokes = told(view.grouped), told(view.painted)
    view.set_grouping(True)
    assert not view._hint
    drag(view, [middle(view, 11), middle(view, 12)])
    drag(view, [middle(view, 55)], RIGHT)
    assert [which for _, which in groups] == [FIRST, FIRST, SECOND]
    assert not strokes
    plain = view.grab().toImage()
    view.set_groups(np.arange(10, 15), np.empty(0, np.int64))
    solid = view.grab().toImage()
    view.set_groups(np.empty(0, np.int64), np.arange(10, 15))
    dashed = view.grab().toImage()
    assert plain != solid != dashed != plain
    accent = theme().colour("accent").rgb()

    def count(image) -> int:
        inside = view.picture().toRect()
        spots = (
            (x, y)
            for x in range(inside.left(), inside.right())
            for y in range(inside.top(), inside.bottom())
        )
        return sum(image.pixel(x, y) == accent for x, y in spots)

    assert 0.3 * count(solid) < count(dashed) < 0.8 * count(solid)


def test_a_million_weights_and_large_groups_are_drawn(qtbot):
    view = weights_canvas(qtbot, 1024, 1024)
    rng = np.random.default_rng(1)
    view.show_weights(70_000, rng.normal(size=1 << 20), False)
    view.set_groups(np.arange(50_000), rng.choice(1 << 20, 3000, replace=False))
    lesions = rng.random(1 << 20) < 0.01
    view.set_lesions(lesions)
    assert not view.grab().isNull()


# --- which part of the matrix is in sight


@given(
    st.integers(1, 1 << 20),
    st.integers(200, 2000),
    st.integers(200, 2000),
    st.lists(st.sampled_from([1, 1, 1, -1]), max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
)
@settings(max_examples=200, deadline=None)
def test_the_wanted_block_covers_what_is_in_sight_and_stays_small(N, width, height, ways, y, x):
    step = fitting(N, width, height)
    for way in ways:
        further = zoomed(step, way)
        assert further > step or further == 64 if way > 0 else further < step or step <= 1e-7
        step = max(further, fitting(N, width, height))
    p = placed((N, N), step, (y * N, x * N), width, height)
    row, col, tall, wide, h, w = wanted(p)
    assert 1 <= h <= MOST
    assert 1 <= w <= MOST
    assert h <= tall
    assert w <= wide
    for start, size, offset, room in ((row, tall, p.top, height), (col, wide, p.left, width)):
        assert start >= 0
        assert start + size <= N
        assert start * step + offset <= 1e-6 or start == 0
        assert (start + size) * step + offset >= room - 1 - 1e-6 or start + size == N
    if step >= 1 and max(tall, wide) < MOST:
        assert (h, w) == (tall, wide)


def test_zooming_in_from_a_million_reaches_single_weights_and_comes_back():
    step, notches = fitting(1 << 20, 400, 400), 0
    while step < 8:
        step, notches = zoomed(step, 1), notches + 1
    assert notches < 60
    while step > 1 / 2000:
        step = zoomed(step, -1)


# --- the matrix


def mean_block(W: np.ndarray, row, col, height, width, h, w) -> Block:
    values = W[row : row + height, col : col + width].astype(float)
    if (height, width) != (h, w):
        down = np.rint(np.linspace(0, height, h + 1)).astype(int)
        across = np.rint(np.linspace(0, width, w + 1)).astype(int)
        sums = np.add.reduceat(np.add.reduceat(values, down[:-1], 0), across[:-1], 1)
        values = sums / np.diff(down)[:, None] / np.diff(across)
    return Block(row, col, height, width, values.astype(np.float32))


def matrix_view(qtbot, W: np.ndarray, cols: int) -> tuple[MatrixView, list]:
    """A view that is answered at once."""
    view = MatrixView()
    asked = told(view.block_wanted)
    view.block_wanted.connect(lambda *what: view.show_block(mean_block(W, *what)))
    view.set_size(len(W), cols)
    return shown(qtbot, view), asked


def near(view: MatrixView, row: int, col: int) -> QPointF:
    """Zoom in until cells can be painted; the middle of one of them."""
    for _ in range(40):
        if view._placement().step >= 8:
            break
        wheel(view, view._box(row, col, 1, 1).center(), 1)
    QTest.qWait(10)
    return view._box(row, col, 1, 1).center()


@pytest.fixture(scope="module")
def random_weights() -> np.ndarray:
    return np.random.default_rng(4).normal(size=(900, 900))


def test_it_asks_once_for_what_it_shows_and_again_when_it_moves(qtbot, random_weights):
    view, asked = matrix_view(qtbot, random_weights, 30)
    assert len(asked) == 1
    assert asked[0][:4] == (0, 0, 900, 900)
    assert "mean of" in view.caption()
    assert NEARER in view.caption()
    before = len(asked)
    for _ in range(5):
        view._zoom(1, view.picture().center())
    qtbot.wait(10)
    assert len(asked) == before + 1  # five notches, one question
    view.resize(500, 400)
    qtbot.wait(10)
    assert len(asked) == before + 2
    view.reset_view()
    qtbot.wait(10)
    assert asked[-1][:4] == (0, 0, 900, 900)
    assert not view._all.isVisible()


def test_each_cell_is_drawn_where_it_belongs(qtbot):
    W = np.zeros((40, 40))
    W[3, 30], W[25, 8] = 1, -1
    view, _ = matrix_view(qtbot, W, 8)
    image = view.grab().toImage()
    table = theme().signed()

    def colour(row: int, col: int) -> list[int]:
        at = view._box(row, col, 1, 1).center().toPoint()
        return list(image.pixelColor(at).getRgb()[:3])

    assert np.abs(np.array(colour(3, 30)) - table[255]).max() <= 2
    assert np.abs(np.array(colour(25, 8)) - table[0]).max() <= 2
    assert colour(30, 3) == [0xFB, 0xFA, 0xF7]


def test_an_old_block_is_shown_until_the_new_one_comes(qtbot, random_weights):
    view = MatrixView()
    view.set_size(900, 30)
    shown(qtbot, view)
    view.show_block(mean_block(np.ones((900, 900)), *view.wanted))
    near(view, 450, 450)  # nobody answers
    image, box = view.grab().toImage(), view.picture()
    assert image.pixelColor(box.center().toPoint()) != theme().colour("field")
    assert view.caption().startswith("single weights")


def test_the_pointer_reads_a_weight_and_where_it_leads(qtbot, random_weights):
    view, _ = matrix_view(qtbot, random_weights, 30)
    heard = told(view.hovered)
    QTest.mouseMove(view, near(view, 450, 31).toPoint())
    assert heard[-1] == (450, 31)
    words = f"{abs(random_weights[450, 31]):.4g}"
    assert view.caption().startswith("from (2, 2) to (16, 1): ")
    assert words in view.caption()
    QTest.mouseMove(view, near(view, 450, 31).toPoint() + QPoint(1, 1))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert heard[-1] is None
    view._hover((60, 60))
    view.show_block(mean_block(random_weights, 0, 0, 100, 100, 100, 100))
    assert "to itself" in view.caption()
    view.reset_view()
    view.show_block(mean_block(random_weights, *view.wanted))
    assert view.caption().startswith("mean from about (3, 1)")


def test_large_cells_are_painted_and_small_ones_not(qtbot, random_weights):
    view, _ = matrix_view(qtbot, random_weights, 30)
    strokes, began, ended = told(view.painted), told(view.stroke_began), told(view.stroke_ended)
    drag(view, [view.picture().center(), view.picture().center() + QPointF(20, 0)])
    assert not strokes
    assert not view.paints
    assert view.cursor().shape() == Qt.CursorShape.ArrowCursor
    start = near(view, 450, 460)
    assert view.paints
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
    drag(view, [start, view._box(450, 463, 1, 1).center()])
    into = np.concatenate([i for i, _, _ in strokes])
    out_of = np.concatenate([j for _, j, _ in strokes])
    assert into.dtype == out_of.dtype == np.int32
    assert set(into) == {450}
    assert set(out_of) == {460, 461, 462, 463}
    view.brush = 3
    drag(view, [start], RIGHT)
    assert len(strokes[-1][0]) == 9
    assert strokes[-1][2] == -1
    assert len(began) == len(ended) == 2
    view.paintable = False
    drag(view, [start])
    assert len(began) == 2
    assert NEARER not in view.caption()


def test_the_matrix_pans_with_the_middle_button_and_the_arrows(qtbot, random_weights):
    view, asked = matrix_view(qtbot, random_weights, 30)
    start = near(view, 450, 450)
    before = view.wanted
    drag(view, [start, start + QPointF(80, 0), start + QPointF(160, 40)], MIDDLE)
    qtbot.wait(10)
    assert view.wanted[1] < before[1]
    assert view.wanted[0] < before[0]
    assert asked[-1] == view.wanted
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_0)
    assert not view.zoomed
    view._zoom(1, start)
    QTest.mouseDClick(view, LEFT, pos=view.picture().center().toPoint())
    assert not view.zoomed


def test_levels_are_symmetric_and_steady_during_a_stroke(qtbot, random_weights):
    view, _ = matrix_view(qtbot, random_weights, 30)
    start = near(view, 450, 450)
    QTest.mousePress(view, LEFT, pos=start.toPoint())
    held = view._level
    view.show_block(mean_block(9 * random_weights, *view.wanted))
    assert view._level == held
    QTest.mouseRelease(view, LEFT, pos=start.toPoint())
    block = mean_block(9 * random_weights, *view.wanted)
    view.show_block(block)
    assert view._level == pytest.approx(symmetric_level(block.values))


def test_a_matrix_of_a_million_asks_for_small_blocks(qtbot):
    view = MatrixView()
    asked = told(view.block_wanted)
    view.set_size(1 << 20, 1024)
    shown(qtbot, view)
    rng = np.random.default_rng(2)
    view.block_wanted.connect(
        lambda r, c, a, b, h, w: view.show_block(
            Block(r, c, a, b, rng.normal(size=(h, w)).astype(np.float32))
        )
    )
    view._blocks = []
    view._moved()
    qtbot.wait(10)
    for _ in range(50):
        wheel(view, view.picture().center() + QPointF(90, 70), 1)
        view.grab()
    qtbot.wait(10)
    assert view.paints
    assert all(max(ask[4:]) <= MOST for ask in asked)
    strokes = told(view.painted)
    drag(view, [view.picture().center()])
    into, out_of, _ = strokes[0]
    assert into.dtype == np.int32
    assert into.min() > 1 << 18
    assert out_of.min() > 1 << 18
    view.show_block(Block(1 << 20, 0, 4, 4, np.ones((4, 4), np.float32)))  # does not fit: ignored
    view.mark(12345)
    view.grab()


# --- the graph


def small(seed: int = 1, N: int = 6) -> np.ndarray:
    W = np.random.default_rng(seed).normal(size=(N, N))
    W = W + W.T
    np.fill_diagonal(W, 0)
    return W


def graph_view(qtbot, W: np.ndarray, kind: str = "circle", cols: int = 3) -> GraphView:
    view = GraphView()
    states = np.where(np.arange(len(W)) % 2, 1, -1).astype(np.int8)
    view.show_graph(W, states, graph_layout(W, kind, len(W) // cols, cols), cols)
    return shown(qtbot, view)


def node(view: GraphView, neuron: int) -> QPointF:
    return QPointF(*view._pixels[neuron])


def on_edge(view: GraphView, into: int, out_of: int, part: float = 0.5) -> QPointF:
    edge = view._edges.find(into, out_of)
    assert edge is not None
    return QPointF(*view._edges.course[edge, int(part * (POINTS - 1))])


def test_a_symmetric_pair_is_one_line_and_an_asymmetric_one_two():
    places = np.random.default_rng(0).random((4, 2)) * 300
    W = np.zeros((4, 4))
    W[0, 1] = W[1, 0] = 0.5
    W[2, 3], W[3, 2] = 1.0, -2.0
    W[0, 3], W[1, 1] = 0.25, -0.75
    edges = edges_of(W, places, 10)
    assert len(edges) == 5
    pairs = dict(
        zip(zip(edges.into.tolist(), edges.out_of.tolist(), strict=True), edges.both, strict=True)
    )
    assert pairs == {(1, 0): True, (2, 3): False, (3, 2): False, (0, 3): False, (1, 1): False}
    assert edges.find(0, 1) == edges.find(1, 0)
    assert edges.find(3, 0) is None
    assert list(edges.strength) == [0.125, 0.25, 0.375, 0.5, 1.0]
    two, back = (edges.course[edges.find(*pair), POINTS // 2] for pair in ((2, 3), (3, 2)))
    assert np.hypot(*(two - back)) > 15  # side by side
    states = np.array([1, -1, 1, 1], np.int8)
    frustrated = {p for p, f in zip(pairs, edges.frustrated(states), strict=True) if f}
    assert frustrated == {(1, 0), (3, 2), (1, 1)}


def test_clicking_a_neuron_flips_it_and_dragging_draws(qtbot):
    view = graph_view(qtbot, small())
    flips, drawn = told(view.flipped), told(view.edge_drawn)
    QTest.mouseClick(view, LEFT, pos=node(view, 2).toPoint())
    assert flips == [2]
    assert not drawn
    a, b = node(view, 1), node(view, 4)
    drag(view, [a, a + (b - a) / 3, a + (b - a) / 1.5, b])
    assert drawn == [(4, 1)]
    assert flips == [2]
    drag(view, [a, a + QPointF(40, 40), a])  # back again: nothing
    drag(view, [a, a + QPointF(30, 20), QPointF(5, 60)])  # into nowhere: nothing
    assert drawn == [(4, 1)]
    assert flips == [2]
    view.editable = False
    drag(view, [a, a + (b - a) / 2, b])
    assert drawn == [(4, 1)]


def test_a_line_is_chosen_nudged_and_cut(qtbot):
    W = small()
    W[4, 1], W[1, 4] = 1.5, -0.5
    view = graph_view(qtbot, W)
    chosen, nudged, cut = told(view.edge_chosen), told(view.edge_nudged), told(view.edge_cut)
    point = on_edge(view, 4, 1, 0.3)
    wheel(view, point, 1)
    assert not nudged  # not chosen yet
    QTest.mouseClick(view, LEFT, pos=point.toPoint())
    assert chosen == [(4, 1)] == [view.chosen]
    assert view.caption().startswith("from (1, 2) to (2, 2): +1.5")
    assert "Delete cuts it" in view.caption()
    wheel(view, point, 2)
    wheel(view, point, -1)
    assert nudged == [(4, 1, 1), (4, 1, 1), (4, 1, -1)]
    QTest.keyClick(view, Qt.Key.Key_Minus)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert nudged[-1] == (4, 1, -1)
    assert cut == [(4, 1)]
    QTest.mouseClick(view, RIGHT, pos=on_edge(view, 1, 4, 0.3).toPoint())
    assert cut[-1] == (1, 4)
    W = W.copy()
    W[4, 1] = 0
    view.show_graph(W, view._states, None, 3)
    assert view.chosen is None
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(cut) == 2


def test_of_a_line_both_ways_the_nearer_end_listens(qtbot):
    W = np.zeros((6, 6))
    W[0, 3] = W[3, 0] = 1.0
    view = graph_view(qtbot, W)
    chosen = told(view.edge_chosen)
    for near_end, far_end in ((0, 3), (3, 0)):
        a, b = node(view, near_end), node(view, far_end)
        QTest.mouseClick(view, LEFT, pos=(a + (b - a) * 0.3).toPoint())
        assert chosen[-1] == (near_end, far_end)
    assert view.caption().startswith("between ")


def test_the_pointer_on_a_neuron_fades_what_is_not_its_own(qtbot):
    W = np.zeros((6, 6))
    W[0, 2] = W[2, 0] = 1.0
    W[3, 5] = W[5, 3] = 1.0
    view = graph_view(qtbot, W)
    heard = told(view.hovered)
    QTest.mouseMove(view, QPoint(3, 200))
    other = on_edge(view, 3, 5, 0.4).toPoint()
    before = view.grab().toImage().pixelColor(other).lightness()
    QTest.mouseMove(view, node(view, 0).toPoint())
    qtbot.wait(10)
    assert heard[-1] == 0
    assert view.caption() == "neuron (1, 1): −1, listens to 1, heard by 1"
    assert view.grab().toImage().pixelColor(other).lightness() > before + 40
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert heard[-1] is None


def test_states_are_shown_in_the_two_tones_and_frustration_is_dashed(qtbot):
    W = np.zeros((6, 6))
    W[0, 3] = W[3, 0] = 1.0
    view = graph_view(qtbot, W)

    def gaps() -> int:
        image, colours = view.grab().toImage(), []
        a, b = node(view, 0), node(view, 3)
        for part in np.linspace(0.25, 0.75, 60):
            colours.append(image.pixelColor((a + (b - a) * part).toPoint()).lightness() > 240)
        return sum(colours)

    states = np.ones(6, np.int8)
    view.show_states(states)
    assert gaps() == 0
    side = (node(view, 0) + QPointF(0, view._radius - 4)).toPoint()
    assert view.grab().toImage().pixelColor(side) == theme().colour("plus")
    states = states.copy()
    states[0] = -1
    view.show_states(states)
    assert view.grab().toImage().pixelColor(side) == theme().colour("minus")
    assert gaps() > 10
    lesions = np.zeros(6, bool)
    lesions[0] = True
    view.set_lesions(lesions)
    assert view.grab().toImage().pixelColor(side) == theme().colour("groove")


def test_a_dense_network_keeps_its_lines_while_it_runs(qtbot):
    W = np.random.default_rng(5).normal(size=(64, 64))
    view = graph_view(qtbot, W, "sheet", 8)
    view.grab()
    lines = view._lines
    assert lines is not None
    assert len(view._edges) > DENSE
    view.show_states(-view._states)
    view.grab()
    assert view._lines is lines
    words = " ".join(entry.words for line in view._legend for _, entry in line)
    assert "half a line" in words
    assert "point at a neuron" in words
    point = on_edge(view, 9, 50)
    assert view._edges.at(point.x(), point.y()) is not None
    # the half lies nearer to the neuron that listens
    end, middle_ = view._pixels[9], (view._pixels[9] + view._pixels[50]) / 2
    course = view._edges.course[view._edges.find(9, 50)]
    assert np.hypot(*(course[0] - middle_)) < 8
    assert np.hypot(*(course[-1] - end)) < 20


def test_a_graph_without_connections_or_neurons_is_drawn(qtbot):
    view = shown(qtbot, GraphView())
    assert not view.grab().isNull()
    for N in (1, 2, 5):
        view.show_graph(np.zeros((N, N)), np.ones(N, np.int8))
        assert not view.grab().isNull()
    QTest.mouseMove(view, QPoint(100, 100))
    wheel(view, QPointF(100, 100), 1)


# --- layouts


@pytest.mark.parametrize("kind", [choice.id for choice in LAYOUTS])
@pytest.mark.parametrize("N", [1, 2, 6, 20, 40])
def test_layouts_fill_the_square_apart_and_the_same_every_time(kind, N):
    rng = np.random.default_rng(N)
    for kept in (1.0, 0.1, 0.0):
        W = small(N, N) * (rng.random((N, N)) < kept)
        before = W.copy()
        places = graph_layout(W, kind, 1, N)
        assert places.shape == (N, 2)
        assert places.min() >= 0
        assert places.max() <= 1
        np.testing.assert_array_equal(places, graph_layout(W, kind, 1, N))
        np.testing.assert_array_equal(W, before)
        apart = np.hypot(*(places[:, None] - places[None]).T) + np.eye(N)
        assert apart.min() > 1e-3


def test_neurons_that_pull_alike_stand_close():
    xi = np.array([1, 1, 1, 1, -1, -1, -1, -1])
    W = np.outer(xi, xi) / 8.0
    np.fill_diagonal(W, 0)
    places = graph_layout(W, "force", 2, 4)
    apart = np.hypot(*(places[:, None] - places[None]).T)
    same = np.outer(xi, xi) > 0
    assert apart[same].mean() < 0.6 * apart[~same].mean()
