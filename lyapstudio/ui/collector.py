"""Python's cyclic garbage is collected on the window's thread only.

Collected wherever an allocation happens to trigger it, a dialog that was dropped would be deleted
by the worker thread, and Qt crashes when a widget is deleted outside the thread that made it.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500
BURST = 20_000
"""So many new objects at once are modules or the compiler's: nobody need look at them again."""
SLOW = 0.02
"""Seconds from which a collection is felt: what outlived it is then left alone for good."""


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
        parent.destroyed.connect(gc.unfreeze)

    def collect(self) -> None:
        """The youngest generation that is over its threshold, and those below it."""
        counts = gc.get_count()
        if counts[0] > BURST:
            gc.freeze()
            return
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                began = time.perf_counter()
                gc.collect(generation)
                if time.perf_counter() - began > SLOW:
                    gc.freeze()
                return
