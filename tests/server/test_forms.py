"""The file in a body, whichever way it was sent."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.server.forms import MAX_NAME_CHARACTERS, plain_name, sent_file
from auscult.server.problems import Problem

FORM = "multipart/form-data; boundary=xYz"


def form(*parts, boundary="xYz"):
    """The bytes of a form: pairs of a head and a content."""
    lines = [f"--{boundary}\r\n{head}\r\n\r\n".encode() + content for head, content in parts]
    return b"\r\n".join(lines) + f"\r\n--{boundary}--\r\n".encode()


def of_file(content, name="fan.wav"):
    head = (
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: audio/wav'
    )
    return head, content


@given(st.binary(min_size=1))
def test_every_way_gives_the_same_bytes(content):
    as_json = json.dumps({"data": base64.b64encode(content).decode()}).encode()
    assert sent_file(content, "audio/wav").content == content
    assert sent_file(as_json, "application/json; charset=utf-8").content == content
    if b"--xYz" not in content:
        assert sent_file(form(of_file(content)), FORM).content == content


def test_what_clients_send_beside_a_file_is_passed_over():
    field = ('Content-Disposition: form-data; name="note"', b"a note")
    sent = sent_file(form(field, of_file(b"RIFF", "日本/送風機.wav")), FORM)
    assert (sent.content, sent.name) == (b"RIFF", "送風機.wav")
    quoted = sent_file(
        form(of_file(b"RIFF"), boundary="a b"), 'multipart/form-data; boundary="a b"'
    )
    assert quoted.content == b"RIFF"


def test_base64_as_a_browser_makes_it():
    body = json.dumps({"data": "data:audio/wav;base64,UklGRg=="}).encode()
    assert sent_file(body, "application/json").content == b"RIFF"


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "audio/wav", "No sound was sent."),
        (b"{", "application/json", "The JSON holds no sound."),
        (b'{"sound": "UklGRg=="}', "application/json", "The JSON holds no sound."),
        (b'{"data": [1, 2]}', "application/json", "The JSON holds no sound."),
        (b'{"data": "no base64!"}', "application/json", "The JSON holds no sound."),
        (b"[" * 100_000, "application/json", "The JSON holds no sound."),
        (b'{"data": ""}', "application/json", "No sound was sent."),
        (form(of_file(b"x")), "multipart/form-data", "it names no boundary"),
        (form(("Content-Disposition: form-data; name=a", b"x")), FORM, "none of its fields"),
        (form(of_file(b"")), FORM, "No sound was sent."),
        (b"--xYz\r\nno head", FORM, "none of its fields"),
    ],
)
def test_what_holds_no_file_is_told(body, content_type, words):
    with pytest.raises(Problem) as told:
        sent_file(body, content_type)
    assert words in told.value.detail
    assert told.value.status_code == 422
    assert told.value.action


@given(st.text())
def test_a_name_is_one_short_line(name):
    found = plain_name(name)
    assert len(found) <= MAX_NAME_CHARACTERS
    assert not set(found) & set("/\\\n\r\0")
