"""Where public data sets and weights lie, how large they are, and what may be done with them.

Checksums are those that the publisher names; where none is known the size that the server says has to do, and the checksums
inside the archive.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_BY_NC = "CC BY-NC 3.0"
_BY_SA = "CC BY-SA 4.0"
_BY_NC_SA = "CC BY-NC-SA 4.0"


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A file to be fetched.

    Parameters
    ----------
    address
        `https://…`
    name
        Of the file.
    about_bytes
        Its size, for the question whether there is room; rounded unless `is_exact`.
    md5, sha256
        Lower-case hexadecimal; empty if nobody has published one.
    folder
        Where its contents belong, below the folder of the set.
    """

    address: str
    name: str
    about_bytes: int
    is_exact: bool = False
    md5: str = ""
    sha256: str = ""
    folder: str = ""

    @property
    def size_bytes(self) -> int | None:
        """Its size where that is known to the byte."""
        return self.about_bytes if self.is_exact else None


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A data set of one or more archives.

    Parameters
    ----------
    title
        What people call it.
    licence
        In a word, as its page says.
    terms
        What that means for who uses it.
    page
        Where it is described.
    inside
        Folder of the data, where the archive has one of its own.
    """

    title: str
    licence: str
    terms: str
    page: str
    files: tuple[Remote, ...]
    inside: str = ""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A network that others trained.

    Parameters
    ----------
    title
        What people call it.
    licence
        In a word.
    notes
        What has to travel with everything made of it.
    page
        Where it is described.
    """

    title: str
    licence: str
    notes: tuple[str, ...]
    page: str
    file: Remote


_TERMS = {
    _BY_NC: "Name the authors; no commercial use.",
    _BY_SA: "Name the authors; share what you make of it under the same licence.",
    _BY_NC_SA: "Name the authors; no commercial use; share what you make of it under the same licence.",
}


def _zenodo(record: int, name: str, about_bytes: int, md5: str = "", folder: str = "") -> Remote:
    return Remote(
        address=f"https://zenodo.org/records/{record}/files/{name}?download=1",
        name=name,
        about_bytes=about_bytes,
        is_exact=about_bytes % 1_000_000 != 0,
        md5=md5,
        folder=folder,
    )


_ESC50_COMMIT = "33c8ce9eb2cf0b1c2f8bcf322eb349b6be34dbb6"
_ESC50 = Collection(
    title="ESC-50: 2000 clips of 50 kinds of everyday sound",
    licence=_BY_NC,
    terms=_TERMS[_BY_NC],
    page="https://github.com/karolpiczak/ESC-50",
    files=(
        Remote(
            address=f"https://github.com/karolpiczak/ESC-50/archive/{_ESC50_COMMIT}.zip",
            name="ESC-50.zip",
            about_bytes=645_832_161,
        ),
    ),
    inside=f"ESC-50-{_ESC50_COMMIT}",
)

# Size in bytes, or rounded to what the page shows, and the MD5 of the page.
_MIMII_FILES = (
    ("-6_dB", "fan", 10_878_096_548, "f02ae808a58d84b6815b7ec38ff30879"),
    ("-6_dB", "pump", 8_236_951_723, "d20b783a0ff9c93d58f452f98c37b112"),
    ("-6_dB", "slider", 8_000_000_000, "49913eda7d37f182cbf8ed5c984140e0"),
    ("-6_dB", "valve", 8_000_000_000, "fdfaf185fea61b21e11952a070a4ada7"),
    ("0_dB", "fan", 10_411_902_283, "6354d1cc2165c52168f9ef1bcd9c7c52"),
    ("0_dB", "pump", 7_869_431_302, "488748295c3f60b25de07b58fe75b049"),
    ("0_dB", "slider", 7_500_000_000, "4d674c21474f0646ecd75546db6c0c4e"),
    ("0_dB", "valve", 7_500_000_000, "178478eb0d11c79080a35562bfdeee71"),
    ("6_dB", "fan", 10_158_673_161, "0890f7d3c2fd8448634e69ff1d66dd47"),
    ("6_dB", "pump", 7_659_077_508, "a09ba6060c10fc09cd4c8770213b0b9f"),
    ("6_dB", "slider", 7_100_000_000, "838c2b3441858359c4704ef13a1b27ff"),
    ("6_dB", "valve", 6_900_000_000, "fe5fb7c337cd701b1d31dc641e621892"),
)
_MIMII = Collection(
    title="MIMII: fans, pumps, sliders and valves, normal and broken, at three noise levels",
    licence=_BY_SA,
    terms=_TERMS[_BY_SA],
    page="https://zenodo.org/records/3384388",
    files=tuple(
        _zenodo(3384388, f"{noise}_{machine}.zip", n_bytes, md5, noise)
        for noise, machine, n_bytes, md5 in _MIMII_FILES
    ),
)

_DCASE_2020_FILES = (
    ("fan", 1_354_774_772, "649bdfc06263ae7a838963f43b6641e6"),
    ("pump", 1_031_279_015, "90e7091ef722b7238a7f1009365779cd"),
    ("slider", 1_002_998_966, "da24a757719f0d94d5aa2d646bbfdc86"),
    ("ToyCar", 1_900_000_000, "4dec75ca8d9f666aa9e4c1894a740501"),
    ("ToyConveyor", 1_900_000_000, "03b6aa1bfd09a39d53af0ba39f71fa91"),
    ("valve", 1_100_000_000, "34d2672f55bb041589ef79c10dc89934"),
)
_DCASE_2023_FILES = (
    ("bearing", "8a813bc8d8f156b5395bfccdfac7673c"),
    ("fan", "9348591e96fb0ad499a1e33b082562fc"),
    ("gearbox", "b6e55f6a31faa0fc8569ec0afdd53ccf"),
    ("slider", "b3f8dee36b4718c36d659a4fd1c4afe0"),
    ("ToyCar", "4e3bf15f4101ed4ed4f1fecde2e2b2a3"),
    ("ToyTrain", "6b02a6c65eebb3b8b1ae59a6b25bb897"),
    ("valve", "b2051a2022eadb53cd97581120811cae"),
)
_ABOUT_A_MACHINE = 1_100_000_000  # of the years whose pages were not read to the byte


def _dcase(year: int, record: int, files: tuple[Remote, ...]) -> Collection:
    return Collection(
        title=f"DCASE {year} task 2, development set: machines, normal and broken",
        licence=_BY_NC_SA,
        terms=_TERMS[_BY_NC_SA],
        page=f"https://zenodo.org/records/{record}",
        files=files,
    )


def _machines(record: int, prefix: str, names: tuple[str, ...]) -> tuple[Remote, ...]:
    return tuple(_zenodo(record, f"{prefix}_{name}.zip", _ABOUT_A_MACHINE) for name in names)


_SEVEN = ("bearing", "fan", "gearbox", "slider", "ToyCar", "ToyTrain", "valve")

COLLECTIONS: Mapping[str, Collection] = {
    "esc50": _ESC50,
    "mimii": _MIMII,
    "dcase2020": _dcase(
        2020,
        3678171,
        tuple(
            _zenodo(3678171, f"dev_data_{machine}.zip", n_bytes, md5)
            for machine, n_bytes, md5 in _DCASE_2020_FILES
        ),
    ),
    "dcase2021": _dcase(
        2021,
        4562016,
        _machines(
            4562016,
            "dev_data",
            ("fan", "gearbox", "pump", "slider", "ToyCar", "ToyTrain", "valve"),
        ),
    ),
    "dcase2022": _dcase(2022, 6355122, _machines(6355122, "dev", _SEVEN)),
    "dcase2023": _dcase(
        2023,
        7882613,
        tuple(
            _zenodo(7882613, f"dev_{machine}.zip", _ABOUT_A_MACHINE, md5)
            for machine, md5 in _DCASE_2023_FILES
        ),
    ),
    "dcase2024": _dcase(2024, 10902294, _machines(10902294, "dev", _SEVEN)),
}

_MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated \
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights \
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to \
whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission \
notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT \
WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A \
PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES \
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE \
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""

_AUDIOSET = "Trained on AudioSet (Gemmeke et al., 2017; labels CC BY 4.0)."

EMBEDDERS: Mapping[str, Weights] = {
    "mn04": Weights(
        title="EfficientAT mn04 (0.98 million weights, 384 numbers a window)",
        licence="MIT",
        notes=(
            "EfficientAT mn04: MIT licence. Copyright (c) 2022 Florian Schmid. " + _MIT,
            _AUDIOSET,
        ),
        page="https://github.com/fschmid56/EfficientAT",
        file=Remote(
            address="https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1/mn04_as_mAP_432.pt",
            name="mn04_as_mAP_432.pt",
            about_bytes=4_066_513,
            is_exact=True,
            sha256="899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c",
        ),
    ),
    "yamnet": Weights(
        title="YAMNet (3.2 million weights, 1024 numbers a window)",
        licence="Apache-2.0",
        notes=(
            "YAMNet: Copyright The TensorFlow Authors. Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0.",
            "YAMNet was changed: its int8 weights were written as float32.",
            _AUDIOSET,
        ),
        page="https://github.com/tensorflow/models/tree/master/research/audioset/yamnet",
        file=Remote(
            address="https://storage.googleapis.com/download.tensorflow.org/models/tflite/task_library/"
            "audio_classification/android/lite-model_yamnet_classification_tflite_1.tflite",
            name="lite-model_yamnet_classification_tflite_1.tflite",
            about_bytes=4_126_810,
            is_exact=True,
            sha256="10c95ea3eb9a7bb4cb8bddf6feb023250381008177ac162ce169694d05c317de",
        ),
    ),
}
