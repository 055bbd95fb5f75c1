"""From a rule, a wiring and memories to weights in the representation that costs least."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from lyapstudio.core.model import Repair
from lyapstudio.weights import bend
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.cost import FLOAT_PAD, LOW_RANK, PAD, SPARSE, Cost, Demand, choose, padded
from lyapstudio.weights.dense import Dense
from lyapstudio.weights.dreams import STRENGTH_BITS, Dream, unlearned
from lyapstudio.weights.factors import CACHE_LINE, Entries, Factors, aligned
from lyapstudio.weights.listed import turned_round
from lyapstudio.weights.lowrank import LowRank
from lyapstudio.weights.rules.rule import Material, Rule, products
from lyapstudio.weights.signs import sign_matrix
from lyapstudio.weights.sparse import Sparse
from lyapstudio.weights.weights import BIAS_ROOM, EDIT_BITS, Flaw, Origin, Weights, spread_of
from lyapstudio.weights.wiring.recipe import Wiring

GRID = 30
"""Real weights are snapped to 2**-30 of the largest that there can be."""
ROWS = 1 << 22
"""Numbers of a matrix that are worked out at once."""


def demand(
    rule: Rule,
    wiring: Wiring,
    P: int,
    rows: int,
    cols: int,
    *,
    dreams: int = 0,
    edits: int = 0,
    brought: int | None = None,
) -> Demand:
    """What these weights will ask for, before any is made.

    brought : how many connections the rule brings itself, if it does
    """
    rank = rule.rank(P)
    plain = wiring.complete and not wiring.antisymmetry and not wiring.inhibitory
    listed = None if wiring.complete else wiring.expected(rows, cols)
    return Demand(
        rows * cols,
        rank + dreams if plain and rank is not None else None,
        not rule.signs or dreams > 0,
        listed if brought is None else brought,
        edits,
    )


def build(
    rule: Rule,
    wiring: Wiring,
    material: Material,
    rows: int,
    cols: int,
    *,
    dreams: tuple[Dream, ...] = (),
    edits: int = 0,
    force: str | None = None,
    before: Weights | None = None,
) -> Weights:
    """Weights that store the memories, without edits by hand.

    Parameters
    ----------
    edits : how many weights will be edited by hand, for the cost
    force : a representation, to have no choice
    before : what the same rule, wiring and dreams made of another list of memories; where the
        rule can, it stores and forgets single memories from there

    Raises
    ------
    UserError : where the weights do not fit in memory, or the rule cannot store these
    """
    brings = rule.brings(material) if wiring.complete else None
    brought = None if brings is None else brings.count
    wanted = demand(
        rule,
        wiring,
        material.P,
        rows,
        cols,
        dreams=len(dreams),
        edits=edits,
        brought=brought,
    )
    cost = choose(wanted, force)
    known = before.origin.factors if before is not None else None
    if cost.representation == LOW_RANK:
        factors = rule.factors(material, known)
        flaws = _flaws(rule, wiring, None, factors.symmetric)
        origin = Origin(material, wanted, cost, factors, flaws, factors.note)
        return _low_rank(origin, unlearned(factors, dreams), wiring.own)
    connections = wiring.connections(rows, cols) if brings is None else brings
    if connections is not None:
        entries = rule.along(material, connections)
        values, scale, bits = _twisted_along(entries, wiring, connections, dreams)
        own = _own(rule, material, entries, scale, bits, wiring.own)
        symmetric = connections.symmetric and entries.symmetric and not wiring.antisymmetry
        if symmetric and wiring.inhibitory:
            turned = turned_round(connections.start, connections.sources, values)[2]
            symmetric = np.array_equal(turned, values)
        flaws = _flaws(rule, wiring, connections, entries.symmetric)
        origin = Origin(material, wanted, cost, None, flaws, entries.note, False)
        edit = max(0, EDIT_BITS - bits)
        if cost.representation == SPARSE:
            return Sparse(origin, connections, values, scale, edit, own, symmetric)
        return Dense(origin, _filled(connections, values, own), scale, edit, own, symmetric)
    if isinstance(before, Dense) and rule.additive and not dreams and before.origin.whole:
        return _stored(before, rule, wiring, material, wanted, cost)
    return _dense(rule, wiring, material, wanted, cost, known, dreams)


def _dense(
    rule: Rule,
    wiring: Wiring,
    material: Material,
    wanted: Demand,
    cost: Cost,
    known: Factors | None,
    dreams: tuple[Dream, ...],
) -> Dense:
    """All to all, every weight in its place."""
    twisted = bool(wiring.antisymmetry or wiring.inhibitory)
    if rule.rank(material.P) is None:
        entries = rule.matrix(material)
        G, scale, bits = _snapped(entries.values, entries.scale, entries.bits)
        G = np.ascontiguousarray(G.T)
        factors, note, symmetric = None, entries.note, entries.symmetric
        if dreams:
            _dream(G, dreams, scale)
    else:
        learned = rule.factors(material, known)
        factors, note, symmetric = learned, learned.note, learned.symmetric
        G, scale = _multiplied(unlearned(learned, dreams))
        bits = learned.bits if learned.bits is not None else EDIT_BITS
    if not wiring.own:
        np.fill_diagonal(G, 0.0)
    edit = max(0, EDIT_BITS - bits)
    if wiring.antisymmetry:
        size = _size(G, wiring, edit)
        bend.add_antisymmetric(G.T, wiring.seed, size)
    if wiring.inhibitory:
        inhibits = bend.inhibitory_neurons(material.N, wiring.inhibitory, wiring.seed)
        bend.keep_signs(G.T, inhibits, None)
    flaws = _flaws(rule, wiring, None, symmetric)
    origin = Origin(material, wanted, cost, factors, flaws, note, not twisted)
    D = np.diag(G).astype(np.float64) if np.diag(G).any() else np.zeros(1)
    return Dense(origin, G, scale, edit, D, np.array_equal(G, G.T) if twisted else symmetric)


def _stored(
    before: Dense, rule: Rule, wiring: Wiring, material: Material, wanted: Demand, cost: Cost
) -> Dense:
    """Store and forget single memories: an outer product each."""
    old, new = Counter(_keys(before.memories)), Counter(_keys(material.memories))
    gone, come = list((old - new).elements()), list((new - old).elements())
    if len(gone) + len(come) > max(1, material.P // 2):
        return _dense(rule, wiring, material, wanted, cost, None, ())
    before.follow(())
    G = before.G.copy()
    for sign, keys in ((-1.0, gone), (1.0, come)):
        for key in keys:
            xi = np.frombuffer(key, np.int8).astype(np.float32)
            for a in range(0, len(xi), 512):
                G[a : a + 512] += np.outer(sign * xi[a : a + 512], xi)
    if not wiring.own:
        np.fill_diagonal(G, 0.0)
    D = np.diag(G).astype(np.float64) if wiring.own else np.zeros(1)
    origin = Origin(material, wanted, cost, rule.factors(material))
    return Dense(origin, G, before.scale, before.bits, D)


def _keys(memories: NDArray[np.int8]) -> list[bytes]:
    return [m.tobytes() for m in memories]


# factors


def _multiplied(factors: Factors) -> tuple[NDArray[np.float32], float]:
    """G = U V^T in grid units, row i what leaves i; symmetric to the last bit where W is."""
    N, R = factors.N, factors.R
    if factors.bits == 0 and factors.V is None:
        return sign_matrix(factors.U[:, :R]), factors.scale
    G = np.empty((N, N), np.float32)
    U = factors.U[:, :R].astype(np.float64)
    if factors.bits is None:
        assert factors.A is not None
        W = U @ (factors.A @ U.T)
        W += W.T.copy()
        grid = 2.0**-GRID
        np.rint(W * (0.5 * factors.scale / grid), out=W)
        return W.astype(np.float32), grid
    left = factors.left * 2.0**factors.bits
    step = max(1, ROWS // N)
    for a in range(0, N, step):
        G[a : a + step] = U[a : a + step] @ left.T
    return G, factors.scale * 2.0**-factors.bits


def _low_rank(origin: Origin, factors: Factors, own: bool) -> LowRank:
    if factors.bits is None:
        return _real_low_rank(origin, factors, own)
    N, R = factors.N, factors.R
    scale = factors.scale * 2.0**-factors.bits
    edit = max(0, EDIT_BITS - factors.bits)
    if factors.V is None:
        diagonal = np.array([float(R)])
        reach, bulk = float(N * R), float(N) * N * R
        return LowRank(
            origin,
            _padded(factors.U, R, factors.U.dtype),
            None,
            np.zeros(1) if own else diagonal,
            scale,
            edit,
            diagonal if own else np.zeros(1),
            reach,
            bulk,
        )
    V = _padded(factors.V, R, np.float64)
    V = V * 2.0**factors.bits if factors.bits else V
    U = _padded(factors.U, R, factors.U.dtype)
    diagonal = np.einsum("ij,ij->i", V[:, :R], U[:, :R])
    sums, other = (np.abs(side[:, :R]).sum(0, dtype=np.float64) for side in (U, V))
    sizes = np.abs(V[:, :R]) @ sums
    reach = float(max(sizes.max(initial=0.0), (np.abs(U[:, :R]) @ other).max(initial=0.0)))
    bulk = min(float(sizes.sum()), N * _norm(V[:, :R], U[:, :R]))
    return LowRank(
        origin,
        U,
        V,
        np.zeros(1) if own else diagonal,
        scale,
        edit,
        diagonal if own else np.zeros(1),
        reach + float(np.abs(diagonal).max(initial=0.0)),
        bulk + float(np.abs(diagonal).sum()),
        factors.symmetric,
    )


def _norm(V: NDArray, U: NDArray) -> float:
    """The spectral norm of V U^T, a little more: sum |s h| is at most N times it."""
    grams = np.zeros((2, V.shape[1], V.shape[1]))
    for a in range(0, len(V), 1 << 16):
        for k, side in enumerate((V, U)):
            part = side[a : a + (1 << 16)].astype(np.float64)
            grams[k] += part.T @ part
    largest = np.abs(np.linalg.eigvals(grams[0] @ grams[1])).max(initial=0.0)
    return 1.01 * math.sqrt(float(largest))


def _real_low_rank(origin: Origin, factors: Factors, own: bool) -> LowRank:
    """V = U A on the finest grid on which every field and energy is exact.

    Bounds: a partial sum of V_i . M is at most |V_i| |M| with |M| <= sqrt(N lambda_max(U^T U));
    sum |s h| is at most N (|W| + max d) (Cauchy-Schwarz).
    """
    N, R = factors.N, factors.R
    assert factors.A is not None
    A = factors.A * factors.scale
    U = _padded(factors.U, R, np.int8)
    signs = U[:, :R].astype(np.float64)
    V = np.zeros((N, padded(R, FLOAT_PAD)))
    np.matmul(signs, A, out=V[:, :R])
    longest = math.sqrt(float(np.einsum("ij,ij->i", V, V).max(initial=0.0)))
    C = signs.T @ signs
    largest = float(np.linalg.eigvalsh(C)[-1]) if R else 0.0
    reach = longest * math.sqrt(N * largest) + 2.0
    norm = float(np.abs(np.linalg.eigvals(A @ C)).max(initial=1.0)) if R else 1.0
    bulk = N * (norm + 3.0)
    fields = 52 - math.log2(2 * (reach + BIAS_ROOM) + 1)
    energy = 62 - math.log2(4 * (2 * bulk + 2 * N * BIAS_ROOM) + 1)
    grid = 2.0 ** -math.floor(min(fields, energy, 48.0))
    np.matmul(signs, np.rint(A / grid), out=V[:, :R])
    diagonal = np.einsum("ij,ij->i", V[:, :R], signs)
    d, D = (np.zeros(1), diagonal) if own else (diagonal, np.zeros(1))
    return LowRank(origin, U, V, d, grid, 0, D, reach / grid, bulk / grid)


def _padded(side: NDArray, R: int, kind: object) -> NDArray:
    """(N, padded R), each row beginning with a cache line; the side itself where it is so."""
    step = PAD if np.dtype(kind) == np.int8 else FLOAT_PAD  # type: ignore[call-overload]
    wide = padded(R, step)
    if side.shape[1] == wide and side.dtype == kind and not side.ctypes.data % CACHE_LINE:
        return side
    rows = aligned((len(side), wide), kind)  # type: ignore[arg-type]
    rows[:, :R], rows[:, R:] = side[:, :R], 0
    return rows


# entries


def _snapped(
    values: NDArray, scale: float, bits: int | None
) -> tuple[NDArray[np.float32], float, int]:
    """Whole numbers of grid units; reals on a grid as fine as exact sums allow."""
    if bits is not None:
        return (values * 2.0**bits).astype(np.float32), scale * 2.0**-bits, bits
    sizes = np.abs(values)
    largest, total = float(sizes.max(initial=0.0)), float(sizes.sum(dtype=np.float64))
    if not largest:
        return np.zeros(values.shape, np.float32), scale * 2.0**-EDIT_BITS, EDIT_BITS
    room = 57 - math.log2(total / largest + 1)
    fine = math.floor(min(GRID, room)) - math.ceil(math.log2(largest))
    return np.rint(values * 2.0**fine).astype(np.float32), scale * 2.0**-fine, EDIT_BITS


def _twisted_along(
    entries: Entries,
    wiring: Wiring,
    connections: Connections,
    dreams: tuple[Dream, ...],
) -> tuple[NDArray[np.float32], float, int]:
    """Values along connections in grid units, with dreams, antisymmetric part and Dale's law."""
    found, bits = entries.values, entries.bits
    if dreams:
        found = found + _dreamt(dreams, connections, entries.scale)
        bits = None if bits is None else max(bits, STRENGTH_BITS)
    values, scale, bits = _snapped(found, entries.scale, bits)
    if wiring.antisymmetry:
        size = _size(values, wiring, max(0, EDIT_BITS - bits))
        start, sources = connections.start, connections.sources
        bend.add_antisymmetric_along(start, sources, values, wiring.seed, size)
    if wiring.inhibitory:
        inhibits = bend.inhibitory_neurons(connections.N, wiring.inhibitory, wiring.seed)
        bend.keep_signs(values, inhibits, connections.sources)
    return values, scale, bits


def _dreamt(
    dreams: tuple[Dream, ...], connections: Connections, scale: float
) -> NDArray[np.float64]:
    """What dreams take from each connection, in whole units of the entries' scale / 1024."""
    mean = max(connections.count / connections.N, 1e-9)
    states = np.ascontiguousarray(np.array([d.state for d in dreams]).T)
    amounts = np.array([d.snapped for d in dreams]) / (mean * scale)
    V = states * -np.rint(amounts * 1024) / 1024
    factors = Factors(states, V, 1.0, 10, np.full(len(dreams), -1))
    return products(factors, connections)


def _dream(G: NDArray[np.float32], dreams: tuple[Dream, ...], scale: float) -> None:
    N = len(G)
    for dream in dreams:
        s = dream.state.astype(np.float32)
        G -= np.outer(s, s) * np.float32(np.rint(dream.snapped / (N * scale)))


def _size(values: NDArray[np.float32], wiring: Wiring, edit: int) -> float:
    """K times the root mean square of the weights, a whole multiple of their finest step."""
    return float(np.rint(wiring.antisymmetry * spread_of(values) * 2.0**edit) / 2.0**edit)


def _own(
    rule: Rule, material: Material, entries: Entries, scale: float, bits: int, own: bool
) -> NDArray[np.float64]:
    """Self-couplings of a wiring with lists: what the rule gives, in grid units."""
    if not own:
        return np.zeros(1)
    own_weights = rule.diagonal(material) * (entries.scale / scale)
    return np.rint(own_weights) if own_weights.any() else np.zeros(1)


def _filled(
    connections: Connections, values: NDArray[np.float32], own: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The matrix of a wiring with so many connections that lists do not pay."""
    N = connections.N
    G = np.zeros((N, N), np.float32)
    for i in range(N):
        a, b = connections.start[i], connections.start[i + 1]
        G[connections.sources[a:b], i] = values[a:b]
    G[range(N), range(N)] = own
    return G


# symmetry


def _flaws(
    rule: Rule, wiring: Wiring, connections: Connections | None, symmetric: bool
) -> tuple[Flaw, ...]:
    """Why weights are not symmetric, the plainest reason first."""
    found = []
    if wiring.antisymmetry:
        cause = "antisymmetric part: Added to the weights it makes each pair pull both ways."
        found.append(Flaw(cause, Repair("Set k to 0", {"antisymmetry": 0.0}, "wiring")))
    if wiring.inhibitory:
        cause = (
            "Dale's law breaks symmetry: A neuron that excites may be answered by one that "
            "inhibits, so the two weights of a pair differ."
        )
        found.append(Flaw(cause, Repair("Lift Dale's law", {"inhibitory": 0.0}, "wiring")))
    if connections is not None and not connections.symmetric:
        cause = "one-way connections: A neuron listens to others that do not listen to it."
        found.append(Flaw(cause, Repair("Connect both ways", {"symmetric": True}, "wiring")))
    if not symmetric:
        cause = f"{rule.title} learned both ways apart: The two weights of a pair differ."
        repair = Repair("Make the weights symmetric", dict(rule.symmetrised), "rule")
        if not rule.symmetrised:
            repair = Repair("Symmetrise the weights", {"edit": "symmetrise"}, "weights")
        found.append(Flaw(cause, repair))
    return tuple(found)
