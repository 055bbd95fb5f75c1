"""What a single image teaches: which units answer, which are pushed, how their weights change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lyapstudio.core.data import Part
from lyapstudio.core.insight import Example, Settling
from lyapstudio.core.model import Log
from lyapstudio.weights.ascent import Learning, Schedule, advance, begin, work_of
from lyapstudio.weights.competition import rank
from lyapstudio.weights.inhibition import settle_traced
from lyapstudio.weights.learning import PATIENCE, RESTING, Floats, Inhibition, Work

SHOWN = 10
"""Units that an example shows, those that answer most."""


def response_to(work: Work, x: Floats, s: Schedule) -> tuple[Floats, Floats]:
    """(K,) currents that an image drives, and (K,) g: who is potentiated, who depressed."""
    with np.errstate(all="ignore"):  # weights that are no numbers are complained of elsewhere
        I = work.V @ x
    if s.slow is not None:
        return I, s.slow.pushes(I, s.c.delta)
    g = np.zeros_like(I)
    first, kth = np.empty((2, 1), np.int64)
    rank(I[None], work.scale, s.c.k, first, kth)
    g[kth[0]], g[first[0]] = -s.c.delta, 1.0
    return I, g


def rehearse(full: Learning, s: Schedule, slow: Inhibition) -> None:
    """Call every kernel of learning on a few images: choosing another rule then answers at once."""
    few, W = Part(full.train.images[:8]), np.ones((4, full.W.shape[1]), np.float32)
    c = replace(s.c, k=2)
    for way in (
        replace(s, c=c, slow=None, full=False),
        replace(s, c=c, slow=None, full=True),
        replace(s, c=c, slow=slow, full=False),
    ):
        state = begin(full.problem, few, len(few), W.copy(), np.ones(2, np.uint64), way)
        advance(state, way, 2 * len(few), Log(1, 64))
        work, x = work_of(state, way), few.floats(slice(1))[0]
        explain(work, state.W, x, *response_to(work, x, way), way, 0, "")


def explain(
    work: Work,
    W: Floats,
    x: Floats,
    I: Floats,
    g: Floats,
    s: Schedule,
    number: int,
    label: str,
    moved: float = 0.0,
) -> Example:
    """The units that answer most to an image, with those that it pushes first.

    moved : the step by which the slow rule has already changed W for this image
    """
    answer = I * work.scale
    leading = np.argsort(-answer, kind="stable")
    pushed = np.flatnonzero(g)
    pushed = pushed[np.argsort(-answer[pushed], kind="stable")][:SHOWN]
    rest = leading[~np.isin(leading, pushed)][: max(0, SHOWN - len(pushed))]
    units = np.concatenate((pushed, rest))
    units = units[np.argsort(-answer[units], kind="stable")]
    return Example(
        number=number,
        image=x,
        label=label,
        units=units,
        currents=I[units],
        pushes=g[units],
        fields=W[units],
        changes=_changes(W[units], x, I[units], g[units], s, moved if s.slow else 0.0),
        words="W moves now" if s.slow else "W moves after the batch",
        settling=_settling(I, units, s),
    )


def _changes(W: Floats, x: Floats, I: Floats, g: Floats, s: Schedule, moved: float) -> Floats:
    """(m, N) g (R^p x − I W): what this image adds, before the step; of W as it was."""
    if moved:
        push = np.float32(moved) * g[:, None]
        W = (W - push * np.float32(s.c.strength) * x) / (1 - push * I[:, None])
    change = g[:, None] * (np.float32(s.c.strength) * x - I[:, None] * W)
    if s.c.gate:
        change[x * W < 0] = 0
    return change


def _settling(I: Floats, units: np.ndarray, s: Schedule) -> Settling | None:
    if s.slow is None:
        return None
    dt = s.slow.time_step(len(I))
    hs, Ls = np.empty((PATIENCE, len(I)), np.float32), np.empty(PATIENCE)
    rows = settle_traced(I, s.slow.w_inh, dt, PATIENCE, RESTING, hs, Ls)
    t = dt * np.arange(1, rows + 1)
    return Settling(t, hs[:rows, units], Ls[:rows].copy(), guaranteed=True)
