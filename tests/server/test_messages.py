import pytest
from pydantic import ValidationError

from auscult.server.messages import Hello, Watch, Welcome, plain


def test_a_hello_says_little_and_the_rest_is_usual():
    hello = Hello.model_validate({"type": "hello", "v": 1, "sample_rate": 48000})
    assert (hello.channels, hello.mode, hello.codec, hello.resume) == (
        1,
        "listen",
        "pcm_s16le",
        None,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_rate": 3999},
        {"sample_rate": 1_000_000},
        {"sample_rate": "many"},
        {"channels": 0},
        {"channels": 9},
        {"codec": "opus"},
        {"mode": "sing"},
        {"v": 2},
        {"type": "watch"},
        {"source": "x" * 121},
        {"resume": {"session": "a", "next_sample": -1}},
    ],
)
def test_what_has_no_meaning_is_refused(wrong):
    with pytest.raises(ValidationError):
        Hello.model_validate({"type": "hello", "v": 1, "sample_rate": 16000} | wrong)


def test_a_viewer_watches_everything_and_hears_nothing_unless_it_says_so():
    watch = Watch.model_validate({"type": "watch", "v": 1})
    assert (watch.stream, watch.audio) == ("*", False)


def test_messages_go_through_the_hub_as_plain_values():
    welcome = Welcome(
        session="s",
        stream="a",
        window_s=2.0,
        hop_s=1.0,
        bundle=None,
        max_unacked_s=2.0,
        bands_hz=[],
    )
    assert plain(welcome)["type"] == "welcome"
    assert plain(welcome)["limit"] == 1.0
