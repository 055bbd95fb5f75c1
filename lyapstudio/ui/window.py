"""The window: three columns, read left to right: what goes in, what happens, what it means."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSettings, Qt, QTimer, Signal
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
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.document.nouns import Document
from lyapstudio.ui import drawing
from lyapstudio.ui.actions import Menus
from lyapstudio.ui.desk import Desk
from lyapstudio.ui.errands import Errands
from lyapstudio.ui.panels.centre import CentrePanel
from lyapstudio.ui.panels.cue import CuePanel
from lyapstudio.ui.panels.meaning import MeaningPanel
from lyapstudio.ui.panels.network import NetworkPanel
from lyapstudio.ui.panels.patterns import PatternsPanel
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.notice import Notice
from lyapstudio.ui.parts.scrubber import Scrubber
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import FULL, Session
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
    patterns: PatternsPanel
    network: NetworkPanel
    centre: CentrePanel
    meaning: MeaningPanel
    left: QScrollArea

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._painted = False
        self.session = Session(document, self)
        self.desk = Desk(self.session, self)
        self.errands = Errands(self)
        self.transport = TransportBar(self.session)
        self.patterns = PatternsPanel(self.session)
        self.cue = CuePanel(self.session)
        self.network = NetworkPanel(self.session)
        self.centre = CentrePanel(self.session)
        self.meaning = MeaningPanel(self.session)
        self.notice = Notice(self)
        self._lay_out()
        self.menus = Menus(self)
        self._corner()
        self._connect()
        self._show_title()
        self.centre.canvas.setFocus()

    # layout

    def _lay_out(self) -> None:
        self.left = QScrollArea()
        self.left.setWidgetResizable(True)
        self.left.setFrameShape(QScrollArea.Shape.NoFrame)
        self.left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setProperty("plane", "side")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(20)
        for section in (self.patterns, self.cue, self.network):
            column.addWidget(section)
        column.addStretch(1)
        self.left.setWidget(inside)
        self._left_column = column
        # the scroll bar stands in the margin: contents that narrowed would shrink, and it would go
        self.left.verticalScrollBar().rangeChanged.connect(
            lambda low, high: column.setContentsMargins(20, 16, 10 if high > low else 20, 16)
        )
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for k, panel in enumerate((self.left, self.centre, self.meaning)):
            self.columns.addWidget(panel)
            self.columns.setStretchFactor(k, int(k == 1))
            self.columns.setCollapsible(k, False)
        self.columns.setHandleWidth(1)
        self.centre.setMinimumWidth(360)
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.transport)
        rows.addWidget(self.columns, 1)
        self.setCentralWidget(page)
        self.setMinimumSize(1024, 640)
        self._width_kind: tuple = ()
        theme().changed.connect(self._fit_columns)

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
        for source in (session.failed, self.desk.failed, errands.failed):
            source.connect(self.notice.complain)
        session.mended.connect(self.notice.withdraw)
        self.desk.told.connect(self.notice.tell)
        self.desk.title_changed.connect(self._show_title)
        session.document_changed.connect(self._show_title)
        self.patterns.draw_requested.connect(errands.draw)
        self.patterns.images_requested.connect(errands.load_images)
        self.patterns.ready_requested.connect(errands.add_ready)
        self.patterns.overlaps_requested.connect(errands.show_overlaps)
        self.network.size_requested.connect(errands.ask_size)
        self.meaning.help_requested.connect(errands.show_help)
        for name, fill in (
            ("recent", errands.fill_recent),
            ("examples", errands.fill_examples),
            ("export", errands.fill_export),
        ):
            menu = self.menus.submenus[name]
            menu.aboutToShow.connect(partial(fill, menu))
        draw = self.menus.submenus["draw"]
        draw.aboutToShow.connect(lambda: drawing.fill(draw, self.centre.canvas, session))

    def _fit_columns(self) -> None:
        """Column widths and densities for this window's size."""
        t = theme()
        wide, low = self.width() > WIDE, self.height() < 780
        short = self.height() < 860  # large tiles would bring a scroll bar
        if (wide, low, short, t.scale) == self._width_kind:
            return
        self._width_kind = (wide, low, short, t.scale)
        left, right = (320, 520) if wide else (272, 368)
        self.left.setMinimumWidth(t.px(240))
        self.meaning.setMinimumWidth(t.px(320))
        total = self.columns.width() or self.width()
        self.columns.setSizes([t.px(left), max(300, total - t.px(left + right)), t.px(right)])
        self.patterns.set_room(short)
        for section in (self.patterns, self.cue, self.network):
            section.set_spacing(4 if low else 8)
        self.menuBar().setFixedHeight(t.px(32))
        self._show_title()
        self._left_column.setSpacing(12 if low else 20)

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

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """0 to 9 choose the speed; Space is the run's, so Enter presses what has the focus."""
        focus = QApplication.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            if isinstance(focus, QLineEdit):
                self.centre.canvas.setFocus()  # typing is over: the keys are the run's again
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
        QSettings().setValue("mode", mode)

    def toggle_projector(self) -> None:
        """Larger type, thicker marks, only what a class needs."""
        on = not theme().projector
        theme().set_projector(on)
        self.left.setVisible(not on)
        for part in (self.transport, self.centre, self.meaning):
            part.set_projector(on)
        self._width_kind = ()
        self._fit_columns()

    def toggle_left(self) -> None:
        """Show or hide the left column."""
        self.left.setVisible(not self.left.isVisible())

    def toggle_right(self) -> None:
        """Show or hide the right column."""
        self.meaning.setVisible(not self.meaning.isVisible())

    def help_here(self) -> None:
        """The help page of what is under the mouse, or of the focused panel."""
        spot = QApplication.widgetAt(self.cursor().pos()) or QApplication.focusWidget()
        pages = {
            self.patterns: "panel:patterns",
            self.cue: "panel:cue",
            self.network: "panel:network",
            self.centre: "panel:state",
            self.meaning: "function",
            self.transport: "panel:time",
        }
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
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("columns", self.columns.saveState())
        self.shut()
        event.accept()

    def shut(self) -> None:
        """End threads, timers and secondary windows."""
        self.errands.close()
        self.desk.close()
        self.session.close()

    def place(self) -> None:
        """Where and how it was last time, else 1280 × 800 in the middle."""
        geometry = QSettings().value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            room = self.screen().availableGeometry()
            self.resize(min(1280, room.width()), min(800, room.height() - TITLE_BAR))
            self.move(room.center() - QPoint(self.width() // 2, (self.height() + TITLE_BAR) // 2))
        self._fit_columns()
        columns = QSettings().value("columns")
        if columns is not None:
            self.columns.restoreState(columns)
