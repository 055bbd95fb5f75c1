"""Which memory is a combination of which others: the sentence that the user reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-9  # of C's unit diagonal: rounding leaves about 1e-14 P
FEW = 4  # names that a sentence can carry
SPANNED = (
    "Every state is a combination of these memories, so projection leaves no weights. Store fewer "
    "memories than there are neurons."
)


def explain(C: NDArray[np.float64], names: tuple[str, ...]) -> str:
    """Name the first memory that earlier ones combine to, and which.

    Parameters
    ----------
    C : (P, P) float64 overlaps xi . xi / N, singular
    names : P names
    """
    k = _first_dependent(C)
    weights = np.linalg.lstsq(C[:k, :k], C[:k, k], rcond=None)[0]
    parts = np.flatnonzero(np.abs(weights) > 1e-6)
    name = f"Memory “{names[k]}”"
    end = "projection cannot store it. Switch one of them off."
    if len(parts) == 1:
        kind = "the same as" if weights[parts[0]] > 0 else "the inverse of"
        return f"{name} is {kind} “{names[parts[0]]}”: {end}"
    if len(parts) > FEW:
        return f"{name} is a combination of {len(parts)} memories before it: {end}"
    listed = [f"“{names[p]}”" for p in parts]
    return f"{name} is a combination of {', '.join(listed[:-1])} and {listed[-1]}: {end}"


def too_many(P: int, N: int) -> str:
    """What to do about more memories than projection has room for: N of them leave no weights."""
    return (
        f"Projection stores fewer memories than there are neurons: at most {N - 1:,} in {N:,} "
        f"neurons, and there are {P:,}. Switch {P - N + 1:,} of them off, or make the network "
        f"larger."
    )


def _first_dependent(C: NDArray[np.float64]) -> int:
    """Cholesky in the user's order: the first pivot that vanishes."""
    rest = C.copy()
    pivots = np.empty(len(C))
    for k in range(len(C)):
        pivots[k] = rest[k, k]
        if pivots[k] < TOLERANCE:
            return k
        row = rest[k, k:] / np.sqrt(pivots[k])
        rest[k:, k:] -= np.outer(row, row)
    return int(pivots.argmin())
