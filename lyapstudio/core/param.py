"""Declare a parameter once: its default, range, unit and help.

From one `number(...)`, `integer(...)`, `choice(...)` or `switch(...)` line come the check, the
widget, the tooltip, the file entry, the command-line option and the strategy of the tests.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from lyapstudio.core.errors import UserError

Kind = Literal["number", "integer", "choice", "switch"]


class ParamError(UserError):
    """A value outside its declared range; `name` is the parameter's."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a choice can take."""

    id: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """All that is known of one parameter.

    `when` names another parameter and the values of it for which this one matters: the form
    hides it otherwise. `percent` shows a fraction as a percentage; `advanced` folds it away.
    `anew`: a run under another value of it begins anew.
    """

    kind: Kind
    default: Any
    label: str
    help: str
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    log: bool = False
    percent: bool = False
    decimals: int = 2
    choices: tuple[Choice, ...] = ()
    when: tuple[str, tuple[Any, ...]] | None = None
    advanced: bool = False
    anew: bool = False

    def check(self, name: str, value: Any) -> Any:
        """Return the value in its own type, or raise ParamError with a sentence."""
        if self.kind == "switch":
            if isinstance(value, bool):
                return value
            raise ParamError(name, f"{self.label} is on or off (true or false).")
        if self.kind == "choice":
            if isinstance(value, str) and value in {choice.id for choice in self.choices}:
                return value
            wanted = ", ".join(choice.id for choice in self.choices)
            raise ParamError(name, f"{self.label} is one of: {wanted}.")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ParamError(name, f"{self.label} is a number {self.range_text()}.")
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise ParamError(name, f"{self.label} lies {self.range_text()}.")
        if self.kind == "integer":
            if value != int(value):
                raise ParamError(name, f"{self.label} is a whole number {self.range_text()}.")
            return int(value)
        return float(value)

    def parse(self, name: str, text: str) -> Any:
        """Read what somebody typed; a decimal comma and the minus sign U+2212 are accepted."""
        text = text.strip()
        if self.kind == "choice":
            return self.check(name, text)
        if self.kind == "switch":
            states = {"true": True, "on": True, "yes": True, "1": True}
            states |= {"false": False, "off": False, "no": False, "0": False}
            return self.check(name, states.get(text.lower()))
        plain = text.replace("\u2212", "-").replace("\u2009", "").replace(" ", "")
        plain = plain.removesuffix("%").replace(",", ".")
        try:
            value = float(plain)
        except ValueError:
            raise ParamError(name, f"{self.label} is a number {self.range_text()}.") from None
        return self.check(name, value / 100 if text.endswith("%") else value)

    def range_text(self) -> str:
        """Like "between 0 and 1", with the unit where there is one."""
        factor = 100 if self.percent else 1
        unit = " %" if self.percent else f" {self.unit}" if self.unit else ""
        low, high = self.low * factor, self.high * factor
        if math.isinf(high):
            return f"from {low:g}{unit} on" if not math.isinf(low) else "of any size"
        if math.isinf(low):
            return f"up to {high:g}{unit}"
        return f"between {low:g} and {high:g}{unit}"


def _declared(spec: Spec) -> Any:
    return field(default=spec.default, metadata={"spec": spec})


def number(default: float, low: float, high: float, *, label: str, help: str, **more: Any) -> Any:
    """Declare a real parameter (keywords: unit, log, percent, decimals, when)."""
    return _declared(Spec("number", float(default), label, help, low, high, **more))


def integer(default: int, low: int, high: int, *, label: str, help: str, **more: Any) -> Any:
    """Declare a whole-number parameter (keywords: unit, log, when)."""
    return _declared(Spec("integer", default, label, help, low, high, decimals=0, **more))


def choice(default: str, choices: tuple[Choice, ...], *, label: str, help: str, **more: Any) -> Any:
    """Declare a parameter that takes one of a few named values."""
    return _declared(Spec("choice", default, label, help, choices=choices, **more))


def switch(default: bool, *, label: str, help: str, **more: Any) -> Any:
    """Declare a parameter that is on or off."""
    return _declared(Spec("switch", default, label, help, **more))


@dataclass(frozen=True)
class Params:
    """Base of every frozen dataclass whose fields are declared parameters."""

    def __post_init__(self) -> None:
        for name, spec in self.specs().items():
            object.__setattr__(self, name, spec.check(name, getattr(self, name)))

    @classmethod
    def specs(cls) -> dict[str, Spec]:
        """The declared parameters, in their order."""
        return {f.name: f.metadata["spec"] for f in dataclasses.fields(cls) if "spec" in f.metadata}

    def changed(self, **values: Any) -> Self:
        """A copy with other values, checked."""
        for name in values:
            if name not in self.specs():
                raise ParamError(name, f"There is no parameter called {name} here.")
        return dataclasses.replace(self, **values)

    def as_values(self) -> dict[str, Any]:
        """Every parameter's value: what a file stores."""
        return {name: getattr(self, name) for name in self.specs()}

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """Read what `as_values` wrote; what is missing takes its default."""
        for name in values:
            if name not in cls.specs():
                raise ParamError(name, f"{cls.__name__} has no parameter called {name}.")
        return cls(**values)

    def shown(self) -> list[str]:
        """The names of the parameters that matter with the present values of the others."""
        return [
            name
            for name, spec in self.specs().items()
            if spec.when is None or getattr(self, spec.when[0]) in spec.when[1]
        ]
