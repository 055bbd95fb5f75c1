"""Zip archives and NPY arrays, read without trust: sizes are checked before memory is taken."""

from __future__ import annotations

import io
import math
import zipfile
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lyapstudio.core.errors import UserError

MAX_MEMBERS = 10_000
FREE_RATIO = 64 << 20  # bytes below which any compression is believed
MAX_RATIO = 200  # beyond them: packed patterns and grey pictures stay far below this
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 1


def npy_header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether column by column, and type of an array of numbers that follows.

    Raises UserError: not an array, objects, negative sizes.
    """
    try:
        version = npy.read_magic(stream)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = header(stream)
    except Exception:  # the parser of hostile text meets many exceptions
        raise UserError(
            f"{name} is not an array that can be read. Save it with numpy.save."
        ) from None
    if dtype.kind not in "biuf":
        part = "the real part" if dtype.kind == "c" else "numbers only"
        raise UserError(f"{name} does not hold plain numbers ({dtype}). Save {part}.")
    if any(side < 0 for side in shape) or len(shape) > 8:
        raise UserError(f"{name} has an impossible shape {shape}. Save it with numpy.save.")
    return shape, fortran, dtype


def read_npy(stream: IO[bytes], name: str, limit: int) -> NDArray[Any]:
    """One array of numbers or truth values, of at most `limit` values; nothing is unpickled.

    Raises UserError: not an array, objects, negative or huge sizes, cut short.
    """
    shape, fortran, dtype = npy_header(stream, name)
    count = math.prod(shape)
    if count > limit:
        raise UserError(f"{name} holds {count:,} values, more than the {limit:,} that fit here.")
    try:
        data = stream.read(count * dtype.itemsize)
    except Exception:  # zlib, zipfile: a broken member
        data = b""
    if len(data) < count * dtype.itemsize:
        raise UserError(f"{name} is damaged or incomplete. Copy or save it again.")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def write_npy(array: NDArray[Any]) -> bytes:
    """The bytes of an NPY file; refuses objects."""
    stream = io.BytesIO()
    npy.write_array(stream, np.asarray(array, order="C"), (1, 0), allow_pickle=False)
    return stream.getvalue()


class Archive:
    """The members of a zip file, checked before any of them is unpacked.

    data : the file's bytes, or the file, open as long as the archive is in use
    limit : bytes of all members together
    ratio : how many times larger than the file they may be, beyond a size that is always believed
    """

    def __init__(
        self, data: bytes | IO[bytes], name: str, limit: int, ratio: int = MAX_RATIO
    ) -> None:
        self.name = name
        stream = io.BytesIO(data) if isinstance(data, bytes) else data
        held = stream.seek(0, io.SEEK_END)
        try:
            self._zip = zipfile.ZipFile(stream)
        except Exception:  # BadZipFile, and what its parser lets through
            raise UserError(
                f"{name} is damaged, incomplete or of another kind. Copy or download it again."
            ) from None
        members = self._zip.infolist()
        names = [member.filename for member in members]
        size = sum(member.file_size for member in members)
        if len(members) > MAX_MEMBERS or size > limit:
            raise UserError(
                f"{name} unpacks to {size >> 20} MB in {len(members)} parts, more than fits here."
            )
        if size > FREE_RATIO and size > ratio * held:
            raise UserError(f"{name} unpacks to far more than it could hold. It was not opened.")
        if len(set(names)) < len(names):
            raise UserError(f"{name} holds a part twice. It was not opened.")
        if any(m.flag_bits & _ENCRYPTED or m.compress_type not in _COMPRESSIONS for m in members):
            raise UserError(f"{name} is encrypted or packed in an unknown way. It was not opened.")
        self.names = tuple(names)

    def read(self, member: str, limit: int) -> bytes:
        """A member's bytes."""
        self._check(member)
        if self._zip.getinfo(member).file_size > limit:
            raise UserError(f"{self.name}: {member} is too large. It was not opened.")
        try:
            return self._zip.read(member)
        except Exception:  # zlib, zipfile
            raise self._damaged() from None

    def array(self, member: str, limit: int) -> NDArray[Any]:
        """A member that is an NPY file."""
        with self.stream(member) as stream:
            return read_npy(stream, f"{self.name}: {member}", limit)

    def stream(self, member: str) -> IO[bytes]:
        """A member to be read piece by piece; a broken one may raise anything while it is."""
        self._check(member)
        try:
            return self._zip.open(member)
        except Exception:
            raise self._damaged() from None

    def _check(self, member: str) -> None:
        if member not in self.names:
            raise UserError(f"{self.name} is incomplete: it lacks {member}. Copy it again.")

    def _damaged(self) -> UserError:
        return UserError(f"{self.name} is damaged or incomplete. Copy or save it again.")
