"""A bundle from what a stream has sent."""

import pytest

from auscult.audio.sound import Sound


class Session:
    def __init__(self, sound, mode="learn"):
        self.mode = mode
        self._sound = sound

    def recorded(self):
        return self._sound

    def forget_recorded(self):
        self._sound = None

    async def going_away(self):
        pass


@pytest.fixture
def minute(machine):
    return Sound(samples=machine(1, 60.0), rate_hz=16000)


def test_what_was_recorded_becomes_the_first_bundle(serve, minute):
    async def work(caller):
        told = []
        caller.state.bundles.on_change.append(told.append)
        caller.state.sessions["s1"] = Session(minute)
        body = {"session": "s1", "name": "Fan A", "budget_per_day": 2.0}
        learned = await caller.json("POST", "/api/learn", status=201, json=body)
        return learned, await caller.json("GET", "/api/bundles"), told

    learned, listed, told = serve(work)
    assert learned["bundle"]["name"] == "Fan A"
    assert learned["bundle"]["budget_per_day"] == 2.0
    assert learned["bundle"]["active"] is True
    assert learned["seconds_of_sound"] == pytest.approx(60.0)
    assert listed["active"] == learned["bundle"]["id"]
    assert told == [learned["bundle"]["id"]]


def test_what_can_not_be_learned_from_is_told(serve, minute, machine):
    short = Sound(samples=machine(1, 5.0), rate_hz=16000)
    sessions = {
        "short": Session(short),
        "nothing": Session(None),
        "listens": Session(minute, mode="listen"),
        "budget": Session(minute),
    }
    bodies = [
        ({"session": "gone", "name": "x"}, "There is no sound"),
        ({"session": "nothing", "name": "x"}, "There is no sound"),
        ({"session": "listens", "name": "x"}, "There is no sound"),
        ({"session": "short", "name": "x"}, "5 s of sound were recorded"),
        ({"session": "budget", "name": "x", "budget_per_day": -1}, "A budget of -1"),
        ({"session": "short", "name": ""}, "body.name"),
        ({"session": "short", "name": "x" * 81}, "body.name"),
        ({"name": "x"}, "body.session"),
    ]

    async def work(caller):
        caller.state.sessions.update(sessions)
        answers = [await caller.json("POST", "/api/learn", status=422, json=b) for b, _ in bodies]
        assert (await caller.json("GET", "/api/bundles"))["bundles"] == []
        return answers

    for answer, (_, words) in zip(serve(work), bodies, strict=True):
        assert words in answer["detail"]
