"""The README's pictures, made by the program: `python -m tests.pictures` (offscreen or not)."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

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


def wait(until, seconds: float = 30.0) -> None:
    """Let the program live until something holds."""
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.003)


def take(name: str, id: str, mode: str, updates: int) -> None:
    """One picture: an example after so many updates; few of them are taken as steps."""
    theme().set_mode(mode)
    window = MainWindow(example(id).build())
    window.resize(1280, 800)
    window.show()
    session = window.session
    wait(lambda: session.frame is not None and session.frame.problem is not None)
    if updates < 10:
        for k in range(updates):
            session.step()
            wait(lambda k=k: session.frame.update == k + 1)
    else:
        session.simulation.step(updates)
        wait(lambda: session.frame.update == updates)
    end = time.monotonic() + 0.5
    wait(lambda: time.monotonic() > end)
    PLACE.mkdir(exist_ok=True)
    window.grab().save(str(PLACE / f"{name}.png"), "PNG", 0)
    session.history.saved()
    window.close()


if __name__ == "__main__":
    application()
    for scene in SCENES:
        take(*scene)
