"""The neural families, one file each, on PyTorch.

The one rule of this room: a family is a module from the raw waveform to named outputs, and no family knows another.
"""
