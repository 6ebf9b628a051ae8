"""The steps, oldest first.

Each names the one before it. New ones are added at the end; whoever opens an older store gets those that it lacks.
"""
