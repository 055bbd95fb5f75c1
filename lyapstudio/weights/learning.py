"""Krotov & Hopfield's rule on batches, slices of a full pass, and single images.

`Work` holds what follows from the weights, and room to work in; all that matters for going on is
in the weights themselves, so a Work can be thrown away and made anew at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import Part, Pixels
from lyapstudio.core.errors import UserError
from lyapstudio.weights.competition import (
    FLOOR,
    accumulate,
    count_wins,
    currents,
    gather,
    learn_batch,
    objective,
    powers,
    rank,
    spheres,
)
from lyapstudio.weights.inhibition import learn_one, response, rest, safe_step

PATIENCE, RESTING = 2000, 1e-4
"""Steps of the inhibition that are drawn at most; where it moves less it has settled."""
MAX_WEIGHTS = 1 << 28
"""Of one network: 1 GiB of float32, and twice that while it learns."""
FINEST = 0.1
"""The longest step of the inhibition, in its time constant."""
LARGEST = 1e18
"""Of sum |W|^p: beyond it products of weights and currents soon leave float32."""
NOISE = 0.02
"""Standard deviation of what is added to images that weights start from (science.md)."""

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Competition:
    """How units compete for an example, and how far the winner and the k-th are moved.

    radius : R, the p-norm of trained weights; by_q : rank by normalised currents; gate : leave out
    weights whose sign opposes their input
    """

    p: float
    k: int
    delta: float
    radius: float
    by_q: bool
    gate: bool

    @property
    def strength(self) -> float:
        """R^p, the factor of the input."""
        return float(self.radius**self.p)


@dataclass(frozen=True)
class Inhibition:
    """Competition in time: lateral strength w_inh, threshold h*."""

    w_inh: float
    threshold: float

    def time_step(self, K: int) -> float:
        """In time constants: short enough for a picture, and for L(h) never to rise."""
        return min(FINEST, safe_step(K, self.w_inh))

    def settled(self, I: Floats) -> NDArray[np.float64]:
        """(K,) h where the inhibition has come to rest."""
        h = np.empty(len(I))
        rest(I, self.w_inh, h)
        return h

    def pushes(self, I: Floats, delta: float) -> Floats:
        """(K,) g: 1 for a unit above the threshold, -delta for an active one below it."""
        g = np.empty_like(I)
        response(self.settled(I), self.threshold, delta, g)
        return g


class Work:
    """For weights W (K, N) and batches of at most `batch` images.

    V : (K, N) sgn(W)|W|^(p-1), column by column; S : (K,) sum |W|^p
    scale : (K,) what currents are multiplied by before units are ranked
    judged, heard, shown : the function, the current image, and in full batches what follows from
        the weights that are not on trial, each kept by whoever computed it
    """

    def __init__(self, W: Floats, batch: int, c: Competition) -> None:
        K, N = W.shape
        self._X = np.empty((batch, N), np.float32)
        self._I = np.empty((batch, K), np.float32)
        self._ds = np.empty((min(K, 2 * batch), N), np.float32)
        self.judged: Any = None
        self.heard: Any = None
        self.shown: Any = None
        self.follow(W, c)

    def follow(self, W: Floats, c: Competition) -> None:
        """Derive everything from other weights."""
        self.V = np.empty_like(W, order="F")  # so that dark pixels cost nothing, see `currents`
        powers(W, c.p, self.V)
        self.S = spheres_of(W, c.p)
        self.scale = np.ones(len(W), np.float32)
        if c.by_q:
            self.scale[:] = np.maximum(self.S, FLOOR) ** (-(c.p - 1) / c.p)

    def _hear(self, images: Pixels, order: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Images (m, N) and the currents that they drive (m, K)."""
        m = len(order)
        gather(images, order, 0, m, self._X)
        with np.errstate(over="ignore", invalid="ignore"):  # whoever uses them looks
            currents(self._X[:m], self.V, self._I[:m])
        return self._X[:m], self._I[:m]

    def mini_batch(
        self,
        W: Floats,
        images: Pixels,
        order: NDArray[np.int32],
        c: Competition,
        step: float,
        wins: Counts,
    ) -> None:
        """One update of W, in place; where it is not finite, UserError and W as it was."""
        X, I = self._hear(images, order)
        most = learn_batch(
            X, I, c.k, c.delta, c.strength, c.p, step, c.gate, c.by_q,
            W, self.V, self.S, self.scale, wins, self._ds,
        )  # fmt: skip
        refuse(most)

    def gather_pass(
        self, W: Floats, images: Pixels, order: NDArray[np.int32], c: Competition, into: FullPass
    ) -> None:
        """What these images ask of W, added to a pass over all of them."""
        X, I = self._hear(images, order)
        first, kth = np.empty((2, len(X)), np.int64)
        rank(I, self.scale, c.k, first, kth)
        count_wins(first, into.wins)
        into.terms += objective(I, self.S, c.p, c.k, c.delta)
        accumulate(X, I, first, kth, c.delta, c.strength, W, c.gate, into.ds, into.gI, into.touched)

    def one_image(
        self,
        W: Floats,
        images: Pixels,
        order: NDArray[np.int32],
        c: Competition,
        slow: Inhibition,
        rate: float,
        wins: Counts,
        heard: Floats,
    ) -> None:
        """The slow rule: inhibition settles for one image, then W moves at once.

        heard : (2, K) float32, its currents and the pushes that follow, written
        """
        X, I = self._hear(images, order)
        g = slow.pushes(I[0], c.delta)
        heard[0], heard[1] = I[0], g
        moved = np.flatnonzero(g)
        before = W[moved]
        refuse(learn_one(W, X[0], I[0], g, c.strength, rate, c.p, c.gate, self.V, self.S))
        if not (self.S[moved] < LARGEST).all():  # too long a step, again and again
            W[moved] = before
            powers(W, c.p, self.V, moved)
            spheres(W, c.p, self.S, moved)
            refuse(np.nan)
        wins += g > 0

    def judge(self, images: Floats, c: Competition) -> NDArray[np.float64]:
        """(2,) the terms of L_K, an image on average: winners, and depressed units."""
        total = np.zeros(2)
        for a in range(0, len(images), len(self._I)):
            part = images[a : a + len(self._I)]
            I = self._I[: len(part)]
            with np.errstate(over="ignore", invalid="ignore"):
                currents(part, self.V, I)
            total += objective(I, self.S, c.p, c.k, c.delta)
        return total / len(images)


@dataclass
class FullPass:
    """What all images seen so far in a pass ask for; see `accumulate`."""

    ds: Floats
    gI: NDArray[np.float64]
    touched: NDArray[np.uint8]
    wins: Counts
    terms: NDArray[np.float64]


def refuse(most: float) -> None:
    """Nothing was written where it is not: the last good weights are still there."""
    if not np.isfinite(most):
        raise UserError(
            "Learning stopped: the change of the weights is no longer a finite number. The last "
            "good weights are kept. Lower the step or the norm p, or start anew."
        )


def spheres_of(W: Floats, p: float) -> NDArray[np.float64]:
    """(K,) sum |W|^p; UserError where it overflows."""
    S = np.empty(len(W))
    spheres(W, p, S)
    if not np.isfinite(S).all():
        raise UserError(f"The weights are too large for the norm p = {p:g}. Lower p.")
    return S


def norms(W: Floats, p: float) -> NDArray[np.float64]:
    """(K,) the p-norm of each unit's weights."""
    return spheres_of(W, p) ** (1 / p)


def first_weights(start: str, train: Part, K: int, c: Competition, seed: Any) -> Floats:
    """(K, N) weights before learning: "noise" N(0, 1), "sphere" the same at norm R, "images"."""
    N = train.images.shape[1]
    if K * N > MAX_WEIGHTS:
        raise UserError(
            f"{K} units with {N} inputs each do not fit in memory. At most {MAX_WEIGHTS // N} "
            "units do with images of this size."
        )
    W = seed.standard_normal((K, N), dtype=np.float32)
    if start == "noise":
        return W
    if start == "images":
        lit = np.flatnonzero(train.images.any(axis=1))
        if len(lit) < K:
            raise UserError(
                f"{K} hidden units cannot start from {len(lit)} images that are not blank. "
                f"Choose fewer units, or start from noise."
            )
        images = train.floats(np.sort(seed.choice(lit, K, replace=False)))
        W = images / norms(images, c.p)[:, None].astype(np.float32) + np.float32(NOISE) * W
    size = norms(W, c.p)[:, None] / c.radius
    return np.ascontiguousarray(W / size, np.float32)
