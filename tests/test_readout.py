"""The readout and its baselines: gradients, scores, interruption, what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyapstudio.core.data import DataSet, Part
from lyapstudio.core.errors import UserError
from lyapstudio.weights import backprop, readout
from lyapstudio.weights.adam import Adam, adam_move
from lyapstudio.weights.distortion import distort_images, distorted, random_maps
from lyapstudio.weights.judging import judge
from lyapstudio.weights.readout import ReadoutParams, cost, excited, raise_to, scale_for, steepness
from lyapstudio.weights.supervision import COLUMNS, Schooling
from tests.naive import covers

SCALINGS = ("image", "mean", "beta")
QUICK = settings(max_examples=25, deadline=None)


def part(n: int, C: int, seed: int, side: int = 6, noise: float = 0.1) -> Part:
    """Images of C blobs at places of their own, a little noisy, as bytes."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, C, n).astype(np.int16)
    centres = np.random.default_rng(99).random((C, side * side)) > 0.6
    images = 200 * centres[labels] + 255 * noise * generator.standard_normal((n, side * side))
    return Part(np.clip(images, 0, 255).astype(np.uint8), labels)


def data_set(C: int = 4, n: int = 300, noise: float = 0.1, **parts: Any) -> DataSet:
    whole: dict[str, Any] = {
        "train": part(n, C, 1, noise=noise),
        "validation": part(80, C, 2, noise=noise),
        "test": part(90, C, 3, noise=noise),
    }
    names = tuple("abcdefgh"[:C])
    return DataSet("blobs", 6, 6, 1, names, digest="", **(whole | parts))


def hidden_weights(K: int = 12, N: int = 36, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((K, N)).astype(np.float32)


def trainers(data: DataSet, epochs: int = 5, patience: int = 0, distort: float = 0) -> list[Any]:
    some: dict[str, Any] = {"epochs": epochs, "patience": patience, "distort": distort, "batch": 32}
    return [
        readout.Trainer(hidden_weights(), data, ReadoutParams(**some), 7),
        readout.Trainer(None, data, ReadoutParams(**some), 7),
        backprop.Trainer(data, 9, ReadoutParams(**some).schooling, 7),
    ]


def slow_scores(W: Any, S: Any, scale: float, params: ReadoutParams, image: Any) -> list[float]:
    """tanh(β S h) of one image, straight from the formula, in Python numbers."""
    h = []
    for w in W:
        current = sum(float(a) * float(v) for a, v in zip(w, image, strict=True))
        h.append(max(scale * current, 0.0) ** params.power)
    if params.scaling == "image":
        total = sum(h) or 1.0
        h = [x / total for x in h]
    beta = float(steepness(params))
    return [math.tanh(beta * sum(float(a) * x for a, x in zip(s, h, strict=True))) for s in S]


@covers("raise_to")
@given(st.integers(2, 24) | st.floats(1, 12), st.floats(0.1, 2), st.integers(0, 99))
@QUICK
def test_power(n, scale, seed):
    n = n / 2 if isinstance(n, int) else n
    H = np.random.default_rng(seed).standard_normal((3, 7)).astype(np.float32)
    expected = np.array([[max(scale * float(x), 0.0) ** n for x in row] for row in H])
    raise_to(H, scale, n)
    np.testing.assert_allclose(H, expected, rtol=2e-5, atol=1e-30)


@covers("adam_move")
@given(st.integers(0, 99), st.floats(1e-5, 0.1))
@QUICK
def test_adam(seed, rate):
    generator = np.random.default_rng(seed)
    w = generator.standard_normal((2, 3))
    ours = {"w": w.astype(np.float32)}
    adam = Adam.fresh(ours)
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, 6):
        g = generator.standard_normal((2, 3))
        adam.move(ours, {"w": g.astype(np.float32)}, rate)
        for i in np.ndindex(w.shape):
            mean[i] = 0.9 * mean[i] + 0.1 * g[i]
            square[i] = 0.999 * square[i] + 0.001 * g[i] ** 2
            m, v = mean[i] / (1 - 0.9**t), square[i] / (1 - 0.999**t)
            w[i] -= rate * m / (math.sqrt(v) + 1e-8)
    np.testing.assert_allclose(ours["w"], w, rtol=1e-3, atol=1e-6)
    assert adam_move.python.__doc__


@covers("distort_images")
@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from((1, 3)), st.integers(0, 99))
@QUICK
def test_distortion(rows, cols, depth, seed):
    """Every pixel from the formula: a place in the image, and the four pixels around it."""
    generator = np.random.default_rng(seed)
    images = generator.random((3, rows * cols * depth)).astype(np.float32)
    maps = random_maps(3, 3.0, rows, cols, generator)
    out = np.empty_like(images)
    distort_images(images, maps, rows, cols, depth, out)
    for image, m, seen in zip(images, maps.astype(float), out, strict=True):
        wide = np.zeros((rows + 4, cols + 4, depth))
        wide[2:-2, 2:-2] = image.reshape(rows, cols, depth)
        for i, j in np.ndindex(rows, cols):
            place = m @ [i - (rows - 1) / 2, j - (cols - 1) / 2, 1]
            y = float(np.clip(place[0] + (rows - 1) / 2, -1, rows)) + 2
            x = float(np.clip(place[1] + (cols - 1) / 2, -1, cols)) + 2
            ys, xs = min(int(y), rows + 2), min(int(x), cols + 2)
            upper = (xs + 1 - x) * wide[ys, xs] + (x - xs) * wide[ys, xs + 1]
            lower = (xs + 1 - x) * wide[ys + 1, xs] + (x - xs) * wide[ys + 1, xs + 1]
            expected = (ys + 1 - y) * upper + (y - ys) * lower
            got = seen.reshape(rows, cols, depth)[i, j]
            np.testing.assert_allclose(got, expected, atol=2e-5)


def test_no_distortion_changes_nothing():
    images = part(5, 4, 1).floats(slice(None))
    maps = random_maps(5, 0.0, 6, 6, np.random.default_rng(1))
    np.testing.assert_array_equal(distorted(images, maps, 6, 6, 1), images)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("power", [1.0, 4.5, 6.0, 3.3])
def test_scores_are_the_formula(scaling, power):
    data = data_set()
    params = ReadoutParams(scaling=scaling, power=power, epochs=1)
    trainer = readout.Trainer(hidden_weights(), data, params, 1)
    trainer.epoch()
    result = trainer.result()
    images = data.test.floats(slice(0, 5))
    slow = [slow_scores(result.W, result.S, result.scale, params, v) for v in images]
    np.testing.assert_allclose(result.scores(images), slow, rtol=1e-3, atol=1e-4)
    judgement = judge(result, data.test)
    assert judgement.predictions[:5].tolist() == np.argmax(slow, 1).tolist()


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("m", [1.0, 2.0, 6.0])
def test_gradient_of_the_readout(scaling, m):
    """Against differences of the cost in double precision."""
    data = data_set()
    W = hidden_weights().astype(np.float64)
    params = ReadoutParams(scaling=scaling, exponent=m, steepness=10.0, beta=0.001)
    images, labels = data.train.floats(slice(0, 8)), data.train.labels[:8].astype(np.int64)
    h = excited(W, scale_for(W, params, images), params, images).astype(np.float64)
    S = 0.1 * np.random.default_rng(3).standard_normal((4, len(W)))
    beta = float(steepness(params))

    def exactly(S: np.ndarray) -> float:
        target = np.where(np.arange(4) == labels[:, None], 1.0, -1.0)
        return float((np.abs(np.tanh(beta * h @ S.T) - target) ** m).sum())

    loss, _, slope = cost((h @ S.T).astype(np.float32), labels, params)
    assert loss == pytest.approx(exactly(S), rel=1e-4)
    gradient = slope.T @ h
    for place in [(0, 0), (1, 5), (3, 11)]:
        up, down = S.copy(), S.copy()
        up[place] += 1e-6
        down[place] -= 1e-6
        numeric = (exactly(up) - exactly(down)) / 2e-6
        assert gradient[place] == pytest.approx(numeric, rel=2e-3, abs=1e-4)


def test_gradient_of_back_propagation():
    data = data_set()
    trainer = backprop.Trainer(data, 5, ReadoutParams().schooling, 1)
    learned = {name: a.astype(np.float64) for name, a in trainer.learned.items()}
    images = data.train.floats(slice(0, 8)).astype(np.float64)
    labels = data.train.labels[:8].astype(np.int64)
    gradient = {name: np.empty_like(a) for name, a in learned.items()}
    trainer._gradient(learned, images, labels, gradient)

    def exactly(learned: Any) -> float:
        h = np.maximum(images @ learned["W"].T + learned["b"], 0)
        z = h @ learned["S"].T + learned["c"]
        z -= np.log(np.exp(z).sum(1, keepdims=True))
        return -float(z[np.arange(8), labels].mean())

    for name, place in [("W", (2, 9)), ("W", (4, 30)), ("b", (1,)), ("S", (3, 2)), ("c", (0,))]:
        up = {k: a.copy() for k, a in learned.items()}
        down = {k: a.copy() for k, a in learned.items()}
        up[name][place] += 1e-6
        down[name][place] -= 1e-6
        numeric = (exactly(up) - exactly(down)) / 2e-6
        assert gradient[name][place] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("which", range(3))
def test_learns_what_is_separable(which):
    trainer = trainers(data_set(), epochs=25)[which]
    while not trainer.finished:
        score = trainer.epoch()
    assert score.running_error <= 0.02
    assert score.test_error <= 0.05
    result = trainer.result()
    assert result.epoch == 25
    assert result.history.shape == (25, len(COLUMNS))
    assert result.history[0, COLUMNS.index("loss")] > 2 * score.loss
    assert judge(result, trainer.data.test).error == pytest.approx(score.test_error)


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("distort", [0, 1])
def test_resumed_equals_uninterrupted(which, distort):
    data = data_set(noise=0.5)
    whole = trainers(data, distort=distort)[which]
    for _ in range(5):
        whole.epoch()
    first = trainers(data, distort=distort)[which]
    first.epoch()
    first.epoch()
    second = trainers(data, distort=distort)[which].restore(first.dump())
    for _ in range(3):
        second.epoch()
    assert second.history == whole.history
    for name, a in whole.learned.items():
        np.testing.assert_array_equal(second.learned[name], a)


@pytest.mark.parametrize("which", range(3))
def test_cancelled_in_mid_epoch_nothing_has_happened(which):
    data = data_set()
    trainer, untouched = trainers(data)[which], trainers(data)[which]
    trainer.epoch()
    untouched.epoch()

    def enough(fraction: float) -> None:
        if fraction > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        trainer.epoch(enough)
    assert trainer.epoch() == untouched.epoch()


@pytest.mark.parametrize("which", range(3))
def test_stops_early_and_keeps_the_best(which):
    """Labels that mean nothing: validation soon stops improving."""
    noise = np.random.default_rng(4)
    train = part(60, 4, 1)
    train = Part(train.images, noise.integers(0, 4, 60).astype(np.int16))
    trainer = trainers(data_set(train=train), epochs=200, patience=4)[which]
    while not trainer.finished:
        trainer.epoch()
    errors = trainer.table[:, COLUMNS.index("validation_error")]
    assert len(errors) < 200
    result = trainer.result()
    assert result.epoch == 1 + int(errors.argmin()) == len(errors) - 4
    assert judge(result, trainer.data.validation).error == pytest.approx(errors.min())


def test_judgement_counts_what_it_says():
    data = data_set(noise=0.9)
    trainer = trainers(data)[0]
    trainer.epoch()
    result, labels = trainer.result(), data.test.labels
    judgement = judge(result, data.test)
    evidence = result.evidence(data.test.floats(slice(None)))
    answers = evidence.argmax(1)
    confusion = np.zeros((4, 4), int)
    for truth, answer in zip(labels, answers, strict=True):
        confusion[truth, answer] += 1
    assert (judgement.confusion == confusion).all()
    assert judgement.error == pytest.approx(np.mean(labels != answers))
    for c in range(4):
        assert judgement.by_class[c] == pytest.approx(np.mean(answers[labels == c] != c))
    for a, margin in enumerate(judgement.margins):
        others = np.delete(evidence[a], labels[a])
        assert margin == pytest.approx(evidence[a, labels[a]] - others.max(), abs=1e-6)
    assert ((judgement.margins < 0) == (answers != labels)).all()
    hardest = judgement.hardest(3)
    assert judgement.margins[hardest].tolist() == sorted(judgement.margins)[:3]


def test_a_class_without_images_has_no_error():
    test = part(40, 2, 8)
    trainer = trainers(data_set(test=test))[0]
    assert np.isnan(judge(trainer.result(), test).by_class).tolist() == [False, False, True, True]


def test_without_validation_and_test():
    nothing = Part(np.empty((0, 36), np.uint8), np.empty(0, np.int16))
    data = data_set(validation=nothing, test=nothing)
    trainer = trainers(data, epochs=3, patience=1)[0]
    while not trainer.finished:
        score = trainer.epoch()
    assert trainer.epochs == 3
    assert math.isnan(score.validation_error)
    assert math.isnan(score.test_error)
    with pytest.raises(UserError, match="no images to judge"):
        judge(trainer.result(), data.test)


def test_the_test_images_can_stay_unread():
    data = data_set()
    trainer = readout.Trainer(hidden_weights(), data, ReadoutParams(), 1, watch_test=False)
    assert math.isnan(trainer.epoch().test_error)


def test_refuses_what_cannot_be_learned():
    bare = Part(part(50, 4, 1).images)
    one = Part(part(50, 4, 1).images, np.zeros(50, np.int16))
    broken = hidden_weights()
    broken[3, 3] = math.nan
    with pytest.raises(UserError, match="have none"):
        trainers(data_set(train=bare))
    with pytest.raises(UserError, match="one class"):
        trainers(data_set(train=one))
    with pytest.raises(UserError, match="not numbers"):
        readout.Trainer(broken, data_set(), ReadoutParams(), 1)
    a, b, _ = trainers(data_set())
    with pytest.raises(UserError, match="another network"):
        b.restore(a.dump())


def test_a_value_that_is_no_number_stops_training_and_keeps_the_last_good_epoch():
    data = data_set()
    params = ReadoutParams(scaling="beta", power=12, beta=100)
    trainer = readout.Trainer(1e3 * hidden_weights(), data, params, 1)
    with pytest.raises(UserError, match="epoch 1 and stopped"):
        trainer.epoch()
    assert np.isfinite(trainer.result().S).all()
    assert trainer.epochs == 0


def test_silent_units_are_no_trouble():
    data = data_set()
    for scaling in SCALINGS:
        params = ReadoutParams(scaling=scaling, epochs=1)
        trainer = readout.Trainer(-np.abs(hidden_weights()), data, params, 1)
        assert trainer.epoch().running_error > 0.5


def test_annealing():
    published = Schooling(300, 100, 0, 0, 0.001, "halving")
    rates = [published.rate_at(e) / 0.001 for e in (0, 99.9, 100, 149, 150, 299)]
    assert rates == [1, 1, 0.5, 0.5, 0.25, 0.0625]
    cosine = Schooling(20, 100, 0, 0, 0.001, "cosine")
    assert [cosine.rate_at(e) for e in (0, 10, 20)] == pytest.approx([0.001, 0.0005, 0])
