"""Every machine of a data set, every family, every seed: trained, measured alike, and laid side by side.

The one rule of this room: what is chosen is chosen by normal sound that was held out; the test is looked at once, to be reported.

- `units`  — which machines there are
- `job`    — one of them, with one family and one seed: the work of one process
- `pool`   — processes that may die without taking others along
- `sweep`  — all jobs: what is done already, what failed, which bundle is kept
- `spread` — several figures in one
- `official` — DCASE scores over sections, machines and seeds
- `table`  — means, deviations and standard errors
- `page`   — all of it as one HTML page
"""
