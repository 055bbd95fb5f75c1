"""`python -m tests.benchmarks [--json FILE]`: every figure as a table and as JSON.

Ratios are taken interleaved in one process; the last line printed is the JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path


def clean_environment() -> None:
    """One BLAS thread, and none of the overrides that slow a current numpy (kernels.md)."""
    wanted = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    wanted.pop("OPENBLAS_CORETYPE", None)
    wanted.pop("OPENBLAS_L2_SIZE", None)
    if wanted != dict(os.environ):
        command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]]
        os.execve(sys.executable, command, wanted)


def main() -> int:
    """Run all; exit status 1 where a figure is missed."""
    clean_environment()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    chosen = parser.parse_args()
    from itertools import chain

    from tests.benchmarks import bench_learning, bench_recall, bench_weights, bench_window

    rows = []
    print(f"{'figure':46} {'ours':>10} {'reference':>10} {'figure':>8} {'target':>8}")
    parts = bench_recall, bench_weights, bench_learning, bench_window
    for row in chain.from_iterable(part.rows(chosen.only) for part in parts):
        rows.append(row)
        mark = "" if row["met"] else "  MISSED"
        print(
            f"{row['name']:46} {row['ours']:>10.4g} {row['reference']:>10.4g} "
            f"{row['figure']:>8.3g} {row['sign'] + format(row['target'], 'g'):>8}{mark}",
            flush=True,
        )
    text = json.dumps({"times": "ms", "rows": rows})
    print(text)
    if chosen.json:
        chosen.json.write_text(text, "utf-8")
    return 0 if all(row["met"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
