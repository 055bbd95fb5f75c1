"""Networks that learn: how receptive fields arise without labels, and when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lyapstudio.document.datasets.source import Source
from lyapstudio.document.nouns import Document, Setup
from lyapstudio.models import model_class
from lyapstudio.weights.readout import ReadoutParams
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring.all_to_all import AllToAll

FEW = 5000
"""Images of which all can be seen several times a second."""


def _digits() -> Document:
    return _document(
        "Digits without labels",
        [_setup("Digits")],
        "A hundred hidden units with random weights are shown handwritten digits, and nobody "
        "tells them what they see. Press Space: within seconds the noise turns into digits while "
        "the function climbs. Then open Readout, train it, and draw a digit: only now the network "
        "knows a name for it. What does it make of a letter?",
    )


def _guaranteed() -> Document:
    few = Source(limit=FEW)
    sure: dict[str, Any] = {"batching": "full", "ranking": "normalised"}
    return _document(
        "Sure to rise",
        [_setup("Sure to rise", few, K=64, start_from="images", **sure)],
        "Sixty-four units start from images. The weights move only after all 5,000 images were "
        "seen, units are ranked by Q, and a step that would lower L is taken back and halved: the "
        "badge says that L is sure to rise. Press Space and see whether it ever falls. Then choose "
        "Mini-batches, press Home and Space: it climbs much sooner, but what is lost?",
    )


def _one_image() -> Document:
    slow: dict[str, Any] = {"rule": "slow", "h_star": 3.0, "w_inh": 0.9, "rate": 0.02}
    setup = _setup("One image at a time", K=25, start_from="images", **slow)
    return _document(
        "One image at a time",
        [replace(setup, seed=3)],  # for the second image nobody reaches h*
        "Press → to show the network one image. All units hear it and silence each other, while a "
        "function of their own, L(h), falls; who ends above h* moves towards the image at once. "
        "Step on: now and then nobody reaches h*, and all who are still active are pushed away. "
        "Lower the inhibition to 0.3: how many stay active now? Space lets it learn by itself.",
        speed=2,
    )


def _collapse() -> Document:
    few = Source(limit=FEW)
    return _document(
        "A better value, worse fields",
        [_setup("On the sphere", few, K=64, start_from="sphere"), _setup("N(0, 1)", few, K=64)],
        "The same network twice: its random weights begin on the sphere of radius R, or spread as "
        "published. Press Space and wait until one unit wins every image; look what the others "
        "became. Then choose N(0, 1) above and press Space: every unit wins its share, at a lower "
        "value of L. The function is no judge of features. Why does it help to begin too large?",
    )


def _thousands() -> Document:
    setup = _setup("Two thousand units", K=2000, p=3.0, k=7, step=0.04)
    many = ReadoutParams(power=6.0, steepness=600.0, epochs=30)  # as in tests/results
    return _document(
        "Two thousand units",
        [replace(setup, readout=many)],
        "Two thousand units with the norm p = 3, and the seventh is pushed away instead of the "
        "second. Press Space and be patient: the norms have to shrink first, and for some ten "
        "epochs, one to five minutes, hardly anything is seen. Then fields appear "
        "everywhere, each the hand of a few writers. Scroll through them: which digit has "
        "most units, and why?",
    )


def _letters() -> Document:
    letters = Source(kind="ready", ready="letters", title="Capital letters")
    sure: dict[str, Any] = {"batching": "full", "ranking": "normalised", "epochs": 60}
    return _document(
        "Nine units for the alphabet",
        [_setup("Letters", letters, K=9, start_from="images", **sure)],
        "Nine units have to share twenty-six letters; each begins as one of them. Press Space: a "
        "unit that wins several letters becomes what they have in common, warm where they all are, "
        "cool where a rival is. Click a unit to see the letters that drive it most. J keeps a unit "
        "for itself: which letters share one? Try it with twelve units.",
        speed=100,
    )


def _setup(title: str, data: Source | None = None, **parameters: Any) -> Setup:
    model = model_class("krotov_hopfield2019")().changed(**parameters)
    return Setup(title, 28, 28, model, rules()["hebb"](), AllToAll(), data=data or Source())


def _document(
    title: str, setups: Sequence[Setup], story: str, speed: float | str = "full"
) -> Document:
    """`speed` is in images a second."""
    return Document(title, (), tuple(setups), {"speed": speed}, story)


ROWS = (
    (
        "digits",
        "Digits without labels",
        "A hundred units turn from noise into digits, then read yours",
        _digits,
    ),
    (
        "guaranteed",
        "Sure to rise",
        "All images at once: learning that never goes down",
        _guaranteed,
    ),
    ("one-image", "One image at a time", "Units silence each other, then weights move", _one_image),
    (
        "collapse",
        "A better value, worse fields",
        "One unit wins everything, at a higher L than a hundred digits",
        _collapse,
    ),
    ("two-thousand", "Two thousand units", "As many as in the paper; it takes a while", _thousands),
    (
        "letters-learned",
        "Nine units for the alphabet",
        "Letters that are alike share a unit",
        _letters,
    ),
)
"""Id, title, caption and maker of each, in the order of the menu."""
