"""Networks whose wiring is the point: who listens to whom, by recipe and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.document.nouns import Cue, Document, Pattern, Setup, frozen
from lyapstudio.document.ready import PHOTOGRAPHS, ReadyOptions, ready_set
from lyapstudio.document.rewiring import add_stroke
from lyapstudio.models import model_class
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

Grids = Sequence[tuple[str, NDArray[np.int8]]]


def _more_than_hebb() -> Document:
    grids = ready_set("random").make(20, 20, ReadyOptions(count=100, seed=7))
    cue = Cue(flips=0.1, pattern=1)
    return _document(
        "More than Hebb holds",
        grids,
        [_setup("Storkey", grids, "storkey", cue), _setup("Hebb", grids, "hebb", cue)],
        300,
        "A hundred random memories in 400 neurons, learned twice: by Storkey's rule and by "
        "Hebb's. Run both from the same cue, the first memory with every tenth pixel turned over. "
        "Storkey's rule stores of each memory only what is news, and all hundred are recalled; "
        "under Hebb's rule none is. Now choose Perceptron: why are its memories stable, and yet "
        "lost from this cue, until you set its margin to 0.5?",
        beside=1,
    )


def _lattice() -> Document:
    grids = ready_set("photographs").make(128, 128, names=PHOTOGRAPHS[:3])
    halves = grids[0][1].copy()
    halves[:, 64:] = grids[1][1][:, 64:]
    cue = Cue(source="drawn", flips=0.2, drawn=frozen(halves))
    local = _wired("lattice", r=4, wrap=False)
    return _document(
        "A lattice",
        grids,
        [
            _setup("Lattice", grids, "hebb", cue, local),
            _setup("All to all", grids, "hebb", cue),
        ],
        60_000,
        "Every neuron listens to its neighbours within four cells, and to nobody else. The cue is "
        "a cat on the left, an astronaut on the right, and noise. Press Space: each half is "
        "recalled by its own neighbours, and a wall stays between them. All to all, everybody "
        "votes on everything, and the cat takes the whole sheet. Start from noise, with Start "
        "from: Random: what does the lattice make of it, and what if it hears as far as 8?",
        beside=1,
    )


def _diluted() -> Document:
    grids = ready_set("photographs").make(64, 64, names=PHOTOGRAPHS[:8])
    cue = Cue(flips=0.2, pattern=1)
    return _document(
        "Diluted",
        grids,
        [_setup("Diluted", grids, "hebb", cue, _wired("dilution", c=0.02))],
        4000,
        "Forty-nine of fifty connections are cut: each of the 4,096 neurons hears about 82 others, "
        "drawn at random. All eight photographs are recalled all the same, up to a few pixels. "
        "Halve c: how many pixels are wrong now? Then switch Symmetric off: the badge turns red "
        "and the energy goes up now and then, yet the cat still comes back.",
    )


def _million_local() -> Document:
    grids = ready_set("photographs").make(1024, 1024, names=PHOTOGRAPHS[:2])
    cue = Cue(flips=0.3, pattern=1)
    return _document(
        "A million neurons, 48 connections each",
        grids,
        [_setup("A million neurons", grids, "hebb", cue, _wired("lattice", r=4))],
        2_000_000,
        "Each of a million neurons hears the 48 around it: 50 million weights instead of a "
        "trillion, and only those are kept. Two photographs are stored. Press Space: every patch "
        "of the sheet finds its own part of the cat. Draw on it with a large brush while it runs. "
        "Then add a third photograph: now patches go astray. Why can 48 connections hold so few, "
        "however many neurons there are?",
    )


def _broken_symmetry() -> Document:
    grids = ready_set("letters").make(28, 28)
    cue = Cue(flips=0.1, pattern=1)
    bent = _wired("all-to-all", antisymmetry=3.0)
    return _document(
        "Broken symmetry",
        grids,
        [_setup("Broken symmetry", grids, "projection", cue, bent)],
        800,
        "The weights of 26 letters, and over them a random antisymmetric part, three times as "
        "strong: what i wants of j, j wants the other way round. The badge is red. Press Space: "
        "the A dissolves, the energy rises thousands of times, and the network wanders without "
        "end. Set k to 1 under Wiring and start again: the A is recalled, though nothing guards "
        "it. At which k does it break? The red button sets k to 0 while it runs.",
    )


def _dale() -> Document:
    grids = ready_set("photographs").make(48, 48, names=PHOTOGRAPHS[:4])
    cue = Cue(flips=0.2, pattern=1)
    return _document(
        "Dale's law",
        grids,
        [_setup("Dale's law", grids, "random", cue, _wired("all-to-all", inhibitory=0.5))],
        20_000,
        "Symmetric weights, drawn at random; but half of the neurons may only excite and the other "
        "half only inhibit, as in the cortex, so weights of the wrong sign are gone. A neuron that "
        "excites is now answered by one that inhibits. Press Space: the energy falls and rises, "
        "and nothing comes to rest, not in thousands of sweeps. Lift the law with the red button, "
        "and it does. Then set it back to 50 % and choose Hebb's rule: is the cat recalled with "
        "half of its weights?",
    )


def _lesions() -> Document:
    grids = ready_set("letters").make(28, 28)
    setup = _setup("Lesions", grids, "projection", Cue(flips=0.1, pattern=1))
    gone = np.zeros((28, 28), bool)
    gone[18:] = True
    return _document(
        "Lesions",
        grids,
        [replace(setup, lesions=frozen(gone, np.bool_))],
        400,
        "The lower third of the sheet is silenced: 280 of 784 neurons say nothing and hear "
        "nothing, for good. Press Space: the others still know the A. They know 25 of the 26 "
        "letters: which one is taken for another, and why that one? Wake the neurons, silence the "
        "upper third instead, and guess before you try.",
    )


def _by_hand() -> Document:
    grids = [("Upper camp", np.repeat([[1], [-1]], 4, axis=1).astype(np.int8))]
    cue = Cue(source="random", flips=0.0)
    document = _document(
        "Eight neurons, by hand",
        grids,
        [_setup("Eight neurons", grids, "hand", cue)],
        4,
        "No rule and no memory: every weight was set by hand. Two camps of four, friends within "
        "(+0.5), foes between (−0.25). Press Space: one camp wins and silences the other. Which "
        "one depends on the start: try other seeds, and find one where both end alike. Then "
        "choose Graph, switch Both ways off, and right-click a line to cut it: what does the badge "
        "say now that one of a pair listens and the other does not?",
    )
    for camp in ((0, 1, 2, 3), (4, 5, 6, 7)):
        one, other = np.array(list(combinations(camp, 2))).T
        document = add_stroke(document, one, other, 0.5)
    return add_stroke(document, np.arange(4), np.arange(4, 8), -0.25, block=True)


def _round() -> Document:
    grids = [("All alike", np.ones((1, 8), np.int8))]
    document = _document(
        "Round and round",
        grids,
        [_setup("Round and round", grids, "hand", Cue(flips=0.0, pattern=1))],
        8,
        "Eight neurons in a ring, each listening to the one before it; seven copy what they hear, "
        "the first one does the opposite. Nothing can ever be at rest: somewhere a neuron differs "
        "from what it hears, and this place runs round and round. The energy does not rise, nor "
        "does it fall: it knows nothing of a direction. Choose All together under Update: after "
        "how many steps does it come back? Go back to one at a time, make the weights symmetric "
        "with the red button, and the running stops: why?",
    )
    copies = np.arange(1, 8)
    document = add_stroke(document, copies, copies - 1, 1.0, both=False)
    return add_stroke(document, np.array([0]), np.array([7]), -1.0, both=False)


def _wired(id: str, **values: Any) -> Any:
    return wirings()[id](**values)


def _setup(title: str, grids: Grids, rule: str, cue: Cue, wiring: Any = None) -> Setup:
    rows, cols = grids[0][1].shape
    plain = wiring or _wired("all-to-all")
    return Setup(title, rows, cols, model_class("hopfield1982")(), rules()[rule](), plain, cue)


def _document(
    title: str, grids: Grids, setups: Sequence[Setup], speed: float, story: str, **view: Any
) -> Document:
    """`speed` is in updates a second; beside=K in the view: network K runs beside the first."""
    patterns = tuple(
        Pattern(key, name, frozen(grid)) for key, (name, grid) in enumerate(grids, start=1)
    )
    return Document(title, patterns, tuple(setups), {"speed": speed, **view}, story)


ROWS = (
    (
        "more-than-hebb",
        "More than Hebb holds",
        "Storkey's rule recalls a hundred memories where Hebb's recalls none",
        _more_than_hebb,
    ),
    ("diluted", "Diluted", "Two per cent of the connections still remember", _diluted),
    ("lattice", "A lattice", "Neighbours recall parts, with a wall between them", _lattice),
    (
        "million-local",
        "A million neurons, 48 connections each",
        "Recall from noise where everybody hears neighbours only",
        _million_local,
    ),
    (
        "broken-symmetry",
        "Broken symmetry",
        "Without equal weights both ways a memory dissolves",
        _broken_symmetry,
    ),
    ("dale", "Dale's law", "Neurons that only excite or only inhibit find no rest", _dale),
    ("lesions", "Lesions", "A third of the neurons silenced, 25 letters recalled", _lesions),
    ("by-hand", "Eight neurons, by hand", "Two camps, every weight set by hand", _by_hand),
    ("round", "Round and round", "A ring of one-way weights never rests", _round),
)
"""Id, title, caption and maker of each, in the order of the menu."""
