"""The perceptron rule along connections: only weights that exist are learned.

Letters: E connections as in connections.Connections; xi : (N, P) int8; w : (E,) float64 whole
numbers; reverse : (E,) int64, the opposite of every connection, or empty where the two directions
of a pair learn on their own.
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.embedding import Outcome, judge, rehearse, too_weak


@kernel
def opposites(start, sources):
    """(E,) the place of j -> i for every i -> j; connections are symmetric.

    Neurons are visited in ascending order, so each one's sources are met in their order.
    """
    met = start[:-1].copy()
    out = np.empty(len(sources), np.int64)
    for i in range(len(met)):
        for e in range(start[i], start[i + 1]):
            j = sources[e]
            out[e] = met[j]
            met[j] += 1
    return out


@kernel
def heard_bits(sources, xi):
    """(P, K) int8: the bits of one neuron's K sources, memory by memory."""
    heard = np.empty((xi.shape[1], len(sources)), np.int8)
    for k in range(len(sources)):
        for m in range(len(heard)):
            heard[m, k] = xi[sources[k], m]
    return heard


@kernel(fastmath=True)
def edge_field(w, bits):
    """The field of a neuron; w, bits : (K,) of its connections."""
    total = 0.0
    for k in range(len(w)):
        total += w[k] * bits[k]
    return total


@kernel
def edge_hebb(start, sources, xi, w, unit):
    """Hebb's weights, times `unit`, into w."""
    for i in range(len(xi)):
        for e in range(start[i], start[i + 1]):
            total = 0
            for m in range(xi.shape[1]):
                total += xi[i, m] * xi[sources[e], m]
            w[e] = unit * total


@kernel
def train_edges(start, sources, reverse, xi, w, calm, margin):
    """One pass through all neurons and memories; returns how many bits were learned again.

    calm : (N,) uint8, set for a neuron that had nothing to learn; it is left out from then on,
        unless its weights are learned from the other side, too
    """
    learned = 0
    for i in range(len(xi)):
        a, z = start[i], start[i + 1]
        if a == z or calm[i]:
            continue
        heard = heard_bits(sources[a:z], xi)
        own = w[a:z]
        norm = 0.0
        for k in range(z - a):
            norm += own[k] * own[k]
        before = learned
        for m in range(xi.shape[1]):
            sign = np.float64(xi[i, m])
            f = sign * edge_field(own, heard[m])
            if too_weak(f, norm, margin):
                learned += 1
                norm += 2.0 * f + (z - a)
                for k in range(z - a):
                    own[k] += sign * heard[m, k]
                for e in range(a, a + (z - a) * min(1, len(reverse))):
                    w[reverse[e]] += sign * heard[m, e - a]
        calm[i] = learned == before and len(reverse) == 0
    return learned


@kernel
def judge_edges(start, sources, xi, w, margin):
    """How many bits are too weak, and the least stability; who hears nobody has no say."""
    F = np.empty(xi.shape[1])
    failed, weakest = 0, np.inf
    for i in range(len(xi)):
        a, z = start[i], start[i + 1]
        if a == z:
            continue
        heard = heard_bits(sources[a:z], xi)
        norm = 0.0
        for e in range(a, z):
            norm += w[e] * w[e]
        for m in range(len(F)):
            F[m] = edge_field(w[a:z], heard[m])
        unstable, least = judge(F, xi[i], norm, margin)
        failed, weakest = failed + unstable, min(weakest, least)
    return failed, weakest


def train_along(
    connections: Connections, xi: NDArray[np.int8], margin: float, sweeps: int, both: bool
) -> tuple[NDArray[np.float64], Outcome]:
    """(E,) whole numbers, from Hebb's weights on; with `both` in halves, equal both ways."""
    start, sources = connections.start, connections.sources
    reverse = opposites(start, sources) if both else np.empty(0, np.int64)
    w, calm = np.empty(connections.count), np.zeros(len(xi), np.uint8)
    edge_hebb(start, sources, xi, w, 2.0 if both else 1.0)
    outcome = rehearse(
        w,
        sweeps,
        lambda: int(train_edges(start, sources, reverse, xi, w, calm, margin)),
        lambda: judge_edges(start, sources, xi, w, margin),
        (4 * connections.count * xi.shape[1], 3 * connections.count // len(xi)),
    )
    return w, outcome
