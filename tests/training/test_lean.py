"""What a small form keeps beside its graph."""

from dataclasses import replace

import numpy as np

from auscult.runtime.bundle import reference_window
from auscult.runtime.learned import digests_of
from auscult.training.lean import lean


def test_one_reference_window_stays_the_one_with_context(bundle):
    found = lean(bundle)
    assert len(bundle.manifest.references) == 2
    assert found.manifest.references == bundle.manifest.references[1:]
    window, context = reference_window(found, 0)
    there = reference_window(bundle, 1)
    np.testing.assert_array_equal(context, there[1])
    assert len(context) == bundle.manifest.context
    assert found.arrays["reference.0.waveform"].dtype == np.int8
    assert np.sum((window - there[0]) ** 2) < 1e-3 * np.sum(there[0] ** 2)


def test_a_window_that_would_lose_by_it_stays_in_sixteen_bits(bundle):
    quiet = (bundle.arrays["reference.1.waveform"] // 4000).astype(np.int16)
    arrays = {**bundle.arrays, "reference.1.waveform": quiet}
    found = lean(replace(bundle, arrays=arrays))
    np.testing.assert_array_equal(found.arrays["reference.0.waveform"], quiet)


def test_of_equals_the_first_stays(classifier):
    found = lean(classifier)
    assert found.manifest.references == classifier.manifest.references[:1]
    assert [name for name in found.arrays if name.startswith("reference.")] == [
        "reference.0.waveform"
    ]


def test_of_the_record_stays_by_what_recordings_are_known_again(bundle, clips):
    found = lean(bundle)
    assert not [name for name in found.arrays if name.startswith("record.")]
    assert len(digests_of(found.arrays)) == len(clips)


def test_bands_are_as_exact_as_pictures_are(bundle):
    before, after = (np.array(one.manifest.bands_hz) for one in (bundle, lean(bundle)))
    np.testing.assert_allclose(after, before, atol=0.051)
    assert len(str(lean(bundle).manifest.bands_hz)) < len(str(bundle.manifest.bands_hz))


def test_what_has_no_reference_window_has_none_afterwards(bundle):
    bare = replace(bundle, manifest=replace(bundle.manifest, references=()))
    assert lean(bare).manifest.references == ()
