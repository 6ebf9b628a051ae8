"""How good a bundle is, and whether the sound it is measured on can be trusted.

Only bundles are evaluated, through the scorer that people use: what is measured is what ships. No number is shown without
what would be reached by doing nothing clever: loudness alone, or always raising the alarm.

- `metrics`, `level_leak`, `official` — figures from scores, levels and names; pure
- `classes`, `plane` — figures of a classifier from its probabilities, and embeddings on a plane; pure
- `judge`, `evaluate` — one recording played three ways, and all of them together
- `report` — the result for people, made of `words` (`class_words`), `page` (`page_figures`, `page_classes`, `misses`) and
  `png_figures`; what these draw is found by `histogram` and `embedding_map`, and drawn with `markup`, `svg` and `spectrogram`
- `data_check` — what a data set holds, what is wrong with it, and which of its classes sound alike; `data_page` shows it
"""
