"""How alike the memories are: the matrix of overlaps, the pairs that disturb, what follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QProgressBar, QVBoxLayout, QWidget

from lyapstudio.analysis.similarity import Similarity, similarity
from lyapstudio.ui.dialogs.frame import DialogFrame
from lyapstudio.ui.dialogs.latest import Latest
from lyapstudio.ui.dialogs.matrix import MatrixView
from lyapstudio.ui.numerals import figure, whole
from lyapstudio.ui.parts.colourbar import ColourBar
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme

MOST_PAIRS = 200
HINT = "Point at a cell to read its overlap."


class OverlapsDialog(DialogFrame):
    """Follows the document; "Switch to projection" only asks for it."""

    projection_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        caption = "The overlap of two memories is the mean product of their pixels: +1 if they "
        caption += "are the same, 0 if they agree in half of the pixels, −1 if one is the inverse."
        super().__init__(
            "Overlaps between memories", parent, caption=caption, main="Close", width=860
        )
        self.session = session
        self.similarity: Similarity | None = None
        self._names: list[str] = []
        self._grids: tuple[int, ...] | None = None
        self._listed: list[tuple[tuple[int, int], str]] = []
        self.cancel.hide()
        self.matrix = MatrixView()
        self.scale = ColourBar()
        self.scale.setFixedWidth(theme().px(180))
        self.value = text(HINT, "strong", wrap=True)
        self.pairs = QListWidget()
        self.pairs.setToolTip("The memories that disturb each other most, the worst first.")
        self.consequence = text("", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        tip = "Learn the memories by the projection rule, which keeps alike ones apart."
        self.switch = self.add_button("Switch to projection", tip, "plain", "ph.wrench-fill")
        self._lay_out()
        self._comparing = Latest(self)
        self._comparing.arrived.connect(self._show)
        self._comparing.failed.connect(self.complain)
        self.finished.connect(self._comparing.close)
        self.matrix.pointed.connect(self._pointed)
        self.pairs.currentRowChanged.connect(self._mark_pair)
        self.switch.clicked.connect(self.projection_requested)
        session.document_changed.connect(self.show_document)
        self.show_document()

    def _lay_out(self) -> None:
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.scale)
        beside.addWidget(self.value)
        beside.addSpacing(8)
        beside.addWidget(text("Pairs to watch", "section"))
        self.pairs.setFixedWidth(theme().px(260))
        self.pairs.setAccessibleName("Pairs to watch")
        beside.addWidget(self.pairs, 1)
        self.value.setFixedWidth(theme().px(260))
        self.value.setMinimumHeight(2 * self.value.fontMetrics().lineSpacing())
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self.matrix, 1)
        row.addLayout(beside)
        self.body.addLayout(row, 1)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.consequence)

    def show_document(self) -> None:
        """Compare again where the memories have changed."""
        memories = self.session.document.memories
        grids = tuple(id(p.grid) for p in memories)
        self._names = [p.name for p in memories]
        if grids != self._grids:
            self._grids = grids
            self.bar.show()
            arrays = [p.grid.reshape(-1) for p in memories]
            N = self.session.setup.N
            self._comparing.ask(
                lambda report: similarity(np.stack(arrays) if arrays else np.ones((0, N), np.int8))
            )
        elif self.similarity is not None:
            self._show(self.similarity)

    def _show(self, found: Similarity) -> None:
        self.similarity = found
        self.bar.hide()
        self.matrix.show_matrix(found.matrix, self._names)
        self.pairs.clear()
        self._listed = pairs_to_watch(found)
        for (mu, nu), words in self._listed:
            self.pairs.addItem(f"{self._names[mu]} – {self._names[nu]}: {words}")
        if not self._listed:
            self.pairs.addItem("None: no two memories are much alike.")
        setup = self.session.setup
        uses_hebb = setup.model.uses_rule and setup.rule.id == "hebb"
        self.consequence.setText(
            consequence(found, self._names, setup.rule.id if setup.model.uses_rule else "")
        )
        self.switch.setVisible(uses_hebb and bool(found.correlated))

    def _pointed(self, cell: tuple[int, int] | None) -> None:
        if cell is None or self.similarity is None:
            self.value.setText(HINT)
            return
        mu, nu = cell
        m = figure(float(self.similarity.matrix[mu, nu]), 3, sign=True)
        self.value.setText(f"{self._names[mu]} with {self._names[nu]}: {m}")

    def _mark_pair(self, row: int) -> None:
        pair = self._listed[row][0] if 0 <= row < len(self._listed) else None
        self.matrix.mark(pair)
        self._pointed(pair)

    def reject(self) -> None:
        """Esc closes as Close does."""
        self.accept()


def pairs_to_watch(found: Similarity) -> list[tuple[tuple[int, int], str]]:
    """Duplicates, inverses and correlated pairs, the worst first, each with its words."""
    most = slice(MOST_PAIRS)  # among 2000 memories there may be two million pairs
    listed = [(pair, "the same pattern") for pair in found.duplicates[most]]
    listed += [(pair, "one is the inverse of the other") for pair in found.inverses[most]]
    for mu, nu in found.correlated[most]:
        listed.append(((mu, nu), figure(float(found.matrix[mu, nu]), 2, sign=True)))
    return listed[most]


def consequence(found: Similarity, names: Sequence[str], rule_id: str) -> str:
    """One sentence: what these overlaps do to the recall under this rule ("" for no rule)."""
    P = len(names)
    if P < 2:
        return "Two memories at least are needed for a comparison."
    strong, same = len(found.correlated), len(found.duplicates) + len(found.inverses)
    if same and rule_id == "projection":
        return (
            "A memory that repeats or inverts another adds nothing: the projection rule takes "
            "only memories of which none is a combination of others."
        )
    if strong:
        pairs = f"{whole(strong)} pair{'' if strong == 1 else 's'}"
        if rule_id == "hebb":
            return (
                f"Hebb’s rule will blend the {pairs} that are much alike: each pulls the other’s "
                "recall towards what they have in common. The projection rule takes that out."
            )
        if rule_id == "projection":
            return (
                f"{pairs[0].upper()}{pairs[1:]} are much alike; the projection rule keeps them "
                "apart, with smaller basins."
            )
        return f"{pairs} are much alike: a cue between two of them can end in either."
    if same:
        return "A memory stored twice counts twice: its valley is deeper than the others’."
    return "No two memories are much alike: they hardly disturb each other."
