"""The weights in the middle of the window: looked at and edited, one neuron, all, or as a graph."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from lyapstudio.analysis.layout import graph_layout
from lyapstudio.core.frame import Frame
from lyapstudio.document import rewiring
from lyapstudio.ui import drawing
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.numerals import figure, place, whole
from lyapstudio.ui.panels.edit_tools import BUNDLE, CUT, SET, STRONGER, EditTools
from lyapstudio.ui.panels.modes import GRAPH, MATRIX, NEURONS, WEIGHTS
from lyapstudio.ui.session import Session
from lyapstudio.ui.views.field import symmetric_level

if TYPE_CHECKING:
    from lyapstudio.ui.views.graph import GraphView
    from lyapstudio.ui.views.matrix import MatrixView
    from lyapstudio.ui.views.weights import WeightsCanvas

MOST_NODES = 64
"""Neurons that a graph can show."""
NUDGE = 0.25
"""A notch of the wheel changes a weight by this part of the value in the tools."""
HINTS = {
    WEIGHTS: "Ctrl+click another neuron to see its weights; left and right paint.",
    MATRIX: "The wheel zooms; single weights can be painted.",
    GRAPH: "Click a neuron to flip it, drag to connect; wheel and right click on a line.",
}


class Wires(QObject):
    """Feeds the three views with frames, and turns their strokes into edits of the document.

    `stack` holds the views; each is made when it is first looked at.
    """

    def __init__(self, session: Session, tools: EditTools) -> None:
        super().__init__()
        self.session, self.tools = session, tools
        self.stack = QStackedWidget()
        self.mode = NEURONS
        self._neuron: int | None = None
        self._out = False
        self._stroke = 0
        self._touched: set[int] = set()
        self._groups = [np.empty(0, np.int64), np.empty(0, np.int64)]
        self._shape: tuple[int, int] = (0, 0)
        self._seen: dict[str, Any] = {}
        self._layout_of: tuple[Any, ...] = ()
        self._laying = Latest(self)
        self._laying.arrived.connect(self._laid_out)
        tools.way_chosen.connect(self._turn)
        tools.tool_chosen.connect(lambda *_: self._follow_tool())
        tools.brush_chosen.connect(lambda *_: self._follow_tool())
        tools.bundle_asked.connect(self._bundle)
        tools.forget_groups.connect(self._forget_groups)
        tools.clear_asked.connect(self._clear)
        tools.layout_chosen.connect(lambda *_: self._lay_out_anew())

    # the views

    @cached_property
    def canvas(self) -> WeightsCanvas:
        """One neuron's weights over the sheet."""
        from lyapstudio.ui.views.weights import WeightsCanvas

        canvas = WeightsCanvas()
        if all(self._shape):
            canvas.set_grid(*self._shape)
        canvas.picked.connect(self.pick)
        canvas.stroke_began.connect(self._begin)
        canvas.stroke_ended.connect(self._end)
        canvas.painted.connect(self._painted)
        canvas.grouped.connect(self._grouped)
        canvas.hovered.connect(self._hovered)
        self.stack.addWidget(canvas)
        return canvas

    @cached_property
    def matrix(self) -> MatrixView:
        """All weights."""
        from lyapstudio.ui.views.matrix import MatrixView

        matrix = MatrixView()
        if all(self._shape):
            matrix.set_size(self._shape[0] * self._shape[1], self._shape[1])
        matrix.block_wanted.connect(lambda *part: self.session.simulation.look_through(part))
        matrix.stroke_began.connect(self._begin)
        matrix.stroke_ended.connect(self._end)
        matrix.painted.connect(self._painted_cells)
        self.stack.addWidget(matrix)
        return matrix

    @cached_property
    def graph(self) -> GraphView:
        """Neurons and arrows."""
        from lyapstudio.ui.views.graph import GraphView

        graph = GraphView()
        graph.flipped.connect(self._flip)
        graph.edge_drawn.connect(lambda i, j: self._one(i, j, self.tools.value, "set"))
        graph.edge_cut.connect(lambda i, j: self._one(i, j, 0.0, "set"))
        graph.edge_nudged.connect(self._nudge)
        self.stack.addWidget(graph)
        return graph

    def set_mode(self, mode: str) -> None:
        """Ask the worker for what this mode shows, and for no more."""
        self.mode = mode
        simulation = self.session.simulation
        problem = self.session.frame.problem if self.session.frame is not None else None
        if problem is not None and (problem.rows, problem.cols) != self._shape:
            self._new_shape((problem.rows, problem.cols))
        simulation.pick(self._neuron if mode == WEIGHTS else None)
        self.tools.read(HINTS.get(mode, ""))
        if mode == WEIGHTS:
            self.stack.setCurrentWidget(self.canvas)
        elif mode == MATRIX:
            self.stack.setCurrentWidget(self.matrix)
            self._seen.pop(MATRIX, None)
        elif mode == GRAPH:
            self.stack.setCurrentWidget(self.graph)
        self._follow_tool()
        simulation.look_through(self._part())
        if self.session.frame is not None:
            self.show_frame(self.session.frame)

    def _part(self) -> tuple[int, ...] | None:
        N = self._shape[0] * self._shape[1]
        if self.mode == GRAPH and 0 < N <= MOST_NODES:
            return (0, 0, N, N, N, N)
        return self.matrix.wanted if self.mode == MATRIX and N else None

    # frames

    def show_frame(self, frame: Frame) -> None:
        """Show what the frame brings for the view in sight."""
        problem = frame.problem
        if problem is None or self.mode == NEURONS:
            return
        shape = (problem.rows, problem.cols)
        if shape != self._shape:
            self._new_shape(shape)
        if problem.weights is not self._seen.get("held"):
            self._seen["held"] = problem.weights
            self.tools.suggest_anew()
        if self.mode == WEIGHTS:
            self._show_weights(frame)
        elif self.mode == MATRIX:
            if frame.block is not None and frame.block is not self._seen.get(MATRIX):
                self._seen[MATRIX] = frame.block
                self._suggest(frame.block.values)
                self.matrix.show_block(frame.block)
        else:
            self._show_graph(frame)

    def _new_shape(self, shape: tuple[int, int]) -> None:
        self._shape, self._neuron = shape, None
        self._seen.clear()
        self._forget_groups()
        self.session.simulation.pick(None)
        if "canvas" in self.__dict__:
            self.canvas.set_grid(*shape)
        if "matrix" in self.__dict__:
            self.matrix.set_size(shape[0] * shape[1], shape[1])
        self.session.simulation.look_through(self._part())

    def _show_weights(self, frame: Frame) -> None:
        canvas, picked, problem = self.canvas, frame.picked, frame.problem
        assert problem is not None
        canvas.set_grid(*self._shape)
        if problem.lesions is not self._seen.get("lesions"):
            self._seen["lesions"] = problem.lesions
            canvas.set_lesions(problem.lesions)
        if picked is self._seen.get(WEIGHTS) and picked is not None:
            return
        self._seen[WEIGHTS] = picked
        if picked is None:
            canvas.show_weights(None, None, self._out)
            return
        weights = picked.outgoing if self._out else picked.incoming
        self._suggest(weights)
        canvas.show_weights(picked.neuron, weights, self._out)

    def _show_graph(self, frame: Frame) -> None:
        graph, block = self.graph, frame.block
        states = frame.channels["units"]
        if frame.problem is not None and frame.problem.lesions is not self._seen.get("graphed"):
            self._seen["graphed"] = frame.problem.lesions
            graph.set_lesions(frame.problem.lesions)
        if block is not None and block is not self._seen.get(GRAPH) and not block.binned:
            self._seen[GRAPH] = block
            self._suggest(block.values)
            W = np.asarray(block.values, np.float64)
            graph.show_graph(W, states, cols=self._shape[1])
            self._lay_out(W)
        else:
            graph.show_states(states)

    def _suggest(self, weights: NDArray[Any]) -> None:
        values = np.asarray(weights, np.float64)
        self.tools.suggest(symmetric_level(values) if values.any() else 1.0)

    def _lay_out(self, W: NDArray[np.float64]) -> None:
        """Positions follow who is connected, not how strongly, so that nothing jumps."""
        kind = self.tools.layouts.value
        key = (kind, self._shape, (W != 0).tobytes())
        if key != self._layout_of:
            self._layout_of = key
            rows, cols = self._shape
            self._laying.ask(lambda report: graph_layout(W, kind, rows, cols))

    def _lay_out_anew(self) -> None:
        block = self._seen.get(GRAPH)
        if block is not None:
            self._lay_out(np.asarray(block.values, np.float64))

    def _laid_out(self, positions: NDArray[np.float64]) -> None:
        block, frame = self._seen.get(GRAPH), self.session.frame
        if block is not None and frame is not None and len(positions) == block.height:
            W = np.asarray(block.values, np.float64)
            states = frame.channels["units"]
            self.graph.show_graph(W, states, positions, cols=self._shape[1])

    # what the mouse does

    def pick(self, neuron: int | None) -> None:
        """Look at the weights of this neuron."""
        self._neuron = neuron
        self._seen.pop(WEIGHTS, None)
        self.session.simulation.pick(neuron)
        if "matrix" in self.__dict__:
            self.matrix.mark(neuron)

    def _turn(self, out: bool) -> None:
        self._out = out
        self._seen.pop(WEIGHTS, None)
        if self.session.frame is not None:
            self.show_frame(self.session.frame)

    def _follow_tool(self) -> None:
        if self.mode == WEIGHTS:
            self.canvas.brush = self.tools.brush
            grouping = self.tools.tool == BUNDLE
            self.canvas.set_grouping(grouping)
            self.tools.read(self._group_words() if grouping else HINTS[WEIGHTS])
        elif self.mode == MATRIX:
            self.matrix.brush = self.tools.brush

    def _begin(self) -> None:
        self._stroke += 1
        self._touched.clear()
        self.session.seal()

    def _end(self) -> None:
        self.session.seal()

    def _change(self, value: int) -> tuple[float, str] | None:
        """What a button of the mouse does with this tool: an amount, and "set" or "add"."""
        tool, size = self.tools.tool, self.tools.value
        if tool == CUT:
            return 0.0, "set"
        if size is None:
            return None
        if tool == SET:
            return value * size, "set"
        return (size if (tool == STRONGER) == (value > 0) else -size), "add"

    def _painted(self, where: NDArray[np.int64], value: int) -> None:
        i = self._neuron
        if i is None:
            return
        lesions = self._seen.get("lesions")
        fresh = [j for j in where.tolist() if j != i and j not in self._touched]
        if lesions is not None:
            fresh = [j for j in fresh if not lesions[j]]
        self._touched.update(fresh)
        others, own = np.array(fresh, np.int32), np.full(len(fresh), i, np.int32)
        into, out_of = (others, own) if self._out else (own, others)
        self._stroke_on(into, out_of, value)

    def _painted_cells(self, into: NDArray[Any], out_of: NDArray[Any], value: int) -> None:
        N = self._shape[0] * self._shape[1]
        keys = into.astype(np.int64) * N + out_of
        if self.tools.both:  # a pair counts once, whichever of the two weights was painted
            keys = np.minimum(keys, out_of.astype(np.int64) * N + into)
        fresh = [k for k in dict.fromkeys(keys.tolist()) if k not in self._touched]
        self._touched.update(fresh)
        pairs = np.array(fresh, np.int64)
        self._stroke_on(pairs // N, pairs % N, value)

    def _stroke_on(self, into: NDArray[Any], out_of: NDArray[Any], value: int) -> None:
        change = self._change(value)
        if change is None or not len(into):
            return
        amount, mode = change
        self._edit(into, out_of, amount, mode, f"weights {self._stroke}")

    def _edit(
        self,
        into: NDArray[Any],
        out_of: NDArray[Any],
        amount: float,
        mode: str,
        merge: str = "",
        block: bool = False,
    ) -> None:
        both = self.tools.both
        self.session.edit(
            lambda d: rewiring.add_stroke(
                d, into, out_of, amount, mode=mode, block=block, both=both
            ),
            "edit weights",
            merge,
        )

    def _one(self, into: int, out_of: int, amount: float | None, mode: str) -> None:
        if amount is not None:
            self._edit(np.array([into]), np.array([out_of]), amount, mode)

    def _nudge(self, into: int, out_of: int, steps: int) -> None:
        if self.tools.value is not None:
            amount = NUDGE * steps * abs(self.tools.value)
            pair = np.array([into]), np.array([out_of])
            self._edit(*pair, amount, "add", f"nudge {into} {out_of}")

    def _flip(self, neuron: int) -> None:
        frame = self.session.frame
        if frame is not None and frame.channels["units"][neuron]:
            value = -int(frame.channels["units"][neuron])
            drawing.paint(self.session, np.array([neuron]), value)

    # bundles

    def _grouped(self, where: NDArray[np.int64], which: int) -> None:
        self._groups[which] = np.union1d(self._groups[which], where)
        self._groups[1 - which] = np.setdiff1d(self._groups[1 - which], where)
        self.canvas.set_groups(*self._groups)
        self.tools.read(self._group_words())

    def _forget_groups(self) -> None:
        self._groups = [np.empty(0, np.int64), np.empty(0, np.int64)]
        if "canvas" in self.__dict__:
            self.canvas.set_groups(*self._groups)
        if self.mode == WEIGHTS and self.tools.tool == BUNDLE:
            self.tools.read(self._group_words())

    def _group_words(self) -> str:
        a, b = (len(group) for group in self._groups)
        if not a or not b:
            return "Left paints the first group (solid), right the second (dashed)."
        return f"{whole(a)} neurons listen to {whole(b)}: {whole(a * b)} pairs"

    def _bundle(self, connect: bool) -> None:
        first, second = self._groups
        value = self.tools.value if connect else 0.0
        if not len(first) or not len(second):
            self.session.failed.emit("Paint both groups first: left the one, right the other.")
        elif value is not None:
            self._edit(first, second, value, "set", block=True)

    def _clear(self) -> None:
        self.session.edit(rewiring.clear_strokes, "take all edits back")

    # reading

    def _hovered(self, neuron: int | None) -> None:
        picked = self._seen.get(WEIGHTS)
        if neuron is None or picked is None or self.tools.tool == BUNDLE:
            self._follow_tool()
            return
        cols = self._shape[1]
        weights = picked.outgoing if self._out else picked.incoming
        there, here = place(neuron, cols), place(picked.neuron, cols)
        ends = (here, there) if self._out else (there, here)
        value = figure(float(weights[neuron]), sign=True)
        self.tools.read(f"from {ends[0]} to {ends[1]}: {value}")

    def close(self) -> None:
        """End what still runs."""
        self._laying.close()
