"""Hopfield's memory of 1982: two-state neurons that fall down an energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.insight import Arithmetic
from lyapstudio.core.model import (
    Assumption,
    Guarantee,
    Log,
    LyapunovFunction,
    Model,
    Problem,
    Repair,
    Rest,
    Stride,
    Units,
)
from lyapstudio.core.param import Choice, choice, integer, number, switch
from lyapstudio.core.resources import resource
from lyapstudio.weights import flips, proof
from lyapstudio.weights.factors import products_with
from lyapstudio.weights.flips import Spins


@dataclass(frozen=True)
class Hopfield1982(Model):
    """Binary network; J. J. Hopfield, PNAS 79, 2554 (1982)."""

    title: ClassVar[str] = "Hopfield 1982"
    year: ClassVar[int] = 1982
    caption: ClassVar[str] = "binary memory"
    about: ClassVar[str] = resource("help", "hopfield1982.html").read_text("utf-8")
    functions: ClassVar[tuple[LyapunovFunction, ...]] = (
        LyapunovFunction(
            "E",
            "Lyapunov function",
            "<i>E</i> = −½ Σ<sub>i≠j</sub> <i>w<sub>ij</sub> s<sub>i</sub> s<sub>j</sub></i> + "
            "Σ<sub>i</sub> (<i>θ<sub>i</sub></i> − <i>I<sub>i</sub></i>) <i>s<sub>i</sub></i>",
        ),
        LyapunovFunction(
            "½L",
            "Lyapunov function of updates together",
            "½<i>L</i>(t) = −½ <i>s</i>(t)<sup>T</sup><i>W s</i>(t−1) + "
            "½ Σ (<i>θ<sub>i</sub></i> − <i>I<sub>i</sub></i>) "
            "(<i>s<sub>i</sub></i>(t) + <i>s<sub>i</sub></i>(t−1))",
        ),
    )

    units: str = choice(
        "pm",
        (
            Choice("pm", "±1", "A silent neuron counts as −1 and still votes."),
            Choice("01", "0/1", "A silent neuron counts as 0 and does not vote."),
        ),
        label="Units",
        advanced=True,
        help="The two values of a neuron. With 0 and 1 the same weights need other thresholds: "
        "switch over and see which memories survive.",
    )
    update: str = choice(
        "random",
        (
            Choice("random", "One at a time", "Random order, every neuron once a sweep."),
            Choice("sequence", "In sequence", "One at a time, row by row."),
            Choice("together", "All together", "Every neuron decides at the same moment."),
        ),
        label="Update",
        help="Who changes when. Choose all together and E may rise, or the network may swing "
        "between two states for ever.",
    )
    threshold: float = number(
        0.0,
        -2.0,
        2.0,
        label="Threshold",
        advanced=True,
        help="What a neuron's field has to exceed before it fires. Raise it and the picture "
        "empties.",
    )
    field: float = number(
        0.0,
        -2.0,
        2.0,
        label="External field",
        advanced=True,
        help="An input that every neuron receives. Raise it and the picture fills.",
    )
    anneal: bool = switch(
        False,
        label="Anneal",
        advanced=True,
        help="Start hot and cool down. Try it from noise: slow cooling finds deeper valleys.",
    )
    T: float = number(
        0.0,
        0.0,
        10.0,
        label="Temperature",
        help="How often a neuron goes against its field. Try 0.3: the network jitters around "
        "a memory; above 1 it forgets.",
        when=("anneal", (False,)),
    )
    T1: float = number(
        1.0,
        0.0,
        10.0,
        label="From temperature",
        advanced=True,
        help="Where cooling begins. Above 1 nothing is remembered yet.",
        when=("anneal", (True,)),
    )
    T2: float = number(
        0.0,
        0.0,
        10.0,
        label="To temperature",
        advanced=True,
        help="Where cooling ends. At 0 the network settles.",
        when=("anneal", (True,)),
    )
    anneal_sweeps: int = integer(
        50,
        1,
        100000,
        label="Sweeps to cool",
        advanced=True,
        help="How slowly it cools, in sweeps over all neurons. Slower ends lower.",
        unit="sweeps",
        log=True,
        when=("anneal", (True,)),
    )

    # What the dynamics do

    def start(self, problem: Problem) -> Spins:
        s = problem.cue.copy()
        if problem.lesions is not None:
            s[problem.lesions] = 0
        state = flips.spins(problem, s)
        self._prepare(state, None)
        return state

    def retune(self, state: Spins, problem: Problem) -> Spins:
        new = state.copy()
        new.problem, new.weights, new.strokes = problem, problem.weights, problem.strokes
        since: Spins | None = state
        if problem.lesions is not state.problem.lesions:
            alive = problem.weights.alive(problem.lesions)
            woken = np.where(problem.cue == 0, np.int8(-1), problem.cue)
            new.s = np.where(new.s == 0, woken, new.s) * alive
            since = None
        self._prepare(new, since)
        return new

    def rewire(self, state: Spins, problem: Problem) -> bool:
        """Follow weights that were edited by hand, in place and in time for their number."""
        W = state.weights
        if problem.weights is not W or problem.lesions is not state.problem.lesions:
            return False
        self._weights(state)
        changes = W.follow(problem.strokes)
        old, state.problem, state.strokes = state.problem, problem, problem.strokes
        C, F = state.C, state.F
        span = float(np.abs(state.b).max())
        roomy = flips.fineness(W.reach, W.bulk, span, W.N) >= F[flips.FINE]
        same = C[flips.SKEW] == int(not W.symmetric) and old.bias is problem.bias
        if self.units != "pm" or not roomy or not same:
            self._prepare(state, None)
            return True
        for i, j, change in changes:
            flips.rewired(i, j, change, state.s, state.h, C, F)
        self._touched(state)
        return True

    def _weights(self, state: Spins) -> Any:
        """The weights, at the version that the state belongs to."""
        state.weights.follow(state.strokes)
        return state.weights

    def _prepare(self, state: Spins, since: Spins | None) -> None:
        """Bias, control numbers and fields for these parameters; units, clock and rng stay."""
        W = self._weights(state)
        state.b, state.c = self._biases(state.problem, W)
        span = float(max(np.abs(state.b).max(), np.abs(state.c).max()))
        fine = flips.fineness(W.reach, W.bulk, span, W.N)
        if W.overlay.count and fine < 2.0**W.bits:
            raise UserError("Weights, thresholds and fields are too strong to be exact together.")
        state.b, state.c = np.rint(state.b * fine) / fine, np.rint(state.c * fine) / fine
        C, F = state.C, state.F
        F[flips.UNIT] = self._scale(W) / (2 * fine)
        F[flips.FINE] = fine
        F[flips.TWICE] = 2 * self._scale(W)
        C[flips.SKEW] = int(not W.symmetric)
        C[flips.OFFSET] = self._offset(state)
        self._heat(state)
        if self.update != "together":
            flips.begin_order(state, shuffled=self.update == "random")
        W.derive(state, self.update == "together", since)
        self._touched(state)

    def _touched(self, state: Spins) -> None:
        """Weights or units were changed from outside: nothing is known of rest."""
        C = state.C
        state.before, state.awaited = state.s.copy(), state.s.copy()
        C[flips.TOUCHED], C[flips.PERIOD], C[flips.PATIENCE] = C[flips.CLOCK], 0, 1
        C[flips.HALF_L] = C[flips.ENERGY]
        C[flips.STATUS] = flips.MOVING
        C[flips.DIRTY] = 1 if C[flips.POSITION] else 0  # a broken-off sweep proves nothing

    def advance(self, state: Spins, updates: int, log: Log) -> int:
        W, at_once = self._weights(state), self.update == "together"
        done = (W.together if at_once else W.one_at_a_time)(state, updates, log)
        state.update += done
        return int(done)

    def poke(self, state: Spins, where: NDArray[np.int64], value: int) -> None:
        target = state.s.copy()
        target[where] = value
        self.set_units(state, target)

    def set_units(self, state: Spins, target: Units) -> None:
        """Write all units by hand; fields, overlaps and energy follow. Lesions stay silent."""
        lesions = state.problem.lesions
        if lesions is not None:
            target = np.where(lesions, np.int8(0), target)
        self._weights(state).set_units(state, target)
        self._touched(state)

    # What can be read

    def values(self, state: Spins) -> tuple[float, ...]:
        unit = state.F[flips.UNIT]
        half = state.C[flips.HALF_L] * unit if self.update == "together" else np.nan
        return float(state.C[flips.ENERGY] * unit), float(half)

    def tolerance(self, state: Spins) -> float:
        return 0.0  # whole numbers of grid units: exact

    def terms(self, state: Spins) -> dict[str, float]:
        problem = state.problem
        active = state.s if self.units == "pm" else state.s > 0
        sums = float(active.sum(dtype=np.int64))
        terms = {"Thresholds": self.threshold * sums}
        if self.field or problem.bias.any():
            terms["Field"] = -self.field * sums - float(problem.bias @ active)
        pairs = self.values(state)[0] - sum(terms.values())
        return {"Pairs": pairs, **terms}

    def levels(self, problem: Problem) -> NDArray[np.float64]:
        W = problem.weights
        W.follow(problem.strokes)
        alive = W.alive(problem.lesions)
        bias = self._paper_bias(problem)
        if self.units == "pm":
            return W.levels(alive) - products_with(problem.memories, bias * alive)
        # E of V = (1 + s)/2 under T: a quarter of -1/2 s T s, and what is linear or constant in s
        rows, cols = (W.totals(alive, across) * W.scale for across in (False, True))
        own = float(np.broadcast_to(W.D, W.N) @ alive) * W.scale
        linear = (rows + cols) / 8 + bias / 2
        constant = (float(rows @ alive) + own) / 8 + float(bias @ alive) / 2
        return W.levels(alive) / 4 - products_with(problem.memories, linear * alive) - constant

    def read(self, state: Spins, channel: str) -> NDArray[Any]:
        if channel == "units":
            return state.s.copy()
        W, lesions = self._weights(state), state.problem.lesions
        living = W.N if lesions is None else max(1, W.N - int(lesions.sum()))
        return W.sums(state) / living

    def rest(self, state: Spins) -> Rest:
        C, status = state.C, state.C[flips.STATUS]
        if status == flips.MOVING:
            restless = 0 if self.update == "together" else flips.RESTLESS * state.problem.N
            lost = C[flips.SKEW] and restless and C[flips.CLOCK] - C[flips.TOUCHED] > restless
            return Rest.WANDERING if state.F[flips.COLD] > 0 or lost else Rest.MOVING
        return Rest.FIXED if status == flips.FIXED else Rest.CYCLE

    def period(self, state: Spins) -> int:
        return max(2, int(state.C[flips.PERIOD]))

    def temperature(self, state: Spins) -> float:
        return float(flips.temperature_at.python(state.F, state.C[flips.CLOCK]))

    def strides(self, problem: Problem) -> tuple[Stride, ...]:
        if self.update == "together":
            return (Stride("update", "step", "steps", 1),)
        return super().strides(problem)

    def next_neuron(self, state: Spins) -> int | None:
        if self.update == "together":
            return None
        return int(state.order[state.C[flips.POSITION]])

    def incoming(self, state: Spins, neuron: int) -> NDArray[np.float64]:
        return self._weights(state).incoming(neuron)

    def outgoing(self, state: Spins, neuron: int) -> NDArray[np.float64]:
        return self._weights(state).outgoing(neuron)

    def block(self, state: Spins, *where: int) -> NDArray[Any]:
        return self._weights(state).block(*where)

    def arithmetic(self, state: Spins, neuron: int) -> Arithmetic:
        W, i = self._weights(state), neuron
        zero_one, cols = self.units == "01", state.problem.cols
        old = int(state.s[i])
        # With 0/1 units the field is T V - U + I: twice the field of the equivalent ±1 network.
        total = W.field(state, i) * self._scale(W) * (2 if zero_one else 1)
        own = self.field + float(state.problem.bias[i])
        s = state.s
        if zero_one:  # V = (1 + s)/2
            s = (s + W.alive(state.problem.lesions)) / 2
        parts = W.parts(i, s, cols, None if zero_one else W.live_sums(state))
        heard = total - own + self.threshold
        rest = heard - sum(share for _, share in parts)
        if abs(rest) > 1e-9 * max(1.0, abs(heard)):
            edited = len(W.overlay.row(i)[0]) > 0
            parts.append(("Edited weights" if edited else "Minus itself", rest))
        if own:
            parts.append(("External field", own))
        T = self.temperature(state)
        reach = total / 2 if zero_one else total
        chance = float(1 / (1 + np.exp(np.clip(-2 * reach / T, -700, 700)))) if T > 0 else None
        new = old if total == 0 or old == 0 else (1 if total > 0 else -1)
        change = W.rise(state, i, new - old) * state.F[flips.UNIT] if new != old else 0.0
        return Arithmetic(i, heard + own, self.threshold, old, new, change, tuple(parts), chance)

    def guarantees(self, state: Spins) -> tuple[Guarantee, ...]:
        together = self.update == "together"
        cold = Assumption(
            "zero temperature",
            not (self.temperature(state) > 0 or state.F[flips.COLD] > 0),
            "temperature above 0: A neuron then sometimes goes against its field, and "
            "<i>E</i> rises.",
            Repair("Set temperature to 0", {"T": 0.0, "anneal": False}),
        )
        W = self._weights(state)
        symmetric = proof.symmetric_weights(W, state.problem.cols)
        lone = Assumption(
            "one at a time",
            not together,
            "neurons update together: <i>E</i> is proved to fall only if one neuron moves at a "
            "time. Here each answers the others' old state.",
            Repair("Update one at a time", {"update": "random"}),
        )
        own = proof.no_self_inhibition(W)
        falls = "each flip changes E by 2 s h, and a neuron flips only where that is negative"
        energy = Guarantee("E", (symmetric, lone, own, cold), falls, exists=W.symmetric)
        if not together:
            return (energy,)
        both = "the new state is the one that makes L smallest, given the state before"
        return energy, Guarantee("½L", (symmetric, cold), both, exists=W.symmetric)

    # How the parameters become control numbers

    def _scale(self, W: Any) -> float:
        """One grid unit of the ±1 network's field; a 0/1 network has a quarter of the weights."""
        return W.scale if self.units == "pm" else W.scale / 4

    def _paper_bias(self, problem: Problem) -> NDArray[np.float64]:
        """(N,) I - theta, the painted part included."""
        return problem.bias + (self.field - self.threshold)

    def _biases(self, problem: Problem, W: Any) -> tuple[NDArray[np.float64], ...]:
        """(1,) or (N,) bias of fields and of the energy, ±1 network, grid units (science.md 1)."""
        if self.units == "01":
            alive, own = W.alive(problem.lesions), self._paper_bias(problem) * (2 / W.scale)
            b = W.totals(alive) + own
            return b, (b if W.symmetric else W.totals(alive, across=True) + own)
        bias = self._paper_bias(problem) / W.scale
        bias = bias if problem.bias.any() else bias[:1].copy()
        return bias, bias

    def _offset(self, state: Spins) -> int:
        """What makes the energy of the 0/1 network 0 where every unit is 0, in kernel units."""
        if self.units == "pm":
            return 0
        fine, W = state.F[flips.FINE], state.weights
        alive = W.alive(state.problem.lesions).astype(np.int64)
        rows = (W.totals(W.alive(state.problem.lesions)) * fine).astype(np.int64)
        own = np.broadcast_to((W.D * fine).astype(np.int64), W.N)
        b, c = ((side * fine).astype(np.int64) for side in (state.b, state.c))
        return int(((rows - own - b - c) * alive).sum())

    def _heat(self, state: Spins) -> None:
        """Temperature in time; cooling begins where it was switched on."""
        length = self.anneal_sweeps * (1 if self.update == "together" else state.problem.N)
        if self.anneal:
            flips.cool(state, self.T1, self.T2, length)
        else:
            flips.hold(state, self.T)
