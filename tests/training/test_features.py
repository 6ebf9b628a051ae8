import numpy as np
import torch

from auscult.datasets.clip import Clip
from auscult.models.transfer import Transfer
from auscult.training.features import features_of
from auscult.training.tape import record, windows_of

from .simple import RATE_HZ, write_set


def test_features_are_those_of_each_window_and_stay_within_their_memory(tmp_path):
    data = write_set(tmp_path / "data", n=5)
    clips = [Clip(path=path, label="a") for path in sorted(data.rglob("*.wav"))]
    sound = record(clips, tmp_path / "tape", rate_hz=RATE_HZ)
    windows = windows_of(sound, range(len(clips)), lambda _: 0, length=4000, hop=2000)
    detector = Transfer.tiny().eval()
    found = features_of(detector, windows, most_mb=1.0)
    assert len(found) == len(windows) > 16
    some = np.array([0, 7, len(windows) - 1])
    with torch.no_grad():
        wanted = detector.features(torch.from_numpy(windows.batch(some)))
    np.testing.assert_allclose(found.batch(some), wanted.numpy(), atol=1e-5)
    assert found.name(1) == windows.name(1)
    assert (found.label == windows.label).all()
    assert features_of(detector, windows, most_mb=1e-6) is None
