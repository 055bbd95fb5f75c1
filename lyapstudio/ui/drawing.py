"""The drawing tools of the canvas, as one table: its menu and its button are made from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtWidgets import QMenu

from lyapstudio.document import edits
from lyapstudio.ui.session import Session
from lyapstudio.ui.views.canvas import BRUSHES, Canvas

Change = Callable[[np.ndarray], np.ndarray]


def _shifted(down: int, right: int) -> Change:
    return lambda grid: edits.shift(grid, down, right)


def _corrupted(share: float) -> Change:
    return lambda grid: edits.corrupt(grid, share, secrets.randbelow(1 << 31))


TOOLS: tuple[tuple[str, Change], ...] = (
    ("All on", edits.fill),
    ("All off", edits.clear),
    ("Invert", edits.invert),
    ("Mirror", edits.mirror),
    ("Shift up", _shifted(-1, 0)),
    ("Shift down", _shifted(1, 0)),
    ("Shift left", _shifted(0, -1)),
    ("Shift right", _shifted(0, 1)),
    ("Turn over 10 % of the pixels", _corrupted(0.1)),
    ("Turn over 30 % of the pixels", _corrupted(0.3)),
)


def fill(menu: QMenu, canvas: Canvas, session: Session) -> None:
    """Brush sizes and tools; they act on the cue, or on the live state while it runs."""
    menu.clear()
    for size in BRUSHES:
        action = menu.addAction(f"Brush of {size} pixel{'s' if size > 1 else ''}")
        action.setCheckable(True)
        action.setChecked(canvas.brush == size)
        action.triggered.connect(lambda _=False, size=size: setattr(canvas, "brush", size))
    menu.addSeparator()
    for label, change in TOOLS:
        menu.addAction(label, partial(transform, session, change, label.lower()))


def paint(session: Session, where: np.ndarray, value: int) -> None:
    """Paint the cue where nothing has happened yet, else the live state."""
    frame = session.frame
    if frame is None or frame.problem is None:
        return
    if frame.update == 0 and not frame.running:
        base = _sheet(session).copy()
        base.reshape(-1)[where] = value
        session.edit(lambda d: edits.draw_cue(d, base), "draw on the cue", "draw cue")
    else:
        session.simulation.poke(where, value)


def _sheet(session: Session) -> np.ndarray:
    """The cue as it is now; a stroke asks for it with every move of the mouse."""
    cue = session.setup.cue
    plain = cue.source == "drawn" and not cue.flips and cue.hidden == "none"
    if plain and cue.drawn is not None:
        return cue.drawn
    return edits.cue_grid(session.document, session.setup)


def transform(session: Session, change: Change, label: str) -> None:
    """A drawing tool on the whole sheet: the cue, or the live state once it has moved."""
    frame = session.frame
    if frame is None or frame.problem is None or "units" not in frame.channels:
        return
    if frame.update == 0 and not frame.running:
        base = _sheet(session)
        session.edit(lambda d: edits.draw_cue(d, change(base)), f"{label} (cue)")
        return
    shape = (frame.problem.rows, frame.problem.cols)
    old = frame.channels["units"].reshape(shape)
    new = change(old)
    for value in (-1, 1):
        where = np.flatnonzero((new == value) & (new != old))
        if len(where):
            session.simulation.poke(where, value)
