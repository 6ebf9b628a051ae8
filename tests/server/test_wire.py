import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.server.wire import MAX_FRAME_BYTES, BadFrame, Sequence, decode, encode

RATE_HZ = 16000


def frame(first, n=1600, **header):
    samples = (np.arange(first, first + n) % 30000).astype(np.int16)
    return decode(encode(samples, first_sample=first, **header))


@given(
    first=st.integers(0, 2**53 - 1),
    seq=st.integers(0, 2**32 - 1),
    captured_ms=st.floats(-1e15, 1e15),
    values=st.lists(st.integers(-32768, 32767), min_size=1, max_size=50),
)
def test_what_was_encoded_is_decoded(first, seq, captured_ms, values):
    samples = np.array(values, np.int16)
    found = decode(encode(samples, first_sample=first, seq=seq, flags=3, captured_ms=captured_ms))
    assert found.samples.tolist() == values
    assert (found.first_sample, found.seq, found.flags) == (first, seq, 3)
    assert found.captured_ms == captured_ms


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_header"),
        (bytes(23), "bad_header"),
        (bytes(24), "bad_header"),
        (b"\x02\x01" + bytes(24), "bad_header"),
        (b"\x01\x02" + bytes(24), "bad_header"),
        (b"\x01\x01" + bytes(22), "bad_samples"),
        (b"\x01\x01" + bytes(23), "bad_samples"),
        (b"\x01\x01" + bytes(6) + b"\xff" * 8 + bytes(10), "bad_header"),
        (b"\x01\x01" + bytes(14) + b"\x00" * 6 + b"\xf8\x7f" + bytes(4), "bad_header"),
        (b"\x01\x01" + bytes(MAX_FRAME_BYTES), "too_large"),
    ],
)
def test_what_is_no_frame_is_refused_with_a_code(data, code):
    with pytest.raises(BadFrame) as caught:
        decode(data)
    assert caught.value.code == code


@given(st.binary(max_size=200))
def test_any_bytes_give_a_frame_or_a_code(data):
    with contextlib.suppress(BadFrame):
        assert len(decode(data).samples)


def test_channels_stand_side_by_side():
    data = encode(np.array([1, 2, 3, 4, 5, 6], np.int16), first_sample=0)
    assert decode(data, channels=2).samples.tolist() == [[1, 2], [3, 4], [5, 6]]
    with pytest.raises(BadFrame):
        decode(data, channels=4)


class TestSequence:
    @given(
        cuts=st.lists(st.integers(1, 500), min_size=1, max_size=20),
        order=st.randoms(use_true_random=False),
    )
    def test_whatever_comes_twice_or_late_is_taken_once_and_in_order(self, cuts, order):
        sequence, frames, first = Sequence(RATE_HZ), [], 0
        for n in cuts:
            frames.append(frame(first, n))
            first += n
        sent = [frames[0]]
        for one in frames[1:]:
            sent += [one] * order.randint(1, 2)
            if order.random() < 0.3:
                sent.append(order.choice(sent))
        taken = [new[0] for one in sent if (new := sequence.take(one)) is not None]
        assert np.concatenate(taken).tolist() == [n % 30000 for n in range(first)]
        assert (sequence.next_sample, sequence.missing) == (first, 0)

    def test_what_is_missing_is_counted_to_the_sample_and_never_joined(self):
        sequence = Sequence(RATE_HZ)
        sequence.take(frame(0))
        samples, time_s, missing = sequence.take(frame(1601))
        assert (missing, sequence.missing, len(samples)) == (1, 1, 1600)
        assert time_s == 1601 / RATE_HZ

    def test_many_short_gaps_move_nothing_in_time(self):
        sequence = Sequence(RATE_HZ)
        times = [sequence.take(frame(n * 1616))[1] for n in range(1000)]
        assert times == pytest.approx([n * 1616 / RATE_HZ for n in range(1000)])

    def test_a_gap_that_has_no_meaning_is_refused(self):
        sequence = Sequence(RATE_HZ)
        sequence.take(frame(0))
        sequence.take(frame(86400 * RATE_HZ))
        with pytest.raises(BadFrame, match="more than a day"):
            sequence.take(frame(2**52))

    def test_a_long_gap_keeps_its_length(self):
        sequence = Sequence(RATE_HZ)
        sequence.take(frame(0))
        assert sequence.take(frame(1600 + RATE_HZ))[1] == pytest.approx(1.1)

    def test_a_session_may_begin_anywhere(self):
        sequence = Sequence(RATE_HZ)
        _, time_s, missing = sequence.take(frame(160_000))
        assert (time_s, missing) == (10.0, 0)

    @pytest.mark.parametrize(
        ("actual", "refused"), [(0.92, True), (1.08, True), (1.001, False), (1.0, False)]
    )
    def test_a_rate_that_lies_is_found_out_by_the_senders_own_clock(self, actual, refused):
        sequence = Sequence(RATE_HZ)

        def send():
            for second in range(30):
                sequence.take(
                    frame(
                        second * RATE_HZ, RATE_HZ, captured_ms=1e12 + 1000.0 * (second + 1) / actual
                    )
                )

        if refused:
            with pytest.raises(BadFrame) as caught:
                send()
            assert caught.value.code == "rate_mismatch"
        else:
            send()

    @pytest.mark.parametrize(
        ("at_s", "step_s"),
        [(11, 0.3), (11, 0.24), (20, 0.5), (50, 1.2), (50, -1.2), (30, 3600.0), (30, -3600.0)],
    )
    def test_a_clock_that_is_set_is_no_lie(self, at_s, step_s):
        sequence = Sequence(RATE_HZ)
        for n in range(1200):
            now_s = (n + 1) / 10 + (step_s if n / 10 >= at_s else 0.0)
            sequence.take(frame(n * 1600, 1600, captured_ms=1e12 + 1000.0 * now_s))

    def test_a_lie_is_found_out_although_the_clock_is_set(self):
        sequence = Sequence(RATE_HZ)

        def send():
            for n in range(600):
                now_s = (n + 1) / 10 / 1.08 + (1.0 if n > 150 else 0.0)
                sequence.take(frame(n * 1600, 1600, captured_ms=1e12 + 1000.0 * now_s))

        with pytest.raises(BadFrame, match="came, not"):
            send()

    def test_without_a_clock_nothing_is_said_about_the_rate(self):
        sequence = Sequence(RATE_HZ)
        for second in range(30):
            sequence.take(frame(second * RATE_HZ, RATE_HZ))
