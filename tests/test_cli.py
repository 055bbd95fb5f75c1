"""The command line, as installers and scripts meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lyapstudio import __version__, cli
from lyapstudio.cli import running
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Rest
from lyapstudio.document import files
from lyapstudio.document.examples import example, examples
from lyapstudio.models import model_class, models
from lyapstudio.weights import cost

ROOT = Path(__file__).parent.parent


def strict(text: str) -> Any:
    """One JSON object on one line, without NaN and Infinity."""
    assert text.count("\n") == 1

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def call(capsys):
    """Run a command; its exit status, standard output and standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        try:
            status = cli.main([str(w) for w in words])
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def report(call):
    """What `run` prints, where all goes well."""

    def run(*words: object) -> dict[str, Any]:
        status, out, err = call("run", *words)
        assert (status, err) == (0, "")
        return strict(out)

    return run


def process(*words: object, **more: Any) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    if "XDG_CACHE_HOME" in more:
        environment.pop("NUMBA_CACHE_DIR", None)  # set by what ran in this process
    return subprocess.run(
        [sys.executable, "-m", "lyapstudio", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        encoding="utf-8",
    )


# what is told about the program


def test_version(call):
    assert call("--version") == (0, f"lyapstudio {__version__}\n", "")


def test_examples_are_listed_one_a_line_the_id_first(call):
    status, out, err = call("examples")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in lines] == list(examples())
    assert len(lines) >= 6


def test_models_are_described_in_full(call):
    status, out, _ = call("models", "--json")
    described = strict(out)
    assert status == 0
    assert {m["id"] for m in described["models"]} == set(models())
    assert {r["id"] for r in described["rules"]} >= {"hebb", "projection"}
    assert {w["id"] for w in described["wirings"]} >= {"all-to-all"}
    for member in [m for group in described.values() for m in group]:
        assert member["title"]
        for p in member["parameters"]:
            assert p["kind"] in ("number", "integer", "choice", "switch")
            assert p["name"]
            assert p["help"].endswith(".")
            assert isinstance(p["unit"], str)
            if p["kind"] == "choice":
                assert p["default"] in p["choices"]
            elif p["kind"] != "switch":
                low, high = p["range"]
                assert low is None or low <= p["default"]
                assert high is None or high > low
    (hopfield,) = (m for m in described["models"] if m["id"] == "hopfield1982")
    T = next(p for p in hopfield["parameters"] if p["name"] == "T")
    assert (T["default"], T["range"], T["kind"]) == (0.0, [0.0, 10.0], "number")


def test_models_for_people(call):
    status, out, _ = call("models")
    assert status == 0
    assert "Hopfield 1982" in out


# run


def test_a_run_reports_what_the_issue_names(report):
    r = report("example:letters", "--json")
    assert r["model"] == "Hopfield 1982"
    assert r["settled"] is True
    assert r["outcome"].startswith("Memory: ")
    assert r["updates"] > 0
    assert r["seed"] == example("letters").build().setup.seed
    assert r["seconds"] > 0
    function = r["lyapunov"]
    assert function["last"] < function["first"]
    assert (function["wrong_moves"], function["guaranteed"]) == (0, True)
    assert "setups" not in r


def test_updates_and_seed(report):
    none = report("example:letters", "--updates", 0)
    assert (none["updates"], none["settled"]) == (0, False)
    assert none["lyapunov"]["first"] == none["lyapunov"]["last"]
    some = report("example:letters", "--updates", 100)
    assert (some["updates"], some["settled"]) == (100, False)
    assert some["lyapunov"]["last"] < some["lyapunov"]["first"]
    other = report("example:letters", "--updates", 100, "--seed", 77)
    assert other["seed"] == 77
    assert other["lyapunov"] != some["lyapunov"]


def test_set(report):
    by_dot = report("example:letters", "--updates", 500, "--set", "T=0.25")
    comma = report("example:letters", "--updates", 500, "--set", "T = 0,25")
    by_dot.pop("seconds"), comma.pop("seconds")
    assert by_dot == comma
    assert not comma["settled"]
    assert not comma["lyapunov"]["guaranteed"]
    assert comma["lyapunov"]["wrong_moves"] > 0
    assert "andering" in comma["outcome"]
    together = report("example:letters", "--set", "update=together", "--updates", 3)
    assert together["updates"] <= 3
    many = ("--set", "rule=hebb", "--set", "units=01", "--set", "flips=5 %", "--set", "anneal=no")
    assert report("example:letters", *many)["updates"] > 0
    model = ("--set", "model=hopfield1982", "--set", "update=sequence")
    assert report("example:letters", *model)["settled"]


def test_a_two_cycle_is_named_and_ends_the_run(report):
    r = report("example:two-neurons", "--updates", 10**9)
    assert r["settled"]
    assert r["updates"] <= 3
    assert r["outcome"].startswith("2-cycle")
    assert r["detail"] == "2 neurons flip for ever"
    assert not r["lyapunov"]["guaranteed"]


def test_several_setups(report):
    r = report("example:hebb-against-projection", "--set", "dependent=pseudo")
    titles = [s["title"] for s in r["setups"]]
    assert len(titles) == 2
    active = r["setups"][example("hebb-against-projection").build().active]
    assert {k: v for k, v in active.items() if k != "title"} == {
        k: v for k, v in r.items() if k != "setups"
    }


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as data:
        return dict(data)


def test_arrays_out(report, tmp_path):
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    r = report("example:letters", "--out", first)
    report("example:letters", "--out", second)
    a, b = arrays(first), arrays(second)
    setup = example("letters").build().setup
    assert a["state"].shape == (setup.rows, setup.cols)
    assert a["state"].dtype == np.int8
    assert a["update"].dtype == np.int64
    assert a["update"].shape == a["lyapunov"].shape
    assert (np.diff(a["update"]) > 0).all()
    assert (np.diff(a["lyapunov"]) < 0).all()
    assert a["lyapunov"][0] == r["lyapunov"]["first"]
    assert a["lyapunov"][-1] == r["lyapunov"]["last"]
    assert a["overlaps"].max() == 1.0
    for name in ("state", "overlaps", "update", "lyapunov"):
        np.testing.assert_array_equal(a[name], b[name])


def test_more_than_a_million_samples_are_thinned(report, tmp_path):
    out = tmp_path / "long.npz"
    r = report("example:letters", "--set", "T=2", "--updates", 4_000_000, "--out", out)
    a = arrays(out)
    assert 400_000 < len(a["update"]) <= 1_100_000
    assert (np.diff(a["update"]) > 0).all()
    assert a["lyapunov"][-1] == r["lyapunov"]["last"]
    assert a["update"][-1] <= r["updates"] == 4_000_000


def test_a_model_without_a_function(report, monkeypatch, tmp_path):
    cls = model_class("hopfield1982")
    monkeypatch.setattr(cls, "functions", ())
    monkeypatch.setattr(cls, "values", lambda self, state: ())
    monkeypatch.setattr(cls, "guarantees", lambda self, state: ())
    monkeypatch.setattr(cls, "rest", lambda self, state: Rest.FIXED)
    r = report("example:letters", "--updates", 5, "--out", tmp_path / "x.npz")
    nothing = {"first": None, "last": None, "wrong_moves": 0, "guaranteed": False}
    assert r["lyapunov"] == nothing
    assert arrays(tmp_path / "x.npz")["lyapunov"].shape == (0,)


# documents


def test_save_and_run_a_document(call, report, tmp_path):
    file = tmp_path / "letters.lyap"
    assert call("save", "example:letters", file) == (0, "", "")
    a, b = report(file), report("example:letters")
    a.pop("seconds"), b.pop("seconds")
    assert a == b
    again = tmp_path / "again.lyap"
    assert call("save", file, again)[0] == 0
    assert again.read_bytes() == file.read_bytes()


# errors


def future(path: Path) -> Path:
    source = files.dumps(example("two-neurons").build())
    (path.parent / "now.lyap").write_bytes(source)
    with (
        zipfile.ZipFile(path.parent / "now.lyap") as old,
        zipfile.ZipFile(path, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "document.json":
                data = json.dumps({**json.loads(data), "schema": 99}).encode()
            new.writestr(name, data)
    return path


def corrupt(path: Path) -> Path:
    data = bytearray(files.dumps(example("two-neurons").build()))
    data[len(data) // 3 : len(data) // 2] = b"\x00" * (len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    return path


def text(path: Path) -> Path:
    path.write_text("hello\nworld\n")
    return path


LETTERS = "example:letters"
WRONG: dict[str, Any] = {
    "missing": lambda p: ("run", p / "none.lyap"),
    "missing in the window": lambda p: (p / "none.lyap",),
    "folder": lambda p: ("run", p),
    "folder in the window": lambda p: (p,),
    "corrupt": lambda p: ("run", corrupt(p / "bad.lyap")),
    "corrupt in the window": lambda p: (corrupt(p / "bad.lyap"),),
    "text": lambda p: ("run", text(p / "a.lyap")),
    "future": lambda p: ("run", future(p / "future.lyap")),
    "unknown example": lambda p: ("run", "example:nothing"),
    "unknown example in the window": lambda p: ("example:nothing",),
    "unknown command": lambda p: ("frobnicate",),
    "unknown option": lambda p: ("run", LETTERS, "--frob"),
    "two files": lambda p: ("a", "b"),
    "no file": lambda p: ("run",),
    "bad number": lambda p: ("run", LETTERS, "--updates", "many"),
    "fraction": lambda p: ("run", LETTERS, "--updates", "1.5"),
    "negative updates": lambda p: ("run", LETTERS, "--updates", "-5"),
    "negative seed": lambda p: ("run", LETTERS, "--seed", "-5"),
    "huge seed": lambda p: ("run", LETTERS, "--seed", str(2**64)),
    "bad seed": lambda p: ("run", LETTERS, "--seed", "x"),
    "unknown parameter": lambda p: ("run", LETTERS, "--set", "warmth=1"),
    "no value": lambda p: ("run", LETTERS, "--set", "T"),
    "empty value": lambda p: ("run", LETTERS, "--set", "T="),
    "out of range": lambda p: ("run", LETTERS, "--set", "T=-1"),
    "not a number": lambda p: ("run", LETTERS, "--set", "T=nan"),
    "unknown rule": lambda p: ("run", LETTERS, "--set", "rule=magic"),
    "unknown model": lambda p: ("run", LETTERS, "--set", "model=magic"),
    "unknown choice": lambda p: ("run", LETTERS, "--set", "update=never"),
    "unwritable": lambda p: ("run", LETTERS, "--updates", 1, "--out", p / "no" / "x.npz"),
    "out is a folder": lambda p: ("run", LETTERS, "--updates", 1, "--out", p),
    "save nowhere": lambda p: ("save", LETTERS, p / "no" / "x.lyap"),
    "save nothing": lambda p: ("save", "example:nothing", p / "x.lyap"),
    "extra words": lambda p: ("examples", "please"),
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_errors_are_one_line_and_status_two(call, tmp_path, words):
    status, out, err = call(*words(tmp_path))
    assert (status, out) == (2, "")
    assert err.startswith("lyapstudio: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert err.strip()[-1] in ".)"


def test_a_network_beyond_the_memory(call, monkeypatch):
    monkeypatch.setattr(cost, "memory_limit", lambda: 1e4)
    status, out, err = call("run", LETTERS)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "Make the network smaller" in err


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("two\nlines"), OSError(5, "I/O error"), UserError("a\nb.")],
)
def test_faults_are_one_line_too(call, monkeypatch, error):
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(running, "run_setup", fail)
    status, out, err = call("run", LETTERS)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "Traceback" not in err


# as a process


def test_the_process_itself(tmp_path):
    done = process("run", "example:two-neurons", "--out", tmp_path / "x.npz")
    assert (done.returncode, done.stderr) == (0, "")
    assert strict(done.stdout)["settled"]
    wrong = process("run", tmp_path / "none.lyap")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.count("\n") == 1


def test_a_terminal_that_knows_ascii_only_and_a_home_that_cannot_be_written():
    surroundings = {"PYTHONIOENCODING": "ascii", "XDG_CACHE_HOME": os.devnull}
    done = process("run", "example:two-neurons", "--updates", "1", **surroundings)
    assert done.returncode == 0
    assert done.stderr.startswith("lyapstudio: Compiled kernels cannot be kept in /dev/null/")
    assert done.stderr.count("\n") == 1
    assert process("examples", **surroundings).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes of another kind")
def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m lyapstudio models --json | true; exit ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.stderr == ""
