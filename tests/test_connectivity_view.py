"""The statistics of the weights as a view: what folds, what is said, what is exported."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from lyapstudio.analysis.connectivity import summary
from lyapstudio.analysis.spectrum import spectrum
from lyapstudio.core.errors import UserError
from lyapstudio.document.export import columns_csv
from lyapstudio.ui.export_weights import (
    degree_columns,
    eigenvalue_columns,
    weight_distribution_columns,
)
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.charts import heights, power, span
from lyapstudio.ui.views.connectivity import STACKED, ConnectivityView, numbers, symmetry_words
from lyapstudio.ui.views.distributions import per_cent
from lyapstudio.ui.views.eigenvalues import WAITING
from tests.couplings import Matrix, hebb, ring
from tests.gallery_connectivity import antisymmetric, edited, gaussian


@pytest.fixture(autouse=True)
def light(qapp):
    """Every test starts in the light theme at scale 1."""
    theme().projector = False
    theme().set_mode("light")
    yield
    theme().projector = False
    theme().set_mode("light")


@pytest.fixture
def view(qtbot):
    made = ConnectivityView()
    qtbot.addWidget(made)
    made.resize(328, 200)
    made.show()
    return made


def said(found, cols: int = 8) -> str:
    return "\n".join(f"{n.name} {n.wordings[0]}" for row in numbers(found, cols) for n in row)


def tip(widget, x: int, y: int) -> str:
    QApplication.sendEvent(
        widget, QHelpEvent(QEvent.Type.ToolTip, QPoint(x, y), widget.mapToGlobal(QPoint(x, y)))
    )
    words = QToolTip.text()
    QToolTip.hideText()
    return words


# --- what folds


@pytest.mark.parametrize("width", [280, 328, 480])
@pytest.mark.parametrize("height", [150, 200, 226, 330, STACKED, 420])
def test_one_chart_where_there_is_little_room_and_all_where_there_is_much(view, width, height):
    view.show_summary(summary(edited()), 28)
    view.resize(width, height)
    charts = (view.weights, view.eigenvalues, view.degrees)
    seen = [chart for chart in charts if chart.isVisible()]
    assert len(seen) == (3 if height >= STACKED else 1)
    assert view.choice.isVisible() == (height < STACKED)
    boxes = [part.geometry() for part in (*seen, view.numbers)]
    for k, box in enumerate(boxes):
        assert view.rect().contains(box)
        assert not any(box.intersects(other) for other in boxes[k + 1 :])
    for chart in seen:
        assert chart.height() >= 64
        assert chart.plot().height() >= 24
    shown = view.numbers.height() // 16
    assert shown == (2 if height < 226 else len(numbers(summary(edited()), 28)))


def test_the_choice_brings_a_chart_into_sight(view):
    view.show_summary(summary(ring(20)), 5)
    assert view.weights.isVisible()
    view.choice.chosen.emit("")  # nothing is lost by an unknown one
    view.choose("degrees")
    assert view.degrees.isVisible()
    assert not view.weights.isVisible()


def test_it_fits_in_the_projector_mode(view):
    theme().set_projector(True)
    view.show_summary(summary(edited()), 28)
    assert view.minimumSizeHint().height() == 195
    view.resize(427, 420)
    assert not view.stacked


# --- eigenvalues when they are asked for


def test_eigenvalues_are_wanted_when_they_come_into_sight_and_are_out_of_date(view, qtbot):
    wanted = []
    view.spectrum_wanted.connect(lambda: wanted.append(1))
    weights = gaussian(60, 0.0)
    view.show_summary(summary(weights), 10)
    assert not wanted
    view.choose("eigenvalues")
    assert len(wanted) == 1
    view.choose("weights")
    view.choose("eigenvalues")
    assert len(wanted) == 1  # it is being computed
    view.show_spectrum(None, "Computing the eigenvalues …")
    assert view.eigenvalues.empty()
    view.show_spectrum(spectrum(weights))
    assert view.eigenvalues.caption == "All 60 eigenvalues."
    assert not view.eigenvalues.faint
    view.choose("weights")
    view.choose("eigenvalues")
    assert len(wanted) == 1  # up to date
    view.show_summary(summary(weights), 10)
    assert len(wanted) == 2  # an edit, in plain sight
    assert view.eigenvalues.faint
    view.show_spectrum(None, "Computing the eigenvalues …")
    assert not view.eigenvalues.empty()  # the old ones stay, faint
    assert view.eigenvalues.faint
    assert view.eigenvalues.caption == "Computing the eigenvalues …"


def test_eigenvalues_are_wanted_when_the_view_grows(view):
    wanted = []
    view.spectrum_wanted.connect(lambda: wanted.append(1))
    view.show_summary(summary(ring(20)), 5)
    view.resize(328, 420)
    assert len(wanted) == 1


def test_nothing_is_wanted_while_the_view_is_hidden(qtbot):
    made = ConnectivityView()
    qtbot.addWidget(made)
    wanted = []
    made.spectrum_wanted.connect(lambda: wanted.append(1))
    made.choose("eigenvalues")
    made.show_summary(summary(ring(20)), 5)
    assert not wanted
    made.show()
    assert len(wanted) == 1


def test_clear(view):
    view.show_summary(summary(ring(20)), 5)
    view.show_spectrum(spectrum(ring(20)))
    view.clear()
    assert view.weights.empty()
    assert view.degrees.empty()
    assert view.eigenvalues.empty()
    assert view.numbers.count() == 0
    view.resize(328, 420)
    assert view.grab().width() == 328


# --- words


def test_symmetry_in_words():
    assert symmetry_words(summary(ring(20)), 5) == ("symmetric",)
    W = np.zeros((16, 16))
    W[11, 0] = W[0, 11] = 1.0
    W[11, 3] = 0.5
    words = symmetry_words(summary(Matrix(W)), 4)
    assert words[0] == "asymmetric: 24 % of the weights’ size, most at neuron (1, 4)"
    assert all(len(a) > len(b) for a, b in itertools.pairwise(words))
    assert symmetry_words(summary(antisymmetric(20)), 5)[1] == "antisymmetric"


def test_numbers_in_words():
    words = said(summary(edited()), 28)
    assert "connections 481\u2009213" in words
    assert "10 self-couplings, all negative; 3 isolated neurons" in words
    assert "degree 614, 0–649" in words
    assert "-" not in words.replace("self-couplings", "")  # a minus is U+2212
    words = said(summary(Matrix(np.diag([-1.0, 0, 0]))), 3)
    assert "1 self-coupling, negative; 3 isolated neurons" in words
    assert "mean ± sd –" in words


def test_a_sample_is_said_to_be_one():
    words = said(summary(hebb(8, 3000)), 60)
    assert "connections ≈ " in words
    assert "from 1\u2009398 neurons drawn at random" in words


def test_shares():
    wanted = {
        0.0: "0 %",
        0.0038: "0.38 %",
        0.5: "50 %",
        0.123: "12 %",
        0.9993: "99.93 %",
        1.0: "100 %",
        1 - 1e-8: "nearly 100 %",
        1e-8: "1·10^−6 %",
    }
    assert {part: per_cent(part) for part in wanted} == wanted


def test_spans_and_powers():
    assert span(-0.1, 0.25) == "−0.100 to 0.250"
    assert [power(k) for k in (-5, -2, 0, 3, 6)] == ["10⁻⁵", "0.01", "1", "1\u2009000", "10⁶"]


def test_the_scale_is_logarithmic_only_where_most_bars_would_vanish():
    bell = heights(np.exp(-(np.linspace(-4, 4, 48) ** 2) / 2) * 1e5)
    assert not bell.log
    spike = heights(np.array([9208, 0, 0, 1, 2, 1]))
    assert spike.log
    assert spike.parts[1] == 0
    assert 0 < spike.parts[3] < spike.parts[4] < spike.parts[0] <= 1
    assert next(words for _, words in spike.ticks) in ("1\u2009000", "10⁴")
    assert not heights(np.zeros(4)).ticks


# --- pictures


def ink(widget) -> set[str]:
    image = widget.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_bars_are_warm_and_cool(view):
    view.show_summary(summary(gaussian(200, 0.0)), 20)
    colours = ink(view.weights)
    for k in (38, 217):
        assert QColor(*(int(c) for c in theme().signed()[k])).name() in colours


def test_the_theme_recolours(view):
    view.show_summary(summary(gaussian(100, 1.0)), 10)
    view.choose("degrees")
    assert theme().name("bar").lower() in ink(view.degrees)
    theme().set_mode("dark")
    assert theme().name("bar").lower() in ink(view.degrees)


def test_complex_eigenvalues_have_equal_scales(view):
    view.choose("eigenvalues")
    view.show_spectrum(spectrum(gaussian(100, 1.0)))
    for size in ((328, 150), (480, 420)):
        view.resize(*size)
        plot = view.eigenvalues.plot()
        _, wide, tall = view.eigenvalues._window(plot)
        assert wide / plot.width() == pytest.approx(tall / plot.height())
        assert view.grab().width() == size[0]


@pytest.mark.parametrize(
    "weights", [ring(30), gaussian(40, 0.0), antisymmetric(12), Matrix(np.zeros((9, 9)))]
)
def test_whatever_the_weights_it_is_painted(view, weights):
    view.show_summary(summary(weights), 3)
    view.show_spectrum(spectrum(weights))
    for which in ("weights", "eigenvalues", "degrees"):
        view.choose(which)
        assert not view.grab().isNull()


# --- the pointer


def test_bars_tell_what_they_count(view):
    view.resize(328, 300)
    view.show_summary(summary(ring(30)), 6)
    plot = view.weights.plot()
    x = round(view.weights.place(1.0, plot))
    assert tip(view.weights, x, round(plot.bottom()) - 3).endswith("60 of the connections, 100 %.")
    view.choose("degrees")
    plot = view.degrees.plot()
    x = round(view.degrees.place(2.0, plot))
    assert tip(view.degrees, x, round(plot.bottom()) - 3) == "2 connections: 100 % of the neurons."
    view.choose("eigenvalues")
    view.show_spectrum(spectrum(hebb(1, 30)))
    plot = view.eigenvalues.plot()
    x = round(view.eigenvalues.place(-1 / 30, plot))
    assert tip(view.eigenvalues, x, round(plot.bottom()) - 3) == "λ = −0.03333, 29 times."
    assert "one sign" in tip(view.numbers, 320, 3 * 16 + 8)


def test_a_complex_eigenvalue_under_the_pointer(view):
    view.choose("eigenvalues")
    view.show_spectrum(spectrum(Matrix(np.array([[0.0, -2.0], [2.0, 0.0]]))))
    plot = view.eigenvalues.plot()
    _, _, tall = view.eigenvalues._window(plot)
    y = round(plot.center().y() - 2 / (2 * tall) * plot.height())
    assert tip(view.eigenvalues, round(view.eigenvalues.place(0, plot)), y) == "λ = 0 + 2 i."


# --- export


def test_every_number_of_a_chart_is_exported(tmp_path):
    weights = edited()
    found, values = summary(weights), spectrum(hebb(3, 40))
    table = weight_distribution_columns(found)
    assert sum(table["connections"]) == found.connections
    assert table["value"][table["number"].index("asymmetry")] == found.asymmetry
    table = eigenvalue_columns(values)
    assert sum(table["times"]) == 40
    table = degree_columns(found)
    assert (table["to degree"] >= table["from degree"]).all()
    assert sum(table["neurons that listen to so many"]) == 784
    for columns in (weight_distribution_columns(found), eigenvalue_columns(values), table):
        columns_csv(tmp_path / "numbers.csv", columns)
        assert (tmp_path / "numbers.csv").read_text("utf-8").count("\n") > 3


def test_what_was_never_shown_is_not_exported():
    for columns in (weight_distribution_columns, degree_columns, eigenvalue_columns):
        with pytest.raises(UserError, match="first"):
            columns(None)


def test_before_anything_is_computed_it_says_so(view):
    view.choose("eigenvalues")
    assert view.eigenvalues._message == WAITING
