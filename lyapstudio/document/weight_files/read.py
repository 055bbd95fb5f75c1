"""Weights from a file: by what it holds, and by the end of its name."""

from __future__ import annotations

from pathlib import Path

from lyapstudio.core.errors import UserError
from lyapstudio.document.datasets.raw import Report, reading, starts_with
from lyapstudio.document.given import Given
from lyapstudio.document.weight_files.bounds import KNOWN, MAX_BYTES
from lyapstudio.document.weight_files.market import BANNER, read_market
from lyapstudio.document.weight_files.npz import read_npz
from lyapstudio.document.weight_files.square import read_array
from lyapstudio.document.weight_files.text import read_text

SUFFIXES = (".npy", ".npz", ".csv", ".tsv", ".txt", ".mtx")
CONVENTION = (
    "Rows listen and columns are listened to: w[i, j] is the weight from neuron j to neuron i."
)
NPY, ZIP = b"\x93NUMPY", b"PK"
MATLAB = (b"\x89HDF", b"MATLAB")


def read_weights(path: str | Path, N: int | None, report: Report = lambda _: None) -> Given:
    """The weights that a file holds, for a network of N neurons or of any number.

    NPY, NPZ (a square array, scipy.sparse, or what `write_weights` writes), CSV, TSV and TXT (a
    square table, or lines "from, to, weight"; .gz, too), and Matrix Market. Read in pieces: no
    more memory is taken than the connections need.

    Raises
    ------
    WrongSizeError : the weights of another number of neurons
    UserError : anything else that is wrong with it, in a sentence
    """
    path = Path(path)
    with reading(path):
        if path.exists() and not path.is_file():
            raise UserError(f"{path.name} is a folder or a device. Choose a file.")
        size = path.stat().st_size
    if size > MAX_BYTES + (1 << 20):
        raise UserError(
            f"{path.name} is larger than {MAX_BYTES >> 30} GB, the most that can be loaded. Save "
            "it as NPZ or MTX, or cut the weakest weights away."
        )
    if not size:
        raise UserError(f"{path.name} is empty. Choose another file.")
    try:
        return _read(path, N, report)
    except MemoryError:
        raise UserError(
            f"There is not enough memory for {path.name}. Close other programs, or cut the weakest "
            "weights away."
        ) from None


def _read(path: Path, N: int | None, report: Report) -> Given:
    head, suffix = starts_with(path, len(BANNER)), path.suffix.lower()
    if head.startswith(MATLAB) or suffix == ".mat":
        raise UserError(f"{path.name} is a file of Matlab or HDF5. {KNOWN}")
    if head.startswith(NPY) or suffix == ".npy":
        return read_array(path, N, report)
    if head.startswith(ZIP) or suffix == ".npz":
        return read_npz(path, N, report)
    if head.lower() == BANNER or suffix == ".mtx":
        return read_market(path, N, report)
    return read_text(path, N, report)
