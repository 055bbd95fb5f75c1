"""`lyapstudio run`: the networks of a document, until they have settled or learned."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.analysis.outcome import Outcome, name_learning, name_outcome
from lyapstudio.cli.parser import Parser, takes_settings
from lyapstudio.cli.settings import changed, document
from lyapstudio.cli.weights import weighed
from lyapstudio.core.data import DataSet
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Model, Problem
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.export import save_npz
from lyapstudio.document.nouns import Document
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run
from lyapstudio.engine.samples import Samples
from lyapstudio.weights.judging import error_of
from lyapstudio.weights.readout import Readout

SWEEPS = 1000
"""Where a run without --updates ends if it never settles."""
ENDLESS = sys.maxsize

Arrays = dict[str, NDArray[Any]]
Report = dict[str, Any]


def run(words: list[str]) -> int:
    """`lyapstudio run`."""
    parser = Parser(prog="lyapstudio run", description="Run a document without a window.")
    takes_settings(parser)
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--updates", type=int, help="stop after so many updates")
    limits.add_argument(
        "--epochs",
        type=int,
        help="stop learning after so many epochs; with --set epochs=N the step is also down to "
        "0 by then",
    )
    parser.add_argument(
        "--weights", metavar="FILE", help="take all weights from a file: rows listen, columns speak"
    )
    parser.add_argument(
        "--out", help="write state, overlaps (or weights), update and lyapunov as NPZ"
    )
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    options = parser.parse_args(words)
    for name in ("updates", "epochs"):
        if (getattr(options, name) or 0) < 0:
            raise UserError(f"--{name} is a whole number from 0 on.")
    brought = [f"weights={options.weights}"] if options.weights is not None else []
    chosen = changed(document(options.source), options.seed, options.set + brought)
    if options.epochs is not None and not any(s.model.learns for s in chosen.setups):
        raise UserError("Nothing is learned in epochs here. Say --updates N instead.")
    shelf = Shelf()
    results = [
        run_setup(chosen, k, options.updates, options.epochs, shelf)
        for k in range(len(chosen.setups))
    ]
    report, arrays = results[chosen.active]
    if len(results) > 1:
        titles = [setup.title for setup in chosen.setups]
        report = {
            **report,
            "setups": [{"title": t, **r} for t, (r, _) in zip(titles, results, strict=True)],
        }
    if options.out:
        save_npz(Path(options.out), arrays)
    print(json.dumps(report, allow_nan=False))
    return 0


def run_setup(
    document: Document, index: int, updates: int | None, epochs: int | None, shelf: Shelf
) -> tuple[Report, Arrays]:
    """Run one network; what is printed and what is written of it."""
    model, problem = Resolver(shelf)(document, index)
    limit = goal(model, problem, epochs)
    samples = Samples()
    started = time.perf_counter()
    run = begun(document, index, model, problem, samples)
    proved = is_proved(run)
    if updates is not None:
        limit = updates
    while run.update < limit and not run.settled:
        if not run.advance(min(limit - run.update, 1 << 20), settle=True):
            break
    seconds = time.perf_counter() - started
    function = {**_counted(run), "guaranteed": proved and is_proved(run)}
    report = described(run, function, seconds)
    rows = samples.rows()
    curve = {"update": rows[:, 0].astype(np.int64), "lyapunov": rows[:, 1]}
    if model.learns:
        return {**report, **_read(document, index, problem.data)}, {
            "weights": model.read(run.state, "weights"),
            **curve,
        }
    units, overlaps = model.read(run.state, "units"), model.read(run.state, "overlaps")
    if problem.weights is not None:
        report["weights"] = weighed(problem)
    return report, {
        "state": units.reshape(problem.rows, problem.cols),
        "overlaps": overlaps,
        **curve,
    }


def begun(document: Document, index: int, model: Model, problem: Problem, samples: Samples) -> Run:
    """A run from the start, or from where the document's learning has come to."""
    learned = document.learned.get(index)
    if learned is None or not learned.network:
        return Run(model, problem, samples=samples)
    return resumed(model, problem, learned.network, samples)


def resumed(model: Model, problem: Problem, saved: Arrays, samples: Samples | None) -> Run:
    """A run from what was saved.

    Raises
    ------
    UserError
        it is damaged, or of another network
    """
    try:
        return Run(model, problem, samples=samples, saved=saved)
    except UserError as error:
        reason = str(error).removesuffix(" It starts anew.")
        raise UserError(f"{reason} Give another --seed to start anew.") from None


def goal(model: Model, problem: Problem, epochs: int | None) -> int:
    """The update at which a run ends that has not settled before."""
    sweep = model.strides(problem)[-1].updates
    if not model.learns:
        return SWEEPS * sweep
    if epochs is None:
        return ENDLESS
    most = int(model.as_values().get("epochs", epochs))
    if epochs > most:
        raise UserError(
            f"The document asks for {most} epochs only. Add --set epochs={epochs} for {epochs}."
        )
    return epochs * sweep


def described(run: Run, function: Report, seconds: float) -> Report:
    """What is printed of every run."""
    model = run.model
    outcome = _named(run)
    report = {
        "model": model.title,
        "seed": run.problem.seed,
        "updates": run.update,
        "settled": run.settled,
        "outcome": outcome.title,
        "detail": outcome.detail,
        "lyapunov": function,
        "seconds": round(seconds, 6),
    }
    facts = model.facts(run.state)
    names = ("epoch", "winners", "dead_units", "norm_error")
    return {**report, **{name: facts[name] for name in names if name in facts}}


def _named(run: Run) -> Outcome:
    model, state, problem = run.model, run.state, run.problem
    if model.learns:
        return name_learning(model.facts(state), run.rest, running=False)
    flipping = run.flipping()
    return name_outcome(
        model.read(state, "overlaps"),
        run.rest,
        problem.names,
        state=model.read(state, "units"),
        memories=problem.memories,
        running=True,
        flips_in_cycle=None if flipping is None else len(flipping),
        period=model.period(state),
    )


def _read(document: Document, index: int, data: DataSet | None) -> Report:
    """The test error of the readout that the document holds; nothing where there is none."""
    learned = document.learned.get(index)
    if learned is None or not learned.readout or data is None:
        return {}
    readout = Readout.restore(learned.readout)
    inputs = (readout.S if readout.W is None else readout.W).shape[1]
    if readout.classes != data.classes or inputs != data.N:
        raise UserError("The readout in this document is of other data. Train it again.")
    return {"test_error": or_none(error_of(readout, data.test))}


def or_none(value: float) -> float | None:
    """JSON knows no NaN."""
    return None if math.isnan(value) else value


def _counted(run: Run) -> Report:
    """The first function's counters; null where it is not defined."""
    if not run.trace.counters:
        return {"first": None, "last": None, "wrong_moves": 0}
    c = run.trace.counters[0]
    return {"first": or_none(c.first), "last": or_none(c.last), "wrong_moves": c.wrong_moves}


def is_proved(run: Run) -> bool:
    """Whether the first function is proved monotone from this moment."""
    guarantees = run.model.guarantees(run.state)
    return bool(guarantees and guarantees[0].holds)
