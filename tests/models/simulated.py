"""A machine to learn, windows of it, and a loop that is short: for tests of families that learn from normal sound."""

import torch

from auscult.audio.synth import render

RATE_HZ = 16000


def windows(machine, *, seconds, seed, faults=(), length=RATE_HZ):
    """Windows in a row, shape (n, length), all at one level."""
    samples = torch.from_numpy(render(machine, seconds=seconds, seed=seed, faults=faults).samples)
    cut = samples[: len(samples) // length * length].reshape(-1, length).clone()
    return 0.1 * cut / cut.square().mean(dim=1, keepdim=True).sqrt()


def train(detector, waveforms, labels=None, *, steps, batch=16, rate=3e-3):
    """Learn from windows, and what is no matter of gradients from the same ones."""
    chance = torch.Generator().manual_seed(0)
    labels = torch.zeros(len(waveforms), dtype=torch.long) if labels is None else labels
    targets = torch.nn.functional.one_hot(labels, detector.n_targets).float()
    with torch.no_grad():
        features = detector.features(waveforms)
    optimizer = torch.optim.AdamW(detector.parameters(), lr=rate)
    detector.train()
    for _ in range(steps):
        some = torch.randperm(len(waveforms), generator=chance)[:batch]
        loss = detector.loss(detector.judge(features[some]), targets[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    detector.eval()
    with torch.no_grad():
        found = detector.judge(features)
    kept = {name: found[name] for name in detector.keeps}
    detector.after_training(kept, labels, kept)
    return detector


def judged(detector, waveforms):
    """Outputs of a ready detector."""
    with torch.no_grad():
        return detector(waveforms)
