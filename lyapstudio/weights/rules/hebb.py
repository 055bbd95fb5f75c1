"""Hebb's rule: what fires together wires together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lyapstudio.weights.factors import Factors, rows_of
from lyapstudio.weights.rules.rule import Material, Rule


@dataclass(frozen=True)
class Hebb(Rule):
    """Hopfield 1982, equation 2; the rule is Hebb's."""

    id: ClassVar[str] = "hebb"
    title: ClassVar[str] = "Hebb"
    year: ClassVar[int] = 1949
    signs: ClassVar[bool] = True
    additive: ClassVar[bool] = True
    about: ClassVar[str] = (
        "<h3>Hebb's rule</h3>"
        "<p><i>w<sub>ij</sub></i> = (1/<i>N</i>) &Sigma;<sub>&mu;</sub> "
        "<i>&xi;<sub>i</sub><sup>&mu;</sup> &xi;<sub>j</sub><sup>&mu;</sup></i>, "
        "<i>w<sub>ii</sub></i> = 0</p>"
        "<p><i>N</i> neurons, memories &xi;<sup>&mu;</sup>. Two neurons that are alike in a "
        "memory are tied with a positive weight, two that differ with a negative one: "
        "what fires together wires together. Each memory is added on its own, so one can be "
        "stored or forgotten without touching the others.</p>"
        "<p><b>What to look for.</b> Random memories are recalled up to about 0.14 <i>N</i> of "
        "them. Letters and photographs resemble each other, and each then disturbs the others: "
        "store a few and watch the network fall into a blend. The projection rule mends that.</p>"
    )

    def factors(self, material: Material, before: Factors | None = None) -> Factors:
        U = rows_of(material.memories, np.int8)
        return Factors(U, None, 1.0 / material.N, 0, np.arange(material.P))
