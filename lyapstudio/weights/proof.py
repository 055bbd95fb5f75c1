"""What the proof of a Lyapunov function asks of the weights, and what breaks it."""

from __future__ import annotations

from lyapstudio.core.model import Assumption, Repair
from lyapstudio.weights.weights import Weights


def symmetric_weights(W: Weights) -> Assumption:
    """The two weights of every pair are the same."""
    flaws = W.flaws
    if not flaws:
        return Assumption("symmetric weights", W.symmetric)
    return Assumption("symmetric weights", False, flaws[0].cause, flaws[0].repair)


def no_self_inhibition(W: Weights) -> Assumption:
    """No neuron has a negative weight to itself; a positive one only makes it hold on."""
    if not W.D.any():
        return Assumption("no self-coupling", True)
    negative = int((W.D < 0).sum()) * (W.N if len(W.D) == 1 else 1)
    who = (
        "1 neuron inhibits itself" if negative == 1 else f"{negative:,} neurons inhibit themselves"
    )
    return Assumption(
        "no self-inhibition",
        not negative,
        f"{who}: Such a neuron may flip against all the others, and the energy of the pairs rises.",
        Repair("Remove the self-couplings", {"edit": "remove the diagonal"}, "weights"),
    )
