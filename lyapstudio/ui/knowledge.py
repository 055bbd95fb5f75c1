"""What the networks of a document have learned, as far as its file is concerned."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.document.nouns import Document, Learned, Setup
from lyapstudio.engine.simulation import Simulation

ANSWER = 5.0
"""Seconds that saving waits for the worker."""

Saved = dict[str, NDArray[Any]]


class Knowledge:
    """Of one opened document.

    readouts : trained ones by the `beginning` of their networks, as arrays
    """

    def __init__(self, simulation: Simulation, document: Document) -> None:
        self._simulation = simulation
        self._waiting = dict(document.learned)  # until a network takes it up
        self._on_disk = -1  # the update up to which learning is saved; -1: not known yet
        self._readout_changed = False
        self.readouts: dict[tuple, Saved] = {
            beginning(place, document.setups[place]): learned.readout
            for place, learned in document.learned.items()
            if learned.readout and place < len(document.setups)
        }

    def take_up(self, place: int) -> Saved | None:
        """What the file holds for the network at a place; given once."""
        learned = self._waiting.pop(place, None)
        return learned.network if learned else None

    def keep_readout(self, begun: tuple, arrays: Saved) -> None:
        """A readout was trained: it is saved with its network."""
        self.readouts[begun] = arrays
        self._readout_changed = True

    def see(self, frame: Frame) -> None:
        """The first frame tells where a file goes on."""
        if self._on_disk < 0 and frame.problem is not None:
            self._on_disk = frame.update

    def grown(self, frame: Frame | None) -> bool:
        """Whether more was learned than is saved."""
        if self._readout_changed:
            return True
        if frame is None or frame.model is None or not frame.model.learns:
            return False
        return frame.latest != max(self._on_disk, 0)

    def saved(self, frame: Frame | None) -> None:
        """All of it is on the disk now."""
        self._readout_changed = False
        self._on_disk = frame.latest if frame else 0

    def of(self, document: Document) -> dict[int, Learned]:
        """What is to be saved; asks the worker, which answers between two chunks of its work.

        Raises
        ------
        UserError
            the worker does not answer
        """
        learned = dict(self._waiting)
        if not any(setup.model.learns for setup in document.setups):
            return learned
        try:
            states = self._simulation.learned().result(timeout=ANSWER)
        except TimeoutError:
            raise UserError("The network is busy. Pause it, then save again.") from None
        for place, state in states.items():
            if place < len(document.setups):
                begun = beginning(place, document.setups[place])
                learned[place] = Learned(state, self.readouts.get(begun, {}))
        return learned


def beginning(place: int, setup: Setup) -> tuple:
    """What a run begins with: where it differs, it cannot go on."""
    model, data = setup.model, setup.data
    if not model.learns:
        return (place, setup.rows, setup.cols, type(model))
    return (place, type(model), model.identity(), data, data.path, data.ready, setup.seed)
