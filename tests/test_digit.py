"""Drawings become like the digits of MNIST, wherever and however large they are drawn."""

from __future__ import annotations

import base64
import itertools
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.analysis.digit import BOX, LARGEST, MIDDLE, like_mnist

PACKED = (
    "eNrVl01oE0EUxye7ST82aZtDUfEz9OAn2Fz0UjA9iCIeUkRQBPuBHgShiR/HSiMieGp69SApiAh+pSqIWDCWqiiI"
    "kZ4UobF6KKK4aDamTXbznG0zM+9J60HU2iEM+WVnZ+a9+b/3Joz9udacLJ2VUGsCzEiKQRlAgGZCPClpC4wz3XxV"
    "pS6IM5YUL6bLvGuw58CTK7jzVskLoy45wbnVIDzbt89SHTBE/nkpjKihODenbg7yvvGd2Eued6mhKm3mg7xfQsKG"
    "XELrnJb2rbJ74Y7yRNv0OfYvW10Zk79q6lxrggQhtiDV/TTyd4n9FvnJLJSihDKYvGChR95ptphNT4cVaBkYQiZU"
    "zGElF+iJSfJke1hsUL7Vw6MlhCftxaC9ISc2imntIKYUFoHnGX5kTLp9X3WVqOvNwyLkXoaYZ6BSNaPOYnrGjov5"
    "h9dnPnWLSZLHzLKyNge2Wk+He+3sf2kxcE4iWQEoiUSdke3QIWjlbS6mbiwm9Yy3eiwtHQpkiffoFAAc9V4rX9CW"
    "blr9Yv9e+EAEUwkR1Yfx1tPjxBAsdM1EpA+oSbVNWbW+JwVQkSYtz8BUfHEP4wqhKRI7RWnCbU7Svz7+zZeX0uXf"
    "/CJBs0YeYAFJEW7cWhly/dyVMWn7xJ4RAGk8wNsRdYITJxgzbRkq/GO3oI3VkJxSaxHKL0zGd5LeCmTk8KIewx5e"
    "nIXSfLfg9b5UQpQA5zJjx4V7S+4gIVCDWND6ClOSph6iMpNkM7ulBUcYwBOl6QcXbuKUyetoEdMa7FA99wivr2KM"
    "HbikDpr152AMFTh4jBa/0fG3/UwF0UhoHXFSP9lLNohzd4WkfFeN2w6G1ZnoJuQVGXDqs6JIgaUVpTvcz+wsRS5y"
    "JsgDzOCefilWj/PBPuH6rlLkK+ucVNe6wiGVpVbwA0Q1qBHOk/vENZzOBq4G2VJuQeZLq7BJLMt9vCAuIsbFiXtc"
    "hHlxh3WvwQ3VtNHX4/aBGZIaCNX8gmjQBYiCAo9IdBA9RbtJCBIietJmFhbsmklMEZKzIn/kMPUz9xFkAIX/Dudo"
    "v6XKXYJFJPmn+Z+BUeSUmCN3Y1gbUMQbjgnPgyj+HyZw8kHS1dIVZFHMzirba2CsVXkpVeRvChVoPNV4JAUc9xeR"
    "7qJ8v70ygUWt5hvKuq1gwlNUzJ0jSyQI2qAUknc7Ly8j16VAI5WduzotadJdfrEVzjbKIeS01Dd+hPIfS5bX76SF"
    "aCNI16ftF6ZyGr+8WeiCvft0vYNF2FQi9YkoOYXLikbudT5CtQ6JMFJ/DEK+sfn88wOEmKcA"
)
"""The third 0, 1, …, 9 of MNIST's test images (LeCun, Cortes & Burges) in 16 greys, two a byte."""


def digits() -> np.ndarray:
    """(10, 28, 28) float32 in [0, 1]."""
    both = np.frombuffer(zlib.decompress(base64.b64decode(PACKED)), np.uint8)
    greys = np.stack([both >> 4, both & 15], 1)
    return greys.reshape(10, 28, 28) / np.float32(15)


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def finer(image: np.ndarray, times: int) -> np.ndarray:
    return image.repeat(times, 0).repeat(times, 1)


def line(points: list[tuple[float, float]], side: int, width: float) -> np.ndarray:
    """(side, side) ink of a round pen along points (y, x) in parts of the side."""
    y, x = np.mgrid[:side, :side] + 0.5
    far = np.full((side, side), np.inf)
    for (y0, x0), (y1, x1) in itertools.pairwise(points):
        for t in np.linspace(0, 1, 60):
            dy, dx = y - side * (y0 + t * (y1 - y0)), x - side * (x0 + t * (x1 - x0))
            far = np.minimum(far, np.hypot(dy, dx))
    return np.clip(width / 2 - far + 0.5, 0, 1)


def centre(image: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return float((y * image).sum() / image.sum()), float((x * image).sum() / image.sum())


def naive(ink: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """The same by sampling: every pixel asks 16 x 16 points where they lie in the drawing."""
    H, W = ink.shape
    ys, xs = np.nonzero(ink > 0.1 * ink.max())
    top, bottom, left, right = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    s = min(BOX * rows / (bottom - top), BOX * cols / (right - left))
    s = min(s, LARGEST * min(rows / H, cols / W))
    cy, cx = centre(ink)
    result = np.zeros((rows, cols))
    parts = (np.arange(16) + 0.5) / 16
    dy = min(max(MIDDLE * rows - cy * s, -top * s), rows - bottom * s)
    dx = min(max(MIDDLE * cols - cx * s, -left * s), cols - right * s)
    for r in range(rows):
        for c in range(cols):
            i = np.floor((r + parts - dy) / s).astype(int)
            j = np.floor((c + parts - dx) / s).astype(int)
            i, j = i[(i >= 0) & (i < H)], j[(j >= 0) & (j < W)]
            result[r, c] = ink[np.ix_(i, j)].sum() / 256
    return result


def test_no_ink_gives_nothing():
    empty = like_mnist(np.zeros((224, 224)), 28, 28)
    assert empty.shape == (28, 28)
    assert empty.dtype == np.float32
    assert not empty.any()


@pytest.mark.parametrize("times", [1, 8])
def test_digits_of_mnist_stay_themselves(times):
    likeness = [alike(like_mnist(finer(d, times), 28, 28), d) for d in digits()]
    # MNIST puts the mass to the nearest pixel: up to half a pixel of shift blurs thin strokes
    assert min(likeness) > 0.85, likeness
    assert np.mean(likeness) > 0.95


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9), st.floats(0.7, 1.0), st.integers(0, 56), st.integers(0, 56))
def test_place_and_size_of_a_drawing_hardly_matter(digit, size, down, right):
    big = finer(digits()[digit], 6)  # 168 of 224
    n = int(168 * size)
    at = (np.arange(n) * 168 / n).astype(int)
    ink = np.zeros((224, 224), np.float32)
    ink[down : down + n, right : right + n] = big[np.ix_(at, at)]
    where_it_was = like_mnist(finer(digits()[digit], 8), 28, 28)
    assert alike(like_mnist(ink, 28, 28), where_it_was) > 0.95


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)), min_size=2, max_size=5),
    st.integers(-24, 24),  # the stroke, from 26 to 134 of 160, stays inside
    st.integers(-24, 24),
)
def test_a_shift_by_whole_pixels_changes_nothing(points, down, right):
    ink = line(points, 160, 12)
    moved = np.roll(ink, (down, right), (0, 1))
    a, b = like_mnist(ink, 28, 28), like_mnist(moved, 28, 28)
    np.testing.assert_allclose(a, b, atol=1e-4)
    assert a.max() <= 1.0
    assert a.min() >= 0.0


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)), min_size=2, max_size=4),
    st.sampled_from([(28, 28), (14, 20), (33, 28), (40, 64)]),
)
def test_pixels_are_means_of_the_ink_that_they_cover(points, shape):
    ink = line(points, 120, 9)
    found, slow = like_mnist(ink, *shape), naive(ink, *shape)
    np.testing.assert_allclose(found, slow, atol=0.12)  # 16 x 16 points a pixel
    assert np.abs(found - slow).mean() < 0.01


def test_the_box_and_the_middle_are_mnists():
    ink = line([(0.3, 0.4), (0.6, 0.4), (0.5, 0.6)], 224, 14)
    image = like_mnist(ink, 28, 28)
    rows = np.flatnonzero(image.sum(1) > 0.02)
    assert 20 <= rows[-1] - rows[0] + 1 <= 21  # 20 px, perhaps across 21
    assert centre(image) == pytest.approx((14.5, 14.5), abs=0.02)


def test_the_middle_is_where_the_digits_have_it():
    where = np.array([centre(d) for d in digits()])
    assert np.abs(where - 28 * MIDDLE).max() <= 0.5


def test_a_first_dot_stays_a_dot():
    ink = line([(0.2, 0.2), (0.2, 0.2)], 224, 22)
    image = like_mnist(ink, 28, 28)
    assert (image > 0.5).sum() < 40


def test_a_lopsided_drawing_is_not_cut():
    ink = np.zeros((224, 224))
    ink[20:60, 20:60] = 1.0  # nearly all mass in one corner
    ink[40:44, 60:200] = 1.0
    ink[40:200, 40:44] = 1.0
    image = like_mnist(ink, 28, 28)
    s = min(BOX * 28 / 180, LARGEST / 8)
    assert image.sum() == pytest.approx(ink.sum() * s * s, rel=1e-3)
