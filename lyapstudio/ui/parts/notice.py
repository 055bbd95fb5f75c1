"""One line over the bottom of the window: what went wrong, or what was done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.text import restyle, text
from lyapstudio.ui.theme import theme

SECONDS, LONG = 3.0, 15.0
"""A good message goes by itself, later if it offers something; a complaint stays until it is
closed or answered."""

Action = tuple[str, Callable[[], object]]
"""Words of a button, and what it does."""


class Notice(QFrame):
    """`complain` in red, `tell` in quiet; an empty text hides it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setProperty("kind", "notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._mark = QLabel()
        self._words = text("", wrap=True)
        self._act: Callable[[], object] | None = None
        self.action = TextButton("", "link", tooltip="What can be done about it.")
        self.action.clicked.connect(self._do)
        self._close = IconButton("ph.x-bold", "Close this message", side=24)
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        row.addWidget(self.action)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" when it is hidden."""
        return self._words.text() if not self.isHidden() else ""

    def complain(self, sentence: str, action: Action | None = None) -> None:
        """Something the person can mend, perhaps with a button that helps."""
        self._say(sentence, action, bad=True)

    def tell(self, sentence: str, action: Action | None = None, *, lasting: bool = False) -> None:
        """Something that went well; "" takes a passing message away."""
        if sentence:
            self._say(sentence, action, bad=False)
            if not lasting:
                self._timer.start(int(1000 * (LONG if action else SECONDS)))
        elif not self.property("bad"):
            self.hide()

    def withdraw(self, sentence: str) -> None:
        """That complaint is answered."""
        if self._words.text() == sentence:
            self.hide()

    def _do(self) -> None:
        """What the button offers; the message is answered with it."""
        act = self._act
        self.hide()
        if act is not None:
            act()

    def _say(self, sentence: str, action: Action | None, *, bad: bool) -> None:
        self._timer.stop()
        words, self._act = action or ("", None)
        self.action.setText(words)
        self.action.setToolTip(words)
        self.action.setVisible(bool(words))
        restyle(self, bad=bad)
        name, role = ("ph.warning-circle-fill", "bad") if bad else ("ph.info", "muted")
        self._mark.setPixmap(theme().pixmap(name, role, 18, self.devicePixelRatioF()))
        self._words.setText(sentence)
        self.show()
        self.raise_()
        self.place()

    def place(self) -> None:
        """In the middle of the window's foot."""
        parent = self._window
        width = min(theme().px(560), parent.width() - 40)
        self.setFixedWidth(width)
        self.setFixedHeight(max(theme().px(44), self.heightForWidth(width)))
        self.move((parent.width() - width) // 2, parent.height() - self.height() - 16)
