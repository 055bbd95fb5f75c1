"""The archive for users without root: a folder, and a script that installs it into ~/.local."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import project
import tree

WORK = project.ROOT / "build" / "tar"


def name() -> str:
    """The archive's name without its endings, and of the one folder in it."""
    return f"lyapstudio-{project.VERSION}-linux-x86_64"


def build(frozen: Path, target: Path) -> Path:
    """Make the archive of the frozen program."""
    shutil.rmtree(WORK, ignore_errors=True)
    folder = WORK / name()
    tree.share(folder / "share")
    tree.program(frozen, folder / "lib")
    shutil.copyfile(tree.LINUX / "install", folder / "install")
    (folder / "install").chmod(0o755)
    shutil.copyfile(project.ROOT / "LICENSE", folder / "LICENSE")
    result = target / f"{name()}.tar.zst"
    order = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]
    command = ["tar", "-I", "zstd -12 -T0 -q", *order, "-cf", str(result), "-C", str(WORK), name()]
    subprocess.run(command, check=True)
    shutil.rmtree(WORK)
    return result
