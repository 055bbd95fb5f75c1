"""The field that a memory has before it is learned, under Storkey's rule, without a matrix."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import numpy as np

from lyapstudio.core.kernel import kernel


@kernel(fastmath=True)
def inner(memories, fields, n, m):
    """The products of memory m with memory n, and with the field of memory n."""
    a, b = np.int32(0), 0.0
    for i in range(memories.shape[1]):
        a = np.int32(a + memories[n, i] * memories[m, i])
        b += fields[n, i] * memories[m, i]
    return float(a), b


@kernel
def learned_field(memories, fields, m):
    """Write h = W xi of memory m to fields[m], W being made of memories 0 … m - 1; O(N m).

    W without diagonal is (1/N) sum_n g_n (xi xi^T - xi h^T - h xi^T), n < m, and g_n is
    (1 + 2/N)**(m - 1 - n) (Storkey 1997; kernels.md 3.2).

    Parameters
    ----------
    memories : (P, N) int8; fields : (P, N) float64, rows before m filled
    """
    N = memories.shape[1]
    h = fields[m]
    h[:] = 0.0
    g = 1.0 / N
    for back in range(m):
        n = m - 1 - back
        a, b = inner(memories, fields, n, m)
        for i in range(N):
            own = 1.0 - 2.0 * memories[n, i] * fields[n, i]  # the diagonal, times xi_i
            h[i] += g * (memories[n, i] * (a - b) - fields[n, i] * a - own * memories[m, i])
        g *= 1.0 + 2.0 / N
