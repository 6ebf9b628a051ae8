"""All that running a bundle needs: the one file that holds waveform in, score out.

The rule of this room: it runs on the smallest machine (NumPy, onnx, onnxruntime), and what it says of a sound depends on
the bundle and the sound alone. Only bundles are scored; nothing here learns.

- `bundle`      — the file: load with refusals, prove, save
- `parts`       — what others read in it by name: there, of the right shape, finite
- `arrays`      — arrays as text, for its metadata
- `cost`        — what a run of its graph costs, worked out before it runs
- `whole`       — files read within a limit, and written whole or not at all
- `compact`     — tables of a graph written as the rule that they follow
- `quantise`    — a network in eight bits, what is around it in float
- `tflite_file` — the TFLite form of a bundle: manifest at its end, graph looked through
- `flatbuffer`  — what TFLite files are written in, read by hand
- `trial`       — the file of a stranger, opened first by a process that may die of it
- `manifest`    — what a bundle says of itself, described by `manifest.schema.json`
- `engine`      — waveform in, arrays out, on onnxruntime; `litert` on LiteRT
- `scorer`      — recordings and streams in, verdicts out
- `explain`     — where and how a sound differs, in words
- `decision`    — votes and limits over a stream, pure
- `calibration` — limits from normal sound for a budget of false alarms, pure; `student` is its t quantile
- `verdict`     — what is said of a window and of a recording
- `checks`      — what any bundle must do, to be run in the tests of whatever makes bundles
"""
