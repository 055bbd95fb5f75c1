"""Unlearning as something to watch: dream after dream, each one an edit of the weights."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QWidget

from lyapstudio.analysis.outcome import Outcome, name_outcome, two
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Rest, Units
from lyapstudio.document import rewiring
from lyapstudio.ui.session import Session

WARM, COLD = 30, 100
"""Sweeps after which a dream that does not rest is ended: above temperature 0, and at it."""
PACE = 6.0
"""A single dream runs so many times faster than a recall that is watched."""
KINDS = {
    "memory": ("memory", "memories"),
    "inverse": ("inverse of a memory", "inverses of memories"),
    "mixture": ("mixture", "mixtures"),
    "spurious": ("state that nobody stored", "states that nobody stored"),
    "cycle": ("state of a cycle", "states of cycles"),
}


class Dreamer(QObject):
    """Owned by the window; it asks for a run, waits for its end in the frames, and edits.

    A dream depends on nothing but the document: where it begins follows from the seed and the
    number of dreams before it, and it begins a run of its own.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.session = session
        self._count = self._done = 0
        self._start: Units | None = None
        self._generation = 0
        self._sweeps = COLD
        self._sought = False
        self._editing = False
        self._kinds: Counter[str] = Counter()
        self._escape = QShortcut(Qt.Key.Key_Escape, window, self.stop)
        self._escape.setEnabled(False)
        session.frame_arrived.connect(self._look)
        session.steered.connect(self.stop)
        session.document_changed.connect(self._edited)
        session.dreams_asked.connect(self._asked)

    @property
    def possible(self) -> bool:
        """Whether the network on the screen has weights that can forget, and is awake."""
        return self.session.setup.model.uses_rule and not self.session.dreaming

    def dream(self, count: int = 1) -> None:
        """So many dreams, as one step of undo; a single one runs so that it can be followed."""
        if not self.possible:
            return
        session = self.session
        session.seal()
        self._count, self._done = count, 0
        self._kinds.clear()
        self._set_dreaming(True)
        session.simulation.set_rate(session.suiting_speed * PACE if count == 1 else math.inf)
        self._begin()

    def stop(self) -> None:
        """Wake up; the dreams that were dreamt to their end stay."""
        if not self.session.dreaming:
            return
        self._break_off()
        if self._count > 1:
            self.session.told.emit(f"Dreaming was stopped after {self._done} of {self._count}.")

    def forget(self) -> None:
        """Take all dreams back."""
        self.session.edit(rewiring.forget_dreams, "take the dreams back")

    def _asked(self, count: int) -> None:
        if count:
            self.dream(count)
        else:
            self.stop()

    def _edited(self) -> None:
        """Somebody else edits the document: a dream of the old one means nothing."""
        if not self._editing:
            self.stop()

    def _set_dreaming(self, on: bool) -> None:
        self.session.dreaming = on
        self._escape.setEnabled(on)
        self.session.dreaming_changed.emit()

    # one dream

    def _begin(self) -> None:
        setup = self.session.setup
        values = setup.model.as_values()
        self._sweeps = WARM if values.get("anneal") or values.get("T") else COLD
        self._sought = False
        self._start = rewiring.dream_start(setup)
        self._generation = self.session.run_from(self._start)

    def _look(self, frame: Frame) -> None:
        """Whether the dream has come to its end, which no speed of the machine decides."""
        if not self.session.dreaming or frame.generation < self._generation or frame.busy:
            return
        if frame.error or frame.problem is None or frame.problem.cue is not self._start:
            self._break_off()  # another run has begun, or it could not begin: that is told
            return
        end = self._sweeps * frame.model.strides(frame.problem)[-1].updates
        rested = frame.rest is Rest.FIXED and frame.update <= end
        if rested or frame.update == end:
            self._wake(frame)
        elif frame.update > end:
            if not self._sought:
                self._sought = True
                self.session.simulation.pause()
                self.session.simulation.seek(end)
        elif frame.rest is Rest.CYCLE:
            self.session.simulation.set_rate(math.inf)  # more of it is nothing new

    def _wake(self, frame: Frame) -> None:
        """Unlearn what was dreamt, say what it was, and dream on."""
        assert frame.problem is not None
        state = np.sign(frame.channels["units"]).astype(np.int8)
        outcome = name_outcome(
            frame.channels["overlaps"],
            frame.rest,
            frame.problem.names,
            state=state,
            memories=frame.problem.memories,
        )
        strength = rewiring.dreaming(self.session.document).strength
        done = self._done + 1
        label = "dream" if done == 1 else f"{done} dreams"
        self._editing = True
        taken = self.session.edit(lambda d: rewiring.unlearn(d, state, strength), label, "dream")
        self._editing = False
        if not taken:  # that is told
            self._break_off()
            return
        self._done = done
        self._kinds[outcome.kind if outcome.kind in KINDS else "other"] += 1
        if done < self._count:
            self._begin()
        else:
            self._finish()
        self._tell(frame, outcome)

    def _break_off(self) -> None:
        self._finish()
        self.session.leave()

    def _finish(self) -> None:
        self._set_dreaming(False)
        self._start = None
        self.session.seal()
        self.session.simulation.pause()
        self.session.set_speed(self.session.speed)

    # words

    def _tell(self, frame: Frame, outcome: Outcome) -> None:
        if 1 < self._count == self._done:
            self.session.told.emit(f"{self._count} dreams weakened {self._summary()}.")
            return
        which = "The dream" if self._count == 1 else f"Dream {self._done} of {self._count}"
        names = () if frame.problem is None else frame.problem.names
        self.session.told.emit(f"{which}: {self._words(frame, outcome, names)}")

    def _words(self, frame: Frame, outcome: Outcome, names: tuple[str, ...]) -> str:
        k = outcome.memory
        who = "" if k is None else names[k]
        if outcome.kind == "memory":
            return f"the memory {who} is weakened."
        if outcome.kind == "inverse":
            return f"the inverse of {who} is weakened."
        if outcome.kind == "mixture":
            members = outcome.detail.split(";")[0]
            return f"a {outcome.title.lower()} ({members}) is weakened."
        overlap = 0.0 if k is None else float(frame.channels["overlaps"][k])
        other = "the inverse of " if overlap < 0 else ""
        near = f", nearest is {other}{who} with {two(abs(overlap))}" if who else ""
        if frame.rest is Rest.FIXED:
            return f"a state that nobody stored{near}; it is weakened."
        if outcome.kind == "cycle":
            return "it swings between two states; the present one is weakened."
        return f"no rest after {self._sweeps} sweeps{near}; the present state is weakened."

    def _summary(self) -> str:
        """Like "3 memories, 12 mixtures and 5 states that nobody stored"."""
        forms = {**KINDS, "other": ("state on the way", "states on the way")}
        parts = [
            f"{self._kinds[kind]} {plural if self._kinds[kind] != 1 else one}"
            for kind, (one, plural) in forms.items()
            if self._kinds[kind]
        ]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
