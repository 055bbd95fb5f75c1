"""On or off: the knob changes side and the track changes tone."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from lyapstudio.ui.theme import theme


class Switch(QAbstractButton):
    """A 36 x 20 switch; `clicked(bool)` is the user's, `toggled` also follows `setChecked`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(40), theme().px(24))  # 2 px around it for the focus ring

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.hasFocus():
            painter.setPen(QPen(t.colour("accent"), 1.5))
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        track = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        on, enabled = self.isChecked(), self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.colour(("accent" if on else "bar") if enabled else "groove"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        radius = track.height() / 2 - t.px(4)
        x = track.right() - track.height() / 2 if on else track.left() + track.height() / 2
        knob = ("onaccent" if on else "stage" if not t.dark else "text") if enabled else "side"
        painter.setBrush(t.colour(knob))
        painter.drawEllipse(QPointF(x, track.center().y()), radius, radius)
