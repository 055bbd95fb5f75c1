"""Buttons with icons that follow the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from lyapstudio.ui.theme import theme


class IconButton(QToolButton):
    """A square button with an icon and no fill until the mouse is over it."""

    def __init__(
        self,
        icon: str,
        tooltip: str,
        *,
        side: int = 28,
        role: str = "muted",
        checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._role, self._side = icon, role, side
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme().changed.connect(self._restyle)
        self.toggled.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        t = theme()
        self.setIcon(t.icon(self._icon, "accent" if self.isChecked() else self._role))
        glyph = t.px(20 if self._side >= 40 else 18 if self._side >= 28 else 14)
        self.setIconSize(QSize(glyph, glyph))
        self.setFixedSize(t.px(self._side), t.px(self._side))


class RunButton(QPushButton):
    """The only filled button of the window: Run, or Pause while it runs."""

    def __init__(self) -> None:
        super().__init__("Run")
        self.setProperty("kind", "run")
        self._running = False
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_running(self, running: bool) -> None:
        if running != self._running:
            self._running = running
            self._restyle()

    def _restyle(self) -> None:
        t = theme()
        self.setText("  Pause" if self._running else "  Run")
        role = "onaccent" if self.isEnabled() else "faint"
        self.setIcon(t.icon("ph.pause-fill" if self._running else "ph.play-fill", role))
        self.setIconSize(QSize(t.px(18), t.px(18)))
        self.setFixedWidth(t.px(108))
        self.setToolTip(
            "Stop here (Space)" if self._running else "Let the network run from here (Space)"
        )


class TextButton(QPushButton):
    """A button with words and perhaps an icon: kind plain, main, bad (repair) or link."""

    def __init__(self, words: str, kind: str = "plain", icon: str = "", tooltip: str = "") -> None:
        super().__init__(words)
        self.setProperty("kind", kind)
        self.setToolTip(tooltip)
        self._icon = icon
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        if not self._icon:
            return
        t = theme()
        roles = {"bad": "onbad", "main": "onaccent", "run": "onaccent", "link": "accent"}
        self.setIcon(t.icon(self._icon, roles.get(str(self.property("kind")), "text")))
        self.setIconSize(QSize(t.px(16), t.px(16)))
