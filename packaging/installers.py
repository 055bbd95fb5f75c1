"""From the checkout to dist/: freeze the program, then wrap it for this system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import frozen
import project

DIST = project.ROOT / "dist"


def wrap_linux(program: Path) -> None:
    """The .deb and the archive for users without root, and a Windows installer for the syntax."""
    import deb
    import nsis
    import tarball

    timed("the .deb", lambda: deb.build(program, DIST))
    timed("the .tar.zst", lambda: tarball.build(program, DIST))
    if shutil.which("makensis"):
        staged = nsis.stand_in(project.ROOT / "build" / "windows")
        timed("the NSIS script", lambda: nsis.build(staged, project.ROOT / "build"))


def wrap_windows(program: Path) -> None:
    """The installer; makensis comes with GitHub's machines, or from nsis.sourceforge.io."""
    import nsis

    timed("the installer", lambda: nsis.build(program, DIST))


def wrap_macos(program: Path) -> None:
    """The disk image."""
    image = DIST / f"lyapstudio-{project.VERSION}-macos-{os.uname().machine}.dmg"
    script = project.ROOT / "packaging" / "macos" / "dmg"
    timed("the .dmg", lambda: subprocess.run([script, program, image], check=True))


def timed(what: str, work: Callable[[], object]) -> None:
    """Do it and say how long it took."""
    began = time.monotonic()
    work()
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)


def main() -> int:
    """Build everything for this system."""
    program = frozen.build(timed)
    if "--frozen" in sys.argv:  # without installers
        return 0
    DIST.mkdir(exist_ok=True)
    wrap = {"linux": wrap_linux, "win32": wrap_windows, "darwin": wrap_macos}[sys.platform]
    wrap(program)
    for file in sorted(DIST.iterdir()):
        print(f"{file.stat().st_size / 1e6:7.1f} MB  {file.relative_to(project.ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
