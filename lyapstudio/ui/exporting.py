"""Every plot as PNG, SVG and CSV; what the network holds as PNG and NPY."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QTabBar, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.document import export
from lyapstudio.ui.places import last_folder, remember_folder


@dataclass(frozen=True)
class Exportable:
    """A plot: the view, the tab that shows it, and its numbers."""

    widget: QWidget
    tab: tuple[QTabBar, int] | None
    columns: Callable[[Frame], dict[str, Any]]


class Exporting(QObject):
    """Fills the menu, asks where, and writes; the page on the screen says what there is."""

    failed = Signal(str)

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self.window, self.session = window, window.session
        self._looked: Frame | None = None
        self.session.frame_arrived.connect(self._look)

    def fill(self, menu: QMenu) -> None:
        """What can be exported now."""
        menu.clear()
        for name, (kind, write) in self.window.page.wholes.items():
            menu.addAction(f"{name} as {kind.upper()} …", partial(self._write, name, kind, write))
        for name in self.window.page.plots():
            menu.addSeparator()
            for kind in ("png", "svg", "csv"):
                menu.addAction(f"{name} as {kind.upper()} …", partial(self.plot, name, kind))

    def plot(self, name: str, kind: str, path: Path | None = None) -> None:
        """Write one plot; its CSV holds every number that it shows."""
        frame = self._frame()
        if frame is None:
            return
        from lyapstudio.ui.export import write_png, write_svg

        shown = self.window.page.plots()[name]
        try:
            numbers = shown.columns(frame)  # refused before anyone is asked for a name
            path = path or self._where(f"{name}.{kind}", kind)
            if path is None:
                return
            if shown.tab is not None:
                shown.tab[0].setCurrentIndex(shown.tab[1])  # what is exported is what is seen
                QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            if kind == "csv":
                export.columns_csv(path, numbers)
            else:
                (write_svg if kind == "svg" else write_png)(path, shown.widget)
        except UserError as error:
            self.failed.emit(str(error))
            return
        self.window.notice.tell(f"Exported as {path.name}.")

    def _write(self, name: str, kind: str, write: Callable[[Path, Frame], None]) -> None:
        frame = self.session.frame
        path = self._where(f"{name}.{kind}", kind)
        if path is None or frame is None or frame.problem is None:
            return
        try:
            write(path, frame)
        except UserError as error:
            self.failed.emit(str(error))
            return
        self.window.notice.tell(f"Exported as {path.name}.")

    def _frame(self) -> Frame | None:
        """The present frame, with the neuron that was looked at last."""
        frame = self.session.frame
        if frame is None or frame.problem is None:
            return None
        last = self._looked
        if frame.incoming is None and last is not None and last.problem is frame.problem:
            return replace(frame, incoming=last.incoming, looked_at=last.looked_at)
        return frame

    def _look(self, frame: Frame) -> None:
        if frame.incoming is not None:
            self._looked = frame

    def _where(self, name: str, kind: str) -> Path | None:
        folder = last_folder("exports")
        chosen, _ = QFileDialog.getSaveFileName(
            self.window, "Export", str(folder / name), f"{kind.upper()} (*.{kind})"
        )
        if not chosen:
            return None
        path = Path(chosen)
        remember_folder("exports", path.parent)
        return path if path.suffix else path.with_suffix(f".{kind}")
