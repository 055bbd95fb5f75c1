"""The statistics of weights in pictures: `python -m tests.gallery_connectivity OUT_FOLDER`."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from lyapstudio.analysis.connectivity import Summary, summary
from lyapstudio.analysis.spectrum import Spectrum, spectrum
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.connectivity import CHOICES, ConnectivityView
from tests.couplings import Matrix, hebb, ring

MARGIN = 12


def gaussian(N: int, k: float, share: float = 1.0, seed: int = 0) -> Matrix:
    """Symmetric and antisymmetric part of a random matrix, and how many weights are there."""
    rng = np.random.default_rng(seed)
    A, B = (np.triu(rng.normal(size=(N, N)), 1) / np.sqrt(N) for _ in range(2))
    W = (A + A.T) + k * (B - B.T)
    W[rng.random((N, N)) > share] = 0
    return Matrix(W)


def antisymmetric(N: int) -> Matrix:
    """What one neuron gives another takes."""
    B = np.triu(np.random.default_rng(1).normal(size=(N, N)), 1) / np.sqrt(N)
    return Matrix(B - B.T)


def edited() -> Matrix:
    """Hebb with a stroke of stronger weights, one way only, and a few lesions."""
    W = hebb(8, 784).small()
    W[300:320, 400:440] += 0.05
    W[:3], W[:, :3] = 0, 0
    np.fill_diagonal(W[10:20, 10:20], -0.02)
    return Matrix(W, 1 / 784)


def dale(N: int = 400) -> Matrix:
    """A fifth of the neurons inhibit; each hears about forty."""
    rng = np.random.default_rng(2)
    W = np.abs(rng.normal(1, 0.3, (N, N))) * np.where(np.arange(N) % 5, 1, -4)
    W[rng.random((N, N)) > 40 / N] = 0
    np.fill_diagonal(W, 0)
    return Matrix(W / np.sqrt(N))


SCENES = {
    "hebb": lambda: (hebb(8, 9216), 96),
    "large": lambda: (hebb(61, 20000), 200),
    "edited": lambda: (edited(), 28),
    "semicircle": lambda: (gaussian(784, 0.0), 28),
    "circular": lambda: (gaussian(784, 1.0, 0.3), 28),
    "turning": lambda: (antisymmetric(100), 10),
    "ring": lambda: (ring(400), 20),
    "dale": lambda: (dale(), 20),
    "ends": lambda: (gaussian(1600, 0.0, 1.0), 40),
    "none": lambda: (Matrix(np.zeros((64, 64))), 8),
}
"""Name -> weights, and the columns of the sheet."""

SIZES = ((328, 150), (328, 200), (328, 260), (328, 330), (328, 380), (480, 180), (480, 420))


@cache
def computed(name: str) -> tuple[Summary, Spectrum, int]:
    """A scene's statistics, and the columns of its sheet."""
    weights, cols = SCENES[name]()
    return summary(weights), spectrum(weights), cols


def view_of(name: str, which: str = "weights") -> ConnectivityView:
    """The view with everything computed."""
    numbers, values, cols = computed(name)
    view = ConnectivityView()
    view.setProperty("plane", "side")
    view.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    view.choose(which)
    view.show_summary(numbers, cols)
    view.show_spectrum(values)
    return view


def shoot(view: QWidget, width: int, height: int) -> QPixmap:
    view.resize(width, height)
    view.show()
    QTest.qWait(10)
    return view.grab()


def sheet(pictures: list[QPixmap], across: int, file: Path) -> None:
    """Side by side, with a margin."""
    rows = [pictures[k : k + across] for k in range(0, len(pictures), across)]
    wide = max(sum(p.width() + MARGIN for p in row) for row in rows) + MARGIN
    tall = sum(max(p.height() for p in row) + MARGIN for row in rows) + MARGIN
    whole = QPixmap(wide, tall)
    whole.fill(QColor("#7f7f7f"))
    painter = QPainter(whole)
    y = MARGIN
    for row in rows:
        x = MARGIN
        for picture in row:
            painter.drawPixmap(x, y, picture)
            x += picture.width() + MARGIN
        y += max(p.height() for p in row) + MARGIN
    painter.end()
    whole.save(str(file))


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        for width, height in ((328, 380), (480, 420)):
            shots = [shoot(view_of(name), width, height) for name in SCENES]
            sheet(shots, 5, out / f"stacked-{mode}-{width}.png")
        for name in ("edited", "circular", "hebb"):
            shots = [
                shoot(view_of(name, choice.id), *size)
                for size in SIZES
                if size[1] < 350
                for choice in CHOICES
            ]
            sheet(shots, 3, out / f"folded-{name}-{mode}.png")
    theme().set_mode("light")
    theme().set_projector(True)
    shots = [shoot(view_of(name), 427, 420) for name in ("edited", "circular")]
    shots += [shoot(view_of(name), 427, 500) for name in ("edited", "circular")]
    theme().set_projector(False)
    view = view_of("circular", "eigenvalues")
    view.show_spectrum(None, "Computing the eigenvalues …")
    shots.append(shoot(view, 328, 260))
    view.clear()
    shots.append(shoot(view, 328, 200))
    shots.append(shoot(view, 328, 380))
    sheet(shots, 4, out / "other.png")
    app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
