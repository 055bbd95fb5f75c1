"""How numbers are written: minus U+2212, thousands split by U+2009, decimals as the locale says."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale

from lyapstudio.core.param import Spec

MINUS = "\u2212"
THIN = "\u2009"


def figure(value: float, decimals: int | None = None, *, sign: bool = False) -> str:
    """A number for people; without `decimals` the shortest text with six significant digits."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    size = abs(value)
    text = f"{size:.{decimals}f}" if decimals is not None else f"{size:.6g}"
    zero = not any(digit in text for digit in "123456789")
    lead = MINUS if value < 0 and not zero else "+" if sign and not (zero and value < 0) else ""
    if "e" in text:
        mantissa, _, power = text.partition("e")
        text = f"{mantissa}·10^{int(power)}".replace("-", MINUS)
        return lead + text.replace(".", QLocale().decimalPoint())
    whole, _, rest = text.partition(".")
    if len(whole) > 3:
        whole = f"{int(whole):,}".replace(",", THIN)
    return lead + whole + (QLocale().decimalPoint() + rest if rest else "")


def whole(value: int) -> str:
    """A count: 9 216."""
    return figure(int(value), 0)


def spoken(spec: Spec, value: float) -> str:
    """A parameter's value as its field shows it: "36 %", "0.50", "20 ms"."""
    if spec.percent:
        return f"{figure(100 * value, spec.decimals)} %"
    if spec.kind == "integer":
        text = whole(int(value))
    else:
        text = figure(value, spec.decimals)
        point = QLocale().decimalPoint()
        if point in text:
            text = text.rstrip("0").rstrip(point)
        if value and not any(digit in text for digit in "123456789"):
            text = figure(value)  # too small for its decimals: never show a wrong zero
    return f"{text} {spec.unit}".rstrip()


def ticks(low: float, high: float, most: int = 5) -> list[tuple[float, str]]:
    """Three to five round numbers within [low, high], with their texts."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return []
    step = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 2.5, 5, 10, 20):
        if span / (step * factor) <= most:
            step *= factor
            break
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(step * 10**places - round(step * 10**places)) > 1e-6:
        places += 1  # steps of 2.5 and 0.25
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [(k * step, figure(k * step, places)) for k in range(first, last + 1)]


def place(neuron: int, cols: int) -> tuple[int, int]:
    """Row and column of a neuron as people count, from 1."""
    row, col = divmod(neuron, cols)
    return row + 1, col + 1
