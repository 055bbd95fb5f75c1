"""The frozen program: PyInstaller's folder, with its stamp, its kernels and its licences."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icons
import licences
import project

from lyapstudio.core import kernel_cache

BUILD = project.ROOT / "build"
FROZEN = BUILD / "frozen"
MAC = sys.platform == "darwin"
FOLDER = FROZEN / (f"{project.NAME}.app" if MAC else "lyapstudio")
STRIPPED = ("libllvmlite.so", "libpython3*.so*", "lib-dynload/*.so", "numba/**/*.so")
"""Symbols are of no use; wheels whose libraries were patched (numpy, scipy, Qt) do not bear it."""

INGREDIENTS = (
    "build", "constraints.txt", "frozen.py", "icons.py", "licences", "licences.py",
    "lyapstudio.spec", "project.py", "slim.py", "start.py",
)  # fmt: skip
"""What of this folder the frozen program depends on."""

Timed = Callable[[str, Callable[[], object]], None]


def build(timed: Timed) -> Path:
    """Make the folder, unless one of the very same content stands there; return where it is."""
    key = build_id()
    stamp = BUILD / "frozen.key"
    if stamp.exists() and stamp.read_text() == key and executable().exists():
        print(f"the frozen program {key} is there already", flush=True)
        return FOLDER
    stamp.unlink(missing_ok=True)
    timed("icons", lambda: icons.draw(BUILD / "icons"))
    timed("PyInstaller", _freeze)
    inner = resources()
    (inner / "build.json").write_text(json.dumps(stamp_of(key), indent=1) + "\n", "utf-8")
    (inner / "licences.html").write_text(licences.page(BUILD / "collected.json"), "utf-8")
    timed("kernels", lambda: compile_kernels(inner / "kernels"))
    stamp.write_text(key)
    return FOLDER


def executable() -> Path:
    """The program that a terminal starts."""
    if MAC:
        return FOLDER / "Contents" / "MacOS" / "lyapstudio"
    return FOLDER / ("lyapstudio-console.exe" if sys.platform == "win32" else "lyapstudio")


def resources() -> Path:
    """Where the program finds its resources."""
    inner = FOLDER / "Contents" / "Resources" if MAC else FOLDER / "_internal"
    return inner / "lyapstudio" / "resources"


def build_id() -> str:
    """Sixteen digits that change with anything that goes into the program."""
    digest = hashlib.sha256(f"{sys.version} {sys.platform}".encode())
    names = ["pyproject.toml", "CHANGELOG.md", "LICENSE", "lyapstudio"]
    names += [f"resources/{name}" for name in project.RESOURCES]
    names += [f"packaging/{name}" for name in INGREDIENTS]
    for file in (
        f for n in names for f in (project.ROOT / n, *sorted((project.ROOT / n).rglob("*")))
    ):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(project.ROOT).as_posix()}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def stamp_of(key: str) -> dict[str, Any]:
    """What the program says about itself."""
    git = ["git", "-c", "safe.directory=*", "-C", str(project.ROOT), "rev-parse", "HEAD"]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    return {
        "version": project.VERSION,
        "commit": done.stdout.strip() or os.environ.get("GITHUB_SHA", ""),
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "id": key,
    }


def _freeze() -> None:
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(FROZEN), "--workpath", str(BUILD / "pyinstaller")]
    spec = project.ROOT / "packaging" / "lyapstudio.spec"
    subprocess.run([*command, str(spec)], check=True, cwd=project.ROOT)
    if sys.platform == "linux":
        for pattern in STRIPPED:
            for file in FOLDER.rglob(pattern):
                subprocess.run(["strip", "--strip-unneeded", str(file)], check=True)


def compile_kernels(folder: Path) -> None:
    """Let the frozen program compile every kernel into a folder, for both levels at once.

    The levels share no file; what is left to join is who says for which levels there are some.
    """
    x86 = kernel_cache.level(()) is not None
    parts = {level: BUILD / "kernels" / level for level in kernel_cache.LEVELS} if x86 else {}
    calls = [[str(part), "--level", level] for level, part in parts.items()] or [[str(folder)]]
    shutil.rmtree(BUILD / "kernels", ignore_errors=True)
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    running = [
        subprocess.Popen([str(executable()), "kernels", "--out", *call], env=environment)
        for call in calls
    ]
    if any([process.wait(1200) for process in running]):  # noqa: C419 - wait for every one
        raise SystemExit(
            "The frozen program could not compile its kernels: `lyapstudio kernels` failed, see "
            "above. Without them the first start of every user would wait."
        )
    told = [
        json.loads((part / kernel_cache.MANIFEST).read_text("utf-8")) for part in parts.values()
    ]
    for part in parts.values():
        shutil.copytree(part, folder, dirs_exist_ok=True)
    if told:
        joined = told[0] | {"levels": sorted(level for one in told for level in one["levels"])}
        (folder / kernel_cache.MANIFEST).write_text(json.dumps(joined), "utf-8")
