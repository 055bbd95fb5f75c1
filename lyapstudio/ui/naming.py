"""What a frame's network is doing, in words."""

from __future__ import annotations

from lyapstudio.analysis.outcome import Outcome, name_learning, name_outcome
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Rest


class Namer:
    """Of one network; at rest nothing is counted twice."""

    def __init__(self) -> None:
        self._key: tuple = ()

    def name(self, frame: Frame) -> Outcome | None:
        """The outcome; None where there is none, or where it is what was said last."""
        if frame.facts:
            return name_learning(frame.facts, frame.rest, running=frame.running)
        overlaps = frame.channels.get("overlaps")
        if frame.problem is None or overlaps is None:
            return None
        at_rest = frame.rest in (Rest.FIXED, Rest.CYCLE)
        key = (frame.generation, frame.update, frame.rest, frame.running, id(frame.problem))
        if at_rest and key == self._key:
            return None
        self._key = key
        return name_outcome(
            overlaps,
            frame.rest,
            frame.problem.names,
            state=frame.channels["units"] if at_rest else None,
            memories=frame.problem.memories if at_rest else None,
            running=frame.running,
            flips_in_cycle=None if frame.flipping is None else len(frame.flipping),
            period=frame.period,
        )
