"""NPY and NPZ files in; hostile ones refused before memory is taken."""

import io
import zipfile

import numpy as np
import pytest

from lyapstudio.core.errors import UserError
from lyapstudio.document import arrays as importing
from lyapstudio.document.arrays import open_arrays, open_file, read_patterns
from lyapstudio.document.images import ImageOptions

GRID = np.where(np.random.default_rng(0).random((6, 5)) < 0.3, 1, -1)


@pytest.mark.parametrize(
    "values",
    [
        GRID.astype(np.int8),
        GRID.astype(np.float32),
        GRID > 0,
        (GRID > 0).astype(np.uint8),
        (GRID > 0).astype(np.int64),
        (GRID > 0) * 1.0,
        GRID.astype(">i4"),
        np.asfortranarray(GRID),
    ],
    ids=["pm int8", "pm float", "bool", "01 uint8", "01 int64", "01 float", "swapped", "fortran"],
)
def test_two_tones_are_taken_as_they_are(tmp_path, values):
    path = tmp_path / "mine.npy"
    np.save(path, values)
    for method in ("otsu", "median", "dither", "level"):
        [(name, grid)] = read_patterns(path, options=ImageOptions(method=method))
        assert name == "mine"
        assert grid.dtype == np.int8
        assert np.array_equal(grid, GRID)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(30, dtype=np.uint8).reshape(5, 6) * 8,
        np.linspace(-3, 900, 30).reshape(5, 6),
        np.linspace(0, 1, 30).reshape(5, 6),
        np.array([[-1e308, 1e308]] * 2),
    ],
)
def test_grey_gets_a_threshold(tmp_path, values):
    path = tmp_path / "grey.npy"
    np.save(path, values)
    [(_, grid)] = read_patterns(path)
    assert grid.min() == -1
    assert grid.max() == 1
    assert (np.diff(grid.ravel()) >= 0).all() or values.shape == (2, 2)


def test_several_patterns_and_several_arrays(tmp_path):
    stack = np.random.default_rng(1).choice([-1, 1], (3, 4, 7))
    np.save(tmp_path / "stack.npy", stack)
    made = read_patterns(tmp_path / "stack.npy")
    assert [name for name, _ in made] == ["stack 1", "stack 2", "stack 3"]
    assert np.array_equal([grid for _, grid in made], stack)
    np.savez_compressed(tmp_path / "all.npz", cat=stack[0], dogs=stack)
    made = read_patterns(tmp_path / "all.npz")
    assert [name for name, _ in made] == ["cat", "dogs 1", "dogs 2", "dogs 3"]
    assert all(grid.shape == (9, 9) for _, grid in read_patterns(tmp_path / "all.npz", 9, 9))
    assert len(open_file(tmp_path / "all.npz")) == 4


def header(text):
    body = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def of(values, **more):
    stream = io.BytesIO()
    np.save(stream, values, **more)
    return stream.getvalue()


def zipped(members, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def hostile():
    whole = of(np.ones((8, 8)))
    npz = zipped([("a.npy", whole)])
    broken = bytearray(npz)
    broken[60] ^= 255
    shape = "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }"
    yield "empty.npy", b"", "not an array"
    yield "text.npy", b"1,2,3\n4,5,6\n", "not an array"
    yield "cut.npy", whole[:-9], "damaged or incomplete"
    yield "head.npy", whole[:20], "not an array"
    yield "object.npy", of(np.array([[{}, 1]], object), allow_pickle=True), "plain numbers"
    yield "words.npy", of(np.array([["a", "b"]])), "plain numbers"
    yield "complex.npy", of(np.ones((2, 2), complex)), "plain numbers"
    yield "record.npy", of(np.zeros((2, 2), [("a", "i4")])), "plain numbers"
    yield "dates.npy", of(np.zeros((2, 2), "M8[s]")), "plain numbers"
    yield "line.npy", of(np.ones(9)), "the shape"
    yield "scalar.npy", of(np.float64(1)), "the shape"
    yield "four.npy", of(np.ones((2, 2, 2, 2))), "the shape"
    yield "none.npy", of(np.ones((0, 4))), "is empty"
    yield "nan.npy", of(np.array([[1.0, np.nan]])), "not numbers"
    yield "inf.npy", of(np.array([[1.0, np.inf]])), "not numbers"
    yield "negative.npy", header(shape % "(-4, 4)") + bytes(99), "impossible shape"
    yield "huge.npy", header(shape % "(1000000, 1000000)"), "values, more than"
    yield "wrap.npy", header(shape % "(4294967296, 4294967296)"), "values, more than"
    yield "call.npy", header("__import__('os').abort()"), "not an array"
    yield "deep.npy", header("(" * 5000), "not an array"
    yield "many.npy", of(np.ones((10_001, 1, 2), np.int8)), "patterns"
    yield "wide.npy", of(np.ones((1, 1025), np.int8)), "at most 1024"
    yield "cut.npz", npz[:-30], "damaged, incomplete"
    yield "flipped.npz", bytes(broken), "a.npy"
    yield "nothing.npz", zipped([("a.txt", b"hello")]), "holds no arrays"
    yield "twice.npz", None, "twice"
    yield "bomb.npz", zipped([("a.npy", bytes(100 << 20))]), "far more than"
    yield "object.npz", zipped([("a.npy", of(np.array([[{}]], object)))]), "plain numbers"
    yield "lzma.npz", zipped([("a.npy", whole)], zipfile.ZIP_LZMA), "unknown way"


HOSTILE = tuple(hostile())


@pytest.mark.parametrize(("name", "data", "words"), HOSTILE, ids=[h[0] for h in HOSTILE])
def test_hostile_arrays(tmp_path, name, data, words):
    if data is None:
        with pytest.warns(UserWarning, match="Duplicate"):
            data = zipped([("a.npy", of(GRID)), ("a.npy", of(GRID))])
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError) as caught:
        read_patterns(tmp_path / name)
    text = str(caught.value)
    assert words in text
    assert name in text
    assert str(tmp_path) not in text
    assert text.endswith(".")


def test_all_members_share_one_limit(tmp_path, monkeypatch):
    np.savez(tmp_path / "a.npz", a=GRID, b=GRID)
    monkeypatch.setattr(importing, "MAX_VALUES", 50)
    with pytest.raises(UserError, match=r"a\.npz: b\.npy holds 30 values"):
        open_arrays(tmp_path / "a.npz")
