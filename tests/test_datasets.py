"""Data sets: every format, every kind of bad input, the division, the shelf, MNIST."""

import gzip
import hashlib
import io
import itertools
import math
import struct
import threading
import zipfile
from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import ParamError
from lyapstudio.core.resources import resource
from lyapstudio.document import ready
from lyapstudio.document.datasets import raw as raw_
from lyapstudio.document.datasets.found import fair_order
from lyapstudio.document.datasets.read import describe, find, read
from lyapstudio.document.datasets.shelf import KEPT, Shelf
from lyapstudio.document.datasets.source import (
    MAX_CLASSES,
    DataMissingError,
    LayoutError,
    Source,
)
from lyapstudio.document.ready import ReadyOptions, ready_set

IDX_CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


def idx(array):
    """The bytes of an IDX file, as its inventors describe it."""
    code = IDX_CODES[array.dtype.str[1:]]
    head = struct.pack(f">4B{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def digits(n=60, side=6, classes=3, seed=0):
    """(n, side, side) uint8 and (n,) uint8, every class as often."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (n, side, side), np.uint8)
    images[0, 0, 0] = 255
    return images, np.arange(n, dtype=np.uint8) % classes


def back(found):
    """The training images of a Found in the order of its file."""
    order = fair_order(len(found.train), found.train.labels if found.classes else None)
    if found.classes:  # the order depends on the labels in the order of the file
        return None
    images = np.empty_like(found.train.images)
    images[order] = found.train.images
    return images


def pairs(part):
    """Images and labels as a sorted list: the same data in any order."""
    labels = part.labels if part.labels is not None else np.zeros(len(part), int)
    return sorted((row.tobytes(), int(c)) for row, c in zip(part.images, labels, strict=True))


def same(found, images, labels):
    flat = np.ascontiguousarray(images.reshape(len(images), -1))
    expected = sorted((row.tobytes(), int(c)) for row, c in zip(flat, labels, strict=True))
    assert pairs(found.train) == expected


def save_idx(folder, images, labels, stem="train", pack=lambda data: data, end=""):
    (folder / f"{stem}-images-idx3-ubyte{end}").write_bytes(pack(idx(images)))
    (folder / f"{stem}-labels-idx1-ubyte{end}").write_bytes(pack(idx(labels)))
    return folder / f"{stem}-images-idx3-ubyte{end}"


def save_pictures(folder, images, labels=None, mode="L", kind="png"):
    for k, image in enumerate(images):
        place = folder if labels is None else folder / str(labels[k])
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).convert(mode).save(place / f"{k:04}.{kind}")
    return folder


# MNIST


def test_mnist_is_all_there():
    """The arrays are the four original files, bit for bit: their headers before them."""
    with np.load(resource("mnist", "mnist.npz")) as stored:
        held = dict(stored)
    for name, digest in MD5.items():
        array = held[name]
        assert hashlib.md5(idx(array)).hexdigest() == digest
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(held["y_train"]).tolist() == train
    assert np.bincount(held["y_test"]).tolist() == test


@pytest.fixture(scope="module")
def mnist():
    return find(Source())


def test_mnist_is_divided_as_it_should(mnist):
    dataset = mnist.dataset(Source())
    assert (dataset.title, dataset.rows, dataset.cols, dataset.depth) == ("MNIST", 28, 28, 1)
    assert dataset.classes == tuple("0123456789")
    assert [len(p) for p in (dataset.train, dataset.validation, dataset.test)] == [
        50_000,
        10_000,
        10_000,
    ]
    every = np.bincount(dataset.train.labels) + np.bincount(dataset.validation.labels)
    assert every.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    share = np.bincount(dataset.validation.labels) / every
    assert np.abs(share - 1 / 6).max() < 1e-3
    with np.load(resource("mnist", "mnist.npz")) as stored:
        assert np.array_equal(dataset.test.images, stored["x_test"].reshape(10_000, 784))
    assert sum(mnist.counts) == mnist.images == 70_000


def test_images_stay_with_their_labels(mnist):
    with np.load(resource("mnist", "mnist.npz")) as stored:
        images, labels = stored["x_train"].reshape(-1, 784), stored["y_train"]
    generator = np.random.default_rng(1)
    key = generator.integers(0, 1 << 40, 784)  # tells images apart
    there = {(int(k), int(c)) for k, c in zip(images @ key, labels, strict=True)}
    part = mnist.train
    assert {(int(k), int(c)) for k, c in zip(part.images @ key, part.labels, strict=True)} == there


def test_a_limit_takes_a_fair_beginning(mnist):
    sets = [mnist.dataset(Source(limit=n)) for n in (100, 1000, 0)]
    assert [len(s.train) for s in sets] == [100, 1000, 50_000]
    for few, more in itertools.pairwise(sets):
        assert np.array_equal(more.train.images[: len(few.train)], few.train.images)
        assert np.array_equal(few.validation.labels, more.validation.labels)
    share = np.bincount(mnist.train.labels) / 60_000
    assert np.abs(np.bincount(sets[1].train.labels) - 1000 * share).max() <= 1.5


def test_mnist_is_read_quickly():
    read(Source())
    started = process_time()
    read(Source())
    assert process_time() - started < 0.6


def test_without_the_resource_the_program_does_without(monkeypatch, tmp_path):
    monkeypatch.setattr("lyapstudio.document.datasets.read.resource", lambda *p: tmp_path / "no")
    with pytest.raises(UserError, match="does not come with this copy"):
        read(Source())
    monkeypatch.setattr(ready, "resource", lambda *p: tmp_path / "no")
    assert "mnist" not in {s.id for s in ready.ready_sets()}


# The division


@given(st.lists(st.integers(0, 5), min_size=1, max_size=200))
def test_any_beginning_is_a_fair_sample(labels):
    labels = np.array(labels, np.int16)
    order = fair_order(len(labels), labels)
    assert sorted(order) == list(range(len(labels)))
    counts = np.bincount(labels)
    for k in range(1, len(labels) + 1):
        of_class = np.bincount(labels[order[:k]], minlength=len(counts))
        assert (np.abs(of_class - k * counts / len(labels)) < 3).all()


@given(st.integers(1, 100), st.floats(0, 0.5), st.floats(0, 0.5), st.integers(0, 120))
def test_parts_are_disjoint_and_something_is_learned_from(n, validation, test, limit):
    images = np.arange(3 * n, dtype=np.uint8).reshape(n, 3) % 251
    images[:, 2], images[:, 1] = np.arange(n), 255
    part = raw_.Labelled(images, np.arange(n) % 2)
    source = Source("file", path="x", validation=validation, test=test, limit=limit)
    from lyapstudio.document.datasets.found import finish

    found = finish(raw_.Raw("NPY", (1, 3, 1), part, true_bytes=True), source, "x", lambda _: None)
    dataset = found.dataset(source)
    parts = (dataset.train, dataset.validation, dataset.test)
    assert tuple(map(len, parts)) == found.sizes(source)
    assert len(dataset.train) >= 1
    seen = np.concatenate([p.images[:, 2] for p in parts])
    assert len(set(seen.tolist())) == len(seen)
    if not limit or limit >= n:
        assert len(seen) == n


def test_arrays_are_read_only_and_not_copied(mnist):
    dataset = mnist.dataset(Source())
    for part in (dataset.train, dataset.validation, dataset.test):
        assert not part.images.flags.writeable
        assert not part.labels.flags.writeable
    assert dataset.train.images.base is dataset.validation.images.base
    with pytest.raises(ParamError):
        Source(validation=0.6)


# IDX


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("chosen", ["train-images", "train-labels", "t10k-images", "t10k-labels"])
def test_any_of_four_idx_files_stands_for_all(tmp_path, packed, chosen):
    images, labels = digits()
    more, theirs = digits(21, seed=1)
    pack, end = (gzip.compress, ".gz") if packed else (lambda data: data, "")
    save_idx(tmp_path, images, labels, "train", pack, end)
    save_idx(tmp_path, more, theirs, "t10k", pack, end)
    path = next(p for p in tmp_path.iterdir() if p.name.startswith(chosen))
    for place in (path, tmp_path):
        found = describe(place)
        same(found, images, labels)
        assert (found.kind, found.rows, found.cols, found.images) == ("IDX", 6, 6, 81)
        assert np.array_equal(found.test.images, more.reshape(21, 36))
        assert np.array_equal(found.test.labels, theirs)
        assert found.counts == (27, 27, 27)
        assert found.source.title == tmp_path.name
        assert not found.notes
        dataset = read(found.source)
        assert dataset.digest == found.digest == found.source.digest
        assert len(dataset.test) == 21


def test_idx_without_labels_is_read_and_said(tmp_path):
    images, _ = digits()
    path = tmp_path / "strange.idx3-ubyte"
    path.write_bytes(idx(images))
    found = describe(path)
    assert not found.classes
    assert found.train.labels is None
    assert "no classes" in found.notes[0]
    assert np.array_equal(back(found), images.reshape(60, 36))
    dataset = read(found.source)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (60, 0, 0)
    asked = read(replace(found.source, validation=0.5, test=0.5))
    assert (len(asked.train), len(asked.validation), len(asked.test)) == (15, 15, 30)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_idx_of_every_type(tmp_path_factory, data):
    kind = data.draw(st.sampled_from(sorted(IDX_CODES)))
    high = 100 if kind == "i1" else 255
    values = data.draw(
        arrays("u1", st.tuples(st.integers(1, 5), st.just(3), st.just(2))).filter(np.any)
    )
    values = np.minimum(values, high)
    values[0, 0, 0] = high
    path = tmp_path_factory.mktemp("idx") / "x-images-idx3-ubyte"
    path.write_bytes(idx(values.astype(kind)))
    found = describe(path)
    assert found.train.images.dtype == np.uint8
    assert np.array_equal(back(found), values.reshape(len(values), 6))


def test_idx_in_colour(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 3), np.uint8)
    (tmp_path / "c-images-idx4-ubyte").write_bytes(idx(images))
    found = describe(tmp_path / "c-images-idx4-ubyte")
    assert (found.rows, found.cols, found.depth) == (4, 3, 3)
    assert found.dataset(found.source).N == 36


def test_bad_idx(tmp_path, monkeypatch):
    images, labels = digits()
    whole = idx(images)
    path = save_idx(tmp_path, images, labels)
    path.write_bytes(whole[:-1])
    with pytest.raises(UserError, match="says that it holds 60 entries but is too short"):
        describe(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(UserError, match="longer than it says"):
        describe(path)
    path.write_bytes(gzip.compress(whole)[:-20])
    with pytest.raises(UserError, match="damaged or incomplete"):
        describe(path)
    path.write_bytes(whole[:6])
    with pytest.raises(UserError, match="damaged or incomplete"):
        describe(path)
    huge = struct.pack(">4B3I", 0, 0, 8, 3, 2_000_000, 128, 128)
    for head in (huge, gzip.compress(huge)):
        path.write_bytes(head)
        with pytest.raises(UserError, match="more than the 2 GB"):
            describe(path)
    lying = struct.pack(">4B3I", 0, 0, 8, 3, 100_000, 128, 128)
    monkeypatch.setattr(np, "empty", None)  # nothing is allocated before it is known
    for head in (lying, gzip.compress(lying)):
        path.write_bytes(head)
        with pytest.raises(UserError, match="too short"):
            describe(path)
    path.write_bytes(struct.pack(">4B3I", 0, 0, 8, 3, 2_000_001, 1, 2))
    with pytest.raises(UserError, match="2,000,001 images"):
        describe(path)


def test_labels_that_do_not_fit(tmp_path):
    images, labels = digits()
    path = save_idx(tmp_path, images, labels[:-1])
    with pytest.raises(UserError, match="59 labels for the 60 images"):
        describe(path)
    path.unlink()
    with pytest.raises(UserError, match="holds labels only"):
        describe(tmp_path / "train-labels-idx1-ubyte")
    save_idx(tmp_path, images, labels)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(images))
    with pytest.raises(UserError, match="no list of labels"):
        describe(path)
    save_idx(tmp_path, images, labels)
    save_idx(tmp_path, images[:, :5], labels, "t10k")
    with pytest.raises(UserError, match="images of other sizes"):
        describe(path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(images))
    found = describe(path)
    assert found.test is None
    assert "have no labels" in found.notes[0]


# NPZ and NPY


def npz(path, packed=True, **named):
    (np.savez_compressed if packed else np.savez)(path, **named)
    return path


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("x", "y"), 1),
        (("images", "labels"), 1),
        (("data", "target"), 1),
        (("arr_0", "arr_1"), 1),
        (("photos", "what"), 1),
        (("x_train", "y_train", "x_test", "y_test"), 2),
        (("train_images", "train_labels", "test_images", "test_labels"), 2),
        (("X_test", "Y_test"), 1),
    ],
)
def test_npz_under_many_names(tmp_path, names, parts):
    images, labels = digits()
    more, theirs = digits(9, seed=1)
    held = dict(zip(names, (images, labels, more, theirs), strict=False))
    found = describe(npz(tmp_path / "some.npz", **held))
    same(found, images, labels)
    assert (found.kind, found.source.title) == ("NPZ", "some")
    assert (found.test is None) == (parts == 1)
    if found.test:
        assert np.array_equal(found.test.labels, theirs)


@pytest.mark.parametrize("shape", [(60, 36), (60, 6, 6), (60, 6, 6, 1), (60, 1, 6, 6)])
def test_npz_shapes(tmp_path, shape):
    images, labels = digits()
    for x in (images.reshape(shape), np.asfortranarray(images.reshape(shape))):
        found = describe(npz(tmp_path / "a.npz", x=x, y=labels))
        assert (found.rows, found.cols, found.depth) == (6, 6, 1)
        same(found, images, labels)


def test_npz_in_colour(tmp_path):
    colour = np.random.default_rng(0).integers(0, 256, (7, 4, 5, 3), np.uint8)
    found = describe(npz(tmp_path / "a.npz", x=colour))
    assert (found.rows, found.cols, found.depth) == (4, 5, 3)
    assert np.array_equal(back(found), colour.reshape(7, 60))
    first = describe(npz(tmp_path / "b.npz", x=np.moveaxis(colour, 3, 1)))
    assert first.digest == found.digest
    assert "put last" in first.notes[0]
    flat = npz(tmp_path / "c.npz", x=colour.reshape(7, 60))
    with pytest.raises(LayoutError, match="60 values each, which is no square") as caught:
        describe(flat)
    assert caught.value.pixels == 60
    found = describe(flat, rows=4, cols=5)
    assert (found.rows, found.cols, found.depth) == (4, 5, 3)
    assert read(found.source).digest == found.digest
    with pytest.raises(LayoutError, match="does not make 4 × 4"):
        describe(flat, rows=4, cols=4)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.array([3, 1, 3]), ("1", "3")),
        (np.array([1.0, -1.0, 1.0]), ("−1", "1")),
        (np.array(["dog", "cat ", "dog"]), ("cat", "dog")),
        (np.array([b"10", b"9", b"10"]), ("9", "10")),
        (np.array([[3], [1], [3]]), ("1", "3")),
        (np.array([[0, 1], [1, 0], [0, 1]]), ("0", "1")),
        (np.array([True, False, True]), ("0", "1")),
    ],
)
def test_labels_of_many_kinds(tmp_path, labels, classes):
    images, _ = digits(3)
    found = describe(npz(tmp_path / "a.npz", x=images, y=labels))
    assert found.classes == classes
    assert found.counts == (1, 2)
    same(found, images, [1, 0, 1])


def test_npy_alone_has_no_labels(tmp_path):
    images, _ = digits()
    np.save(tmp_path / "a.npy", images)
    found = describe(tmp_path / "a.npy")
    assert (found.kind, found.classes) == ("NPY", ())
    assert np.array_equal(back(found), images.reshape(60, 36))


def test_bad_npz(tmp_path):
    path = tmp_path / "a.npz"
    images, labels = digits()

    def refused(match, **held):
        with pytest.raises(UserError, match=match):
            describe(npz(path, **held))

    refused("59 labels for 60 images", x=images, y=labels[1:])
    refused("Name the images x", one=images, two=images)
    refused("have the shape", x=images, y=np.zeros((60, 2, 2)))
    refused("4 dimensions|the shape", x=images[:, :, :, None, None])
    refused("not whole numbers", x=images, y=labels + 0.5)
    refused("not whole numbers", x=images, y=labels * np.nan)
    refused("has no label", x=images, y=np.array(["a"] * 59 + [""]))
    refused("1,001 different labels", x=np.ones((1001, 4)), y=np.arange(MAX_CLASSES + 1))
    refused("not hold plain numbers", x=images.astype(complex))
    refused("holds no images", x=images[:0])
    refused("one pixel each", x=images[:, :1, :1])
    refused("128 × 128 can be learned", x=np.zeros((2, 129, 4), np.uint8))
    refused("have different sizes", x_train=images, x_test=images[:, :5])
    refused("have the shape", x=images[..., None].repeat(2, 3))
    refused("are text", x=np.full((2, 4), "a"))
    with pytest.raises(UserError, match="Python objects"):
        describe(npz(path, x=images, y=np.array(["a", None] * 30, object)))
    whole = npz(path, x=images, y=labels).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="damaged or incomplete"):
        describe(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "no arrays")
    with pytest.raises(UserError, match="holds no arrays"):
        describe(path)


def test_an_npy_that_lies_about_its_length(tmp_path, monkeypatch):
    stream = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (100_000, 100, 100)}
    np.lib.format.write_array_header_1_0(stream, header)
    path = tmp_path / "a.npy"
    path.write_bytes(stream.getvalue() + b"1234")
    monkeypatch.setattr(np, "empty", None)
    with pytest.raises(UserError, match="damaged or incomplete"):
        describe(path)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.write(path, "x.npy")
    with pytest.raises(UserError, match="damaged or incomplete"):
        describe(tmp_path / "a.npz")


# What the numbers mean


@pytest.mark.parametrize(
    ("values", "dtype", "expected", "note"),
    [
        ([0, 128, 255], np.uint8, [0, 128, 255], ""),
        ([0, 128, 255], np.int64, [0, 128, 255], ""),
        ([0, 128, 255], np.float32, [0, 128, 255], ""),
        ([5, 90, 100], np.uint8, [5, 90, 100], ""),
        ([0, 8, 16], np.uint8, [0, 128, 255], "0 to 16"),
        ([0, 8, 16], np.float64, [0, 128, 255], "0 to 16"),
        ([0, 1, 1], np.uint8, [0, 255, 255], "0 and 1"),
        ([0, 1, 1], bool, [0, 255, 255], ""),
        ([-1, 1, 1], np.int8, [0, 255, 255], "−1 to 1"),
        ([0.0, 0.25, 1.0], np.float64, [0.0, 0.25, 1.0], ""),
        ([-1.0, 0.5, 1.0], np.float64, [0.0, 0.75, 1.0], "−1 to 1"),
        ([0, 1.5, 255], np.float64, [0, 1.5 / 255, 1], ""),
        ([-3, 0.5, 4.0], np.float32, [0, 0.5, 1], "−3 to 4"),
        ([0, 30_000, 60_000], np.uint16, [0, 0.5, 1], "0 to 6e"),
        ([-1e308, 0, 1.5e308], np.float64, [0, 0.4, 1], "is white"),
    ],
)
def test_ranges(tmp_path, values, dtype, expected, note):
    x = np.array([values, values[::-1]]).astype(dtype)
    found = describe(npz(tmp_path / "a.npz", x=x), rows=1, cols=3)
    images = back(found)
    assert images.dtype == (
        np.uint8
        if isinstance(expected[-1], int) and dtype != np.uint16 and max(expected) > 1
        else np.float32
    )
    assert np.allclose(images[0], expected, atol=1e-6)
    assert (note in found.notes[0]) if note else not found.notes
    floats = found.dataset(found.source).train.floats(slice(None))
    assert floats.dtype == np.float32
    assert floats.min() >= 0
    assert floats.max() <= 1


def test_training_and_test_images_share_one_scale(tmp_path):
    x = np.array([[0, 2, 4], [4, 2, 0]])
    found = describe(npz(tmp_path / "a.npz", x_train=x, x_test=2 * x), rows=1, cols=3)
    assert found.train.images.max() == 128
    assert found.test.images.max() == 255


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers(tmp_path, bad):
    x = np.ones((40, 9), np.float32)
    x[17, 3] = bad
    with pytest.raises(UserError, match=r"Image 18 of a\.npz holds a value that is not a number"):
        describe(npz(tmp_path / "a.npz", x=x))


def test_images_that_teach_little(tmp_path):
    with pytest.raises(UserError, match=r"All pixels of a\.npz are zero"):
        describe(npz(tmp_path / "a.npz", x=np.zeros((4, 9))))
    alike = describe(npz(tmp_path / "a.npz", x=np.tile(np.uint8([0, 99, 200, 7]), (9, 1))))
    assert "All images are the same" in alike.notes[-1]
    images, labels = digits()
    one = describe(npz(tmp_path / "a.npz", x=images, y=labels * 0 + 7))
    assert one.classes == ("7",)
    assert "one class (7)" in one.notes[0]
    assert len(read(one.source).train)


# CSV


def table(path, rows, header=None, delimiter=",", end="\n"):
    lines = [delimiter.join(header)] if header else []
    lines += [delimiter.join(map(str, row)) for row in rows]
    path.write_text(end.join(lines) + end, newline="")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", [None, "named", "numbered"])
@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("names", [("0", "1", "2"), ("cat", "dog", "owl")])
def test_csv(tmp_path, delimiter, header, place, names):
    images, labels = digits()
    images[:, 0, 0] = images[:, -1, -1] = 0  # corners without ink, as digits have them
    flat = images.reshape(60, 36)
    rows = [
        [names[c], *image] if place == "first" else [*image, names[c]]
        for image, c in zip(flat.tolist(), labels, strict=True)
    ]
    head = {
        None: None,
        "named": [f"p{k}" for k in range(37)],
        "numbered": [str(k) for k in range(37)],
    }[header]
    path = table(tmp_path / "a.csv", rows, head, delimiter)
    found = describe(path)
    assert found.classes == names
    assert (found.kind, found.images, found.rows) == ("CSV", 60, 6)
    same(found, images, labels)
    assert f"Column {1 if place == 'first' else 37}" in found.notes[0]
    asked = describe(path, column=place)
    assert asked.digest == found.digest
    assert not asked.notes


def test_csv_with_named_columns(tmp_path):
    images, labels = digits(12)
    flat = images.reshape(12, 36).tolist()
    header = ["", *(f"p{k}" for k in range(20)), "Label", *(f"p{k}" for k in range(20, 36))]
    rows = [
        [k, *image[:20], f'"{c}"', *image[20:]]
        for k, (image, c) in enumerate(zip(flat, labels, strict=True))
    ]
    found = describe(table(tmp_path / "a.csv", rows, header, end="\r\n"))
    assert found.classes == ("0", "1", "2")
    assert "(label)" in found.notes[0]
    same(found, images, labels)


def test_csv_without_labels(tmp_path):
    images, _ = digits(12)
    flat = images.reshape(12, 36)
    found = describe(table(tmp_path / "a.csv", flat))
    assert not found.classes
    assert np.array_equal(back(found), flat)
    found = describe(table(tmp_path / "a.csv", flat[:, :35]), rows=5, cols=7)
    assert (found.rows, found.cols, found.classes) == (5, 7, ())
    found = describe(table(tmp_path / "a.csv", flat[:, :35]), rows=5)
    assert (found.rows, found.cols) == (5, 7)
    with pytest.raises(LayoutError, match="35 values each"):
        describe(table(tmp_path / "a.csv", flat[:, :35]))


def test_csv_with_decimal_commas_and_a_byte_order_mark(tmp_path):
    rows = [["0,5", "1", "0", "0,25"], ["1", "0", "0,125", "0"]]
    path = table(tmp_path / "a.csv", rows, delimiter=";")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    images = back(describe(path))
    assert images.dtype == np.float32
    assert images.tolist() == [[0.5, 1, 0, 0.25], [1, 0, 0.125, 0]]


@settings(deadline=None, max_examples=40)
@given(
    arrays("f4", st.tuples(st.integers(2, 6), st.just(4)), elements=st.floats(0, 1, width=32)),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_table_of_numbers_comes_back(tmp_path_factory, values, delimiter):
    values[0, 0], values[1, 0] = 1.0, 0.5
    path = table(tmp_path_factory.mktemp("csv") / "a.csv", values.tolist(), None, delimiter)
    assert np.array_equal(back(describe(path, column="none")), values)


def test_bad_csv(tmp_path):
    path = tmp_path / "a.csv"

    def refused(match, text):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(UserError, match=match):
            describe(path)

    refused("empty", "")
    refused("empty", "\n\n")
    refused("header and no images", "label,a,b,c,d\n")
    refused("Line 3 of a.csv has 3 cells, the first one has 5", "0,1,2,3,4\n1,2,3,4,5\n1,2,3\n")
    refused("Line 2 of a.csv holds “oops”", "0,1,2,3,4\n1,2,oops,4,5\n0,1,2,3,4\n")
    refused("Line 2 of a.csv holds “”", "0,1,2,3,4\n1,2,,4,5\n")
    refused("no table of numbers", "Dear Sir or Madam\n")
    refused("no known kind", b"\x7fELF\x01\x00\x00\x00")
    refused("Image 2 of a.csv holds a value that is not a number", "4,2,3,4\n1,nan,2,3\n")
    refused("lines that are too long", "1," * 1_000_000)
    refused("129 × 1|can be learned", ",".join(["1"] * 200**2) + "\n")


# Folders of pictures


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "gif"])
def test_a_folder_for_each_class(tmp_path, kind):
    images, labels = digits(12)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "notes.txt").write_text("no picture")
    found = describe(save_pictures(tmp_path, images, labels, kind=kind))
    assert (found.kind, found.rows, found.cols, found.depth) == ("Folder", 6, 6, 1)
    assert found.classes == ("0", "1", "2")
    same(found, images, labels)
    assert not found.notes
    assert read(found.source).digest == found.digest


def test_pictures_without_classes(tmp_path):
    images, _ = digits(12)
    found = describe(save_pictures(tmp_path, images))
    assert found.classes == ()
    assert np.array_equal(back(found), images.reshape(12, 36))


def test_folders_for_training_and_test(tmp_path):
    images, labels = digits(12)
    more, theirs = digits(6, seed=1)
    save_pictures(tmp_path / "train", images, labels)
    save_pictures(tmp_path / "test", more, theirs)
    found = describe(tmp_path)
    same(found, images, labels)
    assert sorted(found.test.labels) == sorted(theirs)
    save_pictures(tmp_path / "test", more)
    assert "lie in no class's folder" in describe(tmp_path).notes[0]


def test_colour_is_kept_only_where_there_is_some(tmp_path):
    images, labels = digits(6)
    grey = describe(save_pictures(tmp_path / "grey", images, labels, mode="RGB"))
    assert grey.depth == 1
    same(grey, images, labels)
    colour = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3), np.uint8)
    found = describe(save_pictures(tmp_path / "colour", colour, mode="RGB"))
    assert (found.rows, found.cols, found.depth) == (4, 5, 3)
    assert np.array_equal(back(found), colour.reshape(6, 60))


def test_sizes_are_brought_together(tmp_path):
    generator = np.random.default_rng(0)
    for k, (h, w) in enumerate([(20, 20), (20, 20), (20, 20), (10, 20), (40, 20)]):
        Image.fromarray(generator.integers(0, 256, (h, w), np.uint8)).save(tmp_path / f"{k}.png")
    found = describe(tmp_path)
    assert (found.rows, found.cols) == (20, 20)
    assert "3 different sizes" in found.notes[0]
    images = back(found).reshape(-1, 20, 20)
    wide = np.asarray(Image.open(tmp_path / "3.png"))
    assert np.array_equal(images[3, 5:15], wide)
    border = np.median(np.concatenate([wide[0], wide[-1], wide[:, 0], wide[:, -1]]))
    assert (images[3, :5] == np.uint8(border)).all()


def test_large_pictures_are_reduced(tmp_path):
    picture = np.zeros((300, 600), np.uint8)
    picture[:, 300:] = 200
    for kind in ("png", "jpg"):
        Image.fromarray(picture).save(tmp_path / f"a.{kind}")
    found = describe(tmp_path)
    assert (found.rows, found.cols) == (64, 128)
    assert "reduced from 300 × 600 to 64 × 128" in found.notes[0]
    assert np.abs(found.train.images[:, 60].astype(int)).max() <= 2
    assert np.abs(found.train.images[:, 70].astype(int) - 200).max() <= 2


def test_deep_transparent_and_turned_pictures(tmp_path):
    deep = np.array([[0, 65535], [32768, 257]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    clear = np.zeros((2, 2, 4), np.uint8)
    clear[0, 0] = (0, 0, 0, 255)
    Image.fromarray(clear).save(tmp_path / "b.png")
    turned = Image.fromarray(np.array([[10, 20], [30, 40]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "c.png", exif=exif)
    images = back(describe(tmp_path))
    assert images.tolist() == [[0, 255, 128, 1], [0, 255, 255, 255], [30, 10, 40, 20]]


def test_bad_folders(tmp_path):
    with pytest.raises(UserError, match="holds no pictures"):
        describe(tmp_path)
    (tmp_path / "a").mkdir()
    with pytest.raises(UserError, match="holds no pictures"):
        describe(tmp_path)
    (tmp_path / "a" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nxxxx")
    with pytest.raises(UserError, match="None of the pictures"):
        describe(tmp_path)
    images, _ = digits(4)
    save_pictures(tmp_path / "b", images)
    whole = (tmp_path / "b" / "0000.png").read_bytes()
    (tmp_path / "b" / "cut.png").write_bytes(whole[:-30])
    found = describe(tmp_path)
    assert found.images == 4
    assert any("broken.png" in n and "cut.png" in n and "were left out" in n for n in found.notes)
    with pytest.raises(UserError, match="is one picture"):
        describe(tmp_path / "b" / "0000.png")
    for k in range(MAX_CLASSES + 1):
        (tmp_path / "many" / f"{k}").mkdir(parents=True)
    with pytest.raises(UserError, match="1,001 folders"):
        describe(tmp_path / "many")


# Hostile bytes


def samples_of_files(folder):
    images, labels = digits(6, 4)
    yield idx(images)
    yield gzip.compress(idx(images))
    yield npz(folder / "a.npz", x=images, y=labels).read_bytes()
    yield npz(folder / "b.npz", packed=False, x=images, y=labels).read_bytes()
    np.save(folder / "a.npy", images)
    yield (folder / "a.npy").read_bytes()
    yield table(folder / "a.csv", images.reshape(6, 16)).read_bytes()


@settings(deadline=None, max_examples=300)
@given(
    st.integers(0, 5),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=4),
    st.floats(0.3, 1),
)
@pytest.mark.filterwarnings("ignore")
def test_no_bytes_break_the_reader(tmp_path_factory, which, changes, kept):
    """Whatever stands in a file: it is read, or refused in a sentence."""
    folder = tmp_path_factory.mktemp("x")
    data = bytearray(list(samples_of_files(folder))[which])
    for place, byte in changes:
        data[int(place * len(data))] = byte
    (folder / "changed").mkdir()
    path = folder / "changed" / "file"
    path.write_bytes(data[: int(kept * len(data))])
    try:
        describe(path)
    except UserError as error:
        sentence = str(error)
    else:
        sentence = "It was read."
    assert sentence.strip().endswith(".")


# Sources, digests, cancelling, the shelf


def test_a_changed_file_and_a_missing_one(tmp_path):
    images, labels = digits()
    path = npz(tmp_path / "a.npz", x=images, y=labels)
    source = describe(path).source
    assert Source.from_values(source.as_values()).kind == "file"
    images[3, 0, 0] ^= 1
    npz(path, x=images, y=labels)
    with pytest.raises(UserError, match="not what it was"):
        read(source)
    npz(path, x=images, y=labels[::-1])
    with pytest.raises(UserError, match="not what it was"):
        read(source)
    path.unlink()
    with pytest.raises(DataMissingError, match="Say where they are now") as caught:
        read(source)
    assert caught.value.source is source
    with pytest.raises(DataMissingError):
        read(Source("file"))


def test_the_digest_is_of_the_data_not_of_the_format(tmp_path):
    images, labels = digits()
    found = describe(npz(tmp_path / "a.npz", x=images, y=labels))
    assert describe(save_idx(tmp_path, images, labels)).digest == found.digest
    assert read(replace(found.source, validation=0.3, limit=7)).digest == found.digest


@pytest.mark.parametrize("id", ["letters", "random", "photographs"])
def test_ready_sets_as_data(id):
    dataset = read(Source("ready", ready=id, rows=10, cols=12, limit=5 if id == "random" else 0))
    chosen = ready_set(id)
    expected = [g for _, g in chosen.make(10, 12, ReadyOptions(count=5))]
    assert (dataset.title, dataset.rows, dataset.cols) == (chosen.title, 10, 12)
    assert len(dataset.train) == len(expected)
    assert set(dataset.classes) == set(chosen.names)
    assert not len(dataset.test) + len(dataset.validation)
    wanted = sorted(np.where(g.ravel() > 0, 255, 0).astype(np.uint8).tobytes() for g in expected)
    assert sorted(row.tobytes() for row in dataset.train.images) == wanted
    with pytest.raises(UserError, match="no ready set"):
        read(Source("ready", ready="nothing"))


class StopError(Exception):
    pass


def test_what_a_report_raises_passes_through(tmp_path):
    images, labels = digits(600)
    files = [
        npz(tmp_path / "a.npz", x=images, y=labels),
        save_idx(tmp_path, images, labels, "train", gzip.compress, ".gz"),
        table(tmp_path / "a.csv", images[:40].reshape(40, 36)),
        save_pictures(tmp_path / "pictures", images[:40], labels),
    ]
    for path in files:
        told = []
        describe(path, told.append)
        assert all(0 <= f <= 1 for f in told)
        assert told == sorted(told)
        for after in (0, len(told) // 2, len(told) - 1):
            left = iter([None] * after)

            def report(fraction, left=left):
                if next(left, "over") == "over":
                    raise StopError

            with pytest.raises(StopError):
                describe(path, report)


def test_reports_come_often(monkeypatch):
    """A piece of 4 MB takes some 20 ms; MNIST has 55 MB."""
    told = []
    read(Source(), told.append)
    assert len(told) > 30
    assert np.diff([0, *told, 1]).max() < 0.15


def test_the_shelf_keeps_the_last_two(tmp_path):
    images, labels = digits()
    sources = [
        describe(npz(tmp_path / f"{k}.npz", x=images ^ np.uint8(k), y=labels)).source
        for k in range(KEPT + 1)
    ]
    shelf = Shelf()
    first = shelf.get(sources[0])
    assert shelf.get(replace(sources[0])) is first
    shelf.get(sources[1])
    assert shelf.peek(sources[0]) is first  # used again: the other one goes
    shelf.get(sources[2])
    assert shelf.get(sources[0]) is first
    assert shelf.peek(sources[1]) is None


def test_another_division_is_not_read_again(tmp_path, monkeypatch):
    images, labels = digits()
    path = npz(tmp_path / "a.npz", x=images, y=labels)
    found = describe(path)
    shelf = Shelf()
    shelf.keep(found.source, found)
    path.unlink()
    assert len(shelf.get(found.source).train) == 40
    assert len(shelf.get(replace(found.source, limit=7, title="other")).train) == 7
    made = found.dataset(found.source)
    shelf.put(found.source, made)
    assert shelf.get(found.source) is made


def test_threads_read_a_source_once(monkeypatch):
    read_at = []
    monkeypatch.setattr(
        "lyapstudio.document.datasets.shelf.find",
        lambda source, report: read_at.append(source) or find(source, report),
    )
    shelf, results = Shelf(), []
    source = Source("ready", ready="letters")
    threads = [threading.Thread(target=lambda: results.append(shelf.get(source))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_at) == 1
    assert len({id(r) for r in results}) == 1


# Handwritten digits as memories


def test_handwritten_digits_in_two_tones():
    made = ready_set("mnist").make(28, 28, ReadyOptions(count=25))
    assert [name for name, _ in made[:11]] == [*"0123456789", "0 (2)"]
    assert made[20][0] == "0 (3)"
    assert len({grid.tobytes() for _, grid in made}) == 25
    ink = np.mean([grid > 0 for _, grid in made])
    assert 0.08 < ink < 0.3
    sevens = ready_set("mnist").make(28, 28, ReadyOptions(count=3, digit="7"))
    assert [name for name, _ in sevens] == ["7", "7 (2)", "7 (3)"]
    again, other = (
        ready_set("mnist").make(28, 28, ReadyOptions(count=1, seed=s))[0][1] for s in (1, 2)
    )
    assert np.array_equal(again, made[0][1])
    assert not np.array_equal(again, other)


def test_handwritten_digits_are_bounded():
    with pytest.raises(UserError, match="There are 892 of these digits, not 893"):
        ready_set("mnist").make(28, 28, ReadyOptions(count=893, digit="5"))
    assert len(ready_set("mnist").make(12, 16, ReadyOptions(count=892, digit="5"))) == 892
