"""The weights in numbers and plots: they follow every edit, worked out beside the run."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.session import Session

if TYPE_CHECKING:
    from lyapstudio.ui.views.connectivity import ConnectivityView

PAUSE_MS = 250
"""A stroke is over, or has paused, before the weights are counted anew."""
BUSY = "Working out the eigenvalues …"


class StatisticsPanel(QWidget):
    """Asks the worker for the weights once they have changed, and describes them in a job."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._known: tuple[Any, Any] = (None, None)  # weights and strokes that are described
        self._weights: Any = None
        self._cols = 1
        self.summary: Any = None
        self.spectrum: Any = None
        self._counting, self._solving = Latest(self), Latest(self)
        self._counting.arrived.connect(self._counted)
        self._solving.arrived.connect(self._solved)
        self._solving.failed.connect(lambda words: self.view.show_spectrum(None, words))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._count)
        QVBoxLayout(self).setContentsMargins(0, 0, 0, 0)

    @cached_property
    def view(self) -> ConnectivityView:
        """Made when it is first looked at: its import is slow."""
        from lyapstudio.ui.views.connectivity import ConnectivityView

        view = ConnectivityView()
        view.spectrum_wanted.connect(self._solve)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(view)
        return view

    def show_frame(self, frame: Frame) -> None:
        """Notice that the weights are others than those described; only while in sight."""
        problem = frame.problem
        if problem is None or problem.weights is None:
            self.view.clear()
            return
        now = (problem.weights, problem.strokes)
        if now[0] is not self._known[0] or now[1] is not self._known[1]:
            if now[0] is not self._known[0]:
                self.view.clear()
            self._known, self._cols = now, problem.cols
            self._pause.start(PAUSE_MS)

    def _count(self) -> None:
        asked, known = self.session.simulation.weights(), self._known

        def work(report: Any) -> Any:
            from lyapstudio.analysis.connectivity import summary

            weights = asked.result(timeout=60)
            if weights is None:
                return None
            own = np.broadcast_to(weights.D * weights.scale, weights.N)
            return known, weights, summary(weights, diagonal=own, report=report)

        self._counting.ask(work)

    def _counted(self, found: Any) -> None:
        if found is None or found[0] is not self._known:
            return
        _, self._weights, self.summary = found
        self.spectrum = None
        self.view.show_summary(self.summary, self._cols)

    def _solve(self) -> None:
        weights, known = self._weights, self._known
        if weights is None:
            return
        self.view.show_spectrum(None, BUSY)

        def work(report: Any) -> Any:
            from lyapstudio.analysis.spectrum import spectrum

            return known, spectrum(weights, report)

        self._solving.ask(work)

    def _solved(self, found: Any) -> None:
        if found[0] is self._known:
            self.spectrum = found[1]
            self.view.show_spectrum(self.spectrum)

    def close_jobs(self) -> None:
        """End what still runs."""
        self._pause.stop()
        self._counting.close()
        self._solving.close()
