"""The library of patterns: what the network is asked to remember."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QScrollArea, QWidget

from lyapstudio.analysis.similarity import similarity
from lyapstudio.document import edits
from lyapstudio.document.nouns import Pattern
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.patterns import PatternTiles
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme

COMPARED = 10_000_000
"""Pixels of all memories up to which they are compared at every edit."""


class PatternsPanel(Section):
    """Thumbnails: click for the cue, double click to draw, drag to reorder, right click: more."""

    draw_requested = Signal(int)
    images_requested = Signal()
    ready_requested = Signal()
    overlaps_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Patterns", parent=parent)
        self.session = session
        self.sign = IconButton("ph.warning", "Some memories are much alike")
        self.sign.clicked.connect(self.overlaps_requested)
        self.add_tool(self.sign)
        for icon, tooltip, act in (
            ("ph.pencil-simple", "Draw on the chosen pattern", self._draw),
            ("ph.image", "Load images or arrays as patterns", self.images_requested.emit),
            ("ph.dots-three-bold", "Add, order, delete patterns", self._more),
        ):
            button = IconButton(icon, tooltip)
            button.clicked.connect(lambda _=False, act=act: act())
            self.add_tool(button)
            self._last_tool = button
        self.tiles = PatternTiles()
        self.area = QScrollArea()
        self.area.setWidget(self.tiles)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.empty = text("No patterns yet. Load images, or add a ready set.", "caption", wrap=True)
        self.warning = TextButton("", "link", tooltip="Show the overlap matrix")
        self.warning.clicked.connect(self.overlaps_requested)
        self.add(self.area)
        self.add(self.empty)
        self.add(self.warning)
        self._compared: tuple = ()
        self._low = False
        self.tiles.chosen.connect(self._choose)
        self.tiles.arranged.connect(self._fit)
        self.tiles.activated.connect(self.draw_requested)
        self.tiles.renamed.connect(self._rename)
        self.tiles.moved.connect(
            lambda key, to: self.session.edit(
                lambda d: edits.move_pattern(d, key, to), "move a pattern"
            )
        )
        self.tiles.menu_requested.connect(self._pattern_menu)
        session.document_changed.connect(self.show_document)
        theme().changed.connect(self.show_document)
        self.show_document()

    @property
    def chosen(self) -> Pattern | None:
        """The pattern that the cue is made from, or the first."""
        document = self.session.document
        key = self.session.setup.cue.pattern
        return document.pattern(key) or next(iter(document.patterns), None)

    def show_document(self) -> None:
        """Show the library; the cue's pattern is the chosen one."""
        document = self.session.document
        cue = self.session.setup.cue
        chosen = cue.pattern if cue.source == "memory" else None
        items = [(p.key, p.name, p.grid, p.active) for p in document.patterns]
        self.tiles.set_patterns(items, chosen)
        count = len(items)
        self.set_caption(str(count) if count > 8 else "")
        self.empty.setVisible(not count)
        self.area.setVisible(bool(count))
        self._fit()
        self._warn()

    def set_room(self, low: bool) -> None:
        """Smaller tiles in a low window."""
        self._low = low
        self.tiles.set_largest(48 if low else 72)
        self._show_warning()
        self._fit()

    def _fit(self) -> None:
        most = theme().px(240)
        tall = self.tiles.minimumHeight()
        over = tall > most
        policy = Qt.ScrollBarPolicy
        self.area.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if over else policy.ScrollBarAlwaysOff
        )
        self.area.setFixedHeight(min(tall, most))

    def _warn(self) -> None:
        memories = self.session.document.memories
        key = tuple(id(p.grid) for p in memories)
        if key == self._compared:
            return
        self._compared = key
        words = ""
        pixels = self.session.setup.N * len(memories)
        if len(memories) > 1 and pixels <= COMPARED:
            rows = np.stack([p.grid.reshape(-1) for p in memories])
            words = similarity(rows).warning([p.name for p in memories])
        self.warning.setText(_short(words))
        self.warning.setToolTip(f"{words} Click for the overlap matrix.")
        self._show_warning()

    def _show_warning(self) -> None:
        """A line beneath the tiles, or only a sign in the header where there is no room."""
        words = self.warning.text()
        self.warning.setVisible(bool(words) and not self._low)
        self.sign.setVisible(bool(words) and self._low)
        self.sign.setToolTip(self.warning.toolTip())

    def _choose(self, key: int) -> None:
        cue = self.session.setup.cue
        if cue.source != "memory" or cue.pattern != key:
            self.session.edit(
                lambda d: edits.set_cue(
                    d, source="memory", pattern=key, other=0 if cue.other == key else cue.other
                ),
                "choose the cue",
            )

    def _rename(self, key: int, name: str) -> None:
        self.session.edit(lambda d: edits.rename_pattern(d, key, name), "rename a pattern")
        self.show_document()

    def _draw(self) -> None:
        if self.chosen is not None:
            self.draw_requested.emit(self.chosen.key)

    def _more(self) -> None:
        menu = QMenu(self)
        menu.addAction("Add a ready set …", self.ready_requested.emit)
        menu.addAction("Load images …", self.images_requested.emit)
        menu.addAction("Add a blank pattern", self.add_blank)
        menu.addAction("Store the present state", self.store_state)
        menu.addSeparator()
        menu.addAction("Overlaps between memories …", self.overlaps_requested.emit)
        if self.chosen is not None:
            menu.addSeparator()
            self._fill(menu, self.chosen)
        menu.exec(self._last_tool.mapToGlobal(QPoint(0, self._last_tool.height())))

    def _pattern_menu(self, key: int, at: QPoint) -> None:
        pattern = self.session.document.pattern(key)
        if pattern is not None:
            menu = QMenu(self)
            self._fill(menu, pattern)
            menu.exec(at)

    def _fill(self, menu: QMenu, pattern: Pattern) -> None:
        session, key = self.session, pattern.key
        place = session.document.patterns.index(pattern)
        last = len(session.document.patterns) - 1
        name = f"“{pattern.name}”"
        menu.addAction(f"Draw on {name} …", lambda: self.draw_requested.emit(key))
        menu.addAction("Rename", lambda: self.tiles.rename(key))
        menu.addAction(
            "Duplicate",
            lambda: session.edit(lambda d: edits.duplicate_pattern(d, key), "duplicate a pattern"),
        )
        menu.addAction(
            "Forget (keep in the list)" if pattern.active else "Store as a memory",
            lambda: session.edit(
                lambda d: edits.set_active(d, [key], not pattern.active),
                "switch a memory off" if pattern.active else "switch a memory on",
            ),
        )
        for words, to in (("Move earlier", place - 1), ("Move later", place + 1)):
            action = menu.addAction(words)
            action.setEnabled(0 <= to <= last)
            action.triggered.connect(
                lambda _=False, to=to: session.edit(
                    lambda d: edits.move_pattern(d, key, to), "move a pattern"
                )
            )
        menu.addAction(
            "Delete",
            lambda: session.edit(lambda d: edits.remove_patterns(d, [key]), "delete a pattern"),
        )

    def add_blank(self) -> None:
        """A new pattern, all off, ready to be drawn on."""
        setup = self.session.setup
        grid = -np.ones((setup.rows, setup.cols), np.int8)
        name = f"Drawing {len(self.session.document.patterns) + 1}"
        key = self.session.document.next_key()
        if self.session.edit(lambda d: edits.add_patterns(d, [(name, grid)]), "add a pattern"):
            self.draw_requested.emit(key)

    def store_state(self) -> None:
        """What the network shows now becomes a memory."""
        frame = self.session.frame
        if frame is None or frame.problem is None:
            return
        grid = frame.channels["units"].reshape(frame.problem.rows, frame.problem.cols)
        name = f"State at {frame.update}"
        self.session.edit(lambda d: edits.add_patterns(d, [(name, grid)]), "store the state")


def _short(words: str) -> str:
    """What fits the column; the tooltip has it all."""
    return words if len(words) <= 31 else f"{words[:29].rstrip(' ,')} …"
