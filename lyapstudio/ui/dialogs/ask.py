"""Short questions: save, recover, or only a sentence to read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from PySide6.QtWidgets import QWidget

from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.parts.text import text

Answer = Literal["save", "discard", "cancel"]


class Question(DialogFrame):
    """A sentence and its answers."""

    def __init__(
        self,
        title: str,
        sentence: str,
        parent: QWidget | None = None,
        *,
        main: str,
        cancel: str = "Cancel",
        tip: str = "",
    ) -> None:
        super().__init__(title, parent, main=main, cancel=cancel, tip=tip, width=400)
        self.sentence = text(sentence, wrap=True)
        self.body.addWidget(self.sentence)
        self.main.setFocus()


class SaveQuestion(Question):
    """Save, throw away, or stay; `answer` tells which."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        sentence = f"“{title}” has changes that are not saved. Without saving they are lost."
        tip = "Save the document, then go on (Enter)."
        super().__init__("Save the changes?", sentence, parent, main="Save", tip=tip)
        self.cancel.setToolTip("Stay here; nothing is lost (Esc).")
        self.answer: Answer = "cancel"
        self.discard = self.add_button("Don’t save", "Go on without the changes; they are lost.")
        self.discard.clicked.connect(lambda: self._close_with("discard"))

    def accept(self) -> None:
        self._close_with("save")

    def _close_with(self, answer: Answer) -> None:
        self.answer = answer
        self.done(1)


def ask_to_save(parent: QWidget | None, title: str) -> Answer:
    """What to do with unsaved changes; Esc is "cancel"."""
    question = SaveQuestion(title, parent)
    question.exec()
    return question.answer


def recovery(parent: QWidget | None, when: datetime | str, title: str) -> Question:
    """The question after a kill; accepted means recover."""
    moment = (
        when.strftime("%H:%M on %d %B %Y").replace(" 0", " ")
        if isinstance(when, datetime)
        else when
    )
    sentence = (
        f"The program ended unexpectedly, without saving “{title}”. Its state of {moment} was "
        "kept. Recover it to go on from there; discard deletes it."
    )
    question = Question("Recover your work?", sentence, parent, main="Recover", cancel="Discard")
    question.main.setToolTip("Open the work as it was kept (Enter).")
    question.cancel.setToolTip("Delete what was kept and begin afresh (Esc).")
    return question


def ask_recover(parent: QWidget | None, when: datetime | str, title: str) -> bool:
    """Whether to take up what the autosave kept."""
    return bool(recovery(parent, when, title).exec())


def notice(parent: QWidget | None, sentence: str) -> Question:
    """A sentence with one button."""
    question = Question("This did not work", sentence, parent, main="OK")
    question.cancel.hide()
    return question


def tell(parent: QWidget | None, sentence: str) -> None:
    """Say what went wrong and what to do."""
    notice(parent, sentence).exec()
