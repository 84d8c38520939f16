"""The answers of a district on the disk, as an Arrow file: one code a cell, and beside them what each code means.

A column of an indicator holds codes of `Meaning`s. Readers see three columns in its place: `<id>` (a number, nan where
there is none), `<id>:answer` (of shares) and `<id>:missing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from fewdistricts import files

SUFFIX = ".arrow"
_PARTS = {"": "value", "answer": "answer", "missing": "missing"}
"""What follows the colon of a column: the field of a meaning."""


class Meaning(NamedTuple):
    """What a code of an indicator stands for."""

    kind: str
    """Empty where it is an answer, else why there is none."""
    answer: str
    value: float


def meanings(each: Sequence[Meaning], shown: bool) -> pa.StructArray:
    """Meanings as the dictionary of a column, with their answers where those are `shown`."""
    fields = {"value": pa.array([meaning.value for meaning in each], pa.float64())}
    if shown:
        fields["answer"] = pa.array([meaning.answer for meaning in each], pa.string())
    fields["missing"] = pa.array([meaning.kind for meaning in each], pa.string())
    return pa.StructArray.from_arrays(list(fields.values()), names=list(fields))


def write(path: Path, batches: Iterable[pa.RecordBatch]) -> None:
    """The batches as one file, whole or not at all; each column has one dictionary in all of them.

    Nothing is compressed: codes of one byte would become half as long, in a third of the time that a survey takes.
    """
    with files.replacing(path) as part:
        writer = None
        for batch in batches:
            if writer is None:
                writer = pa.ipc.new_file(str(part), batch.schema)
            writer.write_batch(batch)
        if writer is not None:
            writer.close()


def columns(path: Path) -> list[str]:
    """The names that `read` knows, in their order."""
    with pa.memory_map(str(path)) as source:
        schema = pa.ipc.open_file(source).schema
    out: list[str] = []
    for field in schema:
        out.append(field.name)
        if _is_indicator(field.type):
            fields = [each.name for each in field.type.value_type]
            out += [f"{field.name}:{end}" for end, name in _PARTS.items() if end and name in fields]
    return out


def rows(path: Path) -> int:
    """How many respondents a file holds."""
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=[0]))
        return sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))


def read(path: Path, names: Sequence[str] | None = None, categories: bool = False) -> pa.Table:
    """Some columns, all where `names` is None; texts as `categories` where wanted.

    Raises
    ------
    KeyError
        For a name that the file does not have.
    """
    names = columns(path) if names is None else names
    with pa.memory_map(str(path)) as source:
        schema = pa.ipc.open_file(source).schema
        stored = [name if name in schema.names else name.rpartition(":")[0] for name in names]
        if unknown := [name for name, inside in zip(names, stored, strict=True) if inside not in schema.names]:
            raise KeyError(unknown[0])
        places = sorted({schema.get_field_index(name) for name in stored})
        table = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=places)).read_all()
    out: dict[str, pa.ChunkedArray] = {}
    for name, inside in zip(names, stored, strict=True):
        part = "" if name == inside else name.rpartition(":")[2]
        chunks = [_part(chunk, _PARTS[part]) for chunk in table[inside].chunks]
        if not categories:
            chunks = [chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk for chunk in chunks]
        out[name] = pa.chunked_array(chunks)
    return pa.table(out)


def _part(chunk: pa.Array, part: str) -> pa.Array:
    """A chunk as readers see it: of an indicator one part of what its codes mean."""
    if not _is_indicator(chunk.type):
        return chunk
    field = chunk.dictionary.field(part)
    if part == "value":
        return field.take(chunk.indices)
    texts = field.dictionary_encode()
    return pa.DictionaryArray.from_arrays(texts.indices.take(chunk.indices), texts.dictionary)


def _is_indicator(kind: pa.DataType) -> bool:
    return pa.types.is_dictionary(kind) and pa.types.is_struct(kind.value_type)


def coded(codes: np.ndarray, dictionary: pa.Array) -> pa.DictionaryArray:
    """Codes and what they mean as a column; each code is a place of the dictionary."""
    return pa.DictionaryArray.from_arrays(pa.array(codes), dictionary, safe=False)
