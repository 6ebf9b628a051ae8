import copy
import json
import re
from dataclasses import fields, replace
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.errors import BundleError
from auscult.runtime.bundle import load
from auscult.runtime.calibration import Calibration
from auscult.runtime.manifest import (
    FORMAT,
    MAX_MANIFEST_BYTES,
    Fingerprint,
    LevelTrack,
    Manifest,
    OpenSet,
    Variant,
    plain_json,
)

SCHEMA = json.loads(files("auscult.runtime").joinpath("manifest.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

SMALL = Manifest(
    name="fan",
    family="autoencoder",
    sample_rate_hz=16000,
    window_samples=16000,
    hop_samples=8000,
    min_window_samples=16000,
    data=Fingerprint(sha256="0" * 64, recordings=0, seconds=0.0),
)

# One value of each kind that JSON has, and some that are nearly right.
VALUES = [None, True, -1, 0, 1, 7, 0.5, 16000.0, 1e12, "", "fan", "FAN!", [], [1], [[1, 2]], {}]


def places(value, path=()):
    """Paths to everything within a JSON value, free-form parts left out."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner if path not in {("recipe",), ("metrics",)} else ():
        if isinstance(part, dict | list):
            yield from places(part, (*path, key))
        else:
            yield (*path, key)


def changed(plain, path, *value):
    """A copy with something else at a path, or without what is there."""
    changed = copy.deepcopy(plain)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value:
        place[path[-1]] = value[0]
    else:
        del place[path[-1]]
    return changed


def can_vote(plain):
    known = plain["calibration"]
    rules = [*known["rules"], known["recording"], known["level"]]
    return all(rule["votes"] <= rule["of"] for rule in rules if rule)


def refused(text, what, expected="a manifest as", action="Get the bundle again"):
    with pytest.raises(BundleError) as caught:
        Manifest.from_json(text, "fan.onnx")
    assert re.search(what, caught.value.what), caught.value.what
    assert expected in caught.value.expected
    assert action in caught.value.action
    assert caught.value.what.startswith("fan.onnx")


@pytest.fixture(scope="module")
def plain(bundle):
    """A whole manifest, with fewer of what there are many of."""
    short = {
        "bands_hz": bundle.manifest.bands_hz[:2],
        "exemplars": bundle.manifest.exemplars[:2],
    }
    return json.loads(replace(bundle.manifest, **short).to_json())


class TestTheSchema:
    def test_it_is_one(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_it_names_the_fields_of_the_manifest_and_asks_for_all_but_what_came_later(self):
        names = {"format", *(field.name for field in fields(Manifest))}
        assert set(SCHEMA["properties"]) == names
        later = {"allowed", "open_set", "pool", "references_of", "variant"}
        assert set(SCHEMA["required"]) == names - later
        assert SCHEMA["properties"]["format"]["const"] == FORMAT

    def test_it_names_the_fields_of_a_calibration(self):
        described = SCHEMA["definitions"]["calibration"]["properties"]
        assert set(described) == {field.name for field in fields(Calibration)}

    @pytest.mark.parametrize("name", ["bundle", "edge_bundle", "own_bundle", "classifier"])
    def test_what_is_learned_conforms(self, request, name):
        VALIDATOR.validate(json.loads(request.getfixturevalue(name).manifest.to_json()))

    def test_an_embedder_conforms(self, embedder_file):
        VALIDATOR.validate(json.loads(load(embedder_file).manifest.to_json()))

    def test_how_recordings_score_is_kept_where_it_is_not_as_ever(self):
        text = replace(SMALL, pool="mean").to_json()
        VALIDATOR.validate(json.loads(text))
        assert Manifest.from_json(text, "fan.onnx").pool == "mean"
        assert "pool" not in json.loads(SMALL.to_json())
        assert Manifest.from_json(SMALL.to_json(), "fan.onnx").pool == "max"

    def test_the_least_that_can_be_said_conforms(self):
        VALIDATOR.validate(json.loads(SMALL.to_json()))


class TestRoundTrip:
    def test_everything_comes_back(self, bundle):
        assert Manifest.from_json(bundle.manifest.to_json(), "fan.onnx") == bundle.manifest

    def test_the_least_comes_back(self):
        assert Manifest.from_json(SMALL.to_json(), "fan.onnx") == SMALL

    @settings(max_examples=50)
    @given(
        name=st.text(min_size=1, max_size=200).filter(lambda t: t.isprintable()),
        labels=st.lists(st.text(max_size=20).filter(lambda t: t.isprintable()), max_size=4),
        metrics=st.none()
        | st.dictionaries(st.text(max_size=5), st.floats(-1e9, 1e9) | st.text(max_size=5)),
    )
    def test_names_and_figures_come_back(self, name, labels, metrics):
        manifest = replace(SMALL, name=name, labels=tuple(labels), metrics=metrics)
        assert Manifest.from_json(manifest.to_json(), "fan.onnx") == manifest

    @settings(max_examples=50)
    @given(limit=st.floats(1e-6, 1e6), share=st.floats(0.0, 1.0))
    def test_where_the_classes_end_comes_back(self, limit, share):
        manifest = replace(SMALL, labels=("a", "b"), open_set=OpenSet(limit=limit, share=share))
        assert Manifest.from_json(manifest.to_json(), "fan.onnx") == manifest
        VALIDATOR.validate(json.loads(manifest.to_json()))

    def test_what_only_classifiers_say_is_left_out_of_others(self):
        assert "open_set" not in json.loads(SMALL.to_json())
        plain = json.loads(SMALL.to_json()) | {"open_set": None}
        assert Manifest.from_json(json.dumps(plain), "fan.onnx") == SMALL

    def test_whole_numbers_may_be_written_with_a_point(self):
        text = SMALL.to_json().replace("16000,", "16000.0,").replace("8000,", "8e3,")
        found = Manifest.from_json(text, "fan.onnx")
        assert found == SMALL
        assert all(type(n) is int for n in (found.sample_rate_hz, found.hop_samples))


class TestOpenSet:
    @given(limit=st.floats(0.1, 10.0), distance=st.floats(0.0, 20.0))
    def test_what_is_over_the_limit_is_unknown(self, limit, distance):
        assert OpenSet(limit=limit, share=0.05).knows(distance) == (distance <= limit)

    @pytest.mark.parametrize(
        "plain",
        [
            {"limit": 0.0, "share": 0.1},
            {"limit": 1.0, "share": 1.1},
            {"limit": 1.0},
            {"limit": 1.0, "share": 0.1, "more": 1},
            2.0,
        ],
        ids=str,
    )
    def test_what_is_none_is_refused(self, plain):
        text = json.dumps(json.loads(SMALL.to_json()) | {"open_set": plain})
        with pytest.raises(BundleError, match="manifest field open_set"):
            Manifest.from_json(text, "fan.onnx")


class TestBrokenManifests:
    @settings(max_examples=150)
    @given(data=st.data())
    def test_a_field_that_is_missing_is_found_missing(self, plain, data):
        named = [path for path in places(plain) if isinstance(path[-1], str)]
        path = data.draw(st.sampled_from([p for p in named if p != ("format",)]))
        broken = changed(plain, path)
        if (
            path[-1] in ("fast_score", "tail", "most")
            or "tolerance" in path[:-1]
            or "versions" in path[:-1]
        ):
            Manifest.from_json(json.dumps(broken), "fan.onnx")
        else:
            refused(json.dumps(broken), "must contain|must be valid exactly by one definition")

    @settings(max_examples=300)
    @given(data=st.data())
    def test_what_is_taken_is_what_the_schema_allows(self, plain, data):
        path = data.draw(st.sampled_from([p for p in places(plain) if p != ("format",)]))
        value = data.draw(st.sampled_from(VALUES))
        other = changed(plain, path, value)
        text = json.dumps(other)
        if VALIDATOR.is_valid(other) and path[-1] in ("votes", "of") and not can_vote(other):
            refused(text, "votes of", "no more votes than windows")
        elif VALIDATOR.is_valid(other):
            manifest = Manifest.from_json(text, "fan.onnx")
            assert Manifest.from_json(manifest.to_json(), "fan.onnx") == manifest
            if manifest.calibration is not None:
                limits = [t.limit for t in manifest.calibration.thresholds(level_track=True)]
                assert all(0.0 <= limit < float("inf") for limit in limits)
        else:
            refused(text, "manifest field")

    def test_a_field_too_many(self, plain):
        refused(json.dumps({**plain, "extra": 1}), "must not contain .*extra")

    @pytest.mark.parametrize("text", ["", "{", "no", "[" * 500_000, '{"format": 1,}'])
    def test_no_json(self, text):
        refused(text, "its manifest is no plain JSON", "as Auscult writes it")

    @pytest.mark.parametrize("text", ["[]", "7", "null", '"fan"', "[1]"])
    def test_json_of_another_kind(self, text):
        refused(text, "its manifest says format None", "format 1")

    @pytest.mark.parametrize(
        "number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e301", "9" * 99]
    )
    def test_numbers_that_are_none(self, number):
        text = SMALL.to_json().replace('"seconds": 0.0', f'"seconds": {number}')
        refused(text, "no plain JSON .*too large a number", "as Auscult writes it")

    def test_a_future_format(self, plain):
        text = json.dumps({**plain, "format": 99})
        refused(text, "is a bundle of format 99", "format 1, the newest", "pip install -U auscult")

    def test_more_than_a_mebibyte_is_not_read(self):
        text = SMALL.to_json().ljust(MAX_MANIFEST_BYTES + 1)
        refused(text, "its manifest takes 1,048,577 bytes", "at most 1,048,576")

    def test_a_mebibyte_counts_bytes_and_not_letters(self):
        text = SMALL.to_json().replace("fan", "ファン" * 60_000 + "ン" * 180_000)
        refused(text, "its manifest takes", "at most 1,048,576")

    def test_a_mebibyte_is_read(self):
        assert Manifest.from_json(SMALL.to_json().ljust(MAX_MANIFEST_BYTES), "fan.onnx") == SMALL


class TestWriting:
    def test_more_than_a_mebibyte_is_not_written(self):
        with pytest.raises(BundleError) as caught:
            replace(SMALL, recipe={"note": "x" * MAX_MANIFEST_BYTES}).to_json()
        assert re.search("manifest of 'fan' would take 1,04[0-9],[0-9]+ bytes", caught.value.what)
        assert "at most 1,048,576" in caught.value.expected
        assert "Leave out parts of the recipe" in caught.value.action

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes"])
    def test_what_json_can_not_say_is_not_written(self, value):
        with pytest.raises(BundleError) as caught:
            replace(SMALL, metrics={"auc": value}).to_json()
        assert "The manifest of 'fan' can't be written" in caught.value.what
        assert "finite numbers" in caught.value.expected
        assert "Take out" in caught.value.action

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"family": "Auto Encoder"}, "family must match pattern"),
            ({"sample_rate_hz": 10**9}, "sample_rate_hz must be smaller than or equal to 768000"),
            ({"window_samples": 0}, "window_samples must be bigger than or equal to 1"),
        ],
    )
    def test_what_the_schema_forbids_is_not_written(self, change, words):
        with pytest.raises(BundleError, match=f"The manifest to be written.*{words}"):
            replace(SMALL, **change).to_json()


class TestLevelTrack:
    @given(median_db=st.floats(-90, 0), mad_db=st.floats(0, 20), off_db=st.floats(-60, 60))
    def test_louder_and_quieter_deviate_alike(self, median_db, mad_db, off_db):
        track = LevelTrack(median_db=median_db, mad_db=mad_db)
        louder, quieter = track.deviation(median_db + off_db), track.deviation(median_db - off_db)
        assert louder == pytest.approx(quieter)
        assert louder >= 1.0 == track.deviation(median_db)

    def test_a_decibel_is_the_least_that_counts_as_a_deviation(self):
        steady = LevelTrack(median_db=-30.0, mad_db=0.0)
        assert steady.deviation(-27.0) == pytest.approx(4.0)

    def test_a_manifest_without_loudness_has_no_median(self):
        assert SMALL.level_median_db is None
        track = LevelTrack(median_db=-20.0, mad_db=1.0)
        assert replace(SMALL, level=track).level_median_db == -20.0


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**52), 2**52) | st.floats(-1e9, 1e9) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_plain_json_reads_what_json_writes(value):
    assert plain_json(json.dumps(value)) == value


def test_a_variant_says_of_what_and_is_left_out_elsewhere():
    found = Variant(
        kind="tflite-int8",
        of_sha256="ab" * 32,
        windows=90,
        correlation=0.99,
        limit_ratio=1.5,
        auc=0.8,
        auc_before=0.81,
        outputs=("score", "level_db"),
    )
    text = replace(SMALL, variant=found).to_json()
    assert Manifest.from_json(text, "fan.tflite").variant == found
    assert "variant" not in json.loads(SMALL.to_json())
    assert Manifest.from_json(SMALL.to_json(), "fan.onnx").variant is None
    for wrong in ({"kind": "int4"}, {"limit_ratio": 0.0}, {"correlation": 2.0}, {"of_sha256": "x"}):
        with pytest.raises(BundleError, match="variant"):
            replace(SMALL, variant=replace(found, **wrong)).to_json()
