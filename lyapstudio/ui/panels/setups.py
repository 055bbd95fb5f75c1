"""Where a document holds several networks: one segment each, and what can be done to them."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from lyapstudio.core.param import Choice
from lyapstudio.document import beside
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.panels.beside import toggle
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme


class SetupChooser(QWidget):
    """Follows the document; with one network there is nothing to choose, and it is not there."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.segments: Segmented | None = None
        self.more = IconButton("ph.dots-three-bold", "Duplicate, rename or remove this network")
        self.more.clicked.connect(self._show_menu)
        self._titles: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.more)
        self._row.addStretch(0)
        session.document_changed.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """One segment for each network, the one on the screen chosen."""
        document = self.session.document
        titles = tuple(s.title for s in document.setups)
        if titles != self._titles:
            self._titles = titles
            if self.segments is not None:
                self._row.removeWidget(self.segments)
                self.segments.deleteLater()
                self.segments = None
            if len(titles) > 1:
                self._add(titles)
        if len(titles) < 2 or self.parent() is not None:  # else it would be a window of its own
            self.setVisible(len(titles) > 1)
        self.more.setVisible(not document.setup.model.learns)
        if self.segments is not None:
            self.segments.set_value(str(document.active))

    def _add(self, titles: tuple[str, ...]) -> None:
        self.segments = Segmented(tuple(Choice(str(k), title) for k, title in enumerate(titles)))
        self.segments.chosen.connect(lambda id: self.session.show_setup(int(id)))
        self.segments.setMaximumWidth(theme().px(160 * len(titles)))
        self._row.insertWidget(0, self.segments, 1)

    def _show_menu(self) -> None:
        menu = QMenu(self)
        fill(menu, self.session)
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def compare_button(session: Session) -> IconButton:
    """Shows another network beside this one, and goes back."""
    button = IconButton(
        "ph.columns",
        "Side by side: the same cue under two rules or two wirings (Ctrl+E)",
        checkable=True,
    )

    def follow() -> None:
        button.setChecked(session.document.beside is not None)

    def press() -> None:
        toggle(session)
        follow()  # it may have been refused

    button.clicked.connect(press)
    session.document_changed.connect(follow)
    follow()
    return button


def fill(menu: QMenu, session: Session) -> None:
    """What can be done to the networks of the document."""
    menu.clear()
    document = session.document
    here = document.active
    title = beside.proposed_title(document.setup)
    menu.addAction(
        "Duplicate", lambda: session.edit(lambda d: beside.duplicate_setup(d, title), "duplicate")
    )
    menu.addAction("Rename …", lambda: ask_title(session, here, menu.parentWidget()))
    remove = menu.addAction(
        f"Remove {document.setup.title}",
        lambda: session.edit(lambda d: beside.remove_setup(d, here), "remove a network"),
    )
    remove.setEnabled(len(document.setups) > 1)
    menu.addSeparator()
    for k, setup in enumerate(document.setups):
        if k != here and not setup.model.learns:
            action = menu.addAction(
                f"Side by side with {setup.title}", partial(_stand_beside, session, k)
            )
            action.setCheckable(True)
            action.setChecked(k == document.beside)


def _stand_beside(session: Session, place: int) -> None:
    wanted = None if place == session.document.beside else place
    session.edit(lambda d: beside.compare(d, wanted), "show two side by side")


class TitleQuestion(DialogFrame):
    """Another title for a network."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__("Rename the network", parent, main="Rename", width=360)
        self.field = QLineEdit(title)
        self.field.setMaxLength(beside.LONGEST)
        self.field.selectAll()
        self.body.addWidget(self.field)
        self.field.setFocus()


def ask_title(session: Session, place: int, parent: QWidget | None) -> None:
    """Ask for another title, and set it."""
    question = TitleQuestion(session.document.setups[place].title, parent)
    if question.exec():
        title = question.field.text()
        session.edit(lambda d: beside.rename_setup(d, place, title), "rename a network")
