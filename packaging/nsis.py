"""Compile the Windows installer; on Linux from a stand-in, so that the script cannot rot."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import project

SCRIPT = project.ROOT / "packaging" / "windows" / "lyapstudio.nsi"
ICONS = project.ROOT / "build" / "icons"


def stand_in(folder: Path) -> Path:
    """A folder with the names of a frozen Windows program and nothing in them."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "_internal").mkdir(parents=True)
    for name in ("lyapstudio.exe", "lyapstudio-console.exe", "_internal/python311.dll"):
        (folder / name).write_bytes(b"")
    return folder


def build(program: Path, target: Path) -> Path:
    """Make lyapstudio-VERSION-windows-x86_64.exe of a frozen program."""
    makensis = shutil.which("makensis") or r"C:\Program Files (x86)\NSIS\makensis.exe"
    result = target / f"lyapstudio-{project.VERSION}-windows-x86_64.exe"
    numbers = [*re.findall(r"\d+", project.VERSION), "0", "0", "0", "0"][:4]
    size = sum(file.stat().st_size for file in program.rglob("*") if file.is_file())
    definitions = {
        "VERSION": project.VERSION,
        "FOUR": ".".join(numbers),
        "SOURCE": program,
        "ICONS": ICONS,
        "LICENCE": project.ROOT / "LICENSE",
        "SIZE_KB": size // 1024,
        "RESULT": result,
    }
    words = [f"-D{name}={value}" for name, value in definitions.items()]
    subprocess.run([makensis, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *words, SCRIPT], check=True)
    return result
