"""The seed of a run, and a die for another one."""

from __future__ import annotations

import secrets

from PySide6.QtWidgets import QHBoxLayout, QWidget

from lyapstudio.core.param import Spec
from lyapstudio.document import edits
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session


class SeedField(QWidget):
    """For the head of a section; `fixes` says in words what the seed decides there.

    named : whether there is room for the word
    """

    def __init__(self, session: Session, fixes: str, *, named: bool = True) -> None:
        super().__init__()
        self.session = session
        help = f"Fixes {fixes}: the same seed gives the same run."
        spec = Spec("integer", 1, "Seed", help, 0, 2**31 - 1, decimals=0)
        self.field = NumberField("seed", spec, width=64)
        self.field.value_chosen.connect(self._set)
        dice = IconButton("ph.dice-five", "Another seed")
        dice.clicked.connect(lambda: self._set(secrets.randbelow(10_000)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        if named:
            row.addWidget(text("seed", "caption"))
        for part in (self.field, dice):
            row.addWidget(part)
        session.document_changed.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """The seed of the setup on the screen."""
        self.field.set_value(self.session.setup.seed)

    def _set(self, seed: float) -> None:
        self.session.edit(lambda d: edits.set_seed(d, int(seed)), "set the seed")
