"""`lyapstudio kernels`: compile everything ahead, for the program to be shipped with it."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lyapstudio import core, document, models, weights
from lyapstudio.cli.parser import Parser
from lyapstudio.core import kernel_cache
from lyapstudio.core.build import frozen
from lyapstudio.core.errors import UserError
from lyapstudio.core.kernel import cache_counts, cache_misses, cache_read
from lyapstudio.core.kernel import kernels as declared

NATIVE = "native"
"""Where there are no levels: kernels for this processor."""


def kernels(words: list[str]) -> int:
    """`lyapstudio kernels`."""
    parser = Parser(
        prog="lyapstudio kernels",
        description="Compile every kernel by running everything once in small, and write them to "
        "a folder. As resources/kernels it makes the first start of the program as quick as the "
        "second.",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="where to write them")
    parser.add_argument("--level", choices=kernel_cache.LEVELS, help="for one processor only")
    parser.add_argument("--here", choices=("fill", "prove"), help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.here:
        return _here(options.here == "prove")
    folder = Path(options.out).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{options.out} cannot be made: {error.strerror}.") from None
    levels = (options.level,) if options.level else kernel_cache.LEVELS
    if kernel_cache.level(()) is None:  # not x86
        levels = (NATIVE,)
    kept: set[str] = set()
    for level in levels:
        with tempfile.TemporaryDirectory() as passing:
            kept |= _compiled(Path(passing), level, folder)
    kernel_cache.write_manifest(folder, levels)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{len(kept)} files, {size / 1e6:.1f} MB in {folder}")
    return 0


def _compiled(passing: Path, level: str, folder: Path) -> set[str]:
    """Compile for one level, prove that all of it is read back, and keep what is read.

    The rest is only ever a part of another kernel.
    """
    filled, proof = _child(passing, level, "fill"), _child(passing, level, "prove")
    for wrong, why in (
        (filled["unreached"], "The rehearsal does not reach these kernels"),
        (proof["missed"], "These kernels cannot be kept"),
    ):
        if wrong:
            raise UserError(f"{why}: {', '.join(wrong)}.")
    for name in proof["read"]:
        shutil.copyfile(*(f / f"{name}{kernel_cache.SUFFIX}" for f in (passing, folder)))
    print(f"{level}: {proof['hits']} kernels, 0 misses", flush=True)
    return set(proof["read"])


def _child(folder: Path, level: str, what: str) -> dict:
    """Run everything in a process of its own, for numba knows one processor only."""
    program = [sys.executable] if frozen() else [sys.executable, "-m", "lyapstudio"]
    environment = dict(os.environ, NUMBA_CACHE_DIR=str(folder), OPENBLAS_NUM_THREADS="1")
    if level != NATIVE:
        environment |= {"NUMBA_CPU_NAME": level, "NUMBA_CPU_FEATURES": ""}
    command = [*program, "kernels", "--out", str(folder), "--here", what]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise UserError(f"Compiling for {level} ended with status {done.returncode}.")
    return json.loads(done.stdout.splitlines()[-1])


def _here(prove: bool) -> int:
    """One pass in this process; what it read and missed as a line of JSON."""
    from lyapstudio.cli.rehearsal import rehearse

    began, last = time.monotonic(), [0.0]

    def report(words: str) -> None:
        now = time.monotonic() - began
        if now - last[0] > 10.0:
            last[0] = now
            print(f"  {now:4.0f} s  {words}", file=sys.stderr, flush=True)

    rehearse(report)
    told = {
        "hits": cache_counts()[0],
        "missed": cache_misses() if prove else [],
        "unreached": [] if prove else _unreached(),
        "read": sorted(cache_read()),
    }
    print(json.dumps(told))
    return 0


def _unreached() -> list[str]:
    """Kernels that were not compiled, of all that the program has."""
    for package in (core, document, models, weights):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return [k.__name__ for k in declared() if not k.used]
