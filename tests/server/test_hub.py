import asyncio
import json

import pytest

from auscult.server.hub import EVERY, MAX_BYTES, Hub, Sound, text_of


async def taken(viewer, n):
    async with asyncio.timeout(60.0):
        return [await viewer.get() for _ in range(n)]


def run(work):
    return asyncio.run(work())


def test_a_viewer_gets_its_stream_and_no_other():
    async def work():
        hub = Hub()
        fan, everything = hub.subscribe("fan"), hub.subscribe(EVERY)
        for n, stream in enumerate(["fan", "pump", "fan"]):
            hub.publish(stream, {"type": "result", "n": n})
        return await taken(fan, 2), await taken(everything, 3)

    fan, everything = run(work)
    assert [one["n"] for one in fan] == [0, 2]
    assert [one["n"] for one in everything] == [0, 1, 2]


def test_a_slow_viewer_loses_the_oldest_is_told_how_many_and_delays_nobody():
    async def work():
        hub = Hub()
        slow, quick = hub.subscribe("fan", max_messages=4), hub.subscribe("fan", max_messages=100)
        for n in range(10):
            hub.publish("fan", {"type": "result", "n": n})
        return await taken(slow, 5), await taken(quick, 10)

    slow, quick = run(work)
    assert slow[0] == {"type": "missed", "messages": 6}
    assert [one["n"] for one in slow[1:]] == [6, 7, 8, 9]
    assert [one["n"] for one in quick] == list(range(10))


def test_sound_goes_to_who_asked_for_it_and_is_bounded_by_its_size():
    async def work():
        hub = Hub()
        deaf, hearing = hub.subscribe("fan"), hub.subscribe("fan", audio=True)
        assert hub.wants_audio("fan")
        assert not hub.wants_audio("pump")
        for _ in range(10):
            hub.publish("fan", Sound(stream="fan", rate_hz=8000, data=bytes(MAX_BYTES // 4)))
        hub.publish("fan", {"type": "result"})
        return await taken(deaf, 1), await taken(hearing, 5)

    deaf, hearing = run(work)
    assert deaf == [{"type": "result"}]
    assert hearing[0] == {"type": "missed", "messages": 7}
    assert [isinstance(one, Sound) for one in hearing[1:]] == [True, True, True, False]


def test_who_has_gone_is_forgotten():
    hub = Hub()
    viewer = hub.subscribe("fan")
    viewer.close()
    viewer.close()
    assert hub.viewers == 0
    hub.publish("fan", {"type": "result"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_json_does_not_know_is_null(value):
    assert json.loads(text_of({"a": [value, 1.5]})) == {"a": [None, 1.5]}
