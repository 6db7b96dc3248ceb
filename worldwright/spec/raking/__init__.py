"""Raking: the joint table of some attributes is fitted to known margins by iterative proportional fitting.

Takes marginals of a resolved population, gives fitted tables of cells and whole numbers for them.
Touches nothing, and needs NumPy only: checks and the sampler fit the same tables.
"""
