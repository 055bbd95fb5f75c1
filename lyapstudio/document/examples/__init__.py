"""Documents that show something: each opens ready to run, with a story of what to look for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lyapstudio.core.errors import UserError
from lyapstudio.core.resources import resource
from lyapstudio.document.examples import learning, memories, wiring
from lyapstudio.document.nouns import Document
from lyapstudio.document.ready import MNIST

OPENING = "photographs"
"""The example that the window opens with."""

OF_MNIST = {"handwritten", "digits", "guaranteed", "one-image", "collapse", "two-thousand"}
"""Examples that a copy of the program without MNIST cannot make."""


@dataclass(frozen=True)
class Example:
    """A document that the program can make; `build` always makes the same one."""

    id: str
    title: str
    caption: str
    build: Callable[[], Document]


def examples() -> dict[str, Example]:
    """Every example by id, in the order of the menu: memories, wiring, learning."""
    there = resource("mnist", MNIST).is_file()
    rows = (*memories.ROWS, *wiring.ROWS, *learning.ROWS)
    return {row[0]: Example(*row) for row in rows if there or row[0] not in OF_MNIST}


def example(id: str) -> Example:
    """The example with that id, or UserError."""
    known = examples()
    if id not in known:
        raise UserError(f"There is no example called {id}. Known ones: {', '.join(known)}.")
    return known[id]
