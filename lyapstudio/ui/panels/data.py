"""What a network learns from: a few of its images, how many there are, and where to change it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.core.data import DataSet
from lyapstudio.core.frame import Frame
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.ui.numerals import THIN, whole
from lyapstudio.ui.parts.badge import NARROW
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.pictures import draw_picture, image_picture

SHOWN = 6


class DataPanel(Section):
    """The data set: click its images to browse, its name to choose another."""

    data_requested = Signal()
    samples_requested = Signal()
    find_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Data", parent=parent)
        self.session = session
        for icon, tip, signal in (
            ("ph.magnifying-glass", "Browse the images", self.samples_requested),
            ("ph.image", "Choose other images to learn from", self.data_requested),
        ):
            tool = IconButton(icon, tip)
            tool.clicked.connect(signal)
            self.add_tool(tool)
        self.name = TextButton("", tooltip="Choose other images to learn from")
        self.name.clicked.connect(self.data_requested)
        self.samples = Samples()
        self.samples.clicked.connect(self.samples_requested)
        self.caption = text("", "caption", wrap=True)
        self.lost = TextButton("Find the images …", "bad", tooltip="Say where they are now")
        self.lost.clicked.connect(self.find_requested)
        self.lost.hide()
        rows: tuple[QWidget, ...] = (self.name, self.samples, self.caption, self.lost)
        for row in rows:
            self.add(row)
        self._data: DataSet | None = None
        session.document_changed.connect(self.show_document)
        session.words_due.connect(self.show_frame)
        self.show_document()

    @property
    def shelf(self) -> Shelf:
        return self.session.shelf

    def show_document(self) -> None:
        """The name of what was chosen; the images come with the first frame."""
        source = self.session.setup.data
        if source.title:
            self.name.setText(source.title)

    def show_frame(self, frame: Frame) -> None:
        """What is really being learned from."""
        data = frame.problem.data if frame.problem else None
        source = self.session.setup.data
        lost = bool(frame.error) and frame.problem is None and source.kind == "file"
        self.lost.setVisible(lost)
        self.samples.setVisible(not lost)
        if lost:
            self._data = None
            self.caption.setText("They are not where they were.")
            self.caption.setToolTip(frame.error)
        if data is None or data is self._data:
            return
        self._data = data
        self.name.setText(source.title or data.title)
        self.samples.show_data(data)
        parts = (data.train, "to learn"), (data.validation, "to validate"), (data.test, "to test")
        kept = ", ".join(f"{whole(len(part))} {what}" for part, what in parts if len(part))
        colour = " in colour" if data.depth == 3 else ""
        words = f"{data.rows} × {data.cols} pixels{colour}: {kept}"
        self.caption.setText(words.replace(THIN, NARROW))
        self.caption.setToolTip(
            "Weights and readout learn from the first, the second decide when the readout stops, "
            "the last only judge."
        )


class Samples(QWidget):
    """Some images in a row, one of each class where there are classes."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pictures: list = []
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Browse the images")
        self.setAccessibleName("Images of the data set")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_data(self, data: DataSet) -> None:
        """Take the first image of each class, or the first images."""
        labels = data.train.labels
        where = np.arange(min(SHOWN, len(data.train)))
        if labels is not None:
            _, firsts = np.unique(labels, return_index=True)
            where = firsts[:SHOWN]
        shape = (data.rows, data.cols, data.depth)
        self._pictures = [image_picture(image, shape) for image in data.train.floats(where)]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side, gap = theme().px(34), theme().px(5)
        for k, picture in enumerate(self._pictures):
            draw_picture(painter, QRectF(k * (side + gap), 0, side, side), picture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
