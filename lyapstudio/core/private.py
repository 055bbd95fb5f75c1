"""Takes out of a text what is nobody's business: paths, names of people, machines and files."""

from __future__ import annotations

import getpass
import os
import platform
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

PATH, NAME, FILE = "<path>", "<name>", "<file>"

_QUOTED = re.compile(r"“[^”\n]*”")
_PATH = re.compile(
    r"""
    (?P<quote>["'])(?:file://)?(?:[A-Za-z]:[\\/]|\\\\|/|~|<path>)[^"'\n]*(?P=quote)  # quoted
    | (?:file://)?(?:(?<![\w<.])[A-Za-z]:[\\/]|\\\\|(?<![\w<.])/(?=[^\s/])|~[\\/]|<path>[\\/])
      [^\n"'<>|]*?(?=:\s|,\s|;\s|\.\s|\)|\.?$|["'<>|\n])        # bare: names may have spaces
    """,
    re.VERBOSE | re.MULTILINE,
)
_FILE = re.compile(
    r"[^\s“”\"'<>/\\]+\.(?:lyap|npy|npz|csv|tsv|txt|mtx|gz|zip|png|jpe?g|bmp|gif|tiff?|webp|idx\w*)\b",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"(?:.*[\\/])?(?:site-packages[\\/]|_internal[\\/]|(?=lyapstudio[\\/]))(.*)", re.DOTALL
)


def people() -> tuple[str, ...]:
    """Names of the user and of the machine, as this system knows them."""
    found = [os.environ.get(name, "") for name in ("USER", "USERNAME", "LOGNAME", "COMPUTERNAME")]
    with suppress(Exception):  # without a password entry every system raises another error
        found.append(getpass.getuser())
    with suppress(RuntimeError):
        found.append(Path.home().name)
    found += [platform.node(), platform.node().partition(".")[0]]
    return tuple(sorted({name for name in found if name}, key=len, reverse=True))


def places() -> tuple[str, ...]:
    """Folders that tell who somebody is, the longest first."""
    found = [tempfile.gettempdir(), os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")]
    with suppress(RuntimeError):
        found.append(str(Path.home()))
    for place in list(filter(None, found)):
        with suppress(OSError):
            found.append(os.path.realpath(place))
    found = [place.rstrip("/\\") for place in found]
    more = [place.replace("\\", "/") for place in found] + [quote(place) for place in found]
    return tuple(sorted({p for p in (*found, *more) if len(p) > 1}, key=len, reverse=True))


def scrubbed(text: str, names: Iterable[str] = ()) -> str:
    """The text without paths, names in “quotes”, files, people, and the `names` given.

    Of files of the program and of the libraries it uses, what stands in a traceback, the path
    below the library folder stays.
    """
    text = _QUOTED.sub("“…”", text)
    for place in places():
        text = text.replace(place, PATH)
    text = _PATH.sub(_shortened, text)
    for name in sorted({n.strip() for n in names if n.strip()}, key=len, reverse=True):
        text = _word(name).sub(FILE, text)
    text = _FILE.sub(FILE, text)
    for name in people():
        text = _word(name).sub(NAME, text)
    return text


def _word(name: str) -> re.Pattern[str]:
    """That name where it is not a part of a longer word."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


def _shortened(found: re.Match[str]) -> str:
    """What stays of a path: the part below the libraries, if it is code."""
    words, mark = found[0], found["quote"] or ""
    path = words.strip(mark) if mark else words
    ours = _OURS.fullmatch(path)
    kept = ours[1] if ours and ours[1].endswith(".py") and " " not in ours[1] else PATH
    return f"{mark}{kept}{mark}"
