"""The views of weights with real networks: `python -m tests.gallery_weights OUT_FOLDER`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from lyapstudio.analysis.layout import graph_layout
from lyapstudio.core.insight import Block
from lyapstudio.document.ready import ready_set
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.graph import GraphView
from lyapstudio.ui.views.matrix import MatrixView
from lyapstudio.ui.views.weights import WeightsCanvas

SIZES = {"1280": (638, 480), "1920": (1078, 720)}
"""The centre column in windows of 1280 x 800 and 1920 x 1080."""


def hebb(rows: int, cols: int, count: int = 6) -> np.ndarray:
    """(N, N) float64: Hebb's rule for the first letters, no self-coupling."""
    made = ready_set("letters").make(rows, cols)[:count]
    xi = np.array([grid.reshape(-1) for _, grid in made], float)
    W = xi.T @ xi / xi.shape[1]
    np.fill_diagonal(W, 0)
    return W


def shoot(widget: QWidget, file: Path, size: tuple[int, int]) -> QWidget:
    """Save a picture of a view on the plane of the centre column; returns that plane."""
    widget.resize(*size)
    frame = QWidget()
    frame.setProperty("plane", "stage")
    frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    frame.resize(size[0] + 40, size[1] + 32)
    widget.setParent(frame)
    widget.move(20, 16)
    widget.show()
    frame.show()
    QTest.qWait(60)
    frame.grab().save(str(file))
    return frame


def timed(name: str, act: Callable[[], object], times: int = 20) -> None:
    act()
    start = time.perf_counter()
    for _ in range(times):
        act()
    print(f"{name}: {(time.perf_counter() - start) / times * 1e3:.2f} ms")


def disc(rows: int, cols: int, row: float, col: float, radius: float) -> np.ndarray:
    r, c = np.mgrid[:rows, :cols]
    return np.flatnonzero((r - row) ** 2 + (c - col) ** 2 <= radius**2)


def weights(out: Path, mode: str) -> None:
    """One neuron of 28 x 28: its weights; groups and lesions over them; a million neurons."""
    W = hebb(28, 28)
    for name, size in SIZES.items():
        view = WeightsCanvas()
        view.set_grid(28, 28)
        view.show_weights(13 * 28 + 12, W[13 * 28 + 12], False)
        shoot(view, out / f"weights-{mode}-{name}.png", size)
        view = WeightsCanvas()
        view.set_grid(28, 28)
        view.show_weights(13 * 28 + 12, W[13 * 28 + 12], True)
        lesions = np.zeros(784, bool)
        lesions[disc(28, 28, 22, 6, 3.2)] = True
        view.set_lesions(lesions)
        view.set_groups(disc(28, 28, 6, 6, 4.2), disc(28, 28, 18, 20, 5.2))
        view.set_grouping(True)
        shoot(view, out / f"groups-{mode}-{name}.png", size)
    view = WeightsCanvas()
    view.set_grid(28, 28)
    shoot(view, out / f"weights-empty-{mode}.png", SIZES["1280"])
    view = WeightsCanvas()
    view.set_grid(1024, 1024)
    rng = np.random.default_rng(1)
    field = rng.normal(0, 1e-6, (1024, 1024))
    field += 3e-6 * np.sin(np.mgrid[:1024, :1024] / 90).prod(0)
    view.show_weights(500 * 1024 + 512, field.reshape(-1), False)
    scattered = rng.choice(1024 * 1024, 5000, replace=False)
    view.set_groups(disc(1024, 1024, 300, 300, 150), scattered)
    lesions = np.zeros(1024 * 1024, bool)
    lesions[disc(1024, 1024, 800, 700, 90)] = True
    view.set_lesions(lesions)
    frame = shoot(view, out / f"weights-million-{mode}.png", SIZES["1280"])
    if mode == "light":
        timed("million: groups", lambda: view.set_groups(scattered, scattered[:9]), 3)
        timed("million: weights", lambda: (view._refresh(), view.grab()), 5)
        timed("million: repaint", lambda: view.grab(), 5)
        timed("million: outlines", lambda: view._outlined(view._placement(), 1.0), 3)
    frame.close()


def block(W: np.ndarray, row: int, col: int, height: int, width: int, h: int, w: int) -> Block:
    """What the engine would answer."""
    values = W[row : row + height, col : col + width]
    if values.shape != (h, w):
        down = np.rint(np.linspace(0, height, h + 1)).astype(int)
        across = np.rint(np.linspace(0, width, w + 1)).astype(int)
        values = np.add.reduceat(np.add.reduceat(values, down[:-1], 0), across[:-1], 1)
        values = values / np.diff(down)[:, None] / np.diff(across)
    return Block(row, col, height, width, values.astype(np.float32))


def matrices(out: Path, mode: str) -> None:
    """All of 784 x 784, a part of it, single weights; a million neurons made up."""
    W = hebb(28, 28)

    def made(name: str, zooms: int, size: str) -> None:
        view = MatrixView()
        view.block_wanted.connect(lambda *what: view.show_block(block(W, *what)))
        view.set_size(784, 28)
        view.mark(13 * 28 + 12)
        view.resize(*SIZES[size])
        for _ in range(zooms):
            view._zoom(1, view._box(367, 374, 1, 1).center())
        frame = shoot(view, out / f"matrix-{mode}-{name}-{size}.png", SIZES[size])
        point = view._box(365, 368, 1, 1).center()
        QTest.mouseMove(view, point.toPoint())
        QTest.qWait(20)
        frame.grab().save(str(out / f"matrix-{mode}-{name}-{size}.png"))
        if mode == "light":
            timed(f"matrix {name} {size}: repaint", view.repaint)
            timed(f"matrix {name}: block", lambda: view.show_block(block(W, *view.wanted)))
        frame.close()

    for size in SIZES:
        made("whole", 0, size)
        made("near", 12, size)
    made("part", 6, "1280")
    made("cells", 20, "1280")
    view = MatrixView()
    view.set_size(1024 * 1024, 1024)
    rng = np.random.default_rng(1)

    def invented(row: int, col: int, height: int, width: int, h: int, w: int) -> None:
        far = np.abs(np.linspace(row, row + height, h)[:, None] - np.linspace(col, col + width, w))
        values = np.exp(-far / 9e4) * 3e-6 + rng.normal(0, 3e-7, (h, w))
        view.show_block(Block(row, col, height, width, values.astype(np.float32)))

    view.block_wanted.connect(invented)
    shoot(view, out / f"matrix-{mode}-million.png", SIZES["1280"]).close()


def networks() -> dict[str, tuple[np.ndarray, np.ndarray, int, int, str]]:
    """Small networks: weights, states, rows, columns, layout."""
    rng = np.random.default_rng(3)
    found = {}
    xi = rng.choice([-1, 1], (2, 9))
    W = (xi.T @ xi / 9.0) * (1 - np.eye(9))
    s = xi[0].astype(np.int8).copy()
    s[:2] *= -1
    found["nine"] = W, s, 3, 3, "force"
    W = rng.normal(0, 1, (6, 6)) * (rng.random((6, 6)) < 0.7)
    W[0, 0], W[4, 4] = 0.8, -1.1
    W[1, 2] = W[2, 1] = 0.9
    found["asymmetric"] = W, rng.choice([-1, 1], 6).astype(np.int8), 2, 3, "circle"
    W = np.zeros((36, 36))
    for i in range(36):
        for j in range(36):
            if i != j and abs(i // 6 - j // 6) + abs(i % 6 - j % 6) <= 1:
                W[i, j] = W[j, i] = rng.normal(0.3, 0.6)
    found["lattice"] = W, rng.choice([-1, 1], 36).astype(np.int8), 6, 6, "sheet"
    letters = ready_set("letters").make(8, 8)[:3]
    xi = np.array([grid.reshape(-1) for _, grid in letters], float)
    W = xi.T @ xi / 64 * (1 - np.eye(64))
    found["full"] = W, xi[0].astype(np.int8), 8, 8, "force"
    W = rng.normal(0, 1, (64, 64)) * (1 - np.eye(64))
    found["random"] = W, rng.choice([-1, 1], 64).astype(np.int8), 8, 8, "circle"
    return found


def graphs(out: Path, mode: str) -> None:
    """Small networks, as they are and with the pointer on a neuron or a line."""
    for name, (W, s, rows, cols, kind) in networks().items():
        for size, room in SIZES.items():
            view = GraphView()
            view.show_graph(W, s, graph_layout(W, kind, rows, cols), cols)
            if name == "lattice":
                lesions = np.zeros(36, bool)
                lesions[[14, 15, 20]] = True
                view.set_lesions(lesions)
            frame = shoot(view, out / f"graph-{name}-{mode}-{size}.png", room)
            if name == "nine":
                view._chosen = view._edges.way(0, 0, 0)
            QTest.mouseMove(view, QPointF(*view._pixels[4]).toPoint())
            QTest.qWait(20)
            frame.grab().save(str(out / f"graph-{name}-hover-{mode}-{size}.png"))
            if mode == "light":
                timed(f"graph {name} {size}: hovered", view.repaint, 5)
                view._hover(None, None)
                timed(f"graph {name} {size}: repaint", view.repaint, 5)
                timed(f"graph {name} {size}: lay out", view._lay_out, 5)
                timed(f"graph {name} {size}: lines", view._draw_lines, 5)
                timed(f"graph {name} {size}: hit", partial(view._edges.at, 100, 100), 5)
            frame.close()


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    for mode in ("light", "dark", "projector"):
        theme().projector = mode == "projector"
        theme().set_mode("dark" if mode == "dark" else "light")
        weights(out, mode)
        matrices(out, mode)
        graphs(out, mode)
    app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
