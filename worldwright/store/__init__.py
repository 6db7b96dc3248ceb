"""The store: immutable datasets found by key and verified by digest, and the DuckDB catalog over them.

Takes tables and plain records; learns nothing of what they mean.
Touches one folder; this package is the one home of duckdb.
"""
