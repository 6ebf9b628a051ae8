"""The command line as people and programs use it: words, JSON, exit codes, and what it leaves behind."""

import errno
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer

from auscult import __version__, cli
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import load

RATE_HZ = 16000
OK, ANOMALIES, BAD_USE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

# What happened, what was expected, what to do.
THREE_BEATS = re.compile(r"^Error: .+\. Expected: .+\. .+\.?$", re.MULTILINE)
STRANGE = "日本 <script>alert(1)</script> [red] ünï.wav".replace("/", "\N{DIVISION SLASH}")

COMMANDS = {
    "learn",
    "score",
    "evaluate",
    "listen",
    "demo",
    "bundle show",
    "bundle verify",
    "data check",
    "data simulate",
}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self):
        """The documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def words(self):
        """What people read, however the terminal broke its lines."""
        return " ".join(self.out.split())


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def ended(*arguments):
        monkeypatch.setattr(sys, "argv", ["auscult", *map(str, arguments)])
        with warnings.catch_warnings(), pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(code=end.value.code or 0, out=said.out, err=said.err)

    return ended


def started(*arguments, cwd, **options):
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "auscult", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONUTF8": "1", "TERM": "xterm", "COLUMNS": "100"},
        # What runs in the background of a shell has interrupts switched off, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
    )


def wait_until(is_so, process, limit_s=60.0):
    """Wait for something that a process does."""
    end = time.monotonic() + limit_s
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def write(path, samples, rate_hz=RATE_HZ):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, machine, faulty):
    """Recordings that were not learned from, by what they are; not to be written to."""
    root = tmp_path_factory.mktemp("labelled")
    for i in range(4):
        write(root / "normal" / f"good {i}.wav", machine(100 + i))
    for i in range(3):
        write(root / "abnormal" / f"bad {i}.wav", faulty(200 + i))
    return root


@pytest.fixture
def good(labelled):
    return labelled / "normal" / "good 0.wav"


@pytest.fixture
def bad(labelled):
    return labelled / "abnormal" / "bad 0.wav"


@pytest.fixture
def torn(tmp_path):
    """A file that only claims to be a recording."""
    path = tmp_path / "torn.wav"
    path.write_text("no sound at all")
    return path


# --- help ----------------------------------------------------------------------------------------------------------------


def commands(app, prefix=""):
    for command in app.registered_commands:
        yield prefix + (command.name or command.callback.__name__)
    for group in app.registered_groups:
        yield from commands(group.typer_instance, f"{prefix}{group.name} ")


def test_there_is_a_command_for_every_verb():
    assert set(commands(cli.app)) == COMMANDS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help_shows_an_example_that_names_the_command(command, run):
    ended = run(*command.split(), "--help")
    assert ended.code == OK
    assert f"Example: auscult {command}" in ended.words
    assert "--json" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize("group", [(), ("bundle",), ("data",)])
def test_without_a_command_the_help_is_shown(group, run):
    ended = run(*group)
    assert ended.code == BAD_USE
    below = [name for name in COMMANDS if name.split()[:-1] == list(group)]
    assert all(name.split()[-1] in ended.out for name in below)
    assert run(*group, "--help").code == OK


def test_the_version_is_told(run):
    assert run("--version").out == f"auscult {__version__}\n"


# --- bad use -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("learn", "Missing argument 'PATH...'"),
        ("frobnicate", "No such command 'frobnicate'"),
        ("score --frob", "No such option: --frob"),
        ("score BUNDLE GOOD --threads 0", "0 is not in the range x>=1"),
        ("score BUNDLE GOOD --budget many", "'many' is not a valid float"),
        ("demo --minutes 0", "0 is not in the range 1<=x<=120"),
        ("demo --speed -1", "-1.0 is not in the range x>=0"),
        ("data simulate out --normal 0", "0 is not in the range x>=1"),
    ],
)
def test_what_cannot_be_parsed_is_told_with_a_way_to_help(arguments, words, run, bundle_file, good):
    named = {"BUNDLE": bundle_file, "GOOD": good}
    ended = run(*(named.get(word, word) for word in arguments.split()))
    assert ended.code == BAD_USE
    assert words in " ".join(ended.err.split())
    assert "--help" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("score BUNDLE", "There is nothing to judge beside the bundle"),
        (
            "score BUNDLE GOOD --pool median",
            "--pool median is not known. Expected: one of max, mean",
        ),
        ("evaluate BUNDLE GOOD --pool median", "Expected: one of max, mean"),
        ("score BUNDLE GOOD --budget 0", "A budget of 0 false alarms a day"),
        ("score BUNDLE GOOD --budget -1", "A budget of -1 false alarms a day"),
        ("score BUNDLE GOOD --budget nan", "A budget of nan false alarms a day"),
        ("score BUNDLE gone.wav", "gone.wav is not there"),
        ("score GOOD BUNDLE", "stands where the bundle should. Expected: the bundle first"),
        ("score gone.onnx GOOD", "gone.onnx could not be opened: No such file"),
        ("score . GOOD", ". could not be opened: Is a directory"),
        ("learn FOLDER --preset huge", "There is no preset 'huge'. Expected: one of default, edge"),
        ("learn FOLDER --embedder frob", "--embedder frob is not known. Expected: spectrum, or"),
        ("learn FOLDER --embedder BUNDLE", "is a bundle of the family 'memory', not an embedder"),
        ("learn FOLDER --add gone.onnx", "gone.onnx could not be opened"),
        ("learn FOLDER --channel 9", "There is no usable normal sound to learn from"),
        ("learn FOLDER --preset edge --budget 0", "A budget of 0 false alarms a day"),
        ("learn gone", "gone is not there"),
        ("learn GOOD", "Only 10.0 s of normal sound in 1 recording"),
        ("learn .", ". holds no recording"),
        ("evaluate BUNDLE FOLDER", "normal sound only: cannot be evaluated"),
        ("bundle show GOOD", "is no bundle, or is broken"),
        ("bundle verify gone.onnx", "gone.onnx could not be opened"),
        ("data check gone", "gone is not there"),
        ("data simulate out --machine boat", "one of fan, pump, valve, cyclic, two_states"),
        ("data simulate out --seconds 0", "Recordings of 0.0 s were asked for. Expected: 1 to"),
        ("data simulate out --seconds nan", "Recordings of nan s were asked for"),
        ("data simulate out --snr 1000", "Faults of 1000.0 dB were asked for. Expected: -40 to"),
        ("data simulate out --seed -1", "The seed is -1"),
        ("demo --machine boat", "--machine boat is not known. Expected: one of fan, pump"),
        ("demo --snr 1000", "snr_db=1000"),
        ("listen BUNDLE", "0 sources were named beside the bundle"),
        ("listen BUNDLE GOOD GOOD", "2 sources were named beside the bundle"),
        ("listen BUNDLE gone.wav", "gone.wav does not exist"),
        ("listen BUNDLE .", ". is a directory"),
        ("listen BUNDLE GOOD --channel 3", "Channel 3 was asked for"),
        ("listen BUNDLE GOOD --fault knock@1", "A fault can't be put into"),
        ("listen BUNDLE simulated:boat", "Expected: one of fan, pump, valve, cyclic, two_states"),
        ("listen BUNDLE simulated: --fault knock", "says no time. Expected: KIND@SECONDS"),
        ("listen BUNDLE simulated: --fault knock@x", "says no time"),
        ("listen BUNDLE simulated: --fault zap@1", "Expected: one of knock, bearing_tone"),
        ("listen BUNDLE simulated: --fault knock@nan", "start_s=nan"),
        ("listen BUNDLE simulated: --fault knock@1 --snr 99", "snr_db=99"),
        ("listen BUNDLE simulated: --seconds 0", "0 s of a simulated machine were asked for"),
        ("listen BUNDLE simulated: --seconds nan", "nan s of a simulated machine"),
        ("listen BUNDLE simulated: --seed -1", "The seed is -1"),
        ("listen BUNDLE simulated: --seconds 1 --fast", "over before anything could be judged"),
    ],
)
def test_bad_use_is_told_in_three_beats_on_stderr(
    arguments, words, *, run, bundle_file, folder, good
):
    named = {"BUNDLE": bundle_file, "GOOD": good, "FOLDER": folder}
    ended = run(*(named.get(word, word) for word in arguments.split()), "--json")
    assert ended.code == BAD_USE
    assert words in ended.err
    assert THREE_BEATS.search(ended.err), ended.err
    assert ended.out == ""


def test_whoever_mends_auscult_may_see_the_traceback(run, monkeypatch):
    monkeypatch.setenv("AUSCULT_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["auscult", "data", "check", "gone"])
    with warnings.catch_warnings(), pytest.raises(cli.DatasetError, match="gone is not there"):
        cli.main()


# --- learn ---------------------------------------------------------------------------------------------------------------


def test_learn_answers_in_json(run, labelled, folder):
    ended = run("learn", folder, "-o", "fan.onnx", "--preset", "edge", "--json")
    assert ended.code == OK
    answer = ended.json
    types = {
        "bundle": str,
        "seconds_of_sound": float,
        "windows": int,
        "limit": float,
        "calibration": str,
        "budget_per_day": float,
        "supported_per_day": float,
        "seconds": float,
    }
    assert {name: type(answer[name]) for name in types} == types
    assert answer["bundle"] == "fan.onnx"
    assert answer["seconds_of_sound"] == 120.0
    assert answer["windows"] == 12 * 9
    assert answer["calibration"] == "provisional"
    assert answer["budget_per_day"] == 1.0
    assert answer["supported_per_day"] == pytest.approx(24 * 3 / (120 / 3600))
    calibration = load("fan.onnx").manifest.calibration
    assert answer["limit"] == calibration.recording_limit()


def test_learn_says_what_it_wrote_and_what_it_may_promise(run, folder):
    ended = run("learn", folder, "-o", "fan.onnx", "--preset", "edge")
    assert "Learned 120 s of normal sound" in ended.words
    assert "wrote fan.onnx" in ended.words
    assert "Too early to promise anything: 2 min of normal sound heard." in ended.words
    assert ended.err == ""


def test_learn_uses_only_what_is_labelled_normal_and_says_what_it_left_out(run, labelled):
    ended = run("learn", labelled, "-o", "fan.onnx", "--preset", "edge")
    assert ended.code == OK
    assert "Learned 40 s of normal sound" in ended.words
    assert "Left out: 3 labelled 'anomaly'." in ended.words
    answer = run("learn", labelled, "-o", "fan.onnx", "--preset", "edge", "--json").json
    assert answer["left_out"] == {"anomaly": 3}
    assert answer["seconds_of_sound"] == 40.0


def test_what_is_held_out_is_evaluated_and_what_was_learned_is_not(run, folder, faulty, tmp_path):
    shutil.copytree(folder, tmp_path / "data" / "normal")
    write(tmp_path / "data" / "abnormal" / "bad.wav", faulty(7))
    answer = run("learn", "data", "--hold-out", "0.25", "-o", "a.onnx", "--json").json
    assert answer["seconds_of_sound"] == 90.0
    result = run("evaluate", "a.onnx", "data", "--json").json
    assert (result["n_normal"], result["n_anomaly"], result["n_known_left_out"]) == (3, 1, 9)
    run("learn", "data", "-o", "all.onnx")
    everything = run("evaluate", "all.onnx", "data")
    assert "learned from 12 of these 13 recordings" in everything.err
    assert "auscult learn --hold-out 0.3" in everything.err


def test_a_bundle_is_called_like_its_folder_unless_told(run, folder):
    assert run("learn", folder, "--preset", "edge", "--json").json["bundle"] == (
        f"{folder.parent.name}.onnx"
    )
    named = run("learn", folder, "--preset", "edge", "--name", "hall 3", "--json").json
    assert named["bundle"] == "hall 3.onnx"
    assert load("hall 3.onnx").manifest.name == "hall 3"


def test_learn_names_what_it_skipped_and_goes_on(run, folder, torn):
    ended = run("learn", folder, torn, "gone", "-o", "fan.onnx", "--preset", "edge", "--json")
    assert ended.code == SKIPPED
    skipped = {Path(one["file"]).name: one["error"] for one in ended.json["skipped"]}
    assert "can't be read as sound" in skipped["torn.wav"]
    assert "is not there" in skipped["gone"]
    assert ended.json["seconds_of_sound"] == 120.0
    for name in ("torn.wav", "gone"):
        assert name in ended.err


def test_learn_from_nothing_usable_writes_nothing(run, torn, tmp_path):
    ended = run("learn", torn, "gone", "-o", "fan.onnx")
    assert ended.code == BAD_USE
    assert "There is no usable normal sound to learn from" in ended.err
    assert "torn.wav" in ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.wav"]


def test_several_machines_are_noted(run, folder, faulty):
    rng = np.random.default_rng(0)
    for i in range(6):
        write(Path("normal") / f"other {i}.wav", rng.normal(0, 0.05, 10 * RATE_HZ))
    ended = run("learn", folder, "normal", "-o", "fan.onnx", "--preset", "edge", "--json")
    assert ended.code == OK
    assert "Note: The recordings sound like several machines or states." in ended.err
    assert any("several machines" in note for note in ended.json["notes"])


def test_learn_goes_on_from_a_bundle(run, labelled, folder):
    run("learn", folder, "-o", "first.onnx", "--preset", "edge")
    ended = run("learn", labelled / "normal", "--add", "first.onnx", "-o", "both.onnx", "--json")
    assert ended.code == OK
    assert ended.json["seconds_of_sound"] == 40.0
    both = load("both.onnx").manifest
    assert both.calibration.heard_s == pytest.approx(160.0)
    assert both.data.recordings == 16
    assert ended.json["supported_per_day"] == pytest.approx(24 * 3 / (160 / 3600), abs=1e-3)


def test_one_channel_can_be_learned(run, machine):
    rng = np.random.default_rng(1)
    for i in range(4):
        samples = np.stack([machine(i), rng.normal(0, 0.05, 10 * RATE_HZ)], axis=1)
        write(Path("normal") / f"{i}.wav", samples)
    common = ("learn", "normal", "--preset", "edge", "--json", "-o")
    first, second = run(*common, "0.onnx", "--channel", 0), run(*common, "1.onnx", "--channel", 1)
    assert (first.code, second.code) == (OK, OK)
    assert first.json["limit"] != second.json["limit"]


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(run, folder, monkeypatch):
    monkeypatch.setattr("auscult.memory.learn.learn_clips", lambda *_, **__: pytest.fail("worked"))
    Path("taken").mkdir()
    for place, words in (
        ("gone/fan.onnx", "gone/fan.onnx can't be written."),
        ("taken", "taken can't be written over: it is a folder."),
    ):
        ended = run("learn", folder, "-o", place)
        assert ended.code == BAD_USE
        assert words in ended.err
        assert "Choose another place with -o." in ended.err


def test_a_disk_that_is_full_leaves_the_old_bundle(run, folder, monkeypatch, tmp_path):
    run("learn", folder, "-o", "fan.onnx", "--preset", "edge")
    before = Path("fan.onnx").read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ended = run("learn", folder, "-o", "fan.onnx")
    assert ended.code == BAD_USE
    assert "fan.onnx could not be written: No space left on device." in ended.err
    assert Path("fan.onnx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["fan.onnx"]


# --- score ---------------------------------------------------------------------------------------------------------------


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


def test_the_bundle_may_be_named_apart(run, bundle_file, good):
    first = run("score", bundle_file, good, "--json")
    assert run("score", good, "--bundle", bundle_file, "--json").json == first.json


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


def test_a_place_that_is_not_there_stops_nothing(run, bundle_file, good):
    ended = run("score", bundle_file, "gone.wav", good, "nowhere", "--json")
    assert ended.code == SKIPPED
    errors = [one["error"] for one in ended.json if "error" in one]
    assert [error.split(".")[0] for error in errors] == ["gone", "nowhere is not there"]
    assert sum("score" in one for one in ended.json) == 1


def test_where_nothing_is_left_to_judge_the_use_was_bad(run, bundle_file, torn):
    ended = run("score", bundle_file, torn, "gone.wav", "--json")
    assert ended.code == BAD_USE
    assert [list(one) for one in ended.json] == [["file", "error"]] * 2
    told = run("score", bundle_file, torn, "gone.wav")
    assert told.code == BAD_USE
    assert "sound wrong" not in told.out
    assert "torn.wav" in told.err
    assert "gone.wav" in told.err


def test_anomalies_outrank_what_was_skipped(run, bundle_file, bad, torn):
    ended = run("score", bundle_file, bad, torn, "--fail-on-anomaly")
    assert ended.code == ANOMALIES
    assert "torn.wav" in ended.err


def test_silence_and_clipping_are_states_of_their_own(run, bundle_file, machine):
    write(Path("silent.wav"), np.zeros(5 * RATE_HZ))
    write(Path("clipped.wav"), np.clip(40.0 * machine(7, 5.0), -1.0, 1.0))
    ended = run("score", bundle_file, "silent.wav", "clipped.wav", "--json")
    silent, clipped = ended.json
    assert (silent["state"], silent["is_anomaly"]) == ("no_signal", False)
    assert (clipped["state"], clipped["is_anomaly"]) == ("unreliable", False)
    assert silent["explanation"] is None


def test_what_had_to_be_upsampled_is_a_note(run, bundle_file, machine):
    write(Path("low.wav"), machine(8)[::2], rate_hz=8000)
    ended = run("score", bundle_file, "low.wav", "--json")
    assert isinstance(ended.json, list)
    assert "Note: " in ended.err
    assert "8000 Hz" in ended.err.replace(" ", " ").replace("8 000", "8000")


def test_a_channel_can_be_judged(run, bundle_file, good, machine):
    rng = np.random.default_rng(0)
    write(Path("two.wav"), np.stack([machine(100), rng.normal(0, 0.1, 10 * RATE_HZ)], axis=1))
    first, second = (
        run("score", bundle_file, "two.wav", "--channel", i, "--json").json[0] for i in (0, 1)
    )
    alone = run("score", bundle_file, good, "--json").json[0]
    assert first["score"] == pytest.approx(alone["score"], rel=1e-3)
    assert second["is_anomaly"]


def test_budget_moves_the_limit_and_no_score(run, bundle, good, bad):
    # Two hours heard: with less, the limit follows what the sound supports, whatever the budget.
    manifest = bundle.manifest
    heard = replace(manifest.calibration, heard_s=7200.0)
    replace(bundle, manifest=replace(manifest, calibration=heard)).save("fan.onnx")
    budgets = (100.0, 10.0, 1.0, 0.1)
    found = [run("score", "fan.onnx", good, bad, "--budget", b, "--json").json for b in budgets]
    for i in range(2):
        limits = [one[i]["limit"] for one in found]
        assert limits == sorted(limits)
        assert limits[0] < limits[-1]
        assert len({one[i]["score"] for one in found}) == 1
        for window in zip(*(one[i]["windows"] for one in found), strict=True):
            assert len({one["score"] for one in window}) == 1
            ratios = [one["ratio"] for one in window]
            assert ratios == sorted(ratios, reverse=True)
    default = run("score", "fan.onnx", good, bad, "--json").json
    assert default == found[2]


def test_strange_names_are_told_as_they_are(run, bundle_file, bad, good):
    shutil.copy(bad, STRANGE)
    ended = run("score", bundle_file, STRANGE, "--json")
    assert STRANGE in ended.out
    assert ended.json[0]["file"] == STRANGE
    told = run("score", bundle_file, STRANGE)
    assert "".join(STRANGE.split()) in "".join(re.sub(r" {2,}.*", "", told.out).split())


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_names_that_are_no_text_are_told_too(run, bundle_file, good):
    name = os.fsdecode(b"caf\xe9.wav")
    shutil.copy(good, name)
    ended = run("score", bundle_file, name, "--json")
    assert ended.code == OK
    assert ended.json[0]["file"] == name
    assert "caf\\udce9.wav" in run("score", bundle_file, name).out


def test_a_terminal_without_those_letters_gets_valid_json(bundle_file, bad, tmp_path):
    shutil.copy(bad, tmp_path / STRANGE)
    for arguments in (["--json"], []):
        process = started("score", bundle_file, STRANGE, *arguments, cwd=tmp_path)
        process.communicate()
        assert process.returncode == OK
    command = [sys.executable, "-m", "auscult", "score", bundle_file, STRANGE, "--json"]
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=tmp_path, env=ascii_only, capture_output=True, check=True)
    assert json.loads(ended.stdout.decode("ascii"))[0]["file"] == STRANGE


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A folder that may not be opened, by root neither."""
    folder = tmp_path / "closed"
    folder.mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path) == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


def test_a_folder_without_permission_is_told(run, bundle_file, closed, good):
    alone = run("score", bundle_file, closed)
    assert alone.code == BAD_USE
    assert "closed can't be read: Permission denied." in alone.err
    assert THREE_BEATS.search(alone.err)
    among = run("score", bundle_file, good, closed, "--json")
    assert among.code == SKIPPED
    assert "Permission denied" in among.json[1]["error"]
    for command in ("learn", "data check"):
        ended = run(*command.split(), closed)
        assert ended.code == BAD_USE
        assert "Permission denied" in ended.err


# --- evaluate ------------------------------------------------------------------------------------------------------------


def test_evaluate_answers_in_json(run, bundle_file, labelled):
    ended = run("evaluate", bundle_file, labelled, "--json")
    assert ended.code == OK
    assert ended.err == ""
    answer = ended.json
    types = {
        "auc": float,
        "pauc": float,
        "level_auc": float,
        "n_normal": int,
        "n_anomaly": int,
        "as_recorded": dict,
        "rms_normalised": dict,
        "random_gain": dict,
        "per_unit": list,
    }
    assert {name: type(answer[name]) for name in types} == types
    assert (answer["n_normal"], answer["n_anomaly"]) == (4, 3)
    for name in ("as_recorded", "rms_normalised", "random_gain"):
        column = answer[name]
        assert [type(column[key]) for key in ("auc", "pauc", "ci95")] == [float, float, list]
        low, high = column["ci95"]
        assert 0.0 <= low <= column["auc"] <= high <= 1.0
    assert (answer["auc"], answer["pauc"]) == (
        answer["as_recorded"]["auc"],
        answer["as_recorded"]["pauc"],
    )
    assert all(type(unit) is dict for unit in answer["per_unit"])


def test_evaluate_tells_people_and_writes_a_page(run, bundle_file, labelled):
    ended = run("evaluate", bundle_file, labelled, "--report", "out/page.html")
    assert ended.code == OK
    assert "AUC" in ended.out
    assert "1.000" in ended.out
    assert "Report: out/page.html" in ended.err
    page = Path("out/page.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert not re.search(r"(src|href)=.?(http|//)", page)  # it stands by itself


def test_strange_names_are_harmless_in_the_page(run, bundle_file, labelled, bad, machine):
    # A miss, so that its name stands on the page.
    write(Path("set/abnormal") / STRANGE, machine(300))
    shutil.copytree(labelled, "set", dirs_exist_ok=True)
    assert run("evaluate", bundle_file, "set", "--report", "page.html").code == OK
    page = Path("page.html").read_text(encoding="utf-8")
    assert "日本" in page
    assert "<script>alert" not in page


def test_evaluate_names_what_it_skipped(run, bundle_file, labelled, torn):
    shutil.copytree(labelled, "set")
    torn.rename("set/abnormal/torn.wav")
    ended = run("evaluate", bundle_file, "set", "gone", "--json")
    assert ended.code == SKIPPED
    assert (ended.json["n_normal"], ended.json["n_anomaly"]) == (4, 3)
    assert [Path(one["file"]).name for one in ended.json["skipped"]] == ["torn.wav"]
    told = run("evaluate", bundle_file, "set", "gone")
    assert told.code == SKIPPED
    for name in ("torn.wav", "gone"):
        assert re.search(f"Skipped .*{name}", told.err)


def test_one_kind_of_recording_cannot_be_evaluated(run, bundle_file, labelled):
    shutil.copytree(labelled / "normal", "set/normal")
    ended = run("evaluate", bundle_file, "set")
    assert ended.code == BAD_USE
    assert "The 4 recordings are normal sound only" in ended.err


# --- listen --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["normal/good 1.wav", "abnormal/bad 1.wav"])
def test_listening_to_a_file_is_scoring_its_windows(name, run, bundle_file, labelled):
    ended = run("listen", bundle_file, labelled / name, "--fast", "--json")
    assert ended.code == OK
    assert ended.err == ""
    heard = [line["window"] for line in ended.lines if "window" in line]
    (scored,) = run("score", bundle_file, labelled / name, "--json").json
    assert [{key: window[key] for key in scored["windows"][0]} for window in heard] == (
        scored["windows"]
    )


def test_events_come_as_lines_of_their_own(run, bundle_file, bad):
    lines = run("listen", bundle_file, bad, "--fast", "--json").lines
    assert all(list(line) in (["window"], ["event"]) for line in lines)
    begun, ended = (line["event"] for line in lines if "event" in line)
    assert (begun["status"], ended["status"]) == ("begun", "ended")
    assert begun["id"] == ended["id"] == 1
    assert begun["start_s"] <= 3.0 < begun["end_s"]
    assert ended["explanation"]["low_hz"] < 3000.0 < ended["explanation"]["high_hz"]
    only = run("listen", bundle_file, bad, "--fast", "--json", "--events").lines
    assert only == [line for line in lines if "event" in line]


def test_silence_is_a_line_of_valid_json(run, bundle_file):
    write(Path("silent.wav"), np.zeros(4 * RATE_HZ))
    lines = run("listen", bundle_file, "silent.wav", "--fast", "--json").lines
    assert [line["window"]["state"] for line in lines] == ["no_signal"] * 3
    assert [line["window"]["level_db"] for line in lines] == [None] * 3


def test_listen_tells_people(run, bundle_file, bad):
    ended = run("listen", bundle_file, bad, "--fast")
    assert ended.out.count("dBFS") == 9
    assert "anomaly begins" in ended.out
    assert "anomaly ended after" in ended.out
    assert "1 event in 10 s." in ended.words
    assert "dBFS" not in run("listen", bundle_file, bad, "--fast", "--events").out


def test_listen_fails_on_anomalies_where_asked(run, bundle_file, good, bad):
    assert run("listen", bundle_file, bad, "--fast").code == OK
    assert run("listen", bundle_file, bad, "--fast", "--fail-on-anomaly").code == ANOMALIES
    assert run("listen", bundle_file, good, "--fast", "--fail-on-anomaly").code == OK


def test_a_file_takes_its_time_unless_told(run, bundle_file, machine, monkeypatch):
    now_s = [0.0]
    monkeypatch.setattr(cli, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(cli, "sleep", lambda s: now_s.append(now_s.pop() + s))
    write(Path("short.wav"), machine(9, 3.0))
    assert run("listen", bundle_file, "short.wav", "--fast", "--json").code == OK
    assert now_s == [0.0]
    assert run("listen", bundle_file, "short.wav", "--json").code == OK
    assert now_s == [pytest.approx(3.0)]


def test_loudness_is_told_only_where_asked(run, bundle_file, machine):
    steady, quiet = machine(10, 20.0), 0.05 * machine(11, 20.0)
    write(Path("quiet.wav"), np.concatenate([steady, quiet]))

    def kinds(*options):
        lines = run("listen", bundle_file, "quiet.wav", "--fast", "--json", *options).lines
        return {line["event"]["kind"] for line in lines if "event" in line}

    assert "quieter" in kinds("--level")
    assert "quieter" not in kinds()


@pytest.fixture(scope="module")
def simulated_fan(tmp_path_factory):
    """Learned from two minutes of the simulated ventilator."""
    from auscult.audio.synth import fan
    from auscult.live.demo import minutes_of

    learned = learn_clips(minutes_of(fan(), minutes=2, seed=0), preset="edge")
    return learned.bundle.save(tmp_path_factory.mktemp("fan") / "fan.onnx")


def test_faults_of_a_simulated_machine_are_heard(run, simulated_fan):
    common = ("listen", simulated_fan, "simulated:fan", "--seconds", 45, "--fast", "--json")
    quiet = run(*common, "--fail-on-anomaly")
    assert quiet.code == OK
    assert sum("window" in line for line in quiet.lines) == 44
    ended = run(*common, "--events", "--fault", "knock@10+5", "--fault", "air_leak@30+5")
    begun = [line["event"] for line in ended.lines if line["event"]["status"] == "begun"]
    assert [one["start_s"] <= at <= one["end_s"] for one, at in zip(begun, (10, 30), strict=True)]
    louder = run(*common, "--events", "--fault", "knock@10+5", "--snr", 20).lines[0]["event"]
    assert louder["peak_ratio"] > begun[0]["peak_ratio"]
    assert run(*common, "--fault", "dropout@10", "--fail-on-anomaly").code == ANOMALIES


# --- bundle --------------------------------------------------------------------------------------------------------------


def test_bundle_show_tells_what_is_in_it(run, bundle_file):
    ended = run("bundle", "show", bundle_file)
    assert ended.code == OK
    for words in (
        "mono at 16000 Hz, 2 s every 1 s",
        "120 s in 12 recordings",
        "provisional",
        "Too early to promise anything",
    ):
        assert words in ended.out
    labels = [line[:18].strip() for line in ended.out.splitlines()]
    assert {"limit, sustained", "limit, sudden", "limit, 10 s"} <= set(labels)
    manifest = run("bundle", "show", bundle_file, "--json").json
    assert manifest["name"] == "machine"
    assert manifest["sample_rate_hz"] == RATE_HZ


def test_bundle_verify_proves_it(run, bundle_file):
    ended = run("bundle", "verify", bundle_file)
    assert ended.code == OK
    assert "is whole" in ended.words
    answer = run("bundle", "verify", bundle_file, "--json").json
    assert answer["ok"] is True
    assert answer["references"] >= 1
    assert answer["error"] < 1e-3


def flipped(content):
    """One bit of a weight, far from both ends."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 64]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda content: content[: len(content) // 2], "is no bundle, or is broken"),
        (lambda content: b"", "is no bundle"),
        (lambda content: b"a text about fans", "is no bundle, or is broken"),
        (flipped, "Get it again|get the bundle again|Copy it again"),
        (lambda content: content.replace(b'"format": 1', b'"format": 9'), "format 9"),
    ],
)
@pytest.mark.parametrize("command", ["bundle show", "bundle verify", "score", "listen", "evaluate"])
def test_a_broken_bundle_is_refused_by_every_command(
    command, spoilt, words, *, run, bundle_file, good
):
    content = bundle_file.read_bytes()
    Path("broken.onnx").write_bytes(spoilt(content))
    if command.startswith("bundle"):
        ended = run(*command.split(), "broken.onnx")
    else:
        ended = run(command, "broken.onnx", good)
    assert ended.code == BAD_USE
    assert "broken.onnx" in ended.err
    assert re.search(words, ended.err), ended.err
    assert THREE_BEATS.search(ended.err)
    assert ended.out == ""


# --- data ----------------------------------------------------------------------------------------------------------------


def test_data_check_finds_planted_flaws(run, machine, faulty, torn):
    for i in range(6):
        write(Path(f"set/normal/{i}.wav"), machine(i, 5.0))
        write(Path(f"set/abnormal/{i}.wav"), 8.0 * machine(20 + i, 5.0))
    write(Path("set/normal/silent.wav"), np.zeros(5 * RATE_HZ))
    write(Path("set/normal/clipped.wav"), np.clip(50.0 * machine(30, 5.0), -1.0, 1.0))
    write(Path("set/normal/short.wav"), machine(31, 0.2))
    write(Path("set/normal/slow.wav"), machine(32, 5.0)[::2], rate_hz=8000)
    write(Path("set/normal/long.wav"), machine(33, 8.0))
    shutil.copy("set/normal/0.wav", "set/abnormal/copy.wav")
    torn.rename("set/normal/torn.wav")
    ended = run("data", "check", "set", "--json")
    assert ended.code == SKIPPED
    report = ended.json
    files = {one["kind"]: [Path(name).name for name in one["files"]] for one in report["findings"]}
    assert files["unreadable"] == ["torn.wav"]
    assert files["silent"] == ["silent.wav"]
    assert files["clipped"] == ["clipped.wav"]
    assert files["too_short"] == ["short.wav"]
    assert files["mixed_rates"] == ["slow.wav"]
    assert "long.wav" in files["odd_length"]
    assert sorted(files["duplicate_across_labels"]) == ["0.wav", "copy.wav"]
    assert "level_leak" in files
    assert report["level_auc"] > 0.8
    told = run("data", "check", "set")
    assert told.code == SKIPPED
    assert "error: " in told.out
    assert "torn.wav" in told.out


def test_data_check_has_nothing_to_say_of_a_good_set(run, simulated):
    ended = run("data", "check", simulated)
    assert ended.code == OK
    assert "error: " not in ended.out
    assert "warning: " not in ended.out
    assert "Loudness alone: AUC" in ended.words


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A simulated pump, eight times well and six times not."""
    from auscult.datasets.simulate import simulate

    out = tmp_path_factory.mktemp("simulated") / "pump"
    return simulate(out, machine="pump", normal=8, anomaly=6, seconds=4.0, seed=2)


def test_data_simulate_writes_a_set_with_its_truth(run):
    common = ("--normal", 2, "--anomaly", 3, "--seconds", 2, "--machine", "pump")
    ended = run("data", "simulate", "out", *common, "--json")
    assert ended.code == OK
    assert ended.json == {"data": "out", "machine": "pump", "normal": 2, "anomaly": 3}
    truth = json.loads(Path("out/truth.json").read_text(encoding="utf-8"))
    assert len(truth["files"]) == 3
    assert all(Path("out", name).is_file() for name in truth["files"])
    assert len(list(Path("out").rglob("normal/*.wav"))) == 2
    again = run("data", "simulate", "again", *common)
    assert "Wrote 2 normal recordings and 3 with a fault to again" in again.words
    for path in Path("out").rglob("*.wav"):
        assert Path("again", path.relative_to("out")).read_bytes() == path.read_bytes()


def test_data_simulate_touches_nothing_that_is_there(run, good):
    Path("out").mkdir()
    Path("out/mine.txt").write_text("dear to me")
    ended = run("data", "simulate", "out", "--normal", 1, "--anomaly", 0, "--seconds", 1)
    assert ended.code == BAD_USE
    assert "is there already and is not empty" in ended.err
    assert THREE_BEATS.search(ended.err)
    assert [path.name for path in Path("out").iterdir()] == ["mine.txt"]


# --- demo ----------------------------------------------------------------------------------------------------------------


def test_the_demo_hears_the_faults_and_nothing_else(run):
    ended = run("demo", "--speed", 0, "--minutes", 2, "--json")
    assert ended.code == OK
    assert ended.err == ""
    answer = ended.json
    assert len(answer["faults"]) == 7
    assert answer["heard"] >= 6
    assert answer["heard"] == sum(one["heard"] for one in answer["faults"])
    assert answer["false_alarms"] == 0
    for one in answer["faults"]:
        if one["heard"]:
            assert 0.0 <= one["delay_s"] <= 5.0
            assert one["explanation"]["start_s"] < one["end_s"]
            assert one["explanation"]["end_s"] > one["start_s"]


def test_the_demo_shows_what_it_hears_and_keeps_the_bundle(run):
    ended = run("demo", "--speed", 0, "--minutes", 1, "-o", "fan.onnx")
    assert ended.code == OK
    assert "A simulated fan. Learning 1 min of its normal sound" in ended.words
    assert re.search(r"[67] of 7 faults heard, 0 false alarms\.", ended.words)
    assert "bearing tone" in ended.out
    assert run("bundle", "verify", "fan.onnx").code == OK


# --- interrupted ---------------------------------------------------------------------------------------------------------


def interrupted(process):
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    return (told or b"").decode()


def test_interrupting_simulate_leaves_nothing(tmp_path):
    process = started("data", "simulate", "out", "--normal", 3000, cwd=tmp_path)
    wait_until(lambda: list(tmp_path.rglob("*.wav")), process)
    told = interrupted(process)
    assert told == "Stopped. Nothing was left half written.\n"
    assert list(tmp_path.iterdir()) == []


def test_interrupting_learn_leaves_the_old_bundle(tmp_path, good):
    (tmp_path / "fan.onnx").write_bytes(b"the one before")
    # The same recording under many names takes long to hear, and no room.
    (tmp_path / "normal").mkdir()
    for i in range(5000):
        (tmp_path / "normal" / f"{i:04d}.wav").symlink_to(good)
    ours, theirs = pty.openpty()
    process = started("learn", "normal", "-o", "fan.onnx", cwd=tmp_path, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"s of sound" not in shown:  # a bar with the time left, because it is a terminal
        shown += os.read(ours, 4096)
    interrupted(process)
    while b"Stopped." not in shown:
        shown += os.read(ours, 4096)
    os.close(ours)
    assert re.search(rb"\d:\d\d:\d\d|-:--:--", shown)
    assert (tmp_path / "fan.onnx").read_bytes() == b"the one before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fan.onnx", "normal"]


def test_ctrl_c_while_a_library_loads_is_no_traceback(run, monkeypatch):
    def broken(_):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise ImportError("initialization failed") from stop

    monkeypatch.setattr("auscult.runtime.bundle.load", broken)
    ended = run("bundle", "show", "fan.onnx")
    assert ended.code == INTERRUPTED
    assert ended.err == "Stopped. Nothing was left half written.\n"


def test_a_library_that_is_broken_shows_itself(monkeypatch):
    def broken(_):
        raise ImportError("no such library")

    monkeypatch.setattr("auscult.runtime.bundle.load", broken)
    monkeypatch.setattr(sys, "argv", ["auscult", "bundle", "show", "fan.onnx"])
    with warnings.catch_warnings(), pytest.raises(ImportError, match="no such library"):
        cli.main()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_reader_that_has_gone_is_no_error(as_json, simulated_fan, tmp_path):
    options = ["--json"] if as_json else []
    process = started(
        "listen", simulated_fan, "simulated:", "--seconds", 600, "--fast", *options, cwd=tmp_path
    )
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == OK
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_reader_that_was_never_there_is_no_error(bundle_file, good, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    process = started("score", bundle_file, good, "--json", cwd=tmp_path, stdout=writing)
    os.close(writing)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (OK, b"")


def test_every_command_takes_json():
    def options(app):
        for command in app.registered_commands:
            yield typer.main.get_params_convertors_ctx_param_name_from_function(command.callback)[0]
        for group in app.registered_groups:
            yield from options(group.typer_instance)

    assert all(any("--json" in one.opts for one in found) for found in options(cli.app))
