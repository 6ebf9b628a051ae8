"""Wavelets and a masked transformer, each a detector of its own, and their fusion by a quantised code.

The one rule of this room: every part learns from normal sound at one level, and can be trained, judged and exported alone. Families by name
are in `auscult.models.families`; `sizes` holds every number that says how large a part is.

- `despawn`             — a wavelet transform whose filters and thresholds are learned
- `masked_transformer`  — fills in what is hidden of a spectrogram
- `quantiser`           — rounds vectors to the nearest of a few codes
- `fusion`              — both of them and the codes, in three stages
"""
