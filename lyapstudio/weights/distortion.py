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
def distort_images(images, maps, rows, cols, depth, out):
    """Each pixel of `out` is taken from where its map points, between four pixels; outside is 0."""
    middle_y, middle_x = np.float32((rows - 1) / 2), np.float32((cols - 1) / 2)
    one, last_y, last_x = np.float32(1), np.float32(rows + 1), np.float32(cols + 1)
    wide = np.zeros((rows + 3, cols + 3, depth), np.float32)  # a dark margin: no question of edges
    for a in range(len(images)):
        m = maps[a]
        wide[1 : rows + 1, 1 : cols + 1] = images[a].reshape(rows, cols, depth)
        to = out[a].reshape(rows, cols, depth)
        for i in range(rows):
            u = np.float32(i) - middle_y
            for j in range(cols):
                v = np.float32(j) - middle_x
                y = m[0, 0] * u + m[0, 1] * v + m[0, 2] + middle_y + one
                x = m[1, 0] * u + m[1, 1] * v + m[1, 2] + middle_x + one
                y = min(max(y, np.float32(0)), last_y)
                x = min(max(x, np.float32(0)), last_x)
                r, s = np.uint32(y), np.uint32(x)
                low, far = y - np.float32(r), x - np.float32(s)
                for c in range(depth):
                    upper = (one - far) * wide[r, s, c] + far * wide[r, s + 1, c]
                    lower = (one - far) * wide[r + 1, s, c] + far * wide[r + 1, s + 1, c]
                    to[i, j, c] = (one - low) * upper + low * lower
