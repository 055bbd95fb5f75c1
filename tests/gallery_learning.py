"""The views of learning with invented fields: `python -m tests.gallery_learning OUT.png`.

Without a file name it measures what a frame of each view costs.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.example import Example, Settling
from lyapstudio.ui.views.heading import FieldsHeading
from lyapstudio.ui.views.layers import LayersView
from lyapstudio.ui.views.mosaic import Mosaic
from lyapstudio.ui.views.spread import Histogram, Ranked, Spread
from lyapstudio.ui.views.story import Story
from lyapstudio.ui.views.unit import UnitView
from tests.gallery import letters

SHAPE = (28, 28, 1)
DIGITS = tuple("0123456789")


def digits(count: int, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """(count, 784) float32 images in [0, 1] of shifted digits, and their classes."""
    rng = np.random.default_rng(seed)
    glyphs = np.array(letters(28, "0123456789"), np.float32) / 2 + 0.5
    labels = rng.integers(0, 10, count)
    images = [np.roll(glyphs[c], rng.integers(-2, 3, 2), (0, 1)) for c in labels]
    return np.array(images, np.float32).reshape(count, -1), labels


def receptive_fields(units: int, seed: int = 5) -> np.ndarray:
    """(units, 784) float32: means of a few digits of a class, some of them still noise."""
    rng = np.random.default_rng(seed)
    images, labels = digits(600, seed)
    rows = []
    for unit in range(units):
        own = images[labels == unit % 10]
        field = own[rng.integers(0, len(own), 6)].mean(0) - 0.3 * images[rng.integers(0, 600)]
        noise = rng.normal(size=784) * rng.choice([0.02, 0.02, 0.02, 0.3])
        field = field + noise
        rows.append(field / np.linalg.norm(field) * rng.uniform(1, 1.08))
    return np.array(rows, np.float32)


def example(
    *,
    units: int = 10,
    rank: int = 2,
    readout: bool = True,
    slow: bool = False,
    nobody: bool = False,
    seed: int = 1,
) -> Example:
    """One image in an invented network."""
    W = receptive_fields(100)
    images, labels = digits(8, seed)
    image, label = images[0], labels[0]
    I = W @ image
    order = np.argsort(-I)[:units]
    pushes = np.zeros(units)
    if not nobody:
        pushes[0], pushes[rank - 1] = 1.0, -0.4
        if slow:
            pushes[1:4] = -0.4
    changes = 0.01 * pushes[:, None] * (image - I[order][:, None] * W[order])
    S = np.where(order % 10 == np.arange(10)[:, None], 1.0, -0.2)
    parts = S * np.maximum(I[order], 0) ** 3
    settling = None
    if slow:
        t = np.linspace(0, 8, 300)[:, None]
        ends = np.where(np.arange(units) < 1, I[order], -0.1 * I[order] * np.arange(units))
        h = ends * (1 - np.exp(-t)) + 3 * t * np.exp(-2 * t)
        settling = Settling(t[:, 0], h, -40 * (1 - np.exp(-t[:, 0])))
    return Example(
        image,
        SHAPE,
        str(label),
        order,
        I[order],
        pushes,
        W[order],
        None if nobody else changes,
        DIGITS,
        np.tanh(0.02 * parts.sum(1)) if readout else None,
        parts if readout else None,
        "W moves now" if slow else "W moves at the end of the batch",
        settling,
    )


def mosaic_panel() -> QWidget:
    """Heading, mosaic and story as they stand in the window."""
    panel = QWidget()
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    heading, mosaic, story = FieldsHeading(), Mosaic(), Story()
    mosaic.span_changed.connect(heading.align)
    mosaic.span_changed.connect(story.align)
    mosaic.level_changed.connect(heading.set_level)
    heading.set_words("Receptive fields", "100 hidden units, 28 × 28 weights each")
    W = receptive_fields(100)
    image = digits(1)[0][0]
    first, second = np.argsort(-(W @ image))[:2]
    mosaic.set_shape(*SHAPE)
    mosaic.show_fields(W)
    mosaic.set_dead(np.linalg.norm(W, axis=1) > 1.075)
    mosaic.mark(int(first), int(second))
    story.show_update(
        image, SHAPE, int(first), W[first], int(second), W[second], level=mosaic.level
    )
    column.addWidget(heading)
    column.addWidget(mosaic, 1)
    column.addWidget(story)
    return panel


def layers(**words: bool) -> QWidget:
    """One image in the three layers."""
    view = LayersView()
    view.show_example(example(**words))
    return view


def spread() -> QWidget:
    """The two small plots."""
    view = Spread()
    view.show_norms(np.linalg.norm(receptive_fields(100), axis=1), 1.0)
    view.show_wins(np.maximum(0, 900 * np.exp(-np.arange(100) / 20) - 25).astype(np.int64))
    return view


def unit() -> QWidget:
    """One unit with the images that drive it."""
    view, W = UnitView(), receptive_fields(100)
    images, labels = digits(200)
    view.set_shape(*SHAPE)
    view.show_unit(72, W[72], float(np.linalg.norm(W[72])), 312, 0.052, 3)
    best = np.argsort(-(images @ W[72]))[:8]
    view.show_drivers(images[best], [str(labels[k]) for k in best])
    return view


SCENES: dict[str, tuple[Callable[[], QWidget], str, tuple[int, int]]] = {
    "mosaic": (mosaic_panel, "stage", (600, 680)),
    "layers": (layers, "stage", (640, 560)),
    "slow": (lambda: layers(slow=True), "stage", (640, 560)),
    "spread": (spread, "side", (328, 108)),
    "unit": (unit, "side", (328, 240)),
}


def framed(scene: str, size: tuple[int, int] | None = None) -> QWidget:
    """A scene on its plane."""
    make, plane, usual = SCENES[scene]
    width, height = size or usual
    window = QWidget()
    window.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    window.setProperty("plane", plane)
    column = QVBoxLayout(window)
    column.setContentsMargins(20, 16, 20, 16)
    column.addWidget(make())
    window.resize(width + 40, height + 32)
    return window


def measure() -> None:
    """Median milliseconds of a new frame, painting included, of each view of many frames."""
    rng = np.random.default_rng(1)
    for units, room in ((100, (600, 600)), (2000, (600, 600)), (100, (600, 500))):
        mosaic = Mosaic()
        mosaic.set_shape(*SHAPE)
        mosaic.resize(*room)
        mosaic.show()
        fields = rng.normal(size=(2, units, 784)).astype(np.float32)
        mosaic.mark(3, 5)
        print_median(
            f"mosaic K={units} {room[0]}x{room[1]}", mosaic, mosaic.show_fields, tuple(fields)
        )
    story, norm_plot, win_plot, layers = Story(), Histogram(), Ranked(), LayersView()
    for view, size in ((story, (600, 44)), (norm_plot, (150, 108)), (win_plot, (150, 108))):
        view.resize(*size)
    fields, images = receptive_fields(2), digits(2)[0]
    print_median(
        "story",
        story,
        lambda image: story.show_update(image, SHAPE, 1, fields[0], 2, fields[1], level=0.1),
        tuple(images),
    )
    norms = 1 + rng.random((2, 2000))
    print_median("norms", norm_plot, norm_plot.show_values, tuple(norms))
    print_median("wins", win_plot, win_plot.show_counts, tuple(norms))
    layers.resize(640, 560)
    print_median("layers 640x560", layers, layers.show_example, (example(), example(seed=2)))


def print_median(title: str, view: QWidget, show: Callable, frames: tuple) -> None:
    """Show the frames in turn, 60 times."""
    view.show()
    QApplication.processEvents()
    times = []
    for k in range(60):
        start = time.perf_counter()
        show(frames[k % len(frames)])
        view.repaint()
        times.append(1000 * (time.perf_counter() - start))
    print(f"{title}: {np.median(times):.2f} ms, slowest {max(times):.2f}")
    view.close()


def main() -> None:
    """Save a picture of one scene."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?", help="none: measure instead")
    parser.add_argument("--scene", choices=SCENES, default="mosaic")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--projector", action="store_true")
    parser.add_argument("--size", type=int, nargs=2)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme().projector = options.projector
    theme().set_mode("dark" if options.dark else "light")
    if options.out is None:
        measure()
        return
    window = framed(options.scene, tuple(options.size) if options.size else None)
    window.show()
    for _ in range(5):
        app.processEvents()
    window.grab().save(options.out)


if __name__ == "__main__":
    main()
