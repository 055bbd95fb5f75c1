"""The readout views with real digits: `python -m tests.gallery_readout MNIST_FOLDER OUT_FOLDER`.

Reads the four IDX files of MNIST; the "network" is a ridge regression on random features, which
is enough to give the views something true to show.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.data import Part
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.confusion import ConfusionMatrix
from lyapstudio.ui.views.errors import ErrorCurves
from lyapstudio.ui.views.hidden import HiddenActivity, NearestFields
from lyapstudio.ui.views.pad import DrawingPad
from lyapstudio.ui.views.samples import SampleGrid
from lyapstudio.ui.views.scores import ClassScores

NAMES = tuple("0123456789")

STROKES = {
    "5": (
        ((0.70, 0.2), (0.36, 0.22), (0.33, 0.48), (0.5, 0.44), (0.66, 0.53), (0.68, 0.68)),
        ((0.68, 0.68), (0.58, 0.8), (0.42, 0.82), (0.3, 0.76)),
    ),
    "4": (((0.2, 0.1), (0.15, 0.3), (0.32, 0.31)), ((0.32, 0.1), (0.3, 0.5))),
}
"""Points of the drawn digits, in parts of the pad."""


@dataclass(frozen=True)
class Reader:
    """Hidden units that are class-wise k-means prototypes, and a readout."""

    images: np.ndarray
    labels: np.ndarray
    fields: np.ndarray
    readout: np.ndarray

    def hidden(self, images: np.ndarray) -> np.ndarray:
        return np.maximum(images @ self.fields.T, 0) ** 4.5

    def scores(self, images: np.ndarray) -> np.ndarray:
        h = self.hidden(images)
        h /= np.linalg.norm(h, axis=-1, keepdims=True) + 1e-9
        return np.clip(h @ self.readout, -1, 1)


def idx(folder: Path, name: str, offset: int) -> np.ndarray:
    return np.frombuffer((folder / name).read_bytes(), np.uint8, offset=offset)


def reader(folder: Path, units: int = 100) -> Reader:
    """Prototypes of 6,000 training digits, tested on all test digits."""
    X = idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, 784)[:6000] / np.float32(255)
    y = idx(folder, "train-labels-idx1-ubyte", 8)[:6000]
    rng = np.random.default_rng(2)
    W = X[rng.choice(len(X), units, replace=False)].copy()
    for _ in range(8):
        near = ((W * W).sum(1)[None] - 2 * X @ W.T).argmin(1)
        W = np.array([X[near == k].mean(0) if (near == k).any() else W[k] for k in range(units)])
    W -= 0.35 * W.mean(0)  # some weights are negative, as in the learned fields
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    made = Reader(X, y, W, np.zeros((units, 10)))
    h = made.hidden(X)
    h /= np.linalg.norm(h, axis=1, keepdims=True) + 1e-9
    targets = np.where(y[:, None] == np.arange(10), 1.0, -1.0)
    S = np.linalg.solve(h.T @ h + 0.05 * np.eye(units), h.T @ targets)
    T = idx(folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 784)
    return Reader(T, idx(folder, "t10k-labels-idx1-ubyte", 8), W, S)


class ReadoutMock(QWidget):
    """The lower right of the window: pad, scores, hidden activity, nearest fields."""

    def __init__(self, read: Reader | None, width: int) -> None:
        super().__init__()
        self.read = read
        self.setProperty("plane", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        section = Section("Draw a digit")
        self.pad, self.scores = DrawingPad(), ClassScores()
        self.strip, self.nearest = HiddenActivity(), NearestFields()
        for tool in self.pad.tools():
            section.add_tool(tool)
        self.scores.headline_changed.connect(section.set_caption)
        self.scores.show_scores(NAMES, None)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.pad)
        row.addWidget(self.scores, 1)
        section.add(row)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(text("Hidden\nactivity", "strong"))
        line.addWidget(self.strip, 1)
        section.add(line)
        section.add(self.nearest)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(section)
        self.pad.drawn.connect(self.show_image)
        self.setFixedWidth(width)

    def show_image(self, image: np.ndarray) -> None:
        if self.read is None:
            return
        h = self.read.hidden(image[None])[0]
        self.scores.show_scores(NAMES, self.read.scores(image[None])[0])
        self.strip.show_activity(h)
        best = np.argsort(-h)[:8]
        self.nearest.show_units(best, self.read.fields[best], h[best], (28, 28, 1), h.sum())

    def draw(self, digit: str) -> None:
        """Draw with the mouse."""
        pad = self.pad
        box = pad._boxes()[0]
        for stroke in STROKES[digit]:
            at = [QPoint(int(x * box.width()), int(y * box.height())) for x, y in stroke]
            QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=at[0])
            for point in at[1:]:
                QTest.mouseMove(pad, point)
            QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=at[-1])
        QTest.qWait(20)


def shoot(widget: QWidget, file: Path, width: int = 0, height: int = 0) -> None:
    """Save a picture of a widget, on the side plane where it has none of its own."""
    widget.setProperty("plane", widget.property("plane") or "side")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    widget.resize(width or widget.width(), height or widget.sizeHint().height())
    widget.show()
    QTest.qWait(30)
    widget.grab().save(str(file))


def pads(read: Reader, out: Path, mode: str) -> None:
    for width in (368, 520):
        mock = ReadoutMock(read, width)
        mock.resize(width, 360)
        mock.show()
        mock.draw("5" if width == 368 else "4")
        shoot(mock, out / f"pad-{mode}-{width}.png", height=330 if width == 368 else 420)
    empty = ReadoutMock(None, 368)
    shoot(empty, out / f"pad-empty-{mode}.png", height=330)


def curve(first: float, last: float, epochs: int, noise: float, seed: int) -> np.ndarray:
    """An error that falls from the first value to the last, in per cent."""
    x = np.arange(1, epochs + 1)
    rng = np.random.default_rng(seed)
    return (last + (first - last) * np.exp(-x / (epochs / 9))) * rng.normal(1, noise, epochs)


def errors(out: Path, mode: str) -> None:
    """The curves of the readout: all of a run, and the first epochs of one."""
    epochs = np.arange(1, 301)
    train, validation = curve(9, 0.35, 300, 0.012, 1), curve(9.5, 2.2, 300, 0.015, 2)
    test = curve(9.8, 2.31, 300, 0.01, 3)
    for width, height, upto in ((368, 200, 300), (520, 280, 300), (368, 200, 12), (330, 120, 90)):
        view = ErrorCurves()
        view.set_epochs(300)
        view.set_baselines({"raw pixels": 8.1, "random features": 4.6})
        few = slice(0, upto)
        view.resize(width, height)
        view.show()
        view.show_errors(epochs[few], train[few], validation[few], test[few])
        view.set_best(int(validation[few].argmin()) + 1)
        shoot(view, out / f"errors-{mode}-{width}-{upto}.png", width, height)


def matrices(read: Reader, out: Path, mode: str) -> None:
    """Ten digits, 24 letters with long names, 1,000 classes."""
    found = read.scores(read.images / np.float32(255)).argmax(1)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (read.labels, found), 1)
    rng = np.random.default_rng(5)
    names = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    for width, height in ((328, 330), (520, 460)):
        view = ConfusionMatrix()
        view.show_counts(counts, NAMES)
        view.set_chosen((4, 9))
        shoot(view, out / f"confusion-{mode}-{width}.png", width, height)
    view = ConfusionMatrix()
    view.show_counts(rng.poisson(np.where(np.eye(10), 600, rng.gamma(0.5, 60, (10, 10)))), names)
    shoot(view, out / f"confusion-names-{mode}.png", 400, 380)
    for classes in (40, 1000):
        view = ConfusionMatrix()
        mean = np.where(np.eye(classes), 90, rng.gamma(0.1, 1.5, (classes, classes)))
        view.show_counts(rng.poisson(mean), [f"class {k}" for k in range(1, classes + 1)])
        view.set_chosen((7, 30))
        shoot(view, out / f"confusion-{classes}-{mode}.png", 400, 400)


def samples(read: Reader, out: Path, mode: str) -> None:
    found = read.scores(read.images / np.float32(255)).argmax(1)
    wrong = np.flatnonzero(found != read.labels)
    said = [f"{read.labels[k]} read as {found[k]}" for k in wrong]
    for width in (328, 560):
        view = SampleGrid()
        view.show_images(Part(read.images), wrong, (28, 28, 1), said)
        view.choose(int(wrong[3]))
        shoot(view, out / f"samples-{mode}-{width}.png", width, 260)
    rng = np.random.default_rng(6)
    coarse = rng.random((30, 5, 5, 3)).repeat(7, 1).repeat(7, 2)[:, :32, :32].reshape(30, -1)
    view = SampleGrid()
    view.show_images(Part(coarse.astype(np.float32)), np.arange(30), (32, 32, 3))
    shoot(view, out / f"samples-colour-{mode}.png", 328, 200)


def main(folder: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    read = reader(folder)
    wrong = read.scores(read.images / np.float32(255)).argmax(1) != read.labels
    print(f"{wrong.sum()} of {len(wrong)} read wrong")
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        pads(read, out, mode)
        errors(out, mode)
        matrices(read, out, mode)
        samples(read, out, mode)
    app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
