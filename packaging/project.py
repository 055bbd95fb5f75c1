"""What all installers say of the program: names, version, resources, document type."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NAME = "Lyapunov Studio"
BUNDLE_ID = "lyapstudio"
MIME = "application/x-lyapstudio"
SUMMARY = "Watch networks fall into a memory"
ABOUT = "Networks whose dynamics are governed by a Lyapunov function"

RESOURCES = ("fonts", "help", "icon", "mnist", "photographs")
"""Folders of resources/ that the program reads; the pictures are the README's."""

SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
"""Sides of the icon, pixels."""


def version() -> str:
    """The version that the package says."""
    text = (ROOT / "lyapstudio" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found, "lyapstudio/__init__.py says no version"
    return found[1]


VERSION = version()


def requirements() -> list[str]:
    """The names of what the program depends on, as in pyproject.toml."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [re.split(r"[<>=!~;\[ ]", line)[0] for line in table["dependencies"]]


def libraries() -> list[str]:
    """The Debian packages with the libraries of Qt's window, as the README lists them."""
    text = (ROOT / "README.md").read_text("utf-8").split("## Installers")[0]
    lines = re.findall(r"^    sudo apt-get install -y (.*)$", text, re.MULTILINE)
    return [name for line in lines for name in line.split() if name.startswith("lib")]


def icon_font() -> list[tuple[str, str]]:
    """(file, folder in the program) of the font that the icons are drawn from."""
    import importlib.util

    spec = importlib.util.find_spec("qtawesome")
    assert spec
    assert spec.submodule_search_locations
    fonts = Path(spec.submodule_search_locations[0]) / "fonts"
    return [(str(file), "qtawesome/fonts") for file in sorted(fonts.glob("phosphor-*"))]


def info_plist() -> dict[str, Any]:
    """What macOS wants to know, the document type among it."""
    return {
        "CFBundleName": NAME,
        "CFBundleDisplayName": NAME,
        "CFBundleShortVersionString": VERSION,
        "LSMinimumSystemVersion": "13.0",
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "MIT licence",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": f"{NAME} document",
                "CFBundleTypeRole": "Editor",
                "CFBundleTypeIconFile": "lyapstudio.icns",
                "LSHandlerRank": "Owner",
                "LSItemContentTypes": [f"{BUNDLE_ID}.document"],
            }
        ],
        "UTExportedTypeDeclarations": [
            {
                "UTTypeIdentifier": f"{BUNDLE_ID}.document",
                "UTTypeDescription": f"{NAME} document",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {
                    "public.filename-extension": ["lyap"],
                    "public.mime-type": [MIME],
                },
            }
        ],
    }


def windows_version_file() -> Path:
    """Write the version resource of the .exe, as PyInstaller reads it; return where."""
    numbers = [int(part) for part in re.findall(r"\d+", VERSION)[:4]]
    four = tuple(numbers + [0] * (4 - len(numbers)))
    words = {
        "CompanyName": "The Lyapunov Studio developers",
        "FileDescription": NAME,
        "FileVersion": VERSION,
        "InternalName": "lyapstudio",
        "LegalCopyright": "MIT licence",
        "OriginalFilename": "lyapstudio.exe",
        "ProductName": NAME,
        "ProductVersion": VERSION,
    }
    table = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in words.items())
    file = ROOT / "build" / "version.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3F, flags=0, "
        "OS=0x40004, fileType=1, subtype=0, date=(0, 0)), kids=[StringFileInfo([StringTable("
        f"'040904B0', [{table}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n",
        "utf-8",
    )
    return file
