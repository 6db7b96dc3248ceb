"""The inner loops: Philox draws, elementary and special functions, and selection, compiled by Numba.

Take and fill NumPy arrays; every function is built from + - * / sqrt and bit moves alone, so that its
bits depend on no CPU feature and no libm. Touch nothing but the arrays they are given.
"""
