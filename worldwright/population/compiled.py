"""Compiling kernels with Numba, and keeping what was compiled between processes.

Numba's own cache has three properties that do not fit here: it does not notice that a kernel calls
a function of another file that has changed; between writing its index and its data another process can
read the data of an older source; and a full disk while saving is an exception. So the compiled code of a
kernel is kept in one file whose name is a digest of everything it depends on, written by rename, best effort.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import sys
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import llvmlite
import numba
import numba.core.caching as numba_caching
import numba.core.serialize as numba_serialize

P = ParamSpec("P")
R = TypeVar("R")

_DIGEST = 16

_OPTIONS: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy"}


class _ContentCache(numba_caching.FunctionCache):
    """A compilation cache without an index: one file for each kernel, source, signature and CPU."""

    def __init__(self, py_func: Callable[..., Any], depends: str) -> None:
        super().__init__(py_func)
        self._depends = depends

    def _file(self, sig: Any, codegen: Any) -> Path:
        versions = (sys.version_info[:3], numba.__version__, llvmlite.__version__)
        content = repr((versions, self._depends, self._index_key(sig, codegen)))
        name = hashlib.blake2b(content.encode(), digest_size=12).hexdigest()
        return Path(self._cache_path) / f"{self._impl.filename_base}.{name}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.refresh()
        try:
            found = self._file(sig, target_context.codegen()).read_bytes()
        except OSError:
            return None
        if found[:_DIGEST] != _digest(found[_DIGEST:]):
            return None  # torn by a crash or a full disk
        return self._impl.rebuild(target_context, pickle.loads(found[_DIGEST:]))

    def save_overload(self, sig: Any, data: Any) -> None:
        if not self._impl.check_cachable(data):
            return
        content = numba_serialize.dumps(self._impl.reduce(data))
        target = self._file(sig, data.codegen)
        staged = target.with_name(f"{target.name}.{uuid.uuid4().hex[:12]}.tmp")
        try:
            self._impl.locator.ensure_cache_path()
            staged.write_bytes(_digest(content) + content)
            staged.replace(target)
        except OSError:  # a full or read-only disk costs time, never a run
            with contextlib.suppress(OSError):
                staged.unlink(missing_ok=True)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()


@cache
def _sources_digest() -> str:
    """Digest of every file whose functions may be inlined into a kernel."""
    state = hashlib.blake2b(digest_size=16)
    for path in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        state.update(path.name.encode() + b"\n" + path.read_bytes())
    return state.hexdigest()


class Kernel:
    """A compiled function with one signature, compiled or loaded at its first call."""

    def __init__(self, function: Callable[..., Any], signature: str) -> None:
        self.signature = signature
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self._dispatcher: Any = numba.njit(**_OPTIONS)(function)
        self._ready = False

    def __call__(self, *arguments: Any) -> Any:
        """Run it; the arrays it fills are among its arguments."""
        if not self._ready:
            self.prepare()
        return self._dispatcher(*arguments)

    def prepare(self) -> None:
        """Compile it, or load what an earlier process compiled."""
        # RuntimeError: there is no writable folder for it, neither beside the package nor the user's own
        with contextlib.suppress(RuntimeError):
            self._dispatcher._cache = _ContentCache(self._dispatcher.py_func, _sources_digest())
        self._dispatcher.compile(self.signature)
        self._dispatcher.disable_compile()
        self._ready = True

    def assembly(self) -> str:
        """The machine code as text, freshly compiled: the tests look for fused multiply-adds in it."""
        fresh: Any = numba.njit(self.signature, **_OPTIONS)(self._dispatcher.py_func)
        return "\n".join(fresh.inspect_asm().values())


def kernel(signature: str) -> Callable[[Callable[..., Any]], Kernel]:
    """Make a function that Python calls a kernel with exactly this Numba signature."""
    return lambda function: Kernel(function, signature)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function callable from kernels; it is compiled into each of them."""
    compiled: Any = numba.njit(**_OPTIONS)(function)
    return compiled


def inlined_always(function: Callable[P, R]) -> Callable[P, R]:
    """As `inlined`, before types are inferred: for short functions that keep a loop from vectorising."""
    compiled: Any = numba.njit(inline="always", **_OPTIONS)(function)
    return compiled
