"""The commands of tests/results: an experiment from end to end on a few small images."""

from __future__ import annotations

import json

import pytest

from lyapstudio.models.krotov_hopfield2019 import KrotovHopfield2019
from lyapstudio.weights.readout import ReadoutParams
from tests.results import runs
from tests.results.experiments import EXPERIMENTS, Experiment
from tests.results.tables import save
from tests.test_readout import data_set, part


@pytest.mark.parametrize("held_out", [0.0, 0.2])
def test_an_experiment(monkeypatch, tmp_path, held_out):
    empty = part(0, 4, 2)
    data = data_set() if held_out else data_set(validation=empty)
    monkeypatch.setattr(runs, "read", lambda source: data)
    small = Experiment(
        "small",
        KrotovHopfield2019(K=12, epochs=2, start_from="images"),
        ReadoutParams(epochs=12, batch=20, distort=0.5),
        0.5,
        (1,),
        held_out=held_out,
        baselines=True,
    )
    log = runs.run(small, (1, 2))
    assert log["met"]
    save("small", log, tmp_path)
    saved = json.loads((tmp_path / "small.json").read_text("utf-8"))
    for one in saved["runs"]:
        found = one["readout"]
        assert ("test_error" in found) == (held_out == 0)
        looked_at_test = [row[-1] is not None for row in found["history"]]
        assert looked_at_test == [held_out == 0] * 12
        assert set(one["baselines"]) == {"pixels", "untrained weights", "back-propagation"}
    page = (tmp_path / "small.md").read_text("utf-8")
    assert "| 2 | hidden units |" in page
    assert "nan" not in page


def test_every_experiment_is_declared():
    assert set(EXPERIMENTS) == {"k100", "k2000", "validation", "long"}
    assert not EXPERIMENTS["long"].watch
