"""One slot between two threads: nothing queues, so nothing can fall behind."""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """The worker puts when the slot is empty; the window takes at the screen's rate."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._item: T | None = None

    @property
    def empty(self) -> bool:
        return self._item is None

    def put(self, item: T) -> None:
        """Fill the slot; what was in it is dropped."""
        with self._lock:
            self._item = item

    def take(self) -> T | None:
        """Empty the slot."""
        with self._lock:
            item, self._item = self._item, None
            return item
