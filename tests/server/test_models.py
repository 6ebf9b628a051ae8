"""Types of answers: what JSON can't say becomes null."""

from auscult.server.models import HistoryInfo, LabelChange, ProblemInfo


def test_what_is_no_number_becomes_null():
    answer = HistoryInfo(stream="x", hop_s=float("nan"), start=None, ratios=[float("inf")])
    assert answer.model_dump_json() == '{"stream":"x","hop_s":null,"start":null,"ratios":[null]}'


def test_a_label_must_be_said_even_to_take_one_back():
    assert LabelChange.model_json_schema()["required"] == ["label"]


def test_a_problem_says_all_three_beats():
    assert {"detail", "expected", "action", "id"} <= set(ProblemInfo.model_fields)
