"""What this copy of the program is: its version and, where it was installed, how it was built."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

from lyapstudio import __version__
from lyapstudio.core.resources import resource


@dataclass(frozen=True)
class Build:
    """Version, the commit it was made from, when, and an id that no other build has.

    All but the version are "" in a checkout or a wheel.
    """

    version: str = __version__
    commit: str = ""
    built: str = ""
    id: str = ""

    @property
    def line(self) -> str:
        """Like "0.5.0 (1a2b3c4, 2025-05-01)"."""
        more = ", ".join(filter(None, (self.commit[:12], self.built[:10])))
        return f"{self.version} ({more})" if more else self.version


@cache
def build() -> Build:
    """What this copy is; a damaged build.json is as good as none."""
    try:
        told: Any = json.loads(resource("build.json").read_text("utf-8"))
        words = {k: v for k, v in told.items() if isinstance(v, str)}
    except (OSError, ValueError, AttributeError):
        return Build()
    known = {name: words[name] for name in ("commit", "built", "id") if name in words}
    return Build(words.get("version") or __version__, **known)


def frozen() -> bool:
    """Whether this is an installed program rather than Python running its sources."""
    return bool(getattr(sys, "frozen", False))
