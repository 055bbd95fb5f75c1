"""Learning rules (skeleton: the kernels branch replaces this file)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lyapstudio.core.param import Params


@dataclass(frozen=True)
class Rule(Params):
    """How the memories make the weights."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]


@dataclass(frozen=True)
class Hebb(Rule):
    id: ClassVar[str] = "hebb"
    title: ClassVar[str] = "Hebb"
    about: ClassVar[str] = ""


@dataclass(frozen=True)
class Projection(Rule):
    id: ClassVar[str] = "projection"
    title: ClassVar[str] = "Projection"
    about: ClassVar[str] = ""


def rules() -> dict[str, type[Rule]]:
    return {cls.id: cls for cls in (Hebb, Projection)}
