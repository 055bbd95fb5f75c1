"""Two networks of a document side by side, and the list of its networks: pure edits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lyapstudio.core.errors import UserError
from lyapstudio.document.files import MAX_SETUPS
from lyapstudio.document.nouns import Document, Setup
from lyapstudio.weights.rules import rules

PARTNER = {"projection": "hebb"}
OTHERWISE = "projection"
"""The learning rule of the copy, by that of the original: memories are taken well or badly."""
LONGEST = 60


def compare(document: Document, index: int | None) -> Document:
    """Show another network beside the one on the screen, or (None) no other.

    The other one takes the cue and the seed of the one on the screen.
    """
    view = {k: v for k, v in document.view.items() if k != "beside"}
    if index is None:
        return replace(document, view=view)
    if index == document.active or not 0 <= index < len(document.setups):
        raise UserError("Choose another network of this document to stand beside this one.")
    setup, other = document.setup, document.setups[index]
    if setup.model.learns or other.model.learns:
        raise UserError(
            "Networks that learn from images run alone. Choose a model that remembers, such as "
            "Hopfield 1982, for both."
        )
    setups = list(document.setups)
    setups[index] = replace(other, cue=setup.cue, seed=setup.seed)
    return replace(document, setups=tuple(setups), view={**view, "beside": index})


def side_by_side(document: Document) -> Document:
    """The next network beside this one; where there is none, a copy under another rule."""
    count, here = len(document.setups), document.active
    turn = [(here + k) % count for k in range(1, count)]
    others = [k for k in turn if not document.setups[k].model.learns]
    if others or document.setup.model.learns:
        return compare(document, others[0] if others else None)
    setup = document.setup
    if not setup.model.uses_rule:
        document = duplicate_setup(document, f"{setup.title} 2")
        return compare(show(document, here), count)
    rule = rules()[PARTNER.get(setup.rule.id, OTHERWISE)]()
    if count == 1:
        document = rename_setup(document, here, setup.rule.title)
    document = duplicate_setup(document, rule.title)
    setups = (*document.setups[:-1], replace(document.setup, rule=rule))
    return compare(show(replace(document, setups=setups), here), count)


def show(document: Document, index: int) -> Document:
    """Bring a network to the screen; the one that stood beside changes places with it."""
    view: dict[str, Any] = {**document.view, "setup": index}
    if index == document.view.get("beside"):
        view["beside"] = document.active
    return replace(document, view=view)


def duplicate_setup(document: Document, title: str) -> Document:
    """A copy of the network on the screen, at the end of the list; it comes to the screen."""
    if len(document.setups) >= MAX_SETUPS:
        raise UserError(f"A document holds at most {MAX_SETUPS} networks. Remove one first.")
    copy = replace(document.setup, title=_free(document, _cleaned(title)))
    setups = (*document.setups, copy)
    return replace(document, setups=setups, view={**document.view, "setup": len(setups) - 1})


def rename_setup(document: Document, index: int, title: str) -> Document:
    """Another title; at most 60 characters."""
    setups = list(document.setups)
    setups[index] = replace(setups[index], title=_cleaned(title))
    return replace(document, setups=tuple(setups))


def remove_setup(document: Document, index: int) -> Document:
    """Take a network out of the document; one always stays."""
    if len(document.setups) < 2:
        raise UserError("A document needs at least one network.")
    if any(setup.model.learns for setup in document.setups[index:]):
        raise UserError(
            "This network stands before one that learns from images, and what that one has "
            "learned is kept by its place. Remove nothing before it."
        )
    here, beside = document.active, document.beside
    left = [k for k in range(len(document.setups)) if k != index]
    if here == index:  # the one beside it takes its place, else the next one
        here = beside if beside is not None else left[min(index, len(left) - 1)]
        beside = None
    view = {k: v for k, v in document.view.items() if k != "beside"}
    view["setup"] = left.index(here)
    if beside is not None and beside != index:
        view["beside"] = left.index(beside)
    return replace(document, setups=tuple(document.setups[k] for k in left), view=view)


def proposed_title(setup: Setup) -> str:
    """For a copy: by its learning rule where it has one."""
    return setup.rule.title if setup.model.uses_rule else setup.model.title


def _cleaned(title: str) -> str:
    title = " ".join(title.split())[:LONGEST]
    if not title:
        raise UserError("A network needs a title.")
    return title


def _free(document: Document, title: str) -> str:
    """The title, with a number behind it where another network has it."""
    taken = {setup.title for setup in document.setups}
    number, wanted = 2, title
    while wanted in taken:
        wanted, number = f"{title[: LONGEST - 3]} {number}", number + 1
    return wanted
