"""Learning rules: from memories to weights, in either representation."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Units
from lyapstudio.core.param import Choice, Params, choice
from lyapstudio.weights.cost import DENSE, FLOAT_PAD, Cost, choose, padded
from lyapstudio.weights.dense import Dense
from lyapstudio.weights.dependence import TOLERANCE, explain
from lyapstudio.weights.factors import aligned, gram
from lyapstudio.weights.lowrank import LowRank

Representation = Dense | LowRank
BIAS_ROOM = 16.0  # |bias| in the paper's units that the projection rule's grid leaves room for


@dataclass(frozen=True)
class Rule(Params):
    """How memories become weights. `about` is rich text: formula, symbols, what to look for."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]

    def build(
        self, memories: Units, names: tuple[str, ...], force: str | None = None
    ) -> Representation:
        """Weights that store the memories.

        Parameters
        ----------
        memories : (P, N) int8 in {-1, +1}; P may be 0
        names : P names, for messages
        force : "dense" or "low rank"; None lets cost.choose decide

        Raises
        ------
        UserError : where the weights do not fit in memory, or the rule cannot store these
        """
        raise NotImplementedError

    def update(
        self, weights: Representation, old: Units, memories: Units, names: tuple[str, ...]
    ) -> Representation:
        """Weights for another list of memories, by storing and forgetting where the rule can.

        weights : what this rule made of the memories `old`; not written
        """
        return self.build(memories, names)


@dataclass(frozen=True)
class Hebb(Rule):
    """Hopfield 1982, equation 2; the rule is Hebb's."""

    id: ClassVar[str] = "hebb"
    title: ClassVar[str] = "Hebb"
    about: ClassVar[str] = (
        "<h3>Hebb's rule</h3>"
        "<p><i>w<sub>ij</sub></i> = (1/<i>N</i>) &Sigma;<sub>&mu;</sub> "
        "<i>&xi;<sub>i</sub><sup>&mu;</sup> &xi;<sub>j</sub><sup>&mu;</sup></i>, "
        "<i>w<sub>ii</sub></i> = 0</p>"
        "<p><i>N</i> neurons, memories &xi;<sup>&mu;</sup>. Two neurons that are alike in a "
        "memory are tied with a positive weight, two that differ with a negative one: "
        "what fires together wires together. Each memory is added on its own, so one can be "
        "stored or forgotten without touching the others.</p>"
        "<p><b>What to look for.</b> Random memories are recalled up to about 0.14 <i>N</i> of "
        "them. Letters and photographs resemble each other, and each then disturbs the others: "
        "store a few and watch the network fall into a blend. The projection rule mends that.</p>"
    )

    def build(
        self, memories: Units, names: tuple[str, ...], force: str | None = None
    ) -> Representation:
        P, N = memories.shape
        cost = choose(N, P, self.id, force)
        if cost.representation == DENSE:
            xi = memories.astype(np.float32)
            G = xi.T @ xi  # whole numbers up to P: exact in float32
            np.fill_diagonal(G, 0.0)
            return Dense(memories, names, None, P, cost, G, 1.0 / N)
        return _hebb_low_rank(memories, names, cost, _rows(memories))

    def update(
        self, weights: Representation, old: Units, memories: Units, names: tuple[str, ...]
    ) -> Representation:
        P, N = memories.shape
        cost = choose(N, P, self.id)
        before, after = Counter(_keys(old)), Counter(_keys(memories))
        gone, come = list((before - after).elements()), list((after - before).elements())
        few = len(gone) + len(come) <= max(1, P // 2)
        if not (few and isinstance(weights, Dense) and cost.representation == DENSE):
            return self.build(memories, names)  # the low-rank form is a copy of the memories
        G = weights.G.copy()
        for sign, keys in ((-1.0, gone), (1.0, come)):
            for key in keys:
                xi = np.frombuffer(key, np.int8).astype(np.float32)
                G += np.outer(sign * xi, xi)
        np.fill_diagonal(G, 0.0)
        return Dense(memories, names, None, P, cost, G, 1.0 / N)


@dataclass(frozen=True)
class Projection(Rule):
    """Personnaz, Guyon & Dreyfus 1985; Kanter & Sompolinsky 1987."""

    id: ClassVar[str] = "projection"
    title: ClassVar[str] = "Projection"
    about: ClassVar[str] = (
        "<h3>The projection rule (pseudo-inverse)</h3>"
        "<p><i>W</i> = (1/<i>N</i>) &Sigma;<sub>&mu;&nu;</sub> &xi;<sup>&mu;</sup> "
        "(<i>C</i><sup>&minus;1</sup>)<sub>&mu;&nu;</sub> &xi;<sup>&nu;T</sup>, "
        "<i>C<sub>&mu;&nu;</sub></i> = &xi;<sup>&mu;</sup>&middot;&xi;<sup>&nu;</sup>/<i>N</i>, "
        "then <i>w<sub>ii</sub></i> = 0</p>"
        "<p><i>C</i> holds the overlaps of the memories with each other. Dividing by it takes out "
        "what they have in common, so that <i>W</i> projects every state onto the memories and "
        "leaves each memory as it is.</p>"
        "<p><b>What to look for.</b> Letters and photographs that defeat Hebb's rule are all "
        "stable now, and all lie at the same energy. The basins shrink as memories are added; "
        "any number below <i>N</i> can be stored if none is a combination of others.</p>"
    )

    dependent: str = choice(
        "refuse",
        (
            Choice("refuse", "Tell me", "Says which memory is a combination of others."),
            Choice("pseudo", "Store what they span", "Uses the pseudo-inverse of C."),
        ),
        label="Dependent memories",
        advanced=True,
        help=(
            "What to do where one memory is a combination of others. Try storing a memory and "
            "its inverse: the two ask for the same weights."
        ),
    )

    def build(
        self, memories: Units, names: tuple[str, ...], force: str | None = None
    ) -> Representation:
        P, N = memories.shape
        cost = choose(N, P, self.id, force)
        overlaps = gram(memories)
        values, vectors = np.linalg.eigh(overlaps / N)
        keep = values > TOLERANCE
        if not keep.all() and self.dependent == "refuse":
            raise UserError(explain(overlaps / N, names))
        inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
        A = (inverse + inverse.T) / (2 * N)
        rank = int(keep.sum())
        if cost.representation == DENSE:
            return _projection_dense(memories, names, A, rank, cost)
        largest = float(values[-1]) if P else 0.0
        return _projection_low_rank(memories, names, A, rank, cost, largest)


def rules() -> dict[str, type[Rule]]:
    """Rule id -> class."""
    return {r.id: r for r in (Hebb, Projection)}


def _keys(memories: Units) -> list[bytes]:
    return [m.tobytes() for m in memories]


def _rows(memories: Units) -> NDArray[np.int8]:
    """(N, padded P) int8: a neuron's row side by side, so that its field reads one stretch."""
    P, N = memories.shape
    xi = aligned((N, padded(P)), np.int8)
    xi[:, :P] = memories.T
    xi[:, P:] = 0
    return xi


def _hebb_low_rank(
    memories: Units, names: tuple[str, ...], cost: Cost, xi: NDArray[np.int8]
) -> LowRank:
    P, N = memories.shape
    d = np.array([float(P)])
    reach, bulk = float(N * P), float(N) * N * P
    return LowRank(memories, names, None, P, cost, xi, None, d, 1.0 / N, reach, bulk)


def _projection_dense(
    memories: Units, names: tuple[str, ...], A: NDArray[np.float64], rank: int, cost: Cost
) -> Dense:
    """Snapped to a grid of 2**-30 and to float32: whole numbers of grid units, symmetric."""
    xi = memories.astype(np.float64)
    W = xi.T @ (A @ xi)
    np.fill_diagonal(W, 0.0)
    W += W.T.copy()  # symmetric to the last bit
    grid = 2.0**-30
    G = np.rint(W * (0.5 / grid)).astype(np.float32)
    return Dense(memories, names, A, rank, cost, G, grid)


def _projection_low_rank(
    memories: Units,
    names: tuple[str, ...],
    A: NDArray[np.float64],
    rank: int,
    cost: Cost,
    largest: float,
) -> LowRank:
    """V = Xi A on the finest grid on which every field and energy is exact.

    Bounds: a partial sum of V_i . M is at most |V_i| |M| with |M| <= N sqrt(lambda_max(C));
    sum |s h| is at most N (1 + max d), for a projection does not lengthen s (Cauchy-Schwarz).
    """
    P, N = memories.shape
    xi = _rows(memories)
    wide = padded(P, FLOAT_PAD)
    factor = np.zeros((N, wide))
    factor[:, :P] = xi[:, :P].astype(np.float64) @ A
    longest = math.sqrt(float(np.einsum("ij,ij->i", factor, factor).max(initial=0.0)))
    reach = longest * N * math.sqrt(largest) + 2.0
    bulk = 4.0 * N
    fields = 52 - math.log2(2 * (reach + BIAS_ROOM) + 1)
    energy = 62 - math.log2(4 * (2 * bulk + 2 * N * BIAS_ROOM) + 1)
    grid = 2.0 ** -math.floor(min(fields, energy, 48.0))
    snapped = np.rint(A / grid)
    V = np.empty((N, wide))
    np.matmul(xi[:, :P].astype(np.float64), snapped, out=V[:, :P])
    V[:, P:] = 0
    d = np.einsum("ij,ij->i", V[:, :P], xi[:, :P].astype(np.float64))
    return LowRank(memories, names, A, rank, cost, xi, V, d, grid, reach / grid, bulk / grid)
