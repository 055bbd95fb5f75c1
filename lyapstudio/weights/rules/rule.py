"""What a learning rule is: memories in, weights out; one file, one rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Units
from lyapstudio.core.param import Params
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.factors import Entries, Factors
from lyapstudio.weights.listed import edge_products_of


class Listed(Protocol):
    """Weights as a list: (E,) into, out_of, sorted in this order, each pair once, and values."""

    @property
    def into(self) -> NDArray[np.int32]: ...
    @property
    def out_of(self) -> NDArray[np.int32]: ...
    @property
    def values(self) -> NDArray[np.float64]: ...
    @property
    def N(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Material:
    """What a rule works from.

    memories : (P, N) int8 in {-1, +1}, read-only; P may be 0
    names : P names, for messages
    given : weights from a file, or None; for weights by hand
    """

    memories: Units
    names: tuple[str, ...]
    given: Listed | None = None

    @property
    def N(self) -> int:
        return self.memories.shape[1]

    @property
    def P(self) -> int:
        return self.memories.shape[0]


@dataclass(frozen=True)
class Rule(Params):
    """How memories become weights. `about` is rich text: formula, symbols, what to look for.

    A rule answers in factors where its weights have them; else in a matrix, and along the
    connections of a wiring. Neither knows of dense or sparse: `weights.build` decides that.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    year: ClassVar[int] = 9999  # rules are listed in the order of their history
    stores: ClassVar[bool] = True  # False: the weights do not come from the memories
    signs: ClassVar[bool] = False  # True: its factors are the memories themselves, V = U
    additive: ClassVar[bool] = False  # True: a memory adds its outer product, whatever is there
    symmetrised: ClassVar[Mapping[str, Any]] = {}  # parameters with which weights are symmetric

    def rank(self, P: int) -> int | None:
        """How many columns its factors have for P memories; None where it has none."""
        return P

    def brings(self, material: Material) -> Connections | None:
        """The connections that a rule brings itself, in place of everybody to everybody."""
        return None

    def factors(self, material: Material, before: Factors | None = None) -> Factors:
        """W = V U^T of an all-to-all network.

        before : what this rule made of another list of memories of the same size; a rule that
            stores and forgets one memory on its own starts from there

        Raises
        ------
        UserError : where the rule cannot store these memories; says which, and what to do
        """
        raise NotImplementedError

    def matrix(self, material: Material) -> Entries:
        """All weights of an all-to-all network, for a rule without factors."""
        raise NotImplementedError

    def diagonal(self, material: Material) -> NDArray[np.float64]:
        """(N,) or (1,) w_ii in units of what `along` calls its scale, for self-connections."""
        if self.rank(material.P) is None:
            return np.zeros(1)
        factors = self.factors(material)
        return np.einsum("ir,ir->i", factors.left, factors.U[:, : factors.R].astype(np.float64))

    def along(self, material: Material, connections: Connections) -> Entries:
        """The weight of every connection: (E,) in the order of the connections.

        Usually those of the all-to-all network, left where there is a connection, and larger by
        N over the mean number of connections, so that fields keep their size.
        """
        factors = self.factors(material)
        mean = max(connections.count / connections.N, 1e-9)
        scale = factors.scale * (connections.N / mean)
        values = products(factors, connections)
        return Entries(values, scale, factors.bits, factors.symmetric, factors.note)


def products(factors: Factors, connections: Connections) -> NDArray[np.float64]:
    """(E,) float64 V_i . U_j along connections."""
    U = np.ascontiguousarray(factors.U[:, : factors.R])
    plain = factors.V is None and factors.A is None
    left: Any = U if plain else np.ascontiguousarray(factors.left)
    values = np.empty(connections.count)
    edge_products_of(connections.start, connections.sources, left, U, values)
    return values
