"""Map blocks of work over this process, local processes or a cluster, and nothing else.

Takes a module-level function and plain items, gives results in the order of the items.
Touches processes; knows nothing of populations, worlds or stores.
"""
