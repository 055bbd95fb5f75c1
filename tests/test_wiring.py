"""Who listens to whom: every recipe against its definition, and the kernels against slow twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core import rng
from lyapstudio.core.errors import UserError
from lyapstudio.weights import connections
from lyapstudio.weights.connections import Connections
from lyapstudio.weights.wiring import draws, lists, offsets, small_world, wirings
from lyapstudio.weights.wiring.bipartite import Bipartite
from lyapstudio.weights.wiring.dilution import Dilution
from lyapstudio.weights.wiring.distance import Distance
from lyapstudio.weights.wiring.lattice import Lattice
from lyapstudio.weights.wiring.modules import Modules
from lyapstudio.weights.wiring.ring import Ring
from lyapstudio.weights.wiring.small_world import SmallWorld
from tests import naive
from tests.naive import covers

QUICK = settings(max_examples=40, deadline=None)
SHEETS = ((1, 2), (1, 7), (7, 1), (2, 2), (5, 8), (6, 6), (20, 13))
VARIANTS = (
    Dilution(c=0.3),
    Dilution(c=1.0),
    Dilution(c=0.3, symmetric=False),
    Dilution(c=1.0, symmetric=False),
    Lattice(r=1),
    Lattice(r=3, wrap=False),
    Lattice(r=2, shape="square"),
    Lattice(r=2, shape="square", wrap=False),
    Distance(),
    Distance(p0=1.0, sigma=1.5, wrap=False),
    Distance(p0=0.2, sigma=0.7),
    SmallWorld(K=6, p=0.0),
    SmallWorld(K=5, p=0.4),
    SmallWorld(K=8, p=1.0, where="line"),
    Ring(k=1),
    Ring(k=3),
    Bipartite(),
    Bipartite(share=0.2, c=1.0),
    Modules(),
    Modules(B=6, inside=1.0, between=0.0),
    Modules(B=5, shape="stripes", inside=0.8, between=0.1),
)
RANDOM = {"dilution", "distance", "small-world", "bipartite", "modules"}
sheets = st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda s: s[0] * s[1] > 1)


def matrix(c: Connections) -> np.ndarray:
    """(N, N) bool, i listens to j at [i, j]; checks the form of the lists on the way."""
    assert c.start.dtype == np.int64
    assert c.sources.dtype == np.int32
    assert c.start[0] == 0
    assert c.start[-1] == c.count
    M = np.zeros((c.N, c.N), bool)
    for i in range(c.N):
        row = c.heard(i).tolist()
        assert row == sorted(set(row))
        assert i not in row
        M[i, row] = True
    assert c.symmetric == bool((M == M.T).all())
    return M


def between(i: int, j: int, rows: int, cols: int, wrap: bool) -> tuple[int, int]:
    """How many rows and columns two neurons are apart, the short way."""
    down, right = abs(i // cols - j // cols), abs(i % cols - j % cols)
    return (min(down, rows - down), min(right, cols - right)) if wrap else (down, right)


def chance(w, i: int, j: int, rows: int, cols: int) -> float:
    """With what probability i listens to j, by the recipe's definition."""
    N = rows * cols
    if i == j:
        return 0.0
    if isinstance(w, Dilution):
        return w.c
    if isinstance(w, Ring):
        return float(between(i, j, 1, N, True)[1] <= w.k)
    if isinstance(w, Bipartite):
        first = w.first(rows, cols)
        return w.c * ((i < first) != (j < first))
    if isinstance(w, Modules):
        module = w.modules(rows, cols)
        return w.inside if module[i] == module[j] else w.between
    down, right = between(i, j, rows, cols, w.wrap)
    if isinstance(w, Lattice):
        if w.shape == "square":
            return float(max(down, right) <= w.r)
        return float(math.hypot(down, right) <= w.r)
    d = math.hypot(down, right)
    return w.p0 * math.exp(-(d**2) / (2 * w.sigma**2)) * (d <= 4 * w.sigma)


def chances(w, rows: int, cols: int) -> np.ndarray:
    N = rows * cols
    return np.array([[chance(w, i, j, rows, cols) for j in range(N)] for i in range(N)])


def test_every_recipe_is_tried_here():
    assert {type(w) for w in VARIANTS} | {wirings()["all-to-all"]} == set(wirings().values())
    assert next(iter(wirings())) == "all-to-all"


@pytest.mark.parametrize("id", wirings())
def test_recipes_explain_themselves(id):
    cls = wirings()[id]
    assert cls.title
    assert cls.about.startswith("<")
    assert id == "all-to-all" or "What to look for" in cls.about
    for spec in cls.specs().values():
        assert spec.help.endswith(".")
        assert spec.label


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: "{}x{}".format(*s))
@pytest.mark.parametrize("w", VARIANTS, ids=str)
def test_recipe(w, sheet):
    rows, cols = sheet
    N = rows * cols
    c = w.connections(rows, cols)
    assert c.N == N
    M = matrix(c)
    again = w.connections(rows, cols)
    np.testing.assert_array_equal(c.sources, again.sources)
    np.testing.assert_array_equal(c.start, again.start)
    assert c.isolated == sum(not M[i].any() and not M[:, i].any() for i in range(N))
    if isinstance(w, SmallWorld):
        return
    P = chances(w, rows, cols)
    assert not M[P == 0].any()
    assert M[P == 1].all()
    assert w.expected(rows, cols) == pytest.approx(P.sum())
    spread = math.sqrt((P * (1 - P)).sum() * 2)
    assert abs(c.count - P.sum()) <= 5 * spread + 1e-9


@pytest.mark.parametrize("w", [w for w in VARIANTS if w.id in RANDOM], ids=str)
def test_another_seed_draws_others(w):
    P = None if isinstance(w, SmallWorld) else chances(w, 5, 8)
    fixed = w.p == 0 if P is None else bool(((P == 0) | (P == 1)).all())
    a, b = (w.changed(seed=seed).connections(5, 8) for seed in (1, 2))
    assert (matrix(a) == matrix(b)).all() == fixed


@pytest.mark.parametrize(
    "w",
    [
        Dilution(c=0.3),
        Dilution(c=0.3, symmetric=False),
        Distance(p0=0.7, sigma=1.2),
        Distance(p0=1.0, sigma=1.0, wrap=False),
        Bipartite(c=0.4),
        Modules(B=3, inside=0.6, between=0.1),
    ],
    ids=str,
)
def test_every_pair_is_drawn_with_its_probability(w):
    rows, cols, times = 4, 5, 1500
    P, total, together = chances(w, rows, cols), np.zeros((20, 20)), 0
    for seed in range(times):
        M = matrix(w.changed(seed=seed).connections(rows, cols))
        total += M
        together += M[0, 1] and M[2, 3]
    deviation = np.sqrt(P * (1 - P) / times)
    assert (np.abs(total / times - P) <= 5 * deviation + 1e-12).all()
    joint = P[0, 1] * P[2, 3]
    assert abs(together / times - joint) <= 5 * math.sqrt(joint * (1 - joint) / times) + 1e-12


@given(sheets, st.integers(2, 12), st.sampled_from(["sheet", "line"]))
@QUICK
def test_small_world_before_and_after_rewiring(sheet, K, where):
    rows, cols = sheet
    N = rows * cols
    still, moved = (
        SmallWorld(K=K, p=p, where=where, seed=4).connections(rows, cols) for p in (0.0, 0.7)
    )
    assert still.count == moved.count == SmallWorld(K=K, where=where).expected(rows, cols)
    M = matrix(still)
    matrix(moved)
    shape = (1, N) if where == "line" else sheet
    for i in range(N):  # nobody is left out who is nearer than somebody who is heard
        d = [math.hypot(*between(i, j, *shape, True)) for j in range(N)]
        heard = [d[j] for j in range(N) if M[i, j]]
        missed = [d[j] for j in range(N) if not M[i, j] and j != i]
        assert not heard or not missed or max(heard) <= min(missed)


def test_small_world_rewires_its_share_evenly():
    near = matrix(SmallWorld(K=10, p=0.0, where="line").connections(20, 20))
    w, lost, reached = SmallWorld(K=10, p=0.3, where="line"), 0, np.zeros(400)
    for seed in range(20):
        M = matrix(w.changed(seed=seed).connections(20, 20))
        lost += (near & ~M).sum() / near.sum()
        reached += (M & ~near).sum(axis=0)
    # a connection may be rewired to where another one has left: so a little less than p
    assert lost / 20 == pytest.approx(0.3, abs=0.012)
    assert reached.std() < 2 * math.sqrt(reached.mean())


def test_modules_lie_as_they_say():
    tiles = Modules(B=6).modules(9, 12).reshape(9, 12)
    assert Modules(B=6).grid(9, 12) == (2, 3)
    assert tiles[0, 0] == 0
    assert tiles[8, 11] == 5
    sizes = np.bincount(tiles.ravel())
    assert sizes.max() - sizes.min() <= 4
    assert len(np.unique(tiles[:4, :4])) == 1
    assert Modules(B=7).grid(3, 3) is None
    stripes = Modules(B=4, shape="stripes").modules(5, 5)
    assert (np.diff(stripes) >= 0).all()
    assert sorted(np.bincount(stripes)) == [6, 6, 6, 7]
    assert Modules(B=9).modules(1, 2).tolist() == [0, 1]


def test_layers_are_whole_rows():
    assert Bipartite(share=0.3).first(10, 4) == 12
    assert Bipartite(share=0.01).first(10, 4) == 4
    assert Bipartite(share=0.99).first(1, 2) == 1


@pytest.mark.parametrize(
    ("w", "words"),
    [
        (Dilution(c=0.5), "549,755 million connections.*smaller probability c or a smaller"),
        (Lattice(r=64), "smaller radius"),
        (Distance(p0=1.0, sigma=50.0), "smaller width"),
        (SmallWorld(K=500), "fewer neighbours"),
        (Ring(k=500), "fewer neighbours"),
        (Bipartite(), "smaller probability"),
        (Modules(), "smaller probabilities"),
    ],
    ids=str,
)
def test_too_many_connections_are_refused(w, words):
    with pytest.raises(UserError, match=words):
        w.connections(1024, 1024)


def test_too_little_memory_is_said(monkeypatch):
    monkeypatch.setattr(lists, "memory_limit", lambda: 1e6)
    with pytest.raises(UserError, match=r"need 6 MB, more than the 1 MB .* smaller network"):
        Dilution(c=0.6).connections(100, 10)
    wirings()["all-to-all"]().admit(1024, 1024)


@pytest.mark.parametrize(
    "w",
    [
        Dilution(c=5e-4),
        Lattice(),
        Distance(p0=0.5, sigma=4.0),
        SmallWorld(K=50),
        Ring(k=25),
        Bipartite(c=1e-3),
        Modules(B=64, inside=0.03, between=1e-5),
    ],
    ids=str,
)
def test_a_large_sheet(w):
    c = w.connections(300, 300)
    expected = w.expected(300, 300)
    assert abs(c.count - expected) <= 6 * math.sqrt(2 * expected)
    assert 40 < c.degrees.mean() < 55
    assert c.symmetric
    assert lists.ascending(c.start, c.sources)
    assert lists.mutual(c.start, c.sources)
    assert c.degrees.std() <= 1.3 * math.sqrt(c.degrees.mean())


def test_draws_of_a_neuron_do_not_depend_on_the_others():
    low, high = np.array([[3], [0]], np.int32), np.array([[400], [300]], np.int32)
    p = np.array([0.2])
    start, both = draws.drawn(5, low, high, p)
    _, first = draws.drawn(5, low[:1], high[:1], p)
    np.testing.assert_array_equal(both[: start[1]], first)


def test_isolated_in_chunks(monkeypatch):
    monkeypatch.setattr(connections, "CHUNK", 2)
    start = np.array([0, 0, 2, 3, 3, 3])
    c = Connections(start, np.array([2, 3, 1], np.int32), False)
    assert c.isolated == 2
    assert c.degrees.tolist() == [0, 2, 1, 0, 0]


# kernels


class Stream:
    """The draws of one neuron, in Python."""

    def __init__(self, key: int, i: int) -> None:
        self.random = naive.Xoroshiro(rng.streams(int(key), i + 1)[i])

    def part(self) -> float:
        return ((self.random.draw() >> 11) + 1) / (1 << 53)


@covers("stream_at", "part")
@given(st.integers(0, 2**64 - 1), st.integers(0, 2000))
@QUICK
def test_stream_of_one_neuron(key, i):
    a, b = draws.stream_at(np.uint64(key), i)
    assert (int(a), int(b)) == tuple(int(w) for w in rng.streams(key, i + 1)[i])
    assert draws.part(np.uint64(a), np.uint64(b)) == Stream(key, i).part()


@covers("draw_rows")
@given(st.integers(1, 20), st.integers(0, 2**31), st.sampled_from([0.0, 0.01, 0.4, 1.0]))
@QUICK
def test_rows_skip_as_a_slow_walk_does(N, seed, q):
    generator = np.random.default_rng(seed)
    low = generator.integers(0, 30, (N, 2)).astype(np.int32)
    high = (low + generator.integers(0, 60, (N, 2))).astype(np.int32)
    low[:, 1] += 100
    high[:, 1] += 100
    p = np.array([0.3, q])
    start, targets = draws.drawn(seed, low, high, p)
    for i in range(N):
        random, expected = Stream(draws.key_of(seed), i), []
        for g in range(2):
            j = int(low[i, g]) - 1
            while p[g] > 0 and j + 1 < high[i, g]:
                skip = 0 if p[g] == 1 else math.log(random.part()) / math.log1p(-p[g])
                j += 1 + (int(skip) if skip < 1e9 else 10**9)
                if j >= high[i, g]:
                    break
                expected.append(j)
        assert targets[start[i] : start[i + 1]].tolist() == expected


@covers("near_rows")
@given(sheets, st.booleans(), st.integers(0, 10**6), st.floats(0.4, 4.0), st.floats(0.05, 1.0))
@QUICK
def test_near_pairs_skip_and_thin(sheet, wrap, seed, sigma, p0):
    rows, cols = sheet
    found = offsets.half_offsets(rows, cols, 3.5, wrap)
    p = p0 * np.exp(-found.square / (2 * sigma**2))
    start, targets = offsets.near(found, p, seed)
    for i in range(rows * cols):
        random, expected, k, last = Stream(draws.key_of(seed), i), [], 0, p[0] if len(p) else 0
        while k < len(p):
            if last < 1:
                k += int(min(math.log(random.part()) / math.log1p(-last), 1e9))
                if k >= len(p):
                    break
            taken = True
            if p[k] < last:
                taken, last = random.part() * last <= p[k], p[k]
            r, c = i // cols + found.down[k], i % cols + found.right[k]
            if wrap:
                r, c = r % rows, c % cols
            inside = 0 <= r < rows and 0 <= c < cols
            if taken and inside and (i < r * cols + c or not found.own[k]):
                expected.append(r * cols + c)
            k += 1
        assert targets[start[i] : start[i + 1]].tolist() == expected


@covers("both_ways", "turned", "ascending", "mutual")
@given(st.integers(1, 12), st.integers(0, 10**6), st.booleans())
@QUICK
def test_mirror(N, seed, renamed):
    generator = np.random.default_rng(seed)
    upper = np.triu(generator.random((N, N)) < 0.4, 1)
    turned_over = generator.random((N, N)) < 0.5
    drawn = np.where(turned_over & upper, False, upper) | (turned_over & upper).T
    rows = [generator.permutation(np.flatnonzero(row)) for row in drawn]
    start = np.cumsum([0, *map(len, rows)])
    targets = np.concatenate(rows).astype(np.int32)
    names = generator.permutation(N).astype(np.int32) if renamed else None
    c = lists.mirrored(start, targets, names)
    M = upper | upper.T
    if names is not None:
        named = np.zeros_like(M)
        named[np.ix_(names, names)] = M
        M = named
    np.testing.assert_array_equal(matrix(c), M)
    assert lists.ascending(start, targets) == all((np.diff(row) > 0).all() for row in rows)
    ordered = np.concatenate([np.sort(row) for row in rows]).astype(np.int32)
    assert lists.mutual(start, ordered) == bool((drawn == drawn.T).all())
    assert lists.mutual(c.start, c.sources)


@covers("rewire", "holds")
@given(st.integers(2, 30), st.integers(0, 10**6), st.floats(0.0, 1.0))
@QUICK
def test_rewiring_against_sets(N, seed, p):
    found = offsets.nearest_offsets(1, N, 3)
    start, targets = offsets.near(found, np.ones(len(found)), seed)
    key = draws.key_of(seed)
    rows = [targets[start[i] : start[i + 1]].tolist() for i in range(N)]
    pairs = {frozenset((i, j)) for i in range(N) for j in rows[i]}
    for i in range(N):
        random = Stream(key, i)
        for e, j in enumerate(rows[i]):
            if random.part() > p:
                continue
            for _ in range(small_world.TRIES):
                other = random.random.below(N)
                if other != i and frozenset((i, other)) not in pairs:
                    pairs.remove(frozenset((i, j)))
                    pairs.add(frozenset((i, other)))
                    rows[i][e] = other
                    break
    small_world.rewire(key, p, start, targets)
    assert targets.tolist() == [j for row in rows for j in row]
    assert small_world.holds(targets, 0, len(targets), targets[-1])
    assert not small_world.holds(targets, 0, len(targets), N)
