"""What is to be seen while the program itself is still being read: its name, in the middle."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QWidget

NAME = "Lyapunov Studio"
SIZE = 360, 200
LIGHT = "#FFFFFF", "#1A1F36", "#00707F"
DARK = "#12151D", "#ECEEF5", "#4ECBD6"
"""Plane, type and curve: the theme's, which costs too much here."""
STEPS = (0.0, 0.08, 0.16, 0.34, 0.46, 0.7, 0.78, 0.93, 1.0)
"""How far a function has fallen."""


class Splash(QWidget):
    """A small window without a frame; it imports nothing but Qt."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.SplashScreen | Qt.WindowType.FramelessWindowHint)
        self.setFixedSize(*SIZE)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.painted = False
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            self.move(screen.availableGeometry().center() - self.rect().center())

    def appear(self) -> None:
        """Be painted before anything else is done."""
        self.show()
        for _ in range(3):  # exposed by the system, then painted
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, 20)
            if self.painted:
                break

    def finish(self, window: QWidget) -> None:
        """The window is there."""
        self.close()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A falling staircase over the name."""
        self.painted = True
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        plane, ink, accent = map(QColor, DARK if dark else LIGHT)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), plane)
        box = QRectF(90, 44, 180, 64)
        width = box.width() / (len(STEPS) - 1)
        line = QPolygonF()
        for k, fallen in enumerate(STEPS):
            for x in (box.left() + k * width, box.left() + (k + 1) * width):
                line.append(QPointF(min(x, box.right()), box.top() + fallen * box.height()))
        painter.setPen(QPen(accent, 2.5))
        painter.drawPolyline(line)
        font = QFont(self.font())
        font.setPixelSize(20)
        painter.setPen(ink)
        painter.setFont(font)
        painter.drawText(QRectF(0, 126, SIZE[0], 30), Qt.AlignmentFlag.AlignCenter, NAME)
        painter.end()
