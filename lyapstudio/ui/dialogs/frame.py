"""What all dialogs share: margins, title, a line for complaints, the buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lyapstudio.ui.parts.button import TextButton
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.theme import theme

MARGIN = 24
"""Around the content of a dialog, px."""

LARGEST = (1200, 664)
"""A dialog fits a screen of 1280 × 720 with its frame and the system's bar."""


class DialogFrame(QDialog):
    """Title, caption, `body`, complaint, and one main button beside Cancel.

    `tip` says what the main button does. What is wrong is said here in a sentence, never in a
    box on top. Closing deletes the dialog.
    """

    def __init__(
        self,
        title: str,
        parent: QWidget | None = None,
        *,
        caption: str = "",
        main: str = "OK",
        cancel: str = "Cancel",
        tip: str = "",
        width: int = 0,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._least = width
        self._title = text(title, "title", wrap=True)
        self._caption = text(caption, "caption", wrap=True)
        self._caption.setVisible(bool(caption))
        self._complaint = text("", "complaint", wrap=True)
        self._complaint.hide()
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.main = self._button(main, "main")
        self.cancel = self._button(cancel, "plain")
        self.main.setDefault(True)
        self.main.setToolTip(tip or "Close (Enter).")
        self.cancel.setToolTip("Close and change nothing (Esc).")
        self.main.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.cancel)
        self.buttons.addWidget(self.main)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(0)
        for part, gap in ((self._title, 4), (self._caption, 0)):
            column.addWidget(part)
            column.addSpacing(gap)
        column.addSpacing(12)
        column.addLayout(self.body, 1)
        column.addSpacing(12)
        column.addWidget(self._complaint)
        column.addSpacing(12)
        column.addLayout(self.buttons)
        self.finished.connect(self.deleteLater)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def title(self) -> str:
        return self._title.text()

    @property
    def complaint(self) -> str:
        """The sentence that is shown, or ""."""
        return self._complaint.text()

    def complain(self, sentence: str) -> None:
        """Show what is wrong, or "" when all is well; a change of one takes it back."""
        self._complaint.setText(sentence)
        self._complaint.setVisible(bool(sentence))

    def set_caption(self, caption: str) -> None:
        """The line beneath the title."""
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))

    def add_button(self, words: str, tip: str, kind: str = "plain", icon: str = "") -> TextButton:
        """One more button at the left end of the row."""
        button = self._button(words, kind, icon)
        button.setToolTip(tip)
        self.buttons.insertWidget(self.buttons.indexOf(self.cancel) - 1, button)
        return button

    def done(self, result: int) -> None:
        """Close; every way out leads here."""
        keep(self)
        super().done(result)

    def _button(self, words: str, kind: str, icon: str = "") -> TextButton:
        button = TextButton(words, kind, icon)
        button.setAutoDefault(False)  # Enter means the main button, wherever the focus is
        button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        return button

    def _restyle(self) -> None:
        if self._least:
            self.setMinimumWidth(min(theme().px(self._least), LARGEST[0]))
        for button in (self.main, self.cancel):
            button.setMinimumWidth(theme().px(88))

    def showEvent(self, event: QShowEvent) -> None:
        """Keep within the smallest screen."""
        keep(self)
        super().showEvent(event)
        self.setMaximumHeight(max(LARGEST[1], self.minimumSizeHint().height()))


_kept: dict[int, QWidget] = {}


def keep(widget: QWidget) -> None:
    """Hold a window until Qt has deleted it.

    Otherwise Python's collector, which runs in whatever thread allocates, could be the one that
    deletes it, and widgets that die outside of the window's thread take the program with them.
    """
    key = id(widget)
    if key not in _kept:
        _kept[key] = widget
        widget.destroyed.connect(lambda *_: _kept.pop(key, None))


def stand_in_the_middle(window: QWidget) -> None:
    """Of its parent; not every window manager does it for a window of its own."""
    parent = window.parentWidget()
    if parent is not None:
        window.move(parent.geometry().center() - window.rect().center())


def prepare_window(window: QWidget, title: str, *, delete: bool = True) -> None:
    """Plane and title for a window of its own, deleted when it is closed if `delete`."""
    window.setWindowTitle(title)
    window.setProperty("plane", "side")
    window.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if delete:
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        keep(window)
