"""The one spelling of the numba flags. A kernel is compiled when it is called first.

numba is imported here, inside functions, so that the first paint of the window never waits for
it. A kernel may call other kernels and `prefetch`: both are resolved when it is compiled.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

VERSIONS = 4
"""Caches of compiled kernels that are kept, one a version of the program."""

FLAGS = {"cache": True, "nogil": True, "error_model": "numpy"}

_lock = RLock()
_all: list[Kernel] = []


class Kernel:
    """A function in the numba subset that compiles itself at its first call.

    `fastmath` is for float reductions only; nothing else gains from it and exactness would go.
    """

    def __init__(self, function: Callable[..., Any], fastmath: bool = False) -> None:
        self.python = function
        self.fastmath = fastmath
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self._compiled: Any = None
        _all.append(self)

    def __call__(self, *arguments: Any) -> Any:
        return (self._compiled or self.compiled())(*arguments)

    def compiled(self) -> Any:
        """The numba dispatcher; made once, under a lock (numba's compiler is not re-entrant)."""
        with _lock:
            if self._compiled is None:
                numba = _numba()
                f = self.python
                scope = dict(f.__globals__)
                for name in f.__code__.co_names:
                    if isinstance(scope.get(name), (Kernel, Intrinsic)):
                        scope[name] = scope[name].compiled()
                twin = types.FunctionType(f.__code__, scope, f.__name__, f.__defaults__)
                twin.__qualname__, twin.__module__ = f.__qualname__, f.__module__
                self._compiled = numba.njit(**FLAGS, fastmath=self.fastmath)(twin)
            return self._compiled


class Intrinsic:
    """A name that kernels may use and that only numba can make."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def __call__(self, *arguments: Any) -> None:
        """Outside a kernel a hint means nothing."""

    def compiled(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made


def kernel(function: Callable[..., Any] | None = None, *, fastmath: bool = False) -> Any:
    """Mark a function as a kernel: `@kernel` or `@kernel(fastmath=True)`."""
    if function is not None:
        return Kernel(function)
    return lambda f: Kernel(f, fastmath)


def kernels() -> tuple[Kernel, ...]:
    """Every kernel declared so far."""
    return tuple(_all)


def cache_counts() -> tuple[int, int]:
    """Hits and misses of the on-disk cache by the kernels compiled in this process."""
    compiled = [k._compiled.stats for k in _all if k._compiled is not None]
    return (
        sum(sum(s.cache_hits.values()) for s in compiled),
        sum(sum(s.cache_misses.values()) for s in compiled),
    )


def cache_home() -> Path:
    """Where compiled kernels are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lyapstudio" / "kernels"


def _stamp() -> str:
    """Changes with any source file: numba itself does not notice a change in a called kernel."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for part in ("core", "weights", "models"):
        for file in sorted((package / part).rglob("*.py")):
            status = file.stat()
            digest.update(f"{file.relative_to(package)} {status.st_size} {status.st_mtime_ns};".encode())
    return digest.hexdigest()[:16]


def _forget_old(folder: Path) -> None:
    """Keep the caches of the last few versions only."""
    others = sorted(folder.parent.iterdir(), key=lambda f: f.stat().st_mtime)
    for old in others[:-VERSIONS]:
        shutil.rmtree(old, ignore_errors=True)


def _writable(folder: Path) -> str:
    """The folder, or a passing one where it cannot be written: numba refuses to do without."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            _forget_old(folder)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except OSError:
        passing = tempfile.mkdtemp(prefix="lyapstudio-")
        atexit.register(shutil.rmtree, passing, ignore_errors=True)
        return passing


def _numba() -> Any:
    if "NUMBA_CACHE_DIR" not in os.environ:
        os.environ["NUMBA_CACHE_DIR"] = _writable(cache_home() / _stamp())
    import numba  # the heavy import, on purpose here

    return numba


def _make_prefetch() -> Any:
    _numba()
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    @intrinsic
    def prefetch(context, array, index):  # type: ignore[no-untyped-def]
        if not isinstance(array, types.Array):
            return None
        signature = types.void(array, types.intp)

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            view = context.make_array(signature.args[0])(context, builder, arguments[0])
            byte = ir.IntType(8).as_pointer()
            stride = cgutils.unpack_tuple(builder, view.strides)[0]
            start = builder.bitcast(view.data, byte)
            place = builder.gep(start, [builder.mul(arguments[1], stride)])
            word = ir.IntType(32)
            signature_ir = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
            call = cgutils.get_or_insert_function(
                builder.module, signature_ir, "llvm.prefetch.p0i8"
            )
            builder.call(call, [place, word(0), word(3), word(1)])
            return context.get_dummy_value()

        return signature, generate

    return prefetch


prefetch = Intrinsic(_make_prefetch)
"""`prefetch(array, i)`: ask for row i of an array early; a hint, never an access."""
