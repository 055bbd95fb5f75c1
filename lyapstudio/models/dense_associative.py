"""Dense associative memory: a steeper energy holds far more memories."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.insight import Arithmetic
from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import (
    Assumption,
    Guarantee,
    Log,
    LyapunovFunction,
    Model,
    Problem,
    Rest,
    State,
)
from lyapstudio.core.param import integer
from lyapstudio.core.rng import streams
from lyapstudio.weights.factors import gram, overlap_sums
from lyapstudio.weights.flips import (
    CLOCK,
    COUNT,
    DIRTY,
    ENERGY,
    FIXED,
    MOVING,
    POSITION,
    SHUFFLED,
    STATUS,
    draw_ahead,
    ends,
    turn_over,
)


@kernel
def steep_field(xi, table, b, M, s, i):
    """Half of what E gains if neuron i is -1 rather than +1; its sign is the new state."""
    h = 2 * b[i]
    for p in range(len(M)):
        rest = M[p] - xi[i, p] * s[i]
        h += xi[i, p] * (table[max(rest + 1, 0)] - table[max(rest - 1, 0)])
    return h


@kernel
def steep_updates(xi, table, b, M, s, order, r, C, unit, at, values, updates):
    """At most so many updates, one neuron at a time; returns how many were done."""
    if C[STATUS] != MOVING:
        return 0
    E, count, clock = C[ENERGY], C[COUNT], C[CLOCK]
    position, dirty = C[POSITION], C[DIRTY]
    done = 0
    while done < updates and count < len(at):
        i = order[position]
        h = steep_field(xi, table, b, M, s, i)
        clock += 1
        done += 1
        if h * s[i] < 0:  # a tie keeps the state
            E += h * s[i]
            s[i] = -s[i]
            for p in range(len(M)):
                M[p] += 2 * s[i] * xi[i, p]
            at[count] = clock
            values[count, 0] = E * unit
            count += 1
            dirty = 1
        position += 1
        if ends(position, len(s)):
            position = turn_over(order, r, C, position)
            if position == 0:
                if dirty == 0:
                    C[STATUS] = FIXED
                    break
                dirty = 0
    C[ENERGY], C[COUNT], C[CLOCK], C[POSITION], C[DIRTY] = E, count, clock, position, dirty
    return done


def _steep(N: int, n: int, steps: float) -> NDArray[np.int64]:
    """(N + 2,) F(x/N) in steps, for x = 0 ... N + 1 (the last is never a real overlap)."""
    power = N**n
    if steps >= power:
        each = int(steps) // power
        return np.array([each * min(x, N) ** n for x in range(N + 2)], np.int64)
    m = np.minimum(np.arange(N + 2) / N, 1.0)
    return np.rint(steps * m**n).astype(np.int64)


@dataclass
class Steep(State):
    """xi : (N, P) int8; table : (N + 2,) int64 F; b : (N,) int64; M : (P,) int64 overlaps."""

    problem: Problem
    xi: NDArray[np.int8]
    table: NDArray[np.int64]
    b: NDArray[np.int64]
    unit: float
    M: NDArray[np.int64]
    s: NDArray[np.int8]
    order: NDArray[np.int32]
    rng: NDArray[np.uint64]
    C: NDArray[np.int64]
    shared: ClassVar[frozenset[str]] = frozenset({"problem", "xi", "table", "b"})


@dataclass(frozen=True)
class DenseAssociative(Model):
    """D. Krotov & J. J. Hopfield, Dense associative memory for pattern recognition (2016)."""

    title: ClassVar[str] = "Dense associative memory"
    year: ClassVar[int] = 2016
    caption: ClassVar[str] = "steeper binary memory"
    about: ClassVar[str] = (
        "<h2>Dense associative memory (Krotov &amp; Hopfield 2016)</h2>"
        "<p><i>E</i> = &minus;<i>N</i> &Sigma;<sub>&mu;</sub> "
        "<i>F</i>(<i>m</i><sub>&mu;</sub>) &minus; &Sigma;<sub><i>i</i></sub> <i>I<sub>i</sub> "
        "s<sub>i</sub></i>, &nbsp; <i>F</i>(<i>m</i>) = max(<i>m</i>, 0)<sup><i>n</i></sup></p>"
        "<p><i>m</i><sub>&mu;</sub> = &xi;<sup>&mu;</sup>&middot;<i>s</i>/<i>N</i> is the overlap "
        "with memory &mu;. It is divided by <i>N</i> so that its powers stay small numbers; a "
        "memory then lies near <i>E</i> = &minus;<i>N</i>. One neuron at a time, in random order, "
        "takes whichever of its two states has the lower <i>E</i>:</p>"
        "<p><i>s<sub>i</sub></i> &larr; sign &Sigma;<sub>&mu;</sub> [<i>F</i> with "
        "<i>s<sub>i</sub></i> = +1 &minus; <i>F</i> with <i>s<sub>i</sub></i> = &minus;1]</p>"
        "<p>At <i>n</i> = 2 this is close to Hopfield's network of 1982. With larger <i>n</i> the "
        "memory that fits best outweighs all others: about <i>N</i><sup><i>n</i>&minus;1</sup> "
        "memories can be stored.</p>"
        "<p><b>What to look for.</b> Store memories until <i>n</i> = 2 fails, then raise "
        "<i>n</i>: the overlap bars of the wrong memories stop mattering. The inverse of a memory "
        "is no longer a valley, for <i>F</i> is 0 on that side.</p>"
    )
    functions: ClassVar[tuple[LyapunovFunction, ...]] = (
        LyapunovFunction(
            "E",
            "Lyapunov function",
            "<i>E</i> = −<i>N</i> Σ<sub>μ</sub> max(<i>m<sub>μ</sub></i>, 0)<sup><i>n</i></sup> "
            "− Σ<sub>i</sub> <i>I<sub>i</sub> s<sub>i</sub></i>",
        ),
    )
    uses_rule: ClassVar[bool] = False
    icon: ClassVar[str] = "ph.stack-fill"

    exponent: int = integer(
        3,
        2,
        12,
        label="Exponent n",
        help="How strongly the best-fitting memory outweighs the others. Raise it where memories "
        "blend.",
    )

    def start(self, problem: Problem) -> Steep:
        N = problem.N
        state = Steep(
            update=0,
            problem=problem,
            xi=np.zeros((N, 0), np.int8),
            table=np.zeros(0, np.int64),
            b=np.zeros(0, np.int64),
            unit=1.0,
            M=np.zeros(0, np.int64),
            s=problem.cue.copy(),
            order=np.arange(N, dtype=np.int32),
            rng=streams(problem.seed, 1)[0],
            C=np.zeros(10, np.int64),
        )
        state.C[SHUFFLED] = 1
        draw_ahead(state.order, state.rng, state.C, 0)
        return self._prepare(state)

    def retune(self, state: Steep, problem: Problem) -> Steep:
        new = state.copy()
        new.problem = problem
        return self._prepare(new)

    def _prepare(self, state: Steep) -> Steep:
        """F on the finest grid that an int64 can sum: the energy is exact."""
        problem = state.problem
        P, N = problem.memories.shape
        largest = float(np.abs(problem.bias).max(initial=0.0))
        room = 60 - math.ceil(math.log2(P + largest + 1))
        power = N**self.exponent  # whole powers where they fit: ties are then ties
        steps = power * 2.0 ** (room - power.bit_length()) if power < 1 << room else 2.0**room
        state.xi = np.ascontiguousarray(problem.memories.T)
        state.table = _steep(N, self.exponent, steps)
        state.b = np.rint(problem.bias * (steps / N)).astype(np.int64)
        state.unit = N / steps
        self._derive(state)
        return state

    def _derive(self, state: Steep) -> None:
        C = state.C
        state.M = overlap_sums(state.problem.memories, state.s)
        C[ENERGY] = -state.table[np.maximum(state.M, 0)].sum() - state.b @ state.s
        C[STATUS] = MOVING
        C[DIRTY] = 1 if C[POSITION] else 0  # a broken-off sweep proves nothing

    def advance(self, state: Steep, updates: int, log: Log) -> int:
        C = state.C
        C[COUNT] = log.count
        done = steep_updates(
            state.xi,
            state.table,
            state.b,
            state.M,
            state.s,
            state.order,
            state.rng,
            C,
            state.unit,
            log.at,
            log.values,
            updates,
        )
        log.count, C[COUNT] = int(C[COUNT]), 0
        state.update += done
        return int(done)

    def poke(self, state: Steep, where: NDArray[np.int64], value: int) -> None:
        state.s[where] = value
        self._derive(state)

    def values(self, state: Steep) -> tuple[float, ...]:
        return (float(state.C[ENERGY] * state.unit),)

    def tolerance(self, state: Steep) -> float:
        return 0.0

    def terms(self, state: Steep) -> dict[str, float]:
        field = -float((state.b @ state.s) * state.unit)
        return {"Memories": self.values(state)[0] - field, "Field": field}

    def levels(self, problem: Problem) -> NDArray[np.float64]:
        m = np.maximum(gram(problem.memories) / problem.N, 0.0)
        return -problem.N * (m**self.exponent).sum(axis=0) - problem.memories @ problem.bias

    def read(self, state: Steep, channel: str) -> NDArray[Any]:
        return state.s.copy() if channel == "units" else state.M / len(state.s)

    def rest(self, state: Steep) -> Rest:
        return Rest.FIXED if state.C[STATUS] == FIXED else Rest.MOVING

    def guarantees(self, state: Steep) -> tuple[Guarantee, ...]:
        reason = "each neuron takes whichever of its two states has the lower E"
        holds = (Assumption("one at a time", True), Assumption("zero temperature", True))
        return (Guarantee("E", holds, reason),)

    def next_neuron(self, state: Steep) -> int | None:
        return int(state.order[state.C[POSITION]])

    def arithmetic(self, state: Steep, neuron: int) -> Arithmetic:
        i, unit = neuron, state.unit
        xi = state.xi[i].astype(np.int64)
        rest = state.M - xi * state.s[i]
        table = state.table
        gains = xi * (table[np.maximum(rest + 1, 0)] - table[np.maximum(rest - 1, 0)]) * (unit / 2)
        named = zip(state.problem.names, gains.tolist(), strict=True)
        parts = sorted(((f"Memory {n}", g) for n, g in named), key=lambda part: -abs(part[1]))
        if state.b[i]:
            parts.append(("External field", float(state.b[i] * unit)))
        h = float(steep_field(state.xi, table, state.b, state.M, state.s, i) * (unit / 2))
        old = int(state.s[i])
        new = -old if h * old < 0 else old
        return Arithmetic(i, h, 0.0, old, new, 2 * old * h if new != old else 0.0, tuple(parts))
