"""Reports: plots and one self-contained page per experiment.

Takes tables and plain records, gives PNG and HTML.
Touches nothing: whoever calls writes the bytes.
"""
