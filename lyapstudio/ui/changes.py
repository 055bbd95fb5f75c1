"""What weights are made from: where it is the same, nothing has to be learned again."""

from __future__ import annotations

from lyapstudio.document.nouns import Document, Setup


def makes(setup: Setup) -> tuple:
    """What, beside the memories, makes the weights."""
    return (setup.rule, setup.wiring, id(setup.given), tuple(map(id, setup.dreams)))


def stored(document: Document) -> list[tuple[int, str]]:
    return [(id(p.grid), p.name) for p in document.memories]
