"""Storkey's rule: a memory is added as far as the network does not know it already."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError
from lyapstudio.core.model import Units
from lyapstudio.weights.cost import FLOAT_PAD, padded
from lyapstudio.weights.factors import Factors, aligned
from lyapstudio.weights.learned_fields import learned_field
from lyapstudio.weights.rules.rule import Material, Rule

FINEST = 24
"""Bits after the point: rounding then moves a weight by about 1e-7 of the largest one."""
COARSEST = 8  # bits below which rounding would be seen
ROWS = 128  # neurons whose columns are turned into rows at a time, within the cache


@dataclass(frozen=True, eq=False)
class Learned:
    """What learning one memory more starts from.

    memories : (P, N) int8, in the order in which they were learned
    fields : (P, N) float64, the field h = W xi that a memory had before it was learned
    """

    memories: Units
    fields: NDArray[np.float64]

    def common(self, memories: Units) -> int:
        """How many memories at the beginning are the same."""
        if self.memories.shape[1] != memories.shape[1]:
            return 0
        most = min(len(self.memories), len(memories))
        for m in range(most):
            if not np.array_equal(self.memories[m], memories[m]):
                return m
        return most


@dataclass(frozen=True)
class Storkey(Rule):
    """Storkey 1997, with zero diagonal and fields that leave out both neurons of a pair.

    Off the diagonal a memory makes of W (1 + 2/N) W + (xi xi^T - xi h^T - h xi^T) / N with
    h = W xi, so all of them leave W = (1/N) sum g xi xi^T - xi (g h)^T - (g h) xi^T, where g is
    (1 + 2/N) to the number of memories learned later: of rank 2P, and nothing N x N is needed.
    g and g h are rounded to 2**-bits, and V U^T is then exact and symmetric to the last bit.
    """

    id: ClassVar[str] = "storkey"
    title: ClassVar[str] = "Storkey"
    year: ClassVar[int] = 1997
    about: ClassVar[str] = (
        "<h3>Storkey's rule</h3>"
        "<p><i>w<sub>ij</sub></i> &larr; <i>w<sub>ij</sub></i> + (1/<i>N</i>) "
        "[<i>&xi;<sub>i</sub>&xi;<sub>j</sub></i> &minus; <i>&xi;<sub>i</sub> h<sub>ji</sub></i> "
        "&minus; <i>h<sub>ij</sub> &xi;<sub>j</sub></i>], <i>h<sub>ij</sub></i> = "
        "&Sigma;<sub><i>k</i>&ne;<i>i</i>,<i>j</i></sub> <i>w<sub>ik</sub> "
        "&xi;<sub>k</sub></i></p>"
        "<p>One memory &xi; after the other. <i>h<sub>ij</sub></i> is what neuron <i>i</i> hears "
        "from all neurons but <i>j</i> and itself when the memory is shown: what the network "
        "expects already. It is taken off, so only the news is stored, and older memories are "
        "disturbed less than by Hebb's rule. As with Hebb a weight needs to know only what its "
        "two neurons hear, and a memory can be added without seeing the others again.</p>"
        "<p><b>What to look for.</b> Store more random memories than Hebb can hold: about "
        "<i>N</i>/&radic;(2 ln <i>N</i>) of them are recalled here. The order of the memories "
        "matters a little. Letters and photographs resemble each other: this rule stores more of "
        "them than Hebb's, and the projection rule all of them.</p>"
        "<p>The weights are rounded to 2<sup>&minus;24</sup>/<i>N</i> (more coarsely in very "
        "large networks) to keep every energy exact. Storkey 1997.</p>"
    )

    def rank(self, P: int) -> int | None:
        return 2 * P

    def factors(self, material: Material, before: Factors | None = None) -> Factors:
        P, N = material.P, material.N
        learned = _learn(material.memories, before.kept if before else None)
        growth = np.asarray((1.0 + 2.0 / N) ** np.arange(P)[::-1], np.float64)
        bits = _bits(learned, growth, N)
        unit = 2.0**-bits
        g = np.rint(growth / unit) * unit
        U = aligned((N, padded(2 * P, FLOAT_PAD)), np.float64)
        V = aligned(U.shape, np.float64)
        for begin in range(0, N, ROWS):
            part = slice(begin, begin + ROWS)
            xi = material.memories[:, part].T.astype(np.float64)
            h = np.rint(learned.fields[:, part].T * (growth / unit)) * unit
            U[part, :P], U[part, P : 2 * P] = xi, h
            V[part, :P], V[part, P : 2 * P] = g * xi - h, -xi
        U[:, 2 * P :] = V[:, 2 * P :] = 0.0
        return Factors(U, V, 1.0 / N, bits, np.tile(np.arange(P), 2), kept=learned)


def _learn(memories: Units, known: object) -> Learned:
    """The field of every memory when its turn came; those known already are taken over."""
    P, N = memories.shape
    fields = np.empty((P, N))
    same = known.common(memories) if isinstance(known, Learned) else 0
    if isinstance(known, Learned) and same:
        fields[:same] = known.fields[:same]
    for m in range(same, P):
        learned_field(memories, fields, m)
    return Learned(memories, fields)


def _bits(learned: Learned, growth: NDArray[np.float64], N: int) -> int:
    """How finely g and h can be rounded with every field and energy exact.

    A field is a sum of at most N S in units of 1/N, with S the sum of g + 2 g |h| over memories:
    it and its double fit into the 53 bits of float64. The energy of a state is about N N at most,
    or as much larger as the largest field of a memory is, and fits into the 63 bits of a whole
    number with room to spare.
    """
    largest = np.array([np.abs(h).max(initial=0.0) for h in learned.fields])
    with np.errstate(over="ignore"):
        sizes = growth * (1.0 + 2.0 * largest)
    if not np.isfinite(sizes).all():
        sizes[:] = np.finfo(np.float64).max / max(1, len(sizes))
    fields = 52.0 - math.log2(2.0 * N) - math.log2(sizes.sum() + 1.0)
    energy = 58.0 - 2.0 * math.log2(N) - math.log2(sizes.max(initial=1.0))
    bits = math.floor(min(FINEST, fields, energy))
    if bits < COARSEST:
        raise UserError(
            f"Storkey's rule cannot hold {len(growth):,} memories in {N:,} neurons: the weights "
            f"grow beyond all bounds. Store fewer memories, or make the network larger."
        )
    return bits
