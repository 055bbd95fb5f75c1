"""The command line where networks learn: run, train, and going on after an interruption."""

from __future__ import annotations

import io
import itertools
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lyapstudio.cli import progress, result, training
from lyapstudio.cli.settings import changed
from lyapstudio.core.errors import UserError
from lyapstudio.document import edits, files
from lyapstudio.document.examples import example
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run
from lyapstudio.models import model_class
from lyapstudio.weights.readout import Readout
from tests.test_cli import ROOT, arrays, call, report, strict

__all__ = ["call", "report"]  # fixtures

EPOCHS, IMAGES = 6, 26
TINY = {"K": 12, "batch": 5, "epochs": EPOCHS, "probe": 10, "readout.epochs": 3}
LETTERS = ["example:digits", "--set", "data=ready:letters"]


def sets(**values: object) -> list[str]:
    """--set words; an underscore pair stands for the dot of OWNER.NAME."""
    return [word for k, v in values.items() for word in ("--set", f"{k.replace('__', '.')}={v}")]


LETTERS += sets(**TINY)


@pytest.fixture
def digits(tmp_path) -> Path:
    """A hundred images of four classes that can be told apart."""
    random = np.random.default_rng(4)
    y = np.arange(100) % 4
    x = random.integers(0, 60, (100, 5, 5), np.uint8)
    for image, label in zip(x, y, strict=True):
        image[label] += 180
    np.savez(tmp_path / "digits.npz", x=x, y=y)
    return tmp_path / "digits.npz"


def of(file: Path, *more: str) -> list[str]:
    """Words that learn from that file."""
    return ["example:digits", *sets(data=file, **TINY), *more]


@pytest.fixture
def trained(call):
    """What `train` prints, where all goes well."""

    def run(*words: object) -> dict[str, Any]:
        status, out, err = call("train", *words)
        assert (status, err) == (0, "")
        return strict(out)

    return run


def same(a: Path, b: Path) -> None:
    """Everything but the time it took."""
    one, two = arrays(a), arrays(b)
    assert one.keys() == two.keys()
    for name in one.keys() - {"seconds"}:
        np.testing.assert_array_equal(one[name], two[name], name)


# run


def test_all_epochs_are_run(report, tmp_path):
    r = report(*LETTERS, "--out", tmp_path / "a.npz")
    assert r["model"] == "Krotov–Hopfield 2019"
    assert (r["epoch"], r["updates"], r["settled"]) == (EPOCHS, EPOCHS * IMAGES, True)
    assert r["outcome"] == "Learned"
    assert r["detail"] == f"{r['winners']} of 12 units win"
    assert r["winners"] + r["dead_units"] == 12
    assert r["norm_error"] >= 0
    assert not r["lyapunov"]["guaranteed"]
    assert not r.keys() & {"test_error", "overlaps"}
    a = arrays(tmp_path / "a.npz")
    assert a.keys() == {"weights", "update", "lyapunov"}
    assert (a["weights"].shape, a["weights"].dtype) == ((12, 28 * 28), np.float32)
    assert a["lyapunov"][0] == r["lyapunov"]["first"]
    assert a["lyapunov"][-1] == r["lyapunov"]["last"]


def test_epochs_and_updates(report):
    two, same_ = report(*LETTERS, "--epochs", 2), report(*LETTERS, "--updates", 2 * IMAGES)
    assert (two["epoch"], two["settled"], two["outcome"]) == (2, False, "Paused")
    two.pop("seconds"), same_.pop("seconds")
    assert two == same_
    assert report(*LETTERS, "--epochs", 0)["outcome"] == "Not yet learned"
    short = report(*LETTERS, "--set", "epochs=2")
    assert (short["epoch"], short["settled"]) == (2, True)
    assert short["lyapunov"] != two["lyapunov"]  # its step had shrunk


def test_full_batches_are_guaranteed(report):
    full = sets(batching="full", ranking="normalised")
    r = report(*LETTERS, *full)
    assert r["lyapunov"]["guaranteed"]
    assert r["lyapunov"]["wrong_moves"] == 0
    assert r["lyapunov"]["last"] > r["lyapunov"]["first"]


def test_whose_a_name_is(report, call, tmp_path):
    assert report(*LETTERS, "--set", "rule=slow", "--epochs", 1)["epoch"] == 1
    file = tmp_path / "a.lyap"
    words = [*LETTERS, "--epochs", 0, "--set", "rate=0.05", "--set", "readout.rate=0.02"]
    more = ["--set", "limit=9", "--set", "data.validation=0.25", "--set", "model.batch=3"]
    more += ["--set", "power=3"]
    assert call("train", *words, *more, "--out", tmp_path / "a.npz", "--save", file)[0] == 0
    setup = files.load(file).setup
    assert (setup.model.as_values()["rate"], setup.readout.rate) == (0.05, 0.02)
    assert (setup.model.as_values()["batch"], setup.readout.batch) == (3, 100)
    assert (setup.data.limit, setup.data.validation, setup.readout.power) == (9, 0.25, 3)
    assert (setup.data.kind, setup.data.ready) == ("ready", "letters")


def test_several_setups(report, tmp_path):
    document = example("letters").build()
    learner = replace(example("digits").build().setup, rows=document.setup.rows)
    learner = replace(learner, cols=document.setup.cols, title="Learner")
    document = replace(document, setups=(document.setup, learner))
    document = edits.show_setup(document, 1)
    document = changed(document, None, LETTERS[2::2])
    file = tmp_path / "two.lyap"
    files.save(edits.show_setup(document, 0), file)
    r = report(file, "--epochs", 1, "--set", "flips=0.1")
    memory, learned = r["setups"]
    assert r["outcome"].startswith("Memory")
    assert memory["settled"]
    assert "epoch" not in r
    assert learned["epoch"] == 1


# a document that has learned


def test_it_goes_on_from_what_was_learned(report, trained, tmp_path):
    whole, half, rest = tmp_path / "whole.npz", tmp_path / "half.lyap", tmp_path / "rest.npz"
    report(*LETTERS, "--out", whole)
    trained(*LETTERS, "--epochs", 2, "--out", tmp_path / "half.npz", "--save", half)
    r = report(half, "--out", rest)
    assert (r["epoch"], r["updates"]) == (EPOCHS, EPOCHS * IMAGES)
    a, b = arrays(whole), arrays(rest)
    np.testing.assert_array_equal(a["weights"], b["weights"])
    at = np.searchsorted(a["update"], b["update"])
    np.testing.assert_array_equal(a["lyapunov"][at], b["lyapunov"])
    assert report(half, "--updates", 0)["epoch"] == 2


def test_what_was_saved_opens_in_the_engine(trained, tmp_path):
    file = tmp_path / "a.lyap"
    words = ["--epochs", 2, "--readout", "--out", tmp_path / "a.npz", "--save", file]
    trained(*LETTERS, *words)
    document = files.load(file)
    model, problem = Resolver()(document, 0)
    resumed = Run(model, problem, saved=document.learned[0].network)
    whole = Run(model, problem)
    whole.advance(2 * IMAGES)
    assert resumed.trace.counters[0].last == model.values(whole.state)[0]
    resumed.advance(1 << 20)
    whole.advance(1 << 20)
    np.testing.assert_array_equal(resumed.state.W, whole.state.W)
    assert Readout.restore(document.learned[0].readout).classes == problem.data.classes


@pytest.mark.parametrize("other", [("--seed", 5), ("--set", "limit=20"), ("--set", "K=9")])
def test_what_begins_in_another_way_starts_anew(report, trained, tmp_path, other):
    file = tmp_path / "a.lyap"
    trained(*LETTERS, "--readout", "--out", tmp_path / "a.npz", "--save", file)
    assert report(file, "--updates", 0)["epoch"] == EPOCHS
    r = report(file, "--updates", 0, *other)
    assert (r["epoch"], r["updates"]) == (0, 0)
    assert "test_error" not in r


def test_the_readout_of_a_document_is_judged(report, trained, digits, tmp_path):
    file = tmp_path / "a.lyap"
    t = trained(*of(digits), "--readout", "--out", tmp_path / "a.npz", "--save", file)
    r = report(file)
    assert r["test_error"] == t["test_error"] is not None
    assert files.load(file).learned[0].readout.keys() >= {"S", "W", "scale"}


# train


def test_what_train_leaves(trained, digits, tmp_path):
    out = tmp_path / "a.npz"
    r = trained(*of(digits), "--readout", "--out", out, "--baselines", "pixels, backprop")
    assert {k for k in r if k.endswith("_error")} == {
        "norm_error",
        "test_error",
        "validation_error",
        "train_error",
    }
    assert (r["epoch"], r["settled"], r["outcome"]) == (EPOCHS, True, "Learned")
    assert list(r["baselines"]) == ["pixels", "backprop"]
    for errors in (r, *r["baselines"].values()):
        for part in ("test", "validation", "train"):
            assert 0 <= errors[f"{part}_error"] <= 1
    a = arrays(out)
    assert a["weights"].shape == (12, 25)
    assert a["S"].shape == (4, 12)
    assert a["history"].shape == (3, 5)
    assert a["scale"].shape == ()
    assert a["confusion"].sum() == 20
    wrong = a["confusion"].sum() - a["confusion"].trace()
    assert wrong / 20 == r["test_error"]
    assert a["lyapunov"][0] == r["lyapunov"]["first"]
    again = trained(*of(digits), "--readout", "--out", out, "--baselines", "backprop,pixels")
    assert {**again, "seconds": 0, "baselines": 0} == {**r, "seconds": 0, "baselines": 0}
    assert again["seconds"] >= r["seconds"]


def test_train_agrees_with_run_and_with_itself(trained, report, tmp_path):
    a, b, c = (tmp_path / f"{k}.npz" for k in "abc")
    one, two = trained(*LETTERS, "--out", a), trained(*LETTERS, "--out", b)
    r = report(*LETTERS, "--out", c)
    for said in (one, two, r):
        said.pop("seconds")
    assert one == two == r
    same(a, b)
    for name, array in arrays(c).items():
        np.testing.assert_array_equal(array, arrays(a)[name], name)


def test_digits(trained, tmp_path):
    """The one test here that reads MNIST."""
    few = sets(limit=500, K=20, epochs=2, readout__epochs=1, probe=100)
    r = trained("example:digits", *few, "--readout", "--out", tmp_path / "a.npz")
    assert (r["updates"], r["winners"] + r["dead_units"]) == (1000, 20)
    assert 0 < r["test_error"] < 0.9
    assert arrays(tmp_path / "a.npz")["confusion"].sum() == 10_000


WAYS: dict[str, list[str]] = {
    "published": [],
    "cube": sets(p=3, k=3, ranking="normalised"),
    "full": sets(batching="full", ranking="normalised"),
    "slow": sets(rule="slow"),
}


@pytest.fixture
def interrupt(monkeypatch):
    """Ctrl-C at the moments counted in looks; as many as are named, one for each start."""

    def plan(*moments: int, number: int = signal.SIGINT) -> None:
        left = iter(moments)
        looks = itertools.count(1)
        at = next(left)

        def show(self: Any, done: int, words: str = "") -> None:
            nonlocal at, looks
            if words.startswith("epoch") and next(looks) == at:
                signal.raise_signal(number)
                at, looks = next(left, -1), itertools.count(1)

        monkeypatch.setattr(progress.Progress, "show", show)

    return plan


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_interrupted_learning_ends_the_same(call, trained, interrupt, monkeypatch, tmp_path, way):
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    words = [*LETTERS, *way]
    r = trained(*words, "--out", whole)
    monkeypatch.setattr(training, "MOST", 7)  # in the middle of a batch, too
    interrupt(6, 9, 4)
    for _ in range(3):
        status, out, err = call("train", *words, "--out", parts)
        assert (status, out) == (130, "")
        assert err.count("\n") == 1
        assert f"same command again to go on from {parts}" in err
        done = arrays(parts)
        assert 0 < done["learning/update"] < EPOCHS * IMAGES
        assert "S" not in done
    s = trained(*words, "--out", parts)
    assert {**r, "seconds": 0} == {**s, "seconds": 0}
    same(whole, parts)


def test_interrupted_reading_ends_the_same(call, trained, interrupt, digits, tmp_path):
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    words = [*of(digits, *sets(readout__batch=20)), "--readout"]
    words += ["--baselines", "pixels,untrained,backprop"]
    r = trained(*words, "--out", whole)
    interrupt(14, 12, 13, 9, number=signal.SIGTERM)
    stages = []
    for _ in range(4):
        status, out, _ = call("train", *words, "--out", parts)
        assert (status, out) == (130, "")
        stages.append(sorted({n.partition("/")[0] for n in arrays(parts) if "/" in n}))
    assert len(stages[-1]) > len(stages[0])
    s = trained(*words, "--out", parts)
    assert {**r, "seconds": 0} == {**s, "seconds": 0}
    same(whole, parts)


def test_interrupted_while_it_reads(call, monkeypatch, tmp_path):
    monkeypatch.setattr(progress.Progress, "show", lambda *_: signal.raise_signal(signal.SIGINT))
    status, out, err = call("train", *LETTERS, "--out", tmp_path / "a.npz")
    assert (status, out) == (130, "")
    assert err == "lyapstudio: Interrupted before anything was learned.\n"
    assert not (tmp_path / "a.npz").exists()


def test_an_abrupt_end_costs_little(call, trained, monkeypatch, digits, tmp_path):
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    words = [*of(digits), "--readout"]
    trained(*words, "--out", whole)
    monkeypatch.setattr(result, "EVERY", 0.0)
    monkeypatch.setattr(result, "SHARE", 0)
    looks = itertools.count()

    def fail(self: Any, done: int, words: str = "") -> None:
        if next(looks) == 9:
            raise RuntimeError("the power is gone")

    with monkeypatch.context() as broken:
        broken.setattr(progress.Progress, "show", fail)
        assert call("train", *words, "--out", parts)[0] == 2
    assert arrays(parts)["learning/update"] > 0
    trained(*words, "--out", parts)
    same(whole, parts)


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_a_real_ctrl_c(trained, tmp_path):
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    words = [*LETTERS, "--set", "epochs=2000"]
    command = [sys.executable, "-m", "lyapstudio", "train", *words, "--out", str(parts)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    until = time.monotonic() + 60
    while not parts.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.startswith("lyapstudio: Interrupted.")
    assert err.count("\n") == 1
    assert arrays(parts)["learning/update"] < 2000 * IMAGES
    trained(*words, "--out", whole)
    trained(*words, "--out", parts)
    same(whole, parts)


def test_learning_that_fails_leaves_the_last_good_weights(call, monkeypatch, tmp_path):
    cls, advance = model_class("krotov_hopfield2019"), []
    original = cls.advance

    def fail(self: Any, state: Any, updates: int, log: Any) -> int:
        advance.append(updates)
        if len(advance) > 4:
            raise UserError("Learning stopped. Lower the step.")
        return original(self, state, updates, log)

    monkeypatch.setattr(cls, "advance", fail)
    status, _, err = call("train", *LETTERS, "--out", tmp_path / "a.npz")
    assert (status, err) == (2, "lyapstudio: Learning stopped. Lower the step.\n")
    assert np.isfinite(arrays(tmp_path / "a.npz")["weights"]).all()


# progress


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def test_progress(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "80")
    terminal, log = Terminal(), io.StringIO()
    for stream in (terminal, log):
        line = progress.Progress(stream)
        line.begin("learning", 1000, 0)
        for k in range(1, 51):
            now[0] += 0.15
            line.show(20 * k, f"epoch {k} of 50")
        line.end()
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert len(drawn) == 27
    assert drawn[0] == drawn[-1] == ""
    end = "learning  epoch 50 of 50  100%  133 images/s  0 s left"
    assert drawn[-2] == f"[####################]  {end}"
    assert max(map(len, drawn)) < 80
    assert log.getvalue().count("\n") == 1
    assert "learning  epoch 34 of 50  68%  133 images/s  2 s left" in log.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (99, "99 s"), (200, "3 min"), (7500, "2 h 05 min")]
)
def test_time_left(seconds, words):
    assert progress.spoken(seconds) == words


# errors


def unlabelled(folder: Path) -> Path:
    random = np.random.default_rng(1)
    np.savez(folder / "x.npz", x=random.integers(0, 255, (40, 4, 4), np.uint8))
    return folder / "x.npz"


def one_class(folder: Path) -> Path:
    random = np.random.default_rng(1)
    x = random.integers(0, 255, (40, 4, 4), np.uint8)
    np.savez(folder / "x.npz", x=x, y=np.zeros(40, int))
    return folder / "x.npz"


def bytes_in(file: Path, data: bytes) -> Path:
    file.write_bytes(data)
    return file


def arrays_in(file: Path) -> Path:
    np.savez(file, weights=np.zeros(3))
    return file


WRONG: dict[str, Any] = {
    "no data": (lambda p: ("run", *of(p / "none.npz")), "none.npz"),
    "unlabelled": (
        lambda p: ("train", *of(unlabelled(p)), "--readout", "--out", p / "a.npz"),
        "labels",
    ),
    "one class": (lambda p: ("train", *of(one_class(p)), "--readout", "--out", p / "a.npz"), "two"),
    "more units than images": (
        lambda p: ("run", *LETTERS, *sets(K=50, start_from="images")),
        "fewer units",
    ),
    "rank beyond units": (lambda p: ("run", *LETTERS, *sets(k=13)), "between 2 and 12"),
    "set out of range": (lambda p: ("run", *LETTERS, *sets(K=1)), "between"),
    "set of nobody": (lambda p: ("run", *LETTERS, *sets(warmth=1)), "power, "),
    "set of another owner": (lambda p: ("run", *LETTERS, *sets(readout__K=10)), "readout.K"),
    "set of a memory": (lambda p: ("run", *LETTERS, *sets(flips=0.1)), "flips"),
    "no such set": (lambda p: ("run", *LETTERS, *sets(data="ready:none")), "ready set"),
    "data without a name": (lambda p: ("run", *LETTERS, *sets(data="")), "data="),
    "epochs of a memory": (lambda p: ("run", "example:letters", "--epochs", 3), "--updates"),
    "epochs beyond": (lambda p: ("run", *LETTERS, "--epochs", 7), "--set epochs=7"),
    "negative epochs": (lambda p: ("run", *LETTERS, "--epochs", -1), "from 0 on"),
    "epochs and updates": (lambda p: ("run", *LETTERS, "--epochs", 1, "--updates", 1), "not allow"),
    "train without out": (lambda p: ("train", *LETTERS), "--out"),
    "train a memory": (lambda p: ("train", "example:letters", "--out", p / "a.npz"), "digits"),
    "no such baseline": (
        lambda p: ("train", *LETTERS, "--readout", "--baselines", "x", "--out", p / "a.npz"),
        "backprop",
    ),
    "baselines of nothing": (
        lambda p: ("train", *LETTERS, "--baselines", "pixels", "--out", p / "a.npz"),
        "--readout",
    ),
    "train negative epochs": (
        lambda p: ("train", *LETTERS, "--epochs", -2, "--out", p / "a.npz"),
        "from 0 on",
    ),
    "train nowhere": (lambda p: ("train", *LETTERS, "--out", p / "no" / "a.npz"), "folder"),
    "train into a folder": (lambda p: ("train", *LETTERS, "--out", p), "folder"),
    "save nowhere": (
        lambda p: ("train", *LETTERS, "--out", p / "a.npz", "--save", p / "no" / "a.lyap"),
        "--save",
    ),
    "out is text": (
        lambda p: ("train", *LETTERS, "--out", bytes_in(p / "a.npz", b"hello")),
        "another --out or delete",
    ),
    "out is empty": (
        lambda p: ("train", *LETTERS, "--out", bytes_in(p / "a.npz", b"")),
        "another --out or delete",
    ),
    "out is another's": (
        lambda p: ("train", *LETTERS, "--out", arrays_in(p / "a.npz")),
        "another --out or delete",
    ),
}


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_errors_are_one_line_and_status_two(call, tmp_path, words, says):
    status, out, err = call(*words(tmp_path))
    assert (status, out) == (2, "")
    assert err.startswith("lyapstudio: ")
    assert err.count("\n") == 1
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("other", [("--seed", 9), sets(delta=0.1), ("--readout",), sets(limit=20)])
def test_the_result_of_other_settings_is_refused(call, trained, tmp_path, other):
    out = tmp_path / "a.npz"
    trained(*LETTERS, "--out", out)
    before = out.read_bytes()
    status, said, err = call("train", *LETTERS, *other, "--out", out)
    assert (status, said, err.count("\n")) == (2, "", 1)
    assert "Choose another --out or delete it" in err
    assert out.read_bytes() == before


def test_a_truncated_result_is_refused(call, trained, tmp_path):
    out = tmp_path / "a.npz"
    trained(*LETTERS, "--out", out)
    out.write_bytes(out.read_bytes()[:-500])
    status, _, err = call("train", *LETTERS, "--out", out)
    assert (status, err.count("\n")) == (2, 1)
    assert "Choose another --out or delete it" in err


# what is told about the program


def test_models_list_the_readout_and_the_data(call):
    described = strict(call("models", "--json")[1])
    assert "krotov_hopfield2019" in {m["id"] for m in described["models"]}
    (readout,), (data,) = described["readout"], described["data"]
    assert {"power", "exponent", "epochs"} <= {p["name"] for p in readout["parameters"]}
    assert {"limit", "validation", "test"} <= {p["name"] for p in data["parameters"]}
    assert "Readout" in call("models")[1]
