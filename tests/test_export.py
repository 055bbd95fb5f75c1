"""Every plot as PNG, SVG and CSV, from the real window, and what the files hold."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtGui import QImage

from lyapstudio.document.examples import example
from lyapstudio.ui.theme import theme
from lyapstudio.ui.window import MainWindow

NAMES = (
    "Lyapunov function",
    "Overlaps",
    "Overlaps over time",
    "Receptive field",
    "Contributions",
)


@pytest.fixture
def window(qtbot, home):
    theme().apply()
    window = MainWindow(example("letters").build())
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    session = window.session
    qtbot.waitUntil(
        lambda: session.frame is not None and session.frame.problem is not None, timeout=30_000
    )
    session.simulation.step(900)
    session.look_at(5)
    qtbot.waitUntil(lambda: session.frame.update == 900 and session.frame.incoming is not None)
    yield window
    session.history.saved()
    window.close()


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", NAMES)
def test_every_plot_in_every_format(window, name, tmp_path):
    for kind in ("png", "svg", "csv"):
        path = tmp_path / f"plot.{kind}"
        window.exporting.plot(name, kind, path)
        assert path.stat().st_size > 200, (name, kind)
        assert "plot" in window.notice.words
    picture = QImage(str(tmp_path / "plot.png"))
    assert picture.width() > 300
    assert len({picture.pixel(x, picture.height() // 2) for x in range(picture.width())}) > 1
    assert (tmp_path / "plot.svg").read_text().count("<path") + (
        tmp_path / "plot.svg"
    ).read_text().count("<image") > 0


def test_the_numbers_are_those_of_the_run(window, tmp_path):
    frame, path = window.session.frame, tmp_path / "a.csv"
    window.exporting.plot("Lyapunov function", "csv", path)
    curve = [r for r in rows(path) if r["update of E"]]
    assert float(curve[0]["highest E"]) == frame.trace.counters[0].first
    assert float(curve[-1]["lowest E"]) == frame.values[0]
    assert len([r for r in rows(path) if r["memory"]]) == 26
    window.exporting.plot("Overlaps", "csv", path)
    assert [float(r["overlap"]) for r in rows(path)] == frame.channels["overlaps"].tolist()
    window.exporting.plot("Receptive field", "csv", path)
    assert np.allclose([float(r["weight into (1, 6)"]) for r in rows(path)], frame.incoming)
    window.exporting.plot("Contributions", "csv", path)
    parts = [float(r["contribution"]) for r in rows(path)]
    assert sum(parts[:-1]) == pytest.approx(parts[-1])


def test_a_field_without_a_neuron_is_a_sentence(window, qtbot, tmp_path):
    window.session.look_at(None)
    qtbot.waitUntil(lambda: window.session.frame.incoming is None)
    window.exporting._looked = None
    window.exporting.plot("Receptive field", "csv", tmp_path / "a.csv")
    assert window.notice.words.startswith("Point at a neuron first")
    assert not (tmp_path / "a.csv").exists()


def test_a_place_that_cannot_be_written_is_a_sentence(window, tmp_path):
    window.exporting.plot("Overlaps", "csv", tmp_path / "no" / "a.csv")
    assert window.notice.words
