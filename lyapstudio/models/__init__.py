"""One file, one model: every file here that defines a Model subclass is found by itself.

Models never import each other. `LYAPSTUDIO_MODELS` names one more folder to look in.
"""

from __future__ import annotations

import os
import sys
from functools import cache

from lyapstudio.core.discover import defined_in
from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Model


@cache
def models() -> dict[str, type[Model]]:
    """Model id (its file's name) -> class, in the order of their history."""
    extra = os.environ.get("LYAPSTUDIO_MODELS")
    if extra and extra not in __path__:
        __path__.append(extra)
    found = dict(defined_in(__path__, __name__, Model))
    return dict(sorted(found.items(), key=lambda item: (item[1].year, item[1].title)))


def model_class(id: str) -> type[Model]:
    """The class with that id, or UserError."""
    try:
        return models()[id]
    except KeyError:
        known = ", ".join(models())
        raise UserError(f"There is no model called {id}. Known models: {known}.") from None


def model_id(model: Model | type[Model]) -> str:
    """The id under which a model is saved."""
    owner = model if isinstance(model, type) else type(model)
    return sys.modules[owner.__module__].__name__.rpartition(".")[2]
