"""Python's cyclic garbage is collected on the window's thread only.

Collected wherever an allocation happens to trigger it, a dialog that was dropped would be deleted
by the worker thread, and Qt crashes when a widget is deleted outside the thread that made it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class Collector(QObject):
    """Switches automatic collection off while it lives, and collects when it is due."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._thresholds = gc.get_threshold()
        timer = QTimer(self)
        timer.timeout.connect(self.collect)
        timer.start(INTERVAL_MS)
        parent.destroyed.connect(gc.enable)

    def collect(self) -> None:
        """The youngest generation that is over its threshold, and those below it."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return
