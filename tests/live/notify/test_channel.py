import pytest

from auscult.errors import RecipeError
from auscult.live.notify.channel import open_channel


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("print:", "print:"),
        ("https://example.org/hook", "https://example.org/hook"),
        ("https://me:secret@example.org/hook?token=1", "https://example.org/hook#6e04c9"),
        ("mqtt://me:secret@broker:1884/hall", "mqtt://broker:1884/hall#cb8890"),
        ("apprise:json://localhost:1", "apprise:json#8f17e5"),
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
    assert caught.value.code == "channel_wrong"
    assert caught.value.action


def test_secrets_are_not_in_errors():
    with pytest.raises(RecipeError) as caught:
        open_channel("ftp://me:secret@host/x?token=secret")
    assert "secret" not in str(caught.value)
