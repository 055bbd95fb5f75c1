"""Documents on the disk: round trips, hostile files, failing disks, work left behind."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.errors import UserError
from lyapstudio.document import archive, files
from lyapstudio.document.archive import write_npy
from lyapstudio.document.autosave import Autosave
from lyapstudio.document.examples import examples
from lyapstudio.document.nouns import Cue, Document, Pattern, Setup, frozen
from lyapstudio.models import model_class
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

ROOT = Path(__file__).parent.parent


def the_same(a, b):
    assert (a.title, a.view, a.story) == (b.title, b.view, b.story)
    assert a.setups == b.setups
    for one, two in zip(a.setups, b.setups, strict=True):
        for x, y in ((one.cue.drawn, two.cue.drawn), (one.painted, two.painted)):
            assert (x is None) == (y is None)
            assert x is None or (np.array_equal(x, y) and x.dtype == y.dtype)
    for p, q in zip(a.patterns, b.patterns, strict=True):
        assert (p.key, p.name, p.active) == (q.key, q.name, q.active)
        assert np.array_equal(p.grid, q.grid)
        assert not q.grid.flags.writeable


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)


def grids(rows, cols):
    return st.integers(0, 2**32).map(
        lambda s: frozen(np.random.default_rng(s).choice([-1, 1], (rows, cols)))
    )


def values(spec):
    if spec.kind == "choice":
        return st.sampled_from([c.id for c in spec.choices])
    if spec.kind == "switch":
        return st.booleans()
    if spec.kind == "integer":
        return st.integers(int(spec.low), int(spec.high))
    return st.floats(spec.low, spec.high)


def params(kind):
    return st.fixed_dictionaries({n: values(s) for n, s in kind.specs().items()}).map(
        lambda chosen: kind.from_values(chosen)
    )


@st.composite
def documents(draw):
    rows, cols = draw(st.sampled_from([(1, 2), (2, 1), (3, 3), (4, 5), (8, 8)]))
    patterns = tuple(
        Pattern(key, draw(text), draw(grids(rows, cols)), draw(st.booleans()))
        for key in draw(st.lists(st.integers(1, 99), max_size=4, unique=True))
    )
    setups = []
    for _ in range(draw(st.integers(1, 2))):
        cue = replace(
            draw(params(Cue)), pattern=draw(st.integers(0, 9)), drawn=draw(grids(rows, cols))
        )
        painted = draw(st.none() | st.just(frozen(np.linspace(-1, 1, rows * cols), float)))
        setups.append(
            Setup(
                draw(text),
                rows,
                cols,
                draw(params(model_class("hopfield1982"))),
                draw(params(rules()[draw(st.sampled_from(sorted(rules())))])),
                draw(params(wirings()["all-to-all"])),
                cue,
                None if painted is None else painted.reshape(rows, cols),
                draw(st.integers(0, 2**31)),
            )
        )
    view = draw(st.dictionaries(text, json_values, max_size=3))
    return Document(draw(text), patterns, tuple(setups), view, draw(text))


@settings(max_examples=40, deadline=None)
@given(documents())
def test_round_trip(document):
    data = files.dumps(document)
    the_same(document, files.loads(data))
    assert files.dumps(files.loads(data)) == data


@pytest.mark.parametrize("id", [i for i in examples() if "million" not in i])
def test_examples_round_trip(tmp_path, id):
    document = examples()[id].build()
    path = tmp_path / f"{id}.lyap"
    files.save(document, path)
    the_same(document, files.load(path))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.fixture(scope="module")
def small():
    grids = [frozen(np.eye(3, 4) * 2 - 1), frozen(np.ones((3, 4)))]
    patterns = tuple(Pattern(k + 1, f"p{k}", grid) for k, grid in enumerate(grids))
    setup = Setup(
        "One",
        3,
        4,
        model_class("hopfield1982")(),
        rules()["hebb"](),
        wirings()["all-to-all"](),
        Cue(drawn=grids[0]),
        frozen(np.zeros((3, 4)), np.float64),
    )
    return Document("Small", patterns, (setup,), {"speed": 1})


def changed(document, change, **members):
    """The document's bytes with its JSON or members changed."""
    stream = io.BytesIO(files.dumps(document))
    with zipfile.ZipFile(stream) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    raw = json.loads(parts["document.json"])
    change(raw)
    parts["document.json"] = json.dumps(raw).encode()
    for name, data in members.items():
        parts[name.replace("__", "/") + ".npy"] = data
    return zipped(parts.items())


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive_:
        for name, data in members:
            if data is not None:
                archive_.writestr(name, data)
    return stream.getvalue()


def put(*path, to):
    def change(raw):
        for name in path[:-1]:
            raw = raw[name]
        raw[path[-1]] = to

    return change


def drop(name):
    return lambda raw: raw.pop(name)


def same(raw):
    return raw


CHANGES = {
    "future": (put("schema", to=files.SCHEMA + 1), "made by a newer version"),
    "schema 0": (put("schema", to=0), "schema is 0"),
    "schema text": (put("schema", to="1"), "schema is of the wrong kind"),
    "no schema": (drop("schema"), "lacks schema"),
    "no setups": (put("setups", to=[]), "0 networks"),
    "many setups": (lambda raw: raw["setups"].extend(raw["setups"] * 20), "21 networks"),
    "setup text": (put("setups", to=["x"]), "setups is of the wrong kind"),
    "negative size": (put("setups", 0, "rows", to=-3), "rows is -3"),
    "too large": (put("setups", 0, "cols", to=1025), "cols is 1025"),
    "broken size": (put("setups", 0, "cols", to=2.5), "cols is of the wrong kind"),
    "true size": (put("setups", 0, "cols", to=True), "cols is of the wrong kind"),
    "other size": (put("setups", 0, "cols", to=5), "damaged"),
    "one neuron": (lambda raw: raw["setups"][0].update(rows=1, cols=1), "two neurons"),
    "pattern size": (put("patterns", 1, "rows", to=4), "pattern p1 has another size"),
    "pattern twice": (put("patterns", 1, "key", to=1), "same key"),
    "one more": (lambda raw: raw["patterns"].append(raw["patterns"][0]), "patterns are damaged"),
    "unknown model": (put("setups", 0, "model", "id", to="boltzmann"), "model called boltzmann"),
    "unknown rule": (put("setups", 0, "rule", "id", to="oja"), "no learning rule called oja"),
    "unknown wiring": (put("setups", 0, "wiring", "id", to="web"), "no wiring called web"),
    "unknown parameter": (put("setups", 0, "model", "values", "gain", to=1), "called gain"),
    "out of range": (put("setups", 0, "model", "values", "T", to=-1), "between 0 and 10"),
    "bad choice": (put("setups", 0, "cue", "values", "source", to="dream"), "is one of"),
    "bad seed": (put("setups", 0, "seed", to=2**64), "seed is"),
    "bad name": (put("patterns", 0, "name", to=5), "name is of the wrong kind"),
    "nan": (put("view", "speed", to=float("nan")), "NaN, which is not a number"),
    "deep": (put("view", "x", to="DEEP"), "description is damaged"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_wrong_descriptions(small, case):
    change, words = CHANGES[case]
    data = changed(small, change)
    if case == "deep":
        stream = io.BytesIO(files.dumps(small))
        with zipfile.ZipFile(stream) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        parts["document.json"] = b'{"view":' * 50_000
        data = zipped(parts.items())
    refused(data, words)


def refused(data, words):
    with pytest.raises(UserError) as caught:
        files.loads(data, "mine.lyap")
    message = str(caught.value)
    assert words in message
    assert "mine.lyap" in message
    assert message.endswith(".")
    assert "\n" not in message


def test_wrong_members(small):
    whole = files.dumps(small)
    refused(b"", "damaged, incomplete")
    refused(b"GIF89a", "damaged, incomplete")
    refused(whole[:-40], "damaged, incomplete")
    refused(whole[:100], "damaged, incomplete")
    refused(zipped([("a.txt", b"x")]), "not a Lyapunov Studio document")
    refused(zipped([("document.json", b"\xff\xfe")]), "description is damaged")
    refused(zipped([("document.json", b"[1]")]), "description is damaged")
    refused(zipped([("document.json", b'{"schema": 1, "schema": 1}')]), "key twice")
    refused(zipped([("document.json", b'{"schema": 1e999}')]), "not a number")
    refused(zipped([("document.json", b" " * (17 << 20))]), "too large")
    refused(changed(small, same, patterns=None), "lacks patterns.npy")
    refused(changed(small, same, patterns=b"junk"), "not an array")
    refused(changed(small, same, patterns=write_npy(np.zeros(99, np.uint8))), "99 values")
    refused(changed(small, same, patterns=write_npy(np.zeros(4))), "patterns are damaged")
    refused(changed(small, same, patterns=write_npy(np.zeros((2, 2), np.uint8))), "damaged")
    drawn = write_npy(np.zeros((3, 4), np.int8))
    refused(changed(small, same, setups__0__drawn=drawn), "drawn cue is damaged")
    refused(changed(small, same, setups__0__drawn=None), "lacks setups/0/drawn.npy")
    for field in (np.full((3, 4), np.nan), np.full((3, 4), np.inf), np.zeros((4, 3))):
        refused(changed(small, same, setups__0__field=write_npy(field)), "painted field")
    objects = io.BytesIO()
    np.save(objects, np.array([{}] * 4, object), allow_pickle=True)
    refused(changed(small, same, patterns=objects.getvalue()), "plain numbers")
    refused(changed(small, same, extra=bytes(100 << 20)), "far more than it could hold")
    many = zipped((f"{k}", b"") for k in range(archive.MAX_MEMBERS + 1))
    refused(many, "more than fits here")


def test_any_byte_may_be_wrong(small):
    """A damaged file is refused, or says what it said before: never another exception."""
    whole = files.dumps(small)
    rng = np.random.default_rng(0)
    for _ in range(150):
        broken = bytearray(whole)
        broken[int(rng.integers(len(whole)))] ^= int(rng.integers(1, 256))
        try:
            files.loads(bytes(broken))
        except UserError:
            pass


def test_an_older_schema_is_migrated(small, monkeypatch):
    data = changed(small, lambda raw: raw.update(heading=raw.pop("title")))
    now = files.SCHEMA
    monkeypatch.setattr(files, "SCHEMA", now + 1)
    monkeypatch.setitem(files.MIGRATIONS, now, lambda raw: {**raw, "title": raw["heading"]})
    the_same(small, files.loads(data))


@pytest.mark.parametrize(
    ("call", "number", "words"),
    [
        ("fsync", errno.ENOSPC, "the disk is full"),
        ("open", errno.EROFS, "nothing may be written here"),
        ("open", errno.EACCES, "nothing may be written here"),
        ("replace", errno.EIO, "was not saved"),
    ],
)
def test_a_failing_disk_keeps_the_old_file(small, tmp_path, monkeypatch, call, number, words):
    path = tmp_path / "mine.lyap"
    files.save(small, path)
    before = path.read_bytes()

    def fail(*_args, **_more):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(UserError, match=words) as caught:
            files.save(replace(small, title="Other"), path)
    assert "mine.lyap" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["mine.lyap"]


def test_places_that_cannot_be_written(small, tmp_path):
    with pytest.raises(UserError, match="folder does not exist"):
        files.save(small, tmp_path / "gone" / "mine.lyap")
    with pytest.raises(UserError, match="too long"):
        files.save(small, tmp_path / ("x" * 300 + ".lyap"))
    with pytest.raises(UserError, match="it is a folder"):
        files.save(small, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are POSIX here")
def test_permissions_and_links_are_kept(small, tmp_path):
    path = tmp_path / "mine.lyap"
    files.save(small, path)
    path.chmod(0o640)
    link = tmp_path / "link.lyap"
    link.symlink_to(path)
    files.save(replace(small, title="Again"), link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert files.load(path).title == "Again"


def test_autosave_is_removed_when_all_is_saved(small, tmp_path):
    mine, other = Autosave(tmp_path / "new" / "folder"), Autosave(tmp_path / "new" / "folder")
    assert mine.leftovers() == ()
    mine.write(small)
    mine.write(small, tmp_path / "mine.lyap")
    assert other.leftovers() == ()  # its process lives
    mine.clear()
    assert not list((tmp_path / "new" / "folder").iterdir())


def test_work_is_recovered_after_a_kill(small, tmp_path):
    code = (
        "import sys, time; from lyapstudio.document import autosave, files;"
        "a = autosave.Autosave(sys.argv[1]); a.write(files.load(sys.argv[2]), 'there.lyap');"
        "print('ready', flush=True); time.sleep(60)"
    )
    files.save(small, tmp_path / "small.lyap")
    folder = tmp_path / "autosave"
    command = [sys.executable, "-c", code, str(folder), str(tmp_path / "small.lyap")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            assert Autosave(folder).leftovers() == ()
        finally:
            process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            process.wait()
    (folder / "junk.lyap").write_bytes(b"junk")
    [leftover] = Autosave(folder).leftovers()
    assert leftover.title == "Small"
    assert leftover.path == Path("there.lyap")
    the_same(small, leftover.load())
    leftover.discard()
    assert Autosave(folder).leftovers() == ()
    assert [p.name for p in folder.iterdir()] == ["junk.lyap"]


def test_autosave_says_why_it_fails(small, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be kept safe"):
        Autosave(tmp_path / "file").write(small)
