"""A network of two-state neurons in motion: its state, and what every representation shares.

Exactness: weights and biases are whole multiples of a grid unit, so fields are exact float64
sums and the energy is an exact int64. Nothing drifts, and the order of summation never matters.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.kernel import kernel, prefetch
from lyapstudio.core.model import Log, Problem, State
from lyapstudio.core.rng import below, step, streams, uniform

# Control integers, so that a kernel call carries few arguments.
ENERGY, HALF_L, OFFSET, POSITION, DRAWN, SHUFFLED, DIRTY, STATUS, COUNT, CLOCK, SKEW = range(11)
# Of asymmetric networks: when somebody last touched it; the state that is waited for (Brent 1980).
TOUCHED, PERIOD, AWAITED, PATIENCE = range(11, 15)
CONTROLS = 15
# Control reals.
UNIT, FINE, TWICE, HOT, SLOPE, COLD, ORIGIN, END = range(8)
# Values of C[STATUS].
MOVING, FIXED, CYCLE = range(3)

LOOKAHEAD = 10  # rows fetched before their turn; 8 to 14 are alike, fewer are slower (measured)
RESTLESS = 40  # sweeps after which an asymmetric network that has not settled is said to wander
STRETCH = 64  # turns drawn together, so that the generator stays in registers; a power of two


@dataclass
class Spins(State):
    """Everything that changes in a run of two-state neurons.

    weights : Dense, LowRank or Sparse; they stand at the version that `strokes` names
    strokes : weights set by hand until now; never written
    s, before : (N,) int8, the units now and one synchronous update ago; 0 where lesioned
    awaited : (N,) int8, a state that an asymmetric network may come back to
    order, rng : (N,) int32 and (2, 2) uint64; stream 0 shuffles the order, stream 1 is the heat
    b : (1,) or (N,) float64, bias of the fields in grid units; c : the bias in the energy, which
        is another one only for 0/1 units under asymmetric weights; never written
    M : sums of the low-rank form, unnormalised; h : local fields in grid units, bias included
    C, F : control integers and reals, named above
    """

    problem: Problem
    weights: Any
    strokes: tuple[Any, ...]
    s: NDArray[np.int8]
    before: NDArray[np.int8]
    awaited: NDArray[np.int8]
    order: NDArray[np.int32]
    rng: NDArray[np.uint64]
    b: NDArray[np.float64]
    c: NDArray[np.float64]
    M: NDArray[Any]
    h: NDArray[np.float64]
    C: NDArray[np.int64]
    F: NDArray[np.float64]
    shared: ClassVar[frozenset[str]] = frozenset({"problem", "weights", "strokes", "b", "c"})


def spins(problem: Problem, s: NDArray[np.int8]) -> Spins:
    """At the cue, with everything else still to be derived."""
    return Spins(
        update=0,
        problem=problem,
        weights=problem.weights,
        strokes=problem.strokes,
        s=s,
        before=s.copy(),
        awaited=s.copy(),
        order=np.arange(problem.N, dtype=np.int32),
        rng=streams(problem.seed, 2),
        b=np.zeros(1),
        c=np.zeros(1),
        M=np.zeros(0),
        h=np.zeros(0),
        C=np.zeros(CONTROLS, np.int64),
        F=np.zeros(8),
    )


def hold(state: Spins, T: float) -> None:
    """The same temperature for good."""
    F = state.F
    F[HOT] = F[COLD] = T
    F[SLOPE], F[END] = 0.0, -1.0


def cool(state: Spins, T1: float, T2: float, length: int) -> None:
    """A straight line in time; it begins now, unless the same one is under way."""
    F = state.F
    old = F[[HOT, COLD, SLOPE]].tolist()
    F[HOT], F[COLD], F[SLOPE] = T1, T2, (T2 - T1) / length
    if F[[HOT, COLD, SLOPE]].tolist() != old or F[END] < 0:
        F[ORIGIN] = state.update
    F[END] = F[ORIGIN] + length


def begin_order(state: Spins, *, shuffled: bool) -> None:
    """Begin the order of updates, where it is not under way already."""
    C, N = state.C, state.problem.N
    if C[DRAWN] and C[SHUFFLED] == int(shuffled):
        return
    C[SHUFFLED], C[POSITION], C[DRAWN] = int(shuffled), 0, 0
    if shuffled:
        draw_ahead(state.order, state.rng[0], C, 0)
    else:
        state.order[:] = np.arange(N, dtype=np.int32)
        C[DRAWN] = N


def fineness(reach: float, bulk: float, bias: float, N: int) -> float:
    """How finely a grid unit can be divided while fields and energy stay exact: a power of two.

    Parameters
    ----------
    reach, bulk : bounds on |field| and on the sum of |s h| over neurons, without bias
    bias : bound on |b|; all three in grid units
    """
    fields = math.log2(2 * (reach + bias) + 1)  # 0/1 units add the row sums: twice the reach
    energy = math.log2(4 * (2 * bulk + 2 * N * bias) + 1)
    bits = math.floor(min(30.0, 52 - fields, 62 - energy))
    if bits < 0:
        raise UserError("Thresholds and fields are too strong to be exact here: make them smaller.")
    return 2.0**bits


def counted(kernel: Any, state: Spins, log: Log, updates: int, *own: Any) -> int:
    """Call a loop of updates: what it logs goes on where the log stands; how many it did."""
    C = state.C
    C[COUNT] = log.count
    done = kernel(*own, C, state.F, log.at, log.values, updates)
    log.count, C[COUNT] = int(C[COUNT]), 0
    return int(done)


def warm(state: Spins) -> bool | None:
    """True where the temperature is, or may yet be, above zero; None where it is 0 for good."""
    F = state.F
    return True if F[COLD] > 0.0 or state.C[CLOCK] < F[END] else None


def skewed(state: Spins) -> NDArray[np.float64] | None:
    """The bias in the energy where weights are not symmetric, None where they are."""
    return state.c if state.C[SKEW] else None


@kernel
def temperature_at(F, t):
    """Temperature of the update that follows t updates: constant, or a straight line in time."""
    if t >= F[END]:
        return F[COLD]
    return F[HOT] + F[SLOPE] * (t - F[ORIGIN])


@kernel
def settle(h, old):
    """The sign of a neuron's field; a tie keeps its value, and a lesioned neuron stays silent."""
    return np.int8(-old) if h * old < 0.0 else old


@kernel
def decide(h, old, T, twice, r):
    """The new value of a neuron with field h: its sign (a tie keeps it), or heat bath at T > 0."""
    if T > 0.0 and old != 0:
        if uniform(r) * (1.0 + np.exp(-twice * h / T)) < 1.0:
            return np.int8(1)
        return np.int8(-1)
    return settle(h, old)


@kernel
def draw_ahead(order, r, C, position):
    """Fisher and Yates, as far as two stretches from a stretch's first place."""
    N = len(order)
    target = min(N, position + 2 * STRETCH)
    a, b = r[0], r[1]
    for k in range(C[DRAWN], target):
        j = k + below(a + b, N - k)
        a, b = step(a, b)
        site = order[j]
        order[j] = order[k]
        order[k] = site
    r[0], r[1] = a, b
    for k in range(target, min(N, target + STRETCH)):  # fetch what the next call will swap
        prefetch(order, k + below(a + b, N - k))
        a, b = step(a, b)
    C[DRAWN] = max(C[DRAWN], target)


@kernel
def turn_over(order, r, C, position):
    """At the end of a stretch: draw on, begin the next sweep where this one ends.

    Called where `ends` says so, and only there: chunks then never change the order.

    Returns
    -------
    the next place in the order, 0 at a new sweep
    """
    if position == len(order):
        position = 0
        if C[SHUFFLED] != 0:
            C[DRAWN] = 0
    draw_ahead(order, r, C, position)
    return position


@kernel
def ends(position, N):
    """Whether a stretch ends before this place."""
    return position & (STRETCH - 1) == 0 or position == N


@kernel
def decide_all(s, before, h, b, D, r, C, F, T):
    """One synchronous decision: s(t+1) goes into `before`, and half L(t+1) into C.

    Returns
    -------
    how many neurons change, and in how many s(t+1) differs from s(t-1)
    """
    step = 1 if len(b) > 1 else 0
    own = 1 if len(D) > 1 else 0
    flips = 0
    away = 0
    total = np.int64(0)
    for i in range(len(s)):
        new = decide(h[i], s[i], T, F[TWICE], r)
        total += np.int64((new * h[i] + s[i] * (b[i * step] - s[i] * D[i * own])) * F[FINE])
        flips += new != s[i]
        away += new != before[i]
        before[i] = new
    C[HALF_L] = C[OFFSET] - total
    return flips, away


@kernel
def energy_of(s, h, c, D, C, F):
    """E = -1/2 sum s (h + c - s D), with the bias inside h: into C, exactly.

    D : (1,) or (N,) self-couplings: a neuron's energy with itself is left out
    """
    step = 1 if len(c) > 1 else 0
    own = 1 if len(D) > 1 else 0
    total = np.int64(0)
    for i in range(len(s)):
        total += np.int64(s[i] * (h[i] + c[i * step] - s[i] * D[i * own]) * F[FINE])
    C[ENERGY] = C[OFFSET] - total


@kernel
def turn_of(old, h, out, Dii, twice_fine):
    """What E gains, in kernel units, where a neuron turns from old to its opposite.

    h, out : its field, and the field that it exerts: sum_j w_ji s_j + c_i. Both are the same
        where weights are symmetric; E has half of each. The neuron itself is in neither.
    """
    return np.int64(twice_fine * (old * (h + out) - 2.0 * Dii))


@kernel
def rewired(i, j, change, s, h, C, F):
    """Weights w_ij have changed: the energy follows exactly, and the fields where they are live."""
    total = np.int64(0)
    for k in range(len(i)):
        a, b = i[k], j[k]
        if a != b:
            total += np.int64(F[FINE] * change[k] * s[a] * s[b])
        if len(h) > 0:
            h[a] += change[k] * s[b]
    C[ENERGY] -= total


@kernel
def comes_back(s, awaited, C):
    """Whether an asymmetric network stands where it stood before: Brent's search for cycles.

    The state that is waited for is taken anew after 1, 2, 4, 8 … updates, so that a cycle of any
    length is found after a few rounds of it.
    """
    C[PERIOD] += 1
    same = True
    for i in range(len(s)):
        if s[i] != awaited[i]:
            same = False
            break
    if same:
        return True
    if C[PERIOD] >= C[PATIENCE]:
        C[PATIENCE] *= 2
        C[PERIOD] = 0
        awaited[:] = s
    return False


@kernel
def finish_step(flips, away, T, s, awaited, C, F, at, values):
    """Note both functions after a synchronous update; True where rest or a cycle is first met.

    A cycle goes on when it is asked to: it can be watched for ever.
    """
    was = C[STATUS]
    C[CLOCK] += 1
    count = C[COUNT]
    at[count] = C[CLOCK]
    values[count, 0] = C[ENERGY] * F[UNIT]
    values[count, 1] = C[HALF_L] * F[UNIT]
    C[COUNT] = count + 1
    if T == 0.0 and flips == 0:
        C[STATUS] = FIXED
    elif T == 0.0 and away == 0:
        C[STATUS], C[PERIOD] = CYCLE, 2
    elif T == 0.0 and C[SKEW] != 0 and was == MOVING and comes_back(s, awaited, C):
        C[STATUS] = CYCLE
    return C[STATUS] != was
