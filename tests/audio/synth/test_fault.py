import math

import pytest

from auscult.audio.synth.fault import Added, Stretch, check_band
from auscult.errors import RecipeError


def test_a_fault_ends_when_its_time_is_over():
    assert Stretch(start_s=1.5, duration_s=2.0).end_s == 3.5


def test_a_band_twenty_hertz_wide_will_do():
    check_band(Stretch(), 100.0, 120.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Stretch(start_s=-1.0), ["Stretch has start_s=-1.0", "0 to 1e+09"]),
        (lambda: Stretch(duration_s=0.0), ["duration_s=0.0", "0.05 to"]),
        (lambda: Added(snr_db=math.inf), ["snr_db=inf", "-40 to 60"]),
        (lambda: Added(start_s=math.nan), ["Added has start_s=nan"]),
        (
            lambda: check_band(Added(), 900, 800),
            ["Added has a band from 900 to 800 Hz", "20 Hz over the lower", "frequencies"],
        ),
        (lambda: check_band(Added(), 0.0, 800.0), ["band from 0.0", "above 0"]),
        (lambda: check_band(Added(), 100.0, 119.0), ["from 100.0 to 119.0 Hz"]),
        (lambda: check_band(Added(), 100.0, math.inf), ["to inf Hz"]),
    ],
)
def test_what_has_no_meaning_is_refused_at_once(make, words):
    with pytest.raises(RecipeError) as refusal:
        make()
    for word in words:
        assert word in str(refusal.value)
