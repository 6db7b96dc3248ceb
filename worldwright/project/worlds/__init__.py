"""Worlds that live on in the store: made, advanced, looked at and changed by name, by any number of clients.

Takes a project and names; gives plain data. Writes `worlds/` and `snapshots/` in the project's data, and runs
worlds in locked processes only.
"""
