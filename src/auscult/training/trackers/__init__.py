"""Trackers: those who show runs beside each other, on this machine or on a server.

The one rule of this room: training never waits. Each tracker is told by a process of its own, which reads the run's log as it grows. If
it hangs, dies or has no network, the log is still there, and `auscult track send` tells it later.
"""

from auscult.training.trackers.tracker import TRACKERS, Tracker

__all__ = ["TRACKERS", "Tracker"]
