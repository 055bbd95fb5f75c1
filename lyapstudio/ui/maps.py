"""Colour maps, interpolated linearly in sRGB, 256 entries; zero of a signed map sits at 127.5."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Stops = tuple[tuple[float, str], ...]

PLUS, MINUS = "#F6DFA8", "#27306B"
"""The two tones of the states +1 and -1: lit straw on indigo, in both themes."""

TONES: Stops = ((0.0, MINUS), (1.0, PLUS))

SIGNED: tuple[Stops, Stops] = (
    (
        (0.0, "#1F2F7A"),
        (0.25, "#6C86C8"),
        (0.45, "#D5DDF0"),
        (0.5, "#FBFAF7"),
        (0.55, "#F8E3C1"),
        (0.75, "#D98E2F"),
        (1.0, "#7A3F05"),
    ),
    (
        (0.0, "#A9C4FF"),
        (0.25, "#5479CF"),
        (0.45, "#25304F"),
        (0.5, "#171A22"),
        (0.55, "#3B2C1A"),
        (0.75, "#B5772A"),
        (1.0, "#FFD083"),
    ),
)
"""Light theme, dark theme."""

UNSIGNED: tuple[Stops, Stops] = (
    (
        (0.0, "#FFFFFF"),
        (0.25, "#D6DDF0"),
        (0.5, "#93A5D6"),
        (0.75, "#4F62AC"),
        (1.0, "#1B2358"),
    ),
    (
        (0.0, "#12151D"),
        (0.25, "#2A3566"),
        (0.5, "#5B5FA8"),
        (0.75, "#B59AA8"),
        (1.0, "#F6DFA8"),
    ),
)


def ramp(stops: Stops, entries: int = 256) -> NDArray[np.uint8]:
    """(entries, 3) uint8, red, green and blue from the first stop to the last."""
    at = [position for position, _ in stops]
    rgb = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for _, c in stops], float)
    x = np.linspace(0.0, 1.0, entries)
    return np.rint(np.stack([np.interp(x, at, rgb[:, k]) for k in range(3)], 1)).astype(np.uint8)


def packed(colours: NDArray[np.uint8]) -> list[int]:
    """A QImage colour table (0xAARRGGBB) from (K, 3) uint8."""
    r, g, b = colours.astype(np.int64).T
    return [int(c) for c in (255 << 24) | (r << 16) | (g << 8) | b]


def tone_table(top: int) -> list[int]:
    """A table for an int8 image read as bytes, values -top (minus) to +top (plus)."""
    colours = ramp(TONES, 2 * top + 1)
    table = np.repeat(colours[:1], 256, axis=0)
    table[: top + 1] = colours[top:]
    table[256 - top :] = colours[:top]
    return packed(table)
