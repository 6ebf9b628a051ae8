import pytest

from auscult.errors import NotifyError
from auscult.live.notify.services import Services

PAYLOAD = {"stream_name": "Fan", "kind": "anomaly", "status": "begun", "peak_ratio": 2.0}


@pytest.fixture
def service(monkeypatch):
    channel = Services("json://localhost:1")
    told = []

    def notify(**message):
        told.append(message)
        return len(told) == 1

    monkeypatch.setattr(channel._to, "notify", notify)
    return channel, told


def test_a_sentence_is_sent_and_a_refusal_is_a_failure(service):
    channel, told = service
    channel.send("1", PAYLOAD)
    assert told == [{"title": "Auscult", "body": "Fan: anomaly begins, 2.0 times its limit."}]
    with pytest.raises(NotifyError, match=r"apprise:json#[0-9a-f]{6} did not take"):
        channel.send("2", PAYLOAD)
