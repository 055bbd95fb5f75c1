"""Image files in, patterns out. Every file is taken for hostile until it is read."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice, Params, choice, number, switch
from lyapstudio.document.disk import read_file
from lyapstudio.document.dither import dither

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
MAX_BYTES = 200 * 2**20
MAX_PIXELS = 64 * 10**6
KEPT_SIDE = 2048
"""Longer sides are reduced while reading: twice the largest network is all that a pattern needs."""

FITS = (
    Choice("crop", "Crop", "Fill the grid; what stands over at two sides is cut off."),
    Choice("fit", "Fit", "Show the whole picture; the rest of the grid is filled with its border."),
    Choice("stretch", "Stretch", "Fill the grid with the whole picture, even if it is distorted."),
)

METHODS = (
    Choice("otsu", "Otsu", "The threshold that separates dark from light best (Otsu 1979)."),
    Choice("median", "Median", "Half of the pixels on, half off."),
    Choice("level", "By hand", "Pixels lighter than the level are on."),
    Choice("dither", "Dither", "Dots whose density follows the grey; half of the pixels are on."),
)


@dataclass(frozen=True)
class ImageOptions(Params):
    """How a picture becomes a pattern."""

    fit: str = choice("crop", FITS, label="Fit", help="What to do when the shapes differ.")
    method: str = choice("otsu", METHODS, label="Two tones", help="Which pixels are on.")
    level: float = number(
        0.5,
        0.0,
        1.0,
        label="Level",
        percent=True,
        decimals=0,
        help="Pixels lighter than this are on.",
        when=("method", ("level",)),
    )
    invert: bool = switch(False, label="Invert", help="Turn every pixel over.")


@dataclass(frozen=True, eq=False)
class Picture:
    """What was read.

    grey : (H, W) float64 in [0, 1], sides at most KEPT_SIDE
    note : a sentence about what was left out, or ""
    """

    name: str
    grey: NDArray[np.float64]
    note: str = ""


def open_image(source: str | Path | bytes, name: str = "The picture") -> Picture:
    """Read a PNG, JPEG, BMP, GIF, TIFF or WebP file, or its bytes (the clipboard).

    Raises
    ------
    UserError
        too large, not an image, damaged, or not readable; names the file
    """
    if not isinstance(source, bytes):
        name = Path(source).name
        source = read_file(source, MAX_BYTES)
    elif len(source) > MAX_BYTES:
        raise UserError(f"{name} is larger than 200 MB. Make a smaller copy and load that.")
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(source), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS or not width * height:
                raise UserError(
                    f"{name} has {width} × {height} pixels, more than the 64 million that can be "
                    "loaded. Make a smaller copy and load that."
                )
            several = bool(getattr(image, "is_animated", False))  # counting would read them all
            grey = _grey(image)
    except UserError:
        raise
    except UnidentifiedImageError:
        raise UserError(
            f"{name} is not an image that can be read. Use PNG, JPEG, BMP, GIF, TIFF or WebP."
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise UserError(f"{name} is too large. Make a smaller copy and load that.") from None
    except Exception:  # decoders meet hostile bytes with almost any exception
        raise UserError(
            f"{name} is damaged or incomplete. Save or download the picture again."
        ) from None
    note = f"{name} has several pictures; the first one is used." if several else ""
    return Picture(Path(name).stem, grey, note)


def read_image(source: str | Path | bytes) -> NDArray[np.float64]:
    """(H, W) float64 in [0, 1]: the grey values of `open_image`."""
    return open_image(source).grey


def to_pattern(
    grey: NDArray[np.float64], rows: int, cols: int, options: ImageOptions | None = None
) -> NDArray[np.int8]:
    """Make a pattern of a picture.

    Parameters
    ----------
    grey : (H, W) float64 in [0, 1]

    Returns
    -------
    (rows, cols) int8 in {-1, +1}, +1 where it is light; a picture that has two tones and the
    grid's size already is taken as it is
    """
    options = options or ImageOptions()
    cells = _placed(grey, rows, cols, options.fit)
    if grey.shape == (rows, cols) and bool(((grey == 0) | (grey == 1)).all()):
        grid = np.where(grey > 0, 1, -1).astype(np.int8)
    elif options.method == "dither":
        grid = dither(cells)
    elif options.method == "median":
        grid = by_median(cells)
    else:
        level = otsu(cells) if options.method == "otsu" else options.level
        grid = np.where(cells > level, 1, -1).astype(np.int8)
    return -grid if options.invert else grid


def otsu(grey: NDArray[np.float64]) -> float:
    """The threshold with the largest variance between the two classes (Otsu 1979, eq. 18).

    grey : any shape, values in [0, 1]; 256 levels, as in the paper's examples
    """
    count, edges = np.histogram(grey, 256, (0.0, 1.0))
    p = count / grey.size
    omega = np.cumsum(p)
    mu = np.cumsum(p * np.arange(256))
    both = omega * (1.0 - omega)
    between = np.zeros(256)
    inside = both > 1e-12
    between[inside] = (mu[-1] * omega[inside] - mu[inside]) ** 2 / both[inside]
    best = np.flatnonzero(between == between.max())
    middle = round(float(best.mean()))  # a plateau between two peaks: cut it in the middle
    return float(edges[middle + 1])


def by_median(grey: NDArray[np.float64]) -> NDArray[np.int8]:
    """Lighter than the median is on; where that leaves too few, the median itself too."""
    median = np.median(grey)
    above, least = grey > median, grey >= median
    half = grey.size / 2
    chosen = above if abs(above.sum() - half) <= abs(least.sum() - half) else least
    return np.where(chosen, 1, -1).astype(np.int8)


def _grey(image: Image) -> NDArray[np.float64]:
    """Decode, turn upright, flatten on white, reduce; (H, W) float64 in [0, 1]."""
    from PIL import Image as Pillow
    from PIL import ImageOps

    longest = max(image.size)
    if longest > 2 * KEPT_SIDE:
        image.draft("L", (KEPT_SIDE, KEPT_SIDE))  # JPEG decodes at half the size for nothing
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode[0] in "IF":  # 16 or 32 bits a pixel
        upright = Pillow.fromarray(_deep(upright))
    else:
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            white = Pillow.new("RGBA", upright.size, "white")
            white.alpha_composite(upright)
            upright = white
        upright = upright.convert("RGB" if upright.mode in ("CMYK", "LAB", "HSV") else "L")
        upright = upright.convert("L")
    if max(upright.size) > KEPT_SIDE:
        upright.thumbnail((KEPT_SIDE, KEPT_SIDE), Pillow.Resampling.BOX)
    values = np.asarray(upright, np.float64)
    return values if upright.mode == "F" else values / 255.0


def _deep(image: Image) -> NDArray[np.float32]:
    """Values of a deep picture in [0, 1]; floats outside of that are stretched to it."""
    values = np.asarray(image, np.float64)
    if not np.isfinite(values).all():
        raise UserError("The picture holds values that are not numbers. Save it as PNG.")
    low, high = float(values.min()), float(values.max())
    if image.mode[0] == "I" and low >= 0 and high < 1 << 16:
        low, high = 0.0, 65535.0
    elif low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return ((values - low) / ((high - low) or 1.0)).astype(np.float32)


def _placed(grey: NDArray[np.float64], rows: int, cols: int, fit: str) -> NDArray[np.float64]:
    """(rows, cols) float64: the picture brought to the grid, by areas."""
    H, W = grey.shape
    if fit == "stretch" or H * cols == W * rows:
        return _scaled(grey, rows, cols)
    if fit == "crop":
        scale = max(rows / H, cols / W)
        h, w = min(H, rows / scale), min(W, cols / scale)
        box = ((W - w) / 2, (H - h) / 2, (W + w) / 2, (H + h) / 2)
        return _scaled(grey, rows, cols, box)
    scale = min(rows / H, cols / W)
    inner = (max(1, round(H * scale)), max(1, round(W * scale)))
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    cells = np.full((rows, cols), np.median(border))
    top, left = (rows - inner[0]) // 2, (cols - inner[1]) // 2
    cells[top : top + inner[0], left : left + inner[1]] = _scaled(grey, *inner)
    return cells


def _scaled(
    grey: NDArray[np.float64], rows: int, cols: int, box: tuple[float, ...] | None = None
) -> NDArray[np.float64]:
    from PIL import Image

    image: Any = Image.fromarray(np.ascontiguousarray(grey, np.float32))
    smaller = rows <= grey.shape[0] and cols <= grey.shape[1]
    how = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    cells = np.asarray(image.resize((cols, rows), how, box=box), np.float64)
    return np.clip(cells, 0.0, 1.0)
