"""The look in one table of colour roles, and the one Theme object that every part asks."""

from __future__ import annotations

from functools import cache
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from lyapstudio.core.resources import resource
from lyapstudio.ui.icons import icon
from lyapstudio.ui.maps import MINUS, PLUS, SIGNED, UNSIGNED, ramp
from lyapstudio.ui.style import sheet

Mode = Literal["system", "light", "dark"]

PROJECTOR_SCALE = 1.3
"""Every size is multiplied by this in the projector mode."""

ROLES: dict[str, tuple[str, str]] = {
    "stage": ("#FFFFFF", "#12151D"),
    "side": ("#F4F5F9", "#191D27"),
    "field": ("#E7E9F1", "#262B38"),
    "fieldhover": ("#DDE0EB", "#303648"),
    "raised": ("#FFFFFF", "#3A4154"),
    "line": ("#E3E6EE", "#272C39"),
    "text": ("#1A1F36", "#ECEEF5"),
    "muted": ("#555C74", "#A3AABF"),
    "faint": ("#8F96AA", "#6E768E"),
    "accent": ("#00707F", "#4ECBD6"),
    "accenthover": ("#005966", "#7BDAE2"),
    "onaccent": ("#FFFFFF", "#041F23"),
    "accentsoft": ("#D6EDF0", "#14373D"),
    "bad": ("#C22F22", "#FF7E6E"),
    "badhover": ("#A3241A", "#FF9C90"),
    "onbad": ("#FFFFFF", "#191D27"),
    "badsoft": ("#FCE7E3", "#44231F"),
    "bar": ("#8089A5", "#6F7995"),
    "groove": ("#C3C8D8", "#4A5268"),
    "tip": ("#1A1F36", "#ECEEF5"),
    "tiptext": ("#FFFFFF", "#12151D"),
    "plus": (PLUS, PLUS),
    "minus": (MINUS, MINUS),
    "ring": ("#00707F", "#00707F"),  # marks on the canvas are the light theme's, always
    "alarm": ("#C22F22", "#C22F22"),
}
"""Role -> its colour in the light and in the dark theme."""


class Theme(QObject):
    """The present roles, scale, fonts, icons and maps. `changed` says: colour yourself again."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode: Mode = "system"
        self.dark = False
        self.projector = False
        self._watching = False
        self._icons: dict[tuple[str, str], QIcon] = {}

    @property
    def scale(self) -> float:
        return PROJECTOR_SCALE if self.projector else 1.0

    def px(self, size: float) -> int:
        """A length in the present scale."""
        return round(size * self.scale)

    def name(self, role: str) -> str:
        """A role's colour as #RRGGBB."""
        if role == "muted" and self.projector:
            role = "text"  # grey captions do not survive a projector
        return ROLES[role][self.dark]

    def colour(self, role: str, alpha: int = 255) -> QColor:
        """A role's colour for painting."""
        colour = QColor(self.name(role))
        colour.setAlpha(alpha)
        return colour

    def font(self, size: float, weight: int = 400, *, display: bool = False) -> QFont:
        """A font for painting; figures of equal width, as everywhere."""
        font = QFont("Inter Display" if display else "Inter")
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def icon(self, name: str, role: str = "text") -> QIcon:
        """A Phosphor icon in a role's colour (faint when disabled); an unknown name raises."""
        key = (name, self.name(role))
        if key not in self._icons:
            faint = self.name("faint")
            self._icons[key] = icon(name, key[1], faint)
        return self._icons[key]

    def pixmap(self, name: str, role: str, size: int, ratio: float = 1.0) -> QPixmap:
        """The icon as a pixmap of `size` (scaled) pixels, sharp at the screen's ratio."""
        side = self.px(size)
        return self.icon(name, role).pixmap(QSize(side, side), ratio)

    def signed(self) -> NDArray[np.uint8]:
        """(256, 3) map for weights: cool is negative, warm is positive."""
        return _lut(SIGNED[self.dark])

    def unsigned(self) -> NDArray[np.uint8]:
        """(256, 3) map for quantities that are never negative."""
        return _lut(UNSIGNED[self.dark])

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or stay light or dark."""
        self.mode = mode
        self.apply()

    def set_projector(self, on: bool) -> None:
        """Larger type and stronger captions, for a class room."""
        self.projector = on
        self.apply()

    def apply(self) -> None:
        """Give style, fonts, palette and sheet to the application, then tell everyone."""
        app = cast(QApplication, QApplication.instance())
        if not self._watching:
            self._watching = True
            load_fonts()
            app.setStyle(QStyleFactory.create("Fusion"))
            app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.dark = self.mode == "dark" or (self.mode == "system" and _system_is_dark())
        app.setFont(self.font(13))
        app.setPalette(self.palette())
        app.setStyleSheet(sheet({role: self.name(role) for role in ROLES}, self.px))
        self.changed.emit()

    def palette(self) -> QPalette:
        """The palette for what the sheet does not reach."""
        Role, palette = QPalette.ColorRole, QPalette()
        for role, name in {
            Role.Window: "side",
            Role.WindowText: "text",
            Role.Base: "stage",
            Role.AlternateBase: "side",
            Role.Text: "text",
            Role.Button: "field",
            Role.ButtonText: "text",
            Role.BrightText: "bad",
            Role.Highlight: "accent",
            Role.HighlightedText: "onaccent",
            Role.Link: "accent",
            Role.ToolTipBase: "tip",
            Role.ToolTipText: "tiptext",
            Role.PlaceholderText: "muted",
            Role.Light: "raised",
            Role.Midlight: "fieldhover",
            Role.Mid: "groove",
            Role.Dark: "bar",
        }.items():
            palette.setColor(role, self.colour(name))
        for role in (Role.Text, Role.WindowText, Role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("faint"))
        return palette

    def _system_changed(self) -> None:
        if self.mode == "system" and self.dark != _system_is_dark():
            self.apply()


@cache
def theme() -> Theme:
    """The theme of this process."""
    return Theme()


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the bundled Inter; needed once, before the first widget. Returns the families."""
    families: list[str] = []
    for file in sorted(resource("fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families += QFontDatabase.applicationFontFamilies(number)
    return tuple(dict.fromkeys(families))


@cache
def _lut(stops: tuple[tuple[float, str], ...]) -> NDArray[np.uint8]:
    table = ramp(stops)
    table.flags.writeable = False
    return table


def _system_is_dark() -> bool:
    app = cast(QApplication, QApplication.instance())
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark
