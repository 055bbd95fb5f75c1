"""Hopfield's memory of 1982: two-state neurons that fall down an energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

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
from lyapstudio.core.rng import streams
from lyapstudio.weights import flips
from lyapstudio.weights.flips import Spins

ABOUT = (
    "<h2>Hopfield's network (1982)</h2>"
    "<p>Neurons with two states, <i>s<sub>i</sub></i> = &plusmn;1, listen to each other through "
    "weights <i>w<sub>ij</sub></i>. When it is neuron <i>i</i>'s turn it takes the sign of its "
    "field:</p>"
    "<p><i>s<sub>i</sub></i> &larr; sign(&Sigma;<sub><i>j</i></sub> <i>w<sub>ij</sub> "
    "s<sub>j</sub></i> &minus; &theta;<sub><i>i</i></sub> + <i>I<sub>i</sub></i>)</p>"
    "<p>&theta; is the threshold, <i>I</i> the external field; a field of exactly 0 changes "
    "nothing. Each such change lowers the energy</p>"
    "<p><i>E</i> = &minus;&frac12; &Sigma;<sub><i>ij</i></sub> <i>w<sub>ij</sub> s<sub>i</sub> "
    "s<sub>j</sub></i> + &Sigma;<sub><i>i</i></sub> (&theta;<sub><i>i</i></sub> &minus; "
    "<i>I<sub>i</sub></i>) <i>s<sub>i</sub></i></p>"
    "<p>so the network must stop, in a valley of <i>E</i>. The learning rule digs a valley at "
    "each memory: start near one and the network completes it.</p>"
    "<p><b>When is <i>E</i> sure to fall?</b> If the weights are symmetric, no neuron inhibits "
    "itself, neurons change one at a time, and the temperature is 0. Updated all "
    "together, <i>E</i> may rise; then &frac12;<i>L</i>(<i>t</i>) = &minus;&frac12; "
    "<i>s</i>(<i>t</i>)<sup>T</sup><i>W s</i>(<i>t</i>&minus;1) + &frac12; "
    "&Sigma;(&theta; &minus; <i>I</i>)(<i>s</i>(<i>t</i>) + <i>s</i>(<i>t</i>&minus;1)) never "
    "does, and the network ends at rest or in a cycle of two states.</p>"
    "<p><b>Temperature.</b> At <i>T</i> &gt; 0 a neuron takes +1 with probability "
    "1/(1 + e<sup>&minus;2<i>h</i>/<i>T</i></sup>): it mostly goes down and sometimes up, and "
    "states appear in proportion to e<sup>&minus;<i>E</i>/<i>T</i></sup>.</p>"
    "<p><b>What to look for.</b> The curve is a staircase: flat where a neuron keeps its state, "
    "a step down where it flips. It ends on the dashed line of a memory, of its inverse (the "
    "same height), or at a level of its own: a mixture or another spurious state.</p>"
    "<p>J. J. Hopfield, <i>PNAS</i> 79, 2554 (1982); synchronous updates: E. Goles, "
    "F. Fogelman-Souli&eacute; &amp; D. Pellegrin (1985).</p>"
)


@dataclass(frozen=True)
class Hopfield1982(Model):
    """Binary network; J. J. Hopfield, PNAS 79, 2554 (1982)."""

    title: ClassVar[str] = "Hopfield 1982"
    year: ClassVar[int] = 1982
    caption: ClassVar[str] = "binary memory"
    about: ClassVar[str] = ABOUT
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
        N = problem.N
        state = Spins(
            update=0,
            problem=problem,
            weights=problem.weights,
            s=problem.cue.copy(),
            before=problem.cue.copy(),
            order=np.arange(N, dtype=np.int32),
            rng=streams(problem.seed, 2),
            b=np.zeros(1),
            M=np.zeros(0),
            h=np.zeros(0),
            C=np.zeros(10, np.int64),
            F=np.zeros(8),
        )
        self._prepare(state, None)
        return state

    def retune(self, state: Spins, problem: Problem) -> Spins:
        new = state.copy()
        new.problem, new.weights = problem, problem.weights
        self._prepare(new, state)
        return new

    def _prepare(self, state: Spins, since: Spins | None) -> None:
        """Bias, control numbers and fields for these parameters; units, clock and rng stay."""
        W = state.weights
        state.b = self._bias(state.problem, W)
        span = float(np.abs(state.b).max())
        fine = flips.fineness(W.reach, W.bulk, span, W.N)
        state.b = np.rint(state.b * fine) / fine
        C, F = state.C, state.F
        F[flips.UNIT] = self._scale(W) / (2 * fine)
        F[flips.FINE] = fine
        F[flips.TWICE] = 2 * self._scale(W)
        C[flips.OFFSET] = self._offset(state)
        self._heat(state)
        self._ordering(state)
        C[flips.STATUS] = flips.MOVING
        C[flips.DIRTY] = 1 if C[flips.POSITION] else 0  # a broken-off sweep proves nothing
        W.derive(state, self.update == "together", since)
        state.before = state.s.copy()
        C[flips.HALF_L] = C[flips.ENERGY]

    def advance(self, state: Spins, updates: int, log: Log) -> int:
        if self.update == "together":
            done = state.weights.together(state, updates, log)
        else:
            done = state.weights.one_at_a_time(state, updates, log)
        state.update += done
        return int(done)

    def poke(self, state: Spins, where: NDArray[np.int64], value: int) -> None:
        target = state.s.copy()
        target[where] = value
        self.set_units(state, target)

    def set_units(self, state: Spins, target: Units) -> None:
        """Write all units by hand; fields, overlaps and energy follow exactly."""
        state.weights.set_units(state, target)
        state.before[:] = state.s
        C = state.C
        C[flips.HALF_L] = C[flips.ENERGY]
        C[flips.STATUS] = flips.MOVING
        C[flips.DIRTY] = 1 if C[flips.POSITION] else 0

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
        W, xi = problem.weights, problem.memories
        bias = self._paper_bias(problem)
        if self.units == "pm":
            return W.levels() - xi @ bias
        # E of V = (1 + s)/2 under T: a quarter of -1/2 s T s, and what is linear or constant in s
        rows = W.row_sums * W.scale
        linear = rows / 4 + bias / 2
        return W.levels() / 4 - xi @ linear - (rows.sum() / 8 + bias.sum() / 2)

    def read(self, state: Spins, channel: str) -> NDArray[Any]:
        if channel == "units":
            return state.s.copy()
        return state.weights.sums(state) / state.weights.N

    def rest(self, state: Spins) -> Rest:
        status = state.C[flips.STATUS]
        if status == flips.MOVING:
            return Rest.WANDERING if state.F[flips.COLD] > 0 else Rest.MOVING
        return Rest.FIXED if status == flips.FIXED else Rest.CYCLE

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
        return state.weights.incoming(neuron)

    def arithmetic(self, state: Spins, neuron: int) -> Arithmetic:
        W, i = state.weights, neuron
        zero_one = self.units == "01"
        old = int(state.s[i])
        # With 0/1 units the field is T V - U + I: twice the field of the equivalent ±1 network.
        total = W.field(state, i) * self._scale(W) * (2 if zero_one else 1)
        own = self.field + float(state.problem.bias[i])
        memories = W.parts(i, W.sums(state))
        if zero_one:
            ones = W.overlaps(np.ones(W.N, np.int8))
            memories = (memories + W.parts(i, ones)) / 2
        parts = [(f"Memory {name}", float(m)) for name, m in zip(W.names, memories, strict=True)]
        parts.sort(key=lambda part: -abs(part[1]))
        heard = total - own + self.threshold
        if len(memories):
            parts.append(("Minus itself", heard - float(memories.sum())))
        if own:
            parts.append(("External field", own))
        T = self.temperature(state)
        reach = total / 2 if zero_one else total
        chance = float(1 / (1 + np.exp(np.clip(-2 * reach / T, -700, 700)))) if T > 0 else None
        new = old if total == 0 else (1 if total > 0 else -1)
        change = 2 * old * reach if new != old else 0.0
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
        symmetric = Assumption(
            "symmetric weights",
            state.weights.symmetric,
            "the weights are not symmetric: Where the two weights of a pair differ there is no "
            "such function.",
        )
        lone = Assumption(
            "one at a time",
            not together,
            "neurons update together: <i>E</i> is proved to fall only if one neuron moves at a "
            "time. Here each answers the others' old state.",
            Repair("Update one at a time", {"update": "random"}),
        )
        own = Assumption("no self-coupling", True, "self-inhibition: Such a neuron overshoots.")
        falls = "each flip changes E by 2 s h, and a neuron flips only where that is negative"
        energy = Guarantee("E", (symmetric, lone, own, cold), falls)
        if not together:
            return (energy,)
        both = "the new state is the one that makes L smallest, given the state before"
        return energy, Guarantee("½L", (symmetric, cold), both)

    # How the parameters become control numbers

    def _scale(self, W: Any) -> float:
        """One grid unit of the ±1 network's field; a 0/1 network has a quarter of the weights."""
        return W.scale if self.units == "pm" else W.scale / 4

    def _paper_bias(self, problem: Problem) -> NDArray[np.float64]:
        """(N,) I - theta, the painted part included."""
        return problem.bias + (self.field - self.threshold)

    def _bias(self, problem: Problem, W: Any) -> NDArray[np.float64]:
        """(1,) or (N,) bias of the ±1 network in grid units (science.md 1, Units)."""
        if self.units == "01":
            return W.row_sums + self._paper_bias(problem) * (2 / W.scale)
        bias = self._paper_bias(problem) / W.scale
        return bias if problem.bias.any() else bias[:1].copy()

    def _offset(self, state: Spins) -> int:
        """What makes the energy of the 0/1 network 0 where every unit is 0, in kernel units."""
        if self.units == "pm":
            return 0
        fine = state.F[flips.FINE]
        rows = int((state.weights.row_sums * fine).astype(np.int64).sum())
        return rows - 2 * int((state.b * fine).astype(np.int64).sum())

    def _heat(self, state: Spins) -> None:
        """Temperature in time; cooling begins where it was switched on."""
        F = state.F
        old = F[[flips.HOT, flips.COLD, flips.SLOPE]].tolist()
        if not self.anneal:
            F[flips.HOT] = F[flips.COLD] = self.T
            F[flips.SLOPE], F[flips.END] = 0.0, -1.0
            return
        length = self.anneal_sweeps * (1 if self.update == "together" else state.problem.N)
        F[flips.HOT], F[flips.COLD] = self.T1, self.T2
        F[flips.SLOPE] = (self.T2 - self.T1) / length
        if F[[flips.HOT, flips.COLD, flips.SLOPE]].tolist() != old or F[flips.END] < 0:
            F[flips.ORIGIN] = state.update
        F[flips.END] = F[flips.ORIGIN] + length

    def _ordering(self, state: Spins) -> None:
        """Begin the order that the parameters ask for, where it is not under way already."""
        C, N = state.C, state.problem.N
        shuffled = int(self.update == "random")
        if self.update == "together" or (C[flips.DRAWN] and C[flips.SHUFFLED] == shuffled):
            return
        C[flips.SHUFFLED], C[flips.POSITION], C[flips.DRAWN] = shuffled, 0, 0
        if shuffled:
            flips.draw_ahead(state.order, state.rng[0], C, 0)
        else:
            state.order[:] = np.arange(N, dtype=np.int32)
            C[flips.DRAWN] = N
