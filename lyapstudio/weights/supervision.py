"""Learning with labels, epoch by epoch: what the readout and its baselines share.

A trainer can be interrupted between two batches and saved between two epochs: every epoch draws
from a generator of its own, so what follows is the same as if nothing had happened.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.rng import numpy_generator
from lyapstudio.weights.adam import Adam, Arrays, copied
from lyapstudio.weights.distortion import distorted, random_maps
from lyapstudio.weights.judging import (
    Classifier,
    Floats,
    Report,
    blocks,
    error_of,
    labels_of,
    silent,
)

EPOCH_DRAWS = 71
"""The purpose of the random numbers of an epoch."""

GROUPS = ("learned", "best", "mean", "square")
"""The prefixes of the arrays in a dump."""


@dataclass(frozen=True)
class Score:
    """How training stands after an epoch; errors are fractions, NaN where nobody looked.

    running_error : over the epoch's own batches, each read just before it was learned
    """

    epoch: int
    loss: float
    running_error: float
    validation_error: float
    test_error: float


COLUMNS = tuple(f.name for f in dataclasses.fields(Score))
"""The columns of a history array."""


@dataclass(frozen=True)
class Schooling:
    """How long and how fast a trainer learns.

    patience : epochs without a better validation error before it stops; 0 = never
    distort : how strongly every image is distorted at random before it is learned; 0 = not at all
    """

    epochs: int
    batch: int
    patience: int
    distort: float
    rate: float
    annealing: str

    def rate_at(self, epochs: float) -> float:
        """Adam's rate after so many epochs, whole or not."""
        if self.annealing == "halving":
            return self.rate * 0.5 ** max(0, math.floor((epochs - 50) / 50))
        return self.rate * 0.5 * (1 + math.cos(math.pi * min(1.0, epochs / self.epochs)))


class Supervised(ABC):
    """Learns some arrays from a data set's labels with Adam, one epoch at a time.

    learned : float32 arrays by name, as the last whole epoch left them
    history : one Score an epoch
    watch_test : whether the test images are read after every epoch
    """

    def __init__(
        self, data: DataSet, schooling: Schooling, learned: Arrays, seed: int, watch_test: bool
    ) -> None:
        labels = labels_of(data.train)  # refuses what nobody labelled
        if len(data.classes) < 2 or len(np.unique(labels)) < 2:
            raise UserError(
                "All the images to learn from are of one class, so there is nothing to tell "
                "apart. Choose a data set with at least two classes."
            )
        self.data, self.schooling, self.seed = data, schooling, seed
        self.watch_test = watch_test
        self.learned = learned
        self.adam = Adam.fresh(learned)
        self.history: list[Score] = []
        self._best, self._best_epoch = copied(learned), 0

    @abstractmethod
    def _gradient(
        self, learned: Arrays, images: Floats, labels: NDArray[np.int64], gradient: Arrays
    ) -> tuple[float, int]:
        """Write a batch's mean gradient; returns its summed loss and how many it read wrongly."""

    @abstractmethod
    def _reader(self, learned: Arrays) -> Classifier:
        """What reads with these arrays."""

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return len(self.history)

    @property
    def chooses(self) -> bool:
        """Whether the best epoch by validation counts, and not the last."""
        return self.schooling.patience > 0 and len(self.data.validation) > 0

    @property
    def finished(self) -> bool:
        """All epochs are done, or validation has not improved for `patience` of them."""
        waited = self.epochs - self._best_epoch
        late = self.chooses and waited >= self.schooling.patience
        return late or self.epochs >= self.schooling.epochs

    @property
    def best(self) -> tuple[Arrays, int]:
        """The arrays that count, and after which epoch they were taken."""
        if self.chooses:
            return copied(self._best), self._best_epoch
        return copied(self.learned), self.epochs

    @property
    def table(self) -> NDArray[np.float64]:
        """(epochs, 5) the history, columns as in COLUMNS."""
        rows = [dataclasses.astuple(s) for s in self.history]
        return np.array(rows, np.float64).reshape(-1, len(COLUMNS))

    def epoch(self, report: Report = silent) -> Score:
        """One pass over the training images. If `report` raises, the pass has not happened."""
        learned, adam = copied(self.learned), self.adam.copy()
        loss, error = self._pass(learned, adam, report)
        reader, data = self._reader(learned), self.data
        validation = error_of(reader, data.validation)
        test = error_of(reader, data.test) if self.watch_test else math.nan
        score = Score(self.epochs + 1, loss, error, validation, test)
        lowest = min((s.validation_error for s in self.history), default=math.inf)
        self.learned, self.adam = learned, adam
        self.history.append(score)
        if validation < lowest:
            self._best, self._best_epoch = copied(learned), score.epoch
        return score

    def _pass(self, learned: Arrays, adam: Adam, report: Report) -> tuple[float, float]:
        """Learn from every training image once; the mean loss and the fraction read wrongly."""
        train, schooling = self.data.train, self.schooling
        labels = labels_of(train)
        random = numpy_generator(self.seed, EPOCH_DRAWS, self.epochs)
        order = random.permutation(len(train))
        gradient = {name: np.empty_like(a) for name, a in learned.items()}
        loss, wrong = 0.0, 0
        for where in blocks(len(train), schooling.batch):
            done = where.start / len(train)
            report(done)
            chosen = order[where]
            images = self._shown(train.floats(chosen), random)
            truth = labels[chosen].astype(np.int64)
            with np.errstate(all="ignore"):  # a value that is no number is met below, in words
                lost, missed = self._gradient(learned, images, truth, gradient)
            if not math.isfinite(lost):
                raise UserError(
                    f"Training met a value that is not a number in epoch {self.epochs + 1} and "
                    "stopped; what it had learned up to the epoch before is kept. Lower the "
                    "learning rate, the power n or β."
                )
            adam.move(learned, gradient, schooling.rate_at(self.epochs + done))
            loss += lost
            wrong += missed
        return loss / len(train), wrong / len(train)

    def _shown(self, images: Floats, random: np.random.Generator) -> Floats:
        """The images as training sees them: distorted at random where that was asked for."""
        data, strength = self.data, self.schooling.distort
        if strength == 0:
            return images
        maps = random_maps(len(images), strength, data.rows, data.cols, random)
        return distorted(images, maps, data.rows, data.cols, data.depth)

    def dump(self) -> Arrays:
        """Everything that `restore` needs, as arrays."""
        arrays: Arrays = {
            "history": self.table,
            "counts": np.array([self.adam.steps, self._best_epoch], np.int64),
        }
        groups = (self.learned, self._best, self.adam.means, self.adam.squares)
        for prefix, group in zip(GROUPS, groups, strict=True):
            arrays |= {f"{prefix}.{name}": a.copy() for name, a in group.items()}
        return arrays

    def restore(self, arrays: Arrays) -> Self:
        """Go on from a dump of a trainer with the same data, parameters and seed."""
        wanted = {f"{prefix}.{n}": a.shape for prefix in GROUPS for n, a in self.learned.items()}
        if any(k not in arrays or arrays[k].shape != shape for k, shape in wanted.items()):
            raise UserError(
                "The saved training belongs to another network or data set. Train it anew."
            )
        learned, best, means, squares = (
            {name: arrays[f"{prefix}.{name}"].astype(np.float32) for name in self.learned}
            for prefix in GROUPS
        )
        self.learned, self._best = learned, best
        steps, best_epoch = arrays["counts"].tolist()
        self.adam, self._best_epoch = Adam(means, squares, steps), best_epoch
        self.history = [Score(int(row[0]), *row[1:].tolist()) for row in arrays["history"]]
        return self
