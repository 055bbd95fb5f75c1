"""`lyapstudio train`: learning and its readout without a window, to be interrupted and gone on."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.cli.parser import Parser, takes_settings
from lyapstudio.cli.progress import Interrupted, Progress, interruptible
from lyapstudio.cli.result import Result, identity_of
from lyapstudio.cli.running import begun, described, goal, is_proved, or_none, resumed
from lyapstudio.cli.settings import changed, document
from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Model, Problem
from lyapstudio.document import files
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.nouns import Document, Learned, Setup
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run
from lyapstudio.engine.samples import Samples
from lyapstudio.engine.training import BASELINES, READOUT, Course, Training
from lyapstudio.models import model_id
from lyapstudio.weights.judging import error_of, judge, labels_of
from lyapstudio.weights.readout import Trainer

LOOK = 0.1
"""Seconds of learning between two looks whether somebody wants it to end."""
MOST = 1 << 20
"""Images between two looks, at most."""
LEARNING = "learning"
TITLES = {READOUT: "readout", **{c.id: f"baseline {c.id}" for c in BASELINES}}


def train(words: list[str]) -> int:
    """`lyapstudio train`."""
    options = _options(words)
    chosen = changed(document(options.source), options.seed, options.set)
    progress, task = Progress(sys.stderr), None
    try:
        with interruptible() as look:
            task = _prepared(chosen, options, progress, look)
            run = _learn(task)
            reading = _read(task, run) if options.readout else None
            task.result.save()
            if options.save:
                _save(task, run, reading, Path(options.save))
            report = _report(task, run, reading)
    except Interrupted:
        progress.end()
        said = "Interrupted before anything was learned."
        if task is not None:
            said = f"Interrupted. Run the same command again to go on from {options.out}."
        print(f"lyapstudio: {said}", file=sys.stderr)
        return 130
    finally:
        progress.end()
    print(json.dumps(report, allow_nan=False))
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="lyapstudio train",
        description="Let a network learn from images, then train its readout, without a window. "
        "Interrupted, it goes on where it was when the same command is run again.",
    )
    takes_settings(parser)
    parser.add_argument("--readout", action="store_true", help="then read the units by labels")
    parser.add_argument("--out", required=True, help="the NPZ file of results, and to go on from")
    parser.add_argument("--save", metavar="FILE.lyap", help="write what was learned as a document")
    parser.add_argument(
        "--epochs",
        type=int,
        help="stop learning after so many epochs; with --set epochs=N the step is also down to "
        "0 by then",
    )
    parser.add_argument(
        "--baselines",
        default="",
        metavar="LIST",
        help=f"what to compare the readout with, of {','.join(c.id for c in BASELINES)}",
    )
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    options = parser.parse_args(words)
    options.baselines = tuple(filter(None, (b.strip() for b in options.baselines.split(","))))
    known = [c.id for c in BASELINES]
    for name in options.baselines:
        if name not in known:
            raise UserError(f"There is no baseline called {name}. Known ones: {', '.join(known)}.")
    if options.baselines and not options.readout:
        raise UserError("Baselines are compared with a readout. Add --readout.")
    if options.epochs is not None and options.epochs < 0:
        raise UserError("--epochs is a whole number from 0 on.")
    if options.save and not Path(options.save).absolute().parent.is_dir():
        raise UserError(f"{options.save} has no folder to be saved in. Choose another --save.")
    return options


# preparing


@dataclass(frozen=True)
class Task:
    """One network of a document, what it learns from, and where the results go."""

    document: Document
    index: int
    model: Model
    problem: Problem
    data: DataSet
    baselines: tuple[str, ...]
    limit: int
    result: Result
    progress: Progress
    look: Callable[[], None]

    @property
    def setup(self) -> Setup:
        return self.document.setups[self.index]

    def show(self, done: int, words: str) -> None:
        """Tell how far it is; raises Interrupted where somebody wants it to end."""
        self.progress.show(done, words)
        self.look()


def _prepared(
    chosen: Document, options: argparse.Namespace, progress: Progress, look: Callable[[], None]
) -> Task:
    """Everything that can be wrong is found before hours of learning."""
    index = _place(chosen)
    setup, shelf = chosen.setups[index], Shelf()
    progress.begin("reading the images", 0, 0)

    def reading(fraction: float) -> None:
        look()
        progress.show(0, f"{fraction:.0%}")

    data = shelf.get(setup.data, reading)
    if options.readout:
        labels_of(data.train)
        Trainer(None, data, setup.readout, setup.seed)  # refuses images of one class
    model, problem = Resolver(shelf)(chosen, index)
    learned = chosen.learned.get(index)
    facts = {
        "model": [model_id(model), model.as_values()],
        "data": [data.digest, len(data.train), len(data.validation), len(data.test)],
        "seed": setup.seed,
        "epochs": options.epochs,
        "readout": setup.readout.as_values() if options.readout else None,
        "baselines": sorted(options.baselines),
    }
    identity = identity_of(facts, learned.network if learned else {})
    limit = goal(model, problem, options.epochs)
    result = Result(Path(options.out), identity)
    return Task(
        chosen, index, model, problem, data, options.baselines, limit, result, progress, look
    )


def _place(chosen: Document) -> int:
    """The network on the screen, or the first one that learns."""
    for k in (chosen.active, *range(len(chosen.setups))):
        if chosen.setups[k].model.learns:
            return k
    raise UserError("Nothing here learns from images. Try example:digits, or lyapstudio run.")


# learning without labels


def _learn(task: Task) -> Run:
    """Learn as far as is asked for; what is kept on the way is enough to go on."""
    run, samples = _begun(task)
    n = task.model.strides(task.problem)[-1].updates
    epochs = int(task.model.facts(run.state).get("epochs", 0)) or 1
    task.progress.begin("learning", min(task.limit, epochs * n), run.update)
    chunk = 1

    def keep() -> None:
        rows = samples.rows()
        task.result.arrays |= {
            "weights": task.model.read(run.state, "weights"),
            "update": rows[:, 0].astype(np.int64),
            "lyapunov": rows[:, 1],
        }
        task.result.put(LEARNING, run.state.dump())
        task.result.save()

    keep()  # at once: it also tells whether the file can be written
    try:
        while run.update < task.limit and not run.settled:
            task.show(run.update, _how_far(run, n, epochs))
            started = time.perf_counter()
            if not run.advance(min(chunk, task.limit - run.update), settle=True):
                break
            spent = max(time.perf_counter() - started, 1e-6)
            chunk = max(1, min(MOST, int(chunk * min(4.0, LOOK / spent))))
            if task.result.due:
                keep()
    except (Interrupted, UserError):
        keep()  # where learning fails these are the last good weights
        raise
    keep()
    return run


def _begun(task: Task) -> tuple[Run, Samples]:
    """From the result, else from the document, else from the start."""
    samples, result = Samples(), task.result
    saved = result.group(LEARNING)
    if not saved:
        return begun(task.document, task.index, task.model, task.problem, samples), samples
    run = resumed(task.model, task.problem, saved, None)
    samples.add(result.arrays["update"], result.arrays["lyapunov"])
    run.samples = samples
    return run, samples


def _how_far(run: Run, n: int, epochs: int) -> str:
    values, _ = run.model.noted(run.state)
    L = f"  {run.model.functions[0].symbol} {values[0]:.5f}" if values else ""
    return f"epoch {min(run.update // n + 1, epochs)} of {epochs}{L}"


# reading with labels


class Reading(Training):
    """Trains epoch by epoch what can be gone on from."""

    def __init__(self, task: Task, W: NDArray[np.float32]) -> None:
        model, problem, setup = task.model, task.problem, task.setup

        def untrained() -> NDArray[np.float32]:
            return model.read(model.start(problem), "weights")

        super().__init__(W, task.data, setup.readout, setup.seed, task.baselines, untrained)
        self._task = task

    def _train(self, course: Course, report: Callable[[float], None]) -> None:
        task, result = self._task, self._task.result
        trainer = self._trainer(course.name)
        trainer.watch_test = False  # the test images are read once, at the end
        saved = result.group(course.name)
        if saved:
            trainer.restore(saved)
        n, epochs = len(self.data.train), trainer.schooling.epochs
        task.progress.begin(TITLES[course.name], epochs * n, trainer.epochs * n)

        def show(fraction: float) -> None:
            done = trainer.epochs
            words = f"epoch {done + 1} of {epochs}"
            if done and len(self.data.validation):
                words += f"  validation {trainer.history[-1].validation_error:.2%}"
            task.show(int((done + fraction) * n), words)

        def keep() -> None:
            result.put(course.name, trainer.dump())
            result.save()

        try:
            while not trainer.finished:
                trainer.epoch(show)
                if result.due:
                    keep()
        except (Interrupted, UserError):
            keep()
            raise
        keep()
        course.scores = trainer.history
        course.reader = trainer.result()


def _read(task: Task, run: Run) -> Reading:
    """The readout and its baselines; what people want of them goes into the result."""
    reading = Reading(task, task.model.read(run.state, "weights"))
    reading(lambda fraction: None)
    readout, arrays = reading.readout, task.result.arrays
    if readout is not None:
        arrays |= {"S": readout.S, "scale": np.array(readout.scale), "history": readout.history}
        part = task.data.test if len(task.data.test) else task.data.validation
        if len(part):
            arrays["confusion"] = judge(readout, part).confusion
    return reading


def _save(task: Task, run: Run, reading: Reading | None, path: Path) -> None:
    before = task.document.learned.get(task.index)
    readout = before.readout if before else {}
    if reading is not None and reading.readout is not None:
        readout = reading.readout.dump()
    learned = {**task.document.learned, task.index: Learned(run.state.dump(), readout)}
    files.save(replace(task.document, learned=learned), path)


# what is printed


def _report(task: Task, run: Run, reading: Reading | None) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if reading is not None:
        each = {course.name: _errors(task, course) for course in reading.courses.values()}
        errors |= each.pop(READOUT)
        if each:
            errors["baselines"] = each
    return {**described(run, _function(task, run), task.result.seconds), **errors}


def _errors(task: Task, course: Course) -> dict[str, float | None]:
    """Fractions read wrongly; null where there are no such images."""
    parts = {"test": task.data.test, "validation": task.data.validation, "train": task.data.train}
    if course.reader is None:
        return {}
    return {f"{k}_error": or_none(error_of(course.reader, part)) for k, part in parts.items()}


def _function(task: Task, run: Run) -> dict[str, Any]:
    """The first function, from all its samples: the same however often it was interrupted."""
    values = task.result.arrays["lyapunov"]
    if not len(values):
        return {"first": None, "last": None, "wrong_moves": 0, "guaranteed": False}
    moves = -run.model.functions[0].direction.value * np.diff(values)
    return {
        "first": float(values[0]),
        "last": float(values[-1]),
        "wrong_moves": int(np.count_nonzero(moves > run.model.tolerance(run.state))),
        "guaranteed": is_proved(run),
    }
