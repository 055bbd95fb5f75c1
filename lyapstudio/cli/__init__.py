"""The command line: the window, and everything that works without one, over the same engine."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads of its own would fight the window

import io
import json
import sys
from collections.abc import Sequence

from lyapstudio.cli.parser import Parser
from lyapstudio.core.build import build


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may know no “½”
    try:
        status = COMMANDS[words[0]](words[1:]) if words and words[0] in COMMANDS else _window(words)
        _tell_of_kernels()
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


def _streams() -> None:
    """A program without a terminal has none, and must not fail for that."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _tell_of_kernels() -> None:
    """What was wrong with kept kernels and no window has said."""
    kept = sys.modules.get("lyapstudio.core.kernel_cache")
    for sentence in kept.complaints() if kept is not None else ():
        print(f"lyapstudio: {sentence}", file=sys.stderr)


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
        epilog=f"Commands without a window: {', '.join(COMMANDS)}. "
        "`lyapstudio COMMAND --help` explains one.",
    )
    parser.add_argument("file", nargs="?", help="a .lyap document, or example:NAME")
    parser.add_argument("--version", action="version", version=f"lyapstudio {build().line}")
    options = parser.parse_args(words)
    from lyapstudio.app import start

    return start(options.file)


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


# what needs numpy is imported where it is asked for: --version answers at once


def _examples(words: list[str]) -> int:
    from lyapstudio.cli.listing import examples

    return examples(words)


def _save(words: list[str]) -> int:
    from lyapstudio.cli.listing import save

    return save(words)


def _models(words: list[str]) -> int:
    from lyapstudio.cli.listing import models

    return models(words)


def _run(words: list[str]) -> int:
    from lyapstudio.cli.running import run

    return run(words)


def _train(words: list[str]) -> int:
    from lyapstudio.cli.training import train

    return train(words)


def _weights(words: list[str]) -> int:
    from lyapstudio.cli.weights import weights

    return weights(words)


def _kernels(words: list[str]) -> int:
    from lyapstudio.cli.kernels import kernels

    return kernels(words)


COMMANDS = {
    "examples": _examples,
    "save": _save,
    "models": _models,
    "run": _run,
    "train": _train,
    "weights": _weights,
    "check": _check,
    "kernels": _kernels,
}
