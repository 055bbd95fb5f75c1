"""What Linux wants beside the program itself: menu entry, icons, document type, manual page."""

from __future__ import annotations

import gzip
import shutil
import time
from pathlib import Path

import project

LINUX = project.ROOT / "packaging" / "linux"
ICONS = project.ROOT / "build" / "icons"
SIGNS = (
    ("lyapstudio", "apps", "lyapstudio"),
    ("document", "mimetypes", "application-x-lyapstudio"),
)
"""(SVG source, folder of hicolor, name there)."""


def filled(name: str) -> str:
    """The text of a file in packaging/linux with version and date filled in."""
    text = (LINUX / name).read_text("utf-8")
    date = time.strftime("%Y-%m-%d", time.gmtime())
    return text.replace("@VERSION@", project.VERSION).replace("@DATE@", date)


def share(folder: Path) -> None:
    """Write the tree that goes under /usr/share or ~/.local/share."""
    _write(folder / "applications" / "lyapstudio.desktop", filled("lyapstudio.desktop"))
    _write(folder / "mime" / "packages" / "lyapstudio.xml", filled("lyapstudio.xml"))
    _write(folder / "metainfo" / "lyapstudio.metainfo.xml", filled("lyapstudio.metainfo.xml"))
    manual = folder / "man" / "man1" / "lyapstudio.1.gz"
    manual.parent.mkdir(parents=True, exist_ok=True)
    manual.write_bytes(gzip.compress(filled("lyapstudio.1").encode(), 9, mtime=0))
    for source, kind, name in SIGNS:
        for side in project.SIZES:
            target = folder / "icons" / "hicolor" / f"{side}x{side}" / kind / f"{name}.png"
            _copy(ICONS / f"{source}-{side}.png", target)
        target = folder / "icons" / "hicolor" / "scalable" / kind / f"{name}.svg"
        _copy(project.ROOT / "resources" / "icon" / f"{source}.svg", target)


def program(source: Path, target: Path) -> None:
    """Copy the frozen program as files that anyone may read."""
    shutil.copytree(source, target, symlinks=True)
    for file in target.rglob("*"):
        if not file.is_symlink():
            runs = file.is_dir() or file.name == "lyapstudio"
            file.chmod(0o755 if runs else 0o644)
    target.chmod(0o755)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
