"""What went wrong, in a sentence for the person at the window."""

from __future__ import annotations

import traceback

from lyapstudio.core.errors import UserError


def explain(
    error: BaseException, what: str = "The run stopped", then: str = " Restart to go on."
) -> str:
    """A sentence for the window; unforeseen errors name their place for a report."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Choose a smaller network."
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
    return f"{what}: {type(error).__name__}: {error} ({where}).{then}"
