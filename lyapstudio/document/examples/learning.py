"""Networks that learn: how receptive fields arise without labels, and when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lyapstudio.document.datasets.source import Source
from lyapstudio.document.nouns import Document, Setup
from lyapstudio.models import model_class
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import AllToAll

FEW = 5000
"""Images of which all can be seen several times a second."""


def _digits() -> Document:
    return _document(
        "Digits without labels",
        [_setup("Digits")],
        "A hundred hidden units with random weights are shown handwritten digits, and nobody "
        "tells them what they see. Press Space: within seconds the noise turns into digits while "
        "the function climbs. Then open Readout, train it, and draw a digit: it names what you "
        "drew. What does it make of a letter?",
    )


def _guaranteed() -> Document:
    setup = _setup(
        "Guaranteed",
        Source(limit=FEW),
        K=64,
        start_from="images",
        batching="full",
        ranking="normalised",
    )
    return _document(
        "Sure to rise",
        [setup],
        "Sixty-four units start from images, and the weights move only after all 5,000 images "
        "were seen. Units are ranked by Q, and a step that would lower L is taken back and "
        "halved, so every step goes up: the badge says so. Press Space. Then choose Mini-batches, "
        "Home and Space: it climbs with every hundred images, but what is lost?",
    )


def _one_image() -> Document:
    setup = _setup(
        "One image",
        K=25,
        rule="slow",
        start_from="images",
        h_star=3.0,
        w_inh=0.9,
        rate=0.02,
    )
    return _document(
        "One image at a time",
        [setup],
        "Open One example and press →. An image drives all units, and they silence each other "
        "while a function of their own, L(h), falls; who is left above h* moves towards the image, "
        "who is left below it moves away, at once. Step on: how often does nobody reach h*? Lower "
        "the inhibition to 0.3, and many units learn the same image.",
        speed=2,
    )


def _collapse() -> Document:
    few = Source(limit=FEW)
    return _document(
        "A better value, worse fields",
        [_setup("On the sphere", few, K=64, start_from="sphere"), _setup("N(0, 1)", few, K=64)],
        "The same network twice: its random weights begin on the sphere of radius R, or spread as "
        "published. Press Space and wait until one unit wins every image; look at the others. Then "
        "choose N(0, 1) above and press Space again: all units win their share, at a lower value "
        "of L. The function is no judge of features. Why did large weights help?",
    )


def _parts() -> Document:
    return _document(
        "Parts of digits",
        [_setup("Parts", K=2000, p=3.0, k=7, step=0.04)],
        "Two thousand units with p = 3, and the seventh is pushed away instead of the second. "
        "Press Space and give it a few minutes.",
    )


def _letters() -> Document:
    setup = _setup(
        "Letters",
        Source(kind="ready", ready="letters"),
        K=9,
        start_from="images",
        epochs=1000,
        batching="full",
        ranking="normalised",
    )
    return _document(
        "Nine units for the alphabet",
        [setup],
        "Nine units have to share twenty-six letters.",
        speed=2600,
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
    ("parts", "Parts of digits", "Two thousand units that look for pieces", _parts),
    (
        "letters-learned",
        "Nine units for the alphabet",
        "Letters that are alike share a unit",
        _letters,
    ),
)
"""Id, title, caption and maker of each, in the order of the menu."""
