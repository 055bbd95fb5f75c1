"""The yardstick: one hidden layer whose weights and readout learn together by back-propagation.

Rectified hidden units, softmax and cross-entropy, Adam: every weight learns from the labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import DataSet
from lyapstudio.core.rng import numpy_generator
from lyapstudio.weights.adam import Arrays, copied
from lyapstudio.weights.judging import Floats
from lyapstudio.weights.supervision import Schooling, Supervised

START_DRAWS = 72
"""The purpose of the random numbers of the first weights."""


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A trained network with one hidden layer.

    W : (K, N) float32, b : (K,) float32, the hidden layer; S : (C, K), c : (C,) the classes
    epoch, history : as in a Readout
    """

    W: Floats
    b: Floats
    S: Floats
    c: Floats
    classes: tuple[str, ...]
    epoch: int
    history: NDArray[np.float64]

    def hidden(self, images: Floats) -> Floats:
        """(m, K) float32, max(Wv + b, 0)."""
        return np.maximum(images @ self.W.T + self.b, np.float32(0))

    def evidence(self, images: Floats) -> Floats:
        """(m, C) float32, what the softmax is taken of."""
        return self.hidden(images) @ self.S.T + self.c

    def scores(self, images: Floats) -> Floats:
        """(m, C) float32, the probabilities of the classes."""
        return softmax(self.evidence(images))


def softmax(z: Floats) -> Floats:
    """(m, C) float32, rows that sum to 1."""
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def first_weights(C: int, K: int, N: int, seed: int) -> Arrays:
    """Normal weights of variance 2 / inputs (He et al. 2015); the biases start at 0."""
    random = numpy_generator(seed, START_DRAWS)
    W = random.standard_normal((K, N), np.float32) * np.float32((2 / N) ** 0.5)
    S = random.standard_normal((C, K), np.float32) * np.float32((2 / K) ** 0.5)
    return {"W": W, "b": np.zeros(K, np.float32), "S": S, "c": np.zeros(C, np.float32)}


class Trainer(Supervised):
    """Learns both layers, with so many hidden units, from a data set's labels."""

    def __init__(
        self,
        data: DataSet,
        hidden: int,
        schooling: Schooling,
        seed: int,
        watch_test: bool = True,
    ) -> None:
        learned = first_weights(len(data.classes), hidden, data.N, seed)
        super().__init__(data, schooling, learned, seed, watch_test)

    def _gradient(
        self, learned: Arrays, images: Floats, labels: NDArray[np.int64], gradient: Arrays
    ) -> tuple[float, int]:
        h = images @ learned["W"].T
        h += learned["b"]
        np.maximum(h, np.float32(0), out=h)
        z = h @ learned["S"].T + learned["c"]
        slope = softmax(z)
        here = np.arange(len(z))
        loss = -float(np.log(np.maximum(slope[here, labels], np.float32(1e-30))).sum())
        slope[here, labels] -= np.float32(1)
        slope /= np.float32(len(z))
        back = (slope @ learned["S"]) * (h > 0)
        np.dot(slope.T, h, out=gradient["S"])
        np.dot(back.T, images, out=gradient["W"])
        gradient["c"][:] = slope.sum(0)
        gradient["b"][:] = back.sum(0)
        return loss, int(np.count_nonzero(z.argmax(1) != labels))

    def _reader(self, learned: Arrays) -> Perceptron:
        return self._network(learned, self.epochs + 1)

    def _network(self, learned: Arrays, epoch: int) -> Perceptron:
        arrays = copied(learned)
        for a in arrays.values():
            a.setflags(write=False)
        return Perceptron(**arrays, classes=self.data.classes, epoch=epoch, history=self.table)

    def result(self) -> Perceptron:
        """The network that counts: the best by validation where patience is on, else the last."""
        return self._network(*self.best)
