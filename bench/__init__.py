"""Benchmarks: `python -m bench [SECTION ...]` prints a table a section."""
