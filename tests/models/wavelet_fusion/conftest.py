"""A simulated fan, healthy and broken, and the parts trained on the healthy one for a few seconds."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from auscult.audio.read import read
from auscult.audio.window import windows
from auscult.datasets.simulate import simulate
from auscult.evaluation.metrics import auc

RATE_HZ = 8000
STEPS = 25


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Recordings, each of shape (windows, samples)."""

    learned: list[Tensor]
    held_out: list[Tensor]
    normal: list[Tensor]
    broken: list[Tensor]

    def area(self, detector, output="score"):
        """How surely what is broken scores more than what is not."""
        with torch.no_grad():
            normal, broken = (
                [float(detector(one)[output].mean()) for one in side]
                for side in (self.normal, self.broken)
            )
        return auc(normal, broken)


@pytest.fixture(scope="session")
def fan(tmp_path_factory):
    root = simulate(
        tmp_path_factory.mktemp("fan") / "sim",
        normal=12,
        anomaly=6,
        seconds=6.0,
        snr_db=15.0,
        rate_hz=RATE_HZ,
    )

    def recordings(kind):
        for path in sorted((root / "fan" / "id_00" / kind).glob("*.wav")):
            samples = read(path, rate_hz=RATE_HZ).samples
            yield torch.stack([torch.from_numpy(w.copy()) for w in windows(samples, 18432, 9216)])

    normal = list(recordings("normal"))
    return Machine(
        learned=normal[:6],
        held_out=normal[6:8],
        normal=normal[8:],
        broken=list(recordings("abnormal")),
    )


def trained(family, machine):
    torch.manual_seed(0)
    detector = family.tiny()
    heard = torch.cat(machine.learned)
    for stage in detector.stages:
        detector.begin(stage)
        weights = [one for one in detector.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(weights, lr=5e-3)
        detector.train()
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = detector.loss(
                detector.judge(detector.features(heard)), torch.zeros(len(heard), 1)
            )
            torch.autograd.backward(loss)
            optimizer.step()
    detector.eval()
    learned, held_out = (
        kept(detector, torch.cat(side)) for side in (machine.learned, machine.held_out)
    )
    detector.after_training(learned, torch.zeros(len(heard), dtype=torch.int64), held_out)
    return detector


@torch.no_grad()
def kept(detector, heard):
    found = detector.judge(detector.features(heard))
    return {name: found[name] for name in detector.keeps}
