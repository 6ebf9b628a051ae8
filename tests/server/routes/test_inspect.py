"""`/api/inspect` and `/inference`: a recording looked at, and nothing kept of it."""

import asyncio
import base64
import os
from pathlib import Path

import numpy as np
import pytest

from auscult.server import inspection
from auscult.server.settings import Settings
from auscult.server.state import MAX_RECEIVED


def test_an_anomaly_is_shown_from_all_sides(serve, bundle_file, faulty, wav, settings):
    async def work(caller):
        before = sorted(settings.data_dir.rglob("*"))
        found = await caller.json(
            "POST", "/api/inspect?name=a/fan.wav", content=wav(faulty(5, start_s=4.0, end_s=6.0))
        )
        return found, before, sorted(settings.data_dir.rglob("*"))

    found, before, after = serve(work, bundles=(bundle_file,))
    assert before == after
    assert found["name"] == "fan.wav"
    assert (found["format"], found["rate_hz"], found["channels"]) == ("WAV", 16_000, 1)
    verdict = found["verdict"]
    assert verdict["state"] == "anomaly"
    assert verdict["ratio"] > 1.0
    assert verdict["ratio"] == pytest.approx(verdict["score"] / verdict["limit"])
    assert 2500 < verdict["explanation"]["low_hz"] < verdict["explanation"]["high_hz"] < 3500
    assert len(found["windows"]) == 9
    assert {one["state"] for one in found["windows"]} == {"normal", "anomaly"}
    assert (found["classes"], found["layers"]) == ([], [])
    assert len(found["waveform"]["low"]) == inspection.COLUMNS
    for picture in (found["spectrogram"], found["anomaly_map"]):
        assert len(base64.b64decode(picture["data"])) == picture["columns"] * picture["rows"]
        assert len(picture["bands_hz"]) == picture["rows"]
        assert picture["columns"] * picture["hop_s"] == pytest.approx(10.0)
    assert found["notes"] == []


def test_a_classifier_names_its_classes(serve, inspected_file, sound_like, wav):
    async def work(caller):
        content = wav(sound_like("whistle", seconds=3.2))
        return (
            await caller.json("POST", "/api/inspect", content=content),
            await caller.json("POST", "/api/inspect/layers?at_s=1", content=content),
        )

    found, seen = serve(work, bundles=(inspected_file,))
    assert found["classes"][0]["name"] == found["verdict"]["label"] == "whistle"
    assert [one["is_alarm"] for one in found["classes"]] == [True, False, False]
    assert sum(one["probability"] for one in found["classes"]) == pytest.approx(1.0)
    assert all(one["label"] == "whistle" for one in found["windows"])
    assert found["layers"] == ["stem", "late"]
    assert found["verdict"]["limit"] is None
    assert set(found["notes"]) == {"tail_left_out", "no_limit"}
    assert (seen["start_s"], seen["end_s"]) == (1.0, 2.0)
    assert [layer["shape"][0] for layer in seen["layers"]] == [2, 1]
    assert len(seen["layers"][0]["channels"]) == 2


def test_the_older_program_gets_its_own_answer(serve, inspected_file, sound_like, wav):
    content = wav(sound_like("hiss", seconds=2.0), 16_000)

    async def work(caller):
        body = {"data": base64.b64encode(content).decode()}
        plain = await caller.json("POST", "/inference", json=body)
        form = await caller.json("POST", "/inference", files={"file": ("hiss.wav", content)})
        every = await caller.json("POST", "/inference?channels=true", json=body)
        return plain, form, every

    plain, form, every = serve(work, bundles=(inspected_file,))
    assert plain == form
    assert set(plain) == {"predictions", "visualization", "input_spectrogram", "waveform"}
    assert [set(one) for one in plain["predictions"]] == [{"class", "confidence"}] * 3
    assert plain["predictions"][0]["class"] == "hiss"
    assert set(plain["visualization"]) == {"stem", "late", "anomaly_map"}
    stem = plain["visualization"]["stem"]
    assert stem["shape"] == [2, *np.shape(stem["values"])]
    assert np.shape(every["visualization"]["stem"]["values"]) == tuple(stem["shape"])
    spectrogram = plain["input_spectrogram"]
    assert list(np.shape(spectrogram["values"])) == spectrogram["shape"]
    assert spectrogram["shape"][1] <= inspection.FEW_COLUMNS
    assert plain["waveform"]["sample_rate"] == 16_000
    assert plain["waveform"]["duration"] == 2.0
    assert len(plain["waveform"]["values"]) == 8000


def test_without_classes_it_says_how_sure_it_is(serve, bundle_file, faulty, machine, wav):
    async def work(caller):
        sounds = (faulty(5), machine(5, 10.0), np.zeros(160_000, np.float32))
        return [await caller.json("POST", "/inference", content=wav(one)) for one in sounds]

    odd, calm, silent = serve(work, bundles=(bundle_file,))
    assert [one["class"] for one in odd["predictions"]] == ["anomaly", "normal"]
    assert [one["class"] for one in calm["predictions"]] == ["normal", "anomaly"]
    assert 0.5 < odd["predictions"][0]["confidence"] < 1.0
    assert sum(one["confidence"] for one in calm["predictions"]) == pytest.approx(1.0)
    assert silent["predictions"] == []


def test_two_bundles_say_what_they_think_of_one_recording(
    serve, bundle_file, classifier_file, sound_like, wav
):
    async def work(caller):
        ids = [one["id"] for one in (await caller.json("GET", "/api/bundles"))["bundles"]]
        query = "&".join(f"bundle={one}" for one in ids)
        content = wav(sound_like("hum", seconds=3.0))
        found = await caller.json(
            "POST", f"/api/inspect/scores?{query}&name=x.wav", content=content
        )
        await caller.ask("POST", "/api/inspect/scores", status=422, content=content)
        await caller.ask("POST", "/api/inspect/scores?bundle=no", status=404, content=content)
        return ids, found

    ids, found = serve(work, bundles=(bundle_file, classifier_file))
    assert [one["bundle"] for one in found["scores"]] == ids
    assert (found["name"], found["duration_s"]) == ("x.wav", 3.0)
    assert found["scores"][1]["label"] == "hum"


def test_figures_of_scores(serve):
    async def work(caller):
        body = {"normal": [1.0, 2.0, 3.0], "anomaly": [2.0, 4.0]}
        found = await caller.json("POST", "/api/inspect/figures", json=body)
        for bad in ({"normal": [], "anomaly": [1.0]}, {"normal": [1.0]}, {"normal": ["x"]}):
            await caller.ask("POST", "/api/inspect/figures", status=422, json=bad)
        return found

    found = serve(work)
    assert found["auc"] == pytest.approx(0.75)
    assert found["auc_low"] <= found["auc"] <= found["auc_high"]
    assert found["roc"][0] == [0.0, 0.0]
    assert found["roc"][-1] == [1.0, 1.0]


@pytest.mark.parametrize("path", ["/api/inspect", "/api/inspect/layers", "/inference"])
def test_what_is_no_recording_is_told(serve, bundle_file, wav, machine, path):
    short = wav(machine(5, 0.2))
    cut = wav(machine(5, 1.9))[:-2000]

    async def work(caller):
        for content in (b"", b"no sound", short, cut):
            await caller.ask("POST", path, status=422, content=content)
        await caller.ask("POST", path, status=413, content=b"x" * 70_000)
        await caller.ask("POST", f"{path}?bundle=gone", status=404, content=wav(machine(5, 1.0)))

    serve(work, bundles=(bundle_file,), max_upload_bytes=65_536)


def test_without_a_bundle_nothing_can_be_judged(serve, wav, machine):
    async def work(caller):
        return await caller.json("POST", "/api/inspect", status=409, content=wav(machine(5, 1.0)))

    assert "no bundle yet" in serve(work)["detail"]


def test_layers_only_of_bundles_for_inspection(serve, bundle_file, machine, wav):
    async def work(caller):
        content = wav(machine(5, 3.0))
        return await caller.json("POST", "/api/inspect/layers", status=422, content=content)

    assert "does not show its layers" in serve(work, bundles=(bundle_file,))["detail"]


def test_a_key_is_needed_where_keys_are(serve, bundle_file):
    async def work(caller):
        for path in ("/inference", "/api/inspect"):
            await caller.ask("POST", path, status=401, content=b"x")

    keys = Settings(keys="a key of twenty letters").keys
    serve(work, bundles=(bundle_file,), keys=keys)


def test_only_so_many_come_in_at_the_same_time(serve, bundle_file, machine, wav):
    content = wav(machine(5, 3.0))

    async def work(caller):
        go_on = asyncio.Event()

        async def slowly():
            yield content[:1000]
            await go_on.wait()
            yield content[1000:]

        waiting = [
            asyncio.create_task(caller.http.post("/api/inspect", content=slowly()))
            for _ in range(MAX_RECEIVED)
        ]
        async with asyncio.timeout(60):
            while not caller.state.receiving.locked():
                await asyncio.sleep(0.01)
        refused = await caller.ask("POST", "/api/inspect", status=429, content=content)
        go_on.set()
        return refused.headers["retry-after"], [(await one).status_code for one in waiting]

    assert serve(work, bundles=(bundle_file,)) == ("2", [200] * MAX_RECEIVED)


@pytest.mark.skipif("AUSCULT_DATA" not in os.environ, reason="AUSCULT_DATA is not set")
def test_a_real_recording(serve, bundle_file):
    path = Path(os.environ["AUSCULT_DATA"]) / "mimii_8ch" / "fan_id_00_abnormal.wav"

    async def work(caller):
        return await caller.json("POST", "/api/inspect", content=path.read_bytes())

    found = serve(work, bundles=(bundle_file,))
    assert found["channels"] == 8
    assert found["verdict"]["duration_s"] == pytest.approx(10.0, abs=0.1)
