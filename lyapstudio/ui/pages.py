"""The three columns that a kind of model needs: what goes in, what happens, what it means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.document import export
from lyapstudio.ui.exporting import Exportable
from lyapstudio.ui.learner import Learner
from lyapstudio.ui.panels.beside import Labels
from lyapstudio.ui.panels.centre import CentrePanel
from lyapstudio.ui.panels.cue import CuePanel
from lyapstudio.ui.panels.meaning import MeaningPanel
from lyapstudio.ui.panels.modes import GRAPH, MATRIX, WEIGHTS
from lyapstudio.ui.panels.network import NetworkPanel
from lyapstudio.ui.panels.patterns import PatternsPanel
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.seed import SeedField
from lyapstudio.ui.session import Session


class Page:
    """`left`, `centre` and `meaning`; `topics` says which help page explains which panel."""

    left: QScrollArea
    centre: Any
    meaning: Any
    network: NetworkPanel
    sections: tuple[Section, ...]
    _low = False
    topics: dict[QWidget, str]

    @property
    def stage(self) -> QWidget:
        """What has the focus when nothing else needs it: the keys are then the run's."""
        raise NotImplementedError

    def set_left(self, *sections: Section) -> None:
        """The left column scrolls where a low window has no room for all of it."""
        self.sections = sections
        self.left = QScrollArea()
        self.left.setWidgetResizable(True)
        self.left.setFrameShape(QScrollArea.Shape.NoFrame)
        self.left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setProperty("plane", "side")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(20)
        for section in sections:
            column.addWidget(section)
        column.addStretch(1)
        self.left.setWidget(inside)
        self._column = column
        # the scroll bar stands in the margin: contents that narrowed would shrink, and it would go
        self.left.verticalScrollBar().rangeChanged.connect(lambda *_: self._set_margins())

    def _set_margins(self) -> None:
        bar = self.left.verticalScrollBar()
        right = 10 if bar.maximum() > bar.minimum() else 20
        self._column.setContentsMargins(20, 16, right, 4 if self._low else 16)

    def can_show(self, mode: str) -> bool:
        """Whether the centre can show its network in this way."""
        return False

    def shows(self, mode: str) -> bool:
        """Whether it does so now."""
        return False

    def close(self) -> None:
        """End what still runs beside the simulation."""

    def fit(self, *, low: bool, short: bool) -> None:
        """Closer rows in a low window."""
        for section in self.sections:
            section.set_spacing(3 if low else 8)
        self._column.setSpacing(8 if low else 20)
        self._low = low
        self._set_margins()

    wholes: ClassVar[dict[str, tuple[str, Callable[[Path, Frame], None]]]]
    """What the network holds: a file's name, its kind, and what writes it."""

    def plots(self) -> dict[str, Exportable]:
        """What can be exported, by name."""
        raise NotImplementedError

    def set_projector(self, on: bool) -> None:
        """Only what a class needs."""
        self.centre.set_projector(on)
        self.meaning.set_projector(on)


class MemoryPage(Page):
    """Patterns, cue and network; the neurons; the function and one neuron."""

    def __init__(self, session: Session) -> None:
        self.patterns = PatternsPanel(session)
        self.cue = CuePanel(session)
        self.network = NetworkPanel(session)
        self.labels = Labels(session, self.cue, self.network)
        self.set_left(self.patterns, self.cue, self.network)
        self.centre, self.meaning = CentrePanel(session), MeaningPanel(session)
        self.topics = {
            self.patterns: "panel:patterns",
            self.cue: "panel:cue",
            self.network: "panel:network",
            self.centre: "panel:state",
            self.meaning: "function",
        }

    wholes: ClassVar = {
        "Neuron state": ("png", lambda path, frame: export.state_png(path, _grid(frame))),
        "Neuron states": ("npy", lambda path, frame: export.state_npy(path, _grid(frame))),
    }

    @property
    def stage(self) -> QWidget:
        return self.centre.canvas

    def plots(self) -> dict[str, Exportable]:
        from lyapstudio.ui import export as columns
        from lyapstudio.ui.panels import centre as middle
        from lyapstudio.ui.panels import meaning as right

        centre, meaning = self.centre, self.meaning
        return {
            "Lyapunov function": Exportable(meaning.curve, None, columns.lyapunov_columns),
            "Overlaps": Exportable(
                centre.bars, (centre.tabs, middle.OVERLAP), columns.overlap_columns
            ),
            "Overlaps over time": Exportable(
                centre.history, (centre.tabs, middle.TIME), columns.history_columns
            ),
            "Receptive field": Exportable(
                meaning.field, (meaning.tabs, right.WEIGHTS), columns.field_columns
            ),
            "Contributions": Exportable(
                meaning.waterfall, (meaning.tabs, right.NEURON), columns.contribution_columns
            ),
            **(self._weight_plots() if self.network.session.setup.model.uses_rule else {}),
        }

    def _weight_plots(self) -> dict[str, Exportable]:
        """Statistics, and what the middle shows of the weights."""
        from lyapstudio.ui import export_weights as columns
        from lyapstudio.ui.panels import meaning as right

        wires, statistics, tabs = self.centre.wires, self.meaning.statistics, self.meaning.tabs
        place = (tabs, right.STATISTICS)
        plots = {
            "Weight distribution": Exportable(
                statistics, place, lambda _: columns.weight_distribution_columns(statistics.summary)
            ),
            "Eigenvalues": Exportable(
                statistics, place, lambda _: columns.eigenvalue_columns(statistics.spectrum)
            ),
            "Degrees": Exportable(
                statistics, place, lambda _: columns.degree_columns(statistics.summary)
            ),
        }
        shown = {
            WEIGHTS: ("Weights of one neuron", columns.picked_columns),
            MATRIX: ("Weight matrix", columns.block_columns),
            GRAPH: ("Graph", columns.block_columns),
        }
        if wires.mode in shown:
            name, numbers = shown[wires.mode]
            plots[name] = Exportable(wires.stack, None, numbers)
        return plots

    def can_show(self, mode: str) -> bool:
        """Neurons, weights, matrix or graph."""
        return self.centre.can_show(mode)

    def shows(self, mode: str) -> bool:
        """What is in the middle now."""
        return self.centre.shows(mode)

    def close(self) -> None:
        """The layout of a graph, and what is known of the weights."""
        self.centre.wires.close()
        self.meaning.statistics.close_jobs()

    def fit(self, *, low: bool, short: bool) -> None:
        """Large tiles would bring a scroll bar in a short window."""
        super().fit(low=low, short=short)
        self.patterns.set_room(short)


class LearningPage(Page):
    """Data and learning; the receptive fields; the function, the units, the pad."""

    def __init__(self, session: Session, learner: Learner) -> None:
        from lyapstudio.ui.panels.answer import AnswerPanel
        from lyapstudio.ui.panels.data import DataPanel
        from lyapstudio.ui.panels.fields import FieldsPanel

        self._learner = learner
        self.data = DataPanel(session)
        self.network = NetworkPanel(session, title="Learning")
        fixed = "the first weights and the order of the images"
        self.network.add_tool(SeedField(session, fixed, named=False))
        self.set_left(self.data, self.network)
        self.centre, self.meaning = FieldsPanel(session, learner), AnswerPanel(session, learner)
        self.centre.unit_chosen.connect(self.meaning.show_unit)
        self.meaning.unit_chosen.connect(self.centre.choose_unit)
        self.topics = {
            self.data: "panel:data",
            self.network: "panel:learning",
            self.centre: "panel:fields",
            self.meaning: "function",
        }

    wholes: ClassVar = {
        "Weights": ("npy", lambda path, frame: export.array_npy(path, _weights(frame)))
    }

    @property
    def stage(self) -> QWidget:
        return self.centre.mosaic

    def plots(self) -> dict[str, Exportable]:
        from lyapstudio.ui import export as columns
        from lyapstudio.ui.panels import fields as middle

        centre, meaning, learner = self.centre, self.meaning, self._learner
        fields = (centre.tabs, middle.FIELDS)
        readout = (centre.tabs, middle.READOUT)
        return {
            "Lyapunov function": Exportable(meaning.curve, None, columns.lyapunov_columns),
            "Receptive fields": Exportable(centre.mosaic, fields, columns.weight_columns),
            "Norms and wins": Exportable(meaning.spread, None, columns.unit_columns),
            "One example": Exportable(
                centre.layers, (centre.tabs, middle.EXAMPLE), columns.example_columns
            ),
            "Errors of the readout": Exportable(
                centre.readout.errors, readout, lambda _: columns.error_columns(learner.training)
            ),
            "Confusion matrix": Exportable(
                centre.readout.matrix,
                readout,
                lambda _: columns.confusion_columns(learner.training),
            ),
        }


def _grid(frame: Frame) -> NDArray[np.int8]:
    assert frame.problem is not None
    return frame.channels["units"].reshape(frame.problem.rows, frame.problem.cols)


def _weights(frame: Frame) -> NDArray[np.float32]:
    return frame.channels["weights"]
