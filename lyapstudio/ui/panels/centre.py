"""The centre column: the network, time, and what its state means."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLayout,
    QMenu,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.analysis.layout import LAYOUTS
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Problem, Rest
from lyapstudio.document import rewiring
from lyapstudio.document.edits import cue_grid
from lyapstudio.ui import drawing
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.panels.beside import SideBySide
from lyapstudio.ui.panels.edit_tools import DRAW, SILENCE, EditTools
from lyapstudio.ui.panels.modes import GRAPH, NEURONS, ModeStrip
from lyapstudio.ui.panels.setups import SetupChooser, compare_button
from lyapstudio.ui.panels.wires import MOST_NODES, Wires
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.scrubber import Scrubber
from lyapstudio.ui.parts.tiles import ArithmeticTiles
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.bars import OverlapBars
from lyapstudio.ui.views.canvas import Canvas

if TYPE_CHECKING:
    from lyapstudio.ui.views.history import OverlapHistory

ROOMY = 900
"""Two networks side by side leave room for the strip of modes from this width on, px."""
OVERLAP, TIME, NEURON, TOOLS = range(4)
TABS = (
    ("Overlap", "How alike the state is to each memory now: 1 is a perfect match."),
    ("Over time", "The same overlaps since the cue."),
    ("One neuron", "What the neuron that is asked next hears, and what it decides."),
    ("Edit", "Tools for the mouse: draw, silence neurons, change weights."),
)


class CentrePanel(QWidget):
    """Canvas, scrubber, and below them overlaps, their history, or one neuron's arithmetic."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setProperty("plane", "stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = Canvas("units")
        self.scrubber = Scrubber()
        self.tabs = QTabBar()
        for k, (name, tip) in enumerate(TABS):
            self.tabs.addTab(name)
            self.tabs.setTabToolTip(k, tip)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pencil = IconButton(
            "ph.pencil-simple", "Brush sizes and tools for drawing on the network"
        )
        self.pencil.clicked.connect(self._show_tools)
        self.setups = SetupChooser(session)
        self.pair = SideBySide(session, self.canvas)
        self.compare = compare_button(session)
        self.bars, self.tiles = OverlapBars(), ArithmeticTiles()
        self.modes, self.tools = ModeStrip(), EditTools(LAYOUTS)
        self.wires = Wires(session, self.tools)
        self.views = QStackedWidget()
        self.views.addWidget(self.pair)
        self.views.addWidget(self.wires.stack)
        self._history_page = QWidget()
        QVBoxLayout(self._history_page).setContentsMargins(0, 0, 0, 0)
        self.stack = QStackedWidget()
        for view in (self.bars, self._history_page, _top(self.tiles), self.tools):
            self.stack.addWidget(view)
        self._problem: Problem | None = None
        self._hinted = True
        self._lay_out()
        self._connect()
        self._show_tools_due()
        self._show_cue()

    def _show_cue(self) -> None:
        """The picture is there at once; the network itself is still being made ready."""
        document, setup = self.session.document, self.session.setup
        self.canvas.set_grid(setup.rows, setup.cols)
        self.canvas.show_cells(cue_grid(document, setup).reshape(-1))
        self.canvas.set_words("Neuron state", "the cue; the network is getting ready …")

    def _lay_out(self) -> None:
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 8)
        self.column.setSpacing(4)
        self.column.addWidget(self.setups)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.modes)
        middle.addWidget(self.views, 1)
        self.column.addLayout(middle, 1)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(self.tabs)
        row.addWidget(self.scrubber, 1)
        row.addWidget(self.compare)
        row.addWidget(self.pencil)
        self.column.addLayout(row)
        self.column.addWidget(self.stack)
        theme().changed.connect(self._resize)
        self._resize()

    def _resize(self) -> None:
        high = 128 if theme().projector else 152  # a class needs the network most
        self.stack.setFixedHeight(theme().px(116 if self.height() < 760 else high))

    @cached_property
    def history(self) -> OverlapHistory:
        """Made when it is first looked at: its import is slow."""
        from lyapstudio.ui.views.history import OverlapHistory

        history = OverlapHistory()
        if self._problem is not None:
            history.set_memories(self._problem.names)
        cast(QLayout, self._history_page.layout()).addWidget(history)
        return history

    def resizeEvent(self, event: object) -> None:
        """A low window keeps the room for the network."""
        self._resize()
        self._align()

    def set_projector(self, on: bool) -> None:
        """A class needs the network and its overlaps."""
        self.scrubber.setVisible(not on)
        self.modes.setVisible(not on and self.session.setup.model.uses_rule)
        self.tabs.setVisible(not on)
        self.pencil.setVisible(not on)
        self.compare.setVisible(not on)
        if on:
            self.tabs.setCurrentIndex(OVERLAP)

    def _connect(self) -> None:
        session = self.session
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.canvas.painted.connect(self._painted)
        self.modes.chosen.connect(self.set_mode)
        self.tools.wake_all.connect(self._wake_all)
        self.tools.brush_chosen.connect(lambda size: setattr(self.canvas, "brush", size))
        session.document_changed.connect(self._show_tools_due)
        self.canvas.stroke_began.connect(session.seal)
        self.canvas.stroke_ended.connect(session.seal)
        self.canvas.hovered.connect(session.look_at)
        self.canvas.span_changed.connect(lambda *_: self._align())
        self.pair.rearranged.connect(self._rearranged)
        self.scrubber.seek_requested.connect(session.seek)
        self.bars.memory_chosen.connect(session.choose_memory)
        session.frame_arrived.connect(self.show_network)
        session.overlaps_due.connect(self.show_meaning)
        session.stepped.connect(self._stepped)

    def show_frame(self, frame: Frame) -> None:
        """Hand the frame to the views that are in sight."""
        self.show_network(frame)
        self.show_meaning(frame)

    def show_network(self, frame: Frame) -> None:
        """The picture of the network."""
        problem = frame.problem
        if problem is None:
            self.canvas.set_hint(frame.busy)
            return
        if "units" not in frame.channels:
            return  # another page's
        self._offer_modes(problem)
        if problem is not self._problem:
            self._new_problem(problem)
        if self.modes.mode != NEURONS:
            self.wires.show_frame(frame)
            self._hinted = False
            return
        self.canvas.show_frame(frame)
        self.pair.show_frame(frame)
        self.canvas.set_words("Neuron state", self._caption(frame))
        self._hinted = self._hinted and not frame.running and frame.update == 0
        hint = self.pair.hint if self._hinted else ""
        self.canvas.set_hint(frame.busy or hint)

    def show_meaning(self, frame: Frame) -> None:
        """Time, and what the state means."""
        problem = frame.problem
        if problem is None or "units" not in frame.channels:
            return
        self.scrubber.show_time(
            frame.reach, frame.update, frame.latest, self.session.strides[0].label
        )
        shown = self.stack.currentIndex()
        if shown == OVERLAP:
            self.bars.show_frame(frame)
        elif shown == TIME:
            self.history.show_frame(frame)
        elif frame.arithmetic is not None:
            update = frame.update + 1 if frame.looked_at is None else None
            self.tiles.show_arithmetic(frame.arithmetic, update, problem.rows, problem.cols)

    def _new_problem(self, problem: Problem) -> None:
        old = self._problem
        self._problem = problem
        if old is None or (old.rows, old.cols) != (problem.rows, problem.cols):
            self.canvas.set_grid(problem.rows, problem.cols)
        if old is None or old.memories is not problem.memories or old.names != problem.names:
            grids = [m.reshape(problem.rows, problem.cols) for m in problem.memories]
            self.bars.set_memories(problem.names, grids)
            if "history" in self.__dict__:
                self.history.set_memories(problem.names)
        self._align()

    def _align(self) -> None:
        """The bars stand under the picture of the neurons, whatever is shown in its place."""
        box = self.pair.picture()
        left = self.views.mapTo(self, box.topLeft()).x() - self.stack.x()
        self.bars.align(left, box.width())

    def _caption(self, frame: Frame) -> str:
        if frame.busy:
            return frame.busy
        if frame.rest is Rest.CYCLE and frame.flipping is not None:
            return f"the {len(frame.flipping)} outlined neurons flip at every step"
        if frame.update < frame.latest:
            return "an earlier moment; going on from here is the same run, drawing starts another"
        if frame.rest is Rest.FIXED:
            return "at rest: no neuron wants to change"
        if frame.update == 0:
            return "the cue; draw on it with the mouse"
        strides = self.session.strides
        if len(strides) == 1:
            return "all neurons together"
        sweep = frame.update // strides[-1].updates
        name = "first sweep" if sweep == 0 else f"sweep {whole(sweep + 1)}"
        return f"{name}, one neuron at a time"

    # what is shown in the middle

    def set_mode(self, mode: str) -> None:
        """Neurons, one neuron's weights, all weights, or a graph; the tools for it come up."""
        if not self.can_show(mode):
            return
        self.modes.set_mode(mode)
        self.tools.set_mode(mode)
        self.views.setCurrentIndex(0 if mode == NEURONS else 1)
        self.wires.set_mode(mode)
        if mode != NEURONS:
            self.tabs.setCurrentIndex(TOOLS)
        elif self.tabs.currentIndex() == TOOLS:
            self.tabs.setCurrentIndex(OVERLAP)
        if self.session.frame is not None:
            self.show_network(self.session.frame)

    def _rearranged(self) -> None:
        """Two networks were asked for, or one: both are seen as neurons first."""
        if self.pair.compared and not self.shows(NEURONS):
            self.set_mode(NEURONS)
        self._align()

    def shows(self, mode: str) -> bool:
        """Whether this is in the middle now."""
        return self.modes.mode == mode

    def can_show(self, mode: str) -> bool:
        """Whether this network has such a picture."""
        setup = self.session.setup
        if mode == NEURONS:
            return True
        return setup.model.uses_rule and (mode != GRAPH or setup.N <= MOST_NODES)

    def _offer_modes(self, problem: Problem) -> None:
        """A network without weights of a rule has neurons only; a large one no graph."""
        wired, small = problem.weights is not None, problem.N <= MOST_NODES
        cramped = self.pair.compared and self.width() < ROOMY and self.shows(NEURONS)
        offered = wired and not theme().projector and not cramped
        if self.modes.isVisibleTo(self) != offered:
            self.modes.setVisible(offered)
        self.modes.set_possible(GRAPH, small, f"A graph shows up to {MOST_NODES} neurons.")
        if not self.can_show(self.modes.mode):
            self.set_mode(NEURONS)

    def _show_tools_due(self) -> None:
        setup = self.session.setup
        edited = sum(stroke.count for stroke in setup.strokes)
        silenced = 0 if setup.lesions is None else int(setup.lesions.sum())
        self.tools.show_counts(edited, silenced)

    def _painted(self, where: NDArray[np.int64], value: int) -> None:
        """Draw on the state, or silence and wake neurons."""
        tool = self.tools.tool
        if tool == DRAW:
            drawing.paint(self.session, where, value)
            return
        silent = (tool == SILENCE) == (value > 0)
        words = "silence neurons" if silent else "wake neurons"
        self.session.edit(lambda d: rewiring.lesion(d, where, silent), words, words)

    def _wake_all(self) -> None:
        self.session.edit(lambda d: rewiring.lesion(d, None), "wake all neurons")

    def _show_tools(self) -> None:
        menu = QMenu(self)
        drawing.fill(menu, self.canvas, self.session)
        menu.exec(self.pencil.mapToGlobal(self.pencil.rect().bottomLeft()))

    def _tab_chosen(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        if index != TOOLS:
            self.tools.draw_again()  # with the tools out of sight the mouse draws
        if self.session.frame is not None:
            self.show_frame(self.session.frame)

    def _stepped(self, updates: int) -> None:
        """Step mode explains itself: the arithmetic comes up."""
        one_by_one = updates == 1 and len(self.session.strides) > 1
        if one_by_one and self.tabs.currentIndex() == OVERLAP:
            self.tabs.setCurrentIndex(NEURON)


def _top(widget: QWidget) -> QWidget:
    """The widget at the top of a page."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addStretch(1)
    return page
