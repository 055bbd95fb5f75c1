"""Kept kernels: where they are, what is shipped, and that nothing wrong with them does harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lyapstudio.cli import kernels as command
from lyapstudio.cli import rehearsal
from lyapstudio.core import kernel_cache
from lyapstudio.core.errors import UserError
from lyapstudio.core.kernel_cache import DAMAGED, FOREIGN, LEVELS, V3, Shelf
from lyapstudio.models import models
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    """Nothing has been complained of yet."""
    monkeypatch.setattr(kernel_cache, "_complaints", {})
    monkeypatch.setattr(kernel_cache, "_told", set())


def test_the_level_follows_from_what_a_processor_can_do(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert kernel_cache.level(V3 | {"avx512f"}) == "x86-64-v3"
    for missing in V3:
        assert kernel_cache.level(V3 - {missing}) == "x86-64"
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    assert kernel_cache.level(V3) == LEVELS[1]
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert kernel_cache.level(V3) is None


@pytest.mark.parametrize(
    ("system", "given", "expected"),
    [
        ("linux", {}, "/home/a/.cache/lyapstudio/kernels"),
        ("linux", {"XDG_CACHE_HOME": "/c"}, "/c/lyapstudio/kernels"),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, "/home/a/.cache/lyapstudio/kernels"),
        ("darwin", {}, "/home/a/Library/Caches/lyapstudio/kernels"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/Lyapunov Studio/lyapstudio/cache/kernels"),
        ("win32", {}, "/home/a/AppData/Local/Lyapunov Studio/lyapstudio/cache/kernels"),
    ],
)
def test_every_system_keeps_them_in_its_own_place(monkeypatch, system, given, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/a", **given}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    assert kernel_cache.cache_home().as_posix() == expected


def test_without_any_home_there_is_a_place_too(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    assert kernel_cache.cache_home().is_absolute()


def test_what_is_kept_comes_back_and_what_is_damaged_does_not(tmp_path):
    shelf = Shelf(None, tmp_path / "own")
    shelf.write("a", b"some code")
    assert Shelf(None, tmp_path / "own").read("a") == b"some code"
    assert shelf.read("b") is None
    assert kernel_cache.complaints() == ()
    file = tmp_path / "own" / "a.kernel"
    whole = file.read_bytes()
    for wrong in (b"", whole[:20], whole[:-1], whole[:40] + b"?" + whole[41:], b"x" * 500):
        file.write_bytes(wrong)
        assert shelf.read("a") is None, wrong
    assert kernel_cache.complaints() == (DAMAGED,)
    assert kernel_cache.complaints() == (), "it is told once"
    shelf.write("a", b"again")
    assert shelf.read("a") == b"again"
    assert [f.name for f in (tmp_path / "own").iterdir()] == ["a.kernel"]


def test_what_is_shipped_is_read_where_it_is_and_never_written(tmp_path):
    shipped = Shelf(None, tmp_path / "shipped")
    shipped.write("a", b"shipped")
    shelf = Shelf(tmp_path / "shipped", tmp_path / "own")
    assert shelf.read("a") == b"shipped"
    shelf.write("b", b"own")
    assert shelf.read("b") == b"own"
    assert [f.name for f in (tmp_path / "shipped").iterdir()] == ["a.kernel"]
    (tmp_path / "shipped" / "a.kernel").write_bytes(b"broken")
    shelf.write("a", b"mended")
    assert shelf.read("a") == b"mended"
    assert shelf.used == {"a", "b"}


def test_where_nothing_can_be_written_it_is_said_once(tmp_path):
    (tmp_path / "file").write_text("")
    shelf = Shelf(None, tmp_path / "file" / "below")
    shelf.write("a", b"x")
    shelf.write("b", b"x")
    (told,) = kernel_cache.complaints()
    assert "cannot be kept" in told
    assert str(tmp_path) in told
    assert shelf.read("a") is None


def test_only_the_last_versions_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    home = kernel_cache.cache_home()
    for k in range(7):
        (home / f"v{k}").mkdir(parents=True)
        os.utime(home / f"v{k}", (k, k))
    Shelf(None, home / "new").write("a", b"x")
    assert {f.name for f in home.iterdir()} == {"v4", "v5", "v6", "new"}


def test_shipped_kernels_of_another_version_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(kernel_cache, "resource", lambda name: tmp_path / name)
    find = kernel_cache.shipped_folder.__wrapped__
    assert find() is None
    assert kernel_cache.complaints() == ()
    (tmp_path / "kernels").mkdir()
    for words in (None, "", "[]", "{}", '{"stamp": "another"}', "no json"):
        if words is not None:
            (tmp_path / "kernels" / "kernels.json").write_text(words)
        assert find() is None
    assert kernel_cache.complaints() == (FOREIGN,)
    kernel_cache.write_manifest(tmp_path / "kernels", ["x86-64"])
    assert find() == tmp_path / "kernels"
    kernel_cache.write_manifest(tmp_path / "kernels", ["x86-64-v3"])
    told = json.loads((tmp_path / "kernels" / "kernels.json").read_text())
    assert told["levels"] == list(LEVELS)


def test_a_model_of_ones_own_is_compiled_anew_when_it_changes(tmp_path):
    own = tmp_path / "mine.py"
    own.write_text("one")
    first = kernel_cache.origin("lyapstudio.models.mine", str(own))
    own.write_text("another")
    assert kernel_cache.origin("lyapstudio.models.mine", str(own)) != first
    here = str(ROOT / "lyapstudio" / "weights" / "dense.py")
    assert kernel_cache.origin("lyapstudio.weights.dense", here) == "lyapstudio.weights.dense"
    frozen = "lyapstudio/weights/no_such_file.py"
    assert kernel_cache.origin("lyapstudio.weights.x", frozen) == "lyapstudio.weights.x"


WORK = """
import json, sys
from lyapstudio.core import kernel_cache
{before}
import numpy as np
from lyapstudio.core.kernel import cache_counts, cache_misses
from lyapstudio.weights.dense import dense_exerted
found = dense_exerted(np.eye(3, dtype=np.float32), np.ones(3, np.int8), 1)
print(json.dumps([float(found), *cache_counts(), cache_misses(), kernel_cache.complaints()]))
"""


def work(folder: Path, before: str = "", **environment: str):
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(before=before)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_kernel_is_compiled_once_wherever_it_is_called_from(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    value, hits, misses, missed, told = work(one, **cache)
    assert (hits, misses, told) == (0, 1, [])
    assert missed[0].startswith("dense_exerted(array(float32, 2d, C)")
    assert work(other, **cache) == [value, 1, 0, [], []]
    (file,) = (tmp_path / "cache").rglob("*.kernel")
    file.write_bytes(file.read_bytes()[:-1])
    assert work(other, **cache)[1:3] == [0, 1]
    assert work(other, **cache)[1:] == [1, 0, [], []]
    away = file.parent.rename(tmp_path / "shipped")
    shipped = f"from pathlib import Path; kernel_cache.shipped_folder = lambda: Path({str(away)!r})"
    assert work(one, shipped, **cache) == [value, 1, 0, [], []]
    assert not list((tmp_path / "cache").rglob("*.kernel")), "what is shipped is not copied"
    assert work(one, shipped, NUMBA_CPU_NAME="x86-64", **cache)[1:3] == [0, 1]


def test_everything_that_finds_itself_is_rehearsed():
    told = [words for words, _ in rehearsal._parts()]
    for cls in (*models().values(), *rules().values(), *wirings().values()):
        assert any(cls.title in words for words in told), cls.title
    assert sum("example:" in words for words in told) > 20


def test_a_part_of_the_rehearsal_runs():
    parts = dict(rehearsal._parts())
    for words in ("Dense associative memory, Hebb, None", "images"):
        found = next(act for told, act in parts.items() if told.startswith(words[:12]))
        found()


def test_the_command_keeps_what_was_read_and_says_to_what_it_belongs(tmp_path, monkeypatch, capsys):
    done = []

    def child(folder: Path, level: str, what: str) -> dict:
        done.append((level, what))
        for name in (f"outer-{level}", f"inner-{level}"):
            Shelf(None, folder).write(name, b"code")
        return {"hits": 1, "missed": [], "unreached": [], "read": [f"outer-{level}"]}

    monkeypatch.setattr(command, "_child", child)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    folder = tmp_path / "kernels"
    for level in LEVELS:
        assert command.kernels(["--out", str(folder), "--level", level]) == 0
    assert done == [(level, what) for level in LEVELS for what in ("fill", "prove")]
    names = {f.name for f in folder.iterdir()}
    assert names == {"kernels.json", *(f"outer-{level}.kernel" for level in LEVELS)}
    told = json.loads((folder / "kernels.json").read_text())
    assert told["stamp"] == kernel_cache.stamp()
    assert "0 misses" in capsys.readouterr().out
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    done.clear()
    assert command.kernels(["--out", str(tmp_path / "arm")]) == 0
    assert done == [("native", "fill"), ("native", "prove")]


def test_the_command_fails_where_a_kernel_cannot_be_kept(tmp_path, monkeypatch):
    found = {"hits": 0, "missed": [], "unreached": [], "read": []}
    monkeypatch.setattr(command, "_child", lambda *_: found)
    for what, words in (("missed", "cannot be kept: step"), ("unreached", "not reach .* step")):
        found[what] = ["step"]
        with pytest.raises(UserError, match=words):
            command.kernels(["--out", str(tmp_path / "k")])
        found[what] = []
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be made"):
        command.kernels(["--out", str(tmp_path / "file" / "k")])
