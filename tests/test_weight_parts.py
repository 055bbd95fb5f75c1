"""Weights, strokes, silent neurons and dreams as parts of a document; damage is told."""

import numpy as np
import pytest
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lyapstudio.document import weight_parts as parts
from lyapstudio.document.fields import MalformedError
from lyapstudio.document.given import Given
from lyapstudio.weights.strokes import MOST, Stroke

N = 12
FLOATS = st.floats(-5, 5)


def reader(arrays):
    """What an archive does: at most so many values."""

    def read(name, limit):
        if name not in arrays or arrays[name].size > limit:
            raise MalformedError(name)
        return arrays[name]

    return read


@st.composite
def strokes(draw):
    index = st.lists(st.integers(0, N - 1), max_size=6)
    into, block = draw(index), draw(st.booleans())
    out_of = draw(
        index if block else st.lists(st.integers(0, N - 1), min_size=len(into), max_size=len(into))
    )
    if block:
        pairs = sum(i != j for i in into for j in out_of)
    else:
        pairs = len(into)
    count = draw(st.sampled_from([1, pairs]))
    values = draw(st.lists(FLOATS, min_size=count, max_size=count))
    mode = draw(st.sampled_from(["set", "add"]))
    frozen = [np.array(a, t) for a, t in ((into, np.int32), (out_of, np.int32), (values, float))]
    return Stroke(*frozen, mode, block, draw(st.booleans()))


@settings(deadline=None)
@example(W=arrays(float, (N, N), elements=st.sampled_from([0.0, 0.0, 1.5, -2.0])))
def test_given_comes_back(W):
    given = Given.from_matrix(W, "wäights.csv")
    back = parts.given_in(reader(parts.given_out(given)), N)
    for name in ("into", "out_of", "values"):
        array = getattr(back, name)
        assert np.array_equal(array, getattr(given, name))
        assert array.dtype == getattr(given, name).dtype
        assert not array.flags.writeable
    assert (back.N, back.title) == (N, "wäights.csv")


@settings(deadline=None)
@example(st.lists(strokes(), max_size=8))
def test_strokes_come_back(painted):
    out = parts.strokes_out(tuple(painted))
    assert len(out) == 5
    back = parts.strokes_in(reader(out), N)
    assert len(back) == len(painted)
    for a, b in zip(painted, back, strict=True):
        assert (a.mode, a.block, a.both) == (b.mode, b.block, b.both)
        for name in ("into", "out_of", "values"):
            assert np.array_equal(getattr(a, name), getattr(b, name))
            assert not getattr(b, name).flags.writeable
        for x, y in zip(a.pairs(), b.pairs(), strict=True):
            assert np.array_equal(x, y)


def test_lesions_and_dreams_come_back():
    generator = np.random.default_rng(0)
    lesions = generator.random((5, 7)) < 0.3
    back = parts.lesions_in(reader(parts.lesions_out(lesions)), 5, 7)
    assert np.array_equal(back, lesions)
    assert back.dtype == bool
    for count in (0, 1, 9):
        dreams = tuple(generator.choice(np.array([-1, 1], np.int8), (count, 35)))
        seen = parts.dreams_in(reader(parts.dreams_out(dreams)), 35)
        assert len(seen) == count
        assert all(np.array_equal(a, b) for a, b in zip(seen, dreams, strict=True))
        assert all(d.dtype == np.int8 and not d.flags.writeable for d in seen)


def damaged(out, into, /, **changes):
    with pytest.raises(MalformedError) as caught:
        into(reader({**out, **changes}))
    assert str(caught.value).endswith(".")


def test_damaged_given():
    W = np.ones((N, N))
    out = parts.given_out(Given.from_matrix(W, "w"))

    def into(read):
        return parts.given_in(read, N)

    heard, values, degrees = out["out_of"].copy(), out["values"].copy(), out["degrees"].copy()
    damaged(out, into, out_of=heard[:-1])
    damaged(out, into, out_of=heard + 1)
    damaged(out, into, out_of=heard - 1)
    damaged(out, into, out_of=heard[::-1].copy())
    damaged(out, into, out_of=heard * 0)
    damaged(out, into, out_of=heard.astype(np.int64))
    damaged(out, into, out_of=heard.reshape(N, N))
    damaged(out, into, values=values * 0)
    damaged(out, into, values=values * np.nan)
    damaged(out, into, values=values.astype(np.float32))
    damaged(out, into, degrees=degrees[:-1])
    degrees[:2] = -1, 2 * N + 1
    damaged(out, into, degrees=degrees)
    damaged(out, into, title=np.ones((2, 2), np.uint8))
    other = {k: v.astype(v.dtype.newbyteorder(">")) for k, v in out.items()}
    assert np.array_equal(into(reader(other)).matrix(), W)


def test_damaged_strokes():
    a, b = np.array([1, 2], np.int32), np.array([3, 4], np.int32)
    out = parts.strokes_out((Stroke(a, b, np.ones(2)), Stroke(a, b, np.ones(1), block=True)))

    def into(read):
        return parts.strokes_in(read, N)

    assert len(into(reader(out))) == 2
    damaged(out, into, lengths=out["lengths"] - 5)
    damaged(out, into, lengths=out["lengths"][:1])
    damaged(out, into, lengths=out["lengths"][:, :2].copy())
    damaged(out, into, lengths=out["lengths"][::-1, ::-1].copy())
    damaged(out, into, kinds=out["kinds"] + np.uint8(8))
    damaged(out, into, into=out["into"] + np.int32(N))
    damaged(out, into, out_of=-out["out_of"])
    damaged(out, into, out_of=out["out_of"][1:])
    damaged(out, into, values=out["values"] * np.inf)
    many = np.zeros(1 << 12, np.int32)
    huge = parts.strokes_out((Stroke(many, many, np.ones(1), block=True, both=False),))
    assert 2 * MOST < 1 << 24
    damaged(huge, into)


def test_damaged_bits():
    bits = np.zeros(2, np.uint8)
    assert not parts.lesions_in(reader({"lesions": bits}), 3, 4).any()
    for wrong in (bits[:1], bits.astype(bool), bits.reshape(1, 2), np.zeros(3, np.uint8)):
        with pytest.raises(MalformedError):
            parts.lesions_in(reader({"lesions": wrong}), 3, 4)
    for wrong in (np.zeros((2, 3), np.uint8), np.zeros((2, 2)), bits):
        with pytest.raises(MalformedError):
            parts.dreams_in(reader({"dreams": wrong}), N)
    with pytest.raises(MalformedError):
        parts.dreams_in(reader({"dreams": np.zeros((10_001, 2), np.uint8)}), N)
