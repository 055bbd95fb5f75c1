"""One readable page with the licences of all that is bundled, made of what came in."""

from __future__ import annotations

import html
import json
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import project

TEXTS = project.ROOT / "packaging" / "licences"
RESOURCES = project.ROOT / "resources"
WORDS = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
BUILT_BY = {"pyinstaller"}
"""Not a module of the program, but its bootloader is what starts it."""

QT = """Qt 6 and Qt for Python (PySide6, Shiboken) are used under the GNU Lesser General Public
Licence, version 3; Copyright (C) The Qt Company Ltd. and other contributors. They are separate
libraries in the program's folder, unchanged from the wheels PySide6-Essentials and shiboken6 on the
Python Package Index, and you may replace them by versions of your own. Their source code is at
https://download.qt.io/official_releases/QtForPython/ and https://download.qt.io/archive/qt/.

Qt itself contains parts by others (FreeType, HarfBuzz, libjpeg, libpng, PCRE2, zlib, ICU and more)
under permissive licences, listed at https://doc.qt.io/qt-6/licenses-used-in-qt.html.

The texts of the LGPL 3 and of the GPL 3, which it refers to, follow at the end of this page."""


@dataclass(frozen=True)
class Part:
    """Something that is bundled: what it is, under what, and the words of its licence."""

    name: str
    version: str
    licence: str
    text: str


def distributions(modules: set[str]) -> list[str]:
    """The names of the distributions that top-level modules come from."""
    table = metadata.packages_distributions()
    found = {name for module in modules for name in table.get(module, ())}
    found |= {"qtawesome"} | BUILT_BY
    return sorted({re.sub(r"[-_.]+", "-", name).lower() for name in found} - {"lyapstudio"})


def distribution(name: str) -> Part:
    """What a distribution's metadata says."""
    found = metadata.distribution(name)
    about = found.metadata
    said = about.get("License-Expression") or about.get("License") or ""
    classes = [c.split(" :: ")[-1] for c in about.get_all("Classifier") or () if "License ::" in c]
    short = said.strip() if said and len(said) < 90 and "\n" not in said.strip() else ""
    files = [f for f in found.files or () if ".dist-info" in str(f) and WORDS.search(f.name)]
    texts = [Path(str(f.locate())).read_text("utf-8", "replace") for f in files]
    if name in ("pyside6-essentials", "shiboken6"):
        short, texts = "LGPL-3.0-only", [QT]
    elif name in BUILT_BY:
        short = "GPL-2.0-or-later WITH Bootloader-exception"
    return Part(
        about["Name"],
        found.version,
        short or ", ".join(classes) or "see its text",
        "\n\n".join(texts),
    )


def python() -> Part:
    """Python itself, which says its licence."""
    home = Path(json.__file__).parent.parent
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    places = [
        home / "LICENSE.txt",
        home.parent / "LICENSE.txt",
        Path(sys.base_prefix, "LICENSE.txt"),
        Path(f"/usr/share/doc/python{version}/copyright"),
    ]
    text = next((p.read_text("utf-8", "replace") for p in places if p.is_file()), "")
    text = text or "https://docs.python.org/3/license.html"
    return Part("Python", platform.python_version(), "PSF-2.0", text)


def libraries(files: list[list[str]]) -> list[Part]:
    """The system's libraries that were brought along, by Debian package.

    files : (place, source) of every binary
    """
    if not shutil.which("dpkg-query"):
        return []
    sources = sorted({s for _, s in files if s.startswith(("/lib/", "/usr/lib/"))})
    packages: dict[str, str] = {}
    for source in sources:
        path = str(Path(source).resolve())
        for spelling in (path, path.removeprefix("/usr")):
            command = ["dpkg-query", "-S", spelling]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if not done.returncode:
                packages[done.stdout.split(":")[0]] = source
                break
    parts = []
    for package in sorted(packages):
        notice = Path("/usr/share/doc", package, "copyright")
        text = notice.read_text("utf-8", "replace") if notice.is_file() else ""
        command = ["dpkg-query", "-W", "-f", "${Version}", package]
        version = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        # Debian's file is about a whole source package, its tools and build scripts as well
        parts.append(Part(package, version, "see its text", text))
    return parts


def ours() -> list[Part]:
    """The program, and what is in its resources."""
    read = lambda *parts: RESOURCES.joinpath(*parts).read_text("utf-8")  # noqa: E731
    licence = (project.ROOT / "LICENSE").read_text("utf-8")
    return [
        Part(project.NAME, project.VERSION, "MIT", licence),
        Part("Inter (fonts)", "", "OFL-1.1", read("fonts", "OFL.txt")),
        Part("Photographs", "", "public domain, CC0", read("photographs", "LICENCES.md")),
        Part("MNIST (digits)", "", "terms of its own", read("mnist", "LICENCE.md")),
        Part("Phosphor (icons)", "", "MIT", (TEXTS / "phosphor.txt").read_text("utf-8")),
    ]


def parts(collected: Path) -> list[Part]:
    """Everything that is bundled.

    collected : the list that lyapstudio.spec wrote
    """
    table = json.loads(collected.read_text("utf-8"))
    modules = set(table["modules"]) | {re.split(r"[/\\.]", place)[0] for place, _ in table["files"]}
    found = [*ours(), python(), *(distribution(name) for name in distributions(modules))]
    found += libraries(table["files"])
    for name in ("LGPL-3.0", "GPL-3.0"):
        found.append(
            Part(f"Text of the {name}", "", "", (TEXTS / f"{name}.txt").read_text("utf-8"))
        )
    return found


def page(collected: Path) -> str:
    """The page, in the HTML that Qt's text browser shows as well."""
    rows, sections = [], []
    for number, part in enumerate(parts(collected)):
        name, version, licence = (html.escape(t) for t in (part.name, part.version, part.licence))
        rows.append(
            f'<tr><td><a href="#p{number}">{name}</a></td><td>{version}</td><td>{licence}</td></tr>'
        )
        sections.append(
            f'<h2><a name="p{number}" id="p{number}"></a>{name} {version}</h2>\n'
            f'<pre style="white-space: pre-wrap">{html.escape(part.text.strip())}</pre>\n'
        )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        "<title>Licences</title></head>"
        f"<body>\n<h1>Licences</h1>\n<p>{project.NAME} is under the MIT licence. It brings along "
        "the work of many others; whose it is, and on what terms, stands here.</p>\n"
        '<table cellpadding="3"><tr><th align="left">What</th><th align="left">Version</th>'
        f'<th align="left">Licence</th></tr>\n{"".join(rows)}</table>\n{"".join(sections)}'
        "</body></html>\n"
    )
