"""Recall against the peers, energy at every update, the million-neuron sweep, drift."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
from hopfieldkit import HopfieldNetwork as Kit
from hopfieldnetwork import HopfieldNetwork as Classic

from lyapstudio.core.kernel import kernel
from lyapstudio.core.model import Log, Problem
from lyapstudio.models.hopfield1982 import Hopfield1982
from lyapstudio.weights.rules.hebb import Hebb
from tests.tiny import learned

SIZES = ((100, 5, 30, 35), (784, 39, 25, 18), (2500, 100, 60, 15), (10000, 100, 150, 7))
ENERGY = ((100, 5, 100), (784, 39, 600))
MILLION, STORED, PASSES = 1_000_000, 100, 8
NOISE = 0.2
ENOUGH = 10**9

Row = dict[str, Any]


@kernel
def one_pass(xi):
    """The plain sum that reads the int8 pattern matrix once: the unit of the million-neuron row."""
    total = 0
    for i in range(xi.shape[0]):
        for k in range(xi.shape[1]):
            total += xi[i, k]
    return total


def problem(N: int, P: int, force: str | None, seed: int = 1) -> Problem:
    """Random memories and a cue with 20 % of memory 0 flipped."""
    generator = np.random.default_rng(seed)
    memories = (2 * generator.integers(0, 2, (P, N), np.int8) - 1).astype(np.int8)
    cue = memories[0].copy()
    cue[generator.permutation(N)[: int(NOISE * N)]] *= -1
    names = tuple(f"memory {k}" for k in range(P))
    weights = learned(Hebb(), memories, names, force)
    return Problem(1, N, memories, names, cue, np.zeros(N), weights, seed)


def recall(p: Problem) -> Callable[[], None]:
    """The program's own path: write the cue into a live network, advance until it settles."""
    model = Hopfield1982()
    state = model.start(p)
    log = Log(2, 1 << 16)

    def once() -> None:
        model.set_units(state, p.cue)
        log.count = 0
        model.advance(state, ENOUGH, log)

    once()
    assert np.array_equal(state.s, p.memories[0])
    return once


def kit(p: Problem, record: bool = False) -> Callable[[], None]:
    """hopfieldkit: loop over shuffled neurons; `record` computes its energy at every update."""
    net = Kit(p.N)
    net.fit(p.memories.astype(float))
    return lambda: net.recall(p.cue, record_energy=record)


def classic(p: Problem) -> Callable[[], None]:
    """hopfieldnetwork: asynchronous until nothing changes."""
    net = Classic(p.N)
    net.train_pattern(p.memories.T.astype(float))

    def once() -> None:
        net.set_initial_neurons_state(p.cue.copy())
        net.update_neurons(1, "async", run_max=True)

    return once


def timed(call: Callable[[], Any], repeat: int) -> float:
    """Milliseconds a call."""
    start = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - start) * 1e3 / repeat


def interleaved(calls: list[Callable[[], Any]], rounds: int, budget: float) -> list[list[float]]:
    """Times of every call, taken in turn; each call is repeated to fill `budget` ms."""
    repeats = [max(1, round(budget / max(timed(call, 1), 1e-4))) for call in calls]
    return [
        list(times)
        for times in zip(
            *([timed(c, r) for c, r in zip(calls, repeats, strict=True)] for _ in range(rounds)),
            strict=True,
        )
    ]


def row(name: str, ours: list[float], other: list[float], target: float, least: bool = True) -> Row:
    """One figure: the median of the ratios, at least (or at most) the target."""
    ratios = [(o / u if least else u / o) for u, o in zip(ours, other, strict=True)]
    figure = median(ratios)
    return {
        "name": name,
        "ours": median(ours),
        "reference": median(other),
        "figure": figure,
        "target": target,
        "sign": "≥" if least else "≤",
        "met": figure >= target if least else figure <= target,
    }


def recall_rows() -> Iterator[Row]:
    """Low rank and dense against the faster of the two packages."""
    for N, P, low_rank, dense in SIZES:
        sparse, full = problem(N, P, "low rank"), problem(N, P, "dense")
        calls = [recall(sparse), recall(full), kit(full), classic(full)]
        rounds = 9 if N < 10000 else 5
        ours, live, *peers = interleaved(calls, rounds, 5.0)
        best = min(peers, key=median)
        yield row(f"recall, low rank, N={N} P={P}", ours, best, low_rank)
        yield row(f"recall, dense live, N={N} P={P}", live, best, dense)


def energy_rows() -> Iterator[Row]:
    """The energy after every update: ours is always noted."""
    for N, P, target in ENERGY:
        p = problem(N, P, None)
        ours, other = interleaved([recall(p), kit(p, record=True)], 5, 3.0)
        yield row(f"recall with energy at every update, N={N}", ours, other, target)


def million_rows() -> Iterator[Row]:
    """One exact random-order sweep of a million neurons, in passes."""
    p = problem(MILLION, STORED, "low rank")
    model = Hopfield1982()
    state = model.start(p)
    log = Log(2, 1 << 20)
    xi = p.weights.xi

    def sweep() -> float:
        model.set_units(state, p.cue)
        log.count = 0
        start = time.perf_counter()
        model.advance(state, MILLION, log)
        return (time.perf_counter() - start) * 1e3

    one_pass(xi), sweep()
    pairs = [(sweep(), timed(lambda: one_pass(xi), 3)) for _ in range(7)]
    ours, reference = map(list, zip(*pairs, strict=True))
    yield row("sweep of 1,000,000 x 100, in passes", ours, reference, PASSES, least=False)


def drift_rows() -> Iterator[Row]:
    """Fields and energy after a million flips against a fresh computation: zero."""
    for force in ("dense", "low rank"):
        p = problem(784, 39, force)
        model = Hopfield1982(T=5.0)
        state = model.start(p)
        flips, log = 0, Log(2, 1 << 16)
        start = time.perf_counter()
        while flips < 1_000_000:
            log.count = 0
            model.advance(state, 100_000, log)
            flips += log.count
        spent = (time.perf_counter() - start) * 1e3
        kept = state.h.copy(), state.M.copy(), model.values(state)[0]
        p.weights.derive(state, False)
        drift = abs(kept[2] - model.values(state)[0])
        for old, new in zip(kept, (state.h, state.M), strict=False):
            drift = max(drift, float(np.abs(old - new).max(initial=0)))
        yield {
            "name": f"drift after {flips:,} flips, {force}",
            "ours": spent,
            "reference": 0.0,
            "figure": drift,
            "target": 0,
            "sign": "≤",
            "met": drift == 0,
        }


def rows(only: str = "") -> Iterator[Row]:
    """Every figure whose group's name contains `only`."""
    groups = {
        "recall": recall_rows,
        "energy": energy_rows,
        "million": million_rows,
        "drift": drift_rows,
    }
    for name, group in groups.items():
        if only in name:
            yield from group()
