"""One image on its way through the network, as the views of single examples are told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.insight import Settling
from lyapstudio.ui.numerals import figure
from lyapstudio.ui.views.pictures import Shape

__all__ = ["Example", "Settling", "name", "rounded"]


@dataclass(frozen=True, eq=False)
class Example:
    """What one image does in the three layers. Units count from 0 here and from 1 in words.

    image : (N,) uint8 or float in [0, 1]; shape : its rows, columns and depth
    label : the name of its class, "" if nobody named it
    units : (m,) the hidden units shown, largest current first
    currents : (m,) their currents I
    pushes : (m,) g: above 0 potentiated, below 0 depressed, 0 left alone
    fields : (m, N) their weights
    changes : (m, N) what the image changes of them; None where nothing is learned now
    classes : names of the output classes, none where there is no readout
    scores : (C,) in [-1, 1], None before the readout has learned
    contributions : (C, m) what each unit adds to each class (S times its activity)
    words : when the weights move, "W moves at the end of the batch"
    settling : how lateral inhibition settles, for the slow rule
    """

    image: NDArray[Any]
    shape: Shape
    label: str
    units: NDArray[np.integer]
    currents: NDArray[np.floating]
    pushes: NDArray[np.floating]
    fields: NDArray[np.floating]
    changes: NDArray[np.floating] | None = None
    classes: tuple[str, ...] = ()
    scores: NDArray[np.floating] | None = None
    contributions: NDArray[np.floating] | None = None
    words: str = ""
    settling: Settling | None = None

    @property
    def winner(self) -> int | None:
        """The row of the unit that is potentiated most."""
        row = int(np.argmax(self.pushes))
        return row if self.pushes[row] > 0 else None

    @property
    def loser(self) -> int | None:
        """The row of the unit that is depressed most; of several the strongest."""
        row = int(np.argmin(self.pushes))
        return row if self.pushes[row] < 0 else None

    def role(self, row: int) -> str:
        """The colour that marks a row: "accent", "bad" or "" for one that is left alone."""
        push = self.pushes[row]
        return "accent" if push > 0 else "bad" if push < 0 else ""


def name(unit: int) -> str:
    """People count from 1: "unit 73"."""
    return f"unit {figure(int(unit) + 1, 0)}"


def rounded(value: float, scale: float, digits: int = 3, *, sign: bool = False) -> str:
    """A value to as many digits as the largest one beside it has."""
    size = abs(scale)
    places = 3 if not size else int(np.clip(digits - 1 - np.floor(np.log10(size)), 0, 8))
    return figure(value, places, sign=sign)
