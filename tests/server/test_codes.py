"""Every kind of error that the server can tell has words in the page's other language."""

import ast
import re
from pathlib import Path

import auscult
from auscult.server.codes import CODES, code_of, values_of

SOURCE = Path(auscult.__file__).parent
TEXTS = SOURCE.parents[1] / "web" / "src" / "app" / "texts" / "problemsJa.ts"
BEATS = ("what", "expected", "action")


def given_codes():
    """Each code that is given somewhere, with the names of the values that are given beside it."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                given = {one.arg: one.value for one in node.keywords}
                if "code" in given:
                    yield from ((code, names_of(given.get("values"))) for code in texts_in(given))


def texts_in(given):
    found = ast.walk(given["code"])
    return [one.value for one in found if isinstance(one, ast.Constant) and one.value in CODES]


def names_of(values):
    if values is None:
        return set()
    return {key.value for one in ast.walk(values) if isinstance(one, ast.Dict) for key in one.keys}


def japanese():
    """What the page says in Japanese: code -> text of all beats."""
    text = TEXTS.read_text("utf-8")
    blocks = re.findall(r"^  (\w+): \{\n(.*?)^  \},", text, re.MULTILINE | re.DOTALL)
    return dict(blocks)


def test_every_code_is_said_in_japanese_in_three_beats():
    found = japanese()
    assert set(found) == CODES
    for code, block in found.items():
        assert tuple(re.findall(r"^    (\w+):", block, re.MULTILINE)) == BEATS, code


def test_every_code_is_given_somewhere():
    gone = {"bundle_gone", "collection_gone", "event_gone", "job_gone", "source_gone", "not_found"}
    assert {code for code, _ in given_codes()} | gone == CODES


def test_what_the_japanese_texts_ask_for_is_given_wherever_the_code_is():
    texts = japanese()
    for code, names in given_codes():
        assert set(re.findall(r"\{\{(\w+)\}\}", texts[code])) <= names, code


def test_only_codes_are_codes():
    assert code_of("audio_empty") == "audio_empty"
    assert [code_of(one) for one in ("", "fan.wav is empty.", None, 7)] == [None] * 4


def test_values_from_a_process_are_texts_and_numbers():
    told = {"name": "a.wav", "seconds": 1.5, "n": 2, "list": [1], "inner": {"a": 1}, "none": None}
    assert values_of(told) == {"name": "a.wav", "seconds": 1.5, "n": 2}
    assert values_of(["name"]) == {}
