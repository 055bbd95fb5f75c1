"""The eigenvalues of a network's weights: all of them where that is quick, else the ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyapstudio.analysis.connectivity import Couplings, Real, nobody
from lyapstudio.core.rng import numpy_generator

ALL = 1024
"""Up to so many neurons all eigenvalues are computed from the matrix."""
RANK = 1024
"""Up to this rank all eigenvalues are computed from the factors."""
EACH_END = 3
"""Eigenvalues that are looked for at each end of a large network's spectrum."""
LONG = 200_000
"""Neurons from which a product with the weights takes long, and a vector much room."""
NOTHING = 1e-10
"""A part of the largest eigenvalue that is nothing but rounding."""

_PURPOSE = 0x57A8


@dataclass(frozen=True)
class _Search:
    """How the ends are looked for.

    products : with the weights, for one end, at most; basis : vectors that are kept
    close : parts of an eigenvalue within which it is known: first choice, second choice
    """

    products: int
    basis: int
    close: tuple[float, ...]


SEARCH = _Search(400, 40, (1e-6, 1e-3))
LONG_SEARCH = _Search(100, 20, (0.03,))


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues, the largest real part first.

    values : (m,) float64 where they are real, else complex128
    repeats : (m,) int64, how often each occurs
    complete : these are all N
    sentence : what was computed, or could not be
    """

    N: int
    values: NDArray[Any]
    repeats: NDArray[np.int64]
    complete: bool
    sentence: str

    @property
    def real(self) -> bool:
        """Whether all of them lie on the real axis."""
        return not np.iscomplexobj(self.values)


def spectrum(
    weights: Couplings, report: Callable[[float], None] = nobody, seed: int = 0
) -> Spectrum:
    """The eigenvalues of W.

    From the factors where the diagonal is constant: W = V Uᵀ − d has the eigenvalues of UᵀV
    (R × R) less d, and −d as often as is left of N. Else all from the matrix of up to ALL neurons,
    else a few from each end by Lanczos' or Arnoldi's method (scipy.sparse.linalg).

    report : told the fraction done; may raise to cancel
    """
    report(0.0)
    pair = weights.gram_pair()
    if pair is not None and len(pair[0]) <= min(RANK, weights.N // 2) and _constant(pair[1]):
        return _of_factors(weights.N, *pair)
    matrix = weights.small() if weights.N <= ALL else None
    if matrix is not None:
        return _of_matrix(matrix)
    return _ends(weights, report, seed)


def _constant(d: Real) -> bool:
    return not len(d) or bool(np.ptp(d) <= 1e-12 * max(1e-300, float(np.abs(d).max())))


def _of_factors(N: int, gram: Real, d: Real) -> Spectrum:
    shift = float(d.flat[0]) if len(d) else 0.0
    found = _eigenvalues(gram)
    size = float(np.abs(found).max(initial=0.0))
    own = found[np.abs(found) > NOTHING * size]
    rest = N - len(own)
    values = np.append(own, 0.0) - shift
    repeats = np.append(np.ones(len(own), np.int64), rest)
    order = _order(values)
    single = "single one" if len(own) == 1 else "single ones"
    sentence = f"{_count(len(own))} {single} and {_count(rest)} times {_number(-shift)}."
    return Spectrum(N, values[order], repeats[order], True, sentence)


def _of_matrix(W: Real) -> Spectrum:
    values = _eigenvalues(W)
    values = values[_order(values)]
    ones = np.ones(len(values), np.int64)
    return Spectrum(len(W), values, ones, True, f"All {_count(len(W))} eigenvalues.")


def _eigenvalues(W: Real) -> NDArray[Any]:
    """All of them; real where they are."""
    if not len(W):
        return np.empty(0)
    size = float(np.abs(W).max())
    if float(np.abs(W - W.T).max()) <= NOTHING * size:
        return np.linalg.eigvalsh(W)
    return _tidy(np.linalg.eigvals(W))


def _tidy(values: NDArray[Any]) -> NDArray[Any]:
    """Parts that are nothing but rounding become 0; real where all imaginary parts do."""
    size = float(np.abs(values).max(initial=0.0))
    if not np.iscomplexobj(values) or float(np.abs(values.imag).max(initial=0)) <= NOTHING * size:
        return np.real(values)
    real = np.where(np.abs(values.real) <= NOTHING * size, 0.0, values.real)
    imaginary = np.where(np.abs(values.imag) <= NOTHING * size, 0.0, values.imag)
    return np.asarray(real + 1j * imaginary)


def _order(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.lexsort((-values.imag, -values.real))


def _ends(weights: Couplings, report: Callable[[float], None], seed: int) -> Spectrum:
    """A few eigenvalues from each end; those that are known well enough in the time."""
    N, done = weights.N, 0
    search = SEARCH if N < LONG else LONG_SEARCH

    def product(x: Real) -> Real:
        nonlocal done
        done += 1
        report(done / (done + search.products))  # nobody knows how many it takes
        return weights.matvec(np.ascontiguousarray(x, np.float64).ravel())

    start = numpy_generator(seed, _PURPOSE).standard_normal(N)
    ends = ("LA", "SA") if weights.symmetric else ("LR", "SR")
    found, within = [], 0.0
    for end in ends:
        for close in search.close:
            values, settled = _end(product, N, end, search.basis, search.products, close, start)
            if settled:
                break
        within = max(within, close)
        found.append(values)
    values = _tidy(np.concatenate(found))
    values = values[_order(values)]
    ones = np.ones(len(values), np.int64)
    return Spectrum(N, values, ones, False, _ends_sentence(N, len(values), within))


def _end(
    product: Callable[[Real], Real],
    N: int,
    end: str,
    basis: int,
    products: int,
    close: float,
    start: Real,
) -> tuple[NDArray[Any], bool]:
    """Eigenvalues of one end, and whether all that were looked for were found."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, eigsh

    find = eigsh if end in ("LA", "SA") else eigs
    try:
        values = find(
            LinearOperator((N, N), matvec=product, dtype=np.float64),
            EACH_END,
            which=end,
            v0=start,
            ncv=basis,
            maxiter=max(1, products // (basis - EACH_END)),
            tol=close,
            return_eigenvectors=False,
        )
    except ArpackNoConvergence as early:
        return early.eigenvalues, False
    return values, True


def _ends_sentence(N: int, found: int, within: float) -> str:
    if not found:
        return (
            f"The ends of the {_count(N)} eigenvalues lie so close together "
            "that none of them could be told from the next."
        )
    known = "" if within <= SEARCH.close[0] else f", known to within {100 * within:g} %"
    each = "Three from each end" if found == 2 * EACH_END else "The outermost few"
    return f"{each} of {_count(N)} eigenvalues{known}."


def _count(count: int) -> str:
    return f"{count:,}".replace(",", "\u2009")


def _number(value: float) -> str:
    text = f"{abs(value):.3g}"
    return f"−{text}" if value < 0 else text
