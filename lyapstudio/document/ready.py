"""Ready sets of patterns: made for any size of network, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice, Params, choice, integer
from lyapstudio.core.resources import resource
from lyapstudio.core.rng import numpy_generator
from lyapstudio.document.images import ImageOptions, read_image, to_pattern

Grid = NDArray[np.int8]
Named = tuple[str, Grid]

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DIGITS = tuple("0123456789")
PHOTOGRAPHS = (
    "Cat",
    "Astronaut",
    "Camera",
    "Coffee",
    "Horse",
    "Retina",
    "Shuttle",
    "Bricks",
    "Helmet",
    "Stones",
)
GLYPH_HEIGHT, GLYPH_WIDTH = 0.8, 0.86  # of the grid
PREPARED = "dithered-96.npy"  # (10, 96 * 96 / 8) uint8: the window opens with these
PREPARED_SIDE = 96
RANDOM_PATTERNS, HANDWRITTEN = 101, 103  # these purposes have streams of their own
MNIST = "mnist.npz"  # its 10,000 test images are enough to choose memories from

TONES = (
    Choice("dither", "Dither", "Dots whose density follows the grey: little correlated."),
    Choice("median", "Median", "Half of the pixels on: clearer shapes, more correlated."),
)

WHICH = (
    Choice("all", "All ten", "0 to 9 in turn."),
    *(Choice(d, d, f"Only {d}, in many hands: how alike may memories be?") for d in DIGITS),
)


@dataclass(frozen=True)
class ReadyOptions(Params):
    """What a ready set may ask for."""

    count: int = integer(8, 1, 1000, label="How many", help="How many patterns to make.")
    seed: int = integer(
        1, 0, 2**31 - 1, label="Seed", help="The same seed makes the same patterns."
    )
    tones: str = choice("dither", TONES, label="Two tones", help="How grey becomes on and off.")
    digit: str = choice("all", WHICH, label="Digits", help="Which digits to take.")


@dataclass(frozen=True)
class ReadySet:
    """A set of patterns that the program can make.

    names : what can be chosen; empty where `count` decides
    uses : the options that matter for this set
    """

    id: str
    title: str
    help: str
    names: tuple[str, ...]
    uses: tuple[str, ...]
    build: Callable[[int, int, ReadyOptions, tuple[str, ...]], Iterator[Named]]

    def make(
        self,
        rows: int,
        cols: int,
        options: ReadyOptions | None = None,
        names: Sequence[str] | None = None,
    ) -> list[Named]:
        """The patterns: (name, (rows, cols) int8 in {-1, +1}), `names` of them where given."""
        if rows < 1 or cols < 1 or rows * cols < 2:
            raise UserError("A network needs at least two neurons.")
        unknown = set(names or ()) - set(self.names)
        if unknown:
            raise UserError(f"{self.title} has no pattern called {sorted(unknown)[0]}.")
        chosen = tuple(names) if names is not None else self.names
        return list(self.build(rows, cols, options or ReadyOptions(), chosen))


def ready_sets() -> tuple[ReadySet, ...]:
    """Every ready set, in the order of the menu."""
    handwritten = ReadySet(
        "mnist",
        "Handwritten digits",
        "Digits that people wrote (MNIST), in two tones: much alike, so few fit in one network.",
        (),
        ("count", "digit", "seed"),
        _handwritten,
    )
    return (
        ReadySet("letters", "Capital letters", "A to Z.", LETTERS, (), _glyphs),
        ReadySet("digits", "Digits", "0 to 9.", DIGITS, (), _glyphs),
        ReadySet(
            "photographs",
            "Photographs",
            "Ten pictures in two tones.",
            PHOTOGRAPHS,
            ("tones",),
            _photographs,
        ),
        ReadySet(
            "random",
            "Random",
            "Every pixel by the toss of a coin: what the theory is about.",
            (),
            ("count", "seed"),
            _random,
        ),
        ReadySet(
            "orthogonal",
            "Orthogonal",
            "Walsh patterns: any two agree in exactly half of their pixels.",
            (),
            ("count",),
            _orthogonal,
        ),
        ReadySet("stripes", "Stripes", "Stripes of growing width.", (), ("count",), _stripes),
        ReadySet("checkers", "Checkers", "Squares of growing size.", (), ("count",), _checkers),
        *((handwritten,) if resource("mnist", MNIST).is_file() else ()),
    )


def ready_set(id: str) -> ReadySet:
    """The set with that id."""
    return next(s for s in ready_sets() if s.id == id)


def _glyphs(rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]) -> Iterator[Named]:
    from PIL import Image

    for name in names:
        mask = _mask(name)
        h = max(1, round(GLYPH_HEIGHT * rows))
        w = round(min(mask.shape[1] * h / mask.shape[0], GLYPH_WIDTH * cols))
        w = max(1, w - (cols - w) % 2)  # an odd rest would stand off the centre
        cells = np.asarray(Image.fromarray(mask).resize((w, h), Image.Resampling.BOX))
        grid = np.full((rows, cols), -1, np.int8)
        top, left = (rows - h) // 2, (cols - w) // 2
        grid[top : top + h, left : left + w][cells >= 128] = 1
        yield name, grid


@lru_cache(maxsize=64)
def _mask(letter: str) -> NDArray[np.uint8]:
    """(H, W) uint8: one glyph of Inter Bold, large, cut to its outline."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(resource("fonts", "Inter-Bold.otf")), 512)
    image = Image.new("L", (900, 900))
    ImageDraw.Draw(image).text((150, 100), letter, 255, font)
    return np.asarray(image.crop(image.getbbox()))


@lru_cache(maxsize=16)
def _photograph(name: str) -> NDArray[np.float64]:
    return read_image(resource("photographs", f"{name.lower()}.png"))


def _photographs(
    rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]
) -> Iterator[Named]:
    how = ImageOptions(method=options.tones)
    prepared = options.tones == "dither" and rows == cols == PREPARED_SIDE
    for name in names:
        if prepared:
            bits = np.unpackbits(
                np.load(resource("photographs", PREPARED))[PHOTOGRAPHS.index(name)]
            )
            yield name, 2 * bits.astype(np.int8).reshape(rows, cols) - np.int8(1)
        else:
            yield name, to_pattern(_photograph(name), rows, cols, how)


def prepared_bits() -> NDArray[np.uint8]:
    """What PREPARED holds: save it anew after a change of a photograph or of the dithering."""
    how = ImageOptions(method="dither")
    grids = [to_pattern(_photograph(n), PREPARED_SIDE, PREPARED_SIDE, how) for n in PHOTOGRAPHS]
    return np.packbits(np.array(grids).reshape(len(grids), -1) > 0, axis=1)


def _handwritten(
    rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]
) -> Iterator[Named]:
    """Examples that the seed chooses, named by their digit: "7", then "7 (2)"."""
    images, labels = _test_digits()
    digits = range(10) if options.digit == "all" else (int(options.digit),)
    examples = [
        numpy_generator(options.seed, HANDWRITTEN, d).permutation(np.flatnonzero(labels == d))
        for d in digits
    ]
    there = len(digits) * min(map(len, examples))
    if there < options.count:
        raise UserError(f"There are {there} of these digits, not {options.count}. Ask for fewer.")
    how = ImageOptions(fit="fit")
    for k in range(options.count):
        example, digit = divmod(k, len(digits))
        name = f"{digits[digit]}" + (f" ({example + 1})" if example else "")
        yield name, to_pattern(images[examples[digit][example]] / 255.0, rows, cols, how)


@lru_cache(maxsize=1)
def _test_digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(10000, 28, 28) and (10000,) uint8."""
    with np.load(resource("mnist", MNIST)) as arrays:
        return arrays["x_test"], arrays["y_test"]


def _random(rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]) -> Iterator[Named]:
    generator = numpy_generator(options.seed, RANDOM_PATTERNS)
    for k in range(options.count):
        coins = generator.integers(0, 2, (rows, cols), np.int8)
        yield f"Random {k + 1}", 2 * coins - np.int8(1)


def _orthogonal(
    rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]
) -> Iterator[Named]:
    """Products of Walsh functions of the row and of the column, the coarsest first.

    A side of length m·2^b carries 2^b of them on blocks of m cells (Sylvester's Hadamard matrix).
    """
    down, across = _walsh(rows), _walsh(cols)
    there = len(down) * len(across) - 1  # without the constant one
    if there < options.count:
        raise UserError(
            f"{rows} × {cols} neurons have {there or 'no'} orthogonal patterns of this kind, not "
            f"{options.count}. Ask for fewer, or take sides that are powers of two, such as "
            "32 × 32."
        )
    for i, j in islice(_diagonals(len(down), len(across)), options.count):
        yield f"Walsh {i}, {j}", np.outer(down[i], across[j])


def _diagonals(rows: int, cols: int) -> Iterator[tuple[int, int]]:
    """All pairs but (0, 0): the least i + j first, then the most even."""
    for total in range(1, rows + cols - 1):
        first, last = max(0, total - cols + 1), min(total, rows - 1)
        for _, i in sorted((abs(2 * i - total), i) for i in range(first, last + 1)):
            yield i, total - i


def _walsh(side: int) -> Grid:
    """(2^b, side) int8: Walsh functions in the order of their sign changes."""
    length = side & -side  # the largest power of two that divides it
    hadamard = np.ones((1, 1), np.int8)
    while len(hadamard) < length:
        hadamard = np.kron(hadamard, np.array([[1, 1], [1, -1]], np.int8))
    changes = np.count_nonzero(np.diff(hadamard, axis=1), axis=1)
    return np.repeat(hadamard[np.argsort(changes)], side // length, axis=1)


def _stripes(
    rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]
) -> Iterator[Named]:
    r, c = np.indices((rows, cols), np.int32, sparse=True)
    directions = (("Columns", 0 * r + c, cols), ("Rows", r + 0 * c, rows), ("Slant", r + c, 0))
    return _distinct(
        (
            (f"{title} {width}", place // width)
            for width in _widths(max(rows, cols))
            for title, place, side in directions
            if width < (side or max(rows, cols))
        ),
        options.count,
    )


def _checkers(
    rows: int, cols: int, options: ReadyOptions, names: tuple[str, ...]
) -> Iterator[Named]:
    r, c = np.indices((rows, cols), np.int32, sparse=True)
    sizes = (w for w in _widths(max(rows, cols)) if w < max(rows, cols))
    return _distinct(((f"Squares {w}", r // w + c // w) for w in sizes), options.count)


def _widths(side: int) -> list[int]:
    """Powers of two first: their patterns are the least correlated."""
    powers = [1 << k for k in range(side.bit_length())]
    return powers + [w for w in range(3, side) if w & (w - 1)]


def _distinct(candidates: Iterator[tuple[str, NDArray[np.int32]]], count: int) -> Iterator[Named]:
    seen: set[bytes] = set()
    for name, number in candidates:
        if len(seen) == count:
            return
        grid = (1 - 2 * (number & 1)).astype(np.int8)
        key = np.packbits(grid > 0).tobytes()
        if key not in seen:
            seen.add(key)
            yield name, grid
