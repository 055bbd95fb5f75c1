"""The data sets that were read last, for all who ask: the window, the worker, a dialog."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from threading import Lock

from lyapstudio.core.data import DataSet
from lyapstudio.document.datasets.found import Found
from lyapstudio.document.datasets.raw import Report
from lyapstudio.document.datasets.read import find, quiet
from lyapstudio.document.datasets.source import Source

KEPT = 2
WAIT = 0.1
"""Seconds between two looks whether another thread has finished reading."""


class Shelf:
    """Keeps the last two data sets; the same source gives the same object. Thread-safe.

    A data set that differs from a kept one only in how it is divided is not read again.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # held for moments
        self._reading = Lock()  # held while a file is read: two at once would not be faster
        self._found: OrderedDict[Source, Found] = OrderedDict()
        self._sets: OrderedDict[Source, DataSet] = OrderedDict()

    def get(self, source: Source, report: Report | None = None) -> DataSet:
        """The data set of a source, read where it is not kept; raises what `read` raises."""
        kept = self.peek(source)
        if kept is not None:
            return kept
        found = self.find(source, report)
        with self._lock:
            return self._sets.get(source) or self._keep(source, found.dataset(source))

    def peek(self, source: Source) -> DataSet | None:
        """The data set where it is kept; never waits."""
        with self._lock:
            dataset = self._sets.get(source)
            if dataset is not None:
                self._sets.move_to_end(source)
            return dataset

    def find(self, source: Source, report: Report | None = None) -> Found:
        """All that the source names, before it is divided."""
        report = report or quiet
        found = self.held(source)
        if found is not None:
            return found
        while not self._reading.acquire(timeout=WAIT):
            report(0.0)  # may say that nobody wants it any more
        try:
            found = self.held(source)
            if found is None:
                found = find(source, report)
                self.keep(source, found)
            return found
        finally:
            self._reading.release()

    def keep(self, source: Source, found: Found) -> None:
        """What somebody else read: the dialog that showed it."""
        with self._lock:
            _push(self._found, _undivided(source), found)

    def put(self, source: Source, dataset: DataSet) -> None:
        """A data set that was made elsewhere."""
        with self._lock:
            self._keep(source, dataset)

    def held(self, source: Source) -> Found | None:
        """All that the source names where it is kept; never waits."""
        key = _undivided(source)
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def _keep(self, source: Source, dataset: DataSet) -> DataSet:
        _push(self._sets, source, dataset)
        return dataset


def _push(kept: OrderedDict, key: Source, value: object) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)


def _undivided(source: Source) -> Source:
    """The source without what only divides it; how many a ready set has depends on the limit."""
    limit = source.limit if source.kind == "ready" else 0
    return dataclasses.replace(source, title="", validation=0.0, test=0.0, limit=limit)
