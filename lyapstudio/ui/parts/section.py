"""A titled part of a column: a header of 28 px with its tools, and rows beneath."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from lyapstudio.ui.parts.text import Elided, text
from lyapstudio.ui.theme import theme


class Section(QWidget):
    """Title, an optional caption, tools at the right; `add` puts rows beneath, 8 px apart."""

    def __init__(self, title: str, caption: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._header = QWidget()
        self._tools = QHBoxLayout(self._header)
        self._tools.setContentsMargins(0, 0, 0, 0)
        self._tools.setSpacing(2)
        self._title = text(title, "section")
        self._caption = Elided(caption, "caption")
        self._tools.addWidget(self._title)
        self._tools.addStretch(1)
        self._tools.addWidget(self._caption)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        self._rows.addWidget(self._header)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_caption(self, caption: str) -> None:
        self._caption.setText(caption)

    def add_tool(self, tool: QWidget) -> None:
        self._tools.addWidget(tool)

    def add(self, row: QWidget | QLayout) -> None:
        """Put a row at the end."""
        if isinstance(row, QLayout):
            self._rows.addLayout(row)
        else:
            self._rows.addWidget(row)

    def set_spacing(self, pixels: int) -> None:
        """Rows stand closer in a low window."""
        self._rows.setSpacing(pixels)

    def _restyle(self) -> None:
        # 28 whether or not it has tools: the first lines of the columns share one baseline
        self._header.setFixedHeight(theme().px(28))
