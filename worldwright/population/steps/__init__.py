"""The operations of a plan, one kind a file: each computes one attribute (or repairs some) for a block.

Takes attributes of a resolved spec and gives steps; a step reads values of a block and writes its own.
Touches nothing but the block.
"""
