"""The network edited by hand in the real window, while it runs; every edit undone in one step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from lyapstudio.core.model import Rest
from lyapstudio.document import edits, files, rewiring
from lyapstudio.document.examples import example
from lyapstudio.document.given import Given
from lyapstudio.ui.dialogs.weights import ImportWeightsDialog
from lyapstudio.ui.dialogs.wiring import WiringDialog
from lyapstudio.ui.panels.centre import OVERLAP, TOOLS
from lyapstudio.ui.panels.edit_tools import BUNDLE, CUT, DRAW, SET, SILENCE, STRONGER
from lyapstudio.ui.panels.modes import GRAPH, MATRIX, NEURONS, WEIGHTS
from lyapstudio.ui.session import FULL
from lyapstudio.weights.wiring import wirings
from tests.test_window import LONG, a_while, drag, opened, ready, window  # noqa: F401


@pytest.fixture
def letters(qtbot, window):  # noqa: F811
    opened(qtbot, window, "letters")
    return window


@pytest.fixture
def small(qtbot, window):  # noqa: F811
    """Sixteen neurons: small enough for a graph."""
    old = window.session.frame.problem
    from lyapstudio.document.resample import resize

    window.session.open(edits.set_rule(resize(example("letters").build(), 4, 4), "hebb"))
    qtbot.waitUntil(lambda: window.session.frame.problem is not old, timeout=LONG)
    return window


def caught_up(qtbot, window):  # noqa: F811
    """The worker runs what the document says."""
    session = window.session
    qtbot.waitUntil(
        lambda: (
            session.frame.problem is not None
            and session.frame.problem.strokes is session.setup.strokes
            and session.frame.generation == session._generation
        ),
        timeout=LONG,
    )


def typed(tools, value):
    """Somebody typed a weight: no suggestion takes its place."""
    tools.field.set_value(value)
    tools.field.value_chosen.emit(value)


def weight(window, i, j):  # noqa: F811
    found = window.session.simulation.weights().result(timeout=10)
    return float(found.incoming(i)[j])


def test_paint_the_weights_of_a_neuron_while_it_runs(qtbot, letters):
    window, session = letters, letters.session  # noqa: F811
    session.set_speed(FULL)
    session.edit(lambda d: edits.set_parameters(d, T=0.3), "warm")
    window.centre.set_mode(WEIGHTS)
    assert window.centre.tabs.currentIndex() == TOOLS
    wires, tools = window.centre.wires, window.centre.tools
    wires.pick(300)
    session.toggle()
    qtbot.waitUntil(lambda: session.running and session.frame.picked is not None, timeout=LONG)
    tools.weights._buttons[SET].click()
    typed(tools, 0.25)
    canvas = wires.canvas
    a_while(50)
    start = canvas.picture().topLeft().toPoint() + QPoint(12, 12)
    drag(canvas, start, start + QPoint(60, 0))
    caught_up(qtbot, window)
    assert session.running
    cells = sum(s.count for s in session.setup.strokes) // 2
    assert cells >= 3
    assert weight(window, 300, 0) == pytest.approx(0.25, abs=1e-6)
    assert weight(window, 0, 300) == pytest.approx(0.25, abs=1e-6)  # the lock
    assert session.frame.guarantees[0].assumptions[0].holds  # still symmetric
    session.undo()  # a stroke is one step
    caught_up(qtbot, window)
    assert session.setup.strokes == ()
    assert weight(window, 300, 0) != pytest.approx(0.25, abs=1e-3)
    assert session.running


def test_a_one_way_edit_breaks_the_badge_and_is_repaired(qtbot, letters):
    window, session = letters, letters.session  # noqa: F811
    window.centre.set_mode(WEIGHTS)
    window.centre.tools.lock.setChecked(False)
    window.centre.wires.pick(10)
    window.centre.wires._begin()
    window.centre.wires._painted(np.array([40, 41]), 1)
    caught_up(qtbot, window)
    broken = session.frame.guarantees[0].broken
    assert broken[0].label == "symmetric weights"
    a_while(300)
    badge = window.meaning.badges._badges[0]
    assert badge._repair.isVisibleTo(badge)
    qtbot.mouseClick(badge._repair, Qt.MouseButton.LeftButton)
    caught_up(qtbot, window)
    qtbot.waitUntil(lambda: not session.frame.guarantees[0].broken, timeout=LONG)
    assert session.history.undo_label == "repair an assumption"
    session.undo()
    caught_up(qtbot, window)
    qtbot.waitUntil(lambda: bool(session.frame.guarantees[0].broken), timeout=LONG)


def test_a_stroke_strengthens_each_weight_once(qtbot, letters):
    wires, tools = letters.centre.wires, letters.centre.tools
    letters.centre.set_mode(WEIGHTS)
    wires.pick(5)
    qtbot.waitUntil(lambda: letters.session.frame.picked is not None, timeout=LONG)
    before = weight(letters, 5, 90)
    tools.weights._buttons[STRONGER].click()
    typed(tools, 0.125)
    wires._begin()
    for _ in range(4):
        wires._painted(np.array([90]), 1)
    wires._end()
    caught_up(qtbot, letters)
    assert weight(letters, 5, 90) == pytest.approx(before + 0.125, abs=1e-6)
    wires._begin()
    wires._painted(np.array([90]), -1)  # the right button takes away
    caught_up(qtbot, letters)
    assert weight(letters, 5, 90) == pytest.approx(before, abs=1e-6)


def test_bundles_between_painted_groups(qtbot, letters):
    wires, tools = letters.centre.wires, letters.centre.tools
    letters.centre.set_mode(WEIGHTS)
    tools.weights._buttons[BUNDLE].click()
    assert not tools.forget.isHidden()
    told = []
    letters.session.failed.connect(told.append)
    tools.cut_all.click()
    assert "both groups" in told[0]
    wires._grouped(np.arange(0, 20), 0)
    wires._grouped(np.arange(100, 130), 1)
    assert "600 pairs" in tools.reading.text()
    tools.cut_all.click()
    caught_up(qtbot, letters)
    assert weight(letters, 3, 110) == 0.0
    assert weight(letters, 110, 3) == 0.0
    typed(tools, 0.5)
    tools.connect_all.click()
    caught_up(qtbot, letters)
    assert weight(letters, 19, 129) == pytest.approx(0.5, abs=1e-6)
    tools.clear.click()
    caught_up(qtbot, letters)
    assert letters.session.setup.strokes == ()


def test_paint_in_the_matrix(qtbot, small):
    window = small  # noqa: F811
    window.centre.set_mode(MATRIX)
    matrix, tools = window.centre.wires.matrix, window.centre.tools
    qtbot.waitUntil(lambda: window.session.frame.block is not None, timeout=LONG)
    assert matrix.paints
    tools.cells._buttons[CUT].click()
    a_while(100)
    box = matrix.picture()
    side = box.width() / 16
    start = QPoint(int(box.left() + 3.5 * side), int(box.top() + 1.5 * side))
    drag(matrix, start, start + QPoint(int(2 * side), 0))
    caught_up(qtbot, window)
    assert [weight(window, 1, j) for j in (3, 4, 5)] == [0.0, 0.0, 0.0]
    assert [weight(window, j, 1) for j in (3, 4, 5)] == [0.0, 0.0, 0.0]
    qtbot.waitUntil(lambda: window.session.frame.block.values[1, 4] == 0, timeout=LONG)


def test_the_graph_flips_connects_and_cuts(qtbot, small):
    window, session = small, small.session  # noqa: F811
    window.centre.set_mode(GRAPH)
    qtbot.waitUntil(lambda: session.frame.block is not None, timeout=LONG)
    wires = window.centre.wires
    qtbot.waitUntil(lambda: not wires._laying.busy, timeout=LONG)
    before = int(session.frame.channels["units"][7])
    wires.graph.flipped.emit(7)
    qtbot.waitUntil(lambda: int(session.frame.channels["units"][7]) == -before, timeout=LONG)
    typed(window.centre.tools, 0.75)
    wires.graph.edge_drawn.emit(2, 9)
    caught_up(qtbot, window)
    assert weight(window, 2, 9) == pytest.approx(0.75, abs=1e-6)
    wires.graph.edge_nudged.emit(2, 9, 2)
    caught_up(qtbot, window)
    assert weight(window, 2, 9) == pytest.approx(0.75 * 1.5, abs=1e-6)
    wires.graph.edge_cut.emit(2, 9)
    caught_up(qtbot, window)
    assert weight(window, 2, 9) == 0.0


def test_a_large_network_has_no_graph_and_says_why(letters):
    button = letters.centre.modes._buttons[GRAPH]
    assert not button.isEnabled()
    assert "64" in button.toolTip()
    letters.centre.set_mode(GRAPH)
    assert letters.centre.shows(NEURONS)


def test_silence_and_wake_neurons(qtbot, letters):
    window, session = letters, letters.session  # noqa: F811
    centre = window.centre
    centre.tabs.setCurrentIndex(TOOLS)
    centre.tools.states._buttons[SILENCE].click()
    centre._painted(np.arange(60, 80), 1)
    qtbot.waitUntil(lambda: (session.frame.channels["units"] == 0).sum() == 20, timeout=LONG)
    assert session.setup.lesions.sum() == 20
    session.set_speed(FULL)
    session.toggle()
    qtbot.waitUntil(lambda: session.frame.rest is Rest.FIXED, timeout=LONG)
    assert (session.frame.channels["units"] == 0).sum() == 20
    centre.tabs.setCurrentIndex(OVERLAP)
    assert centre.tools.tool == DRAW  # tools out of sight: the mouse draws
    session.undo()
    qtbot.waitUntil(lambda: (session.frame.channels["units"] == 0).sum() == 0, timeout=LONG)
    told = []
    session.failed.connect(told.append)
    session.edit(lambda d: rewiring.lesion(d, np.arange(784)), "silence all")
    assert "At least one neuron has to live" in told[0]


def test_choose_a_wiring(qtbot, letters, monkeypatch):
    chosen = wirings()["lattice"](r=3)

    def accept(dialog):
        dialog._wiring = chosen
        return True

    monkeypatch.setattr(WiringDialog, "exec", accept)
    qtbot.mouseClick(letters.network.wiring, Qt.MouseButton.LeftButton)
    assert letters.session.setup.wiring == chosen
    qtbot.waitUntil(
        lambda: letters.session.frame.problem.weights.cost.representation == "sparse", timeout=LONG
    )
    assert "Lattice" in letters.network.wiring.text()
    letters.session.undo()
    assert letters.session.setup.wiring.id == "all-to-all"


def test_statistics_follow_an_edit(qtbot, letters):
    statistics = letters.meaning.statistics
    letters.meaning.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: statistics.summary is not None, timeout=LONG)
    assert statistics.summary.asymmetry == 0
    pair = np.array([3]), np.array([9])
    letters.session.edit(lambda d: rewiring.add_stroke(d, *pair, 2.0, both=False), "bend")
    qtbot.waitUntil(lambda: statistics.summary.asymmetry > 0, timeout=LONG)
    statistics.view.choose("eigenvalues")
    qtbot.waitUntil(lambda: statistics.spectrum is not None, timeout=LONG)
    assert len(statistics.spectrum.values) > 100


def test_weights_from_a_file_and_back(qtbot, small, tmp_path, monkeypatch):
    window, session = small, small.session  # noqa: F811
    W = np.random.default_rng(1).normal(size=(16, 16))
    path = tmp_path / "measured.npy"
    np.save(path, W)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))

    def accept(dialog):
        qtbot.waitUntil(lambda: dialog.given is not None, timeout=LONG)
        return True

    monkeypatch.setattr(ImportWeightsDialog, "exec", accept)
    window.errands.load_weights()
    qtbot.waitUntil(lambda: not session.frame.problem.weights.symmetric, timeout=LONG)
    assert session.setup.rule.id == "hand"
    assert weight(window, 3, 5) == pytest.approx(W[3, 5], rel=1e-6)
    assert session.frame.guarantees[0].broken[0].repair.of == "weights"
    for ending in ("npy", "mtx", "csv", "npz"):
        out = tmp_path / f"out.{ending}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, out=out: (str(out), ""))
        window.errands.save_weights()
        assert out.stat().st_size > 100
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), W, rtol=1e-6)
    session.edit(lambda d: rewiring.repair(d, session.frame.guarantees[0].broken[0].repair), "mend")
    qtbot.waitUntil(lambda: session.frame.problem.weights.symmetric, timeout=LONG)
    assert weight(window, 3, 5) == pytest.approx((W[3, 5] + W[5, 3]) / 2, rel=1e-6)


def test_weights_of_another_network_are_refused(letters):
    told = []
    letters.session.failed.connect(told.append)
    given = Given.from_matrix(np.ones((4, 4)), "four.npy")
    letters.session.edit(lambda d: rewiring.set_given(d, given), "load weights")
    assert "4 neurons, the network has 784" in told[0]


def test_documents_keep_what_was_set_by_hand(qtbot, small, tmp_path):
    session = small.session
    pair = np.array([1, 2]), np.array([3, 4])
    session.edit(lambda d: rewiring.add_stroke(d, *pair, 0.5, both=False), "edit")
    session.edit(lambda d: rewiring.lesion(d, np.array([15])), "silence")
    session.edit(lambda d: rewiring.unlearn(d, np.ones(16, np.int8), 0.02), "dream")
    path = Path(tmp_path) / "mine.lyap"
    files.save(session.document, path)
    again = files.load(path).setup
    assert again.strokes[0].into.tolist() == [1, 2]
    assert not again.strokes[0].both
    assert again.lesions.reshape(-1)[15]
    assert again.dreams[0].strength == 0.02


def test_keys_choose_the_mode(qtbot, letters):
    QTest.keyClick(letters, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert letters.centre.shows(WEIGHTS)
    QTest.keyClick(letters, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert letters.centre.shows(NEURONS)
    ready(qtbot, letters)


def test_what_is_seen_of_the_weights_can_be_exported(qtbot, small, tmp_path):
    window, session = small, small.session  # noqa: F811
    window.centre.set_mode(MATRIX)
    qtbot.waitUntil(lambda: session.frame.block is not None, timeout=LONG)
    window.meaning.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: window.meaning.statistics.summary is not None, timeout=LONG)
    for name in ("Weight matrix", "Weight distribution", "Degrees"):
        for kind in ("png", "svg", "csv"):
            path = tmp_path / f"{name}.{kind}"
            window.exporting.plot(name, kind, path)
            assert path.stat().st_size > 50
    rows = (tmp_path / "Weight matrix.csv").read_text().splitlines()
    assert len(rows) == 1 + 16 * 16
    told = []
    window.exporting.failed.connect(told.append)
    window.exporting.plot("Eigenvalues", "csv", tmp_path / "none.csv")
    assert "eigenvalues first" in told[0]
