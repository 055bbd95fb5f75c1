"""What PyInstaller would bring along and the program never uses; the sizes are in README.md."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

EXCLUDED = [
    # networkx's layouts need scipy's optimize, and that needs linalg, sparse, spatial, special, fft
    *(f"scipy.{part}" for part in (
        "cluster", "datasets", "differentiate", "fftpack", "integrate", "interpolate", "io", "misc",
        "ndimage", "odr", "signal", "stats",
    )),
    # optional to one of the libraries, and not ours
    "IPython", "OpenGL", "cupy", "h5py", "matplotlib", "pandas", "sympy", "yaml", "jinja2",
    "colorcet",
    "qtawesome", "qtpy",  # only its font is read
    "numba.cuda", "numba.tests", "networkx.algorithms.tests",
    "scipy._lib.array_api_compat.cupy", "scipy._lib.array_api_compat.dask",
    "scipy._lib.array_api_compat.torch", "scipy._lib.pyprima",
    "pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.jupyter", "pyqtgraph.console",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtDBus",
    "PySide6.QtPrintSupport",
    # threads inside a kernel are never asked for
    "numba.np.ufunc.omppool", "numba.np.ufunc.tbbpool",
    "PIL.ImageQt", "PIL.ImageTk", "PIL._imagingtk", "PIL._avif", "PIL._imagingcms",
    "tkinter", "_tkinter", "readline", "_curses", "pip", "setuptools",
    "pkg_resources", "pydoc_data", "lib2to3", "test",
]  # fmt: skip

PLAIN = ("lyapstudio", "PySide6", "shiboken6")
"""Kept as files, not in PyInstaller's archive: they are read before the first paint."""
HOOKS = ("pyi_rth_multiprocessing", "pyi_rth_pyqtgraph_multiprocess")
"""What PyInstaller would do at every start for programs that start processes of their own kind."""

PLUGINS = {
    "linux": {
        "platforms": {"xcb", "wayland", "offscreen"},
        "platforminputcontexts": {
            "composeplatforminputcontextplugin", "ibusplatforminputcontextplugin",
        },
        "platformthemes": {"xdgdesktopportal"},
        "wayland-decoration-client": None,
        "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
        "wayland-shell-integration": {"xdg-shell", "qt-shell"},
        "xcbglintegrations": None,
    },
    "win32": {"platforms": {"windows", "offscreen"}, "styles": None},
    "darwin": {"platforms": {"cocoa", "offscreen"}, "styles": None},
}  # fmt: skip
"""Folders of Qt's plugins that are kept, and which of each; None for all."""
EVERYWHERE = {"iconengines": None, "imageformats": {"svg", "ico", "icns", "jpeg"}}

LIBRARIES = (
    "Network", "Qml", "Quick", "Pdf", "Sql", "VirtualKeyboard", "EglFS", "Designer", "Help",
    "LabsFolder", "PrintSupport", "WebSockets",
)  # fmt: skip
"""Parts of Qt that only plugins which are left out need."""


SYSTEM = (
    "libstdc++", "libgcc_s", "libX11", "libXau.so", "libXdmcp", "libxcb.so", "libdbus", "libglib-",
    "libgthread", "libfontconfig", "libfreetype.so", "libpng16.so",
)  # fmt: skip
"""What every Linux desktop has and must share with its graphics drivers and settings; the .deb
depends on it. The small helpers of xcb are brought along: many a desktop lacks one of them."""


def needed(name: str, system: str) -> bool:
    """Whether a collected file belongs into the program.

    name : where it would stand, such as "PySide6/Qt/plugins/tls/libqopensslbackend.so"
    system : sys.platform
    """
    path = PurePosixPath(name.replace("\\", "/"))
    parts = path.parts
    if len(parts) == 1 and system == "linux" and path.name.startswith(SYSTEM):
        return False
    if "translations" in parts or "qml" in parts:
        return False
    if "plugins" in parts and "PySide6" in parts:
        return _plugin(parts[parts.index("plugins") + 1 :], system)
    stem = path.name.removeprefix("lib")
    if stem.startswith("Qt6") or (parts and "PySide6" in parts and stem.startswith("Qt")):
        bare = stem.removeprefix("Qt6").removeprefix("Qt")
        return not bare.startswith(LIBRARIES)
    if path.name == "opengl32sw.dll":  # 20 MB for machines whose OpenGL is broken; nothing needs it
        return False
    if ".dist-info" in name:
        return False
    return not (parts[0] in ("scipy", "numpy", "numba") and "tests" in parts)


def asked_for(file: str) -> set[str]:
    """The libraries that a file itself asks the loader for (ldd would tell theirs as well)."""
    done = subprocess.run(["objdump", "-p", file], capture_output=True, text=True, check=False)
    return set(re.findall(r"^\s+NEEDED\s+(\S+)$", done.stdout, re.MULTILINE))


def reachable(
    entries: Iterable[tuple[str, str, str]], needs: Callable[[str], set[str]] = asked_for
) -> list[tuple[str, str, str]]:
    """Leave out the libraries of the system that nothing which is kept needs any more.

    entries : (place, source, kind) as PyInstaller collects them; those in a folder are kept
    needs : names of the libraries that a file asks the loader for
    """
    entries = list(entries)
    loose = {name: entry for entry in entries if "/" not in (name := entry[0])}
    kept = [entry for entry in entries if "/" in entry[0]]
    places = {entry[0] for entry in kept}
    todo = [loose.pop(name) for name in list(loose) if name.startswith("libpython")]
    todo += [loose.pop(name) for name, entry in list(loose.items()) if entry[1] in places]  # links
    todo += kept
    found = []
    while todo:
        entry = todo.pop()
        found.append(entry)
        if entry[2] != "SYMLINK":
            todo += [loose.pop(n) for n in sorted(needs(entry[1])) if n in loose]
    return found


def _plugin(parts: tuple[str, ...], system: str) -> bool:
    kept = EVERYWHERE | PLUGINS[system]
    folder, file = parts[0], parts[-1]
    if folder not in kept:
        return False
    chosen = kept[folder]
    bare = file.removeprefix("lib").split(".")[0].removeprefix("q")
    return chosen is None or bare in chosen or f"q{bare}" in chosen
