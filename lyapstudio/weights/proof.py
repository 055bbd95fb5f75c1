"""What the proof of a Lyapunov function asks of the weights, and what breaks it."""

from __future__ import annotations

import numpy as np

from lyapstudio.core.model import Assumption, Repair
from lyapstudio.weights.weights import Weights

SEEN = 64
"""Neurons whose weights in both directions are compared, in a large network: an estimate."""


def symmetric_weights(W: Weights, cols: int) -> Assumption:
    """The two weights of every pair are the same; else why not, how much, and where most."""
    label = "symmetric weights"
    if W.symmetric:
        return Assumption(label, True)
    kept = W.said.get(label)
    if kept is None or kept[0] is not W.strokes:
        flaw = W.flaws[0]
        cause = f"{flaw.cause} {_how_much(W, cols)}"
        kept = W.said[label] = (W.strokes, Assumption(label, False, cause, flaw.repair))
    return kept[1]


def _how_much(W: Weights, cols: int) -> str:
    """The size of the antisymmetric part, in words; exact where all or only edits are looked at."""
    N = W.N
    whose = np.unique(np.rint(np.linspace(0, N - 1, min(N, SEEN))).astype(np.int64))
    touched = np.unique(W.overlay.into) if W.base_symmetric else whose
    looked = np.union1d(whose, touched[np.linspace(0, len(touched) - 1, SEEN).astype(int)])
    bent, size = np.zeros(len(looked)), 0.0
    for k, i in enumerate(looked.tolist()):
        into, out = W.row(i), W.column(i)
        bent[k] = float(((into - out) ** 2).sum()) / 4
        size += float((into**2).sum()) * (N / len(looked) if len(looked) < N else 1.0)
    if W.base_symmetric:  # all that is bent was edited
        turned = W.overlay.at(W.overlay.out_of, W.overlay.into)
        total = float(((W.overlay.delta - turned) ** 2).sum()) / 4
    else:
        total = float(bent.sum()) * (N / len(looked))
    share = 100 * np.sqrt(total / size) if size else 0.0
    row, col = divmod(int(looked[int(np.argmax(bent))]), cols)
    about = "" if N <= SEEN else "about "
    words = f"{about}{share:.2g} %" if share >= 0.1 else "less than 0.1 %"
    there = f"most at neuron ({row + 1}, {col + 1})"
    return f"The antisymmetric part is {words} of the weights’ size, {there}."


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
