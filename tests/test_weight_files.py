"""Weights in files: every format there and back, every kind of bad input, nothing left behind."""

import errno
import gzip
import io
import os
import zipfile

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given as example
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lyapstudio.core.errors import UserError
from lyapstudio.document import given as given_
from lyapstudio.document.given import Given
from lyapstudio.document.weight_files import bounds, write
from lyapstudio.document.weight_files.bounds import WrongSizeError
from lyapstudio.document.weight_files.glance import WeightOptions, glance, prepared
from lyapstudio.document.weight_files.read import read_weights
from lyapstudio.document.weight_files.write import write_weights

KINDS = ("npy", "npz", "csv", "mtx")
NUMBERS = st.one_of(
    st.just(0.0),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-9, 9).map(float),
)


class Dense:
    """Weights that come by rows only."""

    def __init__(self, W):
        self.W, self.N = np.asarray(W, float), len(W)

    def rows(self, into):
        return self.W[into]

    def triplets(self):
        return None


def matrices(least=2, most=9):
    return st.integers(least, most).flatmap(lambda n: arrays(float, (n, n), elements=NUMBERS))


def mixed(N=12, density=0.3, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(N, N)) * (generator.random((N, N)) < density)


def of(*arrays, **named):
    """The bytes of an NPY or NPZ file."""
    stream = io.BytesIO()
    np.savez(stream, *arrays, **named) if named else np.save(stream, *arrays)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    """Write a file of those bytes, and read it as weights."""

    def act(name, data, N=None):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read_weights(path, N)

    return act


@pytest.fixture
def refused(read):
    def act(name, data, words, N=None):
        with pytest.raises(UserError, match=words) as caught:
            read(name, data, N)
        assert str(caught.value).endswith("."), caught.value
        return caught.value

    return act


# There and back


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("listed", [False, True])
@settings(deadline=None, max_examples=40)
@example(W=matrices())
def test_every_number_comes_back_exactly(tmp_path_factory, kind, listed, W):
    path = tmp_path_factory.mktemp("w") / f"weights.{kind}"
    write_weights(path, Given.from_matrix(W, "w") if listed else Dense(W))
    for N in (None, len(W)):
        back = read_weights(path, N)
        assert np.array_equal(back.matrix(), W)
        assert (back.N, back.title) == (len(W), path.name)


@pytest.mark.parametrize("kind", KINDS)
def test_many_blocks_and_a_million_neurons(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(write, "PIECE", 2000)
    monkeypatch.setattr(write, "LINES", 50)
    W = mixed(60, 0.5)
    seen = []
    for weights in (Dense(W), Given.from_matrix(W, "")):
        write_weights(tmp_path / f"a.{kind}", weights, seen.append)
        assert np.array_equal(read_weights(tmp_path / f"a.{kind}", 60).matrix(), W)
    assert len(seen) > 6
    assert min(seen) >= 0
    assert max(seen) == 1
    N = 1 << 20
    index = np.arange(0, N, 5000, dtype=np.int32)
    large = Given.from_pairs(index, index[::-1], np.ones(len(index)), N, "large")
    path = tmp_path / f"large.{kind}"
    if kind == "npy":
        with pytest.raises(UserError, match=r"would take 8\.0 TB or more.*Save as MTX"):
            write_weights(path, large)
        assert not path.exists()
        return
    write_weights(path, large)
    back = read_weights(path, N)
    assert np.array_equal(back.into, large.into)
    assert np.array_equal(back.out_of, large.out_of)


def test_what_others_read(tmp_path):
    W = mixed()
    for weights in (Dense(W), Given.from_matrix(W, "")):
        for kind in KINDS:
            write_weights(tmp_path / f"w.{kind}", weights)
        assert np.array_equal(np.load(tmp_path / "w.npy"), W)
        assert np.array_equal(scipy.io.mmread(tmp_path / "w.mtx").toarray(), W)
        with np.load(tmp_path / "w.npz") as file:
            assert "from neuron j to neuron i" in str(file["convention"])
            assert ("W" in file) == isinstance(weights, Dense)
        text = (tmp_path / "w.csv").read_text()
        assert text.startswith("#")
        if isinstance(weights, Dense):
            assert np.array_equal(np.loadtxt(tmp_path / "w.csv", delimiter=","), W)
        else:
            assert text.splitlines()[1] == "from,to,weight"


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "<f4", ">f8", "f2", "i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_type(read, dtype, order):
    W = np.array(np.random.default_rng(0).integers(0, 2, (7, 7)), dtype, order=order)
    W[2, 5] = 1
    W[5, 2] = 0
    assert np.array_equal(read("a.npy", of(W), 7).matrix(), W.astype(float))
    assert np.array_equal(read("a.npz", of(arr=W), 7).matrix(), W.astype(float))


def test_which_array_of_several(read, refused):
    W, other = mixed(4), mixed(4, seed=1)
    words = np.array(["a", "b"])
    assert np.array_equal(read("a.npz", of(a=other, J=W)).matrix(), W)
    assert np.array_equal(read("a.npz", of(b=W, x=np.ones(4), words=words)).matrix(), W)
    assert np.array_equal(read("a.npz", of(b=W, a=mixed(5)), 4).matrix(), W)
    refused("a.npz", of(a=W, b=other), r"several square arrays \(a, b\)")
    refused("a.npz", of(a=np.ones(3), b=np.ones((2, 3))), "no square array")


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
def test_sparse_matrices_of_scipy(tmp_path, kind):
    W = mixed()
    for make in (scipy.sparse.csr_array, scipy.sparse.csr_matrix):
        scipy.sparse.save_npz(tmp_path / "s.npz", make(W).asformat(kind))
        assert np.array_equal(read_weights(tmp_path / "s.npz", 12).matrix(), W)


@pytest.mark.parametrize("packed", [False, True])
def test_matrix_market_of_scipy(tmp_path, packed):
    W = np.random.default_rng(0).integers(-4, 5, (9, 9))
    S, A = W + W.T, W - W.T
    pattern = scipy.sparse.coo_array(W > 0)
    for matrix in (W, W / 7, S, S / 7, A, A / 7):
        for form in (matrix, scipy.sparse.coo_array(matrix)):
            path = tmp_path / "a.mtx"
            scipy.io.mmwrite(path, form, precision=17)
            if packed:
                path = tmp_path / "a.mtx.gz"
                path.write_bytes(gzip.compress((tmp_path / "a.mtx").read_bytes()))
            assert np.array_equal(read_weights(path, 9).matrix(), matrix)
    scipy.io.mmwrite(tmp_path / "p.mtx", pattern, field="pattern")
    assert np.array_equal(read_weights(tmp_path / "p.mtx", 9).matrix(), W > 0)


TABLES = {
    "commas": "1,0.5,-2\n0,0,3e-1\n1,1,1\n",
    "semicolons": "1;0,5;-2\r\n0;0;3e-1\r\n1;1;1\r\n",
    "tabs": "1\t0.5\t−2\n0\t0\t0,3\n1\t1\t1",
    "blanks": "  1 0.5  -2\n0 0 .3\n\n1 1 1\n",
    "blanks and commas": "1,0 0,5 -2\n0 0 0,3\n1 1 1\n",
    "commas and blanks": "1, 0.5, -2\n0, 0, 0.3\n1, 1, 1\n",
    "a header": "a,b,c\n1,0.5,-2\n0,0,0.3\n1,1,1\n",
    "names of rows": '"","a","b","c"\n"a",1,"0.5",-2\n"b",0,0,0.3\n"c",1,1,1\n',
    "comments": "# weights\n1,0.5,-2\n% more\n0,0,0.3\n1,1,1\n",
    "a mark": "\ufeff1,0.5,-2\n0,0,0.3\n1,1,1\n",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_tables_as_people_write_them(read, text):
    W = np.array([[1, 0.5, -2], [0, 0, 0.3], [1, 1, 1]])
    for name in ("a.csv", "a.txt", "a.tsv"):
        assert np.array_equal(read(name, text, 3).matrix(), W)
    assert np.array_equal(read("a.csv.gz", gzip.compress(text.encode())).matrix(), W)


def test_a_header_that_counts(read):
    W = mixed(4, 1.0)
    rows = "".join(",".join(map(repr, r)) + "\n" for r in W.tolist())
    for head in ("0,1,2,3\n", "1,2,3,4\n"):
        assert np.array_equal(read("a.csv", head + rows).matrix(), W)


EDGES = [("0", "1", 2.5), ("1", "0", -1.0), ("2", "3", 4.0), ("3", "2", 0.5), ("4", "0", 1.0)]


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("mark", [",", ";", "\t", " "])
def test_lists_of_connections(read, base, mark):
    W = np.zeros((5, 5))
    lines = []
    for a, b, v in EDGES:
        W[int(b), int(a)] = v
        value = str(v).replace(".", "," if mark == ";" else ".")
        lines.append(mark.join([str(int(a) + base), str(int(b) + base), value]))
    plain = read("a.csv", "\n".join(lines))
    assert np.array_equal(plain.matrix(), W)
    assert plain.notes[0] == "The columns were taken as: from, to, weight."
    assert f"numbered from {base}" in plain.notes[1]
    headed = read("a.csv", "\n".join([mark.join(["From", "To", "Weight"]), *lines]), 5)
    assert np.array_equal(headed.matrix(), W)
    assert len(headed.notes) == 1
    turned = read("a.csv", "\n".join([mark.join(["to", "from", "weight"]), *lines]), 5)
    assert np.array_equal(turned.matrix(), W.T)
    more = [f"x{mark}{line}" for line in lines]
    wide = read("a.csv", "\n".join([mark.join(["Label", "Source", "Target", "Weight"]), *more]), 5)
    assert np.array_equal(wide.matrix(), W)
    assert read("a.csv", "\n".join(lines), 9).N == 9


# What cannot be read


def test_not_square(refused):
    square = r"100 × 99 values; weights are a square table, one row and one column a neuron\."
    refused("a.npy", of(np.ones((100, 99))), square)
    refused("a.npz", of(a=np.ones((100, 99))), square)
    refused("a.csv", "\n".join([",".join(["1"] * 99)] * 100), square)
    refused("a.csv", "x" + ",x" * 98 + "\n" + "\n".join([",".join(["1"] * 99)] * 100), square)
    refused("a.mtx", "%%MatrixMarket matrix coordinate real general\n100 99 0\n", square)
    refused("a.npy", of(np.ones((3, 3, 2))), r"the shape \(3, 3, 2\)")
    refused("a.npy", of(np.ones(4)), r"the shape \(4,\)")
    refused("a.npz", sparse(shape=np.array([5, 4])), "5 × 4 values")


def sparse(**changes):
    """The bytes of a sparse file with some of its parts replaced."""
    stream = io.BytesIO()
    scipy.sparse.save_npz(stream, scipy.sparse.csr_array(mixed(5, 1.0)))
    with np.load(io.BytesIO(stream.getvalue())) as file:
        return of(**{**dict(file), **changes})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("listed", [False, True])
def test_another_number_of_neurons(tmp_path, kind, listed):
    W = mixed(100, 0.1 if listed else 1.0)
    write_weights(tmp_path / f"w.{kind}", Given.from_matrix(W, "") if listed else Dense(W))
    with pytest.raises(WrongSizeError) as caught:
        read_weights(tmp_path / f"w.{kind}", 784)
    assert caught.value.found_N == 100
    assert "holds the weights of 100 neurons, the network has 784." in str(caught.value)


def test_connections_of_neurons_that_are_not_there(refused):
    lines = "from,to,weight\n0,1,1\n7,2,1\n"
    error = refused("a.csv", lines, "names neurons up to the 8th, the network has 5", 5)
    assert error.found_N == 8
    refused(
        "a.csv", "# N = 5, numbered from 0\n" + lines, "says that it has 5 neurons, but names 8"
    )
    refused("a.csv", "# numbered from 1\n" + lines, "counts from 1, but names neuron 0")
    refused("a.csv", "from,to,weight\n-1,1,1\n", "Line 2 .* “-1” where a neuron’s number")
    refused("a.csv", "from,to,weight\n1.5,1,1\n", "Line 2 .* “1.5” where a neuron’s number")
    refused("a.csv", "from,to,weight\n1,nan,1\n", "Line 2 .* “nan” where a neuron’s number")
    refused("a.csv", "from,to,weight\n1,99999999,1\n", "“99999999” where a neuron’s number")
    head = "%%MatrixMarket matrix coordinate real general\n3 3 2\n1 1 1\n"
    for line, words in (("4 1 1", "row 4, column 1"), ("1 0 1", "row 1, column 0")):
        refused("a.mtx", head + line, f"Line 4 .* names {words}; there are 3")
    refused("a.npz", sparse(indices=np.full(25, 5, np.int32)), "names neuron 5, .* are 0 to 4")
    refused("a.npz", sparse(indices=np.full(25, -1, np.int32)), "names neuron -1")


def test_what_is_no_finite_number(refused):
    W = mixed(8, 1.0)
    for bad in (np.nan, np.inf, -np.inf):
        W[2, 6] = bad
        where = "row 3, column 7 is not a finite number"
        refused("a.npy", of(W), where)
        refused("a.npy", of(np.asfortranarray(W)), where)
        refused("a.npy", of(W.astype("f4")), where)
        refused("a.csv", "\n".join(",".join(map(str, row)) for row in W), where)
        stream = io.BytesIO()
        scipy.io.mmwrite(stream, scipy.sparse.coo_array(W))
        refused("a.mtx", stream.getvalue(), "from neuron 7 to neuron 3 is not a finite number")
    refused("a.csv", "1,2\n1e999,3\n", "row 2, column 1 is not a finite number")
    refused("a.csv", "from,to,weight\n0,1,inf\n", "from neuron 0 to neuron 1 is not a finite")
    refused("a.npz", sparse(data=np.full(25, np.nan)), "not a finite number")
    wide = np.full((2, 2), np.finfo(np.longdouble).max)
    refused("a.npy", of(wide), "row 1, column 1 is not a finite number")


def test_words_where_weights_should_be(refused):
    refused("a.csv", "1,2,3\n4,five,6\n7,8,9\n", "row 2, column 2 holds “five” where a weight")
    refused("a.csv", "1,2,3\n4,1_0,6\n7,8,9\n", "row 2, column 2 holds “1_0”")
    refused("a.csv", "1,2,3\n4,,6\n7,8,9\n", "row 2, column 2 is empty")
    refused("a.csv", "1,2,3\n4,5\n7,8,9\n", "Line 2 of a.csv has 2 cells, the first one has 3")
    refused("a.csv", "a,b\n1,2\n3,1+2j\n", "row 2, column 2 holds “1[+]2j”")
    lines = "from,to,weight\n0,1,1\n"
    refused("a.csv", lines + "1,x,1\n", "Line 3 .* “x” where a neuron’s number")
    refused("a.csv", lines + "1,0,x\n", "Line 3 .* “x” where a weight")
    refused("a.csv", lines + "1,0\n", "Line 3 of a.csv has 2 cells, the first one has 3")
    refused("a.csv", lines + "1,0,1_0\n", "Line 3 .* “1_0” where a weight")
    refused("a.csv", "hello\nworld\n", "no table of numbers")
    head = "%%MatrixMarket matrix coordinate real general\n3 3 2\n1 1 1\n"
    for line in ("1 2 x", "1 2", "1 2 3 4", "1.5 1 1", "1 2 1_0", "1 nan 1", "1 9e99 1", "\xa0"):
        refused("a.mtx", head + line, "Line 4 .* instead of a row, a column and a number")


def test_twice_the_same_connection(refused):
    words = "the weight from neuron 3 to neuron 1 twice"
    refused("a.csv", "from,to,weight\n3,1,1\n1,2,1\n3,1,2\n", words)
    refused("a.csv", "from,to,weight\n3,1,0\n0,2,1\n3,1,2\n", words)
    head = "%%MatrixMarket matrix coordinate real"
    refused("a.mtx", f"{head} general\n3 3 2\n1 3 1\n1 3 2\n", words)
    refused("a.mtx", f"{head} symmetric\n3 3 2\n3 1 1\n1 3 2\n", "twice")
    same = {"indices": np.array([1, 1], np.int32), "data": np.ones(2)}
    refused(
        "a.npz", sparse(indptr=np.array([0, 2, 2, 2, 2, 2]), **same), "from neuron 1 to neuron 0"
    )


def test_complex_numbers(refused):
    refused("a.npy", of(np.ones((3, 3), complex)), "complex128.*Save the real part")
    refused("a.npz", sparse(data=np.ones(25, complex)), "complex128.*Save the real part")
    for field, symmetry in (("complex", "general"), ("complex", "hermitian")):
        head = f"%%MatrixMarket matrix coordinate {field} {symmetry}\n3 3 1\n1 1 1 1\n"
        refused("a.mtx", head, "complex numbers. Save the real part")


def test_empty_files(refused):
    for kind in KINDS:
        refused(f"a.{kind}", b"", "is empty")
    for text in ("\n\n \n", "# only this\n"):
        refused("a.csv", text, "is empty")
    refused("a.npy", of(np.empty((0, 0))), "is empty")
    refused("a.csv", "from,to,weight\n", "lists no connections")
    refused("a.mtx", "%%MatrixMarket matrix coordinate real general\n0 0 0\n", "is empty")
    refused("a.npy", of(np.ones((1, 1))), "holds a single weight")
    refused("a.npz", empty_zip(), "holds no arrays")


def empty_zip():
    stream = io.BytesIO()
    zipfile.ZipFile(stream, "w").close()
    return stream.getvalue()


def npy(shape, dtype="<f8", data=b""):
    """An array that claims any shape."""
    stream = io.BytesIO()
    facts = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, facts)
    return stream.getvalue() + data


def packed(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return stream.getvalue()


def test_lying_headers_take_no_memory(refused, monkeypatch):
    for shape, words in (
        ((10**9, 10**9), "at most 1,048,576"),
        ((1 << 20, 1 << 20), "unpacks to 8.0 TB"),
        ((20_000, 20_000), "damaged or incomplete"),
        ((-5, -5), "impossible shape"),
        ((2**62, 4), "weights are a square table"),
    ):
        refused("a.npy", npy(shape), words)
        refused("a.npz", packed(W=npy(shape)), words)
    refused("a.npy", npy((3, 3), "|O"), "plain numbers")
    refused("a.npz", packed(W=npy((3, 3), "|O", b"cos\nsystem\n(S'true'\ntR.")), "plain numbers")
    general = "%%MatrixMarket matrix coordinate real general\n"
    refused("a.mtx", general + "-5 -5 1\n", "impossible sizes")
    refused("a.mtx", general + "5 5 -1\n", "impossible sizes")
    refused("a.mtx", general + "9000000 9000000 1\n", "at most 1,048,576")
    refused("a.mtx", general + "1000000 1000000 999999999999\n", "more than 52,428,800 connections")
    refused("a.mtx", general + f"{'9' * 3000} 3 1\n", "impossible sizes")
    refused("a.mtx", general + "3 3 10\n", "lists 10 entries, and only 9 fit")
    refused("a.mtx", general + "3 3\n", "does not say how large it is")
    refused("a.mtx", general, "does not say how large it is")
    array = "%%MatrixMarket matrix array real general\n"
    refused("a.mtx", array + "1000000 1000000\n", "more than the 524,288,000")
    refused("a.mtx", array + "2 2\n1\n2\n3\n", "holds 4 entries, and has 3")
    refused("a.mtx", array + "2 2\n1\n2\n3\n4\n5\n", "holds 4 entries, and is longer")
    refused("a.mtx", general + "3 3 2\n1 1 1\n", "holds 2 entries, and has 1: it is incomplete")
    refused("a.mtx", "3 3 2\n1 1 1\n", "first line is not %%MatrixMarket")
    refused("a.mtx", "%%MatrixMarket vector coordinate real general\n", "weights are a matrix")
    refused("a.mtx", "%%MatrixMarket matrix array pattern general\n3 3\n", "pattern general")
    skew = "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n"
    refused("a.mtx", skew + "2 2 1\n", "weights on its diagonal")


def test_bombs(refused, read, monkeypatch):
    zeros = npy((1500, 1500), data=bytes(8 * 1500**2))
    assert read("a.npz", packed(W=zeros)).count == 0  # a thousandth of its size: legal
    refused("a.csv", b"1" * (5 << 20), "lines that are too long")
    refused("a.mtx", "%%MatrixMarket matrix array real general\n" + "1" * 9000, "too long")
    monkeypatch.setattr(bounds, "MAX_BYTES", 1 << 20)
    for module in ("lines", "npz", "square"):
        monkeypatch.setattr(f"lyapstudio.document.weight_files.{module}.MAX_BYTES", 1 << 20)
    refused("a.npz", packed(W=zeros), "unpacks to 17 MB")
    refused("a.csv.gz", gzip.compress(b"1,2\n" * 10**6), "unpacks to more than")


def test_too_many_connections(refused, monkeypatch):
    monkeypatch.setattr(given_, "MAX_CONNECTIONS", 50)
    W = mixed(10, 1.0)
    refused("a.npy", of(W), "more than 50 connections")
    refused("a.csv", "\n".join(",".join(map(str, row)) for row in W), "more than 50 connections")
    lines = [f"{a},{b},1" for a in range(10) for b in range(10)]
    refused("a.csv", "\n".join(lines), "more than 50 connections")
    few = np.triu(np.ones((10, 10)), 1)
    assert Given.from_matrix(few, "w").count == 45
    with pytest.raises(UserError, match="more than 50 connections"):
        Given.from_matrix(few, "w").symmetrised()


def test_damaged_parts(refused):
    for changes in (
        {"indptr": np.array([0, 1])},
        {"indptr": np.array([0, 9, 3, 3, 3, 25])},
        {"indptr": np.array([1, 2, 3, 4, 5, 25])},
        {"indptr": np.zeros((2, 3), int)},
        {"indices": np.zeros(3, np.int32)},
        {"indices": np.zeros(25)},
        {"indices": np.full(25, 2**63, np.uint64)},
        {"data": np.ones((5, 5))},
        {"format": np.array([1])},
        {"format": np.array(b"")},
    ):
        refused("a.npz", sparse(**changes), "damaged|kind “”")
    refused("a.npz", sparse(format=np.array("bsr")), "of the kind “bsr”. Call its tocsr")
    refused("a.npz", sparse(shape=np.array([5])), "impossible shape")
    one = np.array([1], np.int32)
    ours = {"into": one, "out_of": one, "values": np.ones(1)}
    refused("a.npz", of(**ours, N=np.array([3, 4])), "N.npy holds 2 values")
    refused("a.npz", of(**{**ours, "values": np.ones(2)}, N=np.array(4)), "damaged")
    refused("a.npz", of(**ours, N=np.array(10**7)), "at most 1,048,576")
    refused("a.npz", of(**{**ours, "into": one + 5}, N=np.array(4)), "names neuron 6")


def test_other_kinds_of_files(refused, tmp_path):
    refused("a.mat", b"MATLAB 5.0 MAT-file", "Matlab or HDF5")
    refused("a.csv", b"\x89HDF\r\n\x1a\n", "Matlab or HDF5")
    refused("a.png", b"\x89PNG\r\n\x1a\n\0\0", "of no known kind")
    refused("a.csv", "1,2\n3,4\n".encode("utf-16"), "of no known kind")
    refused("a.npz", b"1,2\n3,4\n", "damaged, incomplete")
    refused("a.npy", b"1,2\n3,4\n", "not an array")
    with pytest.raises(UserError, match="There is no file"):
        read_weights(tmp_path / "no.npy", None)
    with pytest.raises(UserError, match="a folder or a device"):
        read_weights(tmp_path, None)


def whole_files():
    """A good file of every kind."""
    W = mixed(6, 0.6)
    yield "a.npy", of(W)
    yield "a.npz", of(W=W)
    yield "a.npz", sparse()
    yield "a.csv", "\n".join(",".join(map(str, row)) for row in W).encode()
    yield "a.csv", b"from,to,weight\n0,1,1\n2,0,1\n"
    yield "a.csv.gz", gzip.compress(b"1,2\n3,4\n")
    for form in (W, scipy.sparse.coo_array(W), W + W.T, W - W.T):
        stream = io.BytesIO()
        scipy.io.mmwrite(stream, form)
        yield "a.mtx", stream.getvalue()


def survives(path, data):
    path.write_bytes(data)
    try:
        read = read_weights(path, None)
    except UserError:
        return
    assert np.isfinite(read.values).all()
    assert read.nbytes < 1 << 20


@settings(deadline=None, max_examples=300)
@example(data=st.data())
def test_damage_of_every_kind_is_a_sentence(tmp_path_factory, data):
    name, good = data.draw(st.sampled_from(list(whole_files())))
    bad = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if bad:
            bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    survives(tmp_path_factory.getbasetemp() / name, bytes(bad))


@settings(deadline=None, max_examples=200)
@example(
    name=st.sampled_from(["a.npy", "a.npz", "a.csv", "a.mtx", "a.csv.gz", "a"]),
    start=st.sampled_from(
        [
            b"",
            b"\x93NUMPY\x01\0",
            b"PK\x03\x04",
            b"%%MatrixMarket matrix ",
            b"\x1f\x8b\x08\0",
            b"1,2\n",
        ]
    ),
    rest=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
)
def test_binary_garbage_is_a_sentence(tmp_path_factory, name, start, rest):
    survives(tmp_path_factory.getbasetemp() / name, start + rest)


# Writing


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    W = mixed(40, 1.0)
    monkeypatch.setattr(write, "PIECE", 2000)
    monkeypatch.setattr(write, "LINES", 50)

    class Enough(Exception):
        pass

    def stop(fraction):
        if fraction > 0.3:
            raise Enough

    for kind in KINDS:
        for weights in (Dense(W), Given.from_matrix(W * (W > 1), "")):
            path = tmp_path / f"w.{kind}"
            path.write_bytes(b"old")
            with pytest.raises(Enough):
                write_weights(path, weights, stop)
            assert path.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == sorted(f"w.{kind}" for kind in KINDS)


def test_what_the_disk_refuses(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    for kind in KINDS:
        with pytest.raises(UserError, match="the disk is full"):
            write_weights(tmp_path / f"w.{kind}", Dense(mixed()))
    assert not os.listdir(tmp_path)
    with pytest.raises(UserError, match="its folder does not exist"):
        write_weights(tmp_path / "no" / "w.npy", Dense(mixed()))
    with pytest.raises(UserError, match=r"has no ending that is known\. Use \.npy, \.npz"):
        write_weights(tmp_path / "w.mat", Dense(mixed()))


def test_files_that_would_be_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "MAX_BYTES", 1000)
    for kind in KINDS:
        words = "Cut the weakest" if kind == "mtx" else "Save as MTX"
        with pytest.raises(UserError, match=f"would take .* or more.*{words}"):
            write_weights(tmp_path / f"w.{kind}", Dense(mixed(30)))
    uneven = np.zeros((40, 40))
    uneven[1] = 1 / 3  # none of the rows that are looked at first
    for kind in ("csv", "mtx"):
        monkeypatch.setattr(write, "MAX_BYTES", 3400 if kind == "csv" else 700)
        monkeypatch.setattr(write, "SAMPLE", 1)
        with pytest.raises(UserError, match="or more"):
            write_weights(tmp_path / f"w.{kind}", Dense(uneven))
    assert not os.listdir(tmp_path)
    assert bounds.gigabytes(12.34 * 2**30) == "12.3 GB"
    assert bounds.gigabytes(8 * 2**40) == "8.0 TB"


# Given


@example(W=matrices(2, 7))
def test_given_is_the_matrix(W):
    given = Given.from_matrix(W, "w")
    key = given.into.astype(int) * given.N + given.out_of
    assert (np.diff(key) > 0).all()
    assert given.values.all()
    for array in given.triplets():
        assert not array.flags.writeable
    assert np.array_equal(given.matrix(), W)
    assert given.symmetric == np.array_equal(W, W.T)
    some = np.array([1, 0, 1])
    assert np.array_equal(given.rows(some), W[some])
    assert given.count == np.count_nonzero(W)
    assert given.nbytes == 16 * given.count
    half = given.symmetrised()
    assert half.symmetric
    assert np.array_equal(half.matrix(), 0.5 * W + 0.5 * W.T)
    hollow = W.copy()
    np.fill_diagonal(hollow, 0)
    assert np.array_equal(given.without_diagonal().matrix(), hollow)
    both = prepared(given, WeightOptions(symmetrise=True, hollow=True)).matrix()
    assert np.array_equal(both, 0.5 * hollow + 0.5 * hollow.T)


@example(W=arrays(float, (6, 6), elements=st.integers(-3, 3).map(float)))
def test_a_glance_tells_the_truth(W):
    seen = glance(Given.from_matrix(W, "w"))
    upper = np.triu_indices(6, 1)
    assert seen.differing == int((W != W.T)[upper].sum())
    assert (seen.own, seen.negative_own) == (
        int((np.diag(W) != 0).sum()),
        int((np.diag(W) < 0).sum()),
    )
    if W.any():
        part = np.linalg.norm(W - W.T) / 2 / np.linalg.norm(W)
        assert seen.antisymmetry == pytest.approx(part)
        assert (seen.low, seen.high) == (W[W != 0].min(), W[W != 0].max())
        inside = np.abs(W) <= seen.top
        assert np.allclose((seen.picture * seen.top)[inside], W[inside])


def test_a_glance_at_many_neurons():
    W = mixed(1000, 0.5)
    seen = glance(Given.from_matrix(W, "w"))
    assert (seen.bin, seen.picture.shape) == (3, (334, 334))
    means = W[:999, :999].reshape(333, 3, 333, 3).mean((1, 3))
    clipped = np.clip(means, -seen.top, seen.top)
    assert np.allclose(seen.picture[:333, :333] * seen.top, clipped)
    assert seen.picture[333, 333] * seen.top == pytest.approx(
        np.clip(W[999, 999], -seen.top, seen.top)
    )
