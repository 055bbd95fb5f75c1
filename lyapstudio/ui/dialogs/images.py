"""Images and arrays become patterns: original and result side by side before they are stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice
from lyapstudio.document.edits import MAX_PATTERNS
from lyapstudio.document.images import ImageOptions, Picture, to_pattern
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.dialogs.preview import Preview, grey_image
from lyapstudio.ui.dialogs.progress import run_job
from lyapstudio.ui.dialogs.sources import Source, read_sources
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

Named = tuple[str, NDArray[np.int8]]
SCOPE = (
    Choice(
        "all", "All pictures", "The settings are for every picture, but those that have their own."
    ),
    Choice("one", "This one", "The settings are for the chosen picture only."),
)
ICON = 32
MOST_ICONS = 100
"""Longer lists show names only."""
MOST_SENTENCES = 4


class ImportDialog(DialogFrame):
    """Reads the sources in the background; accepting converts them all.

    `patterns()` are the results, once it was accepted.
    """

    def __init__(
        self, sources: Sequence[Source], rows: int, cols: int, parent: QWidget | None = None
    ) -> None:
        caption = (
            f"Each picture becomes {rows} × {cols} pixels, the size of the network. For another "
            "size press Cancel and change Neurons in the Network panel first."
        )
        super().__init__("Load images as patterns", parent, caption=caption, main="Add", width=1060)
        self.main.setToolTip("Add the patterns to the memories (Enter).")
        self.rows, self.cols = rows, cols
        self.pictures: list[Picture] = []
        self._common = ImageOptions()
        self._own: dict[int, ImageOptions] = {}  # by the picture's id()
        self._results: list[Named] = []
        self.list = QListWidget()
        self.list.setToolTip("The pictures to load; a click shows what becomes of one.")
        self.original, self.pattern = Preview("The original"), Preview("The pattern it becomes")
        self.form = Form(ImageOptions)
        self.scope = Segmented(SCOPE)
        self.scope.set_value("all")
        self.leave_out = TextButton("Leave out", "link", "ph.x-bold", "Do not load this picture")
        self.refused = text("", "complaint", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self._lay_out()
        self._reading, self._converting = Latest(self), Latest(self)
        self._connect()
        self._count()
        self.list.setFocus()
        self._reading.ask(lambda report: read_sources(sources, report))

    def patterns(self) -> list[Named]:
        """(name, (rows, cols) int8 in {-1, +1}) of every picture that was read."""
        return self._results

    def options(self, picture: Picture) -> ImageOptions:
        """How this picture is converted."""
        return self._own.get(id(picture), self._common)

    @property
    def chosen(self) -> Picture | None:
        at = self.list.currentRow()
        return self.pictures[at] if 0 <= at < len(self.pictures) else None

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        self.list.setFixedWidth(theme().px(184))
        self.list.setIconSize(QSize(ICON, ICON))
        self.list.setAccessibleName("Pictures")
        left.addWidget(self.list, 1)
        left.addWidget(self.leave_out, 0, Qt.AlignmentFlag.AlignLeft)
        middle = QGridLayout()
        middle.setSpacing(8)
        views = {"Original": self.original, "Pattern": self.pattern}
        for column, (title, view) in enumerate(views.items()):
            middle.addWidget(text(title, "section"), 0, column)
            middle.addWidget(view, 1, column)
            middle.setColumnStretch(column, 1)
        right = QVBoxLayout()
        right.setSpacing(12)
        self.form.setFixedWidth(theme().px(232))
        right.addWidget(text("How it becomes two tones", "section"))
        right.addWidget(self.scope)
        right.addWidget(self.form)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addLayout(left)
        row.addLayout(middle, 1)
        row.addLayout(right)
        self.body.addLayout(row, 1)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.refused)
        self.refused.hide()

    def _connect(self) -> None:
        self._reading.arrived.connect(self._read)
        self._reading.failed.connect(self._failed)
        self._converting.arrived.connect(self.pattern.show_pattern)
        self._converting.failed.connect(self.complain)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.form.changing.connect(self._set)
        self.form.chosen.connect(self._set)
        self.scope.chosen.connect(self._rescope)
        self.leave_out.clicked.connect(self._remove)
        key = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list, self._remove)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.finished.connect(self._reading.close)
        self.finished.connect(self._converting.close)

    def _failed(self, sentence: str) -> None:
        self.bar.hide()
        self.complain(sentence)

    def _read(self, found: tuple[list[Picture], list[str]]) -> None:
        self.pictures, refused = found
        self.bar.hide()
        icons = len(self.pictures) <= MOST_ICONS
        for picture in self.pictures:
            H, W = picture.grey.shape
            item = QListWidgetItem(picture.name)
            item.setToolTip(f"{picture.name}: {whole(H)} × {whole(W)} pixels")
            if icons:
                item.setIcon(_icon(picture.grey))
            self.list.addItem(item)
        more = len(refused) - MOST_SENTENCES
        lines = refused[:MOST_SENTENCES] + ([f"… and {more} more."] if more > 0 else [])
        self.refused.setText("\n".join(lines))
        self.refused.setVisible(bool(lines))
        self.list.setCurrentRow(0)
        self._count()

    def _count(self) -> None:
        count = len(self.pictures)
        self.main.setText("Add" if not count else f"Add {whole(count)}")
        fits = count <= MAX_PATTERNS
        self.main.setEnabled(count > 0 and fits)
        self.scope.setVisible(count > 1)
        self.leave_out.setEnabled(count > 0)
        if not fits:
            self.complain(
                f"These are {whole(count)} patterns; a document holds at most {MAX_PATTERNS}."
            )

    def _show_chosen(self) -> None:
        picture = self.chosen
        if picture is None:
            self.original.clear()
            self.pattern.clear()
            return
        self.original.show_grey(picture.grey)
        self.form.set_params(self.options(picture))
        self.scope.set_value("one" if id(picture) in self._own else "all")
        self._convert()

    def _convert(self) -> None:
        picture = self.chosen
        if picture is None:
            return
        options = self.options(picture)
        self.complain("")
        self._converting.ask(lambda report: to_pattern(picture.grey, self.rows, self.cols, options))

    def _set(self, name: str, value: Any) -> None:
        picture = self.chosen
        if picture is None:
            return
        changed = self.options(picture).changed(**{name: value})
        if self.scope.value == "one":
            self._own[id(picture)] = changed
        else:
            self._common = changed  # pictures with settings of their own keep them
        self.form.set_params(changed)
        self._convert()

    def _rescope(self, scope: str) -> None:
        """From here on this picture has settings of its own, or lends them to all."""
        picture = self.chosen
        if picture is None:
            return
        if scope == "one":
            self._own[id(picture)] = self.options(picture)
        else:
            self._common = self.options(picture)
            self._own.clear()

    def _remove(self) -> None:
        at = self.list.currentRow()
        if at >= 0:
            self._own.pop(id(self.pictures.pop(at)), None)
            self.list.takeItem(at)
            self._show_chosen()
            self._count()

    def accept(self) -> None:
        """Convert every picture, then close; what fails is said here."""
        work = partial(_convert_all, list(self.pictures), self.options, self.rows, self.cols)
        try:
            results = run_job(self, "Making the patterns …", work)
        except UserError as error:
            self.complain(str(error))
            return
        if results is not None:
            self._results = results
            super().accept()


def _convert_all(
    pictures: list[Picture],
    options: Callable[[Picture], ImageOptions],
    rows: int,
    cols: int,
    report: Callable[[float], None],
) -> list[Named]:
    results = []
    for k, picture in enumerate(pictures):
        report(k / len(pictures))
        results.append((picture.name, to_pattern(picture.grey, rows, cols, options(picture))))
    return results


def _icon(grey: NDArray[np.float64]) -> QIcon:
    """A small square of the middle; every k-th pixel is enough."""
    H, W = grey.shape
    side, k = min(H, W), max(1, min(H, W) // (2 * ICON))
    top, left = (H - side) // 2, (W - side) // 2
    part = grey[top : top + side : k, left : left + side : k]
    image = grey_image(part).scaled(
        2 * ICON,
        2 * ICON,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    icon = QIcon(QPixmap.fromImage(image))
    icon.addPixmap(QPixmap.fromImage(image), QIcon.Mode.Selected)  # else Qt tints it
    return icon
