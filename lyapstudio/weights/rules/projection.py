"""The projection rule: every stored memory is left exactly as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Choice, choice
from lyapstudio.weights.dependence import SPANNED, TOLERANCE, explain, too_many
from lyapstudio.weights.factors import Factors, gram, rows_of
from lyapstudio.weights.rules.rule import Material, Rule


@dataclass(frozen=True)
class Projection(Rule):
    """Personnaz, Guyon & Dreyfus 1985; Kanter & Sompolinsky 1987."""

    id: ClassVar[str] = "projection"
    title: ClassVar[str] = "Projection"
    year: ClassVar[int] = 1985
    about: ClassVar[str] = (
        "<h3>The projection rule (pseudo-inverse)</h3>"
        "<p><i>W</i> = (1/<i>N</i>) &Sigma;<sub>&mu;&nu;</sub> &xi;<sup>&mu;</sup> "
        "(<i>C</i><sup>&minus;1</sup>)<sub>&mu;&nu;</sub> &xi;<sup>&nu;T</sup>, "
        "<i>C<sub>&mu;&nu;</sub></i> = &xi;<sup>&mu;</sup>&middot;&xi;<sup>&nu;</sup>/<i>N</i>, "
        "then <i>w<sub>ii</sub></i> = 0</p>"
        "<p><i>C</i> holds the overlaps of the memories with each other. Dividing by it takes out "
        "what they have in common, so that <i>W</i> projects every state onto the memories and "
        "leaves each memory as it is.</p>"
        "<p><b>What to look for.</b> Letters and photographs that defeat Hebb's rule are all "
        "stable now, and all lie at the same energy. The basins shrink as memories are added; "
        "any number below <i>N</i> can be stored if none is a combination of others.</p>"
    )

    dependent: str = choice(
        "refuse",
        (
            Choice("refuse", "Tell me", "Says which memory is a combination of others."),
            Choice("pseudo", "Store what they span", "Uses the pseudo-inverse of C."),
        ),
        label="Dependent memories",
        advanced=True,
        help=(
            "What to do where one memory is a combination of others. Try storing a memory and "
            "its inverse: the two ask for the same weights."
        ),
    )

    def factors(self, material: Material, before: Factors | None = None) -> Factors:
        P, N = material.P, material.N
        if P >= N and self.dependent == "refuse":
            raise UserError(too_many(P, N))
        C = gram(material.memories) / N
        values, vectors = np.linalg.eigh(C)
        keep = values > TOLERANCE
        if not keep.all() and self.dependent == "refuse":
            raise UserError(explain(C, material.names))
        inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
        A = (inverse + inverse.T) / (2 * N)
        U = rows_of(material.memories, np.int8)
        note = SPANNED if keep.sum() >= N else ""
        return Factors(U, None, 1.0, None, np.arange(P), A, note=note)
