"""Undo and redo: documents that share their unchanged arrays, bounded by bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from lyapstudio.document.nouns import Document

BUDGET = 512 << 20


@dataclass(frozen=True)
class Entry:
    """A document and the words for the edit that made it; `merge` joins a drag into one step."""

    document: Document
    label: str
    merge: str = ""


class History:
    """The present document with its past and its undone future."""

    def __init__(self, document: Document, budget: int = BUDGET) -> None:
        self._past: list[Entry] = []
        self._present = Entry(document, "")
        self._future: list[Entry] = []
        self._saved: Document | None = document
        self.first = document  # as it was opened
        self._budget = budget

    @property
    def document(self) -> Document:
        return self._present.document

    @property
    def edited(self) -> bool:
        """Whether the present differs from what was saved."""
        return self._saved is not self._present.document

    @property
    def undo_label(self) -> str:
        return self._present.label if self._past else ""

    @property
    def redo_label(self) -> str:
        return self._future[-1].label if self._future else ""

    def push(self, document: Document, label: str, merge: str = "") -> None:
        """An edit; with the same `merge` as the one before they are one step."""
        if document is self._present.document:
            return
        joined = merge and merge == self._present.merge and self._past
        if not joined:
            self._past.append(self._present)
        self._present = Entry(document, label, merge)
        self._future.clear()
        self._trim()

    def seal(self) -> None:
        """The drag is over: the next edit is a step of its own."""
        self._present = Entry(self._present.document, self._present.label)

    def undo(self) -> None:
        """Back to the document before the last edit."""
        if self._past:
            self._future.append(self._present)
            self._present = self._past.pop()
            self.seal()

    def redo(self) -> None:
        """Do the undone edit again."""
        if self._future:
            self._past.append(self._present)
            self._present = self._future.pop()
            self.seal()

    def saved(self) -> None:
        """The present document is now on disk."""
        self._saved = self._present.document

    def never_saved(self) -> None:
        """The present document is on no disk: recovered work."""
        self._saved = None

    def _trim(self) -> None:
        """Forget the oldest documents when they alone hold too many bytes."""
        seen: set[int] = set()
        _fresh_bytes(self.document, seen)  # what the present shares costs the past nothing
        total = 0
        for k in range(len(self._past) - 1, -1, -1):
            total += _fresh_bytes(self._past[k].document, seen)
            if total > self._budget:
                del self._past[: k + 1]
                return


def _fresh_bytes(document: Document, seen: set[int]) -> int:
    arrays: list[NDArray[Any]] = [p.grid for p in document.patterns]
    for setup in document.setups:
        arrays += [a for a in (setup.painted, setup.cue.drawn, setup.lesions) if a is not None]
        arrays += [dream.state for dream in setup.dreams]
        for stroke in setup.strokes:
            arrays += [stroke.into, stroke.out_of, stroke.values]
        if setup.given is not None:
            arrays += [setup.given.into, setup.given.out_of, setup.given.values]
    total = 4096
    for array in arrays:
        if id(array) not in seen:
            seen.add(id(array))
            total += array.nbytes
    return total
