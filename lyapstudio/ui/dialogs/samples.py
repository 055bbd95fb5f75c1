"""The images of a data set, browsed by part, class and number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.data import DataSet, Part
from lyapstudio.core.param import Choice, Spec
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.samples import SampleGrid

ALL = "all"
PARTS = (("train", "Training"), ("validation", "Validation"), ("test", "Test"))


class SampleBrowser(QWidget):
    """Images by part, class and number.

    `chosen(part, index)`: "train", "validation" or "test", and the index into that part, from 0.
    People count from 1.
    """

    chosen = Signal(str, int)

    def __init__(self, dataset: DataSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dataset = dataset
        parts = [(id, label) for id, label in PARTS if len(getattr(dataset, id))]
        self.parts = Segmented([Choice(id, f"{label} {self._count(id)}") for id, label in parts])
        self.parts.setAccessibleName("Part")
        self.parts.setVisible(len(parts) > 1)
        self.classes = Chooser()
        self.classes.setToolTip("Show the images of one class only.")
        self.classes.setAccessibleName("Class")
        self.classes.setVisible(bool(dataset.classes))
        self.grid = SampleGrid()
        self.grid.setMinimumHeight(theme().px(180))
        self.about = text("", "caption")
        self.number: NumberField | None = None
        self._go = QHBoxLayout()
        self._lay_out()
        self.parts.chosen.connect(self._show_part)
        self.classes.chosen.connect(lambda _: self._show_class())
        self.grid.hovered.connect(self._tell)
        self.grid.picked.connect(self._pick)
        self._show_part(parts[0][0])

    @property
    def part(self) -> str:
        """Which part is shown."""
        return self.parts.value

    @property
    def images(self) -> Part:
        """The images of that part."""
        part: Part = getattr(self.dataset, self.part)
        return part

    def show_image(self, part: str, index: int) -> None:
        """Bring an image into view and mark it; silent."""
        if part != self.part:
            self._show_part(part)
        labels = self.images.labels
        if labels is not None and self.classes.value not in (ALL, str(labels[index])):
            self.classes.set_value(ALL)
            self._show_class()
        self.grid.choose(index)
        if self.number is not None:
            self.number.set_value(index + 1)
        self._tell(-1)

    def _count(self, part: str) -> str:
        return whole(len(getattr(self.dataset, part)))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.parts)
        head.addWidget(self.classes)
        head.addStretch(1)
        self._go.setSpacing(8)
        self._go.addWidget(text("Go to image"))
        head.addLayout(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.grid, 1)
        column.addWidget(self.about)

    def _show_part(self, part: str) -> None:
        self.parts.set_value(part)
        labels = self.images.labels
        if labels is not None:
            counts = np.bincount(labels, minlength=len(self.dataset.classes))
            self.classes.set_choices(
                [Choice(ALL, "All classes")]
                + [
                    Choice(str(k), f"{name} ({whole(count)})")
                    for k, (name, count) in enumerate(
                        zip(self.dataset.classes, counts.tolist(), strict=True)
                    )
                ]
            )
        if self.number is not None:
            self._go.removeWidget(self.number)
            self.number.hide()
            self.number.deleteLater()
        label = f"The number of an image, from 1 to {self._count(part)} (Enter)."
        self.number = NumberField(
            "image", Spec("integer", 1, "Image", label, 1, len(self.images), decimals=0)
        )
        self.number.value_chosen.connect(lambda number: self._go_to(int(number) - 1))
        self.number.complained.connect(self._complain)
        self._go.addWidget(self.number)
        self._show_class()

    def _show_class(self) -> None:
        labels, chosen = self.images.labels, self.classes.value
        if labels is None or chosen in ("", ALL):
            where = np.arange(len(self.images))
        else:
            where = np.flatnonzero(labels == int(chosen))
        d = self.dataset
        self.grid.show_images(self.images, where, (d.rows, d.cols, d.depth))
        self._tell(-1)

    def _go_to(self, index: int) -> None:
        self._pick(index)

    def _pick(self, index: int) -> None:
        self.show_image(self.part, index)
        self.chosen.emit(self.part, index)

    def _complain(self, sentence: str) -> None:
        if sentence:
            self.about.setText(sentence)
        else:
            self._tell(-1)

    def _tell(self, index: int) -> None:
        """What is under the mouse, else what is marked, else how many there are."""
        if index < 0 and self.grid.chosen >= 0:
            index = int(self.grid._where[self.grid.chosen])
        if index < 0:
            count = len(self.grid)
            self.about.setText(f"{whole(count)} image{'' if count == 1 else 's'}")
            return
        labels = self.images.labels
        name = f", class {self.dataset.classes[labels[index]]}" if labels is not None else ""
        self.about.setText(f"{dict(PARTS)[self.part]} image {whole(index + 1)}{name}")


class SamplesDialog(DialogFrame):
    """A browser in a dialog; once it was accepted `choice` is (part, index)."""

    def __init__(self, dataset: DataSet, parent: QWidget | None = None) -> None:
        tip = "Take the marked image (Enter)."
        super().__init__(dataset.title, parent, main="Choose", tip=tip, width=800)
        self.choice: tuple[str, int] | None = None
        self.browser = SampleBrowser(dataset)
        self.browser.chosen.connect(self._chosen)
        self.browser.grid.setMinimumHeight(theme().px(360))
        self.body.addWidget(self.browser, 1)
        self.main.setEnabled(False)
        self.browser.grid.setFocus()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(900), theme().px(600))

    def _chosen(self, part: str, index: int) -> None:
        self.choice = (part, index)
        self.main.setEnabled(True)
