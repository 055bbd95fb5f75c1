"""What is edited and saved: patterns, cue, setups, the document. All of it frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Model
from lyapstudio.core.param import Choice, Params, choice, number
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.given import Given
from lyapstudio.weights.dreams import Dream
from lyapstudio.weights.readout import ReadoutParams
from lyapstudio.weights.rules import Rule
from lyapstudio.weights.strokes import Stroke
from lyapstudio.weights.wiring import Wiring

MAX_SIDE = 1024
"""Rows and columns at most: 1024 x 1024 is a million neurons."""


def frozen(array: NDArray[Any], dtype: Any = np.int8) -> NDArray[Any]:
    """A read-only, contiguous array: documents share them, so nobody may write."""
    result = np.array(array, dtype=dtype, order="C")
    result.flags.writeable = False
    return result


@dataclass(frozen=True, eq=False)
class Pattern:
    """One pattern of the library.

    key : identifies it for ever, in this document
    grid : (rows, cols) int8 in {-1, +1}, read-only
    active : whether it is stored as a memory
    """

    key: int
    name: str
    grid: NDArray[np.int8]
    active: bool = True


HIDDEN = (
    Choice("none", "None", "The whole pattern is shown to the network."),
    Choice("half", "Half", "The lower half is blanked to −1."),
    Choice("box", "Box", "A box in the middle is blanked to −1."),
)

SOURCES = (
    Choice("memory", "A memory", "Start from a stored pattern."),
    Choice("blank", "Blank", "Start with every neuron off."),
    Choice("random", "Random", "Start with every neuron on or off by the toss of a coin."),
    Choice("drawn", "Drawn", "Start from what you draw on the canvas."),
)


@dataclass(frozen=True)
class Cue(Params):
    """Where a run starts: the source, and how it is damaged.

    pattern, other : keys of patterns (the source, and what is mixed in)
    drawn : (rows, cols) int8, or None; what was painted on the cue replaces the source
    """

    source: str = choice(
        "memory", SOURCES, label="Start from", help="What the network is shown at the start."
    )
    flips: float = number(
        0.2,
        0.0,
        1.0,
        label="Flipped pixels",
        percent=True,
        decimals=0,
        help="Share of pixels turned over before the run starts. Try 30 %, then 50 %.",
    )
    hidden: str = choice(
        "none",
        HIDDEN,
        label="Hidden part",
        help="Blank a part of the cue, then let it be completed.",
    )
    mix: float = number(
        0.0,
        0.0,
        1.0,
        label="Mix",
        percent=True,
        decimals=0,
        help="Share of pixels taken from a second memory. At 50 % the cue lies between the two.",
    )
    pattern: int = 0
    other: int = 0
    drawn: NDArray[np.int8] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Setup:
    """One network and its start.

    painted : (rows, cols) float64 external field minus threshold per neuron, or None
    strokes : weights set by hand, in their order; lesions : (rows, cols) bool, or None
    dreams : states that were unlearned, in their order; given : weights from a file, or None
    data, readout : what a model that learns is shown, and how its units are read by labels;
        its inputs have the shape of the images, not rows x cols
    """

    title: str
    rows: int
    cols: int
    model: Model
    rule: Rule
    wiring: Wiring
    cue: Cue = field(default_factory=Cue)
    painted: NDArray[np.float64] | None = field(default=None, compare=False)
    seed: int = 1
    strokes: tuple[Stroke, ...] = field(default=(), compare=False)
    lesions: NDArray[np.bool_] | None = field(default=None, compare=False)
    dreams: tuple[Dream, ...] = field(default=(), compare=False)
    given: Given | None = field(default=None, compare=False)
    data: Source = field(default_factory=Source)
    readout: ReadoutParams = field(default_factory=ReadoutParams)

    def __post_init__(self) -> None:
        for side in (self.rows, self.cols):
            if not isinstance(side, int) or not 1 <= side <= MAX_SIDE:
                raise UserError(f"A network has between 1 and {MAX_SIDE} rows and columns.")
        if self.rows * self.cols < 2:
            raise UserError("A network needs at least two neurons.")

    @property
    def N(self) -> int:
        return self.rows * self.cols


@dataclass(frozen=True, eq=False)
class Learned:
    """What a network has learned: where a file goes on.

    network : State.dump, the weights and all that resuming needs
    readout : Readout.dump, or empty where none was trained
    """

    network: dict[str, NDArray[Any]]
    readout: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """The library of patterns and the setups that use it.

    view : what the window remembers (speed, chosen tab); plain JSON values
    story : rich text that an example shows about itself
    learned : by the place of a setup; only in what is read from a file or written to one
    """

    title: str
    patterns: tuple[Pattern, ...]
    setups: tuple[Setup, ...]
    view: dict[str, Any] = field(default_factory=dict)
    story: str = ""
    learned: dict[int, Learned] = field(default_factory=dict, compare=False)

    @property
    def setup(self) -> Setup:
        """The setup on the screen."""
        return self.setups[self.active]

    @property
    def active(self) -> int:
        index = self.view.get("setup", 0)
        return index if isinstance(index, int) and 0 <= index < len(self.setups) else 0

    @property
    def beside(self) -> int | None:
        """The setup that runs beside the one on the screen: under its seed, from its cue."""
        index, setup = self.view.get("beside"), self.setup
        if isinstance(index, bool) or not isinstance(index, int) or index == self.active:
            return None
        if not 0 <= index < len(self.setups):
            return None
        other = self.setups[index]
        alike = (other.cue, other.seed) == (setup.cue, setup.seed)
        return index if alike and not (setup.model.learns or other.model.learns) else None

    @property
    def memories(self) -> tuple[Pattern, ...]:
        """The patterns that are stored."""
        return tuple(p for p in self.patterns if p.active)

    def pattern(self, key: int) -> Pattern | None:
        """The pattern with that key."""
        return next((p for p in self.patterns if p.key == key), None)

    def next_key(self) -> int:
        """A key that no pattern has."""
        return max((p.key for p in self.patterns), default=0) + 1
