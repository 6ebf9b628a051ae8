import copy
import pickle
import re

import pytest

from auscult import errors
from auscult.errors import AudioError, AuscultError, AuscultWarning, MissingExtra

KINDS = [
    errors.AudioError,
    errors.DatasetError,
    errors.RecipeError,
    errors.BundleError,
    errors.EngineError,
    errors.TrainingError,
    errors.SourceError,
    errors.StoreError,
    errors.NotifyError,
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_can_be_caught_as_one(kind):
    with pytest.raises(AuscultError, match="It broke"):
        raise kind("It broke.")


def test_the_tree_in_the_docstring_is_the_tree_of_the_module():
    told = re.findall(r"[├└]── (\w+)  +\w", errors.__doc__)
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert told == [one.__name__ for one in classes if AuscultError in one.__bases__]
    assert told == [kind.__name__ for kind in [*KINDS, MissingExtra]]


def test_three_beats_are_told_in_order():
    error = AudioError("fan.wav is silent.", "sound", "Record it again.")
    assert str(error) == "fan.wav is silent. Expected: sound. Record it again."
    assert (error.what, error.expected, error.action) == (
        "fan.wav is silent.",
        "sound",
        "Record it again.",
    )


@pytest.mark.parametrize(
    ("beats", "told"),
    [
        (("It broke.",), "It broke."),
        (("It broke.", "a whole one."), "It broke. Expected: a whole one."),
        (("It broke.", "", "Mend it."), "It broke. Mend it."),
    ],
)
def test_beats_that_are_missing_leave_no_trace(beats, told):
    assert str(AuscultError(*beats)) == told


def test_a_missing_extra_says_what_to_type():
    error = MissingExtra("t-SNE", "report")
    assert error.extra == "report"
    assert str(error).endswith("Install it: pip install 'auscult[report]'")


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_goes_from_process_to_process(kind):
    error = kind("It broke.", "a whole one", "Mend it.")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is kind
        assert str(again) == str(error)


def test_a_missing_extra_goes_from_process_to_process():
    error = MissingExtra("t-SNE", "report")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is MissingExtra
        assert (str(again), again.extra) == (str(error), "report")


def test_a_warning_is_no_error():
    assert issubclass(AuscultWarning, UserWarning)
    assert not issubclass(AuscultWarning, AuscultError)


def test_a_code_and_its_values_survive_a_copy_and_change_no_word():
    error = AudioError("fan.wav is empty.", code="audio_empty", values={"name": "fan.wav"})
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == "fan.wav is empty."
    assert (again.code, again.values) == ("audio_empty", {"name": "fan.wav"})
    assert (AudioError("It broke.").code, AudioError("It broke.").values) == ("", {})
