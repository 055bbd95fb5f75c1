"""What the program has: examples, documents to write, models and their parameters."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from lyapstudio.cli.parser import Parser
from lyapstudio.cli.settings import document
from lyapstudio.core.param import Params
from lyapstudio.document import examples as shelf
from lyapstudio.document import files
from lyapstudio.document.datasets.source import Source
from lyapstudio.models import models as known_models
from lyapstudio.weights.readout import ReadoutParams
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings


def examples(words: list[str]) -> int:
    """`lyapstudio examples`."""
    Parser(prog="lyapstudio examples", description="List the examples.").parse_args(words)
    for example in shelf.examples().values():
        print(f"{example.id}  {example.title}: {example.caption}")
    return 0


def save(words: list[str]) -> int:
    """`lyapstudio save`."""
    parser = Parser(prog="lyapstudio save", description="Write an example as a document.")
    parser.add_argument("source", help="example:NAME, or a document to save again")
    parser.add_argument("file", help="where to write it")
    options = parser.parse_args(words)
    files.save(document(options.source), Path(options.file))
    return 0


def models(words: list[str]) -> int:
    """`lyapstudio models`."""
    parser = Parser(prog="lyapstudio models", description="List every model and parameter.")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    options = parser.parse_args(words)
    described = {
        "models": [_described(id, cls.title, cls) for id, cls in known_models().items()],
        "rules": [_described(id, cls.title, cls) for id, cls in rules().items()],
        "wirings": [_described(id, cls.title, cls) for id, cls in wirings().items()],
        "readout": [_described("readout", "Readout", ReadoutParams)],
        "data": [_described("data", "Data set", Source)],
    }
    if options.json:
        print(json.dumps(described, allow_nan=False))
        return 0
    for group, members in described.items():
        print(group)
        for member in members:
            print(f"  {member['id']}  {member['title']}")
            for p in member["parameters"]:
                print(f"    {p['name']} = {p['default']}  {_range(p)}  {p['help']}")
    return 0


def _range(parameter: dict[str, Any]) -> str:
    """What values it takes, for people."""
    if parameter["choices"]:
        return f"[{' | '.join(parameter['choices'])}]"
    if parameter["range"] is None:
        return "[on | off]"
    low, high = ("…" if end is None else f"{end:g}" for end in parameter["range"])
    return f"[{low} to {high}]"


def _described(id: str, title: str, cls: type[Params]) -> dict[str, Any]:
    return {
        "id": id,
        "title": title,
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
