"""Dreams of the network: one more, how many so far, how strong, and taking them back."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lyapstudio.document import rewiring
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.form import Form
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session

HELP = (
    "The network starts from a random state, falls into some valley, and its weights forget a "
    "little of it."
)


class DreamRows(QWidget):
    """For networks whose weights follow from memories; nothing for others."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        label = text("Dreams")
        label.setToolTip(HELP)
        self.count = text("", "value")
        self.count.setToolTip("How many dreams have been taken away from the weights")
        self.forget = IconButton("ph.eraser", "Take all dreams back")
        self.forget.clicked.connect(self._forget)
        self.button = TextButton("Dream", tooltip=f"{HELP} More under Learn.")
        self.button.clicked.connect(self._press)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.forget)
        row.addWidget(self.button)
        self._unfolded = False
        self.form = Form(rewiring.dreaming(session.document))
        self.form.changing.connect(lambda name, value: self._set(name, value, seal=False))
        self.form.chosen.connect(lambda name, value: self._set(name, value, seal=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.form)
        session.document_changed.connect(self.show_document)
        session.dreaming_changed.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """How many so far, and how strong the next one is."""
        setup = self.session.setup
        dreaming = rewiring.dreaming(self.session.document)
        usual = dreaming == type(dreaming)()
        quiet = usual and not setup.dreams and not self.session.dreaming and not self._unfolded
        self.setVisible(setup.model.uses_rule and not quiet)
        self.count.setText(whole(len(setup.dreams)))
        self.forget.setVisible(bool(setup.dreams))
        self.button.setText("Stop" if self.session.dreaming else "Dream")
        self.form.set_params(dreaming)
        self.form.setVisible(self._unfolded or not usual)

    def unfold(self, on: bool) -> None:
        """Show what is secondary, too; what is not at its default is always shown."""
        self._unfolded = on
        self.show_document()

    def _press(self) -> None:
        self.session.dreams_asked.emit(0 if self.session.dreaming else 1)

    def _forget(self) -> None:
        self.session.edit(rewiring.forget_dreams, "take the dreams back")

    def _set(self, name: str, value: object, *, seal: bool) -> None:
        self.session.edit(
            lambda d: rewiring.set_dreaming(d, **{name: value}), "set ε of a dream", f"set {name}"
        )
        if seal:
            self.session.seal()
