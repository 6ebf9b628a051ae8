"""Forms for small devices, from the request to a bundle of its own."""

import pytest

from auscult.audio.sound import Sound
from auscult.runtime.bundle import load


async def made(caller, bundle_id, form):
    address = f"/api/bundles/{bundle_id}/exports"
    job = await caller.json("POST", address, status=202, json={"form": form})
    return await caller.ended(job["id"])


@pytest.fixture
def listed(serve, bundle_file):
    """A function that does something with the id of a bundle that is in use."""

    def run(work):
        async def with_bundle(caller):
            kept = caller.state.bundles.add_file(bundle_file, name="fan")
            return await work(caller, kept.id)

        return serve(with_bundle)

    return run


def test_a_small_form_is_a_bundle_of_its_own(listed, bundle_file):
    async def work(caller, bundle_id):
        path = f"/api/bundles/{bundle_id}"
        await caller.json("PATCH", path, json={"budget_per_day": 3.0})
        found = await made(caller, bundle_id, "int8")
        assert found["state"] == "done", found["trouble"]
        path = caller.state.bundles.get(found["outcome"]["bundle"]["id"]).path
        return found, load(path), (await caller.json("GET", "/api/bundles"))

    found, written, bundles = listed(work)
    assert found["form"] == "int8"
    small = found["outcome"]["bundle"]
    assert small["name"] == "fan (int8)"
    assert small["size_bytes"] < 0.5 * bundle_file.stat().st_size
    assert small["form"]["kind"] == "onnx-float"  # it holds no network
    assert small["form"]["correlation"] == pytest.approx(1.0, abs=1e-6)
    assert small["budget_per_day"] == 3.0
    assert written.manifest.variant.of_sha256
    assert bundles["active"] != small["id"]
    assert [one["form"] is None for one in bundles["bundles"]] == [True, False]


def test_it_is_measured_on_what_was_learned_while_that_is_here(serve, wav, machine):
    async def work(caller):
        collection = (await caller.json("POST", "/api/collections", status=201, json={}))["id"]
        address = f"/api/collections/{collection}/files"
        params, content = {"name": "normal/0.wav"}, wav(machine(0, 20.0))
        item = await caller.json("POST", address, status=201, params=params, content=content)
        recorded = Sound(samples=machine(1, 40.0), rate_hz=16000)
        caller.state.collections.get(collection).add_recording(recorded, name="recording")
        body = {"collection": collection, "name": "fan"}
        job = await caller.json("POST", "/api/train", status=202, json=body)
        bundle = (await caller.ended(job["id"]))["outcome"]["bundle"]["id"]
        with_sound = await made(caller, bundle, "int8")
        await caller.json("DELETE", f"{address}/{item['item']['id']}")
        recording = await made(caller, bundle, "int8")
        await caller.json("DELETE", f"/api/collections/{collection}")
        without = await made(caller, bundle, "int8")
        all_of_them = (with_sound, recording, without)
        return [one["outcome"]["bundle"]["form"]["windows"] for one in all_of_them]

    with_sound, recording, without = serve(work)
    assert with_sound > recording > without > 0


def test_what_is_small_is_made_no_smaller(listed):
    async def work(caller, bundle_id):
        small = (await made(caller, bundle_id, "int8"))["outcome"]["bundle"]["id"]
        address = f"/api/bundles/{small}/exports"
        return await caller.json("POST", address, status=422, json={"form": "int8"})

    assert "'fan (int8)' has been made small already (onnx-float)" in listed(work)["detail"]


def test_a_converter_that_is_not_there_is_told(listed, monkeypatch):
    monkeypatch.setenv("AUSCULT_CONVERTER_PYTHON", "/nowhere/python")

    async def work(caller, bundle_id):
        found = await made(caller, bundle_id, "tflite")
        return found, (await caller.json("GET", "/api/bundles"))["bundles"]

    found, bundles = listed(work)
    assert found["state"] == "failed"
    assert (
        "AUSCULT_CONVERTER_PYTHON is /nowhere/python, which can't be run"
        in found["trouble"]["detail"]
    )
    assert len(bundles) == 1


@pytest.mark.parametrize(("asked", "form", "status"), [("nothing", "int8", 404), ("", "zip", 422)])
def test_what_can_not_be_made_is_told(listed, asked, form, status):
    async def work(caller, bundle_id):
        address = f"/api/bundles/{asked or bundle_id}/exports"
        await caller.json("POST", address, status=status, json={"form": form})

    listed(work)
