"""Tables of a FlatBuffer, and nothing outside of it."""

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.runtime.flatbuffer import BROKEN, Table, offset


def written():
    """A table with a number, a text, a list of two tables without fields, and nothing in its third field."""
    content = bytearray(struct.pack("<I", 20))
    content += struct.pack("<HHHHHH", 12, 16, 4, 8, 0, 12) + bytes(4)  # its vtable, at 4
    content += struct.pack("<iiII", 20 - 4, -7, 0, 0)  # the table, at 20
    at = len(content)
    struct.pack_into("<I", content, 28, at - 28)
    content += struct.pack("<I", 3) + b"fan" + bytes(1)
    at = len(content)
    struct.pack_into("<I", content, 32, at - 32)
    content += struct.pack("<III", 2, 8, 8) + bytes(4)
    empty = len(content)
    content += struct.pack("<HH", 4, 4)
    for i in range(2):
        place = len(content)
        struct.pack_into("<I", content, at + 4 + 4 * i, place - at - 4 - 4 * i)
        content += struct.pack("<i", place - empty)
    return bytes(content)


def test_fields_are_read_by_their_number():
    content = written()
    table = Table(content, offset(content, 0))
    assert table.number(0, "<i") == -7
    assert table.text(1) == "fan"
    assert len(table.tables(3)) == 2
    assert table.tables(3)[1].number(0, "<i") == 0


def test_what_is_not_there_is_nothing():
    content = written()
    table = Table(content, offset(content, 0))
    for absent in (2, 4, 99):
        assert table.number(absent, "<i") == 0
        assert table.text(absent) == ""
        assert table.tables(absent) == []
        assert not len(table.array(absent, np.int32))
        assert table.table(absent).table(0).number(0, "<i") == 0


def read(content):
    table = Table(content, offset(content, 0))
    table.number(0, "<i"), table.text(1)
    for one in table.tables(3):
        one.number(0, "<i")


@given(st.integers(0, 79), st.integers(0, 255))
def test_whatever_is_wrong_is_one_of_a_few_errors(place, value):
    content = bytearray(written())
    content[place % len(content)] = value
    with suppress(BROKEN):
        read(bytes(content))


@pytest.mark.parametrize("length", [0, 3, 8, 21, 40])
def test_a_part_of_a_file_is_broken(length):
    with pytest.raises(BROKEN):
        read(written()[:length])
