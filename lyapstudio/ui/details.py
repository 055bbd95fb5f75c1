"""The details for a bug report: what one has to know to understand a fault, and no more."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import Any

from PySide6 import __version__ as pyside
from PySide6.QtCore import QLibraryInfo
from PySide6.QtGui import QGuiApplication

from lyapstudio.core.build import build, frozen
from lyapstudio.core.kernel import cache_counts
from lyapstudio.core.private import scrubbed

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy")
LINES = 60
"""Of the log."""


def details(session: Any, names: list[str], last: str, log: list[str]) -> str:
    """Plain text for the clipboard.

    names : of files that are nobody's business; last : what the window complained of last
    """
    words = scrubbed("\n".join(log[-LINES:]), names) or "(empty)"
    return "\n".join(
        [
            f"Lyapunov Studio {build().line}{'' if frozen() else ', from source'}",
            f"System: {platform.system()} {platform.release()}, {platform.machine()}",
            f"Python {platform.python_version()}, Qt {QLibraryInfo.version().toString()}, "
            f"PySide {pyside}, {', '.join(map(_version, LIBRARIES))}",
            f"Window: {QGuiApplication.platformName()}, {_screens()}; no GPU is used",
            f"Document: {_document(session)}",
            "Kernels: {} kept, {} compiled".format(*cache_counts()),
            f"Last message: {scrubbed(last, names) or 'none'}",
            "Log:",
            *(f"    {line}" for line in words.splitlines()),
        ]
    )


def private_names(session: Any, paths: list[Any]) -> list[str]:
    """Names that a sentence about this document may hold."""
    document = session.document
    names = [document.title, *(p.name for p in document.patterns if len(p.name) > 2)]
    for setup in document.setups:
        names += [setup.title, setup.data.title, setup.given.title if setup.given else ""]
        names += _parts(setup.data.path)
    for path in paths:
        names += _parts(str(path))
    return names


def _parts(path: str) -> list[str]:
    """The name of a file, with and without its ending."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return [name, name.rpartition(".")[0]]


def _version(library: str) -> str:
    module = sys.modules.get(library)
    try:
        found = metadata.version(library)
    except metadata.PackageNotFoundError:
        found = getattr(module, "__version__", "?")
    return f"{library} {found}"


def _screens() -> str:
    return " + ".join(
        f"{s.size().width()} × {s.size().height()} at {s.devicePixelRatio():g}"
        for s in QGuiApplication.screens()
    )


def _document(session: Any) -> str:
    """Model, size, and how the weights are held: no names, no contents."""
    document, setup, frame = session.document, session.setup, session.frame
    words = [setup.model.title, f"{setup.rows} × {setup.cols}"]
    words += [f"memories: {len(document.memories)}", f"networks: {len(document.setups)}"]
    weights = frame.problem.weights if frame is not None and frame.problem is not None else None
    if weights is not None:
        words += [setup.rule.title, setup.wiring.title, weights.cost.line]
    data = frame.problem.data if frame is not None and frame.problem is not None else None
    if data is not None:
        words += [f"{len(data.train)} images of {data.rows} × {data.cols}"]
    defaults = type(setup.model)().as_values()
    changed = {k: v for k, v in setup.model.as_values().items() if v != defaults[k]}
    return ", ".join([*words, *(f"{k} = {v}" for k, v in changed.items())])
