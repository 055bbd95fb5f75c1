"""What a wiring is: a recipe for who listens to whom; one file, one recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lyapstudio.core.param import Params, integer, number, switch
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring.lists import admit


@dataclass(frozen=True)
class Wiring(Params):
    """A recipe for the connections; nothing N x N is ever made from it unless a rule needs that.

    Recipes add parameters of their own; these four are common to all. The seed of the wiring is
    its own, so that another order of updates leaves the connections alone.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    place: ClassVar[int] = 99  # where it stands in the list
    complete: ClassVar[bool] = False  # True: all to all, and nothing has to be listed
    smaller: ClassVar[str] = "Choose another wiring"  # what helps where it has too many connections

    own: bool = switch(
        False,
        label="Self-connections",
        advanced=True,
        help="Let every neuron listen to itself, too. With Hebb's rule each then holds on to its "
        "state.",
    )
    antisymmetry: float = number(
        0.0,
        0.0,
        3.0,
        label="Antisymmetric part k",
        advanced=True,
        help="Adds k times a random antisymmetric matrix as strong as the weights. At 0 the "
        "energy is a Lyapunov function; raise it and watch the network begin to wander.",
    )
    inhibitory: float = number(
        0.0,
        0.0,
        1.0,
        label="Inhibitory neurons",
        percent=True,
        decimals=0,
        advanced=True,
        help="Dale's law: so large a share of the neurons may only inhibit others, the rest only "
        "excite them; weights of the wrong sign are removed. 0: no such law.",
    )
    seed: int = integer(
        1,
        0,
        2**31 - 1,
        label="Seed of the wiring",
        advanced=True,
        help="Another number draws other connections by the same recipe.",
    )

    def connections(self, rows: int, cols: int) -> Connections | None:
        """Who listens to whom on a sheet of rows x cols, row by row; None: all to all.

        Raises
        ------
        UserError : more connections than fit in memory; says how many
        """
        raise NotImplementedError

    def expected(self, rows: int, cols: int) -> float:
        """About how many connections there will be, for the cost, before any is made."""
        raise NotImplementedError

    def admit(self, rows: int, cols: int) -> None:
        """Refuse a sheet on which the connections would be too many, before any is made.

        Raises
        ------
        UserError : says how many, and what to make smaller
        """
        admit(self.expected(rows, cols), self.smaller)
