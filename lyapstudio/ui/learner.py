"""What the window knows of a network that learns: its readouts, and questions that take long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Problem
from lyapstudio.engine.job import Job
from lyapstudio.engine.training import READOUT, Training
from lyapstudio.ui.session import Session
from lyapstudio.weights.readout import Readout

POLL_MS = 60
DRIVERS = 8
"""Images shown of those that drive a unit most."""
BLOCK = 4000
"""Images that are asked at a time which of them drives a unit."""


@dataclass(frozen=True)
class Trained:
    """A readout with the moment at which its weights were taken."""

    readout: Readout
    update: int


class Learner(QObject):
    """Trains readouts in a thread and finds what drives a unit; one of each at a time.

    `trained_changed` : another readout, or none, reads the pad; `training_changed` : progress
    """

    training_changed = Signal()
    trained_changed = Signal()
    drivers_found = Signal(int, object)  # a unit, and the indices of training images

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.training: Training | None = None
        self.baselines: set[str] = set()
        self._job: Job | None = None
        self._of: tuple = ()  # the network that is being read
        self._taken_at = 0
        self._trained: dict[tuple, Trained] = {}
        self._search: Job | None = None
        self._unit = -1
        self._queued: int | None = None
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._look)
        session.opened.connect(self._open)
        self._open()

    # the readout

    @property
    def trained(self) -> Trained | None:
        """The readout of the network on the screen."""
        return self._trained.get(self.session.begun)

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def progress(self) -> float:
        return self._job.progress if self._job else 0.0

    @property
    def frame(self) -> Frame | None:
        """The frame of a network that learns, where one is on the screen."""
        frame = self.session.frame
        learns = frame is not None and frame.model is not None and frame.model.learns
        return frame if learns and frame is not None and "weights" in frame.channels else None

    @property
    def data(self) -> DataSet | None:
        frame = self.frame
        return frame.problem.data if frame and frame.problem else None

    def train(self) -> None:
        """Read the weights as they are now; what is trained already stays until this is done."""
        frame, data = self.frame, self.data
        if frame is None or data is None or self.busy:
            return
        model, problem = frame.model, frame.problem
        try:
            self.training = Training(
                frame.channels["weights"],
                data,
                self.session.setup.readout,
                self.session.setup.seed,
                tuple(self.baselines),
                lambda: _before_learning(model, problem),
            )
        except UserError as error:
            self.session.failed.emit(str(error))
            return
        self._of, self._taken_at = self.session.begun, frame.update
        self._job = Job(self.training)
        self._poll.start(POLL_MS)
        self.training_changed.emit()

    def cancel(self) -> None:
        """Stop training; what was read before still is."""
        if self._job is not None:
            self._job.cancel()

    def _look(self) -> None:
        """Whether a thread has ended."""
        job, training = self._job, self.training
        if job is not None and training is None and job.done:
            self._job = None  # of a document that was closed
            self.training_changed.emit()
        elif job is not None and training is not None:
            done, readout = job.done, training.readout
            if readout is not None and self.held(self._of) is not readout:
                self._trained[self._of] = Trained(readout, self._taken_at)
                self.session.knowledge.keep_readout(self._of, readout.dump())
                self.trained_changed.emit()
            if done:
                self._job = None
                if job.error:
                    self.session.failed.emit(job.error)
            self.training_changed.emit()
        if self._search is not None and self._search.done:
            search, self._search = self._search, None
            if self._queued is None and self._unit >= 0 and search.result is not None:
                self.drivers_found.emit(self._unit, search.result)
            elif self._queued is not None:
                self.find_drivers(self._queued)
        if self._job is None and self._search is None:
            self._poll.stop()

    def held(self, of: tuple) -> Readout | None:
        trained = self._trained.get(of)
        return trained.readout if trained else None

    def _open(self) -> None:
        """Another document, perhaps with a readout of its own."""
        self.cancel()
        self.training = None
        self._unit, self._queued = -1, None  # an answer that comes now is about other images
        self._trained.clear()
        for begun, arrays in self.session.knowledge.readouts.items():
            try:
                self._trained[begun] = Trained(Readout.restore(arrays), -1)
            except UserError as error:
                self.session.failed.emit(str(error))
        self.trained_changed.emit()
        self.training_changed.emit()

    # what drives a unit

    def find_drivers(self, unit: int) -> None:
        """Ask all training images; the answer comes by `drivers_found`."""
        frame, data = self.frame, self.data
        if frame is None or data is None or unit >= len(frame.channels["weights"]):
            self._queued = None
            return
        if self._search is not None:
            self._queued = unit
            return
        self._unit, self._queued = unit, None
        weights = frame.channels["weights"][unit].copy()
        p = float(frame.model.as_values().get("p", 2.0))
        self._search = Job(lambda report: drivers(weights, p, data, report))
        self._poll.start(POLL_MS)

    def close(self) -> None:
        """End the threads."""
        self._poll.stop()
        for job in (self._job, self._search):
            if job is not None:
                job.cancel()
                job.wait()
        self._job = self._search = None


def drivers(
    weights: NDArray[np.float32], p: float, data: DataSet, report: Callable[[float], None]
) -> NDArray[np.int64]:
    """(DRIVERS,) training images that give a unit the most current for their size."""
    v = np.sign(weights) * np.abs(weights) ** np.float32(p - 1)
    answers = np.empty(len(data.train), np.float32)
    for a in range(0, len(answers), BLOCK):
        report(a / len(answers))
        images = data.train.floats(slice(a, a + BLOCK))
        size = np.sqrt(np.einsum("ij,ij->i", images, images))
        answers[a : a + BLOCK] = images @ v / np.maximum(size, 1e-6)
    return np.argsort(-answers, kind="stable")[:DRIVERS]


def _before_learning(model: object, problem: Problem | None) -> NDArray[np.float32]:
    """The weights with which this network began."""
    return model.start(problem).W  # type: ignore[attr-defined]


def progress_words(training: Training) -> str:
    """Like "epoch 3 of 20", and which baseline is at it."""
    for course in training.courses.values():
        if course.reader is None:
            who = "" if course.name == READOUT else f"{course.name}: "
            return f"{who}epoch {len(course.scores) + 1} of {course.epochs}"
    return ""
