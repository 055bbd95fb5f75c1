"""The images of a data set: thousands of thumbnails, of which only the visible ones are drawn."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.core.data import DataSet, Part
from lyapstudio.core.param import Choice, Spec
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.maps import TONES, packed, ramp
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

SIDE = 56
"""A thumbnail's longer side, or the nearest whole multiple of the image's, px."""
GAP = 8
ALL = "all"
PARTS = (("train", "Training"), ("validation", "Validation"), ("test", "Test"))


@cache
def _tones() -> NDArray[np.uint32]:
    """(256,) a grey level's colour, 0xFFRRGGBB: minus is black, plus is white."""
    return np.array(packed(ramp(TONES)), np.uint32)


def strip(part: Part, where: NDArray[np.int64], shape: tuple[int, int, int]) -> QImage:
    """Some images of a part, one below the other, in the colours of the program."""
    rows, cols, depth = shape
    pixels = part.images[where]
    if pixels.dtype != np.uint8:
        pixels = np.rint(pixels * 255).astype(np.uint8)
    if depth == 1:
        colours = _tones()[pixels]
    else:
        r, g, b = np.moveaxis(pixels.reshape(-1, rows * cols, 3).astype(np.uint32), 2, 0)
        colours = 0xFF000000 | (r << 16) | (g << 8) | b
    cells = np.ascontiguousarray(colours, np.uint32)
    form = QImage.Format.Format_RGB32
    return QImage(cells.data, cols, rows * len(where), 4 * cols, form).copy()


class SampleGrid(QAbstractScrollArea):
    """Thumbnails in rows. `hovered` and `picked` carry an index into the part, or -1.

    A click picks, and so do the arrow keys; one that is `still` is only looked at. Only what is
    visible is drawn, so that a million images scroll like ten.
    """

    hovered = Signal(int)
    picked = Signal(int)
    resized = Signal()

    def __init__(self, *, still: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._still = still
        self._inset = 0 if still else GAP // 2  # room for the ring
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        focus = Qt.FocusPolicy.NoFocus if still else Qt.FocusPolicy.StrongFocus
        self.setFocusPolicy(focus)
        self.setAccessibleName("Images")
        self.viewport().setMouseTracking(not still)
        self.viewport().setAutoFillBackground(False)
        self._part: Part | None = None
        self._where = np.zeros(0, np.int64)
        self._shape = (1, 1, 1)
        self.chosen = -1  # a place in `_where`
        self._over = -1
        theme().changed.connect(self._lay_out)

    def show_images(
        self, part: Part, where: NDArray[np.int64], shape: tuple[int, int, int]
    ) -> None:
        """Show these images of a part; shape : (rows, cols, depth) of an image."""
        self._part, self._where, self._shape = part, where, shape
        self.chosen = self._over = -1
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def clear(self) -> None:
        """Show nothing."""
        self._part, self._where = None, np.zeros(0, np.int64)
        self._lay_out()

    def __len__(self) -> int:
        return len(self._where)

    @property
    def tile(self) -> tuple[int, int]:
        """Width and height of a thumbnail, px: whole copies of a pixel where it is enlarged."""
        rows, cols, _ = self._shape
        longest, side = max(rows, cols), theme().px(SIDE)
        times = max(1, round(side / longest)) if longest <= side else side / longest
        return max(1, round(cols * times)), max(1, round(rows * times))

    @property
    def per_row(self) -> int:
        """How many stand beside each other."""
        return max(1, (self.viewport().width() + GAP - 2 * self._inset) // (self.tile[0] + GAP))

    def box(self, place: int) -> QRect:
        """Where a thumbnail is in the viewport."""
        w, h = self.tile
        row, col = divmod(place, self.per_row)
        top = self._inset + row * (h + GAP) - self.verticalScrollBar().value()
        return QRect(self._inset + col * (w + GAP), top, w, h)

    def height_of(self, rows: int) -> int:
        """The height that shows so many rows of thumbnails, px."""
        return rows * (self.tile[1] + GAP) - GAP + 2 * self._inset

    def place_at(self, at: QPoint) -> int:
        """The thumbnail under a point, or -1."""
        w, h = self.tile
        row, y = divmod(at.y() - self._inset + self.verticalScrollBar().value(), h + GAP)
        col, x = divmod(at.x() - self._inset, w + GAP)
        place = row * self.per_row + col
        inside = x < w and y < h and 0 <= col < self.per_row
        return place if inside and 0 <= place < len(self._where) else -1

    def choose(self, index: int) -> None:
        """Mark an image by its index in the part and bring it into view; silent."""
        found = np.flatnonzero(self._where == index)
        self._move_to(int(found[0]) if len(found) else -1)

    def visible(self) -> range:
        """The places that are at least partly in view."""
        step = self.tile[1] + GAP
        first = self.verticalScrollBar().value() // step
        last = -(-(self.verticalScrollBar().value() + self.viewport().height()) // step)
        n = self.per_row
        return range(min(first * n, len(self._where)), min(last * n, len(self._where)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if self._part is None:
            return
        rows, cols, _ = self._shape
        smaller = self.tile[0] < cols
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
        shown = self.visible()
        for start in shown[:: self.per_row]:
            end = min(start + self.per_row, shown.stop)
            image = strip(self._part, self._where[start:end], self._shape)
            for k in range(start, end):
                painter.drawImage(self.box(k), image, QRect(0, (k - start) * rows, cols, rows))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, role in ((self._over, "bar"), (self.chosen, "accent")):
            if place in shown:
                painter.setPen(QPen(theme().colour(role), 3))
                ring = self.box(place).toRectF().adjusted(-2.5, -2.5, 2.5, 2.5)
                painter.drawRoundedRect(ring, 3, 3)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.place_at(event.position().toPoint()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:  # Qt does not pass this one on
            self._hover(-1)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        if place >= 0 and not self._still and event.button() == Qt.MouseButton.LeftButton:
            self._pick(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        n = self.per_row
        page = max(1, self.viewport().height() // (self.tile[1] + GAP)) * n
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -n,
            Qt.Key.Key_Down: n,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self),
            Qt.Key.Key_End: len(self),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not len(self):
            super().keyPressEvent(event)
            return
        at = self.chosen + step if self.chosen >= 0 else 0
        self._pick(min(max(at, 0), len(self) - 1))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self._hover(-1)

    def _pick(self, place: int) -> None:
        self._move_to(place)
        self.picked.emit(int(self._where[place]))

    def _move_to(self, place: int) -> None:
        self.chosen = place
        if place >= 0:
            box, bar = self.box(place), self.verticalScrollBar()
            over = box.bottom() + self._inset - self.viewport().height()
            if box.top() < self._inset:
                bar.setValue(bar.value() + box.top() - self._inset)
            elif over > 0:
                bar.setValue(bar.value() + over)
        self.viewport().update()

    def _hover(self, place: int) -> None:
        if place != self._over:
            self._over = place
            self.hovered.emit(int(self._where[place]) if place >= 0 else -1)
            self.viewport().update()

    def _lay_out(self) -> None:
        step = self.tile[1] + GAP
        rows = -(-len(self._where) // self.per_row)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.height_of(rows) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(step // 2)
        self.viewport().update()


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
