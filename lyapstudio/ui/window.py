"""The window: three columns, read left to right: what goes in, what happens, what it means."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.document.nouns import Document
from lyapstudio.ui import drawing
from lyapstudio.ui.actions import Menus
from lyapstudio.ui.desk import Desk
from lyapstudio.ui.dreaming import Dreamer
from lyapstudio.ui.errands import Errands
from lyapstudio.ui.exporting import Exporting
from lyapstudio.ui.learner import Learner
from lyapstudio.ui.pages import LearningPage, MemoryPage
from lyapstudio.ui.panels.cue import CuePanel
from lyapstudio.ui.panels.network import NetworkPanel
from lyapstudio.ui.panels.patterns import PatternsPanel
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.notice import Notice
from lyapstudio.ui.parts.scrubber import Scrubber
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.reporting import Reporter
from lyapstudio.ui.session import FULL, Session
from lyapstudio.ui.settings import damaged, keep, setting
from lyapstudio.ui.theme import theme
from lyapstudio.ui.transport import TransportBar

SPEEDS = (1.0, 5.0, 20.0, 100.0, 500.0, 2e3, 1e4, 1e5, 1e6, FULL)
"""Speeds of the keys 0 to 9, updates a second; what is not drawn is the slider's last notch."""
WIDE = 1500
TITLE_BAR = 36
"""What the system adds above the window, at most, px."""
MOVES = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home)
MOVED = (QAbstractSlider, QTabBar, Scrubber)
"""What the arrows move while it has the focus; everywhere else they step the network."""


class MainWindow(QMainWindow):
    """Puts the panels together; what they ask for beyond the session is run by `errands`."""

    painted = Signal()

    session: Session
    desk: Desk
    errands: Errands
    page: MemoryPage | LearningPage

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._painted = False
        self.session = Session(document, self)
        self.desk = Desk(self.session, self)
        self.errands = Errands(self)
        self.exporting = Exporting(self)
        self.learner = Learner(self.session)
        self.dreamer = Dreamer(self.session, self)
        self.transport = TransportBar(self.session)
        self._pages: dict[bool, MemoryPage | LearningPage] = {}
        self.notice = Notice(self)
        self.reporter = Reporter(self, self.notice)
        self._width_kind: tuple = ()
        self._lay_out()
        self.show_page()
        self.menus = Menus(self)
        self._corner()
        self._connect()
        self._show_title()
        self.page.stage.setFocus()

    # layout

    def _lay_out(self) -> None:
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.stacks = QStackedWidget(), QStackedWidget(), QStackedWidget()
        for k, stack in enumerate(self.stacks):
            self.columns.addWidget(stack)
            self.columns.setStretchFactor(k, int(k == 1))
            self.columns.setCollapsible(k, False)
        self.columns.setHandleWidth(1)
        self.stacks[1].setMinimumWidth(360)
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.transport)
        rows.addWidget(self.columns, 1)
        self.setCentralWidget(page)
        self.setMinimumSize(1024, 640)
        theme().changed.connect(self._fit_columns)

    def show_page(self) -> None:
        """The columns that suit the model; made when it is shown first."""
        learns = self.session.setup.model.learns
        page = self._pages.get(learns)
        if page is None:
            page = LearningPage(self.session, self.learner) if learns else MemoryPage(self.session)
            self._pages[learns] = page
            for stack, column in zip(
                self.stacks, (page.left, page.centre, page.meaning), strict=True
            ):
                stack.addWidget(column)
            self._connect_page(page)
        self.page = page
        for stack, column in zip(self.stacks, (page.left, page.centre, page.meaning), strict=True):
            stack.setCurrentWidget(column)
        page.set_projector(theme().projector)

    def _connect_page(self, page: MemoryPage | LearningPage) -> None:
        errands = self.errands
        page.meaning.help_requested.connect(errands.show_help)
        page.network.size_requested.connect(errands.ask_size)
        page.network.wiring_requested.connect(errands.choose_wiring)
        if isinstance(page, MemoryPage):
            page.patterns.draw_requested.connect(errands.draw)
            page.patterns.images_requested.connect(errands.load_images)
            page.patterns.ready_requested.connect(errands.add_ready)
            page.patterns.overlaps_requested.connect(errands.show_overlaps)
        else:
            page.data.data_requested.connect(errands.choose_data)
            page.data.samples_requested.connect(errands.browse_samples)
            page.data.find_requested.connect(errands.find_data)

    # the panels of the page on the screen

    @property
    def left(self) -> QScrollArea:
        return self.page.left

    @property
    def centre(self) -> Any:
        return self.page.centre

    @property
    def meaning(self) -> Any:
        return self.page.meaning

    @property
    def network(self) -> NetworkPanel:
        return self.page.network

    @property
    def patterns(self) -> PatternsPanel:
        return self._memory.patterns

    @property
    def cue(self) -> CuePanel:
        return self._memory.cue

    @property
    def _memory(self) -> MemoryPage:
        page = self._pages[False]
        assert isinstance(page, MemoryPage)
        return page

    def _corner(self) -> None:
        """At the right of the menu row: the document, undo, redo, help."""
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 16, 0)
        row.setSpacing(2)
        self._name = text("", "caption")
        row.addWidget(self._name)
        row.addSpacing(12)
        self._undo = IconButton("ph.arrow-u-up-left", "Undo (Ctrl+Z)", side=28)
        self._redo = IconButton("ph.arrow-u-up-right", "Redo (Ctrl+Y)", side=28)
        help_button = IconButton("ph.question", "Help for what is under the mouse (F1)", side=28)
        for button, id in ((self._undo, "undo"), (self._redo, "redo"), (help_button, "help")):
            button.clicked.connect(self.menus.actions[id].trigger)
            row.addWidget(button)
        self._corner_widget = corner  # Qt alone does not keep it alive
        self.menuBar().setCornerWidget(corner)

    def _connect(self) -> None:
        session, errands = self.session, self.errands
        for source in (session.failed, self.desk.failed, errands.failed, self.exporting.failed):
            source.connect(self.reporter.complain)
        session.mended.connect(self.notice.withdraw)
        self.desk.told.connect(self.notice.tell)
        self.desk.title_changed.connect(self._show_title)
        session.document_changed.connect(self._show_title)
        session.told.connect(self.notice.tell)
        self.transport.restart.clicked.connect(errands.restart)
        session.document_changed.connect(self._follow_model)
        for name, fill in (
            ("recent", errands.fill_recent),
            ("examples", errands.fill_examples),
            ("export", self.exporting.fill),
        ):
            menu = self.menus.submenus[name]
            menu.aboutToShow.connect(partial(fill, menu))
        draw = self.menus.submenus["draw"]
        draw.aboutToShow.connect(lambda: drawing.fill(draw, self.page.centre.canvas, session))

    def _follow_model(self) -> None:
        if self.page is not self._pages.get(self.session.setup.model.learns):
            self.show_page()
            self._width_kind = ()
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Column widths and densities for this window's size."""
        t = theme()
        wide, low = self.width() > WIDE, self.height() < 780
        short = self.height() < 860  # large tiles would bring a scroll bar
        if (wide, low, short, t.scale) == self._width_kind:
            return
        self._width_kind = (wide, low, short, t.scale)
        left, right = (320, 520) if wide else (272, 368)
        self.stacks[0].setMinimumWidth(t.px(240))
        self.stacks[2].setMinimumWidth(t.px(320))
        total = self.columns.width() or self.width()
        self.columns.setSizes([t.px(left), max(300, total - t.px(left + right)), t.px(right)])
        self.page.fit(low=low, short=short)
        self.menuBar().setFixedHeight(t.px(32))
        self._show_title()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the window."""
        super().resizeEvent(event)
        self._fit_columns()
        self.notice.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The worker waits for the first paint: its imports would hold the interpreter."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        self.session.start()
        self.painted.emit()

    def _show_title(self) -> None:
        self._name.setText(self.desk.title)
        self._corner_widget.adjustSize()
        self.menuBar().setCornerWidget(self._corner_widget)  # makes it take its new width
        self.setWindowTitle(f"{self.desk.title} · Lyapunov Studio")
        history = self.session.history
        self._undo.setEnabled(bool(history.undo_label))
        self._redo.setEnabled(bool(history.redo_label))
        self._undo.setToolTip(f"Undo {history.undo_label} (Ctrl+Z)".replace("  ", " "))
        self._redo.setToolTip(f"Redo {history.redo_label} (Ctrl+Y)".replace("  ", " "))
        self.menus.refresh()

    def train_readout(self) -> None:
        """Turn to the readout and train it."""
        if isinstance(self.page, LearningPage):
            self.page.centre.show_readout()
            self.learner.train()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """0 to 9 choose the speed; Space is the run's, so Enter presses what has the focus."""
        focus = QApplication.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            if isinstance(focus, QLineEdit):
                self.page.stage.setFocus()  # typing is over: the keys are the run's again
            elif event.key() != Qt.Key.Key_Escape and isinstance(focus, QAbstractButton):
                focus.click()
            elif event.key() != Qt.Key.Key_Escape and isinstance(focus, QComboBox):
                focus.showPopup()
            return
        words = event.text()
        typing = isinstance(focus, QLineEdit)
        if words.isdigit() and len(words) == 1 and not typing and not event.modifiers():
            index = int(words)
            self.session.set_speed(SPEEDS[index])
            return
        super().keyPressEvent(event)

    def change_speed(self, steps: int) -> None:
        """One notch of the dial."""
        track = self.transport.speed.track
        track.setValue(track.value() + 4 * steps)

    # view

    def set_mode(self, mode: str) -> None:
        """Light, dark, or as the system; remembered."""
        theme().set_mode(mode)  # type: ignore[arg-type]
        keep("mode", mode)

    def toggle_projector(self) -> None:
        """Larger type, thicker marks, only what a class needs."""
        on = not theme().projector
        theme().set_projector(on)
        self.stacks[0].setVisible(not on)
        for part in (self.transport, self.page):
            part.set_projector(on)
        self._width_kind = ()
        self._fit_columns()

    def toggle_left(self) -> None:
        """Show or hide the left column."""
        self.stacks[0].setVisible(not self.stacks[0].isVisible())

    def toggle_right(self) -> None:
        """Show or hide the right column."""
        self.stacks[2].setVisible(not self.stacks[2].isVisible())

    def help_here(self) -> None:
        """The help page of what is under the mouse, or of the focused panel."""
        spot = QApplication.widgetAt(self.cursor().pos()) or QApplication.focusWidget()
        pages = {**self.page.topics, self.transport: "panel:time"}
        while spot is not None:
            if spot in pages:
                self.errands.show_help(pages[spot])
                return
            spot = spot.parentWidget()
        self.errands.show_help("start")

    # what comes from outside

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Images, arrays and documents may be dropped."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A document opens; anything else becomes patterns."""
        data = event.mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        event.acceptProposedAction()
        # the drop has to end before a dialog may open
        QTimer.singleShot(
            0,
            self,
            lambda: self.errands.take_in(paths, data.imageData() if data.hasImage() else None),
        )

    def event(self, event: QEvent) -> bool:
        """Arrows belong to a slider or tab that has the focus; macOS opens documents by event."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in MOVES:  # type: ignore[attr-defined]
            focus = QApplication.focusWidget()
            if isinstance(focus, MOVED) or (focus and isinstance(focus.parentWidget(), Segmented)):
                event.accept()
                return True
        if event.type() == QEvent.Type.FileOpen:
            self.desk.open(Path(event.file()))  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before work would be lost, then end the worker."""
        if not self.desk.may_close():
            event.ignore()
            return
        keep("geometry", self.saveGeometry())
        keep("columns", self.columns.saveState())
        self.shut()
        event.accept()

    def shut(self) -> None:
        """End threads, timers and secondary windows."""
        for part in (self.errands, *self._pages.values(), self.learner, self.desk, self.session):
            part.close()

    def place(self) -> None:
        """Where and how it was last time, else 1280 × 800 in the middle."""
        geometry, columns = (setting(k, QByteArray, QByteArray()) for k in ("geometry", "columns"))
        sound = geometry.isEmpty() or self.restoreGeometry(geometry)
        if geometry.isEmpty() or not sound:
            room = self.screen().availableGeometry()
            self.resize(min(1280, room.width()), min(800, room.height() - TITLE_BAR))
            self.move(room.center() - QPoint(self.width() // 2, (self.height() + TITLE_BAR) // 2))
        self._fit_columns()
        if not (sound and (columns.isEmpty() or self.columns.restoreState(columns))):
            damaged("geometry", "columns")
