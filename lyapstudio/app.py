"""Builds everything once: the only place that does."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QApplication

from lyapstudio import __version__
from lyapstudio.core.errors import UserError
from lyapstudio.document.examples import example
from lyapstudio.document.nouns import Document
from lyapstudio.ui.collector import Collector
from lyapstudio.ui.theme import theme
from lyapstudio.ui.window import MainWindow

OPENING = "photographs"


def application() -> QApplication:
    """The Qt application, with its name and look."""
    QCoreApplication.setOrganizationName("Lyapunov Studio")
    QCoreApplication.setApplicationName("lyapstudio")
    QCoreApplication.setApplicationVersion(__version__)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    sys.setswitchinterval(0.0005)  # the worker must not hold the interpreter from the window
    stored = QSettings().value("mode", "system", str)
    theme().mode = stored if stored in ("system", "light", "dark") else "system"
    theme().apply()
    return app


def start(file: str | None = None) -> int:
    """Open the window and run until it is closed."""
    document, path = _first_document(file)
    app = application()
    window = MainWindow(document)
    Collector(window)
    window.desk.path = path
    window.place()
    window.painted.connect(window.desk.recover)
    window.show()
    return app.exec()


def check() -> dict[str, Any]:
    """Run every example in the real window; the user's settings and files are left alone."""
    from lyapstudio.document.autosave import Autosave
    from lyapstudio.ui.check import Check

    unforeseen: list[str] = []
    sys.excepthook = lambda kind, error, trace: unforeseen.append(f"{kind.__name__}: {error}")
    with TemporaryDirectory() as home:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, home)
        application()
        window = MainWindow(example(OPENING).build())
        Collector(window)
        window.desk.autosave = Autosave(Path(home) / "autosave")
        window.place()
        checking = Check(window)
        window.show()
        report = checking.report()
        window.session.saved()  # what was learned is not worth a question
        window.close()
    report["complaints"] += sorted(set(unforeseen))
    report["ok"] = not report["complaints"]
    return report


def _first_document(file: str | None) -> tuple[Document, Path | None]:
    """What the command line names, or the opening example.

    Raises
    ------
    UserError
        The file cannot be read; said on the command line, where the person is looking.
    """
    if file is None:
        return example(OPENING).build(), None
    if file.startswith("example:"):
        return example(file.removeprefix("example:")).build(), None
    from lyapstudio.document.files import load

    path = Path(file)
    if not path.exists():
        raise UserError(f"There is no file called {path.name} in that folder. Check its name.")
    return load(path), path.absolute()
