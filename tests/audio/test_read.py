import io
import math
import os
import struct
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.read import SOUND_SUFFIXES, SoundInfo, blocks, info, pcm, read
from auscult.audio.resample import resample
from auscult.errors import AudioError, AuscultWarning, RecipeError

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
RATE_HZ = 16000


def hum(seconds=1.0, rate_hz=RATE_HZ, channels=1):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    tones = [np.sin(2 * np.pi * 200 * (c + 1) * time_s) for c in range(channels)]
    hiss = np.random.default_rng(0).standard_normal((len(time_s), channels))
    return (0.3 * np.stack(tones, axis=1) + 0.03 * hiss).astype(np.float32)


def encoded(fmt, samples, rate_hz=RATE_HZ, subtype=None):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=fmt, subtype=subtype)
    return file.getvalue()


def m4a(samples, rate_hz=44100):
    av = pytest.importorskip("av", reason="needs the extra `streams`")
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=rate_hz)
        stream.layout = "mono"
        for at in range(0, len(samples), 1024):
            part = np.ascontiguousarray(samples[at : at + 1024].T)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.rate, frame.pts = rate_hz, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def joined(*args, **kwargs):
    return np.concatenate(list(blocks(*args, **kwargs)))


FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "wav24": ("WAV", "PCM_24"),
    "float": ("WAV", "FLOAT"),
    "flac": ("FLAC", "PCM_16"),
    "vorbis": ("OGG", "VORBIS"),
    "mp3": ("MP3", None),
}


# What is read


@pytest.mark.parametrize("name", [*FORMATS, "m4a"])
def test_every_format_gives_mono_float32_of_the_right_length_and_level(tmp_path, name):
    rate_hz = 44100 if name == "m4a" else RATE_HZ
    sound = hum(2, rate_hz)
    path = tmp_path / f"fan.{name}"
    path.write_bytes(
        m4a(sound) if name == "m4a" else encoded(FORMATS[name][0], sound, rate_hz, FORMATS[name][1])
    )
    got = read(path)
    assert (got.samples.dtype, got.samples.ndim, got.rate_hz) == (np.float32, 1, rate_hz)
    assert got.duration_s == info(path).duration_s == 2.0
    assert np.std(got.samples) == pytest.approx(np.std(sound), rel=0.05)
    assert name[:3] not in {"wav", "flo", "fla"} or np.abs(got.samples - sound[:, 0]).max() < 1e-4


def test_info():
    assert info(encoded("FLAC", hum(1.5, channels=3))) == SoundInfo(
        rate_hz=RATE_HZ, channels=3, duration_s=1.5, format="FLAC"
    )


def test_channels_are_averaged_unless_one_is_chosen():
    sound = hum(1, channels=3)
    data = encoded("WAV", sound, subtype="FLOAT")
    assert np.allclose(read(data).samples, sound.mean(axis=1), atol=1e-6)
    for channel in range(3):
        assert np.array_equal(read(data, channel=channel).samples, sound[:, channel])


@pytest.mark.parametrize("channel", [3, -1])
def test_a_channel_that_is_not_there(channel):
    with pytest.raises(AudioError) as caught:
        read(encoded("WAV", hum(1, channels=3)), channel=channel)
    assert str(caught.value) == (
        f"Channel {channel} was asked for, but The sound in memory has 3 channel(s)."
        " Expected: 0 to 2. Choose another channel, or none for the average of all."
    )
    with pytest.raises(AudioError, match=r"has 1 channel\(s\)\. Expected: 0\. "):
        read(encoded("WAV", hum(1)), channel=1)


def test_resampled_on_the_way_in():
    sound = hum(2, 48000)
    data = encoded("WAV", sound, 48000, "FLOAT")
    got = read(data, rate_hz=16000)
    assert got.rate_hz == 16000
    assert np.array_equal(got.samples, resample(sound[:, 0], 48000, 16000))


@pytest.mark.parametrize("rate_hz", [0, -1])
def test_a_target_rate_without_meaning(rate_hz):
    with pytest.raises(RecipeError, match=f"rate of {rate_hz} Hz has no meaning"):
        read(encoded("WAV", hum(1)), rate_hz=rate_hz)


def test_upsampling_warns_once_and_says_what_is_lost():
    data = encoded("WAV", hum(30, 8000), 8000)
    for take in (lambda: read(data, rate_hz=16000), lambda: joined(data, rate_hz=16000)):
        with pytest.warns(AuscultWarning) as caught:
            take()
        (warning,) = caught
        assert str(warning.message) == (
            "The sound in memory is 8000 Hz but is read at 16000 Hz: nothing above 4000 Hz can be heard, and only a "
            "bundle that was learned from recordings at 8000 Hz can judge it. Learn one from such recordings, or record "
            "at 16000 Hz."
        )
        assert warning.filename == __file__


# Stretches


@pytest.mark.parametrize("name", [*FORMATS, "m4a"])
def test_a_stretch_is_that_of_the_whole_sample_for_sample(name):
    rate_hz = 44100 if name == "m4a" else RATE_HZ
    sound = hum(6, rate_hz)
    data = (
        m4a(sound) if name == "m4a" else encoded(FORMATS[name][0], sound, rate_hz, FORMATS[name][1])
    )
    whole = read(data).samples
    for start_s, end_s in ((0.0, 1.0), (1.25, 5.5), (5.0, None), (4.999, 6.0)):
        last = None if end_s is None else round(end_s * rate_hz)
        part = read(data, start_s=start_s, end_s=end_s).samples
        assert np.array_equal(part, whole[round(start_s * rate_hz) : last])


@pytest.mark.parametrize(
    ("start_s", "end_s"),
    [
        (-1, None),
        (2.0, None),
        (3.0, 4.0),
        (0.5, 0.5),
        (1.0, 0.5),
        (0, 2.1),
        (0, -1),
        (0.5, 0.50001),
        (math.nan, None),
    ],
)
def test_a_stretch_that_is_not_in_the_file(start_s, end_s):
    with pytest.raises(AudioError) as caught:
        read(encoded("WAV", hum(2)), start_s=start_s, end_s=end_s)
    end = "the end" if end_s is None else f"{end_s:g} s"
    assert str(caught.value).startswith(
        f"The stretch from {start_s:g} s to {end} is not in The sound in memory."
        " Expected: 0 <= start < end within a recording of 2 s. Change start_s or end_s."
    )


def test_an_end_that_was_rounded_when_it_was_written_down():
    sound = hum(2)[:-1]
    assert len(read(encoded("WAV", sound), end_s=1.99995).samples) == len(sound)


def test_a_stretch_beyond_a_sound_of_unknown_length():
    data = bytearray(encoded("FLAC", hum(1)))
    data[21] &= 0xF0  # the 36 bits of the total number of samples in STREAMINFO
    data[22:26] = bytes(4)
    assert math.isnan(info(bytes(data)).duration_s)
    assert len(read(bytes(data), start_s=0.5).samples) == 8000
    for start_s, end_s in ((2.0, None), (0.0, 2.0), (2.0, 3.0)):
        with pytest.raises(AudioError, match=r"ends after 1 s\. Expected: a stretch within"):
            read(bytes(data), start_s=start_s, end_s=end_s)


def test_a_part_is_read_without_the_rest(tmp_path):
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", RATE_HZ, 1, subtype="PCM_16") as file:
        for _ in range(10):
            file.write(hum(60))
    tracemalloc.start()
    read(path, start_s=500.0, end_s=501.0)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 2e6


# Block by block


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(["WAV", "FLAC", "OGG", "MP3"]),
    to_hz=st.sampled_from([None, 8000, 11025, 44100]),
    channel=st.sampled_from([None, 0, 1]),
    stretch=st.sampled_from([(0.0, None), (0.3, None), (0.7, 4.3), (5.0, 5.4)]),
    block_s=st.floats(0.01, 12.0),
)
def test_blocks_joined_are_what_read_gives_bit_for_bit(kind, to_hz, channel, stretch, block_s):
    options = {"rate_hz": to_hz, "channel": channel, "start_s": stretch[0], "end_s": stretch[1]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuscultWarning)
        whole = read(STEREO[kind], **options)
        parts = list(blocks(STEREO[kind], block_s=block_s, **options))
    assert np.concatenate(parts).tobytes() == whole.samples.tobytes()
    lengths = {len(part) for part in parts[:-1]}
    assert lengths <= {max(1, round(block_s * whole.rate_hz))}
    assert 0 < len(parts[-1]) <= max(1, round(block_s * whole.rate_hz))


STEREO = {kind: encoded(kind, hum(6, channels=2)) for kind in ("WAV", "FLAC", "OGG", "MP3")}


def test_blocks_of_an_m4a_file():
    data = m4a(hum(3, 44100))
    assert np.array_equal(
        joined(data, rate_hz=16000, block_s=0.7), read(data, rate_hz=16000).samples
    )


def test_a_long_file_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", RATE_HZ, 1) as file:
        for _ in range(5):
            file.write(hum(60))
    tracemalloc.start()
    n_samples = sum(len(block) for block in blocks(path, rate_hz=8000, block_s=1.0))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_samples == 300 * 8000
    assert peak_bytes < 2e6  # the whole is 19 MB


def test_the_file_is_closed_when_a_reader_stops_early(tmp_path):
    path = tmp_path / "fan.wav"
    path.write_bytes(encoded("WAV", hum(5)))
    stream = blocks(path, block_s=1.0)
    assert len(next(stream)) == RATE_HZ
    stream.close()
    path.unlink()


@pytest.mark.parametrize("block_s", [0, -1, math.nan, math.inf])
def test_a_block_length_without_meaning(block_s):
    with pytest.raises(RecipeError, match=r"block of .* s has no meaning.*above 0 s"):
        next(blocks(encoded("WAV", hum(1)), block_s=block_s))


# What is refused


def test_no_samples():
    with pytest.raises(AudioError) as caught:
        read(encoded("WAV", np.empty((0, 1), np.float32)))
    assert str(caught.value) == (
        "The sound in memory holds no samples. Expected: sound. Record it again."
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path, value):
    sound = hum(10)
    sound[[40000, 40001, 150000]] = value
    path = tmp_path / "fan.wav"
    path.write_bytes(encoded("WAV", sound, subtype="FLOAT"))
    text = (
        f"{path} holds 3 sample(s) that are NaN or infinite, the first at 2.5 s."
        " Expected: finite samples. Export it again, or cut that part out."
    )
    for take in (lambda: read(path), lambda: joined(path, block_s=0.5, rate_hz=8000)):
        with pytest.raises(AudioError) as caught:
            take()
        assert str(caught.value) == text
    with pytest.raises(AudioError, match=r"1 sample\(s\).*the first at 9\.375 s"):
        read(path, start_s=3.0)
    assert len(read(path, start_s=3.0, end_s=9.0).samples) == 6 * RATE_HZ


def test_a_channel_with_nan_does_not_spoil_the_others():
    sound = hum(1, channels=2)
    sound[100, 1] = np.nan
    data = encoded("WAV", sound, subtype="FLOAT")
    assert len(read(data, channel=0).samples) == RATE_HZ
    with pytest.raises(AudioError, match="NaN"):
        read(data)


def test_a_cut_off_wav_file(tmp_path):
    path = tmp_path / "fan.wav"
    path.write_bytes(encoded("WAV", hum(2))[:-RATE_HZ])
    for take in (info, read, joined):
        with pytest.raises(AudioError) as caught:
            take(path)
        assert str(caught.value) == (
            f"{path} is cut off: its header declares 2 s of sound, and 1.5 s are there."
            " Expected: a whole recording. Copy or record it again."
        )


def test_a_cut_off_mp3_file():
    data = encoded("MP3", hum(6))
    with pytest.raises(
        AudioError, match=r"declares 6 s of sound, and 2\.\d+ s can be decoded\. Exp"
    ):
        read(data[: len(data) // 2])
    assert len(read(data[: len(data) // 2], end_s=2.0).samples) == 2 * RATE_HZ


def test_a_flac_file_that_ends_between_frames():
    data = encoded("FLAC", hum(2))
    whole = bytearray(data)
    n_frames = 3 * RATE_HZ
    whole[22:26] = struct.pack(">I", n_frames)
    with pytest.raises(AudioError, match=r"header declares 3 s"):
        read(bytes(whole))


@pytest.mark.parametrize("rate_hz", [0, 10**9])
def test_rates_that_no_recording_has(rate_hz):
    data = bytearray(encoded("WAV", hum(1)))
    struct.pack_into("<I", data, 24, rate_hz)
    with pytest.raises(AudioError) as caught:
        read(bytes(data))
    assert str(caught.value) == (
        f"The sound in memory declares a sample rate of {rate_hz} Hz. Expected: 1000 to 768000 Hz."
        " The header is damaged, or this is no recording; export it again."
    )


def test_two_hundred_channels():
    with pytest.raises(AudioError) as caught:
        read(encoded("WAV", np.zeros((100, 200), np.float32)))
    assert str(caught.value) == (
        "The sound in memory declares 200 channels. Expected: 1 to 64 channels."
        " The header is damaged, or the channels must be split into several files first."
    )
    with pytest.raises(AudioError, match="200 channels"):
        read(encoded("CAF", np.zeros((100, 200), np.float32)))  # known only once it is open


def test_sixty_four_channels_are_read():
    assert len(read(encoded("WAV", hum(0.1, channels=64)), channel=63).samples) == 1600


def test_an_empty_file_and_text(tmp_path):
    path = tmp_path / "fan.wav"
    path.touch()
    with pytest.raises(AudioError, match=r"fan\.wav is empty \(0 bytes\)\. Expected: a recording"):
        read(path)
    path.write_text("not a recording at all")
    with pytest.raises(
        AudioError, match=r"can't be read as sound: it begins with b'not a record'\."
    ):
        read(path)


def test_a_recorder_that_never_wrote_the_length():
    data = bytearray(encoded("WAV", hum(1)))
    for size in (0, 0xFFFFFFFF):
        struct.pack_into("<I", data, 40, size)
        assert info(bytes(data)).duration_s == 1.0
        assert len(read(bytes(data)).samples) == RATE_HZ


# Raw samples


@pytest.mark.parametrize(("dtype", "scale"), [("int16", 2**15), ("int32", 2**31), ("float32", 1.0)])
def test_raw_samples(dtype, scale):
    sound = hum(0.1, channels=2)
    data = (sound * scale).astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    got = pcm(data, rate_hz=8000, channels=2, dtype=dtype)
    assert (got.rate_hz, got.samples.dtype) == (8000, np.float32)
    assert np.allclose(got.samples, sound.mean(axis=1), atol=1e-4)
    right = pcm(data, rate_hz=8000, channels=2, dtype=dtype, channel=1)
    assert np.allclose(right.samples, sound[:, 1], atol=1e-4)


def test_raw_samples_are_those_of_a_wav_file():
    data = encoded("WAV", hum(1), subtype="PCM_16")
    assert np.array_equal(pcm(data[44:], rate_hz=RATE_HZ).samples, read(data).samples)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": b""}, r"is 0 bytes long\. Expected: a multiple, above 0, of 2 bytes"),
        ({"data": b"abc"}, r"is 3 bytes long.*1 channel\(s\) of int16.*nothing was cut off"),
        ({"channels": 3}, r"is 8 bytes long.*multiple, above 0, of 6 bytes"),
        ({"rate_hz": 0}, r"raw sound declares a sample rate of 0 Hz\. Expected: 1000 to 768000 Hz"),
        ({"channels": 65}, r"declares 65 channels"),
        ({"channel": 1}, r"Channel 1 was asked for, but The raw sound has 1 channel"),
        (
            {"data": np.float32([0, np.nan]).tobytes(), "dtype": "float32"},
            r"1 sample\(s\) that are NaN or infinite, the first at 6\.25e-05 s",
        ),
    ],
)
def test_raw_samples_that_are_refused(options, words):
    with pytest.raises(AudioError, match=words):
        pcm(**{"data": bytes(8), "rate_hz": RATE_HZ, **options})


def test_an_unknown_type_of_raw_samples():
    with pytest.raises(RecipeError, match=r"'int8' are unknown\. Expected: int16, int32, float32"):
        pcm(bytes(8), rate_hz=RATE_HZ, dtype="int8")


def test_suffixes_are_lower_case_with_a_dot():
    assert all(s.startswith(".") and s == s.lower() for s in SOUND_SUFFIXES)
    assert {".wav", ".flac", ".ogg", ".mp3", ".m4a", ".webm"} <= SOUND_SUFFIXES
    assert not {".txt", ".csv", ".json", ".raw", ".pcm"} & SOUND_SUFFIXES


# Real recordings; each has its twin on generated sound above


def recording(pattern):
    path = next(iter(sorted(DATA.glob(pattern))), None)
    if path is None:
        pytest.skip(f"no {pattern} under AUSCULT_DATA")
    return path


def test_a_real_recording_of_eight_channels():
    path = recording("mimii_8ch/*.wav")
    assert info(path) == SoundInfo(rate_hz=16000, channels=8, duration_s=10.0, format="WAV")
    eight = [read(path, channel=c).samples for c in range(8)]
    assert np.allclose(read(path).samples, np.mean(eight, axis=0), atol=1e-6)
    with pytest.raises(AudioError, match=r"has 8 channel\(s\)\. Expected: 0 to 7"):
        read(path, channel=8)


@pytest.mark.parametrize(
    "pattern", ["mimii_-6dB/fan/*/normal/*.flac", "esc50_16k/*.ogg", "esc10_44k/*/*.ogg"]
)
def test_real_recordings_whole_and_block_by_block(pattern):
    path = recording(pattern)
    whole = read(path, rate_hz=8000)
    assert whole.duration_s == pytest.approx(info(path).duration_s, abs=1e-3)
    assert np.array_equal(joined(path, rate_hz=8000, block_s=0.33), whole.samples)
    assert np.array_equal(
        read(path, start_s=1.0, end_s=2.0).samples,
        read(path).samples[info(path).rate_hz : 2 * info(path).rate_hz],
    )
