"""`python -m tests.results NAME [--seeds 1 2 3]`: run one experiment and save its log.

Writes NAME.json (settings, seeds, every epoch, times) and NAME.md (the same to read) beside this
file, or in the folder of --to. Without a name it lists what there is.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

PAGES = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "2000000000"}
"""Keep the allocator's pages: a fresh page for every temporary doubles some times."""


def clean_environment() -> None:
    """One BLAS thread, and none of the overrides that slow a current numpy."""
    wanted = dict(os.environ, OPENBLAS_NUM_THREADS="1", **PAGES)
    wanted.pop("OPENBLAS_CORETYPE", None)
    wanted.pop("OPENBLAS_L2_SIZE", None)
    if wanted != dict(os.environ):
        os.execve(sys.executable, [sys.executable, "-m", "tests.results", *sys.argv[1:]], wanted)


def main() -> int:
    """Exit status 1 where the goal is missed."""
    clean_environment()
    from tests.results.experiments import EXPERIMENTS
    from tests.results.runs import run
    from tests.results.tables import save

    parser = argparse.ArgumentParser(prog="python -m tests.results", description=__doc__)
    parser.add_argument("name", nargs="?", choices=EXPERIMENTS)
    parser.add_argument("--seeds", type=int, nargs="+", help="others than the documented ones")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, help="another folder")
    chosen = parser.parse_args()
    if chosen.name is None:
        for name, experiment in EXPERIMENTS.items():
            print(f"{name:12} {experiment.title}")
        return 0
    experiment = EXPERIMENTS[chosen.name]
    log = run(experiment, tuple(chosen.seeds or experiment.seeds))
    save(chosen.name, log, chosen.to)
    return 0 if log["met"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
