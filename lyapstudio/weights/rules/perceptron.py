"""The perceptron rule: every bit is learned again until it is stable by a margin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.param import integer, number, switch
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.cost import FLOAT_PAD, padded
from lyapstudio.weights.embedding import Outcome, train_separately, train_together
from lyapstudio.weights.embedding_edges import train_along
from lyapstudio.weights.factors import Entries, Factors, aligned, gram, rows_of
from lyapstudio.weights.rules.rule import Material, Rule


@dataclass(frozen=True)
class Perceptron(Rule):
    """Rosenblatt 1958 for every neuron; the margin is Gardner's, 1988.

    Training starts from Hebb's weights, not from zero as in the textbook: what Hebb stores well
    is then left as it is. Neurons and memories are visited in their order, so nothing is random.
    """

    id: ClassVar[str] = "perceptron"
    title: ClassVar[str] = "Perceptron"
    year: ClassVar[int] = 1988
    symmetrised: ClassVar[Mapping[str, Any]] = {"symmetric": True}
    about: ClassVar[str] = (
        "<h3>The perceptron rule</h3>"
        "<p>while <i>&xi;<sub>i</sub> h<sub>i</sub></i> &lt; &kappa; |<i>w<sub>i</sub></i>|: "
        "&nbsp; <i>w<sub>ij</sub></i> &larr; <i>w<sub>ij</sub></i> + <i>&xi;<sub>i</sub> "
        "&xi;<sub>j</sub></i>/<i>N</i>, <i>w<sub>ii</sub></i> = 0</p>"
        "<p>Every memory &xi; is shown again and again. <i>h<sub>i</sub></i> is the field of "
        "neuron <i>i</i> in it, |<i>w<sub>i</sub></i>| the length of the weights into <i>i</i>, "
        "and &kappa; the margin. Where a bit is not stable, or not by the margin, this neuron "
        "alone learns it once more, as Hebb's rule would. Training begins with Hebb's weights and "
        "ends when nothing is left to learn. <b>Symmetric</b>: <i>w<sub>ij</sub></i> and "
        "<i>w<sub>ji</sub></i> take half of every change each, so they stay equal, and the energy "
        "stays a Lyapunov function.</p>"
        "<p><b>What to look for.</b> Memories that Hebb's rule loses become stable, and often "
        "even one that is a combination of others. Raise &kappa;: basins grow, until the margin "
        "cannot be met. Take the symmetry off: no rule holds more, up to 2<i>N</i> random "
        "memories, but the badge turns red, for the network may wander instead of settling.</p>"
        "<p>Rosenblatt 1958; Gardner 1988.</p>"
    )

    margin: float = number(
        0.0,
        0.0,
        3.0,
        label="Margin κ",
        help="How clearly every bit must be stable: its field, divided by the length of the "
        "neuron's weights. More makes the basins larger, and fewer memories fit.",
    )
    symmetric: bool = switch(
        True,
        label="Symmetric",
        help="On: w_ij and w_ji change together, and the energy is a Lyapunov function. Off: every "
        "neuron learns on its own, and more memories fit.",
    )
    sweeps: int = integer(
        1000,
        10,
        10_000,
        label="Sweeps at most",
        log=True,
        advanced=True,
        help="How often all memories are shown before the rule gives up and keeps the best "
        "weights it met. It ends earlier where that would take more than some seconds.",
    )

    def rank(self, P: int) -> int | None:
        return 2 * P if self.symmetric else P

    def factors(self, material: Material, before: Factors | None = None) -> Factors:
        P, N = material.P, material.N
        xi = np.ascontiguousarray(material.memories.T)
        A: NDArray[np.signedinteger] = xi.astype(np.int32)
        note = ""
        if P and N > 1:  # a neuron that hears nobody keeps its state
            train = train_together if self.symmetric else train_separately
            A, outcome = train(xi, gram(material.memories), self.margin, self.sweeps)
            note = self._sentence(outcome, N * P)
        owners = np.arange(P)
        if not self.symmetric:
            U = rows_of(material.memories, np.int8)
            return Factors(U, rows_of(A.T, np.float64), 1.0 / N, 0, owners, None, False, note)
        U = aligned((N, padded(2 * P, FLOAT_PAD)), np.float64)
        V = aligned(U.shape, np.float64)
        U[:, :P], U[:, P : 2 * P] = xi, A
        V[:, :P], V[:, P : 2 * P] = A, xi
        U[:, 2 * P :] = V[:, 2 * P :] = 0.0
        V /= 2
        return Factors(U, V, 1.0 / N, 1, np.tile(owners, 2), None, True, note)

    def along(self, material: Material, connections: Connections) -> Entries:
        """Trained on the connections that exist; one-sided connections learn one-sidedly."""
        both = self.symmetric and connections.symmetric
        xi = np.ascontiguousarray(material.memories.T)
        w, outcome = train_along(connections, xi, self.margin, self.sweeps, both)
        scale = 1.0 / max(connections.count / connections.N, 1.0)
        note = self._sentence(outcome, xi.size) if connections.count and xi.size else ""
        return Entries(w / 2 if both else w, scale, 1 if both else 0, both, note)

    def _sentence(self, outcome: Outcome, bits: int) -> str:
        sweeps = f"{outcome.sweeps:,} sweep{'' if outcome.sweeps == 1 else 's'}"
        if not outcome.unstable:
            how = f"converged after {sweeps}" if outcome.sweeps else "Hebb's weights do already"
            return f"Perceptron: {how}; least stability {outcome.least:.2f}."
        one = outcome.unstable == 1
        kind = "less stable than the margin" if self.margin > 0 else "not stable"
        ways = ["store fewer memories"]
        ways += ["lower the margin"] if self.margin > 0 else []
        ways += ["switch Symmetric off"] if self.symmetric else []
        way = ways[0] if len(ways) == 1 else f"{', '.join(ways[:-1])} or {ways[-1]}"
        return (
            f"The perceptron did not converge in {sweeps}: {outcome.unstable:,} of {bits:,} bits "
            f"{'is' if one else 'are'} {kind}. {way[0].upper()}{way[1:]}."
        )
