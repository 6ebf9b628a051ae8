"""Learning from normal sound alone: a frozen embedding, a memory of normal, one ONNX graph; no PyTorch.

The rule of this room: everything learned ends in the graph. What these files compute in NumPy (features, distances) is
either the recipe that the graph is built from or the reference that proves it; scores that people see come from the
graph, run by `auscult.runtime`.

- `embedder` — any frozen ONNX network as an embedder; `spectrum`, the default one: mean, deviation, kurtosis of log-mel bands
- `together` — several embedders as one, each judged by a distance of its own
- `hear`     — recordings in, embeddings out, block by block
- `blocks`   — windows in order of time, and ten-second means of them
- `distance` — whitened Mahalanobis distance in low-rank form
- `memorise` — both distances, and what held-out normal sound scores by them
- `rules`    — which rules a bundle decides by, calibrated on those scores
- `kinship`  — one machine or several?
- `graph`    — ONNX nodes from NumPy arrays: embedder + distances = bundle
- `record`   — the embeddings that a bundle keeps, so that learning can go on
- `reach`    — the way to a sound that is allowed, in that graph
- `allow`    — the sound of a false alarm becomes such a way; what that changes, and how it is taken back
- `assemble` — manifest, graph and proof joined into the bundle
- `notes`    — what a person who learns should know
- `learn`    — recordings in, bundle out: all of the above
"""
