"""`auscult data fetch`: asked first, then fetched and unpacked; what breaks off goes on."""

import hashlib
import http.server
import io
import json
import sys
import threading
import zipfile

import pytest
import typer

from auscult.cli import console
from auscult.cli.console import BAD_USE, OK
from auscult.cli.fetch import fetch
from auscult.datasets import collect
from auscult.datasets.addresses import Collection, Remote


def archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("fan/train/normal_id_00_00000000.wav", bytes(3000))
    return content.getvalue()


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A set of one archive on a server of this machine that gives no parts of files."""
    root = tmp_path / "served"
    root.mkdir()
    (root / "dev_fan.zip").write_bytes(archive())

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(root))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    remote = Remote(
        address=f"http://127.0.0.1:{server.server_port}/dev_fan.zip",
        name="dev_fan.zip",
        about_bytes=len(archive()),
        md5=hashlib.md5(archive()).hexdigest(),
    )
    machines = Collection(
        title="One fan",
        licence="CC BY-NC-SA 4.0",
        terms="No commercial use.",
        page="https://example.org/fan",
        files=(remote,),
    )
    monkeypatch.setattr(collect, "COLLECTIONS", {"dcase2020": machines})
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def get(monkeypatch, capsys, tmp_path):
    """Run `auscult data fetch …` in this process, in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(fetch)

    def ended(*arguments, answer=None):
        monkeypatch.setattr(sys, "argv", ["auscult", *map(str, arguments)])
        typed = io.StringIO("" if answer is None else answer + "\n")
        typed.isatty = lambda: answer is not None
        monkeypatch.setattr(sys, "stdin", typed)
        with pytest.raises(SystemExit) as end:
            console.run(app)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return end.value.code or 0, " ".join(said.out.split()), " ".join(said.err.split())

    return ended


def test_the_licence_is_shown_and_accepted(get, served, tmp_path):
    code, out, err = get("dcase2020", answer="y")
    assert code == OK
    for words in ("One fan", "CC BY-NC-SA 4.0", "No commercial use", "https://example.org/fan"):
        assert words in err
    assert "Do you accept the licence?" in err
    assert "auscult data check dcase2020" in out
    sound = tmp_path / "here" / "dcase2020" / "fan" / "train" / "normal_id_00_00000000.wav"
    assert sound.stat().st_size == 3000
    assert "CC BY-NC-SA 4.0" in (tmp_path / "here" / "dcase2020" / "LICENCE.txt").read_text()


@pytest.mark.parametrize("answer", ["n", ""])
def test_without_acceptance_nothing_is_fetched(get, served, tmp_path, answer):
    code, out, _ = get("dcase2020", answer=answer)
    assert code == BAD_USE
    assert not out
    assert list((tmp_path / "here").iterdir()) == []


def test_where_nobody_can_be_asked_it_has_to_be_said(get, served, three_beats):
    code, _, err = get("dcase2020")
    assert code == BAD_USE
    assert "The licence CC BY-NC-SA 4.0 was not accepted" in err
    assert "--yes" in err
    assert "Error: " in err


def test_json_and_another_folder(get, served, tmp_path):
    code, out, _ = get("dcase2020", "--yes", "-o", "fans", "--json", "--keep-archives")
    assert code == OK
    assert json.loads(out) == {
        "data": "fans",
        "archives": ["dev_fan.zip"],
        "licence": "CC BY-NC-SA 4.0",
        "page": "https://example.org/fan",
    }
    assert list((tmp_path / "here" / "fans").rglob("dev_fan.zip"))


def test_again_fetches_nothing(get, served):
    get("dcase2020", "--yes")
    (served / "dev_fan.zip").unlink()
    assert get("dcase2020", "--yes")[0] == OK


def test_what_came_before_an_interruption_is_no_harm(get, served, tmp_path):
    archives = tmp_path / "here" / "dcase2020" / ".archives"
    archives.mkdir(parents=True)
    (archives / "dev_fan.zip.part").write_bytes(archive()[:100])
    assert get("dcase2020", "--yes")[0] == OK


def test_another_file_than_was_published(get, served):
    (served / "dev_fan.zip").write_bytes(b"something else")
    code, _, err = get("dcase2020", "--yes")
    assert code == BAD_USE
    assert "has the md5" in err
    assert "It was removed" in err


def test_a_file_that_has_gone(get, served):
    (served / "dev_fan.zip").unlink()
    code, _, err = get("dcase2020", "--yes")
    assert code == BAD_USE
    assert "dev_fan.zip is not there: the server answers 404" in err


def test_unknown_names(get, served):
    assert "no data set 'esc51'" in get("esc51", "--yes")[2]
    assert "has no archive with pump" in get("dcase2020", "--yes", "--only", "pump")[2]
