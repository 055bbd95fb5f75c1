"""The document that a command works on: where it is, and what --seed and --set make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Params
from lyapstudio.document import edits, files, rewiring
from lyapstudio.document.examples import example
from lyapstudio.document.nouns import Document, Setup
from lyapstudio.document.weight_files.read import read_weights
from lyapstudio.models import model_id
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

Change = Callable[..., Document]


def document(source: str) -> Document:
    """The example or the file."""
    if source.startswith("example:"):
        return example(source.removeprefix("example:")).build()
    return files.load(Path(source))


def changed(document: Document, seed: int | None, settings: list[str]) -> Document:
    """The document with --seed and --set applied to every setup that knows the parameter.

    What a network has learned is given up where it would have begun in another way.
    """
    old, active, places = document.setups, document.active, range(len(document.setups))
    if seed is not None:
        for k in places:
            document = edits.set_seed(edits.show_setup(document, k), seed)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise UserError(f"--set wants NAME=VALUE, not {setting}.")
        document = _everywhere(document, active, name.strip(), text.strip())
    new = document.setups
    learned = {k: v for k, v in document.learned.items() if beginning(old[k]) == beginning(new[k])}
    return edits.show_setup(replace(document, learned=learned), active)


def _everywhere(document: Document, active: int, name: str, text: str) -> Document:
    """Set it in every network that knows it; else the network on the screen says what it knows.

    Where a name means one thing to some networks and another to others, like `rule`, those to
    whom the value means something take it.
    """
    knowing = [k for k, setup in enumerate(document.setups) if _knows(setup, name)]
    owners = sum(_owner(document.setups[k], name) is not None for k in knowing)
    two_meanings, refused = 0 < owners < len(knowing), []
    for k in knowing or (active,):
        try:
            document = _set(edits.show_setup(document, k), name, text)
        except UserError as error:
            refused.append(error)
    if refused and not (two_meanings and len(refused) < len(knowing)):
        raise refused[0]
    return document


def beginning(setup: Setup) -> tuple[Any, ...]:
    """What learning begins with: where it differs, a network cannot go on."""
    return (model_id(setup.model), setup.model.identity(), setup.data, setup.seed)


def _owners(setup: Setup) -> dict[str, tuple[Params, Change]]:
    """Who has parameters, the first one first, and what changes them."""
    model: dict[str, tuple[Params, Change]] = {"model": (setup.model, edits.set_parameters)}
    if setup.model.learns:
        return {
            **model,
            "readout": (setup.readout, edits.set_readout_parameters),
            "data": (setup.data, edits.set_data_parameters),
        }
    return {
        **model,
        "rule": (setup.rule, edits.set_rule_parameters),
        "wiring": (setup.wiring, edits.set_wiring_parameters),
        "cue": (setup.cue, edits.set_cue),
    }


def _knows(setup: Setup, name: str) -> bool:
    """A parameter of it, or something that it has as a whole."""
    if _owner(setup, name) is not None or name == "model":
        return True
    return name in WHOLE and (name == "data") == setup.model.learns


def _owner(setup: Setup, name: str) -> tuple[Params, Change, str] | None:
    """Whose parameter NAME or OWNER.NAME is."""
    owner, dot, rest = name.rpartition(".")
    for id, (params, change) in _owners(setup).items():
        if rest in params.specs() and (not dot or owner == id):
            return params, change, rest
    return None


def _set(document: Document, name: str, text: str) -> Document:
    found = _owner(document.setup, name)
    if found is None and name in WHOLE:
        return WHOLE[name](document, text)
    if found is None:
        names = [n for params, _ in _owners(document.setup).values() for n in params.specs()]
        known = ", ".join(dict.fromkeys([*names, *WHOLE]))
        raise UserError(f"There is no parameter called {name}. Known ones: {known}.")
    params, change, name = found
    return change(document, **{name: params.specs()[name].parse(name, text)})


def _set_rule(document: Document, text: str) -> Document:
    if text not in rules():
        raise UserError(f"There is no rule called {text}. Known rules: {', '.join(rules())}.")
    return edits.set_rule(document, text)


def _set_wiring(document: Document, text: str) -> Document:
    known, model = wirings(), document.setup.model
    if model.learns:
        raise UserError(f"{model.title} learns from images and has no wiring to choose.")
    if text not in known:
        raise UserError(f"There is no wiring called {text}. Known wirings: {', '.join(known)}.")
    return edits.set_wiring(document, known[text]())


def _set_weights(document: Document, text: str) -> Document:
    """Those of a file, in place of what rule and wiring made."""
    if not text:
        raise UserError("--set weights= wants a file: NPY, NPZ, CSV, TSV, TXT or MTX.")
    if not document.setup.model.uses_rule:
        raise UserError(
            f"{document.setup.model.title} has no weights between neurons. Add "
            "--set model=hopfield1982 before them."
        )
    return rewiring.set_given(document, read_weights(text, document.setup.N))


def _set_data(document: Document, text: str) -> Document:
    """Divided as before."""
    kind, _, rest = text.partition(":")
    new: dict[str, Any] = {"kind": "file", "path": str(Path(text).absolute()), "ready": ""}
    if text == "mnist":
        new = {"kind": "mnist", "path": "", "ready": ""}
    elif kind == "ready" and rest:
        new = {"kind": "ready", "path": "", "ready": rest}
    elif not text:
        raise UserError("--set data= wants mnist, ready:NAME, or a file or folder.")
    return edits.set_data(document, replace(document.setup.data, digest="", title="", **new))


WHOLE: dict[str, Callable[[Document, str], Document]] = {
    "rule": _set_rule,
    "wiring": _set_wiring,
    "weights": _set_weights,
    "model": edits.set_model,
    "data": _set_data,
}
"""What --set exchanges as a whole."""
