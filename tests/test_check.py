"""`lyapstudio check` runs everything in a window and leaves the user's things alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lyapstudio.document.examples import examples
from lyapstudio.models import models
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

ROOT = Path(__file__).parent.parent
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


def refuse(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


@pytest.mark.timeout(300)
def test_check_runs_every_example_and_says_how_it_went(home):
    done = subprocess.run(
        [sys.executable, "-m", "lyapstudio", "check", "--json"],
        env=dict(os.environ, PYTHONPATH=str(ROOT), XDG_CACHE_HOME=CACHE),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    (line,) = done.stdout.splitlines()
    report = json.loads(line, parse_constant=refuse)
    assert report["complaints"] == []
    assert done.returncode == 0
    assert report["ok"]
    assert [row["id"] for row in report["examples"]] == list(examples())
    assert all(row["wrong_moves"] == 0 for row in report["examples"] if row["guaranteed"])
    assert {row["id"] for row in report["models"]} == set(models())
    assert 0 < report["first_paint"] < report["ready"]
    assert report["fps"] > 5
    assert set(report["lateness"]) == {"p50", "p95", "p99"}
    assert report["peak_memory"] > 50
    assert report["kernel_cache"]["misses"] == len(report["kernel_cache"]["missed"])
    assert report["rules"] == list(rules())
    assert report["wirings"] == list(wirings())
    assert report["three_d"]["reason"]
    assert not list(home.rglob("*.conf")), "the settings were touched"
    assert not list(home.rglob("autosave")), "the autosaves were touched"
