"""The perceptron rule through embedding strengths: all to all, without a matrix.

x_im counts how often neuron i has learned its bit of memory m, and A = x xi carries the bit's
sign. Everything that training needs is then a sum over pairs of memories, O(P P) a neuron: the
overlaps C = xi xi^T, and for symmetric weights D = A^T xi and the quadratic form Q of A^T A.
Whole numbers throughout: every sum is exact, in any order.

Letters: N neurons, P memories; xi : (N, P) int8; A : (N, P) and C, D : (P, P) whole numbers of one
type; Q : (P, P) float64. The neuron itself is left out of every sum (zero diagonal).
"""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.kernel import kernel

BLOCK = 256  # neurons a call: Ctrl-C is heard between calls
WORK = 40_000_000_000
"""Additions after which training ends, converged or not: five to twenty seconds."""
FEW = 10  # sweeps that are always made


@dataclass(frozen=True)
class Outcome:
    """What training came to.

    unstable : bits that are not stable, or less so than the margin
    least : the least stability xi_i h_i / |w_i| of a bit
    sweeps : passes through the memories that were needed, or allowed
    """

    unstable: int
    least: float
    sweeps: int

    @property
    def worth(self) -> tuple[int, float]:
        """Smaller is better."""
        return self.unstable, -self.least


@kernel
def too_weak(f, n, margin):
    """Whether a bit has to be learned again; f : xi_i h_i; n : |w_i| squared, same units."""
    return f <= 0.0 or f < margin * np.sqrt(n)


@kernel
def judge(F, bits, n, margin):
    """How many bits of a neuron are too weak, and the least stability; F : (P,) fields."""
    unstable, least = 0, np.inf
    for m in range(len(F)):
        f = bits[m] * F[m]
        unstable += too_weak(f, n, margin)
        least = min(least, f / np.sqrt(n) if n > 0.0 else 0.0)
    return unstable, least


@kernel
def own_fields(bits, a, C, F):
    """What a neuron's own strengths add to its fields N h in every memory, into F : (P,)."""
    F[:] = 0
    total = 0
    for m in range(len(a)):
        total += a[m] * bits[m]
        for n in range(len(a)):
            F[n] += a[m] * C[m, n]
    for m in range(len(a)):
        F[m] -= total * bits[m]


@kernel
def learn_again(F, bits, C, m):
    """The fields of a neuron follow when it learns its bit of memory m once more."""
    if bits[m] > 0:
        for n in range(len(F)):
            F[n] += C[m, n] - bits[n]
    else:
        for n in range(len(F)):
            F[n] -= C[m, n] + bits[n]


@kernel
def train_neurons(xi, C, A, margin, sweeps, most, begin, end):
    """Train neurons begin … end - 1, each on its own, and leave the best strengths met in A.

    Returns the bits that stay too weak, the least stability, and the most passes needed. A neuron
    gives up after so many sweeps, or when it has learned `most` bits again.
    """
    N, P = xi.shape
    F, best = np.empty(P, A.dtype), np.empty(P, A.dtype)
    failed, weakest, longest = 0, np.inf, 0
    for i in range(begin, end):
        bits, a = xi[i], A[i]
        own_fields(bits, a, C, F)
        norm = 0.0
        for m in range(P):
            norm += np.float64(a[m]) * F[m]
        fewest, least = judge(F, bits, norm, margin)
        best[:] = a
        passes, learned = 0, 0
        while fewest > 0 and passes < sweeps and learned < most:
            passes += 1
            for m in range(P):
                f = np.float64(bits[m] * F[m])
                if too_weak(f, norm, margin):
                    learned += 1
                    norm += 2.0 * f + (N - 1)
                    a[m] += bits[m]
                    learn_again(F, bits, C, m)
            unstable, now = judge(F, bits, norm, margin)
            if unstable < fewest or (unstable == fewest and now > least):
                fewest, least = unstable, now
                best[:] = a
        a[:] = best
        failed, weakest, longest = failed + fewest, min(weakest, least), max(longest, passes)
    return failed, weakest, longest


@kernel
def own_fields_of_all(xi, C, A, Y):
    """`own_fields` of every neuron, into Y : (N, P)."""
    for i in range(len(xi)):
        own_fields(xi[i], A[i], C, Y[i])


@kernel
def other_fields(bits, a, D, F):
    """What the strengths of all other neurons add to a neuron's fields 2 N h, into F : (P,)."""
    F[:] = 0
    total = 0
    for m in range(len(a)):
        total += a[m] * bits[m]
        if bits[m] > 0:
            for n in range(len(a)):
                F[n] += D[m, n]
        else:
            for n in range(len(a)):
                F[n] -= D[m, n]
    for m in range(len(a)):
        F[m] -= total * bits[m]


@kernel(fastmath=True)
def pair_norm(bits, a, y, z, Q):
    """The square 4 N N |w|^2 of a neuron's symmetric weights; y, z : its own and other fields."""
    norm, total = 0.0, 0.0
    signs = bits.astype(np.float64)  # once, for it is read P times
    for m in range(len(a)):
        own = np.float64(a[m])
        norm += own * (y[m] + 2.0 * z[m])
        total += own * signs[m]
        part = 0.0
        for n in range(len(a)):
            part += Q[m, n] * signs[n]
        norm += signs[m] * part
    return norm - total * total


@kernel
def train_pairs(xi, C, A, Y, D, Q, margin):
    """One pass through all neurons and memories; both directions of a pair learn half.

    Returns how many bits were learned again. Y : (N, P) own fields, kept up to date.
    """
    N, P = xi.shape
    z = np.empty(P, A.dtype)
    learned, norm = 0, 0.0
    for i in range(N):
        bits, a, y = xi[i], A[i], Y[i]
        other_fields(bits, a, D, z)
        if margin > 0.0:
            norm = pair_norm(bits, a, y, z, Q)
        for m in range(P):
            f = np.float64(bits[m] * (y[m] + z[m]))
            if too_weak(f, norm, margin):
                learned += 1
                norm += 2.0 * f + (N - 1)
                learn_again(y, bits, C, m)
                for n in range(P):
                    D[m, n] += bits[m] * bits[n]
                    Q[m, n] += 2.0 * bits[m] * a[n]
                Q[m, m] += 1.0
                a[m] += bits[m]
    return learned


@kernel
def judge_pairs(xi, A, Y, D, Q, margin):
    """How many bits are too weak under symmetric weights, and the least stability."""
    F = np.empty(xi.shape[1], A.dtype)
    failed, weakest = 0, np.inf
    for i in range(len(xi)):
        other_fields(xi[i], A[i], D, F)
        norm = pair_norm(xi[i], A[i], Y[i], F, Q)
        F += Y[i]
        unstable, least = judge(F, xi[i], norm, margin)
        failed, weakest = failed + unstable, min(weakest, least)
    return failed, weakest


def whole(N: int, P: int, sweeps: int) -> type[np.signedinteger]:
    """The type in which no sum over strengths, at most 1 + sweeps each, can overflow."""
    return np.int32 if 2 * N * P * (sweeps + 1) < 2**31 else np.int64


def train_separately(
    xi: NDArray[np.int8], C: NDArray[np.float64], margin: float, sweeps: int
) -> tuple[NDArray[np.signedinteger], Outcome]:
    """The strengths A after every neuron has trained on its own, beginning with Hebb's A = xi."""
    N, P = xi.shape
    kind = whole(N, P, sweeps)
    C, A = C.astype(kind), xi.astype(kind)
    most = max(FEW * P, WORK // (N * P))
    failed, weakest, longest = 0, np.inf, 0
    for begin in range(0, N, BLOCK):
        end = min(begin + BLOCK, N)
        unstable, least, passes = train_neurons(xi, C, A, margin, sweeps, most, begin, end)
        failed, weakest, longest = failed + unstable, min(weakest, least), max(longest, passes)
    return A, Outcome(int(failed), float(weakest), int(longest))


def train_together(
    xi: NDArray[np.int8], C: NDArray[np.float64], margin: float, sweeps: int
) -> tuple[NDArray[np.signedinteger], Outcome]:
    """The strengths A after symmetric weights have been trained, beginning with Hebb's A = xi."""
    N, P = xi.shape
    kind = whole(N, P, sweeps)
    Q, C, A = C.copy(), C.astype(kind), xi.astype(kind)
    D, Y = C.copy(), np.empty_like(A)
    own_fields_of_all(xi, C, A, Y)
    outcome = rehearse(
        A,
        sweeps,
        lambda: int(train_pairs(xi, C, A, Y, D, Q, margin)),
        lambda: judge_pairs(xi, A, Y, D, Q, margin),
        (3 * N * P * P, 4 * P),
    )
    return A, outcome


def rehearse(
    values: NDArray[Any],
    sweeps: int,
    sweep: Callable[[], int],
    assess: Callable[[], tuple[int, float]],
    cost: tuple[int, int],
) -> Outcome:
    """Sweep until every bit is stable, and leave the best `values` met after a sweep.

    cost : additions of a sweep and of judging it, and of learning a bit again; training ends when
        WORK is spent
    """
    unstable, least = assess()
    best = Outcome(int(unstable), float(least), 0)
    kept, done, spent = values.copy(), 0, 0
    while best.unstable and done < sweeps and (done < FEW or spent < WORK):
        done += 1
        spent += cost[0] + cost[1] * sweep()
        unstable, least = assess()
        now = Outcome(int(unstable), float(least), done)
        if now.worth < best.worth:
            best = now
            kept[:] = values
    values[:] = kept
    return Outcome(best.unstable, best.least, done)
