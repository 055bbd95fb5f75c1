"""What the program says of itself: versions, what changed, and whose work is in it."""

from __future__ import annotations

import html
import re

from lyapstudio.core.build import build
from lyapstudio.core.resources import changelog, resource
from lyapstudio.ui.settings import keep, setting

SHORT = """
<p>Lyapunov Studio is under the MIT licence.</p>
<ul>
<li>Qt and PySide (LGPL 3), NumPy and SciPy (BSD), Numba and llvmlite (BSD), networkx (BSD),
Pillow (MIT-CMU), qtawesome (MIT), Python (PSF).</li>
<li>Icons: Phosphor (MIT). Type: Inter (SIL OFL).</li>
<li>Photographs: public domain and CC0, from scikit-image.</li>
<li>MNIST: Y. LeCun, C. Cortes and C. J. C. Burges.</li>
</ul>
"""


def licences() -> str:
    """The page of licences: that of the installed program, else a short list."""
    page = _read("licences.html")
    return page if "<h2" in page else f"<h2>Licences</h2>{page or SHORT}"


def changes() -> str:
    """CHANGELOG.md as a page of the help."""
    try:
        words = changelog().read_text("utf-8")
    except OSError:
        return "<h2>What changed</h2><p>This copy came without its list of changes.</p>"
    return "<h2>What changed</h2>" + to_html(words)


def updated() -> str:
    """A sentence after an update, once; "" at the first start of all and at all others."""
    now, before = build().version, setting("version", str, "")
    if before != now:
        keep("version", now)
    return f"Version {now}: see what changed." if before and before != now else ""


def to_html(markdown: str) -> str:
    """Headings, paragraphs and lists, bold and code: all that the list of changes has."""
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", markdown):
        lines = block.strip().splitlines()
        if not lines or lines[0].startswith("# "):
            continue
        if lines[0].startswith("## "):
            parts.append(f"<h3>{_inline(lines[0][3:])}</h3>")
            lines = lines[1:]
        if lines and lines[0].startswith("- "):
            items = re.split(r"\n- ", "\n".join(lines)[2:])
            parts.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>")
        elif lines:
            parts.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "".join(parts)


def _inline(words: str) -> str:
    """Emphasis; everything else is text."""
    words = html.escape(" ".join(words.split()), quote=False)
    words = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", words)
    words = re.sub(r"(?<!\*)\*([^*]+)\*", r"<i>\1</i>", words)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", words)


def _read(name: str) -> str:
    try:
        return resource(name).read_text("utf-8", "replace")
    except OSError:
        return ""
