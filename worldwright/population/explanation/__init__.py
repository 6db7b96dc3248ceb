"""One agent replayed step by step: a slow interpreter of the plan, and the reference for the fast ones.

Takes a plan and an agent's number, gives frozen records of every step of every attribute.
Touches nothing; shares with the block-wise path the plan's data and the elementary kernels, no step.
"""
