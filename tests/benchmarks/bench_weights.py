"""Weights in every representation: storing, updating together, heat bath, lists, edits by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
from dhnn import DHNN
from hopfieldkit import HopfieldNetwork as Kit
from hopfieldnetwork import HopfieldNetwork as Classic

from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import Log, Problem
from lyapstudio.document import edits, rewiring
from lyapstudio.document.examples import example
from lyapstudio.document.resolve import Resolver
from lyapstudio.engine.run import Run
from lyapstudio.models.hopfield1982 import Hopfield1982
from lyapstudio.weights.build import build
from lyapstudio.weights.rules import Material
from lyapstudio.weights.rules.hebb import Hebb
from lyapstudio.weights.strokes import Stroke
from lyapstudio.weights.wiring import wirings
from lyapstudio.weights.wiring.all_to_all import AllToAll
from tests.benchmarks.bench_recall import ENOUGH, Row, interleaved, problem, row, timed
from tests.tiny import learned

STORES = ((784, 39, 8.0), (2500, 100, 2.5))
STEPS = ((784, 39, None), (2500, 100, 10.0), (10000, 100, 50.0))
"""N, P; how many products of a matrix the low-rank step is faster than."""
PRODUCTS = 1.2
HEAT, WARM = 35.0, 0.5
LISTED, CONNECTIONS, LISTS = 100_000, 100, 4.0
EDITS = 500
"""One after another; the last one costs more than the first."""
EDITED, DEARER = 1000, 1.1
MOMENT = 1.0
"""Milliseconds for an edit."""


def store_rows() -> Iterator[Row]:
    """Memories to weights that can run, against the fastest of three packages."""
    for N, P, target in STORES:
        memories = problem(N, P, "low rank").memories
        material, doubles = Material(memories, tuple(map(str, range(P)))), memories.astype(float)
        calls: list[Callable[[], Any]] = [
            lambda m=material, N=N: build(Hebb(), AllToAll(), m, 1, N, force="dense"),
            lambda m=doubles, N=N: Kit(N).fit(m),
            lambda m=doubles, N=N: Classic(N).train_pattern(m.T),
            lambda m=doubles: DHNN().train(m),
        ]
        for call in calls:
            call()
        ours, *peers = interleaved(calls, 9, 20.0)
        yield row(f"store, dense, N={N} P={P}", ours, min(peers, key=median), target)


def step_of(p: Problem, start: np.ndarray) -> Callable[[], float]:
    """Milliseconds of one update of all neurons at once from here; going back is not counted."""
    model = Hopfield1982(update="together")
    state, log = model.start(p), Log(2, 64)

    def once() -> float:
        model.set_units(state, start)
        log.count = 0
        began = time.perf_counter()
        model.advance(state, 1, log)
        return (time.perf_counter() - began) * 1e3

    once()
    return once


def product_of(p: Problem) -> Callable[[], float]:
    """Milliseconds of the bare float32 product of matrix and state, by numpy's BLAS."""
    G, s, h = p.weights.G, p.cue.astype(np.float32), np.empty(p.N, np.float32)
    return lambda: timed(lambda: np.dot(G, s, out=h), 1)


def in_turn(calls: list[Callable[[], float]], rounds: int, each: int) -> list[list[float]]:
    """Of calls that take their own time: medians of `each`, taken in turn."""
    turns = ([median(c() for _ in range(each)) for c in calls] for _ in range(rounds))
    return [list(times) for times in zip(*turns, strict=True)]


def together_rows() -> Iterator[Row]:
    """All neurons at once: a fifth of them flips after a cue, half of them from noise."""
    for N, P, target in STEPS:
        full, low = problem(N, P, "dense"), problem(N, P, "low rank")
        noise = np.random.default_rng(2).choice(np.array([-1, 1], np.int8), N)
        calls = [
            step_of(full, full.cue),
            step_of(full, noise),
            step_of(low, low.cue),
            product_of(full),
        ]
        usual, worst, factors, bare = in_turn(calls, 9, 20 if N < 5000 else 5)
        name = f"together, dense, N={N}"
        yield row(f"{name}, cue, in products", usual, bare, PRODUCTS, least=False)
        yield row(f"{name}, noise, in products", worst, bare, PRODUCTS, least=False)
        if target:
            yield row(f"together, low rank, N={N}, cue, to a product", factors, bare, target)


def loop(p: Problem) -> Callable[[], None]:
    """A sweep of the heat bath as one writes it in numpy."""
    W = p.weights.small() if p.weights.N <= 2048 else None
    assert W is not None
    W = W.astype(np.float32)
    s, generator = p.cue.astype(np.float32), np.random.default_rng(1)

    def once() -> None:
        chances = generator.random(p.N)
        for i in generator.permutation(p.N):
            s[i] = 1 if chances[i] < 1 / (1 + np.exp(-2 * (W[i] @ s) / WARM)) else -1

    return once


def heat_rows() -> Iterator[Row]:
    """A sweep at T = 0.5."""

    def sweep(p: Problem) -> Callable[[], None]:
        model, log = Hopfield1982(T=WARM), Log(2, 1 << 12)
        state = model.start(p)

        def once() -> None:
            log.count = 0
            model.advance(state, p.N, log)

        once()
        return once

    full, low = problem(784, 39, "dense"), problem(784, 39, "low rank")
    dense, factors, other = interleaved([sweep(full), sweep(low), loop(full)], 9, 10.0)
    yield row("heat bath, dense, N=784", dense, other, HEAT)
    yield row("heat bath, low rank, N=784", factors, other, HEAT)


@kernel(fastmath=True)
def settle_listed(start, sources, values, s, orders):
    """Until a sweep changes nothing: each neuron sums up whom it hears, in its turn."""
    for order in orders:
        flips = 0
        for i in order:
            h = np.float32(0)
            for e in range(start[i], start[i + 1]):
                h += values[e] * s[sources[e]]
            new = np.int8(1) if h > 0 else np.int8(-1) if h < 0 else s[i]
            if new != s[i]:
                s[i] = new
                flips += 1
        if flips == 0:
            break


def listed_rows() -> Iterator[Row]:
    """100,000 neurons with 100 connections each: recall from a cue, drawing the order included."""
    N, P = LISTED, 5
    p = problem(N, P, "low rank")
    wiring = wirings()["dilution"](c=CONNECTIONS / (N - 1))
    W = learned(Hebb(), p.memories, p.names, "sparse", wiring)
    p = replace(p, weights=W)
    model, log = Hopfield1982(), Log(2, 1 << 18)
    state = model.start(p)
    generator, s = np.random.default_rng(1), p.cue.copy()
    orders = np.array([generator.permutation(N) for _ in range(20)], np.int32)

    def ours() -> None:
        model.set_units(state, p.cue)
        log.count = 0
        model.advance(state, ENOUGH, log)

    def reference() -> None:
        s[:] = p.cue
        settle_listed(W.connections.start, W.connections.sources, W.values, s, orders)

    ours(), reference()
    kept, other = interleaved([ours, reference], 7, 20.0)
    assert (state.s == p.memories[0]).mean() > 0.99
    assert (s == p.memories[0]).mean() > 0.99
    yield row(f"sparse, {N:,} x {CONNECTIONS}, recall", kept, other, LISTS)


def stroke(i: int, j: int, value: float) -> Stroke:
    """One weight, and the opposite one."""
    ends = (np.array([k], np.int32) for k in (i, j))
    return Stroke(*ends, np.array([value]), "set", False, True)


def edit_rows() -> Iterator[Row]:
    """One more weight set by hand while the network runs: milliseconds in the worker."""
    for force in ("dense", "low rank"):
        p, model = problem(784, 39, force), Hopfield1982(T=WARM)
        run, spent = Run(model, p), []
        generator = np.random.default_rng(1)
        for _ in range(EDITS):
            run.advance(2000)
            more = stroke(*generator.choice(784, 2, False), generator.normal(0, 0.1))
            p = replace(p, strokes=(*p.strokes, more))
            spent.append(timed(lambda p=p, run=run, model=model: run.retune(model, p), 1))
        yield _moment(f"edit of one weight, {force}, N=784, ms", spent[1:])
    for name, rule in (("hebb", "hebb"), ("at random", "random")):
        yield _moment(f"edit, document to run, {name}, N=784, ms", _whole_way(rule))


def _whole_way(rule: str) -> list[float]:
    """From the edited document to the run that follows it."""
    document = _pictures(rule)
    resolve, generator = Resolver(), np.random.default_rng(1)
    run, spent = Run(*resolve(document, 0)), []
    for _ in range(EDITS):
        run.advance(2000)
        i, j = (np.array([k]) for k in generator.choice(784, 2, False))
        document = rewiring.add_stroke(document, i, j, float(generator.normal(0, 0.1)))
        spent.append(timed(lambda d=document: run.retune(*resolve(d, 0)), 1))
    return spent[1:]  # the first one compiles


def _pictures(rule: str) -> Any:
    """Ten random memories of 28 x 28 at a temperature where the network never rests."""
    generator = np.random.default_rng(1)
    shades = np.array([-1, 1], np.int8)
    grids = [(str(k), generator.choice(shades, (28, 28))) for k in range(10)]
    document = edits.with_setup(example("temperature").build(), rows=28, cols=28)
    document = edits.set_rule(edits.replace_patterns(document, grids), rule)
    return edits.set_parameters(document, T=WARM)


def _moment(name: str, spent: list[float]) -> Row:
    """Half of them are shorter; what another program's turn adds to some is not ours."""
    middle = median(spent)
    return {
        "name": name,
        "ours": middle,
        "reference": MOMENT,
        "figure": middle,
        "target": MOMENT,
        "sign": "≤",
        "met": middle <= MOMENT,
    }


def overlay_rows() -> Iterator[Row]:
    """A sweep over a low-rank network in which 1,000 pairs of weights are edited, in plain ones."""
    for N, rounds, each in ((10_000, 15, 20), (1_000_000, 9, 1)):
        plain, edited = problem(N, 100, "low rank"), problem(N, 100, "low rank")
        generator = np.random.default_rng(1)
        i, j = generator.choice(N, (2, EDITED), False).astype(np.int32)
        strokes = (Stroke(i, j, generator.normal(0, 0.1, EDITED)),)
        calls = [sweep_of(replace(edited, strokes=strokes)), sweep_of(plain)]
        ours, other = in_turn(calls, rounds, each)
        yield row(f"1,000 edits, a sweep of {N:,} x 100", ours, other, DEARER, least=False)


def sweep_of(p: Problem) -> Callable[[], float]:
    """Milliseconds of a sweep from the cue; writing the cue is not counted."""
    model = Hopfield1982()
    state, log = model.start(p), Log(2, 1 << 20)

    def once() -> float:
        model.set_units(state, p.cue)
        log.count = 0
        began = time.perf_counter()
        model.advance(state, p.N, log)
        return (time.perf_counter() - began) * 1e3

    once()
    return once


def rows(only: str = "") -> Iterator[Row]:
    """Every figure whose group's name contains `only`."""
    groups = {
        "weights: store": store_rows,
        "weights: together": together_rows,
        "weights: heat bath": heat_rows,
        "weights: sparse": listed_rows,
        "weights: edit": edit_rows,
        "weights: overlay": overlay_rows,
    }
    for name, group in groups.items():
        if only in name:
            yield from group()
