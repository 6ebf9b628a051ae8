"""Tables of faults, and what is no such table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import DatasetError
from auscult.evaluation.truth import Fault, parse_truth, read_truth

times = st.integers(0, 10**6)


@given(st.lists(st.tuples(times, times).filter(lambda pair: pair[0] != pair[1])))
def test_what_was_written_is_read_in_order_of_time(pairs):
    spans = sorted((min(pair) / 8, max(pair) / 8) for pair in pairs)
    text = "start_s,end_s\n" + "".join(f"{a},{b}\n" for a, b in reversed(spans))
    assert [(one.start_s, one.end_s) for one in parse_truth(text)] == spans


def test_columns_stand_in_any_order_beside_others():
    text = "\ufeffLabel , END_S,start_s,who\nknock, 20,10 ,me\n\n,31,30,\n"
    assert parse_truth(text.lstrip("\ufeff")) == (
        Fault(start_s=10.0, end_s=20.0, label="knock"),
        Fault(start_s=30.0, end_s=31.0),
    )


@pytest.mark.parametrize("mark", [";", "\t"])
def test_decimal_commas(mark):
    text = f"start_s{mark}end_s{mark}label\n1,5{mark}2,5{mark}a,b\n"
    assert parse_truth(text) == (Fault(start_s=1.5, end_s=2.5, label="a,b"),)


def test_nothing_went_wrong():
    assert parse_truth("start_s,end_s\n") == ()


def test_what_goes_on_at_the_end_is_cut_there():
    assert parse_truth("start_s,end_s\n5,90\n", duration_s=60.0)[0].end_s == 60.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"no column start_s; its first line holds nothing"),
        ("begin,end_s\n1,2\n", r"no column start_s; its first line holds begin, end_s"),
        ("1,2\n3,4\n", r"its first line holds 1, 2\. Expected: a first line such as start_s,end_s"),
        ("start_s,end_s\n00:12,2\n", r"Line 2 of t has 00:12 as start_s.*not as 00:12"),
        ("start_s,end_s\n1\n", r"Line 2 of t has nothing as end_s"),
        ("start_s,end_s\n1,nan\n", r"has nan as end_s"),
        ("start_s,end_s\n\n1,2\n9,8\n", r"Line 4 of t has a fault from 9 s to 8 s"),
        ("start_s,end_s\n-1,8\n", r"from -1 s to 8 s"),
        ("start_s,end_s\n3,3\n", r"from 3 s to 3 s.*an end after the beginning"),
        ("start_s,end_s\n60,80\n", r"a fault at 60 s, but the recording ends at 60\.0 s"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, said):
    with pytest.raises(DatasetError, match=said):
        parse_truth(text, name="t", duration_s=60.0)


def test_a_quotation_mark_that_is_never_closed():
    text = 'start_s,end_s\n1,2\n"3,4\n' + "5,6\n" * 40_000
    with pytest.raises(DatasetError, match=r"from line .* on: field larger.*never closed"):
        parse_truth(text)


def test_files(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("start_s,end_s\n1,2\n", encoding="utf-8-sig")
    assert read_truth(path) == (Fault(start_s=1.0, end_s=2.0),)
    path.write_bytes(b"\xff\xfe\x00s")
    with pytest.raises(DatasetError, match="no text in UTF-8"):
        read_truth(path)
    with pytest.raises(DatasetError, match=r"gone\.csv can't be read"):
        read_truth(tmp_path / "gone.csv")
