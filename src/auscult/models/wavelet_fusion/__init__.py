"""Wavelets and a masked transformer, each a detector of its own, and their fusion by a quantised code."""
