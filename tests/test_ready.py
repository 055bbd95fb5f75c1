"""Ready sets, dithering, other sizes."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lyapstudio.core.errors import UserError
from lyapstudio.core.resources import resource
from lyapstudio.document import dither as dithering
from lyapstudio.document import ready
from lyapstudio.document.dither import diffuse, dither, equalised
from lyapstudio.document.examples import examples
from lyapstudio.document.ready import ReadyOptions, ready_set, ready_sets
from lyapstudio.document.resample import resize, resize_field, resize_grid

SIZES = [(1, 2), (2, 1), (2, 2), (3, 5), (10, 10), (28, 28), (17, 64), (1, 1024)]


@pytest.mark.parametrize("id", [s.id for s in ready_sets()])
def test_every_set_at_every_size(id):
    for size in SIZES:
        if id == "orthogonal" and size == (3, 5):
            with pytest.raises(UserError, match="no orthogonal patterns"):
                ready_set(id).make(*size, ReadyOptions(count=1))
            continue
        made = ready_set(id).make(*size, ReadyOptions(count=1))
        assert made
        for name, grid in made:
            assert name
            assert grid.shape == size
            assert grid.dtype == np.int8
            assert (np.abs(grid) == 1).all()


def test_names_choose_and_unknown_names_are_refused():
    letters = ready_set("letters").make(12, 10, names=("Q", "A"))
    assert [name for name, _ in letters] == ["Q", "A"]
    with pytest.raises(UserError, match="no pattern called ß"):
        ready_set("letters").make(12, 10, names=("ß",))
    with pytest.raises(UserError, match="two neurons"):
        ready_set("letters").make(1, 1)


@pytest.mark.parametrize("size", [10, 12, 16, 28])
def test_glyphs_differ_and_stand_in_the_middle(size):
    for id in ("letters", "digits"):
        grids = [grid for _, grid in ready_set(id).make(size, size)]
        assert len({grid.tobytes() for grid in grids}) == len(grids)
        for grid in grids:
            rows = np.flatnonzero((grid > 0).any(1))
            cols = np.flatnonzero((grid > 0).any(0))
            for at in (rows, cols):
                assert abs((at[0] + at[-1]) - (size - 1)) <= 1
            assert np.ptp(rows) + 1 == round(0.8 * size)


@pytest.mark.parametrize(("size", "count"), [((28, 28), 15), ((32, 32), 200), ((5, 16), 15)])
def test_orthogonal_patterns_are(size, count):
    made = ready_set("orthogonal").make(*size, ReadyOptions(count=count))
    X = np.array([grid.ravel() for _, grid in made]).astype(int)
    assert np.array_equal(X @ X.T, size[0] * size[1] * np.eye(count))
    assert not X.sum(1).any()


def test_too_many_orthogonal_patterns_are_refused():
    with pytest.raises(UserError, match="have 15 orthogonal patterns of this kind, not 16"):
        ready_set("orthogonal").make(28, 28, ReadyOptions(count=16))


@pytest.mark.parametrize("id", ["stripes", "checkers", "random"])
def test_generated_patterns_are_distinct(id):
    made = ready_set(id).make(16, 16, ReadyOptions(count=6))
    assert len({grid.tobytes() for _, grid in made}) == len({name for name, _ in made}) == 6


def test_the_seed_makes_the_random_patterns():
    first, again, other = (
        ready_set("random").make(8, 8, ReadyOptions(count=1, seed=s))[0][1] for s in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_photographs_are_balanced_and_little_correlated():
    grids = ready_set("photographs").make(96, 96)
    X = np.array([grid.ravel() for _, grid in grids]).astype(int)
    assert len(X) >= 8
    assert np.abs(X.mean(1)).max() < 0.01
    overlaps = X @ X.T / X.shape[1] - np.eye(len(X))
    assert np.abs(overlaps).max() <= 0.15


def test_prepared_photographs_are_what_would_be_made():
    """If this fails, numpy.save the bits there."""
    assert np.array_equal(np.load(resource("photographs", ready.PREPARED)), ready.prepared_bits())


def test_the_opening_example_is_built_at_once():
    build = examples()["photographs"].build
    build()
    started = time.process_time()
    build()
    assert time.process_time() - started < 0.1


def oracle(grey):
    """Floyd and Steinberg as their table says, with the picture mirrored in every second row."""
    grey = np.pad(grey.astype(float), ((0, 1), (1, 1)))
    tone = np.zeros_like(grey)
    rows, cols = grey.shape[0] - 1, grey.shape[1] - 2
    for r in range(rows):
        ahead = 1 if r % 2 == 0 else -1
        for c in range(1, cols + 1)[::ahead]:
            tone[r, c] = 1 if grey[r, c] >= 0 else -1
            error = (grey[r, c] - tone[r, c]) / 16
            grey[r, c + ahead] += 7 * error
            grey[r + 1, c - ahead] += 3 * error
            grey[r + 1, c] += 5 * error
            grey[r + 1, c + ahead] += error
    return tone[:rows, 1 : cols + 1].astype(np.int8)


@settings(max_examples=40, deadline=None)
@given(arrays(float, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(-1, 1)))
def test_diffusion_against_its_oracle(grey):
    tone = np.zeros(grey.shape, np.int8)
    diffuse(grey.copy(), tone)
    assert np.array_equal(tone, oracle(grey))
    rows = tone.tolist()
    diffuse.python(grey.tolist(), rows)
    assert np.array_equal(rows, tone)


def test_dithering_is_the_same_on_both_paths(monkeypatch):
    grey = np.random.default_rng(1).random((40, 33))
    small = dither(grey)
    monkeypatch.setattr(dithering, "SMALL", 0)
    assert np.array_equal(dither(grey), small)


def test_equalised_ties_share_their_rank():
    values = equalised(np.array([[0.0, 0.0, 0.5, 1.0]]))
    assert values.tolist() == [[-0.5, -0.5, 0.25, 0.75]]
    assert equalised(np.full((3, 3), 0.7)).tolist() == [[0.0] * 3] * 3


def test_a_million_cells_are_dithered_within_a_second():
    grey = np.random.default_rng(1).random((1024, 1024))
    dither(grey)
    started = time.process_time()
    dither(grey)
    assert time.process_time() - started < 1.0


grids = arrays(
    np.int8,
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    elements=st.sampled_from([-1, 1]),
)


@settings(deadline=None)
@given(grids, st.integers(1, 9), st.integers(1, 9))
def test_resizing_takes_the_majority_of_the_area(grid, rows, cols):
    H, W = grid.shape
    fine = np.repeat(np.repeat(grid, rows, 0), cols, 1)  # whole numbers of fine cells on both sides
    area = fine.reshape(rows, H, cols, W).astype(int).sum((1, 3))
    result = resize_grid(grid, rows, cols)
    assert result.dtype == np.int8
    assert (np.abs(result) == 1).all()
    assert (result[area != 0] == np.sign(area)[area != 0]).all()
    assert np.allclose(resize_field(grid.astype(float), rows, cols), area / (H * W))


@settings(deadline=None)
@given(grids, st.integers(1, 4))
def test_enlarging_and_reducing_again_changes_nothing(grid, k):
    large = resize_grid(grid, k * grid.shape[0], k * grid.shape[1])
    assert np.array_equal(large, np.repeat(np.repeat(grid, k, 0), k, 1))
    assert np.array_equal(resize_grid(large, *grid.shape), grid)


def test_resizing_a_document_takes_everything_along():
    document = examples()["mixture"].build()
    small = resize(document, 20, 24)
    assert {p.grid.shape for p in small.patterns} == {(20, 24)}
    assert (small.setup.rows, small.setup.cols) == (20, 24)
    assert small.setup.cue.drawn.shape == (20, 24)
    assert small.setup.cue.flips == document.setup.cue.flips
    assert document.patterns[0].grid.shape == (64, 64)
    assert resize(document, 64, 64) is document
    assert not small.patterns[0].grid.flags.writeable
