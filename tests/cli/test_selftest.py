"""`auscult selftest`: what containers ask whether they are well."""

import pytest

from auscult.cli.console import BAD_USE, OK
from auscult.cli.selftest import FAILED
from auscult.live import selftest


def test_a_recording_is_judged_chunk_by_chunk_with_times(run, bundle_file, bad):
    ended = run("selftest", bad, "--bundle", bundle_file)
    assert ended.code == OK  # an anomaly is no failure
    lines = ended.out.splitlines()
    assert len(lines) == 10
    assert "anomaly" in ended.out
    assert all(" ms" in line for line in lines)
    assert lines[-1].startswith("9 chunks, ")
    assert lines[-1].endswith("All is well.")


def test_programs_get_the_same(run, bundle_file, bad):
    found = run("selftest", bad, "--bundle", bundle_file, "--json").json
    assert (found["ok"], found["failures"], found["bundle"]) == (True, [], "machine")
    assert len(found["chunks"]) == 9
    assert {"start_s", "end_s", "state", "ratio", "score", "ms"} <= set(found["chunks"][0])
    assert found["timing"]["worst_ms"] >= found["timing"]["median_ms"] > 0.0
    assert found["timing"]["real_time_factor"] < 1.0
    assert {event["kind"] for event in found["events"]} == {"anomaly"}


def test_a_classifier_says_how_sure_it_is(run, classifier_file, classes):
    ended = run("selftest", classes / "whistle" / "whistle 0.wav", "--bundle", classifier_file)
    assert ended.code == OK
    assert "whistle 1" in ended.out or "whistle 9" in ended.out


def test_without_anything_a_simulated_machine_is_learned_and_must_be_heard_to_break(run):
    ended = run("selftest")
    assert ended.code == OK
    assert "Learning a simulated ventilator" in ended.err
    assert "All is well." in ended.out


def test_a_machine_that_cannot_keep_up_fails(run, bundle_file, good, monkeypatch):
    real = selftest.chunks
    late = iter(range(10_000))
    monkeypatch.setattr(
        selftest,
        "chunks",
        lambda scorer, blocks: real(scorer, blocks, now_s=lambda: float(next(late))),
    )
    ended = run("selftest", good, "--bundle", bundle_file)
    assert ended.code == FAILED
    assert "Failed: Judging takes 1.0 times as long as the sound lasts" in ended.err
    assert ended.out.splitlines()[-1].endswith("Failed.")


def test_a_recording_that_is_too_short_fails(run, bundle_file, write, machine, tmp_path):
    short = write(tmp_path / "short.wav", machine(1)[:16000])
    ended = run("selftest", short, "--bundle", bundle_file, "--json")
    assert ended.code == FAILED
    assert ended.json["failures"] == ["Nothing was judged: the sound is shorter than a window."]
    assert ended.json["timing"] is None


@pytest.mark.parametrize("has_bundle", [True, False])
def test_what_is_no_recording_is_told_before_the_work(
    run, torn, bundle_file, three_beats, has_bundle
):
    ended = run("selftest", torn, *(("--bundle", bundle_file) if has_bundle else ()))
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
    assert "Learning" not in ended.err
    assert ended.out == ""


def test_what_is_no_bundle_is_refused(run, good, torn, three_beats):
    ended = run("selftest", good, "--bundle", torn)
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
