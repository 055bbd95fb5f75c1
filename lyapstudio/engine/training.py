"""Training with labels: the readout, and on the same images what it is compared with.

A Training is the work of a Job: it runs in a thread of its own, and whoever looks meanwhile reads
`courses`, to which it only ever adds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice
from lyapstudio.weights import backprop
from lyapstudio.weights.judging import Classifier, Judgement, judge
from lyapstudio.weights.readout import Readout, ReadoutParams, Trainer
from lyapstudio.weights.supervision import Score

READOUT = "readout"
BASELINES = (
    Choice("pixels", "Raw pixels", "The same readout, straight from the pixels."),
    Choice("untrained", "Untrained weights", "The same readout of the weights before learning."),
    Choice("backprop", "Back-propagation", "As many hidden units, trained end to end by labels."),
)

Report = Callable[[float], None]
Floats = NDArray[np.float32]


@dataclass
class Course:
    """One classifier in training; `reader` and `judgement` when it is done."""

    name: str
    epochs: int
    scores: list[Score] = field(default_factory=list)
    reader: Classifier | None = None
    judgement: Judgement | None = None


class Training:
    """Trains the readout of weights W, then the baselines named, one after another.

    untrained : makes the weights before learning; called only where they are asked for
    """

    def __init__(
        self,
        W: Floats,
        data: DataSet,
        params: ReadoutParams,
        seed: int,
        baselines: tuple[str, ...] = (),
        untrained: Callable[[], Floats] | None = None,
    ) -> None:
        self.data, self.params = data, params
        self._W, self._seed, self._untrained = W, seed, untrained
        names = (READOUT, *(c.id for c in BASELINES if c.id in baselines))
        self.courses = {name: Course(name, params.epochs) for name in names}

    @property
    def readout(self) -> Readout | None:
        """The readout, as soon as it is trained."""
        reader = self.courses[READOUT].reader
        return reader if isinstance(reader, Readout) else None

    def __call__(self, report: Report) -> Training:
        """The work; `report` may raise to end it, and what is done so far stays."""
        for k, course in enumerate(self.courses.values()):

            def part(fraction: float, k: int = k) -> None:
                report((k + fraction) / len(self.courses))

            self._train(course, part)
        return self

    def _train(self, course: Course, report: Report) -> None:
        trainer = self._trainer(course.name)
        total = trainer.schooling.epochs
        while not trainer.finished:
            done = trainer.epochs
            course.scores.append(trainer.epoch(_within(report, done, total)))
        reader = trainer.result()
        part = self.data.test if len(self.data.test) else self.data.validation
        if len(part):
            course.judgement = judge(reader, part, report=lambda f: report(1.0))
        course.reader = reader

    def _trainer(self, name: str) -> Trainer | backprop.Trainer:
        if name == "pixels":
            return Trainer(None, self.data, self.params, self._seed)
        if name == "untrained":
            if self._untrained is None:
                raise UserError("The weights before learning are not known any more.")
            return Trainer(self._untrained(), self.data, self.params, self._seed)
        if name == "backprop":
            schooling = replace(self.params.schooling, annealing="cosine")
            return backprop.Trainer(self.data, len(self._W), schooling, self._seed)
        return Trainer(self._W, self.data, self.params, self._seed)


def _within(report: Report, done: int, total: int) -> Report:
    """Progress of one epoch as progress of all."""
    return lambda fraction: report((done + fraction) / total)
