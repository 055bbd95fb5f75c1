"""Krotov & Hopfield 2019: receptive fields that learn without labels, up a Lyapunov function."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.insight import Example
from lyapstudio.core.model import (
    Assumption,
    Channel,
    Direction,
    Guarantee,
    Log,
    LyapunovFunction,
    Model,
    Problem,
    Repair,
    Rest,
    Stride,
)
from lyapstudio.core.param import Choice, ParamError, choice, integer, number, switch
from lyapstudio.core.resources import resource
from lyapstudio.core.rng import numpy_generator, streams
from lyapstudio.weights import ascent
from lyapstudio.weights.ascent import BATCHES, EPOCH, LAST, MEASURED, RAISED, Learning, Schedule
from lyapstudio.weights.learning import Competition, Floats, Inhibition, first_weights
from lyapstudio.weights.lesson import explain, rehearse, response_to

STARTS = (
    Choice(
        "noise",
        "Noise",
        "Random weights N(0, 1), as published.",
    ),
    Choice(
        "images",
        "Training images",
        "It shows digits before any learning: images with a little noise.",
    ),
    Choice(
        "sphere",
        "On the sphere",
        "Random weights of norm R. It collapses: try it.",
    ),
)
RULES = (
    Choice("fast", "Fast", "Units are ranked: the first is potentiated, the k-th depressed."),
    Choice("slow", "In time", "Lateral inhibition settles for each image, then the weights move."),
)
RANKINGS = (
    Choice("current", "Current I", "By the current, as published."),
    Choice("normalised", "Normalised Q", "By current over norm: then L is proved to rise."),
)
BATCHING = (
    Choice("mini", "Mini-batches", "The weights move after every batch of images."),
    Choice("full", "Full batch", "The weights move after all images: L is then proved to rise."),
)
FAST, SLOW = ("rule", ("fast",)), ("rule", ("slow",))


@dataclass(frozen=True)
class KrotovHopfield2019(Model):
    """D. Krotov & J. J. Hopfield, PNAS 116, 7723 (2019)."""

    title: ClassVar[str] = "Krotov–Hopfield 2019"
    year: ClassVar[int] = 2019
    caption: ClassVar[str] = "learning without labels"
    about: ClassVar[str] = resource("help", "krotov_hopfield2019.html").read_text("utf-8")
    functions: ClassVar[tuple[LyapunovFunction, ...]] = (
        LyapunovFunction(
            "L",
            "Lyapunov function",
            "<i>L</i> = mean of <i>Q</i><sub>winner</sub> − Δ <i>Q</i><sub><i>k</i>-th</sub>",
            Direction.RISES,
            "an image, on average",
        ),
    )
    channels: ClassVar[tuple[Channel, ...]] = (
        Channel("weights", "tiles", "Receptive fields"),
        Channel("norms", "each", "Norms", "norm of the weights"),
        Channel("wins", "each", "Wins", "units, most wins first"),
        Channel("image", "image", "This image"),
        Channel("currents", "each", "Currents"),
        Channel("pushes", "each", "Potentiated and depressed"),
    )
    uses_rule: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    icon: ClassVar[str] = "ph.circles-four-fill"

    K: int = integer(
        100,
        2,
        4000,
        label="Hidden units K",
        anew=True,
        log=True,
        help="How many units learn a receptive field. Another number starts anew.",
    )
    p: float = number(
        2.0,
        1.1,
        12.0,
        label="Norm p",
        help="Which norm the weights keep. A larger one makes fields sparser and sharper.",
    )
    k: int = integer(
        2,
        2,
        64,
        label="Depressed rank k",
        when=FAST,
        help="Which unit is pushed away from an image: 2 is the runner-up.",
    )
    delta: float = number(
        0.4,
        0.0,
        1.0,
        label="Depression Δ",
        help="How strongly it is pushed away. At 0 units grow alike, too much destroys the fields.",
    )
    step: float = number(
        0.02,
        1e-5,
        1.0,
        log=True,
        decimals=4,
        label="Step ε",
        when=FAST,
        help="How far the weight that changes most moves in one batch, in the first epoch.",
    )
    start_from: str = choice(
        "noise", STARTS, label="Start from", anew=True, help="The weights before learning."
    )
    rule: str = choice("fast", RULES, label="Competition", help="How units compete for an image.")
    h_star: float = number(
        2.5,
        0.0,
        100.0,
        label="Threshold h*",
        when=SLOW,
        help="Activity from which a unit is potentiated. Active units below it are depressed.",
    )
    w_inh: float = number(
        0.9,
        0.0,
        2.0,
        label="Inhibition w",
        when=SLOW,
        help="How strongly active units silence each other. From 1 on only one unit is left.",
    )
    rate: float = number(
        0.02,
        1e-6,
        1.0,
        log=True,
        decimals=5,
        label="Rate",
        when=SLOW,
        help="How far one image moves the weights, in the first epoch.",
    )
    batching: str = choice(
        "mini", BATCHING, label="Batches", when=FAST, help="When the weights move."
    )
    backtrack: bool = switch(
        True,
        label="Backtrack when L falls",
        when=("batching", ("full",)),
        help="Take back a step that lowered L and go half as far: then L never falls.",
    )
    epochs: int = integer(
        200,
        1,
        100_000,
        label="Epochs",
        advanced=True,
        help="How often all images are seen. The step shrinks to nothing on the way.",
    )
    batch: int = integer(
        100,
        1,
        5000,
        label="Batch",
        advanced=True,
        when=("batching", ("mini",)),
        help="How many images move the weights together.",
    )
    radius: float = number(
        1.0, 0.1, 10.0, label="Radius R", advanced=True, help="The norm that trained weights have."
    )
    anneal: bool = switch(
        True,
        label="Shrink the step",
        advanced=True,
        help="Lower the step in a straight line, down to 0 at the last epoch.",
    )
    ranking: str = choice(
        "current",
        RANKINGS,
        label="Rank units by",
        when=FAST,
        advanced=True,
        help="Which unit counts as the first and which as the k-th.",
    )
    gate: bool = switch(
        False,
        label="Only agreeing signs",
        when=FAST,
        advanced=True,
        help="As the commentary tells it: a weight whose sign opposes its input is left alone. "
        "The norms are then not held at R.",
    )
    probe: int = integer(
        1000,
        10,
        10_000,
        label="Probe images",
        advanced=True,
        help="On how many images, always the same ones, L is measured.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule == "fast" and self.k > self.K:
            words = f"The depressed rank k lies between 2 and {self.K}, the number of hidden units."
            raise ParamError("k", words)

    @property
    def schedule(self) -> Schedule:
        """What the parameters ask of the ascent."""
        slow = Inhibition(self.w_inh, self.h_star) if self.rule == "slow" else None
        by_q, k = self.ranking == "normalised", min(self.k, self.K)
        full = slow is None and self.batching == "full"
        c = Competition(self.p, k, self.delta, self.radius, by_q, self.gate and slow is None)
        size = self.rate if slow else self.step
        return Schedule(c, slow, full, self.backtrack, self.batch, self.epochs, size, self.anneal)

    # learning

    def start(self, problem: Problem) -> Learning:
        data = problem.data
        if data is None or not len(data.train):
            raise UserError("There are no images to learn from. Choose them under Data.")
        if not data.train.images.any():
            raise UserError("All images are blank: there is nothing to learn. Choose others.")
        s = self.schedule
        noise = numpy_generator(problem.seed, 11)
        W = first_weights(self.start_from, data.train, self.K, s.c, noise)
        return ascent.begin(problem, data.train, self.probe, W, streams(problem.seed, 1)[0], s)

    def resume(self, problem: Problem, saved: dict[str, NDArray[Any]]) -> Learning:
        state: Learning = super().resume(problem, saved)
        state.work = None  # it followed the weights of the start
        if not ascent.sound(state, self.schedule):
            raise UserError("What was learned is damaged. It starts anew.")
        return state

    def retune(self, state: Learning, problem: Problem) -> Learning:
        new = state.copy()
        new.problem = problem
        ascent.change_course(new, self.schedule, self.probe)
        return new

    def warm(self, state: Learning) -> None:
        rehearse(state, self.schedule, Inhibition(self.w_inh, self.h_star))

    def advance(self, state: Learning, updates: int, log: Log) -> int:
        return ascent.advance(state, self.schedule, updates, log)

    def rest(self, state: Learning) -> Rest:
        return Rest.FIXED if state.C[EPOCH] >= self.epochs else Rest.MOVING

    def strides(self, problem: Problem) -> tuple[Stride, ...]:
        n = len(problem.data.train) if problem.data else 1
        batch = self.schedule.images(n)
        rows = [Stride("image", "image", "images", 1)]
        if 1 < batch < n:
            rows.append(Stride("batch", "batch", "batches", batch))
        return (*rows, Stride("epoch", "epoch", "epochs", n))

    def pace(self, problem: Problem) -> float:
        return math.inf

    # the function

    def values(self, state: Learning) -> tuple[float, ...]:
        return (float(ascent.present(state, self.schedule).sum()),)

    def terms(self, state: Learning) -> dict[str, float]:
        return _named(ascent.present(state, self.schedule))

    def noted(self, state: Learning) -> tuple[tuple[float, ...], dict[str, float]]:
        return (float(state.noted.sum()),), _named(state.noted)

    def tolerance(self, state: Learning) -> float:
        return ascent.tolerance(state)

    def levels(self, problem: Problem) -> NDArray[np.float64]:
        return np.zeros(0)

    def guarantees(self, state: Learning) -> tuple[Guarantee, ...]:
        reason = "the winner's Q rises along the rule and the k-th's falls (Cauchy–Schwarz)"
        full = self.schedule.full
        if self.rule == "slow":
            cause = "inhibition in time: h, not Q, tells who learns; L(h) falls for each image."
            ranked = Assumption(
                "units ranked", False, cause, Repair("Rank the units", {"rule": "fast"})
            )
            return (Guarantee("L", (ranked,), reason),)
        rows = (
            Assumption(
                "full batch",
                full,
                "mini-batches: each asks for what suits its own images.",
                Repair("All images at once", {"batching": "full"}),
            ),
            Assumption(
                "ranked by Q",
                self.ranking == "normalised",
                "ranked by I: while norms differ, the largest current is not the largest Q.",
                Repair("Rank by Q", {"ranking": "normalised"}),
            ),
            Assumption(
                "step adapted",
                full and self.backtrack,
                "the step is fixed: close to the top it overshoots.",
                Repair("Backtrack", {"backtrack": True}),
            ),
            Assumption(
                "every weight moves",
                not self.gate,
                "weights are left out: off the sphere the proof needs all of them.",
                Repair("Let every weight move", {"gate": False}),
            ),
        )
        return (Guarantee("L", rows, reason, "" if full else "mini-batches"),)

    # what is shown

    def read(self, state: Learning, channel: str) -> NDArray[Any]:
        if channel == "weights":
            return state.W.copy()
        if channel == "norms":
            return ascent.shown(state, self.schedule).S ** (1 / self.p)
        if channel == "wins":
            return state.wins + state.won
        x, I, g = self._heard(state)
        return {"image": x, "currents": I, "pushes": g}[channel].copy()

    def _heard(self, state: Learning) -> tuple[Floats, Floats, Floats]:
        """The image seen last, the currents it drives, and which units it pushes."""
        key, work = (int(state.C[BATCHES]), int(state.C[LAST])), ascent.shown(state, self.schedule)
        if work.heard is None or work.heard[0] != key:
            x = state.train.floats(np.array(key[1:]))[0]
            moved = self.rule == "slow" and state.heard[0].any()  # W is no longer what heard it
            answer = state.heard if moved else response_to(work, x, self.schedule)
            work.heard = (key, (x, *answer))
        return work.heard[1]

    def facts(self, state: Learning) -> dict[str, float]:
        C, s = state.C, self.schedule
        won = (state.wins + state.won) > 0
        off = np.abs(self.read(state, "norms")[won] / self.radius - 1)
        return {
            "epoch": int(C[EPOCH]),
            "epochs": self.epochs,
            "batch": int(C[BATCHES]),
            "images": len(state.order),
            "step": s.step(int(C[EPOCH])),
            "winners": int(won.sum()),
            "dead_units": int(self.K - won.sum()),
            "norm_error": float(off.max(initial=0.0)),
            "raised": int(C[RAISED]),
            "measured": int(C[MEASURED]),
        }

    def example(self, state: Learning) -> Example:
        labels, last = state.train.labels, int(state.C[LAST])
        data = state.problem.data
        label = "" if labels is None or data is None else data.classes[int(labels[last])]
        x, I, g = self._heard(state)
        step = self.schedule.step(int(state.C[EPOCH])) if state.heard[0].any() else 0.0
        return explain(
            ascent.shown(state, self.schedule), state.W, x, I, g, self.schedule, last, label, step
        )


def _named(terms: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(("Winner", "Depressed"), terms.tolist(), strict=True))
