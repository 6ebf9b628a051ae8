"""FlatBuffers, read by hand: numbers, texts and tables of a file that may come from anywhere, and nothing that could run.

A table begins with the distance back to its vtable, and the vtable says how far into the table each field lies. Whatever
lies outside of the file is a `struct.error` or a `ValueError`. Source: the FlatBuffers format.
"""

import struct
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Number = TypeVar("_Number", bound=np.generic)

BROKEN = (struct.error, IndexError, KeyError, OverflowError, UnicodeDecodeError, ValueError)
"""What reading a broken file raises."""


def offset(content: bytes, place: int) -> int:
    """Where the offset at a place leads to."""
    (distance,) = struct.unpack_from("<I", content, place)
    return place + int(distance)


class Table:
    """A table of the file; fields go by their number in the schema.

    Parameters
    ----------
    content
        The whole file.
    start
        Where the table begins; 0 for one that is not there, all fields of which are absent.
    """

    def __init__(self, content: bytes, start: int) -> None:
        self._content, self._start = content, start

    def _place(self, field: int) -> int:
        """Where a field lies; 0 if it is not there."""
        if not self._start:
            return 0
        (back,) = struct.unpack_from("<i", self._content, self._start)
        vtable = self._start - back
        if vtable < 0:
            raise ValueError("a table before the file")
        (length,) = struct.unpack_from("<H", self._content, vtable)
        if 4 + 2 * field >= length:
            return 0
        (inside,) = struct.unpack_from("<H", self._content, vtable + 4 + 2 * field)
        return self._start + inside if inside else 0

    def number(self, field: int, form: str) -> int:
        """A whole number; 0 if it is not there."""
        place = self._place(field)
        return int(struct.unpack_from(form, self._content, place)[0]) if place else 0

    def table(self, field: int) -> "Table":
        """A table; one without fields if it is not there."""
        place = self._place(field)
        return Table(self._content, offset(self._content, place) if place else 0)

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if not place:
            return 0, 0
        start = offset(self._content, place)
        (count,) = struct.unpack_from("<I", self._content, start)
        if count > len(self._content):
            raise ValueError("more than the file holds")
        return start + 4, count

    def tables(self, field: int) -> "list[Table]":
        """A list of tables; empty if it is not there."""
        start, count = self._vector(field)
        return [Table(self._content, offset(self._content, start + 4 * i)) for i in range(count)]

    def array(self, field: int, kind: type[_Number]) -> NDArray[_Number]:
        """A list of numbers; empty if it is not there."""
        start, count = self._vector(field)
        return np.frombuffer(self._content, kind, count, start)

    def text(self, field: int) -> str:
        """A text; empty if it is not there."""
        return self.array(field, np.uint8).tobytes().decode()
