"""The readout (Krotov & Hopfield 2019): classes from a power of the hidden units, by labels.

A hidden unit answers h = max(Wv, 0)^n, class c scores tanh(β S h), and S is learned so that the
cost Σ|score − target|^m falls, with targets +1 for the true class and −1 for the others. W stays
as it was learned, without labels.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.kernel import kernel
from lyapstudio.core.param import Choice, Params, choice, integer, number
from lyapstudio.weights.adam import Arrays
from lyapstudio.weights.judging import Floats
from lyapstudio.weights.supervision import Schooling, Supervised

PROBE = 2000
"""Training images that the scale is measured on."""


@dataclass(frozen=True)
class ReadoutParams(Params):
    """How the hidden units are read, and how the readout learns."""

    power: float = number(
        4.5,
        1.0,
        12.0,
        label="Power n",
        help="How much steeper than its input a hidden unit answers. Raise it so that only the "
        "units that fit best are heard; lower it where only a few units know each class.",
        decimals=1,
    )
    exponent: float = number(
        6.0,
        1.0,
        12.0,
        label="Cost exponent m",
        help="How much more a large mistake counts than a small one. 2 is the squared error; "
        "raise it to work on the images that are read worst.",
        decimals=1,
    )
    scaling: str = choice(
        "image",
        (
            Choice("image", "Each image", "The hidden values of every image sum to 1."),
            Choice("mean", "On average", "One factor for all brings their mean sum to 1."),
            Choice("beta", "None, as published", "The values stay as they are and β is set."),
        ),
        label="Scaling",
        help="What brings the hidden values to a size that the readout can learn from. Scaled "
        "for each image, a thick stroke no longer speaks louder than a thin one.",
    )
    steepness: float = number(
        300.0,
        1.0,
        1e5,
        label="Steepness β",
        help="How sharply the score answers to the scaled hidden units. Lower it if the errors "
        "jump about, raise it if learning is slow.",
        log=True,
        when=("scaling", ("image", "mean")),
    )
    beta: float = number(
        0.01,
        1e-9,
        100.0,
        label="β as published",
        help="The factor inside tanh for hidden values as they are. It depends on the size of "
        "the weights: lower it if every score is −1 or +1 from the start.",
        decimals=4,
        log=True,
        when=("scaling", ("beta",)),
    )
    rate: float = number(
        0.001,
        1e-6,
        0.1,
        label="Learning rate",
        help="The step size of Adam. Lower it if the errors jump about from epoch to epoch.",
        decimals=4,
        log=True,
    )
    annealing: str = choice(
        "cosine",
        (
            Choice("cosine", "Falls to 0", "Along half a cosine, over the epochs asked for."),
            Choice("halving", "Halves", "Every 50 epochs after epoch 100, as published."),
        ),
        label="Annealing",
        help="How the learning rate falls while the readout learns. Halving suits 300 epochs; "
        "for fewer choose the cosine.",
    )
    epochs: int = integer(
        20,
        1,
        2000,
        label="Epochs",
        help="How often every training image is shown. Raise it if the error still falls.",
    )
    batch: int = integer(
        100,
        1,
        10000,
        label="Batch",
        help="Images read before each step of the readout. Lower it for more, noisier steps.",
    )
    patience: int = integer(
        0,
        0,
        1000,
        label="Patience",
        help="Stop after so many epochs without a lower validation error and keep the best "
        "one; 0 goes through all epochs and keeps the last.",
        unit="epochs",
    )
    distort: float = number(
        0.0,
        0.0,
        3.0,
        label="Distort images",
        help="Turn, stretch, slant and shift every training image a little at random, anew in "
        "every epoch; 1 is about as much as handwriting varies. "
        "New images are read better, after more epochs.",
        decimals=1,
        advanced=True,
    )

    @property
    def schooling(self) -> Schooling:
        """What concerns the pace alone."""
        return Schooling(
            self.epochs, self.batch, self.patience, self.distort, self.rate, self.annealing
        )


@kernel
def raise_to(H, scale, n):
    """H = max(scale * H, 0)^n in place; H (m, K) float32.

    Halves and wholes go by squaring and one square root, row by row so that every pass finds the
    row in the cache; any other n costs a true power.
    """
    twice = np.int64(round(2 * n))
    factor, exact = np.float32(scale), np.float32(n)
    square = np.empty(H.shape[1], np.float32)
    for a in range(len(H)):
        h = H[a]
        for j in range(len(h)):
            square[j] = max(factor * h[j], np.float32(0))
        if twice != 2 * n:
            for j in range(len(h)):
                h[j] = square[j] ** exact
            continue
        if twice % 2 == 1:
            for j in range(len(h)):
                h[j] = np.sqrt(square[j])
        else:
            for j in range(len(h)):
                h[j] = np.float32(1)
        left = twice // 2
        while left > 0:
            if left % 2 == 1:
                for j in range(len(h)):
                    h[j] *= square[j]
            left //= 2
            if left > 0:
                for j in range(len(h)):
                    square[j] *= square[j]


@dataclass(frozen=True, eq=False)
class Readout:
    """A trained readout together with a copy of the weights it reads. Arrays are read-only.

    W : (K, N) float32, the hidden weights; None where it reads the pixels themselves
    S : (C, K) float32
    scale : what Wv is multiplied by before the power
    classes : C names
    epoch : after how many epochs S was taken
    history : (epochs, 5) float64, columns as in supervision.COLUMNS
    """

    W: Floats | None
    S: Floats
    scale: float
    params: ReadoutParams
    classes: tuple[str, ...]
    epoch: int
    history: NDArray[np.float64]

    def hidden(self, images: Floats) -> Floats:
        """(m, K) float32, what (m, N) float32 images excite, scaled as the parameters say."""
        return excited(self.W, self.scale, self.params, images)

    def dump(self) -> Arrays:
        """As arrays: what a file stores. Names and parameters are text, so they go as bytes."""
        facts = {"params": self.params.as_values(), "classes": self.classes}
        arrays: Arrays = {
            "S": self.S,
            "scale": np.array(self.scale),
            "epoch": np.array(self.epoch),
            "history": self.history,
            "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        }
        return arrays if self.W is None else {**arrays, "W": self.W}

    @classmethod
    def restore(cls, arrays: Arrays) -> Readout:
        """What `dump` wrote; UserError where it does not hang together."""
        try:
            facts = json.loads(arrays["facts"].tobytes())
            params, classes = ReadoutParams.from_values(facts["params"]), tuple(facts["classes"])
            W, S, history = arrays.get("W"), arrays["S"], arrays["history"]
            sound = S.shape == (len(classes), S.shape[1] if W is None else len(W))
            sound &= bool(np.isfinite(S).all()) and history.ndim == 2
            scale, epoch = float(arrays["scale"]), int(arrays["epoch"])
        except (KeyError, ValueError, TypeError, IndexError):
            sound = False
        if not sound:
            raise UserError("The readout in this document is damaged. Train it again.")
        return cls(W, S, scale, params, classes, epoch, history)

    def evidence(self, images: Floats) -> Floats:
        """(m, C) float32, β S h: the class with the largest is the answer."""
        return steepness(self.params) * (self.hidden(images) @ self.S.T)

    def scores(self, images: Floats) -> Floats:
        """(m, C) float32 in [-1, 1], tanh(β S h)."""
        return np.tanh(self.evidence(images))


def steepness(params: ReadoutParams) -> np.float32:
    """β of whichever scaling is chosen."""
    return np.float32(params.beta if params.scaling == "beta" else params.steepness)


def excited(W: Floats | None, scale: float, params: ReadoutParams, images: Floats) -> Floats:
    """(m, K) float32 hidden values of (m, N) float32 images."""
    H = images.copy() if W is None else images @ W.T
    raise_to(H, scale, 1.0 if W is None else params.power)
    if params.scaling == "image":
        H /= np.maximum(H.sum(1), np.float32(1e-30))[:, None]
    return H


def scale_for(W: Floats | None, params: ReadoutParams, images: Floats) -> float:
    """The scale before the power, from some images.

    It brings the largest answer to 1, so that no power overflows, or the mean sum of the hidden
    values to 1; as published it is 1. With sums of 1 the first steps of Adam change the scores
    alike whatever the power and the number of units; with lengths of 1 many units at a low power
    saturate every tanh at once, and nothing is learned any more.
    """
    if params.scaling == "beta":
        return 1.0
    largest = float((images if W is None else images @ W.T).max(initial=0.0))
    if largest <= 0.0 or params.scaling == "image":
        return 1.0 / largest if largest > 0.0 else 1.0
    total = float(excited(W, 1.0 / largest, params, images).sum(1).mean())
    return total ** (-1.0 if W is None else -1.0 / params.power) / largest


class Trainer(Supervised):
    """Learns a readout of the weights W (None: of the pixels) from a data set's labels."""

    def __init__(
        self,
        W: Floats | None,
        data: DataSet,
        params: ReadoutParams,
        seed: int,
        watch_test: bool = True,
    ) -> None:
        if W is not None:
            if not np.isfinite(W).all():
                raise UserError(
                    "Some of the hidden weights are not numbers, so nothing can be read from "
                    "them. Start learning anew with a lower learning rate."
                )
            W = np.array(W, np.float32, order="C")
            W.setflags(write=False)
        K = data.N if W is None else len(W)
        S = np.zeros((len(data.classes), K), np.float32)
        super().__init__(data, params.schooling, {"S": S}, seed, watch_test)
        self.W, self.params = W, params
        self.scale = scale_for(W, params, data.train.floats(slice(0, PROBE)))

    def _gradient(
        self, learned: Arrays, images: Floats, labels: NDArray[np.int64], gradient: Arrays
    ) -> tuple[float, int]:
        h = excited(self.W, self.scale, self.params, images)
        loss, wrong, slope = cost(h @ learned["S"].T, labels, self.params)
        np.dot(slope.T / np.float32(len(images)), h, out=gradient["S"])
        return loss, wrong

    def _reader(self, learned: Arrays) -> Readout:
        return self._readout(learned["S"], self.epochs + 1)

    def _readout(self, S: Floats, epoch: int) -> Readout:
        S = S.copy()
        S.setflags(write=False)
        return Readout(self.W, S, self.scale, self.params, self.data.classes, epoch, self.table)

    def result(self) -> Readout:
        """The readout that counts: the best by validation where patience is on, else the last."""
        learned, epoch = self.best
        return self._readout(learned["S"], epoch)


def cost(z: Floats, labels: NDArray[np.int64], params: ReadoutParams) -> tuple[float, int, Floats]:
    """The cost Σ|tanh(β z) − t|^m of a batch, how many are read wrongly, and its slope.

    z : (m, C) float32, S h
    Returns the sum, the number, and (m, C) float32 d cost / d z.
    """
    beta, m = steepness(params), np.float32(params.exponent)
    c = np.tanh(beta * z)
    miss = c + np.float32(1)  # from the target -1
    here = np.arange(len(z))
    miss[here, labels] -= np.float32(2)
    size = np.abs(miss)
    slope = size ** (m - np.float32(1))
    loss = float(np.einsum("ac,ac->", slope, size))
    slope *= np.sign(miss)
    slope *= m * beta * (np.float32(1) - c * c)
    return loss, int(np.count_nonzero(z.argmax(1) != labels)), slope
