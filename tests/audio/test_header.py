import io
import struct

import numpy as np
import pytest
import soundfile

from auscult.audio import header
from auscult.errors import AudioError

TONE = np.sin(np.arange(16000) / 7).astype(np.float32) / 2


def encoded(fmt, subtype=None, samples=TONE, rate_hz=16000):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=fmt, subtype=subtype)
    return file.getvalue()


def patched(data, at, value, pattern="<I"):
    new = bytearray(data)
    struct.pack_into(pattern, new, at, value)
    return bytes(new)


def checked(data):
    return header.checked(io.BytesIO(data), "fan").read()


WAV = encoded("WAV", "PCM_16")


@pytest.mark.parametrize("fmt", ["WAV", "RF64", "W64", "AIFF", "FLAC", "OGG", "MP3", "CAF", "AU"])
def test_whole_files_pass_unchanged(fmt):
    data = encoded(fmt)
    assert checked(data) == data


@pytest.mark.parametrize("fmt", ["WAV", "RF64", "AIFF"])
def test_a_file_that_is_cut_off_names_both_lengths(fmt):
    data = encoded(fmt, "PCM_16")
    with pytest.raises(AudioError) as caught:
        checked(data[: len(data) - 16000])
    assert (
        str(caught.value)
        == "fan is cut off: its header declares 1 s of sound, and 0.5 s are there."
        " Expected: a whole recording. Copy or record it again."
    )


def test_a_cut_off_wave64_file_is_refused():
    data = encoded("W64", "PCM_16")
    with pytest.raises(AudioError, match=r"declares 1 s of sound, and 0\.75 s are there"):
        checked(data[:-8000])


def test_one_missing_byte_is_enough():
    with pytest.raises(AudioError, match="cut off"):
        checked(WAV[:-1])


def test_a_header_alone_is_cut_off():
    with pytest.raises(AudioError, match="declares 1 s of sound, and 0 s are there"):
        checked(WAV[:44])


@pytest.mark.parametrize("size", [0x7FFFF000, 0x80000000, 0xFFFFFFDB, 0xFFFFFFFF])
def test_lengths_that_pipes_leave_behind_are_accepted(size):
    data = patched(WAV, 40, size)
    assert checked(data) == data


@pytest.mark.parametrize("riff_size", [0, 36, len(WAV) - 8, 0xFFFFFFFF])
def test_a_length_never_written_reads_to_the_end(riff_size):
    data = patched(patched(WAV, 4, riff_size), 40, 0)
    view = header.checked(io.BytesIO(data), "fan")
    assert np.array_equal(soundfile.read(view)[0], soundfile.read(io.BytesIO(WAV))[0])


def test_a_really_empty_data_chunk_stays_empty():
    data = WAV[:40] + struct.pack("<I4sI4s", 0, b"LIST", 4, b"INFO")
    assert checked(data) == data


def test_a_view_patches_whatever_the_reads_are():
    for step in range(1, 12):
        view = header.View(io.BytesIO(bytes(range(20))), at=7, patch=b"abc")
        parts = iter(lambda view=view, step=step: view.read(step), b"")
        assert b"".join(parts) == bytes(range(7)) + b"abc" + bytes(range(10, 20))


@pytest.mark.parametrize("rate_hz", [0, 999, 768_001, 1_000_000_000, 4_000_000_000])
def test_rates_out_of_range(rate_hz):
    with pytest.raises(AudioError) as caught:
        checked(patched(WAV, 24, rate_hz))
    assert f"fan declares a sample rate of {rate_hz} Hz." in str(caught.value)
    assert "Expected: 1000 to 768000 Hz." in str(caught.value)
    assert "export it again" in str(caught.value)


def test_rate_of_an_aiff_file_out_of_range():
    data = encoded("AIFF", "PCM_16")
    at = data.index(b"COMM") + 16  # the exponent of the 80-bit rate
    with pytest.raises(AudioError, match=r"rate of 1\.07374e\+09 Hz|rate of 10\d+ Hz"):
        checked(patched(data, at, struct.unpack_from(">H", data, at)[0] + 16, ">H"))


@pytest.mark.parametrize("channels", [0, 65, 200, 2000])
def test_channels_out_of_range(channels):
    with pytest.raises(AudioError) as caught:
        checked(patched(WAV, 22, channels, "<H"))
    assert f"fan declares {channels} channels. Expected: 1 to 64 channels." in str(caught.value)


def test_an_empty_file():
    with pytest.raises(AudioError, match=r"fan is empty \(0 bytes\)\. Expected: a recording"):
        checked(b"")


def test_an_ogg_file_cut_within_a_page():
    data = encoded("OGG", samples=np.tile(TONE, 10))
    with pytest.raises(
        AudioError, match=r"last page declares \d+ bytes or more, and \d+ are there"
    ):
        checked(data[: len(data) - 10])


def test_an_ogg_file_may_end_in_an_empty_page():
    data = encoded("OGG") + b"OggS\0\4" + bytes(21)
    assert checked(data) == data


@pytest.mark.parametrize("size", [5, 26, 27, 28, 40])
def test_an_ogg_file_cut_within_the_head_of_a_page(size):
    data = encoded("OGG", samples=np.tile(TONE, 10))
    with pytest.raises(AudioError, match="cut off"):
        checked(data[: data.rindex(b"OggS") + size])


def test_an_ogg_file_cut_between_pages_is_as_good_as_a_stream():
    data = encoded("OGG", samples=np.tile(TONE, 10))
    data = data[: data.rindex(b"OggS")]
    assert checked(data) == data


@pytest.mark.parametrize("size", [1, 3, 4, 8, 11, 12, 20, 30, 43])
@pytest.mark.parametrize("kind", [b"RIFF", b"RF64", b"FORM", b"riff", b"OggS", b"fLaC"])
def test_stumps_never_crash(kind, size):
    data = (kind + WAV[4:])[:size]
    try:
        assert checked(data) == data
    except AudioError as error:
        assert "cut off" in str(error)  # noqa: PT017


def test_endless_chunks_end():
    data = WAV[:12] + bytes(200_000)
    assert checked(data) == data


def test_damaged_headers_never_crash():
    rng = np.random.default_rng(0)
    for fmt in ("WAV", "RF64", "W64", "AIFF"):
        data = encoded(fmt, samples=TONE[:100])
        for _ in range(300):
            damaged = bytearray(data)
            for at in rng.integers(4, 120, 4):
                damaged[at] = rng.integers(256)
            try:
                checked(bytes(damaged))
            except AudioError:
                continue


@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (b"\x00\x00\x00\x18ftypM4A ", "mov"),
        (b"\x00\x00\x00\x08wide\x00\x00", "mov"),
        (b"\x1a\x45\xdf\xa3", "matroska"),
        (b"\x30\x26\xb2\x75\x8e\x66", "asf"),
        (b"\xff\xf1\x50\x80", "aac"),
        (b"#!AMR\n", "amr"),
        (b"\xff\xfb\x90\x64", None),  # MP3
        (b"ID3\x04", None),
        (b"RIFF", None),
        (b"", None),
    ],
)
def test_containers_are_told_by_their_first_bytes(head, demuxer):
    assert header.container(head) == demuxer
