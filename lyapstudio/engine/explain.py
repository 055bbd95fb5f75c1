"""What went wrong, in a sentence for the person at the window."""

from __future__ import annotations

import traceback
from pathlib import Path

from lyapstudio.core.errors import UserError
from lyapstudio.core.logbook import log


def explain(
    error: BaseException, what: str = "The run stopped", then: str = " Restart to go on."
) -> str:
    """A sentence for the window; unforeseen errors name their place, and are in the log."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Choose a smaller network."
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = f"{what}: {type(error).__name__}: {error}{where}.{then}"
    log.error(said, exc_info=error, extra={"sentence": said})
    return said
