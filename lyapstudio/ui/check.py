"""`lyapstudio check`: the real window runs every example and says how it went."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

from lyapstudio.core.build import build
from lyapstudio.core.frame import Frame
from lyapstudio.core.kernel import cache_counts, cache_misses
from lyapstudio.core.kernel_cache import shipped_folder
from lyapstudio.core.model import Rest
from lyapstudio.document.edits import set_model
from lyapstudio.document.examples import OPENING, example, examples
from lyapstudio.document.nouns import Document
from lyapstudio.models import model_id, models
from lyapstudio.ui.session import FULL
from lyapstudio.ui.window import MainWindow
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

PAINTED_WITHIN = 30.0
READY_WITHIN = 120.0
RUN_FOR = 3.0
"""Seconds that one example may run: those that settle need less."""
TICK_MS = 10

IMPORTED = time.perf_counter()


def process_began() -> tuple[float, str]:
    """When this process began, on the clock of `perf_counter`, and what that was taken from."""
    try:
        with open("/proc/self/stat") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return IMPORTED, "import of the window"
    return time.perf_counter() - age, "process start"


def peak_memory() -> float | None:
    """The most memory this process ever used, MB; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def kernel_cache() -> dict[str, Any]:
    """How many kernels were read as they were kept, and which ones had to be compiled."""
    hits, misses = cache_counts()
    processor = os.environ.get("NUMBA_CPU_NAME", "native")
    shipped = shipped_folder() is not None
    return {"hits": hits, "misses": misses, "missed": cache_misses(), "processor": processor,
            "shipped": shipped}  # fmt: skip


def three_d() -> dict[str, Any]:
    """Whether a 3-D view could be painted, or why not."""
    platform = QGuiApplication.platformName()
    if platform in ("offscreen", "minimal"):
        return {"available": False, "reason": f"the {platform} platform cannot paint it"}
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return {"available": False, "reason": "no OpenGL context can be made"}
    version = context.format().version()
    context.doneCurrent()
    found = f"OpenGL {version[0]}.{version[1]}"
    if version < (2, 0):
        return {"available": False, "reason": f"{found} is too old, 2.0 is needed"}
    return {"available": True, "reason": found}


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Let the window live until `done`, at most so long; whether it was done."""
    loop, watch, poll = QEventLoop(), QElapsedTimer(), QTimer()

    def look() -> None:
        if done() or watch.elapsed() > 1000 * seconds:
            loop.quit()

    watch.start()
    poll.timeout.connect(look)
    poll.start(5)
    if not done():
        loop.exec()
    return done()


class Pulse(QObject):
    """While it beats: how late a 10 ms timer comes, and how often the network is painted."""

    def __init__(self, canvas: Callable[[], QObject]) -> None:
        super().__init__()
        self.late: list[float] = []
        self.paints, self.seconds = 0, 0.0
        self._find, self._began, self._last = canvas, 0.0, 0.0
        self._canvas = canvas()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to count."""
        self._began = self._last = time.perf_counter()
        self._canvas = self._find()
        self._canvas.installEventFilter(self)
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """Cease to count."""
        self._timer.stop()
        self._canvas.removeEventFilter(self)
        self.seconds += time.perf_counter() - self._began

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count the paints of the picture of the network."""
        self.paints += event.type() == QEvent.Type.Paint
        return False

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, 1000 * (now - self._last) - TICK_MS))
        self._last = now

    def lateness(self) -> dict[str, float | None]:
        """Percentiles of the lateness, ms."""
        if not self.late:
            return {"p50": None, "p95": None, "p99": None}
        values = np.percentile(self.late, (50, 95, 99))
        return {f"p{q}": round(float(v), 2) for q, v in zip((50, 95, 99), values, strict=True)}

    @property
    def fps(self) -> float | None:
        """Pictures a second; None if it ran too short to say."""
        return round(self.paints / self.seconds, 1) if self.seconds > 0.5 else None


@dataclass
class Check:
    """One check of one window; `complaints` are what made it fail."""

    window: MainWindow
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pulse = Pulse(lambda: self.window.page.stage)
        self.painted_at = math.nan
        self.window.painted.connect(self._note_paint)
        self.window.session.failed.connect(self.complaints.append)

    def _note_paint(self) -> None:
        self.painted_at = time.perf_counter()

    def report(self) -> dict[str, Any]:
        """Run everything; the window has just been shown."""
        began, since = process_began()
        session = self.window.session
        if not wait_until(lambda: not math.isnan(self.painted_at), PAINTED_WITHIN):
            self.complaints.append("The window did not paint.")
            session.start()
        if not wait_until(lambda: self._fresh(None), READY_WITHIN):
            self.complaints.append("The network did not get ready.")
        ready = time.perf_counter() - began
        rows = [self._run(e.id, e.title, e.build) for e in examples().values()]
        known = self._models({row["model"] for row in rows})
        painted = self.painted_at - began
        return {
            "version": build().version,
            "commit": build().commit,
            "build": build().id,
            "platform": QGuiApplication.platformName(),
            "measured_from": since,
            "first_paint": None if math.isnan(painted) else round(painted, 3),
            "ready": round(ready, 3),
            "fps": self.pulse.fps,
            "lateness": self.pulse.lateness(),
            "peak_memory": peak_memory(),
            "kernel_cache": kernel_cache(),
            "three_d": three_d(),
            "examples": rows,
            "models": known,
            "rules": list(rules()),
            "wirings": list(wirings()),
            "complaints": self.complaints,
            "ok": not self.complaints,
        }

    def _models(self, shown: set[str]) -> list[dict[str, Any]]:
        """Every model; those that no example shows are run on the opening example."""
        rows = []
        for id, cls in models().items():
            if id in shown:
                rows.append({"id": id, "title": cls.title, "ok": True})
            else:
                build = lambda id=id: set_model(example(OPENING).build(), id)  # noqa: E731
                rows.append(self._run(id, cls.title, build))
        return rows

    def _run(self, id: str, title: str, build: Callable[[], Document]) -> dict[str, Any]:
        session, before = self.window.session, len(self.complaints)
        document = build()
        session.open(document)
        session.set_speed(FULL)
        problem = session.frame.problem if session.frame else None
        wait_until(lambda: session.frame is not None and self._fresh(problem), READY_WITHIN)
        first = session.frame
        self.pulse.start()
        session.toggle()
        settled = wait_until(self._settled, RUN_FOR)
        self.pulse.stop()
        session.simulation.pause()
        wait_until(lambda: not session.running, 2.0)
        row = {"id": id, "title": title, "model": model_id(document.setup.model)}
        row |= self._outcome(first, session.frame, settled)
        if row["guaranteed"] and row["wrong_moves"]:
            self.complaints.append(f"{title}: the function moved the wrong way.")
        self.complaints += [] if row["updates"] else [f"{title}: it did not run."]
        return row | {"ok": len(self.complaints) == before}

    def _fresh(self, old: object) -> bool:
        frame = self.window.session.frame
        return frame is not None and frame.problem is not None and frame.problem is not old

    def _settled(self) -> bool:
        frame = self.window.session.frame
        return frame is not None and frame.update > 0 and frame.rest in (Rest.FIXED, Rest.CYCLE)

    def _outcome(self, first: Frame | None, last: Frame | None, settled: bool) -> dict[str, Any]:
        """What became of it; a function counts as guaranteed if it was so from start to end."""
        if first is None or last is None or last.trace is None:
            return {"outcome": "", "settled": False, "updates": 0, "wrong_moves": 0,
                    "guaranteed": False, "functions": []}  # fmt: skip
        held = {g.symbol for g in first.guarantees if g.holds}
        held &= {g.symbol for g in last.guarantees if g.holds}
        functions = [
            {"symbol": f.symbol, "wrong_moves": c.wrong_moves, "guaranteed": f.symbol in held}
            for f, c in zip(last.model.functions, last.trace.counters, strict=True)
        ]
        sure = [f for f in functions if f["guaranteed"]]
        told = sure or functions
        return {
            "outcome": self.window.session.outcome.title,
            "settled": settled,
            "updates": last.update,
            "wrong_moves": sum(f["wrong_moves"] for f in told),
            "guaranteed": bool(sure),
            "functions": functions,
        }
