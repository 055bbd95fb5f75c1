"""Choosing one of many: the combo box, and the model chooser with its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.core.param import Choice
from lyapstudio.ui.theme import theme

CARET = "ph.caret-down-bold"

WIDEST_CAPTION = 150
"""The button in the bar leaves the rest of a long caption to the list, px."""


class Chooser(QComboBox):
    """A combo box that draws its own caret (a style sheet takes Qt's away).

    `chosen(id)` is the user's choice; `set_value` is silent.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[Choice] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(16)
        self.activated.connect(lambda at: self.chosen.emit(self.itemData(at)))
        self.set_choices(choices)

    @property
    def value(self) -> str:
        return self.currentData() or ""

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offer these; the present one stays if it is still there."""
        now = [(self.itemData(k), self.itemText(k)) for k in range(self.count())]
        if now == [(c.id, c.label) for c in choices]:
            return
        kept = self.value
        self.clear()
        for choice in choices:
            self.addItem(choice.label, choice.id)
            self.setItemData(self.count() - 1, choice.help, Qt.ItemDataRole.ToolTipRole)
        self.set_value(kept)

    def set_value(self, id: str) -> None:
        at = self.findData(id)
        if at >= 0:
            self.setCurrentIndex(at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling the panel must not change its values

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        t = theme()
        side = t.px(14)
        painter = QPainter(self)
        role = "muted" if self.isEnabled() else "faint"
        box = QRect(self.width() - side - t.px(8), (self.height() - side) // 2, side, side)
        t.icon(CARET, role).paint(painter, box)


@dataclass(frozen=True)
class Entry:
    """One line of the model chooser."""

    id: str
    title: str
    caption: str
    icon: str = "ph.share-network-fill"


class _Row(QAbstractButton):
    """Icon, name over caption; with a caret where it opens a list."""

    def __init__(self, entry: Entry, *, caret: bool = False) -> None:
        super().__init__()
        self.entry, self._caret, self.current = entry, caret, False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{entry.title}, {entry.caption}")
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        t = theme()
        name = QFontMetrics(t.font(15, 600)).horizontalAdvance(self.entry.title)
        about = QFontMetrics(t.font(11)).horizontalAdvance(self.entry.caption)
        if self._caret:
            about = min(about, t.px(WIDEST_CAPTION))
        return QSize(max(name, about) + t.px(44 + (44 if self._caret else 20)), t.px(44))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        hover = self.underMouse() or self.current
        if self._caret or hover:
            painter.setPen(Qt.PenStyle.NoPen)
            fill = "fieldhover" if hover and self._caret else "field"
            painter.setBrush(t.colour(fill))
            painter.drawRoundedRect(box, 10, 10)
        if self.hasFocus():
            painter.setPen(t.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 9, 9)
        side = t.px(20)
        mid = self.height() // 2
        icon = QRect(t.px(13), mid - side // 2, side, side)
        t.icon(self.entry.icon, "accent").paint(painter, icon)
        x, width = t.px(44), self.width() - t.px(44)
        painter.setFont(t.font(15, 600))
        painter.setPen(t.colour("text"))
        vcentre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(x, mid - t.px(18), width, t.px(20)), vcentre, self.entry.title)
        painter.setFont(t.font(11))
        painter.setPen(t.colour("muted"))
        room = width - t.px(32 if self._caret else 4)
        caption = QFontMetrics(painter.font()).elidedText(
            self.entry.caption, Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(QRect(x, mid + t.px(2), width, t.px(16)), vcentre, caption)
        if self._caret:
            side = t.px(14)
            caret = QRect(self.width() - side - t.px(12), mid - side // 2, side, side)
            t.icon(CARET, "muted").paint(painter, caret)


class ModelChooser(_Row):
    """The button that names the model, and the list it opens."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(entries[0], caret=True)
        self._entries = tuple(entries)
        self.setToolTip("Which network this is. Click for the others.")
        self._popup: _Popup | None = None
        self.clicked.connect(self.open)

    def set_value(self, id: str) -> None:
        self.entry = next(e for e in self._entries if e.id == id)
        self.setAccessibleName(f"{self.entry.title}, {self.entry.caption}")
        self.updateGeometry()
        self.update()

    def open(self) -> None:
        """Show the list beneath the button."""
        self._popup = _Popup(self._entries, self.entry.id, self)
        self._popup.chosen.connect(self.chosen)
        self._popup.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        self._popup.show()


class _Popup(QFrame):
    chosen = Signal(str)

    def __init__(self, entries: Sequence[Entry], current: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "popup")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(2)
        for entry in entries:
            row = _Row(entry)
            row.current = entry.id == current
            row.clicked.connect(lambda _=False, id=entry.id: self._choose(id))
            column.addWidget(row)
            if row.current:
                row.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.focusWidget()
            if isinstance(focus, QAbstractButton):
                focus.click()
        else:
            super().keyPressEvent(event)

    def _choose(self, id: str) -> None:
        self.close()
        self.chosen.emit(id)
