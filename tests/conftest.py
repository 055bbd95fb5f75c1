"""Fixtures that hunt what a test leaves behind: threads, windows, timers."""

from __future__ import annotations

import gc
import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

WORKERS = ("simulation", "job")
"""Names of the program's own threads."""
GRACE = 10.0
"""Seconds for a thread that was asked to end, on a busy machine."""


@pytest.fixture(autouse=True)
def nothing_left_behind(request):
    """A test that leaves a worker thread, a window or an active timer behind fails."""
    before = set(threading.enumerate())
    widgets = "qtbot" in request.fixturenames
    known = _windows_and_timers() if widgets else set()
    yield
    left = [t for t in threading.enumerate() if t not in before and t.name in WORKERS]
    for thread in left:  # a job that was told to end may still be in its last piece of work
        thread.join(GRACE)
    left = [t for t in left if t.is_alive()]
    assert not left, f"threads left behind: {left}"
    if widgets:
        _nothing_of_qt_left(known)


def _windows_and_timers() -> set:
    """Windows without a parent, and timers that run.

    Qt itself keeps its tooltips, pyqtgraph the menu of each plot (never shown here).
    """
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    kept = ("QTipLabel", "QMenu")
    tops = QApplication.topLevelWidgets() if QApplication.instance() else []
    windows = {
        w
        for w in tops
        if w.parent() is None and (w.metaObject().className() not in kept or w.isVisible())
    }
    objects = gc.get_objects()
    timers = {t for t in objects if type(t) is QTimer and isValid(t) and t.isActive()}
    return windows | timers


def _nothing_of_qt_left(known: set) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()  # what only a circle of references keeps alive is not left behind
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = _windows_and_timers() - known
    for thing in left:
        thing.stop() if hasattr(thing, "isActive") and hasattr(thing, "stop") else thing.close()
    assert not left, f"windows or timers left behind: {left}"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home: settings, cache and autosaves of the test stay in it."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
        (tmp_path / name.lower()).mkdir()
    return tmp_path
