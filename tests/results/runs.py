"""Run an experiment from end to end: the program's own model, readout and judgement."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from lyapstudio.core.data import DataSet
from lyapstudio.core.model import Log, Problem
from lyapstudio.document.datasets.read import read
from lyapstudio.document.datasets.source import Source
from lyapstudio.models.krotov_hopfield2019 import KrotovHopfield2019
from lyapstudio.weights import backprop, readout
from lyapstudio.weights.judging import judge
from lyapstudio.weights.supervision import COLUMNS, Supervised
from tests.results.experiments import Experiment
from tests.results.tables import described, machine

TOLD = 10
"""Epochs of learning without labels between two lines of progress."""


def say(text: str) -> None:
    """One line of progress, at once."""
    print(text, flush=True)


def run(experiment: Experiment, seeds: tuple[int, ...]) -> dict[str, Any]:
    """Everything that was set and found, ready to be saved."""
    data = read(Source(kind="mnist", validation=experiment.held_out))
    say(f"{experiment.title}: {len(data.train)} images to learn from")
    started = time.process_time()
    runs = [one(experiment, data, seed) for seed in seeds]
    judged = "validation" if experiment.held_out else "test"
    errors = [r["readout"][f"{judged}_error"] for r in runs]
    mean = float(np.mean(errors))
    say(f"mean {judged} error {mean:.2%}, goal {experiment.goal:.2%}")
    return {
        "title": experiment.title,
        "settings": described(experiment),
        "data": {"title": data.title, "digest": data.digest, "images": len(data.train)},
        "machine": machine(),
        "judged_on": judged,
        "goal": experiment.goal,
        "mean_error": mean,
        "met": mean <= experiment.goal,
        "minutes": (time.process_time() - started) / 60,
        "runs": runs,
    }


def one(experiment: Experiment, data: DataSet, seed: int) -> dict[str, Any]:
    """One seed: the weights, their readout, and what they are compared with."""
    say(f"seed {seed}")
    first, W, learning = learned(experiment.model, data, seed)
    params, watch = experiment.readout, experiment.watch and not experiment.held_out
    result: dict[str, Any] = {"seed": seed, "learning": learning}
    result["readout"] = trained(readout.Trainer(W, data, params, seed, watch), "readout")
    if experiment.baselines:
        others = {
            "pixels": readout.Trainer(None, data, params, seed, watch),
            "untrained weights": readout.Trainer(first, data, params, seed, watch),
            "back-propagation": backprop.Trainer(data, len(W), params.schooling, seed, watch),
        }
        result["baselines"] = {name: trained(t, name) for name, t in others.items()}
    return result


def learned(
    model: KrotovHopfield2019, data: DataSet, seed: int
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """The weights before and after learning without labels, and how it went."""
    nothing = np.zeros((0, data.N), np.int8)
    cue, bias = np.ones(data.N, np.int8), np.zeros(data.N)
    problem = Problem(data.rows, data.cols, nothing, (), cue, bias, None, seed, data)
    state = model.start(problem)
    first = state.W.copy()
    history = []
    spent = 0.0
    for epoch in range(1, model.epochs + 1):
        begun = time.process_time()
        done = 0
        while done < len(data.train):
            done += model.advance(state, len(data.train) - done, Log(1))
        spent += time.process_time() - begun
        history.append([epoch, *model.values(state), int((state.won > 0).sum())])
        if epoch % TOLD == 0:
            L, won = history[-1][1:]
            say(f"  epoch {epoch:4}  L {L:.3f}  {won} units win  {spent:.0f} s")
    facts = model.facts(state)
    return (
        first,
        state.W,
        {
            "columns": ["epoch", "L", "units that win"],
            "history": history,
            "norm_error": facts["norm_error"],
            "seconds": spent,
        },
    )


def trained(trainer: Supervised, name: str) -> dict[str, Any]:
    """Train to the end; the exact errors on every part, the confusion matrix, every epoch."""
    begun = time.process_time()
    while not trainer.finished:
        score = trainer.epoch()
        if score.epoch % TOLD == 0 or trainer.finished:
            say(
                f"  {name} epoch {score.epoch:4}  running {score.running_error:.2%}  validation "
                f"{score.validation_error:.2%}  test {score.test_error:.2%}"
            )
    seconds = time.process_time() - begun
    result, data = trainer.result(), trainer.data
    found: dict[str, Any] = {"epoch": result.epoch, "seconds": seconds}
    parts = {"train": data.train, "validation": data.validation}
    if not len(data.validation):
        parts["test"] = data.test
    for part, images in parts.items():
        if len(images):
            judgement = judge(result, images)
            found[f"{part}_error"] = judgement.error
    found["confusion"] = judgement.confusion.tolist()
    found["by_class"] = judgement.by_class.tolist()
    errors = {k: f"{found[k]:.2%}" for k in found if k.endswith("_error")}
    say(f"  {name}: {errors} in {seconds:.0f} s")
    return found | {"columns": list(COLUMNS), "history": trainer.table.tolist()}
