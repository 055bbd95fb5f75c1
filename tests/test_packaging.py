"""What the installers are made of: whole, well-formed, without a trace of the machine at hand.

Building takes minutes: `packaging/prove` does that, and uses what was built as a person would.
"""

from __future__ import annotations

import ast
import configparser
import os
import plistlib
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QColor, QImage

ROOT = Path(__file__).parent.parent
PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"
WRITTEN = [
    file
    for folder in (PACKAGING, ROOT / ".github", ROOT / ".ci", ROOT / "resources" / "icon")
    for file in sorted(folder.rglob("*"))
    if file.is_file() and "__pycache__" not in file.parts
]


@pytest.fixture(autouse=True)
def _modules(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))


def checked(*command: object) -> None:
    """Run a checker that this machine may not have."""
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        pytest.skip(f"not installed: {words[0]}")
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# the frozen program


def test_every_file_of_the_package_is_collected():
    spec = (PACKAGING / "lyapstudio.spec").read_text("utf-8")
    assert 'collect_submodules("lyapstudio")' in spec
    for file in (ROOT / "lyapstudio").rglob("*.py"):  # which sees packages only
        assert (file.parent / "__init__.py").exists(), file


def test_every_resource_is_collected():
    import project

    tracked = {folder.name for folder in (ROOT / "resources").iterdir() if folder.is_dir()}
    assert tracked - {"pictures"} == set(project.RESOURCES)  # the pictures are the README's


def imported() -> set[str]:
    """Every module that the program imports from elsewhere, with its parts."""
    found = set()
    for file in (ROOT / "lyapstudio").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {n for n in found if n.split(".")[0] not in {*sys.stdlib_module_names, "lyapstudio"}}


def test_nothing_that_is_imported_is_left_out():
    import slim

    for name in imported():
        for left_out in slim.EXCLUDED:
            assert not f"{name}.".startswith(f"{left_out}."), name


def test_what_is_needed_of_qt():
    from slim import needed

    plugins = "PySide6/Qt/plugins"
    for kept in (
        f"{plugins}/platforms/libqxcb.so",
        f"{plugins}/platforms/libqoffscreen.so",
        f"{plugins}/wayland-shell-integration/libxdg-shell.so",
        f"{plugins}/iconengines/libqsvgicon.so",
        "PySide6/Qt/lib/libQt6Gui.so.6",
        "libxcb-cursor.so.0",
        "scipy/sparse/linalg/_dsolve/_superlu.cpython-311-x86_64-linux-gnu.so",
    ):
        assert needed(kept, "linux"), kept
    for left_out in (
        f"{plugins}/platformthemes/libqgtk3.so",
        f"{plugins}/platforms/libqeglfs.so",
        f"{plugins}/tls/libqopensslbackend.so",
        "PySide6/Qt/lib/libQt6Network.so.6",
        "PySide6/Qt/translations/qtbase_de.qm",
        "libstdc++.so.6",
    ):
        assert not needed(left_out, "linux"), left_out
    assert needed(r"PySide6\plugins\platforms\qwindows.dll", "win32")
    assert needed(r"PySide6\Qt6Svg.dll", "win32")
    assert not needed(r"PySide6\Qt6Quick.dll", "win32")
    assert needed(f"{plugins}/platforms/libqcocoa.dylib", "darwin")


def test_a_library_stays_only_where_something_asks_for_it():
    from slim import reachable

    files = [(n, n, "BINARY") for n in ("a/program.so", "liba.so", "libb.so", "libc.so")]
    asks = {"a/program.so": {"liba.so"}, "liba.so": {"libb.so"}}
    found = reachable(files, lambda file: asks.get(file, set()))
    assert {name for name, _, _ in found} == {"a/program.so", "liba.so", "libb.so"}


def test_versions_agree():
    import project

    from lyapstudio import __version__

    assert __version__ == project.VERSION
    tree = ast.parse(project.windows_version_file().read_text("utf-8"))
    assert __version__ in {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}


def test_the_build_is_pinned():
    pins = (PACKAGING / "constraints.txt").read_text("utf-8")
    extra = re.search(r'"(pyinstaller==[\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert extra
    assert extra[1] in pins.splitlines()


# licences


def test_the_licence_of_every_dependency_is_on_the_page():
    import licences
    import project

    by_module = {name.split(".")[0] for name in imported()}
    covered = set(licences.distributions(by_module))
    needed = {name.lower() for name in project.requirements()}
    assert needed <= covered
    for name in covered - licences.BUILT_BY:
        part = licences.distribution(name)
        assert len(part.text) > 200, f"{name} has no licence"
        assert part.version == metadata.version(name)


def test_the_page_of_licences(tmp_path, monkeypatch):
    import json

    import licences

    monkeypatch.setattr(licences, "BUILT_BY", set())
    collected = tmp_path / "collected.json"
    table = {"modules": ["numpy", "PySide6"], "files": [["numba/_helperlib.so", "x"]]}
    collected.write_text(json.dumps(table), "utf-8")
    page = licences.page(collected)
    for word in (
        "numpy",
        "numba",
        "PySide6",
        "Python",
        "Inter",
        "Phosphor",
        "MNIST",
        "Photographs",
    ):
        assert f">{word}" in page, word
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in page
    assert "How to Apply These Terms" in page


# the desktop


def test_menu_entry():
    import project

    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(LINUX / "lyapstudio.desktop", "utf-8")
    entry = entry["Desktop Entry"]
    assert entry["Name"] == project.NAME
    assert entry["Exec"] == "lyapstudio %f"
    assert entry["MimeType"] == f"{project.MIME};"
    checked("desktop-file-validate", LINUX / "lyapstudio.desktop")


def test_document_type():
    import project
    import tree

    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kind = ElementTree.parse(LINUX / "lyapstudio.xml").getroot()[0]
    assert kind.get("type") == project.MIME
    assert kind.find(f"{space}glob").get("pattern") == "*.lyap"
    assert kind.find(f"{space}icon").get("name") in {name for _, _, name in tree.SIGNS}


def test_metainfo(tmp_path):
    import project
    import tree

    file = tmp_path / "lyapstudio.metainfo.xml"
    file.write_text(tree.filled("lyapstudio.metainfo.xml"), "utf-8")
    root = ElementTree.parse(file).getroot()
    assert root.findtext("name") == project.NAME
    assert root.findtext("provides/mediatype") == project.MIME
    assert root.find("releases/release").get("version") == project.VERSION
    # its id is no domain: the program has none
    checked("appstreamcli", "validate", "--no-net",
            "--override", "cid-desktopapp-is-not-rdns=info", file)  # fmt: skip


def test_manual_names_every_command():
    from lyapstudio.cli import COMMANDS

    text = (LINUX / "lyapstudio.1").read_text("utf-8")
    for command in COMMANDS.keys() - {"kernels"}:  # the build's own
        assert re.search(rf"^\.BI? {command}\b", text, re.MULTILINE), command


def test_the_deb_depends_on_what_the_readme_lists():
    import deb

    said = re.search("^Depends: (.*)$", deb.control(1000), re.MULTILINE)
    assert said
    for name in ("libxcb-cursor0", "libegl1", "libglib2.0-0", "shared-mime-info"):
        assert name in said[1]
    assert "${" not in deb.control(1000)


def drawn(folder: Path) -> None:
    import icons
    import project

    for source in ("lyapstudio", "document"):
        for side in project.SIZES:
            svg = ROOT / "resources" / "icon" / f"{source}.svg"
            icons.render(svg, side, folder / f"{source}-{side}.png")


def test_icon_is_legible_at_every_size(tmp_path):
    import project

    drawn(tmp_path)
    for side in project.SIZES:
        image = QImage(str(tmp_path / f"lyapstudio-{side}.png"))
        assert image.width() == image.height() == side
        assert QColor(image.pixelColor(0, 0)).alpha() < 128
        inks = [image.pixelColor(x, y) for x in range(side) for y in range(side)]
        warm = sum(c.red() > c.blue() + 20 and c.alpha() > 200 for c in inks)
        petrol = sum(c.green() > c.red() + 60 for c in inks)
        night = sum(c.blue() > c.red() + 30 and c.green() < 90 for c in inks)
        assert warm > 0.05 * side**2, side
        assert petrol > 0.02 * side**2, side
        assert night > 0.3 * side**2, side


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_archive_installs_without_root_and_goes_away(tmp_path, monkeypatch):
    import tree

    monkeypatch.setattr(tree, "ICONS", tmp_path / "icons")
    drawn(tmp_path / "icons")
    unpacked, home = tmp_path / "unpacked", tmp_path / "a home"
    tree.share(unpacked / "share")
    (unpacked / "lib").mkdir()
    (unpacked / "lib" / "lyapstudio").write_text("#!/bin/sh\necho it runs\n", "utf-8")
    (unpacked / "lib" / "lyapstudio").chmod(0o755)
    shutil.copy(LINUX / "install", unpacked / "install")
    home.mkdir()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}

    def does(*words: object) -> str:
        command = [str(word) for word in words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=30
        ).stdout

    for _ in range(2):  # again over itself
        assert "is installed" in does(unpacked / "install")
    assert does(home / ".local/bin/lyapstudio") == "it runs\n"
    share = home / ".local/share"
    entry = (share / "applications/lyapstudio.desktop").read_text("utf-8")
    assert f'Exec="{home}/.local/lib/lyapstudio/lyapstudio" %f' in entry
    assert (share / "icons/hicolor/16x16/mimetypes/application-x-lyapstudio.png").exists()
    does(home / ".local/lib/lyapstudio/install", "--remove")
    assert not [f for f in home.rglob("*") if "lyapstudio" in f.name]


# other systems


def test_windows_installer_is_the_users_own():
    import project

    script = (PACKAGING / "windows" / "lyapstudio.nsi").read_text("utf-8")
    assert "RequestExecutionLevel user" in script
    assert f'"{project.MIME}"' in script
    assert "HKLM" not in script
    installed, removed = script.split('Section "Uninstall"')
    for key in re.findall(r'WriteReg\w+ HKCU "([^"]+)"', installed):
        top = key.split("\\shell")[0].removesuffix("\\DefaultIcon")
        assert f'HKCU "{top}"' in removed, key
    assert 'Delete "$SMPROGRAMS' in removed
    assert 'RMDir /r "$INSTDIR"' not in script  # a folder chosen by hand may hold other things


def test_windows_installer_compiles(tmp_path, monkeypatch):
    import icons
    import nsis

    if shutil.which("makensis") is None:
        pytest.skip("not installed: makensis")
    monkeypatch.setattr(nsis, "ICONS", tmp_path / "icons")
    icons.draw(tmp_path / "icons")
    made = nsis.build(nsis.stand_in(tmp_path / "staged"), tmp_path)
    assert made.read_bytes()[:2] == b"MZ"


def test_macos_knows_the_document_type():
    import project

    told = plistlib.loads(plistlib.dumps(project.info_plist()))
    (kind,) = told["UTExportedTypeDeclarations"]
    assert kind["UTTypeTagSpecification"]["public.filename-extension"] == ["lyap"]
    assert told["CFBundleDocumentTypes"][0]["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]


def test_workflow_checks_on_every_system_and_needs_no_secret():
    text = (ROOT / ".github" / "workflows" / "installers.yml").read_text("utf-8")
    assert "secrets." not in text
    for system in ("ubuntu", "windows", "macos"):
        assert system in text
    assert "packaging/prove" in text
    assert text.count("check --json") == 2  # prove does it on Linux
    assert "check --json" in (PACKAGING / "prove").read_text("utf-8")


# the house


def test_no_path_of_a_machine_is_committed():
    for file in WRITTEN:
        text = file.read_text("utf-8")
        for path in ("/work/", "/root/", "C:\\Users", "/Users/", "/tmp/bash"):
            assert path not in text, f"{file.name}: {path}"
        assert not re.search(r"/home/(?!\$user)", text), file.name


@pytest.mark.skipif(os.name != "posix", reason="shell scripts")
def test_scripts_are_sound():
    for file in WRITTEN:
        first = file.read_text("utf-8").split("\n", 1)[0]
        if first.startswith("#!"):
            assert os.access(file, os.X_OK), file
        if first.startswith("#!") and first.endswith("sh"):
            checked("bash" if first.endswith("bash") else "sh", "-n", file)
