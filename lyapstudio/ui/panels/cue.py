"""Where the run starts, and how the start is damaged."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from lyapstudio.core.param import Choice
from lyapstudio.document import edits
from lyapstudio.document.nouns import SOURCES, Cue
from lyapstudio.ui.parts.button import IconButton
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.form import Form, labelled
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.seed import SeedField
from lyapstudio.ui.session import Session

NO_MIX = Choice("0", "Nothing")


class CuePanel(Section):
    """One list of everything a run can start from, then noise, hidden part and mixture."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Cue", parent=parent)
        self.session = session
        self.add_tool(SeedField(session, "the noise on the cue and the order of updates"))
        blank = IconButton("ph.eraser", "Start from a blank sheet and draw on it")
        blank.clicked.connect(self._blank)
        self.add_tool(blank)
        self.source = Chooser(())
        self.source.setToolTip("What the network is shown at the start.")
        self.source.setAccessibleName("Start from")
        self.damage = Form(Cue, names=["flips", "hidden"])
        self.other = Chooser((NO_MIX,))
        specs = Cue.specs()
        self.mix = Form(Cue, names=["mix"])
        self.add(self.source)
        self.add(self.damage)
        self._mix_row = labelled(specs["mix"], self.other)
        self.add(self._mix_row)
        self.add(self.mix)
        self.source.chosen.connect(self._choose)
        self.other.chosen.connect(self._mix_with)
        for form in (self.damage, self.mix):
            form.changing.connect(lambda name, value: self._set(name, value, seal=False))
            form.chosen.connect(lambda name, value: self._set(name, value, seal=True))
        session.document_changed.connect(self.show_document)
        self.show_document()

    def show_document(self) -> None:
        """Show the cue of the document."""
        document, cue = self.session.document, self.session.setup.cue
        memories = [Choice(str(p.key), p.name) for p in document.patterns]
        rest = [c for c in SOURCES if c.id != "memory"]
        self.source.set_choices([*memories, *rest])
        self.source.set_value(str(cue.pattern) if cue.source == "memory" else cue.source)
        self.damage.set_params(cue)
        self.other.set_choices([NO_MIX, *(m for m in memories if m.id != str(cue.pattern))])
        mixed = document.pattern(cue.other) is not None
        self.other.set_value(str(cue.other) if mixed else NO_MIX.id)
        self._mix_row.setVisible(cue.source == "memory" and len(memories) > 1)
        self.mix.setVisible(cue.source == "memory" and mixed)
        self.mix.set_params(cue)

    def _choose(self, id: str) -> None:
        if id.isdigit():
            key = int(id)
            other = self.session.setup.cue.other
            self.session.edit(
                lambda d: edits.set_cue(
                    d, source="memory", pattern=key, other=0 if other == key else other
                ),
                "choose the cue",
            )
        else:
            self.session.edit(lambda d: edits.set_cue(d, source=id), "choose the cue")

    def _mix_with(self, id: str) -> None:
        key = int(id)
        mix = (self.session.setup.cue.mix or 0.5) if key else 0.0
        self.session.edit(lambda d: edits.set_cue(d, other=key, mix=mix), "mix two memories")

    def _blank(self) -> None:
        self.session.edit(
            lambda d: edits.set_cue(d, source="blank", flips=0.0, hidden="none"), "blank cue"
        )

    def _set(self, name: str, value: object, *, seal: bool) -> None:
        label = f"cue: {Cue.specs()[name].label.lower()}"
        self.session.edit(lambda d: edits.set_cue(d, **{name: value}), label, f"cue {name}")
        if seal:
            self.session.seal()
