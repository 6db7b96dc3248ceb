"""Quality of a sampled table: every attribute against its declared law, and the population's known figures.

Takes a population and a table of its agents, gives a table of findings. The only place that uses SciPy;
touches nothing else.
"""
