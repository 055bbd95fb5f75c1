"""Patterns that the program brings along: letters, photographs, random ones and more."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.core.errors import UserError
from lyapstudio.document.ready import ReadyOptions, ReadySet, ready_sets
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.dialogs.progress import run_job
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.patterns import PatternTiles
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme
from lyapstudio.weights.cost import memory_limit, size_text

Named = tuple[str, NDArray[np.int8]]
TIP = "Add the chosen patterns to the memories (Enter)."
SHOWN = 40
"""Tiles of a preview; the rest is made when it is wanted."""


class PreviewTiles(PatternTiles):
    """Larger than in the pattern list: here is more room."""

    def _side(self, count: int, width: int) -> int:
        return 72 if count <= 12 else 48


class ReadyDialog(DialogFrame):
    """Which set, which members, and whether they join the library or replace it.

    Once it was accepted: `replace` (or add) and `patterns()`.
    """

    def __init__(self, rows: int, cols: int, parent: QWidget | None = None) -> None:
        caption = f"Made for this network of {rows} × {cols} neurons."
        super().__init__("Ready sets", parent, caption=caption, main="Add", tip=TIP, width=720)
        self.rows, self.cols = rows, cols
        self.replace = False
        self.options = ReadyOptions()
        self._results: list[Named] = []
        self._off: set[str] = set()  # names that were switched off
        self._drawn: list[Named] = []
        self._refusal = ""
        self._sets = ready_sets()
        self.list = QListWidget()
        self.list.setToolTip("Patterns that come with the program; a click shows a set.")
        self.help = text("", wrap=True)
        self.count = text("", "caption")
        self.tiles = PreviewTiles()
        self.all, self.none = (
            TextButton("All", "link", tooltip="Choose every pattern of this set"),
            TextButton("None", "link", tooltip="Choose none, then click those that you want"),
        )
        self._form: Form | None = None
        self._place = QVBoxLayout()
        self.replace_all = self.add_button(
            "Replace all", "Take these patterns instead of all that are in the list now."
        )
        self.replace_all.setToolTip("These patterns instead of all that are there now")
        self._lay_out()
        self._drawing = Latest(self)
        self._connect()
        self.list.setCurrentRow(0)
        self.list.setFocus()

    @property
    def chosen(self) -> ReadySet:
        """The chosen set."""
        return self._sets[max(0, self.list.currentRow())]

    @property
    def names(self) -> tuple[str, ...]:
        """The chosen members of a set that has names."""
        return tuple(name for name in self.chosen.names if name not in self._off)

    def patterns(self) -> list[Named]:
        """(name, (rows, cols) int8 in {-1, +1})."""
        return self._results

    def _lay_out(self) -> None:
        for ready in self._sets:
            item = QListWidgetItem(ready.title)
            item.setToolTip(ready.help)
            self.list.addItem(item)
        self.list.setFixedWidth(theme().px(168))
        self.list.setAccessibleName("Ready sets")
        scroll = QScrollArea()
        scroll.setWidget(self.tiles)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumHeight(theme().px(316))
        choice = QHBoxLayout()
        choice.addWidget(self.count)
        choice.addStretch(1)
        choice.addWidget(self.all)
        choice.addWidget(self.none)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.help)
        right.addLayout(self._place)
        right.addLayout(choice)
        right.addWidget(scroll, 1)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def _connect(self) -> None:
        self._drawing.arrived.connect(self._show_tiles)
        self._drawing.failed.connect(self._refuse)
        self.list.currentRowChanged.connect(self._show_set)
        self.tiles.chosen.connect(self._toggle)
        self.all.clicked.connect(lambda: self._switch(set()))
        self.none.clicked.connect(lambda: self._switch(set(self.chosen.names)))
        self.replace_all.clicked.connect(self._replace)
        self.finished.connect(self._drawing.close)

    def _show_set(self) -> None:
        ready = self.chosen
        self._off.clear()
        self.help.setText(ready.help)
        for button in (self.all, self.none):
            button.setVisible(bool(ready.names))
        if self._form is not None:
            self._place.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if ready.uses:
            self._form = Form(self.options, names=ready.uses)
            self._form.setFixedWidth(theme().px(260))
            self._form.chosen.connect(self._set)
            self._place.addWidget(self._form)
        self._draw()

    def _set(self, name: str, value: Any) -> None:
        self.options = self.options.changed(**{name: value})
        if self._form is not None:
            self._form.set_params(self.options)
        self._draw()

    def _draw(self) -> None:
        ready, options, rows, cols = self.chosen, self.options, self.rows, self.cols
        self._drawn = []
        self._refuse("")

        def draw(report: Callable[[float], None]) -> list[Named]:
            made: list[Named] = []
            for named in islice(ready.build(rows, cols, options, ready.names), SHOWN):
                report(len(made) / SHOWN)  # ends it where another set was chosen
                made.append(named)
            return made

        self._drawing.ask(draw)
        self._tell_count()

    def _show_tiles(self, drawn: list[Named]) -> None:
        self._drawn = drawn
        items = [(k, name, grid, name not in self._off) for k, (name, grid) in enumerate(drawn)]
        self.tiles.set_patterns(items)
        self._tell_count()

    def _toggle(self, key: int) -> None:
        if self.chosen.names:
            self._off ^= {self._drawn[key][0]}
            self._show_tiles(self._drawn)

    def _switch(self, off: set[str]) -> None:
        self._off = off
        self._show_tiles(self._drawn)

    def _wanted(self) -> int:
        """How many patterns these choices make."""
        if self.chosen.names:
            return len(self.names)
        drawn = len(self._drawn)
        return drawn if 0 < drawn < SHOWN else self.options.count

    def _tell_count(self) -> None:
        wanted = self._wanted()
        hint = "; click a tile to leave it out" if self.chosen.names else ""
        if wanted > SHOWN and not self.chosen.names:
            hint = f"; the first {SHOWN} are shown"
        self.count.setText(f"{whole(wanted)} pattern{'' if wanted == 1 else 's'}{hint}")
        for button in (self.main, self.replace_all):
            button.setEnabled(wanted > 0 and not self._refusal)

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self.complain(sentence)
        if sentence:
            self.tiles.set_patterns([])
            self._tell_count()

    def _replace(self) -> None:
        self.replace = True
        self.accept()

    def accept(self) -> None:
        """Make them all, then close; what fails is said here."""
        ready, options, names = self.chosen, self.options, self.names
        need, limit = self._wanted() * self.rows * self.cols, memory_limit()

        def work(report: Callable[[float], None]) -> list[Named]:
            made: list[Named] = []
            for named in ready.build(self.rows, self.cols, options, names):
                report(len(made) / max(1, self._wanted()))
                made.append(named)
            return made

        try:
            if need > limit:
                raise UserError(
                    f"These patterns need {size_text(need)}, more than the {size_text(limit)} "
                    "that this computer can give. Ask for fewer."
                )
            results = run_job(self, "Making the patterns …", work)
        except UserError as error:
            self.replace = False
            self.complain(str(error))
            return
        if results is None:
            self.replace = False
            return
        self._results = results
        super().accept()
