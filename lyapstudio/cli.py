"""The command line: the window, and everything that works without one, over the same engine."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads of its own would fight the window

import argparse
import io
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from lyapstudio import __version__
from lyapstudio.core.errors import UserError

SWEEPS = 1000
"""Where a run without --updates ends if it never settles."""


class Parser(argparse.ArgumentParser):
    """Errors are one line on standard error, exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Say what to do and leave."""
        print(f"lyapstudio: {message} (try: lyapstudio --help)", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may know no “½”
    try:
        status = COMMANDS[words[0]](words[1:]) if words and words[0] in COMMANDS else _window(words)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read has had enough; Python must not flush again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(f"lyapstudio: {_sentence(error)}", file=sys.stderr)
        return 2


def _sentence(error: Exception) -> str:
    """What to do, on one line."""
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    from lyapstudio.engine.explain import explain

    said = explain(error, "This is a fault of the program", " Please report it.")
    return " ".join(said.splitlines())


def _window(words: list[str]) -> int:
    parser = Parser(
        prog="lyapstudio",
        description="Networks whose dynamics are governed by a Lyapunov function.",
        epilog="Commands without a window: examples, save, models, run, check. "
        "`lyapstudio COMMAND --help` explains one.",
    )
    parser.add_argument("file", nargs="?", help="a .lyap document, or example:NAME")
    parser.add_argument("--version", action="version", version=f"lyapstudio {__version__}")
    options = parser.parse_args(words)
    from lyapstudio.app import start

    return start(options.file)


def _examples(words: list[str]) -> int:
    Parser(prog="lyapstudio examples", description="List the examples.").parse_args(words)
    from lyapstudio.document.examples import examples

    for example in examples().values():
        print(f"{example.id}  {example.title}: {example.caption}")
    return 0


def _save(words: list[str]) -> int:
    parser = Parser(prog="lyapstudio save", description="Write an example as a document.")
    parser.add_argument("source", help="example:NAME, or a document to save again")
    parser.add_argument("file", help="where to write it")
    options = parser.parse_args(words)
    from lyapstudio.document.files import save

    save(_document(options.source), Path(options.file))
    return 0


def _models(words: list[str]) -> int:
    parser = Parser(prog="lyapstudio models", description="List every model and parameter.")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(words)
    from lyapstudio.models import models
    from lyapstudio.weights.rules import rules
    from lyapstudio.weights.wiring import wirings

    groups: dict[str, dict[str, Any]] = {
        "models": dict(models()),
        "rules": dict(rules()),
        "wirings": dict(wirings()),
    }
    described = {
        group: [_described(id, cls) for id, cls in members.items()]
        for group, members in groups.items()
    }
    if options.json:
        print(json.dumps(described, allow_nan=False))
        return 0
    for group, members in described.items():
        print(group)
        for member in members:
            print(f"  {member['id']}  {member['title']}")
            for p in member["parameters"]:
                print(f"    {p['name']} = {p['default']}  {p['help']}")
    return 0


def _described(id: str, cls: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": cls.title,
        "parameters": [
            {
                "name": name,
                "label": spec.label,
                "kind": spec.kind,
                "default": spec.default,
                "range": [None if math.isinf(x) else x for x in (spec.low, spec.high)]
                if spec.kind in ("number", "integer")
                else None,
                "choices": [c.id for c in spec.choices] or None,
                "unit": spec.unit,
                "help": spec.help,
            }
            for name, spec in cls.specs().items()
        ],
    }


def _document(source: str) -> Any:
    if source.startswith("example:"):
        from lyapstudio.document.examples import example

        return example(source.removeprefix("example:")).build()
    from lyapstudio.document.files import load

    return load(Path(source))


def _run(words: list[str]) -> int:
    parser = Parser(prog="lyapstudio run", description="Run a document without a window.")
    parser.add_argument("source", metavar="FILE|example:NAME")
    parser.add_argument("--updates", type=int, help="stop after so many updates")
    parser.add_argument("--seed", type=int, help="another seed")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter, or rule=NAME"
    )
    parser.add_argument("--out", help="write state, overlaps, update and lyapunov as NPZ")
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    options = parser.parse_args(words)
    if options.updates is not None and options.updates < 0:
        raise UserError("--updates is a whole number from 0 on.")
    document = _changed(_document(options.source), options.seed, options.set)
    results = [_run_setup(document, k, options.updates) for k in range(len(document.setups))]
    report, arrays = results[document.active]
    if len(results) > 1:
        titles = [setup.title for setup in document.setups]
        report = {
            **report,
            "setups": [{"title": t, **r} for t, (r, _) in zip(titles, results, strict=True)],
        }
    if options.out:
        from lyapstudio.document.export import save_npz

        save_npz(Path(options.out), arrays)
    print(json.dumps(report, allow_nan=False))
    return 0


def _changed(document: Any, seed: int | None, settings: list[str]) -> Any:
    """The document with --seed and --set applied to every setup that knows the parameter."""
    from lyapstudio.document import edits

    active, setups = document.active, range(len(document.setups))
    if seed is not None:
        for k in setups:
            document = edits.set_seed(edits.show_setup(document, k), seed)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise UserError(f"--set wants NAME=VALUE, not {setting}.")
        name = name.strip()
        knowing = [k for k in setups if name in _names(document.setups[k])]
        for k in knowing or (active,):
            document = _set(edits.show_setup(document, k), name, text.strip())
    return edits.show_setup(document, active)


def _names(setup: Any) -> list[str]:
    """What --set may name."""
    return [*setup.model.specs(), *setup.rule.specs(), *setup.cue.specs(), "rule", "model"]


def _set(document: Any, name: str, text: str) -> Any:
    from lyapstudio.document import edits
    from lyapstudio.weights.rules import rules

    setup = document.setup
    if name == "rule":
        if text not in rules():
            raise UserError(f"There is no rule called {text}. Known rules: {', '.join(rules())}.")
        return edits.set_rule(document, text)
    if name == "model":
        return edits.set_model(document, text)
    for owner, change in (
        (setup.model, edits.set_parameters),
        (setup.rule, edits.set_rule_parameters),
        (setup.cue, edits.set_cue),
    ):
        spec = owner.specs().get(name)
        if spec is not None:
            return change(document, **{name: spec.parse(name, text)})
    known = ", ".join(_names(setup))
    raise UserError(f"There is no parameter called {name}. Known ones: {known}.")


def _run_setup(document: Any, index: int, updates: int | None) -> tuple[dict, dict]:
    import numpy as np

    from lyapstudio.analysis.outcome import name_outcome
    from lyapstudio.document.resolve import Resolver
    from lyapstudio.engine.run import Run
    from lyapstudio.engine.samples import Samples

    model, problem = Resolver()(document, index)
    samples = Samples()
    started = time.perf_counter()
    run = Run(model, problem, samples=samples)
    proved = _proved(model, run)
    limit = SWEEPS * model.strides(problem)[-1].updates if updates is None else updates
    while run.update < limit and not run.settled:
        if not run.advance(min(limit - run.update, 1 << 20), settle=True):
            break
    seconds = time.perf_counter() - started
    units, overlaps = model.read(run.state, "units"), model.read(run.state, "overlaps")
    flipping = run.flipping()
    outcome = name_outcome(
        overlaps,
        run.rest,
        problem.names,
        state=units,
        memories=problem.memories,
        running=True,
        flips_in_cycle=None if flipping is None else len(flipping),
    )
    rows = samples.rows()
    report = {
        "model": model.title,
        "seed": problem.seed,
        "updates": run.update,
        "settled": run.settled,
        "outcome": outcome.title,
        "detail": outcome.detail,
        "lyapunov": {**_counted(run), "guaranteed": proved and _proved(model, run)},
        "seconds": round(seconds, 6),
    }
    arrays = {
        "state": units.reshape(problem.rows, problem.cols),
        "overlaps": overlaps,
        "update": rows[:, 0].astype(np.int64),
        "lyapunov": rows[:, 1],
    }
    return report, arrays


def _counted(run: Any) -> dict[str, Any]:
    """The first function's counters; null where it is not defined."""
    if not run.trace.counters:
        return {"first": None, "last": None, "wrong_moves": 0}
    c = run.trace.counters[0]
    first, last = (None if math.isnan(x) else x for x in (c.first, c.last))
    return {"first": first, "last": last, "wrong_moves": c.wrong_moves}


def _proved(model: Any, run: Any) -> bool:
    """Whether the first function is proved monotone from this moment."""
    guarantees = model.guarantees(run.state)
    return bool(guarantees and guarantees[0].holds)


def _check(words: list[str]) -> int:
    parser = Parser(
        prog="lyapstudio check", description="Open the window, run every example, report."
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(words)
    from lyapstudio.app import check

    report = check()
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for key, value in report.items():
            for line in value if isinstance(value, list) else [value]:
                print(f"{key:22} {line}")
    return 0 if report["ok"] else 1


COMMANDS = {
    "examples": _examples,
    "save": _save,
    "models": _models,
    "run": _run,
    "check": _check,
}
