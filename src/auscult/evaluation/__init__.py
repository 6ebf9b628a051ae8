"""How good a bundle is, and whether the sound it is measured on can be trusted.

Only bundles are evaluated, through the scorer that people use: what is measured is what ships. Figures are computed by
pure functions (`metrics`); `evaluate` reads and scores recordings; `report` turns the result into a page, a table, a
file. No number is shown without what would be reached by doing nothing clever: loudness alone, or always raising the alarm.
"""
