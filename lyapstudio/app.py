"""Builds everything once: the only place that does.

The parts of the window are imported where they are needed: something is to be seen before.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QSettings, QStandardPaths
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from lyapstudio import __version__
from lyapstudio.core.build import frozen
from lyapstudio.core.errors import UserError
from lyapstudio.core.resources import resource
from lyapstudio.ui import settings
from lyapstudio.ui.splash import Splash

if TYPE_CHECKING:
    from lyapstudio.document.nouns import Document

OPENING = "photographs"


def application() -> QApplication:
    """The Qt application, with its name and look."""
    app = _bare_application()
    from lyapstudio.ui.theme import theme

    stored = settings.setting("mode", str, "system")
    if stored not in ("system", "light", "dark"):
        settings.damaged("mode")
        stored = "system"
    theme().mode = stored  # type: ignore[assignment]
    theme().apply()
    return app


def start(file: str | None = None) -> int:
    """Open the window and run until it is closed."""
    if file is not None and not file.startswith("example:") and not _may_tell_in_window():
        _existing(file)  # said at once where it is not there
    _bare_application()
    settings.inspect()
    splash = Splash()
    splash.appear()
    document, path, complaint = _first_document(file)
    app = application()
    from lyapstudio.core.logbook import Logbook
    from lyapstudio.ui.collector import Collector
    from lyapstudio.ui.window import MainWindow

    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    book = Logbook(Path(QStandardPaths.writableLocation(place)) / "logs")
    window = MainWindow(document)
    Collector(window)
    window.reporter.hook(book)
    window.desk.path = path
    window.place()
    window.painted.connect(window.desk.recover)
    window.painted.connect(window.reporter.begin)
    if complaint:
        window.reporter.complain(complaint)
    window.show()
    splash.finish(window)
    status = app.exec()
    window.reporter.unhook()
    book.close()
    return status


def check() -> dict[str, Any]:
    """Run every example in the real window; the user's settings and files are left alone."""
    from lyapstudio.document.autosave import Autosave
    from lyapstudio.document.examples import example

    unforeseen: list[str] = []
    sys.excepthook = lambda kind, error, trace: unforeseen.append(f"{kind.__name__}: {error}")
    with TemporaryDirectory() as home:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, home)
        application()
        from lyapstudio.ui.check import Check
        from lyapstudio.ui.collector import Collector
        from lyapstudio.ui.window import MainWindow

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


def _bare_application() -> QApplication:
    """The Qt application as far as it costs nothing."""
    QCoreApplication.setOrganizationName("Lyapunov Studio")
    QCoreApplication.setApplicationName("lyapstudio")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("lyapstudio")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    sys.setswitchinterval(0.0005)  # the worker must not hold the interpreter from the window
    icon = resource("icon", "lyapstudio.svg")
    if icon.is_file():
        app.setWindowIcon(QIcon(str(icon)))
    return app


def _may_tell_in_window() -> bool:
    """Whether nobody would read what is written on a terminal: it was started by a click."""
    return frozen() and not (sys.stderr is not None and sys.stderr.isatty())


def _first_document(file: str | None) -> tuple[Document, Path | None, str]:
    """What the command line names, or the opening example; and a complaint for the window.

    Raises
    ------
    UserError
        The file cannot be read; said on the command line, where the person is looking.
    """
    from lyapstudio.document.examples import example

    try:
        if file is None:
            return example(OPENING).build(), None, ""
        if file.startswith("example:"):
            return example(file.removeprefix("example:")).build(), None, ""
        from lyapstudio.document.files import load

        path = _existing(file)
        return load(path), path.absolute(), ""
    except UserError as error:
        if not _may_tell_in_window():
            raise
        return example(OPENING).build(), None, str(error)


def _existing(file: str) -> Path:
    path = Path(file)
    if not path.exists():
        raise UserError(f"There is no file called {path.name} in that folder. Check its name.")
    return path
