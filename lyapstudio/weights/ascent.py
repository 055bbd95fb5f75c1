"""How weights climb L, image by image: epochs, batches, the step, and what L is on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import Part
from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import Log, Problem, State
from lyapstudio.core.rng import below, draw
from lyapstudio.weights.competition import FLOOR, settle_change
from lyapstudio.weights.learning import (
    Competition,
    Counts,
    Floats,
    FullPass,
    Inhibition,
    Work,
    refuse,
)

EPOCH, PLACE, START, END, BATCHES, LAST, RAISED, MEASURED, NOTED = range(9)
"""The clock: epochs done; images of this epoch seen; bounds of the batch in it; batches done; the
image seen last; batches measured and those that raised L; the batch after which L was noted."""
SLICE = 500
"""Images of a full pass taken at a time: the worker hears a click in between."""
SPARSE = 200
"""L is measured at least so often, in batches: measuring then costs a tenth of learning."""
DENSE, COARSE = 4, 1
"""2^4 measurements for each doubling of the time before that; 2 where one takes long."""
LONG = 300_000_000
"""Products of one measurement from which it takes long, some 10 ms."""
REGROWTH = 1.1
"""By how much a step that was halved grows again with each success."""


@kernel
def shuffle(order, r):  # type: ignore[no-untyped-def]
    """Fisher-Yates, in place; order : (n,) int32, r : (2,) uint64."""
    for i in range(len(order) - 1, 0, -1):
        j = below(draw(r), i + 1)
        order[i], order[j] = order[j], order[i]


@dataclass(frozen=True)
class Schedule:
    """What is asked of the ascent; `slow` None means the fast rule."""

    c: Competition
    slow: Inhibition | None
    full: bool
    backtrack: bool
    batch: int
    epochs: int
    size: float
    anneal: bool

    def step(self, epoch: int) -> float:
        """The step in an epoch, counted from 0."""
        return self.size * (1 - epoch / self.epochs) if self.anneal else self.size

    def images(self, n: int) -> int:
        """Images of one batch, of n in all."""
        if self.slow is not None:
            return 1
        return n if self.full else min(self.batch, n)


@dataclass
class Learning(State):
    """W : (K, N) float32; order : (n,) int32 of this epoch; C : the clock, see EPOCH …

    probe : (m, N) float32 on which L is measured; train : what is learned from
    heard : (2, K) currents and pushes of the image that moved W last, where the rule is slow
    wins, won : (K,) in this epoch and in the last one; noted : (2,) terms of L when last measured
    In full batches: trial, the weights under test; ds, gI, touched, terms, what they ask for so
    far; way, the direction of the last step, its largest change 1; shrink, what backtracking left
    """

    problem: Problem
    train: Part
    probe: Floats
    W: Floats
    order: NDArray[np.int32]
    rng: NDArray[np.uint64]
    C: NDArray[np.int64]
    wins: Counts
    won: Counts
    noted: NDArray[np.float64]
    terms: NDArray[np.float64]
    gI: NDArray[np.float64]
    touched: NDArray[np.uint8]
    heard: Floats
    trial: Floats
    ds: Floats
    way: Floats
    shrink: float = 1.0
    work: Any = field(default=None, compare=False)
    shared: ClassVar[frozenset[str]] = frozenset({"problem", "train", "probe", "work"})

    def copy(self) -> Learning:
        new = super().copy()
        new.work = None  # it follows other weights
        return new


def begin(problem: Problem, train: Part, probe: int, W: Floats, rng: Any, s: Schedule) -> Learning:
    """A fresh state; L is measured on `probe` images spread over the data."""
    n, (K, N) = len(train), W.shape
    empty = np.empty((0, N), np.float32)
    state = Learning(
        update=0,
        problem=problem,
        train=train,
        probe=probe_images(train, probe),
        W=W,
        order=np.arange(n, dtype=np.int32),
        rng=rng,
        C=np.zeros(9, np.int64),
        wins=np.zeros(K, np.int64),
        won=np.zeros(K, np.int64),
        noted=np.full(2, np.nan),
        terms=np.zeros(2),
        gI=np.zeros(K),
        touched=np.zeros(K, np.uint8),
        heard=np.zeros((2, K), np.float32),
        trial=empty,
        ds=empty,
        way=empty,
    )
    shuffle(state.order, state.rng)
    state.C[LAST] = state.order[0]
    open_batch(state, s)
    measure(state, s)
    return state


def probe_images(train: Part, count: int) -> Floats:
    """(m, N) images at equal distances: always the same ones."""
    return train.floats(np.linspace(0, len(train) - 1, min(count, len(train))).astype(np.int64))


def change_course(state: Learning, s: Schedule, probe: int) -> None:
    """Go on under another schedule; a batch that is broken off moves nothing."""
    state.work = None
    if len(state.probe) != min(probe, len(state.train)):
        state.probe = probe_images(state.train, probe)
    state.trial = state.ds = state.way = np.empty((0, state.W.shape[1]), np.float32)
    state.terms[:], state.gI[:], state.touched[:], state.shrink = 0, 0, 0, 1.0
    if s.full or state.C[PLACE] == len(state.order):
        state.C[PLACE] = 0  # a pass is over all images; a batch that was refused was the last
    open_batch(state, s)
    measure(state, s)


def open_batch(state: Learning, s: Schedule) -> None:
    C, n = state.C, len(state.order)
    C[START] = C[PLACE]
    C[END] = min(C[START] + s.images(n), n)
    if s.full and not len(state.trial):
        state.trial = state.W.copy()
        state.ds, state.way = np.zeros_like(state.W), np.zeros_like(state.W)


def work_of(state: Learning, s: Schedule) -> Work:
    """What follows from the weights: made when it is first needed."""
    if state.work is None:
        W = state.trial if s.full else state.W
        state.work = Work(W, max(SLICE if s.full else s.batch, 100), s.c)
    return state.work


def shown(state: Learning, s: Schedule) -> Work:
    """What follows from W itself: in full batches the run's own follows the weights on trial."""
    work = work_of(state, s)
    if not s.full:
        return work
    if work.shown is None or work.shown[0] != state.C[NOTED]:
        work.shown = (int(state.C[NOTED]), Work(state.W, 1, s.c))
    return work.shown[1]


def advance(state: Learning, s: Schedule, updates: int, log: Log) -> int:
    """See so many images; the weights move whenever a batch is complete."""
    C, done = state.C, 0
    while done < updates and C[EPOCH] < s.epochs and log.room:
        end = int(C[END])
        if s.full:
            end = min(end, (int(C[PLACE]) // SLICE + 1) * SLICE)
        seen = min(updates - done, end - int(C[PLACE]))
        C[PLACE] += seen
        done += seen
        state.update += seen
        C[LAST] = state.order[C[PLACE] - 1]
        if C[PLACE] < end:
            break
        if s.full:
            add_slice(state, s, (end - 1) // SLICE * SLICE, end)
        if end == C[END]:
            end_batch(state, s, log)
    return done


def add_slice(state: Learning, s: Schedule, a: int, b: int) -> None:
    into = FullPass(state.ds, state.gI, state.touched, state.wins, state.terms)
    images, work = state.train.images, work_of(state, s)
    work.gather_pass(state.trial, images, state.order[a:b], s.c, into)


def end_batch(state: Learning, s: Schedule, log: Log) -> None:
    C, images = state.C, state.train.images
    order = state.order[C[START] : C[END]]
    step = s.step(int(C[EPOCH]))
    if s.full:
        end_pass(state, s, log)
    elif s.slow is not None:
        work = work_of(state, s)
        work.one_image(state.W, images, order, s.c, s.slow, step, state.wins, state.heard)
    else:
        work_of(state, s).mini_batch(state.W, images, order, s.c, step, state.wins)
    C[BATCHES] += 1
    if C[END] == len(state.order):
        C[EPOCH] += 1
        C[PLACE] = 0
        state.won[:], state.wins[:] = state.wins, 0
        shuffle(state.order, state.rng)
    open_batch(state, s)
    dense = COARSE if state.W.size * len(state.probe) > LONG else DENSE
    if not s.full and (due(int(C[BATCHES]), dense) or due(int(C[BATCHES]) - 1, dense)):
        note(state, s, log)


def end_pass(state: Learning, s: Schedule, log: Log) -> None:
    """Take the weights under test, or half the step that led to them, where they lowered L."""
    C, terms = state.C, state.terms / len(state.order)
    L, before = float(terms.sum()), float(state.noted.sum())
    if s.backtrack and before - tolerance(state) > L:
        state.shrink /= 2
    else:
        most = settle_change(state.trial, state.ds, state.gI, state.touched)
        refuse(most)
        state.W[:] = state.trial
        state.noted[:], C[NOTED] = terms, C[BATCHES] + 1
        if not math.isnan(before) and state.way.any():  # the first pass has moved nothing yet
            C[MEASURED] += 1
            C[RAISED] += before < L
            state.shrink = min(1.0, state.shrink * REGROWTH)
        log.note(state.update, L)
        state.ds[state.touched == 0] = 0
        state.way, state.ds = state.ds, state.way
        state.way /= np.float32(max(most, FLOOR))
    step = s.step(int(C[EPOCH])) * state.shrink
    np.multiply(state.way, np.float32(step), out=state.trial)
    state.trial += state.W
    state.terms[:], state.gI[:], state.touched[:] = 0, 0, 0
    work_of(state, s).follow(state.trial, s.c)


def due(batch: int, dense: int = DENSE) -> bool:
    """Whether L is measured after so many batches: often at first, then now and then."""
    gap = 1 << max(0, batch.bit_length() - 1 - dense)
    return batch > 0 and batch % min(gap, SPARSE) == 0


def note(state: Learning, s: Schedule, log: Log) -> None:
    """Measure L; where it was measured a batch ago, count whether this one raised it."""
    C, before, at = state.C, float(state.noted.sum()), int(state.C[NOTED])
    measure(state, s)
    after = float(state.noted.sum())
    if at == C[BATCHES] - 1:
        C[MEASURED] += 1
        C[RAISED] += after > before
    log.note(state.update, after)


def measure(state: Learning, s: Schedule) -> None:
    """Note L now; in full batches of many images the next pass will tell."""
    if not s.full:
        state.noted[:] = present(state, s)
    elif state.W.size * len(state.train) <= LONG:
        state.noted[:] = work_of(state, s).judge(state.train.floats(slice(None)), s.c)
    else:
        state.noted[:] = np.nan
    state.C[NOTED] = state.C[BATCHES]


def present(state: Learning, s: Schedule) -> NDArray[np.float64]:
    """(2,) the terms of L for the present weights, an image on average."""
    if s.full:
        return state.noted
    work, key = work_of(state, s), int(state.C[BATCHES])
    if work.judged is None or work.judged[0] != key:
        work.judged = (key, work.judge(state.probe, s.c))
    return work.judged[1]


def tolerance(state: Learning) -> float:
    """Currents are float32 sums."""
    return 2e-6 * float(np.abs(np.nan_to_num(state.noted)).sum())


def sound(state: Learning, s: Schedule) -> bool:
    """Whether a state from a file can be gone on with: kernels trust what it says."""
    C, n = state.C, len(state.order)
    inside = 0 <= C[START] <= C[PLACE] <= C[END] <= n and 0 <= C[LAST] < n
    batch = C[END] == min(C[START] + s.images(n), n) and not (s.full and C[START])
    past = state.update >= 0 and (C[[EPOCH, BATCHES, RAISED, MEASURED]] >= 0).all()
    parts = state.W, state.trial, state.ds, state.way, state.gI, state.terms
    finite = all(np.isfinite(part).all() for part in parts) and 0 <= state.shrink <= 1
    return bool(
        inside and batch and past and finite and np.array_equal(np.sort(state.order), np.arange(n))
    )
