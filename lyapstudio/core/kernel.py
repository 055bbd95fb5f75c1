"""The one spelling of the numba flags. A kernel is compiled when it is called first.

numba is imported here, inside functions, so that the first paint of the window never waits for
it. A kernel may call other kernels and `prefetch`: both are resolved when it is compiled.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import sys
import types
from collections.abc import Callable
from threading import RLock
from typing import Any

from lyapstudio.core import kernel_cache

FLAGS = {"nogil": True, "error_model": "numpy"}

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

    @property
    def used(self) -> bool:
        """Whether it was compiled for some arguments."""
        return self._compiled is not None and bool(self._compiled.signatures)

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
                made = numba.njit(**FLAGS, fastmath=self.fastmath)(twin)
                made._cache = _kept(made.py_func)
                self._compiled = made
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
    """Hits and misses of the kept kernels by those compiled in this process."""
    compiled = [k._compiled.stats for k in _all if k._compiled is not None]
    return (
        sum(sum(s.cache_hits.values()) for s in compiled),
        sum(sum(s.cache_misses.values()) for s in compiled),
    )


def cache_misses() -> list[str]:
    """What had to be compiled in this process: kernels and the types of their arguments."""
    return [
        f"{k.__name__}({', '.join(map(str, types))})"
        for k in _all
        if k._compiled is not None
        for types in k._compiled.stats.cache_misses
    ]


def cache_read() -> set[str]:
    """Names of the kept kernels that this process has read."""
    return _shelf().used


@functools.cache
def _numba() -> Any:
    """The heavy import, on purpose here; one processor for all machines of a level."""
    if "NUMBA_CPU_NAME" not in os.environ:
        from llvmlite import binding

        found = binding.get_host_cpu_features()
        name = kernel_cache.level(feature for feature, there in found.items() if there)
        if name is not None:
            os.environ["NUMBA_CPU_NAME"], os.environ["NUMBA_CPU_FEATURES"] = name, ""
    import numba

    return numba


def _kept(function: Any) -> Any:
    """The cache of one function, in the place and with the checks of `kernel_cache`."""
    return _cache_class()(function)


@functools.cache
def _shelf() -> kernel_cache.Shelf:
    return kernel_cache.shelf()


@functools.cache
def _cache_class() -> type:
    numba = _numba()
    from numba.core import caching, compiler, config, serialize

    version = f"{numba.__version__} {sys.version_info[:2]} {config.BOUNDSCHECK}"

    class Kept(caching.NullCache):  # type: ignore[misc]
        """A file for each signature; numba's own would lie beside sources that may not be there."""

        def __init__(self, function: Any) -> None:
            source = function.__code__.co_filename
            self._stem = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
            self._origin = kernel_cache.origin(function.__module__, source)

        def load_overload(self, signature: Any, target: Any) -> Any:
            target.refresh()
            body = _shelf().read(self._name(signature, target))
            if body is None:
                return None
            try:
                return compiler.CompileResult._rebuild(target, *pickle.loads(body))
            except Exception:  # whatever is wrong with it, it can be compiled anew
                kernel_cache.complain("damaged", kernel_cache.DAMAGED)
                return None

        def save_overload(self, signature: Any, result: Any) -> None:
            if not result.lifted and not result.library.has_dynamic_globals:
                name = self._name(signature, result.target_context)
                _shelf().write(name, serialize.dumps(result._reduce()))

        def _name(self, signature: Any, target: Any) -> str:
            key = (version, self._origin, repr(signature), target.codegen().magic_tuple())
            return f"{self._stem}-{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}"

    return Kept


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
