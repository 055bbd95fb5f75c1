"""Where compiled kernels are kept, and how they are read back: each in a file under its checksum.

Looked through in turn: the folder that was shipped with the program, which is only read, then the
user's, which is also written. Neither depends on where the program or the current folder is. What
is damaged, of another version or cannot be written costs a compilation and is said once; it never
keeps the program from working.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from lyapstudio.core.build import build, frozen
from lyapstudio.core.resources import resource

LEVELS = ("x86-64", "x86-64-v3")
"""Processors that kernels are compiled for on x86; the second one has AVX2."""
V3 = {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sse4.2", "xsave"}
"""What a processor of the second level can do, in LLVM's words."""

VERSIONS = 4
"""Folders of the user that are kept, one a version of the program."""
SUFFIX = ".kernel"
MANIFEST = "kernels.json"
DIGEST = 32
"""Bytes of a checksum."""

DAMAGED = (
    "Compiled kernels that were kept are damaged. They were compiled anew; nothing else is touched."
)
FOREIGN = (
    "The compiled kernels that came with the program belong to another version. They are "
    "compiled anew on this computer: the first runs begin a little later."
)
UNWRITABLE = (
    "Compiled kernels cannot be kept in {folder}: {reason}. All works, but they are "
    "compiled anew at every start."
)

_complaints: dict[str, str] = {}
_told: set[str] = set()
_lock = Lock()


def complain(kind: str, sentence: str) -> None:
    """Note what is wrong; the first sentence of a kind counts."""
    with _lock:
        _complaints.setdefault(kind, sentence)


def complaints() -> tuple[str, ...]:
    """What was wrong with kept kernels and has not been told yet: each sentence comes once."""
    with _lock:
        new = [kind for kind in _complaints if kind not in _told]
        _told.update(new)
        return tuple(_complaints[kind] for kind in new)


# processors


def level(features: Iterable[str]) -> str | None:
    """The level of an x86 processor with these features; None elsewhere: numba then decides."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return None
    return LEVELS[set(features) >= V3]


# places


def cache_base() -> Path:
    """Where this system keeps what programs can make again."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        return Path(given)
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"])
    try:
        home = Path.home()
    except RuntimeError:  # there is none
        return Path(tempfile.gettempdir())
    if sys.platform == "win32":
        return home / "AppData" / "Local"
    return home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"


def cache_home() -> Path:
    """Where compiled kernels of all versions are kept between runs."""
    inner = (
        ("Lyapunov Studio", "lyapstudio", "cache") if sys.platform == "win32" else ("lyapstudio",)
    )
    return cache_base().joinpath(*inner, "kernels")


@cache
def stamp() -> str:
    """Changes with the program: numba itself does not notice a change in a called kernel."""
    if build().id:
        return "".join(c if c.isalnum() or c in "-." else "-" for c in build().id)
    package = Path(__file__).parent.parent
    digest = hashlib.sha256(build().version.encode())
    for part in ("core", "document", "models", "weights"):
        for file in sorted((package / part).rglob("*.py")):
            status = file.stat()
            place = file.relative_to(package).as_posix()
            digest.update(f"{place} {status.st_size} {status.st_mtime_ns};".encode())
    return digest.hexdigest()[:16]


def own_folder() -> Path:
    """The user's folder for this version; NUMBA_CACHE_DIR names another one."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    return Path(given) if given else cache_home() / stamp()


@cache
def shipped_folder() -> Path | None:
    """What came with the program, if it belongs to it."""
    folder = resource("kernels")
    if os.environ.get("NUMBA_CACHE_DIR") or not folder.is_dir():
        return None
    fits = _manifest(folder).get("stamp") == stamp()
    if not fits:
        complain("foreign", FOREIGN)
    return folder if fits else None


def write_manifest(folder: Path, levels: Iterable[str]) -> None:
    """Say to which version the kernels in a folder belong, and to which processors."""
    before = _manifest(folder)
    others = before.get("levels", []) if before.get("stamp") == stamp() else []
    told = {"stamp": stamp(), "version": build().version, "levels": sorted({*others, *levels})}
    (folder / MANIFEST).write_text(json.dumps(told), "utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


# files


class Shelf:
    """The files of kept kernels; a name belongs to one kernel, signature and processor."""

    def __init__(self, shipped: Path | None, own: Path) -> None:
        self.shipped, self.own = shipped, own
        self.used: set[str] = set()  # names of what was read
        self._writable = True

    def read(self, name: str) -> bytes | None:
        """What was kept under a name; None where there is nothing, or nothing sound."""
        for folder in filter(None, (self.shipped, self.own)):
            try:
                data = (folder / f"{name}{SUFFIX}").read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                complain("damaged", DAMAGED)
                continue
            body = data[DIGEST:]
            if hashlib.sha256(body).digest() == data[:DIGEST]:
                self.used.add(name)
                return body
            complain("damaged", DAMAGED)
        return None

    def write(self, name: str, body: bytes) -> None:
        """Keep it, all or nothing; where that cannot be it is said once."""
        if not self._writable:
            return
        target = self.own / f"{name}{SUFFIX}"
        try:
            self._make()
            handle, passing = tempfile.mkstemp(dir=self.own, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(body).digest() + body)
                os.replace(passing, target)
            except BaseException:
                with suppress(OSError):
                    os.unlink(passing)
                raise
        except OSError as error:
            self._writable = False
            reason = error.strerror or str(error)
            complain("unwritable", UNWRITABLE.format(folder=self.own, reason=reason))

    def _make(self) -> None:
        if self.own.is_dir():
            return
        self.own.mkdir(parents=True, exist_ok=True)
        if self.own.parent == cache_home():
            _forget_old(self.own)


def shelf() -> Shelf:
    """Where the kernels of this process are kept."""
    return Shelf(shipped_folder(), own_folder())


def _forget_old(folder: Path) -> None:
    """Keep the folders of the last few versions only."""
    with suppress(OSError):
        others = sorted(folder.parent.iterdir(), key=lambda f: f.stat().st_mtime)
        for old in others[:-VERSIONS]:
            shutil.rmtree(old, ignore_errors=True)


def origin(module: str, file: str) -> str:
    """Which file a kernel is from, as its name knows it.

    A file of the program: its module, for the folder tells the version. Any other, such as a model
    of one's own: also its place, size and time, for no version knows of it.
    """
    extra = os.environ.get("LYAPSTUDIO_MODELS")
    try:
        path = Path(file).resolve()
        status = path.stat()
        if frozen():  # its own files are nowhere, whatever lies in the current folder
            ours = extra is None or not path.is_relative_to(Path(extra).resolve())
        else:
            ours = path.is_relative_to(Path(__file__).resolve().parent.parent)
    except OSError:
        ours = True
    return module if ours else f"{module} {path} {status.st_size} {status.st_mtime_ns}"
