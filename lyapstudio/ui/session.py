"""The one object between Qt and the rest: it edits the document and hands out frames.

Data goes one way round: widget -> edit -> Document -> message -> State -> Frame -> view.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from lyapstudio.analysis.outcome import Outcome
from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Rest, Stride, Units
from lyapstudio.document import beside, edits
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.history import History
from lyapstudio.document.nouns import Document, Setup
from lyapstudio.engine.simulation import Simulation
from lyapstudio.ui.changes import makes, stored
from lyapstudio.ui.knowledge import Knowledge, beginning
from lyapstudio.ui.naming import Namer
from lyapstudio.ui.resolvers import Resolvers

POLL_MS = 15
BUSY_NEURONS = 100_000
"""From this size on, learning is announced: it may take a moment."""

FULL, UNDRAWN = math.inf, -1.0
"""Speeds beyond numbers: as fast as it draws, and as fast as it goes without drawing."""


class Session(QObject):
    """Document, undo, and the simulation of the setup on the screen."""

    document_changed = Signal()
    stepped = Signal(int)
    frame_arrived = Signal(object)
    words_due = Signal(object)  # these three: the frame again, but seldom while it runs
    curve_due = Signal(object)
    overlaps_due = Signal(object)
    outcome_changed = Signal(object)
    speed_changed = Signal()
    failed = Signal(str)
    mended = Signal(str)
    told = Signal(str)
    opened = Signal()
    steered, dreaming_changed = Signal(), Signal()  # somebody runs or goes elsewhere by hand
    dreams_asked = Signal(int)  # how many; 0: no more

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = History(document)
        self.simulation = Simulation()
        self.frame: Frame | None = None
        self.outcome = Outcome("none", "", "", None)
        self.speed = 1000.0
        self.stride = 0
        self.dreaming = False  # runs are begun and ended by the Dreamer
        self._counted = ""  # what the clock counts: updates, or steps of all neurons
        self.shelf = Shelf()
        self._resolvers = Resolvers(self.shelf)
        self.knowledge = Knowledge(self.simulation, document)
        self.begun: tuple = ()  # what the run on the screen began with
        self._generation = 0
        self._oldest = 0  # frames of generations before this one have another shape
        self._error = ""
        self._failed_at = 0
        self._waiting, self._turn = [False] * 3, 0
        self._namer = Namer()
        self._poll = QTimer(self)
        self._poll.setTimerType(Qt.TimerType.PreciseTimer)
        self._poll.timeout.connect(self.poll)
        self.words_due.connect(self._name_outcome)
        self._load(restart=True)
        self._take_speed()

    def start(self) -> None:
        """Let the worker begin: it imports the compiler, so this waits for the first paint.

        What was asked for before, such as to run, happens then, in its order.
        """
        self.simulation.start()
        self._poll.start(POLL_MS)

    @property
    def document(self) -> Document:
        return self.history.document

    @property
    def setup(self) -> Setup:
        return self.document.setup

    @property
    def story(self) -> str:
        """What the document says of itself, while it shows the kind of model it tells of."""
        told = self.history.first.setup.model.learns
        return self.document.story if self.setup.model.learns == told else ""

    # edits

    def edit(self, change: Callable[[Document], Document], label: str, merge: str = "") -> bool:
        """Apply a pure edit; a refusal is shown and nothing is lost."""
        old = self.document
        try:
            new = change(old)
        except UserError as error:
            self.failed.emit(str(error))
            return False
        self.history.push(new, label, merge)
        self._follow(old)
        return True

    def seal(self) -> None:
        """A drag has ended: the next edit is a step of its own."""
        self.history.seal()

    def undo(self) -> None:
        """Take back the last edit."""
        old = self.document
        self.history.undo()
        self._follow(old)

    def redo(self) -> None:
        """Do it again."""
        old = self.document
        self.history.redo()
        self._follow(old)

    def open(self, document: Document) -> None:
        """Another document, with an empty past, paused at its cue."""
        self.history = History(document)
        self._counted = ""
        self.knowledge = Knowledge(self.simulation, document)
        self.simulation.pause()
        self.simulation.forget()
        self._load(restart=True, learn=True)
        self._take_speed()
        self.document_changed.emit()
        self.opened.emit()

    def saved_view(self) -> Document:
        """The document with what the window remembers and what was learned, for saving."""
        speed = {math.inf: "full", UNDRAWN: "undrawn"}.get(self.speed, self.speed)
        view = {**self.document.view, "speed": speed}
        return replace(self.document, view=view, learned=self.knowledge.of(self.document))

    @property
    def edited(self) -> bool:
        """Whether the document, or what a network has learned, differs from what was saved."""
        return self.history.edited or self.knowledge.grown(self.frame)

    def saved(self) -> None:
        """All of it is now on the disk."""
        self.history.saved()
        self.knowledge.saved(self.frame)

    def _follow(self, old: Document) -> None:
        """Bring the simulation up to the document with the least disturbance."""
        new = self.document
        if new is old:
            return
        a, b = old.setup, new.setup
        at_cue = self.frame is not None and self.frame.update == 0 and not self.frame.running
        cue_edited = a.cue is not b.cue or a.seed != b.seed
        reshaped = beginning(0, a) != beginning(0, b)
        learned = stored(old) != stored(new) or makes(a) != makes(b) or a.model != b.model
        touched = any(getattr(a, n) is not getattr(b, n) for n in ("painted", "lesions", "strokes"))
        pair = None if new.beside is None else {new.active, new.beside}
        swapped = pair is not None and (old.beside, old.active) == (new.active, new.beside)
        if swapped and len(old.setups) == len(new.setups):
            self._load(restart=False)
            self._swap_frames()
        elif reshaped or old.active != new.active or len(old.setups) > len(new.setups):
            self._load(restart=True, learn=True)
        elif old.beside != new.beside:  # one that comes brings both to the cue
            self._load(restart=cue_edited, learn=True)
        elif cue_edited or a != b or touched or learned:
            restart = cue_edited or (at_cue and a.strokes is b.strokes)
            self._load(restart=restart, learn=learned)
        elif at_cue and old.pattern(b.cue.pattern) is not new.pattern(b.cue.pattern):
            self._load(restart=True)
        self.document_changed.emit()
        if swapped and self.frame is not None:
            self.frame_arrived.emit(self.frame)

    def run_from(self, state: Units) -> int:
        """Run from these units, this once; returns the generation of the frames of it."""
        self._load(restart=True, learn=True, cue=state)
        self.simulation.run()
        return self._generation

    def leave(self) -> None:
        """Stand still here; what comes next begins at the document's cue again."""
        self.simulation.pause()
        self._load(restart=False)

    def _load(self, *, restart: bool, learn: bool = False, cue: Units | None = None) -> None:
        self._generation += 1
        document, index = self.document, self.document.active
        setup, (lead, other) = document.setup, self._resolvers.wanted(document, cue)
        begun = beginning(index, setup)
        if begun != self.begun:
            self._oldest, self.begun = self._generation, begun
        busy = "Learning the memories …" if learn and setup.N >= BUSY_NEURONS else ""
        if setup.model.learns and self.shelf.peek(setup.data) is None:
            busy = "Reading the images …"
        self.simulation.load(
            lead.prepare,
            self._generation,
            restart=restart,
            busy=busy,
            place=index,
            saved=self.knowledge.take_up(index),
            title=lead.title,
            beside=other,
        )

    def _swap_frames(self) -> None:
        """The other network leads: its picture is at hand."""
        frame = self.frame
        if frame is not None and frame.beside is not None:
            lead = replace(frame.beside, beside=replace(frame, beside=None))
            self.frame, self._waiting = lead, [True] * 3

    # time

    @property
    def running(self) -> bool:
        return self.frame is not None and self.frame.running

    def toggle(self) -> None:
        """Run or pause; from rest, run starts over at the cue."""
        moving = self.running or self.dreaming  # between two dreams it stands still
        self.steered.emit()
        if moving:
            self.simulation.pause()
            return
        frame = self.frame
        if frame is not None and _ended(frame):
            if frame.model.learns:  # what took long to learn is not thrown away by a key
                self.told.emit(
                    "All epochs are done. Ask for more epochs, or press Home to restart."
                )
                return
            self.simulation.restart()
        self.simulation.run()

    @property
    def strides(self) -> tuple[Stride, ...]:
        if self.frame is None or self.frame.problem is None:
            return (Stride("update", "update", "updates", 1),)
        return self.frame.model.strides(self.frame.problem)

    def step(self) -> None:
        """One chosen stride forward."""
        self.steered.emit()
        updates = self._stride_updates()
        self.simulation.step(updates)
        self.stepped.emit(updates)

    def back(self) -> None:
        """One chosen stride back."""
        self.steered.emit()
        self.simulation.pause()
        self.simulation.back(self._stride_updates())

    def restart(self) -> None:
        """Back to the cue."""
        self.steered.emit()
        self.simulation.restart()

    def seek(self, update: int) -> None:
        """Another moment of the recording."""
        self.steered.emit()
        self.simulation.pause()
        self.simulation.seek(update)

    def _stride_updates(self) -> int:
        strides = self.strides
        return strides[min(self.stride, len(strides) - 1)].updates

    def choose_stride(self, index: int) -> None:
        """Which stride the step buttons take."""
        self.stride = index

    def set_speed(self, speed: float) -> None:
        """Updates a second; FULL; or UNDRAWN."""
        self.speed = speed
        if speed == UNDRAWN:
            self.simulation.set_rate(math.inf, draw_gap=0.5)
        else:
            self.simulation.set_rate(speed)
        self.speed_changed.emit()

    def _take_speed(self) -> None:
        stored = self.document.view.get("speed")
        named = {"full": FULL, "undrawn": UNDRAWN}
        if isinstance(stored, str) and stored in named:
            self.set_speed(named[stored])
        elif isinstance(stored, (int, float)) and stored >= 1:
            self.set_speed(float(stored))
        else:
            self.set_speed(FULL if self.setup.model.learns else _round_speed(self.setup.N / 3))

    @property
    def suiting_speed(self) -> float:
        """A speed that suits the eye: a sweep in about three seconds."""
        frame = self.frame
        pace = frame.model.pace(frame.problem) if frame and frame.problem else self.setup.N / 3
        together = len(self.strides) == 1
        return 2.0 if together else FULL if math.isinf(pace) else _round_speed(pace)

    def fit_speed(self) -> None:
        """Choose that speed."""
        self.set_speed(self.suiting_speed)

    def choose_memory(self, index: int) -> None:
        """Take the memory with that place as the cue."""
        memories = self.document.memories
        if index < len(memories):
            key = memories[index].key
            self.edit(lambda d: edits.set_cue(d, source="memory", pattern=key), "choose the cue")

    def show_setup(self, index: int) -> None:
        """Bring another network of the document to the screen."""
        self.edit(lambda d: beside.show(d, index), "show another network")

    def look_at(self, neuron: int | None) -> None:
        """Show this neuron's field and weights."""
        self.simulation.look_at(neuron)

    # frames

    def poll(self) -> None:
        """Take the newest frame, if there is one."""
        frame = self.simulation.mailbox.take()
        if frame is None or frame.generation < self._oldest:
            self._take_turns()
            return
        self.frame, self._waiting = frame, [True] * 3
        self.knowledge.see(frame)
        self._follow_stride()
        self.frame_arrived.emit(frame)
        self._take_turns()
        if frame.error and frame.error != self._error:
            self.failed.emit(frame.error)
            self._error, self._failed_at = frame.error, frame.generation
        elif self._error and not frame.error and frame.generation > self._failed_at:
            self.mended.emit(self._error)  # another edit was accepted since
            self._error = ""

    def _take_turns(self) -> None:
        """Words, curve and bars follow one after another: together they would be a long frame."""
        frame = self.frame
        if frame is None:
            return
        self._turn = (self._turn + 1) % len(self._waiting)
        for k, signal in enumerate((self.words_due, self.curve_due, self.overlaps_due)):
            if self._waiting[k] and (k == self._turn or not frame.running):
                self._waiting[k] = False
                signal.emit(frame)

    def _follow_stride(self) -> None:
        """A step of all neurons is not an update of one: the speed means something else then."""
        if self.frame is None or self.frame.problem is None:
            return
        label = self.strides[0].label
        if self._counted not in ("", label):
            self.stride = 0
            self.fit_speed()
        self._counted = label

    def _name_outcome(self, frame: Frame) -> None:
        outcome = self._namer.name(frame)
        if outcome is not None:
            self.outcome = outcome
            self.outcome_changed.emit(outcome)

    def close(self) -> None:
        """End the worker; safe to call twice."""
        self._poll.stop()
        self.simulation.close()


def _ended(frame: Frame) -> bool:
    """Whether all that is on the screen is at rest, at its latest moment."""
    both = (frame,) if frame.beside is None else (frame, frame.beside)
    return all(f.rest is Rest.FIXED for f in both) and frame.update == frame.latest


def _round_speed(speed: float) -> float:
    """The nearest of 1, 2, 5, 10, … from below, at least 1."""
    power = 10.0 ** math.floor(math.log10(max(speed, 1.0)))
    return max(m * power for m in (1, 2, 5) if m * power <= max(speed, 1.0))
