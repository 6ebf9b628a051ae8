"""The last hour over HTTP."""

import asyncio

import pytest


def results(caller):
    for number in range(30):
        ratio = 1.5 if number in (3, 4, 20) else 0.5
        state = "no_signal" if number == 10 else "normal"
        message = {
            "type": "result",
            "stream": "demo",
            "start_s": float(number),
            "ratio": ratio,
            "state": state,
        }
        caller.state.hub.publish("demo", message)


def is_whole(stretch):
    return stretch is not None and len(stretch.ratios) == 29  # the first one only tells the hop


async def heard(caller, path):
    results(caller)
    async with asyncio.timeout(60):
        while not is_whole(caller.state.history.last("demo", seconds=60)):
            await asyncio.sleep(0.005)
    return await caller.json("GET", path)


def test_results_told_to_viewers_become_history(serve):
    found = serve(lambda caller: heard(caller, "/api/history?stream=demo&seconds=20"))
    assert found["hop_s"] == 1.0
    assert len(found["ratios"]) == 20
    assert found["ratios"][0] is None
    assert found["ratios"][10] == 1.5
    assert found["start"].endswith("Z")


@pytest.mark.parametrize(("factor", "events"), [(1.0, 2), (2.0, 0), (0.1, 1)])
def test_another_limit_would_have_done_something_else(serve, factor, events):
    path = f"/api/history/would?stream=demo&factor={factor}"
    found = serve(lambda caller: heard(caller, path))
    assert found["events"] == events
    assert found["seconds"] == pytest.approx(29.0)


def test_of_an_unknown_stream_nothing_is_known(serve):
    async def work(caller):
        return [
            await caller.json("GET", "/api/history?stream=nobody"),
            await caller.json("GET", "/api/history/would?stream=nobody"),
        ]

    ratios, would = serve(work)
    assert (ratios["ratios"], ratios["hop_s"]) == ([], None)
    assert (would["events"], would["seconds"]) == (0, 0.0)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "stream=",
        "stream=x&seconds=0",
        "stream=x&seconds=nan",
        "stream=x&seconds=inf",
        "stream=x&seconds=3601",
        "stream=" + "x" * 65,
    ],
)
def test_a_bad_question_is_told(serve, query):
    async def work(caller):
        await caller.ask("GET", f"/api/history?{query}", status=422)
        await caller.ask("GET", f"/api/history/would?{query}", status=422)
        await caller.ask("GET", "/api/history/would?stream=x&factor=0", status=422)

    serve(work)
