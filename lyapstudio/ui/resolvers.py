"""A Resolver for each network on the screen: weights change in place, so they are never shared."""

from __future__ import annotations

from functools import partial

from lyapstudio.core.model import Units
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.nouns import Document
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.networks import Wanted


class Resolvers:
    """By the places of the networks in the document."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._by_place: dict[int, Resolver] = {}

    def wanted(self, document: Document, cue: Units | None = None) -> tuple[Wanted, Wanted | None]:
        """What the engine is to run: the network on the screen, and the one beside it.

        cue : where both begin instead of at the document's, such as where a dream begins
        """
        here, beside = document.active, document.beside
        shown = [here] if beside is None else [here, beside]
        free = [r for place, r in self._by_place.items() if place not in shown]
        kept = {place: r for place, r in self._by_place.items() if place in shown}
        for place in shown:  # what the last network was made from may serve the next one
            if place not in kept:
                kept[place] = free.pop() if free else Resolver(self._shelf)
        self._by_place = kept
        made = [
            Wanted(partial(kept[place], document, place, cue), place, document.setups[place].title)
            for place in shown
        ]
        return made[0], made[1] if beside is not None else None
