"""The readout: train it with labels, and see what it reads wrongly, beside its baselines."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.core.data import Part
from lyapstudio.core.param import Spec
from lyapstudio.document import edits
from lyapstudio.engine.training import BASELINES, READOUT, Course, Training
from lyapstudio.ui.learner import Learner, progress_words
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.form import Form, labelled
from lyapstudio.ui.parts.switch import Switch
from lyapstudio.ui.parts.text import Elided, text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.confusion import ConfusionMatrix
from lyapstudio.ui.views.errors import ErrorCurves
from lyapstudio.ui.views.samples import SampleGrid
from lyapstudio.weights.judging import Judgement

IMAGES, SETTINGS = range(2)
BESIDE = 24
"""The scroll bar of the settings and its margin, px."""
HARDEST = 200
"""Images that are shown of those read worst."""


class ReadoutPage(QWidget):
    """Train button, error curves, confusion matrix, and the images behind a number."""

    def __init__(self, session: Session, learner: Learner) -> None:
        super().__init__()
        self.session, self.learner = session, learner
        self.train = TextButton("Train the readout", "accent", tooltip="Learn the names by labels")
        self.train.clicked.connect(self._train_or_stop)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress of training")
        self.words = Elided("", "caption")
        self.settings = IconButton("ph.sliders-horizontal", "How it is trained", checkable=True)
        self.settings.toggled.connect(self._show_right)
        self.errors, self.matrix, self.grid = (
            ErrorCurves("stage"),
            ConfusionMatrix("stage"),
            SampleGrid(),
        )
        self.grid_title = text("", "section")
        self.stack = QStackedWidget()
        self.form = Form(session.setup.readout)
        self._cell: tuple[int, int] | None = None
        self._shown: object = None
        self._lay_out()
        self._connect()
        self.show_training()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.train)
        head.addWidget(self.bar, 1)
        head.addWidget(self.words, 2)
        head.addWidget(self.settings)
        images = QWidget()
        column = QVBoxLayout(images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.grid_title)
        column.addWidget(self.grid, 1)
        self.stack.addWidget(images)
        self.stack.addWidget(self._settings_page())
        grid = QGridLayout()
        grid.setSpacing(16)
        grid.addWidget(self.errors, 0, 0)
        grid.addWidget(self.matrix, 1, 0)
        grid.addWidget(self.stack, 0, 1, 2, 1)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 3)
        grid.setRowStretch(0, 2)
        grid.setRowStretch(1, 4)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 4, 0, 0)
        page.setSpacing(10)
        page.addLayout(head)
        page.addLayout(grid, 1)

    def _settings_page(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 10, 0)
        column.setSpacing(8)
        column.addWidget(text("Readout", "section"))
        column.addWidget(self.form)
        column.addSpacing(8)
        column.addWidget(text("Compare with", "section"))
        for option in BASELINES:
            switch = Switch()
            switch.setToolTip(option.help)
            switch.setAccessibleName(option.label)
            switch.toggled.connect(lambda on, id=option.id: self._compare(id, on))
            column.addWidget(labelled(Spec("switch", False, option.label, option.help), switch))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        inside.setProperty("plane", "stage")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        return area

    def _connect(self) -> None:
        self.matrix.cell_clicked.connect(self.choose_cell)
        self.form.changing.connect(lambda n, v: self._set(n, v, seal=False))
        self.form.chosen.connect(lambda n, v: self._set(n, v, seal=True))
        self.session.document_changed.connect(self._show_document)
        self.learner.training_changed.connect(self.show_training)
        self.learner.trained_changed.connect(self.show_training)

    def _set(self, name: str, value: object, *, seal: bool) -> None:
        self.session.edit(
            lambda d: edits.set_readout_parameters(d, **{name: value}), f"set {name}", f"set {name}"
        )
        if seal:
            self.session.seal()

    def _show_document(self) -> None:
        self.form.set_params(self.session.setup.readout)

    def _compare(self, id: str, on: bool) -> None:
        (self.learner.baselines.add if on else self.learner.baselines.discard)(id)

    def _show_right(self, settings: bool) -> None:
        needed = self.form.minimumSizeHint().width() + theme().px(BESIDE)
        self.stack.setMinimumWidth(needed if settings else 0)
        self.stack.setCurrentIndex(SETTINGS if settings else IMAGES)

    def _train_or_stop(self) -> None:
        if self.learner.busy:
            self.learner.cancel()
        else:
            self.settings.setChecked(False)
            self._cell = None
            self.learner.train()

    # what is shown

    def show_training(self) -> None:
        """How far it is, the errors so far, and the judgement when there is one."""
        learner, training = self.learner, self.learner.training
        self.train.setText("Stop training" if learner.busy else "Train the readout")
        self.bar.setVisible(learner.busy)
        self.bar.setValue(round(1000 * learner.progress))
        self.words.setText(self._state())
        if training is None:
            self.errors.forget()
            self.matrix.clear()
            self._show_images()
            return
        self._show_errors(training)
        judgement = training.courses[READOUT].judgement
        if judgement is not self._shown:
            self._shown = judgement
            if judgement is None:
                self.matrix.clear()
            else:
                self.matrix.show_counts(judgement.confusion, training.data.classes)
            self._show_images()

    def _state(self) -> str:
        learner, training = self.learner, self.learner.training
        if learner.busy and training is not None:
            return progress_words(training)
        trained, frame = learner.trained, learner.frame
        if trained is None:
            return "reads the hidden units by labels; the weights stay as they are"
        if frame is not None and 0 <= trained.update != frame.update:
            return "the weights have moved since: train again to read them as they are"
        return "trained on the weights as they are"

    def _show_errors(self, training: Training) -> None:
        scores = training.courses[READOUT].scores
        columns = [
            np.array([100 * getattr(s, name) for s in scores])
            for name in ("running_error", "validation_error", "test_error")
        ]
        epochs = np.arange(1, len(scores) + 1, dtype=float)
        self.errors.show_errors(epochs, *columns)
        self.errors.set_epochs(training.courses[READOUT].epochs)
        others = {
            option.label: 100 * _latest(training.courses[option.id])
            for option in BASELINES
            if option.id in training.courses and training.courses[option.id].scores
        }
        self.errors.set_baselines({k: v for k, v in others.items() if not np.isnan(v)})
        readout = training.readout
        self.errors.set_best(readout.epoch if readout is not None else None)

    def choose_cell(self, true: int, read: int) -> None:
        """The images of one cell of the matrix; the same cell again shows the hardest."""
        self._cell = None if self._cell == (true, read) else (true, read)
        self.matrix.set_chosen(self._cell)
        self.settings.setChecked(False)
        self._show_images()

    def _show_images(self) -> None:
        training = self.learner.training
        judgement = training.courses[READOUT].judgement if training else None
        if training is None or judgement is None:
            self.grid_title.setText("Hardest images")
            self.grid.clear("Train the readout: the images that it reads worst appear here.")
            return
        data, classes = training.data, training.data.classes
        part = data.test if len(data.test) else data.validation
        where = self._chosen(judgement, part)
        truth = part.labels if part.labels is not None else judgement.predictions
        captions = [_caption(classes, int(truth[i]), int(judgement.predictions[i])) for i in where]
        if self._cell is None:
            self.grid_title.setText("Hardest images")
        else:
            true, read = (classes[c] for c in self._cell)
            self.grid_title.setText(f"{true} read as {read}: {whole(len(where))}")
        shape = (data.rows, data.cols, data.depth)
        self.grid.show_images(part, where, shape, captions, "No image")

    def _chosen(self, judgement: Judgement, part: Part) -> np.ndarray:
        if self._cell is None or part.labels is None:
            return judgement.hardest(HARDEST)
        true, read = self._cell
        return np.flatnonzero((part.labels == true) & (judgement.predictions == read))


def _latest(course: Course) -> float:
    """The error on the images that judge, else on those that decide when to stop."""
    last = course.scores[-1]
    return last.validation_error if np.isnan(last.test_error) else last.test_error


def _caption(classes: tuple[str, ...], true: int, read: int) -> str:
    return f"{classes[true]} read as {classes[read]}" if true != read else classes[true]
