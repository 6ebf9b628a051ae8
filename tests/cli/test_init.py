"""Every command and group: its help, its version, what can't be parsed."""

import pytest
import typer

from auscult import __version__, cli
from auscult.cli.console import BAD_USE, OK

COMMANDS = {
    "benchmark",
    "export",
    "recipes",
    "families",
    "learn",
    "score",
    "evaluate",
    "listen",
    "demo",
    "bundle allow",
    "bundle allowed",
    "bundle forbid",
    "bundle show",
    "bundle verify",
    "data check",
    "data fetch",
    "data simulate",
    "edge check",
    "edge service",
    "embedder fetch",
    "embedder list",
    "key add",
    "key list",
    "key remove",
    "replay",
    "runs",
    "selftest",
    "store copy",
    "sweep",
    "track send",
    "track setup",
    "train",
    "serve",
    "sources",
}


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


@pytest.mark.parametrize(
    "group", [(), ("bundle",), ("data",), ("edge",), ("embedder",), ("store",), ("track",)]
)
def test_without_a_command_the_help_is_shown(group, run):
    ended = run(*group)
    assert ended.code == BAD_USE
    below = [name for name in COMMANDS if name.split()[:-1] == list(group)]
    assert all(name.split()[-1] in ended.out for name in below)
    assert run(*group, "--help").code == OK


def test_the_version_is_told(run):
    assert run("--version").out == f"auscult {__version__}\n"


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
            "--pool median is not known. Expected: one of auto, max, mean",
        ),
        ("evaluate BUNDLE GOOD --pool median", "Expected: one of auto, max, mean"),
        ("score BUNDLE GOOD --budget 0", "A budget of 0 false alarms a day"),
        ("score BUNDLE GOOD --budget -1", "A budget of -1 false alarms a day"),
        ("score BUNDLE GOOD --budget nan", "A budget of nan false alarms a day"),
        ("score BUNDLE gone.wav", "gone.wav is not there"),
        ("score GOOD BUNDLE", "stands where the bundle should. Expected: the bundle first"),
        ("score gone.onnx GOOD", "gone.onnx could not be opened: No such file"),
        ("score . GOOD", ". could not be opened: Is a directory"),
        ("learn FOLDER --preset huge", "There is no preset 'huge'. Expected: one of default, edge"),
        ("learn FOLDER --embedder frob", "--embedder frob is not known. Expected: spectrum, mn04,"),
        (
            "learn FOLDER --embedder spectrum+frob",
            "There is no embedder 'frob', which 'spectrum+frob' names. Expected: spectrum, mn04,",
        ),
        ("learn FOLDER --embedder spectrum+spectrum", "names an embedder twice"),
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
        ("listen BUNDLE microphone", "microphone is no recording: it is live"),
        ("listen BUNDLE mic:1", "auscult serve --bundle fan.onnx"),
        ("listen BUNDLE rtsp://camera/1", "rtsp://camera/1 is no recording"),
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
    arguments, words, *, run, bundle_file, folder, good, three_beats
):
    named = {"BUNDLE": bundle_file, "GOOD": good, "FOLDER": folder}
    ended = run(*(named.get(word, word) for word in arguments.split()), "--json")
    assert ended.code == BAD_USE
    assert words in ended.err
    assert three_beats.search(ended.err), ended.err
    assert ended.out == ""


def test_every_command_takes_json():
    def options(app):
        for command in app.registered_commands:
            yield typer.main.get_params_convertors_ctx_param_name_from_function(command.callback)[0]
        for group in app.registered_groups:
            yield from options(group.typer_instance)

    assert all(any("--json" in one.opts for one in found) for found in options(cli.app))
