"""Where a document holds several networks: one segment each."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from lyapstudio.core.param import Choice
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.session import Session
from lyapstudio.ui.theme import theme


class SetupChooser(QWidget):
    """Follows the document; with one network there is nothing to choose, and it is not there."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.segments: Segmented | None = None
        self._titles: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
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
        if self.segments is not None:
            self.segments.set_value(str(document.active))

    def _add(self, titles: tuple[str, ...]) -> None:
        self.segments = Segmented(tuple(Choice(str(k), title) for k, title in enumerate(titles)))
        self.segments.chosen.connect(lambda id: self.session.show_setup(int(id)))
        self.segments.setMaximumWidth(theme().px(160 * len(titles)))
        self._row.addWidget(self.segments)
