"""`lyapstudio weights`: a network's weights as a file; and what is told of them after a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lyapstudio.analysis.connectivity import summary
from lyapstudio.cli.parser import Parser, takes_settings
from lyapstudio.cli.progress import Interrupted, Progress, interruptible
from lyapstudio.cli.settings import changed, document
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Problem
from lyapstudio.document.nouns import Document
from lyapstudio.document.resolve import Resolver
from lyapstudio.document.weight_files.write import write_weights

LOOKED_AT = 2048
"""Neurons of a network all of whose weights are looked at."""
LISTED = 1 << 22
"""Connections that are looked at where weights are a list."""


def weights(words: list[str]) -> int:
    """`lyapstudio weights`."""
    parser = Parser(
        prog="lyapstudio weights",
        description="Write the weights of a network: w[i, j] is the weight from neuron j to "
        "neuron i, so rows listen and columns are listened to.",
    )
    takes_settings(parser)
    parser.add_argument("out", metavar="OUT", help="a file: .npy, .npz, .csv or .mtx")
    parser.add_argument("--json", action="store_true", help="print JSON (it always does)")
    options = parser.parse_args(words)
    chosen = changed(document(options.source), options.seed, options.set)
    problem = _resolved(chosen)
    progress = Progress(sys.stderr)
    try:
        with interruptible() as look:
            _write(problem, Path(options.out), progress, look)
    except Interrupted:
        progress.end()
        print("lyapstudio: Interrupted. No weights were written.", file=sys.stderr)
        return 130
    finally:
        progress.end()
    report = {"file": options.out, "neurons": problem.N, **weighed(problem)}
    print(json.dumps(report, allow_nan=False))
    return 0


def _resolved(chosen: Document) -> Problem:
    """The network on the screen, with everything that was done to its weights."""
    setup = chosen.setup
    if setup.model.learns or not setup.model.uses_rule:
        way = " Say lyapstudio train --out FILE.npz for what it learns." * setup.model.learns
        raise UserError(f"{setup.model.title} has no weights between neurons.{way}")
    _, problem = Resolver()(chosen, chosen.active)
    problem.weights.follow(problem.strokes)
    return problem


def _write(problem: Problem, path: Path, progress: Progress, look: Any) -> None:
    N = problem.N
    progress.begin("writing the weights", N, 0, "neurons")

    def report(fraction: float) -> None:
        look()
        progress.show(int(fraction * N))

    write_weights(path, problem.weights, report)


def weighed(problem: Problem) -> dict[str, Any]:
    """How the weights are held, and what they are like; null where that would take long."""
    W, lesions = problem.weights, problem.lesions
    listed = getattr(W, "connections", None)
    connections, isolated, asymmetry = None, None, 0.0 if W.symmetric else None
    if W.N <= LOOKED_AT or (listed is not None and listed.count <= LISTED):
        found = summary(W)
        connections, isolated, asymmetry = found.connections, found.isolated, found.asymmetry
    elif listed is not None:
        connections, isolated = listed.count, listed.isolated
    given = W.origin.material.given
    notes = given.notes if given is not None else ()
    return {
        "representation": W.cost.representation,
        "bytes": W.nbytes,
        "connections": connections,
        "isolated": isolated,
        "symmetric": W.symmetric,
        "asymmetry": asymmetry,
        "edited": W.overlay.count,
        "lesions": 0 if lesions is None else int(lesions.sum()),
        "note": " ".join(filter(None, (W.origin.note, *notes))),
    }
