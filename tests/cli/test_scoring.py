"""`auscult score`: verdicts as JSON and in words, and exit codes."""

import itertools
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from auscult.cli.console import ANOMALIES, OK, SKIPPED
from auscult.cli.scoring import shortened

RATE_HZ = 16000


def test_score_answers_in_json(run, bundle_file, labelled):
    ended = run("score", bundle_file, labelled, "--json")
    assert ended.code == OK
    assert ended.err == ""
    answers = ended.json
    assert [Path(one["file"]).name for one in answers] == [
        *(f"bad {i}.wav" for i in range(3)),
        *(f"good {i}.wav" for i in range(4)),
    ]
    types = {
        "file": str,
        "score": float,
        "limit": float,
        "ratio": float,
        "state": str,
        "is_anomaly": bool,
        "windows": list,
    }
    for one in answers:
        assert {name: type(one[name]) for name in types} == types
        assert one["ratio"] == pytest.approx(one["score"] / one["limit"])
        assert one["is_anomaly"] == (one["state"] == "anomaly") == ("bad" in one["file"])
        assert (one["explanation"] is not None) == one["is_anomaly"]
        assert len(one["windows"]) == 9
        for window in one["windows"]:
            assert list(window) == ["start_s", "end_s", "score", "ratio", "state"]
            assert window["end_s"] - window["start_s"] == 2.0
    for one in answers[:3]:
        told = one["explanation"]
        fields = ("low_hz", "high_hz", "start_s", "end_s", "text")
        assert [type(told[name]) for name in fields] == [float, float, float, float, str]
        assert told["low_hz"] < 3000.0 < told["high_hz"]
        assert told["start_s"] < 4.0 < told["end_s"]


def test_score_tells_people(run, bundle_file, labelled):
    ended = run("score", bundle_file, labelled)
    assert ended.code == OK
    assert "3 of 7 recordings sound wrong." in ended.words
    assert "Too early to promise anything" in ended.words
    assert ended.words.count("anomaly") == 3
    assert "brighter" in ended.words


def test_anomalies_fail_only_where_asked(run, bundle_file, good, bad):
    assert run("score", bundle_file, bad).code == OK
    assert run("score", bundle_file, bad, good, "--fail-on-anomaly").code == ANOMALIES
    assert run("score", bundle_file, good, "--fail-on-anomaly").code == OK


@pytest.mark.parametrize("order", [0, 1, 2])
def test_one_bad_file_among_good_ones_is_named_skipped_and_counted(
    order, *, run, bundle_file, good, bad, torn
):
    places = [good, bad]
    places.insert(order, torn)
    ended = run("score", bundle_file, *places, "--json")
    assert ended.code == SKIPPED
    found = {Path(one["file"]).name: one for one in ended.json}
    assert list(found["torn.wav"]) == ["file", "error"]
    assert "can't be read as sound" in found["torn.wav"]["error"]
    assert found["bad 0.wav"]["is_anomaly"]
    assert not found["good 0.wav"]["is_anomaly"]
    told = run("score", bundle_file, *places)
    assert told.code == SKIPPED
    assert "1 of 2 recordings sound wrong." in told.words
    assert "Skipped" in told.err
    assert "torn.wav" in told.err


def test_anomalies_outrank_what_was_skipped(run, bundle_file, bad, torn):
    ended = run("score", bundle_file, bad, torn, "--fail-on-anomaly")
    assert ended.code == ANOMALIES
    assert "torn.wav" in ended.err


def test_silence_and_clipping_are_states_of_their_own(run, bundle_file, machine, write):
    write(Path("silent.wav"), np.zeros(5 * RATE_HZ))
    write(Path("clipped.wav"), np.clip(40.0 * machine(7, 5.0), -1.0, 1.0))
    ended = run("score", bundle_file, "silent.wav", "clipped.wav", "--json")
    silent, clipped = ended.json
    assert (silent["state"], silent["is_anomaly"]) == ("no_signal", False)
    assert (clipped["state"], clipped["is_anomaly"]) == ("unreliable", False)
    assert silent["explanation"] is None


def test_strange_names_are_told_as_they_are(run, bundle_file, bad, good, strange_name):
    shutil.copy(bad, strange_name)
    ended = run("score", bundle_file, strange_name, "--json")
    assert strange_name in ended.out
    assert ended.json[0]["file"] == strange_name
    told = run("score", bundle_file, strange_name)
    assert "".join(strange_name.split()) in "".join(re.sub(r" {2,}.*", "", told.out).split())


LONG = "a folder of recordings/hall 3/the pump at the far end, second recording.wav"


def test_a_narrow_terminal_shows_both_ends_of_long_names_and_all_columns(
    bundle_file, bad, tmp_path
):
    place = tmp_path / LONG
    place.parent.mkdir(parents=True)
    shutil.copy(bad, place)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "auscult", "score", str(bundle_file), LONG]
    wide = os.environ | {"COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    subprocess.run(
        command, cwd=tmp_path, env=wide, stdout=theirs, stderr=subprocess.DEVNULL, check=True
    )
    os.close(theirs)
    shown = re.sub(r"\x1b\[[\d;?]*\w", "", os.read(ours, 65536).decode()).splitlines()
    os.close(ours)
    head, row, *_ = [line for line in shown if "  " in line and "recordings" not in line]
    columns = ["recording", "score", "ratio", "state", "what is different"]
    assert re.split(" {2,}", head.strip()) == columns
    assert re.match(r"a folder of …recording\.wav +[\d.]+ +[\d.]+  anomaly  ", row)
    assert max(map(len, shown)) <= 80


def test_what_is_read_by_programs_is_not_broken_into_lines(run, bundle_file, bad):
    place = Path(LONG)
    place.parent.mkdir(parents=True)
    shutil.copy(bad, place)
    (row,) = [line for line in run("score", bundle_file, place).out.splitlines() if LONG in line]
    assert "anomaly" in row
    assert "than normal" in row
    assert run("score", bundle_file, place, "--json").json[0]["file"] == LONG


@pytest.mark.parametrize("width", [3, 24, 25])
@pytest.mark.parametrize("name", [LONG, "日本の録音、三番ホールのポンプ、月曜日の朝.wav"])
def test_a_shortened_name_keeps_its_ends_and_its_width(name, width):
    short = shortened(name, width)
    assert cell_len(short) == width
    head, tail = short.split("…")
    assert name.startswith(head.rstrip())
    assert name.endswith(tail.lstrip())
    assert shortened(short, width) == short


def test_a_skipped_recording_is_named_once(run, bundle_file, good, torn):
    told = run("score", bundle_file, good, torn.name)
    assert told.err.count("torn.wav") == 1


class TestClassifiers:
    """What it sounds like, and what it is none of."""

    def test_people_are_told_what_it_sounds_like(self, run, classifier_file, classes):
        ended = run("score", classifier_file, classes)
        assert ended.code == OK
        assert "sounds like" in ended.words
        assert re.search(r"hum 0.wav\s+hum 100 %\s", ended.out)
        assert re.search(r"tone 0.wav\s+none of these \(\w+ \d+ %\)", ended.out)
        assert ended.out.rstrip().splitlines()[-1] in permuted(
            "hum 4", "hiss 4", "whistle 4", "none of these 4"
        )

    def test_programs_are_told_how_probably(self, run, classifier_file, classes):
        (answer,) = run("score", classifier_file, classes / "hum" / "hum 0.wav", "--json").json
        assert (answer["label"], answer["is_known"]) == ("hum", True)
        assert set(answer["probabilities"]) == {"hum", "hiss", "whistle"}
        assert answer["probability"] == answer["probabilities"]["hum"] > 0.9
        window = answer["windows"][0]
        assert (window["label"], window["is_known"]) == ("hum", True)
        assert window["distance"] < 3.0

    def test_others_say_nothing_of_classes(self, run, bundle_file, good):
        (answer,) = run("score", bundle_file, good, "--json").json
        assert not {"label", "probability", "probabilities", "distance", "is_known"} & set(answer)
        assert set(answer["windows"][0]) == {"start_s", "end_s", "score", "ratio", "state"}
        assert "sounds like" not in run("score", bundle_file, good).out

    def test_silence_sounds_like_nothing(self, run, classifier_file, write):
        write(Path("silent.wav"), np.zeros(2 * RATE_HZ))
        assert "nothing to hear 1." in run("score", classifier_file, "silent.wav").out


def permuted(*parts):
    return {f"{', '.join(one)}." for one in itertools.permutations(parts)}


def test_noisy_copies_change_the_score_a_little_and_are_recorded(run, bundle_file, good):
    (plain,) = run("score", bundle_file, good, "--json").json
    ended = run("score", bundle_file, good, "--tta", "3", "--json")
    (averaged,) = ended.json
    assert averaged["tta"] == {"copies": 3, "snr_db": 30.0, "seed": 0}
    assert averaged["file"] == plain["file"]
    assert averaged["score"] != plain["score"]
    assert abs(averaged["score"] - plain["score"]) < 0.5 * plain["score"]
    assert run("score", bundle_file, good, "--tta", "3", "--json").json == [averaged]
    assert run("score", bundle_file, good, "--tta", "3", "--seed", "1", "--json").json != [averaged]
    assert "tta" not in plain
