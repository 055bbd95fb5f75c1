"""Images turned, stretched, slanted and shifted at random: more to learn from than there is."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.weights.judging import Floats

TURN, STRETCH, SLANT, SHIFT = math.radians(8), 0.08, 0.1, 1 / 56
"""The largest distortion of strength 1: an angle, a share of each side, a share of the height, and
a share of the side (half a pixel of a digit's 28)."""


def random_maps(
    count: int, strength: float, rows: int, cols: int, random: np.random.Generator
) -> Floats:
    """(count, 2, 3) float32: where each pixel comes from, as a matrix and a shift about the centre.

    Every amount is uniform up to its largest value times the strength, each way.
    """
    turn, tall, wide, slant, down, right = strength * random.uniform(-1, 1, (6, count))
    c, s = np.cos(TURN * turn), np.sin(TURN * turn)
    tall, wide = np.exp(STRETCH * tall), np.exp(STRETCH * wide)
    maps = np.empty((count, 2, 3), np.float32)
    maps[:, 0, 0], maps[:, 0, 1] = c * tall, -s * wide
    maps[:, 1, 0], maps[:, 1, 1] = s * tall + SLANT * slant, c * wide
    maps[:, 0, 2], maps[:, 1, 2] = SHIFT * rows * down, SHIFT * cols * right
    return maps


def distorted(
    images: Floats, maps: Floats, rows: int, cols: int, depth: int
) -> NDArray[np.float32]:
    """(m, N) float32, images (m, N) float32 under maps (m, 2, 3)."""
    out = np.empty_like(images)
    distort_images(images, maps, rows, cols, depth, out)
    return out


@kernel
def pixel(image, r, s, rows, cols, depth, c):
    """One value of an image; 0 outside."""
    if 0 <= r < rows and 0 <= s < cols:
        return image[(r * cols + s) * depth + c]
    return np.float32(0)


@kernel
def distort_images(images, maps, rows, cols, depth, out):
    """Each pixel of `out` is taken from where its map points, between four pixels; outside is 0."""
    middle_y, middle_x = np.float32((rows - 1) / 2), np.float32((cols - 1) / 2)
    one = np.float32(1)
    for a in range(len(images)):
        image, m = images[a], maps[a]
        for i in range(rows):
            for j in range(cols):
                u, v = np.float32(i) - middle_y, np.float32(j) - middle_x
                y = m[0, 0] * u + m[0, 1] * v + m[0, 2] + middle_y
                x = m[1, 0] * u + m[1, 1] * v + m[1, 2] + middle_x
                y = min(max(y, -one), np.float32(rows)) + one  # above 0: int() rounds down
                x = min(max(x, -one), np.float32(cols)) + one
                r, s = int(y) - 1, int(x) - 1
                low, far = y - np.float32(r + 1), x - np.float32(s + 1)
                for c in range(depth):
                    upper = (one - far) * pixel(image, r, s, rows, cols, depth, c)
                    upper += far * pixel(image, r, s + 1, rows, cols, depth, c)
                    lower = (one - far) * pixel(image, r + 1, s, rows, cols, depth, c)
                    lower += far * pixel(image, r + 1, s + 1, rows, cols, depth, c)
                    out[a, (i * cols + j) * depth + c] = (one - low) * upper + low * lower
