"""Pure functions Document -> Document on single weights: strokes, lesions, dreams, repairs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Repair
from lyapstudio.core.rng import numpy_generator
from lyapstudio.document import edits
from lyapstudio.document.edits import with_setup
from lyapstudio.document.given import Given
from lyapstudio.document.nouns import Document, Setup, frozen
from lyapstudio.weights.dreams import Dream, Dreaming
from lyapstudio.weights.rules import rules
from lyapstudio.weights.strokes import MOST, Stroke
from lyapstudio.weights.wiring import wirings

STRONGEST = 100.0
"""Size of a weight set by hand, in the paper's units, at most."""
MAX_DREAMS = 1000
ASLEEP = 4
"""Purpose of the random numbers with which dreams begin."""


def add_stroke(
    document: Document,
    into: NDArray[Any],
    out_of: NDArray[Any],
    value: float,
    *,
    mode: Any = "set",
    block: bool = False,
    both: bool = True,
) -> Document:
    """Set, or strengthen, single weights or a bundle; see weights/strokes.py."""
    if not np.isfinite(value) or abs(value) > STRONGEST:
        raise UserError(f"A weight lies between −{STRONGEST:g} and {STRONGEST:g}.")
    stroke = Stroke(
        frozen(into, np.int32),
        frozen(out_of, np.int32),
        frozen(np.array([value]), np.float64),
        mode,
        block,
        both,
    )
    if not stroke.count:
        return document
    setup = document.setup
    if sum(s.count for s in setup.strokes) + stroke.count > MOST:
        raise UserError(
            f"At most {MOST:,} weights can be edited by hand, and this bundle has "
            f"{stroke.count:,}. Paint smaller groups, or choose a wiring that does the same."
        )
    return with_setup(document, strokes=(*setup.strokes, stroke))


def clear_strokes(document: Document) -> Document:
    """All weights as rule and wiring made them."""
    return with_setup(document, strokes=())


def lesion(document: Document, where: NDArray[np.int64] | None, silent: bool = True) -> Document:
    """Silence neurons for good, or wake them; `where` None wakes all."""
    setup = document.setup
    if where is None:
        return with_setup(document, lesions=None)
    shape = (setup.rows, setup.cols)
    lesions = np.zeros(shape, bool) if setup.lesions is None else setup.lesions.copy()
    lesions.reshape(-1)[where] = silent
    if lesions.all():
        raise UserError("At least one neuron has to live.")
    if setup.lesions is not None and np.array_equal(lesions, setup.lesions):
        return document
    return with_setup(document, lesions=frozen(lesions, np.bool_) if lesions.any() else None)


def unlearn(document: Document, state: NDArray[np.int8], strength: float) -> Document:
    """Take a state that was dreamt away from the weights, a little."""
    setup = document.setup
    if len(setup.dreams) >= MAX_DREAMS:
        raise UserError(f"A network dreams at most {MAX_DREAMS:,} times. Take its dreams back.")
    dream = Dream(frozen(state), strength)
    return with_setup(document, dreams=(*setup.dreams, dream))


def dream_start(setup: Setup) -> NDArray[np.int8]:
    """(N,) int8 read-only: where the next dream begins; the same in the same document."""
    coin = numpy_generator(setup.seed, ASLEEP, len(setup.dreams)).integers(0, 2, setup.N)
    return frozen(2 * coin - 1)


def dreaming(document: Document) -> Dreaming:
    """How this document dreams; the defaults where a file says nothing that can be read."""
    values = document.view.get("dream", {})
    try:
        return Dreaming.from_values(values) if isinstance(values, dict) else Dreaming()
    except UserError:
        return Dreaming()


def set_dreaming(document: Document, **values: Any) -> Document:
    """How the next dreams are to be."""
    wanted = dreaming(document).changed(**values)
    return replace(document, view={**document.view, "dream": wanted.as_values()})


def forget_dreams(document: Document) -> Document:
    """As if it had never dreamt."""
    return with_setup(document, dreams=())


def set_given(document: Document, given: Given) -> Document:
    """Weights from a file, all of them; what was edited before belongs to other weights."""
    setup = document.setup
    if given.N != setup.N:
        raise UserError(
            f"{given.title} holds the weights of {given.N:,} neurons, the network has "
            f"{setup.N:,}. Change the size of the network first."
        )
    own = bool((given.into == given.out_of).any())
    plain = wirings()["all-to-all"](own=own)
    return with_setup(
        document, rule=rules()["hand"](), wiring=plain, given=given, strokes=(), dreams=()
    )


def repair(document: Document, wanted: Repair) -> Document:
    """Restore a broken assumption, as the badge offers it."""
    if wanted.of == "weights":
        return REPAIRS[wanted.values["edit"]](document)
    change = {
        "model": edits.set_parameters,
        "rule": edits.set_rule_parameters,
        "wiring": edits.set_wiring_parameters,
    }[wanted.of]
    return change(document, **wanted.values)


def _symmetrise(document: Document) -> Document:
    """What was edited one way is edited both ways; a file's weights become (w + w^T)/2."""
    setup = document.setup
    strokes = tuple(s if s.both else replace(s, both=True) for s in setup.strokes)
    given = setup.given
    if given is not None and setup.rule.id == "hand" and not given.symmetric:
        given = given.symmetrised()
    return with_setup(document, strokes=strokes, given=given)


def _without_diagonal(document: Document) -> Document:
    """Nobody listens to itself."""
    setup = document.setup
    strokes = []
    for stroke in setup.strokes:
        other = stroke.into != stroke.out_of if not stroke.block else np.ones(1, bool)
        if other.all():
            strokes.append(stroke)
        elif other.any():
            values = stroke.values if len(stroke.values) == 1 else stroke.values[other]
            into, out_of = stroke.into[other], stroke.out_of[other]
            strokes.append(replace(stroke, into=into, out_of=out_of, values=values))
    given = None if setup.given is None else setup.given.without_diagonal()
    return with_setup(
        document,
        strokes=tuple(strokes),
        given=given,
        wiring=setup.wiring.changed(own=False),
    )


REPAIRS = {"symmetrise": _symmetrise, "remove the diagonal": _without_diagonal}
"""What can be done to single weights as a whole."""
