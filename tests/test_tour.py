"""The newcomer's tour: every control says what it does, and the keys work from anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from lyapstudio.document.examples import example
from lyapstudio.ui.actions import key_sheet
from lyapstudio.ui.dialogs.ask import SaveQuestion
from lyapstudio.ui.dialogs.editor import PatternEditor
from lyapstudio.ui.dialogs.fields import FieldEditor
from lyapstudio.ui.dialogs.help import HelpWindow
from lyapstudio.ui.dialogs.images import ImportDialog
from lyapstudio.ui.dialogs.keys import KeysDialog
from lyapstudio.ui.dialogs.overlaps import OverlapsDialog
from lyapstudio.ui.dialogs.ready import ReadyDialog
from lyapstudio.ui.dialogs.size import SizeDialog
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.window import MainWindow

CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QAbstractItemView)


@pytest.fixture
def window(qtbot, home):
    window = MainWindow(example("letters").build())
    qtbot.addWidget(window, before_close_func=lambda w: w.shut())
    window.resize(1280, 800)
    window.show()
    qtbot.waitUntil(lambda: window.session.frame is not None, timeout=20_000)
    yield window
    window.shut()


def controls(root: QWidget) -> Iterator[QWidget]:
    """What a person can press, drag or type into."""
    for widget in root.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or "ScrollBar" in str(
            widget.metaObject().className()
        )
        part_of_another = isinstance(widget.parentWidget(), (QComboBox, QLineEdit, QTabBar))
        popup = widget.window() is not root
        if isinstance(widget, CONTROLS) and not (inner or part_of_another or popup):
            yield widget


def silent(root: QWidget) -> list[str]:
    """The controls without a tooltip."""
    found = []
    for widget in controls(root):
        if isinstance(widget, QScrollBar) or widget.toolTip():
            continue
        words = getattr(widget, "text", lambda: "")() or widget.accessibleName()
        found.append(f"{type(widget).__name__} “{words}” in {type(widget.parent()).__name__}")
    for bar in root.findChildren(QTabBar):
        found += [f"tab {bar.tabText(k)}" for k in range(bar.count()) if not bar.tabToolTip(k)]
    return found


def test_every_control_of_the_window_has_a_tooltip(window):
    assert len(list(controls(window))) > 40
    assert not silent(window)


DIALOGS = {
    "editor": lambda w: PatternEditor(w.session, w.session.document.patterns[0].key, w),
    "field": lambda w: FieldEditor(w.session, w),
    "help": lambda w: HelpWindow(w),
    "images": lambda w: ImportDialog([], 28, 28, w),
    "keys": lambda w: KeysDialog(key_sheet(), w),
    "overlaps": lambda w: OverlapsDialog(w.session, w),
    "ready": lambda w: ReadyDialog(28, 28, w),
    "save": lambda w: SaveQuestion("Letters", w),
    "size": lambda w: SizeDialog(w.session, w),
}


def test_every_control_of_the_dialogs_has_a_tooltip(window, qtbot):
    missing = []
    for name, make in DIALOGS.items():
        dialog = make(window)
        dialog.show()
        missing += [f"{name}: {words}" for words in silent(dialog)]
        dialog.close()
        qtbot.wait(1)
    assert not missing, "\n".join(missing)


def press(qtbot, key: Qt.Key) -> None:
    """As the keyboard does it: shortcuts first, then the widget with the focus."""
    window = QApplication.activeWindow().windowHandle()
    QTest.keyClick(window, key)


def test_space_runs_wherever_the_focus_is(window, qtbot):
    window.activateWindow()
    assert window.focusWidget() is window.centre.canvas  # at the start
    assert window.transport.speed.track.focusPolicy() == Qt.FocusPolicy.TabFocus  # not by a click
    for widget in (window.centre.canvas, window.transport.speed.track, window.transport.restart):
        widget.setFocus()
        before = window.session.running
        press(qtbot, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda before=before: window.session.running is not before)


def test_arrows_step_but_move_a_slider_that_has_the_focus(window, qtbot):
    window.activateWindow()
    track = window.transport.speed.track
    track.setFocus()
    before = track.value()
    press(qtbot, Qt.Key.Key_Right)
    assert track.value() == before + 1
    window.centre.canvas.setFocus()
    with qtbot.waitSignal(window.session.stepped):
        press(qtbot, Qt.Key.Key_Right)
    assert track.value() == before + 1


def test_after_typing_enter_gives_the_keys_back(window, qtbot):
    window.activateWindow()
    field = window.findChild(NumberField)
    field.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert window.focusWidget() is window.centre.canvas
