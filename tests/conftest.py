"""Fixtures that hunt what a test leaves behind: threads, windows, timers."""

from __future__ import annotations

import gc
import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest


@pytest.fixture(autouse=True)
def nothing_left_behind(request):
    """A test that leaves a worker thread, a window or an active timer behind fails."""
    before = set(threading.enumerate())
    yield
    gc.collect()
    left = [t for t in threading.enumerate() if t not in before and t.name in ("simulation", "job")]
    assert not left, f"threads left behind: {left}"
    if "qtbot" in request.fixturenames:
        _no_windows_left()


def _no_windows_left() -> None:
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    if app is not None:
        visible = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        for widget in visible:
            widget.close()
        assert not visible, f"windows left behind: {visible}"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home: settings, cache and autosaves of the test stay in it."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
        (tmp_path / name.lower()).mkdir()
    return tmp_path
