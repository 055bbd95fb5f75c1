"""A read-only picture of one moment: what the engine hands to the views."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.insight import Arithmetic, Block, Example, Picked
from lyapstudio.core.model import Guarantee, Problem, Rest


@dataclass(frozen=True)
class Frame:
    """A read-only picture of one moment; what the views read.

    update, latest, reach : the moment, the last one computed, the earliest one kept
    channels : name -> array, read-only
    values, guarantees : of each function; terms : of the first
    facts, example : of a model that learns
    trace : a snapshot of core.trace.Trace (counters, curves, rises)
    rate : updates a second, measured; flipping : neurons that flip for ever in a cycle
    period : after how many updates the cycle comes back
    history : sampled overlaps; levels : the first function at each memory
    picked : a neuron whose weights are shown; block : a part of the matrix that was asked for
    beside : the network that runs beside this one, at the same moment of the clock
    title : of the network, where there are two
    busy : what the worker is doing that takes time; error : a sentence where the run broke
    """

    generation: int
    update: int
    latest: int
    reach: int
    running: bool
    rest: Rest
    channels: dict[str, NDArray[Any]]
    values: tuple[float, ...]
    terms: dict[str, float]
    guarantees: tuple[Guarantee, ...]
    trace: Any
    rate: float = math.nan
    temperature: float = 0.0
    arithmetic: Arithmetic | None = None
    facts: dict[str, float] = field(default_factory=dict)
    example: Example | None = None
    looked_at: int | None = None
    incoming: NDArray[np.float64] | None = None
    picked: Picked | None = None
    block: Block | None = None
    flipping: NDArray[np.int64] | None = None
    period: int = 2
    history: NDArray[np.float64] | None = None  # (K, 1 + P) update, overlap with each memory
    problem: Problem | None = None
    model: Any = None
    levels: NDArray[np.float64] | None = None  # (P,) the first function at each memory
    beside: Frame | None = None
    title: str = ""
    busy: str = ""
    error: str = ""
