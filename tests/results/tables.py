"""The log of a run: as JSON, and as a page to read."""

from __future__ import annotations

import json
import math
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np

import lyapstudio
from tests.results.experiments import Experiment


def machine() -> dict[str, Any]:
    """Where it ran: the times mean nothing without."""
    return {
        "lyapstudio": lyapstudio.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads used": 1,
    }


def described(experiment: Experiment) -> dict[str, Any]:
    """Every parameter's value."""
    settings: dict[str, Any] = {
        "weights": experiment.model.as_values(),
        "readout": experiment.readout.as_values(),
        "held_out": experiment.held_out,
        "test_read_every_epoch": experiment.watch and not experiment.held_out,
    }
    if experiment.baselines:
        settings["back-propagation"] = {"hidden": experiment.model.K}
    return settings


def save(name: str, log: dict[str, Any], folder: Path) -> None:
    """Write NAME.json and NAME.md."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(plain(log), indent=1) + "\n", "utf-8")
    (folder / f"{name}.md").write_text(page(name, log), "utf-8")
    print(f"saved {name}.json and {name}.md")


def plain(value: Any) -> Any:
    """The same with short numbers, and null where there is none."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def percent(value: float | None) -> str:
    """Like 2.04 %; a dash where nobody looked."""
    return "–" if value is None or not math.isfinite(value) else f"{100 * value:.2f} %"


def page(name: str, log: dict[str, Any]) -> str:
    """A page of tables."""
    judged = log["judged_on"]
    verdict = "reached" if log["met"] else "missed"
    lines = [
        f"# {log['title']}",
        "",
        f"`python -m tests.results {name}`: mean {judged} error **{percent(log['mean_error'])}** "
        f"over {len(log['runs'])} seed(s) (goal {percent(log['goal'])}: {verdict}), "
        f"{log['minutes']:.0f} minutes in all. {log['data']['images']} images to learn from.",
        "",
        *rows(log),
        "",
        "## Settings",
        "",
        "| part | parameter | value |",
        "| --- | --- | --- |",
    ]
    for part, values in log["settings"].items():
        if isinstance(values, dict):
            lines += [f"| {part} | {key} | {value} |" for key, value in values.items()]
        else:
            lines.append(f"| | {part} | {values} |")
    lines += ["", "## The readout, epoch by epoch", ""]
    for one in log["runs"]:
        lines += [f"Seed {one['seed']}", "", *epochs(one["readout"]["history"]), ""]
    lines += ["Machine: " + ", ".join(f"{k} {v}" for k, v in log["machine"].items())]
    return "\n".join(lines).rstrip() + "\n"


def rows(log: dict[str, Any]) -> list[str]:
    """One line a seed and classifier."""
    lines = [
        "| seed | what reads | training error | validation error | test error | seconds |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in log["runs"]:
        readers = {"hidden units": one["readout"]} | one.get("baselines", {})
        for reader, found in readers.items():
            errors = " | ".join(
                percent(found.get(f"{part}_error")) for part in ("train", "validation", "test")
            )
            took = f"{found['seconds']:.0f}"
            if reader == "hidden units":
                took = f"{one['learning']['seconds']:.0f} + {took}"
            lines.append(f"| {one['seed']} | {reader} | {errors} | {took} |")
    return lines


def epochs(history: list[list[float]]) -> list[str]:
    """Some twelve epochs of a history, the last among them."""
    lines = [
        "| epoch | cost | running error | validation error | test error |",
        "| --- | --- | --- | --- | --- |",
    ]
    every = max(1, len(history) // 12)
    for epoch, cost, *errors in history:
        if int(epoch) % every == 0 or epoch == len(history):
            lines.append(f"| {int(epoch)} | {cost:.4f} | {' | '.join(map(percent, errors))} |")
    return lines
