"""One table makes the menus, the shortcuts and the sheet of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from lyapstudio.ui.panels import beside
from lyapstudio.ui.panels.modes import MODES
from lyapstudio.ui.theme import theme

MENUS = ("File", "Edit", "View", "Run", "Learn", "Help")


@dataclass(frozen=True)
class Action:
    """One thing that can be asked for; "-" as title is a separator.

    `run` and `enabled` take the MainWindow, which is not named here: it imports this table.
    """

    id: str
    menu: str
    title: str
    shortcut: str = ""
    icon: str = ""
    run: Callable[[Any], object] = lambda window: None
    enabled: Callable[[Any], bool] = lambda window: True
    checked: Callable[[Any], bool] | None = None
    learns: bool | None = None  # only for models that learn from data, or only for memories


def _mode(place: int, id: str, words: str) -> Action:
    """What the middle of the window shows."""
    return Action(
        f"mode-{id}",
        "View",
        words,
        f"Alt+{place}",
        run=lambda w: w.centre.set_mode(id),
        enabled=lambda w: w.page.can_show(id),
        checked=lambda w: w.page.shows(id),
        learns=False,
    )


ACTIONS: tuple[Action, ...] = (
    Action("new", "File", "New", "Ctrl+N", run=lambda w: w.desk.new()),
    Action("open", "File", "Open …", "Ctrl+O", run=lambda w: w.desk.ask_open()),
    Action("recent", "File", "Open recent"),
    Action("examples", "File", "Examples"),
    Action("-file1", "File", "-"),
    Action("save", "File", "Save", "Ctrl+S", run=lambda w: w.desk.save()),
    Action("save-as", "File", "Save as …", "Ctrl+Shift+S", run=lambda w: w.desk.save_as()),
    Action("-file2", "File", "-"),
    Action("export", "File", "Export a picture or data"),
    Action(
        "load-weights",
        "File",
        "Load weights …",
        run=lambda w: w.errands.load_weights(),
        enabled=lambda w: w.session.setup.model.uses_rule,
        learns=False,
    ),
    Action(
        "save-weights",
        "File",
        "Save weights …",
        run=lambda w: w.errands.save_weights(),
        enabled=lambda w: w.session.setup.model.uses_rule,
        learns=False,
    ),
    Action("-file3", "File", "-"),
    Action("quit", "File", "Quit", "Ctrl+Q", run=lambda w: w.close()),
    Action(
        "undo",
        "Edit",
        "Undo",
        "Ctrl+Z",
        "ph.arrow-u-up-left",
        lambda w: w.session.undo(),
        lambda w: bool(w.session.history.undo_label),
    ),
    Action(
        "redo",
        "Edit",
        "Redo",
        "Ctrl+Y",
        "ph.arrow-u-up-right",
        lambda w: w.session.redo(),
        lambda w: bool(w.session.history.redo_label),
    ),
    Action("-edit1", "Edit", "-"),
    Action(
        "paste",
        "Edit",
        "Paste an image as a pattern",
        "Ctrl+V",
        run=lambda w: w.errands.paste(),
        learns=False,
    ),
    Action("draw", "Edit", "Draw on the network", learns=False),
    Action(
        "size", "Edit", "Network size …", "Ctrl+R", run=lambda w: w.errands.ask_size(), learns=False
    ),
    Action(
        "wiring",
        "Edit",
        "Wiring …",
        "Ctrl+W",
        run=lambda w: w.errands.choose_wiring(),
        enabled=lambda w: w.session.setup.model.uses_rule,
        learns=False,
    ),
    Action(
        "field",
        "Edit",
        "Paint the external field …",
        run=lambda w: w.errands.paint_field(),
        learns=False,
    ),
    Action(
        "projector",
        "View",
        "Projector mode",
        "F11",
        run=lambda w: w.toggle_projector(),
        checked=lambda w: theme().projector,
    ),
    Action("-view1", "View", "-"),
    Action(
        "system",
        "View",
        "Light or dark as the system",
        run=lambda w: w.set_mode("system"),
        checked=lambda w: theme().mode == "system",
    ),
    Action(
        "light",
        "View",
        "Light",
        run=lambda w: w.set_mode("light"),
        checked=lambda w: theme().mode == "light",
    ),
    Action(
        "dark",
        "View",
        "Dark",
        run=lambda w: w.set_mode("dark"),
        checked=lambda w: theme().mode == "dark",
    ),
    Action("-view2", "View", "-"),
    *(_mode(k, id, words) for k, (id, words, _, _) in enumerate(MODES, 1)),
    Action("-view3", "View", "-", learns=False),
    Action(
        "whole",
        "View",
        "The whole network",
        "Ctrl+0",
        run=lambda w: w.centre.canvas.reset_view(),
        learns=False,
    ),
    Action(
        "beside",
        "View",
        "Side by side",
        "Ctrl+E",
        run=lambda w: beside.toggle(w.session),
        checked=lambda w: w.session.document.beside is not None,
        learns=False,
    ),
    Action(
        "left",
        "View",
        "Left column",
        "F9",
        run=lambda w: w.toggle_left(),
        checked=lambda w: w.stacks[0].isVisible(),
    ),
    Action(
        "right",
        "View",
        "Right column",
        "F10",
        run=lambda w: w.toggle_right(),
        checked=lambda w: w.stacks[2].isVisible(),
    ),
    Action("run", "Run", "Run or pause", "Space", run=lambda w: w.session.toggle()),
    Action("step", "Run", "Step", "Right", run=lambda w: w.session.step()),
    Action("back", "Run", "Step back", "Left", run=lambda w: w.session.back()),
    Action("restart", "Run", "Restart", "Home", run=lambda w: w.errands.restart()),
    Action("-run1", "Run", "-"),
    Action("slower", "Run", "Slower", "-", run=lambda w: w.change_speed(-1)),
    Action("faster", "Run", "Faster", "+", run=lambda w: w.change_speed(1)),
    Action(
        "fit-speed",
        "Run",
        "A speed that suits this network",
        "=",
        run=lambda w: w.session.fit_speed(),
    ),
    Action("-run2", "Run", "-"),
    Action("reset", "Run", "Reset all parameters", run=lambda w: w.network.reset()),
    Action(
        "ready",
        "Learn",
        "Add a ready set …",
        "Ctrl+L",
        run=lambda w: w.errands.add_ready(),
        learns=False,
    ),
    Action(
        "images",
        "Learn",
        "Load images …",
        "Ctrl+I",
        run=lambda w: w.errands.load_images(),
        learns=False,
    ),
    Action(
        "blank",
        "Learn",
        "Add a blank pattern",
        "Ctrl+B",
        run=lambda w: w.patterns.add_blank(),
        learns=False,
    ),
    Action(
        "store",
        "Learn",
        "Store the present state",
        "Ctrl+M",
        run=lambda w: w.patterns.store_state(),
        learns=False,
    ),
    Action("-learn1", "Learn", "-", learns=False),
    Action(
        "overlaps",
        "Learn",
        "Overlaps between memories …",
        run=lambda w: w.errands.show_overlaps(),
        learns=False,
    ),
    Action("-learn3", "Learn", "-", learns=False),
    Action(
        "dream",
        "Learn",
        "Dream once",
        "Ctrl+Shift+D",
        run=lambda w: w.dreamer.dream(1),
        enabled=lambda w: w.dreamer.possible,
        learns=False,
    ),
    Action(
        "dream-10",
        "Learn",
        "Dream 10 times",
        run=lambda w: w.dreamer.dream(10),
        enabled=lambda w: w.dreamer.possible,
        learns=False,
    ),
    Action(
        "dream-100",
        "Learn",
        "Dream 100 times",
        run=lambda w: w.dreamer.dream(100),
        enabled=lambda w: w.dreamer.possible,
        learns=False,
    ),
    Action(
        "forget-dreams",
        "Learn",
        "Take all dreams back",
        run=lambda w: w.dreamer.forget(),
        enabled=lambda w: bool(w.session.setup.dreams),
        learns=False,
    ),
    Action(
        "train",
        "Learn",
        "Train the readout",
        "Ctrl+T",
        run=lambda w: w.train_readout(),
        enabled=lambda w: not w.learner.busy,
        learns=True,
    ),
    Action(
        "stop-training",
        "Learn",
        "Stop training",
        run=lambda w: w.learner.cancel(),
        enabled=lambda w: w.learner.busy,
        learns=True,
    ),
    Action("-learn2", "Learn", "-", learns=True),
    Action(
        "data",
        "Learn",
        "Choose the images …",
        "Ctrl+D",
        run=lambda w: w.errands.choose_data(),
        learns=True,
    ),
    Action(
        "samples",
        "Learn",
        "Browse the images …",
        "Ctrl+B",
        run=lambda w: w.errands.browse_samples(),
        learns=True,
    ),
    Action("help", "Help", "Help", "F1", "ph.question", lambda w: w.help_here()),
    Action("keys", "Help", "All keys", "?", run=lambda w: w.errands.show_keys()),
    Action("-help1", "Help", "-"),
    Action("changes", "Help", "What changed", run=lambda w: w.errands.show_help("changes")),
    Action("details", "Help", "Copy details for a bug report", run=lambda w: w.reporter.copy()),
    Action("about", "Help", "About Lyapunov Studio", run=lambda w: w.errands.show_about()),
)


def key_sheet() -> list[tuple[str, str, str]]:
    """Menu, title and shortcut of everything that has one, and the keys of the speed."""
    rows = [(a.menu, a.title, a.shortcut) for a in ACTIONS if a.shortcut]
    return [*rows, ("Run", "Speed from slow to full", "0 … 9")]


class Menus(QObject):
    """The menu bar and shortcuts of a window, made from the table."""

    def __init__(self, window: Any) -> None:
        super().__init__(window)  # ends with it: the theme outlives every window
        self.window = window
        self.actions: dict[str, QAction] = {}
        self.submenus: dict[str, QMenu] = {}
        for name in MENUS:
            menu = window.menuBar().addMenu(name)
            menu.setToolTipsVisible(True)
            for action in ACTIONS:
                if action.menu == name:
                    self._add(menu, action)
            menu.aboutToShow.connect(self.refresh)
        theme().changed.connect(self._icons)
        self._icons()
        self.refresh()

    def refresh(self) -> None:
        """What there is, enabled and ticked, now."""
        learns = self.window.session.setup.model.learns
        for action in ACTIONS:
            made = self.actions.get(action.id)
            if made is None:
                continue
            fits = action.learns is None or action.learns == learns
            made.setVisible(fits)
            made.setEnabled(fits and action.enabled(self.window))
            if action.checked is not None:
                made.setChecked(fits and action.checked(self.window))
        history = self.window.session.history
        self.actions["undo"].setText(f"Undo {history.undo_label}".rstrip())
        self.actions["redo"].setText(f"Redo {history.redo_label}".rstrip())

    def _add(self, menu: QMenu, action: Action) -> None:
        if action.title == "-":
            self.actions[action.id] = menu.addSeparator()
            return
        if action.id in ("recent", "examples", "export", "draw"):
            self.submenus[action.id] = menu.addMenu(action.title)
            self.actions[action.id] = self.submenus[action.id].menuAction()
            return
        made = menu.addAction(action.title)
        made.setCheckable(action.checked is not None)
        if action.shortcut:
            made.setShortcut(QKeySequence(action.shortcut))
        made.triggered.connect(lambda _=False: self._run(action))
        self.actions[action.id] = made

    def _run(self, action: Action) -> None:
        if action.enabled(self.window):
            action.run(self.window)
        self.refresh()

    def _icons(self) -> None:
        for action in ACTIONS:
            if action.icon:
                self.actions[action.id].setIcon(theme().icon(action.icon, "muted"))
