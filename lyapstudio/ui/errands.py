"""What the window does on request: dialogs, help, import, export."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from lyapstudio.document import edits, examples
from lyapstudio.document.files import SUFFIX
from lyapstudio.ui.places import last_folder, remember_folder

IMAGES = "Images and arrays (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.npy *.npz)"

WEIGHTS = "Weights (*.npy *.npz *.csv *.tsv *.txt *.mtx *.gz)"
SAVED = "NumPy array (*.npy);;NumPy archive (*.npz);;Table (*.csv);;Matrix Market (*.mtx)"


class Errands(QObject):
    """One method a request of the MainWindow; secondary windows live here."""

    failed = Signal(str)

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self.window = window
        self.session = window.session
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

    def restart(self) -> None:
        """Back to the start; what took long to learn is not thrown away unasked."""
        frame = self.session.frame
        facts = frame.facts if frame is not None else {}
        if facts.get("epoch", 0) >= 1:
            from lyapstudio.ui.dialogs.ask import Question

            sentence = (
                f"The weights have learned for {int(facts['epoch'])} epochs. Starting anew gives "
                "that up; it cannot be undone."
            )
            question = Question("Start anew?", sentence, self.window, main="Start anew")
            if not question.exec():
                return
        self.session.restart()

    def find_data(self) -> None:
        """The images of this document are not where they were: ask for them."""
        source = self.session.setup.data
        folder = str(last_folder("images"))
        words = f"Where is “{source.title or Path(source.path).name}”?"
        name, _ = QFileDialog.getOpenFileName(self.window, words, folder)
        if not name:
            return
        remember_folder("images", Path(name).parent)
        path = Path(name)
        if path.name != Path(source.path).name and path.parent.name == Path(source.path).name:
            path = path.parent  # a picture in the folder stands for the folder
        moved = replace(source, path=str(path))
        self.session.edit(lambda d: edits.set_data(d, moved), "find the data")

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
            from lyapstudio.ui.dialogs.samples import SamplesDialog

            dialog = SamplesDialog(data, self.window)
            if dialog.exec() and dialog.choice is not None:
                part, index = dialog.choice
                self.window.page.meaning.show_image(getattr(data, part).floats([index])[0])

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

    def choose_wiring(self) -> None:
        """Who listens to whom, with a preview."""
        from lyapstudio.ui.dialogs.wiring import WiringDialog

        setup = self.session.setup
        dialog = WiringDialog(setup.wiring, setup.rows, setup.cols, self.window)
        if dialog.exec():
            wiring = dialog.wiring
            self.session.edit(lambda d: edits.set_wiring(d, wiring), "rewire the network")

    def load_weights(self) -> None:
        """Weights from a file, after a look at them."""
        from lyapstudio.document import rewiring
        from lyapstudio.ui.dialogs.weights import ImportWeightsDialog

        folder = str(last_folder("weights"))
        name, _ = QFileDialog.getOpenFileName(self.window, "Load weights", folder, WEIGHTS)
        if not name:
            return
        remember_folder("weights", Path(name).parent)
        setup = self.session.setup
        dialog = ImportWeightsDialog(Path(name), setup.rows, setup.cols, self.window)
        if dialog.exec() and dialog.given is not None:
            given = dialog.given
            self.session.edit(lambda d: rewiring.set_given(d, given), "load weights")

    def save_weights(self) -> None:
        """All weights into a file; the end of its name chooses the format."""
        from lyapstudio.core.errors import UserError
        from lyapstudio.document.weight_files.write import write_weights
        from lyapstudio.ui.dialogs.progress import run_job

        start = last_folder("weights") / f"{self.session.setup.title} weights.npy"
        name, _ = QFileDialog.getSaveFileName(self.window, "Save weights", str(start), SAVED)
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(f"{name}.npy")
        remember_folder("weights", path.parent)
        asked = self.session.simulation.weights()

        def work(report):  # type: ignore[no-untyped-def]
            weights = asked.result(timeout=60)
            if weights is None:
                raise UserError("This network has no weights yet. Wait until it is ready.")
            write_weights(path, weights, report)
            return path

        try:
            if run_job(self.window, "Saving weights", work) is not None:
                self.session.told.emit(f"The weights are in {path.name}.")
        except UserError as error:
            self.failed.emit(str(error))

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

    def show_about(self) -> None:
        """Which program this is."""
        from lyapstudio.ui.dialogs.about import AboutDialog

        dialog = AboutDialog(self.window, self.window.reporter)
        if dialog.exec() and dialog.turned_to:
            self.show_help(dialog.turned_to)

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
