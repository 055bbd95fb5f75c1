"""One step under the magnifying glass: what a neuron decides, what an image teaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Arithmetic:
    """One neuron's update, shown with its numbers before it happens.

    `parts` are the contributions to the field, largest matter first; they sum to `field`.
    All values in the units of the model's Lyapunov function.
    """

    neuron: int
    field: float
    threshold: float
    old: int
    new: int
    change: float
    parts: tuple[tuple[str, float], ...] = ()
    chance: float | None = None  # probability of +1 where temperature is above zero


@dataclass(frozen=True)
class Picked:
    """The weights of one neuron, to be looked at and edited.

    incoming, outgoing : (N,) float64 weights into and out of it
    """

    neuron: int
    incoming: NDArray[np.float64]
    outgoing: NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """A rectangle of the weight matrix, cell by cell or binned.

    row, col : first neuron down (who listens) and across (who is listened to)
    height, width : how many neurons down and across
    values : (h, w) float32; weights where h = height and w = width, else the mean of each bin,
        bins as equal as whole numbers allow (numpy.linspace over the neurons, rounded)
    """

    row: int
    col: int
    height: int
    width: int
    values: NDArray[np.float32]

    @property
    def binned(self) -> bool:
        return self.values.shape != (self.height, self.width)


@dataclass(frozen=True)
class Settling:
    """Units that compete in time for one example, with the function that this follows.

    t : (T,) in time constants; h : (T, m) of the units shown; L : (T,) falls where `guaranteed`
    """

    t: NDArray[np.float64]
    h: NDArray[np.float32]
    L: NDArray[np.float64]
    guaranteed: bool = True


@dataclass(frozen=True)
class Example:
    """What one image does to the weights, unit by unit, the strongest first.

    image : (N,) float32; label : its class, "" where there is none
    units : (m,) indices; currents : (m,); pushes : (m,) > 0 potentiated, < 0 depressed
    fields : (m, N) their weights; changes : (m, N) what this image adds to them
    words : when the weights move
    """

    number: int
    image: NDArray[np.float32]
    label: str
    units: NDArray[np.int64]
    currents: NDArray[np.float32]
    pushes: NDArray[np.float32]
    fields: NDArray[np.float32]
    changes: NDArray[np.float32]
    words: str
    settling: Settling | None = None
