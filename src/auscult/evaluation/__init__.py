"""How good a bundle is, and whether the sound it is measured on can be trusted.

Only bundles are evaluated, through the scorer that people use: what is measured is what ships. No number is shown without
what would be reached by doing nothing clever: loudness alone, or always raising the alarm.

- `metrics`, `level_leak`, `dcase`, `official`, `units`, `seeds` — figures from scores, levels and names; pure
- `classes`, `plane` — figures of a classifier from its probabilities, and embeddings on a plane; pure
- `judge`, `evaluate` — one recording played three ways, and all of them together; `inside` — what a bundle shows of itself
- `submission` — scores and decisions as the files of a challenge
- `truth`, `operating`, `replay` — a long recording against what really happened in it, at every sensitivity; pure but for `truth`
- `report` — the result for people, made of `words` (`class_words`), `page` (`page_figures`, `page_map`, `page_classes`,
  `page_inside`, `misses`), `page_replay` and `png_figures`; what these draw is found by `histogram` and `embedding_map`, and drawn
  with `page_parts`, `markup`, `svg` and `spectrogram`
- `data_check` — what a data set holds, what is wrong with it, and which of its classes sound alike; `data_page` shows it
"""
