"""About the program: which one this is, what changed, and whose work is in it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from lyapstudio.core.build import build
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.parts.text import text

WHAT = (
    "Networks whose dynamics are governed by a Lyapunov function: store memories, ruin one, and "
    "watch the network fall down its function into the right one; or let it learn, and watch a "
    "function of the weights climb."
)
TERMS = "Free under the MIT licence. It needs no account and no network."


class AboutDialog(DialogFrame):
    """Version, commit and day; `turned_to` is the page of the help that was asked for, or ""."""

    def __init__(self, parent: QWidget | None, reporter: Any) -> None:
        made = build()
        caption = f"Version {made.line}" + ("" if made.commit else ", from source")
        super().__init__(
            "Lyapunov Studio",
            parent,
            caption=caption,
            main="Close",
            tip="Close (Enter).",
            width=460,
        )
        self.turned_to = ""
        self._caption.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for words, kind in ((WHAT, "body"), (TERMS, "caption")):
            self.body.addWidget(text(words, kind, wrap=True))  # type: ignore[arg-type]
        self.cancel.hide()
        details = self.add_button(
            "Copy details", "Version, system and what went wrong, for a bug report; no paths."
        )
        details.clicked.connect(reporter.copy)
        for words, tip, page in (
            ("Licences", "Whose work is in this program, and on which terms.", "licences"),
            ("What changed", "What every version brought.", "changes"),
        ):
            button = self.add_button(words, tip)
            button.clicked.connect(lambda _=False, page=page: self._turn_to(page))

    def _turn_to(self, page: str) -> None:
        self.turned_to = page
        self.accept()
