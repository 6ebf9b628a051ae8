from auscult.live.notify.words import sentence, shown


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
