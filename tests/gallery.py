"""A mock window made of the parts with invented data: `python -m tests.gallery OUT.png`."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMenuBar,
    QSlider,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.core.frame import Frame
from lyapstudio.core.insight import Arithmetic
from lyapstudio.core.model import (
    Assumption,
    Direction,
    Guarantee,
    LyapunovFunction,
    Problem,
    Repair,
    Rest,
    Stride,
)
from lyapstudio.core.param import Choice, Params, choice, integer, number, switch
from lyapstudio.core.trace import Trace
from lyapstudio.ui.parts.badge import Badges
from lyapstudio.ui.parts.button import IconButton, RunButton
from lyapstudio.ui.parts.chooser import Chooser, Entry, ModelChooser
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.patterns import PatternTiles
from lyapstudio.ui.parts.pill import OutcomePill
from lyapstudio.ui.parts.reading import Reading, Terms
from lyapstudio.ui.parts.scrubber import Scrubber
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.slider import Track
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.parts.tiles import ArithmeticTiles
from lyapstudio.ui.parts.waterfall import Waterfall
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.bars import OverlapBars
from lyapstudio.ui.views.canvas import Canvas
from lyapstudio.ui.views.curve import LyapunovCurve
from lyapstudio.ui.views.field import ReceptiveField

FUNCTIONS = (
    LyapunovFunction(
        "E",
        "energy",
        "<i>E</i> = −½ Σ<sub>i≠j</sub> <i>w<sub>ij</sub> s<sub>i</sub> s<sub>j</sub></i>",
    ),
    LyapunovFunction("½ L(t)", "two-step energy", "<i>L</i>"),
)
LABELS = ("symmetric weights", "one at a time", "no self-coupling", "zero temperature")
CAUSE = (
    "neurons update together: <i>E</i> is proved to fall only if one neuron moves at a time. "
    "Here each answers the others’ old state."
)
MODELS = (
    Entry("hopfield_1982", "Hopfield 1982", "binary memory"),
    Entry("dense_associative", "Dense associative memory", "Krotov & Hopfield 2016"),
)


@dataclass(frozen=True)
class Cue(Params):
    """A cue like the document's."""

    flips: float = number(
        0.36,
        0.0,
        1.0,
        label="Flipped pixels",
        percent=True,
        decimals=0,
        help="Try 30 %, then 50 %.",
    )
    hidden: str = choice(
        "none",
        (Choice("none", "None"), Choice("half", "Half"), Choice("box", "Box")),
        label="Hidden part",
        help="Blank a part of the cue.",
    )


@dataclass(frozen=True)
class Network(Params):
    """Parameters like the binary model's."""

    rule: str = choice(
        "hebb",
        (Choice("hebb", "Hebb"), Choice("projection", "Projection"), Choice("s", "Storkey 1997")),
        label="Learning",
        help="How the weights follow from the memories.",
    )
    order: str = choice(
        "single",
        (Choice("single", "One at a time"), Choice("together", "Together")),
        label="Updates",
        help="Which neurons look at their field at once.",
    )
    temperature: float = number(
        0.0, 0.0, 5.0, label="Temperature", help="Noise: at 0 every neuron obeys its field."
    )
    sweeps: int = integer(
        10, 1, 1000, log=True, label="Cooling time", help="Only with heat.", when=("heat", (True,))
    )
    heat: bool = switch(False, label="Cool down slowly", help="From hot to cold.")
    symmetric: bool = switch(True, label="Symmetric weights", help="w_ij = w_ji.")
    seed: int = integer(1, 0, 2**31 - 1, label="Seed", help="The same seed gives the same run.")


def make_trace(*curves: tuple[np.ndarray, np.ndarray]) -> Trace:
    """A real trace with these changes (update, value) of each function."""
    trace = Trace((Direction.FALLS, Direction.FALLS))
    for curve, (at, values) in zip(trace.curves, curves, strict=False):
        curve.begin(0, float(values[0]))
        curve.add(at.astype(np.int64), values, 1e-9, "")
    return trace


class FakeModel:
    """The functions and strides that the views ask for."""

    functions = FUNCTIONS
    learns = False

    def __init__(self, together: bool) -> None:
        self._together = together

    def strides(self, problem: Problem) -> tuple[Stride, ...]:
        sweep = Stride("sweep", "sweep", "sweeps", problem.N)
        return (sweep,) if self._together else (Stride("update", "update", "updates", 1), sweep)


def letters(side: int, names: str) -> list[np.ndarray]:
    """Glyphs as (side, side) int8 grids."""
    grids = []
    for name in names:
        image = QImage(side, side, QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        font = QFont("Inter", -1, QFont.Weight.Bold)
        font.setPixelSize(side)
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(QRect(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, name)
        painter.end()
        stride = image.bytesPerLine()
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(side, stride)[:, :side]
        grids.append(np.where(pixels > 100, 1, -1).astype(np.int8))
    return grids


def pictures(side: int, count: int) -> list[np.ndarray]:
    """Dithered blobs that stand for photographs."""
    rng = np.random.default_rng(4)
    grids = []
    for _ in range(count):
        coarse = rng.normal(size=(7, 7))
        at = np.linspace(0, 5.999, side)
        i, f = at.astype(int), at % 1
        wide = coarse[i] * (1 - f)[:, None] + coarse[i + 1] * f[:, None]
        full = wide[:, i] * (1 - f) + wide[:, i + 1] * f
        noise = rng.uniform(-0.7, 0.7, full.shape)
        grids.append(np.where(full + noise > full.mean(), 1, -1).astype(np.int8))
    return grids


def guarantee(symbol: str, broken: int | None = None) -> Guarantee:
    repair = Repair("Update one at a time", {"order": "single"})
    rows = [
        Assumption(
            label, k != broken, CAUSE if k == broken else "", repair if k == broken else None
        )
        for k, label in enumerate(LABELS)
    ]
    return Guarantee(symbol, tuple(rows))


@dataclass
class Scene:
    """All that the mock window shows."""

    names: tuple[str, ...]
    grids: list[np.ndarray]
    chosen: int
    frame: Frame
    outcome: SimpleNamespace
    caption: str
    overlap_caption: str
    clock: tuple[str, str]
    rate: tuple[str, str, float]
    network: Network
    cue: Cue
    window: int | None = None
    wrong: tuple[int, ...] = (0, 0)


def make_frame(
    grids: list[np.ndarray],
    names: tuple[str, ...],
    cells: np.ndarray,
    overlaps: np.ndarray,
    levels: np.ndarray,
    together: bool = False,
    **more: object,
) -> Frame:
    """A frame as the simulation hands it out."""
    rows, cols = cells.shape
    memories = np.array([g.ravel() for g in grids])
    problem = Problem(
        rows, cols, memories, names, cells.ravel(), np.zeros(rows * cols), None, seed=1
    )
    base: dict = {
        "generation": 1,
        "update": 6451,
        "latest": 6451,
        "reach": 0,
        "running": True,
        "rest": Rest.MOVING,
        "channels": {"units": cells.ravel(), "overlaps": overlaps},
        "values": (-2857.7, float("nan")),
        "terms": {"Pairs": -2857.7, "Thresholds": 0.0},
        "guarantees": (guarantee("E"),),
        "trace": None,
        "looked_at": 33 * 96 + 32,
        "problem": problem,
        "model": FakeModel(together),
        "levels": levels,
    }
    return Frame(**(base | more))


def scene_a() -> Scene:
    """Photographs, on the way to a memory."""
    rng = np.random.default_rng(1)
    grids = pictures(96, 6)
    names = ("Astronaut", "Camera", "Cat", "Coffee", "Coins", "Horse")
    cells = np.where(rng.random((96, 96)) < 0.14, -grids[2], grids[2]).astype(np.int8)
    overlaps = np.array([np.mean(g * cells) for g in grids])
    at = np.arange(1, 6452, 3.0)
    values = -350 - 2507.7 * (at / 6451) ** 1.4
    weights = sum(np.outer(g.ravel()[33 * 96 + 32], g.ravel()) for g in grids).ravel() / 9216.0
    levels = np.array([-4820.0, -4700, -4608, -4660, -4760, -4630])
    trace = make_trace((at, values))
    frame = make_frame(grids, names, cells, overlaps, levels, trace=trace, incoming=weights)
    outcome = SimpleNamespace(kind="moving", title="Moving, nearest is Cat", detail="overlap 0.72")
    return Scene(
        names,
        grids,
        2,
        frame,
        outcome,
        "first sweep, one neuron at a time",
        "m = 1 is a perfect match",
        ("update 6\u2009451", "sweep 0.70"),
        ("2\u2009000", "updates a second", 0.6),
        Network(),
        Cue(),
    )


def scene_b() -> Scene:
    """Letters, all at once: a 2-cycle."""
    rng = np.random.default_rng(2)
    names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    grids = letters(14, "".join(names))
    cells = grids[25].copy()
    flips = rng.choice(196, 12, replace=False).astype(np.int64)
    overlaps = np.abs([np.mean(g * cells) for g in grids]) * 0.73
    at = np.arange(1.0, 431.0)
    e = np.where(at % 2 == 0, -69.75, -71.4)
    trace = make_trace((at, e), (at, np.full_like(at, -73.8)))
    frame = make_frame(
        grids,
        names,
        cells,
        overlaps,
        np.full(36, -90.0),
        together=True,
        flipping=flips,
        update=430,
        latest=430,
        values=(-69.75, -73.8),
        terms={"Pairs": -69.75, "Thresholds": 0.0},
        guarantees=(guarantee("E", 1), guarantee("½ L(t)")),
        trace=trace,
        looked_at=23,
        incoming=rng.normal(size=196) * 0.05,
    )
    return Scene(
        names,
        grids,
        17,
        frame,
        SimpleNamespace(
            kind="cycle", title="2-cycle, no memory", detail="12 neurons flip for ever"
        ),
        "the 12 outlined neurons flip at every step",
        "best: Z at 0.73, not a recall",
        ("step 430", "since the cue"),
        ("8", "steps a second", 0.33),
        Network(order="together", rule="projection"),
        Cue(flips=0.4),
        40,
        (212, 0),
    )


def scene_e() -> Scene:
    """One neuron at a time."""
    rng = np.random.default_rng(3)
    grids = letters(16, "IMQWX")
    cells = np.where(rng.random((16, 16)) < 0.17, -grids[2], grids[2]).astype(np.int8)
    overlaps = np.array([np.mean(g * cells) for g in grids])
    at = np.cumsum(rng.integers(1, 7, 30)).astype(float)
    values = -38.0 - np.cumsum(rng.uniform(0.3, 1.5, 30))
    parts = ("Memory I", 0.023), ("Memory M", -0.086), ("Memory Q", 0.664), ("Memory W", 0.039)
    parts += ("Memory X", -0.117), ("Minus itself", 0.020)
    now = int(at[-1]) + 2
    value = float(values[-1])
    frame = make_frame(
        grids,
        tuple("IMQWX"),
        cells,
        overlaps,
        np.full(5, -110.0),
        update=now,
        latest=now,
        running=False,
        values=(value, float("nan")),
        terms={"Pairs": value, "Thresholds": 0.0},
        trace=make_trace((at, values)),
        arithmetic=Arithmetic(132, 0.543, 0.0, -1, 1, -1.086, parts),
    )
    return Scene(
        tuple("IMQWX"),
        grids,
        2,
        frame,
        SimpleNamespace(kind="moving", title="Paused, nearest is Q", detail="overlap 0.66"),
        "one neuron at a time, in random order",
        "m = 1 is a perfect match",
        (f"update {now}", "sweep 0.40"),
        ("1", "update a second", 0.05),
        Network(),
        Cue(flips=0.28),
        48,
    )


class MockWindow(QWidget):
    """The three columns with every part at its place."""

    def __init__(self, scene: Scene, size: tuple[int, int]) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("plane", "side")
        self.resize(*size)
        wide = size[0] > 1500
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._menu())
        whole.addWidget(self._bar(scene))
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self._left(scene, 320 if wide else 272, size[1]))
        columns.addWidget(self._centre(scene, size), 1)
        columns.addWidget(self._right(scene, 520 if wide else 368))
        whole.addLayout(columns, 1)

    def _menu(self) -> QWidget:
        row = QWidget()
        row.setFixedHeight(theme().px(32))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 12, 0)
        menu = QMenuBar()
        for title in ("File", "Edit", "View", "Run", "Learn", "Help"):
            menu.addMenu(title).addAction("Open")
        menu.setMinimumWidth(400)
        line.addWidget(menu, 1)
        line.addWidget(text("Photographs — edited", "caption"))
        line.addSpacing(12)
        for icon in ("ph.arrow-u-up-left", "ph.arrow-u-up-right", "ph.question"):
            line.addWidget(IconButton(icon, icon, side=24))
        return row

    def _bar(self, scene: Scene) -> QWidget:
        bar = QWidget()
        bar.setFixedHeight(theme().px(64))
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(ModelChooser(MODELS))
        row.addSpacing(16)
        row.addWidget(IconButton("ph.skip-back-fill", "Restart", side=40, role="text"))
        row.addWidget(IconButton("ph.caret-left-fill", "Step back", side=40, role="text"))
        run = RunButton()
        run.set_running(scene.frame.running)
        row.addWidget(run)
        row.addWidget(IconButton("ph.caret-right-fill", "Step", side=40, role="text"))
        row.addSpacing(14)
        row.addWidget(IconButton("ph.gauge", "Speed", side=28))
        speed = Track()
        speed.setValue(int(1000 * scene.rate[2]))
        speed.setFixedWidth(128)
        row.addWidget(speed)
        row.addLayout(pair(scene.rate[0], scene.rate[1]))
        row.addStretch(1)
        row.addLayout(pair(*scene.clock, right=True))
        row.addSpacing(16)
        pill = OutcomePill()
        pill.reserve(scene.names)
        moving = scene.outcome.kind == "moving"
        pill.show_outcome(scene.outcome, scene.grids[scene.chosen] if moving else None)
        row.addWidget(pill)
        return bar

    def _left(self, scene: Scene, width: int, height: int) -> QWidget:
        panel = QWidget()
        panel.setFixedWidth(width)
        column = QVBoxLayout(panel)
        column.setContentsMargins(20, 16, 20, 8)
        column.setSpacing(24)
        few = len(scene.names) > 24
        patterns = Section("Patterns", f"{len(scene.names)} letters" if few else "")
        for icon in ("ph.pencil-simple", "ph.image", "ph.dots-three-bold"):
            patterns.add_tool(IconButton(icon, icon))
        tiles = PatternTiles()
        tiles.resize(width - 40, 100)
        tiles.set_largest(72 if height >= 800 else 48)
        items = [
            (k, n, g, True) for k, (n, g) in enumerate(zip(scene.names, scene.grids, strict=True))
        ]
        tiles.set_patterns(items, scene.chosen)
        patterns.add(tiles)
        cue = Section("Cue")
        cue.add_tool(IconButton("ph.eraser", "Take back what was drawn"))
        cue.add(Chooser([Choice(n, n) for n in scene.names]))
        cue.add(Form(scene.cue))
        network = Section("Network")
        line = QHBoxLayout()
        line.addWidget(text("Neurons"))
        line.addStretch(1)
        rows = int(scene.frame.channels["units"].size ** 0.5)
        line.addWidget(text(f"{rows} × {rows} = {rows * rows}", "value"))
        network.add(line)
        network.add(Form(scene.network, names=("rule", "order", "temperature", "symmetric")))
        for section in (patterns, cue, network):
            column.addWidget(section)
        column.addStretch(1)
        return panel

    def _centre(self, scene: Scene, size: tuple[int, int]) -> QWidget:
        stage = QWidget()
        stage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        stage.setProperty("plane", "stage")
        column = QVBoxLayout(stage)
        column.setContentsMargins(20, 12, 20, 8)
        column.setSpacing(6)
        canvas = Canvas()
        cells = scene.frame.channels["units"]
        side = int(cells.size**0.5)
        canvas.set_grid(side, side)
        canvas.set_words("Neuron state", scene.caption)
        canvas.show_frame(scene.frame)
        column.addWidget(canvas, 1)
        scrubber = Scrubber()
        scrubber.show_time(0, scene.frame.update, scene.frame.latest)
        column.addWidget(scrubber)
        if scene.frame.arithmetic is not None:
            tiles = ArithmeticTiles()
            tiles.show_arithmetic(scene.frame.arithmetic, scene.frame.update + 1, side, side)
            column.addWidget(tiles)
            return stage
        bars = OverlapBars()
        bars.setFixedHeight(240 if size[1] > 1000 else 164)
        bars.set_memories(scene.names, scene.grids)
        bars.set_words("Overlap with each memory", scene.overlap_caption)
        bars.show_frame(scene.frame)
        canvas.span_changed.connect(bars.align)
        column.addWidget(bars)
        return stage

    def _right(self, scene: Scene, width: int) -> QWidget:
        panel = QWidget()
        panel.setFixedWidth(width)
        column = QVBoxLayout(panel)
        column.setContentsMargins(20, 16, 20, 12)
        column.setSpacing(8)
        section = Section("Lyapunov function")
        section.add_tool(IconButton("ph.question", "Help"))
        reading, badges, terms = Reading(FUNCTIONS[0]), Badges(), Terms()
        reading.show_value(scene.frame.values[0])
        terms.show_terms(scene.frame.terms)
        badges.show_guarantees(FUNCTIONS, scene.frame.guarantees, scene.frame.trace.counters)
        curve = LyapunovCurve()
        if scene.window:
            curve.set_window(scene.window)
        curve.show_frame(scene.frame)
        for part in (section, reading, badges):
            column.addWidget(part)
        column.addWidget(curve, 3)
        column.addWidget(terms)
        tabs = QTabBar()
        tabs.setExpanding(False)
        stepping = scene.frame.arithmetic is not None
        for name in ("This neuron",) * stepping + ("Weights", "Landscape", "Distributions"):
            tabs.addTab(name)
        column.addWidget(tabs)
        if scene.frame.arithmetic is not None:
            below: QWidget = Waterfall()
            below.show_arithmetic(scene.frame.arithmetic, 16)
        else:
            below = ReceptiveField()
            below.show_frame(scene.frame)
        column.addWidget(below, 2)
        return panel


def pair(top: str, bottom: str, right: bool = False) -> QVBoxLayout:
    """Value over unit; stretch above and below, else the two lines drift apart."""
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addStretch(1)
    for words, kind in ((top, "value"), (bottom, "caption")):
        label = text(words, kind)
        if right:
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
        column.addWidget(label)
    column.addStretch(1)
    return column


SCENES = {"A": scene_a, "B": scene_b, "E": scene_e}


def main() -> None:
    """Save a picture of one scene."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--scene", choices=SCENES, default="A")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--projector", action="store_true")
    parser.add_argument("--width", type=int, default=1280)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme().projector = options.projector
    theme().set_mode("dark" if options.dark else "light")
    heights = {1280: 800, 1920: 1080}
    height = heights.get(options.width, options.width * 10 // 16)
    window = MockWindow(SCENES[options.scene](), (options.width, height))
    window.show()
    for _ in range(5):
        app.processEvents()
    window.grab().save(options.out)
    print(window.minimumSizeHint(), window.size())
    assert not window.findChildren(QSlider, "none")


if __name__ == "__main__":
    main()
