import builtins
import io
import os
import re

import numpy as np
import pytest
import soundfile

from auscult.audio.decode import opened
from auscult.errors import AudioError, MissingExtra

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


def muxed(container, codec, samples, rate_hz):
    av = pytest.importorskip("av", reason="needs the extra `streams`")
    file = io.BytesIO()
    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz)
        stream.layout = layout
        for at in range(0, len(samples), 960):
            part = np.ascontiguousarray(samples[at : at + 960].T)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.rate, frame.pts = rate_hz, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def decoded(source, step=65536, skip=0):
    with opened(source) as decoder:
        skipped = decoder.skip(skip)
        return skipped, np.concatenate([*parts(decoder, step), decoder.read(1)])


def parts(decoder, step):
    while len(part := decoder.read(step)):
        yield part


FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "wav24": ("WAV", "PCM_24"),
    "float": ("WAV", "FLOAT"),
    "flac": ("FLAC", "PCM_16"),
    "vorbis": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", None),
    "aiff": ("AIFF", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_sizes_of_the_reads_and_what_was_skipped_change_nothing(name):
    fmt, subtype = FORMATS[name]
    data = encoded(fmt, hum(6, channels=2), subtype=subtype)
    _, whole = decoded(data)
    for step in (977, 4096):
        assert np.array_equal(decoded(data, step=step)[1], whole)
    for skip in (1, 20000, 70001):
        skipped, rest = decoded(data, step=5000, skip=skip)
        assert skipped == skip
        assert np.array_equal(rest, whole[skip:])


@pytest.mark.parametrize("name", FORMATS)
def test_what_comes_out_is_what_went_in(name):
    fmt, subtype = FORMATS[name]
    sound = hum(2)
    with opened(encoded(fmt, sound, subtype=subtype)) as decoder:
        assert (decoder.format, decoder.frames, decoder.duration_s) == (fmt, len(sound), 2.0)
    _, out = decoded(encoded(fmt, sound, subtype=subtype))
    error = np.sqrt(np.mean((out - sound) ** 2))
    assert error < (0.05 if name in {"vorbis", "opus", "mp3"} else 2e-5)


def test_skipping_past_the_end_tells_how_far_it_went():
    for fmt in ("WAV", "MP3"):
        assert decoded(encoded(fmt, hum(1)), skip=10**6) == (16000, pytest.approx(np.empty((0, 1))))


def test_a_format_that_cannot_seek_is_read_all_the_same():
    data = bytearray(encoded("AU", hum(1)))
    data[15] = 23  # the header now says G.721
    _, whole = decoded(bytes(data))
    assert len(whole) > 16000
    assert np.array_equal(decoded(bytes(data), skip=1000)[1], whole[1000:])


def test_a_flac_stream_that_does_not_know_its_length():
    data = bytearray(encoded("FLAC", hum(1)))
    data[21] &= 0xF0  # the 36 bits of the total number of samples in STREAMINFO
    data[22:26] = bytes(4)
    with opened(bytes(data)) as decoder:
        assert decoder.frames is None
    assert len(decoded(bytes(data), skip=1000)[1]) == 15000


def test_a_cut_off_flac_file_names_both_lengths():
    data = encoded("FLAC", hum(4))
    with pytest.raises(AudioError) as caught:
        decoded(data[: len(data) // 2])
    assert re.fullmatch(
        r"The sound in memory is damaged or cut off: decoding breaks off after 1\.\d+ s; its header declares 4 s "
        r"\(.*\)\. Expected: a whole recording\. Copy or record it again\.",
        str(caught.value),
    )


# What may be opened


def test_paths_bytes_and_open_files_give_the_same(tmp_path):
    data = encoded("FLAC", hum(1))
    path = tmp_path / "fan.flac"
    path.write_bytes(data)
    _, expected = decoded(data)
    with path.open("rb") as file:
        file.seek(100)  # wherever the file stands, it is read from its start
        for source in (path, str(path), bytearray(data), memoryview(data), file):
            assert np.array_equal(decoded(source)[1], expected)
        assert not file.closed


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".raw", ".txt", ""])
def test_the_name_does_not_matter(tmp_path, suffix):
    path = tmp_path / f"fan{suffix}"
    path.write_bytes(encoded("FLAC", hum(1)))
    with opened(path) as decoder:
        assert (decoder.format, decoder.name) == ("FLAC", str(path))
    with path.open("rb") as file, opened(file) as decoder:
        assert decoder.format == "FLAC"


def test_a_missing_file(tmp_path):
    with pytest.raises(AudioError) as caught, opened(tmp_path / "fan.wav"):
        pass
    assert str(caught.value) == (
        f"{tmp_path / 'fan.wav'} does not exist. Expected: a recording. Check the path and its spelling."
    )


def test_a_directory(tmp_path):
    with (
        pytest.raises(AudioError, match=r"is a directory\. Expected: a recording\. Give the path"),
        opened(tmp_path),
    ):
        pass


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AudioError, match="is no ordinary file"), opened(tmp_path / "pipe"):
        pass


def test_no_permission(tmp_path, monkeypatch):
    path = tmp_path / "fan.wav"
    path.write_bytes(encoded("WAV", hum(1)))

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(AudioError) as caught, opened(path):
        pass
    assert str(caught.value) == (
        f"{path} may not be read: permission denied. Expected: a file that this user may read."
        " Change its permissions (chmod u+r) or run as the user that owns it."
    )


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything"
)
@pytest.mark.parametrize("locked", ["fan.wav", "."])
def test_no_permission_on_a_real_disk(tmp_path, locked):
    folder = tmp_path / "locked"
    folder.mkdir()
    path = folder / "fan.wav"
    path.write_bytes(encoded("WAV", hum(1)))
    (folder / locked).chmod(0)
    try:
        with pytest.raises(AudioError, match="may not be read"), opened(path):
            pass
    finally:
        (folder / locked).chmod(0o700)


def test_a_path_that_no_system_has():
    with pytest.raises(AudioError, match=r"can't be opened|does not exist"), opened("a\0b.wav"):
        pass


def test_a_stream_that_cannot_be_rewound():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    with (
        pytest.raises(AudioError, match=r"can't be read from its start.*Read it into bytes first"),
        opened(Pipe(encoded("WAV", hum(1)))),
    ):
        pass


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a", ".flac"])
def test_text_under_a_false_name(tmp_path, suffix):
    path = tmp_path / f"fan{suffix}"
    path.write_text("hello world, this is no sound\n" * 100)
    with pytest.raises(AudioError) as caught, opened(path):
        pass
    assert str(caught.value) == (
        f"{path} can't be read as sound: it begins with b'hello world,'."
        " Expected: WAV, FLAC, OGG, MP3, AIFF, M4A or WebM."
        " Check that it is a recording; if it is, convert it to FLAC (ffmpeg -i IN OUT.flac)."
    )


# PyAV


@pytest.mark.parametrize(
    ("container", "codec", "rate_hz"),
    [("mp4", "aac", 44100), ("adts", "aac", 44100), ("webm", "libopus", 48000)],
)
def test_containers_are_read_by_pyav(container, codec, rate_hz):
    sound = hum(3, rate_hz, channels=2)
    data = muxed(container, codec, sound, rate_hz)
    with opened(data) as decoder:
        assert (decoder.rate_hz, decoder.channels) == (rate_hz, 2)
        assert decoder.format == {"aac": "AAC", "libopus": "OPUS"}[codec]
        assert decoder.duration_s == pytest.approx(3, abs=0.2)  # ADTS: estimated
    _, whole = decoded(data)
    assert len(whole) == pytest.approx(len(sound), abs=0.1 * rate_hz)
    assert np.sqrt(np.mean(whole**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.05)
    skipped, rest = decoded(data, step=777, skip=30001)
    assert skipped == 30001
    assert np.array_equal(rest, whole[30001:])


def test_an_mp4_file_declares_its_length_to_the_sample():
    sound = hum(1, 44100)
    with opened(muxed("mp4", "aac", sound, 44100)) as decoder:
        assert decoder.frames == len(sound)


def test_a_cut_off_mp4_file():
    data = muxed("mp4", "aac", hum(3, 44100), 44100)
    with (
        pytest.raises(AudioError, match=r"can't be read as sound: .*; it may be cut off\. Exp"),
        opened(data[: len(data) // 2]),
    ):
        pass


def test_a_cut_off_aac_stream():
    data = muxed("adts", "aac", hum(3, 44100), 44100)
    with pytest.raises(AudioError, match=r"decoding breaks off after 1\.\d+ s"):
        decoded(data[: len(data) // 2])


def test_a_film_without_sound():
    av = pytest.importorskip("av", reason="needs the extra `streams`")
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        black = np.zeros((16, 16, 3), np.uint8)
        out.mux(stream.encode(av.VideoFrame.from_ndarray(black, format="rgb24")))
        out.mux(stream.encode(None))
    with pytest.raises(AudioError, match="it has no sound track"), opened(file):
        pass


def test_a_playlist_opens_no_other_file(tmp_path):
    pytest.importorskip("av", reason="needs the extra `streams`")
    (tmp_path / "secret.m4a").write_bytes(muxed("mp4", "aac", hum(1, 44100), 44100))
    lists = {
        "concat.m4a": "ffconcat version 1.0\nfile secret.m4a\n",
        "hls.m4a": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.m4a\n#EXT-X-ENDLIST\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(AudioError, match="can't be read as sound"), opened(tmp_path / name):
            pass


def test_without_pyav_the_missing_part_is_named(monkeypatch):
    real = builtins.__import__

    def without_av(name, *args, **kwargs):
        if name == "av":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_av)
    with (
        pytest.raises(MissingExtra, match=r"The sound in memory needs .*'auscult\[streams\]'"),
        opened(b"\0\0\0\x1cftypM4A " + bytes(100)),
    ):
        pass


HEADS = (b"RIFF", b"fLaC", b"OggS\0", b"FORM", b"ID3\x03", b"\xff\xfb", b"\xff\xf1", b"caff", b"")


def damaged(rng):
    """Files with a few bytes changed, and noise under the first bytes of a format."""
    for fmt in ("WAV", "FLAC", "OGG", "AIFF", "CAF", "RF64"):
        data = encoded(fmt, hum(0.5))
        for _ in range(30):
            changed = bytearray(data)
            for at in rng.integers(0, len(data), 4) // rng.choice([1, 100], 4):
                changed[at] = rng.integers(256)
            yield bytes(changed)
    containers = [
        muxed("mp4", "aac", hum(0.5, 44100), 44100),
        muxed("webm", "libopus", hum(0.5, 48000), 48000),
    ]
    for data in containers:
        for _ in range(100):
            changed = bytearray(data)
            # At both ends: there are the headers, and the texts in them.
            for at in rng.integers(-800, 400, 4):
                changed[at] = rng.integers(256)
            yield bytes(changed)
    for head in HEADS:
        for _ in range(10):
            yield head + rng.bytes(2000)


def test_damaged_files_end_in_words_or_in_sound():
    for data in damaged(np.random.default_rng(0)):
        try:
            decoded(data, skip=100)
        except AudioError as error:
            assert "Expected:" in str(error)  # noqa: PT017
