"""Jobs from the request to the bundle, and everything that may come between."""

import asyncio
import json
import os
import signal

import numpy as np
import pytest

from auscult.server.messages import JOBS


async def filled(caller, wav, sounds):
    collection = (await caller.json("POST", "/api/collections", status=201, json={}))["id"]
    for name, samples in sounds.items():
        address = f"/api/collections/{collection}/files"
        await caller.json("POST", address, status=201, params={"name": name}, content=wav(samples))
    return collection


async def running(caller, job):
    """The job has a process."""
    async with asyncio.timeout(60):
        while caller.state.jobs._child is None:
            await asyncio.sleep(0.01)
    return caller.state.jobs._child


@pytest.fixture
def normal(machine):
    return {f"{number}.wav": machine(number, 20.0) for number in range(3)}


def test_files_become_a_bundle_with_what_it_promises(serve, wav, normal):
    async def work(caller):
        told = []
        caller.state.bundles.on_change.append(told.append)
        watching = caller.state.hub.subscribe(JOBS)
        collection = await filled(caller, wav, normal)
        body = {"collection": collection, "name": "Fan A", "budget_per_day": 2.0}
        job = await caller.json("POST", "/api/train", status=202, json=body)
        found = await caller.ended(job["id"])
        await caller.json("DELETE", f"/api/collections/{collection}")
        listed = await caller.json("GET", "/api/jobs")
        await caller.json("DELETE", f"/api/jobs/{job['id']}")
        await caller.json("GET", f"/api/jobs/{job['id']}", status=404)
        left = list((caller.state.settings.data_dir / "jobs").iterdir())
        news = [await watching.get()]
        while news[-1]["job"] is not None:
            news.append(await watching.get())
        return job, found, listed, left, told, news

    job, found, listed, left, told, news = serve(work)
    assert job["state"] in {"queued", "running"}
    assert found["state"] == "done", found["trouble"]
    outcome = found["outcome"]
    assert outcome["bundle"]["name"] == "Fan A"
    assert outcome["bundle"]["budget_per_day"] == 2.0
    assert outcome["bundle"]["active"] is True
    assert told == [outcome["bundle"]["id"]]
    assert outcome["seconds_of_sound"] == pytest.approx(60.0, abs=1.0)
    histogram = outcome["histogram"]
    assert sum(histogram["counts"]) == histogram["n"] > 20
    assert 0.9 * histogram["n"] <= histogram["below"] <= histogram["n"]
    assert [one["id"] for one in listed["jobs"]] == [found["id"]]
    assert left == []
    assert {one["type"] for one in news} == {"job"}
    assert {one["id"] for one in news} == {found["id"]}
    stages = list(dict.fromkeys(one["job"]["stage"] for one in news[:-1]))
    assert stages == ["wait", "start", "hear", "keep"]
    assert news[-2]["job"] == found


def test_what_nothing_can_be_learned_from_says_why_and_keeps_the_sound(serve, wav, machine):
    async def work(caller):
        collection = await filled(caller, wav, {"a.wav": machine(1, 4.0)})
        body = {"collection": collection, "name": "x"}
        job = await caller.json("POST", "/api/train", status=202, json=body)
        found = await caller.ended(job["id"])
        bundles = await caller.json("GET", "/api/bundles")
        return found, bundles, await caller.json("GET", f"/api/collections/{collection}")

    found, bundles, kept = serve(work)
    assert found["state"] == "failed"
    assert found["trouble"]["detail"].startswith("Only 4.0 s of normal sound")
    assert found["trouble"]["expected"]
    assert found["trouble"]["action"]
    assert found["trouble"]["code"] == "data_short"
    assert found["trouble"]["values"] == {"seconds": 4.0}
    assert bundles["bundles"] == []
    assert kept["files"] == 1


def test_one_is_worked_on_at_a_time_and_any_can_be_cancelled(serve, wav, normal):
    async def work(caller):
        collection = await filled(caller, wav, normal)
        body = {"collection": collection, "name": "x"}
        jobs = [
            (await caller.json("POST", "/api/train", status=202, json=body))["id"] for _ in range(3)
        ]
        child = await running(caller, jobs[0])
        waiting = await caller.json("GET", f"/api/jobs/{jobs[2]}")
        in_use = await caller.json("DELETE", f"/api/collections/{collection}", status=409)
        for job in (jobs[2], jobs[0]):
            await caller.json("DELETE", f"/api/jobs/{job}")
        await child.wait()
        done = [await caller.ended(job) for job in jobs]
        return waiting, in_use, child, done, list((await caller.json("GET", "/api/jobs"))["jobs"])

    waiting, in_use, child, done, listed = serve(work)
    assert (waiting["state"], waiting["ahead"]) == ("queued", 2)
    assert "Something is being learned from it" in in_use["detail"]
    assert child.returncode == -signal.SIGKILL
    assert [one["state"] for one in done] == ["cancelled", "done", "cancelled"]
    assert [one["id"] for one in listed] == [one["id"] for one in reversed(done)]


def test_a_process_that_is_killed_from_outside_says_so(serve, wav, normal):
    async def work(caller):
        collection = await filled(caller, wav, normal)
        body = {"collection": collection, "name": "x"}
        job = await caller.json("POST", "/api/train", status=202, json=body)
        os.kill((await running(caller, job["id"])).pid, signal.SIGTERM)
        first = await caller.ended(job["id"])
        again = await caller.json("POST", "/api/train", status=202, json=body)
        return first, await caller.ended(again["id"])

    first, again = serve(work)
    assert first["state"] == "failed"
    assert "was ended from outside (SIGTERM)" in first["trouble"]["detail"]
    assert first["trouble"]["code"] == "job_ended_outside"
    assert first["trouble"]["values"] == {"signal": "SIGTERM"}
    assert again["state"] == "done"


@pytest.mark.parametrize(
    ("bound", "words"),
    [({"max_job_s": 0.05}, "It took longer than"), ({"max_job_mib": 64}, "more than 64 MiB")],
)
def test_bounds_of_time_and_memory_are_kept(serve, wav, machine, bound, words):
    sounds = {f"{number}.wav": machine(number, 60.0) for number in range(4)}

    async def work(caller):
        collection = await filled(caller, wav, sounds)
        body = {"collection": collection, "name": "x"}
        job = await caller.json("POST", "/api/train", status=202, json=body)
        return await caller.ended(job["id"])

    found = serve(work, **bound)
    assert found["state"] == "failed"
    assert words in found["trouble"]["detail"]
    assert "AUSCULT_MAX_JOB_" in found["trouble"]["action"]


def test_a_server_that_stops_leaves_no_process_and_no_file(serve, wav, normal, settings):
    async def work(caller):
        collection = await filled(caller, wav, normal)
        body = {"collection": collection, "name": "x"}
        await caller.json("POST", "/api/train", status=202, json=body)
        return await running(caller, collection)

    child = serve(work)
    assert child.returncode is not None
    assert not list(settings.data_dir.glob("jobs/*"))
    assert not list(settings.data_dir.glob("collections/*"))


def test_a_classifier_is_trained_from_folders_with_classes_called_otherwise(serve, wav, sound_like):
    sounds = {
        f"set/{kind}/{n}.wav": sound_like(kind, n)
        for kind in ("hum", "hiss", "tone")
        for n in range(4)
    }

    async def work(caller):
        collection = await filled(caller, wav, sounds)
        body = {
            "collection": collection,
            "name": "kinds",
            "classes": [
                {"label": "hum", "name": "running", "use": "normal"},
                {"label": "hiss", "name": "leak", "use": "other"},
                {"label": "tone", "use": "out"},
            ],
            "recipe": {
                "family": "transfer",
                "model": {"embedder": "bands"},
                "training": {"epochs": 30},
            },
        }
        job = await caller.json("POST", "/api/train", status=202, json=body)
        return await caller.ended(job["id"])

    found = serve(work)
    assert found["state"] == "done", found["trouble"]
    assert found["family"] == "transfer"
    assert sorted(found["outcome"]["bundle"]["labels"]) == ["leak", "running"]
    assert found["outcome"]["bundle"]["alarm_labels"] == ["leak"]
    assert found["outcome"]["figures"]["accuracy"] == pytest.approx(1.0)
    assert found["outcome"]["is_test_held_out"] is True


def test_requests_that_make_no_sense_are_refused_in_words(serve, wav, normal):
    async def work(caller):
        collection = await filled(caller, wav, normal)
        empty = await filled(caller, wav, {})
        bodies = [
            ({"collection": "gone", "name": "x"}, 404, "There is no collection"),
            ({"collection": empty, "name": "x"}, 422, "There is no sound"),
            ({"collection": collection, "name": ""}, 422, "body.name"),
            ({"collection": collection, "name": "x", "budget_per_day": -1}, 422, "budget_per_day"),
            (
                {"collection": collection, "name": "x", "recipe": {"family": "resnet", "data": {}}},
                422,
                "The recipe has data",
            ),
            (
                {"collection": collection, "name": "x", "recipe": {"epochs": 3}},
                422,
                "epochs",
            ),
            (
                {
                    "collection": collection,
                    "name": "x",
                    "recipe": {"family": "resnet", "training": {"epochs": 0}},
                },
                422,
                "training.epochs",
            ),
            (
                {
                    "collection": collection,
                    "name": "x",
                    "classes": [{"label": "", "name": "hum", "use": "other"}],
                },
                422,
                "None of the classes hum is said to be normal",
            ),
        ]
        for body, status, words in bodies:
            told = await caller.json("POST", "/api/train", status=status, json=body)
            assert words in told["detail"], told
        return await caller.json("GET", "/api/jobs")

    assert serve(work)["jobs"] == []


def test_seconds_that_were_struck_out_are_not_learned(serve, machine):
    from auscult.audio.sound import Sound

    async def work(caller):
        sound = machine(1, 60.0)
        sound[16000 * 10 : 16000 * 12] += 0.5 * np.sin(np.arange(32_000))
        made = caller.state.collections.new()
        made.add_recording(Sound(samples=sound, rate_hz=16000), name="recording")
        body = {"collection": made.id, "name": "x", "struck_out": [10, 11]}
        job = await caller.json("POST", "/api/train", status=202, json=body)
        every = body | {"struck_out": list(range(60))}
        nothing = await caller.json("POST", "/api/train", status=422, json=every)
        assert nothing["detail"] == "Every second was struck out."
        return await caller.ended(job["id"])

    found = serve(work)
    assert found["state"] == "done", json.dumps(found["trouble"])
    assert found["outcome"]["seconds_of_sound"] == pytest.approx(58.0, abs=0.5)
