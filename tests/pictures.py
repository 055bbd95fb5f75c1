"""The README's pictures, made by the program: `python -m tests.pictures [NAME …]`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lyapstudio.app import application
from lyapstudio.document.examples import example
from lyapstudio.ui.theme import theme
from lyapstudio.ui.window import MainWindow

PLACE = Path(__file__).parent.parent / "resources" / "pictures"
SCENES = (
    ("photographs-light", "photographs", "light", 6451),
    ("letters-dark", "letters", "dark", 3),
    ("together-light", "together", "light", 60),
)
LEARNING = ("digits-light", "digits", "light", 600_000)
FIVE = (
    ((0.68, 0.20), (0.36, 0.20), (0.34, 0.47)),
    ((0.34, 0.47), (0.48, 0.43), (0.62, 0.50), (0.66, 0.63), (0.58, 0.77), (0.44, 0.81)),
    ((0.44, 0.81), (0.30, 0.75)),
)
"""Strokes in parts of the pad."""


def wait(until, seconds: float = 30.0) -> None:
    """Let the program live until something holds."""
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.003)


def opened(id: str, mode: str) -> MainWindow:
    """A window with an example, ready to run."""
    theme().set_mode(mode)
    window = MainWindow(example(id).build())
    window.resize(1280, 800)
    window.show()
    session = window.session
    wait(lambda: session.frame is not None and session.frame.problem is not None)
    return window


def keep(window: MainWindow, name: str) -> None:
    """The picture, and the end of its window."""
    end = time.monotonic() + 0.5
    wait(lambda: time.monotonic() > end)
    PLACE.mkdir(exist_ok=True)
    window.grab().save(str(PLACE / f"{name}.png"), "PNG", 0)
    window.session.saved()
    window.close()


def take(name: str, id: str, mode: str, updates: int) -> None:
    """One picture: an example after so many updates; few of them are taken as steps."""
    window = opened(id, mode)
    session = window.session
    if updates < 10:
        for k in range(updates):
            session.step()
            wait(lambda k=k: session.frame.update == k + 1)
    else:
        session.simulation.step(updates)
        wait(lambda: session.frame.update == updates)
    keep(window, name)


def take_learning(name: str, id: str, mode: str, images: int) -> None:
    """After so many images: the readout trained, and a digit drawn."""
    window = opened(id, mode)
    session, learner, answer = window.session, window.learner, window.page.meaning
    session.simulation.step(images)
    wait(lambda: session.frame.update == images, 600)
    learner.train()
    wait(lambda: learner.trained is not None, 600)
    answer.tabs.setCurrentIndex(0)
    QApplication.processEvents()
    pad = answer.pad
    box = pad.rect().intersected(pad._boxes()[0].toRect())
    for stroke in FIVE:
        points = [
            QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in stroke
        ]
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0].toPoint())
        for point in points[1:]:
            QTest.mouseMove(pad, point.toPoint())
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1].toPoint())
    keep(window, name)


if __name__ == "__main__":
    application()
    wanted = sys.argv[1:] or [scene[0] for scene in (*SCENES, LEARNING)]
    for scene in SCENES:
        if scene[0] in wanted:
            take(*scene)
    if LEARNING[0] in wanted:
        take_learning(*LEARNING)
