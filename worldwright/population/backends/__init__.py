"""Where blocks are computed: in memory or streamed here, in other processes and on other devices elsewhere.

Takes a plan and ranges of agents, gives Arrow tables. All call `Plan.block`, so they agree to the bit.
"""
