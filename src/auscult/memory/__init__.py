"""Learning from normal sound alone: a frozen embedding, a memory of normal, one ONNX graph; no PyTorch.

The rule of this room: everything learned ends in the graph. What these files compute in NumPy (features, distances) is
either the recipe that the graph is built from or the reference that proves it; scores that people see come from the
graph, run by `auscult.runtime`.

- `spectrum` — the default embedder: mean, deviation and kurtosis of log-mel bands over a window
- `distance` — whitened Mahalanobis distance in low-rank form, and held-out distances by cross-fitting
- `graph`    — ONNX nodes from NumPy arrays: embedder + distances = bundle
- `record`   — the embeddings that a bundle keeps, so that learning can go on
- `learn`    — recordings in, bundle out
"""
