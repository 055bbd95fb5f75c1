"""What every representation of the weights knows and does; the numbers are kept by each its way.

Weights are whole multiples of a power of two of a grid unit, which is `scale` in the paper's
units, so fields and energies are exact sums. They are the only thing in a run that is changed in
place: strokes of the mouse go on and come off again, and `follow` brings them to any version.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Log, Repair, Units
from lyapstudio.weights.cost import Cost, Demand
from lyapstudio.weights.factors import OTHERS, Factors, overlap_sums
from lyapstudio.weights.flips import FINE, Spins, fineness
from lyapstudio.weights.overlay import Overlay, plain
from lyapstudio.weights.rules.rule import Material
from lyapstudio.weights.strokes import MOST, Stroke

EDIT_BITS = 8
"""A weight set by hand is rounded to 2**-8 of what one memory adds to it, or finer."""
BIAS_ROOM = 16.0
"""|bias| in the paper's units that leaves room for edits as fine as that."""
SEVERAL = 24
"""Neurons whose contributions to a field are told one by one."""

Change = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""into, out_of, and what was added to these weights, in grid units; in the order it was done."""


@dataclass(frozen=True)
class Flaw:
    """Why the weights are not symmetric, and the edit that makes them so."""

    cause: str
    repair: Repair


@dataclass(frozen=True, eq=False)
class Origin:
    """Where weights come from.

    demand : what was known of their size before they were made; cost : what was chosen
    material : memories and names; factors : what a rule made of them, None where there are none
    dreams : (D, N) int8 states that were unlearned
    flaws : why they are not symmetric; note : what the user should know, or ""
    whole : every memory's share of a weight is what `factors` says: no connection was cut
    """

    material: Material
    demand: Demand
    cost: Cost
    factors: Factors | None = None
    flaws: tuple[Flaw, ...] = ()
    note: str = ""
    whole: bool = True


class Weights:
    """Base of Dense, LowRank and Sparse.

    scale : one grid unit in the paper's units
    bits : weights are whole multiples of 2**-bits grid units, edited ones included
    D : (1,) or (N,) float64, the self-couplings in grid units
    base_symmetric : whether they were symmetric before anybody edited them
    """

    N: int

    def __init__(
        self,
        origin: Origin,
        scale: float,
        bits: int,
        D: NDArray[np.float64],
        reach: float,
        bulk: float,
        symmetric: bool,
    ) -> None:
        self.origin = origin
        self.memories, self.names = origin.material.memories, origin.material.names
        self.P, self.N = self.memories.shape
        room = fineness(reach, bulk, BIAS_ROOM / scale, self.N)
        self.scale, self.bits, self.D = scale, min(bits, int(math.log2(room))), D
        self._reach, self._bulk = reach, bulk
        self.base_symmetric = symmetric
        self.symmetric = symmetric
        self.overlay: Overlay = plain(self.N)
        self.strokes: tuple[Stroke, ...] = ()
        self.said: dict[str, Any] = {}  # what the proof found, kept by proof.py
        self._done: list[Change] = []
        self._living: tuple[Any, NDArray[np.int8]] | None = None
        self._levels: tuple[Any, NDArray[np.float64]] | None = None
        self._sums: dict[bool, tuple[Any, NDArray[np.float64]]] = {}

    # what a representation has to tell and do

    @property
    def nbytes(self) -> int:
        raise NotImplementedError

    def at(self, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
        """(K,) weights w_ij as they are now, in grid units."""
        raise NotImplementedError

    def put(self, i: NDArray[np.int64], j: NDArray[np.int64], change: NDArray[np.float64]) -> None:
        """Add to single weights; the overlay and D are seen to by `follow`."""

    def row(self, i: int) -> NDArray[np.float64]:
        """(N,) weights into neuron i in grid units."""
        raise NotImplementedError

    def column(self, j: int) -> NDArray[np.float64]:
        """(N,) weights out of neuron j in grid units."""
        raise NotImplementedError

    def grid_fields(self, s: Units) -> NDArray[np.float64]:
        """(N,) fields W s in grid units, exact."""
        raise NotImplementedError

    def product(self, x: NDArray[np.float64], across: bool = False) -> NDArray[np.float64]:
        """(N, ...) float64 products W x, or W^T x with `across`, in grid units, rounded."""
        raise NotImplementedError

    def triplets(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]] | None:
        """into, out_of and weights in the paper's units, where few are stored; else None."""
        return None

    def gram_pair(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """(R, R) U^T V and (N,) d of W = V U^T - diag(d) in the paper's units; None elsewhere."""
        return None

    def block(self, row: int, col: int, height: int, width: int, h: int, w: int) -> NDArray:
        """(h, w) float32 means over bins of a rectangle of the matrix, in the paper's units."""
        raise NotImplementedError

    def derive(self, state: Spins, live: bool, since: Spins | None = None) -> None:
        """Fields, sums and energy of the state's units."""
        raise NotImplementedError

    def field(self, state: Spins, i: int) -> float:
        """The field of one neuron in grid units, bias included."""
        raise NotImplementedError

    def rise(self, state: Spins, i: int, ds: int) -> float:
        """What E would gain, in kernel units, if neuron i changed by ds."""
        s, c = int(state.s[i]), state.c[i if len(state.c) > 1 else 0]
        h, own = self.field(state, i), float(self.D[i if len(self.D) > 1 else 0])
        out = h if self.symmetric else float(self.column(i) @ state.s) + c
        return -state.F[FINE] * ds * (h + out - 2 * own * s)

    def sums(self, state: Spins) -> NDArray[np.int64]:
        """(P,) overlaps with the memories, not divided by N."""
        return self.overlaps(state.s)

    def set_units(self, state: Spins, target: Units) -> None:
        """Write units by hand; everything derived follows exactly."""
        raise NotImplementedError

    def one_at_a_time(self, state: Spins, updates: int, log: Log) -> int:
        """At most so many updates, one neuron at a time; how many were done."""
        raise NotImplementedError

    def together(self, state: Spins, updates: int, log: Log) -> int:
        """At most so many updates of all neurons at once; how many were done."""
        raise NotImplementedError

    # in the paper's units

    @property
    def cost(self) -> Cost:
        return self.origin.cost

    @property
    def line(self) -> str:
        """How the weights are held."""
        edited = f"{self.overlay.count:,} edited by hand" if self.overlay.count else ""
        return " · ".join(part for part in (self.cost.line, edited) if part)

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """Why the weights are not symmetric; the last cause are edits."""
        if self.symmetric:
            return ()
        by_hand = Flaw(
            "weights edited one way only: Where the two weights of a pair differ there is no "
            "such function.",
            Repair("Symmetrise the weights", {"edit": "symmetrise"}, "weights"),
        )
        edited = self.base_symmetric or not self.origin.flaws
        return (*self.origin.flaws, by_hand) if edited else self.origin.flaws

    @property
    def reach(self) -> float:
        """Bound on |field| without bias, in grid units."""
        return self._reach + self.overlay.reach

    @property
    def bulk(self) -> float:
        """Bound on the sum of |s h| over neurons, in grid units."""
        return self._bulk + self.overlay.bulk

    def incoming(self, i: int) -> NDArray[np.float64]:
        """(N,) weights into neuron i."""
        return self.row(i) * self.scale

    def outgoing(self, j: int) -> NDArray[np.float64]:
        """(N,) weights out of neuron j."""
        return self.column(j) * self.scale

    def rows(self, into: NDArray[np.int64]) -> NDArray[np.float64]:
        """(k, N) weights into these neurons."""
        return np.array([self.incoming(int(i)) for i in into]).reshape(len(into), self.N)

    def fields(self, s: Units) -> NDArray[np.float64]:
        """(N,) fields W s."""
        return self.grid_fields(s) * self.scale

    def matvec(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """W x."""
        return self.product(x) * self.scale

    def rmatvec(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """W^T x."""
        return self.product(x, across=True) * self.scale

    def small(self, most: int = 2048) -> NDArray[np.float64] | None:
        """(N, N) all weights, w_ij at [i, j], where N is at most `most`."""
        return self.rows(np.arange(self.N)) if most >= self.N else None

    def overlaps(self, s: Units) -> NDArray[np.int64]:
        """(P,) whole numbers xi . s."""
        return overlap_sums(self.memories, s)

    def alive(self, lesions: NDArray[np.bool_] | None) -> NDArray[np.int8]:
        """(N,) 1 where a neuron lives, 0 where it is lesioned; the same array while they are."""
        if self._living is None or self._living[0] is not lesions:
            living = np.ones(self.N, np.int8) if lesions is None else (~lesions).astype(np.int8)
            self._living = (lesions, living)
        return self._living[1]

    def levels(self, alive: NDArray[np.int8]) -> NDArray[np.float64]:
        """(P,) energy -1/2 sum over pairs of w_ij s_i s_j of each memory on the living neurons."""
        if self._levels is None or self._levels[0] is not alive:
            own = float(np.broadcast_to(self.D, self.N) @ alive)
            self._levels = (alive, -0.5 * (self.squares(alive) - own))
        return self._levels[1] * self.scale

    def squares(self, alive: NDArray[np.int8]) -> NDArray[np.float64]:
        """(P,) s^T W s of each memory on the living neurons, grid units; a few at a time."""
        step, found = max(1, (1 << 22) // max(self.N, 1)), np.empty(self.P)
        for a in range(0, self.P, step):
            states = (self.memories[a : a + step] * alive).T.astype(np.float64)
            found[a : a + step] = np.einsum("ip,ip->p", states, self.product(states))
        return found

    def totals(self, alive: NDArray[np.int8], across: bool = False) -> NDArray[np.float64]:
        """(N,) sums of the weights into (or out of) each neuron from living ones, grid units."""
        kept = self._sums.get(across)
        if kept is None or kept[0] is not alive:
            ones = alive.astype(np.float64)
            if across and not self.symmetric:
                total = self.product(ones, across=True)
            else:
                total = self.grid_fields(alive)
            self._sums[across] = kept = (alive, total)
        return kept[1]

    def live_sums(self, state: Spins) -> NDArray[Any] | None:
        """(R,) sums U^T s of the state's units where they are kept; None elsewhere."""
        return None

    def parts(
        self, i: int, s: NDArray[Any], cols: int, sums: NDArray[Any] | None = None
    ) -> list[tuple[str, float]]:
        """What adds to the field of neuron i: the memories, or else the neurons that it hears.

        sums : U^T s, where it is known
        """
        factors = self.origin.factors
        if factors is None or not self.origin.whole:
            return self._heard(i, s, cols)
        if sums is None:
            sums = factors.sums_of(s)
        shares = factors.left_of(i) * factors.scale * sums[: factors.R]
        owned = np.bincount(factors.owners + 1, shares, self.P + 1)
        parts = [(f"Memory {n}", float(v)) for n, v in zip(self.names, owned[1:], strict=True)]
        if (factors.owners == OTHERS).any():
            parts.append((factors.others, float(owned[0])))
        return sorted(parts, key=lambda part: -abs(part[1]))

    def _heard(self, i: int, s: NDArray[Any], cols: int) -> list[tuple[str, float]]:
        shares = self.incoming(i) * s
        shares[i] = 0.0
        loudest = np.argsort(-np.abs(shares))[:SEVERAL]
        loudest = loudest[shares[loudest] != 0]
        parts = [
            (f"Neuron ({j // cols + 1}, {j % cols + 1})", float(shares[j]))
            for j in loudest.tolist()
        ]
        rest = float(shares.sum()) - sum(v for _, v in parts)
        return [*parts, ("All others", rest)] if len(parts) == SEVERAL else parts

    # edits by hand

    def follow(self, strokes: tuple[Stroke, ...]) -> list[Change]:
        """Bring the weights to this version; return what was done, in its order.

        Raises
        ------
        UserError : too many edited weights; the weights are then as they were
        """
        old = self.strokes
        if strokes is old:
            return []
        common = 0
        for a, b in zip(old, strokes, strict=False):
            if a is not b:
                break
            common += 1
        changes = [self._take_back() for _ in range(len(old) - common)]
        done = len(self._done)
        try:
            for stroke in strokes[common:]:
                changes.append(self._apply(stroke))
        except UserError:
            while len(self._done) > done:
                self._take_back()
            for stroke in old[common:]:
                self._apply(stroke)
            raise
        self.strokes = strokes
        return changes

    def _apply(self, stroke: Stroke) -> Change:
        if self.overlay.count + stroke.count > MOST:
            raise UserError(
                f"More than {MOST:,} weights would be edited by hand. Cut a smaller bundle, or "
                "choose a wiring that does the same."
            )
        i, j, values = stroke.pairs()
        grid = np.rint(values / self.scale * 2.0**self.bits) / 2.0**self.bits
        now = self.at(i, j)
        wanted = grid if stroke.mode == "set" else now + grid
        change = self._stored(wanted) - now
        self._add(i, j, change)
        if not stroke.both or not self.symmetric:
            self.symmetric = self.base_symmetric and self.overlay.symmetric
        self._done.append((i, j, change))
        return i, j, change

    def _take_back(self) -> Change:
        i, j, change = self._done.pop()
        self._add(i, j, -change)
        self.symmetric = self.base_symmetric and self.overlay.symmetric
        return i, j, -change

    def _stored(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a weight becomes where it is kept: a representation may round."""
        return values

    def _add(self, i: NDArray[np.int64], j: NDArray[np.int64], change: NDArray[np.float64]) -> None:
        self.put(i, j, change)
        self.overlay = self.overlay.added(i, j, change)
        own = i == j
        if own.any():
            D = np.broadcast_to(self.D, self.N).copy()
            D[i[own]] += change[own]
            self.D = D
        if self._levels is not None:
            alive, levels = self._levels
            pairs = np.where(own, 0.0, change)
            moved = (self.memories[:, i] * self.memories[:, j]).astype(np.float64) @ (
                pairs * alive[i] * alive[j]
            )
            self._levels = (alive, levels - 0.5 * moved)
        for across, (alive, total) in self._sums.items():
            side, other = (j, i) if across else (i, j)
            total = total.copy()
            np.add.at(total, side, change * alive[other])
            self._sums[across] = (alive, total)


def ends_of(bins: int, start: int, length: int) -> NDArray[np.int64]:
    """(bins + 1,) where bins of neurons begin and end: as equal as whole numbers allow."""
    return start + np.rint(np.linspace(0, length, bins + 1)).astype(np.int64)


def spread_of(values: Sequence[float] | NDArray[Any]) -> float:
    """Root mean square of what is not zero; 1 where all is."""
    array = np.asarray(values, float)
    array = array[array != 0]
    return float(np.sqrt(np.mean(array**2))) if len(array) else 1.0
