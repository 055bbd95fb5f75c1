"""Networks that remember: what was stored, and what becomes of a cue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.document.nouns import Cue, Document, Pattern, Setup, frozen
from lyapstudio.document.ready import PHOTOGRAPHS, ReadyOptions, ready_set
from lyapstudio.models import model_class
from lyapstudio.weights.rules import Rule, rules
from lyapstudio.weights.wiring.all_to_all import AllToAll


def _photographs() -> Document:
    grids = ready_set("photographs").make(96, 96, names=PHOTOGRAPHS[:8])
    return _document(
        "Photographs",
        grids,
        [_setup("Photographs", grids, "projection", Cue(flips=0.2, pattern=1))],
        4000,
        "The network has stored eight pictures and is shown one of them with every fifth pixel "
        "turned over. Press Space. Watch the energy step down until it rests on the dashed line "
        "of that memory. Then paint over the picture while it runs, or raise the noise: when "
        "does it fall into another memory?",
    )


def _letters() -> Document:
    grids = ready_set("letters").make(28, 28)
    return _document(
        "Letters",
        grids,
        [_setup("Letters", grids, "projection", Cue(flips=0.2, pattern=1))],
        400,
        "Twenty-six letters in 784 neurons, stored with the projection rule. Press Space and see "
        "the noise go. Choose other letters as the cue: do O and Q need more help than X? Then "
        "change the learning rule to Hebb and try again.",
    )


def _half_a_face() -> Document:
    grids = ready_set("photographs").make(96, 96, names=PHOTOGRAPHS[:8])
    cue = Cue(flips=0.0, hidden="half", pattern=2)
    return _document(
        "Half a face",
        grids,
        [_setup("Half a face", grids, "projection", cue)],
        4000,
        "The network sees the upper half of the face only; below, every neuron is off. Press "
        "Space: the upper half votes for the right memory, and the memory fills in the rest. "
        "Hide the box in the middle instead, or add noise to the half that is left.",
    )


def _hebb_against_projection() -> Document:
    grids = ready_set("letters").make(28, 28, names=tuple("ABCDE"))
    cue = Cue(flips=0.1, pattern=1)
    return _document(
        "Hebb against projection",
        grids,
        [
            _setup("Hebb", grids, "hebb", cue),
            _setup("Projection", grids, "projection", cue),
        ],
        400,
        "Five letters, stored twice: by Hebb's rule and by projection. Press Space: both run from "
        "the same noisy A. Letters share most of their pixels, so under Hebb's rule they all pull "
        "at once and the network ends in a blend. Projection takes the shared part out and "
        "recalls the A.",
        beside=1,
    )


def _too_many() -> Document:
    grids = ready_set("random").make(20, 20, ReadyOptions(count=80, seed=7))
    return _document(
        "Too many memories",
        grids,
        [_setup("Too many memories", grids, "hebb", Cue(flips=0.1, pattern=1))],
        1000,
        "Eighty random memories in 400 neurons: 0.2 N, well beyond the 0.14 N that Hebb's rule "
        "can hold. The network starts close to the first memory and walks away from it, into a "
        "valley that nobody dug. Switch memories off until it stays: how many are left?",
    )


def _dreams() -> Document:
    grids = ready_set("random").make(20, 20, ReadyOptions(count=55, seed=7))
    return _document(
        "Dreams",
        grids,
        [_setup("Dreams", grids, "hebb", Cue(flips=0.1, pattern=1))],
        1000,
        "Fifty-five random memories in 400 neurons, all that Hebb's rule can hold. Press Space: "
        "the first is lost. Choose Learn ▸ Dream 100 times: what it falls into from noise is "
        "unlearned a little. Press Home, then Space: it is recalled. Of all 55, 39 came back from "
        "such a cue, now 52 do. From noise it still finds none: they are too many. Keep 30, and of "
        "a hundred random starts ten end in one, two without dreams. With 300 dreams of strength "
        "0.2 nothing is left.",
    )


def _dense() -> Document:
    grids = ready_set("random").make(20, 20, ReadyOptions(count=160, seed=7))
    hopfield = _setup("Hopfield 1982", grids, "hebb", Cue(flips=0.1, pattern=1))
    steep = replace(hopfield, title="Dense", model=model_class("dense_associative")())
    return _document(
        "Dense associative memory",
        grids,
        [steep, hopfield],
        300,
        "A hundred and sixty memories in 400 neurons, three times what the network of 1982 can "
        "hold. Here the energy grows with the third power of the overlaps, so the memory that "
        "fits best outweighs all others, and it is recalled. Lower the exponent to 2: what "
        "happens now?",
    )


def _mixture() -> Document:
    names = ("Cat", "Coffee", "Shuttle")
    grids = ready_set("photographs").make(64, 64, names=names)
    total = sum(grid.astype(np.int64) for _, grid in grids)
    setup = _setup("Mixture", grids, "hebb", Cue(source="drawn", flips=0.1))
    setup = replace(setup, cue=replace(setup.cue, drawn=frozen(np.sign(total))))
    return _document(
        "Mixture",
        grids,
        [setup],
        2000,
        "Three memories, and a start where each pixel follows the majority of the three. Press "
        "Space: the network rests there, half alike to each of them, in a valley that Hebb's "
        "rule dug by itself. Set the temperature to 0.5: a little heat shakes it out of the "
        "mixture, but not out of a memory.",
    )


def _two_neurons() -> Document:
    grids = [("Both on", np.ones((1, 2), np.int8))]
    setup = _setup("Two neurons", grids, "hebb", Cue(source="drawn", flips=0.0))
    drawn = frozen(np.array([[1, -1]], np.int8))
    model = setup.model.changed(update="together")
    setup = replace(setup, model=model, cue=replace(setup.cue, drawn=drawn))
    return _document(
        "Two neurons",
        grids,
        [setup],
        1,
        "Two neurons that want to be alike, one on and one off. They decide at the same moment, "
        "so each copies what the other just gave up, for ever. The energy does not fall; the "
        "function of updates together never rises. Now choose one at a time under Update: "
        "they agree at once.",
    )


def _together() -> Document:
    grids = ready_set("letters").make(14, 14) + ready_set("digits").make(14, 14)
    setup = _setup("All together", grids, "projection", Cue(flips=0.4, pattern=5))
    setup = replace(setup, model=setup.model.changed(update="together"), seed=28)
    return _document(
        "All together",
        grids,
        [setup],
        8,
        "Thirty-six letters and digits, and neurons that all decide at the same moment. Press "
        "Space: the energy E rises again and again, and the outlined neurons swing for ever. "
        "The function ½L(t) of such updates never rises. Press the red button while it runs.",
    )


def _temperature() -> Document:
    grids = ready_set("photographs").make(64, 64, names=PHOTOGRAPHS[:6])
    setup = _setup("Temperature", grids, "hebb", Cue(flips=0.3, pattern=1))
    return _document(
        "Temperature",
        grids,
        [replace(setup, model=setup.model.changed(T=0.5))],
        4000,
        "At temperature 0.5 a neuron now and then goes against its field, so the energy goes up "
        "as well as down and never settles. The network still stays near the cat. Raise the "
        "temperature slowly: near 0.9 the memory melts. Set it to 0 to freeze it again.",
    )


def _annealing() -> Document:
    grids = ready_set("photographs").make(64, 64, names=PHOTOGRAPHS[:6])
    setup = _setup("Annealing", grids, "hebb", Cue(source="random", flips=0.0))
    model = setup.model.changed(anneal=True, T1=1.2, T2=0.0, anneal_sweeps=60)
    return _document(
        "Annealing",
        grids,
        [replace(setup, model=model, seed=2)],
        50_000,
        "It starts with noise and heat: nothing is remembered. Cooling slowly, it finds the "
        "deepest valley, the retina or its inverse; change the seed and see. Then cool in two "
        "sweeps only: now it freezes where it happens to be, often in a mixture.",
    )


def _million() -> Document:
    grids = ready_set("photographs").make(1024, 1024)
    return _document(
        "A million neurons",
        grids,
        [_setup("A million neurons", grids, "hebb", Cue(flips=0.3, pattern=1))],
        500_000,
        "A million neurons are tied by half a trillion pairs of weights, yet the program "
        "keeps only the ten memories: the weights follow from them. Press Space, and draw on it "
        "with a large brush while it runs.",
    )


def _handwritten() -> Document:
    grids = ready_set("mnist").make(28, 28, ReadyOptions(count=100))
    return _document(
        "Handwritten digits",
        grids,
        [_setup("Handwritten digits", grids, "projection", Cue(flips=0.1, pattern=1))],
        400,
        "A hundred digits that people wrote, ten of each, stored with the projection rule in 784 "
        "neurons. Press Space: of ten zeros the network recalls the very one that it was shown. "
        "How many pixels may be flipped before it ends elsewhere? Then choose Hebb: memories so "
        "much alike are lost, the noise is not even needed. A network that learns does better with "
        "likeness: see Digits without labels.",
    )


def _setup(title: str, grids: Sequence[tuple[str, NDArray[np.int8]]], rule: str, cue: Cue) -> Setup:
    rows, cols = grids[0][1].shape
    chosen: type[Rule] = rules()[rule]
    return Setup(title, rows, cols, model_class("hopfield1982")(), chosen(), AllToAll(), cue)


def _document(
    title: str,
    grids: Sequence[tuple[str, NDArray[np.int8]]],
    setups: Sequence[Setup],
    speed: float,
    story: str,
    beside: int | None = None,
) -> Document:
    """`speed` is in updates a second: recall takes a few seconds."""
    patterns = tuple(
        Pattern(key, name, frozen(grid)) for key, (name, grid) in enumerate(grids, start=1)
    )
    view: dict[str, Any] = {"speed": speed}
    if beside is not None:
        view["beside"] = beside
    return Document(title, patterns, tuple(setups), view, story)


ROWS = (
    ("photographs", "Photographs", "Eight pictures, each recalled from noise", _photographs),
    ("letters", "Letters", "The alphabet, recalled from noise", _letters),
    ("half-a-face", "Half a face", "A memory completes what is hidden", _half_a_face),
    (
        "handwritten",
        "Handwritten digits",
        "A hundred memories that are much alike",
        _handwritten,
    ),
    (
        "hebb-against-projection",
        "Hebb against projection",
        "Letters are too alike for Hebb's rule; projection mends it",
        _hebb_against_projection,
    ),
    (
        "too-many-memories",
        "Too many memories",
        "Beyond 0.14 N nothing is recalled any more",
        _too_many,
    ),
    ("dreams", "Dreams", "Unlearning what it dreams brings memories back", _dreams),
    (
        "dense-associative",
        "Dense associative memory",
        "A steeper energy recalls three times as many memories",
        _dense,
    ),
    ("mixture", "Mixture", "A stable state that nobody stored", _mixture),
    ("two-neurons", "Two neurons", "Updated together they swing for ever", _two_neurons),
    (
        "together",
        "All together",
        "Neurons that update together swing between two states",
        _together,
    ),
    ("temperature", "Temperature", "A warm network wanders near a memory", _temperature),
    ("annealing", "Annealing", "Slow cooling finds the deepest valley", _annealing),
    ("million", "A million neurons", "Ten memories of 1024 × 1024 neurons", _million),
)
"""Id, title, caption and maker of each, in the order of the menu."""
