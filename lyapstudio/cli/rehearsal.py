"""Everything that the program can do, once and in small: so that every kernel is compiled.

Nothing is named that finds itself: models, rules and wirings tell by their declarations what there
is to try, and a new one is rehearsed without a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from lyapstudio.analysis.connectivity import summary
from lyapstudio.analysis.spectrum import spectrum
from lyapstudio.core.errors import UserError
from lyapstudio.document import edits, images, rewiring
from lyapstudio.document.datasets.shelf import Shelf
from lyapstudio.document.examples import OPENING, Example, example, examples
from lyapstudio.document.given import Given
from lyapstudio.document.nouns import Document
from lyapstudio.document.ready import ReadyOptions, ready_set, ready_sets
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.camera import Moment
from lyapstudio.engine.networks import Networks, Wanted
from lyapstudio.engine.training import BASELINES, Training
from lyapstudio.models import model_id, models
from lyapstudio.weights import cost
from lyapstudio.weights.judging import judge
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

Report = Callable[[str], None]

FORMS = (cost.DENSE, cost.LOW_RANK, cost.SPARSE)
ROWS, COLS, STORED = 6, 8, 3
CROWDED = 16
"""More random memories than a small network holds."""
LARGE = 16, 20, 60
"""Rows, columns and memories with which training for long needs the wider numbers."""
SWEEPS = 3
UPDATES, IMAGES = 20_000, 250
"""Updates of one run, at most; an update of a model that learns is an image."""
LEARNER: dict[str, Any] = {"K": 12, "batch": 20, "epochs": 4, "probe": 20}
"""What is made small where a model that learns has it."""


def rehearse(report: Report = lambda words: None) -> None:
    """Run all of it; `report` is told what comes next."""
    for words, part in _parts():
        report(words)
        with suppress(UserError):  # not every combination is one that a person can have
            part()


def _parts() -> Iterator[tuple[str, Callable[[], object]]]:
    shelf = Shelf()
    yield "images", _images
    for model in (cls() for cls in models().values() if not cls.learns):
        for document in _networks(model):
            for changed in _each(model, numbers=True):
                one = edits.with_setup(document, model=changed)
                for form in FORMS if model.uses_rule else (None,):
                    words = f"{model.title}, {one.setup.rule.title}, {form}"
                    yield words, _bound(_use, one, Resolver(shelf, form))
    for document in _wired():
        for form in FORMS:
            yield (
                f"{document.setup.wiring.title}, {form}",
                _bound(_use, document, Resolver(shelf, form)),
            )
    yield "trained weights", _trained
    yield "wide numbers", _wide
    for id, cls in models().items():
        if cls.learns:
            yield f"{cls.title}, readout", _bound(_read, _learner(id), shelf)
            yield f"{cls.title}, retuned", _bound(_use, _learner(id), Resolver(shelf))
            for document in _learning(id):
                yield f"{cls.title}, learning", _bound(_begin, document, Resolver(shelf))
    for id, shown in examples().items():
        yield f"example:{id}", _bound(_show, shown, Resolver(shelf))


def _bound(act: Callable[..., object], *arguments: Any) -> Callable[[], object]:
    return lambda: act(*arguments)


def _each(params: Any, *, numbers: bool = False) -> Iterator[Any]:
    """As they are, then with every choice and switch turned by itself, perhaps every number too."""
    yield params
    for name, spec in params.specs().items():
        now = getattr(params, name)
        others: tuple[Any, ...] = ()
        if spec.kind == "switch":
            others = (not now,)
        elif spec.kind == "choice":
            others = tuple(c.id for c in spec.choices if c.id != now)
        elif spec.kind == "number" and numbers:
            others = (_between(now, spec.low, spec.high),)
        for other in others:
            with suppress(UserError):
                yield params.changed(**{name: other})


def _between(now: float, low: float, high: float) -> float:
    """Another number that is not extreme."""
    return now + 0.3 * (min(high, now + 1.0) - now) if now < high else low + 0.5 * (high - low)


# documents


def _memory(rows: int = ROWS, cols: int = COLS, count: int = STORED) -> Document:
    """A small network that has stored random patterns."""
    document = example(OPENING).build()
    blank = replace(document.setup.cue, source="blank", drawn=None)
    document = edits.with_setup(document, rows=rows, cols=cols, painted=None, cue=blank)
    grids = ready_set("random").make(rows, cols, ReadyOptions(count=count, seed=2))
    document = edits.replace_patterns(document, grids)
    return edits.set_cue(document, source="memory", pattern=document.patterns[0].key, flips=0.3)


def _networks(model: Any) -> Iterator[Document]:
    """Weights of every kind: rules with their parameters, connected to all and to a few."""
    document = edits.with_setup(_memory(), model=model)
    if not model.uses_rule:
        yield document
        return
    yield _given(document)
    few = wirings()["dilution"]()
    for rule in rules().values():
        for changed in _each(rule()):
            one = edits.with_setup(document, rule=changed)
            yield one
            yield edits.set_wiring(one, few)


def _given(document: Document) -> Document:
    """Weights from a file."""
    N = document.setup.N
    W = np.random.default_rng(3).normal(size=(N, N))
    np.fill_diagonal(W, 0)
    return rewiring.set_given(document, Given.from_matrix(W, "a file"))


def _wired() -> Iterator[Document]:
    """Every wiring with its parameters, under a rule that factors and one that does not."""
    document = _memory()
    for wiring in wirings().values():
        for changed in _each(wiring(), numbers=True):
            for rule in ("hebb", "random"):
                yield edits.set_wiring(edits.set_rule(document, rule), changed)


def _learner(id: str) -> Document:
    """A small one that learns letters: they are always there."""
    document = edits.set_model(_memory(), id)
    small = {k: v for k, v in LEARNER.items() if k in document.setup.model.specs()}
    letters = replace(document.setup.data, kind="ready", ready="letters")
    return edits.set_data(edits.set_parameters(document, **small), letters)


def _learning(id: str) -> Iterator[Document]:
    """Every two choices together, and every number by itself."""
    document = _learner(id)
    model = document.setup.model
    pairs = (changed for base in _each(model) for changed in _each(base))
    for changed in (*pairs, *_each(model, numbers=True)):
        yield edits.with_setup(document, model=changed)


# what is done with them


def _show(shown: Example, resolver: Resolver) -> None:
    """An example, every network of it."""
    document = shown.build()
    for k in range(len(document.setups)):
        _begin(edits.show_setup(document, k), resolver)


def _use(document: Document, resolver: Resolver) -> None:
    """What a person does with a document: run, look, draw, go back, edit; each network of it."""
    for k in range(len(document.setups)):
        shown = edits.show_setup(document, k)
        networks = _begin(shown, resolver)
        for changed in _edited(shown):
            with suppress(UserError):
                _load(networks, changed, resolver, restart=False)
                _go(networks)
        couple = networks.couple
        weights = couple.lead.problem.weights if couple else None
        if weights is not None:
            summary(weights)
            if weights.N <= 2500:
                spectrum(weights)


def _begin(document: Document, resolver: Resolver) -> Networks:
    """One network from its start."""
    networks = Networks(lambda words: None)
    _load(networks, document, resolver, restart=True)
    _go(networks)
    return networks


def _load(networks: Networks, document: Document, resolver: Resolver, *, restart: bool) -> None:
    networks.load(Wanted(lambda: resolver(document, document.active)), None, restart, {})


def _go(networks: Networks) -> None:
    """Run and look closely, draw on it, go back and forth, begin again."""
    couple = networks.couple
    if couple is None:
        return
    model, problem = couple.lead.model, couple.lead.problem
    N, camera = problem.N, networks.camera
    most = IMAGES if model.learns else UPDATES
    length = min(most, SWEEPS * model.strides(problem)[-1].updates)
    camera.look, camera.pick = 1, 1
    camera.part = (0, 0, N, N, min(N, 6), min(N, 6))
    for running in (True, False):
        couple.advance(length)
        networks.picture(Moment(1, running, 1.0, True, "", ""))
    camera.part = (0, 0, 2, 2, 2, 2)
    couple.advance(1)
    networks.picture(Moment(1, False, 1.0, True, "", ""))
    if not model.learns:
        couple.poke(np.arange(N // 2), 1)
        couple.advance(length)
    couple.back(1)
    couple.seek(0)
    couple.advance(2)
    couple.restart()
    couple.advance(length)


def _edited(document: Document) -> Iterator[Document]:
    """One edit after another, as they come in use."""
    setup = document.setup
    if setup.model.learns:
        for changed in _each(setup.model):
            yield edits.with_setup(document, model=changed)
        return
    yield edits.set_active(document, [p.key for p in document.patterns[:1]], False)
    yield edits.paint_field(document, np.arange(2), 0.5)
    if setup.model.uses_rule and setup.N <= UPDATES:
        one, two = np.array([0]), np.array([1])
        for both in (True, False):
            document = rewiring.add_stroke(document, one, two, 0.25, both=both)
            yield document
        document = rewiring.add_stroke(document, one, two, 0.1, mode="add")
        yield document
        yield rewiring.lesion(document, np.array([setup.N - 1]))
        document = rewiring.clear_strokes(document)
        yield document
        for sign in (1, -1):
            state = np.full(setup.N, sign, np.int8)
            state[: setup.N // 3] *= -1
            document = rewiring.unlearn(document, state, 0.01)
            yield document
    for changed in islice(_each(setup.model), 1, 3):
        yield edits.with_setup(document, model=changed)


def _read(document: Document, shelf: Shelf) -> None:
    """A readout and all that it is compared with."""
    setup = document.setup
    model, problem = Resolver(shelf)(document, document.active)
    data = problem.data
    if data is None:
        return
    W = model.read(model.start(problem), "weights")
    for params in _each(setup.readout.changed(epochs=1), numbers=True):
        names = tuple(c.id for c in BASELINES)
        training = Training(W, data, params, setup.seed, names, lambda: W)
        training(lambda fraction: None)
        if training.readout is not None:
            judge(training.readout, data.train)


def _images() -> None:
    """A photograph becomes a pattern, in every way."""
    grey = np.linspace(0, 1, 40 * 30).reshape(40, 30)
    for options in _each(images.ImageOptions()):
        images.to_pattern(grey, 16, 16, options)
    for ready in ready_sets():
        with suppress(UserError):
            ready.make(24, 24, ReadyOptions(count=2))


def _trained() -> None:
    """More memories than fit, so that rules that train have to; and so large that sums are wide."""
    for document in (_memory(count=CROWDED), _memory(*LARGE)):
        for rule in rules().values():
            for changed in _each(_longest(rule())):
                one = edits.with_setup(document, rule=changed)
                with suppress(UserError):
                    Resolver(force=cost.LOW_RANK)(one, 0)


def _longest(rule: Any) -> Any:
    """With the most of everything that is counted."""
    counts = {n: s.high for n, s in rule.specs().items() if s.kind == "integer" and n != "seed"}
    return rule.changed(**{name: int(high) for name, high in counts.items()})


def _wide() -> None:
    """Sums that need wider numbers: the type is set as a network of two thousand million would."""
    for id, cls in models().items():
        if cls.uses_rule:
            document = edits.set_model(edits.set_rule(_memory(), "hebb"), id)
            for changed in _each(document.setup.model, numbers=True):
                one = edits.with_setup(document, model=changed)
                model, problem = Resolver(force=cost.LOW_RANK)(one, 0)
                problem.weights.number = np.int64
                networks = Networks(lambda words: None)
                networks.load(Wanted(lambda m=model, p=problem: (m, p)), None, True, {})  # type: ignore[misc]
                _go(networks)


def known() -> dict[str, list[str]]:
    """Everything that found itself: ids of models, rules and wirings."""
    return {
        "models": [model_id(cls) for cls in models().values()],
        "rules": list(rules()),
        "wirings": list(wirings()),
    }
