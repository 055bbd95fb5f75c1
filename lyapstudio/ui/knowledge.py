"""What the networks of a document have learned, as far as its file is concerned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.document.nouns import Document, Learned, Setup
from lyapstudio.engine.simulation import Simulation

ANSWER = 5.0
"""Seconds that saving waits for the worker."""

Saved = dict[str, NDArray[Any]]


class BusyError(UserError):
    """The worker is at something that takes long: ask again later."""


class Knowledge:
    """Of one opened document.

    readouts : trained ones by the `beginning` of their networks, as arrays
    """

    def __init__(self, simulation: Simulation, document: Document) -> None:
        self._simulation = simulation
        self._waiting = dict(document.learned)  # until a network takes it up
        self._on_disk = {k: _updates(learned) for k, learned in document.learned.items()}
        self._latest = dict(self._on_disk)
        self._place = document.active
        self._readout_changed = False
        self.readouts: dict[tuple, Saved] = {
            beginning(place, document.setups[place]): learned.readout
            for place, learned in document.learned.items()
            if learned.readout and place < len(document.setups)
        }

    def take_up(self, place: int) -> Saved | None:
        """What the file holds for the network at a place, which is shown now; given once."""
        self._place = place
        learned = self._waiting.pop(place, None)
        return learned.network if learned else None

    def keep_readout(self, begun: tuple, arrays: Saved) -> None:
        """A readout was trained: it is saved with its network."""
        self.readouts[begun] = arrays
        self._readout_changed = True

    def see(self, frame: Frame) -> None:
        """How far the network on the screen is."""
        if frame.model is not None and frame.model.learns:
            self._latest[self._place] = frame.latest

    def grown(self, frame: Frame | None) -> bool:
        """Whether more was learned than is saved."""
        if frame is not None:
            self.see(frame)
        places = self._latest.keys() | self._on_disk.keys()
        moved = any(self._latest.get(k, 0) != self._on_disk.get(k, 0) for k in places)
        return moved or self._readout_changed

    def saved(self, frame: Frame | None) -> None:
        """All of it is on the disk now."""
        if frame is not None:
            self.see(frame)
        self._readout_changed = False
        self._on_disk = dict(self._latest)

    @property
    def moment(self) -> tuple:
        """Tells whether anything was learned since."""
        return (*sorted(self._latest.items()), *map(id, self.readouts.values()))

    def of(self, document: Document) -> dict[int, Learned]:
        """What is to be saved; asks the worker, which answers between two chunks of its work.

        Raises
        ------
        BusyError
            the worker does not answer
        """
        learned = dict(self._waiting)
        if not any(setup.model.learns for setup in document.setups):
            return learned
        try:
            states = self._simulation.learned().result(timeout=ANSWER)
        except TimeoutError:
            raise BusyError("The network is busy. Pause it, then save again.") from None
        for place, setup in enumerate(document.setups):
            readout = self.readouts.get(beginning(place, setup), {})
            if place not in learned and (place in states or readout):
                learned[place] = Learned(states.get(place, {}), readout)
        return learned


def beginning(place: int, setup: Setup) -> tuple:
    """What a run begins with: where it differs, it cannot go on."""
    model, data = setup.model, setup.data
    if not model.learns:
        return (place, setup.rows, setup.cols, type(model))
    if data.digest:  # the same images wherever they lie
        data = replace(data, path="", title="")
    return (place, type(model), model.identity(), data, setup.seed)


def _updates(learned: Learned) -> int:
    """How many were done by then."""
    update = learned.network.get("update", np.zeros((), np.int64))
    return int(update) if update.shape == () and update.dtype.kind == "i" else 0
