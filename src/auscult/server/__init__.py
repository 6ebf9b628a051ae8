"""A bundle behind HTTP: streams in over sockets, verdicts and events out, a page that shows them.

The rule of this room: nothing here decides what is an anomaly. Sound goes to `live.listener` and windows to the engine;
this room checks who asks, bounds what is taken, and tells whoever watches. Nothing is acknowledged before it is stored.
"""
