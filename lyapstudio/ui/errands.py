"""What the window does on request: dialogs, help, import, export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QTabBar, QWidget

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.document import edits, examples, export
from lyapstudio.document.files import SUFFIX
from lyapstudio.ui.places import last_folder, remember_folder

IMAGES = "Images and arrays (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.npy *.npz)"


class Errands(QObject):
    """One method a request of the MainWindow; secondary windows live here."""

    failed = Signal(str)

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self.window = window
        self.session = window.session
        self._looked: Frame | None = None
        self.session.frame_arrived.connect(self._look)
        self._help: QWidget | None = None
        self._open: list[QWidget] = []

    # patterns

    def draw(self, key: int) -> None:
        """Draw on a memory, in a window of its own."""
        from lyapstudio.ui.dialogs.editor import PatternEditor

        self._show(PatternEditor(self.session, key, self.window))

    def paint_field(self) -> None:
        """Paint the external field per neuron."""
        from lyapstudio.ui.dialogs.fields import FieldEditor

        self._show(FieldEditor(self.session, self.window))

    def load_images(self) -> None:
        """Choose files that become patterns."""
        folder = str(last_folder("images"))
        names, _ = QFileDialog.getOpenFileNames(self.window, "Load images", folder, IMAGES)
        if names:
            remember_folder("images", Path(names[0]).parent)
            self.take_in([Path(name) for name in names], None)

    def paste(self) -> None:
        """The clipboard's image, or the files copied to it."""
        data = QGuiApplication.clipboard().mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        image = data.imageData() if data.hasImage() else None
        if not paths and image is None:
            self.failed.emit("The clipboard holds no image. Copy one, then paste again.")
            return
        self.take_in(paths, image)

    def take_in(self, paths: list[Path], image: object) -> None:
        """A document opens; everything else becomes patterns after a look at a preview."""
        documents = [p for p in paths if p.suffix.lower() == SUFFIX]
        if documents:
            self.window.desk.open(documents[0])
            return
        from lyapstudio.ui.dialogs.images import ImportDialog
        from lyapstudio.ui.dialogs.sources import image_source

        sources: list = [(p.stem, p) for p in paths]
        if not sources and isinstance(image, QImage):
            sources = [image_source(image, "Pasted")]
        if not sources:
            self.failed.emit("Nothing here can become a pattern: drop images, NPY or NPZ files.")
            return
        setup = self.session.setup
        dialog = ImportDialog(sources, setup.rows, setup.cols, self.window)
        if dialog.exec():
            patterns = dialog.patterns()
            self.session.edit(lambda d: edits.add_patterns(d, patterns), "load patterns")

    def add_ready(self) -> None:
        """Choose a ready set."""
        from lyapstudio.ui.dialogs.ready import ReadyDialog

        setup = self.session.setup
        dialog = ReadyDialog(setup.rows, setup.cols, self.window)
        if dialog.exec():
            patterns = dialog.patterns()
            if dialog.replace:
                self.session.edit(lambda d: edits.replace_patterns(d, patterns), "a ready set")
            else:
                self.session.edit(lambda d: edits.add_patterns(d, patterns), "add a ready set")

    def choose_data(self) -> None:
        """What a network learns from."""
        from lyapstudio.ui.dialogs.dataset import DataDialog

        dialog = DataDialog(self.session.shelf, self.window, self.session.setup.data)
        if dialog.exec():
            source = dialog.source
            self.session.edit(lambda d: edits.set_data(d, source), "choose the data")

    def browse_samples(self) -> None:
        """All images of the data set."""
        data = self.window.learner.data
        if data is not None:
            from lyapstudio.ui.dialogs.samples import SampleBrowser

            self._show(SampleBrowser(data, self.window))

    def show_overlaps(self) -> None:
        """How alike the memories are."""
        from lyapstudio.ui.dialogs.overlaps import OverlapsDialog

        dialog = OverlapsDialog(self.session, self.window)
        dialog.projection_requested.connect(
            lambda: self.session.edit(
                lambda d: edits.set_rule(d, "projection"), "choose the learning rule"
            )
        )
        dialog.exec()

    def ask_size(self) -> None:
        """Rows and columns."""
        from lyapstudio.ui.dialogs.size import SizeDialog

        SizeDialog(self.session, self.window).exec()

    # help

    def show_help(self, topic: str) -> None:
        """The help window, at a topic."""
        from lyapstudio.ui.dialogs.help import HelpWindow

        if self._help is None:
            self._help = HelpWindow(self.window)
        self._help.show_topic(topic)  # type: ignore[attr-defined]

    def show_keys(self) -> None:
        """All shortcuts."""
        from lyapstudio.ui.actions import key_sheet
        from lyapstudio.ui.dialogs.keys import KeysDialog

        KeysDialog(key_sheet(), self.window).exec()

    # menus that are filled when they open

    def fill_recent(self, menu: QMenu) -> None:
        """The documents opened last."""
        menu.clear()
        for path in self.window.desk.recent:
            menu.addAction(path.stem, partial(self.window.desk.open, path))
        if menu.isEmpty():
            menu.addAction("No documents yet").setEnabled(False)

    def fill_examples(self, menu: QMenu) -> None:
        """The examples, with what each shows."""
        menu.clear()
        menu.setToolTipsVisible(True)
        for example in examples.examples().values():
            action = menu.addAction(
                example.title, partial(self.window.desk.open_example, example.id)
            )
            action.setToolTip(example.caption)

    def fill_export(self, menu: QMenu) -> None:
        """Every plot as PNG, SVG and CSV; the state as PNG and NPY."""
        menu.clear()
        menu.addAction("Neuron state as PNG …", lambda: self._export_state("png"))
        menu.addAction("Neuron state as NPY …", lambda: self._export_state("npy"))
        for name in self.plots():
            menu.addSeparator()
            for kind in ("png", "svg", "csv"):
                menu.addAction(f"{name} as {kind.upper()} …", partial(self.export_plot, name, kind))

    def plots(self) -> dict[str, tuple[QWidget, tuple[QTabBar, int] | None, Callable]]:
        """What can be exported, by name: the view, the tab that shows it, its numbers."""
        from lyapstudio.ui import export as columns
        from lyapstudio.ui.panels import centre as middle
        from lyapstudio.ui.panels import meaning as right

        centre, meaning = self.window.centre, self.window.meaning
        return {
            "Lyapunov function": (meaning.curve, None, columns.lyapunov_columns),
            "Overlaps": (centre.bars, (centre.tabs, middle.OVERLAP), columns.overlap_columns),
            "Overlaps over time": (
                centre.history,
                (centre.tabs, middle.TIME),
                columns.history_columns,
            ),
            "Receptive field": (
                meaning.field,
                (meaning.tabs, right.WEIGHTS),
                columns.field_columns,
            ),
            "Contributions": (
                meaning.waterfall,
                (meaning.tabs, right.NEURON),
                columns.contribution_columns,
            ),
        }

    def export_plot(self, name: str, kind: str, path: Path | None = None) -> None:
        """Write one plot; its CSV holds every number that it shows."""
        frame = self._exported_frame()
        if frame is None:
            return
        from lyapstudio.ui.export import write_png, write_svg

        widget, tab, columns = self.plots()[name]
        try:
            numbers = columns(frame)  # refused before anyone is asked for a name
            path = path or self._where(f"{name}.{kind}", kind)
            if path is None:
                return
            if tab is not None:
                tab[0].setCurrentIndex(tab[1])  # what is exported is what is seen
                QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            if kind == "csv":
                export.columns_csv(path, numbers)
            else:
                (write_svg if kind == "svg" else write_png)(path, widget)
        except UserError as error:
            self.failed.emit(str(error))
            return
        self.window.notice.tell(f"Exported as {path.name}.")

    def _exported_frame(self) -> Frame | None:
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

    def _export_state(self, kind: str) -> None:
        frame = self.session.frame
        path = self._where(f"State.{kind}", kind)
        if path is None or frame is None or frame.problem is None:
            return
        grid = frame.channels["units"].reshape(frame.problem.rows, frame.problem.cols)
        try:
            (export.state_png if kind == "png" else export.state_npy)(path, grid)
        except UserError as error:
            self.failed.emit(str(error))
            return
        self.window.notice.tell(f"Exported as {path.name}.")

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

    def _show(self, widget: QWidget) -> None:
        self._open.append(widget)
        widget.destroyed.connect(lambda *_: self._forget(widget))
        widget.show()

    def _forget(self, gone: QWidget) -> None:
        self._open = [w for w in self._open if w is not gone]

    def close(self) -> None:
        """Close the secondary windows."""
        for widget in [*self._open, *([self._help] if self._help else [])]:
            widget.close()
        self._open.clear()
