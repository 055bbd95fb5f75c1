"""Which data set a document learns from: saved as a reference, never as a copy."""

from __future__ import annotations

from dataclasses import dataclass

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice, Params, choice, integer, number

MAX_BYTES = 2 << 30
"""Bytes of pixels, as they are stored and as they are kept."""
MAX_IMAGES = 2_000_000
MAX_CLASSES = 1000
MAX_SIDE = 128
"""Rows and columns of an image."""

KINDS = (
    Choice("mnist", "MNIST", "70 000 handwritten digits in ten classes; 10 000 are for testing."),
    Choice("ready", "A ready set", "Patterns that the program makes."),
    Choice("file", "Your own data", "A file or a folder of images."),
)

COLUMNS = (
    Choice("auto", "As found", "Named label, class, target or y, or told by its values."),
    Choice("first", "First", "The first column of the table names the class."),
    Choice("last", "Last", "The last column of the table names the class."),
    Choice("none", "None", "All columns are pixels: images without labels."),
)


@dataclass(frozen=True)
class Source(Params):
    """A data set, and how it is divided.

    ready : id of a ready set, for that kind
    path : of the file or folder, for that kind
    digest : hex SHA-256 of all pixels and labels as they were first read, or "" (not checked)
    """

    kind: str = choice("mnist", KINDS, label="Data", help="What the network learns from.")
    validation: float = number(
        1 / 6,
        0.0,
        0.5,
        label="Validation",
        percent=True,
        decimals=1,
        help="Share of the training images that is kept aside to decide when to stop.",
        when=("kind", ("mnist", "file")),
    )
    test: float = number(
        0.2,
        0.0,
        0.5,
        label="Test",
        percent=True,
        decimals=1,
        help="Share of all images that only judges, where the data bring no test images.",
        when=("kind", ("file",)),
    )
    limit: int = integer(
        0,
        0,
        MAX_IMAGES,
        label="Limit (0: none)",
        unit="images",
        help="Learn from at most so many images, the same ones each time; 0 means no limit.",
    )
    column: str = choice(
        "auto",
        COLUMNS,
        label="Labels",
        help="Which column of a table (CSV) names the class.",
        when=("kind", ("file",)),
        advanced=True,
    )
    rows: int = integer(
        0,
        0,
        MAX_SIDE,
        label="Rows",
        help="Rows of an image that is stored as one line of pixels; 0 means a square.",
        when=("kind", ("ready", "file")),
        advanced=True,
    )
    cols: int = integer(
        0,
        0,
        MAX_SIDE,
        label="Columns",
        help="Columns of an image that is stored as one line of pixels; 0 means a square.",
        when=("kind", ("ready", "file")),
        advanced=True,
    )
    ready: str = ""
    path: str = ""
    digest: str = ""
    title: str = ""


class DataMissingError(UserError):
    """The file or folder of `source` is not there: ask for it, and keep the rest."""

    def __init__(self, source: Source, message: str) -> None:
        super().__init__(message)
        self.source = source


class LayoutError(UserError):
    """Images are stored as lines of `pixels` values, and nothing says how many rows they have."""

    def __init__(self, pixels: int, message: str) -> None:
        super().__init__(message)
        self.pixels = pixels
