"""One declaration of a parameter: checked, read from text, stored and told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyapstudio.core.param import (
    Choice,
    ParamError,
    Params,
    Spec,
    choice,
    integer,
    number,
    switch,
)

GAIN = Spec("number", 1.0, "Gain", "How steep.", -2.0, 8.0, unit="mV")
SHARE = Spec("number", 0.2, "Share", "How much.", 0.0, 1.0, percent=True)
COUNT = Spec("integer", 3, "Count", "How many.", 1, 100000, unit="sweeps")
ORDER = Spec("choice", "a", "Order", "Who first.", choices=(Choice("a", "A"), Choice("b", "B")))
NOISE = Spec("switch", False, "Noise", "Whether there is any.")


@dataclass(frozen=True)
class Toy(Params):
    mode: str = choice("slow", (Choice("slow", "S"), Choice("fast", "F")), label="Mode", help="M.")
    gain: float = number(1.0, 0.0, 2.0, label="Gain", help="G.", when=("mode", ("fast",)))
    count: int = integer(2, 1, 9, label="Count", help="C.")
    noise: bool = switch(False, label="Noise", help="N.")
    key: int = 7  # not a parameter


@given(st.floats(-2, 8))
def test_a_number_is_read_back_from_any_spelling(x):
    for text in (
        repr(x),
        f" {x!r} ",
        repr(x).replace(".", ","),
        repr(x).replace("-", "−"),
    ):
        assert GAIN.parse("gain", text) == x


@given(st.floats(0, 1))
def test_percentages(x):
    assert SHARE.parse("share", f"{x * 100!r} %") == pytest.approx(x, abs=1e-12)
    assert SHARE.parse("share", f"{x * 100!r}%".replace(".", ",")) == pytest.approx(x, abs=1e-12)
    assert SHARE.parse("share", repr(x)) == x


@given(st.integers(1, 100000))
def test_whole_numbers(n):
    for text in (str(n), f"{n}.0", f"{n},0"):
        value = COUNT.parse("count", text)
        assert value == n
        assert type(value) is int
    assert COUNT.parse("count", f"{n:,}".replace(",", "\u2009")) == n


@given(st.floats() | st.integers())
def test_a_checked_value_lies_in_the_range_or_is_refused(x):
    for spec in (GAIN, SHARE, COUNT):
        whole = math.isfinite(x) and x == int(x)
        if spec.low <= x <= spec.high and (spec is not COUNT or whole):
            value = spec.check("x", x)
            assert value == x
            assert type(value) is (int if spec is COUNT else float)
            continue
        with pytest.raises(ParamError, match=rf"^{spec.label} .*\.$") as caught:
            spec.check("x", x)
        assert caught.value.name == "x"


@pytest.mark.parametrize("text", ["", "abc", "1..2", "nan", "inf", "-inf", "9", "5 % %", "1e999"])
def test_what_is_no_such_number_is_refused(text):
    with pytest.raises(ParamError, match=r"Gain .* between -2 and 8 mV\."):
        GAIN.parse("gain", text)


@pytest.mark.parametrize("value", [None, "1", True, [1], 1j, np.nan])
def test_values_of_another_type_are_refused(value):
    with pytest.raises(ParamError):
        GAIN.check("gain", value)
    with pytest.raises(ParamError):
        COUNT.check("count", value)


@pytest.mark.parametrize("value", [None, "c", 1, ["a"], {"a": 1}])
def test_a_choice_is_one_of_a_few(value):
    with pytest.raises(ParamError, match="one of: a, b"):
        ORDER.check("order", value)
    assert ORDER.parse("order", " b ") == "b"


def test_a_switch_is_on_or_off():
    for text, value in [("on", True), ("TRUE", True), ("0", False), ("No", False)]:
        assert NOISE.parse("noise", text) is value
    for bad in (1, "on", None):
        with pytest.raises(ParamError, match="on or off"):
            NOISE.check("noise", bad)
    with pytest.raises(ParamError, match="on or off"):
        NOISE.parse("noise", "maybe")


def test_ranges_in_words():
    assert GAIN.range_text() == "between -2 and 8 mV"
    assert SHARE.range_text() == "between 0 and 100 %"
    assert Spec("number", 0.0, "", "", low=0).range_text() == "from 0 on"
    assert Spec("number", 0.0, "", "", high=5).range_text() == "up to 5"
    assert Spec("number", 0.0, "", "").range_text() == "of any size"


@given(st.sampled_from(["slow", "fast"]), st.floats(0, 2), st.integers(1, 9), st.booleans())
def test_values_survive_storing(mode, gain, count, noise):
    toy = Toy(mode, gain, count, noise)
    assert Toy.from_values(toy.as_values()) == toy
    assert toy.changed(**toy.as_values()) == toy
    assert Toy().changed(gain=gain).gain == gain


def test_params():
    assert list(Toy.specs()) == ["mode", "gain", "count", "noise"]
    assert Toy.from_values({}) == Toy()
    assert Toy().shown() == ["mode", "count", "noise"]
    assert Toy(mode="fast").shown() == ["mode", "gain", "count", "noise"]
    assert type(Toy(count=3.0).count) is int  # type: ignore[arg-type]
    for bad in ({"gain": 3.0}, {"gian": 1.0}, {"key": 1}):
        with pytest.raises(ParamError):
            Toy().changed(**bad)
        with pytest.raises(ParamError):
            Toy.from_values(bad)
