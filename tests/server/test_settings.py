"""Flags over variables over defaults."""

from pathlib import Path

import pytest

from auscult.errors import RecipeError
from auscult.server.settings import settings_from


def test_the_defaults_are_safe(monkeypatch):
    monkeypatch.delenv("AUSCULT_HOST", raising=False)
    settings = settings_from()
    assert settings.host == "127.0.0.1"
    assert not settings.store_clips
    assert not settings.legacy_ws
    assert not settings.demo
    assert settings.keys == ()


def test_variables_name_several_with_commas(monkeypatch):
    monkeypatch.setenv("AUSCULT_KEYS", "one key, another key")
    monkeypatch.setenv("AUSCULT_BUNDLES", "fan.onnx,pump.onnx")
    monkeypatch.setenv("AUSCULT_PORT", "8123")
    settings = settings_from(port=None)
    assert [key.get_secret_value() for key in settings.keys] == ["one key", "another key"]
    assert settings.bundles == (Path("fan.onnx"), Path("pump.onnx"))
    assert settings.port == 8123
    assert settings_from(port=9000).port == 9000


def test_keys_are_never_shown(monkeypatch):
    monkeypatch.setenv("AUSCULT_KEYS", "a secret that is long enough")
    assert "secret that" not in repr(settings_from())
    assert "secret that" not in str(settings_from())


def test_the_password_of_the_database_is_never_shown(monkeypatch):
    monkeypatch.setenv("AUSCULT_DATABASE", "postgresql://ears:s3cret@h/db")
    assert "s3cret" not in f"{settings_from()!r} {settings_from()}"
    assert settings_from(database="postgresql://h/db").database.get_secret_value().endswith("h/db")
    monkeypatch.setenv("AUSCULT_DATABASE", "")
    assert settings_from().database is None


def test_everything_is_kept_below_one_folder(tmp_path):
    settings = settings_from(data_dir=tmp_path)
    for place in (
        settings.bundles_dir,
        settings.store_path,
        settings.spool_path,
        settings.clips_dir,
    ):
        assert place.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"port": -1}, "port: .* greater than or equal to 0"),
        ({"max_streams": 0}, "Change max_streams"),
        ({"demo": "perhaps"}, "demo: .* variable AUSCULT_DEMO"),
    ],
)
def test_settings_without_meaning_are_told(flags, words):
    with pytest.raises(RecipeError, match=words):
        settings_from(**flags)
