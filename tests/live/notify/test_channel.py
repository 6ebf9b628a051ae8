import pytest

from auscult.errors import RecipeError
from auscult.live.notify.channel import open_channel, sentence, shown


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("print:", "print:"),
        ("https://me:secret@example.org/hook?token=1", "https://example.org/hook"),
        ("mqtt://me:secret@broker:1884/hall", "mqtt://broker:1884/hall"),
        ("apprise:json://localhost:1", "apprise:json"),
    ],
)
def test_a_channel_is_named_without_its_secrets(address, name):
    channel = open_channel(address)
    assert channel.name == name
    channel.close()


@pytest.mark.parametrize(
    "address",
    ["", "ftp://x", "pigeon:", "https://", "http://example.org/plain", "mqtt://", "apprise:no"],
)
def test_what_is_no_channel_is_refused_in_three_beats(address):
    with pytest.raises(RecipeError) as caught:
        open_channel(address)
    assert caught.value.expected
    assert caught.value.action


def test_secrets_are_not_in_errors():
    with pytest.raises(RecipeError) as caught:
        open_channel("ftp://me:secret@host/x?token=secret")
    assert "secret" not in str(caught.value)


def test_an_address_that_cannot_be_read_is_shown_as_its_scheme():
    assert shown("http://[broken") == "http"


def test_the_end_of_an_event_is_told_as_such():
    told = sentence(
        {
            "stream_name": "Fan",
            "kind": "louder",
            "status": "ended",
            "peak_ratio": 2.0,
            "explanation": None,
        }
    )
    assert told == "Fan: louder has ended, 2.0 times its limit."
