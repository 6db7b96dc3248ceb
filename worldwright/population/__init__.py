"""Populations: a resolved spec and a seed become tables of agents, exactly reproducibly.

Takes a `spec.Population`, gives Arrow tables and quality reports; agent i is a function of (spec, seed, i).
Touches no disk: whoever calls writes the tables.
"""
