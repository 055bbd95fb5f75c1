"""What a model is: the page a newcomer reads first.

A model is ONE file in `models/`: a frozen dataclass of declared parameters (core/param.py) that
knows how to start, how to advance, and what its Lyapunov function is. Panel, plots, saving, undo,
the command line and the contract tests follow from what is declared here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.insight import Arithmetic, Example
from lyapstudio.core.param import Params

Units = NDArray[np.int8]
"""Unit values, -1 or +1, one byte each, flattened row by row."""


class Rest(Enum):
    """Where the dynamics stand."""

    MOVING = "moving"
    FIXED = "fixed"  # no unit wants to change: it has settled
    CYCLE = "cycle"  # the state before the last comes back for ever
    WANDERING = "wandering"  # temperature above zero: it never settles


class Direction(Enum):
    """Which way a Lyapunov function is proved to move."""

    FALLS = -1
    RISES = 1


@dataclass(frozen=True)
class LyapunovFunction:
    """What the curve draws. `formula` is rich text; `terms` are the keys of `Model.terms`."""

    symbol: str
    name: str
    formula: str
    direction: Direction = Direction.FALLS
    unit: str = "dimensionless"


@dataclass(frozen=True)
class Repair:
    """The edit that restores a broken assumption: parameter values, and the button's text.

    of : whose parameters: the model's, the rule's or the wiring's; "weights": `values` says in
        `edit` what is done to single weights ("symmetrise", "remove the diagonal")
    """

    label: str
    values: dict[str, Any]
    of: Literal["model", "rule", "wiring", "weights"] = "model"


@dataclass(frozen=True)
class Assumption:
    """One condition of the proof; `cause` says why a rise is possible where it fails."""

    label: str
    holds: bool
    cause: str = ""
    repair: Repair | None = None


@dataclass(frozen=True)
class Guarantee:
    """Whether one function is proved monotone from here, and what the proof rests on.

    average : why it moves the right way on average where it is not proved at every step
    exists : False where it is no Lyapunov function of this network at all
    """

    symbol: str
    assumptions: tuple[Assumption, ...]
    reason: str = ""
    average: str = ""
    exists: bool = True

    @property
    def holds(self) -> bool:
        return all(a.holds for a in self.assumptions)

    @property
    def broken(self) -> tuple[Assumption, ...]:
        return tuple(a for a in self.assumptions if not a.holds)


@dataclass(frozen=True)
class Channel:
    """Something to look at. The kind picks the view: a new model gets its plots for free.

    kind `grid`: `read` gives (N,) int8 in {-1, +1}; `bars`: (P,) float64 in [-1, 1].
    A memory model calls them `units` and `overlaps`: outcome, drawing and export ask for these.
    kind `tiles`: (K, N) float32, a receptive field for each unit; `each`: (K,), a number for each
    unit; `image`: (N,) float32 in [0, 1]. A model that learns calls them `weights`; `norms`,
    `wins`, `currents`, `pushes`; `image`.
    """

    name: str
    kind: Literal["grid", "bars", "tiles", "each", "image"]
    title: str
    caption: str = ""


@dataclass(frozen=True)
class Stride:
    """A step a person can ask for: how many updates make one."""

    id: str
    label: str
    plural: str
    updates: int


@dataclass(frozen=True)
class Problem:
    """What a Setup asks for, resolved and immutable. Arrays are read-only.

    memories : (P, N) int8 in {-1, +1}, the active patterns, in their order
    names : P names
    cue : (N,) int8 in {-1, +1}, where the run starts
    bias : (N,) float64, external field minus threshold painted per neuron, 0 where none
    weights : what a rule in `weights/` built, or None for a model that learns by itself
    data : what a model that learns is shown; rows and cols are then those of its images
    lesions : (N,) bool, True where a neuron is silenced for good; None where none is
    strokes : weights set by hand (weights/strokes.py), in their order
    """

    rows: int
    cols: int
    memories: Units
    names: tuple[str, ...]
    cue: Units
    bias: NDArray[np.float64]
    weights: Any
    seed: int
    data: DataSet | None = None
    lesions: NDArray[np.bool_] | None = None
    strokes: tuple[Any, ...] = ()

    @property
    def N(self) -> int:
        return self.rows * self.cols


class Log:
    """Where `advance` notes every change of the Lyapunov functions, exactly.

    at : (capacity,) int64, the update after which the values hold (counted from 1)
    values : (capacity, F) float64, one column a function; NaN where it is not defined
    A model stops early when the log is full; whoever called goes on with an empty one.
    """

    def __init__(self, functions: int, capacity: int = 1 << 15) -> None:
        self.at = np.zeros(capacity, np.int64)
        self.values = np.zeros((capacity, functions))
        self.count = 0

    @property
    def room(self) -> int:
        return len(self.at) - self.count

    def note(self, update: int, *values: float) -> None:
        self.at[self.count] = update
        self.values[self.count] = values
        self.count += 1


@dataclass
class State:
    """All that changes in a run. Subclasses add arrays; `shared` ones are never written.

    update : updates done since the cue
    """

    update: int
    shared: ClassVar[frozenset[str]] = frozenset({"problem"})

    def copy(self) -> Self:
        """A deep copy of what changes: a keyframe."""
        values = {}
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            own = isinstance(value, np.ndarray) and f.name not in self.shared
            values[f.name] = value.copy() if own else value
        return type(self)(**values)

    def dump(self) -> dict[str, NDArray[Any]]:
        """All that changes, as arrays: what a file stores."""
        return {
            f.name: np.array(getattr(self, f.name))
            for f in dataclasses.fields(self)
            if f.name not in self.shared
        }

    @property
    def nbytes(self) -> int:
        """What a copy costs."""
        return sum(
            getattr(self, f.name).nbytes
            for f in dataclasses.fields(self)
            if f.name not in self.shared and isinstance(getattr(self, f.name), np.ndarray)
        )


@dataclass(frozen=True)
class Model(Params):
    """A frozen dataclass of parameters, with the dynamics as methods on an explicit State.

    Same seed, same run: all randomness comes from generators inside the State, so
    `advance(n)` equals `advance(a)` followed by `advance(n - a)`.
    """

    title: ClassVar[str]
    caption: ClassVar[str]
    about: ClassVar[str]  # rich text: the help page (formula, symbols, what to look for)
    functions: ClassVar[tuple[LyapunovFunction, ...]]
    channels: ClassVar[tuple[Channel, ...]] = (
        Channel("units", "grid", "Neuron state"),
        Channel("overlaps", "bars", "Overlap with each memory", "m = 1 is a perfect match"),
    )
    uses_rule: ClassVar[bool] = True  # False: the memories enter the dynamics directly
    learns: ClassVar[bool] = False  # True: shown a data set, its weights are what changes
    icon: ClassVar[str] = "ph.share-network-fill"
    year: ClassVar[int] = 9999  # of the paper: models are listed in the order of their history

    def start(self, problem: Problem) -> Any:
        """A fresh State at the cue."""
        raise NotImplementedError

    def retune(self, state: Any, problem: Problem) -> Any:
        """The same units, clock and random state under new parameters, weights or fields."""
        raise NotImplementedError

    def rewire(self, state: Any, problem: Problem) -> bool:
        """Follow weights edited by hand, in place; False where it has to be retuned instead."""
        return False

    def resume(self, problem: Problem, saved: dict[str, NDArray[Any]]) -> Any:
        """The state that `State.dump` wrote; UserError where it belongs to another network."""
        state = self.start(problem)
        for name, now in state.dump().items():
            array = saved.get(name)
            if array is None or array.shape != now.shape or array.dtype != now.dtype:
                raise UserError("What was learned belongs to another network. It starts anew.")
            old = getattr(state, name)
            setattr(state, name, array.copy() if isinstance(old, np.ndarray) else array.item())
        return state

    def identity(self) -> tuple[Any, ...]:
        """The parameters with which a run begins; where they change it begins anew."""
        return tuple(getattr(self, name) for name, spec in self.specs().items() if spec.anew)

    def warm(self, state: Any) -> None:
        """Call every kernel once, so that the first step answers at once; the state is lost."""
        self.advance(state, 1, Log(len(self.functions), 8))
        self.poke(state, np.zeros(1, np.int64), 1)  # both values: one of them changes nothing
        self.poke(state, np.zeros(1, np.int64), -1)

    def advance(self, state: Any, updates: int, log: Log) -> int:
        """Do at most so many updates in place and note every change; return how many were done.

        Fewer are done when the state has settled or the log is full.
        """
        raise NotImplementedError

    def values(self, state: Any) -> tuple[float, ...]:
        """Each function's present value; NaN where it is not defined."""
        raise NotImplementedError

    def terms(self, state: Any) -> dict[str, float]:
        """The first function split into its named terms; they sum to its value."""
        raise NotImplementedError

    def noted(self, state: Any) -> tuple[tuple[float, ...], dict[str, float]]:
        """Values and terms to show while it runs; where they are costly, those noted last."""
        return self.values(state), self.terms(state)

    def facts(self, state: Any) -> dict[str, float]:
        """Named numbers on how far it is: what a model that learns says beside its function."""
        return {}

    def tolerance(self, state: Any) -> float:
        """A change in the wrong direction counts as a wrong move only above this.

        1e-12 of the terms' absolute sum covers rounding; a model whose arithmetic is exact says 0.
        """
        return 1e-12 * sum(abs(term) for term in self.terms(state).values())

    def guarantees(self, state: Any) -> tuple[Guarantee, ...]:
        """For each function that is defined here: is it proved monotone, and on what grounds."""
        raise NotImplementedError

    def levels(self, problem: Problem) -> NDArray[np.float64]:
        """(P,) the first function's value at each memory."""
        raise NotImplementedError

    def read(self, state: Any, channel: str) -> NDArray[Any]:
        """A channel's values, freshly allocated."""
        raise NotImplementedError

    def rest(self, state: Any) -> Rest:
        raise NotImplementedError

    def period(self, state: Any) -> int:
        """After how many updates a cycle comes back."""
        return 2

    def poke(self, state: Any, where: NDArray[np.int64], value: int) -> None:
        """Set units by hand (the mouse); everything derived follows exactly."""
        raise NotImplementedError

    def strides(self, problem: Problem) -> tuple[Stride, ...]:
        """The steps a person can ask for, the smallest first."""
        return (
            Stride("update", "update", "updates", 1),
            Stride("sweep", "sweep", "sweeps", problem.N),
        )

    def pace(self, problem: Problem) -> float:
        """Updates a second that suit the eye; infinite: as fast as it goes."""
        return problem.N / 3

    def next_neuron(self, state: Any) -> int | None:
        """Which neuron is asked next, where one is."""
        return None

    def arithmetic(self, state: Any, neuron: int) -> Arithmetic | None:
        """What that neuron would do now, with its numbers."""
        return None

    def incoming(self, state: Any, neuron: int) -> NDArray[np.float64] | None:
        """(N,) weights into a neuron: its receptive field."""
        return None

    def outgoing(self, state: Any, neuron: int) -> NDArray[np.float64] | None:
        """(N,) weights out of a neuron."""
        return None

    def block(self, state: Any, *where: int) -> NDArray[Any] | None:
        """(h, w) part of the weight matrix: row, col, height, width, h, w (core/insight.Block)."""
        return None

    def example(self, state: Any) -> Example | None:
        """What the image on the screen does to the weights, where a model learns from images."""
        return None

    def temperature(self, state: Any) -> float:
        """The temperature of the next update, 0 for a deterministic model."""
        return 0.0
