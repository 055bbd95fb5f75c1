"""The proof of the design: a model is one new file, and all else appears by itself."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lyapstudio import cli
from lyapstudio import models as package
from lyapstudio.document import edits, files
from lyapstudio.document.history import History
from lyapstudio.document.nouns import Cue, Document, Pattern, Setup, frozen
from lyapstudio.models import model_class, model_id, models
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring.all_to_all import AllToAll
from tests import test_models as contract

RING = '''
"""A ring of neurons that want to be like their two neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lyapstudio.core.model import Assumption, Guarantee, LyapunovFunction, Model, Rest, State
from lyapstudio.core.param import Choice, choice, number


@dataclass
class Chain(State):
    problem: Any
    s: Any
    quiet: int = 0  # updates since the last change


@dataclass(frozen=True)
class Ring(Model):
    title: ClassVar[str] = "Ring of neighbours"
    caption: ClassVar[str] = "Walls between alike neurons vanish"
    about: ClassVar[str] = (
        "<h2>A ring of neighbours</h2><p><i>E</i> = <i>J</i> (number of walls) &minus; &Sigma; "
        "<i>b<sub>i</sub> s<sub>i</sub></i>: a wall stands between two neighbours that differ, "
        "<i>b</i> is the field. One neuron after the other takes the state with the lower "
        "<i>E</i>; where both are as good it stays as it is.</p><p><b>What to look for.</b> "
        "Single neurons join their neighbours; blocks of two and more stay for ever.</p>"
    )
    functions: ClassVar[tuple] = (LyapunovFunction("E", "Walls", "E = J walls − Σ b s"),)
    uses_rule: ClassVar[bool] = False

    coupling: float = number(1.0, 0.1, 5.0, label="Coupling", help="What a wall costs.")
    order: str = choice(
        "forward",
        (Choice("forward", "Forward"), Choice("backward", "Backward")),
        label="Order",
        help="Which way round the ring.",
    )

    def start(self, problem):
        return Chain(0, problem, problem.cue.copy())

    def retune(self, state, problem):
        new = state.copy()
        new.problem, new.quiet = problem, 0
        return new

    def advance(self, state, updates, log):
        s, b, N, done = state.s, state.problem.bias, len(state.s), 0
        while done < updates and log.room and self.rest(state) is Rest.MOVING:
            k = state.update % N
            i = k if self.order == "forward" else N - 1 - k
            alike = int(s[i - 1] == s[i]) + int(s[(i + 1) % N] == s[i])
            change = self.coupling * (2 * alike - 2) + 2 * b[i] * s[i]
            state.update, done, state.quiet = state.update + 1, done + 1, state.quiet + 1
            if change < -1e-9:
                s[i], state.quiet = -s[i], 0
                log.note(state.update, *self.values(state))
        return done

    def terms(self, state):
        walls = np.count_nonzero(state.s != np.roll(state.s, 1))
        return {"Walls": self.coupling * walls, "Field": -float(state.problem.bias @ state.s)}

    def values(self, state):
        return (sum(self.terms(state).values()),)

    def guarantees(self, state):
        return (Guarantee("E", (Assumption("one at a time", True),), "each change lowers E"),)

    def levels(self, problem):
        memories = problem.memories
        walls = (memories != np.roll(memories, 1, axis=1)).sum(axis=1)
        return self.coupling * walls - memories @ problem.bias

    def read(self, state, channel):
        s = state.s
        return s.copy() if channel == "units" else state.problem.memories @ s.astype(float) / len(s)

    def rest(self, state):
        return Rest.FIXED if state.quiet >= len(state.s) else Rest.MOVING

    def poke(self, state, where, value):
        state.s[where], state.quiet = value, 0
'''
ID = "ring_of_neighbours"


@pytest.fixture(params=[ID, "dense_associative"])
def new(request, tmp_path, monkeypatch):
    """The id of a model that no line outside its file knows."""
    folder, searched = tmp_path / "models", list(package.__path__)
    folder.mkdir()
    (folder / f"{ID}.py").write_text(RING, "utf-8")
    monkeypatch.setenv("LYAPSTUDIO_MODELS", str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    importlib.invalidate_caches()
    models.cache_clear()
    yield request.param
    package.__path__[:] = searched
    sys.modules.pop(f"{package.__name__}.{ID}", None)
    vars(package).pop(ID, None)
    models.cache_clear()


def document(id: str) -> Document:
    generator = np.random.default_rng(5)
    grids = [frozen(generator.choice(np.array([-1, 1], np.int8), (6, 7))) for _ in range(3)]
    patterns = tuple(Pattern(k + 1, "ABC"[k], grid) for k, grid in enumerate(grids))
    setup = Setup("S", 6, 7, model_class(id)(), rules()["hebb"](), AllToAll(), Cue(pattern=2))
    return Document("Toy", patterns, (setup,))


def other_values(id: str) -> dict[str, Any]:
    """For each parameter a value that is not its default."""
    return {
        name: spec.choices[-1].id
        if spec.kind == "choice"
        else not spec.default
        if spec.kind == "switch"
        else spec.low
        for name, spec in model_class(id).specs().items()
    }


def test_it_is_named_in_no_other_file():
    files_ = [*Path(cli.__file__).parent.parent.rglob("*.py")]
    users = [f.name for f in files_ if "ring_of_neighbours" in f.read_text("utf-8")]
    assert users == []


# the command line


def test_its_command_line(new, capsys, tmp_path):
    assert cli.main(["models", "--json"]) == 0
    described = json.loads(capsys.readouterr().out)["models"]
    (entry,) = (m for m in described if m["id"] == new)
    cls = model_class(new)
    assert entry["title"] == cls.title
    assert [p["name"] for p in entry["parameters"]] == list(cls.specs())
    file = tmp_path / "toy.lyap"
    files.save(document(new), file)
    values = other_values(new)
    chosen = [word for name, v in values.items() for word in ("--set", f"{name}={v}")]
    assert cli.main(["run", str(file), *chosen]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["model"] == cls.title
    assert report["settled"]
    assert report["lyapunov"]["guaranteed"]
    assert report["lyapunov"]["wrong_moves"] == 0
    assert report["lyapunov"]["last"] <= report["lyapunov"]["first"]
    assert cli.main(["run", "example:letters", "--set", f"model={new}", *chosen]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == cls.title
    name = next(iter(values))
    assert cli.main(["run", str(file), "--set", f"{name}=1000000"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# documents


def test_its_document_and_undo(new):
    old = document(new)
    values = other_values(new)
    changed = edits.set_parameters(old, **values)
    again = files.loads(files.dumps(changed))
    assert again.setup.model == changed.setup.model != old.setup.model
    assert model_id(again.setup.model) == new
    assert again.setup.model.as_values() == values
    history = History(old)
    history.push(changed, "set all")
    history.undo()
    assert history.document.setup.model == model_class(new)()
    history.redo()
    assert history.document.setup.model.as_values() == values


# the contract of the models


@pytest.mark.parametrize(
    "check",
    [
        contract.test_guaranteed_functions_never_move_the_wrong_way,
        contract.test_same_seed_same_run_in_any_chunks,
        contract.test_retune_keeps_the_units,
        contract.test_arithmetic_tells_what_will_happen,
        contract.test_levels_are_the_values_at_the_memories,
        contract.test_channels_have_their_shapes,
        contract.test_it_settles_from_a_cue_and_stays,
        contract.test_no_memories_and_two_neurons,
        contract.test_it_explains_itself_and_refuses_what_is_out_of_range,
    ],
    ids=lambda check: check.__name__.removeprefix("test_"),
)
def test_it_keeps_the_contract(new, check, monkeypatch):
    cls = model_class(new)
    if hasattr(check, "hypothesis"):  # its strategies look the models up when they draw
        monkeypatch.setattr(contract, "models", lambda: {new: cls})
        check()
    else:
        check(cls)


# the window


@pytest.fixture
def window(new, home, qtbot):
    """The real window with a document of the new model."""
    from PySide6.QtCore import QSettings

    from lyapstudio.ui.window import MainWindow

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(home))
    window = MainWindow(document(new))
    window.resize(1280, 800)
    window.show()
    yield window
    window.session.history.saved()
    window.close()
    window.deleteLater()


def test_its_panel_and_its_plots_are_in_the_window(new, window, qtbot):
    from lyapstudio.ui.export import lyapunov_columns

    session = window.session
    cls = model_class(new)
    qtbot.waitUntil(
        lambda: session.frame is not None and session.frame.problem is not None, timeout=20_000
    )
    form = window.network._form
    for name, value in other_values(new).items():
        assert form.row(name).isVisibleTo(window) == (name in cls().shown())
        before = session.setup.model
        form.chosen.emit(name, value)
        assert getattr(session.setup.model, name) == value
        session.undo()
        assert session.setup.model == before
        session.redo()
    assert session.setup.model.as_values() == other_values(new)
    session.set_speed(float("inf"))
    session.toggle()
    qtbot.waitUntil(lambda: session.frame.rest.value == "fixed", timeout=20_000)
    qtbot.waitUntil(lambda: not session.frame.running)
    assert session.frame.error == ""
    assert session.frame.trace.counters[0].wrong_moves == 0
    assert session.outcome.title
    units = session.frame.channels["units"]
    np.testing.assert_array_equal(window.centre.canvas._cells.reshape(-1), units)
    np.testing.assert_allclose(window.centre.bars._values, session.frame.channels["overlaps"])
    assert f"lowest {cls.functions[0].symbol}" in lyapunov_columns(session.frame)
    for view in (window.centre.canvas, window.centre.bars, window.meaning.curve):
        assert view.isVisible()
        assert not view.grab().toImage().allGray()
