"""The one style sheet, written from the colour roles and a scale."""

from __future__ import annotations

from collections.abc import Callable
from string import Template

SHEET = Template("""
* { font-family: Inter; font-size: ${s13}; color: $text; outline: none; }
QMainWindow, QDialog, QMenuBar, QStatusBar { background: $side; }
QWidget[plane="side"] { background: $side; }
QWidget[plane="stage"] { background: $stage; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }

QLabel { background: transparent; }
QLabel[kind="display"] { font-family: "Inter Display"; font-size: ${s30}; font-weight: 600; }
QLabel[kind="step"] { font-family: "Inter Display"; font-size: ${s22}; font-weight: 600; }
QLabel[kind="title"] { font-size: ${s15}; font-weight: 600; }
QLabel[kind="section"], QLabel[kind="value"] { font-weight: 600; }
QLabel[kind="caption"] { font-size: ${s11}; color: $muted; }
QLabel[kind="strong"] { font-size: ${s11}; font-weight: 600; }
QLabel[kind="formula"] { font-size: ${s12}; color: $muted; }
QLabel[kind="complaint"] { font-size: ${s11}; color: $bad; }
QLabel:disabled { color: $faint; }

QMenuBar { padding: 0 16px; }
QMenuBar::item { color: $muted; padding: 6px 12px; border-radius: 8px; background: transparent; }
QMenuBar::item:selected { background: $field; color: $text; }
QMenu { background: $side; border: 1px solid $line; padding: 6px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 6px; }
QMenu::item:selected { background: $field; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 6px 8px; }
QMenu::icon { padding-left: 8px; }
QToolTip { background: $tip; color: $tiptext; border: none; padding: 6px 9px;
           font-size: ${s12}; }

QPushButton { background: $field; border: 2px solid transparent; border-radius: 8px;
              padding: 0 12px; min-height: ${s28}; }
QPushButton:hover { background: $fieldhover; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; }
QPushButton[kind="run"] { background: $accent; color: $onaccent; border-radius: 10px;
    font-size: ${s15}; font-weight: 600; min-height: ${s34}; max-height: ${s34}; padding: 0 8px; }
QPushButton[kind="run"]:hover { background: $accenthover; }
QPushButton[kind="run"]:focus { border-color: $text; }
QPushButton[kind="run"]:disabled { background: $field; color: $faint; }
QPushButton[kind="main"] { background: $accent; color: $onaccent; font-weight: 600; }
QPushButton[kind="main"]:hover { background: $accenthover; }
QPushButton[kind="main"]:focus { border-color: $text; }
QPushButton[kind="main"]:disabled { background: $field; color: $faint; }
QPushButton[kind="bad"] { background: $bad; color: $onbad; font-weight: 600; }
QPushButton[kind="bad"]:hover { background: $badhover; }
QPushButton[kind="bad"]:focus { border-color: $text; }
QPushButton[kind="link"] { background: transparent; color: $accent; font-weight: 600;
                           padding: 0 8px; }
QPushButton[kind="link"]:hover { color: $accenthover; }

QToolButton { background: transparent; border: 2px solid transparent; border-radius: 8px; }
QToolButton:hover { background: $field; }
QToolButton:pressed, QToolButton:checked { background: $fieldhover; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; background: transparent; }
QToolButton::menu-indicator { image: none; }
QFrame[kind="track"] { background: $field; border-radius: 8px; }
QToolButton[kind="segment"] { color: $muted; border-radius: 6px; padding: 0 2px;
                              font-weight: 500; }
QToolButton[kind="segment"]:hover { color: $text; background: $fieldhover; }
QToolButton[kind="segment"]:checked { color: $text; background: $raised; }
QToolButton[kind="segment"]:disabled { color: $faint; }

QLineEdit, QPlainTextEdit, QAbstractSpinBox { background: $field; border: 2px solid transparent;
    border-radius: 8px; padding: 0 8px; min-height: ${s24};
    selection-background-color: $accent; selection-color: $onaccent; }
QLineEdit:hover, QAbstractSpinBox:hover { background: $fieldhover; }
QLineEdit:focus, QPlainTextEdit:focus, QAbstractSpinBox:focus { border-color: $accent; }
QLineEdit:disabled { color: $faint; background: $field; }
QLineEdit[flat="true"] { background: transparent; font-weight: 600; padding: 0;
    min-height: ${s18}; border: none; border-bottom: 2px solid transparent; border-radius: 0; }
QLineEdit[flat="true"]:hover { border-bottom-color: $groove; }
QLineEdit[flat="true"]:focus { border-bottom-color: $accent; }
QLineEdit[wrong="true"] { background: $badsoft; border-color: $bad; }
QTextBrowser { background: $stage; border: none; border-radius: 8px; }

QComboBox { background: $field; border: 2px solid transparent; border-radius: 8px;
            padding: 0 28px 0 8px; min-height: ${s26}; }
QComboBox:hover { background: $fieldhover; }
QComboBox:focus { border-color: $accent; }
QComboBox:disabled { color: $faint; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $side; border: 1px solid $line; padding: 4px; }
QAbstractItemView { background: $side; border: none; selection-background-color: $field;
                    selection-color: $text; }
QComboBox QAbstractItemView::item, QListView::item { min-height: ${s26}; padding: 0 6px;
                                                     border-radius: 6px; }
QAbstractItemView::item:selected { background: $fieldhover; color: $text; }
QHeaderView::section { background: $side; color: $muted; border: none; padding: 4px 8px; }
QTableView { background: $stage; gridline-color: $line; }

QSlider { min-height: ${s18}; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $groove; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: ${s16}; height: ${s16}; margin: -${h6} 0;
                             border-radius: ${s8}; background: $accent; }
QSlider::handle:horizontal:hover { background: $accenthover; }
QSlider::handle:horizontal:focus { background: $accenthover; border: 2px solid $text;
                                   width: ${s12}; height: ${s12}; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $faint; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { color: $muted; padding: 4px 0 6px 0; margin-right: 20px; font-weight: 500;
               border: none; border-bottom: 2px solid transparent; background: transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; font-weight: 600; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }

QCheckBox { spacing: 8px; background: transparent; }
QFrame[kind="notice"] { background: $field; border-radius: 10px; border: 1px solid $line; }
QFrame[kind="notice"][bad="true"] { background: $badsoft; border-color: $bad; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $groove; }
QProgressBar { background: $groove; border: none; border-radius: 3px; max-height: 6px;
               min-height: 6px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $line; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $groove; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame[kind="good"], QFrame[kind="bad"], QFrame[kind="plain"] { border-radius: 10px; }
QFrame[kind="good"] { background: $accentsoft; }
QFrame[kind="bad"] { background: $badsoft; }
QFrame[kind="plain"] { background: $field; }
QFrame[kind="tile"] { background: $side; border-radius: 12px; }
QFrame[kind="tilechosen"] { background: $accentsoft; border-radius: 12px; }
QFrame[kind="popup"] { background: $side; border: 1px solid $line; }
""")


def sheet(roles: dict[str, str], px: Callable[[float], int]) -> str:
    """The style sheet in these colours; `px` turns a design length into pixels."""
    sizes = {f"s{n}": f"{px(n)}px" for n in (8, 11, 12, 13, 15, 16, 18, 22, 24, 26, 28, 30, 32, 34)}
    knob = f"{(px(16) - 4) // 2}px"  # the knob stands out of the 4 px track by this much
    return SHEET.substitute(roles, **sizes, h6=knob)
