"""The networks on the screen, one or two side by side: begun, kept up to date, photographed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
from lyapstudio.core.model import Model, Problem
from lyapstudio.engine.camera import Camera, Moment, empty
from lyapstudio.engine.couple import Couple, named
from lyapstudio.engine.kept import Kept, Saved, name_of
from lyapstudio.engine.run import Run

Prepare = Callable[[], tuple[Model, Problem]]


@dataclass(frozen=True)
class Wanted:
    """A network that is to be on the screen.

    prepare : resolves it, in the worker; place : tells the networks of a document apart
    """

    prepare: Prepare
    place: int = 0
    title: str = ""


class Networks:
    """Lives in the worker thread.

    camera : of the network that leads; what is looked at stays with it
    complaint : why one could not go on from what was saved, or ""
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.couple: Couple | None = None
        self.camera, self._beside = Camera(), Camera()
        self.complaint = ""
        self._tell = tell  # what takes time
        self._places: tuple[int, int | None] = (0, None)
        self._kept = Kept()

    def load(
        self, lead: Wanted, beside: Wanted | None, restart: bool, offered: dict[int, Saved]
    ) -> None:
        """Bring both up to date; keep their units unless `restart`.

        Where one has to begin anew, so does the other: the clock is theirs together.

        Raises
        ------
        UserError
            With the title of the network that it is about, where there are two.
        """
        self.complaint = ""
        self._arrange(lead, beside)
        anew = self._load_lead(lead, beside is not None, restart, offered)
        couple = self.couple
        assert couple is not None
        couple.titles = (lead.title, beside.title if beside else "")
        if beside is not None:
            try:
                self._load_other(couple, beside, anew)
            except Exception as error:
                raise named(beside.title, error) from error
        self.forget_cycle()

    def _arrange(self, lead: Wanted, beside: Wanted | None) -> None:
        """Who leads, and who leaves the screen."""
        couple, place = self.couple, beside.place if beside else None
        if couple is not None and couple.other is not None and (place, lead.place) == self._places:
            couple.swap()
            self._places = lead.place, place
            self.camera, self._beside = self._beside, self.camera
            self.camera.take_over(self._beside)
        if couple is not None and self._places[1] != place:
            couple.other = None
        self._places = self._places[0], place

    def _load_lead(
        self, lead: Wanted, paired: bool, restart: bool, offered: dict[int, Saved]
    ) -> bool:
        """Whether it has begun anew."""
        try:
            model, problem = lead.prepare()
        except Exception as error:
            if paired:
                raise named(lead.title, error) from error
            raise
        couple, place = self.couple, self._places[0]
        new = name_of(lead.place, model, problem)
        old = couple.lead if couple else None
        fits = old is not None and name_of(place, old.model, old.problem) == new
        late = couple is not None and paired and couple.other is None  # it begins, so both do
        if couple is not None and old is not None and fits and not restart and not late:
            if not old.holds(model, problem):
                couple.retune(old, model, problem)
            return False
        self.keep()
        self._places = lead.place, self._places[1]
        if model.learns and not fits:  # it takes long, and nothing of another may stay
            self.couple = None
            self._tell("Getting ready; the first time takes a moment …")
        run = self._begin(model, problem, offered.get(lead.place), warm=not fits)
        offered.pop(lead.place, None)  # only now: a network has begun with it
        other = couple.other if couple else None
        self.couple = Couple(run)
        self.couple.other = other
        self.camera.forget()
        return True

    def _load_other(self, couple: Couple, beside: Wanted, anew: bool) -> None:
        model, problem = beside.prepare()
        old, place = couple.other, beside.place
        new = name_of(place, model, problem)
        fits = old is not None and name_of(place, old.model, old.problem) == new
        if old is not None and fits and not anew:
            if not old.holds(model, problem):
                couple.retune(old, model, problem)
            return
        run = Run(model, problem)
        if not fits:
            model.warm(run.state.copy())
        couple.other = run
        self._beside.forget()
        if not anew:
            couple.lead.restart()
            self.camera.forget()

    def _begin(self, model: Model, problem: Problem, saved: Saved | None, warm: bool) -> Run:
        """A new run: from what it had learned before, else from the start."""
        found = self._kept.find(self._places[0], model, problem)
        kept = (model, saved) if saved else found
        run = Run(model, problem) if kept is None else self._resume(model, problem, *kept)
        if warm:
            model.warm(run.state.copy())
        return run

    def _resume(self, model: Model, problem: Problem, then: Model, saved: Saved) -> Run:
        """Go on from what was saved under the parameters of `then`."""
        try:
            run = Run(then, problem, saved=saved)
        except UserError as error:
            run = Run(model, problem)
            self.complaint = str(error)
        if run.model != model:
            run.retune(model, problem)
        return run

    # what they know

    def keep(self) -> None:
        """What the network that leaves the screen has learned."""
        if self.couple is not None:
            self._kept.keep(self._places[0], self.couple.lead)

    def learned(self) -> dict[int, Saved]:
        """What every network of the document has learned, by its place."""
        self.keep()
        return self._kept.learned()

    def forget(self) -> None:
        """Another document."""
        self._kept.clear()
        self.couple = None

    def weights(self) -> Any:
        """Those of the network that leads: they may be read while it goes on."""
        problem = self.couple.lead.problem if self.couple else None
        if problem is None or problem.weights is None:
            return None
        problem.weights.follow(problem.strokes)
        return copy.copy(problem.weights)

    # pictures

    def restarted(self) -> None:
        """Both are back at their cues."""
        for camera in (self.camera, self._beside):
            camera.forget()

    def forget_cycle(self) -> None:
        """The states were changed from outside."""
        for camera in (self.camera, self._beside):
            camera.forget_cycle()

    def picture(self, moment: Moment) -> Frame:
        """The present moment of the network that leads, with that of the other beside it."""
        couple = self.couple
        if couple is None:
            return empty(moment)
        frame = self.camera.picture(couple.lead, moment)
        if couple.other is None:
            return frame
        beside = self._beside.picture(couple.other, moment)
        clock: dict[str, Any] = {
            "update": couple.update,
            "latest": couple.latest,
            "reach": couple.reach,
        }
        lead, other = couple.titles
        return replace(frame, beside=replace(beside, title=other, **clock), title=lead, **clock)
