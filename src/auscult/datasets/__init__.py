"""Labelled sound, whatever it comes in: every reader turns what lies on disk into the same `Clip`.

The rule of this room: readers read names, tables and folders, never sound (except where a JSON file *is* the sound), they
yield clips in an order that never changes, and they guess no label: what the data doesn't say stays `""`.

- `clip`            — one labelled recording, and what every reader promises (`Dataset`)
- `folder`          — recordings in folders: flat, `normal/` beside anything else, or a class per folder
- `machine_sounds`  — MIMII trees and DCASE Task 2 names, 2020 to 2025
- `esc50`           — ESC-50 and sets in its shape
- `okng_json`       — waveforms in JSON with OK and NG labels, streamed
- `simulate`        — a data set of simulated machines with its ground truth
- `simulate_long`   — one long recording of a simulated machine, and a table of its faults
- `discover`        — picks the reader by looking
- `split`           — train and test by recording, never by window
"""
