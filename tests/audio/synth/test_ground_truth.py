import pytest

from auscult.audio.synth.faults import FAULTS, Dropout, Hum, Knock
from auscult.audio.synth.ground_truth import check_faults, truth
from auscult.audio.synth.machine import fan
from auscult.errors import RecipeError


def test_the_truth_is_told_in_order():
    spans = truth(fan(), [Hum(start_s=5.0), Dropout(start_s=1.0, duration_s=3.0)])
    assert [(span.kind, span.start_s, span.end_s) for span in spans] == [
        ("hum", 5.0, 7.0),
        ("dropout", 1.0, 4.0),
    ]
    assert (spans[1].low_hz, spans[1].high_hz) == (0.0, 8000.0)


@pytest.mark.parametrize("kind", FAULTS)
def test_the_truth_is_what_the_fault_says(kind):
    fault = FAULTS[kind](start_s=2.0, duration_s=1.5)
    (span,) = truth(fan(), [fault])
    assert (span.kind, span.start_s, span.end_s) == (kind, 2.0, 3.5)
    assert (span.low_hz, span.high_hz) == fault.band_hz(fan())


def test_a_fault_may_reach_up_to_half_the_rate():
    check_faults(fan(rate_hz=6400), [Knock(high_hz=3200.0)])


def test_a_fault_beyond_half_the_rate_is_refused():
    with pytest.raises(RecipeError) as refusal:
        truth(fan(rate_hz=4000), [Knock()])
    for word in ("Knock reaches up to 3200 Hz", "at most 2000 Hz", "rate_hz=4000", "raise rate_hz"):
        assert word in str(refusal.value)
