"""The .deb: installed under /usr/lib/lyapstudio, gone without a trace when it is removed."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import project
import tree

WORK = project.ROOT / "build" / "deb"
DESKTOP = ("shared-mime-info", "desktop-file-utils", "hicolor-icon-theme")
"""So that a double click on a document opens it, and icons are found."""
RENAMED = {"libglib2.0-0": "libglib2.0-0t64 | libglib2.0-0"}


def file_name() -> str:
    """The name of the file."""
    return f"lyapstudio_{project.VERSION}_amd64.deb"


def depends() -> list[str]:
    """The packages it cannot do without: Qt's, as the README lists them, and the loader's."""
    libc = platform.libc_ver()[1]
    names = [RENAMED.get(name, name) for name in project.libraries()]
    return [f"libc6 (>= {libc})", "libstdc++6", "libgcc-s1", *names, *DESKTOP]


def control(installed: int) -> str:
    """The control file; installed : size in kB."""
    return (
        "Package: lyapstudio\n"
        f"Version: {project.VERSION}\n"
        "Architecture: amd64\n"
        "Maintainer: The Lyapunov Studio developers <lyapstudio@localhost>\n"
        f"Installed-Size: {installed}\n"
        f"Depends: {', '.join(depends())}\n"
        "Section: science\n"
        "Priority: optional\n"
        f"Description: {project.SUMMARY}\n"
        " Networks whose dynamics are governed by a Lyapunov function: store memories,\n"
        " ruin one with the mouse, and watch the network fall into the right one; or\n"
        " let a network learn digits without labels. For people who explore dynamics\n"
        " with the mouse, for teachers, and for lab members who write no code.\n"
    )


def copyright_file() -> str:
    """/usr/share/doc/lyapstudio/copyright: whose it is, and where the other licences stand."""
    licence = (project.ROOT / "LICENSE").read_text("utf-8")
    return (
        f"{project.NAME} is under this licence:\n\n{licence}\n"
        "It brings along Python, Qt for Python (LGPL 3; the libraries in\n"
        "/usr/lib/lyapstudio/_internal/PySide6 may be replaced by your own), numpy, scipy, numba,\n"
        "LLVM and others, fonts, photographs and the MNIST digits. All their licences are on one\n"
        "page: /usr/lib/lyapstudio/_internal/lyapstudio/resources/licences.html.\n"
        "The texts of the GPL 3 and the LGPL 3 are in /usr/share/common-licenses as well.\n"
    )


def build(frozen: Path, target: Path) -> Path:
    """Make the file of the frozen program."""
    shutil.rmtree(WORK, ignore_errors=True)
    usr = WORK / "usr"
    tree.share(usr / "share")
    tree.program(frozen, usr / "lib" / "lyapstudio")
    (usr / "bin").mkdir()
    (usr / "bin" / "lyapstudio").symlink_to("../lib/lyapstudio/lyapstudio")
    doc = usr / "share" / "doc" / "lyapstudio"
    doc.mkdir(parents=True)
    (doc / "copyright").write_text(copyright_file(), "utf-8")
    files = [file for file in usr.rglob("*") if file.is_file() and not file.is_symlink()]
    info = WORK / "DEBIAN"
    info.mkdir()
    size = sum(-(-file.stat().st_size // 1024) for file in files)
    (info / "control").write_text(control(size), "utf-8")
    for name in ("postinst", "postrm"):
        shutil.copyfile(tree.LINUX / name, info / name)
        (info / name).chmod(0o755)
    result = target / file_name()
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(WORK), str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return result
