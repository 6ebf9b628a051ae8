"""Trackers that do what trackers do: answer, hang, fail, die."""

import json
import os
import textwrap

import pytest

from auscult.training.trackers import courier

FAKE = """
    import json, os, time

    def say(*words):
        with open(os.environ["FAKE_SAID"], "a") as file:
            file.write(json.dumps(words, default=str) + "\\n")

    class Anything:
        def __getattr__(self, name):
            def call(*given, **named):
                say(name, *given, named)
                return Anything()
            return call

    class Task(Anything):
        @staticmethod
        def init(**named):
            is_offline = bool(os.environ.get("CLEARML_OFFLINE_MODE"))
            say("init", is_offline, named)
            if not is_offline:
                {does}
            return Task()

        def get_offline_mode_folder(self):
            return "/offline/folder"

        def get_output_log_web_page(self):
            return "http://server/task"

    class OutputModel(Anything):
        def __init__(self, **named):
            say("OutputModel", named)
"""


@pytest.fixture
def fake_clearml(tmp_path, monkeypatch):
    """A function that puts a package in ClearML's place, which does something when it is to begin."""
    place, said = tmp_path / "fake", tmp_path / "said.jsonl"

    def make(does="pass"):
        (place / "clearml").mkdir(parents=True)
        text = textwrap.dedent(FAKE).replace("{does}", does)
        (place / "clearml" / "__init__.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(place)
        monkeypatch.setenv("PYTHONPATH", f"{place}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        monkeypatch.setenv("FAKE_SAID", str(said))
        return lambda: [json.loads(line) for line in said.read_text().splitlines()]

    yield make
    # Processes that outlive their run are for the real world.
    for process in courier._late:
        process.kill()
        process.wait()
    courier._late.clear()
