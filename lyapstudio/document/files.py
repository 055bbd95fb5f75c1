"""`.lyap` files: a zip of `document.json` and NPY arrays. Never pickle.

document.json       schema, app version, title, patterns, setups, view, story
patterns.npy        uint8: every pattern's bits, row by row, each from a new byte on
setups/K/drawn.npy  the drawn cue, (rows, cols) int8
setups/K/field.npy  the painted field, (rows, cols) float64
setups/K/strokes, lesions, dreams, given/NAME.npy   weights that somebody set (weight_parts.py)
setups/K/learned/NAME.npy, setups/K/readout/NAME.npy   where learning and its readout go on
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lyapstudio import __version__
from lyapstudio.core.errors import UserError
from lyapstudio.core.param import Params
from lyapstudio.document.archive import Archive, write_npy
from lyapstudio.document.datasets.source import Source
from lyapstudio.document.disk import read_file, write_file
from lyapstudio.document.fields import Fields, MalformedError, parse_json
from lyapstudio.document.nouns import MAX_SIDE, Cue, Document, Learned, Pattern, Setup, frozen
from lyapstudio.document.weight_parts import set_in, set_out
from lyapstudio.models import model_class, model_id
from lyapstudio.weights.readout import ReadoutParams
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

SUFFIX = ".lyap"
SCHEMA = 3


def _without_data(raw: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 knew no data sets: every network takes the usual one."""
    parts = raw["setups"] if isinstance(raw.get("setups"), list) else []
    usual = {"data": _source_out(Source()), "readout": {"values": {}}, "learned": {}}
    return {**raw, "setups": [{**p, **usual} if isinstance(p, dict) else p for p in parts]}


def _without_hands(raw: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 knew no weights that somebody set."""
    parts = raw["setups"] if isinstance(raw.get("setups"), list) else []
    return {**raw, "setups": [{**p, "set": {}} if isinstance(p, dict) else p for p in parts]}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _without_data,
    2: _without_hands,
}
"""Schema number -> what turns such a `document.json` into the next schema's."""

MAX_BYTES = 1 << 30
MAX_JSON = 16 << 20
MAX_CELLS = 1 << 30  # of all patterns together: a thousand of a million neurons
MAX_SETUPS = 16
MAX_WEIGHTS = 1 << 29  # values of one array that was learned
MAX_ARRAYS = 64
SOURCE_FACTS = ("ready", "path", "digest", "title")
NOISY = ("learned", "readout", "given")  # weights do not shrink
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # same document, same bytes

P = TypeVar("P", bound=Params)


def save(document: Document, path: str | Path) -> None:
    """Write a document atomically; UserError where that fails, the old file is intact then."""
    write_file(path, dumps(document))


def load(path: str | Path) -> Document:
    """Read a document; UserError says what is wrong with the file."""
    path = Path(path)
    return loads(read_file(path, MAX_BYTES), path.name)


def dumps(document: Document, extra: Mapping[str, bytes] | None = None) -> bytes:
    """The bytes of a document; `extra` members are ignored by `loads`."""
    raw = {
        "schema": SCHEMA,
        "app": __version__,
        "title": document.title,
        "patterns": [_pattern_out(p) for p in document.patterns],
        "setups": [_setup_out(s, document.learned.get(k)) for k, s in enumerate(document.setups)],
        "view": document.view,
        "story": document.story,
    }
    bits = [np.packbits(p.grid.ravel() > 0) for p in document.patterns]
    parts = {
        "document.json": json.dumps(raw, ensure_ascii=False, indent=1).encode(),
        "patterns.npy": write_npy(np.concatenate([np.empty(0, np.uint8), *bits])),
    }
    for k, setup in enumerate(document.setups):
        if setup.cue.drawn is not None:
            parts[f"setups/{k}/drawn.npy"] = write_npy(setup.cue.drawn)
        if setup.painted is not None:
            parts[f"setups/{k}/field.npy"] = write_npy(setup.painted)
        for group, arrays in set_out(setup)[1].items():
            for name, array in arrays.items():
                parts[f"setups/{k}/{group}/{name}.npy"] = write_npy(array)
        for group, arrays in _groups(document.learned.get(k)).items():
            for name, array in arrays.items():
                parts[f"setups/{k}/{group}/{name}.npy"] = write_npy(array)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in {**parts, **(extra or {})}.items():
            member = zipfile.ZipInfo(name, _LONG_AGO)
            noisy = any(f"/{group}/" in name for group in NOISY)
            member.compress_type = zipfile.ZIP_STORED if noisy else zipfile.ZIP_DEFLATED
            archive.writestr(member, data, compresslevel=1)
    if len(stream.getbuffer()) > MAX_BYTES:
        raise UserError(
            f"The document takes {len(stream.getbuffer()) >> 20:,} MB with what was learned, and "
            f"at most {MAX_BYTES >> 20:,} MB can be opened again. Choose fewer hidden units."
        )
    return stream.getvalue()


def loads(data: bytes, name: str = "The document") -> Document:
    """A document from its bytes; `name` stands in the sentences of errors."""
    archive = Archive(data, name, MAX_BYTES)
    if "document.json" not in archive.names:
        raise UserError(f"{name} is not a Lyapunov Studio document. Choose a {SUFFIX} file.")
    try:
        raw = parse_json(archive.read("document.json", MAX_JSON))
        return _document_in(_migrated(raw), archive)
    except MalformedError as error:
        raise UserError(f"{name} cannot be opened: {error}") from None


def _migrated(raw: dict[str, Any]) -> Fields:
    schema = Fields(raw).whole("schema", 1, 1 << 30)
    if schema > SCHEMA:
        raise MalformedError(
            "it was made by a newer version of Lyapunov Studio. Update the program."
        )
    for step in range(schema, SCHEMA):
        raw = MIGRATIONS[step](raw)
    return Fields(raw)


def _pattern_out(pattern: Pattern) -> dict[str, Any]:
    rows, cols = pattern.grid.shape
    facts = {"key": pattern.key, "name": pattern.name, "active": pattern.active}
    return {**facts, "rows": rows, "cols": cols}


def _groups(learned: Learned | None) -> dict[str, dict[str, NDArray[Any]]]:
    return {"learned": learned.network, "readout": learned.readout} if learned else {}


def _source_out(source: Source) -> dict[str, Any]:
    facts = {name: getattr(source, name) for name in SOURCE_FACTS}
    return {"values": source.as_values(), **facts}


def _setup_out(setup: Setup, learned: Learned | None) -> dict[str, Any]:
    return {
        "title": setup.title,
        "rows": setup.rows,
        "cols": setup.cols,
        "model": {"id": model_id(setup.model), "values": setup.model.as_values()},
        "rule": {"id": setup.rule.id, "values": setup.rule.as_values()},
        "wiring": {"id": setup.wiring.id, "values": setup.wiring.as_values()},
        "cue": {
            "values": setup.cue.as_values(),
            "pattern": setup.cue.pattern,
            "other": setup.cue.other,
            "drawn": setup.cue.drawn is not None,
        },
        "painted": setup.painted is not None,
        "set": set_out(setup)[0],
        "seed": setup.seed,
        "data": _source_out(setup.data),
        "readout": {"values": setup.readout.as_values()},
        "learned": {group: sorted(arrays) for group, arrays in _groups(learned).items()},
    }


def _document_in(fields: Fields, archive: Archive) -> Document:
    parts = fields.parts("setups")
    if not 1 <= len(parts) <= MAX_SETUPS:
        raise MalformedError(f"it has {len(parts)} networks instead of 1 to {MAX_SETUPS}.")
    setups = tuple(_setup_in(part, k, archive) for k, part in enumerate(parts))
    size = (setups[0].rows, setups[0].cols)
    if any((s.rows, s.cols) != size for s in setups):
        raise MalformedError("its networks differ in size.")
    return Document(
        fields.text("title"),
        _patterns_in(fields.parts("patterns"), size, archive),
        setups,
        fields.part("view").raw,
        fields.text("story"),
        {k: read for k, part in enumerate(parts) if (read := _learned_in(part, k, archive))},
    )


def _patterns_in(
    parts: list[Fields], size: tuple[int, int], archive: Archive
) -> tuple[Pattern, ...]:
    N = size[0] * size[1]
    stride = -(-N // 8)
    if len(parts) * N > MAX_CELLS:
        raise MalformedError(
            f"it has {len(parts)} patterns of {N} neurons, more than fit in memory."
        )
    bits = archive.array("patterns.npy", len(parts) * stride)
    if bits.dtype != np.uint8 or bits.shape != (len(parts) * stride,):
        raise MalformedError("its patterns are damaged.")
    result = []
    for part, packed in zip(parts, bits.reshape(len(parts), stride), strict=True):
        name = part.text("name")
        if (part.whole("rows", 1, MAX_SIDE), part.whole("cols", 1, MAX_SIDE)) != size:
            raise MalformedError(f"pattern {name} has another size than the network.")
        grid = 2 * np.unpackbits(packed, count=N).astype(np.int8).reshape(size) - np.int8(1)
        result.append(Pattern(part.whole("key"), name, frozen(grid), part.flag("active")))
    if len({p.key for p in result}) < len(result):
        raise MalformedError("two of its patterns have the same key.")
    return tuple(result)


def _setup_in(part: Fields, k: int, archive: Archive) -> Setup:
    rows, cols = part.whole("rows", 1, MAX_SIDE), part.whole("cols", 1, MAX_SIDE)
    if rows * cols < 2:
        raise MalformedError("a network needs at least two neurons.")
    where = part.part("cue")
    cue = replace(
        _params(Cue, where, "cue"),
        pattern=where.whole("pattern"),
        other=where.whole("other"),
        drawn=_drawn(archive, k, (rows, cols)) if where.flag("drawn") else None,
    )
    try:
        model = model_class(part.part("model").text("id"))
    except UserError as error:
        raise MalformedError(str(error)) from None
    rule, wiring = part.part("rule"), part.part("wiring")

    def read(name: str, limit: int) -> NDArray[Any]:
        return archive.array(f"setups/{k}/{name}.npy", limit)

    return Setup(
        part.text("title"),
        rows,
        cols,
        _params(model, part.part("model"), model.title),
        _params(_chosen(rules(), rule.text("id"), "learning rule"), rule, "rule"),
        _params(_chosen(wirings(), wiring.text("id"), "wiring"), wiring, "wiring"),
        cue,
        _field(archive, k, (rows, cols)) if part.flag("painted") else None,
        part.whole("seed"),
        **set_in(part.part("set").raw, read, rows, cols),
        data=_source_in(part.part("data")),
        readout=_params(ReadoutParams, part.part("readout"), "readout"),
    )


def _source_in(part: Fields) -> Source:
    facts: dict[str, Any] = {name: part.text(name) for name in SOURCE_FACTS}
    return replace(_params(Source, part, "data"), **facts)


def _learned_in(part: Fields, k: int, archive: Archive) -> Learned | None:
    """The arrays are checked by the model that goes on from them."""
    named = part.part("learned").raw
    if not named:
        return None
    read: dict[str, dict[str, NDArray[Any]]] = {"learned": {}, "readout": {}}
    for group, arrays in read.items():
        names = named.get(group, [])
        if not isinstance(names, list) or len(names) > MAX_ARRAYS:
            raise MalformedError("its list of what was learned is damaged.")
        for name in names:
            array = archive.array(f"setups/{k}/{group}/{name}.npy", MAX_WEIGHTS)
            arrays[str(name)] = frozen(array, array.dtype)
    return Learned(read["learned"], read["readout"])


def _chosen(known: dict[str, type[P]], id: str, what: str) -> type[P]:
    if id not in known:
        raise MalformedError(f"there is no {what} called {id}. Known: {', '.join(known)}.")
    return known[id]


def _params(kind: type[P], part: Fields, what: str) -> P:
    try:
        return kind.from_values(part.part("values").raw)
    except UserError as error:
        raise MalformedError(f"{what}: {error}") from None


def _drawn(archive: Archive, k: int, size: tuple[int, int]) -> NDArray[np.int8]:
    drawn = archive.array(f"setups/{k}/drawn.npy", size[0] * size[1])
    if drawn.shape != size or not (np.abs(drawn.astype(np.float64)) == 1).all():
        raise MalformedError("its drawn cue is damaged.")
    return frozen(drawn)


def _field(archive: Archive, k: int, size: tuple[int, int]) -> NDArray[np.float64]:
    field = archive.array(f"setups/{k}/field.npy", size[0] * size[1])
    if field.shape != size or not np.isfinite(field).all():
        raise MalformedError("its painted field is damaged or holds values that are not numbers.")
    return frozen(field, np.float64)
