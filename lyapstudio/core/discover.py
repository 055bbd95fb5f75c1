"""One file, one thing: the classes that the files of a folder define, found by themselves."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def defined_in(folder: Iterable[str], package: str, base: type[T]) -> list[tuple[str, type[T]]]:
    """(file's name, class) for every subclass of `base` that a file defines, not imports.

    folder : the package's __path__; package : its name
    A class that defines no `title` of its own is a base for others.
    """
    found = []
    for entry in pkgutil.iter_modules(folder):
        module = importlib.import_module(f"{package}.{entry.name}")
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, base) and "title" in vars(value):
                found.append((entry.name, value))
    return found
