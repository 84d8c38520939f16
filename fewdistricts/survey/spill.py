"""Codes of a survey's columns: in memory while they are few, in a file without a name once they are many."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

IN_MEMORY = 64 * 2**20
"""Bytes of codes that a survey holds in memory."""


class Unnamed:
    """A file without a name, closed when nobody holds a piece of it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._stream: IO[bytes] = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - closed below

    def fileno(self) -> int:
        """The number by which the system knows it."""
        return self._stream.fileno()

    def __del__(self) -> None:
        self._stream.close()


@dataclass(frozen=True)
class Piece:
    """A row of codes in a file."""

    file: Unnamed
    start: int
    size: int
    dtype: np.dtype

    def read(self, rows: slice = slice(None)) -> np.ndarray:
        """The codes of some rows."""
        first, last, step = rows.indices(self.size)
        size = max(0, last - first) * self.dtype.itemsize
        read = os.pread(self.file.fileno(), size, self.start + first * self.dtype.itemsize)
        if len(read) != size:
            raise OSError("the file of codes ended early")
        return np.frombuffer(read, self.dtype)[::step]

    def write(self, codes: np.ndarray) -> None:
        """Other codes in the place of these."""
        view, at = memoryview(codes.astype(self.dtype).data).cast("B"), self.start
        while view.nbytes:
            done = os.pwrite(self.file.fileno(), view, at)
            view, at = view[done:], at + done


Codes = np.ndarray | Piece


class Spill:
    """Keeps codes: the first `IN_MEMORY` bytes as they are, all others in a file that goes when nobody reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._held, self._end = folder, 0, 0
        self._file: Unnamed | None = None

    def keep(self, codes: np.ndarray) -> Codes:
        """The codes, or where they are in the file; what stays in memory can be put in another order in place."""
        if self._file is None and self._held + codes.nbytes <= IN_MEMORY:
            self._held += codes.nbytes
            return codes if codes.flags.writeable else codes.copy()  # Arrow's own are not
        if self._file is None:
            self._file = Unnamed(self._folder)
        piece = Piece(self._file, self._end, len(codes), codes.dtype)
        piece.write(codes)
        self._end += codes.nbytes
        return piece

    def together(self, pieces: Iterable[Codes]) -> Codes:
        """Pieces of one column as one, in their order; they are given up."""
        found = list(pieces)
        if len(found) == 1:
            return found[0]
        self._held -= sum(piece.nbytes for piece in found if isinstance(piece, np.ndarray))
        return self.keep(np.concatenate([whole(piece) for piece in found]) if found else np.empty(0, dtype=np.int8))


def whole(codes: Codes) -> np.ndarray:
    """Codes in memory."""
    return codes.read() if isinstance(codes, Piece) else codes
