"""From a recipe and labelled sound to a bundle, on PyTorch.

The one rule of this room: whatever is trained leaves it as a bundle, proved equal to what was trained.
"""
