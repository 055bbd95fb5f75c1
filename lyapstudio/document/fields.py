"""JSON that is checked while it is read."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


class MalformedError(Exception):
    """What is wrong with a file, as the end of a sentence."""


def parse_json(data: bytes) -> dict[str, Any]:
    """An object; refuses a key that stands twice, NaN, infinities and bottomless nesting."""
    try:
        raw = json.loads(
            data.decode(),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        raise MalformedError("its description is damaged.") from None
    if not isinstance(raw, dict):
        raise MalformedError("its description is damaged.")
    return raw


class Fields:
    """One JSON object; each method returns a value of the asked kind or raises MalformedError."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def text(self, name: str) -> str:
        value = self._get(name)
        if not isinstance(value, str):
            self._wrong(name)
        return value

    def flag(self, name: str) -> bool:
        value = self._get(name)
        if not isinstance(value, bool):
            self._wrong(name)
        return value

    def whole(self, name: str, low: int = -(1 << 63), high: int = (1 << 63) - 1) -> int:
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(name)
        if not low <= value <= high:
            raise MalformedError(f"{name} is {value}, which is not between {low} and {high}.")
        return value

    def part(self, name: str) -> Fields:
        value = self._get(name)
        if not isinstance(value, dict):
            self._wrong(name)
        return Fields(value)

    def parts(self, name: str) -> list[Fields]:
        value = self._get(name)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self._wrong(name)
        return [Fields(v) for v in value]

    def _get(self, name: str) -> Any:
        if name not in self.raw:
            raise MalformedError(f"its description lacks {name}.")
        return self.raw[name]

    def _wrong(self, name: str) -> NoReturn:
        raise MalformedError(f"{name} is of the wrong kind in its description.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise MalformedError("its description holds a key twice.")
    return result


def _no_number(text: str) -> NoReturn:
    raise MalformedError(f"its description holds {text}, which is not a number.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _no_number(text)
    return value
